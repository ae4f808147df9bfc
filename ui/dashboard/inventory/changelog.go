package inventory

import (
	"container/list"
	"time"

	"domdoc/checks/result"

	"domdoc/checks/progress"
)

// Changelog contains the changes between diagnoses of a domain, for the domains that were diagnosed twice.
type Changelog struct {
	ByID  map[string]*list.Element
	Order *list.List // the latest change first
}

// timeline contains the changes of one domain.
type timeline struct {
	id      string
	First   time.Time // of the first diagnosis, the baseline
	Looks   int       // diagnoses since
	Entries []entryAt
}

// entryAt contains the changes found by one diagnosis.
type entryAt struct {
	At   time.Time
	List []progress.Change
}

// Limits on what is kept.
const (
	MaxTimelines = MaxReports
	MaxEntries   = 60
	maxChanges   = 40 // of one diagnosis
)

// NewChangelog makes an empty log.
func NewChangelog() Changelog { return Changelog{ByID: map[string]*list.Element{}, Order: list.New()} }

// Get returns the timeline of a domain; nil if there is none.
func (c *Changelog) Get(id string) *timeline {
	if e := c.ByID[id]; e != nil {
		return e.Value.(*timeline)
	}
	return nil
}

// Looks returns how many diagnoses of a domain were compared with the one before.
func (c *Changelog) Looks(id string) int {
	if t := c.Get(id); t != nil {
		return t.Looks
	}
	return 0
}

// Take records the changes of a diagnosis. before is nil if there is nothing to compare with.
func (c *Changelog) Take(id string, before, after *result.Domain) {
	if before == nil || before == after {
		return
	}
	e := c.ByID[id]
	if e == nil {
		if c.Order.Len() >= MaxTimelines {
			last := c.Order.Back()
			c.Order.Remove(last)
			delete(c.ByID, last.Value.(*timeline).id)
		}
		e = c.Order.PushFront(&timeline{id: id, First: before.At})
		c.ByID[id] = e
	}
	c.Order.MoveToFront(e)
	t := e.Value.(*timeline)
	t.Looks++
	found := progress.Diff(before, after)
	if len(found) == 0 {
		return
	}
	t.Entries = append(t.Entries, entryAt{after.At, found[:min(len(found), maxChanges)]})
	if over := len(t.Entries) - MaxEntries; over > 0 {
		t.Entries = append([]entryAt(nil), t.Entries[over:]...)
	}
}
