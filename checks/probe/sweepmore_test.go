package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// sweepAll gives the replies of a sweep of one server, by name.
func sweepAll(t testing.TB, s *Session, opt SweepOptions, n int) map[string]SweepReply {
	t.Helper()
	got := map[string]SweepReply{}
	if err := s.Sweep(t.Context(), opt, each(n, numbered), func(r *SweepResult) { got[r.Name] = r.Replies[0] }); err != nil || len(got) != n {
		t.Errorf("%d names of %d, %v", len(got), n, err)
	}
	return got
}

// TestSweepOldServer: a server that does not know EDNS is asked without it, and once that is known, at once.
func TestSweepOldServer(t *testing.T) {
	t.Parallel()
	for _, rcode := range []string{"FORMERR", "NOTIMP"} {
		t.Run(rcode, func(t *testing.T) {
			t.Parallel()
			server := serveDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
				if q.IsEdns0() != nil {
					_ = w.WriteMsg(reply(q, rcode))
					return
				}
				_ = w.WriteMsg(reply(q, q.Question[0].Name+" 60 A 192.0.2.1"))
			})
			s := openSession(t, openLive(t, nil), Options{})
			const many = 400
			for name, x := range sweepAll(t, s, SweepOptions{Servers: []Server{server.Server}, Type: dns.TypeA, Window: 4},
				many) {
				if x.Outcome != Answered || fmt.Sprint(x.Values) != "[192.0.2.1]" || x.TTL != 60 {
					t.Errorf("%s: %s (%s) %v", name, x.Outcome, x.Err, x.Values)
				}
			}
			if n := server.count(""); n > many+many/4 {
				t.Errorf("%d names cost %d questions", many, n)
			}
		})
	}
}

// TestSweepRefusesAll: a server that answers FORMERR to everything says so, and is not asked for ever.
func TestSweepRefusesAll(t *testing.T) {
	t.Parallel()
	server := serveDNS(t, script{"*": {"FORMERR"}}.handle)
	s := openSession(t, openLive(t, nil), Options{})
	for name, x := range sweepAll(t, s, SweepOptions{Servers: []Server{server.Server}, Type: dns.TypeA}, 20) {
		if x.Outcome != OtherRcode || x.Rcode != dns.RcodeFormatError || x.Err != "" {
			t.Errorf("%s: %s (%s) code %d", name, x.Outcome, x.Err, x.Rcode)
		}
	}
	if n := server.count(""); n > 40 {
		t.Errorf("20 names cost %d questions", n)
	}
}

// TestSweepWithoutTCP: names whose long answers cannot be had are inconclusive, soon, and the others are none the
// worse for it.
func TestSweepWithoutTCP(t *testing.T) {
	t.Parallel()
	addr := udpServer(t, "udp4", func(q []byte, send func([]byte)) {
		b := withA(q, 1, 60)
		if q[14] == '7' { // n7, n70, …
			b = echo(q, 0)
			b[2] |= bitTC
		}
		send(b)
	})
	n := newFakeNet() // TCP is refused there
	n.put("udp", "192.0.2.1:53", addr.String())
	s := openSession(t, openLive(t, n.dial), Options{})
	for name, x := range sweepAll(t, s, SweepOptions{Servers: []Server{at("192.0.2.1")}, Type: dns.TypeA}, 1000) {
		if want := strings.HasPrefix(name, "n7"); want != (x.Outcome == Truncated) || !want && x.Outcome != Answered ||
			want && (!strings.Contains(x.Err, "by TCP") || len(x.Values) > 0) {
			t.Errorf("%s: %s (%s) %v", name, x.Outcome, x.Err, x.Values)
		}
	}
	if n := n.dialled("tcp"); n > sweepBeside+silentEnough {
		t.Errorf("%d connections were tried", n)
	}
}

// TestSweepLeavesNothing: whichever way names are asked, a list leaves nothing in the session's memory or ledger, and
// the session's rate is not the sweep's.
func TestSweepLeavesNothing(t *testing.T) {
	t.Parallel()
	ca := newTestCA(t)
	cfg := ca.good(t, "127.0.0.1")
	long := serveDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
			_ = w.WriteMsg(reply(q, "tc"))
			return
		}
		_ = w.WriteMsg(reply(q, q.Question[0].Name+" 60 A 192.0.2.1"))
	})
	tlsServer := streamServer(t, false, func(c net.Conn) {
		defer c.Close()
		tc := tls.Server(c, cfg)
		if q := readFramed(tc); q != nil {
			b := withA(q, 1, 60)
			_, _ = tc.Write(framed(len(b), b))
			_ = tc.Close()
		}
	})
	l := openLive(t, nil)
	l.roots = ca.pool
	for name, to := range map[string]Server{"long answers": long.Server, "TLS": {Addr: tlsServer, Proto: "tls"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openSession(t, l, Options{Rate: 0.1})
			for name, x := range sweepAll(t, s, SweepOptions{Servers: []Server{to}, Type: dns.TypeA}, 100) {
				if x.Outcome != Answered || fmt.Sprint(x.Values) != "[192.0.2.1]" {
					t.Errorf("%s: %s (%s) %v", name, x.Outcome, x.Err, x.Values)
				}
			}
			if s.exchanges.Len() > 0 || len(s.Ledger().Exchanges()) > 0 {
				t.Errorf("%d answers are remembered, %d written down", s.exchanges.Len(), len(s.Ledger().Exchanges()))
			}
		})
	}
	t.Run("written down where it is wished", func(t *testing.T) {
		t.Parallel()
		s := openSession(t, l, Options{})
		sweepAll(t, s, SweepOptions{Servers: []Server{long.Server}, Type: dns.TypeA, Record: true}, 3)
		got := s.Ledger().Exchanges()
		if len(got) != 3 {
			t.Fatalf("%d exchanges", len(got))
		}
		for _, x := range got {
			if x.Transport != "tcp" || x.Outcome != Answered {
				t.Errorf("%s over %s: %s", x.Asked, x.Transport, x.Outcome)
			}
		}
	})
	t.Run("on tape, and from it", func(t *testing.T) {
		t.Parallel()
		tape := NewTape(nil)
		opt := SweepOptions{Servers: []Server{long.Server}, Type: dns.TypeA}
		before := sweepAll(t, openSession(t, l, Options{Record: tape}), opt, 5)
		after := sweepAll(t, openSession(t, NoNetwork{}, Options{Replay: tape}), opt, 5)
		for name, x := range before {
			if y := after[name]; x.Outcome != Answered || y.Outcome != Answered ||
				fmt.Sprint(x.Values) != fmt.Sprint(y.Values) {
				t.Errorf("%s: %s %v, from the tape %s %v", name, x.Outcome, x.Values, y.Outcome, y.Values)
			}
		}
	})
}

// TestSweepRateOfLongAnswers: the bound is on questions, also on those over TCP.
func TestSweepRateOfLongAnswers(t *testing.T) {
	t.Parallel()
	server := serveDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		_, udp := w.RemoteAddr().(*net.UDPAddr)
		_ = w.WriteMsg(reply(q, map[bool]string{true: "tc", false: "NXDOMAIN"}[udp]))
	})
	s := openSession(t, openLive(t, nil), Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	answered := 0
	// Six questions an hour, of which one may go at once: of the first name nothing more is asked.
	_ = s.Sweep(ctx, SweepOptions{Servers: []Server{server.Server}, Type: dns.TypeA, Rate: 6.0 / 3600},
		each(3, numbered), func(r *SweepResult) {
			if x := r.Replies[0]; x.Outcome.Conclusive() {
				answered++
			} else if x.Outcome != NotAsked {
				t.Errorf("%s: %s (%s)", r.Name, x.Outcome, x.Err)
			}
		})
	if n := server.count(""); n != 1 || answered != 0 {
		t.Errorf("%d questions, %d answers", n, answered)
	}
}

// TestSweepPanic: a reader that breaks on one answer ends one question, and the place is free for the next.
func TestSweepPanic(t *testing.T) {
	t.Parallel()
	s := openSession(t, breaking{openLive(t, nil)}, Options{})
	for name, x := range sweepAll(t, s, SweepOptions{
		Servers: []Server{{Addr: at("192.0.2.1").Addr, Proto: "tls"}},
		Type:    dns.TypeA,
	}, 2*sweepBeside) {
		if x.Outcome != Malformed || !strings.Contains(x.Err, "index out of range") {
			t.Errorf("%s: %s (%s)", name, x.Outcome, x.Err)
		}
	}
}

// TestSweepDeadStream: a resolver behind a stream that cannot be reached is left alone, and a long list of names does
// not try it for each.
func TestSweepDeadStream(t *testing.T) {
	t.Parallel()
	n := newFakeNet()
	s := openSession(t, openLive(t, n.dial), Options{})
	outcomes := map[Outcome]int{}
	err := s.Sweep(t.Context(), SweepOptions{
		Servers: []Server{{Addr: at("192.0.2.1").Addr, Proto: "tls"}},
		Type:    dns.TypeA,
	}, each(2000, numbered), func(r *SweepResult) {
		outcomes[r.Replies[0].Outcome]++
	})
	if err != nil || outcomes[Unreachable] != 2000 {
		t.Errorf("%v, %v", outcomes, err)
	}
	if n := n.dialled("tcp"); n > sweepBeside+silentEnough {
		t.Errorf("%d connections were tried", n)
	}
}
