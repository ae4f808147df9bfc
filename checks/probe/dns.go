package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	typeA    = dns.TypeA
	typeAAAA = dns.TypeAAAA

	// ednsSize is the size of a UDP answer that passes every path without fragments (DNS flag day 2020).
	ednsSize = 1232
)

// errSilent stands for a server that has left too many questions unanswered to be asked again.
var errSilent = errors.New("not asked again: it left earlier questions unanswered")

// Flags of a question. The number of a sample stands above them, so that each sample is a question of its own.
const (
	flagRD = 1 << iota
	flagCD
	flagDO
	flagSampleShift = iota
)

// The bounds of one question over UDP, try by try. Resolvers get longer, since they may have to ask others first.
var (
	authorityTries = []time.Duration{700 * time.Millisecond, 1300 * time.Millisecond, 2 * time.Second}
	resolverTries  = []time.Duration{2 * time.Second, 3 * time.Second}
)

// streamBound is for a question over TCP, TLS or HTTPS: three round trips and a slow resolver.
const streamBound = 5 * time.Second

// Ask sends a question without recursion to an authoritative server.
func (s *Session) Ask(ctx context.Context, to Server, name string, rrtype uint16) *Exchange {
	return s.dns(ctx, to, name, rrtype, 0)
}

// AskSecure is Ask with the signatures (DO bit).
func (s *Session) AskSecure(ctx context.Context, to Server, name string, rrtype uint16) *Exchange {
	return s.dns(ctx, to, name, rrtype, flagDO)
}

// Resolve sends a question to a resolver.
func (s *Session) Resolve(ctx context.Context, to Server, name string, rrtype uint16) *Exchange {
	return s.dns(ctx, to, name, rrtype, flagRD)
}

// ResolveUnchecked asks a resolver to leave DNSSEC out of it (CD bit).
func (s *Session) ResolveUnchecked(ctx context.Context, to Server, name string, rrtype uint16) *Exchange {
	return s.dns(ctx, to, name, rrtype, flagRD|flagCD)
}

// Sample asks a resolver the same question once more, from another port: a public resolver is many caches behind one
// address. Sample 0 is Resolve.
func (s *Session) Sample(ctx context.Context, to Server, name string, rrtype uint16, n int) *Exchange {
	to.lane = n
	return s.dns(ctx, to, name, rrtype, flagRD|n<<flagSampleShift)
}

func (s *Session) dns(ctx context.Context, to Server, name string, rrtype uint16, flags int) *Exchange {
	name = dns.CanonicalName(name)
	asked := Bare(name) + " " + dns.Type(rrtype).String()
	blank := Exchange{
		Kind: KindDNS, Host: to.Host, Addr: to.Addr, Transport: transportName(to, false), Asked: asked,
		RD: flags&flagRD != 0, CD: flags&flagCD != 0, DO: flags&flagDO != 0,
	}
	if to.URL != "" {
		blank.Host = to.URL
	}
	key := memoKey{kind: KindDNS, server: to.Addr.String() + to.Proto + to.URL, asked: asked, flags: flags}
	return s.do(ctx, key, blank, func(ctx context.Context) *Exchange {
		x := blank
		s.exchange(ctx, &x, to, name, rrtype, flags)
		return &x
	})
}

// splitAsked takes the text of a DNS question apart. A name may hold blanks (CNAME targets do, to fool somebody); a
// type has none.
func splitAsked(asked string) (name, rrtype string) {
	i := strings.LastIndexByte(asked, ' ')
	return asked[:max(i, 0)], asked[i+1:]
}

func transportName(to Server, stream bool) string {
	switch {
	case to.Proto != "":
		return to.Proto
	case stream:
		return "tcp"
	}
	return "udp"
}

// exchange asks one server one question, when it is its turn.
func (s *Session) exchange(ctx context.Context, x *Exchange, to Server, name string, rrtype uint16, flags int) {
	st := s.server(to.Addr.String() + to.URL)
	x.At = s.Now()
	if err := st.enter(ctx); err != nil {
		x.Outcome, x.Err = st.refused(err)
		return
	}
	x.At = s.Now()
	start := time.Now()
	defer func() {
		x.Took = time.Since(start)
		st.leave(x.Outcome)
	}()
	q := question{wire: s.wire, to: to, name: name, rrtype: rrtype, flags: flags}
	q.whole(ctx, x)
}

// question is one question to one server, in as many messages as it takes.
type question struct {
	wire   Transport
	to     Server
	name   string // absolute
	rrtype uint16
	flags  int
	plain  bool // without EDNS: the server has shown that it does not know it
}

// whole asks as the server is asked first, over UDP if it is not one behind a stream, and fetches a long answer over
// TCP.
func (q *question) whole(ctx context.Context, x *Exchange) {
	m, err := q.ask(ctx, q.to.Proto != "")
	if err != nil {
		x.Outcome, x.Err = q.failure(ctx, err)
		return
	}
	x.Msg = m
	if m.Truncated && q.to.Proto == "" {
		q.rest(ctx, x)
		return
	}
	x.Outcome, x.Err = judge(m, q.name, q.rrtype)
}

// rest fetches over TCP what was cut off over UDP; it tells how TCP went.
func (q *question) rest(ctx context.Context, x *Exchange) Outcome {
	m, err := q.ask(ctx, true)
	if err != nil {
		o, why := q.failure(ctx, err)
		if x.Outcome, x.Err = o, why; o != NotAsked {
			x.Outcome, x.Err = Truncated, cutOff(err)
		}
		return o
	}
	x.Transport, x.Msg = "tcp", m
	x.Outcome, x.Err = judge(m, q.name, q.rrtype)
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
	wire, _, err := pack(q.name, q.rrtype, q.flags, !q.plain)
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
	return unpack(reply)
}

// failure is netOutcome for a question under ctx: what the end of ctx has cut short says nothing of the server.
func (q *question) failure(ctx context.Context, err error) (Outcome, string) {
	if ctx.Err() != nil {
		return NotAsked, errNotAsked.Error()
	}
	return netOutcome(err)
}

// pack writes a question without building a message first; qend is where its question section ends. The id is the
// transport's business.
func pack(name string, rrtype uint16, flags int, edns bool) (wire []byte, qend int, err error) {
	const header, most, fixed, opt = 12, 255, 4, 11 // octets; a name has at most 255 (RFC 1035 2.3.4)
	if len(name) > 4*most {                         // each octet escaped: \DDD
		return nil, 0, fmt.Errorf("%w: its name is too long", errNoQuestion)
	}
	name = dns.Fqdn(name)
	wire = make([]byte, header+len(name)+1+fixed+opt)
	off, err := dns.PackDomainName(name, wire, header, nil, false)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", errNoQuestion, err)
	}
	if off-header > most { // servers drop it, and silence would be held against them
		return nil, 0, fmt.Errorf("%w: its name has %d octets, and %d are allowed (RFC 1035 2.3.4)", errNoQuestion,
			off-header, most)
	}
	wire[5] = 1 // one question
	if flags&flagRD != 0 {
		wire[2] |= 1
	}
	if flags&flagCD != 0 {
		wire[3] |= 0x10
	}
	wire = append(wire[:off], byte(rrtype>>8), byte(rrtype), 0, dns.ClassINET)
	qend = len(wire)
	if !edns {
		return wire, qend, nil
	}
	wire[11] = 1 // one additional record: OPT
	var do byte
	if flags&flagDO != 0 {
		do = 0x80
	}
	return append(wire, 0, 0, byte(dns.TypeOPT), ednsSize>>8, ednsSize&0xff, 0, 0, do, 0, 0, 0), qend, nil
}

var errNoQuestion = errors.New("no such question can be asked")

// netOutcome names a failure: silence, refusal by the network, and nonsense are three different things.
func netOutcome(err error) (Outcome, string) {
	var ne net.Error
	switch {
	case errors.Is(err, errMismatch), errors.Is(err, errOtherID), errors.Is(err, errUnreadable),
		errors.Is(err, errNoQuestion):
		return Malformed, err.Error()
	case errors.Is(err, errPipeEnded), errors.Is(err, errNotAsked), errors.Is(err, context.Canceled):
		return NotAsked, "the run has ended"
	case errors.Is(err, errTimeout), errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		return Timeout, "no answer in time"
	}
	return Unreachable, plainNetError(err)
}

// plainNetError drops the addresses and system calls that Go puts before the reason.
func plainNetError(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		err = op.Err
	}
	s := err.Error()
	for _, prefix := range []string{
		"connect: ", "read: ", "write: ", "recvmsg: ", "sendmsg: ", "recvmmsg: ",
		"sendmmsg: ",
	} {
		s = strings.TrimPrefix(s, prefix)
	}
	return s
}

// TypeName writes a record type as in a zone file ("CNAME", "TYPE65280").
func TypeName(t uint16) string { return dns.Type(t).String() }

// ParseType reads a record type ("cname", "TYPE257"). It refuses what is not a type of data: OPT, TSIG, AXFR, ANY and
// the like (RFC 6895 3.1).
func ParseType(s string) (uint16, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	t, ok := dns.StringToType[s]
	if !ok {
		if _, err := fmt.Sscanf(s, "TYPE%d", &t); err != nil || fmt.Sprintf("TYPE%d", t) != s {
			return 0, fmt.Errorf("%q is not a record type; use A, AAAA, CNAME, TXT, MX, NS, CAA or another", s)
		}
	}
	if t == dns.TypeNone || t == dns.TypeOPT || t >= 128 && t <= 255 || t == dns.TypeReserved {
		return 0, fmt.Errorf(
			"%s is not a type of record that can be looked up; use A, AAAA, CNAME, TXT, MX, NS, CAA or another", s)
	}
	return t, nil
}
