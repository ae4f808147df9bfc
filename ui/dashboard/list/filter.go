package list

import (
	"slices"
	"time"

	"domdoc/checks/query"
	"domdoc/ui/dashboard/inventory"

	tea "github.com/charmbracelet/bubbletea"
)

// SetFilter sets the line that selects what the list shows.
func (l *Screen) SetFilter(line string) tea.Cmd {
	l.Filter.Set(line)
	l.Filter.Open = false
	return l.followFilter()
}

// followFilter applies the filter. While it is typed, an error is shown next to it, and the valid part applies; a
// complete filter with an error selects nothing.
func (l *Screen) followFilter() tea.Cmd {
	l.ReadFilter()
	return l.ArrangeNow()
}

// ReadFilter parses the filter.
func (l *Screen) ReadFilter() {
	read := query.ParseWhole
	if l.Filter.Open {
		read = query.Parse
	}
	l.Query, l.QueryErr = read(l.Filter.Value())
}

// refused reports whether the complete filter has a mistake.
func (l *Screen) refused() bool { return l.QueryErr != nil && !l.Filter.Open }

// Typed handles a key in the filter's field. The list is updated while typing; the arrows still move in it.
func (l *Screen) Typed(msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "enter":
		l.Filter.Open = false
		return l.followFilter()
	case "esc":
		return l.SetFilter(l.Filter.Before)
	case "up":
		l.Grid.Move(-1)
		return nil
	case "down":
		l.Grid.Move(1)
		return nil
	}
	if !l.Filter.Press(msg) {
		return nil
	}
	l.grouped = false // it is another filter now
	return l.followFilter()
}

// View returns the selection and order of the list.
func (l *Screen) View() inventory.View {
	return inventory.View{
		Query: l.Query, Refused: l.refused(), Only: l.Only, Now: l.Now, Sort: l.Sort,
		Reverse: l.Descending,
	}
}

// SortJob is the sorting and filtering of the list. Large lists are arranged in a command, one at a time.
type SortJob struct {
	Gen     int
	Running bool
	Dirty   bool // something changed since the command got its copy
	Soon    bool // results have arrived; see arrangeResults
}

// ArrangedMsg is the order that a command computed.
type ArrangedMsg struct {
	Gen   int
	Order []int32
}

// ArrangeSoonMsg requests that the list be sorted again.
type ArrangeSoonMsg struct{}

const (
	arrangeInUpdate = 2000                   // rows that are arranged within Update: less than a millisecond
	arrangeEvery    = 300 * time.Millisecond // how often results may move rows, so that the list stays readable
)

// ArrangeNow selects and sorts the rows.
func (l *Screen) ArrangeNow() tea.Cmd {
	if len(l.Domains.Rows) <= arrangeInUpdate {
		l.Order.Gen++ // a command that is still running is stale
		l.Order.Running, l.Order.Dirty = false, false
		l.Grid.SetOrder(inventory.Arrange(l.Domains.Rows, l.View()))
		l.reselect()
		return nil
	}
	if l.Order.Running {
		l.Order.Dirty = true
		return nil
	}
	l.Order.Gen++
	l.Order.Running, l.Order.Dirty = true, false
	gen, rows, v := l.Order.Gen, slices.Clone(l.Domains.Rows), l.View()
	return func() tea.Msg { return ArrangedMsg{gen, inventory.Arrange(rows, v)} }
}

// OnArranged takes over an order that a command computed.
func (l *Screen) OnArranged(msg ArrangedMsg) tea.Cmd {
	if msg.Gen != l.Order.Gen {
		return nil
	}
	l.Order.Running = false
	l.Grid.SetOrder(msg.Order)
	l.reselect()
	if l.Order.Dirty {
		return l.ArrangeNow()
	}
	return nil
}

// ArrangeAdded shows rows that the loader appended.
func (l *Screen) ArrangeAdded(added []int32) tea.Cmd {
	switch {
	case len(l.Domains.Rows) <= arrangeInUpdate:
		return l.ArrangeNow()
	case l.Order.Running:
		l.Order.Dirty = true
		return nil
	case l.narrowed() == "" && l.Sort == inventory.SortListed && !l.Descending &&
		l.Grid.Len()+len(added) == len(l.Domains.Rows):
		l.Grid.SetOrder(append(l.Grid.Order(), added...))
		l.reselect()
		return nil
	}
	return l.ArrangeLater()
}

// ArrangeResults sorts again if results can have changed the order.
func (l *Screen) ArrangeResults() tea.Cmd {
	if l.Query.Empty() && !l.Sort.AboutResults() {
		return nil
	}
	return l.ArrangeLater()
}

// ArrangeLater schedules sorting the list again soon, however often it is called meanwhile.
func (l *Screen) ArrangeLater() tea.Cmd {
	if l.Order.Soon {
		return nil
	}
	l.Order.Soon = true
	return tea.Tick(arrangeEvery, func(time.Time) tea.Msg { return ArrangeSoonMsg{} })
}

// reselect selects the domain that was selected in the previous run, as soon as the list contains it. Once the
// selection has moved, or the complete list does not contain it, it is dropped.
func (l *Screen) reselect() {
	if l.Want == "" {
		return
	}
	found := l.Domains.Find(l.Want) != nil && l.Grid.Select(l.Want)
	if found || l.Load.Done && !l.Load.Active() && !l.Order.Running {
		l.Want = ""
	}
}
