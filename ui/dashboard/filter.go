package dashboard

import (
	"cmp"
	"slices"
	"strings"

	"domdoc/catalog"
)

// query is a filter as it was typed: words that must all be there, and keys that look at one thing only. It knows nothing of screens, so that the same
// line can one day select what `check` prints.
type query struct {
	words []string
	keys  []keyed
}

type keyed struct{ key, value string }

// filterKeys are the words that may stand before a colon.
func filterKeys() []string { return []string{"verdict", "code", "cause", "status", "name"} }

// parseQuery reads a line such as `verdict:fail code:010 shop`. What is no known key is a word like any other: a name may hold a colon in a panel's
// export.
func parseQuery(line string) query {
	var q query
	for _, w := range strings.Fields(strings.ToLower(line)) {
		key, value, ok := strings.Cut(w, ":")
		if ok && slices.Contains(filterKeys(), key) {
			if value != "" { // still being typed
				q.keys = append(q.keys, keyed{key, value})
			}
			continue
		}
		q.words = append(q.words, w)
	}
	return q
}

func (q query) empty() bool { return len(q.words) == 0 && len(q.keys) == 0 }

func (q query) match(r *row) bool {
	for _, w := range q.words {
		if !strings.Contains(r.search, w) {
			return false
		}
	}
	for _, k := range q.keys {
		if !k.match(r) {
			return false
		}
	}
	return true
}

func (k keyed) match(r *row) bool {
	switch k.key {
	case "name":
		return strings.Contains(r.order, k.value) || strings.Contains(r.ascii, k.value)
	case "status":
		return strings.Contains(strings.ToLower(r.status), k.value)
	case "verdict":
		if strings.HasPrefix(stateOf(r).word(), k.value) || k.value == "none" && r.sum == nil {
			return true
		}
		return r.sum != nil && strings.HasPrefix(r.sum.verdict.String(), k.value)
	}
	if r.sum == nil {
		return false
	}
	if k.key == "code" {
		return slices.ContainsFunc(r.sum.codes, func(c string) bool { return strings.Contains(strings.ToLower(c), k.value) })
	}
	return slices.ContainsFunc(r.sum.causes, func(c catalog.ID) bool { return strings.Contains(string(c), k.value) }) || strings.Contains(strings.ToLower(r.sum.title), k.value)
}

// sortKey is what the list is sorted by.
type sortKey uint8

const (
	sortListed sortKey = iota // as the service lists them
	sortVerdict
	sortName
	sortStatus
	sortCause
	sortWaits
	sortAge
	sortKeys
)

func (k sortKey) String() string {
	return [...]string{"list order", "verdict", "name", "status", "root cause", "end of waiting", "age", ""}[k]
}

// aboutResults tells whether a diagnosis can change the order.
func (k sortKey) aboutResults() bool { return k != sortListed && k != sortName }

// arrange selects the rows that a query wants and sorts them. It is pure: over 2000 rows it runs as a command, on a copy of the slice.
func arrange(rows []*row, q query, key sortKey, reverse bool) []int32 {
	out := make([]int32, 0, len(rows))
	for i, r := range rows {
		if q.match(r) {
			out = append(out, int32(i))
		}
	}
	if key == sortListed {
		if reverse {
			slices.Reverse(out)
		}
		return out
	}
	slices.SortFunc(out, func(i, j int32) int {
		a, b := rows[i], rows[j]
		missingA, missingB := key.missing(a), key.missing(b)
		switch {
		case missingA && !missingB:
			return 1 // last in either direction
		case missingB && !missingA:
			return -1
		case missingA && missingB:
			return cmp.Compare(i, j)
		}
		c := key.compare(a, b)
		if reverse {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(i, j)) // the list's order decides ties, so that nothing moves without a reason
	})
	return out
}

// missing tells whether a row has nothing to be sorted by.
func (k sortKey) missing(r *row) bool {
	switch k {
	case sortVerdict, sortAge:
		return r.sum == nil
	case sortCause:
		return r.sum == nil || r.sum.title == ""
	case sortWaits:
		return r.sum == nil || r.sum.waits.IsZero()
	case sortListed, sortName, sortStatus, sortKeys:
	}
	return false
}

// compare orders two rows of which neither is missing.
func (k sortKey) compare(a, b *row) int {
	switch k {
	case sortVerdict:
		return cmp.Compare(stateOf(a).severity(), stateOf(b).severity())
	case sortName:
		return strings.Compare(a.order, b.order)
	case sortStatus:
		return strings.Compare(a.status, b.status)
	case sortCause:
		return strings.Compare(a.sum.title, b.sum.title)
	case sortWaits:
		return a.sum.waits.Compare(b.sum.waits)
	case sortAge:
		return a.sum.at.Compare(b.sum.at)
	case sortListed, sortKeys:
	}
	return 0
}
