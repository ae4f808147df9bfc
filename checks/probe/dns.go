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

// errSilent is for a server that left too many queries unanswered to be asked again.
var errSilent = errors.New("not queried again: it left earlier queries unanswered")

// streamBound bounds a query over TCP, TLS or HTTPS: three round trips and a slow resolver.
const streamBound = 5 * time.Second

// Ask queries an authoritative server, without recursion.
func (s *Session) Ask(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, 0)
}

// AskSecure is Ask with signatures (DO bit).
func (s *Session) AskSecure(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, exchange.FlagDO)
}

// Resolve queries a resolver.
func (s *Session) Resolve(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, exchange.FlagRD)
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

func (s *Session) dns(ctx context.Context, to exchange.Server, name string, rrtype uint16,
	flags int,
) *exchange.Exchange {
	name = dns.CanonicalName(name)
	asked := exchange.Bare(name) + " " + dns.Type(rrtype).String()
	blank := exchange.Exchange{
		Kind: exchange.KindDNS, Host: to.Host, Addr: to.Addr, Transport: transportName(to, false), Asked: asked,
		RD: flags&exchange.FlagRD != 0, CD: flags&exchange.FlagCD != 0, DO: flags&exchange.FlagDO != 0,
	}
	if to.URL != "" {
		blank.Host = to.URL
	}
	key := exchange.QueryKey{
		Kind: exchange.KindDNS, Server: to.Key(), Asked: asked,
		Flags: flags,
	}
	return s.do(ctx, key, blank, func(ctx context.Context) *exchange.Exchange {
		x := blank
		s.exchange(ctx, &x, to, name, rrtype, flags)
		return &x
	})
}

// transportName names the protocol of one message to a server; stream is set for TCP after a truncated answer.
func transportName(to exchange.Server, stream bool) string {
	if stream && to.Proto == exchange.UDP {
		return exchange.TCP.String()
	}
	return to.Proto.String()
}

// exchange sends one query to one server, within its limits.
func (s *Session) exchange(ctx context.Context, x *exchange.Exchange, to exchange.Server, name string, rrtype uint16,
	flags int,
) {
	st := s.server(to.Addr.String() + to.URL)
	x.At = s.Now()
	if err := st.acquire(ctx); err != nil {
		x.Outcome, x.Err = st.rejection(err)
		return
	}
	x.At = s.Now()
	start := time.Now()
	defer func() {
		x.Took = time.Since(start)
		st.release(x.Outcome)
	}()
	q := question{wire: s.wire, to: to, name: name, rrtype: rrtype, flags: flags}
	q.run(ctx, x)
}

// question is one query to one server, which may take several messages.
type question struct {
	wire   Transport
	to     exchange.Server
	name   string // absolute
	rrtype uint16
	flags  int
	plain  bool // without EDNS: the server has shown that it does not know it
}

// run queries by the server's own protocol and retries over TCP if the answer was truncated.
func (q *question) run(ctx context.Context, x *exchange.Exchange) {
	m, err := q.send(ctx, q.to.Proto.Stream())
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

// overTCP retries over TCP and returns how that ended.
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
		ctx, cancel = context.WithTimeout(ctx, streamBound)
		defer cancel()
	}
	reply, err := q.wire.DNS(ctx, q.to, wire, stream)
	if err != nil {
		return nil, err
	}
	return exchange.Unpack(reply)
}

// failure is transport.Outcome for a query under ctx: one cut short by the end of ctx says nothing about the server.
func (q *question) failure(ctx context.Context, err error) (exchange.Outcome, string) {
	if ctx.Err() != nil {
		return exchange.NotAsked, transport.ErrNotAsked.Error()
	}
	return transport.Outcome(err)
}
