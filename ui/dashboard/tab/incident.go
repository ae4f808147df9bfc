package tab

import (
	"time"

	"domdoc/checks/finding"

	"domdoc/catalog"
	"domdoc/ui/dashboard/page"
)

// IncidentPage writes an incident of some domains: what it is, who must act and is to be told, what to do and why.
func IncidentPage(p *page.Builder, f *finding.Finding, domains int, now time.Time) {
	fix := f.Fix()
	p.Gap()
	Sentence(p, f, 0, 1)
	WhoActs(p, f, now)
	if f.Verdict != catalog.Inconclusive { // otherwise nothing is known that could be told
		p.Item(4, "tell", Label, p.Th.Plain, catalog.IncidentTell(f.Actors(), domains))
	}
	steps(p, fix)
	Settles(p, fix, now)
	p.Item(4, "why", Label, p.Th.Plain, f.Why())
	commands(p, fix)
	evidence(p, f)
}
