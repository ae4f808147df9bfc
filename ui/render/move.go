package render

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/moving"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// move writes a move to another DNS host: the servers, what differs, and the steps in their order.
func (b *planText) move(m *wire.Move) {
	b.servers("today", m.Old)
	b.servers("then", m.New)
	b.Para(2, "compared", fmt.Sprintf("%s; %d differ", layout.Count(m.Compared, "question"), len(m.Differences)))
	if !m.AllNames {
		b.Para(2, "", "only the names that are known: give the zone file with --zone to compare all of them", layout.Dim)
	}
	b.Para(2, "DNSSEC", m.DNSSEC.Means)
	for _, d := range m.Differences {
		b.difference(&d)
	}
	for _, u := range m.Unjudged {
		b.Para(2, "not judged", u, layout.Cyan)
	}
	if len(m.Steps) > 0 {
		b.Line("")
		b.Line(b.Paint("steps", layout.Bold))
	}
	for i := range m.Steps {
		b.step(i+1, &m.Steps[i])
	}
}

func (b *planText) servers(label string, list []wire.MoveServer) {
	for _, s := range list {
		name := s.Host
		if s.Addr != "" {
			name += " (" + s.Addr + ")"
		}
		text, code := name+": "+moving.State(s.State).Phrase(), layout.Dim
		if s.Detail != "" {
			text += ": " + s.Detail
		}
		if moving.State(s.State) != moving.Serves {
			code = layout.Cyan
		}
		b.Para(2, label, text, code)
		label = ""
	}
}

// difference writes an RRset that the new servers answer otherwise.
func (b *planText) difference(d *wire.MoveDifference) {
	label, code := "harmless", layout.Dim
	if d.Matters {
		label, code = "breaks", layout.Red
	}
	said := func(values []string) string {
		if len(values) == 0 {
			return "nothing"
		}
		return strings.Join(values, ", ")
	}
	what := fmt.Sprintf("%s %s: %s; today %s, then %s", d.Name, d.Type, moving.Kind(d.Kind).Phrase(), said(d.Old),
		said(d.New))
	if len(d.Servers) > 0 {
		what += " at " + strings.Join(d.Servers, ", ")
	}
	if d.Breaks != "" {
		what += " (" + d.Breaks + ")"
	}
	if d.Why != "" {
		what += ": " + d.Why
	}
	b.Para(2, label, what, code)
}

// step writes a numbered step with its times and what shows that it is done.
func (b *planText) step(n int, s *wire.MoveStep) {
	b.Para(2, fmt.Sprintf("%d.", n), b.Clock(s.At)+": "+s.Text)
	for _, r := range s.Records {
		what := "nothing"
		if len(r.Values) > 0 {
			what = strings.Join(r.Values, ", ")
		}
		if r.TTL > 0 {
			what += fmt.Sprintf(" (TTL %d)", r.TTL)
		}
		b.Para(4, "", r.Name+" "+r.Type+": "+what, layout.Dim)
	}
	if s.Note != "" {
		b.Para(4, "", s.Note, layout.Dim)
	}
	if s.Wait > 0 {
		b.Para(4, "then wait", fmt.Sprintf("%s, until %s: %s", catalog.AtMost(time.Duration(s.Wait)*time.Second),
			b.Clock(s.Until), s.Why))
	}
	const most = 2
	b.Commands(4, "done when", s.Commands[:min(len(s.Commands), most)])
	if n := len(s.Commands) - most; n > 0 {
		b.Para(4, "", fmt.Sprintf("and %d more (-o json lists them)", n), layout.Dim)
	}
	if len(s.Commands) > 0 {
		b.Para(4, "", s.Expect, layout.Dim)
	}
}
