package transport

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"time"
)

// stalls measures for how long this machine did not run domdoc, while an exchange watches: a short timer fires late
// then. A server that seems not to answer in this time may have answered.
type stalls struct {
	mu       sync.Mutex // guards following
	watchers int
	running  bool          // measure is
	late     time.Duration // since the first watcher, over all of them
}

// stallAfter is how late a timer is on a machine that does not let us run. Less is normal under load, and of no
// consequence for exchanges that may take seconds.
const stallAfter = 50 * time.Millisecond

// watch starts measuring. The returned function stops it, and returns for how long this machine was late.
func (s *stalls) watch() func() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.late
	s.watchers++
	if !s.running {
		s.running = true
		go s.measure()
	}
	return func() time.Duration {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.watchers--
		return s.late - before
	}
}

func (s *stalls) measure() {
	for {
		due := time.Now().Add(muxTick)
		time.Sleep(muxTick)
		late := time.Since(due)
		s.mu.Lock()
		if late > stallAfter {
			s.late += late
		}
		s.running = s.watchers > 0
		running := s.running
		s.mu.Unlock()
		if !running {
			return
		}
	}
}

// closedByPeer is what errClosedByPeer says.
const closedByPeer = "the server closed the connection"

var errClosedByPeer = errors.New(closedByPeer)

// unlessBusy makes an exchange over TCP. It returns ErrBusy, which says nothing about the server, if the exchange timed
// out on either side before the answer was complete and this machine was late for a quarter of the time.
func unlessBusy[R any](ctx context.Context, s *stalls, exchange func() (*R, error), whole func(*R) bool) (*R, error) {
	began := time.Now()
	late := s.watch()
	r, err := exchange()
	lag := late()
	switch {
	case err == nil && whole(r), err != nil && !waited(ctx, err), errors.Is(ctx.Err(), context.Canceled):
		return r, err
	case lag > muxBusy && lag > time.Since(began)/4:
		return nil, ErrBusy
	}
	return r, err
}

// waited reports whether an exchange failed because of time.
func waited(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, errClosedByPeer) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE)
}
