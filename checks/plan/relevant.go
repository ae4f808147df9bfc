package plan

import (
	"strings"

	"domdoc/catalog/plans"
	"domdoc/checks/dnsname"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"

	"github.com/miekg/dns"
)

// maxNames bounds the names of a change that are all compared with what the zone has: each costs its servers questions.
// Of a larger one, only those are that the domains depend on.
const maxNames = 300

// relevant leaves out of large changes what no diagnosis of today has to do with: it keeps the edits of the names that
// were asked about, of the names above these, of the wildcards that may answer for them, of the names that these edits
// lead to, and of names for which alone one of them exists. It returns how many names were left out, and a note for
// each change of which some were.
func relevant(changes []rehearsal.Change, today []*result.Domain) (out []rehearsal.Change, left int,
	notes []string,
) {
	for _, c := range changes {
		all := map[string]bool{}
		byName := map[string][]change.Edit{}
		for _, e := range c.Edits {
			all[e.Name] = true
			byName[e.Name] = append(byName[e.Name], e)
		}
		if len(all) > maxNames {
			near := nearby(c, byName, today)
			for _, n := range below(c, near) {
				near[n] = true
			}
			kept := map[string]bool{}
			var edits []change.Edit
			for _, e := range c.Edits {
				if near[e.Name] {
					kept[e.Name] = true
					edits = append(edits, e)
				}
			}
			c.Edits = edits
			if n := len(all) - len(kept); n > 0 {
				left += n
				notes = append(notes, plans.LeftOut(n, c.Zone))
			}
		}
		out = append(out, c)
	}
	return out, left, notes
}

// nearby returns the names of the zone on which the diagnoses of today depend, or will after the change.
func nearby(c rehearsal.Change, edits map[string][]change.Edit, today []*result.Domain) map[string]bool {
	near := map[string]bool{}
	var todo []string
	add := func(name string) {
		if !exchange.InZone(name, c.Zone) {
			return
		}
		for up := name; up != "" && exchange.InZone(up, c.Zone); up = dnsname.Parent(up) {
			for _, n := range []string{up, "*." + up} {
				if !near[n] {
					near[n] = true
					todo = append(todo, n)
				}
			}
		}
	}
	add(c.Zone)
	for _, d := range today {
		add(d.Name.ASCII)
		for _, r := range d.Facts.Records {
			add(r.Name)
		}
		for _, x := range d.Ledger {
			asked, _, _ := strings.Cut(x.Asked, " ")
			add(exchange.Bare(asked))
		}
	}
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		for _, e := range edits[name] {
			if e.Alias != "" {
				add(e.Alias)
			}
			for _, rr := range e.RRs {
				add(exchange.Bare(targetOf(rr)))
			}
		}
	}
	return near
}

// below returns names of edits for which names exist that have no records of their own, so that no wildcard above
// answers for them and for what is below (RFC 4592 2.2.2): for each name that is near, the first name below that the
// change adds to and the first that it removes from, which is as much as its existence depends on.
func below(c rehearsal.Change, near map[string]bool) []string {
	type key struct {
		name    string
		removes bool
	}
	found := map[key]bool{}
	var out []string
	for _, e := range c.Edits {
		up := e.Name
		for up != c.Zone && up != "" && !near[up] {
			up = dnsname.Parent(up)
		}
		k := key{up, e.Removes()}
		if up == c.Zone || up == "" || up == e.Name || e.Op == change.TTL || found[k] {
			continue
		}
		found[k] = true
		out = append(out, e.Name)
	}
	return out
}

// targetOf returns the name that a record leads to; empty if there is none.
func targetOf(rr dns.RR) string {
	switch rr := rr.(type) {
	case *dns.CNAME:
		return rr.Target
	case *dns.DNAME:
		return rr.Target
	case *dns.NS:
		return rr.Ns
	case *dns.MX:
		return rr.Mx
	case *dns.SRV:
		return rr.Target
	case *dns.HTTPS:
		return rr.Target
	}
	return ""
}
