package observe

import (
	"sync"
	"sync/atomic"
)

// lazy is a value that is computed on first use, once. The zero value is ready for use. It is safe for concurrent
// use.
type lazy[T any] struct {
	once  sync.Once
	value func() T
	known atomic.Bool
}

// get returns the value, computing it on the first call. A panic in compute is raised in every caller.
func (l *lazy[T]) get(compute func() T) T {
	l.once.Do(func() {
		l.value = sync.OnceValue(func() T {
			v := compute()
			l.known.Store(true)
			return v
		})
	})
	return l.value()
}

// peek returns the value if it has been computed. It never computes it.
func (l *lazy[T]) peek() (T, bool) {
	if !l.known.Load() {
		var zero T
		return zero, false
	}
	return l.value(), true
}
