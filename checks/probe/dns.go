package probe

import (
	"context"
	"errors"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

const (
	typeA    = dns.TypeA
	typeAAAA = dns.TypeAAAA
)

// Bounds of a query over TCP, TLS or HTTPS: three round trips, and for a resolver the time that it may need to give
// up on the servers of a name (BIND: 10 s).
const (
	streamBound         = 5 * time.Second
	resolverStreamBound = transport.ResolverBound
)

// Ask queries an authoritative server, without recursion.
func (s *Session) Ask(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, 0)
}

// AskSecure is Ask with signatures (DO bit).
func (s *Session) AskSecure(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, exchange.FlagDO)
}

// AskMixed is AskSecure with every other letter of the name in upper case, as sent by resolvers that protect
// themselves against forged answers (0x20).
func (s *Session) AskMixed(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dnsAs(ctx, to, mixedCase(exchange.Bare(name)), rrtype, exchange.FlagDO)
}

func mixedCase(name string) string {
	b := []byte(name)
	upper := true
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			if upper {
				b[i] = c - 'a' + 'A'
			}
			upper = !upper
		}
	}
	return string(b)
}

// Resolve queries a resolver.
func (s *Session) Resolve(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, exchange.FlagRD)
}

// ResolveSecure is Resolve with signatures (DO bit): a validating resolver then reports by the AD bit that the answer
// is validated (RFC 6840 5.7).
func (s *Session) ResolveSecure(ctx context.Context, to exchange.Server, name string,
	rrtype uint16,
) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, exchange.FlagRD|exchange.FlagDO)
}

// ResolveUnchecked queries a resolver with DNSSEC validation disabled (CD bit).
func (s *Session) ResolveUnchecked(ctx context.Context, to exchange.Server, name string,
	rrtype uint16,
) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, exchange.FlagRD|exchange.FlagCD)
}

// Sample repeats a query to a resolver from another source port: a public resolver is many caches behind one address.
// Sample 0 is Resolve.
func (s *Session) Sample(ctx context.Context, to exchange.Server, name string, rrtype uint16,
	n int,
) *exchange.Exchange {
	to.Lane = n
	return s.dns(ctx, to, name, rrtype, exchange.FlagRD|n<<exchange.FlagSampleShift)
}

// Look repeats sample n later, from the same source port, for the round-th time. Wait between two looks with Pause.
func (s *Session) Look(ctx context.Context, to exchange.Server, name string, rrtype uint16,
	n, round int,
) *exchange.Exchange {
	to.Lane = n
	return s.dns(ctx, to, name, rrtype, exchange.FlagRD|(n+maxLanes*round)<<exchange.FlagSampleShift)
}

// maxLanes is more than the number of samples, so that each repetition is a separate query.
const maxLanes = 16

// Pause waits, except in a replay, or until the context ends.
func (s *Session) Pause(ctx context.Context, d time.Duration) {
	if s.opt.Replay != nil {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
}

func (s *Session) dns(ctx context.Context, to exchange.Server, name string, rrtype uint16,
	flags int,
) *exchange.Exchange {
	return s.dnsAs(ctx, to, exchange.Bare(name), rrtype, flags)
}

// dnsAs queries a name, without the final dot, in exactly this spelling.
func (s *Session) dnsAs(ctx context.Context, to exchange.Server, name string, rrtype uint16,
	flags int,
) *exchange.Exchange {
	key := dnsKey(to, name, rrtype, flags)
	if s.opt.Replay != nil {
		return s.replayed(key, blankDNS(to, name, rrtype, flags))
	}
	x := s.await(ctx, s.beginDNS(key, to))
	if x == nil {
		return s.notAsked(blankDNS(to, name, rrtype, flags))
	}
	return x
}

// Begun is a query that was begun.
type Begun struct {
	s      *Session
	to     exchange.Server
	name   string
	rrtype uint16
	flags  int
	known  pending
	x      *exchange.Exchange // of a replay
}

// Begin is Ask for a caller that waits later.
func (s *Session) Begin(ctx context.Context, to exchange.Server, name string, rrtype uint16) Begun {
	return s.beginAs(ctx, to, name, rrtype, 0)
}

// BeginSample is Sample for a caller that waits later.
func (s *Session) BeginSample(ctx context.Context, to exchange.Server, name string, rrtype uint16, n int) Begun {
	to.Lane = n
	return s.beginAs(ctx, to, name, rrtype, exchange.FlagRD|n<<exchange.FlagSampleShift)
}

func (s *Session) beginAs(ctx context.Context, to exchange.Server, name string, rrtype uint16, flags int) Begun {
	b := Begun{s: s, to: to, name: exchange.Bare(name), rrtype: rrtype, flags: flags}
	if s.opt.Replay != nil {
		b.x = s.dns(ctx, to, name, rrtype, flags)
	} else {
		b.known = s.beginDNS(dnsKey(to, b.name, rrtype, flags), to)
	}
	return b
}

// Wait returns the exchange once it is complete.
func (b *Begun) Wait(ctx context.Context) *exchange.Exchange {
	if b.x == nil {
		if b.x = b.s.await(ctx, b.known); b.x == nil {
			b.x = b.s.notAsked(blankDNS(b.to, b.name, b.rrtype, b.flags))
		}
	}
	return b.x
}

// WaitUntil is Wait until a channel is closed. The exchange is nil if that is earlier.
func (b *Begun) WaitUntil(ctx context.Context, end <-chan struct{}) *exchange.Exchange {
	if b.x == nil {
		select {
		case <-b.known.Done():
		case <-ctx.Done():
		case <-end:
			return nil
		}
	}
	return b.Wait(ctx)
}

// askBriefly is Ask. It returns nil if that takes longer; the query goes on.
func (s *Session) askBriefly(ctx context.Context, to exchange.Server, name string, rrtype uint16,
	longest time.Duration,
) *exchange.Exchange {
	b := s.Begin(ctx, to, name, rrtype)
	select {
	case <-b.known.Done():
		return b.Wait(ctx)
	default:
	}
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-b.known.Done():
	case <-ctx.Done():
	case <-timer.C:
		return nil
	}
	return b.Wait(ctx)
}

// askEach is Ask for several servers at once.
func (s *Session) askEach(ctx context.Context, servers []exchange.Server, name string,
	rrtype uint16,
) []*exchange.Exchange {
	out := make([]*exchange.Exchange, len(servers))
	if s.opt.Replay != nil {
		for i, to := range servers {
			out[i] = s.Ask(ctx, to, name, rrtype)
		}
		return out
	}
	name = exchange.Bare(name)
	var few [8]pending
	begun := append(few[:0], make([]pending, len(servers))...)
	for i, to := range servers {
		begun[i] = s.beginDNS(dnsKey(to, name, rrtype, 0), to)
	}
	for i, to := range servers {
		if out[i] = s.await(ctx, begun[i]); out[i] == nil {
			out[i] = s.notAsked(blankDNS(to, name, rrtype, 0))
		}
	}
	return out
}

// dnsKey is the key of a query for a name, without the final dot.
func dnsKey(to exchange.Server, name string, rrtype uint16, flags int) exchangeKey {
	return exchangeKey{
		QueryKey: exchange.QueryKey{Kind: exchange.KindDNS, Server: to.URL, Asked: name, Flags: flags},
		addr:     to.Addr, proto: to.Proto, rrtype: rrtype,
	}
}

// beginDNS begins the query of a key, unless it is known.
func (s *Session) beginDNS(key exchangeKey, to exchange.Server) pending {
	begun, fresh := s.exchanges.Reserve(key)
	switch {
	case !fresh:
	case s.live != nil && to.Proto == exchange.UDP && s.opt.Record == nil:
		s.ask(key, to, begun)
	default:
		s.run(begun, key, blankDNS(to, key.Asked, key.rrtype, key.Flags),
			func(ctx context.Context, x *exchange.Exchange) {
				s.exchange(ctx, x, &question{wire: s.wire, to: to, name: key.Asked, rrtype: key.rrtype, flags: key.Flags})
			})
	}
	return begun
}

// blankDNS is the exchange of a query that was not sent yet.
func blankDNS(to exchange.Server, name string, rrtype uint16, flags int) exchange.Exchange {
	x := exchange.Exchange{
		Kind: exchange.KindDNS, Host: to.Host, Addr: to.Addr, Transport: transportName(to, false),
		Asked: askedText(name, rrtype),
		RD:    flags&exchange.FlagRD != 0, CD: flags&exchange.FlagCD != 0, DO: flags&exchange.FlagDO != 0,
	}
	if to.URL != "" {
		x.Host = to.URL
	}
	return x
}

// askedText is the text of a question: "shop.example.com CNAME".
func askedText(name string, rrtype uint16) string {
	return name + " " + dns.Type(rrtype).String()
}

// transportName names the protocol of one message to a server; stream is set for TCP after a truncated answer.
func transportName(to exchange.Server, stream bool) string {
	if stream && to.Proto == exchange.UDP {
		return exchange.TCP.String()
	}
	return to.Proto.String()
}

// exchange sends one query to one server, within its limits.
func (s *Session) exchange(ctx context.Context, x *exchange.Exchange, q *question) {
	x.At = s.Now()
	st := s.server(dnsServerKey(q.to))
	queue, scopes := q.scopes()
	p, err := st.acquire(ctx, queue, scopes...)
	if err != nil {
		x.Outcome, x.Err = rejection(err)
		return
	}
	x.At = s.Now()
	start := time.Now()
	defer func() {
		x.Took = time.Since(start)
		p.release(x.Outcome)
	}()
	if !q.recursive() {
		q.run(ctx, x)
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(slowAfter, func() {
		if !st.alive(ctx, scopes[0], start) { // the delay is not specific to this name
			cancel(transport.ErrTimeout)
		}
	})
	defer watch.Stop()
	q.run(ctx, x)
}

// scopes returns the scopes of a query that gets no answer, and the queue in which it waits. At a resolver the scopes
// are the query itself, as each type and name leads to different servers, and the whole resolver only if the control
// question fails too. At an authoritative server the scope is the zone.
func (q *question) scopes() (queue string, scopes []scope) {
	if q.recursive() {
		whole := wholeServer(q.wire, q.to)
		if whole.isControl = q.aboutRoot(); whole.isControl {
			return "", []scope{whole}
		}
		return q.name, []scope{whole, {key: q.scopeKey()}}
	}
	zone := q.zone()
	control := question{wire: q.wire, to: q.to, name: exchange.Bare(zone), rrtype: dns.TypeNS}
	return "", []scope{{
		key: q.scopeKey(), name: control.name + " NS", control: control.answered,
		isControl: q.name == control.name && (q.rrtype == dns.TypeNS || q.rrtype == dns.TypeSOA),
		repeat:    *q,
	}}
}

// answered sends a question and reports whether an answer came. It outlives the diagnosis, so that it must not hold
// its session.
func (q question) answered(ctx context.Context) bool {
	var x exchange.Exchange
	q.run(ctx, &x)
	return x.Msg != nil || x.Outcome == exchange.Malformed
}

// wholeServer is the scope of a resolver as a whole. Every resolver has the servers of the root.
func wholeServer(wire Transport, to exchange.Server) scope {
	root := question{wire: wire, to: to, name: ".", rrtype: dns.TypeNS, flags: exchange.FlagRD}
	return scope{name: ". NS", control: root.answered}
}

// question is one query to one server, which may take several messages.
type question struct {
	wire   Transport
	to     exchange.Server
	name   string // without the final dot
	rrtype uint16
	flags  int
	plain  bool // without EDNS, which the server does not support
}

// run queries by the server's own protocol and retries over TCP if the answer was truncated.
func (q *question) run(ctx context.Context, x *exchange.Exchange) {
	m, err := q.send(ctx, q.to.Proto.Stream())
	q.settle(ctx, x, m, err)
}

// settle reads the answer to the first message.
func (q *question) settle(ctx context.Context, x *exchange.Exchange, m *dns.Msg, err error) {
	if err != nil {
		x.Outcome, x.Err = q.failure(ctx, err)
		return
	}
	x.Msg = m
	if m.Truncated && !q.to.Proto.Stream() {
		q.overTCP(ctx, x)
		return
	}
	x.Outcome, x.Err = exchange.Judge(m, q.name, q.rrtype)
}

// overTCP retries over TCP and returns the outcome.
func (q *question) overTCP(ctx context.Context, x *exchange.Exchange) exchange.Outcome {
	m, err := q.send(ctx, true)
	if err != nil {
		o, why := q.failure(ctx, err)
		if x.Outcome, x.Err = o, why; o != exchange.NotAsked {
			x.Outcome, x.Err = exchange.Truncated, cutOff(err)
		}
		return o
	}
	x.Transport, x.Msg = exchange.TCP.String(), m
	x.Outcome, x.Err = exchange.Judge(m, q.name, q.rrtype)
	return x.Outcome
}

func cutOff(err error) string { return "the answer was truncated, and over TCP: " + err.Error() }

// send sends the query, and again without EDNS if the server does not support it (RFC 6891 7).
func (q *question) send(ctx context.Context, stream bool) (*dns.Msg, error) {
	m, err := q.sendOnce(ctx, stream)
	if err == nil && !q.plain && unknownEDNS(m) {
		q.plain = true
		return q.sendOnce(ctx, stream)
	}
	return m, err
}

func unknownEDNS(m *dns.Msg) bool {
	return (m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented) && m.IsEdns0() == nil
}

// sendOnce sends the query once and reads the answer.
func (q *question) sendOnce(ctx context.Context, stream bool) (*dns.Msg, error) {
	wire, _, err := exchange.PackQuestion(q.name, q.rrtype, q.flags, !q.plain)
	if err != nil {
		return nil, err
	}
	if stream {
		var cancel context.CancelFunc
		bound := streamBound
		if q.flags&exchange.FlagRD != 0 {
			bound = resolverStreamBound
		}
		ctx, cancel = context.WithTimeout(ctx, bound)
		defer cancel()
	}
	reply, err := q.wire.DNS(ctx, q.to, wire, stream)
	if err != nil {
		return nil, err
	}
	return exchange.Unpack(reply)
}

// failure is transport.Outcome for a query under ctx: one cut short by the end of ctx says nothing about the server,
// unless that ended because the server is silent.
func (q *question) failure(ctx context.Context, err error) (exchange.Outcome, string) {
	if cause := context.Cause(ctx); errors.Is(cause, transport.ErrTimeout) {
		return transport.Outcome(cause)
	}
	// a connection may notice the deadline before the context does
	if end, ok := ctx.Deadline(); ctx.Err() != nil || ok && !time.Now().Before(end) {
		return exchange.NotAsked, transport.ErrNotAsked.Error()
	}
	return transport.Outcome(err)
}
