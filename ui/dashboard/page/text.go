// Package page builds the text of a screen that scrolls: paragraphs, labeled values, tables, two columns, and what
// can be copied from it.
package page

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// Builder collects the lines of a page. Each line is at most width cells; its input is plain text and may be
// untrusted.
type Builder struct {
	Th    *theme.Theme
	Width int
	Lines []string

	Items  []Item     // what can be selected; see columns.go
	Cursor int        // the selected one; -1 for none
	Fold   int        // the line at which the folded part of the selected item begins; -1 for none
	Copies []Copyable // what can be copied of the page regardless of the selection

	Reader catalog.Reader // whom Say addresses
	Zone   *time.Location // of the times that Say writes; nil: UTC
}

// measure is the longest line that is comfortable to read, in cells.
const measure = 110

// MaxParagraph bounds a text, in characters.
const MaxParagraph = 4000

// New makes an empty page of a width in cells.
func New(th *theme.Theme, width int) *Builder {
	return &Builder{Th: th, Width: max(1, width), Cursor: -1, Fold: -1}
}

// Say returns a sentence of the catalog in words and times for the reader.
func (p *Builder) Say(s string) string { return catalog.InZone(p.Reader.Words(s), p.Zone) }

// Gap adds an empty line, unless the last one is empty.
func (p *Builder) Gap() {
	if n := len(p.Lines); n > 0 && p.Lines[n-1] != "" {
		p.Lines = append(p.Lines, "")
	}
}

// Head adds a heading after a gap.
func (p *Builder) Head(s string) {
	p.Gap()
	p.Text(0, p.Th.Strong, s)
}

// Text adds a paragraph, wrapped at words.
func (p *Builder) Text(indent int, paint theme.Paint, s string) {
	p.Hang(indent, "", theme.Paint{}, 0, paint, s)
}

// Item adds a label in its own column and a paragraph next to it.
func (p *Builder) Item(indent int, label string, column int, paint theme.Paint, s string) {
	p.Hang(indent, label, p.Th.Faint, column, paint, s)
}

// Hang adds a label of a column's width and a paragraph next to it. In a narrow window the paragraph goes below the
// label.
func (p *Builder) Hang(indent int, label string, labelPaint theme.Paint, column int, paint theme.Paint, s string) {
	label, w := grid.Fit(label, max(0, p.Width-indent), p.Th.More)
	if w > 0 {
		column = max(column, w+1)
	}
	if w > 0 && p.Width-indent-column < 16 {
		p.Lines = append(p.Lines, strings.Repeat(" ", indent)+labelPaint.Do(label))
		label, w, indent, column = "", 0, indent+2, 0
	}
	room := min(measure, p.Width) - indent - column
	for i, l := range Wrap(s, max(1, room)) {
		if i == 0 && w > 0 {
			p.Lines = append(p.Lines, p.fit(strings.Repeat(" ", indent)+labelPaint.Do(label)+strings.Repeat(" ", column-w)+
				paint.Do(l)))
			continue
		}
		p.Lines = append(p.Lines, p.fit(strings.Repeat(" ", min(indent+column, p.Width))+paint.Do(l)))
	}
}

// Verbatim adds text to be copied: it is broken only at the edge of the window, and preceded only by spaces.
func (p *Builder) Verbatim(indent int, paint theme.Paint, s string) {
	s = sanitize.Text(s, MaxParagraph)
	if ansi.StringWidth(s)+indent > p.Width {
		indent = 0
	}
	for _, l := range CutLines(s, p.Width-indent) {
		p.Lines = append(p.Lines, p.fit(strings.Repeat(" ", indent)+paint.Do(l)))
	}
}

// Raw adds lines that are to be selected with the mouse: broken only where the window ends.
func (p *Builder) Raw(s string) {
	for l := range strings.Lines(s) {
		p.Lines = append(p.Lines, CutLines(sanitize.Text(strings.TrimRight(l, "\r\n"), MaxCopyText), p.Width)...)
	}
}

// Field adds a label with a value to be copied.
func (p *Builder) Field(indent int, label string, column int, value string) {
	value = sanitize.Text(value, MaxParagraph)
	if indent+column+ansi.StringWidth(value) <= p.Width {
		p.Lines = append(p.Lines, strings.Repeat(" ", indent)+p.Th.Faint.Do(Pad(label, column))+p.Th.Accent.Do(value))
		return
	}
	p.Text(indent, p.Th.Faint, label)
	p.Verbatim(0, p.Th.Accent, value)
}

// Line adds a line that is already styled.
func (p *Builder) Line(s string) { p.Lines = append(p.Lines, p.fit(s)) }

func (p *Builder) fit(s string) string {
	if len(s) <= p.Width || ansi.StringWidth(s) <= p.Width {
		return s
	}
	return ansi.Truncate(s, p.Width, "")
}

// String joins the lines.
func (p *Builder) String() string { return strings.Join(p.Lines, "\n") }

// Wrap breaks plain text into lines at spaces; a word that is longer than a line is cut. There is at least one line.
// Names and hyphenated words stay whole: a broken one would be copied broken.
func Wrap(s string, width int) []string {
	s = sanitize.Text(s, MaxParagraph)
	var out []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		w := ansi.StringWidth(word)
		if used > 0 && used+1+w <= width {
			line, used = line+" "+word, used+1+w
			continue
		}
		if used > 0 {
			out = append(out, line)
		}
		parts := CutLines(word, width)
		out = append(out, parts[:len(parts)-1]...)
		line = parts[len(parts)-1]
		used = ansi.StringWidth(line)
	}
	return append(out, line)
}

// CutLines cuts plain text into pieces of at most width cells. There is at least one.
func CutLines(s string, width int) []string {
	var out []string
	for ansi.StringWidth(s) > width {
		head := ansi.Truncate(s, width, "")
		if head == "" { // a wide character in a window of one cell
			return append(out, "")
		}
		out = append(out, head)
		s = s[len(head):]
	}
	return append(out, s)
}

// Pad fills a plain text with spaces to a width in cells; a longer one gets one space.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(1, width-ansi.StringWidth(s)))
}

// Count formats a number with thousands separators.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Plural formats a count with a noun.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Span formats a duration.
func Span(d time.Duration) string {
	if d < time.Second {
		return "under a second"
	}
	return catalog.Span(d)
}

// age formats the time since a moment.
func age(at, now time.Time) string {
	d := now.Sub(at)
	if d < time.Minute {
		return "just now"
	}
	return catalog.Span(d)
}

// Ago is age for use within a sentence.
func Ago(at, now time.Time) string {
	if now.Sub(at) < time.Minute {
		return "just now"
	}
	return age(at, now) + " ago"
}

// Clock formats a time in the zone of now, with the day if it is not today.
func Clock(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04 MST")
	}
	return t.Format("2006-01-02 15:04 MST")
}

// ShortClock is Clock for a column, without the zone: the time if it is today, otherwise the day.
func ShortClock(t, now time.Time) string {
	t = t.In(now.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return t.Format("Jan 02")
}

// ShortAge is age for a column: "now", "5m", "3h", "12d".
func ShortAge(at, now time.Time) string {
	d := now.Sub(at)
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + "d"
}

// Until formats a future time: "14:32 UTC, in 12 minutes".
func Until(t, now time.Time) string {
	s := Clock(t, now)
	if d := t.Sub(now); d > 0 {
		return s + ", in " + catalog.Span(d)
	}
	return s + ", which has passed: diagnose again"
}

// Countdown formats a short duration as a countdown clock.
func Countdown(d time.Duration) string {
	s := int(d / time.Second)
	if s >= 3600 {
		return strconv.Itoa(s/3600) + ":" + two(s/60%60) + ":" + two(s%60)
	}
	return two(s/60) + ":" + two(s%60)
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// FirstLine returns a text up to its first line break.
func FirstLine(s string) string {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return s[:i]
	}
	return s
}

// ErrorText formats an error, with a hint if one is known.
func ErrorText(err error) (what, next string) {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return Printable(e.Summary()), Printable(e.NextStep())
	}
	return Printable(err.Error()), ""
}

// Printable returns one line of untrusted text, safe to print.
func Printable(s string) string { return sanitize.Text(s, MaxText) }

// MaxText bounds one line of text from outside, in characters.
const MaxText = 300
