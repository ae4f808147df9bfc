package observe

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestLazyComputesOnce(t *testing.T) {
	t.Parallel()
	var l lazy[int]
	if v, ok := l.peek(); ok {
		t.Errorf("peek gives %d before the first get", v)
	}
	var calls atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if v := l.get(func() int { calls.Add(1); return 7 }); v != 7 {
				t.Errorf("got %d, want 7", v)
			}
		})
	}
	wg.Wait()
	if n := calls.Load(); n != 1 {
		t.Errorf("computed %d times, want once", n)
	}
	if v, ok := l.peek(); !ok || v != 7 {
		t.Errorf("peek gives %d, %v after get", v, ok)
	}
}

// TestLazyPanics checks that a panic reaches every caller, not only the first.
func TestLazyPanics(t *testing.T) {
	t.Parallel()
	var l lazy[int]
	for i := range 2 {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("call %d did not panic", i)
				}
			}()
			l.get(func() int { panic("broken") })
		}()
	}
	if _, ok := l.peek(); ok {
		t.Error("peek gives a value of a computation that panicked")
	}
}
