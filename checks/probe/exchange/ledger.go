package exchange

import (
	"slices"
	"sync"
)

// Ledger lists the exchanges of one diagnosis. It is safe for concurrent use.
type Ledger struct {
	mu   sync.Mutex // guards following
	list []*Exchange
	seen map[*Exchange]struct{} // the list, once it is long
}

// Add adds an exchange, once.
func (l *Ledger) Add(x *Exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(x)
}

// shortLedger is how many exchanges are searched one by one: most ledgers are those of one fact, which has few.
const shortLedger = 16

// add is Add; l.mu is held.
func (l *Ledger) add(x *Exchange) {
	if l.seen == nil {
		if slices.Contains(l.list, x) {
			return
		}
		if l.list = append(l.list, x); len(l.list) > shortLedger {
			l.seen = make(map[*Exchange]struct{}, 4*shortLedger)
			for _, x := range l.list {
				l.seen[x] = struct{}{}
			}
		}
		return
	}
	if _, ok := l.seen[x]; !ok {
		l.seen[x] = struct{}{}
		l.list = append(l.list, x)
	}
}

// Merge adds the exchanges of another ledger; nil is empty.
func (l *Ledger) Merge(other *Ledger) {
	if other == nil {
		return
	}
	other.mu.Lock()
	list := other.list // only ever appended to
	other.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range list {
		l.add(x)
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
