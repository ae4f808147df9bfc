package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/incident"
)

// Set is the domains of the list.
type Set struct {
	Rows    []*Row // appended to, and elements replaced; see row
	ByID    map[string]int32
	ByName  map[string]int32
	Counts  [States]int
	Earlier int       // rows whose result is of an earlier run
	Next    time.Time // the earliest end of a wait that is still to come; see recount
	// waiting are the indices of the rows that wait: few, so that looking for the ends of waits does not take all rows.
	waiting map[int32]struct{}
	// version changes with every change of the rows, so that totals are computed once for each.
	Version int
	// adopted are the incidents of integrations, by the domains whose codes they explain.
	adopted map[string][]*finding.Finding
}

// NewSet makes an empty set.
func NewSet() Set {
	return Set{ByID: map[string]int32{}, ByName: map[string]int32{}, waiting: map[int32]struct{}{}}
}

// Add appends a row, or replaces the one with its id and keeps the diagnosis.
func (f *Set) Add(r *Row) (index int32, isNew bool) {
	f.Version++
	if i, ok := f.ByID[r.ID]; ok {
		if old := f.Rows[i]; r.Sum == nil && old.Sum != nil {
			kept := *r
			kept.Sum, kept.alone = old.Sum, old.alone
			kept.Index()
			r = &kept
		}
		f.count(i, f.Rows[i], -1)
		f.count(i, r, 1)
		f.Rows[i] = r
		return i, false
	}
	index = int32(len(f.Rows))
	f.Rows = append(f.Rows, r)
	f.ByID[r.ID] = index
	if r.ASCII != "" {
		if _, ok := f.ByName[r.ASCII]; !ok {
			f.ByName[r.ASCII] = index
		}
	}
	f.count(index, r, 1)
	return index, true
}

// Replace replaces the row with the same id.
func (f *Set) Replace(r *Row) {
	i, ok := f.ByID[r.ID]
	if !ok {
		return
	}
	f.Version++
	r = r.adopt(f.adopted[r.ASCII])
	f.count(i, f.Rows[i], -1)
	f.count(i, r, 1)
	f.Rows[i] = r
}

func (f *Set) count(i int32, r *Row, by int) {
	f.Counts[StateOf(r)] += by
	if StateOf(r) == StateWait {
		if by > 0 {
			f.waiting[i] = struct{}{}
		} else {
			delete(f.waiting, i)
		}
	}
	if r.Sum != nil && r.Sum.Earlier {
		f.Earlier += by
	}
}

// Adopt shows incidents of the platform's integrations at the domains whose reported codes they explain, as the pages
// of these domains do, and removes those of an earlier call.
func (f *Set) Adopt(incidents []*finding.Finding) {
	before := f.adopted
	f.adopted = map[string][]*finding.Finding{}
	for _, inc := range incidents {
		if inc.ID != causes.ServiceIntegrationIncident.ID {
			continue
		}
		for _, name := range incident.DomainsOf(inc) {
			f.adopted[name] = append(f.adopted[name], inc)
		}
	}
	for _, set := range []map[string][]*finding.Finding{before, f.adopted} {
		for name := range set {
			if i, ok := f.ByName[name]; ok && !alike(before[name], f.adopted[name]) {
				f.Replace(f.Rows[i])
			}
		}
	}
}

// alike reports whether two lists of incidents show the same at a domain: while results arrive, each incident is found
// anew every second, with thousands of domains that it does not change.
func alike(a, b []*finding.Finding) bool {
	return slices.EqualFunc(a, b, func(x, y *finding.Finding) bool {
		one, ok := x.Args.(causes.IntegrationIncidentArgs)
		other, too := y.Args.(causes.IntegrationIncidentArgs)
		return ok && too && x.ID == y.ID && x.Title == y.Title && one.Code == other.Code
	})
}

// adopt returns the row with the incidents that explain its codes.
func (r *Row) adopt(incidents []*finding.Finding) *Row {
	own := r.alone
	if own == nil {
		own = r.Sum
	}
	if own == nil || len(incidents) == 0 && r.alone == nil {
		return r
	}
	out := *r
	out.Sum, out.alone = own, nil
	for _, inc := range incidents {
		if a, ok := inc.Args.(causes.IntegrationIncidentArgs); !ok || !slices.Contains(own.platform, a.Code) {
			continue
		}
		s := *own
		s.Verdict, s.State = own.adopted, catalog.StateOf(own.adopted, own.State == StateWait && own.Verdict == catalog.Fail)
		if len(own.Causes) == 0 {
			s.Title = inc.Title
		}
		s.Causes = append(slices.Clone(own.Causes), inc.ID)
		s.Sel.Adopt(s.State, string(inc.ID), inc.Title, inc.Rung.String())
		out.Sum, out.alone = &s, own
		break
	}
	out.Index()
	return &out
}

// Find returns the row with an id; nil if there is none.
func (f *Set) Find(id string) *Row {
	if i, ok := f.ByID[id]; ok {
		return f.Rows[i]
	}
	return nil
}

// Recount finds the next end of a wait.
func (f *Set) Recount(now time.Time) {
	f.Next = time.Time{}
	for i := range f.waiting {
		if at := f.Rows[i].Sum.Waits; at.After(now) && (f.Next.IsZero() || at.Before(f.Next)) {
			f.Next = at
		}
	}
}

// Overdue returns the domains whose wait is over, by the last diagnosis before its end.
func (f *Set) Overdue(now time.Time) []*Row {
	var places []int32
	for i := range f.waiting {
		if f.Rows[i].Overdue(now) {
			places = append(places, i)
		}
	}
	slices.Sort(places)
	var out []*Row
	for _, i := range places {
		out = append(out, f.Rows[i])
	}
	return out
}

// Affected lists the domains that show a code or a cause now, worst first.
func (f *Set) Affected(match func(*Summary) bool) []*Row {
	var out []*Row
	for _, r := range f.Rows {
		if r.Sum != nil && match(r.Sum) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b *Row) int {
		return cmp.Or(cmp.Compare(StateOf(a).Severity(), StateOf(b).Severity()), strings.Compare(a.Sel.Name, b.Sel.Name))
	})
	return out
}
