package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
)

// withA turns a question into an answer with one address.
func withA(q []byte, addr byte, ttl byte) []byte {
	b := probetest.EchoReply(q, 0)
	b[7] = 1
	return append(b, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, ttl, 0, 4, 192, 0, 2, addr)
}

// each yields names made of a number.
func each(n int, name func(int) string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(name(i)) {
				return
			}
		}
	}
}

func numbered(i int) string { return fmt.Sprintf("n%d.example", i) }

// TestSweep: three servers, one of which loses datagrams and one that cuts answers off, and names among which are
// impossible ones.
func TestSweep(t *testing.T) {
	t.Parallel()
	const many = 600
	good := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(withA(q, 1, 60)) })
	seen := map[string]bool{}
	lossy := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		name := string(q[12:exchange.QuestionEnd(q)])
		if first := !seen[name]; first && len(seen)%5 == 0 {
			seen[name] = true
			return
		}
		seen[name] = true
		send(withA(q, 2, 61))
		send(withA(q, 9, 9)) // the second answer is nobody's
	})
	short := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if _, udp := w.RemoteAddr().(*net.UDPAddr); udp && strings.HasPrefix(q.Question[0].Name, "n7") {
			_ = w.WriteMsg(exchangetest.Reply(q, "tc"))
			return
		}
		_ = w.WriteMsg(exchangetest.Reply(q, q.Question[0].Name+" 62 A 192.0.2.3"))
	})
	name := func(i int) string {
		switch i {
		case 100:
			return "a..b"
		case 200:
			return strings.Repeat("x", 64) + ".example"
		case 300:
			return "UPPER.Example."
		case 301:
			return "n1.example" // once more
		}
		return numbered(i)
	}
	s := openSession(t, openLive(t, nil), Options{})
	got := map[string]int{} // written by emit without a lock: it must not be called twice at a time
	err := s.Sweep(t.Context(), SweepOptions{
		Servers: []exchange.Server{{Addr: good}, {Addr: lossy}, short.Server},
		Type:    dns.TypeA,
	}, each(many, name), func(r *SweepResult) {
		got[r.Name]++
		if len(r.Replies) != 3 {
			t.Fatalf("%s has %d replies", r.Name, len(r.Replies))
		}
		if r.Name == "a..b" || len(r.Name) > 64 {
			for _, x := range r.Replies {
				if x.Outcome != exchange.Malformed || x.Err == "" {
					t.Errorf("%.20s: %s (%s)", r.Name, x.Outcome, x.Err)
				}
			}
			return
		}
		for i, x := range r.Replies {
			if want := fmt.Sprintf("[192.0.2.%d]", i+1); fmt.Sprint(x.Values) != want || x.Outcome != exchange.Answered ||
				x.TTL != uint32(60+i) || x.Err != "" {
				t.Errorf("%s at server %d: %s %v TTL %d (%s)", r.Name, i, x.Outcome, x.Values, x.TTL, x.Err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if got["n1.example"] != 2 {
		t.Errorf("a name that is listed twice came %d times", got["n1.example"])
	}
	delete(got, "n1.example")
	for i := range many {
		if n := name(i); n != "n1.example" && got[n] != 1 {
			t.Errorf("%.20s came %d times", n, got[n])
		}
		delete(got, name(i))
	}
	if len(got) > 0 {
		t.Errorf("names that nobody asked for: %v", got)
	}
	if n := len(s.Ledger().Exchanges()); n > 80 { // the truncated ones; the rest is not written down
		t.Errorf("%d exchanges in the ledger", n)
	}
}

// TestSweepCancel: it returns soon, and gives each name that it took exactly once.
func TestSweepCancel(t *testing.T) {
	t.Parallel()
	half := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		if q[13] != 's' { // names that begin with s get no answer
			send(withA(q, 1, 60))
		}
	})
	silent := probetest.ServeUDP(t, "udp4", func([]byte, func([]byte)) {})
	for _, tt := range []struct {
		name    string
		servers []exchange.Server
		after   int
	}{
		{"while the window is full", []exchange.Server{{Addr: half}}, 50},
		{"while nobody answers", []exchange.Server{{Addr: silent}}, 0},
		{"one server answers and the other does not", []exchange.Server{{Addr: half}, {Addr: silent}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := openSession(t, openLive(t, nil), Options{})
			given, emitted, answered, notAsked := 0, 0, 0, 0
			var end time.Time
			err := s.Sweep(ctx, SweepOptions{Servers: tt.servers, Type: dns.TypeA}, func(yield func(string) bool) {
				if tt.after == 0 {
					time.AfterFunc(50*time.Millisecond, cancel)
				}
				for {
					given++
					if !yield([]string{"s", "a"}[given%2] + numbered(given)) {
						return
					}
				}
			}, func(r *SweepResult) {
				emitted++
				switch r.Replies[0].Outcome {
				case exchange.Answered:
					answered++
				case exchange.NotAsked:
					notAsked++
				default:
					t.Errorf("%s: %s (%s)", r.Name, r.Replies[0].Outcome, r.Replies[0].Err)
				}
				if answered == tt.after && tt.after > 0 {
					end = time.Now()
					cancel()
				}
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if !end.IsZero() && time.Since(end) > 3*time.Second { // less than a question waits
				t.Errorf("it went on for %v", time.Since(end))
			}
			if emitted != given || notAsked == 0 {
				t.Errorf("%d names were given, %d came back, %d of them not asked", given, emitted, notAsked)
			}
		})
	}
}

// TestSweepMemory: a list of any length costs the same. Nothing is remembered, and there is no goroutine for a
// question.
func TestSweepMemory(t *testing.T) {
	many := 100_000 // not parallel: others would be counted
	if raced {
		many = 20_000
	}
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(withA(q, 1, 60)) })
	s := openSession(t, openLive(t, nil), Options{})
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	goroutines := runtime.NumGoroutine()
	n, failed := 0, 0
	var most uint64
	err := s.Sweep(t.Context(), SweepOptions{Servers: []exchange.Server{{Addr: addr}}, Type: dns.TypeA},
		each(many, numbered),
		func(r *SweepResult) {
			n++
			if r.Replies[0].Outcome != exchange.Answered {
				failed++
			}
			if n%2_000 == 0 {
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapAlloc-min(now.HeapAlloc, before.HeapAlloc))
				if g := runtime.NumGoroutine(); g > goroutines+10 {
					t.Errorf("%d goroutines", g)
				}
			}
		})
	if err != nil || n != many || failed > many/1000 {
		t.Errorf("%d names, %d failed, %v", n, failed, err)
	}
	if most > 48<<20 {
		t.Errorf("the heap grew by %d MB", most>>20)
	}
	if s.exchanges.Len() > 0 {
		t.Errorf("%d answers are remembered", s.exchanges.Len())
	}
}

// TestSweepTruncated: answers that are cut off must not break the bounds: neither on goroutines nor on what is
// remembered.
func TestSweepTruncated(t *testing.T) {
	stuck := probetest.ServeTCP(t, true, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	s := openSession(t, openLive(t, nil), Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	before := runtime.NumGoroutine()
	var most atomic.Int64
	_ = s.Sweep(ctx, SweepOptions{Servers: []exchange.Server{{Addr: stuck}}, Type: dns.TypeTXT},
		func(yield func(string) bool) {
			for i := range 20_000 {
				if !yield(numbered(i)) {
					return
				}
				most.Store(max(most.Load(), int64(runtime.NumGoroutine())))
			}
		}, func(*SweepResult) {})
	if n := int(most.Load()) - before; n > 2*sweepWindow {
		t.Errorf("%d goroutines", n)
	}
}

// TestSweepCancelTruncated: a cancelled sweep does not wait for TCP.
func TestSweepCancelTruncated(t *testing.T) {
	t.Parallel()
	stuck := probetest.ServeTCP(t, true, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	s := openSession(t, openLive(t, nil), Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_ = s.Sweep(ctx, SweepOptions{Servers: []exchange.Server{{Addr: stuck}}, Type: dns.TypeTXT}, each(5, numbered),
		func(*SweepResult) {})
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestSweepTruncatedDenial: a denial that came over TCP has its TTL, as one that came over UDP has.
func TestSweepTruncatedDenial(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
			_ = w.WriteMsg(exchangetest.Reply(q, "tc"))
			return
		}
		_ = w.WriteMsg(exchangetest.Reply(q, "NXDOMAIN", soaLine))
	})
	s := openSession(t, openLive(t, nil), Options{})
	_ = s.Sweep(t.Context(), SweepOptions{Servers: []exchange.Server{server.Server}, Type: dns.TypeTXT},
		each(1, numbered),
		func(r *SweepResult) {
			if x := r.Replies[0]; x.Outcome != exchange.NXDomain || x.TTL != 300 { // the SOA's own, not its MINIMUM
				t.Errorf("%s, TTL %d", x.Outcome, x.TTL)
			}
		})
}

// TestSweepDeadline: names for which there is no time left were not asked; their servers are not unreachable.
func TestSweepDeadline(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(withA(q, 1, 60)) })
	s := openSession(t, openLive(t, nil), Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_ = s.Sweep(ctx, SweepOptions{Servers: []exchange.Server{{Addr: addr}}, Type: dns.TypeA, Rate: 10},
		each(20, numbered),
		func(r *SweepResult) {
			if x := r.Replies[0]; x.Outcome != exchange.Answered && x.Outcome != exchange.NotAsked {
				t.Errorf("%s: %s (%s)", r.Name, x.Outcome, x.Err)
			}
		})
}

func TestSweepRate(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(withA(q, 1, 60)) })
	s := openSession(t, openLive(t, nil), Options{})
	start := time.Now()
	if err := s.Sweep(t.Context(), SweepOptions{Servers: []exchange.Server{{Addr: addr}}, Type: dns.TypeA, Rate: 100},
		each(30, numbered), func(*SweepResult) {}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took < 190*time.Millisecond { // the first ten may go at once
		t.Errorf("30 names at 100 a second took %v", took)
	}
}

// TestSweepOverHTTPS: resolvers that are no UDP servers are asked as well.
func TestSweepOverHTTPS(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, _ := io.ReadAll(r.Body)
		m := new(dns.Msg)
		if m.Unpack(q) != nil {
			return
		}
		lines := []string{m.Question[0].Name + " 60 A 192.0.2.1"}
		if strings.HasPrefix(m.Question[0].Name, "n3.") {
			lines = []string{"NXDOMAIN", soaLine}
		}
		b, _ := exchangetest.Reply(m, lines...).Pack()
		_, _ = w.Write(b)
	}))
	server.Config.ErrorLog, server.TLS = silent, ca.Good(t, "127.0.0.1")
	server.StartTLS()
	t.Cleanup(server.Close)
	l := openLiveTrusting(t, nil, ca.Pool)
	t.Cleanup(l.Close)
	s := openSession(t, l, Options{})
	n := 0
	err := s.Sweep(t.Context(), SweepOptions{
		Servers: []exchange.Server{{Proto: exchange.DoH, URL: server.URL}},
		Type:    dns.TypeA,
	},
		each(60, numbered), func(r *SweepResult) {
			n++
			switch x := r.Replies[0]; {
			case r.Name == "n3.example":
				if x.Outcome != exchange.NXDomain || x.TTL != 300 { // the SOA's own, not its MINIMUM
					t.Errorf("%s: %s, TTL %d", r.Name, x.Outcome, x.TTL)
				}
			case x.Outcome != exchange.Answered || fmt.Sprint(x.Values) != "[192.0.2.1]":
				t.Errorf("%s: %s (%s)", r.Name, x.Outcome, x.Err)
			}
		})
	if err != nil || n != 60 {
		t.Errorf("%d names, %v", n, err)
	}
}

func TestSweepEdges(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(withA(q, 1, 60)) })
	s := openSession(t, openLive(t, nil), Options{})
	if err := s.Sweep(t.Context(), SweepOptions{Servers: []exchange.Server{{Addr: addr}}, Type: dns.TypeA},
		each(0, numbered),
		func(*SweepResult) { t.Error("a name out of nothing") }); err != nil {
		t.Error(err)
	}
	broken := openSession(t, openLive(t, func(context.Context, string, string) (net.Conn, error) {
		return nil,
			io.ErrUnexpectedEOF
	}), Options{})
	if err := broken.Sweep(t.Context(), SweepOptions{Servers: []exchange.Server{{Addr: addr}}, Type: dns.TypeA},
		each(3, numbered), func(*SweepResult) { t.Error("a name without a socket") }); err == nil {
		t.Error("a sweep without a socket")
	}
	if err := s.Sweep(t.Context(), SweepOptions{
		Servers: []exchange.Server{{Addr: addr}}, Type: dns.TypeA,
		Record: true,
	},
		each(3, numbered), func(*SweepResult) {}); err != nil {
		t.Error(err)
	}
	var asked []string
	for _, x := range s.Ledger().Exchanges() {
		asked = append(asked, x.Asked+" "+string(x.Outcome))
	}
	slices.Sort(asked)
	if fmt.Sprint(asked) != "[n0.example A answered n1.example A answered n2.example A answered]" {
		t.Errorf("the ledger has %q", asked)
	}
	// A server that refuses the network's way ends each name at once.
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	closed := netip.MustParseAddrPort(conn.LocalAddr().String())
	_ = conn.Close()
	start := time.Now()
	_ = s.Sweep(t.Context(), SweepOptions{Servers: []exchange.Server{{Addr: closed}}, Type: dns.TypeA},
		each(5, numbered),
		func(r *SweepResult) {
			if r.Replies[0].Outcome != exchange.Unreachable {
				t.Errorf("%s: %s", r.Name, r.Replies[0].Outcome)
			}
		})
	if took := time.Since(start); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
}
