package dashboard

import (
	"strings"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/result"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/x/ansi"
)

// tab is one of the pages of a domain.
type tab uint8

const (
	tabFindings tab = iota
	tabPropagation
	tabRecords
	tabCertificate
	tabRegistration
	tabRoutes
	tabService
	tabLedger
	tabChanges
	tabs
)

// tabWords are the names of the tabs, from the longest to those of the smallest window.
var tabWords = [...][tabs]string{
	{"findings", "propagation", "records", "certificate", "registration", "routes", "service", "ledger", "changes"},
	{"findings", "spread", "records", "cert", "registry", "routes", "service", "ledger", "changes"},
	{"findings", "spread", "records", "cert", "reg", "routes", "service", "ledger", "changes"},
	{"findings", "spread", "records", "cert", "reg", "routes", "service", "log", "new"},
	{"find", "prop", "rec", "cert", "reg", "rte", "svc", "log", "new"},
}

func (t tab) String() string {
	if t < tabs {
		return tabWords[0][t]
	}
	return ""
}

// tabOf is the tab that shows what a finding is about.
func tabOf(f *finding.Finding) tab {
	switch f.Rung {
	case catalog.Registration, catalog.Delegation, catalog.DNSSEC:
		return tabRegistration
	case catalog.RecordRung:
		return tabRecords
	case catalog.Cache:
		return tabPropagation
	case catalog.CertificateRung:
		return tabCertificate
	case catalog.CDN, catalog.RouteRung, catalog.HTTP:
		return tabRoutes
	case catalog.Service:
		switch id := string(f.ID); {
		case strings.HasPrefix(id, "service.route-"), strings.HasPrefix(id, "service.redirect-"),
			strings.HasPrefix(id, "service.transfer-"):
			return tabRoutes
		case strings.HasPrefix(id, "service.record-"):
			return tabRecords
		}
		return tabService
	case catalog.Vantage:
	}
	return tabFindings
}

// tabMark is the glyph that stands beside a tab's name.
type tabMark struct {
	glyph string
	paint theme.Paint
}

// marked are the glyphs to show beside the tabs: of the root causes that each is about, the gravest one's.
func marked(th *theme.Theme, r *result.Domain) (out [tabs]tabMark) {
	if r == nil {
		return out
	}
	for _, f := range r.Roots() {
		if t := tabOf(f); t != tabFindings && out[t].glyph == "" { // the roots come with the gravest first
			out[t].glyph, out[t].paint = findingGlyph(th, f)
		}
	}
	return out
}

// tabLine names the tabs with their numbers, as long as the window lets it. Those that a root cause is about have its
// glyph.
func tabLine(th *theme.Theme, current tab, marks [tabs]tabMark, width int) string {
	for i := range tabWords {
		for _, gap := range []string{"  ", " "} {
			if line := tabLineOf(th, current, marks, tabWords[i], gap); ansi.StringWidth(line) <= width {
				return line
			}
		}
	}
	return ansi.Truncate(tabLineOf(th, current, [tabs]tabMark{}, tabWords[len(tabWords)-1], " "), max(0, width), "")
}

func tabLineOf(th *theme.Theme, current tab, marks [tabs]tabMark, words [tabs]string, gap string) string {
	var b strings.Builder
	for t := range tabs {
		if t > 0 {
			b.WriteString(gap)
		}
		label := string(rune('1'+t)) + " " + words[t]
		glyph := marks[t].glyph
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
