package transport

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
	"golang.org/x/time/rate"
)

// TestUDPMuxOutOfOrder: the server keeps all questions and answers the last first.
func TestUDPMuxOutOfOrder(t *testing.T) { bothMuxes(t, 2, testUDPMuxOutOfOrder) }

func testUDPMuxOutOfOrder(t *testing.T, socks int) {
	const many = 200
	var held []func()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		held = append(held, func() { send(probetest.EchoReply(q, 0)) })
		if len(held) == many {
			for _, f := range slices.Backward(held) {
				f()
			}
		}
	})
	p := openTestMux(t, addr, socks, many, nil)
	var all []*asking
	for i := range many {
		a, err := ask(t.Context(), p, fmt.Sprintf("n%d.example", i), patient)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	for i, a := range all {
		got, err := a.wait(t)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("n%d", i); string(got[13:13+got[12]]) != want {
			t.Errorf("question %s got the answer to %s", want, got[13:13+got[12]])
		}
	}
}

// TestUDPMuxLossy: many askers, a server that loses, repeats and delays.
func TestUDPMuxLossy(t *testing.T) { bothMuxes(t, 3, testUDPMuxLossy) }

func testUDPMuxLossy(t *testing.T, socks int) {
	const many = 3000
	seen := map[string]int{}
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		name := string(q[13 : 13+q[12]])
		seen[name]++
		switch n := binary.BigEndian.Uint16(q) % 8; {
		case n < 2 && seen[name] < 4: // lost
		case n == 2:
			send(probetest.EchoReply(q, 0))
			send(probetest.EchoReply(q, dns.RcodeServerFailure)) // the second answer must not count
		default:
			send(probetest.EchoReply(q, 0))
		}
	})
	p := openTestMux(t, addr, socks, 200, rate.NewLimiter(rate.Inf, 1))
	tries := append(slices.Repeat(lost, 2), patient...)
	const askers = 300
	var wg sync.WaitGroup
	for w := range askers {
		wg.Go(func() {
			for i := w; i < many; i += askers {
				a, err := ask(t.Context(), p, fmt.Sprintf("n%d.example", i), tries)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := a.wait(t)
				if err != nil {
					t.Errorf("n%d: %v", i, err)
					continue
				}
				if got[3]&15 != 0 || string(got[13:13+got[12]]) != fmt.Sprintf("n%d", i) {
					t.Errorf("n%d got a wrong answer", i)
				}
				if n := a.ends.Load(); n != 1 {
					t.Errorf("n%d ended %d times", i, n)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkUDPMux is one question after the other is answered, 256 under way, against a server in the same process.
func BenchmarkUDPMux(b *testing.B) {
	addr := probetest.ServeUDP(b, "udp4", func(q []byte, send func([]byte)) {
		q[2] |= 0x80
		send(q)
	})
	p := openTestMux(b, addr, 1, 256, nil)
	wires := make([][]byte, 4096)
	qend := 0
	for i := range wires {
		wires[i], qend, _ = exchange.PackQuestion(fmt.Sprintf("n%04d.example", i), dns.TypeA, exchange.FlagRD, true)
	}
	var failed atomic.Int64
	var wg sync.WaitGroup
	done := func(_ *Query, _ []byte, err error) {
		if err != nil {
			failed.Add(1)
		}
		wg.Done()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		wg.Add(1)
		wire := bytes.Clone(wires[i%len(wires)])
		if err := p.Ask(b.Context(), &Query{Wire: wire, QuestionEnd: qend, Tries: patient, Done: done}); err != nil {
			b.Fatal(err)
		}
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "questions/s")
	if n := failed.Load(); n > 0 {
		b.Errorf("%d of %d failed", n, b.N)
	}
}

// TestUDPMuxPump: the goroutine that asks serves the mux itself; what it leaves is served when it drains the mux, is
// held up, or goes away.
func TestUDPMuxPump(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(probetest.EchoReply(q, 0)) })
	p := openTestMux(t, addr, 0, 8, nil)
	askAll := func(n int) (all []*asking) {
		for i := range n {
			a, err := ask(t.Context(), p, fmt.Sprintf("n%d.example", i), patient)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, a)
		}
		return all
	}
	for i, a := range askAll(100)[:92] { // the window has 8 places
		if a.ends.Load() != 1 {
			t.Errorf("question %d ended %d times before there was a place for the last", i, a.ends.Load())
		}
	}
	p.Drain(t.Context())
	last := askAll(5)
	p.Drain(t.Context())
	for i, a := range last {
		if a.ends.Load() != 1 {
			t.Errorf("question %d of the last ended %d times", i, a.ends.Load())
		}
	}
	for _, a := range askAll(3) { // nobody comes again
		if _, err := a.wait(t); err != nil {
			t.Error(err)
		}
	}
}

// TestUDPMuxPumpReleased: places that are held by queries that continue elsewhere hold up only until they are released.
func TestUDPMuxPumpReleased(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		if q[13] == 'h' {
			send(probetest.EchoReply(q, 0))
		}
	})
	for _, first := range []string{"silent.example", "held.example"} { // in flight, or held as well
		p := openTestMux(t, addr, 0, 2, nil)
		held := make(chan struct{}, 2)
		put := func(name string) {
			wire, qend, err := exchange.PackQuestion(name, dns.TypeA, exchange.FlagRD, true)
			if err != nil {
				t.Error(err)
			}
			err = p.Ask(t.Context(), &Query{
				Wire: wire, QuestionEnd: qend, Tries: patient, More: func(*Query, []byte) bool { return true },
				Done: func(c *Query, _ []byte, _ error) {
					if c.Held {
						held <- struct{}{}
					}
				},
			})
			if err != nil {
				t.Error(err)
			}
		}
		put(first)
		put("held.example")
		<-held
		if first == "held.example" {
			<-held
		}
		taken := make(chan struct{})
		go func() {
			defer close(taken)
			put("silent.example")
		}()
		select {
		case <-taken:
			t.Error("a query was taken while the window was full")
		case <-time.After(50 * time.Millisecond):
		}
		p.Release()
		<-taken
	}
}
