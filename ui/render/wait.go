package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/progress"
)

// Waited is how a wait for one domain ended.
type Waited struct {
	Goal     progress.Goal
	Ended    string // reached, stuck, deadline or interrupted
	Why      string // in words; empty when reached
	Began    time.Time
	Took     time.Duration
	Asked    int // diagnoses
	Progress progress.Progress
	Report   *checks.DomainReport // of the last diagnosis
}

type jsonWaited struct {
	SchemaVersion int         `json:"schemaVersion" const:"1"`
	Domain        string      `json:"domain"`
	For           string      `json:"for" enum:"verified,propagated,certificate,healthy"`
	Reached       bool        `json:"reached"`
	Ended         string      `json:"ended" enum:"reached,stuck,deadline,interrupted"`
	Why           string      `json:"why,omitempty" doc:"why it did not become true"`
	StartedAt     time.Time   `json:"startedAt"`
	TookMs        int64       `json:"tookMs"`
	Asked         int         `json:"asked" doc:"diagnoses until then"`
	Until         *time.Time  `json:"until" doc:"the latest moment at which waiting alone would have been enough; null where it is not known"`
	Fix           []string    `json:"fix" doc:"the causes that somebody must mend first"`
	Report        *JSONDomain `json:"report"`
}

// WaitedJSON writes how a wait ended as one object.
func WaitedJSON(w io.Writer, x *Waited, indent bool) error {
	out := jsonWaited{
		SchemaVersion: SchemaVersion, Domain: x.Report.Name.ASCII, For: string(x.Goal), Reached: x.Ended == "reached",
		Ended: x.Ended, Why: x.Why,
		StartedAt: x.Began.UTC(), TookMs: x.Took.Milliseconds(), Asked: x.Asked, Until: orNoTime(x.Progress.Until),
		Fix: []string{}, Report: NewDomain(x.Report),
	}
	for _, f := range x.Progress.Stuck {
		out.Fix = append(out.Fix, string(f.ID))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if indent {
		e.SetIndent("", "  ")
	}
	return e.Encode(out)
}

// WaitedText writes how a wait ended: one line, and what to mend where somebody must.
func WaitedText(w io.Writer, x *Waited, s Style) error {
	name := x.Report.Name.Unicode
	if name == "" {
		name = x.Report.ID
	}
	if x.Ended == "reached" {
		_, err := fmt.Fprintf(w, "%s  %s  after %s\n", s.paint(name, bold), s.paint("✓ "+string(x.Goal), green),
			catalog.Span(x.Took))
		return err
	}
	if x.Ended != "interrupted" && (len(x.Progress.Stuck) > 0 || x.Progress.Unknown != "") {
		if err := Text(w, x.Report, s); err != nil {
			return err
		}
	}
	glyph := "✗"
	if x.Ended == "interrupted" {
		glyph = "?"
	}
	_, err := fmt.Fprintf(w, "%s  %s: %s\n", s.paint(name, bold), s.paint(glyph+" not "+string(x.Goal), red), x.Why)
	return err
}

// WaitLine is how far a wait is, in one line.
func WaitLine(p progress.Progress, next progress.Next, asked int, s Style) string {
	var parts []string
	switch {
	case len(p.Stuck) > 0:
		parts = append(parts, "somebody must act: "+p.Stuck[0].Title)
	case p.Waits != "":
		parts = append(parts, "waiting for: "+p.Waits)
	case p.Unknown != "":
		parts = append(parts, "could not check: "+p.Unknown)
	}
	if !p.Until.IsZero() {
		parts = append(parts, "latest "+s.Clock(p.Until))
	}
	if !next.At.IsZero() {
		parts = append(parts, "asks again at "+next.At.Local().Format("15:04:05")+" ("+next.Reason.Phrase()+")")
	}
	return strings.Join(parts, "; ") + fmt.Sprintf("; asked %s", times(asked))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// Changed is what happened to one domain at one moment of a watch.
type Changed struct {
	At      time.Time
	First   bool // the first diagnosis: nothing to compare with
	Changes []progress.Change
	Report  *checks.DomainReport
	Next    progress.Next
}

type jsonChanged struct {
	At      time.Time    `json:"at"`
	Event   string       `json:"event" enum:"first,changed"`
	Domain  string       `json:"domain"`
	ID      string       `json:"id"`
	Verdict string       `json:"verdict"`
	Codes   []string     `json:"codes"`
	Causes  []string     `json:"causes"`
	Changes []jsonChange `json:"changes"`
	Next    *jsonNext    `json:"next" doc:"when it is asked again; null where nothing can change by itself"`
}

type jsonChange struct {
	Kind   string  `json:"kind"`
	About  string  `json:"about,omitempty"`
	Before *string `json:"before"`
	After  *string `json:"after"`
	Text   string  `json:"text"`
	Trend  *string `json:"trend" enum:"better,worse"`
}

type jsonNext struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	Server string    `json:"server,omitempty"`
}

// changes are changes as JSON has them.
func changes(list []progress.Change) []jsonChange {
	out := []jsonChange{}
	for _, c := range list {
		j := jsonChange{
			Kind: string(c.Kind), About: c.About, Before: orNull(c.Before), After: orNull(c.After),
			Text: c.Text(),
		}
		switch {
		case c.Better:
			j.Trend = orNull("better")
		case c.Worse:
			j.Trend = orNull("worse")
		}
		out = append(out, j)
	}
	return out
}

// ChangedLine writes what happened to a domain as one line of JSON.
func ChangedLine(w io.Writer, x *Changed) error {
	out := jsonChanged{
		At: x.At.UTC(), Event: "changed", Domain: x.Report.Name.ASCII, ID: x.Report.ID,
		Verdict: x.Report.Verdict.String(), Codes: []string{}, Causes: []string{},
		Changes: changes(x.Changes),
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
		out.Next = &jsonNext{x.Next.At.UTC(), string(x.Next.Reason), x.Next.Server}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

// ChangedText writes what happened to a domain for a person.
func ChangedText(w io.Writer, x *Changed, s Style) error {
	var b strings.Builder
	at := s.paint(x.At.Local().Format("15:04:05"), dim)
	name := s.paint(x.Report.Name.Unicode, bold)
	if x.First {
		fmt.Fprintf(&b, "%s  %s  %s", at, name, s.mark(x.Report.Verdict))
		if roots := x.Report.Roots(); len(roots) > 0 {
			fmt.Fprintf(&b, "  %s", roots[0].Title)
		}
		b.WriteByte('\n')
	}
	for _, c := range x.Changes {
		glyph, codes := " ", []string{}
		switch {
		case c.Better:
			glyph, codes = "✓", []string{green}
		case c.Worse:
			glyph, codes = "✗", []string{red}
		}
		fmt.Fprintf(&b, "%s  %s  %s\n", at, name, s.paint(glyph+" "+c.Text(), codes...))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
