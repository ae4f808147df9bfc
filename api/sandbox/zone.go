package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// zone is the data of a zone on one set of authoritative servers.
type zone struct {
	name  string // with the trailing dot, in lower case
	nodes map[string]map[uint16][]dns.RR
	ents  map[string]bool // empty non-terminals
	soa   *dns.SOA
	cuts  map[string]bool // names below the apex that are delegated
}

// zoneLimit limits the records of a zone: one line $GENERATE can make 65,536.
const zoneLimit = 1000

func newZone(name string) *zone {
	return &zone{
		name: dns.CanonicalName(name), nodes: map[string]map[uint16][]dns.RR{}, ents: map[string]bool{},
		cuts: map[string]bool{},
	}
}

// parseZone parses a zone file (RFC 1035 5). A missing SOA or NS record is added, so that a story contains only what
// matters to it.
func parseZone(name, text string, hosts []string) (*zone, error) {
	z := newZone(name)
	rrs, err := records(z.name, text)
	if err != nil {
		return nil, err
	}
	for _, rr := range rrs {
		z.add(rr)
	}
	if z.node(z.name, dns.TypeSOA) == nil {
		mname := "ns1.hoster.example."
		if len(hosts) > 0 {
			mname = dns.Fqdn(hosts[0])
		}
		z.add(&dns.SOA{
			Hdr: dns.RR_Header{Name: z.name, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 3600},
			Ns:  mname, Mbox: "hostmaster." + z.name, Serial: 7, Refresh: 7200, Retry: 3600, Expire: 1209600, Minttl: 300,
		})
	}
	if z.node(z.name, dns.TypeNS) == nil {
		for _, h := range hosts {
			z.add(&dns.NS{
				Hdr: dns.RR_Header{Name: z.name, Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 3600},
				Ns:  dns.Fqdn(h),
			})
		}
	}
	var ok bool
	if z.soa, ok = z.node(z.name, dns.TypeSOA)[0].(*dns.SOA); !ok {
		return nil, fmt.Errorf("zone %s: invalid SOA record", name)
	}
	return z, nil
}

// records parses the records of a zone file.
func records(zone, text string) ([]dns.RR, error) {
	var out []dns.RR
	p := dns.NewZoneParser(strings.NewReader("$TTL 300\n"+text), zone, "")
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		h := rr.Header()
		switch {
		case !dns.IsSubDomain(zone, dns.CanonicalName(h.Name)):
			return nil, fmt.Errorf("zone %s: %s is outside of the zone", zone, h.Name)
		case h.Class != dns.ClassINET:
			return nil, fmt.Errorf("zone %s: %s has class %s; only IN is supported", zone, h.Name, dns.Class(h.Class))
		case len(out) == zoneLimit:
			return nil, fmt.Errorf("zone %s: more than %d records", zone, zoneLimit)
		}
		out = append(out, rr)
	}
	if err := p.Err(); err != nil {
		return nil, fmt.Errorf("zone %s: %w", zone, err)
	}
	return out, nil
}

// add adds a record to the zone, unless it is there already (RFC 2181 5).
func (z *zone) add(rr dns.RR) {
	owner := dns.CanonicalName(rr.Header().Name)
	if slices.ContainsFunc(z.node(owner, rr.Header().Rrtype), func(known dns.RR) bool {
		return dns.IsDuplicate(known, rr)
	}) {
		return
	}
	if z.nodes[owner] == nil {
		z.nodes[owner] = map[uint16][]dns.RR{}
	}
	z.nodes[owner][rr.Header().Rrtype] = append(z.nodes[owner][rr.Header().Rrtype], rr)
	if rr.Header().Rrtype == dns.TypeNS && owner != z.name {
		z.cuts[owner] = true
	}
	for up := parent(owner); len(up) > len(z.name); up = parent(up) {
		z.ents[up] = true
	}
}

// dname returns the DNAME above a name and its owner; nil if there is none.
func (z *zone) dname(name string) (from string, alias *dns.DNAME) {
	for up := parent(name); len(up) >= len(z.name) && inZone(z.name, up); up = parent(up) {
		if rrs := z.nodes[up][dns.TypeDNAME]; len(rrs) > 0 {
			alias, _ := rrs[0].(*dns.DNAME)
			return up, alias
		}
		if up == "." {
			break
		}
	}
	return "", nil
}

func (z *zone) node(owner string, rrtype uint16) []dns.RR { return z.nodes[owner][rrtype] }

func parent(name string) string {
	if i := strings.IndexByte(name, '.'); i >= 0 && i+1 < len(name) {
		return name[i+1:]
	}
	return "."
}

// inZone reports whether a name is a zone's or below it. Both are canonical.
func inZone(zone, name string) bool {
	if zone == "." || zone == name {
		return true
	}
	at := len(name) - len(zone)
	if at < 2 || name[at-1] != '.' || name[at:] != zone {
		return false
	}
	escaped := false // that dot is part of a label
	for i := at - 2; i >= 0 && name[i] == '\\'; i-- {
		escaped = !escaped
	}
	return !escaped
}

// maxChain limits the CNAMEs that one response follows, as real servers do.
const maxChain = 16

// answer fills in the response of an authoritative server (RFC 1034 4.3.2, RFC 4592, RFC 2308). The name of the
// question is canonical and in the zone.
func (z *zone) answer(m *dns.Msg, name string, rrtype uint16, entDenied bool) {
	m.Authoritative = true
	been := map[string]bool{} // in a loop, each record is returned once
	for !been[name] && len(been) < maxChain {
		been[name] = true
		if cut := z.cutAbove(name, rrtype); cut != "" {
			if len(m.Answer) == 0 {
				m.Authoritative = false
			}
			m.Ns = append(m.Ns, z.nodes[cut][dns.TypeNS]...)
			m.Ns = append(m.Ns, z.nodes[cut][dns.TypeDS]...)
			z.glue(m)
			return
		}
		if from, alias := z.dname(name); alias != nil { // RFC 6672 3.2
			target := strings.TrimSuffix(name, from) + dns.CanonicalName(alias.Target)
			m.Answer = append(m.Answer, alias, &dns.CNAME{Hdr: dns.RR_Header{
				Name: name, Rrtype: dns.TypeCNAME,
				Class: dns.ClassINET, Ttl: alias.Hdr.Ttl,
			}, Target: target})
			if rrtype == dns.TypeCNAME || !inZone(z.name, target) {
				return
			}
			name = target
			continue
		}
		node := z.nodes[name]
		if node == nil && !(z.ents[name] && !entDenied) {
			var ok bool
			if node, ok = z.wildcard(name); !ok {
				m.Rcode = dns.RcodeNameError
				m.Ns = append(m.Ns, z.denial())
				return
			}
		}
		if rrs := node[rrtype]; len(rrs) > 0 {
			m.Answer = append(m.Answer, owned(rrs, name)...)
			return
		}
		cname := node[dns.TypeCNAME]
		if len(cname) == 0 {
			m.Ns = append(m.Ns, z.denial())
			return
		}
		m.Answer = append(m.Answer, owned(cname, name)...)
		alias, ok := cname[0].(*dns.CNAME)
		if !ok || !inZone(z.name, dns.CanonicalName(alias.Target)) {
			return
		}
		name = dns.CanonicalName(alias.Target)
	}
}

// cutAbove returns the delegation at or above a name. The DS record at a cut belongs to the parent zone.
func (z *zone) cutAbove(name string, rrtype uint16) string {
	for up := name; len(up) > len(z.name); up = parent(up) {
		if z.cuts[up] && !(up == name && rrtype == dns.TypeDS) {
			return up
		}
	}
	return ""
}

// wildcard returns the wildcard at the closest encloser of a name that does not exist (RFC 4592 3.3.1). A wildcard
// that exists only because of a name below it has no records (RFC 4592 2.2.3).
func (z *zone) wildcard(name string) (map[uint16][]dns.RR, bool) {
	for up := parent(name); inZone(z.name, up); up = parent(up) {
		if node := z.nodes["*."+up]; node != nil || z.ents["*."+up] {
			return node, true
		}
		if z.nodes[up] != nil || z.ents[up] {
			return nil, false
		}
	}
	return nil, false
}

// denial returns the SOA record of a negative response, with the TTL for which it may be cached (RFC 2308 3).
func (z *zone) denial() dns.RR {
	soa := dns.Copy(z.soa).(*dns.SOA)
	soa.Hdr.Ttl = min(z.soa.Hdr.Ttl, z.soa.Minttl)
	return soa
}

func (z *zone) glue(m *dns.Msg) {
	for _, rr := range m.Ns {
		if ns, ok := rr.(*dns.NS); ok {
			host := dns.CanonicalName(ns.Ns)
			m.Extra = append(m.Extra, z.nodes[host][dns.TypeA]...)
			m.Extra = append(m.Extra, z.nodes[host][dns.TypeAAAA]...)
		}
	}
}

// owned returns the records of a wildcard with the queried name as owner.
func owned(rrs []dns.RR, owner string) []dns.RR {
	if dns.CanonicalName(rrs[0].Header().Name) == owner {
		return rrs
	}
	out := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		out[i] = dns.Copy(rr)
		out[i].Header().Name = owner
	}
	return out
}
