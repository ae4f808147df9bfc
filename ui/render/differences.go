package render

import (
	"fmt"
	"io"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/progress"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// Differences are the changes between two cases.
type Differences struct {
	Before, After wire.Moment
	Domains       []Difference // of both cases, including unchanged ones
}

// Difference is the list of changes of one domain.
type Difference struct {
	Name    string
	Changes []progress.Change
}

// Changed reports whether there is any change.
func (d *Differences) Changed() bool {
	for _, x := range d.Domains {
		if len(x.Changes) > 0 {
			return true
		}
	}
	return false
}

// DifferencesJSON writes the changes as one object.
func DifferencesJSON(w io.Writer, d *Differences, indent bool) error {
	out := wire.Differences{
		SchemaVersion: wire.SchemaVersion, Before: d.Before, After: d.After, Changed: d.Changed(),
		Domains: []wire.Difference{},
	}
	for _, x := range d.Domains {
		out.Domains = append(out.Domains, wire.Difference{Domain: x.Name, Changes: wire.NewChanges(x.Changes)})
	}
	return wire.Write(w, out, indent)
}

// DifferencesText writes the changes as text.
func DifferencesText(w io.Writer, d *Differences, s layout.Style) error {
	b := &layout.Builder{Style: s}
	between := d.After.At.Sub(d.Before.At)
	when := catalog.Span(between) + " later"
	if between < 0 {
		when = catalog.Span(between) + " earlier"
	}
	b.Line(b.Paint(fmt.Sprintf("from %s (%s) to %s (%s)", sanitize.Text(d.Before.File, 200),
		d.Before.At.UTC().Format("2006-01-02 15:04 UTC"), sanitize.Text(d.After.File, 200), when), layout.Dim))
	same := 0
	for _, x := range d.Domains {
		if len(x.Changes) == 0 {
			same++
			continue
		}
		b.Line("")
		b.Line(b.Paint(sanitize.Text(x.Name, 253), layout.Bold))
		for _, c := range x.Changes {
			mark, codes := "·", []string{}
			switch {
			case c.Better:
				mark, codes = "✓", []string{layout.Green}
			case c.Worse:
				mark, codes = "✗", []string{layout.Red}
			}
			for i, l := range layout.Wrap(c.Text(), max(b.Columns()-4, 20)) {
				if i > 0 {
					mark = " "
				}
				b.Line("  " + b.Paint(mark, codes...) + " " + l)
			}
		}
	}
	if same > 0 {
		if same < len(d.Domains) {
			b.Line("")
		}
		b.Line("no change in " + layout.Count(same, "domain"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
