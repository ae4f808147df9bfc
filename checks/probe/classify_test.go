package probe

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// randomReply makes a reply such as servers send: mostly addresses of the name, with letters in any case, CNAMEs,
// other classes, other owners, denials.
func randomReply(r *rand.Rand, name string, rrtype uint16) *dns.Msg {
	m := new(dns.Msg)
	m.SetQuestion(name+".", rrtype)
	m.Response, m.Authoritative, m.Compress = true, r.IntN(2) == 0, r.IntN(2) == 0
	if r.IntN(4) == 0 {
		m.Rcode = []int{
			dns.RcodeNameError, dns.RcodeServerFailure, dns.RcodeRefused, dns.RcodeSuccess,
			dns.RcodeFormatError,
		}[r.IntN(5)]
	}
	owners := []string{name + ".", strings.ToUpper(name) + ".", "www." + name + ".", "other.example."}
	plain := r.IntN(2) == 0 // nothing but addresses of the name
	for range r.IntN(5) {
		owner := owners[r.IntN(2)]
		if !plain {
			owner = owners[r.IntN(len(owners))]
		}
		hdr := dns.RR_Header{Name: owner, Class: dns.ClassINET, Ttl: uint32(r.IntN(1000))}
		if !plain && r.IntN(6) == 0 {
			hdr.Class = dns.ClassCHAOS
		}
		what := rrtype
		if !plain {
			what = []uint16{rrtype, dns.TypeA, dns.TypeAAAA, dns.TypeCNAME, dns.TypeTXT}[r.IntN(5)]
		}
		hdr.Rrtype = what
		switch what {
		case dns.TypeA:
			m.Answer = append(m.Answer, &dns.A{Hdr: hdr, A: net.IPv4(192, 0, 2, byte(r.IntN(4)))})
		case dns.TypeAAAA:
			m.Answer = append(m.Answer, &dns.AAAA{
				Hdr: hdr,
				AAAA: netip.MustParseAddr([]string{
					"2001:db8::1", "2001:db8::2", "::ffff:192.0.2.1",
					"::",
				}[r.IntN(4)]).AsSlice(),
			})
		case dns.TypeCNAME:
			m.Answer = append(m.Answer, &dns.CNAME{Hdr: hdr, Target: owners[r.IntN(len(owners))]})
		default:
			m.Answer = append(m.Answer, &dns.TXT{Hdr: hdr, Txt: []string{"a", "b"}})
		}
	}
	if r.IntN(3) == 0 {
		m.Ns = append(m.Ns, &dns.SOA{Hdr: dns.RR_Header{
			Name: "example.", Rrtype: dns.TypeSOA, Class: dns.ClassINET,
			Ttl: 300,
		}, Ns: "a.", Mbox: "b.", Minttl: uint32(r.IntN(900))})
	}
	if r.IntN(2) == 0 {
		m.SetEdns0(1232, false)
	}
	return m
}

// TestQuickIsSlow: the sweep's quick way of reading says the same as the slow one wherever it says anything.
func TestQuickIsSlow(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	quickly := 0
	for range 30_000 {
		rrtype := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeTXT}[r.IntN(3)]
		m := randomReply(r, "shop.example", rrtype)
		wire, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		var q, s SweepReply
		parseMessage(&s, wire, "shop.example", rrtype)
		if !parseAddresses(&q, wire, "shop.example", rrtype) {
			continue
		}
		quickly++
		if !reflect.DeepEqual(q, s) {
			t.Fatalf("quick %+v\nslow  %+v\nof %v", q, s, m)
		}
	}
	if quickly < 3000 {
		t.Errorf("only %d replies were read quickly", quickly)
	}
}

// TestRepeatedValues: a server that sends a record twice has sent it once (RFC 2181 5), whichever way it is read.
func TestRepeatedValues(t *testing.T) {
	t.Parallel()
	q := new(dns.Msg).SetQuestion("shop.example.", dns.TypeA)
	a, b := "shop.example. 60 A 192.0.2.1", "shop.example. 60 A 192.0.2.2"
	for _, lines := range [][]string{{a, a}, {a, b, a}} {
		wire, _ := exchangetest.Reply(q, lines...).Pack()
		var x, y SweepReply
		parseAddresses(&x, wire, "shop.example", dns.TypeA)
		parseMessage(&y, wire, "shop.example", dns.TypeA)
		want := slices.Compact(slices.Sorted(slices.Values(x.Values)))
		if !slices.Equal(x.Values, y.Values) || len(x.Values) != len(want) {
			t.Errorf("quick %v, slow %v", x.Values, y.Values)
		}
	}
}

func TestChase(t *testing.T) {
	t.Parallel()
	long := []string{}
	for i := range 20 {
		long = append(long, fmt.Sprintf("c%d.example. %d CNAME c%d.example.", i, 100-i, i+1))
	}
	long = append(long, "c20.example. 300 A 192.0.2.1")
	for _, tt := range []struct {
		name, asked string
		lines       []string
		want        string
		ttl         uint32
	}{
		{
			"the name's own", "a.example",
			[]string{"a.example. 60 A 192.0.2.1", "a.example. 50 A 192.0.2.2"},
			"[192.0.2.1 192.0.2.2]", 50,
		},
		{
			"through a CNAME", "a.example",
			[]string{"a.example. 30 CNAME B.example.", "b.example. 60 A 192.0.2.1"},
			"[192.0.2.1]", 30,
		},
		{"in any order", "a.example", []string{
			"c.example. 60 A 192.0.2.1", "b.example. 20 CNAME c.example.",
			"a.example. 30 CNAME b.example.",
		}, "[192.0.2.1]", 20},
		{"a loop", "a.example", []string{"a.example. 30 CNAME b.example.", "b.example. 30 CNAME a.example."}, "[]", 0},
		{"a loop of one", "a.example", []string{"a.example. 30 CNAME A.example."}, "[]", 0},
		{"sixteen CNAMEs", "c4.example", long, "[192.0.2.1]", 81},
		{"two CNAMEs at one name", "a.example", []string{
			"a.example. 30 CNAME c.example.", "a.example. 30 CNAME b.example.",
			"b.example. 60 A 192.0.2.1", "c.example. 60 A 192.0.2.2",
		}, "[192.0.2.1]", 30},
		{"two CNAMEs in the other order", "a.example", []string{
			"a.example. 30 CNAME b.example.", "a.example. 30 CNAME c.example.",
			"b.example. 60 A 192.0.2.1", "c.example. 60 A 192.0.2.2",
		}, "[192.0.2.1]", 30},
		{"too long", "c3.example", long, "[]", 0},
		{"records of others", "a.example", []string{"b.example. 60 A 192.0.2.1"}, "[]", 0},
		{"nothing", "a.example", nil, "[]", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := &exchange.Exchange{Msg: exchangetest.Reply(new(dns.Msg).SetQuestion("a.example.", dns.TypeA), tt.lines...)}
			if got, ttl := x.Chase(tt.asked, dns.TypeA); fmt.Sprint(got) != tt.want || ttl != tt.ttl {
				t.Errorf("%v, TTL %d", got, ttl)
			}
		})
	}
	var none *exchange.Exchange
	if got, _ := none.Chase("a", 1); got != nil {
		t.Error("values out of nothing")
	}
}

// canned is a transport that gives one reply to everything.
type canned struct {
	*transport.Live
	reply []byte
}

func (c canned) DNS(context.Context, exchange.Server, []byte, bool) ([]byte, error) {
	return c.reply, nil
}

// FuzzClassify reads raw replies in each of the three ways: quickly, slowly, and as an exchange. None may break, and
// what is shown must be harmless.
func FuzzClassify(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 40 {
		rrtype := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeCNAME}[i%4]
		wire, _ := randomReply(r, "shop.example", rrtype).Pack()
		f.Add(wire, rrtype)
	}
	f.Add([]byte{
		0, 0, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0, 4, 's', 'h', 'o', 'p', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0,
		0, 1, 0, 1, 0xc0, 30, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 1, 2, 3, 4,
	}, uint16(1))
	f.Fuzz(func(t *testing.T, wire []byte, rrtype uint16) {
		var q, s SweepReply
		parseMessage(&s, wire, "shop.example", rrtype)
		// What stands behind the answers is passed over quickly, and read slowly: only there may something be found that
		// cannot be read.
		if parseAddresses(&q, wire, "shop.example", rrtype) && s.Outcome != exchange.Malformed &&
			!reflect.DeepEqual(q, s) {
			t.Errorf("quick %+v\nslow  %+v", q, s)
		}
		session := &Session{shared: &shared{
			wire: canned{reply: wire}, servers: map[serverKey]*serverState{},
			opt: Options{Now: fixed},
		}}
		x := &exchange.Exchange{
			Kind: exchange.KindDNS, Asked: "shop.example " + exchange.TypeName(rrtype),
			Transport: "udp",
		}
		// not through the memory, which would recover from a panic
		session.exchange(t.Context(), x, &question{
			wire: session.wire, to: probetest.ServerAt("192.0.2.1"), name: "shop.example", rrtype: rrtype,
		})
		if x.Outcome == "" || x.Outcome == exchange.Timeout || x.Outcome == exchange.Unreachable ||
			x.Outcome == exchange.NotAsked {
			t.Errorf("outcome %q", x.Outcome)
		}
		if x.Outcome.Conclusive() && x.Msg == nil {
			t.Error("a verdict without a message")
		}
		exchangetest.CheckEvidence(t, x.Evidence())
		_ = x.CNAME("shop.example")
		_, _ = x.NegativeTTL()
		_ = exchange.Addrs(x)
		_ = x.Values("shop.example", rrtype)
		if x.Msg != nil {
			_ = glue(x.Msg, "ns1.example")
		}
	})
}

// fixed is a clock that stands.
func fixed() time.Time { return time.Date(2026, 2, 22, 12, 0, 0, 0, time.UTC) }
