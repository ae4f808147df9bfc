package checks

import (
	"math"
	"runtime/metrics"
	"slices"
	"sync"
	"testing"
)

// TestWaits: a wait counts as late if all of its bucket is.
func TestWaits(t *testing.T) {
	t.Parallel()
	all, late := waits(&metrics.Float64Histogram{
		Buckets: []float64{math.Inf(-1), 0, lateWait / 2, lateWait, 2 * lateWait, math.Inf(1)},
		Counts:  []uint64{1, 10, 100, 1000, 10000},
	})
	if all != 11111 || late != 11000 {
		t.Errorf("%d waits, %d late", all, late)
	}
}

// TestRoomEnds: who waits for room that never comes ends with the run.
func TestRoomEnds(t *testing.T) {
	t.Parallel()
	var r room
	r.jobs.Store(1)
	done := make(chan struct{})
	if !r.wait(done, 0) {
		t.Error("there is room for one")
	}
	close(done)
	if r.wait(done, 1) {
		t.Error("there is room for a second")
	}
}

// TestParallelTakesEach: each item is taken once, however many take them.
func TestParallelTakesEach(t *testing.T) {
	t.Parallel()
	const items = 1000
	var mu sync.Mutex
	var taken []int
	parallel(t.Context(), 2, 6, func(yield func(int) bool) {
		for i := range items {
			if !yield(i) {
				return
			}
		}
	}, func(i int) {
		mu.Lock()
		defer mu.Unlock()
		taken = append(taken, i)
	})
	slices.Sort(taken)
	if len(taken) != items || len(slices.Compact(taken)) != items {
		t.Errorf("%d items were taken", len(taken))
	}
}
