package flight

import (
	"sync"
	"testing"
	"testing/synctest"
)

// TestWorkers: one goroutine runs one function after the other, several run at once, and none is left after Close.
func TestWorkers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // which waits for all goroutines
		var w Workers
		ran := 0
		for range 3 {
			w.Go(func() { ran++ })
			synctest.Wait()
		}
		if ran != 3 || len(w.idle) != 1 {
			t.Errorf("%d functions ran, want 3, and %d goroutines are left, want 1", ran, len(w.idle))
		}
		var all sync.WaitGroup
		all.Add(maxIdle + 10)
		for range maxIdle + 10 {
			w.Go(func() {
				all.Done()
				all.Wait() // for the others
			})
		}
		synctest.Wait()
		if len(w.idle) != maxIdle {
			t.Errorf("%d goroutines are left, want %d", len(w.idle), maxIdle)
		}
		w.Close()
		w.Go(func() { ran++ })
		synctest.Wait()
		if ran != 4 {
			t.Errorf("%d functions ran, want 4", ran)
		}
	})
}
