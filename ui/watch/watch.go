// Package watch schedules repeated diagnoses of domains: each one is due when an answer about it can have changed.
// The command line and the dashboard share it.
package watch

import (
	"cmp"
	"slices"
	"time"

	"domdoc/checks/progress"
	"domdoc/checks/result"
)

// Domain is a watched domain.
type Domain struct {
	ID   string
	At   time.Time      // when the next diagnosis is due; zero: not scheduled, such as while one is under way
	Next progress.Next  // why it is due then
	Last *result.Domain // nil: not diagnosed since it is watched

	pace progress.Pace
}

// Gather is the window of diagnoses that run together, in one session: domains that are due within it are not waited
// for one by one.
const Gather = time.Second

// Take records a diagnosis and schedules the next one. It returns what changed since the last diagnosis; first is
// true where there was none.
func (d *Domain) Take(report *result.Domain, now time.Time) (changes []progress.Change, first bool) {
	first = d.Last == nil
	if !first {
		changes = progress.Diff(d.Last, report)
	}
	d.Next = progress.NextRun(report, now)
	d.At = now.Add(d.pace.After(d.Next, now, first || len(changes) > 0))
	d.Last = report
	return changes, first
}

// Healthy reports whether nothing failed in the last diagnosis and everything could be checked.
func (d *Domain) Healthy() bool {
	return d.Last != nil && progress.GoalHealthy.Progress(d.Last).Reached
}

// List holds the watched domains. The zero value is empty. It is not safe for concurrent use.
type List struct{ byID map[string]*Domain }

// Len is the number of watched domains.
func (l *List) Len() int { return len(l.byID) }

// Get returns a watched domain; nil when it is not watched.
func (l *List) Get(id string) *Domain { return l.byID[id] }

// Add watches a domain, or replaces it.
func (l *List) Add(d *Domain) {
	if l.byID == nil {
		l.byID = map[string]*Domain{}
	}
	l.byID[d.ID] = d
}

// Remove stops watching a domain.
func (l *List) Remove(id string) { delete(l.byID, id) }

// Earliest is when the first of the domains is due that ready accepts; the zero time when there is none. A nil ready
// accepts all.
func (l *List) Earliest(ready func(*Domain) bool) time.Time {
	var first time.Time
	for _, d := range l.byID {
		if d.At.IsZero() || ready != nil && !ready(d) {
			continue
		}
		if first.IsZero() || d.At.Before(first) {
			first = d.At
		}
	}
	return first
}

// Due are the domains that ready accepts and that are due at now or within Gather after it, by their ids.
func (l *List) Due(now time.Time, ready func(*Domain) bool) []*Domain {
	var due []*Domain
	for _, d := range l.byID {
		if !d.At.IsZero() && (ready == nil || ready(d)) && d.At.Sub(now) <= Gather {
			due = append(due, d)
		}
	}
	slices.SortFunc(due, func(a, b *Domain) int { return cmp.Compare(a.ID, b.ID) })
	return due
}
