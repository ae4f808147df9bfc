package probe

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// raw is a record with the question's name as its owner.
func raw(rrtype, class uint16, data ...byte) []byte {
	b := []byte{
		0xc0, 12, byte(rrtype >> 8), byte(rrtype), byte(class >> 8), byte(class), 0, 0, 1, 44,
		byte(len(data) >> 8), byte(len(data)),
	}
	return append(b, data...)
}

// withCounts turns a question into a reply that counts so many answers, authorities and additionals, whatever
// follows.
func withCounts(q []byte, rcode int, counts [3]byte, rest ...[]byte) []byte {
	b := echo(q, rcode)
	b[2] |= 4 // aa
	b[7], b[9], b[11] = counts[0], counts[1], counts[2]
	return append(b, bytes.Join(rest, nil)...)
}

// TestUnfitReplies: what is cut off, empty, foreign or without sense is neither an answer nor a denial, whichever way
// it is read; what a server says of itself counts, whatever else it sends.
func TestUnfitReplies(t *testing.T) {
	t.Parallel()
	a := raw(dns.TypeA, dns.ClassINET, 192, 0, 2, 1)
	opt := func(rcode byte) []byte { return []byte{0, 0, 41, 4, 0xd0, rcode, 0, 0, 0, 0, 0} }
	soa := raw(dns.TypeSOA, dns.ClassINET, append([]byte{0, 0}, make([]byte, 20)...)...)
	for _, tt := range []struct {
		name string
		make func(q []byte) []byte
		want Outcome
	}{
		{"an address", func(q []byte) []byte { return withCounts(q, 0, [3]byte{1, 0, 1}, a, opt(0)) }, Answered},
		{"the answer is missing", func(q []byte) []byte { return withCounts(q, 0, [3]byte{1, 0, 0}) }, Malformed},
		{
			"one of two answers is missing", func(q []byte) []byte { return withCounts(q, 0, [3]byte{2, 0, 0}, a) },
			Malformed,
		},
		{"the authority is missing", func(q []byte) []byte { return withCounts(q, 0, [3]byte{1, 1, 0}, a) }, Malformed},
		{"OPT is missing", func(q []byte) []byte { return withCounts(q, 0, [3]byte{1, 0, 1}, a) }, Malformed},
		{"of the denial the SOA is missing", func(q []byte) []byte {
			return withCounts(q, dns.RcodeNameError, [3]byte{0, 1, 0})
		}, Malformed},
		{"a denial", func(q []byte) []byte { return withCounts(q, dns.RcodeNameError, [3]byte{0, 1, 0}, soa) }, NXDomain},
		{"an address without an address", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{2, 0, 0}, raw(dns.TypeA, dns.ClassINET), a)
		}, Malformed},
		{"an address of five octets", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{1, 0, 0}, raw(dns.TypeA, dns.ClassINET, 1, 2, 3, 4, 5))
		}, Malformed},
		{"a CNAME to nothing", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{1, 0, 0}, raw(dns.TypeCNAME, dns.ClassINET))
		}, Malformed},
		{"a denial with an empty SOA", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{0, 1, 0}, raw(dns.TypeSOA, dns.ClassINET))
		}, Malformed},
		{"another class only", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{1, 0, 0}, raw(dns.TypeA, dns.ClassCHAOS, 192, 0, 2, 1))
		}, Malformed},
		{"no such name, and a record of another class", func(q []byte) []byte {
			return withCounts(q, dns.RcodeNameError, [3]byte{1, 0, 0}, raw(dns.TypeA, dns.ClassCHAOS, 192, 0, 2, 1))
		}, Malformed},
		{"an SOA of another class", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{0, 1, 0}, raw(dns.TypeSOA, dns.ClassCHAOS,
				append([]byte{0, 0}, make([]byte, 20)...)...))
		}, Malformed},
		{"another class beside the address", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{2, 0, 0}, raw(dns.TypeA, dns.ClassCHAOS, 192, 0, 2, 9), a)
		}, Answered},
		{"refused, and an answer all the same", func(q []byte) []byte {
			return withCounts(q, dns.RcodeRefused, [3]byte{1, 0, 0}, a)
		}, Refused},
		{"a failure behind a CNAME", func(q []byte) []byte {
			return withCounts(q, dns.RcodeServerFailure, [3]byte{1, 0, 0}, raw(dns.TypeCNAME, dns.ClassINET, 0))
		}, ServFail},
		{"refused, and the counts of the question", func(q []byte) []byte {
			return withCounts(q, dns.RcodeRefused, [3]byte{0, 0, 1})
		}, Refused},
		{"a failure, and half a record", func(q []byte) []byte {
			return withCounts(q, dns.RcodeServerFailure, [3]byte{1, 0, 0}, a[:9])
		}, ServFail},
		// BADVERS
		{
			"a code that only OPT tells", func(q []byte) []byte { return withCounts(q, 0, [3]byte{0, 0, 1}, opt(1)) },
			OtherRcode,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var reply []byte // as the server sent it
			addr := udpServer(t, "udp4", func(q []byte, send func([]byte)) {
				b := tt.make(q)
				send(b)
			})
			s := openSession(t, openLive(t, nil), Options{})
			x := s.Resolve(t.Context(), Server{Addr: addr}, "shop.example", dns.TypeA)
			if x.Outcome != tt.want || x.Outcome == Malformed && x.Err == "" {
				t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			q, _, _ := pack("shop.example", dns.TypeA, flagRD, true)
			reply = tt.make(q)
			var quickly, slowly SweepReply
			slow(&slowly, reply, "shop.example", dns.TypeA)
			if slowly.Outcome != tt.want || slowly.Outcome != Answered && len(slowly.Values) > 0 {
				t.Errorf("a sweep: %s (%s) %v", slowly.Outcome, slowly.Err, slowly.Values)
			}
			if quick(&quickly, reply, "shop.example", dns.TypeA) && tt.want != Answered {
				t.Errorf("read quickly: %v", quickly.Values)
			}
			if got := addrs(x); tt.want != Answered && len(got) > 0 {
				t.Errorf("addresses %v are used", got)
			}
		})
	}
}

// TestCutInARecord: servers cut where the datagram ends, also within a record. What counts is the TC bit: the rest
// comes over TCP.
func TestCutInARecord(t *testing.T) {
	t.Parallel()
	server := streamServer(t, true, func(c net.Conn) {
		if q := readFramed(c); q != nil {
			b := withCounts(q, 0, [3]byte{1, 0, 0}, raw(dns.TypeA, dns.ClassINET, 192, 0, 2, 1))
			_, _ = c.Write(framed(len(b), b))
		}
	})
	n := newFakeNet()
	n.put("udp", "192.0.2.53:53", udpServer(t, "udp4", func(q []byte, send func([]byte)) {
		b := withCounts(q, 0, [3]byte{3, 0, 0}, raw(dns.TypeA, dns.ClassINET, 192, 0, 2, 1),
			raw(dns.TypeA, dns.ClassINET, 192, 0, 2, 2)[:13])
		b[2] |= bitTC
		send(b)
	}).String())
	n.put("tcp", "192.0.2.53:53", server.String())
	s := openSession(t, openLive(t, n.dial), Options{})
	if x := s.Ask(t.Context(), at("192.0.2.53"), "shop.example", dns.TypeA); x.Outcome != Answered ||
		x.Transport != "tcp" {
		t.Errorf("outcome %s (%s) over %s", x.Outcome, x.Err, x.Transport)
	}
}

// TestTruncatedReferral: half of a list of servers is not the list.
func TestTruncatedReferral(t *testing.T) {
	t.Parallel()
	server := serveDNS(t, script{
		"shop.example. A": {"tc", "ns shop.example. 300 NS ns1.other."},
		"www.example. A":  {"tc", "SERVFAIL"},
	}.handle)
	s := openSession(t, openLive(t, nil), Options{})
	if x := s.Ask(t.Context(), server.Server, "shop.example", dns.TypeA); x.Outcome != Truncated ||
		!strings.Contains(x.Err, "stream") {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
	// this it says of itself
	if x := s.Ask(t.Context(), server.Server, "www.example", dns.TypeA); x.Outcome != ServFail {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}

// TestPack: a question is written as the library writes it, whatever the name and the flags.
func TestPack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	names := []string{
		".", "example", "shop.example.", `a\.b.example`, `a\ b.example.`, `\000\255.example`,
		`back\\slash.example`, strings.Repeat(strings.Repeat("x", 61)+".", 4) + "abcde",
	}
	for i := range 2000 {
		name, rrtype, flags, edns := names[i%len(names)], uint16(1+r.IntN(300)), r.IntN(8), r.IntN(2) == 0
		got, qend, err := pack(name, rrtype, flags, edns)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		m := new(dns.Msg).SetQuestion(dns.Fqdn(name), rrtype)
		m.Id, m.RecursionDesired, m.CheckingDisabled = 0, flags&flagRD != 0, flags&flagCD != 0
		if edns {
			m.SetEdns0(ednsSize, flags&flagDO != 0)
		}
		want, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) || qend != questionEnd(got) {
			t.Fatalf("%q type %d flags %d EDNS %v:\n%x, the question ends at %d\n%x", name, rrtype, flags, edns, got, qend,
				want)
		}
	}
}

// TestLongestName: 255 octets are allowed (RFC 1035 2.3.4), 256 are not; the length is that on the wire, not that of
// the text.
func TestLongestName(t *testing.T) {
	t.Parallel()
	three := strings.Repeat(strings.Repeat("x", 63)+".", 3) // 192 octets
	for name, fits := range map[string]bool{
		three + strings.Repeat("y", 61):                          true,
		three + strings.Repeat("y", 62):                          false,
		three + strings.Repeat(`\001`, 61):                       true,
		three + strings.Repeat(`\001`, 62):                       false,
		strings.Repeat("a.", 127):                                true,
		strings.Repeat("a.", 128):                                false,
		strings.Repeat(`\097.`, 127):                             true,
		strings.Repeat("a.", 1<<20):                              false,
		strings.Repeat(`\0`, 200) + "." + strings.Repeat("b", 9): false,
	} {
		wire, _, err := pack(name, dns.TypeA, flagRD, true)
		if (err == nil) != fits {
			t.Errorf("%.20q… of %d characters: %v, %d octets", name, len(name), err, len(wire))
		}
		if err == nil {
			continue
		}
		if o, why := netOutcome(err); o != Malformed || why == "" {
			t.Errorf("%s (%s)", o, why)
		}
	}
}

// TestRunsOut: a question that the end of the run cuts short was not asked. The server, however slow, is not to
// blame.
func TestRunsOut(t *testing.T) {
	t.Parallel()
	addr := udpServer(t, "udp4", func([]byte, func([]byte)) {})
	stuck := streamServer(t, true, func(c net.Conn) { readFramed(c) })
	for name, to := range map[string]Server{
		"UDP": {Addr: addr}, "TCP": {Addr: stuck},
		"TLS": {Addr: stuck, Proto: "tls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			s := NewSession(ctx, openLive(t, nil), Options{Rate: -1})
			defer s.Close()
			if x := s.Ask(t.Context(), to, "shop.example", dns.TypeA); x.Outcome != NotAsked {
				t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
			}
		})
	}
}

// TestRunsOutBeforeItsTurn: nor was one asked for which the rate leaves no time.
func TestRunsOutBeforeItsTurn(t *testing.T) {
	t.Parallel()
	server := serveDNS(t, script{"*": {"aa"}}.handle)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := NewSession(ctx, openLive(t, nil), Options{Rate: 1.0 / 3600})
	defer s.Close()
	for i, want := range []Outcome{NoData, NotAsked, NotAsked} {
		if x := s.Ask(t.Context(), server.Server, numbered(i), dns.TypeA); x.Outcome != want {
			t.Errorf("question %d: %s (%s)", i+1, x.Outcome, x.Err)
		}
	}
}
