package probe

import "sync"

// Group runs functions concurrently and waits for all of them. Wait re-raises a panic of any of them in the goroutine
// that waits, where it can be recovered: a bug in one check does not end the program.
type Group struct {
	inTurn   bool // nothing in them waits for the network: Go runs them itself
	wg       sync.WaitGroup
	mu       sync.Mutex // guards following
	panicked any
}

// Group returns a group for questions to the session. In a replay it runs its functions in turn: a goroutine for each
// costs as much as the question.
func (s *Session) Group() *Group { return &Group{inTurn: s.opt.Replay != nil} }

// Go runs a function.
func (g *Group) Go(f func()) {
	if g.inTurn {
		g.guarded(f)
		return
	}
	g.wg.Go(func() { g.guarded(f) })
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
