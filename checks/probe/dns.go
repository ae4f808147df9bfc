package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
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

// Flags of a question.
const (
	flagRD = 1 << iota
	flagCD
	flagDO
	flagFresh // ask although the same question was answered before; the number of the sample is added above it
	flagSampleShift
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

// Sample asks a resolver the same question once more: a public resolver is many caches behind one address. Sample 0 is Resolve.
func (s *Session) Sample(ctx context.Context, to Server, name string, rrtype uint16, n int) *Exchange {
	flags := flagRD
	if n > 0 {
		flags |= flagFresh | n<<flagSampleShift
	}
	return s.dns(ctx, to, name, rrtype, flags)
}

func (s *Session) dns(ctx context.Context, to Server, name string, rrtype uint16, flags int) *Exchange {
	name = dns.CanonicalName(name)
	asked := Bare(name) + " " + dns.Type(rrtype).String()
	blank := Exchange{Kind: KindDNS, Host: to.Host, Addr: to.Addr, Transport: transportName(to, false), Asked: asked, RD: flags&flagRD != 0, CD: flags&flagCD != 0}
	if to.URL != "" {
		blank.Host = to.URL
	}
	key := memoKey{kind: KindDNS, server: to.Addr.String() + to.Proto + to.URL, asked: asked, flags: uint16(flags)}
	return s.do(ctx, key, blank, func(ctx context.Context) *Exchange {
		x := blank
		s.exchange(ctx, &x, to, name, rrtype, flags)
		return &x
	})
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

// exchange asks over UDP, falls back to TCP for a truncated answer, and leaves EDNS out for servers that do not know it.
func (s *Session) exchange(ctx context.Context, x *Exchange, to Server, name string, rrtype uint16, flags int) {
	st := s.server(to.Addr.String() + to.URL)
	x.At = s.Now()
	start := time.Now()
	if err := st.enter(ctx); err != nil {
		x.Outcome, x.Err = st.refused(err)
		return
	}
	x.At = s.Now()
	start = time.Now()
	defer func() {
		x.Took = time.Since(start)
		st.leave(x.Outcome)
	}()

	stream := to.Proto != ""
	for _, edns := range []bool{true, false} {
		m, err := s.once1(ctx, x, to, name, rrtype, flags, edns, stream)
		if err != nil {
			x.Outcome, x.Err = netOutcome(err)
			return
		}
		x.Msg = m
		if edns && (m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeBadVers || m.Rcode == dns.RcodeNotImplemented) && m.IsEdns0() == nil {
			continue // an old server that does not know EDNS (RFC 6891 7)
		}
		break
	}
	if x.Msg.Truncated && !stream {
		x.Transport = "tcp"
		m, err := s.once1(ctx, x, to, name, rrtype, flags, true, true)
		if err != nil {
			x.Transport, x.Outcome, x.Err = "udp", Truncated, "the answer was cut off, and by TCP: "+err.Error()
			return
		}
		x.Msg = m
	}
	keepClass(x.Msg)
	x.Outcome = classify(x.Msg, name, rrtype)
}

// once1 sends the question once and reads the answer.
func (s *Session) once1(ctx context.Context, x *Exchange, to Server, name string, rrtype uint16, flags int, edns, stream bool) (*dns.Msg, error) {
	q := new(dns.Msg)
	q.SetQuestion(name, rrtype)
	q.RecursionDesired = flags&flagRD != 0
	q.CheckingDisabled = flags&flagCD != 0
	if edns {
		q.SetEdns0(ednsSize, flags&flagDO != 0)
	}
	wire, err := q.Pack()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoQuestion, err)
	}
	if stream {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, streamBound)
		defer cancel()
	}
	reply, err := s.wire.DNS(ctx, to, wire, stream)
	if err != nil {
		return nil, err
	}
	m := new(dns.Msg)
	if err := m.Unpack(reply); err != nil {
		return nil, fmt.Errorf("%w: %w", errMismatch, err)
	}
	return m, nil
}

var errNoQuestion = errors.New("no such question can be asked")

// netOutcome names a failure: silence, refusal by the network, and nonsense are three different things.
func netOutcome(err error) (Outcome, string) {
	var ne net.Error
	switch {
	case errors.Is(err, errMismatch), errors.Is(err, errNoQuestion):
		return Malformed, err.Error()
	case errors.Is(err, errPipeEnded), errors.Is(err, context.Canceled):
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
	for _, prefix := range []string{"connect: ", "read: ", "write: ", "recvmsg: ", "sendmsg: ", "recvmmsg: ", "sendmmsg: "} {
		s = strings.TrimPrefix(s, prefix)
	}
	return s
}

// keepClass drops records of other classes than IN: they answer nothing that we ask.
func keepClass(m *dns.Msg) {
	for _, section := range []*[]dns.RR{&m.Answer, &m.Ns} {
		kept := (*section)[:0]
		for _, rr := range *section {
			if rr.Header().Class == dns.ClassINET {
				kept = append(kept, rr)
			}
		}
		*section = kept
	}
}

func classify(m *dns.Msg, name string, rrtype uint16) Outcome {
	for _, rr := range m.Answer {
		if sameName(rr.Header().Name, name) && (rr.Header().Rrtype == rrtype || rr.Header().Rrtype == dns.TypeCNAME || rrtype == dns.TypeANY) {
			return Answered // even with NXDOMAIN: then a CNAME is here, and its target is not
		}
		if rr.Header().Rrtype == dns.TypeDNAME && dns.IsSubDomain(rr.Header().Name, name) {
			return Answered
		}
	}
	switch m.Rcode {
	case dns.RcodeSuccess:
	case dns.RcodeNameError:
		return NXDomain
	case dns.RcodeRefused:
		return Refused
	case dns.RcodeServerFailure:
		return ServFail
	default:
		return OtherRcode
	}
	if !m.Authoritative {
		ns, soa := false, false
		for _, rr := range m.Ns {
			ns = ns || rr.Header().Rrtype == dns.TypeNS
			soa = soa || rr.Header().Rrtype == dns.TypeSOA
		}
		if ns && !soa {
			return Referral
		}
	}
	return NoData
}

func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// AA tells whether the answer came with authority.
func (x *Exchange) AA() bool { return x.Msg != nil && x.Msg.Authoritative }

// Records returns the answer's records of one owner and type: what follows a CNAME belongs to its target, not to the owner.
func (x *Exchange) Records(owner string, rrtype uint16) []dns.RR {
	if x == nil || x.Msg == nil {
		return nil
	}
	var out []dns.RR
	for _, rr := range x.Msg.Answer {
		if rr.Header().Rrtype == rrtype && sameName(rr.Header().Name, owner) {
			out = append(out, rr)
		}
	}
	return out
}

// Values returns the data of Records as text.
func (x *Exchange) Values(owner string, rrtype uint16) []string {
	var out []string
	for _, rr := range x.Records(owner, rrtype) {
		out = append(out, RData(rr))
	}
	return out
}

// CNAME returns the target of the owner's CNAME in the answer; empty where there is none.
func (x *Exchange) CNAME(owner string) string {
	for _, rr := range x.Records(owner, dns.TypeCNAME) {
		return Bare(rr.(*dns.CNAME).Target)
	}
	return ""
}

// SOA returns the SOA in the authority section of a negative answer.
func (x *Exchange) SOA() *dns.SOA {
	if x == nil || x.Msg == nil {
		return nil
	}
	for _, rr := range x.Msg.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return soa
		}
	}
	return nil
}

// NegativeTTL is how many seconds more the answer's denial may be remembered: the smaller of the SOA's TTL and its MINIMUM (RFC 2308 5). In a
// resolver's answer the TTL counts down, so it is the time that remains.
func (x *Exchange) NegativeTTL() (uint32, bool) {
	soa := x.SOA()
	if soa == nil {
		return 0, false
	}
	return min(soa.Hdr.Ttl, soa.Minttl), true
}

// addrs are the addresses in an answer, wherever a CNAME led.
func addrs(x *Exchange) []netip.Addr {
	if x == nil || x.Msg == nil {
		return nil
	}
	var out []netip.Addr
	for _, rr := range x.Msg.Answer {
		switch rr := rr.(type) {
		case *dns.A:
			if a, ok := netip.AddrFromSlice(rr.A); ok {
				out = append(out, a.Unmap())
			}
		case *dns.AAAA:
			if a, ok := netip.AddrFromSlice(rr.AAAA); ok {
				out = append(out, a)
			}
		}
	}
	return out
}

// TypeName writes a record type as in a zone file ("CNAME", "TYPE65280").
func TypeName(t uint16) string { return dns.Type(t).String() }

// ParseType reads a record type ("cname", "TYPE257").
func ParseType(s string) (uint16, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if t, ok := dns.StringToType[s]; ok {
		switch t {
		case dns.TypeNone, dns.TypeReserved, dns.TypeOPT, dns.TypeTSIG, dns.TypeAXFR, dns.TypeIXFR, dns.TypeANY, dns.TypeMAILA, dns.TypeMAILB:
			return 0, fmt.Errorf("%s is not a type of record that can be looked up; use A, AAAA, CNAME, TXT, MX, NS, CAA or another", s)
		}
		return t, nil
	}
	var n uint16
	if _, err := fmt.Sscanf(s, "TYPE%d", &n); err == nil && fmt.Sprintf("TYPE%d", n) == s && n > 0 {
		return n, nil
	}
	return 0, fmt.Errorf("%q is not a record type; use A, AAAA, CNAME, TXT, MX, NS, CAA or another", s)
}
