package flight

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestConcurrentCallersShareOneComputation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c Cache[string, int]
		var computed atomic.Int32
		release := make(chan struct{})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				v, err := c.Do(t.Context(), "k", func() int { computed.Add(1); <-release; return 7 })
				if v != 7 || err != nil {
					t.Errorf("got %d, %v", v, err)
				}
			})
		}
		synctest.Wait()
		if _, ok := c.Peek("k"); ok {
			t.Error("Peek returned a value that is still being computed")
		}
		close(release)
		wg.Wait()
		if v, err := c.Do(t.Context(), "k", func() int { computed.Add(1); return 8 }); v != 7 || err != nil {
			t.Errorf("a later caller got %d, %v", v, err)
		}
		if v, ok := c.Peek("k"); v != 7 || !ok {
			t.Errorf("Peek returned %d, %v", v, ok)
		}
		if n := computed.Load(); n != 1 {
			t.Errorf("computed %d times", n)
		}
	})
}

func TestFirstCallerGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c Cache[string, int]
		release := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := c.Do(ctx, "k", func() int { <-release; return 7 })
			first <- err
		}()
		synctest.Wait()
		second := make(chan int, 1)
		go func() {
			v, err := c.Do(t.Context(), "k", func() int { return 8 })
			if err != nil {
				t.Error(err)
			}
			second <- v
		}()
		synctest.Wait()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the first caller got %v", err)
		}
		close(release)
		if v := <-second; v != 7 {
			t.Errorf("the second caller got %d: it was computed twice", v)
		}
	})
}

func TestOldestAreEvicted(t *testing.T) {
	t.Parallel()
	c := Cache[int, int]{Limit: 3}
	for i := range 10 {
		if _, err := c.Do(t.Context(), i, func() int { return i }); err != nil {
			t.Fatal(err)
		}
		if c.Len() > 3 {
			t.Fatalf("holds %d values, limit 3", c.Len())
		}
	}
	for i := range 10 {
		if _, ok := c.Peek(i); ok != (i >= 7) {
			t.Errorf("value %d is kept: %v", i, ok)
		}
	}
}

func TestInFlightIsNotEvicted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := Cache[int, int]{Limit: 2}
		release := make(chan struct{})
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() { _, _ = c.Do(t.Context(), i, func() int { <-release; return i }) })
		}
		synctest.Wait()
		if c.Len() != 5 {
			t.Errorf("holds %d of 5 computations", c.Len())
		}
		close(release)
		wg.Wait()
		if v, _ := c.Do(t.Context(), 9, func() int { return 9 }); v != 9 || c.Len() != 2 {
			t.Errorf("got %d; holds %d values afterwards, limit 2", v, c.Len())
		}
	})
}

func TestForget(t *testing.T) {
	t.Parallel()
	var c Cache[string, int]
	n := 0
	compute := func() int { n++; return n }
	for range 2 {
		if v, _ := c.Do(t.Context(), "k", compute); v != 1 {
			t.Errorf("got %d, want 1", v)
		}
	}
	c.Forget("k")
	c.Forget("unknown")
	if v, _ := c.Do(t.Context(), "k", compute); v != 2 {
		t.Errorf("after Forget: got %d, want 2", v)
	}
	v, _ := c.Do(t.Context(), "cut short", func() int { c.Forget("cut short"); return 5 })
	if _, ok := c.Peek("cut short"); v != 5 || ok || c.Len() != 1 || c.oldest == nil || c.oldest != c.youngest {
		t.Errorf("forgotten while computed: got %d, kept %v, %d keys", v, ok, c.Len())
	}
}

func TestPanicReachesEveryCaller(t *testing.T) {
	t.Parallel()
	var c Cache[string, int]
	for range 2 {
		func() {
			defer func() {
				if r := recover(); fmt.Sprint(r) != "broken" {
					t.Errorf("recovered %v", r)
				}
			}()
			_, _ = c.Do(t.Context(), "k", func() int { panic("broken") })
			t.Error("Do returned")
		}()
	}
	if _, ok := c.Peek("k"); ok {
		t.Error("Peek returned the value of a failed computation")
	}
}
