package checks

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/api"
	"domdoc/catalog/causes"
	"domdoc/catalog/order"
	"domdoc/checks/dnsname"
	"domdoc/checks/incident"
	"domdoc/checks/probe"
	"domdoc/checks/result"
)

// What a run looks at besides its own domains, to learn whether a fault of one is shared.
const (
	maxSuspects      = 5   // pieces of infrastructure
	maxSurveyed      = 200 // domains of the tenant of which each asks where they are
	surveyJobs       = 32
	neighborsTimeout = 20 * time.Second // for all of them together
)

// neighbors diagnoses other domains of the tenant at the same infrastructure as a domain with a fault that may come
// from there. Findings for which that was not possible say so.
func (d *Doctor) neighbors(ctx context.Context, r *result.Domain, own *incident.DomainFacts) []incident.DomainFacts {
	var out []incident.DomainFacts
	for _, s := range own.Suspects() {
		seen := neighborhood{}
		if d.Service != nil && ctx.Err() == nil {
			seen, _ = d.beside.Do(ctx, s, func() neighborhood {
				found := d.askNeighbors(ctx, s, own.Domain)
				if ctx.Err() != nil {
					d.beside.Forget(s)
				}
				return found
			})
		}
		for _, f := range seen.facts {
			if f.Domain != own.Domain {
				out = append(out, f)
			}
		}
		if !seen.complete {
			markAlone(r, own, s)
		}
	}
	return out
}

// neighborhood is what is known about the domains at one piece of infrastructure.
type neighborhood struct {
	facts    []incident.DomainFacts
	complete bool // the other domains there were looked at, or enough of them
}

// markAlone notes the findings whose suspect was not compared with other domains.
func markAlone(r *result.Domain, own *incident.DomainFacts, s incident.Suspect) {
	for _, f := range r.Findings {
		if f.Root() && slices.Contains(own.SuspectsOf(f), s) {
			f.Alone = s.Name
		}
	}
}

// askNeighbors finds the other domains at a piece of infrastructure and diagnoses some of them.
func (d *Doctor) askNeighbors(ctx context.Context, s incident.Suspect, own string) neighborhood {
	ctx, cancel := d.besideTime(ctx)
	defer cancel()
	if s.Kind == causes.PlaceRegistrar || d.suspects.Add(1) > maxSuspects {
		return neighborhood{} // registries limit questions
	}
	all, whole := d.unrelated(ctx, own)
	var mu sync.Mutex
	var there []api.Domain
	enough := false
	asked := all[:min(len(all), maxSurveyed)]
	Parallel(ctx, surveyJobs, slices.Values(asked), func(x api.Domain) {
		mu.Lock()
		done := enough
		mu.Unlock()
		if done || !d.isAt(ctx, x, s) {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		there = append(there, x)
		enough = len(there) >= maxPeersDiagnosed
	})
	order.By(there, func(a, b api.Domain) int { return strings.Compare(a.Name, b.Name) })
	there = there[:min(len(there), maxPeersDiagnosed)]
	out := neighborhood{complete: enough || whole && len(asked) == len(all)}
	Parallel(ctx, maxPeersDiagnosed, slices.Values(there), func(x api.Domain) {
		f := incident.FactsOf(d.Diagnose(ctx, Target{Domain: &x}))
		if !f.At(s) || ctx.Err() != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		out.facts = append(out.facts, f.Only(s))
	})
	order.By(out.facts, func(a, b incident.DomainFacts) int { return strings.Compare(a.Domain, b.Domain) })
	out.complete = out.complete && ctx.Err() == nil
	return out
}

// besideTime bounds all that a run looks at besides its own domains.
func (d *Doctor) besideTime(ctx context.Context) (context.Context, context.CancelFunc) {
	d.besideOnce.Do(func() {
		d.besideUntil = time.Now().Add(neighborsTimeout)
		if !d.Until.IsZero() && d.Until.Before(d.besideUntil) {
			d.besideUntil = d.Until
		}
	})
	return context.WithDeadline(ctx, d.besideUntil)
}

// unrelated returns the tenant's domains under other registered names, one of each, beginning after the own one in
// the order of their names, and whether these are all.
func (d *Doctor) unrelated(ctx context.Context, own string) (out []api.Domain, whole bool) {
	list := d.listed(ctx)
	_, whole = d.Service.Names()
	order.By(list, func(a, b api.Domain) int { return strings.Compare(a.Name, b.Name) })
	first, _ := slices.BinarySearchFunc(list, own, func(x api.Domain, name string) int {
		return strings.Compare(x.Name, name)
	})
	seen := map[string]bool{probe.Registrable(own): true}
	for _, x := range slices.Concat(list[first:], list[:first]) {
		n, err := dnsname.Parse(x.Name)
		if err != nil {
			continue
		}
		if unit := probe.Registrable(n.ASCII); !seen[unit] {
			seen[unit] = true
			out = append(out, x)
		}
	}
	return out, whole
}

// isAt reports whether a domain is at a piece of infrastructure.
func (d *Doctor) isAt(ctx context.Context, x api.Domain, s incident.Suspect) bool {
	n, err := dnsname.Parse(x.Name)
	return err == nil && s.Serves(ctx, d.Session.Fork(), n.ASCII)
}
