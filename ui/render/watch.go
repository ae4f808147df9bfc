package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"domdoc/checks/progress"
	"domdoc/checks/result"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// Changed is the result of one check of a watched domain.
type Changed struct {
	At      time.Time
	First   bool // the first diagnosis, which has nothing to compare with
	Changes []progress.Change
	Report  *result.Domain
	Next    progress.Next
}

// ChangedLine writes a change as one line of JSON.
func ChangedLine(w io.Writer, x *Changed) error {
	out := wire.Changed{
		At: x.At.UTC(), Event: "changed", Domain: x.Report.Name.ASCII, ID: x.Report.ID,
		Verdict: x.Report.Verdict.String(), Codes: []string{}, Causes: []string{},
		Changes: wire.NewChanges(x.Changes), LeftOut: wire.NewLeftOut(x.Report.LeftOut),
	}
	if x.First {
		out.Event = "first"
	}
	for _, c := range x.Report.Codes {
		out.Codes = append(out.Codes, c.ID)
	}
	for _, f := range x.Report.Roots() {
		out.Causes = append(out.Causes, string(f.ID))
	}
	if !x.Next.At.IsZero() {
		out.Next = &wire.Next{At: x.Next.At.UTC(), Reason: string(x.Next.Reason), Server: x.Next.Server}
	}
	return wire.Write(w, out, false)
}

// ChangedText writes a change as text.
func ChangedText(w io.Writer, x *Changed, s layout.Style) error {
	var b strings.Builder
	at := s.Paint(x.At.Local().Format("15:04:05 MST"), layout.Dim)
	name := s.Paint(x.Report.Name.Unicode, layout.Bold)
	if x.First {
		mark := s.Mark(x.Report.State())
		if x.Report.Partial() {
			mark = s.MarkPartial()
		}
		fmt.Fprintf(&b, "%s  %s  %s", at, name, mark)
		if roots := x.Report.Roots(); len(roots) > 0 {
			fmt.Fprintf(&b, "  %s", roots[0].Title)
		}
		if note := report.LeftOutNote(wire.NewLeftOut(x.Report.LeftOut)); note != "" {
			fmt.Fprintf(&b, "  (%s)", note)
		}
		b.WriteByte('\n')
	}
	for _, c := range x.Changes {
		glyph, codes := " ", []string{}
		switch {
		case c.Better:
			glyph, codes = "✓", []string{layout.Green}
		case c.Worse:
			glyph, codes = "✗", []string{layout.Red}
		}
		fmt.Fprintf(&b, "%s  %s  %s\n", at, name, s.Paint(glyph+" "+c.Text(), codes...))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
