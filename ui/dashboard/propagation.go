package dashboard

import (
	"strconv"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// propagationPage is the grid of servers and records: at a glance first, then each record with what every server answered and how long it may keep it.
func propagationPage(p *page, r *checks.DomainReport, now time.Time) {
	if len(r.Propagation) == 0 {
		p.gap()
		p.text(2, p.th.Plain, "no record is asked for, and none was seen")
		return
	}
	servers := namesOf(r.Propagation)
	if len(r.Propagation) > 1 {
		matrix(p, r.Propagation, servers, now)
	}
	for _, row := range r.Propagation {
		p.gap()
		propagationRow(p, row, servers, now)
	}
	p.gap()
	p.text(0, p.th.Faint, "authoritative servers are the source; resolvers are caches, and may keep an answer until its time runs down")
}

// names gives each server of some rows the shortest name that tells it from the others: a name server's address is shown only where it has several.
type names map[string]string

func namesOf(rows []checks.Row) names {
	out := names{}
	addrs := map[string]map[string]bool{}
	for _, r := range rows {
		for _, c := range r.Cells {
			if x := c.Exchange; c.Kind == "authoritative" && x != nil && x.Host != "" {
				if addrs[x.Host] == nil {
					addrs[x.Host] = map[string]bool{}
				}
				addrs[x.Host][c.Server] = true
			}
		}
	}
	for _, r := range rows {
		for _, c := range r.Cells {
			// Nobody needs to read the port that everybody uses.
			name := strings.TrimSuffix(catalog.Printable(c.Server, maxText), ":53")
			if x := c.Exchange; c.Kind == "authoritative" && x != nil && x.Host != "" {
				if len(addrs[x.Host]) > 1 {
					name = catalog.Printable(x.Host, maxText) + " " + x.Addr.Addr().String()
				} else {
					name = catalog.Printable(x.Host, maxText)
				}
			}
			out[c.Server] = name
		}
	}
	return out
}

// width is the width of the column of servers: the longest name, within reason.
func (n names) width(page int) int {
	w := len("server")
	for _, s := range n {
		w = max(w, ansi.StringWidth(s))
	}
	return min(w, max(12, page*2/5))
}

// matrix shows every server and every record, one word at each crossing. It is left out where the columns do not fit.
func matrix(p *page, rows []checks.Row, servers names, now time.Time) {
	const cell = 16
	first := servers.width(p.width)
	if 2+first+len(rows)*(cell+2) > p.width {
		return
	}
	line := cellText(p.th.Faint, "server", first, p.th)
	for _, r := range rows {
		name := r.Role.Phrase()
		name, _, _ = strings.Cut(name, " record")
		line += "  " + cellText(p.th.Faint, r.Type+" "+name, cell, p.th)
	}
	p.line("  " + line)
	var list []checks.Cell
	seen := map[string]bool{}
	for _, kind := range []string{"authoritative", "resolver"} {
		for _, r := range rows {
			for _, c := range r.Cells {
				if c.Kind == kind && !seen[c.Server] {
					seen[c.Server] = true
					list = append(list, c)
				}
			}
		}
	}
	for _, s := range list {
		line := cellText(p.th.Plain, servers[s.Server], first, p.th)
		for _, r := range rows {
			text, paint := "", p.th.Faint
			for _, c := range r.Cells {
				if c.Server == s.Server {
					text, paint = cellWord(p.th, c)
					if left, ok := cellLeft(c, now); ok && c.State != checks.CellMatch && c.State != checks.CellSeen {
						text += " " + countdown(left)
					}
				}
			}
			line += "  " + cellText(paint, text, cell, p.th)
		}
		p.line("  " + line)
	}
}

func cellText(paint theme.Paint, s string, width int, th *theme.Theme) string {
	text, w := grid.Fit(s, width, th.More)
	return paint.Do(text) + strings.Repeat(" ", width-w)
}

// propagationRow is one record: what is expected, and a line for each server.
func propagationRow(p *page, r checks.Row, servers names, now time.Time) {
	p.hang(0, r.Type, p.th.Strong, 6, p.th.Strong, r.Name+", the "+r.Role.Phrase())
	if r.Expected != "" {
		p.field(2, "expected", 10, r.Expected)
	} else {
		p.item(2, "expected", 10, p.th.Faint, "nothing is asked for: this is what is seen")
	}
	const stateWidth, leftWidth = 11, 8
	first := servers.width(p.width)
	column := 2 + first + 2 + stateWidth + 2 + leftWidth + 2
	for _, c := range r.Cells {
		word, paint := cellWord(p.th, c)
		line := "  " + cellText(p.th.Plain, servers[c.Server], first, p.th) + "  " + cellText(paint, word, stateWidth, p.th) + "  " + cellText(p.th.Waiting, ttlText(c, now), leftWidth, p.th) + "  "
		answers := cellAnswers(c, r.Expected)
		for i, a := range answers {
			a = catalog.Printable(a, maxParagraph)
			switch {
			case column+ansi.StringWidth(a) <= p.width: // beside the server, and under each other
				if i > 0 {
					line = strings.Repeat(" ", column)
				}
				p.line(line + a)
			default: // below it
				if i == 0 {
					p.line(line)
				}
				p.text(4, p.th.Plain, a)
			}
		}
	}
}

// cellAnswers is what a server said: its values, or in their place what it said instead.
func cellAnswers(c checks.Cell, expected string) []string {
	const atMost = 8
	switch {
	case c.State == checks.CellMatch && len(c.Answer) == 1 && c.Answer[0] == expected:
		return []string{"as expected"}
	case len(c.Answer) > atMost:
		return append(append([]string{}, c.Answer[:atMost]...), "and "+strconv.Itoa(len(c.Answer)-atMost)+" more")
	case len(c.Answer) > 0:
		return c.Answer
	case c.State == checks.CellNotAsked:
		return []string{"the source lacks it: asking would make a cache remember that"}
	case c.Exchange != nil:
		return []string{c.Exchange.Outcome.Phrase()}
	}
	return []string{""}
}

// cellWord is a cell's state as glyph, word and colour.
func cellWord(th *theme.Theme, c checks.Cell) (string, theme.Paint) {
	switch c.State {
	case checks.CellMatch:
		return th.Pass + " match", th.Good
	case checks.CellDiffers:
		return th.Fail + " differs", th.Bad
	case checks.CellMissing:
		return th.Fail + " missing", th.Bad
	case checks.CellError:
		return th.Inconclusive + " no answer", th.Unknown
	case checks.CellSeen:
		return th.None + " seen", th.Plain
	case checks.CellNotAsked:
	}
	return th.None + " not asked", th.Faint
}

// cellLeft is how long a resolver may still keep its answer; ok is false where nothing runs down, at the source above all.
func cellLeft(c checks.Cell, now time.Time) (time.Duration, bool) {
	if c.Kind != "resolver" || c.Exchange == nil {
		return 0, false
	}
	ttl, ok := uint32(0), false
	switch {
	case c.TTL != nil:
		ttl, ok = *c.TTL, true
	case c.State == checks.CellMissing && c.Exchange.Msg != nil:
		ttl, ok = c.Exchange.NegativeTTL()
	}
	return max(0, c.Exchange.At.Add(time.Duration(ttl)*time.Second).Sub(now)), ok
}

// ttlText is a resolver's countdown, or the TTL that the source gives.
func ttlText(c checks.Cell, now time.Time) string {
	if left, ok := cellLeft(c, now); ok {
		if left == 0 {
			return "over"
		}
		return countdown(left)
	}
	if c.TTL != nil {
		return "ttl " + strconv.FormatUint(uint64(*c.TTL), 10)
	}
	return ""
}

// counting tells whether something on the propagation page runs down.
func counting(r *checks.DomainReport, now time.Time) bool {
	if r == nil {
		return false
	}
	for _, row := range r.Propagation {
		for _, c := range row.Cells {
			if left, ok := cellLeft(c, now); ok && left > 0 {
				return true
			}
		}
	}
	return false
}
