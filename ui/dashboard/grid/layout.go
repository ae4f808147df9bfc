package grid

// Column is one column of a grid.
type Column struct {
	Title    string
	Min      int  // its width in cells; with less room, the column is hidden
	Grow     int  // its share of the remaining room
	Max      int  // the maximum width; 0 is unlimited
	Priority int  // 0 is never hidden; among the others, the highest number is hidden first
	Right    bool // its text is right-aligned
}

const (
	margin = 2 // cells before the first column: the pointer and a space
	gap    = 2 // cells between columns
)

// layout computes the width of each column; 0 hides it. The widths and gaps together fill at most width cells.
func layout(cols []Column, width int) []int {
	out := make([]int, len(cols))
	used := margin - gap
	for i, c := range cols {
		out[i] = c.Min
		used += c.Min + gap
	}
	for used > width {
		last := -1
		for i, c := range cols {
			if out[i] > 0 && c.Priority > 0 && (last < 0 || c.Priority >= cols[last].Priority) {
				last = i
			}
		}
		if last < 0 {
			break
		}
		used -= out[last] + gap
		out[last] = 0
	}
	if used > width { // only the columns that are never hidden: they share the room, from the left
		room := width - margin
		for i := range cols {
			if out[i] == 0 {
				continue
			}
			out[i] = max(0, min(out[i], room))
			room -= out[i] + gap
		}
		return out
	}
	share(cols, out, width-used)
	return out
}

// share distributes spare cells by the columns' Grow, again if a column has reached its Max.
func share(cols []Column, out []int, spare int) {
	for spare > 0 {
		total := 0
		for i, c := range cols {
			if grows(c, out[i]) {
				total += c.Grow
			}
		}
		if total == 0 {
			return
		}
		given := 0
		for i, c := range cols {
			if !grows(c, out[i]) {
				continue
			}
			more := max(1, spare*c.Grow/total)
			if c.Max > 0 {
				more = min(more, c.Max-out[i])
			}
			more = min(more, spare-given)
			out[i] += more
			given += more
		}
		spare -= given
	}
}

func grows(c Column, width int) bool { return width > 0 && c.Grow > 0 && (c.Max == 0 || width < c.Max) }
