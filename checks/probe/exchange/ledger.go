package exchange

import (
	"slices"
	"sync"
)

// Ledger lists the exchanges of one diagnosis. It is safe for concurrent use.
type Ledger struct {
	mu   sync.Mutex // guards following
	list []*Exchange
	seen map[*Exchange]bool
}

// Add adds an exchange, once.
func (l *Ledger) Add(x *Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[x] {
		return
	}
	if l.seen == nil {
		l.seen = map[*Exchange]bool{}
	}
	l.seen[x] = true
	l.list = append(l.list, x)
}

// Merge adds the exchanges of another ledger; nil is empty.
func (l *Ledger) Merge(other *Ledger) {
	if other == nil {
		return
	}
	other.mu.Lock()
	list := slices.Clone(other.list)
	other.mu.Unlock()
	for _, x := range list {
		l.Add(x)
	}
}

// Exchanges returns the exchanges, ordered by when they began.
func (l *Ledger) Exchanges() []*Exchange {
	l.mu.Lock()
	out := slices.Clone(l.list)
	l.mu.Unlock()
	slices.SortStableFunc(out, func(a, b *Exchange) int { return a.At.Compare(b.At) })
	return out
}
