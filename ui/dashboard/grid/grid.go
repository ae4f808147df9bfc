// Package grid is a table that renders only the rows in view. It holds no data: a source gives the text of a row by
// its index in a snapshot, and an order says which rows are shown, and in what sequence. The selection is a row's id,
// so that sorting, filtering and loading move it along with its row.
package grid

import (
	"slices"

	"domdoc/ui/dashboard/theme"
)

// Source gives a grid its rows, by their index into a snapshot.
type Source struct {
	ID   func(row int32) string
	Cell func(row int32, col int) Cell
	Mark func(row int32) Cell // one cell before the first column; nil: it stays empty
}

// Grid is a windowed table. It is not safe for concurrent use.
type Grid struct {
	th     *theme.Theme
	cols   []Column
	source Source
	order  []int32

	width, height int
	widths        []int // of the columns at this width; 0 is hidden

	id  string // of the selected row; empty if there is none
	pos int    // its place in the order
	top int    // the first place in view

	lead    bool // the first row stays selected, whichever it is, until another one is selected
	blurred bool // something next to the grid is selected

	sorted int    // the column that the rows are sorted by; -1: none that is shown
	arrow  string // behind its title

	buf []byte // reused by Render
}

// New makes a grid without rows.
func New(th *theme.Theme, cols []Column, source Source) *Grid {
	return &Grid{th: th, cols: cols, source: source, sorted: -1}
}

// SetSize sets the size: width cells, and height lines, the first of which is the header.
func (g *Grid) SetSize(width, height int) {
	width, height = max(0, width), max(0, height)
	if width != g.width || g.widths == nil {
		g.widths = layout(g.cols, width)
	}
	g.width, g.height = width, height
	g.scroll()
}

// SetOrder sets which rows are shown. The selected row stays selected if it is still among them; otherwise the row in
// its place is selected. The grid keeps the slice, and only reads it.
func (g *Grid) SetOrder(order []int32) {
	g.order = order
	if g.lead {
		g.pos = 0
	} else {
		g.pos = g.find(g.id)
	}
	g.settle()
}

// find returns the place of a row in the order, or the nearest valid one.
func (g *Grid) find(id string) int {
	if id != "" && g.pos < len(g.order) && g.source.ID(g.order[g.pos]) == id {
		return g.pos
	}
	if id != "" {
		for i, row := range g.order {
			if g.source.ID(row) == id {
				return i
			}
		}
	}
	return max(0, min(g.pos, len(g.order)-1))
}

// settle makes the selected id that of the selected place, and scrolls to it.
func (g *Grid) settle() {
	g.pos = max(0, min(g.pos, len(g.order)-1))
	g.id = ""
	if len(g.order) > 0 {
		g.id = g.source.ID(g.order[g.pos])
	}
	g.scroll()
}

// scroll moves the window as little as needed to show the selected row, without empty lines at the end.
func (g *Grid) scroll() {
	rows := g.Rows()
	if rows == 0 {
		g.top = g.pos
		return
	}
	g.top = min(g.top, g.pos, max(0, len(g.order)-rows))
	g.top = max(g.top, g.pos-rows+1, 0)
}

// SetColumns replaces the columns; the source must support them.
func (g *Grid) SetColumns(cols []Column) { g.cols, g.widths = cols, layout(cols, g.width) }

// Lead has the first row selected, whichever it is, until another one is: while results sort the rows, the beginning
// stays in view.
func (g *Grid) Lead() { g.lead = true }

// Leading reports whether the first row is selected for this reason only.
func (g *Grid) Leading() bool { return g.lead }

// Keep has the selected row stay selected when rows move.
func (g *Grid) Keep() { g.lead = false }

// SetSorted shows an arrow behind the title of the column that the rows are sorted by. Without such a column, col is
// negative.
func (g *Grid) SetSorted(col int, arrow string) { g.sorted, g.arrow = col, arrow }

// Shows reports whether there is room for a column.
func (g *Grid) Shows(col int) bool { return col >= 0 && col < len(g.widths) && g.widths[col] > 0 }

// Blur shows the selected row like any other, because something next to the grid is selected; or reverts that.
func (g *Grid) Blur(on bool) { g.blurred = on }

// Rows returns how many rows fit.
func (g *Grid) Rows() int { return max(0, g.height-1) }

// Len returns the number of rows in the order.
func (g *Grid) Len() int { return len(g.order) }

// Selected returns the selected row; ok is false if there is none.
func (g *Grid) Selected() (row int32, ok bool) {
	if len(g.order) == 0 {
		return 0, false
	}
	return g.order[g.pos], true
}

// SelectedID returns the selected row's id; empty if there is none.
func (g *Grid) SelectedID() string { return g.id }

// ID returns the id of the row at a place in the order.
func (g *Grid) ID(place int) string { return g.source.ID(g.order[place]) }

// Position returns the selected row's place in the order, from 0.
func (g *Grid) Position() int { return g.pos }

// Order returns the rows that are shown. It must not be changed.
func (g *Grid) Order() []int32 { return g.order }

// Select selects a row by its id, and reports whether it is among those shown.
func (g *Grid) Select(id string) bool {
	i := slices.IndexFunc(g.order, func(row int32) bool { return g.source.ID(row) == id })
	if i < 0 {
		return false
	}
	g.pos, g.lead = i, false
	g.settle()
	return true
}

// At returns the place in the order of the row on a line, of which the first is the header; ok is false if there is
// no row.
func (g *Grid) At(line int) (place int, ok bool) {
	place = g.top + line - 1
	return place, line > 0 && line <= g.Rows() && place < len(g.order)
}

// Go selects the row at a place in the order, or the nearest one.
func (g *Grid) Go(place int) {
	g.pos, g.lead = place, false
	g.settle()
}

// Move moves the selection by n rows, up to the first or last one.
func (g *Grid) Move(n int) {
	g.pos += n
	g.lead = false
	g.settle()
}

// Page moves the selection by n pages.
func (g *Grid) Page(n int) { g.Move(n * max(1, g.Rows())) }

// First selects the first row, Last the last one.
func (g *Grid) First() { g.Move(-len(g.order)) }

// Last selects the last row.
func (g *Grid) Last() { g.Move(len(g.order)) }

// Render draws the header and the rows in view: at most the grid's height in lines, each at most its width.
func (g *Grid) Render() string {
	if g.width <= 0 || g.height <= 0 {
		return ""
	}
	b := g.buf[:0]
	b = g.header(b)
	for i := g.top; i < min(len(g.order), g.top+g.Rows()); i++ {
		b = append(b, '\n')
		b = g.row(b, g.order[i], i == g.pos && !g.blurred)
	}
	g.buf = b
	return string(b)
}

func (g *Grid) header(b []byte) []byte {
	b = appendSpaces(b, min(margin, g.width))
	first := true
	for i, w := range g.widths {
		if w == 0 {
			continue
		}
		if !first {
			b = appendSpaces(b, gap)
		}
		first = false
		title, paint := g.cols[i].Title, g.th.Faint
		if i == g.sorted {
			title, paint = title+g.arrow, g.th.Strong
		}
		b = appendCell(b, Cell{Text: title, Paint: paint}, w, g.cols[i].Right, g.th.More)
	}
	return b
}

// mark draws the last cell of the margin.
func (g *Grid) mark(b []byte, row int32, selected bool) []byte {
	if g.source.Mark == nil {
		return append(b, ' ')
	}
	c := g.source.Mark(row)
	if selected {
		c.Paint = theme.Paint{}
	}
	return appendCell(b, c, margin-1, false, g.th.More)
}

// row draws one row. The selected one is reversed as a whole and without other colors: reversed, they would be
// backgrounds.
func (g *Grid) row(b []byte, row int32, selected bool) []byte {
	start := len(b)
	if g.width < margin {
		return appendSpaces(b, g.width)
	}
	if selected {
		b = append(b, g.th.Pointer...)
	} else {
		b = append(b, ' ')
	}
	b = g.mark(b, row, selected)
	first, used := true, margin
	for i, w := range g.widths {
		if w == 0 {
			continue
		}
		if !first {
			b = appendSpaces(b, gap)
			used += gap
		}
		first = false
		c := g.source.Cell(row, i)
		if selected {
			c.Paint = theme.Paint{}
		}
		b = appendCell(b, c, w, g.cols[i].Right, g.th.More)
		used += w
	}
	if selected {
		b = appendSpaces(b, g.width-used)
		line := string(b[start:])
		b = g.th.Select.Append(b[:start], line)
	}
	return b
}
