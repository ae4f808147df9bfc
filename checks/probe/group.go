package probe

import "sync"

// Group runs functions concurrently and waits for all of them. Wait re-raises a panic of any of them in the goroutine
// that waits, where it can be recovered: a bug in one check does not end the program.
type Group struct {
	wg       sync.WaitGroup
	mu       sync.Mutex // guards following
	panicked any
}

// Go runs a function.
func (g *Group) Go(f func()) {
	g.wg.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				g.mu.Lock()
				g.panicked = r
				g.mu.Unlock()
			}
		}()
		f()
	})
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
