package checks

import (
	"context"
	"runtime"
	"sync"

	"domdoc/checks/result"
)

// Jobs is how many domains are diagnosed at once by default: a diagnosis mostly waits, and its work is small.
func Jobs() int { return 4 * runtime.GOMAXPROCS(0) }

// Fleet diagnoses targets, several at once, and gives each report with its target's number as it is ready; done is
// called by one goroutine at a time. It returns when all are done or the context ends.
func (d *Doctor) Fleet(ctx context.Context, targets func(yield func(int, Target) bool), jobs int,
	done func(int, *result.Domain),
) {
	if jobs <= 0 {
		jobs = Jobs()
	}
	type numbered struct {
		n int
		t Target
	}
	queue := make(chan numbered)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range jobs {
		wg.Go(func() {
			for q := range queue {
				r := d.Diagnose(ctx, q.t)
				mu.Lock()
				done(q.n, r)
				mu.Unlock()
			}
		})
	}
	targets(func(n int, t Target) bool {
		select {
		case queue <- numbered{n, t}:
			return true
		case <-ctx.Done():
			return false
		}
	})
	close(queue)
	wg.Wait()
}
