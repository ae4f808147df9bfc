package checks

import (
	"math"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// room is how many diagnoses this machine has time for beyond the usual number. While the network is waited for, that
// is many; a machine that is busy itself, with this process or others, would be late for answers. The zero value has
// room for none.
type room struct{ jobs atomic.Int32 }

const (
	roomTick = 50 * time.Millisecond
	// A machine is busy if more than one of manyLate goroutines that are ready to run waits for this long.
	lateWait = 0.005 // seconds
	manyLate = 20
)

// watch adjusts the room until done is closed: it grows by one at a time up to most, and is halved when the machine is
// busy.
func (r *room) watch(done <-chan struct{}, most int32) {
	tick := time.NewTicker(roomTick)
	defer tick.Stop()
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	var all, late uint64
	for {
		metrics.Read(sample)
		nowAll, nowLate := waits(sample[0].Value.Float64Histogram())
		if jobs := r.jobs.Load(); (nowLate-late)*manyLate > nowAll-all {
			r.jobs.Store(jobs / 2)
		} else {
			r.jobs.Store(min(jobs+1, most))
		}
		all, late = nowAll, nowLate
		select {
		case <-tick.C:
		case <-done:
			return
		}
	}
}

// waits counts how often goroutines waited to run, and how often for lateWait or longer.
func waits(h *metrics.Float64Histogram) (all, late uint64) {
	for i, n := range h.Counts {
		all += n
		if from := h.Buckets[i]; from >= lateWait && !math.IsInf(from, -1) {
			late += n
		}
	}
	return all, late
}

// wait waits until there is room for the n-th further diagnosis, from 0, and returns false once done is closed.
func (r *room) wait(done <-chan struct{}, n int32) bool {
	for r.jobs.Load() <= n {
		select {
		case <-time.After(roomTick):
		case <-done:
			return false
		}
	}
	return true
}
