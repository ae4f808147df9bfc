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

// group is a section of domains in the same state.
type group int

// The groups, in reading order.
const (
	groupFail group = iota
	groupWarn
	groupWaiting
	groupNotChecked
	groupPartial // passes, but findings are left out
	groupPass
	numGroups
)

// groupTitles are the headings of the groups.
var groupTitles = [numGroups]string{
	groupFail:       "Fail",
	groupWarn:       "Warn",
	groupWaiting:    "Waiting",
	groupNotChecked: "Not checked",
	groupPartial:    "Pass, apart from what is left out",
	groupPass:       "Pass",
}

// groupOf sorts a domain into a group.
func groupOf(d *wire.Domain) group {
	if d.Partial() {
		return groupPartial
	}
	return map[catalog.State]group{
		catalog.StateFail: groupFail, catalog.StateWarn: groupWarn, catalog.StateWaiting: groupWaiting,
		catalog.StateNotChecked: groupNotChecked, catalog.StatePass: groupPass,
	}[d.StateNow()]
}

// LeftOutNote says what was left out of a domain's report; empty if nothing was.
func LeftOutNote(list []wire.LeftOut) string {
	var by []string
	parts := map[string][]string{}
	for _, l := range list {
		flag := "--only or --skip"
		if l.Ignored != "" {
			flag = "--ignore " + l.Ignored
		}
		if parts[flag] == nil {
			by = append(by, flag)
		}
		parts[flag] = append(parts[flag], fmt.Sprintf("%s (%s)", cmp.Or(l.Cause, l.Check),
			layout.VerdictWord(wire.ParseVerdict(l.Verdict))))
	}
	for i, flag := range by {
		by[i] = "by " + flag + ": " + strings.Join(parts[flag], ", ")
	}
	if len(by) == 0 {
		return ""
	}
	return "left out " + strings.Join(by, "; ")
}

// interrupted marks a domain whose checks did not all end.
const interrupted = "interrupted: some checks did not finish"

// domainState describes the state of a domain.
func domainState(d *wire.Domain, s layout.Style) string {
	out := d.StateNow().Word()
	if end := waitEnd(d, s); end != "" {
		out += " " + end
	}
	if d.Suppressed() {
		out += ", part of an incident"
	}
	if d.Interrupted {
		out += " (" + interrupted + ")"
	}
	return out
}

// waitEnd says until when a domain waits; empty if it does not, or if that is not known.
func waitEnd(d *wire.Domain, s layout.Style) string {
	if d.StateNow() != catalog.StateWaiting || d.WaitsUntil == nil {
		return ""
	}
	if !s.Now.IsZero() && d.WaitsUntil.Before(s.Now) {
		return "until " + s.Clock(*d.WaitsUntil) + ", which has passed: check it again"
	}
	return "until " + s.Clock(*d.WaitsUntil) + " at the latest"
}

// domainSign is the state of a domain as a glyph.
func domainSign(d *wire.Domain) string {
	if d.Partial() {
		return layout.VerdictGlyph(catalog.Blocked)
	}
	return d.StateNow().Glyph()
}

// findingMark is the state of a finding as a glyph and a word.
func findingMark(f *wire.Finding) string {
	if v := wire.ParseVerdict(f.Verdict); v == catalog.Blocked {
		return layout.VerdictGlyph(v) + " " + layout.VerdictWord(v)
	}
	return layout.StateMark(f.StateNow())
}

// shared is the style of text for readers in unknown time zones: times are in UTC.
func (o Options) shared() layout.Style {
	return layout.Style{Now: o.Started, Zone: time.UTC, Reader: o.Style.Reader}
}

// causeGroup is a root cause with its domains.
type causeGroup struct {
	cause, title, owner string
	state               catalog.State // the worst
	domains             []string
	positions           []int // of the domains in the run
}

// causeIndex collects the root causes of all domains.
type causeIndex map[string]*causeGroup

// add adds the root causes of a domain, except ignored ones and those that an incident accounts for.
func (x causeIndex) add(d *wire.Domain, position int, reader catalog.Reader) {
	for _, f := range d.Roots() {
		if f.Ignored != nil || f.Incident != nil {
			continue
		}
		g := x[f.Cause]
		if g == nil {
			g = &causeGroup{cause: f.Cause, title: f.Title, owner: reader.Owner(catalog.Actor(f.Who))}
			x[f.Cause] = g
		}
		if st := f.StateNow(); g.state == catalog.StateNone || st.Severity() < g.state.Severity() {
			g.state = st
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
		return cmp.Or(a.state.Severity()-b.state.Severity(), len(b.domains)-len(a.domains),
			cmp.Compare(a.cause, b.cause))
	})
	return out
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
