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

// serverState is the health and load of one server.
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

// acquire waits for a slot at the server. It fails if the server is unresponsive or ctx ends.
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

// rejection is the outcome of a query that acquire rejected: the server's last outcome if it is unresponsive, else
// NotAsked.
func (st *serverState) rejection(err error) (exchange.Outcome, string) {
	if !errors.Is(err, errSilent) {
		return exchange.NotAsked, transport.ErrNotAsked.Error()
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.last, err.Error()
}

// release gives the slot back. Any answer resets the count of unanswered queries.
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
