package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"

	"github.com/charmbracelet/x/ansi"
)

// PlanText writes a plan: what changes, what each domain is before and after, and when it is seen everywhere.
func PlanText(w io.Writer, p *wire.Plan, s layout.Style) error {
	b := &planText{Builder: layout.Builder{Style: s}}
	if p.Transfer != nil {
		b.transfer(p.Transfer)
		b.Line("")
		b.endOfTransfer(p)
		_, err := io.WriteString(w, b.String())
		return err
	}
	if p.Detach != nil {
		b.detach(p.Detach)
		b.Line("")
		b.Line("if the steps are taken:")
	}
	b.records(p)
	for i := range p.Domains {
		b.Line("")
		b.domain(&p.Domains[i])
		for j := range p.Certificates {
			if c := &p.Certificates[j]; c.Domain != "" && c.Domain == p.Domains[i].Domain {
				b.certificate(c)
			}
		}
	}
	for i := range p.Certificates {
		if c := &p.Certificates[i]; c.Domain == "" {
			b.Line("")
			b.certificate(c)
		}
	}
	if len(p.Refused) > 0 {
		b.Line("")
		b.Line("refused by the service, if made through it:")
		for _, f := range p.Refused {
			b.finding(&f, "✗", layout.Red)
		}
	}
	if len(p.Open)+len(p.Notes) > 0 {
		b.Line("")
	}
	for _, o := range p.Open {
		b.Para(0, "not judged", o, layout.Cyan)
	}
	for _, n := range p.Notes {
		b.Para(0, "note", n, layout.Dim)
	}
	b.Line("")
	b.end(p)
	_, err := io.WriteString(w, b.String())
	return err
}

// planText writes a plan.
type planText struct{ layout.Builder }

// records writes the changes of the zone, as a diff does.
func (b *planText) records(p *wire.Plan) {
	b.Line(b.Paint("zone "+p.Zone, layout.Bold))
	if p.Move != nil {
		b.move(p.Move)
		return
	}
	if len(p.Records) == 0 {
		b.Line("  " + catalog.NoRecords(p.LeftOut > 0, len(p.Open) > 0))
	}
	for _, r := range p.Records {
		set := func(mark string, values []string, ttl *uint32, code string) {
			for _, v := range values {
				seconds := ""
				if ttl != nil {
					seconds = fmt.Sprint(*ttl)
				}
				b.Line("  " + b.Paint(strings.Join([]string{mark, r.Name, seconds, r.Type, v}, " "), code))
			}
		}
		if !r.Known {
			b.Para(2, "? "+r.Type, "no server of the zone says what "+r.Name+" has today", layout.Cyan)
		}
		gone := slices.DeleteFunc(slices.Clone(r.Before), func(v string) bool {
			return slices.Contains(r.After, v) && sameTTL(r)
		})
		come := slices.DeleteFunc(slices.Clone(r.After), func(v string) bool {
			return slices.Contains(r.Before, v) && sameTTL(r)
		})
		set("-", gone, r.TTLBefore, layout.Red)
		set("+", come, r.TTLAfter, layout.Green)
		if r.Settles != nil {
			within := time.Duration(r.Settles.Within) * time.Second
			b.Para(4, "takes effect", catalog.SettlesBy(within, b.Clock(r.Settles.Latest), r.Settles.Reason), layout.Dim)
		}
		if len(r.Cached) > 0 {
			var list []string
			for _, c := range r.Cached {
				list = append(list, c.Resolver+" until "+b.Clock(c.Until))
			}
			b.Para(4, "cached now", strings.Join(list, ", "), layout.Dim)
		}
	}
}

func sameTTL(r wire.PlannedRecord) bool {
	return r.TTLBefore != nil && r.TTLAfter != nil && *r.TTLBefore == *r.TTLAfter
}

// domain writes a domain before and after the change.
func (b *planText) domain(d *wire.PlannedDomain) {
	name := d.Domain
	if name == "" {
		name = d.ID
	}
	b.broken(b.Paint(name, layout.Bold), "  ", b.verdict(d.Before)+"  →  "+b.verdict(d.After))
	for i := range d.Cured {
		b.finding(&d.Cured[i], "cured", layout.Green)
	}
	for i := range d.New {
		b.finding(&d.New[i], "new", layout.Red)
	}
	for i := range d.Stays {
		b.finding(&d.Stays[i], "stays", layout.Dim)
	}
	for _, c := range d.Checks {
		if wire.ParseVerdict(c.Status) == catalog.Inconclusive && c.Reason != nil {
			b.Para(2, "not checked", c.ID+": "+*c.Reason, layout.Cyan)
		}
	}
}

// verdict is a state with its codes: "✗ fail (DOMAIN_004)".
func (b *planText) verdict(v wire.PlannedVerdict) string {
	s := b.Mark(catalog.StateOf(wire.ParseVerdict(v.Verdict), v.State == catalog.StateWaiting.ID()))
	if len(v.Codes) > 0 {
		s += " (" + strings.Join(v.Codes, ", ") + ")"
	}
	return s
}

// finding writes a finding in two lines.
func (b *planText) finding(f *wire.Finding, label, code string) {
	b.Line("  " + b.Paint(fmt.Sprintf("%-6s", label), code) + " " + b.Paint(f.Cause, layout.Bold))
	b.Para(4, "what", f.Summary)
	if label == "new" {
		b.Para(4, "why", f.Why)
		if len(f.Predicts) > 0 {
			b.Para(4, "leads to", strings.Join(f.Predicts, ", "))
		}
	}
}

// end writes the outcome in one line.
func (b *planText) end(p *wire.Plan) {
	cured, come := 0, 0
	for _, d := range p.Domains {
		cured, come = cured+len(d.Cured), come+len(d.New)
	}
	line := fmt.Sprintf("%d cured, %d new", cured, come)
	switch {
	case len(p.Refused) > 0:
		line += "; " + b.Paint("the service refuses "+layout.Count(len(p.Refused), "record"), layout.Red)
	case p.Detach != nil && p.Detach.Takeover:
		line += "; " + b.Paint("removing it from the service alone leaves records that others could use", layout.Red)
	case p.Breaks && come == 0 && slices.ContainsFunc(p.Certificates, func(c wire.PlannedCertificate) bool {
		return c.Breaks
	}):
		line += "; " + b.Paint("a certificate could no longer be issued or renewed", layout.Red)
	case p.Breaks:
		line += "; " + b.Paint("something fails that does not fail today", layout.Red)
	case !p.Complete:
		line += "; " + b.Paint("not everything could be judged", layout.Cyan)
	}
	if p.Settled != nil && p.Settled.After(p.At) {
		made := "made"
		if p.Move != nil {
			made = "begun"
		}
		b.broken(line, "; ", "seen everywhere by "+b.Clock(*p.Settled)+" if "+made+" at "+b.Clock(p.At))
		return
	}
	b.Line(line)
}

// broken writes a line, in two if it is wider than the terminal.
func (b *planText) broken(first, separator, second string) {
	if line := first + separator + second; ansi.StringWidth(line) <= b.Columns() {
		b.Line(line)
		return
	}
	b.Line(first + strings.TrimRight(separator, " "))
	b.Line("  " + second)
}
