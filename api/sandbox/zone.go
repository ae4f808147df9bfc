package sandbox

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// zone is a zone's data as one set of authoritative servers has it.
type zone struct {
	name  string // with its final dot, lower case
	nodes map[string]map[uint16][]dns.RR
	ents  map[string]bool // empty non-terminals
	soa   *dns.SOA
	cuts  map[string]bool // names below the apex that are delegated
}

// parseZone reads a zone in the master file format (RFC 1035 5). What is missing of SOA and NS is filled in: a story should tell what is special.
func parseZone(name, text string, hosts []string) (*zone, error) {
	z := &zone{name: dns.CanonicalName(name), nodes: map[string]map[uint16][]dns.RR{}, ents: map[string]bool{}, cuts: map[string]bool{}}
	p := dns.NewZoneParser(strings.NewReader("$TTL 300\n"+text), z.name, "")
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		if !dns.IsSubDomain(z.name, dns.CanonicalName(rr.Header().Name)) {
			return nil, fmt.Errorf("zone %s: %s is not in it", name, rr.Header().Name)
		}
		z.add(rr)
	}
	if err := p.Err(); err != nil {
		return nil, fmt.Errorf("zone %s: %w", name, err)
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
			z.add(&dns.NS{Hdr: dns.RR_Header{Name: z.name, Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 3600}, Ns: dns.Fqdn(h)})
		}
	}
	z.soa, _ = z.node(z.name, dns.TypeSOA)[0].(*dns.SOA)
	return z, nil
}

func (z *zone) add(rr dns.RR) {
	owner := dns.CanonicalName(rr.Header().Name)
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

func (z *zone) node(owner string, rrtype uint16) []dns.RR { return z.nodes[owner][rrtype] }

func parent(name string) string {
	if i := strings.IndexByte(name, '.'); i >= 0 && i+1 < len(name) {
		return name[i+1:]
	}
	return "."
}

// answer fills a reply as an authoritative server would (RFC 1034 4.3.2, RFC 4592, RFC 2308). The question's name is canonical and in the zone.
func (z *zone) answer(m *dns.Msg, name string, rrtype uint16, entDenied bool) {
	m.Authoritative = true
	for range 16 {
		if cut := z.cutAbove(name, rrtype); cut != "" {
			if len(m.Answer) == 0 {
				m.Authoritative = false
			}
			m.Ns = append(m.Ns, z.nodes[cut][dns.TypeNS]...)
			m.Ns = append(m.Ns, z.nodes[cut][dns.TypeDS]...)
			z.glue(m)
			return
		}
		node := z.nodes[name]
		owner := name
		if node == nil && !(z.ents[name] && !entDenied) {
			node = z.wildcard(name)
			if node == nil {
				m.Rcode = dns.RcodeNameError
				m.Ns = append(m.Ns, z.denial())
				return
			}
		}
		if rrs := node[rrtype]; len(rrs) > 0 {
			m.Answer = append(m.Answer, owned(rrs, owner)...)
			return
		}
		cname := node[dns.TypeCNAME]
		if len(cname) == 0 {
			m.Ns = append(m.Ns, z.denial())
			return
		}
		m.Answer = append(m.Answer, owned(cname, owner)...)
		target := dns.CanonicalName(cname[0].(*dns.CNAME).Target)
		if !dns.IsSubDomain(z.name, target) || target == owner {
			return
		}
		name = target
	}
}

// cutAbove finds a delegation at or above a name; the DS of a cut belongs to this side.
func (z *zone) cutAbove(name string, rrtype uint16) string {
	for up := name; len(up) > len(z.name); up = parent(up) {
		if z.cuts[up] && !(up == name && rrtype == dns.TypeDS) {
			return up
		}
	}
	return ""
}

// wildcard finds the wildcard that covers a name: the one at the closest name that exists (RFC 4592 3.3.1).
func (z *zone) wildcard(name string) map[uint16][]dns.RR {
	for up := parent(name); dns.IsSubDomain(z.name, up); up = parent(up) {
		if node := z.nodes["*."+up]; node != nil {
			return node
		}
		if z.nodes[up] != nil || z.ents[up] {
			return nil
		}
	}
	return nil
}

// denial is the SOA of a negative answer, with the TTL that resolvers may remember it for (RFC 2308 3).
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

// owned gives the records of a wildcard the name that was asked for.
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
