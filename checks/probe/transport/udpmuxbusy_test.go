package transport

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
)

// TestUDPMuxBusy: silence while this machine did not let us run is ours. The question is repeated, and in the end was
// not asked in time.
func TestUDPMuxBusy(t *testing.T) {
	t.Parallel()
	var sent atomic.Int32
	addr := probetest.ServeUDP(t, "udp4", func([]byte, func([]byte)) { sent.Add(1) })
	p, err := newUDPMux(t.Context(), func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", addr.String())
	}, 1, 8, muxBatch, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	s, tries := p.socks[0], []time.Duration{200 * time.Millisecond}
	a, err := ask(t.Context(), p, "shop.example", tries)
	if err != nil {
		t.Fatal(err)
	}
	for waiting := true; waiting; {
		s.mu.Lock()
		for _, c := range s.calls {
			c.busy = tries[0] // as after a tick that came so late
		}
		s.mu.Unlock()
		select {
		case <-a.ended:
			waiting = false
		case <-time.After(10 * time.Millisecond):
		}
	}
	if !errors.Is(a.err, ErrBusy) || sent.Load() != 1+muxAgain {
		t.Errorf("%v after %d datagrams", a.err, sent.Load())
	}
	if o, why := Outcome(a.err); o != exchange.NotAsked {
		t.Errorf("outcome %s (%s)", o, why)
	}
}

// TestUDPMuxLateReader: an answer that waits in the socket while the reader is late is read before the question is
// given up.
func TestUDPMuxLateReader(t *testing.T) {
	t.Parallel()
	s := &muxSocket{calls: map[uint32]*Query{}, waiting: [][]muxTry{nil}, wakeAt: time.Now()}
	conn, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s.conn = conn.(*net.UDPConn)
	began := time.Now()
	c := &Query{
		Tries: []time.Duration{time.Second}, queryState: queryState{deadline: began.Add(10 * time.Millisecond), sent: true},
		Done: func(*Query, []byte, error) { t.Error("it was given up") }, mux: &UDPMux{window: make(chan struct{}, 1)},
	}
	s.calls[0], s.waiting[0] = c, []muxTry{{c, c.seq.Load()}}
	s.expire(began, began.Add(time.Second)) // the read began before the deadline: it looked too early for the answer
	if len(s.calls) != 1 || c.busy == 0 {
		t.Errorf("%d questions are open; the machine was busy for %v", len(s.calls), c.busy)
	}
}
