package tab

import (
	"strconv"
	"strings"
	"time"

	"domdoc/checks/observe"

	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"
)

// Matrix shows a word for every server and every record. With less room, it shows a glyph and the remaining time, and
// with even less, only the glyph, below the number of the record. numbered reports the last case, in which the
// records need their numbers.
func Matrix(p *page.Builder, rows []observe.Row, servers names, now time.Time) (numbered bool) {
	first := servers.width(p.Width)
	for _, s := range []matrixStyle{words, signs, glyphs} {
		if 4+first+len(rows)*(s.cell()+s.gap()) <= p.Width {
			writeMatrix(p, rows, servers, first, s, now)
			return s == glyphs
		}
	}
	return false
}

// matrixStyle is how much each cell of the matrix shows.
type matrixStyle uint8

const (
	words  matrixStyle = iota // "✗ missing 20:00"
	signs                     // "✗ 20:00"
	glyphs                    // "✗"
)

func (s matrixStyle) cell() int { return [...]int{17, 9, 2}[s] }
func (s matrixStyle) gap() int  { return [...]int{2, 2, 1}[s] }

func writeMatrix(p *page.Builder, rows []observe.Row, servers names, first int, style matrixStyle, now time.Time) {
	space := strings.Repeat(" ", style.gap())
	line := cellText(p.Th.Faint, "server", first, p.Th)
	for i, r := range rows {
		name, _, _ := strings.Cut(r.Role.Phrase(), " record")
		head := r.Type + " " + name
		switch style {
		case signs:
			head = r.Type
		case glyphs:
			head = strconv.Itoa(i + 1)
		case words:
		}
		line += space + cellText(p.Th.Faint, head, style.cell(), p.Th)
	}
	p.Line("    " + line)
	for _, s := range serversOf(rows) {
		line := cellText(p.Th.Plain, servers[s.Server], first, p.Th)
		for _, r := range rows {
			text, paint := "", p.Th.Faint
			for _, c := range r.Cells {
				if c.Server == s.Server && c.Kind == s.Kind {
					text, paint = crossing(p.Th, c, style, now)
				}
			}
			line += space + cellText(paint, text, style.cell(), p.Th)
		}
		p.Line("    " + line)
	}
}

// serversOf returns the servers of some rows, once each: the source first.
func serversOf(rows []observe.Row) []observe.Cell {
	var list []observe.Cell
	type key struct {
		kind   observe.ServerKind
		server string
	}
	seen := map[key]bool{}
	for _, kind := range []observe.ServerKind{observe.KindAuthoritative, observe.KindResolver} {
		for _, r := range rows {
			for _, c := range r.Cells {
				if k := (key{c.Kind, c.Server}); c.Kind == kind && !seen[k] {
					seen[k] = true
					list = append(list, c)
				}
			}
		}
	}
	return list
}

func crossing(th *theme.Theme, c observe.Cell, style matrixStyle, now time.Time) (string, theme.Paint) {
	glyph, word, paint := cellState(th, c)
	text := glyph
	if style == words {
		text += " " + word
	}
	if left, ok := cellLeft(c, now); style != glyphs && ok && left > 0 && c.State != observe.CellMatch &&
		c.State != observe.CellSeen {
		text += " " + page.Countdown(left)
	}
	return text, paint
}
