package grid

import (
	"strings"

	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// Cell is the content of one place in the grid: plain text and its style.
type Cell struct {
	Text  string
	Paint theme.Paint
}

// Fit cuts plain text to a width in cells, with more as the last cell if something was cut off, and returns it with
// its width. Control characters are made visible first, so no text can move the cursor.
func Fit(s string, width int, more string) (string, int) {
	if width <= 0 {
		return "", 0
	}
	if simple(s) {
		if len(s) <= width {
			return s, len(s)
		}
		if w := ansi.StringWidth(more); w < width {
			return s[:width-w] + more, width
		}
		return s[:width], width
	}
	// A cell holds at least one character of any text that fits; four times as many leave room for combining ones.
	s = sanitize.Text(s, 4*width+4)
	w := ansi.StringWidth(s)
	if w > width {
		s = ansi.Truncate(s, width, more)
		w = ansi.StringWidth(s)
	}
	if w > width { // the ellipsis itself did not fit
		return strings.Repeat(" ", width), width
	}
	return s, w
}

// simple reports whether every byte is a printable ASCII character, so that bytes are cells.
func simple(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// appendCell appends a cell of exactly width cells.
func appendCell(dst []byte, c Cell, width int, right bool, more string) []byte {
	text, w := Fit(c.Text, width, more)
	if right {
		dst = appendSpaces(dst, width-w)
	}
	dst = c.Paint.Append(dst, text)
	if !right {
		dst = appendSpaces(dst, width-w)
	}
	return dst
}

func appendSpaces(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}
