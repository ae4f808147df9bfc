package incident

import (
	"slices"

	"domdoc/catalog/causes"
	"domdoc/checks/finding"
)

// Suspect is infrastructure that a fault of a domain may come from, and that other domains share.
type Suspect struct {
	Kind, Name string // a place of package causes: "dns-host", "hoster.example"
	symptom    int
}

// Suspects returns the infrastructure that the root causes of the domain may come from, each place once.
func (f *DomainFacts) Suspects() []Suspect {
	var out []Suspect
	for _, r := range f.Roots {
		n, ok := symptomOf(r)
		if !ok || r.Drops {
			continue
		}
		for _, kind := range symptoms[n].places {
			names := f.names(kind, &r)
			if kind == causes.PlaceNameServer && len(out) > 0 && out[len(out)-1].Kind == causes.PlaceDNSHost {
				names = nil // the domains at the host include those at its servers
			}
			for _, name := range names {
				s := Suspect{kind, name, n}
				if !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// At reports whether the domain depends on the infrastructure.
func (f *DomainFacts) At(s Suspect) bool { return slices.Contains(f.names(s.Kind, nil), s.Name) }

// SuspectsOf returns the suspects of one root cause of the domain.
func (f *DomainFacts) SuspectsOf(root *finding.Finding) []Suspect {
	one := *f
	one.Roots = []RootFact{rootFact(root)}
	return one.Suspects()
}

// Only returns the facts that show whether the infrastructure fails for the domain, and no others.
func (f DomainFacts) Only(s Suspect) DomainFacts {
	f.Codes = nil
	f.Roots = slices.DeleteFunc(slices.Clone(f.Roots), func(r RootFact) bool {
		n, ok := symptomOf(r)
		return !ok || n != s.symptom
	})
	f.Judged = slices.DeleteFunc(slices.Clone(f.Judged), func(check string) bool {
		return check != symptoms[s.symptom].check
	})
	return f
}
