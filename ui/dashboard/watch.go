package dashboard

import (
	"context"
	"fmt"
	"slices"
	"time"

	"domdoc/checks/result"

	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/list"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/terminal"
	"domdoc/ui/watch"

	"domdoc/checks"
	"domdoc/checks/progress"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// alarm is the timer of the next diagnosis of a watched domain.
type alarm struct {
	gen int       // of the timer that is set
	at  time.Time // when it fires; zero: none is set
}

const (
	maxWatched  = 200              // each keeps its last report, about 100 KB
	watchFailed = time.Minute      // after a check without a result
	watchStop   = 30 * time.Second // after one that was stopped
)

// watchTargets returns the domains for the watch key: in the list the marked ones if there are any, otherwise the
// selected one.
func (m *model) watchTargets() []*inventory.Row {
	if m.Screen == screen.Screen(m.list) && m.Marks.Len() > 0 {
		var out []*inventory.Row
		for _, i := range m.MarkedRows() {
			out = append(out, m.Domains.Rows[i])
		}
		return out
	}
	if r := m.Screen.Subject(); r != nil {
		return []*inventory.Row{r}
	}
	return nil
}

// toggleWatch watches domains, or stops watching them if all of them are watched.
func (m *model) toggleWatch() tea.Cmd {
	list := m.watchTargets()
	defer m.watchColumns()
	if !slices.ContainsFunc(list, func(r *inventory.Row) bool { return m.Watch.Get(r.ID) == nil }) {
		for _, r := range list {
			m.Watch.Remove(r.ID)
		}
		m.Say("%s no longer watched", isAre(list))
		return m.setAlarm()
	}
	left := 0
	for _, r := range list {
		switch {
		case m.Watch.Get(r.ID) != nil:
		case m.Watch.Len() >= maxWatched:
			left++
		default:
			m.Watch.Add(m.newWatched(r))
		}
	}
	switch {
	case left > 0:
		m.Say("watching %s; %s more are not watched: the limit is reached",
			page.Plural(m.Watch.Len(), "domain", "domains"), page.Count(left))
	case len(list) == 1 && m.Watch.Get(list[0].ID).At.After(m.Now):
		it := m.Watch.Get(list[0].ID)
		next := fmt.Sprintf("watching %s: next check %s", list[0].Name, it.At.In(m.Now.Location()).Format("15:04:05 MST"))
		for _, more := range []string{", " + it.Next.Reason.Phrase(), "; the bell rings once it is healthy"} {
			if m.Plain || ansi.StringWidth(next+more) <= m.Width {
				next += more
			}
		}
		m.Say("%s", next)
	default:
		m.Say("%s watched: the bell rings when one becomes healthy", isAre(list))
	}
	return m.setAlarm()
}

func isAre(list []*inventory.Row) string {
	if len(list) == 1 {
		return list[0].Name + " is"
	}
	return page.Plural(len(list), "domain", "domains") + " are"
}

// newWatched watches a domain. If its report is kept, the report says when to check again; otherwise it is checked
// immediately.
func (m *model) newWatched(r *inventory.Row) *watch.Domain {
	d := &watch.Domain{ID: r.ID, At: m.Now, Last: m.Reports.Get(r.ID)}
	if m.Single[r.ID] != nil {
		d.At = time.Time{}
	}
	if d.Last != nil {
		d.Next = progress.NextRun(d.Last, m.Now)
		d.At = d.Next.At
	}
	return d
}

// watchColumns shows or hides the column of the next check.
func (m *model) watchColumns() { m.list.Grid.SetColumns(list.ListColumns(m.Watch.Len() > 0)) }

// alarmMsg says that a check is due.
type alarmMsg struct{ gen int }

// setAlarm schedules a message for when the next check is due.
func (m *model) setAlarm() tea.Cmd {
	first := m.Watch.Earliest(func(d *watch.Domain) bool { return m.Single[d.ID] == nil })
	if first.Equal(m.alarm.at) && m.alarm.gen > 0 {
		return nil
	}
	m.alarm.gen++
	m.alarm.at = first
	if first.IsZero() {
		return nil
	}
	gen := m.alarm.gen
	return tea.Tick(max(0, first.Sub(m.Now)), func(time.Time) tea.Msg { return alarmMsg{gen} })
}

// onAlarm checks every domain that is due now or within a moment.
func (m *model) onAlarm(msg alarmMsg) tea.Cmd {
	if msg.gen != m.alarm.gen {
		return nil
	}
	m.alarm.at = time.Time{}
	var due []*inventory.Row
	for _, d := range m.Watch.Due(m.Now, func(d *watch.Domain) bool { return m.Single[d.ID] == nil }) {
		if r := m.Domains.Find(d.ID); r != nil {
			due = append(due, r)
		} else {
			m.Watch.Remove(d.ID) // the tenant no longer has it
		}
	}
	m.look(due)
	return m.setAlarm()
}

// look diagnoses watched domains with a new session. The list's data may be old, so they are requested from the
// service again.
func (m *model) look(due []*inventory.Row) {
	if len(due) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(m.Ctx)
	gen := m.NextGen()
	var jobs []runner.Job
	for _, r := range due {
		t := m.target(r)
		if t.Domain != nil && t.Domain.ID != "" {
			t.ID, t.Domain = t.Domain.ID, nil
		}
		jobs = append(jobs, runner.Job{ID: r.ID, Target: t})
		m.Single[r.ID] = &runner.SingleRun{Gen: gen, Cancel: cancel, Began: m.Now, Watch: true}
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
		runner.Run(ctx, doctor, jobs, workers, gen, events)
	})
}

// watchResult records a diagnosis of a watched domain, whatever started it, and notes a domain that became healthy. A
// nil report is a failed diagnosis.
func (m *model) watchResult(id string, report *result.Domain) {
	d := m.Watch.Get(id)
	if d == nil {
		return
	}
	if report == nil {
		d.At = m.Now.Add(watchFailed)
		return
	}
	was := d.Healthy()
	_, first := d.Take(report, m.Now)
	if d.Healthy() && !was && !first {
		m.healed = append(m.healed, id)
	}
}

// announce rings the bell and shows a desktop notification for the domains that became healthy.
func (m *model) announce() tea.Cmd {
	if len(m.healed) == 0 {
		return nil
	}
	text := page.Plural(len(m.healed), "watched domain is", "watched domains are") + " healthy now"
	if r := m.Domains.Find(m.healed[0]); len(m.healed) == 1 && r != nil {
		text = r.Name + " is healthy now"
	}
	m.healed = nil
	m.Say("%s", text)
	emit, sequence := m.opt.emit, terminal.Notification(text, m.opt.Env)
	return func() tea.Msg {
		if emit != nil {
			emit(sequence)
		}
		return nil
	}
}

// before returns the last diagnosis of a domain, as far as it is kept.
func (m *model) before(id string) *result.Domain {
	if it := m.Watch.Get(id); it != nil && it.Last != nil {
		return it.Last
	}
	return m.Reports.Peek(id)
}

// overdue is the timer for domains whose wait ends, and for which end each was asked again.
type overdue struct {
	alarm
	asked map[string]time.Time // by domain id
}

// maxOverdue is how many domains are asked again together.
const maxOverdue = 50

// overdueMsg says that the wait of some domain is over.
type overdueMsg struct{ gen int }

// setOverdue schedules a message for when the next wait ends.
func (m *model) setOverdue() tea.Cmd {
	first := m.Domains.Next
	if len(m.dueAgain()) > 0 {
		first = m.Now
	}
	if first.Equal(m.over.at) && m.over.gen > 0 || len(m.opt.Reports) > 0 {
		return nil
	}
	m.over.gen++
	m.over.at = first
	if first.IsZero() {
		return nil
	}
	gen := m.over.gen
	return tea.Tick(max(0, first.Sub(m.Now)), func(time.Time) tea.Msg { return overdueMsg{gen} })
}

// dueAgain returns the domains whose wait is over and that are not asked again yet. Watched domains have their own
// times.
func (m *model) dueAgain() []*inventory.Row {
	var due []*inventory.Row
	for _, r := range m.Domains.Overdue(m.Now) {
		if len(due) < maxOverdue && !r.Sum.Earlier && m.Single[r.ID] == nil && m.Watch.Get(r.ID) == nil &&
			!m.over.asked[r.ID].Equal(r.Sum.Waits) {
			due = append(due, r)
		}
	}
	return due
}

// onOverdue asks the domains whose wait is over again.
func (m *model) onOverdue(msg overdueMsg) tea.Cmd {
	if msg.gen != m.over.gen {
		return nil
	}
	m.over.at = time.Time{}
	due := m.dueAgain()
	if len(due) > 0 && !m.Run.Active() { // a run asks them anyway
		if m.over.asked == nil {
			m.over.asked = map[string]time.Time{}
		}
		for _, r := range due {
			m.over.asked[r.ID] = r.Sum.Waits
		}
		m.Say("the wait is over for %s: checking again", page.Plural(len(due), "domain", "domains"))
		m.look(due)
	}
	m.Domains.Recount(m.Now)
	if m.Run.Active() {
		return nil // its end sets the timer
	}
	return m.setOverdue()
}
