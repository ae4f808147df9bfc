// Package heap spaces the garbage collections of a run.
package heap

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// minHeap is how much is allocated between two garbage collections at least, in bytes. A small heap is collected often
// otherwise, at a sixth of the time of a run over many domains.
const minHeap = 31 << 20

// Space lets the heap grow by minHeap before it is collected, and by minPercent once much more than that is in use.
// GOGC in the environment overrides it.
func Space() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(maxPercent)
	runtime.SetFinalizer(&collection{percent: maxPercent}, adapt)
}

const (
	maxPercent = 400 // GOGC while next to nothing is in use
	// GOGC of a large heap: less than usual, because a fleet leaves mostly garbage, and the peak is what counts
	minPercent = 74
)

// collection is garbage, whose finalizer runs after each collection.
type collection struct {
	percent int
	_       [4]*byte // finalizers of the smallest objects may never run
}

func adapt(c *collection) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	percent := minPercent
	if live[0].Value.Kind() == metrics.KindUint64 {
		percent = percentFor(live[0].Value.Uint64())
	}
	if diff := percent - c.percent; diff > 10 || diff < -10 { // setting it stops the program for a moment
		debug.SetGCPercent(percent)
		c.percent = percent
	}
	runtime.SetFinalizer(c, adapt)
}

// percentFor returns GOGC for a number of bytes in use: between minPercent and maxPercent.
func percentFor(live uint64) int {
	return int(min(maxPercent, max(minPercent, 100*minHeap/max(live, 1))))
}

// growing counts the calls of Grow under way.
var growing struct {
	sync.Mutex
	calls   int
	percent int // GOGC before the first of them
}

// Grow calls f, which keeps most of what it allocates, without collections: each would look through all that f has
// read so far, and find little to free. GOGC in the environment overrides it.
func Grow(f func()) {
	if os.Getenv("GOGC") != "" {
		f()
		return
	}
	growing.Lock()
	if growing.calls++; growing.calls == 1 {
		growing.percent = debug.SetGCPercent(-1)
	}
	growing.Unlock()
	defer func() {
		growing.Lock()
		defer growing.Unlock()
		if growing.calls--; growing.calls == 0 {
			debug.SetGCPercent(growing.percent)
		}
	}()
	f()
}
