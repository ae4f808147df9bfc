package probe

import (
	"sync"

	"domdoc/checks/probe/flight"
)

// Group runs functions concurrently and waits for all of them. Wait re-raises a panic of any of them in the goroutine
// that waits, where it can be recovered: a bug in one check does not end the program. The zero value starts a goroutine
// for each function.
type Group struct {
	inTurn   bool // nothing in them waits for the network: Go runs them itself
	workers  *flight.Workers
	wg       sync.WaitGroup
	mu       sync.Mutex // guards following
	panicked any
}

// Group returns a group for questions to the session, in goroutines that are used again. In a replay it runs its
// functions in turn: a goroutine for each costs as much as the question.
func (s *Session) Group() *Group { return &Group{inTurn: s.opt.Replay != nil, workers: &s.workers} }

// Go runs a function.
func (g *Group) Go(f func()) {
	if g.inTurn {
		g.guarded(f)
		return
	}
	g.wg.Add(1)
	g.workers.Go(func() {
		defer g.wg.Done()
		g.guarded(f)
	})
}

func (g *Group) guarded(f func()) {
	defer func() {
		if r := recover(); r != nil {
			g.mu.Lock()
			g.panicked = r
			g.mu.Unlock()
		}
	}()
	f()
}

// Wait waits for all functions, and panics if one of them did.
func (g *Group) Wait() {
	g.wg.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.panicked != nil {
		panic(g.panicked)
	}
}
