package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"domdoc/checks/query"
)

// Selection is a set of domains that the list is limited to in addition to the filter, for sets that no filter
// expression describes.
type Selection struct {
	Label string          // the common property
	Names map[string]bool // A-labels
}

// View is how the list is displayed.
type View struct {
	Query   query.Query
	Refused bool       // the filter has a mistake: nothing is selected
	Only    *Selection // nil: all
	Now     time.Time
	Sort    SortKey
	Reverse bool
}

func (v *View) selects(r *Row) bool {
	return !v.Refused && (v.Only == nil || v.Only.Names[r.ASCII]) && v.Query.Match(&r.Sel, v.Now)
}

// Candidates returns the rows without a diagnosis that a view may select once they have one.
func Candidates(rows []*Row, v View) []int32 {
	var out []int32
	for i, r := range rows {
		if r.Sum == nil && !v.Refused && (v.Only == nil || v.Only.Names[r.ASCII]) && v.Query.Possible(&r.Sel, v.Now) {
			out = append(out, int32(i))
		}
	}
	return out
}

// SortKey is the sort order of the list.
type SortKey uint8

const (
	SortListed SortKey = iota // as the service lists them
	SortVerdict
	SortName
	SortStatus
	SortCause
	SortWaits
	SortAge
	SortHost
	SortRegistrar
	SortExpires
	SortKeys
)

// SortDefault is the order of a list that the user has not sorted: what fails or waits first.
const SortDefault = SortVerdict

// String returns the name of the order, also used in the state file.
func (k SortKey) String() string {
	return [...]string{
		"list order", "verdict", "name", "status", "root cause", "end of waiting", "age", "dns host",
		"registrar", "end of registration", "",
	}[k]
}

// AboutResults reports whether a diagnosis can change the order.
func (k SortKey) AboutResults() bool { return k != SortListed && k != SortName }

// Arrange selects and sorts the rows of a view. It has no side effects: over 2000 rows it runs as a command, on a
// copy of the slice.
func Arrange(rows []*Row, v View) []int32 {
	out := make([]int32, 0, len(rows))
	for i, r := range rows {
		if v.selects(r) {
			out = append(out, int32(i))
		}
	}
	key := v.Sort
	if key == SortListed {
		if v.Reverse {
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
		if v.Reverse {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(i, j)) // the list's order breaks ties, so that nothing moves without a reason
	})
	return out
}

// missing reports whether a row lacks the property to sort by.
func (k SortKey) missing(r *Row) bool {
	switch k {
	case SortAge:
		return r.Sum == nil
	case SortCause:
		return r.Sum == nil || r.Sum.Title == ""
	case SortWaits:
		return r.Sum == nil || r.Sum.Waits.IsZero()
	case SortHost:
		return r.Sel.Host == ""
	case SortRegistrar:
		return r.Sel.Registrar == ""
	case SortExpires:
		return r.Sel.Expires.IsZero()
	case SortListed, SortVerdict, SortName, SortStatus, SortKeys:
	}
	return false
}

// compare orders two rows of which neither is missing.
func (k SortKey) compare(a, b *Row) int {
	switch k {
	case SortVerdict:
		return cmp.Compare(a.rank, b.rank)
	case SortName:
		return strings.Compare(a.Sel.Name, b.Sel.Name)
	case SortStatus:
		return strings.Compare(a.Status, b.Status)
	case SortCause:
		return strings.Compare(a.Sum.Title, b.Sum.Title)
	case SortWaits:
		return a.Sum.Waits.Compare(b.Sum.Waits)
	case SortAge:
		return a.Sum.At.Compare(b.Sum.At)
	case SortHost:
		return strings.Compare(a.Sel.Host, b.Sel.Host)
	case SortRegistrar:
		return strings.Compare(a.Sel.Registrar, b.Sel.Registrar)
	case SortExpires:
		return a.Sel.Expires.Compare(b.Sel.Expires)
	case SortListed, SortKeys:
	}
	return 0
}
