package flight

import "sync"

// Workers runs functions in goroutines that are used again: the stack of a new goroutine grows in steps, each of which
// copies it, at a tenth of the time of a diagnosis. There is no bound on how many run at once. A nil *Workers starts a
// goroutine for each function.
type Workers struct {
	mu     sync.Mutex // guards following
	idle   []chan func()
	closed bool
}

// maxIdle is how many goroutines wait for the next function.
const maxIdle = 256

// Go runs a function in a goroutine of its own.
func (w *Workers) Go(f func()) {
	if w == nil {
		go f()
		return
	}
	w.mu.Lock()
	if n := len(w.idle) - 1; n >= 0 {
		next := w.idle[n] // the last one: its stack is still in the cache
		w.idle = w.idle[:n]
		w.mu.Unlock()
		next <- f
		return
	}
	w.mu.Unlock()
	go w.work(f)
}

func (w *Workers) work(f func()) {
	var next chan func()
	for f != nil {
		f()
		if next == nil {
			next = make(chan func(), 1)
		}
		w.mu.Lock()
		if w.closed || len(w.idle) >= maxIdle {
			w.mu.Unlock()
			return
		}
		w.idle = append(w.idle, next)
		w.mu.Unlock()
		f = <-next
	}
}

// Close ends the goroutines that wait. Those that run a function end with it.
func (w *Workers) Close() {
	w.mu.Lock()
	idle := w.idle
	w.idle, w.closed = nil, true
	w.mu.Unlock()
	for _, next := range idle {
		close(next)
	}
}
