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

// errSilent stands for a server that has left too many questions unanswered to be asked again.
var errSilent = errors.New("not asked again: it left earlier questions unanswered")

// streamBound is for a question over TCP, TLS or HTTPS: three round trips and a slow resolver.
const streamBound = 5 * time.Second

// Ask sends a question without recursion to an authoritative server.
func (s *Session) Ask(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, 0)
}

// AskSecure is Ask with the signatures (DO bit).
func (s *Session) AskSecure(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, exchange.FlagDO)
}

// Resolve sends a question to a resolver.
func (s *Session) Resolve(ctx context.Context, to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, exchange.FlagRD)
}

// ResolveUnchecked asks a resolver to leave DNSSEC out of it (CD bit).
func (s *Session) ResolveUnchecked(ctx context.Context, to exchange.Server, name string,
	rrtype uint16,
) *exchange.Exchange {
	return s.dns(ctx, to, name, rrtype, exchange.FlagRD|exchange.FlagCD)
}

// Sample asks a resolver the same question once more, from another port: a public resolver is many caches behind one
// address. Sample 0 is Resolve.
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

// exchange asks one server one question, when it is its turn.
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
	q.whole(ctx, x)
}

// question is one question to one server, in as many messages as it takes.
type question struct {
	wire   Transport
	to     exchange.Server
	name   string // absolute
	rrtype uint16
	flags  int
	plain  bool // without EDNS: the server has shown that it does not know it
}

// whole asks as the server is asked first, over UDP if it is not one behind a stream, and fetches a long answer over
// TCP.
func (q *question) whole(ctx context.Context, x *exchange.Exchange) {
	m, err := q.ask(ctx, q.to.Proto.Stream())
	if err != nil {
		x.Outcome, x.Err = q.failure(ctx, err)
		return
	}
	x.Msg = m
	if m.Truncated && !q.to.Proto.Stream() {
		q.rest(ctx, x)
		return
	}
	x.Outcome, x.Err = exchange.Judge(m, q.name, q.rrtype)
}

// rest fetches over TCP what was cut off over UDP; it tells how TCP went.
func (q *question) rest(ctx context.Context, x *exchange.Exchange) exchange.Outcome {
	m, err := q.ask(ctx, true)
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

func cutOff(err error) string { return "the answer was cut off, and by TCP: " + err.Error() }

// ask sends the question and reads the answer; once more without EDNS if the server does not know it (RFC 6891 7).
func (q *question) ask(ctx context.Context, stream bool) (*dns.Msg, error) {
	m, err := q.once(ctx, stream)
	if err == nil && !q.plain && unknownEDNS(m) {
		q.plain = true
		return q.once(ctx, stream)
	}
	return m, err
}

func unknownEDNS(m *dns.Msg) bool {
	return (m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented) && m.IsEdns0() == nil
}

// once sends the question once and reads the answer.
func (q *question) once(ctx context.Context, stream bool) (*dns.Msg, error) {
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

// failure is netOutcome for a question under ctx: what the end of ctx has cut short says nothing of the server.
func (q *question) failure(ctx context.Context, err error) (exchange.Outcome, string) {
	if ctx.Err() != nil {
		return exchange.NotAsked, transport.ErrNotAsked.Error()
	}
	return transport.Outcome(err)
}
