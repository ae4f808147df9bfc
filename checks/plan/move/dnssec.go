package move

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog/moving"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// keys is what one server publishes of the zone's keys.
type keys struct {
	x, soa  *exchange.Exchange // soa is nil without keys
	set     []*dns.DNSKEY
	signers []uint16 // the tags of the keys that sign the zone's data
	invalid bool     // no signature of the zone's data is valid now
}

// dnssec compares the DS records above with the keys of both sets.
func (c *comparison) dnssec() {
	d := &c.out.DNSSEC
	if c.parent == nil {
		c.unjudged(moving.KeysUnknown)
		return
	}
	x, _ := c.s.AskZone(c.ctx, c.parent, c.req.Zone, dns.TypeDS)
	old, okOld := c.keys(c.old)
	now, okNew := c.keys(c.new)
	if x == nil || !okNew || !okOld {
		c.unjudged(moving.KeysUnknown)
	}
	d.Old, d.OldSigned = shownKeys(old)
	d.New, d.NewSigned = shownKeys(now)
	if x == nil {
		return
	}
	d.Evidence = append(d.Evidence, x)
	for _, k := range now {
		if d.Evidence = append(d.Evidence, k.x); k.invalid {
			d.Evidence = append(d.Evidence, k.soa)
		}
	}
	var ds []*dns.DS
	for _, rr := range x.Records(c.req.Zone, dns.TypeDS) {
		if r, ok := rr.(*dns.DS); ok {
			ds = append(ds, r)
			d.DS = append(d.DS, exchange.RData(r))
			c.out.TTLs.DS = max(c.out.TTLs.DS, seconds(r.Hdr.Ttl))
		}
	}
	fits := func(k keys) bool { return c.fits(ds, k) }
	switch {
	case len(now) == 0 || !okNew && len(ds) > 0 && !slices.ContainsFunc(now, func(k keys) bool { return !fits(k) }):
		d.State = moving.Unknown
	case len(ds) == 0 && d.NewSigned:
		d.State = moving.SignedNoDS
	case len(ds) == 0:
		d.State = moving.Unsigned
	case !d.NewSigned:
		d.State = moving.NewUnsigned
	case slices.ContainsFunc(now, func(k keys) bool { return !fits(k) }):
		d.State = moving.WouldNotFit
	case slices.ContainsFunc(now, func(k keys) bool { return k.invalid }):
		d.State = moving.NotValid
	case !okOld:
		d.State = moving.Unknown
	case shared(old, now):
		d.State = moving.Fits
	default:
		d.State = moving.Partly
	}
}

// keys asks each server for the keys; ok is false if one does not say.
func (c *comparison) keys(set []exchange.Server) (out []keys, ok bool) {
	ok = len(set) > 0
	for _, srv := range set {
		x := c.s.AskSecure(c.ctx, srv, c.req.Zone, dns.TypeDNSKEY)
		if !x.Outcome.Conclusive() || !x.AA() {
			ok = false
			continue
		}
		k := keys{x: x}
		for _, rr := range x.Records(c.req.Zone, dns.TypeDNSKEY) {
			if key, isKey := rr.(*dns.DNSKEY); isKey && key.Flags&dns.ZONE != 0 {
				k.set = append(k.set, key)
			}
		}
		if len(k.set) > 0 {
			soa := c.s.AskSecure(c.ctx, srv, c.req.Zone, dns.TypeSOA)
			if !soa.Outcome.Conclusive() || !soa.AA() {
				ok = false
			}
			k.signers = signers(soa, c.req.Zone, dns.TypeSOA)
			k.invalid = soa.Outcome.Conclusive() && !c.signed(soa, k.set)
			k.soa = soa
		}
		out = append(out, k)
	}
	return out, ok
}

// signed reports whether one of the keys has signed the SOA record in an answer, and the signature is valid now (RFC
// 4035 5.3.1). What we cannot verify counts as signed.
func (c *comparison) signed(soa *exchange.Exchange, set []*dns.DNSKEY) bool {
	return slices.ContainsFunc(signatures(soa, c.req.Zone, dns.TypeSOA), func(sig *dns.RRSIG) bool {
		return sig.ValidityPeriod(c.s.Now()) && slices.ContainsFunc(set, func(key *dns.DNSKEY) bool {
			return key.KeyTag() == sig.KeyTag &&
				(!verifiable(key.Algorithm) || sig.Verify(key, soa.Records(c.req.Zone, dns.TypeSOA)) == nil)
		})
	})
}

func signers(x *exchange.Exchange, zone string, covered uint16) []uint16 {
	var out []uint16
	for _, sig := range signatures(x, zone, covered) {
		out = append(out, sig.KeyTag)
	}
	return out
}

func signatures(x *exchange.Exchange, zone string, covered uint16) []*dns.RRSIG {
	var out []*dns.RRSIG
	for _, rr := range x.Records(zone, dns.TypeRRSIG) {
		if sig, ok := rr.(*dns.RRSIG); ok && sig.TypeCovered == covered {
			out = append(out, sig)
		}
	}
	return out
}

// fits reports whether a DS record matches a key that signs the keys (RFC 4035 5.2).
func (c *comparison) fits(ds []*dns.DS, k keys) bool {
	set := make([]dns.RR, len(k.set))
	for i, key := range k.set {
		set[i] = key
	}
	return slices.ContainsFunc(k.set, func(key *dns.DNSKEY) bool {
		return slices.ContainsFunc(ds, func(r *dns.DS) bool { return matches(r, key) }) &&
			slices.ContainsFunc(signatures(k.x, c.req.Zone, dns.TypeDNSKEY), func(sig *dns.RRSIG) bool {
				if sig.KeyTag != key.KeyTag() || !sig.ValidityPeriod(c.s.Now()) {
					return false
				}
				return !verifiable(key.Algorithm) || sig.Verify(key, set) == nil
			})
	})
}

// matches reports whether a DS record is of a key. One with a digest that we cannot compute matches by its tag.
func matches(r *dns.DS, key *dns.DNSKEY) bool {
	if r.KeyTag != key.KeyTag() || r.Algorithm != key.Algorithm {
		return false
	}
	own := key.ToDS(r.DigestType)
	return own == nil || strings.EqualFold(own.Digest, r.Digest)
}

func verifiable(algorithm uint8) bool {
	switch algorithm {
	case dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.RSASHA256, dns.RSASHA512, dns.ECDSAP256SHA256, dns.ECDSAP384SHA384,
		dns.ED25519:
		return true
	}
	return false
}

// shared reports whether each server publishes every key by which the others sign: a resolver that has cached one
// server's keys then accepts the other's answers.
func shared(old, now []keys) bool {
	all := slices.Concat(old, now)
	for _, a := range all {
		for _, b := range all {
			for _, tag := range b.signers {
				if !slices.ContainsFunc(a.set, func(k *dns.DNSKEY) bool { return k.KeyTag() == tag }) {
					return false
				}
			}
		}
	}
	return true
}

// shownKeys returns the keys of all servers of a set as text: "257 13 tag 4711".
func shownKeys(list []keys) (out []string, signed bool) {
	for _, k := range list {
		for _, key := range k.set {
			out = append(out, fmt.Sprintf("%d %s, tag %d", key.Flags, dns.AlgorithmToString[key.Algorithm], key.KeyTag()))
		}
	}
	return tidy(out), len(out) > 0
}
