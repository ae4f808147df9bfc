package page

import (
	"strings"

	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// SpreadIf puts a text at the right end of a line if there is room for it.
func SpreadIf(left, right string, width int) string {
	space := width - ansi.StringWidth(left) - ansi.StringWidth(right)
	if right == "" || space < 2 {
		return left
	}
	return left + strings.Repeat(" ", space) + right
}

// JoinFit joins as many parts as fit into a width.
func JoinFit(parts []string, sep string, width int) string {
	out := ""
	for _, p := range parts {
		next := p
		if out != "" {
			next = out + sep + p
		}
		if ansi.StringWidth(next) > width {
			break
		}
		out = next
	}
	return out
}

// LineCount returns the number of lines of a text.
func LineCount(s string) int { return strings.Count(s, "\n") + 1 }

// Spread puts two texts at the two ends of a line. The left one is cut if they would overlap.
func Spread(left, right string, width int, th *theme.Theme) string {
	rw := ansi.StringWidth(right)
	if rw > 0 && rw+12 > width {
		right, rw = "", 0
	}
	if over := width - rw - 2; rw > 0 && ansi.StringWidth(left) > over {
		left = ansi.Truncate(left, max(0, over), th.More)
	}
	return left + strings.Repeat(" ", max(0, width-rw-ansi.StringWidth(left))) + right
}

// Aside puts parts at the right end of a line, as many as fit. The left text is cut only at the end of the line.
func Aside(left string, parts []string, width int, more string) string {
	left = ansi.Truncate(left, width, more)
	right := JoinFit(parts, "  ", width-ansi.StringWidth(left)-2)
	if right == "" {
		return left
	}
	return left + strings.Repeat(" ", width-ansi.StringWidth(left)-ansi.StringWidth(right)) + right
}
