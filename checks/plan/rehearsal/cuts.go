package rehearsal

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"domdoc/checks/dnsname"
	"domdoc/checks/plan/change"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// obstacle is what takes names out of the zone: the delegation of a zone below (RFC 1034 4.2.1), or a DNAME
// (RFC 6672 2.4).
type obstacle struct {
	name string
	// zone is that of a delegation; nil for a DNAME, and for a zone below on the same servers.
	zone *probe.Zone
	// shared means a zone below that the same servers have, so that they never refer to it.
	shared bool
}

// glues reports whether records are the addresses with which the delegation comes (RFC 9471).
func (o obstacle) glues(name string, rrtype uint16) bool {
	return o.zone != nil && (rrtype == dns.TypeA || rrtype == dns.TypeAAAA) && exchange.InZone(name, o.name) &&
		slices.Contains(o.zone.Hosts(), name)
}

// over returns the uppermost obstacle of today at or above a name; without a name if there is none. A DNAME does not
// hide its own owner.
func over(ctx context.Context, s *probe.Session, zone, name string) obstacle {
	v := s.Lookup(ctx, name, dns.TypeSOA)
	var out obstacle
	for _, z := range v.Zones {
		if z.Name != zone && exchange.InZone(z.Name, zone) {
			out = obstacle{name: z.Name, zone: z}
			break
		}
	}
	if apex := v.Apex(); out.name == "" && v.Zone != nil && apex != zone && exchange.InZone(apex, zone) {
		out = obstacle{name: apex, shared: true}
	}
	for up := dnsname.Parent(name); up != "" && exchange.InZone(up, zone); up = dnsname.Parent(up) {
		if (out.name == "" || out.name != up && exchange.InZone(out.name, up)) &&
			s.Lookup(ctx, up, dns.TypeDNAME).Exists() {
			out = obstacle{name: up}
		}
	}
	return out
}

// Hides returns the name at which a delegation or a DNAME of today takes a name out of the zone: records there are
// not visible. It is empty for a visible name. A delegation hides its own name, too, but for its NS and DS records.
func Hides(ctx context.Context, s *probe.Session, zone, name string) string {
	return over(ctx, s, zone, name).name
}

// delegates reports whether an edit may change a delegation at its name.
func delegates(e change.Edit) bool {
	return e.Type == dns.TypeNS || e.Type == dns.TypeDS || e.Type == 0
}

// touched reports whether the change may remove an obstacle.
func (t *Transport) touched(o obstacle) bool {
	return t.change.Whole || slices.ContainsFunc(t.change.Edits, func(e change.Edit) bool {
		return e.Name == o.name && (e.Type == 0 || o.zone != nil && e.Type == dns.TypeNS ||
			o.zone == nil && e.Type == dns.TypeDNAME)
	})
}

// hidden reports whether the zone's own records at a name are not visible today.
func (t *Transport) hidden(ctx context.Context, name string) bool {
	return t.shaped && Hides(ctx, t.now, t.change.Zone, name) != ""
}

// cut is a delegation after the change.
type cut struct {
	name         string
	ns, ds, glue []dns.RR
	changed      bool // it is another one than today's
}

// cutOf returns the uppermost delegation at or above a name after the change; nil if there is none. Of a name with a
// question for DS records, the delegation at the name itself does not count (RFC 4035 3.1.4.1).
func (a *asker) cutOf(name string, rrtype uint16) *cut {
	if !a.t.shaped {
		return nil
	}
	today := over(a.ctx, a.t.now, a.t.change.Zone, name)
	for _, up := range a.t.downTo(name) {
		if up == a.t.change.Zone || up == name && rrtype == dns.TypeDS {
			continue
		}
		c := &cut{name: up}
		var z *probe.Zone
		if today.name == up {
			z = today.zone
		}
		edits := a.t.edits[up]
		c.changed = slices.ContainsFunc(edits, delegates)
		if today.shared && today.name == up {
			return c
		}
		if z == nil && !c.changed {
			continue
		}
		c.ns = edited(a.t.kept(nsOf(z)), edits, dns.TypeNS)
		if len(c.ns) == 0 {
			continue
		}
		if c.changed {
			c.ds = edited(a.t.kept(a.t.dsAt(a.ctx, up)), edits, dns.TypeDS)
		}
		c.changed = a.addGlue(c, z) || c.changed
		return c
	}
	return nil
}

// downTo returns the names from the zone's apex down to a name.
func (t *Transport) downTo(name string) []string {
	var out []string
	for up := name; up != "" && exchange.InZone(up, t.change.Zone); up = dnsname.Parent(up) {
		out = append(out, up)
	}
	slices.Reverse(out)
	return out
}

// kept returns records of today that the edits apply to: none if the edits are all that the zone has.
func (t *Transport) kept(set []dns.RR) []dns.RR {
	if t.change.Whole {
		return nil
	}
	return set
}

// nsOf returns the NS records that delegate a zone.
func nsOf(z *probe.Zone) []dns.RR {
	if z == nil || z.Referral == nil || z.Referral.Msg == nil {
		return nil
	}
	var out []dns.RR
	for _, rr := range append(slices.Clone(z.Referral.Msg.Ns), z.Referral.Msg.Answer...) {
		if h := rr.Header(); h.Rrtype == dns.TypeNS && exchange.SameName(h.Name, z.Name) {
			out = append(out, rr)
		}
	}
	return out
}

// glueOf returns the addresses of a name server with which a delegation comes.
func glueOf(z *probe.Zone, host string, rrtype uint16) []dns.RR {
	if z == nil || z.Referral == nil || z.Referral.Msg == nil {
		return nil
	}
	var out []dns.RR
	for _, rr := range z.Referral.Msg.Extra {
		if h := rr.Header(); h.Rrtype == rrtype && exchange.SameName(h.Name, host) {
			out = append(out, rr)
		}
	}
	return out
}

// addGlue adds the addresses of the name servers below the delegation, and reports whether they change.
func (a *asker) addGlue(c *cut, today *probe.Zone) (changed bool) {
	for _, rr := range c.ns {
		ns, ok := rr.(*dns.NS)
		if !ok || !exchange.InZone(exchange.Bare(ns.Ns), c.name) {
			continue
		}
		host := exchange.Bare(ns.Ns)
		for _, t := range []uint16{dns.TypeA, dns.TypeAAAA} {
			set := glueOf(today, host, t)
			after := edited(a.t.kept(set), a.t.edits[host], t)
			changed = changed || !sameData(set, after)
			c.glue = append(c.glue, after...)
		}
	}
	return changed
}

// edited returns an RRset after edits of its name.
func edited(set []dns.RR, edits []change.Edit, rrtype uint16) []dns.RR {
	for _, e := range edits {
		if e.Type == rrtype || e.Type == 0 {
			set = apply(set, e)
		}
	}
	return set
}

// dsAt returns the DS records of today for a name, which the zone above it has.
func (t *Transport) dsAt(ctx context.Context, name string) []dns.RR {
	z, _ := placeOf(ctx, t.now, t.change.Zone)
	if z == nil {
		return nil
	}
	x, _ := t.now.AskZone(ctx, z, name, dns.TypeDS)
	return x.Records(name, dns.TypeDS)
}

// ofZone reports whether an answer of today for a name, by the server asked, is that of the changed zone, rather than
// of a zone below it or of one above.
func (a *asker) ofZone(name string, rrtype uint16, m *dns.Msg) bool {
	today := over(a.ctx, a.t.now, a.t.change.Zone, name)
	if today.shared {
		return false
	}
	if exchange.Classify(m, name, rrtype) == exchange.Referral {
		return today.zone != nil && slices.ContainsFunc(m.Ns, func(rr dns.RR) bool {
			return rr.Header().Rrtype == dns.TypeNS && exchange.SameName(rr.Header().Name, today.name)
		})
	}
	switch {
	case !m.Authoritative:
		return false
	case rrtype == dns.TypeDS && name == today.name && today.zone != nil: // the zone below denies it
		return !denies(m, name)
	case today.zone != nil:
		return false
	}
	c := a.cutOf(name, rrtype)
	return c == nil || !a.hasZone(a.to, c.name)
}

// hasZone reports whether a server has a zone already.
func (a *asker) hasZone(srv exchange.Server, zone string) bool {
	x := a.t.now.Ask(a.ctx, srv, zone, dns.TypeSOA)
	return x.AA() && len(x.Records(zone, dns.TypeSOA)) > 0
}

// refer is the answer of a server of the zone for what it delegates.
func (c *cut) refer(m *dns.Msg) *dns.Msg {
	m = empty(m)
	m.Authoritative = false
	m.Ns, m.Extra = slices.Clone(c.ns), append(m.Extra, c.glue...)
	return m
}

// below is what the servers of a delegation answer; nil if none of them does. Where they refer to zones further below,
// it is what those answer.
func (a *asker) below(c *cut, name string, rrtype uint16) *dns.Msg {
	ns, glue := c.ns, c.glue
	above := c.name
	for range maxDepth {
		var next *dns.Msg
		for _, srv := range a.serversOf(ns, glue, above) {
			ask := a.t.now.Ask
			if a.do {
				ask = a.t.now.AskSecure
			}
			x := ask(a.ctx, srv, name, rrtype)
			if x.Outcome == exchange.Referral {
				next = x.Msg
				break
			}
			if x.AA() && x.Outcome.Conclusive() {
				return x.Msg.Copy()
			}
		}
		if next == nil {
			return nil
		}
		ns = nil
		for _, rr := range next.Ns {
			if h := rr.Header(); h.Rrtype == dns.TypeNS && exchange.Bare(h.Name) != above &&
				exchange.InZone(name, exchange.Bare(h.Name)) && exchange.InZone(exchange.Bare(h.Name), above) {
				ns = append(ns, rr)
			}
		}
		if len(ns) == 0 {
			return nil
		}
		glue, above = next.Extra, exchange.Bare(ns[0].Header().Name)
	}
	return nil
}

// maxDepth bounds zones below zones.
const maxDepth = 8

// serversOf returns the servers of a delegation. Those below it have the addresses that come with it only.
func (a *asker) serversOf(ns, glue []dns.RR, zone string) []exchange.Server {
	var out []exchange.Server
	add := func(host string, addr netip.Addr) {
		out = append(out, exchange.Server{Host: host, Addr: netip.AddrPortFrom(addr.Unmap(), 53), Zone: zone})
	}
	for _, rr := range ns {
		r, ok := rr.(*dns.NS)
		if !ok {
			continue
		}
		host, glued := exchange.Bare(r.Ns), false
		for _, rr := range glue {
			if addr := addressOf(rr); addr.IsValid() && exchange.SameName(rr.Header().Name, host) {
				add(host, addr)
				glued = true
			}
		}
		if glued || exchange.InZone(host, zone) {
			continue
		}
		if len(a.t.edits[host]) > 0 {
			for _, t := range []uint16{dns.TypeA, dns.TypeAAAA} {
				for _, rr := range a.aliased(host, t, host) {
					add(host, addressOf(rr))
				}
			}
			continue
		}
		for _, addr := range a.t.now.NameServer(a.ctx, host).Addrs {
			add(host, addr)
		}
	}
	return a.t.now.Askable(out)
}

func addressOf(rr dns.RR) netip.Addr {
	var ip []byte
	switch rr := rr.(type) {
	case *dns.A:
		ip = rr.A.To4()
	case *dns.AAAA:
		ip = rr.AAAA.To16()
	}
	addr, _ := netip.AddrFromSlice(ip)
	return addr
}

// bogus reports whether a validating resolver rejects what is at a name (RFC 4035 5.5), because of DS records that the
// change leaves or makes: c is the delegation that the name is in, nil for the zone itself.
func (a *asker) bogus(c *cut) bool {
	if a.q.CheckingDisabled || !a.t.bogus && (c == nil || a.t.keys == nil || len(c.ds) == 0) || !a.validates() {
		return false
	}
	if a.t.bogus {
		return true
	}
	x := a.below(c, c.name, dns.TypeDNSKEY)
	return x == nil || !matches(dsRecords(c.ds), keysOf(x.Answer))
}

// renamedBy answers by the DNAME above a name that the change makes; nil if there is none.
func (a *asker) renamedBy(name string, rrtype uint16) (*step, error) {
	if !a.t.shaped {
		return nil, nil
	}
	for _, up := range a.t.downTo(name) {
		if up == name || len(a.t.edits[up]) == 0 {
			continue
		}
		set, err := a.after(up, dns.TypeDNAME)
		if err != nil {
			return nil, err
		}
		if len(set) == 0 {
			continue
		}
		target := strings.TrimSuffix(name, up) + exchange.Bare(set[0].(*dns.DNAME).Target)
		out := &step{answer: a.signed(set)}
		if _, ok := dns.IsDomainName(target); !ok {
			out.rcode = dns.RcodeYXDomain // RFC 6672 2.2
			return out, nil
		}
		out.answer = append(out.answer, &dns.CNAME{Hdr: dns.RR_Header{
			Name: dns.Fqdn(name), Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: set[0].Header().Ttl,
		}, Target: dns.Fqdn(target)})
		if rrtype != dns.TypeCNAME {
			out.next = target
		}
		return out, nil
	}
	return nil, nil
}

// stepBelow answers for one name, which may be in a zone below. It returns nil where no server answers, and where
// resolvers reject what servers answer.
func (a *asker) stepBelow(name string, rrtype uint16) (*step, error) {
	c := a.cutOf(name, rrtype)
	switch {
	case a.recursive && a.bogus(c):
		return nil, nil
	case c == nil:
		out, err := a.renamedBy(name, rrtype)
		if out != nil || err != nil {
			return out, err
		}
		return a.step(name, rrtype)
	case !c.changed:
		return a.unchanged(name, rrtype)
	case !a.recursive: // the chain of CNAMEs leaves the zone
		return &step{}, nil
	}
	m := a.below(c, name, rrtype)
	if m == nil {
		return nil, nil
	}
	return stepOf(m, name, rrtype), nil
}
