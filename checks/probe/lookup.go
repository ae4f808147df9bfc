package probe

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/flight"
	"domdoc/checks/probe/registration"
)

// LookUpOptions are the settings of LookUp.
type LookUpOptions struct {
	Jobs int // names in progress; 0 is a good number
	// Until is when the time for all names is over; what is left then is reported as unknown. Zero means never.
	Until time.Time
}

const (
	lookUpJobs    = 64
	lookUpPending = 10_000 // names read ahead, so that one slow registry does not hold up the others
	// names of one ending in progress; its servers' limits are elsewhere
	lookUpPerEnding = 2
	lookUpKept      = 4096 // registrations kept for other names below the same one
)

// outOfTime is why a name is unknown that was left when the time was over.
const outOfTime = "the time limit of the run was over before it was looked up"

// lookUp is one run of LookUp.
type lookUp struct {
	s         *Session
	opt       LookUpOptions
	done      func(name string, r *RegistrationReport)
	perEnding int
	jobs      chan struct{} // a place for each name in progress
	pending   chan struct{} // a place for each name that is read and not done
	known     flight.Cache[string, *RegistrationReport]
	workers   sync.WaitGroup

	mu       sync.Mutex // guards following
	waiting  map[string][]string
	working  map[string]int // workers of an ending
	saying   sync.Mutex     // held while done is called
	panicked any
}

// LookUp looks up who holds each name, for a list of any length, and calls done with each name as soon as it is
// known, one call at a time. Names below one registered name share its registration. The names of each ending are
// looked up in their order, two at a time, so that a registry that is slow, or asks to wait, holds up only its own.
// It returns when all names are done, or ctx ends; what is left then is dropped.
func (s *Session) LookUp(ctx context.Context, opt LookUpOptions, names func(yield func(string) bool),
	done func(name string, r *RegistrationReport),
) {
	l := &lookUp{
		s: s, opt: opt, done: done, perEnding: lookUpPerEnding,
		jobs:    make(chan struct{}, cmp.Or(max(opt.Jobs, 0), lookUpJobs)),
		pending: make(chan struct{}, lookUpPending), waiting: map[string][]string{}, working: map[string]int{},
		known: flight.Cache[string, *RegistrationReport]{Limit: lookUpKept},
	}
	if s.opt.Pacing == nil || s.opt.Pacing.Rate < 0 {
		l.perEnding = cap(l.jobs)
	}
	timed := ctx
	if !opt.Until.IsZero() {
		var cancel context.CancelFunc
		timed, cancel = context.WithDeadline(ctx, opt.Until)
		defer cancel()
	}
	names(func(name string) bool {
		select {
		case l.pending <- struct{}{}:
		case <-ctx.Done():
			return false
		}
		l.add(ctx, timed, name)
		return ctx.Err() == nil
	})
	l.workers.Wait()
	if l.panicked != nil {
		panic(l.panicked)
	}
}

// add puts a name into the queue of its ending.
func (l *lookUp) add(ctx, timed context.Context, name string) {
	ending := name
	if domain := Registrable(name); domain != "" {
		ending, _, _ = registryOf(domain)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting[ending] = append(l.waiting[ending], name)
	if l.working[ending] < l.perEnding {
		l.working[ending]++
		l.workers.Go(func() { l.work(ctx, timed, ending) })
	}
}

// take returns the next name of an ending; ok is false if there is none, and the worker ends.
func (l *lookUp) take(ending string) (name string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.waiting[ending]
	if len(queue) == 0 {
		delete(l.waiting, ending)
		if l.working[ending]--; l.working[ending] == 0 {
			delete(l.working, ending)
		}
		return "", false
	}
	l.waiting[ending] = queue[1:]
	return queue[0], true
}

// work looks up the names of an ending until there are none.
func (l *lookUp) work(ctx, timed context.Context, ending string) {
	for {
		name, ok := l.take(ending)
		if !ok {
			return
		}
		if ctx.Err() == nil {
			l.one(ctx, timed, name)
		}
		<-l.pending
	}
}

func (l *lookUp) one(ctx, timed context.Context, name string) {
	var r *RegistrationReport
	select {
	case l.jobs <- struct{}{}:
		r = l.report(timed, name)
		<-l.jobs
	case <-timed.Done():
		r = l.unknown(name, outOfTime)
	}
	l.saying.Lock()
	defer l.saying.Unlock()
	if ctx.Err() != nil {
		return // it is incomplete, or what was reported while this one waited has ended the run
	}
	defer func() {
		if p := recover(); p != nil { // in the caller's code
			l.panicked = p
		}
	}()
	l.done(name, r)
}

// report looks a name up.
func (l *lookUp) report(ctx context.Context, name string) (r *RegistrationReport) {
	defer func() {
		if p := recover(); p != nil {
			r = l.unknown(name, fmt.Sprintf("the lookup failed inside domdoc (%v); please report it", p))
		}
	}()
	if ctx.Err() != nil {
		return l.unknown(name, outOfTime)
	}
	domain := Registrable(name)
	if domain == "" {
		return l.s.Held(ctx, name)
	}
	r, err := l.known.Do(ctx, domain, func() *RegistrationReport { return l.s.Fork().Held(ctx, domain) })
	if err != nil || r.State == registration.Unknown && ctx.Err() != nil {
		return l.unknown(name, outOfTime)
	}
	if r.State != registration.Unknown {
		return r
	}
	out := *r
	if r.Ending != "" {
		out.Reason = "no server of the registry of ." + r.Ending + " is known"
	}
	if r.Delegated() { // by the only source that says anything
		out.Note = out.Reason + "; nothing else is known of " + r.Domain
		out.Silent = r.Ending == ""
		out.Registration = registration.Registration{
			State: registration.Registered, Source: sourceDNS, Server: r.Place.Zone.Parent, Domain: r.Domain,
			Throttled: r.Throttled, RetryAfter: r.RetryAfter,
		}
	}
	return &out
}

func (l *lookUp) unknown(name, reason string) *RegistrationReport {
	domain := cmp.Or(Registrable(name), exchange.Bare(name))
	return &RegistrationReport{Registration: registration.Registration{
		State: registration.Unknown, Domain: domain, Reason: reason,
	}}
}
