package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

// group is what a domain means for its owner.
type group int

// The groups, in reading order.
const (
	groupNeedsAction group = iota
	groupWaiting
	groupIncident // all faults belong to an incident
	groupUnknown
	groupPartial // passes, but findings are left out
	groupHealthy
	numGroups
)

// groupTitles are the headings of the groups.
var groupTitles = [numGroups]string{
	groupNeedsAction: "Needs action",
	groupWaiting:     "Waiting",
	groupIncident:    "Affected by incidents",
	groupUnknown:     "Could not be checked",
	groupPartial:     "Passes, apart from what is left out",
	groupHealthy:     "Healthy",
}

// groupOf sorts a domain into a group.
func groupOf(d *wire.Domain) group {
	switch v := wire.ParseVerdict(d.Verdict); {
	case d.Partial():
		return groupPartial
	case v == catalog.Pass:
		return groupHealthy
	case d.Suppressed():
		return groupIncident
	case d.WaitsUntil != nil:
		return groupWaiting
	case v == catalog.Inconclusive:
		return groupUnknown
	}
	return groupNeedsAction
}

// leftOutNote says what was left out of a domain's report; empty if nothing was.
func leftOutNote(d *wire.Domain) string {
	var parts []string
	for _, l := range d.LeftOut {
		parts = append(parts, fmt.Sprintf("%s (%s)", cmp.Or(l.Cause, l.Check),
			layout.VerdictWord(wire.ParseVerdict(l.Verdict))))
	}
	if len(parts) == 0 {
		return ""
	}
	return "left out by --only or --skip: " + strings.Join(parts, ", ")
}

// interrupted marks a domain whose checks did not all end.
const interrupted = "interrupted: some checks did not finish"

// domainState describes the state of a domain.
func domainState(d *wire.Domain, s layout.Style) string {
	out := layout.VerdictWord(wire.ParseVerdict(d.Verdict))
	switch {
	case d.Partial():
		out = layout.PartialWord
	case d.Suppressed():
		out = "affected by an incident"
	case d.WaitsUntil != nil:
		out = "waiting until " + s.Clock(*d.WaitsUntil) + " at the latest"
	}
	if d.Interrupted {
		out += " (" + interrupted + ")"
	}
	return out
}

// domainSign is the state of a domain as a glyph.
func domainSign(d *wire.Domain) string {
	if g := groupOf(d); g == groupWaiting || g == groupIncident {
		return "~"
	}
	if d.Partial() {
		return layout.VerdictGlyph(catalog.Blocked)
	}
	return layout.VerdictGlyph(wire.ParseVerdict(d.Verdict))
}

// shared is the style of text for readers in unknown time zones: times are in UTC.
func (o Options) shared() layout.Style { return layout.Style{Now: o.Started, Zone: time.UTC} }

// causeGroup is a root cause with its domains.
type causeGroup struct {
	cause, title, owner string
	verdict             catalog.Verdict // the worst
	domains             []string
	positions           []int // of the domains in the run
}

// causeIndex collects the root causes of all domains.
type causeIndex map[string]*causeGroup

// add adds the root causes of a domain, except ignored ones and those that an incident accounts for.
func (x causeIndex) add(d *wire.Domain, position int) {
	for _, f := range d.Roots() {
		if f.Ignored != nil || f.Incident != nil {
			continue
		}
		g := x[f.Cause]
		if g == nil {
			g = &causeGroup{cause: f.Cause, title: f.Title, owner: owner(f)}
			x[f.Cause] = g
		}
		if v := wire.ParseVerdict(f.Verdict); severity(v) > severity(g.verdict) {
			g.verdict = v
		}
		// two records of one domain may have the same cause
		if name := domainTitle(d); len(g.domains) == 0 || g.domains[len(g.domains)-1] != name {
			g.domains, g.positions = append(g.domains, name), append(g.positions, position)
		}
	}
}

// list returns the causes, failures first and then the most common.
func (x causeIndex) list() []*causeGroup {
	var out []*causeGroup
	for _, g := range x {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *causeGroup) int {
		return cmp.Or(severity(b.verdict)-severity(a.verdict), len(b.domains)-len(a.domains),
			cmp.Compare(a.cause, b.cause))
	})
	return out
}

// severity orders verdicts from pass to fail.
func severity(v catalog.Verdict) int {
	return slices.Index([]catalog.Verdict{catalog.Pass, catalog.Warn, catalog.Inconclusive, catalog.Fail}, v)
}

// overall is a section of findings that are not about one domain.
type overall struct {
	title    string
	machine  bool // about this machine
	first    bool // goes before the domains
	findings []*wire.Finding
}

// overall returns the findings about this machine, the incidents, and the findings about each tenant if they matter
// to the run.
func (r *Run) overall() []overall {
	var out []overall
	add := func(o overall, list []wire.Finding, keep bool) {
		for i := range list {
			if keep && list[i].IsRoot() {
				o.findings = append(o.findings, &list[i])
			}
		}
		if len(o.findings) > 0 {
			out = append(out, o)
		}
	}
	if r.Vantage != nil {
		add(overall{title: "this machine", machine: true, first: true}, r.Vantage.Findings, true)
	}
	if r.Tenant != nil {
		incidents, own := partition(r.Tenant.Findings, (*wire.Finding).IsIncident)
		add(overall{title: "incidents", first: true}, incidents, true)
		add(overall{title: tenantTitle(r.Tenant)}, own, r.TenantMatters)
	}
	for _, t := range r.MoreTenants {
		add(overall{title: tenantTitle(t)}, t.Findings, r.TenantMatters)
	}
	return out
}

// tenantTitle is the heading of a tenant.
func tenantTitle(t *wire.Tenant) string {
	s := "the tenant " + t.ID
	if t.Profile != "" {
		s += ", profile " + t.Profile
	}
	return s
}
