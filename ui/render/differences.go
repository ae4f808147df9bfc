package render

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/progress"
)

// Differences are what changed between two cases.
type Differences struct {
	Before, After Moment
	Domains       []Difference // all of both, also those of which nothing changed
}

// Moment is when a case was recorded, and where it is kept.
type Moment struct {
	File string    `json:"file"`
	At   time.Time `json:"at"`
}

// Difference is what changed of one domain.
type Difference struct {
	Name    string
	Changes []progress.Change
}

// Changed reports whether anything did.
func (d *Differences) Changed() bool {
	for _, x := range d.Domains {
		if len(x.Changes) > 0 {
			return true
		}
	}
	return false
}

type jsonDifferences struct {
	SchemaVersion int              `json:"schemaVersion" const:"1"`
	Before        Moment           `json:"before"`
	After         Moment           `json:"after"`
	Changed       bool             `json:"changed"`
	Domains       []jsonDifference `json:"domains" doc:"those of both, also where nothing changed"`
}

type jsonDifference struct {
	Domain  string       `json:"domain"`
	Changes []jsonChange `json:"changes"`
}

// DifferencesJSON writes what changed as one object.
func DifferencesJSON(w io.Writer, d *Differences, indent bool) error {
	out := jsonDifferences{
		SchemaVersion: SchemaVersion, Before: d.Before, After: d.After, Changed: d.Changed(),
		Domains: []jsonDifference{},
	}
	for _, x := range d.Domains {
		out.Domains = append(out.Domains, jsonDifference{x.Name, changes(x.Changes)})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if indent {
		e.SetIndent("", "  ")
	}
	return e.Encode(out)
}

// DifferencesText writes what changed for a person.
func DifferencesText(w io.Writer, d *Differences, s Style) error {
	b := &builder{Style: s}
	between := d.After.At.Sub(d.Before.At)
	when := catalog.Span(between) + " later"
	if between < 0 {
		when = catalog.Span(between) + " earlier"
	}
	b.line(b.paint(fmt.Sprintf("from %s (%s) to %s (%s)", sanitize.Text(d.Before.File, 200),
		d.Before.At.UTC().Format("2006-01-02 15:04 UTC"), sanitize.Text(d.After.File, 200), when), dim))
	same := 0
	for _, x := range d.Domains {
		if len(x.Changes) == 0 {
			same++
			continue
		}
		b.line("")
		b.line(b.paint(sanitize.Text(x.Name, 253), bold))
		for _, c := range x.Changes {
			mark, codes := "·", []string{}
			switch {
			case c.Better:
				mark, codes = "✓", []string{green}
			case c.Worse:
				mark, codes = "✗", []string{red}
			}
			for i, l := range wrap(c.Text(), max(b.width()-4, 20)) {
				if i > 0 {
					mark = " "
				}
				b.line("  " + b.paint(mark, codes...) + " " + l)
			}
		}
	}
	if same > 0 {
		if same < len(d.Domains) {
			b.line("")
		}
		b.line("nothing changed of " + count(same, "domain"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
