package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks/progress"
	"domdoc/checks/result"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// Ending is how a wait ended.
type Ending string

// The endings of a wait.
const (
	Reached     Ending = "reached"
	Stuck       Ending = "stuck" // waiting longer does not help
	Deadline    Ending = "deadline"
	Interrupted Ending = "interrupted"
)

// Waited is the result of waiting for one domain.
type Waited struct {
	Goal     progress.Goal
	Ended    Ending
	Why      string // empty if reached
	Began    time.Time
	Took     time.Duration
	Asked    int      // number of diagnoses
	Apart    []string // what exceptions accept, though it keeps the domain from the goal
	Progress progress.Progress
	Report   *result.Domain // of the last diagnosis
}

// WaitedJSON writes the result of a wait as one object.
func WaitedJSON(w io.Writer, x *Waited, indent bool) error {
	out := wire.Waited{
		SchemaVersion: wire.SchemaVersion, Domain: x.Report.Name.ASCII, For: string(x.Goal),
		Reached: x.Ended == Reached, Ended: string(x.Ended), Why: x.Why,
		StartedAt: x.Began.UTC(), TookMs: x.Took.Milliseconds(), Asked: x.Asked, Until: wire.TimeOrNull(x.Progress.Until),
		Fix: []string{}, Apart: x.Apart, Report: wire.NewDomain(x.Report),
	}
	for _, f := range x.Progress.Stuck {
		out.Fix = append(out.Fix, string(f.ID))
	}
	return wire.Write(w, out, indent)
}

// WaitedText writes the result of a wait: one line, after the diagnosis if a fix is required.
func WaitedText(w io.Writer, x *Waited, s layout.Style) error {
	name := x.Report.Name.Unicode
	if name == "" {
		name = x.Report.ID
	}
	if x.Ended == Reached {
		goal := s.Paint("✓ "+string(x.Goal), layout.Green)
		if len(x.Apart) > 0 {
			goal = s.Paint("· "+string(x.Goal), layout.Green) + " apart from exceptions: " + strings.Join(x.Apart, ", ")
		}
		_, err := fmt.Fprintf(w, "%s  %s  after %s\n", s.Paint(name, layout.Bold), goal, catalog.Span(x.Took))
		return err
	}
	if x.Ended != Interrupted && (len(x.Progress.Stuck) > 0 || x.Progress.Unknown != "") {
		if err := report.Text(w, x.Report, s); err != nil {
			return err
		}
	}
	glyph := "✗"
	if x.Ended == Interrupted {
		glyph = "?"
	}
	_, err := fmt.Fprintf(w, "%s  %s: %s\n", s.Paint(name, layout.Bold),
		s.Paint(glyph+" not "+string(x.Goal), layout.Red), x.Why)
	return err
}

// WaitLine describes the progress of a wait on one line.
func WaitLine(p progress.Progress, next progress.Next, asked int, s layout.Style) string {
	var parts []string
	switch {
	case len(p.Stuck) > 0:
		parts = append(parts, "fix required: "+p.Stuck[0].Title)
	case p.Waits != "":
		parts = append(parts, "waiting for: "+p.Waits)
	case p.Unknown != "":
		parts = append(parts, "could not be checked: "+p.Unknown)
	}
	if !p.Until.IsZero() {
		parts = append(parts, "latest "+s.Clock(p.Until))
	}
	if !next.At.IsZero() {
		parts = append(parts, "next check at "+next.At.Local().Format("15:04:05 MST")+" ("+next.Reason.Phrase()+")")
	}
	return strings.Join(parts, "; ") + fmt.Sprintf("; checked %s", times(asked))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
