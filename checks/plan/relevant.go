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
// were asked about, of the names above these, of the wildcards that may answer for them, and of the names that these
// edits lead to. It returns a note for each change of which edits were left out.
func relevant(changes []rehearsal.Change, today []*result.Domain) (out []rehearsal.Change, notes []string) {
	for _, c := range changes {
		all := map[string]bool{}
		byName := map[string][]change.Edit{}
		for _, e := range c.Edits {
			all[e.Name] = true
			byName[e.Name] = append(byName[e.Name], e)
		}
		if len(all) > maxNames {
			near := nearby(c, byName, today)
			kept := map[string]bool{}
			var edits []change.Edit
			for _, e := range c.Edits {
				if near[e.Name] {
					kept[e.Name] = true
					edits = append(edits, e)
				}
			}
			c.Edits = edits
			notes = append(notes, plans.LeftOut(len(all)-len(kept), c.Zone))
		}
		out = append(out, c)
	}
	return out, notes
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
