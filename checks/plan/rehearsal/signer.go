package rehearsal

import (
	"context"
	"crypto"
	"slices"
	"strings"
	"time"

	"domdoc/checks/plan/change"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// signer signs changed records in place of the DNS host, which has the zone's keys. Its own key joins those of the
// zone, and its DS record those of the zone above; all other signatures stay as they are, and are judged as they are.
type signer struct {
	zone string
	key  *dns.DNSKEY
	priv crypto.Signer
	now  func() time.Time
}

// sign makes the signer that stands in for the DNS host. There is none for a zone that has no DS records after the
// change that match its keys: then nothing that it signs is valid.
func (t *Transport) sign(ctx context.Context) {
	t.relinked = slices.ContainsFunc(t.edits[t.change.Zone], func(e change.Edit) bool { return e.Type == dns.TypeDS })
	ds := edited(t.dsOfZone(ctx), t.dsEdits(), dns.TypeDS)
	if len(ds) == 0 {
		return
	}
	keys := t.keysAt(ctx, nil)
	t.bogus = t.relinked && usable(ds) && !matches(dsRecords(ds), keys)
	if matches(dsRecords(ds), keys) {
		t.keys = newSigner(t.now, t.change.Zone)
	}
}

// dsEdits are the edits of the zone's DS records, which the zone above has.
func (t *Transport) dsEdits() []change.Edit {
	return slices.DeleteFunc(slices.Clone(t.edits[t.change.Zone]), func(e change.Edit) bool {
		return e.Type != dns.TypeDS
	})
}

// usable reports whether resolvers know the digest and the algorithm of a DS record. A zone without any such record is
// unsigned for them (RFC 4035 5.2).
func usable(ds []dns.RR) bool {
	return slices.ContainsFunc(dsRecords(ds), func(r *dns.DS) bool {
		_, known := dns.AlgorithmToString[r.Algorithm]
		return known && (r.DigestType == dns.SHA256 || r.DigestType == dns.SHA384 || r.DigestType == dns.SHA1)
	})
}

func newSigner(s *probe.Session, zone string) *signer {
	key := &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: dns.Fqdn(zone), Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 3600},
		Flags: dns.ZONE | dns.SEP, Protocol: 3, Algorithm: dns.ECDSAP256SHA256,
	}
	priv, err := key.Generate(256)
	if err != nil {
		return nil
	}
	return &signer{zone: zone, key: key, priv: priv.(crypto.Signer), now: s.Now}
}

// placeOf returns a zone and the one that delegates it; nil where that is not known.
func placeOf(ctx context.Context, s *probe.Session, zone string) (z, above *probe.Zone) {
	if place := s.Locate(ctx, zone); place.Zone != nil && place.Zone.Name == zone {
		return place.Zone, place.ParentOf(place.Zone)
	}
	v := s.Lookup(ctx, zone, dns.TypeSOA)
	if v.Zone == nil || v.Zone.Name != zone {
		return nil, nil
	}
	return v.Zone, probe.ParentOf(append(slices.Clone(v.Delegation.Zones), v.Zones...), v.Zone)
}

// keysAt returns the zone's keys at the given servers (nil: those of today).
func (t *Transport) keysAt(ctx context.Context, servers []exchange.Server) (keys []*dns.DNSKEY) {
	if servers == nil {
		z, _ := placeOf(ctx, t.now, t.change.Zone)
		if z == nil {
			return nil
		}
		servers = t.now.Askable(z.Servers())
	}
	for _, srv := range servers {
		x := t.now.AskSecure(ctx, srv, t.change.Zone, dns.TypeDNSKEY)
		keys = append(keys, keysOf(x.Records(t.change.Zone, dns.TypeDNSKEY))...)
		if x.Outcome.Conclusive() {
			break
		}
	}
	return keys
}

func dsRecords(set []dns.RR) []*dns.DS {
	var out []*dns.DS
	for _, rr := range set {
		if r, ok := rr.(*dns.DS); ok {
			out = append(out, r)
		}
	}
	return out
}

func keysOf(set []dns.RR) []*dns.DNSKEY {
	var out []*dns.DNSKEY
	for _, rr := range set {
		if k, ok := rr.(*dns.DNSKEY); ok {
			out = append(out, k)
		}
	}
	return out
}

// matches reports whether a DS record matches a key.
func matches(ds []*dns.DS, keys []*dns.DNSKEY) bool {
	return slices.ContainsFunc(ds, func(r *dns.DS) bool {
		return slices.ContainsFunc(keys, func(k *dns.DNSKEY) bool {
			d := k.ToDS(r.DigestType)
			return d != nil && d.KeyTag == r.KeyTag && strings.EqualFold(d.Digest, r.Digest)
		})
	})
}

// validAfterMove reports whether the DS records that stay at the zone above match the keys of the new servers, or
// there are none.
func (t *Transport) validAfterMove(ctx context.Context) bool {
	ds := t.dsOfZone(ctx)
	return len(ds) == 0 || matches(dsRecords(ds), t.keysAt(ctx, t.newServers))
}

// link changes the answer of the zone above about the zone's DS records.
func (a *asker) link(m *dns.Msg) {
	if a.t.relinked {
		var set, rest []dns.RR
		for _, rr := range m.Answer {
			if rr.Header().Rrtype == dns.TypeDS {
				set = append(set, rr)
			} else if sig, ok := rr.(*dns.RRSIG); !ok || sig.TypeCovered != dns.TypeDS {
				rest = append(rest, rr)
			}
		}
		had := len(set) > 0
		set = edited(set, a.t.dsEdits(), dns.TypeDS)
		m.Answer = append(set, rest...)
		if _, above := placeOf(a.ctx, a.t.now, a.t.change.Zone); had && len(set) == 0 && above != nil {
			m.Ns = a.t.now.Lookup(a.ctx, above.Name, dns.TypeSOA).First().Records(above.Name, dns.TypeSOA)
		} else if !had && len(set) > 0 {
			m.Ns = nil
		}
	}
	if a.t.keys != nil {
		a.t.keys.addDS(m)
	}
}

func (s *signer) addDS(m *dns.Msg) {
	ds := s.key.ToDS(dns.SHA256)
	ds.Hdr.Ttl = 3600
	for _, rr := range m.Answer {
		if r, ok := rr.(*dns.DS); ok {
			ds.Hdr.Ttl = r.Hdr.Ttl
		}
	}
	m.Answer = append(m.Answer, ds)
}

func (s *signer) addKey(m *dns.Msg) {
	var set []dns.RR
	own := dns.Copy(s.key) // the signer is shared
	for _, rr := range m.Answer {
		if k, ok := rr.(*dns.DNSKEY); ok {
			set = append(set, k)
			own.Header().Ttl = k.Hdr.Ttl
		}
	}
	if len(set) == 0 {
		return
	}
	set = append(set, own)
	rest := slices.DeleteFunc(slices.Clone(m.Answer), func(rr dns.RR) bool {
		return rr.Header().Rrtype == dns.TypeDNSKEY
	})
	m.Answer = append(s.sign(set), rest...)
}

// sign returns an RRset with a signature.
func (s *signer) sign(set []dns.RR) []dns.RR {
	h := set[0].Header()
	if h.Rrtype == dns.TypeRRSIG {
		return set
	}
	sig := &dns.RRSIG{
		Hdr:       dns.RR_Header{Name: h.Name, Rrtype: dns.TypeRRSIG, Class: dns.ClassINET, Ttl: h.Ttl},
		Algorithm: s.key.Algorithm, KeyTag: s.key.KeyTag(), SignerName: dns.Fqdn(s.zone),
		Inception:  uint32(s.now().Add(-time.Hour).Unix()),
		Expiration: uint32(s.now().Add(14 * 24 * time.Hour).Unix()),
	}
	if err := sig.Sign(s.priv, set); err != nil {
		return set
	}
	return append(slices.Clone(set), sig)
}
