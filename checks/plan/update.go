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
	u := &update{ctx: ctx, session: s, zone: zone, has: map[string]map[uint16]bool{}}
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
	has     map[string]map[uint16]bool // what edits have made or removed; what is not there is as it is today
	looked  int
	edits   []change.Edit
	notes   []string
}

// maxLooked bounds how many edits of a file are compared with what the zone has: each costs its servers a question.
const maxLooked = 1000

// exists reports whether a name has records of a type after the edits so far.
func (u *update) exists(name string, rrtype uint16) bool {
	if is, made := u.has[name][rrtype]; made {
		return is
	}
	if u.looked++; u.looked > maxLooked {
		if u.looked == maxLooked+1 {
			u.notes = append(u.notes, plans.NotAllCompared(maxLooked))
		}
		return false
	}
	return u.session.Lookup(u.ctx, name, rrtype).Exists()
}

// make adds an edit.
func (u *update) make(e change.Edit) {
	u.edits = append(u.edits, e)
	if u.has[e.Name] == nil {
		u.has[e.Name] = map[uint16]bool{}
	}
	switch {
	case e.Op == change.Add, e.Op == change.Replace:
		u.has[e.Name][e.Type] = true
	case e.Op == change.Remove && e.Type == 0:
		for _, t := range rehearsal.CommonTypes() {
			u.has[e.Name][t] = false
		}
	case e.Op == change.Remove && len(e.RRs) == 0:
		u.has[e.Name][e.Type] = false
	case e.Op == change.Remove:
		x := u.session.Lookup(u.ctx, e.Name, e.Type).First()
		if x != nil && len(x.Records(e.Name, e.Type)) == 1 && dns.IsDuplicate(x.Records(e.Name, e.Type)[0], e.RRs[0]) {
			u.has[e.Name][e.Type] = false
		}
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
