package render

import (
	"fmt"
	"strings"

	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// transfer writes what a transfer to another registrar meets, and its steps.
func (b *planText) transfer(t *wire.PlannedTransfer) {
	b.Line(b.Paint("transfer of "+t.Domain+" from "+t.Registrar, layout.Bold))
	for i := range t.Findings {
		b.finding(&t.Findings[i], "stops", layout.Red)
	}
	if t.From != nil {
		b.Para(2, "from", b.Clock(*t.From))
	}
	b.leaving(t.Notes, t.Unjudged, t.Steps)
}

// detach writes what the removal of a domain from the service leaves behind, and its steps.
func (b *planText) detach(d *wire.PlannedDetach) {
	b.Line(b.Paint("removal of "+d.Domain+" from the service", layout.Bold))
	for _, l := range d.Left {
		label, code := string(l.Kind), layout.Dim
		if l.Takeover {
			code = layout.Red
		}
		b.Para(2, label, fmt.Sprintf("%s %s %s: %s", l.Name, l.Type, strings.Join(l.Values, ", "), l.Why), code)
	}
	if len(d.Left) == 0 {
		b.Para(2, "left", "no record that leads to the service was found", layout.Dim)
	}
	for _, x := range d.Depends {
		b.Para(2, "depends", x)
	}
	b.leaving(nil, d.Unjudged, d.Steps)
}

func (b *planText) leaving(notes, unjudged []string, steps []wire.MoveStep) {
	for _, n := range notes {
		b.Para(2, "note", n, layout.Dim)
	}
	for _, u := range unjudged {
		b.Para(2, "not judged", u, layout.Cyan)
	}
	if len(steps) > 0 {
		b.Line("")
		b.Line(b.Paint("steps", layout.Bold))
	}
	for i := range steps {
		b.step(i+1, &steps[i])
	}
}

// endOfTransfer writes the outcome in one line.
func (b *planText) endOfTransfer(p *wire.Plan) {
	switch {
	case p.Breaks:
		b.Line(b.Paint(layout.Count(len(p.Transfer.Findings), "cause")+" to resolve before the transfer", layout.Red))
	case !p.Complete:
		b.Line(b.Paint("nothing was found that stops the transfer; not everything could be judged", layout.Cyan))
	default:
		b.Line("nothing stops the transfer")
	}
}
