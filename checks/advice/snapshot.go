package advice

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/dnsname"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/rdata"
)

// snapshotTypes are the types that are queried at each name that advice touches: records that may exist there, and
// those that a CNAME would hide.
var snapshotTypes = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeTXT, dns.TypeCAA}

// maxSnapshotNames is how many names a snapshot has at most: the findings of one domain touch few.
const maxSnapshotNames = 12

// snapshotZone queries any one authoritative server for what the simulation needs: the records at each name that the
// changes touch and at the names up to the zone, the wildcards beside them, and whether the zone is signed. Most of
// it is cached from the checks.
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
			within := func(name string) bool {
				return name != "" && strings.HasSuffix(name, r.Zone) && len(name) >= len(r.Zone)
			}
			for name := r.Name; within(name); name = dnsname.Parent(name) {
				if name == r.Zone && r.Name != r.Zone {
					break // nothing changes at the apex
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
			own, beside := lookUpTypes(ctx, f, name), map[uint16]*probe.AuthoritativeAnswers(nil)
			if !slices.Contains(z.apexes, name) {
				beside = lookUpTypes(ctx, f, f.Session.RandomSibling(name))
			}
			mu.Lock()
			defer mu.Unlock()
			z.addName(name, own, beside)
		})
	}
	wg.Wait()
	return z
}

func lookUpTypes(ctx context.Context, f *observe.Observations, name string) map[uint16]*probe.AuthoritativeAnswers {
	views := make([]*probe.AuthoritativeAnswers, len(snapshotTypes))
	var wg probe.Group
	for i, t := range snapshotTypes {
		wg.Go(func() { views[i] = f.Session.Lookup(ctx, name, t) })
	}
	wg.Wait()
	out := map[uint16]*probe.AuthoritativeAnswers{}
	for i, t := range snapshotTypes {
		out[t] = views[i]
	}
	return out
}

// snapshotDS records the DS records of a zone at the registry.
func snapshotDS(ctx context.Context, f *observe.Observations, z *zoneSnapshot, name string) {
	zone := f.Zone().Zone
	if zone == nil || zone.Name != name {
		return
	}
	if parent := f.Zone().ParentOf(zone); parent != nil {
		if x, _ := f.Session.AskZone(ctx, parent, name, dns.TypeDS); x != nil {
			for _, rr := range x.Records(name, dns.TypeDS) {
				z.ds[name] = rr.Header().Ttl
			}
			if own := f.Zone().OwnParent(zone); own != nil {
				z.cuts[name] = catalog.Record{Zone: own.Name, Host: hosts.DNSHostOf(own.Hosts()), Name: name, Type: "DS"}
			}
		}
	}
}

// addName adds what was observed at a name, and at a random sibling as control for wildcards. beside is nil for an
// apex.
func (z *zoneSnapshot) addName(name string, own, beside map[uint16]*probe.AuthoritativeAnswers) {
	said := func(views map[uint16]*probe.AuthoritativeAnswers, t uint16) []string {
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

// put adds one RRset of a name.
func (z *zoneSnapshot) put(name string, rrtype uint16, values []string, v *probe.AuthoritativeAnswers) {
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

// setKey identifies an RRset.
type setKey struct{ name, rrtype string }

// zoneSnapshot is what is known about the names that advice touches, to try changes on. What was not queried is not
// in it, and nothing is concluded from its absence.
type zoneSnapshot struct {
	sets map[setKey][]string // an entry means that it was queried; an empty one, that there is no such record
	ttls map[setKey]uint32   // of existing sets, in seconds
	// whether the name exists in the zone; false if only a wildcard answers for it, or nothing
	exists map[string]bool
	wild   map[string]map[string][]string // by parent name: what a wildcard answers below it, by type
	apexes []string                       // the zones' own names
	hosts  []string                       // names that visitors use
	wanted []catalog.Record               // the expected records
	cas    []string                       // the CAA names of the authorities whose certificates are in use
	ds     map[string]uint32              // the TTLs of the DS records that the zones above have, by zone
	cuts   map[string]catalog.Record      // the DS records of these that are in the tenant's own zones, by zone
}

func newZoneSnapshot() *zoneSnapshot {
	return &zoneSnapshot{
		sets: map[setKey][]string{}, ttls: map[setKey]uint32{}, exists: map[string]bool{},
		wild: map[string]map[string][]string{}, ds: map[string]uint32{}, cuts: map[string]catalog.Record{},
	}
}

func (z *zoneSnapshot) clone() *zoneSnapshot {
	c := *z
	c.sets, c.ttls, c.exists, c.wild = maps.Clone(z.sets), maps.Clone(z.ttls), maps.Clone(z.exists), maps.Clone(z.wild)
	return &c
}

// answer returns what the zone answers for a name and type (RFC 1034 4.3.2, RFC 4592): values, or "CNAME target".
// known is false if it was not queried.
func (z *zoneSnapshot) answer(name, rrtype string) (values []string, known bool) {
	exists, known := z.exists[name]
	switch {
	case !known:
		return nil, false
	case exists:
		values, known = z.sets[setKey{name, rrtype}]
		if cname := z.sets[setKey{name, "CNAME"}]; len(cname) > 0 {
			return cnameOf(cname), true
		}
		return values, known
	}
	wild, known := z.wild[dnsname.Parent(name)]
	if cname := wild["CNAME"]; len(cname) > 0 {
		return cnameOf(cname), true
	}
	values, asked := wild[rrtype]
	return values, known && asked
}

func cnameOf(target []string) []string { return []string{"CNAME " + target[0]} }

// apply returns the zone after a change. A new CNAME replaces the old one.
func (z *zoneSnapshot) apply(c change) *zoneSnapshot {
	after := z.clone()
	for _, r := range c.deletes {
		k := setKey{r.Name, r.Type}
		set, known := after.sets[k]
		if !known {
			continue
		}
		if r.Value == "" {
			set = nil
		}
		after.sets[k] = slices.DeleteFunc(slices.Clone(set), func(v string) bool {
			return rdata.Same(r.Type, v, r.Value)
		})
	}
	for _, r := range c.adds {
		k := setKey{r.Name, r.Type}
		if r.Type == "CNAME" || r.Type == catalog.AliasType {
			after.sets[k] = nil
		}
		if !slices.ContainsFunc(after.sets[k], func(v string) bool { return rdata.Same(r.Type, v, r.Value) }) {
			after.sets[k] = append(slices.Clone(after.sets[k]), r.Value)
		}
		after.createNode(r.Name)
	}
	return after
}

// createNode makes a name and its ancestors exist in the zone. A name that did not exist has no records of its own.
func (z *zoneSnapshot) createNode(name string) {
	for up := name; up != "" && !slices.Contains(z.apexes, up); up = dnsname.Parent(up) {
		if exists, known := z.exists[up]; known && !exists {
			for _, t := range watchedTypes {
				k := setKey{up, t}
				if _, asked := z.sets[k]; !asked {
					z.sets[k] = nil
				}
			}
		}
		z.exists[up] = true
	}
}
