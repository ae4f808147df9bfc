package incident

import (
	"maps"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/result"
)

// IncidentsFor returns the incidents that explain root causes of a domain, by what is known so far, without their
// lists of domains. Once returned, an incident stays one, because output may depend on it.
func (i *Detector) IncidentsFor(f DomainFacts) []*finding.Finding {
	var out []*finding.Finding
	for _, r := range f.Roots {
		n, ok := symptomOf(r)
		if !ok || r.Drops { // a server that answers about other zones is at fault only if it drops most of them
			continue
		}
		for _, kind := range symptoms[n].places { // the DNS host before its single servers
			var found []symptomAt
			for _, name := range f.names(kind, &r) {
				at := symptomAt{location{kind, name}, n}
				if _, told := i.shown[at]; told || i.chance(at, slices.Collect(maps.Keys(i.shown))) <= maxChanceMidRun {
					i.shown[at] = struct{}{}
					found = append(found, at)
				}
			}
			if len(found) > 0 {
				out = append(out, i.finding(found, &affected{causes: map[catalog.ID]int{r.Cause: 1}, verdict: r.Verdict}))
				break
			}
		}
	}
	return out
}

// Shown returns how many incidents IncidentsFor has returned.
func (i *Detector) Shown() int { return len(i.shown) }

// MayBeShared reports whether the domain may turn out to be part of an incident once more domains are known.
func (f DomainFacts) MayBeShared() bool {
	return len(f.Codes) > 0 || slices.ContainsFunc(f.Roots, func(r RootFact) bool {
		_, ok := symptomOf(r)
		return ok || platformFailure(r)
	})
}

// IncidentFor returns the incident that explains a root cause of the domain; nil if none does.
func (f *DomainFacts) IncidentFor(incidents []*finding.Finding, root RootFact) *finding.Finding {
	for _, inc := range incidents {
		if f.accounts(inc, root) {
			return inc
		}
	}
	return nil
}

func (f *DomainFacts) accounts(inc *finding.Finding, root RootFact) bool {
	switch a := inc.Args.(type) {
	case causes.SharedFaultArgs:
		names := []string{a.Name}
		if a.Place == causes.PlaceNameServer {
			names = a.Servers
		}
		return partOf(a.Causes, root) && slices.ContainsFunc(f.names(a.Place, &root), func(s string) bool {
			return slices.Contains(names, s)
		})
	case causes.IntegrationIncidentArgs:
		if a.Code != "" {
			return a.Code == "DOMAIN_023" && platformFailure(root) && containsSorted(a.Domains, f.Domain)
		}
		return partOf(a.Causes, root) && f.Edge != "" && f.Edge == a.Detail
	}
	return false
}

// IncidentForCode returns the incident of an integration that explains a code reported for the domain; nil if none
// does.
func (f *DomainFacts) IncidentForCode(incidents []*finding.Finding, code string) *finding.Finding {
	for _, inc := range incidents {
		if a, ok := inc.Args.(causes.IntegrationIncidentArgs); ok && a.Code == code &&
			containsSorted(a.Domains, f.Domain) {
			return inc
		}
	}
	return nil
}

// SuppressAdvice replaces the advice to a tenant by incidents: every finding that an incident explains, and every
// consequence of such a finding, refers to the incident and asks nothing of the tenant. A reported code that a
// failing integration explains becomes explained. It may be called again when more incidents are known.
func SuppressAdvice(r *result.Domain, incidents []*finding.Finding) {
	facts := FactsOf(r)
	by := map[catalog.ID]*finding.Finding{}
	for _, x := range r.Findings {
		if x.Root() {
			if inc := facts.IncidentFor(incidents, rootFact(x)); inc != nil {
				by[x.ID] = inc
			}
		}
	}
	for _, x := range r.Findings {
		x.Incident = by[x.ID]
		if !x.Root() {
			x.Incident = by[x.BlockedBy]
		}
	}
	for n := range r.Codes {
		c := &r.Codes[n]
		if c.Reported == nil || !PlatformCode(c.ID, c.State, c.Causes) {
			continue
		}
		if inc := facts.IncidentForCode(incidents, c.ID); inc != nil {
			c.State, c.Causes = result.CodeExplained, []catalog.ID{inc.ID}
		}
	}
}

// Adopted returns an incident that explains a code reported for the domain as a finding of that domain, which asks
// nothing of the tenant: a warning, since what is set up already keeps working.
func Adopted(inc *finding.Finding) *finding.Finding {
	own := *inc
	own.Verdict, own.Incident = catalog.Warn, inc
	return &own
}

// Adopt makes the incidents that explain codes reported for a domain stand among its findings, and removes those of an
// earlier call.
func Adopt(r *result.Domain, incidents []*finding.Finding) {
	r.Findings = slices.DeleteFunc(r.Findings, func(f *finding.Finding) bool { return f.Check == CheckID })
	for _, c := range r.Codes {
		if c.Reported == nil || !slices.Contains(c.Causes, causes.ServiceIntegrationIncident.ID) {
			continue
		}
		facts := FactsOf(r)
		if inc := facts.IncidentForCode(incidents, c.ID); inc != nil {
			r.Findings = append(r.Findings, Adopted(inc))
		}
	}
	r.Verdict = finding.OverallVerdict(r.Findings, r.Checks)
}

func containsSorted(sorted []string, s string) bool {
	_, ok := slices.BinarySearch(sorted, s)
	return ok
}

// partOf reports whether a root cause belongs to the same symptom as the causes.
func partOf(causes []string, root RootFact) bool {
	n, ok := symptomOf(root)
	return ok && slices.ContainsFunc(causes, func(c string) bool {
		return slices.Contains(symptoms[n].causes, catalog.ID(c))
	})
}

// Suppressed reports whether every fault of the domain belongs to an incident, so that its tenant has nothing to do.
func Suppressed(r *result.Domain) bool {
	held := false
	for _, f := range r.Roots() {
		if f.Verdict != catalog.Fail && f.Verdict != catalog.Inconclusive && f.Verdict != catalog.Warn {
			continue
		}
		if f.Incident == nil {
			return false
		}
		held = true
	}
	return held
}

// DomainsOf returns the domains of an incident, sorted; nil for any other finding.
func DomainsOf(f *finding.Finding) []string {
	switch a := f.Args.(type) {
	case causes.SharedFaultArgs:
		return a.Domains
	case causes.IntegrationIncidentArgs:
		return a.Domains
	}
	return nil
}

func nameOf(f *finding.Finding) string {
	switch a := f.Args.(type) {
	case causes.SharedFaultArgs:
		return a.Name + " " + strings.Join(a.Servers, " ")
	case causes.IntegrationIncidentArgs:
		return a.Integration + " " + a.Code
	}
	return ""
}
