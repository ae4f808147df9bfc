package dashboard

import (
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/catalog/sanitize"
	"domdoc/ui/watch"

	"domdoc/checks"
	"domdoc/checks/progress"
	"domdoc/checks/result"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// alarm is the timer of the next diagnosis of a watched domain.
type alarm struct {
	gen int       // of the timer that is set
	at  time.Time // when it fires; zero: none is set
}

const (
	maxWatched  = 200              // each keeps its last report, some 100 KB
	watchFailed = time.Minute      // after a look that came to nothing
	watchStop   = 30 * time.Second // after one that was stopped
)

// watchCell is when a domain's next look is due.
func watchCell(th *theme.Theme, it *watch.Domain, now time.Time) grid.Cell {
	switch {
	case it == nil:
		return grid.Cell{}
	case it.At.IsZero() || !it.At.After(now):
		return grid.Cell{Text: "now", Paint: th.Waiting}
	case it.At.Sub(now) < 24*time.Hour:
		return grid.Cell{Text: it.At.UTC().Format(time.TimeOnly), Paint: th.Waiting}
	}
	return grid.Cell{Text: shortClock(it.At, now), Paint: th.Waiting}
}

// watchTargets are the domains that the key is about: in the list the marked ones where there are any, else the
// selected one.
func (m *model) watchTargets() []*row {
	if m.screen == screen(m.list) && m.marks.len() > 0 {
		var out []*row
		for _, i := range m.marked() {
			out = append(out, m.fleet.rows[i])
		}
		return out
	}
	if r := m.screen.subject(); r != nil {
		return []*row{r}
	}
	return nil
}

// toggleWatch watches domains, or, where all of them are, watches them no more.
func (m *model) toggleWatch() tea.Cmd {
	list := m.watchTargets()
	defer m.watchColumns()
	if !slices.ContainsFunc(list, func(r *row) bool { return m.watch.Get(r.id) == nil }) {
		for _, r := range list {
			m.watch.Remove(r.id)
		}
		m.say("%s not watched any more", isAre(list))
		return m.setAlarm()
	}
	left := 0
	for _, r := range list {
		switch {
		case m.watch.Get(r.id) != nil:
		case m.watch.Len() >= maxWatched:
			left++
		default:
			m.watch.Add(m.newWatched(r))
		}
	}
	switch {
	case left > 0:
		m.say("watching %s; %s more are not: that is as many as are watched at once",
			plural(m.watch.Len(), "domain", "domains"), count(left))
	case len(list) == 1 && m.watch.Get(list[0].id).At.After(m.now):
		it := m.watch.Get(list[0].id)
		m.say("watching %s: next look %s UTC, %s; the bell rings when it is healthy", list[0].name,
			it.At.UTC().Format(time.TimeOnly), it.Next.Reason.Phrase())
	default:
		m.say("%s watched: the bell rings when one turns healthy", isAre(list))
	}
	return m.setAlarm()
}

func isAre(list []*row) string {
	if len(list) == 1 {
		return list[0].name + " is"
	}
	return plural(len(list), "domain", "domains") + " are"
}

// newWatched takes a domain in. One whose report is there is asked when that says so; any other at once.
func (m *model) newWatched(r *row) *watch.Domain {
	d := &watch.Domain{ID: r.id, At: m.now, Last: m.reports.get(r.id)}
	if m.single[r.id] != nil {
		d.At = time.Time{}
	}
	if d.Last != nil {
		d.Next = progress.NextRun(d.Last, m.now)
		d.At = d.Next.At
	}
	return d
}

// watchColumns shows or hides the column of the next look.
func (m *model) watchColumns() { m.list.grid.SetColumns(listColumns(m.watch.Len() > 0)) }

// alarmMsg says that a look is due.
type alarmMsg struct{ gen int }

// setAlarm has a message come when the next look is due.
func (m *model) setAlarm() tea.Cmd {
	first := m.watch.Earliest(func(d *watch.Domain) bool { return m.single[d.ID] == nil })
	if first.Equal(m.alarm.at) && m.alarm.gen > 0 {
		return nil
	}
	m.alarm.gen++
	m.alarm.at = first
	if first.IsZero() {
		return nil
	}
	gen := m.alarm.gen
	return tea.Tick(max(0, first.Sub(m.now)), func(time.Time) tea.Msg { return alarmMsg{gen} })
}

// onAlarm looks at every domain that is due, or will be within a moment.
func (m *model) onAlarm(msg alarmMsg) tea.Cmd {
	if msg.gen != m.alarm.gen {
		return nil
	}
	m.alarm.at = time.Time{}
	var due []*row
	for _, d := range m.watch.Due(m.now, func(d *watch.Domain) bool { return m.single[d.ID] == nil }) {
		if r := m.fleet.find(d.ID); r != nil {
			due = append(due, r)
		} else {
			m.watch.Remove(d.ID) // the tenant no longer has it
		}
	}
	m.look(due)
	return m.setAlarm()
}

// look diagnoses watched domains with one fresh memory. What the list said of them is not taken for what the service
// says now.
func (m *model) look(due []*row) {
	if len(due) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(m.ctx)
	gen := m.nextGen()
	var jobs []job
	for _, r := range due {
		t := m.target(r)
		if t.Domain != nil && t.Domain.ID != "" {
			t.ID, t.Domain = t.Domain.ID, nil
		}
		jobs = append(jobs, job{r.id, t})
		m.single[r.id] = &singleRun{gen: gen, cancel: cancel, began: m.now, watch: true}
	}
	doctor, release := m.doctor(true)
	m.asked = true
	workers, events := m.opt.Jobs, m.events
	if workers <= 0 {
		workers = checks.Jobs()
	}
	m.background(func() {
		defer release()
		defer cancel()
		run(ctx, doctor, jobs, workers, gen, events)
	})
}

// watchResult records a diagnosis of a watched domain, whatever started it, and notes a domain that turned healthy. A
// nil report is a diagnosis that failed.
func (m *model) watchResult(id string, report *result.Domain) {
	d := m.watch.Get(id)
	if d == nil {
		return
	}
	if report == nil {
		d.At = m.now.Add(watchFailed)
		return
	}
	was := d.Healthy()
	_, first := d.Take(report, m.now)
	if d.Healthy() && !was && !first {
		m.healed = append(m.healed, id)
	}
}

// announce rings the bell and shows a desktop notification for the domains that turned healthy.
func (m *model) announce() tea.Cmd {
	if len(m.healed) == 0 {
		return nil
	}
	text := plural(len(m.healed), "watched domain is", "watched domains are") + " healthy now"
	if r := m.fleet.find(m.healed[0]); len(m.healed) == 1 && r != nil {
		text = r.name + " is healthy now"
	}
	m.healed = nil
	m.say("%s", text)
	emit, sequence := m.opt.emit, notification(text, m.opt.Env)
	return func() tea.Msg {
		if emit != nil {
			emit(sequence)
		}
		return nil
	}
}

// notification is the bell, and the sequences that have a terminal show a notification on the desktop: OSC 9 (iTerm2,
// kitty, Windows Terminal, ConEmu) and OSC 777 (urxvt, foot, WezTerm, VTE). A terminal that knows neither ignores
// them.
func notification(text string, env []string) string {
	text = strings.NewReplacer(";", ",").Replace(sanitize.Text(text, 200))
	get := theme.Lookup(env)
	out := "\a" + passThrough("\x1b]9;domdoc: "+text+"\a", env)
	if get("WEZTERM_PANE") != "" || get("GHOSTTY_RESOURCES_DIR") != "" {
		return out // they know both, and would show it twice
	}
	return out + passThrough("\x1b]777;notify;domdoc;"+text+"\a", env)
}
