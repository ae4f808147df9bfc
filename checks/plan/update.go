package plan

import (
	"context"
	"slices"

	"domdoc/catalog/plans"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// AsMade returns the edits of a set as the DNS host makes them, which for some formats depends on what the zone has
// today, and notes about those that it does not make or refuses.
//
// The server that gets the lines of nsupdate follows RFC 2136: it keeps the SOA and NS records of the zone itself, adds
// no CNAME beside other records and nothing beside a CNAME, and replaces a CNAME (3.4.2.2 to 3.4.2.4).
func AsMade(ctx context.Context, s *probe.Session, zone string, set *change.Set) (edits []change.Edit, notes []string) {
	u := &update{ctx: ctx, session: s, zone: zone, has: map[key][]dns.RR{}}
	u.compared = set.Format == "nsupdate" || slices.ContainsFunc(set.Edits, func(e change.Edit) bool { return e.Fresh })
	for _, e := range set.Edits {
		if e.Fresh && u.exists(e.Name, e.Type) {
			u.notes = append(u.notes, plans.NotFresh(e.Where.String(), e.Name, exchange.TypeName(e.Type)))
		}
		if set.Format != "nsupdate" {
			u.make(e)
			continue
		}
		u.dynamic(e)
	}
	return u.edits, u.notes
}

// update collects edits, and knows what the zone has after those before.
type update struct {
	ctx     context.Context
	session *probe.Session
	zone    string
	has     map[key][]dns.RR // what the edits so far leave
	// compared means that some edit depends on what is there.
	compared bool
	looked   int
	edits    []change.Edit
	notes    []string
}

// key is an RRset.
type key struct {
	name   string
	rrtype uint16
}

// maxLooked bounds how many RRsets of a file are compared with what the zone has: each costs its servers a question.
const maxLooked = 1000

// exists reports whether a name has records of a type after the edits so far.
func (u *update) exists(name string, rrtype uint16) bool { return len(u.set(name, rrtype)) > 0 }

// set returns the records of a name and type after the edits so far: its own, not those of a wildcard.
func (u *update) set(name string, rrtype uint16) []dns.RR {
	k := key{name, rrtype}
	if set, known := u.has[k]; known {
		return set
	}
	if u.looked++; u.looked > maxLooked {
		if u.looked == maxLooked+1 {
			u.notes = append(u.notes, plans.NotAllCompared(maxLooked))
		}
		return nil
	}
	v := u.session.Lookup(u.ctx, name, rrtype)
	u.has[k] = nil
	if !v.Exists() {
		return nil
	}
	if wild, _ := u.session.Wildcard(u.ctx, v); wild {
		return nil
	}
	u.has[k] = v.First().Records(name, rrtype)
	return u.has[k]
}

// make adds an edit.
func (u *update) make(e change.Edit) {
	u.edits = append(u.edits, e)
	if !u.compared {
		return
	}
	types := []uint16{e.Type}
	if e.Type == 0 {
		types = rehearsal.CommonTypes()
	}
	for _, t := range types {
		whole := e.Op == change.Replace || e.Op == change.Remove && len(e.RRs) == 0
		if !whole && (e.Type == 0 || e.Op == change.TTL) {
			continue
		}
		var set []dns.RR
		if !whole {
			if set = u.set(e.Name, t); len(set) > maxLooked { // each edit copies them
				continue
			}
		}
		one := rehearsal.Change{Zone: u.zone, Edits: []change.Edit{e}}
		if set = one.Edited(set, e.Name, t); e.Alias != "" {
			set = []dns.RR{&dns.ANY{}} // there are some
		}
		u.has[key{e.Name, t}] = set
	}
}

// dynamic adds an edit as a server makes it that gets it as an update (RFC 2136 3.4.2).
func (u *update) dynamic(e change.Edit) {
	apex := e.Name == u.zone
	leave := func(why string) { u.notes = append(u.notes, e.Where.String()+": "+why) }
	switch {
	case e.Op == change.Remove && apex && e.Type == 0:
		for _, t := range rehearsal.CommonTypes() {
			if t != dns.TypeNS && u.exists(e.Name, t) {
				one := e
				one.Type = t
				u.make(one)
			}
		}
		leave(plans.ApexStays(u.zone))
	case e.Op == change.Remove && apex && (e.Type == dns.TypeSOA || e.Type == dns.TypeNS && len(e.RRs) == 0):
		leave(plans.ApexStays(u.zone))
	case e.Op == change.Add && e.Type == dns.TypeCNAME && u.exists(e.Name, dns.TypeCNAME):
		e.Op = change.Replace
		u.make(e)
	case e.Op == change.Add && e.Type == dns.TypeCNAME && slices.ContainsFunc(rehearsal.CommonTypes(),
		func(t uint16) bool { return u.exists(e.Name, t) }):
		leave(plans.NotBeside(e.Name, "CNAME"))
	case e.Op == change.Add && e.Type != dns.TypeCNAME && u.exists(e.Name, dns.TypeCNAME):
		leave(plans.NotBeside(e.Name, exchange.TypeName(e.Type)))
	default:
		u.make(e)
	}
}
