package inventory

import (
	"container/list"

	"domdoc/checks/result"
)

// MaxReports is how many complete reports are kept in memory. One with its ledger has about 100 KB. Of other domains,
// the archive has the report without the ledger.
const MaxReports = 200

// Reports is a cache of the most recently used reports.
type Reports struct {
	ByID  map[string]*list.Element
	Order *list.List // the last one looked at in front
}

type keptReport struct {
	id     string
	report *result.Domain
}

// NewReports makes an empty cache.
func NewReports() *Reports { return &Reports{map[string]*list.Element{}, list.New()} }

// Get returns a report that is kept, and counts as use of it; nil if it is not kept.
func (r *Reports) Get(id string) *result.Domain {
	e := r.ByID[id]
	if e == nil {
		return nil
	}
	r.Order.MoveToFront(e)
	return e.Value.(*keptReport).report
}

// Has reports whether a report is kept. It does not count as use.
func (r *Reports) Has(id string) bool { return r.ByID[id] != nil }

// Peek returns a report like Get, but does not count as use.
func (r *Reports) Peek(id string) *result.Domain {
	if e := r.ByID[id]; e != nil {
		return e.Value.(*keptReport).report
	}
	return nil
}

// Put keeps a report. One that was not used takes only a free place, so that a run does not evict reports in use; an
// older report of the same domain is always replaced.
func (r *Reports) Put(id string, report *result.Domain, looked bool) {
	if e := r.ByID[id]; e != nil {
		e.Value.(*keptReport).report = report
		return
	}
	if r.Order.Len() >= MaxReports {
		if !looked {
			return
		}
		last := r.Order.Back()
		r.Order.Remove(last)
		delete(r.ByID, last.Value.(*keptReport).id)
	}
	kept := &keptReport{id, report}
	if looked {
		r.ByID[id] = r.Order.PushFront(kept)
	} else {
		r.ByID[id] = r.Order.PushBack(kept)
	}
}
