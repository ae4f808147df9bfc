package plan

import (
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
	"domdoc/catalog/plans"
	"domdoc/checks/advice"
	"domdoc/checks/dnsname"
	"domdoc/checks/observe"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// hostOf returns the DNS host of a zone; empty if it is not known.
func hostOf(ctx context.Context, s *probe.Session, zone string) string {
	v := s.Lookup(ctx, zone, dns.TypeSOA)
	if v.Zone == nil || v.Zone.Name != zone {
		return ""
	}
	return hosts.DNSHostOf(v.Zone.Hosts())
}

// flattened returns changes as their DNS hosts make them: some answer for a CNAME at the apex with the addresses of its
// target, beside records of other types.
func flattened(ctx context.Context, s *probe.Session, changes []rehearsal.Change) []rehearsal.Change {
	out := slices.Clone(changes)
	for i := range out {
		c := &out[i]
		atApex := func(e change.Edit) bool { return e.Name == c.Zone && e.Type == dns.TypeCNAME }
		if !slices.ContainsFunc(c.Edits, atApex) || hosts.PanelOf(hostOf(ctx, s, c.Zone)).Flattens == "" {
			continue
		}
		var edits, last []change.Edit
		for _, e := range c.Edits {
			if !atApex(e) {
				edits = append(edits, e)
				continue
			}
			for _, t := range []uint16{dns.TypeA, dns.TypeAAAA} {
				flat := e
				flat.Type = t
				if len(e.RRs) > 0 && e.Op != change.Remove {
					flat.Op, flat.Alias = change.Replace, exchange.Bare(e.RRs[0].(*dns.CNAME).Target)
				}
				flat.RRs = nil
				if e.Op == change.Remove || e.Op == change.TTL {
					edits = append(edits, flat)
				} else {
					last = append(last, flat) // the addresses of today may be removed before or after
				}
			}
		}
		c.Edits = append(edits, last...)
	}
	return out
}

// compareLinks compares the records of a name that the zone above or below depends on.
func compareLinks(ctx context.Context, now *probe.Session, host string, c *rehearsal.Change, name string,
	rrtype uint16,
) *Record {
	r := &Record{Zone: c.Zone, Name: name, Type: rrtype}
	before, known := rehearsal.Delegation(ctx, now, c.Zone, name, rrtype)
	if r.Known = known; !known {
		return r
	}
	r.Before, r.TTLBefore = data(before)
	r.After, r.TTLAfter = data(c.Edited(before, name, rrtype))
	cache := time.Duration(r.TTLBefore) * time.Second
	add := func(name string, rrtype uint16) {
		if ttl, _, known := advice.CachedFor(ctx, now, name, rrtype); known {
			cache = max(cache, time.Duration(ttl)*time.Second)
		}
	}
	above := name
	if name == c.Zone { // the zone above answers
		above = dnsname.Parent(name)
	}
	add(now.RandomSibling(above), dns.TypeA) // that there is none
	r.settle(ctx, now, host, c, cache, name)
	return r
}

// settle sets when resolvers have no old answer: also none of the names below, which a delegation or a DNAME moves.
func (r *Record) settle(ctx context.Context, now *probe.Session, host string, c *rehearsal.Change, cache time.Duration,
	name string,
) {
	memory := catalog.CachedRecord
	if len(r.Before) == 0 {
		memory = catalog.CachedAbsence
	}
	for _, n := range append([]string{name}, c.Names...) {
		if !exchange.InZone(n, name) {
			continue
		}
		for _, t := range []uint16{dns.TypeNS, dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeCAA} {
			if ttl, _, known := advice.CachedFor(ctx, now, n, t); known {
				cache = max(cache, time.Duration(ttl)*time.Second)
			}
		}
	}
	s := catalog.SettlesAt(host, cache, memory)
	s.From = now.Now()
	r.Settles = &s
}

// data returns an RRset as text, sorted, with its TTL.
func data(set []dns.RR) (list []string, ttl uint32) {
	for _, rr := range set {
		list = append(list, exchange.RData(rr))
	}
	slices.Sort(list)
	return list, observe.LongestTTL(set)
}

// removed returns the names of which a file that is the whole zone may leave out records: those that are known, their
// mail and other servers, and the wildcard.
func removed(ctx context.Context, s *probe.Session, c *rehearsal.Change) []string {
	out := append([]string{c.Zone, "*." + c.Zone, "www." + c.Zone}, c.Names...)
	for _, n := range c.Names {
		for up := dnsname.Parent(n); up != c.Zone && exchange.InZone(up, c.Zone); up = dnsname.Parent(up) {
			out = append(out, up)
		}
	}
	for _, n := range slices.Clone(out) {
		for _, t := range []uint16{dns.TypeMX, dns.TypeCNAME, dns.TypeSRV} {
			for _, v := range s.Lookup(ctx, n, t).Values() {
				fields := strings.Fields(v)
				if len(fields) == 0 {
					continue
				}
				if target := exchange.Bare(fields[len(fields)-1]); exchange.InZone(target, c.Zone) {
					out = append(out, target)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unjudged says what cannot be judged, in sentences.
func unjudged(zone string, d rehearsal.Doubts) []string {
	var out []string
	for _, name := range d.Shared {
		out = append(out, plans.SameServers(name, zone))
	}
	if d.Unserved {
		out = append(out, plans.Unserved(zone))
	}
	if d.Resigned {
		out = append(out, plans.Resigned(zone))
	}
	return out
}
