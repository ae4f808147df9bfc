package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
	"golang.org/x/time/rate"
)

// Bounds of questions in tests. A busy machine must not turn an answer into a lost one, so what is to be answered is
// waited for patiently.
var (
	patient  = []time.Duration{time.Minute}
	lostOnce = []time.Duration{60 * time.Millisecond, time.Minute}
	lost     = []time.Duration{60 * time.Millisecond, 60 * time.Millisecond}
	// time enough for a wrong answer to arrive
	strange = []time.Duration{400 * time.Millisecond, 100 * time.Millisecond}
)

// openTestMux opens a mux; a negative number of sockets is one of shared muxes, which move datagrams one by one.
func openTestMux(t testing.TB, to netip.AddrPort, socks, window int, limit *rate.Limiter) *UDPMux {
	t.Helper()
	batch := muxBatch
	if socks < 0 {
		socks, batch = -socks%pumpOneByOne, sharedBatch
	}
	p, err := newUDPMux(context.Background(), func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", to.String())
	}, socks, window, batch, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// TestUDPMuxRests: the reader of a mux without open queries is not woken again.
func TestUDPMuxRests(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(probetest.EchoReply(q, 0)) })
	for _, socks := range []int{1, -1} {
		p := openTestMux(t, addr, socks, 8, nil)
		for i := range 20 {
			a, err := ask(t.Context(), p, fmt.Sprintf("n%d.example", i), patient)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.wait(t); err != nil {
				t.Fatal(err)
			}
			s := p.socks[0]
			s.mu.Lock()
			if s.ticking || len(s.waiting[0]) > 0 {
				t.Errorf("%d queries wait, and the reader ticks: %v", len(s.waiting[0]), s.ticking)
			}
			s.mu.Unlock()
		}
	}
}

// pumpOneByOne, negated, is the number of sockets of a pump as it is on systems other than Linux.
const pumpOneByOne = 100

// bothMuxes runs a test with a mux of n sockets that goroutines serve, and with a pump.
func bothMuxes(t *testing.T, n int, test func(t *testing.T, socks int)) {
	t.Parallel()
	for name, socks := range map[string]int{
		"goroutines": n, "one by one": -n, "pump": 0, "pump, one by one": -pumpOneByOne,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, socks)
		})
	}
}

// asking is one question over a mux, and how often it ended.
type asking struct {
	ended chan struct{} // closed at the first end
	ends  atomic.Int32
	reply []byte
	err   error
}

func (a *asking) wait(t testing.TB) ([]byte, error) {
	t.Helper()
	select {
	case <-a.ended:
		return a.reply, a.err
	case <-time.After(30 * time.Second):
		t.Fatal("the question did not end")
		return nil, nil
	}
}

// ask sends a question; the error is the mux's refusal to take it.
func ask(ctx context.Context, p *UDPMux, name string, tries []time.Duration) (*asking, error) {
	wire, qend, err := exchange.PackQuestion(name, dns.TypeA, exchange.FlagRD, true)
	if err != nil {
		return nil, err
	}
	a := &asking{ended: make(chan struct{})}
	return a, p.Ask(ctx, &Query{
		Wire: wire, QuestionEnd: qend, Tries: tries,
		Done: func(_ *Query, reply []byte, err error) {
			if a.ends.Add(1) == 1 {
				a.reply, a.err = bytes.Clone(reply), err
				close(a.ended)
			}
		},
	})
}

func TestUDPMuxReplies(t *testing.T) { bothMuxes(t, 1, testUDPMuxReplies) }

func testUDPMuxReplies(t *testing.T, socks int) {
	tests := []struct {
		name   string
		asked  string
		handle func(n int, q []byte, send func([]byte)) // n counts the datagrams from 1
		want   error
		sent   int // datagrams that the server must have seen; 0: any number
	}{
		{
			name: "an answer", handle: func(_ int, q []byte, send func([]byte)) { send(probetest.EchoReply(q, 0)) },
			sent: 1,
		},
		{name: "the answer comes twice", handle: func(_ int, q []byte, send func([]byte)) {
			send(probetest.EchoReply(q, 0))
			send(probetest.EchoReply(q, 0))
		}, sent: 1},
		{
			name: "the letters come in another case", asked: "shop.example",
			handle: func(_ int, q []byte, send func([]byte)) {
				b := probetest.EchoReply(q, 0)
				copy(b[13:17], "ShOp")
				send(b)
			},
		},
		{
			name: "a character that only looks like a letter in another case", asked: "a@b.example",
			handle: func(_ int, q []byte, send func([]byte)) {
				b := probetest.EchoReply(q, 0)
				b[14] |= 0x20 // @ becomes a backtick
				send(b)
			}, want: ErrMismatch,
		},
		{name: "the first datagram is lost", handle: func(n int, q []byte, send func([]byte)) {
			if n > 1 {
				send(probetest.EchoReply(q, 0))
			}
		}, sent: 2},
		{name: "every datagram is lost", handle: func(int, []byte, func([]byte)) {}, want: ErrTimeout, sent: 2},
		{name: "another id, then the right one", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)
			b[0] ^= 0xff
			send(b)
			send(probetest.EchoReply(q, 0))
		}, sent: 1},
		{name: "another id", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)
			b[0] ^= 0xff
			send(b)
		}, want: errOtherID, sent: 2},
		{name: "another question, then the right one", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)
			b[13] = 'x'
			send(b)
			send(probetest.EchoReply(q, 0))
		}, sent: 1},
		{name: "another question", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)
			b[13] = 'x'
			send(b)
		}, want: ErrMismatch, sent: 2},
		{name: "a longer question that begins the same", handle: func(_ int, q []byte, send func([]byte)) {
			m := new(dns.Msg)
			m.SetQuestion("shop.example.com.", dns.TypeA)
			m.Response = true
			b, _ := m.Pack()
			copy(b, q[:2])
			send(b)
		}, want: ErrMismatch},
		{name: "another type", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)
			b[len(b)-3] = 28
			send(b)
		}, want: ErrMismatch},
		{name: "another class", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)
			b[len(b)-1] = 3
			send(b)
		}, want: ErrMismatch},
		{name: "two questions", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)
			b[5] = 2
			send(b)
		}, want: ErrMismatch},
		{name: "a question, no reply", handle: func(_ int, q []byte, send func([]byte)) { send(q) }, want: ErrMismatch},
		{name: "another opcode", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)
			b[2] |= 5 << 3
			send(b)
		}, want: ErrMismatch},
		{name: "refused, without the question", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, dns.RcodeRefused)[:12]
			b[5] = 0
			send(b)
		}, sent: 1},
		{name: "no such name, without the question", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, dns.RcodeNameError)[:12]
			b[5] = 0
			send(b)
		}, want: ErrMismatch},
		{name: "no error, without the question", handle: func(_ int, q []byte, send func([]byte)) {
			b := probetest.EchoReply(q, 0)[:12]
			b[5] = 0
			send(b)
		}, want: ErrMismatch},
		{name: "half a header", handle: func(_ int, q []byte, send func([]byte)) { send(q[:11]) }, want: ErrTimeout},
		{name: "nothing in it", handle: func(_ int, _ []byte, send func([]byte)) { send(nil) }, want: ErrTimeout},
		{name: "a late answer to the first try does not end the second", handle: func() func(int, []byte, func([]byte)) {
			var first []byte
			return func(n int, q []byte, send func([]byte)) {
				if n == 1 {
					first = probetest.EchoReply(q, 0)
					return
				}
				send(first)
				if q[0] == first[0] && q[1] == first[1] { // once in 65,536 runs the ids are the same
					return
				}
				send(probetest.EchoReply(q, dns.RcodeServerFailure))
			}
		}(), sent: 2},
	}
	// All are asked before the first is looked at: most of them are about waiting, and they can wait together.
	counts := make([]atomic.Int32, len(tests))
	muxes := make([]*UDPMux, len(tests))
	all := make([]*asking, len(tests))
	for i, tt := range tests {
		addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
			tt.handle(int(counts[i].Add(1)), q, send)
		})
		tries := patient
		switch {
		case tt.want == nil && tt.sent == 2:
			tries = lostOnce
		case errors.Is(tt.want, ErrTimeout), errors.Is(tt.want, errOtherID):
			tries = lost
		case errors.Is(tt.want, ErrMismatch):
			tries = strange
		}
		name := tt.asked
		if name == "" {
			name = "shop.example"
		}
		var err error
		muxes[i] = openTestMux(t, addr, socks, 8, nil)
		if all[i], err = ask(t.Context(), muxes[i], name, tries); err != nil {
			t.Fatal(err)
		}
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, p := all[i], muxes[i]
			if _, err := a.wait(t); !errors.Is(err, tt.want) {
				t.Errorf("ended with %v, want %v", err, tt.want)
			}
			for wait := 0; tt.sent > 0 && int(counts[i].Load()) < tt.sent && wait < 60_000; wait++ {
				time.Sleep(time.Millisecond) // the server has yet to read what was sent
			}
			if n := int(counts[i].Load()); tt.sent > 0 && n != tt.sent {
				t.Errorf("%d datagrams were sent, want %d", n, tt.sent)
			}
			p.Close()
			if n := a.ends.Load(); n != 1 {
				t.Errorf("the question ended %d times", n)
			}
			if len(p.window) != 0 {
				t.Errorf("%d places of the window are still taken", len(p.window))
			}
		})
	}
}

// TestUDPMuxRefused: an ICMP message ends the open questions at once, and the socket lives on.
func TestUDPMuxRefused(t *testing.T) { bothMuxes(t, 1, testUDPMuxRefused) }

func testUDPMuxRefused(t *testing.T, socks int) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	addr := conn.LocalAddr().(*net.UDPAddr)
	_ = conn.Close()
	p := openTestMux(t, addr.AddrPort(), socks, 8, nil)
	for range 5 {
		start := time.Now()
		a, err := ask(t.Context(), p, "shop.example", patient)
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.wait(t)
		if !errors.Is(err, syscall.ECONNREFUSED) || time.Since(start) > 10*time.Second {
			t.Fatalf("ended with %v after %v", err, time.Since(start))
		}
		if o, why := Outcome(err); o != exchange.Unreachable || why != "connection refused" {
			t.Errorf("outcome %s (%s)", o, why)
		}
	}
	// Somebody else may have taken the port by now: then this part proves nothing.
	conn, err = net.ListenUDP("udp4", addr)
	if err != nil {
		t.Skip(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 512)
		for {
			n, from, err := conn.ReadFromUDP(b)
			if err != nil {
				return
			}
			_, _ = conn.WriteToUDP(probetest.EchoReply(b[:n], 0), from)
		}
	}()
	a, err := ask(t.Context(), p, "shop.example", patient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.wait(t); err != nil {
		t.Errorf("the server is there now, and the question ended with %v", err)
	}
	_ = conn.Close()
	<-done
}

// TestUDPMuxClose: each open question ends once, and so does each that comes later or meanwhile.
func TestUDPMuxClose(t *testing.T) { bothMuxes(t, 3, testUDPMuxClose) }

func testUDPMuxClose(t *testing.T, socks int) {
	addr := probetest.ServeUDP(t, "udp4", func([]byte, func([]byte)) {})
	p := openTestMux(t, addr, socks, 10_000, nil)
	var mu sync.Mutex
	var all []*asking
	put := func(tag string) {
		a, err := ask(t.Context(), p, tag+".example", patient)
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		all = append(all, a)
		mu.Unlock()
	}
	for i := range 100 {
		put(fmt.Sprintf("before%d", i))
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 500 {
				put(fmt.Sprintf("meanwhile%d-%d", w, i))
			}
		})
	}
	p.Close()
	p.Close() // twice does no harm
	wg.Wait()
	put("after")
	for _, a := range all {
		if _, err := a.wait(t); !errors.Is(err, errClosed) {
			t.Fatalf("ended with %v", err)
		}
	}
	for _, a := range all {
		if n := a.ends.Load(); n != 1 {
			t.Fatalf("a question ended %d times", n)
		}
	}
	if o, _ := Outcome(errClosed); o != exchange.NotAsked {
		t.Errorf("outcome %s", o)
	}
}

func TestUDPMuxWindow(t *testing.T) { bothMuxes(t, 1, testUDPMuxWindow) }

func testUDPMuxWindow(t *testing.T, socks int) {
	addr := probetest.ServeUDP(t, "udp4", func([]byte, func([]byte)) {})
	p := openTestMux(t, addr, socks, 2, nil)
	for range 2 {
		if _, err := ask(t.Context(), p, "shop.example", patient); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	a, err := ask(ctx, p, "third.example", patient)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the third question got %v", err)
	}
	if a.ends.Load() != 0 {
		t.Error("a question that was not taken must not end as well")
	}
}

// TestUDPMuxWindowFrees: a place is free again when a question ends, whichever way.
func TestUDPMuxWindowFrees(t *testing.T) { bothMuxes(t, 1, testUDPMuxWindowFrees) }

func testUDPMuxWindowFrees(t *testing.T, socks int) {
	n := 0
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		if n++; n%4 != 0 {
			send(probetest.EchoReply(q, 0))
		}
	})
	p := openTestMux(t, addr, socks, 1, nil)
	for i := range 12 {
		if _, err := ask(t.Context(), p, fmt.Sprintf("n%d.example", i), []time.Duration{30 * time.Millisecond}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUDPMuxRate(t *testing.T) { bothMuxes(t, 1, testUDPMuxRate) }

func testUDPMuxRate(t *testing.T, socks int) {
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(probetest.EchoReply(q, 0)) })
	p := openTestMux(t, addr, socks, 100, rate.NewLimiter(100, 1))
	start := time.Now()
	for i := range 11 {
		if _, err := ask(t.Context(), p, fmt.Sprintf("n%d.example", i), patient); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < 95*time.Millisecond {
		t.Errorf("11 questions at 100 a second took %v", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ask(ctx, p, "shop.example", patient); err == nil {
		t.Error("a question was taken after its context ended")
	}
}

func TestUDPMuxDialFails(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func([]byte, func([]byte)) {})
	tests := map[string]func(n int) (net.Conn, error){
		"the second socket cannot be opened": func(n int) (net.Conn, error) {
			if n > 1 {
				return nil, syscall.EMFILE
			}
			return net.Dial("udp", addr.String())
		},
		"a connection that is not a UDP socket": func(int) (net.Conn, error) {
			a, b := net.Pipe()
			_ = b.Close()
			return a, nil
		},
		"a socket that takes datagrams of anybody": func(int) (net.Conn, error) {
			return net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		},
	}
	for name, dial := range tests {
		t.Run(name, func(t *testing.T) { // what was opened must be closed: TestMain looks for goroutines
			t.Parallel()
			n := 0
			p, err := newUDPMux(t.Context(), func(context.Context) (net.Conn, error) { n++; return dial(n) }, 3, 1,
				muxBatch, nil)
			if err == nil || p != nil {
				t.Errorf("got %v, %v", p, err)
			}
		})
	}
}
