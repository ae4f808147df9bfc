package checks

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/order"
	"domdoc/checks/dnsname"
	"domdoc/checks/incident"
	"domdoc/checks/probe"
	"domdoc/checks/result"
)

// What Peers looks at: at most so many domains of the tenant's list, which are a bounded number of calls, and at most
// so many of them are diagnosed.
const (
	maxPeersListed    = 2000
	maxPeersDiagnosed = 8
)

// Peers diagnoses other domains of the tenant, so that a fault that they share is recognized although a single domain
// is asked about: domains at the same DNS host, certificate authority, edge or TLD as one with a fault that may come
// from there, and domains for which the service reports the same failing integration. It returns the facts of those at
// the same place, and of those with a code that their own evidence does not explain; none without a service. Findings
// that could not be compared are marked in the report.
func (d *Doctor) Peers(ctx context.Context, r *result.Domain) []incident.DomainFacts {
	own := incident.FactsOf(r)
	out := d.neighbors(ctx, r, &own)
	for _, c := range own.Codes {
		if d.Service == nil {
			break
		}
		list, _ := d.peers.Do(ctx, c.Code, func() []incident.DomainFacts {
			facts := d.askPeers(ctx, c, own.Domain)
			if ctx.Err() != nil {
				d.peers.Forget(c.Code)
			}
			return facts
		})
		for _, f := range list {
			if f.Domain != own.Domain {
				out = append(out, f)
			}
		}
	}
	return out
}

// askPeers finds and diagnoses the peers of a domain by its code.
func (d *Doctor) askPeers(ctx context.Context, code incident.CodeFact, own string) []incident.DomainFacts {
	var mu sync.Mutex
	var out []incident.DomainFacts
	Parallel(ctx, maxPeersDiagnosed, slices.Values(d.peerTargets(ctx, code, own)), func(x api.Domain) {
		f := incident.FactsOf(d.Diagnose(ctx, Target{Domain: &x}))
		if !slices.ContainsFunc(f.Codes, func(c incident.CodeFact) bool { return c.Code == code.Code }) {
			return
		}
		f.Roots, f.Judged = nil, nil // only the code counts here
		mu.Lock()
		defer mu.Unlock()
		out = append(out, f)
	})
	order.By(out, func(a, b incident.DomainFacts) int { return strings.Compare(a.Domain, b.Domain) })
	return out
}

// peerTargets returns unrelated domains with the same code about the same time, the latest reports first.
func (d *Doctor) peerTargets(ctx context.Context, code incident.CodeFact, own string) []api.Domain {
	var found []api.Domain
	seen := map[string]bool{probe.Registrable(own): true}
	for _, x := range d.listed(ctx) {
		if x.LastError == nil || !code.SameTime(x.LastError.Timestamp) {
			continue
		}
		if c, ok := catalog.FindCode(x.LastError.Code); !ok || c.ID != code.Code {
			continue
		}
		found = append(found, x)
	}
	order.StableBy(found, func(a, b api.Domain) int {
		return b.LastError.Timestamp.Compare(a.LastError.Timestamp)
	})
	var out []api.Domain
	for _, x := range found {
		n, err := dnsname.Parse(x.Name)
		if err != nil || len(out) == maxPeersDiagnosed {
			continue
		}
		if unit := probe.Registrable(n.ASCII); !seen[unit] {
			seen[unit] = true
			out = append(out, x)
		}
	}
	return out
}

// listed returns the beginning of the tenant's list. What was read before is not read again.
func (d *Doctor) listed(ctx context.Context) []api.Domain {
	if known, complete := d.Service.Names(); complete {
		order.By(known, func(a, b api.Domain) int { return strings.Compare(a.Name, b.Name) })
		return known
	}
	ctx = d.Service.Listing(probe.NewContext(ctx, d.Session.Fork()))
	ctx, cancel := context.WithTimeout(ctx, peersTimeout)
	defer cancel()
	var out []api.Domain
	for x, err := range d.Service.Client.Domains(ctx) {
		if err != nil { // what was listed so far counts
			return out
		}
		d.Service.Remember(ctx, x)
		if out = append(out, x); len(out) == maxPeersListed {
			return out
		}
	}
	d.Service.EndList(nil)
	return out
}

// peersTimeout bounds reading the list, so that a slow service does not keep the answer back.
const peersTimeout = 20 * time.Second
