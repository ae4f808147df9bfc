package sandbox

import (
	"crypto"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// signing describes how a zone of a story is signed, and its faults.
type signing struct {
	// ds is "", "stale" (of another key), "none" (signed, but without a DS record), "unknown-digest" (of a digest that
	// no validator supports) or "unknown-and-stale"
	ds        string
	unkeyed   bool          // the zone has a DS record, but is not signed; with at, at that server only
	broken    bool          // the signatures are of another key
	ended     time.Duration // time since the signatures expired; 0: they are valid
	early     bool          // the signatures become valid tomorrow
	at        string        // the only server with the fault, of the DS record one of the parent's; "": all of them
	algorithm uint8         // 0: ECDSA P-256; otherwise one that domdoc does not support
	known     bool          // the resolvers support the algorithm
	nsec      string        // "", "none" (denials have no proof), "lower" (only for queries in lower case) or "wrong"
}

// signer signs for all zones of the sandbox with one key: generating keys is slow, and nothing here is secret.
type signer struct {
	key, other         crypto.Signer
	public, publicElse string

	mu      sync.Mutex // guards following
	cache   map[signedSet]*dns.RRSIG
	made    map[*dns.RRSIG]madeWith // of cache, those that verify
	digests map[keyOf]dns.DS
}

// signedSet is an RRset in wire form, and how its zone is signed.
type signedSet struct {
	zone, wire string
	how        signing
}

// madeWith is what a signature was made with.
type madeWith struct{ public, wire string }

// keyOf is a key of a zone.
type keyOf struct {
	owner, public string
	algorithm     uint8
}

// digest returns the DS record of a key, with SHA-256.
func (s *signer) digest(k *dns.DNSKEY) dns.DS {
	id := keyOf{k.Hdr.Name, k.PublicKey, k.Algorithm}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.digests[id]
	if !ok {
		d = *k.ToDS(dns.SHA256)
		if len(s.digests) >= signerLimit {
			clear(s.digests)
		}
		s.digests[id] = d
	}
	return d
}

// signerLimit bounds the signatures and digests in memory.
const signerLimit = 1024

func newSigner() (*signer, error) {
	s := &signer{
		cache: map[signedSet]*dns.RRSIG{}, made: map[*dns.RRSIG]madeWith{}, digests: map[keyOf]dns.DS{},
	}
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

// ds returns the DS records of a zone's key at its parent.
func (s *signer) ds(owner string, how signing) []*dns.DS {
	public := s.public
	if how.ds == "stale" || how.ds == "unknown-and-stale" || how.unkeyed && how.at == "" {
		public = s.publicElse
	}
	k := dnskey(owner, public)
	if how.algorithm != 0 {
		k.Algorithm = how.algorithm
	}
	d := s.digest(k)
	d.Hdr.Ttl = 86400
	unknown := d
	unknown.DigestType = unknownDigest
	switch how.ds {
	case "unknown-digest":
		return []*dns.DS{&unknown}
	case "unknown-and-stale":
		return []*dns.DS{&unknown, &d}
	}
	return []*dns.DS{&d}
}

// unknownDigest is a digest type that is not assigned.
const unknownDigest = 200

// usableDS reports whether a validator knows the digest and the algorithm of a DS record. A zone without any such
// record is insecure (RFC 4035 5.2).
func usableDS(d *dns.DS) bool {
	return d.DigestType == dns.SHA256 && d.Algorithm == dns.ECDSAP256SHA256
}

// sign returns a signature of an RRset, from the cache if possible.
func (s *signer) sign(zone string, rrs []dns.RR, how signing, now time.Time) *dns.RRSIG {
	id := signedSet{zone, wireOf(rrs), how}
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
	if len(s.cache) >= signerLimit {
		clear(s.cache)
		clear(s.made)
	}
	if how.algorithm != 0 {
		sig.Algorithm = how.algorithm
	}
	s.cache[id] = sig
	if !how.broken {
		s.made[sig] = madeWith{s.public, id.wire}
	}
	return sig
}

// verify is sig.Verify, which is slow, except for a signature that was made with the key for the same RRset.
func (s *signer) verify(sig *dns.RRSIG, key *dns.DNSKEY, rrs []dns.RR) error {
	s.mu.Lock()
	made, ok := s.made[sig]
	s.mu.Unlock()
	if ok && made.public == key.PublicKey && sig.Algorithm == key.Algorithm && sig.SignerName == key.Hdr.Name &&
		made.wire == wireOf(rrs) {
		return nil
	}
	return sig.Verify(key, rrs)
}

// wireOf returns an RRset in wire form, in the order in which it is.
func wireOf(rrs []dns.RR) string {
	var room [1024]byte
	buf, off := room[:], 0
	for _, rr := range rrs {
		rr = dns.Copy(rr) // packing sets the length in its header, and other goroutines read it
		for {
			end, err := dns.PackRR(rr, buf, off, nil, false)
			if err == nil {
				off = end
				break
			}
			if len(buf) > dns.MaxMsgSize { // it cannot be sent either
				return fmt.Sprint(rrs)
			}
			buf = append(buf, make([]byte, len(buf))...)
		}
	}
	return string(buf[:off])
}

// secure adds signatures to the response of a signed zone if the query asks for them.
func (w *world) secure(m *dns.Msg, in *instance, z *zone, hostName, name string, rrtype uint16, mixed bool) {
	if in == nil || z == nil {
		return
	}
	how, signed := in.signed[z.name]
	if how.at != "" && how.at != hostName {
		how = signing{}
	}
	if !signed || how.unkeyed {
		return
	}
	if how.nsec != "none" && (how.nsec != "lower" || !mixed) && m.Authoritative {
		m.Ns = append(m.Ns, z.proof(m, name, rrtype, how.nsec == "wrong")...)
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
		if inZone(zone, dns.CanonicalName(h.Name)) && !cut && !synthesized(rrs, set) {
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

// synthesized reports whether an RRset is the CNAME made of a DNAME in the section. It is not signed (RFC 6672 5.3.1).
func synthesized(section, set []dns.RR) bool {
	for _, rr := range section {
		if rr.Header().Rrtype == dns.TypeDNAME && set[0].Header().Rrtype == dns.TypeCNAME &&
			dns.IsSubDomain(rr.Header().Name, set[0].Header().Name) {
			return true
		}
	}
	return false
}

// keys answers queries for the keys of a signed zone.
func (w *world) keys(m *dns.Msg, in *instance, z *zone, hostName, name string, rrtype uint16) bool {
	if in == nil || z == nil || rrtype != dns.TypeDNSKEY || name != z.name {
		return false
	}
	how, signed := in.signed[z.name]
	if !signed || how.unkeyed && (how.at == "" || how.at == hostName) {
		return false
	}
	m.Authoritative = true
	k := dnskey(z.name, w.b.signer.public)
	if how.algorithm != 0 {
		k.Algorithm = how.algorithm
	}
	m.Answer = append(m.Answer, k)
	return true
}

// validate validates a response against the DS records at the parent, as far as stories can break it. It returns the
// extended error, or nil, and whether the answer is secure rather than insecure.
func (r *resolver) validate(zoneName string, hosts []string, m *dns.Msg, name string, rrtype uint16, then phase,
	now time.Time,
) (bogus *dns.EDNS0_EDE, secure bool) {
	zoneName = r.deepest(zoneName, hosts, name, rrtype)
	ds := slices.DeleteFunc(r.parentDS(zoneName, now), func(d *dns.DS) bool {
		return !usableDS(d) && !r.knows(zoneName, d)
	})
	if len(ds) == 0 {
		return nil, false
	}
	keys := r.ask(hosts, zoneName, dns.TypeDNSKEY, then)
	var key *dns.DNSKEY
	if keys != nil {
		for _, rr := range keys.Answer {
			if k, ok := rr.(*dns.DNSKEY); ok && slices.ContainsFunc(ds, func(d *dns.DS) bool {
				return d.DigestType == dns.SHA256 && r.w.b.signer.digest(k).Digest == d.Digest
			}) {
				key = k
			}
		}
	}
	if key == nil {
		return &dns.EDNS0_EDE{
			InfoCode:  dns.ExtendedErrorCodeDNSKEYMissing,
			ExtraText: "no key matches the DS for " + zoneName,
		}, false
	}
	section := m.Answer
	if len(section) == 0 {
		section = m.Ns
	}
	signed := false
	for _, rr := range section {
		sig, ok := rr.(*dns.RRSIG)
		if !ok {
			continue
		}
		signed = true
		var set []dns.RR
		for _, x := range section {
			if x.Header().Rrtype == sig.TypeCovered &&
				dns.CanonicalName(x.Header().Name) == dns.CanonicalName(sig.Hdr.Name) {
				set = append(set, x)
			}
		}
		if !sig.ValidityPeriod(now) {
			return &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeSignatureExpired, ExtraText: "for " + sig.Hdr.Name}, false
		}
		if sig.Algorithm == dns.ED448 { // the sandbox cannot verify it; stories break only its DS record
			continue
		}
		if err := r.w.b.signer.verify(sig, key, set); err != nil {
			return &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeDNSBogus, ExtraText: "for " + sig.Hdr.Name}, false
		}
	}
	switch {
	case madeBefore(m.Answer):
		return &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeDNSBogus, ExtraText: "a CNAME is not signed"}, false
	case !signed:
		return &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeRRSIGsMissing, ExtraText: "for " + zoneName}, false
	case !proven(m, zoneName, name, rrtype):
		return &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeNSECMissing, ExtraText: "for " + name}, false
	}
	return nil, true
}

// knows reports whether resolvers know the algorithm of a zone that most validators do not.
func (r *resolver) knows(zoneName string, d *dns.DS) bool {
	in := r.w.b.find(zoneName)
	return in != nil && in.signed[zoneName].known && d.DigestType == dns.SHA256
}

// madeBefore reports whether a CNAME stands before the DNAME that it is made of. Unbound rejects such an answer.
func madeBefore(section []dns.RR) bool {
	for i, rr := range section {
		if rr.Header().Rrtype == dns.TypeDNAME && slices.ContainsFunc(section[:i], func(made dns.RR) bool {
			return synthesized(section, []dns.RR{made})
		}) {
			return true
		}
	}
	return false
}

// deepest returns the deepest zone that holds a name on a zone's servers: they send no referral to a zone below that
// they serve themselves.
func (r *resolver) deepest(zoneName string, hosts []string, name string, rrtype uint16) string {
	in := r.w.b.find(name)
	if in == nil || len(hosts) == 0 {
		return zoneName
	}
	if rrtype == dns.TypeDS {
		name = parent(name)
	}
	if z := in.zoneAt(hosts[0], name, false); z != nil && len(z.name) > len(zoneName) &&
		inZone(zoneName, z.name) {
		return z.name
	}
	return zoneName
}

// parentDS returns the DS records from the resolver's cache, or else from the parent.
func (r *resolver) parentDS(zoneName string, now time.Time) []*dns.DS {
	if c, ok := r.look(zoneName, dns.TypeDS, now); ok && len(c.rrs) > 0 {
		var out []*dns.DS
		for _, rr := range c.rrs {
			if ds, ok := rr.(*dns.DS); ok {
				out = append(out, ds)
			}
		}
		return out
	}
	in := r.w.b.find(zoneName)
	if in == nil {
		return nil
	}
	first := "a.nic.example"
	if r.reverse {
		first = "b.nic.example"
	}
	if in != nil && in.behavior(first, zoneName, dns.TypeDS) == "behind" && len(in.formerDS) > 0 {
		return r.w.dsOf(in, zoneName, beforeChange, "")
	}
	return r.w.dsOf(in, zoneName, present, "")
}

// dsOf returns the DS records at the parent of a zone in a phase, as a server of the parent has them.
func (w *world) dsOf(in *instance, zoneName string, then phase, hostName string) []*dns.DS {
	if then == beforeChange && in.formerDS[zoneName] {
		return w.b.signer.ds(zoneName, signing{ds: "stale"})
	}
	how, ok := in.signed[zoneName]
	if !ok || how.ds == "none" {
		return nil
	}
	if how.at != "" && how.at != hostName {
		how.ds = ""
	}
	return w.b.signer.ds(zoneName, how)
}
