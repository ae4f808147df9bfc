package dashboard

import (
	"strings"

	"domdoc/ui/dashboard/grid"

	"github.com/charmbracelet/x/ansi"
)

// pageItem is something on a page that can be selected: its lines, and what can be copied of it.
type pageItem struct {
	from, to int // the lines from, up to and without to
	copies   []copyable
}

// item begins something that can be selected, and reports whether it is. Its first line has to begin with a space:
// the pointer takes its place.
func (p *page) begin(copies ...copyable) {
	p.items = append(p.items, pageItem{from: len(p.lines), copies: copies})
}

// end ends what begin began.
func (p *page) end() {
	it := &p.items[len(p.items)-1]
	it.to = len(p.lines)
	if len(p.items)-1 == p.cursor && it.from < it.to && strings.HasPrefix(p.lines[it.from], " ") {
		p.lines[it.from] = p.th.Accent.Do(p.th.Pointer) + p.lines[it.from][1:]
	}
}

const (
	wideEnough = 150 // from this width on, in cells, a page stands in two columns
	gutter     = 3   // cells between them
)

// wide reports whether there is room for two columns.
func (p *page) wide() bool { return p.width >= wideEnough }

// columns puts two parts of a page beside each other where there is room, else under each other.
func (p *page) columns(left, right func(*page)) {
	if !p.wide() {
		left(p)
		p.gap()
		right(p)
		return
	}
	lw := (p.width - gutter) * 11 / 20
	l := p.part(lw, 0, left)
	r := p.part(p.width-gutter-lw, len(l.items), right)
	base := len(p.lines)
	for i := range max(len(l.lines), len(r.lines)) {
		line := ""
		if i < len(l.lines) {
			line = l.lines[i]
		}
		if i < len(r.lines) && r.lines[i] != "" {
			line += strings.Repeat(" ", max(0, lw-ansi.StringWidth(line))+gutter) + r.lines[i]
		}
		p.lines = append(p.lines, line)
	}
	for _, part := range []*page{l, r} {
		if part.fold >= 0 {
			p.fold = base + part.fold
		}
		for _, it := range part.items {
			it.from, it.to = it.from+base, it.to+base
			p.items = append(p.items, it)
		}
		p.copies = append(p.copies, part.copies...)
	}
}

// part makes one column of a page. before is how many items stand before it in the same row of columns.
func (p *page) part(width, before int, write func(*page)) *page {
	sub := newPage(p.th, width)
	if p.cursor >= 0 {
		sub.cursor = p.cursor - len(p.items) - before
	}
	write(sub)
	return sub
}

// table adds rows under a heading. Columns that do not fit are left out by their priority; no row can be selected.
func (p *page) table(cols []grid.Column, rows [][]grid.Cell) {
	p.rows(cols, rows, nil)
}

// rows adds a table whose rows can be selected; copies is what can be copied of each row, nil where none can be
// selected.
func (p *page) rows(cols []grid.Column, rows [][]grid.Cell, copies func(i int) []copyable) {
	lines := grid.Table(p.th, fitted(cols, rows), rows, p.width)
	p.line(lines[0])
	for i, l := range lines[1:] {
		if copies == nil {
			p.line(l)
			continue
		}
		p.begin(copies(i)...)
		p.line(l)
		p.end()
	}
}

// fitted makes no column wider than its longest text. A column without a Max is not bounded otherwise.
func fitted(cols []grid.Column, rows [][]grid.Cell) []grid.Column {
	out := make([]grid.Column, len(cols))
	for i, c := range cols {
		longest := ansi.StringWidth(c.Title)
		for _, r := range rows {
			longest = max(longest, ansi.StringWidth(printable(r[i].Text)))
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

// aside puts parts at the right end of a line: as many as there is room for beside the left text, which is cut only
// where the line ends.
func aside(left string, parts []string, width int, more string) string {
	left = ansi.Truncate(left, width, more)
	right := joinFit(parts, "  ", width-ansi.StringWidth(left)-2)
	if right == "" {
		return left
	}
	return left + strings.Repeat(" ", width-ansi.StringWidth(left)-ansi.StringWidth(right)) + right
}
