package rehearsal

import (
	"context"
	"crypto"
	"slices"
	"strings"
	"time"

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

// newSigner returns nil for a zone that has no DS records that match its keys: then nothing that it signs is valid.
func newSigner(ctx context.Context, s *probe.Session, zone string) *signer {
	ds, keys := chainOf(ctx, s, zone, nil)
	if !matches(ds, keys) {
		return nil
	}
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

// chainOf returns the DS records of a zone, and its keys at the given servers (nil: those of today).
func chainOf(ctx context.Context, s *probe.Session, zone string, servers []exchange.Server) ([]*dns.DS,
	[]*dns.DNSKEY,
) {
	place := s.Locate(ctx, zone)
	if place.Zone == nil || place.Zone.Name != zone {
		return nil, nil
	}
	parent := place.ParentOf(place.Zone)
	if parent == nil {
		return nil, nil
	}
	var ds []*dns.DS
	if x, _ := s.AskZone(ctx, parent, zone, dns.TypeDS); x != nil {
		for _, rr := range x.Records(zone, dns.TypeDS) {
			if r, ok := rr.(*dns.DS); ok {
				ds = append(ds, r)
			}
		}
	}
	if len(ds) == 0 {
		return nil, nil
	}
	if servers == nil {
		servers = s.Askable(place.Zone.Servers())
	}
	var keys []*dns.DNSKEY
	for _, srv := range servers {
		x := s.AskSecure(ctx, srv, zone, dns.TypeDNSKEY)
		for _, rr := range x.Records(zone, dns.TypeDNSKEY) {
			if k, ok := rr.(*dns.DNSKEY); ok {
				keys = append(keys, k)
			}
		}
		if x.Outcome.Conclusive() {
			break
		}
	}
	return ds, keys
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
	ds, keys := chainOf(ctx, t.now, t.change.Zone, t.newServers)
	return len(ds) == 0 || matches(ds, keys)
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
