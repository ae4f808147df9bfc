package heap

import (
	"runtime/debug"
	"sync"
	"testing"
)

// TestPercentFor: a small heap is collected rarely, a large one more often than usual.
func TestPercentFor(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{
		0: maxPercent, 1 << 20: maxPercent, minHeap / 2: 200, minHeap: 100, 1 << 30: minPercent,
	} {
		if got := percentFor(live); got != want {
			t.Errorf("%d bytes in use: %d%%, want %d%%", live, got, want)
		}
	}
}

// TestGrow: there are no collections while any call is under way, and as many as before afterwards.
func TestGrow(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(123)
	defer debug.SetGCPercent(before)
	now := func() int {
		percent := debug.SetGCPercent(-1)
		debug.SetGCPercent(percent)
		return percent
	}
	inside, leave := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() { Grow(func() { inside <- true; <-leave }) })
	<-inside
	Grow(func() {
		if got := now(); got != -1 {
			t.Errorf("in a call: %d%%", got)
		}
	})
	if got := now(); got != -1 {
		t.Errorf("after one of two calls: %d%%", got)
	}
	close(leave)
	wg.Wait()
	func() {
		defer func() { _ = recover() }()
		Grow(func() { panic("the reader failed") })
	}()
	if got := now(); got != 123 {
		t.Errorf("afterwards: %d%%, want 123%%", got)
	}
}
