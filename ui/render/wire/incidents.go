package wire

import (
	"encoding/json"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/probe/registration"
	"domdoc/checks/result"
)

// FleetFacts returns the facts that incidents are detected from. They are taken from the report alone, so that the
// reports of several machines can be merged.
func (d *Domain) FleetFacts() incident.DomainFacts {
	f := incident.NewDomainFacts(d.Domain)
	for _, x := range d.Roots() {
		f.Roots = append(f.Roots, x.fact())
	}
	for _, c := range d.Codes {
		if c.Reported() && incident.PlatformCode(c.Code, result.CodeState(c.State), ids(c.Causes)) {
			fact := incident.CodeFact{Code: c.Code}
			if c.ReportedAt != nil {
				fact.At = *c.ReportedAt
			}
			f.Codes = append(f.Codes, fact)
		}
	}
	for _, c := range d.Checks {
		if incident.Conclusive(finding.CheckState(c.Status)) {
			f.Judged = append(f.Judged, c.ID)
		}
	}
	if z := d.Facts.Delegation; z != nil {
		f.SetDelegation(OrBlank(z.DNSHost), z.ParentNS)
	}
	if r := d.Facts.Registration; r != nil && r.State == string(registration.Registered) {
		f.Registrar = OrBlank(r.Registrar)
	}
	if i := slices.IndexFunc(d.Facts.Certificates, func(c Certificate) bool { return c.Issuer != nil }); i >= 0 {
		f.Authority = OrBlank(d.Facts.Certificates[i].Issuer)
	}
	for _, row := range d.Propagation {
		if OrBlank(row.Role) == string(catalog.Routing) {
			f.SetEdge(OrBlank(row.Expected))
		}
	}
	return f
}

// fact returns what the detection of incidents compares of a root cause.
func (f *Finding) fact() incident.RootFact {
	var args struct {
		Servers []string `json:"servers"`
		Reason  string   `json:"reason"`
		Detail  string   `json:"detail"`
		Server  string   `json:"server"`
		Alive   []string `json:"alive"`
	}
	r := incident.RootFact{
		Cause: catalog.ID(f.Cause), Verdict: ParseVerdict(f.Verdict),
		Role: catalog.Role(OrBlank(f.Role)),
	}
	// arguments of another shape belong to causes that are never part of an incident
	if json.Unmarshal(f.Args, &args) != nil {
		return r
	}
	r.Server, r.Drops = args.Server, len(args.Alive) > 0
	var evidence []incident.Answer
	for _, e := range f.Evidence {
		evidence = append(evidence, incident.Answer{Kind: e.Kind, Rcode: OrBlank(e.Rcode), Flags: e.Flags})
	}
	r.Describe(args.Servers, args.Reason, args.Detail, evidence)
	return r
}

// SuppressAdvice removes the advice from findings that one of the incidents accounts for, and from their
// consequences, so that the tenant is not asked to act. A reported code that a failing integration accounts for
// becomes explained.
func (d *Domain) SuppressAdvice(incidents []*finding.Finding) {
	if len(incidents) == 0 {
		return
	}
	facts := d.FleetFacts()
	by := map[string]*finding.Finding{}
	for _, x := range d.Roots() {
		if inc := facts.IncidentFor(incidents, x.fact()); inc != nil {
			by[x.Cause] = inc
		}
	}
	for i := range d.Findings {
		x := &d.Findings[i]
		inc := by[x.Cause]
		if x.BlockedBy != nil {
			inc = by[*x.BlockedBy]
		}
		if inc != nil {
			x.Incident, x.Who, x.Fix, x.ETA = orNull(string(inc.ID)), string(inc.Who[0]),
				NewFix(causes.Withheld(inc.Instance)), nil
			x.Alone = ""
			x.State = findingState(ParseVerdict(x.Verdict), catalog.StateOf(ParseVerdict(x.Verdict), false))
		}
	}
	for i := range d.Codes {
		c := &d.Codes[i]
		if !c.Reported() || !incident.PlatformCode(c.Code, result.CodeState(c.State), ids(c.Causes)) {
			continue
		}
		inc := facts.IncidentForCode(incidents, c.Code)
		if inc == nil {
			continue
		}
		c.State, c.Causes, c.Note = string(result.CodeExplained),
			[]string{string(causes.ServiceIntegrationIncident.ID)}, ""
		d.adopt(inc)
	}
}

// adopt makes an incident that explains a reported code stand among the domain's findings, once.
func (d *Domain) adopt(inc *finding.Finding) {
	if slices.ContainsFunc(d.Findings, func(f Finding) bool { return f.Cause == string(inc.ID) }) {
		return
	}
	d.Findings = append(d.Findings, convertFinding(incident.Adopted(inc)))
	if ParseVerdict(d.Verdict) == catalog.Pass {
		d.Verdict = catalog.Warn.String()
	}
	d.State = d.StateNow().ID()
}

func ids(causes []string) []catalog.ID {
	var out []catalog.ID
	for _, c := range causes {
		out = append(out, catalog.ID(c))
	}
	return out
}

// OrBlank returns the empty string for nil.
func OrBlank(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// DropIncidents removes the incidents of a single run; they are detected again over merged runs.
func (t *Tenant) DropIncidents() {
	t.Findings = slices.DeleteFunc(t.Findings, func(f Finding) bool { return f.IsIncident() })
}
