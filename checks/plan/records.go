package plan

import (
	"context"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/plans"
	"domdoc/checks/advice"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"

	"github.com/miekg/dns"
)

// Record is an RRset that changes.
type Record struct {
	Zone, Name string
	Type       uint16
	Before     []string // values; empty for none, and where Known is false
	After      []string
	TTLBefore  uint32 // in seconds; 0 without records
	TTLAfter   uint32
	// Known means that a server of the zone said what is there today.
	Known bool
	// Settles is how long resolvers may have the old answer; nil where that is not known.
	Settles *catalog.Settles
	// Cached are the resolvers that were asked and have the old answer now.
	Cached []Cached
}

// Changes reports whether the RRset will be another one.
func (r *Record) Changes() bool {
	return !slices.Equal(r.Before, r.After) || r.TTLBefore != r.TTLAfter
}

// Cached is the answer that a resolver has in its cache.
type Cached struct {
	Resolver string
	// Until is when it asks again, if the change is made meanwhile.
	Until time.Time
}

// records compares the RRsets that a change touches, before and after.
func records(ctx context.Context, now, after *probe.Session, c rehearsal.Change) []*Record {
	var keys []key
	add := func(k key) {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, e := range c.Edits {
		if rehearsal.HiddenBy(ctx, now, c, e) != "" {
			continue
		}
		if e.Type != 0 {
			add(key{e.Name, e.Type})
			if c.Links(ctx, now, e.Name, e.Type) {
				continue
			}
		}
		if e.Type != 0 && e.Type != dns.TypeCNAME {
			add(key{e.Name, dns.TypeCNAME}) // nothing may stand beside one
			continue
		}
		for _, t := range typesAt(ctx, now, c.Zone, e.Name) {
			add(key{e.Name, t})
		}
	}
	if c.Whole {
		for _, n := range removed(ctx, now, &c) {
			for _, t := range typesAt(ctx, now, c.Zone, n) {
				if n != c.Zone || t != dns.TypeNS && t != dns.TypeDS {
					add(key{n, t})
				}
			}
		}
	}
	keys = slices.DeleteFunc(keys, func(k key) bool { return c.Unknown(k.name, k.rrtype) })
	host := hostOf(ctx, now, c.Zone)
	out := make([]*Record, len(keys))
	var wg probe.Group
	for i, k := range keys {
		wg.Go(func() {
			if c.Links(ctx, now, k.name, k.rrtype) {
				out[i] = compareLinks(ctx, now, host, &c, k.name, k.rrtype)
				return
			}
			out[i] = compare(ctx, now, after, c.Zone, host, k.name, k.rrtype)
			if k.rrtype == dns.TypeDNAME && out[i].Changes() {
				out[i].settle(ctx, now, host, &c, time.Duration(out[i].TTLBefore)*time.Second, k.name)
			}
		})
	}
	wg.Wait()
	return out
}

// beside compares the records that the domains depend on, as a record that makes or removes another name changes which
// wildcard answers for them (RFC 4592 3.3.1): resolvers then have old answers of names that no edit is about. So they
// have of other types of a name that is changed, where a wildcard answers before or after. It returns what changes, or
// may change.
func beside(ctx context.Context, now, after *probe.Session, changes []rehearsal.Change,
	today []*result.Domain,
) []*Record {
	var out []*Record
	for _, c := range changes {
		if c.Servers != nil { // a move has times of its own
			continue
		}
		host := hostOf(ctx, now, c.Zone)
		for _, k := range concerned(ctx, now, after, c, today) {
			r := compare(ctx, now, after, c.Zone, host, k.name, k.rrtype)
			known := after.Lookup(ctx, k.name, k.rrtype).Known()
			if known && r.Changes() || !known && r.Settles != nil { // the latter may change
				out = append(out, r)
			}
		}
	}
	return out
}

// concerned returns the RRsets that a change may alter without an edit of them.
func concerned(ctx context.Context, now, after *probe.Session, c rehearsal.Change, today []*result.Domain) []key {
	var out []key
	edited := map[string]bool{}
	for _, e := range c.Edits {
		if !edited[e.Name] && besideWildcard(ctx, now, after, c, e) {
			for _, t := range rehearsal.CommonTypes() {
				out = append(out, key{e.Name, t})
			}
		}
		edited[e.Name] = true
	}
	for _, d := range today {
		var known []key
		for _, r := range d.Facts.Records {
			if t, ok := dns.StringToType[r.Type]; ok && exchange.InZone(r.Name, c.Zone) {
				known = append(known, key{r.Name, t})
			}
		}
		for _, name := range links(d, c.Zone) {
			known = append(known, key{name, dns.TypeA}, key{name, dns.TypeAAAA}, key{name, dns.TypeCNAME})
		}
		out = append(out, slices.DeleteFunc(known, func(k key) bool { return edited[k.name] })...)
	}
	return out
}

// besideWildcard reports whether a wildcard may answer beside the name of an edit, before or after the change.
func besideWildcard(ctx context.Context, now, after *probe.Session, c rehearsal.Change, e change.Edit) bool {
	if e.Name == c.Zone || rehearsal.Hides(ctx, now, c.Zone, e.Name) != "" || c.Links(ctx, now, e.Name, e.Type) {
		return false
	}
	return slices.ContainsFunc([]*probe.Session{now, after}, func(s *probe.Session) bool {
		x := s.Lookup(ctx, s.RandomSibling(e.Name), dns.TypeA).First()
		return x == nil || x.Outcome == exchange.Answered || x.Outcome == exchange.NoData
	})
}

// typesAt returns the types that a name has, as far as they can be asked.
func typesAt(ctx context.Context, s *probe.Session, zone, name string) []uint16 {
	var out []uint16
	at := rehearsal.Hides(ctx, s, zone, name)
	if at != "" && at != name {
		return nil
	}
	if at == name { // a delegation
		for _, t := range []uint16{dns.TypeNS, dns.TypeDS} {
			if set, _ := rehearsal.Delegation(ctx, s, zone, name, t); len(set) > 0 {
				out = append(out, t)
			}
		}
		return out
	}
	for _, t := range rehearsal.CommonTypes() {
		if s.Lookup(ctx, name, t).Exists() {
			out = append(out, t)
		}
	}
	x := s.Lookup(ctx, name, dns.TypeA).First()
	if x == nil || x.Outcome == exchange.NXDomain || x.CNAME(name) != "" {
		return out
	}
	for _, t := range rehearsal.RareTypes() {
		if s.Lookup(ctx, name, t).Exists() {
			out = append(out, t)
		}
	}
	return out
}

func compare(ctx context.Context, now, after *probe.Session, zone, host, name string, rrtype uint16) *Record {
	r := &Record{Zone: zone, Name: name, Type: rrtype}
	r.Before, r.TTLBefore, r.Known = values(ctx, now, name, rrtype)
	r.After, r.TTLAfter, _ = values(ctx, after, name, rrtype)
	if !r.Known {
		return r
	}
	if ttl, memory, known := advice.CachedFor(ctx, now, name, rrtype); known {
		s := catalog.SettlesAt(host, time.Duration(ttl)*time.Second, memory)
		s.From = now.Now()
		r.Settles = &s
	}
	if len(r.Before) == 0 { // asking for it would make resolvers remember that it does not exist
		return r
	}
	for _, srv := range now.Resolvers() {
		x := now.Resolve(ctx, srv, name, rrtype)
		if set := x.Records(name, rrtype); len(set) > 0 {
			r.Cached = append(r.Cached, Cached{
				Resolver: srv.String(), Until: x.At.Add(time.Duration(observe.LongestTTL(set)) * time.Second),
			})
		}
	}
	return r
}

// values returns an RRset as the zone's servers have it, sorted, with its TTL.
func values(ctx context.Context, s *probe.Session, name string, rrtype uint16) (list []string, ttl uint32,
	known bool,
) {
	v := s.Lookup(ctx, name, rrtype)
	x := v.First()
	if x == nil {
		return nil, 0, v.Delegation.Missing != ""
	}
	list = x.Values(name, rrtype)
	slices.Sort(list)
	if set := x.Records(name, rrtype); len(set) > 0 {
		ttl = set[0].Header().Ttl
	}
	return list, ttl, true
}

// void returns notes about edits that have no effect, because what they remove or change does not exist.
func void(ctx context.Context, s *probe.Session, changes []rehearsal.Change, records []*Record) []string {
	var out []string
	for _, c := range changes {
		for _, e := range c.Edits {
			if at := rehearsal.HiddenBy(ctx, s, c, e); at != "" {
				out = append(out, plans.Hidden(e.Name, c.Zone, at))
				continue
			}
			if rehearsal.Uncovers(ctx, s, c, e) {
				out = append(out, plans.Uncovered(e.Name, c.Zone))
			}
			if e.Op != change.Remove && e.Op != change.TTL || e.Type == dns.TypeSOA || c.Unknown(e.Name, e.Type) {
				continue
			}
			here := slices.DeleteFunc(slices.Clone(records), func(r *Record) bool {
				return r.Name != e.Name || e.Type != 0 && r.Type != e.Type
			})
			if slices.ContainsFunc(here, func(r *Record) bool { return touches(r, e) }) {
				continue
			}
			what := "DNS"
			if e.Type != 0 {
				what = exchange.TypeName(e.Type)
			}
			out = append(out, plans.NothingToChange(e.Name, what))
		}
	}
	return out
}

// touches reports whether an edit is about what an RRset has today, or that is not known.
func touches(r *Record, e change.Edit) bool {
	switch {
	case !r.Known || r.Changes():
		return true
	case e.Op == change.TTL:
		return len(r.Before) > 0 && e.TTL != nil && r.TTLBefore == *e.TTL // it has this TTL already
	case len(e.RRs) == 0:
		return len(r.Before) > 0
	}
	return slices.Contains(r.Before, exchange.RData(e.RRs[0])) // it is added again
}

// refusals are the records that the service would refuse, if they were made through it: those of the names that are its
// concern, and of the zone itself.
func refusals(records []*Record, concerned map[string]bool) []*finding.Finding {
	var out []*finding.Finding
	add := func(r *Record, i catalog.Instance) {
		out = append(out, &finding.Finding{
			Instance: i, Check: "plan", Verdict: i.Cause.Verdict, Certainty: finding.Conclusive, About: r.Name,
			Role: catalog.Configured,
		})
	}
	for _, r := range records {
		if !concerned[r.Name] && r.Name != r.Zone || r.Type == dns.TypeNS { // nobody makes it through the service
			continue
		}
		changes := slices.ContainsFunc(records, func(o *Record) bool { return o.Name == r.Name && o.Changes() })
		if len(r.After) == 0 || !r.Changes() && (r.Type != dns.TypeCNAME || !changes) {
			continue
		}
		held := causes.HeldRecord{Record: catalog.Record{
			Role: catalog.Configured, Zone: r.Zone, Name: r.Name, Type: exchange.TypeName(r.Type), Value: r.After[0],
			TTL: int(r.TTLAfter),
		}}
		if r.Changes() && (r.TTLAfter < observe.MinTTL || r.TTLAfter > observe.MaxTTL) {
			add(r, causes.ServiceRecordTTLOutOfRange.With(held))
		}
		if r.Type != dns.TypeCNAME {
			continue
		}
		if r.Name == r.Zone {
			add(r, causes.ServiceRecordCNAMEAtApex.With(held))
			continue
		}
		var beside []string // that come, or that were there when the CNAME comes
		for _, o := range records {
			if o.Name == r.Name && o.Type != dns.TypeCNAME && len(o.After) > 0 {
				beside = append(beside, exchange.TypeName(o.Type))
			}
		}
		if len(beside) > 0 {
			add(r, causes.ServiceRecordCNAMECoexists.With(causes.ServiceRecordCNAMECoexistsArgs{
				HeldRecord: held, Types: beside,
			}))
		}
	}
	return out
}
