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
	queue := make(chan T)
	var wg sync.WaitGroup
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
	close(queue)
	wg.Wait()
}

// Fleet diagnoses targets, several at once, and calls done with each report and the number of its target, one call at
// a time. It returns when all targets are done or the context ends.
func (d *Doctor) Fleet(ctx context.Context, targets func(yield func(int, Target) bool), jobs int,
	done func(int, *result.Domain),
) {
	type numbered struct {
		n      int
		target Target
	}
	var mu sync.Mutex
	Parallel(ctx, jobs, func(yield func(numbered) bool) {
		targets(func(n int, t Target) bool { return yield(numbered{n, t}) })
	}, func(x numbered) {
		r := d.Diagnose(ctx, x.target)
		mu.Lock()
		defer mu.Unlock()
		done(x.n, r)
	})
}
