package probe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"

	"golang.org/x/time/rate"
)

// serverState is what a session knows of one server's health.
type serverState struct {
	slots  chan struct{}
	limit  *rate.Limiter
	mu     sync.Mutex       // guards following
	silent int              // questions in a row that got no answer
	last   exchange.Outcome // how the last of them ended
	since  time.Time        // when the last of them ended
}

// Bounds of a session.
const (
	// questions a second to one server: far below what public resolvers allow an address
	DefaultRate = 200
	serverSlots = 96 // questions under way to one server
	// after so many unanswered questions in a row, each tried several times, a server is not asked again,
	silentEnough  = 2
	silentRecover = 20 * time.Second // until so much time has passed
)

// enter waits for a place at the server. It fails when the server has been silent too often, or ctx ends.
func (st *serverState) acquire(ctx context.Context) error {
	if st.unresponsive() {
		return errSilent
	}
	select {
	case st.slots <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", transport.ErrNotAsked, ctx.Err())
	}
	if st.unresponsive() { // it may have shown itself silent while we waited
		<-st.slots
		return errSilent
	}
	if err := transport.Wait(ctx, st.limit); err != nil {
		<-st.slots
		return err
	}
	return nil
}

// refused is the outcome of a question that enter did not let pass: what the server did last when it is left alone,
// else that we did not ask.
func (st *serverState) rejection(err error) (exchange.Outcome, string) {
	if !errors.Is(err, errSilent) {
		return exchange.NotAsked, transport.ErrNotAsked.Error()
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.last, err.Error()
}

// leave gives the place back. Every answer counts as one; silence and what the network says in the server's place do
// not.
func (st *serverState) release(o exchange.Outcome) {
	st.mu.Lock()
	switch o {
	case exchange.NotAsked: // we gave up, which says nothing of the server
	case exchange.Timeout, exchange.Unreachable:
		st.silent++
		st.since, st.last = time.Now(), o
	default:
		st.silent = 0
	}
	st.mu.Unlock()
	<-st.slots
}

func (st *serverState) unresponsive() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.silent >= silentEnough && time.Since(st.since) < silentRecover
}
