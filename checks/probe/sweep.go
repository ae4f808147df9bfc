package probe

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
	"golang.org/x/time/rate"
)

// SweepOptions are the settings of a sweep.
type SweepOptions struct {
	Servers []exchange.Server
	Type    uint16
	Rate    float64 // queries per second to each server; 0 is unlimited
	Window  int     // queries in flight to each server; 0 is a good number
	Record  bool    // write each exchange to the session's ledger
}

// SweepReply is one server's answer for one name: what a line of output needs.
type SweepReply struct {
	Server  exchange.Server
	Outcome exchange.Outcome
	Rcode   int      // meaningful when Err is empty
	Values  []string // of the type, wherever a CNAME led; sorted as they came
	TTL     uint32   // the smallest on the way to the values; of a denial, how long it may be cached
	Took    time.Duration
	Err     string
	EDE     *dns.EDNS0_EDE // the extended error of an answer without values (RFC 8914); nil if none

	transport string // if it is not the server's first address
}

// SweepResult is one name, queried at every server.
type SweepResult struct {
	Name    string
	Replies []SweepReply // in the order of the servers

	queries []sweepQuery // to the servers with a mux
	open    atomic.Int32 // replies that are still to come
}

// newResult returns the result of a name, one that was used before if there is one: a sweep otherwise spends a tenth of
// its time on memory.
func (w *sweep) newResult(name string) *SweepResult {
	r, _ := w.used.Get().(*SweepResult)
	if r == nil {
		r = &SweepResult{Replies: make([]SweepReply, len(w.lanes)), queries: make([]sweepQuery, len(w.lanes))}
		for i := range r.queries {
			r.queries[i] = sweepQuery{sweep: w, lane: &w.lanes[i], result: r, i: i}
		}
	}
	r.Name = name
	r.open.Store(int32(len(w.lanes)))
	for i := range r.Replies {
		r.Replies[i] = SweepReply{Server: w.lanes[i].server}
	}
	return r
}

// sweepTries are the bounds of one query of a sweep. Resolvers that have to query others need seconds; a lost
// datagram should not cost them.
var sweepTries = []time.Duration{
	1500 * time.Millisecond, 3 * time.Second, transport.ResolverBound - 4500*time.Millisecond,
}

const sweepWindow = 256

// bulkTransport is a transport that has many queries in flight without a goroutine for each.
type bulkTransport interface {
	OpenUDPMux(ctx context.Context, to exchange.Server, window int, limit *rate.Limiter) (*transport.UDPMux, error)
}

var _ bulkTransport = (*transport.Live)(nil)

// Sweep queries every server for one record type of many names, and passes each name's answers to emit once all have
// come, in any order. emit is called by one goroutine at a time; it must not block for long and must not keep the
// result, which is used again; the values of a reply may be kept. Nothing is cached: the list may be of any length.
//
// Answers are read without building a message where possible (parseAddresses); BenchmarkSweep measures what that is
// worth.
func (s *Session) Sweep(ctx context.Context, opt SweepOptions, names func(yield func(string) bool),
	emit func(*SweepResult),
) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	w := &sweep{Session: s, ctx: ctx, opt: opt, emit: emit, lanes: make([]lane, len(opt.Servers))}
	defer w.close()
	for i := range w.lanes {
		w.lanes[i].server = opt.Servers[i]
		if err := w.open(ctx, &w.lanes[i]); err != nil {
			return err
		}
	}
	var failed error
	names(func(name string) bool {
		failed = w.ask(ctx, name)
		return failed == nil
	})
	for i := range w.lanes {
		if w.lanes[i].mux != nil {
			w.lanes[i].mux.Drain(ctx)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.pending.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		w.close() // cancels what is in flight; each call still returns
		<-done
		failed = ctx.Err()
	}
	return failed
}

type sweep struct {
	*Session
	ctx     context.Context // the sweep's own, which may end before the session's
	opt     SweepOptions
	emit    func(*SweepResult)
	emitMu  sync.Mutex
	used    sync.Pool // of *SweepResult
	lanes   []lane
	pending sync.WaitGroup
	closing sync.Once
}

// lane is the connection to one server: a UDP mux, and a bounded number of separate queries with a goroutine each,
// for TCP retries and for servers that are not queried over UDP.
type lane struct {
	server   exchange.Server
	mux      *transport.UDPMux
	separate *serverState
	plain    atomic.Bool // the server does not support EDNS
}

// recorded reports whether the session is recorded or replayed: each query then goes through its cache.
func (w *sweep) recorded() bool { return w.shared.opt.Record != nil || w.shared.opt.Replay != nil }

// sweepSeparate bounds the separate queries in flight to one server.
const sweepSeparate = 32

func (w *sweep) open(ctx context.Context, l *lane) error {
	var limit *rate.Limiter
	if w.opt.Rate > 0 {
		limit = rate.NewLimiter(rate.Limit(w.opt.Rate), max(1, int(w.opt.Rate/10)))
	}
	l.separate = &serverState{slots: make(chan struct{}, sweepSeparate), limit: limit}
	bulk, ok := w.wire.(bulkTransport)
	if l.server.Proto.Stream() || !ok || w.recorded() {
		return nil
	}
	window := w.opt.Window
	if window <= 0 {
		window = sweepWindow
	}
	var err error
	l.mux, err = bulk.OpenUDPMux(ctx, l.server, window, limit)
	return err
}

func (w *sweep) close() {
	w.closing.Do(func() {
		for i := range w.lanes {
			if p := w.lanes[i].mux; p != nil {
				p.Close()
			}
		}
	})
}

// ask sends the queries for one name to every server.
func (w *sweep) ask(ctx context.Context, name string) error {
	r := w.newResult(name)
	w.pending.Add(1)
	for i := range w.lanes {
		l := &w.lanes[i]
		switch {
		case ctx.Err() != nil:
			w.fail(r, i, transport.ErrNotAsked)
		case l.mux == nil:
			w.sendSeparately(ctx, l, r, i)
		default:
			w.send(ctx, l, r, i)
		}
	}
	return ctx.Err()
}

// send queries one server through its mux.
func (w *sweep) send(ctx context.Context, l *lane, r *SweepResult, i int) {
	q := &r.queries[i]
	wire, qend, err := exchange.AppendQuestion(q.Wire[:0], r.Name, w.opt.Type, exchange.FlagRD, !l.plain.Load())
	if err != nil {
		w.fail(r, i, err)
		return
	}
	q.Wire, q.QuestionEnd, q.Tries, q.More, q.Done, q.Owner = wire, qend, sweepTries, needsFollowUp, sweepDone, q
	if err = l.mux.Ask(ctx, &q.Query); err != nil {
		w.fail(r, i, err)
	}
}

// sweepQuery is a question to one server.
type sweepQuery struct {
	transport.Query
	sweep  *sweep
	lane   *lane
	result *SweepResult
	i      int // of the reply in the result
}

// sweepDone ends the question of a sweepQuery.
func sweepDone(c *transport.Query, reply []byte, err error) {
	q, _ := c.Owner.(*sweepQuery)
	w, r, i := q.sweep, q.result, q.i
	r.Replies[i].Took = c.Took
	switch {
	case err != nil:
		w.fail(r, i, err)
	case c.Held:
		cut := reply[2]&bitTC != 0
		go w.followUp(q.lane, r, i, cut)
	default:
		w.finish(r, i, reply)
	}
}

// needsFollowUp reports whether a reply is truncated, or from a server without EDNS.
func needsFollowUp(c *transport.Query, reply []byte) bool {
	// the low octet of the question's count of additional records; the two of the reply's
	const edns, additional = 11, 10
	rcode := reply[3] & 0x0f
	return reply[2]&bitTC != 0 || c.Wire[edns] == 1 &&
		(rcode == dns.RcodeFormatError || rcode == dns.RcodeNotImplemented) && reply[additional]|reply[additional+1] == 0
}

// bitTC is the TC bit in the third octet of a reply.
const bitTC = 0x02

// followUp repeats a query over TCP or without EDNS. The query keeps its place in the mux's window, which bounds
// these goroutines and holds back the producer of names.
func (w *sweep) followUp(l *lane, r *SweepResult, i int, cut bool) {
	defer l.mux.Release()
	p, err := l.separate.acquire(w.ctx, "", w.wholeLane(l, cut))
	switch {
	case err == nil:
		w.querySeparately(l, p, r, i, func(q *question, x *exchange.Exchange) exchange.Outcome {
			if cut {
				return q.overTCP(w.ctx, x)
			}
			q.plain = true
			q.run(w.ctx, x)
			if x.Outcome.Conclusive() {
				l.plain.Store(true)
			}
			return x.Outcome
		})
	case cut && errors.Is(err, errSilent):
		r.Replies[i].Outcome, r.Replies[i].Err = exchange.Truncated, cutOff(err)
		w.done(r, i)
	default:
		r.Replies[i].Outcome, r.Replies[i].Err = rejection(err)
		w.done(r, i)
	}
}

// wholeLane is the scope of unanswered separate queries: the server, if it does not answer the control question in
// the same way either.
func (w *sweep) wholeLane(l *lane, overTCP bool) scope {
	return scope{
		key: scopeKey{name: transportName(l.server, overTCP)}, name: ". NS",
		control: func(ctx context.Context) bool {
			q := question{wire: w.wire, to: l.server, name: ".", rrtype: dns.TypeNS, flags: exchange.FlagRD}
			m, err := q.send(ctx, overTCP || l.server.Proto.Stream())
			return err == nil && m != nil
		},
	}
}

// sendSeparately queries a server without a mux on a goroutine, as soon as a slot is free.
func (w *sweep) sendSeparately(ctx context.Context, l *lane, r *SweepResult, i int) {
	p, err := l.separate.acquire(ctx, "", w.wholeLane(l, false))
	if err != nil {
		r.Replies[i].Outcome, r.Replies[i].Err = rejection(err)
		w.done(r, i)
		return
	}
	go w.querySeparately(l, p, r, i, func(q *question, x *exchange.Exchange) exchange.Outcome {
		if w.recorded() {
			*x = *w.dns(w.ctx, l.server, r.Name, w.opt.Type, exchange.FlagRD)
		} else {
			q.run(w.ctx, x)
		}
		return x.Outcome
	})
}

// querySeparately sends one query outside the mux, without cache or ledger. Its slot was acquired by the caller.
func (w *sweep) querySeparately(l *lane, p *place, r *SweepResult, i int,
	ask func(*question, *exchange.Exchange) exchange.Outcome,
) {
	reply := &r.Replies[i]
	start, took := time.Now(), exchange.Malformed
	reply.guard(func() {
		defer func() { p.release(took) }()
		x := &exchange.Exchange{Transport: transportName(l.server, false)}
		took = ask(&question{
			wire: w.wire, to: l.server, name: dns.Fqdn(r.Name), rrtype: w.opt.Type,
			flags: exchange.FlagRD,
		}, x)
		reply.transport = x.Transport
		reply.fill(x, r.Name, w.opt.Type)
	})
	reply.Took += time.Since(start)
	w.done(r, i)
}

// fail ends a query without an answer.
func (w *sweep) fail(r *SweepResult, i int, err error) {
	reply := &r.Replies[i]
	reply.Outcome, reply.Err = transport.Outcome(err)
	w.done(r, i)
}

// finish reads a complete reply.
func (w *sweep) finish(r *SweepResult, i int, wire []byte) {
	reply := &r.Replies[i]
	if !parseAddresses(reply, wire, r.Name, w.opt.Type) {
		parseMessage(reply, wire, r.Name, w.opt.Type)
	}
	w.done(r, i)
}

// done counts a reply that is complete, and passes on the result with its last one. The result is not the caller's any
// more.
func (w *sweep) done(r *SweepResult, i int) {
	if w.opt.Record {
		reply := &r.Replies[i]
		transport := reply.transport
		if transport == "" {
			transport = transportName(reply.Server, false)
		}
		w.ledger.Add(&exchange.Exchange{
			Kind: exchange.KindDNS, Host: reply.Server.Host, Addr: reply.Server.Addr, Transport: transport,
			Asked: r.Name + " " + exchange.TypeName(w.opt.Type), At: w.Now().Add(-reply.Took), Took: reply.Took,
			Outcome: reply.Outcome, Err: reply.Err, RD: true,
		})
	}
	if r.open.Add(-1) > 0 {
		return
	}
	w.emitMu.Lock()
	w.emit(r)
	w.emitMu.Unlock()
	w.used.Put(r)
	w.pending.Done()
}

// parseAddresses reads the most common replies without building a message. It returns false for all others, which
// parseMessage reads.
func parseAddresses(reply *SweepReply, wire []byte, name string, rrtype uint16) bool {
	values, ttl, ok := exchange.ReadAddresses(reply.Values[:0], wire, name, rrtype)
	if ok {
		reply.Values, reply.TTL, reply.Outcome, reply.Rcode = values, ttl, exchange.Answered, dns.RcodeSuccess
	}
	return ok
}

// parseMessage reads any reply.
func parseMessage(reply *SweepReply, wire []byte, name string, rrtype uint16) {
	reply.Values, reply.TTL = nil, 0
	reply.guard(func() {
		m, err := exchange.Unpack(wire)
		if err != nil {
			reply.Outcome, reply.Err = transport.Outcome(err)
			return
		}
		x := &exchange.Exchange{Msg: m}
		x.Outcome, x.Err = exchange.Judge(m, name, rrtype)
		reply.fill(x, name, rrtype)
	})
}

// fill sets the reply from an exchange.
func (r *SweepReply) fill(x *exchange.Exchange, name string, rrtype uint16) {
	r.Outcome, r.Err = x.Outcome, x.Err
	if x.Msg != nil {
		r.Rcode, r.EDE = x.Msg.Rcode, exchange.ExtendedError(x.Msg)
	}
	switch x.Outcome {
	case exchange.Answered:
		r.Values, r.TTL = x.Chase(name, rrtype)
	case exchange.NoData, exchange.NXDomain:
		r.TTL, _ = x.DenialTTL()
	}
}

// guard runs a reader; a parser that panics on hostile data fails only this query.
func (r *SweepReply) guard(read func()) {
	defer func() {
		if v := recover(); v != nil {
			r.Outcome, r.Values, r.Err = exchange.Malformed, nil, brokenReader(v)
		}
	}()
	read()
}
