package list

import (
	"time"

	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
)

// mark returns the sign of a row that is marked or watched.
func (l *Screen) mark(i int32) grid.Cell {
	id := l.Domains.Rows[i].ID
	marked, watched := l.Marks.Has(id), l.Watch.Get(id) != nil
	switch {
	case marked && watched:
		return grid.Cell{Text: l.Th.MarkWatch, Paint: l.Th.Accent}
	case marked:
		return grid.Cell{Text: l.Th.Mark, Paint: l.Th.Accent}
	case watched:
		return grid.Cell{Text: l.Th.Watch, Paint: l.Th.Accent}
	}
	return grid.Cell{}
}

// cell returns one cell of the list. It is called for rows in view only.
func (l *Screen) cell(i int32, col int) grid.Cell {
	r := l.Domains.Rows[i]
	s := r.Sum
	switch col {
	case colName:
		return grid.Cell{Text: r.Name}
	case colStatus:
		return grid.Cell{Text: r.Status, Paint: l.Th.Faint}
	case colVerdict:
		if l.Single[r.ID] != nil {
			return grid.Cell{Text: "asking " + l.Th.More, Paint: l.Th.Waiting}
		}
		text, paint := l.StateWord(inventory.StateOf(r))
		if s != nil && s.Earlier {
			paint = l.Th.Faint
		}
		return grid.Cell{Text: text, Paint: paint}
	}
	switch col {
	case colHost:
		return grid.Cell{Text: r.Sel.Host, Paint: l.Th.Faint}
	case colRegistrar:
		return grid.Cell{Text: r.Sel.Registrar, Paint: l.Th.Faint}
	case colExpires:
		return l.expiryCell(r.Sel.Expires)
	case colNext:
		return WatchCell(l.Th, l.Watch.Get(r.ID), l.Now)
	}
	if s == nil {
		return l.saidCell(r, col)
	}
	switch col {
	case colCodes:
		return grid.Cell{Text: s.Short}
	case colCause:
		return grid.Cell{Text: l.waitInCause(r) + s.Title}
	case colWaits:
		if r.Overdue(l.Now) {
			return grid.Cell{Text: "over", Paint: l.Th.Warning}
		}
		if !s.Waits.IsZero() {
			return grid.Cell{Text: page.ShortClock(s.Waits, l.Now), Paint: l.Th.Waiting}
		}
	case colAge:
		if l.Plain { // otherwise every line would be new each minute
			return grid.Cell{}
		}
		return grid.Cell{Text: page.ShortAge(s.At, l.Now), Paint: l.Th.Faint}
	}
	return grid.Cell{}
}

// waitInCause returns the end of a wait before the cause, if its own column has no room: it is what matters of a wait.
func (l *Screen) waitInCause(r *inventory.Row) string {
	switch {
	case l.Grid.Shows(colWaits) || r.Sum.Waits.IsZero():
		return ""
	case r.Overdue(l.Now):
		return "wait over: "
	}
	return "until " + page.ShortClock(r.Sum.Waits, l.Now) + ": "
}

// saidCell is a cell of a row without a diagnosis: what the service says.
func (l *Screen) saidCell(r *inventory.Row, col int) grid.Cell {
	switch col {
	case colCodes:
		return grid.Cell{Text: r.Said.Short(), Paint: l.Th.Faint}
	case colCause:
		return grid.Cell{Text: r.Says(l.Now, !l.Plain), Paint: l.Th.Faint}
	}
	return grid.Cell{}
}

// sortColumn returns the column that the list is sorted by; -1 for the list's own order.
func (l *Screen) sortColumn() int {
	return [...]int{
		inventory.SortListed: -1, inventory.SortVerdict: colVerdict, inventory.SortName: colName,
		inventory.SortStatus: colStatus, inventory.SortCause: colCause, inventory.SortWaits: colWaits,
		inventory.SortAge: colAge, inventory.SortHost: colHost, inventory.SortRegistrar: colRegistrar,
		inventory.SortExpires: colExpires,
	}[l.Sort]
}

// expirySoon is how long before its end a registration is highlighted.
const expirySoon = 30 * 24 * time.Hour

func (l *Screen) expiryCell(at time.Time) grid.Cell {
	if at.IsZero() {
		return grid.Cell{}
	}
	paint := l.Th.Faint
	if at.Sub(l.Now) < expirySoon {
		paint = l.Th.Warning
	}
	return grid.Cell{Text: at.UTC().Format(time.DateOnly), Paint: paint}
}
