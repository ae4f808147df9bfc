package dashboard

import (
	"context"
	"fmt"
	"iter"
	"time"

	"domdoc/api"
	"domdoc/checks/subject"

	tea "github.com/charmbracelet/bubbletea"
)

// loadState is how far the list of domains is.
type loadState struct {
	gen     int
	cancel  context.CancelFunc // nil: not loading
	count   int                // domains so far
	err     error              // why it ended early; nil when it did not
	done    bool               // it was read to its end at least once
	began   time.Time
	current map[string]bool // ids of this reading, while one is under way that is not the first
}

func (l *loadState) active() bool { return l.cancel != nil }

// startLoad reads the list from its beginning. What is shown stays, and is replaced domain by domain.
func (m *model) startLoad() {
	if m.load.cancel != nil {
		m.load.cancel()
	}
	m.load = loadState{gen: m.nextGen(), began: m.now, done: m.load.done}
	if m.opt.Domains == nil {
		m.loadCase()
		for _, name := range m.opt.Names {
			m.fleet.add(namedRow(name, ""))
			m.load.count++
		}
		m.load.done = true
		return
	}
	if len(m.fleet.rows) > 0 {
		m.load.current = map[string]bool{}
	}
	ctx, cancel := context.WithCancel(m.ctx)
	m.load.cancel = cancel
	gen, domains, events, now, service := m.load.gen, m.opt.Domains, m.events, m.now, m.opt.Doctor.Service
	m.background(func() {
		defer cancel()
		send(ctx, events, event{gen: gen, end: loadEnded, err: loadAll(ctx, domains, service, now, gen, events)})
	})
}

// loadCase shows what a recorded case holds.
func (m *model) loadCase() {
	for _, report := range m.opt.Reports {
		r := namedRow(report.Name.ASCII, report.ID)
		if d := report.Domain; d != nil {
			r = newRow(*d, m.now)
		}
		r = r.with(report, summarise(report))
		m.fleet.add(r)
		m.reports.put(r.id, report, true)
		m.load.count++
	}
	m.fleet.recount(m.now)
}

// recorded reports whether a recorded case is shown, of which nothing can be asked again, and says so.
func (m *model) recorded() bool {
	if len(m.opt.Reports) == 0 {
		return false
	}
	m.say("this is a recorded case: nothing is asked again")
	return true
}

// loadAll sends every domain of the list as a row, and notes it for the doctor, which then need not read the list
// itself to find a name.
func loadAll(ctx context.Context, domains func(context.Context) iter.Seq2[api.Domain, error], service *subject.Service,
	now time.Time, gen int, events chan<- event,
) (err error) {
	defer func() {
		if r := recover(); r != nil {
			logFault(r)
			err = fmt.Errorf("domdoc failed while reading the list (%v); please report it", r)
		}
	}()
	for d, err := range domains(ctx) {
		if err != nil {
			if service != nil && ctx.Err() == nil {
				service.EndList(err)
			}
			return err
		}
		if service != nil {
			service.Remember(d)
		}
		if !send(ctx, events, event{gen: gen, row: newRow(d, now)}) {
			return ctx.Err()
		}
	}
	if service != nil && ctx.Err() == nil {
		service.EndList(nil)
	}
	return ctx.Err()
}

// endLoad takes the end of a reading in. Domains that a whole new reading did not show are gone from the tenant.
func (m *model) endLoad(err error) tea.Cmd {
	m.load.cancel = nil
	m.load.err = err
	current := m.load.current
	m.load.current = nil
	if err != nil {
		m.continueRun()
		return m.list.arrangeNow()
	}
	m.load.done = true
	if current == nil {
		m.continueRun()
		return m.list.arrangeNow()
	}
	old := m.fleet
	m.fleet = newFleet()
	m.fleet.version = old.version
	for _, r := range old.rows {
		if current[r.id] || r.domain == nil {
			m.fleet.add(r)
		}
	}
	m.fleet.next = old.next
	// The old order's indices mean nothing any more: rows must be shown by the new ones before the next frame, and are
	// sorted after that.
	m.list.order.gen++
	m.list.order.running = false
	m.list.grid.SetOrder(arrange(m.fleet.rows, view{query: m.list.query, only: m.list.only, now: m.now}))
	m.continueRun()
	return m.list.arrangeNow()
}
