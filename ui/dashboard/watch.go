package dashboard

import (
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/catalog/sanitize"
	"domdoc/checks"
	"domdoc/checks/progress"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// watch are the domains that are asked again by themselves, each when an answer of it can have changed. It ends with
// the program.
type watch struct {
	items map[string]*watched // by id
	gen   int                 // of the alarm that is set
	at    time.Time           // when it rings; zero: none is set
}

// watched is one of them.
type watched struct {
	at      time.Time // of the next look; zero: as soon as a diagnosis under way has ended
	next    progress.Next
	pace    progress.Pace
	last    *checks.DomainReport // nil: not diagnosed since it is watched
	healthy bool                 // at the last look
}

const (
	maxWatched  = 200              // each keeps its last report, some 100 KB
	watchGather = time.Second      // domains that are due within so much are asked in one go, with one memory
	watchFailed = time.Minute      // after a look that came to nothing
	watchStop   = 30 * time.Second // after one that was stopped
)

func (w *watch) has(id string) bool { return w.items[id] != nil }

// cell is when a domain's next look is due.
func (w *watch) cell(th *theme.Theme, id string, now time.Time) grid.Cell {
	it := w.items[id]
	switch {
	case it == nil:
		return grid.Cell{}
	case it.at.IsZero() || !it.at.After(now):
		return grid.Cell{Text: "now", Paint: th.Waiting}
	case it.at.Sub(now) < 24*time.Hour:
		return grid.Cell{Text: it.at.UTC().Format(time.TimeOnly), Paint: th.Waiting}
	}
	return grid.Cell{Text: shortClock(it.at, now), Paint: th.Waiting}
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
	if !slices.ContainsFunc(list, func(r *row) bool { return !m.watch.has(r.id) }) {
		for _, r := range list {
			delete(m.watch.items, r.id)
		}
		m.say("%s not watched any more", isAre(list))
		return m.setAlarm()
	}
	if m.watch.items == nil {
		m.watch.items = map[string]*watched{}
	}
	left := 0
	for _, r := range list {
		switch {
		case m.watch.has(r.id):
		case len(m.watch.items) >= maxWatched:
			left++
		default:
			m.watch.items[r.id] = m.newWatched(r)
		}
	}
	switch {
	case left > 0:
		m.say("watching %s; %s more are not: that is as many as are watched at once",
			plural(len(m.watch.items), "domain", "domains"), count(left))
	case len(list) == 1 && m.watch.items[list[0].id].at.After(m.now):
		it := m.watch.items[list[0].id]
		m.say("watching %s: next look %s UTC, %s; the bell rings when it is healthy", list[0].name,
			it.at.UTC().Format(time.TimeOnly), it.next.Reason.Phrase())
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
func (m *model) newWatched(r *row) *watched {
	it := &watched{at: m.now, last: m.reports.get(r.id)}
	if m.single[r.id] != nil {
		it.at = time.Time{}
	}
	if it.last != nil {
		it.next = progress.NextRun(it.last, m.now)
		it.at = it.next.At
		it.healthy = healthy(it.last)
	}
	return it
}

// healthy reports whether nothing fails and everything could be judged.
func healthy(r *checks.DomainReport) bool { return progress.GoalHealthy.Progress(r).Reached }

// watchColumns shows or hides the column of the next look.
func (m *model) watchColumns() { m.list.grid.SetColumns(listColumns(len(m.watch.items) > 0)) }

// alarmMsg says that a look is due.
type alarmMsg struct{ gen int }

// setAlarm has a message come when the next look is due.
func (m *model) setAlarm() tea.Cmd {
	var first time.Time
	for id, it := range m.watch.items {
		if m.single[id] == nil && !it.at.IsZero() && (first.IsZero() || it.at.Before(first)) {
			first = it.at
		}
	}
	if first.Equal(m.watch.at) && m.watch.gen > 0 {
		return nil
	}
	m.watch.gen++
	m.watch.at = first
	if first.IsZero() {
		return nil
	}
	gen := m.watch.gen
	return tea.Tick(max(0, first.Sub(m.now)), func(time.Time) tea.Msg { return alarmMsg{gen} })
}

// onAlarm looks at every domain that is due, or will be within a moment.
func (m *model) onAlarm(msg alarmMsg) tea.Cmd {
	if msg.gen != m.watch.gen {
		return nil
	}
	m.watch.at = time.Time{}
	var due []*row
	for id, it := range m.watch.items {
		if m.single[id] != nil || it.at.IsZero() || it.at.Sub(m.now) > watchGather {
			continue
		}
		if r := m.fleet.find(id); r != nil {
			due = append(due, r)
		} else {
			delete(m.watch.items, id) // the tenant does not have it any more
		}
	}
	slices.SortFunc(due, func(a, b *row) int { return strings.Compare(a.id, b.id) })
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

// watchResult notes what came of a diagnosis of a watched domain, whoever asked for it, and tells of one that turned
// healthy.
func (m *model) watchResult(id string, report *checks.DomainReport, news bool) {
	it := m.watch.items[id]
	if it == nil {
		return
	}
	if report == nil {
		it.at = m.now.Add(watchFailed)
		return
	}
	now, was := healthy(report), it.healthy
	first := it.last == nil
	it.next = progress.NextRun(report, m.now)
	it.at = m.now.Add(it.pace.After(it.next, m.now, news || first))
	it.last, it.healthy = report, now
	if now && !was && !first {
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
