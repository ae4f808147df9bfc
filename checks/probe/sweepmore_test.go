package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/recording"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// sweepAll gives the replies of a sweep of one server, by name.
func sweepAll(t testing.TB, s *Session, opt SweepOptions, n int) map[string]SweepReply {
	t.Helper()
	got := map[string]SweepReply{}
	if err := s.Sweep(t.Context(), opt, each(n, numbered),
		func(r *SweepResult) { got[r.Name] = r.Replies[0] }); err != nil || len(got) != n {
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
			server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
				if q.IsEdns0() != nil {
					_ = w.WriteMsg(exchangetest.Reply(q, rcode))
					return
				}
				_ = w.WriteMsg(exchangetest.Reply(q, q.Question[0].Name+" 60 A 192.0.2.1"))
			})
			s := openSession(t, openLive(t, nil), Options{})
			const many = 400
			for name, x := range sweepAll(t, s, SweepOptions{
				Servers: []exchange.Server{server.Server}, Type: dns.TypeA,
				Window: 4,
			},
				many) {
				if x.Outcome != exchange.Answered || fmt.Sprint(x.Values) != "[192.0.2.1]" || x.TTL != 60 {
					t.Errorf("%s: %s (%s) %v", name, x.Outcome, x.Err, x.Values)
				}
			}
			if n := server.Count(""); n > many+many/4 {
				t.Errorf("%d names cost %d questions", many, n)
			}
		})
	}
}

// TestSweepRefusesAll: a server that answers FORMERR to everything says so, and is not asked for ever.
func TestSweepRefusesAll(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, probetest.Script{"*": {"FORMERR"}}.Handle)
	s := openSession(t, openLive(t, nil), Options{})
	for name, x := range sweepAll(t, s, SweepOptions{Servers: []exchange.Server{server.Server}, Type: dns.TypeA}, 20) {
		if x.Outcome != exchange.OtherRcode || x.Rcode != dns.RcodeFormatError || x.Err != "" {
			t.Errorf("%s: %s (%s) code %d", name, x.Outcome, x.Err, x.Rcode)
		}
	}
	if n := server.Count(""); n > 40 {
		t.Errorf("20 names cost %d questions", n)
	}
}

// TestSweepWithoutTCP: names whose long answers cannot be had are inconclusive, soon, and the others are none the
// worse for it.
func TestSweepWithoutTCP(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		b := withA(q, 1, 60)
		if q[14] == '7' { // n7, n70, …
			b = probetest.EchoReply(q, 0)
			b[2] |= bitTC
		}
		send(b)
	})
	n := probetest.NewNetwork() // TCP is refused there
	n.Put("udp", "192.0.2.1:53", addr.String())
	s := openSession(t, openLive(t, n.Dial), Options{})
	for name, x := range sweepAll(t, s, SweepOptions{
		Servers: []exchange.Server{probetest.ServerAt("192.0.2.1")},
		Type:    dns.TypeA,
	}, 1000) {
		if want := strings.HasPrefix(name, "n7"); want != (x.Outcome == exchange.Truncated) || !want &&
			x.Outcome != exchange.Answered ||
			want && (!strings.Contains(x.Err, "over TCP") || len(x.Values) > 0) {
			t.Errorf("%s: %s (%s) %v", name, x.Outcome, x.Err, x.Values)
		}
	}
	if n := n.Dialled("tcp"); n > sweepSeparate+silentEnough+1 { // and the control question
		t.Errorf("%d connections were tried", n)
	}
}

// TestSweepLeavesNothing: whichever way names are asked, a list leaves nothing in the session's memory or ledger, and
// the session's rate is not the sweep's.
func TestSweepLeavesNothing(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	cfg := ca.Good(t, "127.0.0.1")
	long := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
			_ = w.WriteMsg(exchangetest.Reply(q, "tc"))
			return
		}
		_ = w.WriteMsg(exchangetest.Reply(q, q.Question[0].Name+" 60 A 192.0.2.1"))
	})
	tlsServer := probetest.ServeTCP(t, false, func(c net.Conn) {
		defer c.Close()
		tc := tls.Server(c, cfg)
		if q := probetest.ReadFramed(tc); q != nil {
			b := withA(q, 1, 60)
			_, _ = tc.Write(probetest.Framed(len(b), b))
			_ = tc.Close()
		}
	})
	l := openLiveTrusting(t, nil, ca.Pool)
	for name, to := range map[string]exchange.Server{
		"long answers": long.Server,
		"TLS":          {Addr: tlsServer, Proto: exchange.DoT},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openSession(t, l, Options{Rate: 0.1})
			for name, x := range sweepAll(t, s, SweepOptions{Servers: []exchange.Server{to}, Type: dns.TypeA}, 100) {
				if x.Outcome != exchange.Answered || fmt.Sprint(x.Values) != "[192.0.2.1]" {
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
		sweepAll(t, s, SweepOptions{Servers: []exchange.Server{long.Server}, Type: dns.TypeA, Record: true}, 3)
		got := s.Ledger().Exchanges()
		if len(got) != 3 {
			t.Fatalf("%d exchanges", len(got))
		}
		for _, x := range got {
			if x.Transport != "tcp" || x.Outcome != exchange.Answered {
				t.Errorf("%s over %s: %s", x.Asked, x.Transport, x.Outcome)
			}
		}
	})
	t.Run("on tape, and from it", func(t *testing.T) {
		t.Parallel()
		tape := recording.New(nil)
		opt := SweepOptions{Servers: []exchange.Server{long.Server}, Type: dns.TypeA}
		before := sweepAll(t, openSession(t, l, Options{Record: tape}), opt, 5)
		after := sweepAll(t, openSession(t, transport.NoNetwork{}, Options{Replay: tape}), opt, 5)
		for name, x := range before {
			if y := after[name]; x.Outcome != exchange.Answered || y.Outcome != exchange.Answered ||
				fmt.Sprint(x.Values) != fmt.Sprint(y.Values) {
				t.Errorf("%s: %s %v, from the tape %s %v", name, x.Outcome, x.Values, y.Outcome, y.Values)
			}
		}
	})
}

// TestSweepRateOfLongAnswers: the bound is on questions, also on those over TCP.
func TestSweepRateOfLongAnswers(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		_, udp := w.RemoteAddr().(*net.UDPAddr)
		_ = w.WriteMsg(exchangetest.Reply(q, map[bool]string{true: "tc", false: "NXDOMAIN"}[udp]))
	})
	s := openSession(t, openLive(t, nil), Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	answered := 0
	// Six questions an hour, of which one may go at once: of the first name nothing more is asked.
	_ = s.Sweep(ctx, SweepOptions{Servers: []exchange.Server{server.Server}, Type: dns.TypeA, Rate: 6.0 / 3600},
		each(3, numbered), func(r *SweepResult) {
			if x := r.Replies[0]; x.Outcome.Conclusive() {
				answered++
			} else if x.Outcome != exchange.NotAsked {
				t.Errorf("%s: %s (%s)", r.Name, x.Outcome, x.Err)
			}
		})
	if n := server.Count(""); n != 1 || answered != 0 {
		t.Errorf("%d questions, %d answers", n, answered)
	}
}

// TestSweepPanic: a reader that breaks on one answer ends one question, and the place is free for the next.
func TestSweepPanic(t *testing.T) {
	t.Parallel()
	s := openSession(t, breaking{openLive(t, nil)}, Options{})
	for name, x := range sweepAll(t, s, SweepOptions{
		Servers: []exchange.Server{{Addr: probetest.ServerAt("192.0.2.1").Addr, Proto: exchange.DoT}},
		Type:    dns.TypeA,
	}, 2*sweepSeparate) {
		if x.Outcome != exchange.Malformed || !strings.Contains(x.Err, "index out of range") {
			t.Errorf("%s: %s (%s)", name, x.Outcome, x.Err)
		}
	}
}

// TestSweepDeadStream: a resolver behind a stream that cannot be reached is left alone, and a long list of names does
// not try it for each; the others are not said to have been.
func TestSweepDeadStream(t *testing.T) {
	t.Parallel()
	n := probetest.NewNetwork()
	s := openSession(t, openLive(t, n.Dial), Options{})
	outcomes := map[exchange.Outcome]int{}
	err := s.Sweep(t.Context(), SweepOptions{
		Servers: []exchange.Server{{Addr: probetest.ServerAt("192.0.2.1").Addr, Proto: exchange.DoT}},
		Type:    dns.TypeA,
	}, each(2000, numbered), func(r *SweepResult) {
		outcomes[r.Replies[0].Outcome]++
	})
	if err != nil || outcomes[exchange.Unreachable] == 0 ||
		outcomes[exchange.Unreachable] > sweepSeparate+silentEnough ||
		outcomes[exchange.Unreachable]+outcomes[exchange.NotAsked] != 2000 {
		t.Errorf("%v, %v", outcomes, err)
	}
	if n := n.Dialled("tcp"); n > sweepSeparate+silentEnough+1 { // and the control question
		t.Errorf("%d connections were tried", n)
	}
}

// TestSweepUsedAgain: a result that was used before has nothing of the earlier name, nor of what emit made of it.
func TestSweepUsedAgain(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		switch q[13+q[12]-1] { // the last digit of the first label
		case '1':
			send(probetest.EchoReply(q, dns.RcodeNameError))
		case '2':
			send(probetest.EchoReply(q, dns.RcodeRefused))
		default:
			send(withA(q, q[13+q[12]-1], 60))
		}
	})
	s := openSession(t, openLive(t, nil), Options{})
	before := map[*SweepResult]bool{}
	again := 0
	kept := map[string][]string{}
	err := s.Sweep(t.Context(), SweepOptions{Servers: []exchange.Server{{Addr: addr}}, Type: dns.TypeA, Window: 8},
		each(1000, numbered), func(r *SweepResult) {
			if before[r] {
				again++
			}
			before[r] = true
			x := &r.Replies[0]
			last := r.Name[strings.IndexByte(r.Name, '.')-1]
			want := SweepReply{Server: exchange.Server{Addr: addr}, Took: x.Took}
			switch last {
			case '1':
				want.Outcome, want.Rcode = exchange.NXDomain, dns.RcodeNameError
			case '2':
				want.Outcome, want.Rcode = exchange.Refused, dns.RcodeRefused
			default:
				want.Outcome, want.TTL, want.Values = exchange.Answered, 60, []string{fmt.Sprintf("192.0.2.%d", last)}
				kept[r.Name] = x.Values
			}
			if !reflect.DeepEqual(*x, want) {
				t.Errorf("%s: %+v, want %+v", r.Name, *x, want)
			}
			*x = SweepReply{
				Outcome: exchange.Malformed, Err: "made up", Rcode: 99, TTL: 99, EDE: &dns.EDNS0_EDE{}, transport: "tcp",
			}
		})
	if err != nil || len(kept) != 800 {
		t.Errorf("%d names have values, %v", len(kept), err)
	}
	for name, values := range kept {
		if want := fmt.Sprintf("[192.0.2.%d]", name[strings.IndexByte(name, '.')-1]); fmt.Sprint(values) != want {
			t.Errorf("%s has %v in the end, want %s", name, values, want)
		}
	}
	if again == 0 && !raced {
		t.Error("no result was used again")
	}
}
