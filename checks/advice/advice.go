// Package advice simulates the fixes that findings suggest on a copy of the zone, and adds what a fix would break and
// when it takes effect.
package advice

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// Apply tries what the findings advise on a copy of the zones, before anybody is told to do it. The advice of roots
// is tried one after the other, as it would be followed; that of a consequence on its own.
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
	}
}

// estimateSettling works out how long what a finding advises takes at most to be seen everywhere: for as long as the
// zone lets resolvers remember what stands in its place now. Of what could not be asked nothing is promised.
func estimateSettling(ctx context.Context, f *observe.Observations, x *finding.Finding) {
	c := changeOf(x)
	fix := x.Fix()
	if c.empty() || len(fix.Records)+len(fix.Deletes) == 0 && fix.Servers == "" {
		return
	}
	var worst catalog.Settles
	later := func(s catalog.Settles) {
		if s.Within() > worst.Within() {
			worst = s
		}
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

// cachedFor is for how many seconds resolvers may go on without a change of a record, by what any one authoritative
// server says of it now.
func cachedFor(ctx context.Context, f *observe.Observations, r catalog.Record) (uint32, catalog.CachedAnswer, bool) {
	rrtype, ok := dns.StringToType[r.Type]
	if !ok || rrtype == dns.TypeCNAME || r.Type == catalog.AliasType { // resolvers ask for what it leads to
		rrtype = dns.TypeA
	}
	x := f.Session.Lookup(ctx, r.Name, rrtype).First()
	if x == nil {
		return 0, 0, false
	}
	for _, t := range []uint16{rrtype, dns.TypeCNAME} {
		if set := x.Records(r.Name, t); len(set) > 0 {
			return observe.LongestTTL(set), catalog.CachedRecord, true
		}
	}
	ttl, dated := x.NegativeTTL()
	return ttl, catalog.CachedAbsence, dated
}

// changeOf is what a finding's advice does to the zones. The service's own records are no part of them; and what
// stands behind a proxy is not what its servers show.
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

// applyEffects makes a finding's advice what the rehearsal left of it.
func applyEffects(f *finding.Finding, r simulation) {
	if len(r.effects) > 0 {
		addSideEffects(f, r.effects...)
	}
}

func addSideEffects(f *finding.Finding, effects ...catalog.SideEffect) {
	fix := f.Fix().Amend(effects...)
	f.Advice = &fix
}

// noteOtherPanel reminds of the DNS pages that count, where those of the registrar are other ones: a record that was
// made there is missing.
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

// snapshotTypes are the types that are asked for at each name that advice touches: what may stand there, and what a
// CNAME would hide.
var snapshotTypes = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeTXT, dns.TypeCAA}

// maxSnapshotNames bounds the names that a copy is made of: the findings of one domain touch few.
const maxSnapshotNames = 12

// snapshotZone asks any one authoritative server for what a rehearsal must know: what stands at each name that the
// changes touch, and at the names between it and its zone; what a wildcard says beside them; and whether the zone is
// signed. Most of it was asked before.
func snapshotZone(ctx context.Context, f *observe.Observations, changes []change) *zoneSnapshot {
	z := newZoneSnapshot()
	zone := f.Zone()
	if zone.Apex != "" {
		z.apexes = append(z.apexes, zone.Apex)
	}
	if !f.Subject.Name.Wildcard {
		z.hosts = append(z.hosts, f.Subject.Name.ASCII)
	}
	for _, e := range f.Expectations() {
		z.wanted = append(z.wanted, e.Record)
	}
	for _, h := range f.SeenHandshakes() {
		if h.Shown() {
			if ca := causes.AuthorityCAA(h.Exchange.TLS.Chain[0].Issuer.Organization); ca != "" &&
				!slices.Contains(z.cas, ca) {
				z.cas = append(z.cas, ca)
			}
		}
	}
	var names []string
	for _, c := range changes {
		for _, r := range append(slices.Clone(c.adds), c.deletes...) {
			if !slices.Contains(z.apexes, r.Zone) {
				z.apexes = append(z.apexes, r.Zone)
			}
			for name := r.Name; name != "" && strings.HasSuffix(name, r.Zone) && len(name) >= len(r.Zone); name = dnsname.Parent(name) {
				if name == r.Zone && r.Name != r.Zone {
					break // nothing of the zone's own name changes
				}
				if !slices.Contains(names, name) && len(names) < maxSnapshotNames {
					names = append(names, name)
				}
			}
		}
		if c.servers != "" {
			snapshotDS(ctx, f, z, c.servers)
		}
	}
	var mu sync.Mutex
	var wg probe.Group
	for _, name := range names {
		wg.Go(func() {
			own, beside := lookUpTypes(ctx, f, name), map[uint16]*probe.View(nil)
			if !slices.Contains(z.apexes, name) {
				beside = lookUpTypes(ctx, f, f.Session.Sibling(name))
			}
			mu.Lock()
			defer mu.Unlock()
			z.addName(name, own, beside)
		})
	}
	wg.Wait()
	return z
}

func lookUpTypes(ctx context.Context, f *observe.Observations, name string) map[uint16]*probe.View {
	views := make([]*probe.View, len(snapshotTypes))
	var wg probe.Group
	for i, t := range snapshotTypes {
		wg.Go(func() { views[i] = f.Session.Lookup(ctx, name, t) })
	}
	wg.Wait()
	out := map[uint16]*probe.View{}
	for i, t := range snapshotTypes {
		out[t] = views[i]
	}
	return out
}

// snapshotDS notes whether the registry vouches for a zone.
func snapshotDS(ctx context.Context, f *observe.Observations, z *zoneSnapshot, name string) {
	zone := f.Zone().Zone
	if zone == nil || zone.Name != name {
		return
	}
	if parent := f.Zone().Place.ParentOf(zone); parent != nil {
		if x, _ := f.Session.AskZone(ctx, parent, name, dns.TypeDS); x != nil {
			for _, rr := range x.Records(name, dns.TypeDS) {
				z.ds[name] = rr.Header().Ttl
			}
		}
	}
}

// addName puts what was seen at a name, and beside it at one that nobody has, into the copy. beside is nil for a
// zone's own name.
func (z *zoneSnapshot) addName(name string, own, beside map[uint16]*probe.View) {
	said := func(views map[uint16]*probe.View, t uint16) []string {
		if views[t] == nil || !views[t].Known() {
			return nil
		}
		if target := views[t].CNAME(); target != "" && !views[t].Exists() {
			return []string{"CNAME " + target}
		}
		return views[t].Values()
	}
	exists, known := beside == nil, beside == nil
	if !known {
		first, other := own[dns.TypeA], beside[dns.TypeA]
		known = first.Known() && other.Known()
		switch {
		case !known:
		case other.First().Outcome == exchange.NXDomain: // there is no wildcard
			exists = first.First().Outcome != exchange.NXDomain
		default:
			for _, t := range snapshotTypes {
				exists = exists || !slices.Equal(said(own, t), said(beside, t))
			}
			if first.First().Outcome == exchange.NoData && other.First().Outcome == exchange.Answered {
				exists = true
			}
		}
	}
	if !known {
		return
	}
	z.exists[name] = exists
	if exists {
		for _, t := range snapshotTypes {
			if own[t] == nil || !own[t].Known() {
				continue
			}
			z.put(name, t, said(own, t), own[t])
		}
	}
	if beside != nil {
		wild := map[string][]string{}
		for _, t := range snapshotTypes {
			if beside[t] == nil || !beside[t].Known() {
				continue
			}
			values := said(beside, t)
			if len(values) > 0 && strings.HasPrefix(values[0], "CNAME ") {
				wild["CNAME"] = []string{strings.TrimPrefix(values[0], "CNAME ")}
				continue
			}
			wild[exchange.TypeName(t)] = values
		}
		z.wild[dnsname.Parent(name)] = wild
	}
}

// put notes one RRset that a name has.
func (z *zoneSnapshot) put(name string, rrtype uint16, values []string, v *probe.View) {
	k := setKey{name, exchange.TypeName(rrtype)}
	if len(values) > 0 && strings.HasPrefix(values[0], "CNAME ") {
		z.sets[setKey{name, "CNAME"}] = []string{strings.TrimPrefix(values[0], "CNAME ")}
		if _, asked := z.sets[k]; !asked {
			z.sets[k] = nil
		}
		return
	}
	z.sets[k] = values
	for _, x := range v.Good() {
		for _, rr := range x.Records(name, rrtype) {
			if ttl, seen := z.ttls[k]; !seen || rr.Header().Ttl < ttl {
				z.ttls[k] = rr.Header().Ttl
			}
		}
	}
}
