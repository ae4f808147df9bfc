package grid

import "domdoc/ui/dashboard/theme"

// Table draws a heading and all rows in columns, as a grid does, without a window and without a selection: for a few
// rows among other text. The first line is the heading; each line is at most width cells.
func Table(th *theme.Theme, cols []Column, rows [][]Cell, width int) []string {
	g := &Grid{
		th: th, cols: cols, width: width, widths: layout(cols, width),
		source: Source{Cell: func(row int32, col int) Cell { return rows[row][col] }},
	}
	out := make([]string, 0, len(rows)+1)
	out = append(out, string(g.header(nil)))
	for i := range rows {
		out = append(out, string(g.row(nil, int32(i), false)))
	}
	return out
}
