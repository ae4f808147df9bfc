package sandbox

import (
	"crypto"
	"fmt"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// signing describes how a zone of a story is signed, and its faults.
type signing struct {
	ds      string        // "", "stale" (of another key) or "none" (signed, but without a DS record)
	unkeyed bool          // the zone has a DS record, but is not signed
	broken  bool          // the signatures are of another key
	ended   time.Duration // time since the signatures expired; 0: they are valid
	early   bool          // the signatures become valid tomorrow
	at      string        // the only server with the fault; "": all of them
}

// signer signs for all zones of the sandbox with one key: generating keys is slow, and nothing here is secret.
type signer struct {
	key, other         crypto.Signer
	public, publicElse string

	mu    sync.Mutex // guards following
	cache map[string]*dns.RRSIG
}

func newSigner() (*signer, error) {
	s := &signer{cache: map[string]*dns.RRSIG{}}
	for i := range 2 {
		k := dnskey(".", "")
		private, err := k.Generate(256)
		if err != nil {
			return nil, err
		}
		private2, ok := private.(crypto.Signer)
		if !ok {
			return nil, fmt.Errorf("a key of type %T cannot sign", private)
		}
		if i == 0 {
			s.key, s.public = private2, k.PublicKey
		} else {
			s.other, s.publicElse = private2, k.PublicKey
		}
	}
	return s, nil
}

func dnskey(owner, public string) *dns.DNSKEY {
	return &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: owner, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 3600},
		Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256, PublicKey: public,
	}
}

// ds returns the DS record of a zone's key at its parent.
func (s *signer) ds(owner string, how signing) *dns.DS {
	public := s.public
	if how.ds == "stale" || how.unkeyed {
		public = s.publicElse
	}
	d := dnskey(owner, public).ToDS(dns.SHA256)
	d.Hdr.Ttl = 86400
	return d
}

// sign returns a signature of an RRset, from the cache if possible.
func (s *signer) sign(zone string, rrs []dns.RR, how signing, now time.Time) *dns.RRSIG {
	id := fmt.Sprintf("%s|%v|%v", zone, how, rrs)
	s.mu.Lock()
	defer s.mu.Unlock()
	if sig := s.cache[id]; sig != nil {
		return sig
	}
	h := rrs[0].Header()
	sig := &dns.RRSIG{
		Hdr:       dns.RR_Header{Name: h.Name, Rrtype: dns.TypeRRSIG, Class: dns.ClassINET, Ttl: h.Ttl},
		Algorithm: dns.ECDSAP256SHA256, SignerName: zone, KeyTag: dnskey(zone, s.public).KeyTag(), OrigTtl: h.Ttl,
		Inception: uint32(now.Add(-20 * 24 * time.Hour).Unix()), Expiration: uint32(now.Add(20 * 24 * time.Hour).Unix()),
	}
	if how.early {
		sig.Inception = uint32(now.Add(24 * time.Hour).Unix())
	}
	if how.ended > 0 {
		sig.Expiration = uint32(now.Add(-how.ended).Unix())
	}
	key := s.key
	if how.broken {
		key = s.other
	}
	if err := sig.Sign(key, rrs); err != nil {
		return nil
	}
	const most = 8192
	if len(s.cache) >= most {
		clear(s.cache)
	}
	s.cache[id] = sig
	return sig
}

// secure adds signatures to the response of a signed zone if the query asks for them.
func (w *world) secure(m *dns.Msg, in *instance, z *zone, hostName string) {
	if in == nil || z == nil {
		return
	}
	how, signed := in.signed[z.name]
	if !signed || how.unkeyed {
		return
	}
	if how.at != "" && how.at != hostName {
		how = signing{}
	}
	m.Answer = w.signSection(m.Answer, z.name, how)
	m.Ns = w.signSection(m.Ns, z.name, how)
}

// signSection adds a signature to each RRset of a section. The NS records of a referral are not signed by the parent.
func (w *world) signSection(rrs []dns.RR, zone string, how signing) []dns.RR {
	var out, set []dns.RR
	flush := func() {
		if len(set) == 0 {
			return
		}
		out = append(out, set...)
		h := set[0].Header()
		cut := h.Rrtype == dns.TypeNS && dns.CanonicalName(h.Name) != zone
		if dns.IsSubDomain(zone, dns.CanonicalName(h.Name)) && !cut {
			if sig := w.b.signer.sign(zone, set, how, w.b.start); sig != nil {
				out = append(out, sig)
			}
		}
		set = nil
	}
	for _, rr := range rrs {
		if len(set) > 0 && (set[0].Header().Name != rr.Header().Name || set[0].Header().Rrtype != rr.Header().Rrtype) {
			flush()
		}
		set = append(set, rr)
	}
	flush()
	return out
}

// keys answers queries for the keys of a signed zone.
func (w *world) keys(m *dns.Msg, in *instance, z *zone, name string, rrtype uint16) bool {
	if in == nil || z == nil || rrtype != dns.TypeDNSKEY || name != z.name {
		return false
	}
	how, signed := in.signed[z.name]
	if !signed || how.unkeyed {
		return false
	}
	m.Authoritative = true
	m.Answer = append(m.Answer, dnskey(z.name, w.b.signer.public))
	return true
}

// validate validates a response against the DS record at the parent, as far as stories can break it: keys, signatures
// and their validity periods, but not proofs of non-existence. It returns the extended error, or nil.
func (r *resolver) validate(zoneName string, hosts []string, m *dns.Msg, then phase, now time.Time) *dns.EDNS0_EDE {
	ds := r.parentDS(zoneName, now)
	if ds == nil {
		return nil
	}
	keys := r.ask(hosts, zoneName, dns.TypeDNSKEY, then)
	var key *dns.DNSKEY
	if keys != nil {
		for _, rr := range keys.Answer {
			if k, ok := rr.(*dns.DNSKEY); ok {
				if d := k.ToDS(ds.DigestType); d != nil && d.Digest == ds.Digest {
					key = k
				}
			}
		}
	}
	if key == nil {
		return &dns.EDNS0_EDE{
			InfoCode:  dns.ExtendedErrorCodeDNSKEYMissing,
			ExtraText: "no key matches the DS for " + zoneName,
		}
	}
	section := m.Answer
	if len(section) == 0 {
		section = m.Ns
	}
	for _, rr := range section {
		sig, ok := rr.(*dns.RRSIG)
		if !ok {
			continue
		}
		var set []dns.RR
		for _, x := range section {
			if x.Header().Rrtype == sig.TypeCovered &&
				dns.CanonicalName(x.Header().Name) == dns.CanonicalName(sig.Hdr.Name) {
				set = append(set, x)
			}
		}
		if !sig.ValidityPeriod(now) {
			return &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeSignatureExpired, ExtraText: "for " + sig.Hdr.Name}
		}
		if err := sig.Verify(key, set); err != nil {
			return &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeDNSBogus, ExtraText: "for " + sig.Hdr.Name}
		}
		return nil
	}
	return &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeRRSIGsMissing, ExtraText: "for " + zoneName}
}

// parentDS returns the DS record from the resolver's cache, or else from the parent.
func (r *resolver) parentDS(zoneName string, now time.Time) *dns.DS {
	if c, ok := r.look(zoneName, dns.TypeDS, now); ok && len(c.rrs) > 0 {
		if ds, ok := c.rrs[0].(*dns.DS); ok {
			return ds
		}
	}
	in := r.w.b.find(zoneName)
	if in == nil {
		return nil
	}
	return r.w.dsOf(in, zoneName, present)
}

// dsOf returns the DS record at the parent of a zone in a phase; nil if there is none.
func (w *world) dsOf(in *instance, zoneName string, then phase) *dns.DS {
	if then == beforeChange && in.formerDS[zoneName] {
		return w.b.signer.ds(zoneName, signing{ds: "stale"})
	}
	how, ok := in.signed[zoneName]
	if !ok || how.ds == "none" {
		return nil
	}
	return w.b.signer.ds(zoneName, how)
}
