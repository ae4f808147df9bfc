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

	"golang.org/x/net/ipv4"
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
		Tries: []time.Duration{time.Second}, deadline: began.Add(10 * time.Millisecond), sent: true,
		Done: func(*Query, []byte, error) { t.Error("it was given up") }, mux: &UDPMux{window: make(chan struct{}, 1)},
	}
	s.calls[0], s.waiting[0] = c, []muxTry{{c, c.seq}}
	s.expire(began, began.Add(time.Second)) // the read began before the deadline: it looked too early for the answer
	if len(s.calls) != 1 || c.busy == 0 {
		t.Errorf("%d questions are open; the machine was busy for %v", len(s.calls), c.busy)
	}
}

// written counts the datagrams that are written to it.
type written int

func (w *written) ReadBatch([]ipv4.Message, int) (int, error) { return 0, net.ErrClosed }

func (w *written) WriteBatch(ms []ipv4.Message, _ int) (int, error) {
	*w += written(len(ms))
	return len(ms), nil
}

// TestUDPMuxUsedAgain: what is left in the lists of a query that is over has no part in what it is used for next: it is
// sent once, and holds up no deadline.
func TestUDPMuxUsedAgain(t *testing.T) {
	t.Parallel()
	conn, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var sent written
	s := &muxSocket{calls: map[uint32]*Query{}, batch: &sent, conn: conn.(*net.UDPConn)}
	p := &UDPMux{socks: []*muxSocket{s}, window: make(chan struct{}, 8)}
	ended := map[string]error{}
	put := func(c *Query, name string, tries time.Duration) {
		wire, qend, err := exchange.PackQuestion(name, 1, exchange.FlagRD, true)
		if err != nil {
			t.Fatal(err)
		}
		c.Wire, c.QuestionEnd, c.Tries = wire, qend, []time.Duration{tries}
		c.Done = func(_ *Query, _ []byte, err error) { ended[name] = err }
		if err := p.Ask(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	again, other := &Query{}, &Query{}
	put(again, "first.example", time.Minute)
	put(other, "other.example", time.Minute)
	reply := probetest.EchoReply(again.Wire, 0)
	s.mu.Lock()
	c := s.match(reply) // before it was sent: its id was guessed
	s.mu.Unlock()
	if c != again {
		t.Fatal("the reply has no query")
	}
	c.end(reply, nil)
	put(again, "second.example", time.Hour)
	s.flush(newMuxWriter(muxBatch))
	if sent != 2 {
		t.Errorf("%d datagrams were sent for 2 open queries", sent)
	}
	later := time.Now().Add(2 * time.Minute)
	s.wakeAt = later
	s.expire(later, later)
	if err, ok := ended["other.example"]; !ok || !errors.Is(err, ErrTimeout) {
		t.Errorf("the query whose time is over ended: %v, %v", ok, err)
	}
	if err, ok := ended["second.example"]; ok {
		t.Errorf("the query that has an hour ended with %v", err)
	}
	if n := len(s.waiting[0]); n != 1 {
		t.Errorf("%d tries wait for one query", n)
	}
}
