package checks

import (
	"context"
	"runtime"
	"sync"

	"domdoc/checks/result"
)

// Jobs is the default number of concurrent diagnoses. A diagnosis mostly waits for the network.
func Jobs() int { return 4 * runtime.GOMAXPROCS(0) }

// Parallel calls work for each item, in jobs goroutines; 0 is [Jobs]. It returns when all calls have returned. Items
// that are left when the context ends are dropped.
func Parallel[T any](ctx context.Context, jobs int, items func(yield func(T) bool), work func(T)) {
	if jobs <= 0 {
		jobs = Jobs()
	}
	parallel(ctx, jobs, 0, items, work)
}

// parallel is Parallel with further goroutines, which take an item only while this machine is idle.
func parallel[T any](ctx context.Context, jobs, further int, items func(yield func(T) bool), work func(T)) {
	queue, done := make(chan T), make(chan struct{})
	var wg sync.WaitGroup
	var r room
	if further > 0 {
		wg.Go(func() { r.watch(done, int32(further)) })
	}
	for i := range further {
		wg.Go(func() {
			for r.wait(done, int32(i)) {
				item, ok := <-queue
				if !ok {
					return
				}
				work(item)
			}
		})
	}
	for range jobs {
		wg.Go(func() {
			for item := range queue {
				work(item)
			}
		})
	}
	items(func(item T) bool {
		select {
		case queue <- item:
			return true
		case <-ctx.Done():
			return false
		}
	})
	close(done)
	close(queue)
	wg.Wait()
}

// furtherJobs is how many times as many diagnoses are made at once while this machine is idle: the rest of the time is
// the network's.
const furtherJobs = 4

// Fleet diagnoses targets, jobs at once, and calls done with each report and the number of its target, one call at
// a time. It returns when all targets are done or the context ends. With 0 jobs, it is [Jobs], and more while this
// machine is idle.
func (d *Doctor) Fleet(ctx context.Context, targets func(yield func(int, Target) bool), jobs int,
	done func(int, *result.Domain),
) {
	type numbered struct {
		n      int
		target Target
	}
	var mu sync.Mutex
	further := 0
	if jobs <= 0 {
		jobs = Jobs()
		further = (furtherJobs - 1) * jobs
	}
	parallel(ctx, jobs, further, func(yield func(numbered) bool) {
		targets(func(n int, t Target) bool { return yield(numbered{n, t}) })
	}, func(x numbered) {
		r := d.Diagnose(ctx, x.target)
		mu.Lock()
		defer mu.Unlock()
		done(x.n, r)
	})
}
