package render

import (
	"fmt"
	"io"

	"domdoc/catalog"
	"domdoc/checks/vantage"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// Doctor writes whether this machine can check domains: the result of each test, and the findings.
func Doctor(w io.Writer, v *vantage.Report, list []vantage.Check, s layout.Style) error {
	b := &layout.Builder{Style: s}
	for _, c := range list {
		mark := b.Paint("-", layout.Dim)
		switch c.Verdict {
		case catalog.Pass:
			mark = b.Paint(layout.VerdictGlyph(c.Verdict), layout.Green)
		case catalog.Warn:
			mark = b.Paint(layout.VerdictGlyph(c.Verdict), layout.Yellow)
		case catalog.Inconclusive:
			mark = b.Paint(layout.VerdictGlyph(c.Verdict), layout.Cyan)
		case catalog.Fail, catalog.Blocked, catalog.NotRun:
		}
		b.Line(fmt.Sprintf("%s %-9s %s", mark, c.ID, c.Text))
	}
	b.Line("")
	if len(v.Findings) > 0 {
		report.GeneralFindings(b, wire.NewFindings(v.Findings))
	} else {
		b.Line("this machine can check domains")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
