// Package tab writes the pages of one domain: findings, propagation, records, certificate, registration, routes and
// the service's own view. It draws reports and holds no state.
package tab

import (
	"strings"
	"time"

	"domdoc/checks/finding"
	"domdoc/checks/result"

	"domdoc/catalog"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// ID is one of the pages of a domain.
type ID uint8

const (
	Findings ID = iota
	Propagation
	Records
	Certificate
	Registration
	Routes
	Service
	Ledger
	Changes
	Count
)

// Words are the names of the tabs, from the longest to those of the smallest window.
var Words = [...][Count]string{
	{"findings", "propagation", "records", "certificate", "registration", "routes", "service", "ledger", "changes"},
	{"findings", "spread", "records", "cert", "registry", "routes", "service", "ledger", "changes"},
	{"findings", "spread", "records", "cert", "reg", "routes", "service", "ledger", "changes"},
	{"findings", "spread", "records", "cert", "reg", "routes", "service", "log", "new"},
	{"find", "prop", "rec", "cert", "reg", "rte", "svc", "log", "new"},
}

// String is the long name of a tab.
func (t ID) String() string {
	if t < Count {
		return Words[0][t]
	}
	return ""
}

// tabOf returns the tab that shows the subject of a finding.
func tabOf(f *finding.Finding) ID { return tabOfRung(f.Rung, string(f.ID)) }

func tabOfRung(rung catalog.Rung, id string) ID {
	switch rung {
	case catalog.Registration, catalog.Delegation, catalog.DNSSEC:
		return Registration
	case catalog.RecordRung:
		return Records
	case catalog.Cache:
		return Propagation
	case catalog.CertificateRung:
		return Certificate
	case catalog.CDN, catalog.RouteRung, catalog.HTTP:
		return Routes
	case catalog.Service:
		switch {
		case strings.HasPrefix(id, "service.route-"), strings.HasPrefix(id, "service.redirect-"),
			strings.HasPrefix(id, "service.transfer-"):
			return Routes
		case strings.HasPrefix(id, "service.record-"):
			return Records
		}
		return Service
	case catalog.Vantage:
	}
	return Findings
}

// Mark returns the glyph next to the name of a tab.
type Mark struct {
	Glyph string
	paint theme.Paint
}

// Marks returns the glyphs next to the names of the tabs: that of the most serious root cause on each.
func Marks(th *theme.Theme, r *result.Domain) (out [Count]Mark) {
	if r == nil {
		return out
	}
	for _, f := range r.Roots() {
		if t := tabOf(f); t != Findings && out[t].Glyph == "" { // the roots are sorted, the most serious first
			out[t].Glyph, out[t].paint = findingGlyph(th, f)
		}
	}
	return out
}

// Line returns the names of the tabs with their numbers, as long as there is room. Tabs with a root cause have its
// glyph.
func Line(th *theme.Theme, current ID, marks [Count]Mark, width int) string {
	for i := range Words {
		for _, gap := range []string{"  ", " "} {
			if line := tabLineOf(th, current, marks, Words[i], gap); ansi.StringWidth(line) <= width {
				return line
			}
		}
	}
	return ansi.Truncate(tabLineOf(th, current, [Count]Mark{}, Words[len(Words)-1], " "), max(0, width), "")
}

func tabLineOf(th *theme.Theme, current ID, marks [Count]Mark, words [Count]string, gap string) string {
	var b strings.Builder
	for t := range Count {
		if t > 0 {
			b.WriteString(gap)
		}
		label := string(rune('1'+t)) + " " + words[t]
		glyph := marks[t].Glyph
		switch {
		case t == current && th.Colour:
			b.WriteString(th.Select.Do(strings.TrimSpace(label + " " + glyph)))
		case t == current:
			b.WriteString("[" + strings.TrimSpace(label+" "+glyph) + "]")
		default:
			b.WriteString(th.Faint.Do(label))
			if glyph != "" {
				b.WriteString(" " + marks[t].paint.Do(glyph))
			}
		}
	}
	return b.String()
}

// Moment is the current time at the precision that a tab shows, so that its content is rebuilt no more often than
// needed.
func (t ID) Moment(r *result.Domain, now time.Time) time.Time {
	switch t {
	case Propagation:
		if Counting(r, now) {
			return now.Truncate(time.Second)
		}
		return now.Truncate(time.Minute)
	case Findings, Certificate, Registration, Routes, Service, Changes:
		return now.Truncate(time.Minute)
	case Records, Ledger, Count:
	}
	return time.Time{}
}

// At returns the tab at a cell of the line of tabs.
func At(line string, x int) (found ID, ok bool) {
	line = ansi.Strip(line)
	if x >= ansi.StringWidth(line) {
		return 0, false
	}
	from := 0
	for t := range Count {
		i := strings.Index(line[from:], string(rune('1'+t))+" ")
		if i < 0 {
			break
		}
		from += i
		if ansi.StringWidth(line[:from]) > x {
			break
		}
		found, ok = t, true
	}
	return found, ok
}
