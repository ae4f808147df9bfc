package leave

import (
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/plans"
	"domdoc/catalog/shell"
	"domdoc/checks/advice"
	"domdoc/checks/dnsname"
	"domdoc/checks/observe"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/move"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/rdata"
	"domdoc/checks/result"

	"github.com/miekg/dns"
)

// Detach is what the removal of a domain from the service leaves behind, and the order of its steps.
type Detach struct {
	Domain string
	// Left are the records that would lead to nothing, or to somebody else.
	Left []Left
	// Depends says what else depends on the domain, Unjudged what could not be looked up: sentences without the final
	// stop.
	Depends, Unjudged []string
	Steps             []move.Step

	zone, target string
	routes       int
	at           time.Time
}

// Left is an RRset that stays in the DNS.
type Left struct {
	Name   string
	Type   uint16
	Values []string
	Kind   plans.Leftover
	// Stays is how long resolvers have it once it is removed, in seconds.
	Stays uint32
}

// Edits are the changes of the zone that the plan advises.
func (d *Detach) Edits() []change.Edit {
	var out []change.Edit
	for _, l := range d.Left {
		out = append(out, change.Edit{Op: change.Remove, Name: l.Name, Type: l.Type})
	}
	return out
}

// Takeover reports whether others could use a record that stays.
func (d *Detach) Takeover() bool {
	return slices.ContainsFunc(d.Left, func(l Left) bool { return l.Kind.Takeover() })
}

// Remove looks for the records of the zone that lead to the service for a domain. today is its diagnosis, others are
// the tenant's other domains; at is when the removal begins.
func Remove(ctx context.Context, s *probe.Session, zone string, today *result.Domain, others []string,
	at time.Time,
) *Detach {
	d := &Detach{
		Domain: today.Name.ASCII, zone: zone, target: targetOf(today), routes: len(today.Held.Routes), at: at,
	}
	l := &leftovers{ctx: ctx, s: s, d: d, others: others, seen: map[string]bool{}}
	l.find(today)
	for _, left := range d.Left {
		if left.Kind != plans.LeftWildcard {
			continue
		}
		for _, o := range others {
			if o != d.Domain && dnsname.Parent(o) == strings.TrimPrefix(left.Name, "*.") && l.synthesized(o) {
				d.Depends = append(d.Depends, plans.SharesWildcard(left.Name, o))
			}
		}
	}
	d.steps()
	return d
}

// targetOf returns where the service wants a domain's traffic to go; empty if that is not known.
func targetOf(today *result.Domain) string {
	if c := today.Domain; c != nil && c.CDN != nil && c.CDN.Target != "" {
		return exchange.Bare(rdata.Target(c.CDN.Target))
	}
	for _, r := range today.Facts.Records {
		if r.Role == catalog.Routing && (r.Type == "CNAME" || r.Type == "ALIAS") {
			return exchange.Bare(r.Value)
		}
	}
	return ""
}

type leftovers struct {
	ctx    context.Context
	s      *probe.Session
	d      *Detach
	others []string
	seen   map[string]bool
	addrs  []string // of the target
}

func (l *leftovers) find(today *result.Domain) {
	host := strings.TrimPrefix(l.d.Domain, "*.")
	if l.d.target == "" {
		l.d.Unjudged = append(l.d.Unjudged, plans.TargetUnknown)
	} else {
		v4, v6 := l.s.Addresses(l.ctx, l.d.target)
		for _, a := range append(v4.AddrsOf(), v6.AddrsOf()...) {
			l.addrs = append(l.addrs, a.String())
		}
		// what the alias of the host passes through, wildcards, and names that are usual beside it
		v4, _ = l.s.Addresses(l.ctx, today.Name.ASCII)
		names := append([]string{host}, v4.Names()...)
		names = append(names, "www."+host, "*."+host)
		for up := dnsname.Parent(host); exchange.InZone(up, l.d.zone) && up != ""; up = dnsname.Parent(up) {
			names = append(names, "*."+up)
		}
		for _, n := range today.Held.Certificate.Names {
			names = append(names, exchange.Bare(n))
		}
		for _, n := range names {
			kind := plans.LeftRouting
			if strings.HasPrefix(n, "*.") && n != l.d.Domain {
				kind = plans.LeftWildcard
			}
			for _, t := range []uint16{dns.TypeCNAME, dns.TypeA, dns.TypeAAAA, dns.TypeHTTPS} {
				l.look(n, t, kind, l.leads)
			}
		}
	}
	for _, r := range today.Facts.Records {
		want := func(values []string) bool {
			return slices.ContainsFunc(values, func(v string) bool { return rdata.Same(r.Type, v, r.Value) })
		}
		kind := plans.LeftConfigured
		switch r.Role {
		case catalog.Verification:
			kind = plans.LeftVerification
		case catalog.Certificate:
			kind = plans.LeftValidation
		case catalog.Routing:
			kind = plans.LeftRouting
			if r.State != observe.StateRight && r.State != observe.StatePartly {
				continue // it leads elsewhere
			}
			want = func(values []string) bool { return len(values) > 0 }
		}
		if t, ok := dns.StringToType[r.Type]; ok {
			l.look(r.Name, t, kind, want)
		} else {
			l.look(r.Name, dns.TypeA, kind, l.leads)
			l.look(r.Name, dns.TypeAAAA, kind, l.leads)
		}
	}
}

// look adds an RRset of the zone if it is there and wanted.
func (l *leftovers) look(name string, rrtype uint16, kind plans.Leftover, wanted func([]string) bool) {
	key := name + " " + exchange.TypeName(rrtype)
	if l.seen[key] || !exchange.InZone(name, l.d.zone) ||
		slices.Contains(l.others, name) && name != l.d.Domain { // a domain of its own, which stays
		return
	}
	v := l.s.Lookup(l.ctx, name, rrtype)
	x := v.First()
	if x == nil {
		if why := plans.RecordUnknown(name, exchange.TypeName(rrtype)); !slices.Contains(l.d.Unjudged, why) {
			l.d.Unjudged = append(l.d.Unjudged, why)
		}
		return
	}
	values := x.Values(name, rrtype)
	if len(values) == 0 || !wanted(values) || x.DNAME(name) != "" { // no record of its own, but made by a DNAME
		return
	}
	if above, isWildcard := strings.CutPrefix(name, "*."); !isWildcard && l.synthesized(name) ||
		isWildcard && above != l.d.zone && l.synthesized(above) && l.asBeside(above, rrtype, values) {
		return // the wildcard is what has to go, and it is not this one
	}
	l.seen[key] = true
	left := Left{Name: name, Type: rrtype, Values: values, Kind: kind}
	left.Stays, _, _ = advice.CachedFor(l.ctx, l.s, name, rrtype)
	l.d.Left = append(l.d.Left, left)
}

// asBeside reports whether a wildcard above another name, which does not exist, has the same records.
func (l *leftovers) asBeside(above string, rrtype uint16, values []string) bool {
	beside := "*." + l.s.RandomSibling(above)
	there := l.s.Lookup(l.ctx, beside, rrtype).First().Values(beside, rrtype)
	return slices.Equal(slices.Sorted(slices.Values(values)), slices.Sorted(slices.Values(there)))
}

// synthesized reports whether a wildcard answers for a name.
func (l *leftovers) synthesized(name string) bool {
	for _, t := range []uint16{dns.TypeCNAME, dns.TypeA} {
		v := l.s.Lookup(l.ctx, name, t)
		if x := v.First(); x != nil && len(x.Values(name, t)) > 0 {
			wild, _ := l.s.Wildcard(l.ctx, v)
			return wild
		}
	}
	return false
}

// leads reports whether values of a record lead to the service's target.
func (l *leftovers) leads(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool {
		if _, target, ok := strings.Cut(v, " "); ok && strings.ContainsAny(v[:1], "0123456789") { // HTTPS
			v, _, _ = strings.Cut(target, " ")
		}
		return exchange.Bare(v) == l.d.target || slices.Contains(l.addrs, v)
	})
}

// steps lists what is to be removed, in the order that leaves nothing for others at any time.
func (d *Detach) steps() {
	var routing, proofs []move.Record
	var list []move.Step
	var longest uint32
	var digRouting, digProofs []string
	for _, l := range d.Left {
		rec := move.Record{Name: l.Name, Type: exchange.TypeName(l.Type)}
		name := l.Name
		if above, ok := strings.CutPrefix(name, "*."); ok {
			name = "domdoc-wildcard." + above
		}
		dig := shell.Dig(name, rec.Type)
		if l.Kind == plans.LeftVerification || l.Kind == plans.LeftValidation {
			proofs, digProofs = append(proofs, rec), append(digProofs, dig)
			continue
		}
		routing, digRouting = append(routing, rec), append(digRouting, dig)
		longest = max(longest, l.Stays)
	}
	if len(d.Depends) > 0 {
		list = append(list, move.Step{Kind: "depends", Text: plans.Depend(d.Depends)})
	}
	if len(routing) > 0 {
		list = append(list, move.Step{
			Kind: "remove-routing", Text: plans.RemoveRouting(d.Domain), Records: routing, Commands: digRouting,
			Wait: time.Duration(longest) * time.Second, Why: plans.RemoveRoutingWhy, Expect: plans.ShowsNoMore,
		})
	}
	list = append(list, move.Step{
		Kind: "detach", Text: plans.DetachService(d.Domain, d.routes), Expect: plans.ShowsNotFound,
		Commands: []string{shell.Command("domdoc", "domains")},
	})
	if len(proofs) > 0 {
		list = append(list, move.Step{
			Kind: "remove-proofs", Text: plans.RemoveProofs, Records: proofs, Commands: digProofs, Expect: plans.ShowsNoMore,
		})
	}
	d.Steps = timed(list, d.at)
}

// Depend adds what of the tenant's other domains in the zone depends on the domain.
func (d *Detach) Depend(own *result.Domain, others []*result.Domain) {
	host := strings.TrimPrefix(d.Domain, "*.")
	for _, o := range others {
		name := o.Name.ASCII
		if exchange.InZone(name, host) && name != d.Domain {
			d.Depends = append(d.Depends, plans.DomainBelow(name))
		}
		for _, pair := range []struct {
			of   *result.Domain
			name string
		}{{o, d.Domain}, {own, name}} {
			if slices.ContainsFunc(pair.of.Held.Certificate.Names, func(n string) bool {
				return exchange.Bare(n) == pair.name
			}) {
				d.Depends = append(d.Depends, plans.SharesCertificate(pair.of.Name.ASCII, pair.name))
			}
		}
		for _, r := range o.Held.Routes {
			if exchange.URLHost(strings.TrimPrefix(r.Target, "redirect:")) == d.Domain {
				d.Depends = append(d.Depends, plans.RoutedTo(name, r.Path, d.Domain))
			}
		}
		for _, r := range o.Facts.Records {
			if r.Role == catalog.Routing && slices.ContainsFunc(r.Seen, func(v string) bool {
				return exchange.Bare(strings.TrimPrefix(v, "CNAME ")) == host
			}) {
				d.Depends = append(d.Depends, plans.AliasOf(name, host))
			}
		}
	}
	d.steps()
}
