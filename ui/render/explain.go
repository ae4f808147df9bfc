// Package render prints the results of the commands that do not report on a run over domains: explanations, the
// result of a wait, changes, rows of a propagation table, audits and man pages. Reports are in package report.
package render

import (
	"fmt"
	"io"
	"strings"

	"domdoc/catalog"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// CodeList lists codes by category.
func CodeList(w io.Writer, codes []catalog.Code, s layout.Style) error {
	b := &layout.Builder{Style: s}
	category := ""
	for _, c := range codes {
		if c.Category != category {
			if category != "" {
				b.Line("")
			}
			category = c.Category
			b.Line(b.Paint(category, layout.Bold))
		}
		b.Line(fmt.Sprintf("  %s  %d  %-30s %s", b.Paint(c.ID, layout.Cyan), c.HTTP, c.Name, c.Description))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// CauseList lists causes.
func CauseList(w io.Writer, causes []*catalog.Cause, s layout.Style) error {
	if len(causes) == 0 {
		return nil
	}
	b := &layout.Builder{Style: s}
	b.Line(b.Paint("causes", layout.Bold))
	for _, c := range causes {
		b.Line(fmt.Sprintf("  %s %s", b.Paint(fmt.Sprintf("%-34s", c.ID), layout.Cyan), c.Title))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Code explains a code: the service's description of it, and its possible causes, most common first.
func Code(w io.Writer, c catalog.Code, s layout.Style) error {
	b := &layout.Builder{Style: s}
	b.Line(b.Paint(c.ID, layout.Bold) + "  " + c.Name + b.Paint(fmt.Sprintf("  HTTP %d, %s", c.HTTP, c.Category),
		layout.Dim))
	b.Para(2, "description", c.Description)
	b.Para(2, "resolution", c.Resolution)
	b.Line("")
	b.Line("  " + b.Paint("causes, most common first", layout.Bold))
	for _, cause := range catalog.CausesOf(c.ID) {
		b.Line(fmt.Sprintf("    %s %s", b.Paint(fmt.Sprintf("%-34s", cause.ID), layout.Cyan), cause.Title))
	}
	b.Line("")
	b.Line(b.Paint("  domdoc explain CAUSE explains one of them; domdoc check NAME finds the one that applies",
		layout.Dim))
	_, err := io.WriteString(w, b.String())
	return err
}

// Cause explains a cause: what it means, how it is detected, who owns the fix, and what it is confused with.
func Cause(w io.Writer, c *catalog.Cause, s layout.Style) error {
	b, say := &layout.Builder{Style: s}, s.Reader.Words
	b.Line(b.Paint(string(c.ID), layout.Bold) + "  " + say(c.Title))
	b.Para(2, "means", say(c.Description))
	b.Para(2, "detected by", say(c.Detection))
	var owners []string
	for _, a := range c.Who {
		owners = append(owners, s.Reader.Owner(a))
	}
	b.Para(2, "owner", strings.Join(owners, ", or "))
	if codes := c.AllCodes(); len(codes) > 0 {
		b.Para(2, "leads to", strings.Join(codes, ", "))
	} else {
		b.Para(2, "leads to", "no code: "+c.NoCode)
	}
	if c.Confused != "" {
		b.Para(2, "unlike", say(c.Confused))
	}
	if also := wire.CauseIDs(c.SeeAlso()); len(also) > 0 {
		b.Para(2, "see also", strings.Join(also, ", "))
	}
	if len(c.Refs) > 0 {
		b.Para(2, "references", strings.Join(c.Refs, ", "))
	}
	ex := c.Example()
	b.Line("")
	b.Line("  " + b.Paint("example", layout.Bold))
	b.Para(4, "what", say(ex.Summary()))
	b.Para(4, "why", say(ex.Why()))
	fix := ex.Fix()
	for i := range fix.Steps {
		fix.Steps[i] = say(fix.Steps[i])
	}
	b.Numbered(4, fix.Steps)
	for _, r := range fix.Records {
		card := wire.NewRecord(r)
		report.RecordCard(b, &card)
	}
	b.Commands(4, "verify with", fix.Commands)
	b.Commands(4, "afterwards", fix.After)
	_, err := io.WriteString(w, b.String())
	return err
}
