package cli

import (
	"slices"

	"domdoc/checks"
	"domdoc/checks/incident"
	"domdoc/ui/render/wire"
)

// fleet watches a run over many domains for incidents, and keeps reports back whose advice depends on whether there
// is one: what was printed cannot be taken back.
type fleet struct {
	incidents *incident.Detector
	held      []numbered // oldest first
	many      bool       // there may be enough domains for an incident
}

type numbered struct {
	n      int
	report *wire.Domain
	facts  incident.DomainFacts
}

// maxHeld bounds the reports that wait, those that stand behind them in the order of output included. The oldest then
// go out as they are.
const maxHeld = 512

// newFleet watches a run over so many domains; 0 is a number that is not known yet.
func newFleet(total int) *fleet {
	return &fleet{incidents: incident.NewDetector(), many: total == 0 || total > 2}
}

// take takes a report in and gives those that can go out now; behind is how many others wait for an earlier one.
func (f *fleet) take(n int, d *wire.Domain, behind int) []numbered {
	r := numbered{n, d, d.FleetFacts()}
	if !f.many {
		return []numbered{r}
	}
	f.incidents.Add(r.facts)
	var out []numbered
	switch before := f.incidents.Shown(); {
	case !r.facts.MayBeShared():
		out = append(out, r)
	case f.covered(r):
		if out = append(out, r); f.incidents.Shown() > before { // the first to show it: others have waited for this
			f.held = slices.DeleteFunc(f.held, func(h numbered) bool {
				if !f.covered(h) {
					return false
				}
				out = append(out, h)
				return true
			})
		}
	default:
		f.held = append(f.held, r)
	}
	if over := min(len(f.held)+behind-maxHeld, len(f.held)); over > 0 {
		out = append(out, f.held[:over]...)
		f.held = slices.Clone(f.held[over:])
	}
	return out
}

// covered withholds the advice of a report that incidents account for by now.
func (f *fleet) covered(r numbered) bool {
	found := f.incidents.IncidentsFor(r.facts)
	r.report.SuppressAdvice(found)
	return len(found) > 0
}

// rest gives the reports that are still held at the end, with what is known then.
func (f *fleet) rest(incidents []*checks.Finding) []numbered {
	out := f.held
	f.held = nil
	for _, r := range out {
		r.report.SuppressAdvice(incidents)
	}
	return out
}
