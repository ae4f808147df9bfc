package dashboard

import (
	"context"
	"maps"
	"slices"

	"domdoc/checks"
	"domdoc/checks/plan/planner"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/planview"
	"domdoc/ui/dashboard/runner"

	tea "github.com/charmbracelet/bubbletea"
)

// batchMsg contains the events of one window.
type batchMsg []runner.Event

// nextBatch waits for events and returns them as one message.
func (m *model) nextBatch() tea.Cmd {
	ctx, events := m.Ctx, m.events
	return func() tea.Msg {
		if batch := runner.Collect(ctx, events); batch != nil {
			return batchMsg(batch)
		}
		return nil
	}
}

// resultMsg is the diagnosis of one domain that was requested separately.
type resultMsg runner.Event

// startAll diagnoses the domains that the list shows, including those added later.
func (m *model) startAll() tea.Cmd {
	m.Run = runner.RunState{Began: m.Now, More: m.Load.Active(), View: m.list.View()}
	order := m.list.Grid.Order()
	if len(order) == 0 && len(m.list.Query.Found()) > 0 { // the filter can select none before they are diagnosed
		order = inventory.Candidates(m.Domains.Rows, m.Run.View)
	}
	m.launch(order, m.asked)
	return nil
}

// startMarked diagnoses the marked domains, including those that the filter hides.
func (m *model) startMarked() tea.Cmd {
	order := m.MarkedRows()
	if len(order) == 0 {
		return m.Say("the marked domains are no longer listed")
	}
	m.Run = runner.RunState{Began: m.Now}
	m.launch(order, m.asked)
	return nil
}

// continueRun diagnoses what was added to the list after the run began, once all of it is there.
func (m *model) continueRun() {
	if !m.Run.More || m.Run.Active() || m.Load.Active() {
		return
	}
	m.Run.More = false
	order := slices.DeleteFunc(inventory.Arrange(m.Domains.Rows, m.Run.View), func(i int32) bool {
		sum := m.Domains.Rows[i].Sum
		return sum != nil && !sum.Earlier
	})
	if len(order) > 0 {
		m.launch(order, false)
	}
}

// launch starts the goroutines of a run. Numbers continue from an earlier part of it.
func (m *model) launch(order []int32, again bool) {
	if m.recorded() {
		return
	}
	jobs := make([]runner.Job, 0, len(order))
	for _, i := range order {
		r := m.Domains.Rows[i]
		jobs = append(jobs, runner.Job{ID: r.ID, Target: m.target(r), Archive: m.Archive})
	}
	ctx, cancel := context.WithCancel(m.Ctx)
	m.Run.Gen, m.Run.Cancel = m.NextGen(), cancel
	if m.Run.Done == 0 && m.Client != nil {
		m.Run.Calls = m.Client.Allowance().Made
	}
	m.Run.Total += len(jobs)
	doctor, release := m.doctor(again)
	m.asked = true
	gen, workers, events, root := m.Run.Gen, m.opt.Jobs, m.events, m.Ctx
	if workers <= 0 {
		workers = checks.Jobs()
	}
	m.background(func() {
		defer release()
		defer cancel()
		runner.Run(ctx, doctor, jobs, workers, gen, events)
		runner.Send(root, events, runner.Event{Gen: gen, End: runner.RunEnded})
	})
}

// startOne diagnoses one domain now, in addition to a run if there is one.
func (m *model) startOne(r *inventory.Row) tea.Cmd {
	if m.Single[r.ID] != nil || m.recorded() {
		return nil
	}
	ctx, cancel := context.WithCancel(m.Ctx)
	gen := m.NextGen()
	m.Single[r.ID] = &runner.SingleRun{Gen: gen, Cancel: cancel, Began: m.Now}
	doctor, release := m.doctor(r.Sum != nil)
	m.asked = true
	target := m.target(r)
	// requested explicitly: the service's data may be new, too
	if r.Sum != nil && r.Domain != nil && r.Domain.ID != "" {
		target.Domain, target.ID, target.Fresh = nil, r.Domain.ID, true
	}
	j := runner.Job{ID: r.ID, Target: target, Archive: m.Archive, Peers: true}
	return func() tea.Msg {
		defer release()
		defer cancel()
		runner.Prepare(ctx, doctor)
		e := runner.Diagnose(ctx, doctor, j)
		e.Gen = gen
		return resultMsg(e)
	}
}

// target returns the target of a diagnosis, with what was pasted about the domain.
func (m *model) target(r *inventory.Row) checks.Target {
	t := r.Target(m.Now, m.Reported[r.ID])
	if p := m.Pasted[r.ID]; p != nil {
		t.AuthCode = p.AuthCode
	}
	return t
}

// doctor returns a doctor, and a function to call when it is no longer used. A session caches its answers; to query
// again, a new one is needed.
func (m *model) doctor(again bool) (*checks.Doctor, func()) {
	if again && m.opt.Fresh != nil {
		if d := m.opt.Fresh(); d != nil {
			return d, d.Session.Close
		}
	}
	return m.opt.Doctor, func() {}
}

// planRun returns what plans changes of a domain's zone: a doctor without cached answers, and the domains of the list.
func (m *model) planRun(r *inventory.Row) planview.Run {
	doctor, release := m.doctor(true)
	q := planner.Request{Name: r.ASCII, Named: m.target(r)}
	q.Named.Fresh = true
	if m.opt.Doctor.Service != nil {
		rows, reported, now := slices.Clone(m.Domains.Rows), maps.Clone(m.Reported), m.Now
		q.Listed = func(yield func(checks.Target, error) bool) {
			for _, row := range rows {
				t := row.Target(now, reported[row.ID])
				if row.ID == r.ID {
					t = q.Named
				}
				if !yield(t, nil) {
					return
				}
			}
		}
		if m.Load.Active() || m.Load.Err != nil {
			q.Incomplete = "the list of the tenant's domains is not complete: only those that were read are diagnosed"
		}
	}
	return planview.Run{Doctor: doctor, Release: release, Wire: m.opt.Wire, Request: q}
}

// whatIf plans the advice of the selected root cause.
func (m *model) whatIf() tea.Cmd {
	f := m.detail.root()
	cmd, why := m.plan.FollowAdvice(m.detail.id, f.Title, f.Fix())
	if why != "" {
		return m.Say("%s", why)
	}
	return cmd
}

// stopAll stops all running diagnoses.
func (m *model) stopAll() tea.Cmd {
	for id, s := range m.Single {
		s.Cancel()
		delete(m.Single, id)
		if it := m.Watch.Get(id); it != nil {
			it.At = m.Now.Add(watchStop)
		}
	}
	if !m.Run.Active() {
		return m.Say("stopped")
	}
	m.Run.Cancel()
	m.Run.Cancel, m.Run.More = nil, false
	m.Run.Gen = m.NextGen() // results that are still to arrive are stale
	return m.Say("stopped after %s of %s", page.Count(m.Run.Done), page.Count(m.Run.Total))
}

// lookForIncidents detects incidents, immediately or when it is time, and shows them at the domains whose reported
// codes they explain.
func (m *model) lookForIncidents(atOnce bool) {
	before := m.Incident.Version
	if m.Incident.Look(m.Now, atOnce); m.Incident.Version != before {
		m.Domains.Adopt(m.Incident.Found)
	}
}

// onResult handles one diagnosis.
func (m *model) onResult(e runner.Event, keep bool) {
	if e.Failed != "" {
		m.Say("%s", e.Failed)
	}
	r := m.Domains.Find(e.ID)
	if e.Report == nil || r == nil {
		m.watchResult(e.ID, nil)
		return
	}
	m.Changelog.Take(e.ID, m.before(e.ID), e.Report)
	m.watchResult(e.ID, e.Report)
	if r.Sum != nil {
		m.Archive.Free(r.Sum.Kept)
	}
	m.Domains.Replace(r.With(e.Report, e.Sum))
	m.past.found++
	m.Reports.Put(e.ID, e.Report, keep)
	m.Incident.TakePeers(e.Peers)
	m.Incident.Take(e.Facts)
	m.lookForIncidents(keep)
}
