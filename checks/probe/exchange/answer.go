package exchange

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

var (
	ErrUnreadable = errors.New("the answer cannot be read")
	errCut        = errors.New("it ends before the records that it counts")
	errForeign    = errors.New("the answer has records of another class than IN")
	errNoData     = errors.New("the answer has a record without data")
	errStream     = errors.New("the answer was cut off although it came over a stream")
)

// Unpack reads a message. If it contains an answer about the name, the message must be complete: the parser tolerates
// wrong counts, and a reply cut off after the question would look like a denial. What follows a refusal or a set TC
// bit is ignored.
func Unpack(wire []byte) (*dns.Msg, error) {
	m := new(dns.Msg)
	err := m.Unpack(wire)
	if err == nil {
		for i, n := range []int{len(m.Question), len(m.Answer), len(m.Ns), len(m.Extra)} {
			if int(binary.BigEndian.Uint16(wire[4+2*i:])) != n {
				err = errCut
			}
		}
	}
	switch {
	case err == nil:
		return m, nil
	case len(wire) < 12 || !m.Truncated && (m.Rcode == dns.RcodeSuccess || m.Rcode == dns.RcodeNameError):
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	m.Answer, m.Ns, m.Extra = nil, nil, nil
	return m, nil
}

// Judge returns what a message means as the answer to a question, and why if it is not usable. It drops records of
// other classes. A truncated or invalid message is neither an answer nor a denial.
func Judge(m *dns.Msg, name string, rrtype uint16) (Outcome, string) {
	dropped := keepClass(m)
	o := Classify(m, name, rrtype)
	switch {
	case !o.Conclusive() && o != Referral:
	case m.Truncated: // the caller has already fetched everything
		return Truncated, errStream.Error()
	case empty(m.Answer), o != Answered && empty(m.Ns):
		return Malformed, errNoData.Error()
	case dropped && o != Answered:
		return Malformed, errForeign.Error()
	}
	return o, ""
}

// keepClass drops records of classes other than IN, and reports whether there were any.
func keepClass(m *dns.Msg) (dropped bool) {
	if !foreign(m) { // it may be shared
		return false
	}
	for _, section := range []*[]dns.RR{&m.Answer, &m.Ns} {
		kept := (*section)[:0]
		for _, rr := range *section {
			if rr.Header().Class == dns.ClassINET {
				kept = append(kept, rr)
			}
		}
		*section = kept
	}
	return true
}

// empty reports whether a record has no data although its type requires some: the parser accepts an A record without
// an address.
func empty(rrs []dns.RR) bool {
	for _, rr := range rrs {
		if rr.Header().Rdlength > 0 {
			continue
		}
		switch rr.(type) {
		case *dns.TXT, *dns.SPF, *dns.NULL, *dns.APL, *dns.OPT, *dns.RFC3597:
		default:
			return true
		}
	}
	return false
}

// Classify returns the outcome by response code and sections alone.
func Classify(m *dns.Msg, name string, rrtype uint16) Outcome {
	switch m.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError: // with NXDOMAIN a CNAME may be here, and its target is not
		for _, rr := range m.Answer {
			if h := rr.Header(); SameName(h.Name, name) &&
				(h.Rrtype == rrtype || h.Rrtype == dns.TypeCNAME || rrtype == dns.TypeANY) || h.Rrtype == dns.TypeDNAME &&
				dns.IsSubDomain(h.Name, dns.Fqdn(name)) {
				return Answered
			}
		}
	case dns.RcodeRefused:
		return Refused
	case dns.RcodeServerFailure:
		return ServFail
	default:
		return OtherRcode
	}
	if m.Rcode == dns.RcodeNameError {
		return NXDomain
	}
	if !m.Authoritative {
		ns, soa := false, false
		for _, rr := range m.Ns {
			ns = ns || rr.Header().Rrtype == dns.TypeNS
			soa = soa || rr.Header().Rrtype == dns.TypeSOA
		}
		if ns && !soa {
			return Referral
		}
	}
	return NoData
}

// SameName reports whether two domain names are equal, ignoring case and the final dot.
func SameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// AA reports whether the answer is authoritative.
func (x *Exchange) AA() bool { return x.Msg != nil && x.Msg.Authoritative }

// Records returns the answer's records of one owner and type; records behind a CNAME belong to its target.
func (x *Exchange) Records(owner string, rrtype uint16) []dns.RR {
	if x == nil || x.Msg == nil {
		return nil
	}
	var out []dns.RR
	for _, rr := range x.Msg.Answer {
		if rr.Header().Rrtype == rrtype && SameName(rr.Header().Name, owner) {
			out = append(out, rr)
		}
	}
	return out
}

// Has reports whether there are Records.
func (x *Exchange) Has(owner string, rrtype uint16) bool {
	return x != nil && x.Msg != nil && slices.ContainsFunc(x.Msg.Answer, func(rr dns.RR) bool {
		return rr.Header().Rrtype == rrtype && SameName(rr.Header().Name, owner)
	})
}

// Values returns the data of Records as text, without duplicates (RFC 2181 5).
func (x *Exchange) Values(owner string, rrtype uint16) []string {
	var out distinct
	for _, rr := range x.Records(owner, rrtype) {
		out.add(RData(rr))
	}
	return out.list
}

// CNAMEs returns the targets of the owner's CNAME records in the answer, sorted. DNS allows one.
func (x *Exchange) CNAMEs(owner string) []string {
	var out []string
	for _, rr := range x.Records(owner, dns.TypeCNAME) {
		out = append(out, Bare(rr.(*dns.CNAME).Target))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CNAME returns the target of the owner's CNAME in the answer, or "". If there are several, it is the first in the
// alphabet, so that nothing depends on the order of an answer.
func (x *Exchange) CNAME(owner string) string {
	if !x.Has(owner, dns.TypeCNAME) {
		return ""
	}
	if all := x.CNAMEs(owner); len(all) > 0 {
		return all[0]
	}
	return ""
}

// DNAME returns the owner of the DNAME that redirects the owner (RFC 6672), or "".
func (x *Exchange) DNAME(owner string) string {
	if x == nil || x.Msg == nil {
		return ""
	}
	for _, rr := range x.Msg.Answer {
		if from := Bare(rr.Header().Name); rr.Header().Rrtype == dns.TypeDNAME && from != Bare(owner) &&
			InZone(Bare(owner), from) {
			return from
		}
	}
	return ""
}

// SOA returns the SOA in the authority section of a negative answer.
func (x *Exchange) SOA() *dns.SOA {
	if x == nil || x.Msg == nil {
		return nil
	}
	for _, rr := range x.Msg.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return soa
		}
	}
	return nil
}

// NegativeTTL returns for how many seconds every cache may keep the denial: the smaller of the SOA's TTL and its
// MINIMUM (RFC 2308 5). Many caches keep it longer; see DenialTTL.
func (x *Exchange) NegativeTTL() (uint32, bool) {
	soa := x.SOA()
	if soa == nil {
		return 0, false
	}
	return min(soa.Hdr.Ttl, soa.Minttl), true
}

// DenialTTL returns for how many seconds any cache may keep the denial: the TTL of its SOA. BIND, Knot Resolver,
// PowerDNS Recursor and dnsmasq use only that; it is above MINIMUM if the zone's servers do not lower it (RFC 2308
// 3). In a resolver's answer it is the time that remains.
func (x *Exchange) DenialTTL() (uint32, bool) {
	soa := x.SOA()
	if soa == nil {
		return 0, false
	}
	return soa.Hdr.Ttl, true
}

// Addrs returns the addresses in an answer, at the name or behind its CNAMEs.
func Addrs(x *Exchange) []netip.Addr {
	if x == nil || x.Msg == nil || x.Outcome != Answered { // truncated or invalid answers are not used
		return nil
	}
	var out []netip.Addr
	for _, rr := range x.Msg.Answer {
		switch rr := rr.(type) {
		case *dns.A:
			if a, ok := netip.AddrFromSlice(rr.A); ok {
				out = append(out, a.Unmap())
			}
		case *dns.AAAA:
			if a, ok := netip.AddrFromSlice(rr.AAAA); ok {
				out = append(out, a)
			}
		}
	}
	return out
}

// Chase returns the values of a type at the end of the CNAMEs in the answer, and the smallest TTL on the way.
func (x *Exchange) Chase(name string, rrtype uint16) ([]string, uint32) {
	if x == nil || x.Msg == nil {
		return nil, 0
	}
	return chase(x.Msg, name, rrtype)
}

func chase(m *dns.Msg, name string, rrtype uint16) ([]string, uint32) {
	var values distinct
	least := ^uint32(0)
	for range MaxHops + 1 {
		next := ""
		for _, rr := range m.Answer {
			h := rr.Header()
			if !SameName(h.Name, name) {
				continue
			}
			switch {
			case h.Rrtype == rrtype:
				values.add(RData(rr))
				least = min(least, h.Ttl)
			case h.Rrtype == dns.TypeCNAME && rrtype != dns.TypeCNAME:
				if to := rr.(*dns.CNAME).Target; next == "" || to < next {
					next = to
				}
				least = min(least, h.Ttl)
			}
		}
		if len(values.list) > 0 || next == "" || strings.EqualFold(next, name) {
			break
		}
		name = next
	}
	if len(values.list) == 0 {
		return nil, 0
	}
	return values.list, least
}

// distinct collects strings in order, without duplicates.
type distinct struct {
	list []string
	seen map[string]bool // the list, once it is long
}

// fewValues is how many strings are searched one by one.
const fewValues = 8

func (d *distinct) add(s string) {
	if d.seen[s] || d.seen == nil && slices.Contains(d.list, s) {
		return
	}
	d.list = append(d.list, s)
	switch {
	case d.seen != nil:
		d.seen[s] = true
	case len(d.list) > fewValues:
		d.seen = map[string]bool{}
		for _, s := range d.list {
			d.seen[s] = true
		}
	}
}

// The lengths of CNAME chains, in links.
const (
	MaxHops = 16 // the maximum number of links to follow
	// SureHops is the number of links that every resolver follows.
	SureHops = 8
	// UsualHops is the number of links that Unbound, BIND, Knot Resolver and PowerDNS Recursor follow; the twelfth fails
	// with an empty cache.
	UsualHops = 11
)
