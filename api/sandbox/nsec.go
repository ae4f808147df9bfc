package sandbox

import (
	"slices"

	"github.com/miekg/dns"
)

// proof returns the NSEC records that prove a denial (RFC 4035 3.1.3); with wrong, one that proves nothing of it, as
// servers send them for records that were added without signing the zone again.
func (z *zone) proof(m *dns.Msg, name string, rrtype uint16, wrong bool) []dns.RR {
	name, denied := denies(m, name, rrtype)
	if !denied || !inZone(z.name, name) {
		return nil
	}
	names := []string{z.name}
	for n := range z.nodes {
		if n != z.name && (z.cutAbove(n, 0) == "" || z.cuts[n]) {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, compareNames)
	if wrong {
		for i := range names {
			rr := z.nsec(names, i)
			if m := (&dns.Msg{Ns: []dns.RR{z.soa, rr}}); !proven(m, z.name, name, rrtype) && names[i] != name {
				return []dns.RR{rr}
			}
		}
		return nil
	}
	var out []dns.RR
	add := func(n string) {
		i, found := slices.BinarySearchFunc(names, n, compareNames)
		if !found {
			i--
		}
		rr := z.nsec(names, max(i, 0))
		if !slices.ContainsFunc(out, func(o dns.RR) bool { return o.Header().Name == rr.Hdr.Name }) {
			out = append(out, rr)
		}
	}
	add(name)
	for up := parent(name); len(up) >= len(z.name) && inZone(z.name, up); up = parent(up) {
		if z.nodes[up] != nil || z.ents[up] { // the closest encloser
			if z.nodes[name] == nil && !z.ents[name] {
				add("*." + up)
			}
			break
		}
	}
	return out
}

func (z *zone) nsec(names []string, i int) *dns.NSEC {
	types := []uint16{dns.TypeRRSIG, dns.TypeNSEC}
	for t := range z.nodes[names[i]] {
		types = append(types, t)
	}
	if names[i] == z.name {
		types = append(types, dns.TypeDNSKEY)
	}
	slices.Sort(types)
	return &dns.NSEC{
		Hdr:        dns.RR_Header{Name: names[i], Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: z.soa.Minttl},
		NextDomain: names[(i+1)%len(names)], TypeBitMap: slices.Compact(types),
	}
}

// denies returns the name that a response denies, behind its CNAMEs, or of which it denies the type.
func denies(m *dns.Msg, name string, rrtype uint16) (string, bool) {
	for range maxChain {
		next := ""
		for _, rr := range m.Answer {
			switch {
			case dns.CanonicalName(rr.Header().Name) != name:
			case rr.Header().Rrtype == rrtype:
				return name, false
			case rr.Header().Rrtype == dns.TypeCNAME:
				next = dns.CanonicalName(rr.(*dns.CNAME).Target)
			}
		}
		if next == "" {
			return name, true
		}
		name = next
	}
	return name, false
}

// proven reports whether a denial has the proof that a validator requires.
func proven(m *dns.Msg, zoneName, name string, rrtype uint16) bool {
	name, denied := denies(m, name, rrtype)
	if !denied || !inZone(zoneName, name) || !slices.ContainsFunc(m.Ns, func(rr dns.RR) bool {
		return rr.Header().Rrtype == dns.TypeSOA
	}) {
		return true
	}
	for _, rr := range m.Ns {
		n, ok := rr.(*dns.NSEC)
		if !ok {
			continue
		}
		owner, next := dns.CanonicalName(n.Hdr.Name), dns.CanonicalName(n.NextDomain)
		covers := compareNames(owner, name) < 0 && (compareNames(name, next) < 0 || next == zoneName)
		switch {
		case owner == name && m.Rcode == dns.RcodeSuccess && !slices.Contains(n.TypeBitMap, rrtype):
			return true
		case covers:
			return true
		}
	}
	return false
}

// compareNames compares names in canonical order (RFC 4034 6.1).
func compareNames(a, b string) int {
	x, y := dns.SplitDomainName(a), dns.SplitDomainName(b)
	slices.Reverse(x)
	slices.Reverse(y)
	return slices.Compare(x, y)
}
