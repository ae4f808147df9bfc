// Package flight provides a cache that computes each value once, no matter how many callers ask for it at once, and
// that stays within a bound.
//
// golang.org/x/sync/singleflight is not used: it keeps no values, and a panic in a shared call ends the program.
package flight

import (
	"context"
	"sync"
)

// Cache computes and keeps the value of each key. The zero value is ready for use and unbounded. It is safe for
// concurrent use and must not be copied after first use.
type Cache[K comparable, V any] struct {
	// Limit is how many values are kept; the oldest that were not requested again are evicted first. Zero means no
	// limit. Values still being computed are never evicted, so that each is computed once. Set it before first use.
	Limit int
	// InTurn has Do compute in the goroutine that calls it. It is for computations that wait for nothing: a caller whose
	// ctx ends waits for its own. Set it before first use.
	InTurn bool
	// Workers run the computations; nil starts a goroutine for each. Set it before first use.
	Workers *Workers

	mu      sync.Mutex // guards the fields below
	entries map[K]*entry[K, V]
	// the entries in the order of their eviction
	oldest, youngest *entry[K, V]
}

type entry[K comparable, V any] struct {
	key          K
	older, newer *entry[K, V] // the mutex of the cache guards these, and used
	used         bool         // since it was last considered for eviction

	done     chan struct{} // closed once the fields below are set
	val      V
	panicked any
}

// Do returns the value of key, calling compute if no other caller has. compute runs in its own goroutine: when ctx
// ends first, Do returns its error, and the computation goes on for the other callers. A panic in compute is raised
// in every caller of Do.
//
// A compute function that does not want its value cached (it was cut short, say) calls Forget before it returns.
func (c *Cache[K, V]) Do(ctx context.Context, key K, compute func() V) (V, error) {
	return c.Begin(key, compute).Wait(ctx)
}

// Pending is a value that is computed, or was.
type Pending[K comparable, V any] struct{ *entry[K, V] }

// Begin is Do for a caller that waits later. With InTurn it computes the value.
func (c *Cache[K, V]) Begin(key K, compute func() V) Pending[K, V] {
	p, fresh := c.Reserve(key)
	switch {
	case !fresh:
	case c.InTurn:
		p.run(compute)
	default:
		c.Workers.Go(func() { p.run(compute) })
	}
	return p
}

// Reserve is Begin for a caller that computes the value itself, without a goroutine that waits for it: if the value is
// fresh, the caller must call Complete.
func (c *Cache[K, V]) Reserve(key K) (p Pending[K, V], fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[key]; e != nil {
		e.used = true
		return Pending[K, V]{e}, false
	}
	e := &entry[K, V]{key: key, done: make(chan struct{})}
	if c.entries == nil {
		c.entries = map[K]*entry[K, V]{}
	}
	c.entries[key] = e
	c.append(e)
	c.evict()
	return Pending[K, V]{e}, true
}

// Complete sets a value that was reserved. It must be called once.
func (p Pending[K, V]) Complete(v V) {
	p.val = v
	close(p.done)
}

// Done is closed once the value is computed.
func (p Pending[K, V]) Done() <-chan struct{} { return p.done }

// Wait returns the value once it is computed, or the error of ctx if that ends first.
func (p Pending[K, V]) Wait(ctx context.Context) (V, error) {
	select {
	case <-p.done: // most often
	default:
		select {
		case <-p.done:
		case <-ctx.Done():
			var zero V
			return zero, ctx.Err()
		}
	}
	if p.panicked != nil {
		panic(p.panicked)
	}
	return p.val, nil
}

func (e *entry[K, V]) run(compute func() V) {
	defer close(e.done)
	defer func() { e.panicked = recover() }()
	e.val = compute()
}

// Peek returns the value of key if it has been computed. It never computes or waits.
func (c *Cache[K, V]) Peek(key K) (V, bool) {
	c.mu.Lock()
	e := c.entries[key]
	if e != nil {
		e.used = true
	}
	c.mu.Unlock()
	if e != nil {
		select {
		case <-e.done:
			return e.val, e.panicked == nil
		default:
		}
	}
	var zero V
	return zero, false
}

// Forget drops the value of key, so that the next call of Do computes it again. Callers that are already waiting
// still get it.
func (c *Cache[K, V]) Forget(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[key]; e != nil {
		delete(c.entries, key)
		c.unlink(e)
	}
}

// append makes an entry the youngest. c.mu is held.
func (c *Cache[K, V]) append(e *entry[K, V]) {
	if e.older, e.newer = c.youngest, nil; e.older == nil {
		c.oldest = e
	} else {
		e.older.newer = e
	}
	c.youngest = e
}

// unlink takes an entry out of the order. c.mu is held.
func (c *Cache[K, V]) unlink(e *entry[K, V]) {
	if e.older == nil {
		c.oldest = e.newer
	} else {
		e.older.newer = e.newer
	}
	if e.newer == nil {
		c.youngest = e.older
	} else {
		e.newer.older = e.older
	}
	e.older, e.newer = nil, nil
}

// evict drops the oldest computed values beyond the limit, except those that were used meanwhile, which become the
// youngest (the clock algorithm). c.mu is held.
func (c *Cache[K, V]) evict() {
	if c.Limit <= 0 {
		return
	}
	for range 2 * len(c.entries) {
		if len(c.entries) <= c.Limit {
			return
		}
		e := c.oldest
		c.unlink(e)
		select {
		case <-e.done:
			if !e.used {
				delete(c.entries, e.key)
				continue
			}
		default: // in flight
		}
		e.used = false
		c.append(e)
	}
}

// Len returns how many keys the cache holds, including those being computed.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}
