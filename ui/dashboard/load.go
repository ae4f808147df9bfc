package dashboard

import (
	"context"

	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"

	tea "github.com/charmbracelet/bubbletea"
)

// startLoad reads the list from the beginning. Rows stay on the screen and are replaced domain by domain.
func (m *model) startLoad() {
	if m.Load.Cancel != nil {
		m.Load.Cancel()
	}
	m.Load = runner.LoadState{Gen: m.NextGen(), Began: m.Now, Done: m.Load.Done}
	if m.opt.Domains == nil {
		m.loadCase()
		for _, name := range m.opt.Names {
			m.Domains.Add(inventory.NamedRow(name, ""))
			m.Load.Count++
		}
		m.Load.Done = true
		return
	}
	if len(m.Domains.Rows) > 0 {
		m.Load.Current = map[string]bool{}
	}
	ctx, cancel := context.WithCancel(m.Ctx)
	m.Load.Cancel = cancel
	gen, domains, events, now, service := m.Load.Gen, m.opt.Domains, m.events, m.Now, m.opt.Doctor.Service
	m.background(func() {
		defer cancel()
		runner.Send(ctx, events, runner.Event{
			Gen: gen, End: runner.LoadEnded,
			Err: runner.LoadAll(ctx, domains, service, now, gen, events),
		})
	})
}

// loadCase shows the domains of a recorded case.
func (m *model) loadCase() {
	for _, report := range m.opt.Reports {
		r := inventory.NamedRow(report.Name.ASCII, report.ID)
		if d := report.Domain; d != nil {
			r = inventory.NewRow(*d, m.Now)
		}
		r = r.With(report, inventory.Summarise(report))
		m.Domains.Add(r)
		m.Reports.Put(r.ID, report, true)
		m.Load.Count++
	}
	m.Domains.Recount(m.Now)
}

// recorded reports whether a recorded case is shown, which allows no new queries, and shows a notice if so.
func (m *model) recorded() bool {
	if len(m.opt.Reports) == 0 {
		return false
	}
	m.Say("this is a recorded case: no new queries are made")
	return true
}

// endLoad handles the end of a reading. Domains that a complete new reading did not contain are removed.
func (m *model) endLoad(err error) tea.Cmd {
	m.Load.Cancel = nil
	m.Load.Err = err
	current := m.Load.Current
	m.Load.Current = nil
	if err != nil {
		m.continueRun()
		return m.list.ArrangeNow()
	}
	m.Load.Done = true
	if current == nil {
		m.continueRun()
		return m.list.ArrangeNow()
	}
	old := m.Domains
	m.Domains = inventory.NewSet()
	m.Domains.Version = old.Version
	for _, r := range old.Rows {
		if current[r.ID] || r.Domain == nil {
			m.Domains.Add(r)
		}
	}
	m.Domains.Next = old.Next
	m.Domains.Adopt(m.Incident.Found)
	// The indices of the old order are no longer valid: the new ones must be used from the next frame on, and are sorted
	// afterwards.
	m.list.Order.Gen++
	m.list.Order.Running = false
	m.list.Grid.SetOrder(inventory.Arrange(m.Domains.Rows,
		inventory.View{Query: m.list.Query, Only: m.list.Only, Now: m.Now}))
	m.continueRun()
	return m.list.ArrangeNow()
}
