package page

import (
	"strings"

	"domdoc/ui/dashboard/grid"

	"github.com/charmbracelet/x/ansi"
)

// Item is a selectable part of a page: its lines, and what can be copied of it.
type Item struct {
	From, To int // the lines from, up to and without to
	Copies   []Copyable
}

// Begin begins a selectable item, and reports whether it is selected. Its first line must begin with a space: the
// pointer takes its place.
func (p *Builder) Begin(copies ...Copyable) {
	p.Items = append(p.Items, Item{From: len(p.Lines), Copies: copies})
}

// End ends what begin began.
func (p *Builder) End() {
	it := &p.Items[len(p.Items)-1]
	it.To = len(p.Lines)
	if len(p.Items)-1 == p.Cursor && it.From < it.To && strings.HasPrefix(p.Lines[it.From], " ") {
		p.Lines[it.From] = p.Th.Accent.Do(p.Th.Pointer) + p.Lines[it.From][1:]
	}
}

const (
	WideEnough = 150 // the width, in cells, from which a page has two columns
	Gutter     = 3   // cells between them
)

// Wide reports whether there is room for two columns.
func (p *Builder) Wide() bool { return p.Width >= WideEnough }

// Columns puts two parts of a page side by side if there is room, otherwise one below the other.
func (p *Builder) Columns(left, right func(*Builder)) {
	if !p.Wide() {
		left(p)
		p.Gap()
		right(p)
		return
	}
	lw := (p.Width - Gutter) * 11 / 20
	l := p.part(lw, 0, left)
	r := p.part(p.Width-Gutter-lw, len(l.Items), right)
	base := len(p.Lines)
	for i := range max(len(l.Lines), len(r.Lines)) {
		line := ""
		if i < len(l.Lines) {
			line = l.Lines[i]
		}
		if i < len(r.Lines) && r.Lines[i] != "" {
			line += strings.Repeat(" ", max(0, lw-ansi.StringWidth(line))+Gutter) + r.Lines[i]
		}
		p.Lines = append(p.Lines, line)
	}
	for _, part := range []*Builder{l, r} {
		if part.Fold >= 0 {
			p.Fold = base + part.Fold
		}
		for _, it := range part.Items {
			it.From, it.To = it.From+base, it.To+base
			p.Items = append(p.Items, it)
		}
		p.Copies = append(p.Copies, part.Copies...)
	}
}

// part makes one column of a page. before is the number of items in the columns to its left.
func (p *Builder) part(width, before int, write func(*Builder)) *Builder {
	sub := New(p.Th, width)
	sub.Reader, sub.Zone = p.Reader, p.Zone
	if p.Cursor >= 0 {
		sub.Cursor = p.Cursor - len(p.Items) - before
	}
	write(sub)
	return sub
}

// Table adds rows under a heading. Columns that do not fit are hidden by their priority; rows cannot be selected.
func (p *Builder) Table(cols []grid.Column, rows [][]grid.Cell) {
	p.Rows(cols, rows, nil)
}

// Rows adds a table whose rows can be selected. copies returns what can be copied of a row; a nil copies makes the
// rows unselectable.
func (p *Builder) Rows(cols []grid.Column, rows [][]grid.Cell, copies func(i int) []Copyable) {
	lines := grid.Table(p.Th, fitted(cols, rows), rows, p.Width)
	p.Line(lines[0])
	for i, l := range lines[1:] {
		if copies == nil {
			p.Line(l)
			continue
		}
		p.Begin(copies(i)...)
		p.Line(l)
		p.End()
	}
}

// fitted limits columns to the width of their longest text. A column without a Max is not limited otherwise.
func fitted(cols []grid.Column, rows [][]grid.Cell) []grid.Column {
	out := make([]grid.Column, len(cols))
	for i, c := range cols {
		longest := ansi.StringWidth(c.Title)
		for _, r := range rows {
			longest = max(longest, ansi.StringWidth(Printable(r[i].Text)))
		}
		c.Min = min(c.Min, longest)
		if c.Max == 0 || c.Max > longest {
			c.Max = longest
		}
		c.Grow = max(1, c.Grow)
		out[i] = c
	}
	return out
}
