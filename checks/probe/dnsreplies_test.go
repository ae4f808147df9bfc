package probe

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"

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
	b := probetest.EchoReply(q, rcode)
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
		want exchange.Outcome
	}{
		{"an address", func(q []byte) []byte { return withCounts(q, 0, [3]byte{1, 0, 1}, a, opt(0)) }, exchange.Answered},
		{
			"the answer is missing", func(q []byte) []byte { return withCounts(q, 0, [3]byte{1, 0, 0}) },
			exchange.Malformed,
		},
		{
			"one of two answers is missing", func(q []byte) []byte { return withCounts(q, 0, [3]byte{2, 0, 0}, a) },
			exchange.Malformed,
		},
		{
			"the authority is missing", func(q []byte) []byte { return withCounts(q, 0, [3]byte{1, 1, 0}, a) },
			exchange.Malformed,
		},
		{"OPT is missing", func(q []byte) []byte { return withCounts(q, 0, [3]byte{1, 0, 1}, a) }, exchange.Malformed},
		{"of the denial the SOA is missing", func(q []byte) []byte {
			return withCounts(q, dns.RcodeNameError, [3]byte{0, 1, 0})
		}, exchange.Malformed},
		{
			"a denial", func(q []byte) []byte { return withCounts(q, dns.RcodeNameError, [3]byte{0, 1, 0}, soa) },
			exchange.NXDomain,
		},
		{"an address without an address", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{2, 0, 0}, raw(dns.TypeA, dns.ClassINET), a)
		}, exchange.Malformed},
		{"an address of five octets", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{1, 0, 0}, raw(dns.TypeA, dns.ClassINET, 1, 2, 3, 4, 5))
		}, exchange.Malformed},
		{"a CNAME to nothing", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{1, 0, 0}, raw(dns.TypeCNAME, dns.ClassINET))
		}, exchange.Malformed},
		{"a denial with an empty SOA", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{0, 1, 0}, raw(dns.TypeSOA, dns.ClassINET))
		}, exchange.Malformed},
		{"another class only", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{1, 0, 0}, raw(dns.TypeA, dns.ClassCHAOS, 192, 0, 2, 1))
		}, exchange.Malformed},
		{"no such name, and a record of another class", func(q []byte) []byte {
			return withCounts(q, dns.RcodeNameError, [3]byte{1, 0, 0}, raw(dns.TypeA, dns.ClassCHAOS, 192, 0, 2, 1))
		}, exchange.Malformed},
		{"an SOA of another class", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{0, 1, 0}, raw(dns.TypeSOA, dns.ClassCHAOS,
				append([]byte{0, 0}, make([]byte, 20)...)...))
		}, exchange.Malformed},
		{"another class beside the address", func(q []byte) []byte {
			return withCounts(q, 0, [3]byte{2, 0, 0}, raw(dns.TypeA, dns.ClassCHAOS, 192, 0, 2, 9), a)
		}, exchange.Answered},
		{"refused, and an answer all the same", func(q []byte) []byte {
			return withCounts(q, dns.RcodeRefused, [3]byte{1, 0, 0}, a)
		}, exchange.Refused},
		{"a failure behind a CNAME", func(q []byte) []byte {
			return withCounts(q, dns.RcodeServerFailure, [3]byte{1, 0, 0}, raw(dns.TypeCNAME, dns.ClassINET, 0))
		}, exchange.ServFail},
		{"refused, and the counts of the question", func(q []byte) []byte {
			return withCounts(q, dns.RcodeRefused, [3]byte{0, 0, 1})
		}, exchange.Refused},
		{"a failure, and half a record", func(q []byte) []byte {
			return withCounts(q, dns.RcodeServerFailure, [3]byte{1, 0, 0}, a[:9])
		}, exchange.ServFail},
		// BADVERS
		{
			"a code that only OPT tells", func(q []byte) []byte { return withCounts(q, 0, [3]byte{0, 0, 1}, opt(1)) },
			exchange.OtherRcode,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var reply []byte // as the server sent it
			addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
				b := tt.make(q)
				send(b)
			})
			s := openSession(t, openLive(t, nil), Options{})
			x := s.Resolve(t.Context(), exchange.Server{Addr: addr}, "shop.example", dns.TypeA)
			if x.Outcome != tt.want || x.Outcome == exchange.Malformed && x.Err == "" {
				t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			q, _, _ := exchange.PackQuestion("shop.example", dns.TypeA, exchange.FlagRD, true)
			reply = tt.make(q)
			var quickly, slowly SweepReply
			parseMessage(&slowly, reply, "shop.example", dns.TypeA)
			if slowly.Outcome != tt.want || slowly.Outcome != exchange.Answered && len(slowly.Values) > 0 {
				t.Errorf("a sweep: %s (%s) %v", slowly.Outcome, slowly.Err, slowly.Values)
			}
			if parseAddresses(&quickly, reply, "shop.example", dns.TypeA) && tt.want != exchange.Answered {
				t.Errorf("read quickly: %v", quickly.Values)
			}
			if got := exchange.Addrs(x); tt.want != exchange.Answered && len(got) > 0 {
				t.Errorf("addresses %v are used", got)
			}
		})
	}
}

// TestCutInARecord: servers cut where the datagram ends, also within a record. What counts is the TC bit: the rest
// comes over TCP.
func TestCutInARecord(t *testing.T) {
	t.Parallel()
	server := probetest.ServeTCP(t, true, func(c net.Conn) {
		if q := probetest.ReadFramed(c); q != nil {
			b := withCounts(q, 0, [3]byte{1, 0, 0}, raw(dns.TypeA, dns.ClassINET, 192, 0, 2, 1))
			_, _ = c.Write(probetest.Framed(len(b), b))
		}
	})
	n := probetest.NewNetwork()
	n.Put("udp", "192.0.2.53:53", probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		b := withCounts(q, 0, [3]byte{3, 0, 0}, raw(dns.TypeA, dns.ClassINET, 192, 0, 2, 1),
			raw(dns.TypeA, dns.ClassINET, 192, 0, 2, 2)[:13])
		b[2] |= bitTC
		send(b)
	}).String())
	n.Put("tcp", "192.0.2.53:53", server.String())
	s := openSession(t, openLive(t, n.Dial), Options{})
	if x := s.Ask(t.Context(), probetest.ServerAt("192.0.2.53"), "shop.example",
		dns.TypeA); x.Outcome != exchange.Answered ||
		x.Transport != "tcp" {
		t.Errorf("outcome %s (%s) over %s", x.Outcome, x.Err, x.Transport)
	}
}

// TestTruncatedReferral: half of a list of servers is not the list.
func TestTruncatedReferral(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, probetest.Script{
		"shop.example. A": {"tc", "ns shop.example. 300 NS ns1.other."},
		"www.example. A":  {"tc", "SERVFAIL"},
	}.Handle)
	s := openSession(t, openLive(t, nil), Options{})
	if x := s.Ask(t.Context(), server.Server, "shop.example", dns.TypeA); x.Outcome != exchange.Truncated ||
		!strings.Contains(x.Err, "stream") {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
	// this it says of itself
	if x := s.Ask(t.Context(), server.Server, "www.example", dns.TypeA); x.Outcome != exchange.ServFail {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
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
		wire, _, err := exchange.PackQuestion(name, dns.TypeA, exchange.FlagRD, true)
		if (err == nil) != fits {
			t.Errorf("%.20q… of %d characters: %v, %d octets", name, len(name), err, len(wire))
		}
		if err == nil {
			continue
		}
		if o, why := transport.Outcome(err); o != exchange.Malformed || why == "" {
			t.Errorf("%s (%s)", o, why)
		}
	}
}

// TestRunsOut: a question that the end of the run cuts short was not asked. The server, however slow, is not to
// blame.
func TestRunsOut(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func([]byte, func([]byte)) {})
	stuck := probetest.ServeTCP(t, true, func(c net.Conn) { probetest.ReadFramed(c) })
	for name, to := range map[string]exchange.Server{
		"UDP": {Addr: addr}, "TCP": {Addr: stuck},
		"TLS": {Addr: stuck, Proto: exchange.DoT},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			s := NewSession(ctx, openLive(t, nil), Options{Rate: -1})
			defer s.Close()
			if x := s.Ask(t.Context(), to, "shop.example", dns.TypeA); x.Outcome != exchange.NotAsked {
				t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
			}
		})
	}
}

// TestRunsOutBeforeItsTurn: nor was one asked for which the rate leaves no time.
func TestRunsOutBeforeItsTurn(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, probetest.Script{"*": {"aa"}}.Handle)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := NewSession(ctx, openLive(t, nil), Options{Rate: 1.0 / 3600})
	defer s.Close()
	for i, want := range []exchange.Outcome{exchange.NoData, exchange.NotAsked, exchange.NotAsked} {
		if x := s.Ask(t.Context(), server.Server, numbered(i), dns.TypeA); x.Outcome != want {
			t.Errorf("question %d: %s (%s)", i+1, x.Outcome, x.Err)
		}
	}
}
