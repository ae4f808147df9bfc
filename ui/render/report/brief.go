package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/order"
	"domdoc/catalog/sanitize"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"

	"github.com/charmbracelet/x/ansi"
)

// Brief says when text has one line per domain.
type Brief int

// The values of Brief.
const (
	BriefNever  Brief = iota
	BriefMany         // for more than BriefOver domains
	BriefAlways       // for any number
)

// BriefOver is how many domains are written in full by BriefMany.
const BriefOver = 20

// briefLine is a domain in one line.
type briefLine struct {
	group       group
	partial     bool
	state       catalog.State
	name, cause string
	who, todo   string // who must act, or until when it waits; and what to do
}

// newBriefLine reduces a domain to a line: its state, the first root cause, and who does what about it.
func newBriefLine(d *wire.Domain, s layout.Style) briefLine {
	l := briefLine{
		group: groupOf(d), partial: d.Partial(), state: d.StateNow(), name: sanitize.Text(domainTitle(d), 253),
	}
	var roots []*wire.Finding
	for _, f := range d.Roots() {
		if f.Ignored == nil && f.StateNow() == l.state {
			roots = append(roots, f)
		}
	}
	if len(roots) > 0 {
		l.cause = sanitize.Text(roots[0].Cause, 80)
		if len(roots) > 1 {
			l.cause += fmt.Sprintf(" +%d", len(roots)-1)
		}
	}
	switch {
	case l.partial:
		l.who = "left out"
		l.todo = sanitize.Text(LeftOutNote(d.LeftOut), 400)
	case l.state == catalog.StateWaiting && d.WaitsUntil != nil:
		l.who = s.Clock(*d.WaitsUntil)
		l.todo = "wait until " + l.who
		if date, _, dated := strings.Cut(l.who, " "); dated && strings.Contains(date, "-") {
			l.who = date
		}
	case l.state == catalog.StateWaiting:
		l.who, l.todo = "wait", "wait"
	case len(roots) > 0:
		l.who = s.Reader.Short(catalog.Actor(roots[0].Who))
		l.todo = l.who + ": " + briefFix(roots[0])
	case l.state == catalog.StateNotChecked:
		l.who = "not judged"
		i := slices.IndexFunc(d.Checks, func(c wire.Check) bool {
			return wire.ParseVerdict(c.Status) == catalog.Inconclusive
		})
		if i >= 0 {
			l.cause, l.todo = d.Checks[i].ID, sanitize.Text(wire.OrBlank(d.Checks[i].Reason), 400)
		}
		if d.Interrupted {
			l.todo = interrupted
		}
	}
	return l
}

// briefFix is what to do about a finding in a few words.
func briefFix(f *wire.Finding) string {
	deletes := f.Fix.Removed()
	word := func(r *wire.Record) string {
		host := r.Host
		if host == "@" {
			host = r.Name
		}
		return r.Type + " " + sanitize.Text(host, 253)
	}
	switch {
	case f.Incident != nil:
		return "an incident, see below"
	case len(f.Fix.Records) == 1:
		return "publish " + word(&f.Fix.Records[0])
	case len(f.Fix.Records) > 1:
		return fmt.Sprintf("publish %d records, %s first", len(f.Fix.Records), word(&f.Fix.Records[0]))
	case len(deletes) == 1:
		return "delete " + word(&deletes[0])
	case len(deletes) > 1:
		return fmt.Sprintf("delete %d records, %s first", len(deletes), word(&deletes[0]))
	case len(f.Fix.Steps) > 0:
		return sanitize.Text(f.Fix.Steps[0], 400)
	}
	return sanitize.Text(f.Title, 400)
}

// Widths of the columns of brief lines, in cells.
const (
	briefGap       = 2
	briefMinDomain = 36 // beside what to do, if a name has as many
	briefMaxCause  = 26
	briefMaxWho    = 12
	briefMinTodo   = 24 // with less, who must act is written in its place
	briefMaxTodo   = 60 // if names need the room
)

// briefText writes the lines, worst first, in aligned columns. A terminal's lines are cut at its width; those of a
// pipe are not.
func briefText(lines []briefLine, s layout.Style) string {
	order.StableBy(lines, func(a, b briefLine) int {
		return cmp.Or(cmp.Compare(a.group, b.group), strings.Compare(a.cause, b.cause), strings.Compare(a.name, b.name))
	})
	head := [4]string{"STATE", "DOMAIN", "CAUSE", "TO DO"}
	rows := make([][4]string, len(lines))
	var widths [4]int
	who := len("WHO")
	for i, l := range lines {
		mark := layout.StateMark(l.state)
		if l.partial {
			mark = layout.PartialMark
		}
		rows[i] = [4]string{mark, l.name, l.cause, l.todo}
		for c, text := range rows[i] {
			widths[c] = max(widths[c], ansi.StringWidth(text))
		}
		who = max(who, ansi.StringWidth(l.who))
	}
	for c, title := range head {
		widths[c] = max(widths[c], len(title))
	}
	if s.Width > 0 {
		room := s.Columns() - widths[0] - 3*briefGap
		widths[2] = min(widths[2], briefMaxCause)
		last := min(widths[3], max(briefMinTodo, min(briefMaxTodo, room-widths[2]-briefMinDomain)))
		if room-min(widths[1], briefMinDomain)-widths[2] < min(widths[3], briefMinTodo) { // too narrow for what to do
			head[3], last = "WHO", min(who, briefMaxWho)
			for i := range rows {
				rows[i][3] = lines[i].who
			}
		}
		widths[1] = min(widths[1], max(room-widths[2]-last, 16))
		widths[3] = max(room-widths[1]-widths[2], 1)
	}
	b := &layout.Builder{Style: s}
	line := func(row [4]string, paint func(column int, text string) string) {
		var out strings.Builder
		for c, text := range row {
			text = ansi.Truncate(text, widths[c], "…")
			out.WriteString(paint(c, text))
			if c < len(row)-1 {
				out.WriteString(strings.Repeat(" ", widths[c]-ansi.StringWidth(text)+briefGap))
			}
		}
		b.Line(out.String())
	}
	line(head, func(_ int, text string) string { return b.Paint(text, layout.Dim) })
	for i, row := range rows {
		line(row, func(c int, text string) string {
			switch {
			case c == 0 && lines[i].partial:
				return b.MarkPartial()
			case c == 0:
				return b.Mark(lines[i].state)
			}
			return text
		})
	}
	return b.String()
}
