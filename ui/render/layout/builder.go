package layout

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Builder collects lines of text for a terminal.
type Builder struct {
	strings.Builder
	Style
}

// Line writes one line, without trailing spaces.
func (b *Builder) Line(s string) {
	b.WriteString(strings.TrimRight(s, " "))
	b.WriteByte('\n')
}

// labelWidth is the width of the column of labels.
const labelWidth = 13

// label is a label, padded to the width of its column.
func (b *Builder) label(indent int, text string) string {
	return strings.Repeat(" ", indent) + b.Paint(fmt.Sprintf("%-*s", labelWidth, text), Dim)
}

// Para writes a wrapped paragraph behind a label.
func (b *Builder) Para(indent int, label, text string, codes ...string) {
	room := b.Columns() - indent - labelWidth
	for i, l := range Wrap(text, max(room, 20)) {
		if i > 0 {
			label = ""
		}
		b.Line(b.label(indent, label) + b.Paint(l, codes...))
	}
}

// paras writes several paragraphs behind one label.
func (b *Builder) paras(indent int, label string, texts []string, codes ...string) {
	for i, t := range texts {
		if i > 0 {
			label = ""
		}
		b.Para(indent, label, t, codes...)
	}
}

// Numbered writes numbered instructions.
func (b *Builder) Numbered(indent int, list []string) {
	lines := make([]string, len(list))
	for i, s := range list {
		lines[i] = fmt.Sprintf("%d. %s", i+1, s)
	}
	b.paras(indent, "to do", lines)
}

// Commands writes commands that verify a fix, each on an unwrapped line so that it can be selected.
func (b *Builder) Commands(indent int, label string, list []string) {
	for _, c := range list {
		b.Line(b.label(indent, label) + c)
		label = ""
	}
}

// Wrap breaks a text at spaces only, so that names and values with hyphens stay whole. A word longer than a line gets
// a line of its own.
func Wrap(text string, width int) []string {
	var out []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		w := ansi.StringWidth(word)
		switch {
		case line == "":
			line, used = word, w
		case used+1+w <= width:
			line, used = line+" "+word, used+1+w
		default:
			out = append(out, line)
			line, used = word, w
		}
	}
	return append(out, line)
}

// Count is a number with its noun: "1 domain", "2 domains".
func Count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
