package probe

import "sync"

// Group runs functions at once and waits for all of them. A panic in one of them comes out of Wait, in the goroutine
// of whoever waits: there it can be caught, and a fault in one check does not end the program.
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
