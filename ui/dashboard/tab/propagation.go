package tab

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/checks/observe"
	"domdoc/checks/result"

	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// PropagationPage shows the servers and records: first a summary, then each record with the answer of every server
// and how long it can last.
func PropagationPage(p *page.Builder, r *result.Domain, now time.Time) {
	if len(r.Propagation) == 0 {
		p.Gap()
		p.Text(2, p.Th.Plain, "no record is expected, and none was found")
		return
	}
	servers := NamesOf(r.Propagation)
	glance(p, r.Propagation, now)
	p.Gap()
	numbered := len(r.Propagation) > 1 && Matrix(p, r.Propagation, servers, now)
	for i, row := range r.Propagation {
		p.Gap()
		number := ""
		if numbered {
			number = strconv.Itoa(i+1) + " "
		}
		p.Hang(2, number+row.Type, p.Th.Strong, 6+len(number), p.Th.Strong, row.Name+", the "+row.Role.Phrase())
		propagationRow(p, row, servers, now)
	}
	p.Gap()
	p.Text(2, p.Th.Faint,
		"authoritative servers are the source. resolvers cache: a different answer is kept at most until its TTL has "+
			"expired")
}

// glance summarizes the propagation: the answers of the sources, those of the caches, and when the last wrong one has
// expired.
func glance(p *page.Builder, rows []observe.Row, now time.Time) {
	type tally struct{ match, all int }
	var source, cache tally
	var last time.Time
	for _, r := range rows {
		for _, c := range r.Cells {
			t := &source
			if c.Kind == observe.KindResolver {
				t = &cache
			}
			if c.State == observe.CellError || c.State == observe.CellNotAsked {
				continue
			}
			t.all++
			if c.State == observe.CellMatch || c.State == observe.CellSeen {
				t.match++
			} else if at, ok := c.Ends(); ok && at.After(last) {
				last = at
			}
		}
	}
	part := func(name string, t tally) string {
		paint := p.Th.Good
		if t.match < t.all {
			paint = p.Th.Bad
		}
		if t.all == 0 {
			return "  " + p.Th.Faint.Do(name+" not queried")
		}
		return "  " + p.Th.Faint.Do(name+" ") + paint.Do(strconv.Itoa(t.match)+" of "+strconv.Itoa(t.all))
	}
	line := part("correct at the source", source) + part("at resolvers", cache)
	p.Line(line)
	if last.After(now) {
		p.Text(2, p.Th.Waiting, "the last cache expires in "+page.Countdown(last.Sub(now))+", at "+page.Clock(last, now)+
			" at the latest")
	}
}

// names maps each server to the shortest name that is unique on the page.
type names map[string]string

// NamesOf names the servers of a propagation report.
func NamesOf(rows []observe.Row) names {
	out := names{}
	addrs := map[string]map[string]bool{}
	for _, r := range rows {
		for _, c := range r.Cells {
			if x := c.Exchange; c.Kind == observe.KindAuthoritative && x != nil && x.Host != "" {
				if addrs[x.Host] == nil {
					addrs[x.Host] = map[string]bool{}
				}
				addrs[x.Host][c.Server] = true
			}
		}
	}
	for _, r := range rows {
		for _, c := range r.Cells {
			// The usual port is omitted.
			name := strings.TrimSuffix(sanitize.Text(c.Server, page.MaxText), ":53")
			if x := c.Exchange; c.Kind == observe.KindAuthoritative && x != nil && x.Host != "" {
				if len(addrs[x.Host]) > 1 {
					name = sanitize.Text(x.Host, page.MaxText) + " " + x.Addr.Addr().String()
				} else {
					name = sanitize.Text(x.Host, page.MaxText)
				}
			}
			out[c.Server] = name
		}
	}
	return out
}

// width returns the width of the column of servers: the longest name, within reason.
func (n names) width(page int) int {
	w := len("server")
	for _, s := range n {
		w = max(w, ansi.StringWidth(s))
	}
	return min(w, max(12, page*2/5))
}

// propagationRow shows one record below its name: the expected value, and a line for each server. In a wide window,
// the caches are next to the source.
func propagationRow(p *page.Builder, r observe.Row, servers names, now time.Time) {
	if r.Expected != "" {
		p.Field(4, "expected", 10, r.Expected)
		p.Copies = append(p.Copies, page.Copyable{Label: "the expected value of " + r.Name, Text: r.Expected},
			page.Copyable{Label: "the record's name", Text: r.Name})
	} else {
		p.Item(4, "expected", 10, p.Th.Faint, "nothing is expected: this is the published value")
	}
	if slices.ContainsFunc(r.Cells, func(c observe.Cell) bool { return c.State == observe.CellNotAsked }) {
		defer p.Text(4, p.Th.Faint, "resolvers were not queried: the source lacks the record, and they would cache that")
	}
	if !p.Wide() {
		for _, c := range r.Cells {
			serverLine(p, r, c, servers, now)
		}
		return
	}
	of := func(kind observe.ServerKind) []observe.Cell {
		return slices.DeleteFunc(slices.Clone(r.Cells), func(c observe.Cell) bool { return c.Kind != kind })
	}
	sources, caches := of(observe.KindAuthoritative), of(observe.KindResolver)
	write := func(list []observe.Cell, i int) func(*page.Builder) {
		return func(p *page.Builder) {
			if i < len(list) {
				serverLine(p, r, list[i], servers, now)
			}
		}
	}
	// line by line, so that the selection moves through both columns together
	for i := range max(len(sources), len(caches)) {
		p.Columns(write(sources, i), write(caches, i))
	}
}

// serverLine shows a server's answer for a record, how long it can last, and the answers of its caches if it was
// queried several times.
func serverLine(p *page.Builder, r observe.Row, c observe.Cell, servers names, now time.Time) {
	const stateWidth, leftWidth = 11, 8
	first := servers.width(p.Width)
	column := 4 + first + 2 + stateWidth + 2 + leftWidth + 2
	word, paint := cellWord(p.Th, c)
	line := "    " + cellText(p.Th.Plain, servers[c.Server], first, p.Th) + "  " + cellText(paint, word, stateWidth,
		p.Th) + "  " + cellText(p.Th.Waiting, ttlText(c, now), leftWidth, p.Th) + "  "
	p.Begin(cellCopies(c)...)
	for i, a := range cellAnswers(c, r.Expected) {
		a = sanitize.Text(a, page.MaxParagraph)
		if column+ansi.StringWidth(a) <= p.Width { // next to the server, one below the other
			if i > 0 {
				line = strings.Repeat(" ", column)
			}
			p.Line(line + a)
			continue
		}
		if i == 0 { // below it
			p.Line(line)
		}
		p.Text(6, p.Th.Plain, a)
	}
	if differ(c.Samples) {
		var parts []string
		for _, s := range c.Samples {
			word, _ := cellWord(p.Th, s)
			if t := ttlText(s, now); t != "" {
				word += " " + t
			}
			parts = append(parts, word)
		}
		p.Hang(6, p.Th.Under, p.Th.Faint, 2, p.Th.Faint,
			"queried "+strconv.Itoa(len(parts))+" times, because it has several caches: "+strings.Join(parts, ", "))
	}
	p.End()
}

// differ reports whether the samples of a resolver differ.
func differ(samples []observe.Cell) bool {
	for _, s := range samples {
		if s.State != samples[0].State {
			return true
		}
	}
	return false
}

func cellCopies(c observe.Cell) []page.Copyable {
	var list []page.Copyable
	for _, a := range c.Answer[:min(len(c.Answer), 8)] {
		list = append(list, page.Copyable{Label: "what " + c.Server + " has", Text: a})
	}
	return append(list, ExchangeCopies(c.Exchange)...)
}

// cellAnswers returns a server's values, or else its answer.
func cellAnswers(c observe.Cell, expected string) []string {
	const atMost = 8
	switch {
	case c.State == observe.CellMatch && len(c.Answer) == 1 && c.Answer[0] == expected:
		return []string{"as expected"}
	case len(c.Answer) > atMost:
		return append(append([]string{}, c.Answer[:atMost]...), "and "+strconv.Itoa(len(c.Answer)-atMost)+" more")
	case len(c.Answer) > 0:
		return c.Answer
	case c.State == observe.CellNotAsked: // see the note under the record
		return []string{""}
	case c.Exchange != nil:
		return []string{c.Exchange.Outcome.Phrase()}
	}
	return []string{""}
}

// cellWord returns a cell's state as glyph, word and color.
func cellWord(th *theme.Theme, c observe.Cell) (string, theme.Paint) {
	glyph, word, paint := cellState(th, c)
	return glyph + " " + word, paint
}

func cellState(th *theme.Theme, c observe.Cell) (glyph, word string, paint theme.Paint) {
	switch c.State {
	case observe.CellMatch:
		return th.Pass, "match", th.Good
	case observe.CellDiffers:
		return th.Fail, "differs", th.Bad
	case observe.CellMissing:
		return th.Fail, "missing", th.Bad
	case observe.CellError:
		return th.Inconclusive, "no answer", th.Unknown
	case observe.CellSeen:
		return th.None, "seen", th.Plain
	case observe.CellNotAsked:
	}
	return th.None, "not queried", th.Faint
}

// cellLeft returns how long a resolver can keep its answer at most; ok is false if nothing expires, as at the source.
func cellLeft(c observe.Cell, now time.Time) (time.Duration, bool) {
	at, ok := c.Ends()
	return max(0, at.Sub(now)), ok
}

// ttlText returns a resolver's countdown, or the TTL at the source.
func ttlText(c observe.Cell, now time.Time) string {
	if left, ok := cellLeft(c, now); ok {
		if left == 0 {
			return "over"
		}
		return page.Countdown(left)
	}
	if c.TTL != nil {
		return "ttl " + strconv.FormatUint(uint64(*c.TTL), 10)
	}
	return ""
}

// Counting reports whether the propagation page has a countdown.
func Counting(r *result.Domain, now time.Time) bool {
	if r == nil {
		return false
	}
	for _, row := range r.Propagation {
		for _, c := range row.Cells {
			for _, s := range append([]observe.Cell{c}, c.Samples...) {
				if left, ok := cellLeft(s, now); ok && left > 0 {
					return true
				}
			}
		}
	}
	return false
}

func cellText(paint theme.Paint, s string, width int, th *theme.Theme) string {
	text, w := grid.Fit(s, width, th.More)
	return paint.Do(text) + strings.Repeat(" ", width-w)
}
