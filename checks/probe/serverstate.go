package probe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"

	"golang.org/x/time/rate"
)

// serverState is the health and load of one server.
//
// A question without an answer says little about a server: a resolver waits for the servers of the name, and a
// firewall or a full quota drops the questions about one zone. So silence counts for a scope (a question at a
// resolver, a zone at an authoritative server), and a scope that others share is given up only if a control question
// gets no answer either.
type serverState struct {
	slots chan struct{}
	limit *rate.Limiter

	mu       sync.Mutex // guards following
	answered time.Time  // when the last answer came; zero before the first
	silences map[scopeKey]*silence
	tidyAt   int // the number of silences at which those that are over are dropped
	queues   map[string]*queue

	flying flying
	line   line
}

// silence counts the unanswered queries of one scope.
type silence struct {
	answers    int           // all of them
	unanswered int           // in a row
	since      time.Time     // when the last of them ended
	control    bool          // one of them was a control question
	left       time.Time     // until when the scope is given up, because the control question got no answer
	checking   chan struct{} // closed when the control question under way has ended; nil if there is none
	last       question      // the last one that was answered, at a time; without a transport if none was
	answered   time.Time
}

// scopeKey identifies a scope of a server.
type scopeKey struct {
	kind   byte // of those below
	name   string
	rrtype uint16
	cd     bool
}

// The kinds of scopes. That of a server as a whole, or of another text, is 0.
const (
	scopeQuestion = 1 + iota
	scopeZone
)

// scope is what an unanswered query counts for. The zero value is nothing.
type scope struct {
	key scopeKey
	// control sends the query that the server must answer if it answers anything, and reports whether it did; name
	// describes that query. Without it, unanswered queries alone decide.
	control func(ctx context.Context) bool
	name    string
	// isControl is set for a control question of this scope, which is always asked.
	isControl bool
	repeat    question // this question, if it may be repeated as the control question
}

// queue are the questions about one name.
type queue struct {
	busy    int
	waiting []chan struct{} // closed when a place is theirs
}

// Bounds of a session.
const (
	// queries per second to one server: far below what public resolvers allow an address
	DefaultRate = 200
	serverSlots = 96 // queries in flight to one server, except slow ones
	nameSlots   = 12 // queries in flight to one resolver about one name
	// after this time without an answer a query releases its place at the server, but keeps its place among those about
	// the same name
	slowAfter = time.Second
	// after this number of consecutive unanswered queries, each tried several times, a scope is not queried again
	// unless a control question is answered,
	silentEnough  = 2
	silentRecover = 20 * time.Second // until this time has passed
	controlBound  = 4 * time.Second
	maxSilences   = 1 << 12
	fewSilences   = 1 << 7 // they are not worth a look at which are over
	// how long the last answer in a scope is of use: the domain that it was about is diagnosed by then
	answerKept = 30 * time.Second
)

// errSilent is for a query that is not sent because the server did not answer others of the same scope.
var errSilent = errors.New("not asked")

// place is the place of a query among those in flight to a server.
type place struct {
	st     *serverState
	within []scope
	queue  string // the name in whose queue it is; empty if in none
	start  time.Time
	asking *asking // of a query without a goroutine

	// st.mu guards the following
	older, newer *place
	flies        bool // it is in the list of the server
	slot         bool // it has one
}

// acquire waits for a place at the server, first among the queries about the same name (empty: none). It fails if the
// server is unresponsive in one of the scopes, or ctx ends.
func (st *serverState) acquire(ctx context.Context, name string, scopes ...scope) (*place, error) {
	p := &place{st: st, within: scopes, queue: name}
	if name != "" {
		if err := st.enter(ctx, name); err != nil {
			return nil, err
		}
	}
	fail := func(err error) (*place, error) {
		st.mu.Lock()
		defer st.mu.Unlock()
		st.leave(name)
		return nil, err
	}
	for _, c := range scopes {
		if err := st.check(ctx, c); err != nil {
			return fail(err)
		}
	}
	select {
	case st.slots <- struct{}{}:
	case <-ctx.Done():
		return fail(fmt.Errorf("%w: %w", transport.ErrNotAsked, ctx.Err()))
	}
	for _, c := range scopes { // it may have become unresponsive while we waited
		if err := st.givenUp(c); err != nil {
			<-st.slots
			return fail(err)
		}
	}
	if err := transport.Wait(ctx, st.limit); err != nil {
		<-st.slots
		return fail(err)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.began(p)
	return p, nil
}

// release ends the query. Any answer ends the silence of its scopes.
func (p *place) release(o exchange.Outcome) {
	p.st.mu.Lock()
	defer p.st.mu.Unlock()
	p.ended()
	p.st.note(o, p.within)
}

// note records how a question ended. st.mu is held.
func (st *serverState) note(o exchange.Outcome, scopes []scope) {
	silent := o == exchange.Timeout || o == exchange.Unreachable
	switch {
	case o == exchange.NotAsked: // we gave up, which says nothing of the server
		return
	case !silent:
		st.answered = time.Now()
	}
	for _, c := range scopes {
		r := st.silences[c.key]
		switch {
		case silent:
			if r == nil {
				r = st.remember(c.key)
			}
			r.unanswered++
			r.since, r.control = time.Now(), r.control || c.isControl
		case c.repeat.wire != nil:
			st.repeatable(c.key, c.repeat)
		default:
			delete(st.silences, c.key)
		}
	}
}

// repeatable notes the answer to a question that may be repeated. st.mu is held.
func (st *serverState) repeatable(key scopeKey, q question) {
	r := st.silences[key]
	if r == nil {
		r = st.remember(key)
	}
	r.answers++
	r.unanswered, r.control, r.left, r.last, r.answered = 0, false, time.Time{}, q, st.answered
}

// remember creates the record of a scope. st.mu is held.
func (st *serverState) remember(key scopeKey) *silence {
	if len(st.silences) >= max(st.tidyAt, fewSilences) {
		old := time.Now().Add(-answerKept)
		maps.DeleteFunc(st.silences, func(_ scopeKey, r *silence) bool {
			return r.unanswered == 0 && r.checking == nil && r.answered.Before(old)
		})
		st.tidyAt = len(st.silences) + len(st.silences)/4
	}
	if st.silences == nil || len(st.silences) >= maxSilences {
		st.silences = map[scopeKey]*silence{}
	}
	r := &silence{}
	st.silences[key] = r
	return r
}

// check returns an error if a scope is given up. It waits for a control question in flight.
func (st *serverState) check(ctx context.Context, c scope) error {
	if c.isControl {
		return nil
	}
	for {
		st.mu.Lock()
		r := st.silences[c.key]
		if r == nil || r.unanswered < silentEnough || c.control == nil || time.Now().Before(r.left) {
			st.mu.Unlock()
			return st.givenUp(c)
		}
		if r.control && r.last.wire == nil { // the server has answered nothing in this scope, not even the control question
			r.left = time.Now().Add(silentRecover)
			r.control = false
			st.mu.Unlock()
			continue
		}
		done := r.checking
		if done == nil {
			done = make(chan struct{})
			r.checking = done
			go st.ask(ctx, c, r)
		}
		st.mu.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", transport.ErrNotAsked, ctx.Err())
		}
	}
}

// ask sends the control question of a scope: the last query that was answered, or else one that the server must be
// able to answer.
func (st *serverState) ask(ctx context.Context, c scope, r *silence) {
	st.mu.Lock()
	control, answers := c.control, r.answers
	if last := r.last; last.wire != nil {
		control = last.answered
	}
	st.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, controlBound)
	defer cancel()
	answered := true // a panic in a parser is our fault
	func() {
		defer func() { _ = recover() }()
		answered = control(ctx)
	}()
	st.mu.Lock()
	defer st.mu.Unlock()
	if answered {
		st.answered = time.Now()
		r.unanswered, r.control, r.left = 0, false, time.Time{}
	} else if st.silences[c.key] == r && r.answers == answers { // no other answer came meanwhile
		r.unanswered, r.left = max(r.unanswered, silentEnough), time.Now().Add(silentRecover)
	}
	close(r.checking)
	r.checking = nil
}

// givenUp returns an error if a scope is given up. It sends nothing.
func (st *serverState) givenUp(c scope) error {
	if c.isControl {
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	r := st.silences[c.key]
	switch {
	case r == nil || r.unanswered < silentEnough:
		return nil
	case c.control == nil && time.Since(r.since) < silentRecover:
		return fmt.Errorf("%w: the server left the same question unanswered", errSilent)
	case c.control != nil && time.Now().Before(r.left):
		return fmt.Errorf("%w: the server left other questions unanswered, and so the control question (%s)", errSilent,
			c.name)
	}
	return nil
}

// alive reports whether the server has answered any query since start or, if it has not, answers the control question
// of a scope now.
func (st *serverState) alive(ctx context.Context, c scope, start time.Time) bool {
	st.mu.Lock()
	if st.answered.After(start) {
		st.mu.Unlock()
		return true
	}
	r := st.silences[c.key]
	if r == nil {
		r = st.remember(c.key)
	}
	done := r.checking
	if done == nil {
		done = make(chan struct{})
		r.checking = done
		go st.ask(ctx, c, r)
	}
	st.mu.Unlock()
	select {
	case <-done:
	case <-ctx.Done():
		return true // not known
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.answered.After(start)
}

// enter waits for a place among the queries about one name, so that a slow name holds only a few places at the
// server. leave gives it back.
func (st *serverState) enter(ctx context.Context, name string) error {
	st.mu.Lock()
	if st.enterNow(name) {
		st.mu.Unlock()
		return nil
	}
	q, mine := st.queues[name], make(chan struct{})
	q.waiting = append(q.waiting, mine)
	st.mu.Unlock()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if i := slices.Index(q.waiting, mine); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	} else { // it was given the place meanwhile
		st.leave(name)
	}
	return fmt.Errorf("%w: %w", transport.ErrNotAsked, ctx.Err())
}

// enterNow takes a place among the queries about one name, if there is one. st.mu is held.
func (st *serverState) enterNow(name string) bool {
	q := st.queues[name]
	if q == nil {
		if st.queues == nil {
			st.queues = map[string]*queue{}
		}
		q = &queue{}
		st.queues[name] = q
	}
	if q.busy == nameSlots {
		return false
	}
	q.busy++
	return true
}

// leave gives a place among the queries about one name back; the empty name has none. st.mu is held.
func (st *serverState) leave(name string) {
	q := st.queues[name]
	switch {
	case name == "":
	case len(q.waiting) > 0:
		close(q.waiting[0])
		q.waiting = slices.Delete(q.waiting, 0, 1)
	default:
		if q.busy--; q.busy == 0 {
			delete(st.queues, name)
		}
	}
}

// rejection is the outcome of a query that acquire rejected: it was not sent.
func rejection(err error) (exchange.Outcome, string) {
	if errors.Is(err, errSilent) {
		return exchange.NotAsked, err.Error()
	}
	return exchange.NotAsked, transport.ErrNotAsked.Error()
}
