package dashboard

import (
	"strconv"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// page collects the lines of something that scrolls. Each line is at most width cells; text that it is given is plain
// and may come from outside.
type page struct {
	th    *theme.Theme
	width int
	lines []string

	items  []pageItem // what can be selected; see columns.go
	cursor int        // the selected one; -1 for none
	fold   int        // the line at which what is folded of the selected one begins; -1 for none
	copies []copyable // what can be copied of the page whatever is selected
}

// measure is the longest line that is comfortable to read, in cells.
const measure = 110

// maxParagraph bounds a text, in characters.
const maxParagraph = 4000

func newPage(th *theme.Theme, width int) *page {
	return &page{th: th, width: max(1, width), cursor: -1, fold: -1}
}

// gap adds an empty line, unless the last one is.
func (p *page) gap() {
	if n := len(p.lines); n > 0 && p.lines[n-1] != "" {
		p.lines = append(p.lines, "")
	}
}

// head adds a heading after a gap.
func (p *page) head(s string) {
	p.gap()
	p.text(0, p.th.Strong, s)
}

// text adds a paragraph, wrapped at words.
func (p *page) text(indent int, paint theme.Paint, s string) {
	p.hang(indent, "", theme.Paint{}, 0, paint, s)
}

// item adds a label and a paragraph beside it: the label in a column of its own, the lines of the text under each
// other.
func (p *page) item(indent int, label string, column int, paint theme.Paint, s string) {
	p.hang(indent, label, p.th.Faint, column, paint, s)
}

// hang adds a label of a column's width, and a paragraph beside it. In a narrow window the paragraph goes below the
// label.
func (p *page) hang(indent int, label string, labelPaint theme.Paint, column int, paint theme.Paint, s string) {
	label, w := grid.Fit(label, max(0, p.width-indent), p.th.More)
	if w > 0 {
		column = max(column, w+1)
	}
	if w > 0 && p.width-indent-column < 16 {
		p.lines = append(p.lines, strings.Repeat(" ", indent)+labelPaint.Do(label))
		label, w, indent, column = "", 0, indent+2, 0
	}
	room := min(measure, p.width) - indent - column
	for i, l := range wrap(s, max(1, room)) {
		if i == 0 && w > 0 {
			p.lines = append(p.lines, p.fit(strings.Repeat(" ", indent)+labelPaint.Do(label)+strings.Repeat(" ", column-w)+
				paint.Do(l)))
			continue
		}
		p.lines = append(p.lines, p.fit(strings.Repeat(" ", min(indent+column, p.width))+paint.Do(l)))
	}
}

// verbatim adds text that is to be copied: it is broken only where the window ends, and nothing but spaces stands
// beside it.
func (p *page) verbatim(indent int, paint theme.Paint, s string) {
	s = sanitize.Text(s, maxParagraph)
	if ansi.StringWidth(s)+indent > p.width {
		indent = 0
	}
	for _, l := range cutLines(s, p.width-indent) {
		p.lines = append(p.lines, p.fit(strings.Repeat(" ", indent)+paint.Do(l)))
	}
}

// raw adds lines that are to be selected with the mouse: broken only where the window ends.
func (p *page) raw(s string) {
	for l := range strings.Lines(s) {
		p.lines = append(p.lines, cutLines(sanitize.Text(strings.TrimRight(l, "\r\n"), maxCopyText), p.width)...)
	}
}

// field adds a label with a value that is to be copied.
func (p *page) field(indent int, label string, column int, value string) {
	value = sanitize.Text(value, maxParagraph)
	if indent+column+ansi.StringWidth(value) <= p.width {
		p.lines = append(p.lines, strings.Repeat(" ", indent)+p.th.Faint.Do(pad(label, column))+p.th.Accent.Do(value))
		return
	}
	p.text(indent, p.th.Faint, label)
	p.verbatim(0, p.th.Accent, value)
}

// line adds a line that is painted already.
func (p *page) line(s string) { p.lines = append(p.lines, p.fit(s)) }

func (p *page) fit(s string) string {
	if len(s) <= p.width || ansi.StringWidth(s) <= p.width {
		return s
	}
	return ansi.Truncate(s, p.width, "")
}

func (p *page) String() string { return strings.Join(p.lines, "\n") }

// wrap breaks plain text into lines at spaces; a word that is longer than a line is cut. There is at least one line.
// Names and hyphenated words stay whole: a broken one would be copied broken.
func wrap(s string, width int) []string {
	s = sanitize.Text(s, maxParagraph)
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
		parts := cutLines(word, width)
		out = append(out, parts[:len(parts)-1]...)
		line = parts[len(parts)-1]
		used = ansi.StringWidth(line)
	}
	return append(out, line)
}

// cutLines cuts plain text into pieces of at most width cells. There is at least one.
func cutLines(s string, width int) []string {
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

// pad fills a plain text with spaces to a width in cells; a longer one gets one space.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(1, width-ansi.StringWidth(s)))
}

// count writes a number with thousands apart.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural counts things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// span says how long something takes.
func span(d time.Duration) string {
	if d < time.Second {
		return "under a second"
	}
	return catalog.Span(d)
}

// age says how long ago something was.
func age(at, now time.Time) string {
	d := now.Sub(at)
	if d < time.Minute {
		return "just now"
	}
	return catalog.Span(d)
}

// ago is age within a sentence.
func ago(at, now time.Time) string {
	if now.Sub(at) < time.Minute {
		return "just now"
	}
	return age(at, now) + " ago"
}

// clock writes a moment as it is written in tickets: in UTC, with the day where it is not today.
func clock(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// shortClock is clock for a column: the time where it is today, else the day. Both are in UTC.
func shortClock(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return t.Format("Jan 02")
}

// shortAge is age for a column: "now", "5m", "3h", "12d".
func shortAge(at, now time.Time) string {
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

// until writes a moment to come: "14:32 UTC, in 12 minutes".
func until(t, now time.Time) string {
	s := clock(t, now) + " UTC"
	if d := t.Sub(now); d > 0 {
		return s + ", in " + catalog.Span(d)
	}
	return s + ", which is over: ask again"
}

// countdown writes a short duration as a clock that runs down.
func countdown(d time.Duration) string {
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

// firstLine is a text up to its first line break.
func firstLine(s string) string {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return s[:i]
	}
	return s
}
