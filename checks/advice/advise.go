// Package advice simulates the fixes that findings suggest on a copy of the zone, and adds what a fix would break and
// when it takes effect.
package advice

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// Advise tries what the findings advise on a copy of the zones, before anybody is told to do it. The advice of roots
// is tried one after the other, as it would be followed; that of a consequence on its own.
func Advise(ctx context.Context, f *observe.Facts, findings []*finding.Finding) {
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
		z := copyZone(ctx, f, touched)
		for i, r := range rehearse(z, roots) {
			heed(owners[i], r)
		}
		for _, x := range rest {
			heed(x, rehearse(z, []change{all[x]})[0])
		}
	}
	whereEdited(f, findings)
	for _, x := range findings {
		if x.Root() {
			settle(ctx, f, x)
		}
	}
}

// settle works out how long what a finding advises takes at most to be seen everywhere: for as long as the zone lets
// resolvers remember what stands in its place now. Of what could not be asked nothing is promised.
func settle(ctx context.Context, f *observe.Facts, x *finding.Finding) {
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
		ttl, memory, known := remembered(ctx, f, r)
		if !known {
			return
		}
		later(catalog.SettlesAt(r.Host, time.Duration(ttl)*time.Second, memory))
	}
	worst.From = f.Session.Now()
	fix.Settles = &worst
	x.Advice = &fix
}

// remembered is for how many seconds resolvers may go on without a change of a record, by what any one authoritative
// server says of it now.
func remembered(ctx context.Context, f *observe.Facts, r catalog.Record) (uint32, catalog.CachedAnswer, bool) {
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

// heed makes a finding's advice what the rehearsal left of it.
func heed(f *finding.Finding, r rehearsal) {
	if len(r.effects) > 0 {
		amend(f, r.effects...)
	}
}

func amend(f *finding.Finding, effects ...catalog.SideEffect) {
	fix := f.Fix().Amend(effects...)
	f.Advice = &fix
}

// whereEdited reminds of the DNS pages that count, where those of the registrar are other ones: a record that was
// made there is missing.
func whereEdited(f *observe.Facts, findings []*finding.Finding) {
	for _, x := range findings {
		args, ok := x.Args.(causes.MissingArgs)
		if !ok || !x.Root() || x.ID != causes.RecordMissing.ID || args.Record.Host == "" {
			continue
		}
		if r := f.Registration(); r != nil {
			if other := hosts.DNSHostOfRegistrar(r.Registrar); other != "" && other != args.Record.Host {
				amend(x, catalog.SideEffect{
					Kind: catalog.EditedElsewhere, Change: args.Record, Name: args.Record.Name,
					Other: catalog.Record{Host: other},
				})
			}
		}
	}
}

// copyTypes are the types that are asked for at each name that advice touches: what may stand there, and what a CNAME
// would hide.
var copyTypes = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeTXT, dns.TypeCAA}

// maxCopyNames bounds the names that a copy is made of: the findings of one domain touch few.
const maxCopyNames = 12

// copyZone asks any one authoritative server for what a rehearsal must know: what stands at each name that the
// changes touch, and at the names between it and its zone; what a wildcard says beside them; and whether the zone is
// signed. Most of it was asked before.
func copyZone(ctx context.Context, f *observe.Facts, changes []change) *zoneCopy {
	z := newZoneCopy()
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
			for name := r.Name; name != "" && strings.HasSuffix(name, r.Zone) && len(name) >= len(r.Zone); name = dnsname.ParentName(name) {
				if name == r.Zone && r.Name != r.Zone {
					break // nothing of the zone's own name changes
				}
				if !slices.Contains(names, name) && len(names) < maxCopyNames {
					names = append(names, name)
				}
			}
		}
		if c.servers != "" {
			copyDS(ctx, f, z, c.servers)
		}
	}
	var mu sync.Mutex
	var wg probe.Group
	for _, name := range names {
		wg.Go(func() {
			own, beside := lookAt(ctx, f, name), map[uint16]*probe.View(nil)
			if !slices.Contains(z.apexes, name) {
				beside = lookAt(ctx, f, f.Session.Sibling(name))
			}
			mu.Lock()
			defer mu.Unlock()
			z.learn(name, own, beside)
		})
	}
	wg.Wait()
	return z
}

func lookAt(ctx context.Context, f *observe.Facts, name string) map[uint16]*probe.View {
	views := make([]*probe.View, len(copyTypes))
	var wg probe.Group
	for i, t := range copyTypes {
		wg.Go(func() { views[i] = f.Session.Lookup(ctx, name, t) })
	}
	wg.Wait()
	out := map[uint16]*probe.View{}
	for i, t := range copyTypes {
		out[t] = views[i]
	}
	return out
}

// copyDS notes whether the registry vouches for a zone.
func copyDS(ctx context.Context, f *observe.Facts, z *zoneCopy, name string) {
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

// learn puts what was seen at a name, and beside it at one that nobody has, into the copy. beside is nil for a zone's
// own name.
func (z *zoneCopy) learn(name string, own, beside map[uint16]*probe.View) {
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
		case other.First().Outcome == probe.NXDomain: // there is no wildcard
			exists = first.First().Outcome != probe.NXDomain
		default:
			for _, t := range copyTypes {
				exists = exists || !slices.Equal(said(own, t), said(beside, t))
			}
			if first.First().Outcome == probe.NoData && other.First().Outcome == probe.Answered {
				exists = true
			}
		}
	}
	if !known {
		return
	}
	z.exists[name] = exists
	if exists {
		for _, t := range copyTypes {
			if own[t] == nil || !own[t].Known() {
				continue
			}
			z.put(name, t, said(own, t), own[t])
		}
	}
	if beside != nil {
		wild := map[string][]string{}
		for _, t := range copyTypes {
			if beside[t] == nil || !beside[t].Known() {
				continue
			}
			values := said(beside, t)
			if len(values) > 0 && strings.HasPrefix(values[0], "CNAME ") {
				wild["CNAME"] = []string{strings.TrimPrefix(values[0], "CNAME ")}
				continue
			}
			wild[probe.TypeName(t)] = values
		}
		z.wild[dnsname.ParentName(name)] = wild
	}
}

// put notes one RRset that a name has.
func (z *zoneCopy) put(name string, rrtype uint16, values []string, v *probe.View) {
	k := setKey{name, probe.TypeName(rrtype)}
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
