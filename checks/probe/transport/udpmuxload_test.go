package transport

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
	"golang.org/x/time/rate"
)

// TestUDPMuxOutOfOrder: the server keeps all questions and answers the last first.
func TestUDPMuxOutOfOrder(t *testing.T) {
	t.Parallel()
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
	p := openTestMux(t, addr, 2, many, nil)
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
func TestUDPMuxLossy(t *testing.T) {
	t.Parallel()
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
	p := openTestMux(t, addr, 3, 200, rate.NewLimiter(rate.Inf, 1))
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
