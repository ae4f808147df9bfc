package dashboard

import (
	"container/list"

	"domdoc/checks/result"
)

// maxReports is how many whole reports are kept. One with its ledger is some 100 KB; the rest of a fleet is asked
// again when it is looked at.
const maxReports = 200

// reports keeps the reports that were looked at last.
type reports struct {
	byID  map[string]*list.Element
	order *list.List // the last one looked at in front
}

type keptReport struct {
	id     string
	report *result.Domain
}

func newReports() *reports { return &reports{map[string]*list.Element{}, list.New()} }

// get returns a report that is kept, and counts as a look at it; nil when it is not.
func (r *reports) get(id string) *result.Domain {
	e := r.byID[id]
	if e == nil {
		return nil
	}
	r.order.MoveToFront(e)
	return e.Value.(*keptReport).report
}

// has reports whether a report is kept, and is no look at it.
func (r *reports) has(id string) bool { return r.byID[id] != nil }

// peek returns a report as get does, and is no look at it.
func (r *reports) peek(id string) *result.Domain {
	if e := r.byID[id]; e != nil {
		return e.Value.(*keptReport).report
	}
	return nil
}

// put keeps a report. One that nobody looked at takes only a free place, so that a run does not drive out what
// somebody reads; an old one of the same domain is replaced or dropped in any case.
func (r *reports) put(id string, report *result.Domain, looked bool) {
	if e := r.byID[id]; e != nil {
		e.Value.(*keptReport).report = report
		return
	}
	if r.order.Len() >= maxReports {
		if !looked {
			return
		}
		last := r.order.Back()
		r.order.Remove(last)
		delete(r.byID, last.Value.(*keptReport).id)
	}
	kept := &keptReport{id, report}
	if looked {
		r.byID[id] = r.order.PushFront(kept)
	} else {
		r.byID[id] = r.order.PushBack(kept)
	}
}
