package observe

import (
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

	"domdoc/catalog/causes"
	"domdoc/checks/dnsname"
)

// verifier verifies the answers of one server with the keys of one zone.
type verifier struct {
	f      *Observations
	server exchange.Server
	zone   string
	d      *DNSSEC  // receives the first fault
	below  []string // zones below on the same server, which have their own keys or none
	known  *validities
}

// validities are the signatures that were verified. The servers of a zone mostly give the same answers, which then
// share their records.
type validities struct{ valid []signedBy }

type signedBy struct {
	sig *dns.RRSIG
	key *dns.DNSKEY
	set dns.RR // the first record
}

// verify reports whether a signature was made with a key. set are the records that the signature's answer has of the
// owner and type that it covers.
func (v *validities) verify(sig *dns.RRSIG, key *dns.DNSKEY, set []dns.RR) bool {
	by := signedBy{sig: sig, key: key}
	if len(set) > 0 {
		by.set = set[0]
	}
	if slices.Contains(v.valid, by) {
		return true
	}
	if sig.Verify(key, set) != nil {
		return false
	}
	v.valid = append(v.valid, by)
	return true
}

// verify verifies answers up to the first fault.
func (v *verifier) verify(ctx context.Context, keyAnswer, soa, host *exchange.Exchange) {
	d := v.d
	d.Evidence = append(d.Evidence, keyAnswer)
	var set []dns.RR
	for _, rr := range keyAnswer.Records(v.zone, dns.TypeDNSKEY) {
		if k, ok := rr.(*dns.DNSKEY); ok {
			d.Keys, set = append(d.Keys, k), append(set, rr)
		}
	}
	d.faulty = question{v.zone, dns.TypeDNSKEY}
	matched := matching(usable(d.DS), d.Keys)
	if len(matched) == 0 {
		d.NoMatch = true
		return
	}
	now := v.f.Session.Now()
	if verifySignatures(d, now, keyAnswer, v.zone, dns.TypeDNSKEY, set, matched, v.known) {
		return
	}
	for _, x := range []*exchange.Exchange{soa, host} {
		if x == nil || x.Msg == nil || !x.AA() {
			continue
		}
		name, rrtype := exchange.SplitAsked(x.Asked)
		d.faulty = question{name, dns.StringToType[rrtype]}
		for _, s := range rrsets(x) {
			if s.rrtype == dns.TypeRRSIG || !dns.IsSubDomain(dns.Fqdn(v.zone), dns.CanonicalName(s.owner)) ||
				s.rrtype == dns.TypeNS && exchange.Bare(s.owner) != v.zone || synthesized(x, s) || v.isBelow(ctx, x, s) {
				continue
			}
			if verifySignatures(d, now, x, s.owner, s.rrtype, s.rrs, d.Keys, v.known) {
				d.Evidence = append(d.Evidence, x)
				return
			}
		}
	}
}

// isBelow reports whether an RRset belongs to a zone below on the same server. Its signatures name its zone (RFC 4034
// 3.1.7). For an RRset without signatures, the server is queried for the zone.
func (v *verifier) isBelow(ctx context.Context, x *exchange.Exchange, s rrset) bool {
	owner := exchange.Bare(s.owner)
	if owner == v.zone {
		return false
	}
	zone := ""
	if s.rrtype == dns.TypeSOA {
		zone = owner
	}
	for _, sig := range signatures(x, s.owner, s.rrtype) {
		switch signer := exchange.Bare(sig.SignerName); {
		case signer == v.zone:
			return false
		case exchange.InZone(owner, signer) && exchange.InZone(signer, v.zone):
			zone = signer
		}
	}
	if zone == "" && len(signatures(x, s.owner, s.rrtype)) == 0 {
		zone = v.apexOf(ctx, owner)
	}
	if zone == "" || zone == v.zone {
		return false
	}
	v.below = append(v.below, zone)
	return true
}

// apexOf returns the zone of a name below the verified zone, according to the server; empty if the server does not
// show it.
func (v *verifier) apexOf(ctx context.Context, name string) string {
	for at := name; at != v.zone && exchange.InZone(at, v.zone); at = dnsname.Parent(at) {
		x := v.f.Session.Ask(ctx, v.server, at, dns.TypeSOA)
		if !x.AA() || !x.Outcome.Conclusive() {
			return ""
		}
		if len(x.Records(at, dns.TypeSOA)) > 0 {
			return at
		}
		if soa := x.SOA(); soa != nil && x.CNAME(at) == "" {
			return exchange.Bare(soa.Hdr.Name)
		}
	}
	return v.zone
}

// synthesized reports whether an RRset is the CNAME that a server synthesizes from a DNAME in the answer. It has no
// signature: validators synthesize it themselves (RFC 6672 5.3.1).
func synthesized(x *exchange.Exchange, s rrset) bool {
	if s.rrtype != dns.TypeCNAME || len(s.rrs) != 1 || len(signatures(x, s.owner, s.rrtype)) > 0 {
		return false
	}
	owner, target := dns.CanonicalName(s.owner), dns.CanonicalName(s.rrs[0].(*dns.CNAME).Target)
	for _, rr := range x.Msg.Answer {
		alias, ok := rr.(*dns.DNAME)
		if !ok {
			continue
		}
		from := dns.CanonicalName(alias.Hdr.Name)
		if from != owner && dns.IsSubDomain(from, owner) &&
			strings.TrimSuffix(owner, from)+dns.CanonicalName(alias.Target) == target {
			return true
		}
	}
	return false
}

// aliasFirst returns the owner of a DNAME that comes after the CNAME synthesized from it; empty if there is none.
// Unbound treats such a CNAME as unsigned.
func aliasFirst(x *exchange.Exchange) string {
	for i, rr := range x.Msg.Answer {
		if rr.Header().Rrtype != dns.TypeDNAME || len(signatures(x, rr.Header().Name, dns.TypeDNAME)) == 0 {
			continue
		}
		if slices.ContainsFunc(x.Msg.Answer[:i], func(made dns.RR) bool {
			return made.Header().Rrtype == dns.TypeCNAME &&
				synthesized(x, rrset{made.Header().Name, dns.TypeCNAME, []dns.RR{made}})
		}) {
			return exchange.Bare(rr.Header().Name)
		}
	}
	return ""
}

// usable returns the DS records that validators use: those with a supported algorithm and digest (RFC 4035 5.2),
// without SHA-1 if there is a better digest (RFC 4509 3).
func usable(ds []*dns.DS) []*dns.DS {
	out := slices.DeleteFunc(slices.Clone(ds), func(r *dns.DS) bool { return !supported(r) })
	return slices.DeleteFunc(slices.Clone(out), func(r *dns.DS) bool {
		return r.DigestType == dns.SHA1 && slices.ContainsFunc(out, func(o *dns.DS) bool {
			return o.Algorithm == r.Algorithm && o.DigestType != dns.SHA1
		})
	})
}

// supported reports whether digest and algorithm of a DS are supported.
func supported(r *dns.DS) bool {
	if !knownDigest(r) {
		return false
	}
	switch r.Algorithm {
	case dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.RSASHA256, dns.RSASHA512, dns.ECDSAP256SHA256, dns.ECDSAP384SHA384,
		dns.ED25519:
		return true
	}
	return false
}

func knownDigest(r *dns.DS) bool {
	return r.DigestType == dns.SHA1 || r.DigestType == dns.SHA256 || r.DigestType == dns.SHA384
}

func matching(ds []*dns.DS, keys []*dns.DNSKEY) []*dns.DNSKEY {
	var out []*dns.DNSKEY
	for _, k := range keys {
		for _, r := range ds {
			if d := k.ToDS(r.DigestType); d != nil && d.KeyTag == r.KeyTag && d.Algorithm == r.Algorithm &&
				strings.EqualFold(d.Digest, r.Digest) {
				out = append(out, k)
			}
		}
	}
	return out
}

// rrset is a set of records of one owner and type.
type rrset struct {
	owner  string
	rrtype uint16
	rrs    []dns.RR
}

func rrsets(x *exchange.Exchange) []rrset {
	var out []rrset
	section := x.Msg.Answer
	if len(section) == 0 {
		section = x.Msg.Ns
	}
	for _, rr := range section {
		h := rr.Header()
		i := slices.IndexFunc(out, func(s rrset) bool {
			return s.rrtype == h.Rrtype && dns.CanonicalName(s.owner) == dns.CanonicalName(h.Name)
		})
		if i < 0 {
			out = append(out, rrset{h.Name, h.Rrtype, []dns.RR{rr}})
			continue
		}
		out[i].rrs = append(out[i].rrs, rr)
	}
	return out
}

// signatures returns the signatures over an RRset.
func signatures(x *exchange.Exchange, owner string, rrtype uint16) []*dns.RRSIG {
	var out []*dns.RRSIG
	for _, section := range [][]dns.RR{x.Msg.Answer, x.Msg.Ns} {
		for _, rr := range section {
			if sig, ok := rr.(*dns.RRSIG); ok && sig.TypeCovered == rrtype &&
				dns.CanonicalName(sig.Hdr.Name) == dns.CanonicalName(owner) {
				out = append(out, sig)
			}
		}
	}
	return out
}

// verifySignatures verifies the signatures over one RRset. One valid signature is enough; otherwise it records the
// fault and returns true.
func verifySignatures(d *DNSSEC, now time.Time, x *exchange.Exchange, owner string, rrtype uint16,
	set []dns.RR, keys []*dns.DNSKEY, known *validities,
) bool {
	covers := exchange.Bare(owner) + " " + exchange.TypeName(rrtype)
	var ended, begins time.Time
	found := false
	for _, sig := range signatures(x, owner, rrtype) {
		found = true
		fits := slices.ContainsFunc(keys, func(k *dns.DNSKEY) bool {
			return sig.KeyTag == k.KeyTag() && known.verify(sig, k, set)
		})
		switch {
		case fits && sig.ValidityPeriod(now):
			return false
		case fits && now.Before(time.Unix(int64(sig.Inception), 0)):
			begins = time.Unix(int64(sig.Inception), 0)
		case fits:
			ended = time.Unix(int64(sig.Expiration), 0)
		}
	}
	switch {
	case !ended.IsZero():
		d.Ended, d.Covers = ended, covers
	case !begins.IsZero():
		d.Early = causes.SignatureEarly(covers, begins)
	case found:
		d.Invalid = causes.SignatureMisfits(covers)
	default:
		d.Invalid = causes.SignatureMissing(covers)
	}
	return true
}
