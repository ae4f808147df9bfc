package dashboard

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"domdoc/checks"
	"domdoc/checks/incident"
	"domdoc/checks/result"

	tea "github.com/charmbracelet/bubbletea"
)

// event is something that a goroutine of the dashboard found out. The generation reports whether it is still wanted.
type event struct {
	gen    int
	row    *row           // the loader has a domain
	report *result.Domain // a domain was diagnosed
	id     string         // ... this one
	sum    *summary
	facts  incident.DomainFacts // what incidents need of it
	failed string               // domdoc itself failed at it
	end    ending
	err    error // with which it ended
}

// ending says what ended, if something did.
type ending uint8

const (
	notEnded ending = iota
	loadEnded
	runEnded
)

// batchMsg is what happened within one window.
type batchMsg []event

// The events of a run and of the list arrive together, at most twenty times a second: 10,000 domains must not mean
// 10,000 frames.
const (
	window       = 50 * time.Millisecond
	most         = 256 // results in one message
	resultWeight = 16  // a listed domain costs Update a sixteenth of a result, so more of them go into one message
)

// collect waits for an event, gathers what follows within the window, and returns all of it as one message. What does
// not fit into one message waits in the channel, and then its senders wait: that is how a slow terminal slows a run
// down.
func collect(ctx context.Context, events <-chan event) tea.Cmd {
	return func() tea.Msg {
		var batch batchMsg
		weight := 0
		add := func(e event) {
			batch = append(batch, e)
			if weight++; e.row == nil {
				weight += resultWeight - 1
			}
		}
		select {
		case e := <-events:
			add(e)
		case <-ctx.Done():
			return nil
		}
		timer := time.NewTimer(window)
		defer timer.Stop()
		for {
			source := events
			if weight >= most*resultWeight {
				source = nil // full: only the window's end is waited for
			}
			select {
			case e := <-source:
				add(e)
			case <-timer.C:
				return batch
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// job is one domain of a run.
type job struct {
	id     string
	target checks.Target
}

// run diagnoses jobs, several at once, and sends each result and the end. It returns when all are done or ctx ends.
func run(ctx context.Context, doctor *checks.Doctor, jobs []job, workers, gen int, events chan<- event) {
	prepare(ctx, doctor)
	queue := make(chan job)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for j := range queue {
				e := diagnose(ctx, doctor, j)
				e.gen = gen
				if !send(ctx, events, e) {
					return
				}
			}
		})
	}
	for _, j := range jobs {
		select {
		case queue <- j:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	wg.Wait()
}

func send(ctx context.Context, events chan<- event, e event) bool {
	select {
	case events <- e:
		return true
	case <-ctx.Done():
		return false
	}
}

// prepare looks at this machine and at the tenant, once for a doctor: what stands in the way of every domain's
// diagnosis.
func prepare(ctx context.Context, doctor *checks.Doctor) {
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { _ = recover() }() // a diagnosis without it is still one
		doctor.Vantage(ctx)
	})
	wg.Go(func() {
		defer func() { _ = recover() }()
		doctor.Tenant(ctx)
	})
	wg.Wait()
}

// diagnose has one domain diagnosed. A panic is our failure and ends this diagnosis, not the program: a goroutine
// that panics would leave the terminal in raw mode.
func diagnose(ctx context.Context, doctor *checks.Doctor, j job) (e event) {
	e.id = j.id
	defer func() {
		if r := recover(); r != nil {
			logFault(r)
			e.report, e.sum, e.failed = nil, nil, fmt.Sprintf("domdoc failed while diagnosing %s (%v); please report it",
				j.target.Name, r)
		}
	}()
	r := doctor.Diagnose(ctx, j.target)
	if ctx.Err() != nil { // what is half done says nothing
		return e
	}
	e.report, e.sum, e.facts = r, summarise(r), incident.FactsOf(r)
	return e
}

// resultMsg is the diagnosis of one domain that was asked for by itself.
type resultMsg event

// runState is the run over many domains.
type runState struct {
	gen         int
	cancel      context.CancelFunc // nil: none is under way
	total, done int
	failed      int
	began       time.Time
	asked       time.Time // when esc was pressed once; zero when not
	// more tells that the list was still loading when the run began: what the query selects of the rest follows when it
	// is there.
	more  bool
	view  view
	spark spark
}

func (r *runState) active() bool { return r.cancel != nil }

// singleRun is the diagnosis of one domain that is under way.
type singleRun struct {
	gen    int
	cancel context.CancelFunc
	began  time.Time
	watch  bool // a watched domain was due
}

// startAll diagnoses the domains that the list shows, and what comes into it later.
func (m *model) startAll() tea.Cmd {
	m.run = runState{began: m.now, more: m.load.active(), view: m.list.view()}
	m.launch(m.list.grid.Order(), m.asked)
	return nil
}

// startMarked diagnoses the domains that are marked, also those that the filter hides.
func (m *model) startMarked() tea.Cmd {
	order := m.marked()
	if len(order) == 0 {
		return m.say("the domains that are marked are not in the list any more")
	}
	m.run = runState{began: m.now}
	m.launch(order, m.asked)
	return nil
}

// continueRun diagnoses what came into the list after the run began, once all of it is there.
func (m *model) continueRun() {
	if !m.run.more || m.run.active() || m.load.active() {
		return
	}
	m.run.more = false
	order := slices.DeleteFunc(arrange(m.fleet.rows, m.run.view), func(i int32) bool {
		return m.fleet.rows[i].sum != nil
	})
	if len(order) > 0 {
		m.launch(order, false)
	}
}

// launch starts the goroutines of a run. Numbers go on from where an earlier part of it ended.
func (m *model) launch(order []int32, again bool) {
	if m.recorded() {
		return
	}
	jobs := make([]job, 0, len(order))
	for _, i := range order {
		r := m.fleet.rows[i]
		jobs = append(jobs, job{r.id, m.target(r)})
	}
	ctx, cancel := context.WithCancel(m.ctx)
	m.run.gen, m.run.cancel = m.nextGen(), cancel
	m.run.total += len(jobs)
	doctor, release := m.doctor(again)
	m.asked = true
	gen, workers, events, root := m.run.gen, m.opt.Jobs, m.events, m.ctx
	if workers <= 0 {
		workers = checks.Jobs()
	}
	m.background(func() {
		defer release()
		defer cancel()
		run(ctx, doctor, jobs, workers, gen, events)
		send(root, events, event{gen: gen, end: runEnded})
	})
}

// startOne diagnoses one domain now, beside a run if there is one.
func (m *model) startOne(r *row) tea.Cmd {
	if m.single[r.id] != nil || m.recorded() {
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	gen := m.nextGen()
	m.single[r.id] = &singleRun{gen: gen, cancel: cancel, began: m.now}
	doctor, release := m.doctor(r.sum != nil)
	m.asked = true
	target := m.target(r)
	// asked again by itself: what the service has may be new, too
	if r.sum != nil && r.domain != nil && r.domain.ID != "" {
		target.Domain, target.ID = nil, r.domain.ID
	}
	j := job{r.id, target}
	return func() tea.Msg {
		defer release()
		defer cancel()
		prepare(ctx, doctor)
		e := diagnose(ctx, doctor, j)
		e.gen = gen
		return resultMsg(e)
	}
}

// target is what to have diagnosed of a domain, with what was pasted about it.
func (m *model) target(r *row) checks.Target {
	t := r.target(m.now, m.reported[r.id])
	if p := m.pasted[r.id]; p != nil {
		t.AuthCode = p.AuthCode
	}
	return t
}

// doctor is who diagnoses, and what to do when it is done with. A session remembers its answers; to ask again, a new
// one is needed.
func (m *model) doctor(again bool) (*checks.Doctor, func()) {
	if again && m.opt.Fresh != nil {
		if d := m.opt.Fresh(); d != nil {
			return d, d.Session.Close
		}
	}
	return m.opt.Doctor, func() {}
}

// stopAll stops every diagnosis that is under way.
func (m *model) stopAll() tea.Cmd {
	for id, s := range m.single {
		s.cancel()
		delete(m.single, id)
		if it := m.watch.Get(id); it != nil {
			it.At = m.now.Add(watchStop)
		}
	}
	if !m.run.active() {
		return m.say("stopped")
	}
	m.run.cancel()
	m.run.cancel, m.run.more = nil, false
	m.run.gen = m.nextGen() // results that are still to come are stale
	return m.say("stopped after %s of %s", count(m.run.done), count(m.run.total))
}

// onResult takes one diagnosis in.
func (m *model) onResult(e event, keep bool) {
	if e.failed != "" {
		m.say("%s", e.failed)
	}
	r := m.fleet.find(e.id)
	if e.report == nil || r == nil {
		m.watchResult(e.id, nil)
		return
	}
	m.changes.take(e.id, m.before(e.id), e.report)
	m.watchResult(e.id, e.report)
	m.fleet.replace(r.with(e.report, e.sum))
	m.reports.put(e.id, e.report, keep)
	m.incident.take(e.facts)
	m.incident.look(m.now, keep)
}
