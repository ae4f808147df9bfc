package transport

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
)

// TestUnlessBusy: an exchange that ends without an answer because of time says nothing of the server if this machine
// did not let us run meanwhile. Nothing measures here, so that the lateness is the test's.
func TestUnlessBusy(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	ended, end := context.WithCancel(t.Context())
	end()
	alert := invalidReply{errors.New("tls: handshake failure")}
	yes := "an answer"
	for name, c := range map[string]struct {
		ctx   context.Context
		late  time.Duration
		reply *string
		err   error
		whole bool
		want  error
	}{
		"silence":                     {over, 0, nil, context.DeadlineExceeded, false, context.DeadlineExceeded},
		"silence while busy":          {over, time.Hour, nil, context.DeadlineExceeded, false, ErrBusy},
		"half an answer while busy":   {over, time.Hour, &yes, nil, false, ErrBusy},
		"an answer while busy":        {over, time.Hour, &yes, nil, true, nil},
		"closed":                      {t.Context(), 0, nil, errClosedByPeer, false, errClosedByPeer},
		"closed while busy":           {t.Context(), time.Hour, nil, errClosedByPeer, false, ErrBusy},
		"reset while busy":            {t.Context(), time.Hour, nil, syscall.ECONNRESET, false, ErrBusy},
		"refused while busy":          {t.Context(), time.Hour, nil, syscall.ECONNREFUSED, false, syscall.ECONNREFUSED},
		"an alert while busy":         {t.Context(), time.Hour, nil, alert, false, alert},
		"the end of a run while busy": {ended, time.Hour, nil, context.Canceled, false, context.Canceled},
	} {
		s := &stalls{running: true}
		reply, err := unlessBusy(c.ctx, s, func() (*string, error) {
			s.late += c.late
			return c.reply, c.err
		}, func(*string) bool { return c.whole })
		if !errors.Is(err, c.want) || c.want == nil && (err != nil || reply != c.reply) || err != nil && reply != nil {
			t.Errorf("%s: %v, %v", name, reply, err)
		}
		if s.watchers != 0 {
			t.Errorf("%s: %d still watch", name, s.watchers)
		}
	}
}

// TestBusyWeb: a web server that does not answer in time is silent, unless this machine was too busy.
func TestBusyWeb(t *testing.T) {
	t.Parallel()
	for _, busy := range []bool{false, true} {
		l := NewLive(nil, nil)
		l.stalls.running = true
		addr := probetest.ServeTCP(t, false, func(net.Conn) {
			if busy {
				l.stalls.mu.Lock()
				l.stalls.late += time.Hour
				l.stalls.mu.Unlock()
			}
			<-t.Context().Done()
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := l.HTTP(ctx, exchange.HTTPAsk{Method: "GET", URL: "http://shop.example/", Addr: addr, Limit: 100})
		cancel()
		o, why := Outcome(err)
		if want := exchange.Timeout; !busy && o != want || busy && o != exchange.NotAsked {
			t.Errorf("HTTP, busy %v: %s (%s)", busy, o, why)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		r, err := l.TLS(ctx, addr, "shop.example")
		cancel()
		if busy && !errors.Is(err, ErrBusy) || !busy && errors.Is(err, ErrBusy) {
			t.Errorf("TLS, busy %v: %v, %v", busy, r, err)
		}
		l.Close()
	}
}

// TestStallsAreMeasured: whoever watches sees only what happens meanwhile, and the measuring ends with the last.
func TestStallsAreMeasured(t *testing.T) {
	t.Parallel()
	s := &stalls{running: true, late: time.Hour}
	first := s.watch()
	s.late += time.Minute
	second := s.watch()
	s.late += time.Second
	if a, b := first(), second(); a != time.Minute+time.Second || b != time.Second || s.watchers != 0 {
		t.Errorf("%v and %v", a, b)
	}
}
