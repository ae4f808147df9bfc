package exchange

import (
	"slices"
	"sync"
)

// Ledger is the list of the exchanges of one diagnosis, in the order in which they ended.
type Ledger struct {
	mu   sync.Mutex // guards following
	list []*Exchange
	seen map[*Exchange]bool
}

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

// Exchanges returns what the ledger holds, ordered by the time at which the questions were asked.
func (l *Ledger) Exchanges() []*Exchange {
	l.mu.Lock()
	out := slices.Clone(l.list)
	l.mu.Unlock()
	slices.SortStableFunc(out, func(a, b *Exchange) int { return a.At.Compare(b.At) })
	return out
}
