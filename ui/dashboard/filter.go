package dashboard

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"domdoc/checks/query"

	tea "github.com/charmbracelet/bubbletea"
)

// setFilter sets the line that selects what the list shows.
func (m *model) setFilter(line string) tea.Cmd {
	m.filter.set(line)
	m.filter.open = false
	return m.followFilter()
}

// followFilter shows what the line selects as it stands now. What is wrong with it is shown beside it, and the rest
// of it counts.
func (m *model) followFilter() tea.Cmd {
	m.readFilter()
	return m.arrangeNow()
}

func (m *model) readFilter() {
	m.query, m.queryErr = query.Parse(m.filter.value())
}

// typeFilter is a key in the filter's field. The list follows as it is typed; the arrows still move in it.
func (m *model) typeFilter(msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "enter":
		m.filter.open = false
		return nil
	case "esc":
		return m.setFilter(m.filter.before)
	case "up":
		m.grid.Move(-1)
		return nil
	case "down":
		m.grid.Move(1)
		return nil
	}
	if !m.filter.press(msg) {
		return nil
	}
	m.groups.opened = false // it is another filter now
	return m.followFilter()
}

// selection is a set of domains that the list is held to beside the filter, because no line says which they are.
type selection struct {
	label string          // what they have in common
	names map[string]bool // A-labels
}

// view is how the list is looked at.
type view struct {
	query   query.Query
	only    *selection // nil: all
	now     time.Time
	sort    sortKey
	reverse bool
}

func (m *model) view() view { return view{m.query, m.only, m.now, m.sort, m.upside} }

func (v *view) selects(r *row) bool {
	return (v.only == nil || v.only.names[r.ascii]) && v.query.Match(&r.sel, v.now)
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
	sortHost
	sortRegistrar
	sortExpires
	sortKeys
)

func (k sortKey) String() string {
	return [...]string{
		"list order", "verdict", "name", "status", "root cause", "end of waiting", "age", "dns host",
		"registrar", "end of registration", "",
	}[k]
}

// aboutResults reports whether a diagnosis can change the order.
func (k sortKey) aboutResults() bool { return k != sortListed && k != sortName }

// arrange selects the rows that a view wants and sorts them. It is pure: over 2000 rows it runs as a command, on a
// copy of the slice.
func arrange(rows []*row, v view) []int32 {
	out := make([]int32, 0, len(rows))
	for i, r := range rows {
		if v.selects(r) {
			out = append(out, int32(i))
		}
	}
	key := v.sort
	if key == sortListed {
		if v.reverse {
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
		if v.reverse {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(i, j)) // the list's order decides ties, so that nothing moves without a reason
	})
	return out
}

// missing reports whether a row has nothing to be sorted by.
func (k sortKey) missing(r *row) bool {
	switch k {
	case sortVerdict, sortAge:
		return r.sum == nil
	case sortCause:
		return r.sum == nil || r.sum.title == ""
	case sortWaits:
		return r.sum == nil || r.sum.waits.IsZero()
	case sortHost:
		return r.sel.Host == ""
	case sortRegistrar:
		return r.sel.Registrar == ""
	case sortExpires:
		return r.sel.Expires.IsZero()
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
		return strings.Compare(a.sel.Name, b.sel.Name)
	case sortStatus:
		return strings.Compare(a.status, b.status)
	case sortCause:
		return strings.Compare(a.sum.title, b.sum.title)
	case sortWaits:
		return a.sum.waits.Compare(b.sum.waits)
	case sortAge:
		return a.sum.at.Compare(b.sum.at)
	case sortHost:
		return strings.Compare(a.sel.Host, b.sel.Host)
	case sortRegistrar:
		return strings.Compare(a.sel.Registrar, b.sel.Registrar)
	case sortExpires:
		return a.sel.Expires.Compare(b.sel.Expires)
	case sortListed, sortKeys:
	}
	return 0
}
