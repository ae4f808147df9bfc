// Package advice simulates the fixes that findings suggest on a copy of the zone, and adds what a fix would break and
// when it takes effect.
package advice

import (
	"context"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// Apply simulates the advice of the findings on a snapshot of the zones, before a user follows it. The advice of root
// causes is simulated in sequence, as it would be followed; that of a consequence on its own.
func Apply(ctx context.Context, f *observe.Observations, findings []*finding.Finding) {
	var roots []change
	var owners []*finding.Finding
	var rest []*finding.Finding
	all := map[*finding.Finding]change{}
	for _, x := range findings {
		c := changeOf(x)
		if c.empty() {
			continue
		}
		all[x] = c
		if x.Root() {
			roots, owners = append(roots, c), append(owners, x)
		} else {
			rest = append(rest, x)
		}
	}
	if len(all) > 0 {
		var touched []change
		for _, c := range all {
			touched = append(touched, c)
		}
		z := snapshotZone(ctx, f, touched)
		for i, r := range simulate(z, roots) {
			applyEffects(owners[i], r)
		}
		for _, x := range rest {
			applyEffects(x, simulate(z, []change{all[x]})[0])
		}
	}
	noteOtherPanel(f, findings)
	for _, x := range findings {
		if x.Root() {
			estimateSettling(ctx, f, x)
		}
		askSource(f, x)
	}
}

// estimateSettling determines how long advice takes at most to take effect everywhere: as long as resolvers may cache
// what is published now. Nothing is promised for what could not be queried.
func estimateSettling(ctx context.Context, f *observe.Observations, x *finding.Finding) {
	c := changeOf(x)
	fix := x.Fix()
	if fix.DSCache == 0 && (c.empty() || len(fix.Records)+len(fix.Deletes) == 0 && fix.Servers == "") {
		return
	}
	var worst catalog.Settles
	later := func(s catalog.Settles) {
		if s.Within() > worst.Within() {
			worst = s
		}
	}
	if fix.DSCache > 0 {
		later(catalog.SettlesAt("", time.Duration(fix.DSCache)*time.Second, catalog.CachedDS))
	}
	if fix.Servers != "" {
		z := f.Zone().Zone
		if z == nil || z.Name != fix.Servers || z.NSTTL == 0 {
			return
		}
		later(catalog.SettlesAt("", time.Duration(z.NSTTL)*time.Second, catalog.CachedServers))
	}
	for _, r := range append(slices.Clone(fix.Records), fix.Deletes...) {
		ttl, memory, known := cachedFor(ctx, f, r)
		if !known {
			return
		}
		later(catalog.SettlesAt(r.Host, time.Duration(ttl)*time.Second, memory))
	}
	worst.From = f.Session.Now()
	fix.Settles = &worst
	x.Advice = &fix
}

// cachedFor returns for how many seconds resolvers may not see a change of a record.
func cachedFor(ctx context.Context, f *observe.Observations, r catalog.Record) (uint32, catalog.CachedAnswer, bool) {
	rrtype, ok := dns.StringToType[r.Type]
	if !ok || r.Type == catalog.AliasType {
		rrtype = dns.TypeA
	}
	return CachedFor(ctx, f.Session, r.Name, rrtype)
}

// CachedFor returns for how many seconds resolvers may have the old answer after a change of an RRset, according to
// any one authoritative server, and what it is that they have. known is false if no server says.
func CachedFor(ctx context.Context, s *probe.Session, name string, rrtype uint16) (seconds uint32,
	memory catalog.CachedAnswer, known bool,
) {
	if rrtype == dns.TypeCNAME { // resolvers query for the target's type
		rrtype = dns.TypeA
	}
	x := s.Lookup(ctx, name, rrtype).First()
	if x == nil {
		return 0, 0, false
	}
	for _, t := range []uint16{rrtype, dns.TypeCNAME} {
		if set := x.Records(name, t); len(set) > 0 {
			return max(observe.LongestTTL(set), leastCached), catalog.CachedRecord, true
		}
	}
	ttl, dated := x.DenialTTL()
	return max(ttl, leastCached), catalog.CachedAbsence, dated
}

// leastCached is for how many seconds Knot Resolver and CoreDNS keep an answer whose TTL is lower, 0 included.
const leastCached = 5

// changeOf returns what a finding's advice changes in the zones. The service's own records are not part of them, and
// records behind a proxy are not visible.
func changeOf(x *finding.Finding) change {
	if x.Rung == catalog.Service || x.ID == causes.RecordProxied.ID {
		return change{}
	}
	fix := x.Instance.Fix()
	known := func(r catalog.Record) bool { return r.Zone == "" || r.Name == "" || r.Type == "" }
	return change{
		adds: slices.DeleteFunc(slices.Clone(fix.Records), func(r catalog.Record) bool {
			return known(r) || r.Value == ""
		}),
		deletes: slices.DeleteFunc(slices.Clone(fix.Deletes), known),
		servers: fix.Servers,
	}
}

// applyEffects adds the side effects of a simulation to a finding's advice.
func applyEffects(f *finding.Finding, r simulation) {
	if len(r.effects) > 0 {
		addSideEffects(f, r.effects...)
	}
}

func addSideEffects(f *finding.Finding, effects ...catalog.SideEffect) {
	fix := f.Fix().Amend(effects...)
	f.Advice = &fix
}

// noteOtherPanel adds where to edit a missing record, if the registrar offers DNS pages that are not used for the
// domain.
func noteOtherPanel(f *observe.Observations, findings []*finding.Finding) {
	for _, x := range findings {
		args, ok := x.Args.(causes.RecordMissingArgs)
		if !ok || !x.Root() || x.ID != causes.RecordMissing.ID || args.Record.Host == "" {
			continue
		}
		if r := f.Registration(); r != nil {
			if other := hosts.DNSHostOfRegistrar(r.Registrar); other != "" && other != args.Record.Host {
				addSideEffects(x, catalog.SideEffect{
					Kind: catalog.EditedElsewhere, Change: args.Record, Name: args.Record.Name,
					Other: catalog.Record{Host: other},
				})
			}
		}
	}
}
