package render

import (
	"cmp"
	"slices"
	"time"

	"domdoc/catalog"
)

// groupTitles head the domains of each group.
var groupTitles = [...]string{
	groupNeedsYou: "Needs you",
	groupWaiting:  "Waiting",
	groupHeldUp:   "Held up by incidents",
	groupUnknown:  "Could not be checked",
	groupHealthy:  "Healthy",
}

// glyph is a verdict as a sign, beside which its word stands.
func glyph(v catalog.Verdict) string {
	switch v {
	case catalog.Pass:
		return "✓"
	case catalog.Warn:
		return "!"
	case catalog.Fail:
		return "✗"
	case catalog.Inconclusive:
		return "?"
	case catalog.Blocked:
		return "·"
	case catalog.NotRun:
	}
	return " "
}

// word is a verdict in words.
func word(v catalog.Verdict) string {
	switch v {
	case catalog.Pass:
		return "healthy"
	case catalog.Warn:
		return "warning"
	case catalog.Fail:
		return "fails"
	case catalog.Inconclusive:
		return "could not check"
	case catalog.Blocked:
		return "follows"
	case catalog.NotRun:
	}
	return "not checked"
}

// state is how a domain is, in words.
func (d *JSONDomain) state(s Style) string {
	out := word(verdict(d.Verdict))
	switch {
	case d.heldUp():
		out = "held up by an incident"
	case d.WaitsUntil != nil:
		out = "waiting until " + s.Clock(*d.WaitsUntil) + " at the latest"
	}
	if d.Interrupted {
		out += " (interrupted: not every check ended)"
	}
	return out
}

// sign is how a domain is, as a sign.
func (d *JSONDomain) sign() string {
	if g := d.group(); g == groupWaiting || g == groupHeldUp {
		return "~"
	}
	return glyph(verdict(d.Verdict))
}

// handed is the style of what is handed on: the reader's time zone is not known, so moments are in UTC.
func (o Options) handed() Style { return Style{Now: o.Started, Zone: time.UTC} }

// causeGroup are the domains with one root cause.
type causeGroup struct {
	cause, title, actor string
	verdict             catalog.Verdict // the worst
	domains             []string
	places              []int // of the domains, in the order in which they came
}

// causeIndex gathers root causes over domains.
type causeIndex map[string]*causeGroup

// add adds the root causes of a domain that count, and that no incident accounts for.
func (x causeIndex) add(d *JSONDomain, place int) {
	for _, f := range d.roots() {
		if f.Ignored != nil || f.Incident != nil {
			continue
		}
		g := x[f.Cause]
		if g == nil {
			g = &causeGroup{cause: f.Cause, title: f.Title, actor: f.actor()}
			x[f.Cause] = g
		}
		if v := verdict(f.Verdict); severity(v) > severity(g.verdict) {
			g.verdict = v
		}
		// two records of one domain may have one cause
		if name := d.title(); len(g.domains) == 0 || g.domains[len(g.domains)-1] != name {
			g.domains, g.places = append(g.domains, name), append(g.places, place)
		}
	}
}

// list are the groups: what fails first, then what is common.
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

// severity orders verdicts for a reader: the higher, the more there is to worry about.
func severity(v catalog.Verdict) int {
	return slices.Index([]catalog.Verdict{catalog.Pass, catalog.Warn, catalog.Inconclusive, catalog.Fail}, v)
}

// overall are findings that are about no one domain: of this machine, of incidents, of a tenant.
type overall struct {
	title    string
	machine  bool // about this machine
	first    bool // to be read before any domain
	findings []*JSONFinding
}

// overall are what this machine cannot judge, the incidents, and what concerns each tenant where that belongs to the
// answer.
func (r *Run) overall() []overall {
	var out []overall
	add := func(o overall, list []JSONFinding, keep bool) {
		for i := range list {
			if keep && list[i].root() {
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
		incidents, own := apart(r.Tenant.Findings, (*JSONFinding).incident)
		add(overall{title: "incidents", first: true}, incidents, true)
		add(overall{title: r.Tenant.title()}, own, r.TenantMatters)
	}
	for _, t := range r.MoreTenants {
		add(overall{title: t.title()}, t.Findings, r.TenantMatters)
	}
	return out
}

// title names a tenant for a person.
func (t *JSONTenant) title() string {
	s := "the tenant " + t.ID
	if t.Profile != "" {
		s += ", profile " + t.Profile
	}
	return s
}
