package reporter

import (
	"slices"

	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/query"
	"domdoc/ui/render/wire"
)

// incidentBuffer detects incidents in a run over many domains. It holds back reports whose advice depends on whether
// they are part of an incident, because a printed report cannot be changed.
type incidentBuffer struct {
	found *incident.Detector
	held  []numbered // oldest first
	many  bool       // there may be enough domains for an incident
}

type numbered struct {
	n      int
	report *wire.Domain
	facts  incident.DomainFacts
	sel    *query.Selectable // what a filter looks at; nil: there is no filter
}

// maxHeld bounds the reports that are held back, including those that wait behind them for their turn. Beyond it some
// are released as they are.
const maxHeld = 512

// newIncidentBuffer returns a buffer for a run over total domains; 0: unknown.
func newIncidentBuffer(total int) *incidentBuffer {
	return &incidentBuffer{found: incident.NewDetector(), many: total == 0 || total > 2}
}

// add takes a report and returns those that can be written now.
func (b *incidentBuffer) add(r numbered) []numbered {
	r.facts = r.report.FleetFacts()
	if !b.many {
		return []numbered{r}
	}
	b.found.Add(r.facts)
	var out []numbered
	switch before := b.found.Shown(); {
	case !r.facts.MayBeShared():
		out = append(out, r)
	case b.covered(r):
		if out = append(out, r); b.found.Shown() > before { // it completes an incident: release the others
			b.held = slices.DeleteFunc(b.held, func(h numbered) bool {
				if !b.covered(h) {
					return false
				}
				out = append(out, h)
				return true
			})
		}
	default:
		b.held = append(b.held, r)
	}
	return out
}

// release returns the oldest report that is held and fits, as it is; ok is false if there is none.
func (b *incidentBuffer) release(fits func(n int) bool) (r numbered, ok bool) {
	at := slices.IndexFunc(b.held, func(h numbered) bool { return fits(h.n) })
	if at < 0 {
		return numbered{}, false
	}
	r = b.held[at]
	b.held = slices.Delete(b.held, at, at+1)
	return r, true
}

// holds returns the number of reports that are held back.
func (b *incidentBuffer) holds() int { return len(b.held) }

// addPeer adds a domain that is not reported, which may be part of an incident with one that is.
func (b *incidentBuffer) addPeer(f incident.DomainFacts) {
	b.many = true
	b.found.AddPeer(f)
}

// covered reports whether incidents found so far explain a report, and suppresses its advice then.
func (b *incidentBuffer) covered(r numbered) bool {
	found := b.found.IncidentsFor(r.facts)
	r.report.SuppressAdvice(found)
	return len(found) > 0
}

// flush returns the reports that are still held at the end of the run.
func (b *incidentBuffer) flush(incidents []*finding.Finding) []numbered {
	out := b.held
	b.held = nil
	for _, r := range out {
		r.report.SuppressAdvice(incidents)
	}
	return out
}
