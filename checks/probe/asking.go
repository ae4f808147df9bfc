package probe

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// asking is a DNS query over UDP that needs no goroutine, as most do: the one that wants to know sends it, or the timer
// of the server's line, and the one that reads the socket reads the answer. Whatever would wait for something else
// goes on in a goroutine of its own.
type asking struct {
	place
	question
	s     *shared
	known pending
	at    time.Time // when it began; st.mu guards it
	done  atomic.Bool
	query transport.Query
	buf   [96]byte // of the wire of most queries
}

// ask begins the query of a key that was reserved.
func (s *Session) ask(key exchangeKey, to exchange.Server, known pending) {
	st := s.server(dnsServerKey(to))
	a := &asking{
		place: place{st: st}, s: s.shared, known: known, at: s.Now(),
		question: question{wire: s.wire, to: to, name: key.Asked, rrtype: key.rrtype, flags: key.Flags},
	}
	a.place.asking = a
	st.mu.Lock()
	next := st.admit(a)
	st.mu.Unlock()
	next.do(a)
}

// blank is the exchange without an answer. It is made when it ends: most of the time of a query is waiting.
func (a *asking) blank() exchange.Exchange {
	x := blankDNS(a.to, a.name, a.rrtype, a.flags)
	a.st.mu.Lock()
	x.At = a.at
	a.st.mu.Unlock()
	return x
}

// turn is what happens with a query next.
type turn byte

const (
	turnLater turn = iota // it is in the line of the server
	turnSend
	turnWait // for another place than in the line
	turnOver // the session has ended
)

func (t turn) do(a *asking) {
	switch t {
	case turnSend:
		a.send()
	case turnWait:
		a.s.workers.Go(a.wait)
	case turnOver:
		a.abort(transport.ErrNotAsked)
	}
}

// admit takes a place for a query, or puts it in the line. st.mu is held.
func (st *serverState) admit(a *asking) turn {
	switch {
	case a.s.ctx.Err() != nil:
		return turnOver
	case a.unsure():
		return turnWait
	}
	if a.recursive() && !a.aboutRoot() {
		if !st.enterNow(a.name) {
			return turnWait
		}
		a.queue = a.name
	}
	if st.limit == nil || len(st.line.waiting) == 0 && st.limit.Allow() {
		return st.takeSlot(a)
	}
	st.line.waiting = append(st.line.waiting, a)
	st.callLine()
	return turnLater
}

// takeSlot lets a query begin if a slot is free. st.mu is held.
func (st *serverState) takeSlot(a *asking) turn {
	select {
	case st.slots <- struct{}{}:
		st.began(&a.place)
		a.at = a.s.opt.Now()
		return turnSend
	default:
		a.ended()
		return turnWait
	}
}

// line are the queries that the limit of a server makes wait. The mutex of the server guards it.
type line struct {
	waiting []*asking
	timer   *time.Timer
	armed   bool
}

// lineTick is the time for which queries are collected, so that one timer sends several.
const lineTick = 20 * time.Millisecond

// callLine starts the timer of the line for when the limit permits the next queries. st.mu is held.
func (st *serverState) callLine() {
	l := &st.line
	if l.armed || len(l.waiting) == 0 {
		return
	}
	l.armed = true
	rate := float64(st.limit.Limit())
	next := min(float64(len(l.waiting)), math.Floor(max(1, rate*lineTick.Seconds())))
	wait := max(0, time.Duration((next-st.limit.Tokens())/rate*float64(time.Second)))
	if l.timer == nil {
		l.timer = time.AfterFunc(wait, st.serveLine)
	} else {
		l.timer.Reset(wait)
	}
}

// serveLine sends the queries whose turn it is.
func (st *serverState) serveLine() {
	var called [8]*asking
	var turns [len(called)]turn
	n := 0
	st.mu.Lock()
	l := &st.line
	for n < len(called) && len(l.waiting) > 0 {
		a := l.waiting[0]
		switch {
		case a.s.ctx.Err() != nil:
			turns[n] = turnOver
		case a.unsure():
			a.ended()
			turns[n] = turnWait
		case !st.limit.Allow():
			turns[n] = turnLater
		default:
			turns[n] = st.takeSlot(a)
		}
		if turns[n] == turnLater {
			break
		}
		l.waiting[0] = nil
		l.waiting = l.waiting[1:]
		called[n] = a
		n++
	}
	l.armed = false
	st.callLine()
	st.mu.Unlock()
	for i, a := range called[:n] {
		turns[i].do(a)
	}
}

func (q *question) recursive() bool { return q.flags&exchange.FlagRD != 0 }

// aboutRoot reports whether it is the control question of a resolver.
func (q *question) aboutRoot() bool { return q.name == "." && q.rrtype == dns.TypeNS }

// unsure reports whether the server may be given up in a scope of the query. st.mu is held.
func (a *asking) unsure() bool {
	silent := func(key scopeKey) bool {
		r := a.st.silences[key]
		return r != nil && r.unanswered >= silentEnough
	}
	switch {
	case len(a.st.silences) == 0:
		return false
	case a.recursive():
		return silent(scopeKey{}) || silent(a.scopeKey())
	}
	return silent(a.scopeKey())
}

// send sends the query.
func (a *asking) send() {
	wire, end, err := exchange.AppendQuestion(a.buf[:0], a.name, a.rrtype, a.flags, true)
	if err != nil {
		a.abort(err)
		return
	}
	a.query.Wire, a.query.QuestionEnd, a.query.Owner, a.query.Done = wire, end, a, answered
	if !a.s.live.Send(a.to, &a.query) {
		a.s.workers.Go(a.sendSlowly)
	}
}

// answered reads the answer.
func answered(c *transport.Query, reply []byte, err error) {
	a := c.Owner.(*asking)
	a.guarded(func(x *exchange.Exchange) (ended bool) {
		var m *dns.Msg
		if err == nil {
			m, err = a.s.answers.Unpack(reply)
		}
		if err == nil && (m.Truncated || unknownEDNS(m)) {
			a.s.workers.Go(func() { a.goOn(m) })
			return false
		}
		a.settle(a.s.ctx, x, m, err)
		return true
	})
}

// guarded completes the exchange; a parser that panics on hostile data fails only this one.
func (a *asking) guarded(run func(x *exchange.Exchange) (ended bool)) {
	x, ended := new(exchange.Exchange), true
	*x = a.blank()
	defer func() {
		if r := recover(); r != nil {
			*x = a.blank()
			x.Outcome, x.Err = exchange.Malformed, brokenReader(r)
		}
		if ended {
			a.end(x)
		}
	}()
	ended = run(x)
}

// goOn repeats the query over TCP or without EDNS.
func (a *asking) goOn(m *dns.Msg) {
	a.guarded(func(x *exchange.Exchange) bool {
		q := a.question
		var err error
		if unknownEDNS(m) {
			q.plain = true
			m, err = q.sendOnce(a.s.ctx, false)
		}
		q.settle(a.s.ctx, x, m, err)
		return true
	})
}

// sendSlowly sends the query to a server without a socket, or whose window is full.
func (a *asking) sendSlowly() {
	a.guarded(func(x *exchange.Exchange) bool {
		q := a.question
		q.run(a.s.ctx, x)
		return true
	})
}

// wait makes the whole exchange in this goroutine.
func (a *asking) wait() {
	s := &Session{shared: a.s}
	x := new(exchange.Exchange)
	*x = a.blank()
	s.guarded(x, func(x *exchange.Exchange) { s.exchange(a.s.ctx, x, &a.question) })
	a.known.Complete(x)
}

// watch ends a slow query to a resolver that answers nothing: the delay is then not specific to this name.
func (a *asking) watch() {
	if _, scopes := a.scopes(); !a.st.alive(a.s.ctx, scopes[0], a.start) {
		a.abort(transport.ErrTimeout)
	}
}

// abort ends the query without an answer.
func (a *asking) abort(err error) {
	a.guarded(func(x *exchange.Exchange) bool {
		x.Outcome, x.Err = transport.Outcome(err)
		if a.s.ctx.Err() != nil {
			x.Outcome, x.Err = exchange.NotAsked, transport.ErrNotAsked.Error()
		}
		return true
	})
}

// end completes the exchange, once.
func (a *asking) end(x *exchange.Exchange) {
	if !a.done.CompareAndSwap(false, true) {
		return
	}
	st := a.st
	st.mu.Lock()
	if a.flies {
		x.Took = time.Since(a.start)
	}
	a.ended()
	switch {
	case x.Outcome == exchange.NotAsked:
	case x.Outcome == exchange.Timeout || x.Outcome == exchange.Unreachable:
		_, scopes := a.scopes()
		st.note(x.Outcome, scopes)
	case a.recursive():
		st.answered = time.Now()
		if len(st.silences) > 0 {
			delete(st.silences, scopeKey{})
			delete(st.silences, a.scopeKey())
		}
	default:
		st.answered = time.Now()
		st.repeatable(a.scopeKey(), a.question)
	}
	st.mu.Unlock()
	a.known.Complete(x)
}

// scopeKey is the key of the narrowest scope of the question.
func (q *question) scopeKey() scopeKey {
	if q.recursive() {
		return scopeKey{kind: scopeQuestion, name: q.name, rrtype: q.rrtype, cd: q.flags&exchange.FlagCD != 0}
	}
	return scopeKey{kind: scopeZone, name: q.zone()}
}

// zone is the zone that an authoritative server is queried for.
func (q *question) zone() string {
	if q.to.Zone != "" {
		return q.to.Zone
	}
	if zone := Registrable(q.name); zone != "" {
		return zone
	}
	return strings.ToLower(q.name)
}

// endAsking ends the queries without a goroutine when the session ends.
func (s *shared) endAsking() {
	s.mu.Lock()
	var all []*serverState
	for _, st := range s.servers {
		all = append(all, st)
	}
	s.mu.Unlock()
	for _, st := range all {
		st.mu.Lock()
		open := slices.Clone(st.line.waiting)
		st.line.waiting = nil
		for p := st.flying.oldest; p != nil; p = p.newer {
			if p.asking != nil {
				open = append(open, p.asking)
			}
		}
		st.mu.Unlock()
		for _, a := range open {
			a.abort(transport.ErrNotAsked)
		}
	}
}
