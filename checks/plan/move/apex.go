package move

import (
	"net/netip"
	"slices"
	"time"

	"domdoc/catalog/moving"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// below compares the DS records and the glue of the zones below that both sets delegate.
func (c *comparison) below(got []*both) {
	done := map[string]bool{}
	for _, b := range got {
		if len(b.old) == 0 || len(b.new) == 0 || b.old[0].cut == "" || b.new[0].cut != b.old[0].cut ||
			done[b.old[0].cut] {
			continue
		}
		done[b.old[0].cut] = true
		q := question{b.old[0].cut, dns.TypeDS}
		c.compare(q, c.both(q), true)
		c.glueBelow(b.old[0].cut, b)
	}
}

// conflicts finds CNAMEs beside other records, which the old servers do not have there.
func (c *comparison) conflicts(list []question) {
	done := map[string]bool{}
	for _, q := range list {
		if done[q.name] {
			continue
		}
		done[q.name] = true
		apex := q.name == c.req.Zone
		alias, types := c.beside(q.name, list, func(b *both) []answer { return b.new })
		if alias == nil || len(types) == 0 && !apex {
			continue
		}
		if was, before := c.beside(q.name, list, func(b *both) []answer { return b.old }); was != nil &&
			(len(before) > 0 || apex) {
			continue
		}
		d := c.difference(question{q.name, dns.TypeCNAME}, moving.Conflict, answer{}, *alias)
		d.Evidence = []*exchange.Exchange{alias.x}
		d.Matters, d.Breaks, d.Why = true, breaks(q.name, c.req.Zone, dns.TypeCNAME, nil), moving.Beside(types)
		if apex {
			d.Why = moving.AtApex(alias.alias)
		}
		c.out.Differences = append(c.out.Differences, d)
	}
}

// beside returns the alias that one server of a set has at a name, and the types of the records that it has beside
// it.
func (c *comparison) beside(name string, list []question, set func(*both) []answer) (alias *answer, types []string) {
	aliases, others := map[netip.AddrPort]*answer{}, map[netip.AddrPort][]string{}
	var order []netip.AddrPort
	for _, q := range list {
		b := c.answers[q]
		if q.name != name || b == nil {
			continue
		}
		for _, a := range set(b) {
			switch {
			case a.alias != "" && a.x.DNAME(name) == "" && aliases[a.x.Addr] == nil:
				aliases[a.x.Addr] = &a
				order = append(order, a.x.Addr)
			case a.alias == "" && a.cut == "" && len(a.values) > 0:
				others[a.x.Addr] = append(others[a.x.Addr], exchange.TypeName(q.rrtype))
			}
		}
	}
	for _, addr := range order {
		if alias == nil || len(others[addr]) > len(types) {
			alias, types = aliases[addr], others[addr]
		}
	}
	return alias, tidy(types)
}

// compareServers looks at the NS records at the apex, which each host has of its own: those of the new zone must name
// the planned servers.
func (c *comparison) compareServers() {
	q := question{c.req.Zone, dns.TypeNS}
	b := c.both(q)
	for _, o := range b.old {
		c.out.TTLs.ChildNS = max(c.out.TTLs.ChildNS, seconds(o.ttl))
		c.out.TTLs.OldNegative = max(c.out.TTLs.OldNegative, c.negative(o))
	}
	for _, n := range b.new {
		c.out.TTLs.Negative = max(c.out.TTLs.Negative, c.negative(n))
		stray := without(n.values, c.out.Hosts)
		if len(stray) == 0 && len(n.values) > 0 || n.alias != "" { // an alias excludes them: see conflicts
			continue
		}
		o := answer{x: n.x}
		if len(b.old) > 0 {
			o = b.old[0]
		}
		d := c.difference(q, moving.Other, o, n)
		same := slices.ContainsFunc(b.old, func(o answer) bool { return o.key() == n.key() })
		d.Why = moving.OldServers(stray)
		// a host may list more of its own servers; those of the old host keep resolvers there
		d.Matters = len(n.values) == 0 || slices.ContainsFunc(stray, func(h string) bool {
			return slices.Contains(c.zone.Hosts(), h)
		})
		if d.Matters {
			d.Breaks = moving.Delegation
		}
		if len(n.values) == 0 {
			d.Kind, d.Why = moving.Missing, ""
		}
		if same && (len(n.values) == 0 || !d.Matters) {
			continue // it is like this today
		}
		c.add(d)
	}
}

// negative returns how long the absence of a record is cached according to the server of an answer; 0 if it does not
// say.
func (c *comparison) negative(a answer) time.Duration {
	srv := exchange.Server{Host: a.x.Host, Addr: a.x.Addr, Zone: c.req.Zone}
	x := c.s.Ask(c.ctx, srv, c.req.Zone, dns.TypeNULL) // a type that no name has
	if ttl, ok := x.NegativeTTL(); ok {
		return seconds(ttl)
	}
	return 0
}
