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
func (l *listScreen) setFilter(line string) tea.Cmd {
	l.filter.set(line)
	l.filter.open = false
	return l.followFilter()
}

// followFilter shows what the line selects as it stands now. What is wrong with it is shown beside it, and the rest
// of it counts.
func (l *listScreen) followFilter() tea.Cmd {
	l.readFilter()
	return l.arrangeNow()
}

func (l *listScreen) readFilter() {
	l.query, l.queryErr = query.Parse(l.filter.value())
}

// typed is a key in the filter's field. The list follows as it is typed; the arrows still move in it.
func (l *listScreen) typed(msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "enter":
		l.filter.open = false
		return nil
	case "esc":
		return l.setFilter(l.filter.before)
	case "up":
		l.grid.Move(-1)
		return nil
	case "down":
		l.grid.Move(1)
		return nil
	}
	if !l.filter.press(msg) {
		return nil
	}
	l.grouped = false // it is another filter now
	return l.followFilter()
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

func (l *listScreen) view() view { return view{l.query, l.only, l.now, l.sort, l.descending} }

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

// sortJob is the sorting and filtering of the list. Large lists are arranged in a command, one at a time.
type sortJob struct {
	gen     int
	running bool
	dirty   bool // something changed since the command got its copy
	soon    bool // results have come; see arrangeResults
}

type arrangedMsg struct {
	gen   int
	order []int32
}

type arrangeSoonMsg struct{}

const (
	arrangeInUpdate = 2000                   // rows that are arranged within Update: less than a millisecond
	arrangeEvery    = 300 * time.Millisecond // how often results may move rows: more often nobody could read them
)

// arrangeNow selects and sorts the rows as the list is set.
func (l *listScreen) arrangeNow() tea.Cmd {
	if len(l.fleet.rows) <= arrangeInUpdate {
		l.order.gen++ // a command that is still running is stale
		l.order.running, l.order.dirty = false, false
		l.grid.SetOrder(arrange(l.fleet.rows, l.view()))
		l.reselect()
		return nil
	}
	if l.order.running {
		l.order.dirty = true
		return nil
	}
	l.order.gen++
	l.order.running, l.order.dirty = true, false
	gen, rows, v := l.order.gen, slices.Clone(l.fleet.rows), l.view()
	return func() tea.Msg { return arrangedMsg{gen, arrange(rows, v)} }
}

func (l *listScreen) onArranged(msg arrangedMsg) tea.Cmd {
	if msg.gen != l.order.gen {
		return nil
	}
	l.order.running = false
	l.grid.SetOrder(msg.order)
	l.reselect()
	if l.order.dirty {
		return l.arrangeNow()
	}
	return nil
}

// arrangeAdded shows rows that the loader appended.
func (l *listScreen) arrangeAdded(added []int32) tea.Cmd {
	switch {
	case len(l.fleet.rows) <= arrangeInUpdate:
		return l.arrangeNow()
	case l.order.running:
		l.order.dirty = true
		return nil
	case l.narrowed() == "" && l.sort == sortListed && !l.descending && l.grid.Len()+len(added) == len(l.fleet.rows):
		l.grid.SetOrder(append(l.grid.Order(), added...))
		l.reselect()
		return nil
	}
	return l.arrangeLater()
}

// arrangeResults sorts again where results can have changed the order.
func (l *listScreen) arrangeResults() tea.Cmd {
	if l.query.Empty() && !l.sort.aboutResults() {
		return nil
	}
	return l.arrangeLater()
}

func (l *listScreen) arrangeLater() tea.Cmd {
	if l.order.soon {
		return nil
	}
	l.order.soon = true
	return tea.Tick(arrangeEvery, func(time.Time) tea.Msg { return arrangeSoonMsg{} })
}

// reselect selects the domain that was selected the last time, as soon as the list shows it. Once anybody moved, or
// the whole list is there without it, it is forgotten.
func (l *listScreen) reselect() {
	if l.want == "" {
		return
	}
	found := l.fleet.find(l.want) != nil && l.grid.Select(l.want)
	if found || l.load.done && !l.load.active() && !l.order.running {
		l.want = ""
	}
}
