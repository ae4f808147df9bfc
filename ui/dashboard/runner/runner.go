// Package runner diagnoses domains and reads the list in goroutines, and sends what they find as events.
package runner

import (
	"context"
	"fmt"
	"iter"
	"log"
	"slices"
	"sync"
	"time"

	"domdoc/checks/result"
	"domdoc/checks/subject"

	"domdoc/api"
	"domdoc/checks"
	"domdoc/checks/incident"
	"domdoc/ui/dashboard/archive"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/terminal"
	"domdoc/ui/estimate"
)

// Event is a result of a goroutine of the dashboard. The generation shows whether it is still wanted.
type Event struct {
	Gen    int
	Row    *inventory.Row // the loader has a domain
	Full   bool           // ... and a screen can be filled for the first time
	Report *result.Domain // a domain was diagnosed
	ID     string         // ... this one
	Sum    *inventory.Summary
	Facts  incident.DomainFacts   // its data for incidents
	Peers  []incident.DomainFacts // of other domains with the same failing integration
	Failed string                 // domdoc itself failed
	End    ending
	Err    error // with which it ended
}

// ending is what ended, if anything did.
type ending uint8

const (
	notEnded ending = iota
	LoadEnded
	RunEnded
)

// The events of a run and of the list arrive together, at most twenty times a second: 10,000 domains must not mean
// 10,000 frames.
const (
	window       = 50 * time.Millisecond
	Most         = 256 // results in one message
	screenful    = 60  // domains of the list that are shown as soon as they have come
	resultWeight = 16  // a listed domain costs Update a sixteenth of a result, so more of them go into one message
)

// Collect waits for an event, gathers those that follow within the window, and returns all of them; a full screen, at
// once. Events that do not fit stay in the channel and block their senders, so that a slow terminal slows down a run.
// It returns nil when ctx ends.
func Collect(ctx context.Context, events <-chan Event) []Event {
	var batch []Event
	weight := 0
	add := func(e Event) {
		batch = append(batch, e)
		if weight++; e.Row == nil {
			weight += resultWeight - 1
		}
	}
	select {
	case e := <-events:
		if add(e); e.Full {
			return batch
		}
	case <-ctx.Done():
		return nil
	}
	timer := time.NewTimer(window)
	defer timer.Stop()
	for {
		source := events
		if weight >= Most*resultWeight {
			source = nil // full: only wait for the end of the window
		}
		select {
		case e := <-source:
			if add(e); e.Full {
				return batch
			}
		case <-timer.C:
			return batch
		case <-ctx.Done():
			return nil
		}
	}
}

// Job is one domain of a run.
type Job struct {
	ID      string
	Target  checks.Target
	Archive *archive.Archive // where its report is kept; nil: nowhere
	// Peers asks for other domains of the tenant where the platform may be at fault. A run over all domains needs none.
	Peers bool
}

// Run diagnoses jobs, several at once, and sends each result. It returns when all are done or ctx ends.
func Run(ctx context.Context, doctor *checks.Doctor, jobs []Job, workers, gen int, events chan<- Event) {
	Prepare(ctx, doctor)
	checks.Parallel(ctx, workers, slices.Values(jobs), func(j Job) {
		e := Diagnose(ctx, doctor, j)
		e.Gen = gen
		Send(ctx, events, e)
	})
}

// Send sends an event, and reports whether it could before ctx ended.
func Send(ctx context.Context, events chan<- Event, e Event) bool {
	select {
	case events <- e:
		return true
	case <-ctx.Done():
		return false
	}
}

// Prepare checks this machine and the tenant once per doctor: both can affect the diagnosis of every domain.
func Prepare(ctx context.Context, doctor *checks.Doctor) {
	var wg sync.WaitGroup
	wg.Go(func() {
		defer func() { _ = recover() }() // the diagnosis is useful without it
		doctor.Vantage(ctx)
	})
	wg.Go(func() {
		defer func() { _ = recover() }()
		doctor.Tenant(ctx)
	})
	wg.Wait()
}

// Diagnose diagnoses one domain. A panic is a bug in domdoc and ends this diagnosis, not the program: a goroutine
// that panics would leave the terminal in raw mode.
func Diagnose(ctx context.Context, doctor *checks.Doctor, j Job) (e Event) {
	e.ID = j.ID
	defer func() {
		if r := recover(); r != nil {
			terminal.LogFault(r)
			e.Report, e.Sum, e.Failed = nil, nil, fmt.Sprintf("domdoc failed while diagnosing %s (%v); please report it",
				j.Target.Name, r)
		}
	}()
	r := doctor.Diagnose(ctx, j.Target)
	if ctx.Err() != nil { // an unfinished diagnosis proves nothing
		return e
	}
	e.Report, e.Sum, e.Facts = r, inventory.Summarise(r), incident.FactsOf(r)
	if j.Peers {
		e.Peers = doctor.Peers(ctx, r)
	}
	var err error
	if e.Sum.Kept, err = j.Archive.Put(r); err != nil { // the summary is there, and the last reports are in memory
		log.Print(err)
	}
	return e
}

// RunState is the run over many domains.
type RunState struct {
	Gen         int
	Cancel      context.CancelFunc // nil: no run is in progress
	Total, Done int
	Failed      int
	Began       time.Time
	Asked       time.Time // when esc was pressed once; zero otherwise
	// more means that the list was still loading when the run began: the rest of what the query selects follows when it
	// has arrived.
	More  bool
	View  inventory.View
	Spark inventory.Spark
	Rest  estimate.Run
	Calls int // that had been made to the service when the run began
}

// Active reports whether a run is in progress.
func (r *RunState) Active() bool { return r.Cancel != nil }

// SingleRun is a running diagnosis of one domain.
type SingleRun struct {
	Gen    int
	Cancel context.CancelFunc
	Began  time.Time
	Watch  bool // a watched domain was due
}

// LoadState is the progress of reading the list of domains.
type LoadState struct {
	Gen     int
	Cancel  context.CancelFunc // nil: not loading
	Count   int                // domains so far
	Err     error              // why it ended early; nil if it did not
	Done    bool               // it was read completely at least once
	Began   time.Time
	Current map[string]bool // ids of this reading, if it is running and not the first
}

// Active reports whether the list is being read.
func (l *LoadState) Active() bool { return l.Cancel != nil }

// LoadAll sends every domain of the list as a row, and registers it with the doctor, which then need not read the
// list itself to find a name.
func LoadAll(ctx context.Context, domains func(context.Context) iter.Seq2[api.Domain, error],
	service *subject.Service,
	now time.Time, gen int, events chan<- Event,
) (err error) {
	defer func() {
		if r := recover(); r != nil {
			terminal.LogFault(r)
			err = fmt.Errorf("domdoc failed while reading the list (%v); please report it", r)
		}
	}()
	reading := ctx
	if service != nil {
		reading = service.Listing(ctx)
	}
	rows := 0
	for d, err := range domains(reading) {
		if err != nil {
			if service != nil && ctx.Err() == nil {
				service.EndList(err)
			}
			return err
		}
		if service != nil {
			service.Remember(reading, d)
		}
		rows++
		if !Send(ctx, events, Event{Gen: gen, Row: inventory.NewRow(d, now), Full: rows == screenful}) {
			return ctx.Err()
		}
	}
	if service != nil && ctx.Err() == nil {
		service.EndList(nil)
	}
	return ctx.Err()
}
