package observe

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/probe"
)

// SecurityState is the DNSSEC status of a zone (RFC 4033 5).
type SecurityState string

// The states.
const (
	Secure          SecurityState = "secure"
	Insecure        SecurityState = "insecure"
	Bogus           SecurityState = "bogus"
	SecurityUnknown SecurityState = "unknown"
)

// DNSSEC is what was observed of a zone's signatures.
type DNSSEC struct {
	State SecurityState
	Zone  string // the domain's own zone, or the one above it that is at fault
	DS    []*dns.DS
	Keys  []*dns.DNSKEY
	// NoMatch means that no DS matches any key.
	NoMatch bool
	// Ended is when an expired signature ended; Covers is the RRset it covered.
	Ended  time.Time
	Covers string
	// Invalid describes the signature that does not verify.
	Invalid string
	// Early describes the signature that is not valid yet by the local clock. Unless a resolver refuses the zone, the
	// clock is wrong.
	Early string
	// Faulty are the servers with the fault, if others of the zone do not have it.
	Faulty []string
	// Refusing are the resolvers that answer SERVFAIL, but answer if asked not to validate.
	Refusing []string
	Hint     string
	Evidence []*exchange.Exchange
	Why      string // why the state is unknown
}

// Fault reports whether the keys or signatures are faulty.
func (d *DNSSEC) Fault() bool { return d.NoMatch || !d.Ended.IsZero() || d.Invalid != "" }

// verifyDNSSEC verifies the domain's zone, and before it the registered zone if that is another: a zone below a bogus
// zone is bogus too.
func (f *Observations) verifyDNSSEC(ctx context.Context) *DNSSEC {
	z := f.Zone()
	if z.Zone == nil || len(z.Good()) == 0 {
		return &DNSSEC{State: SecurityUnknown, Why: "the zone's servers could not be asked"}
	}
	if above := z.Place.Zone; above != nil && above.Name != z.Zone.Name {
		if d := f.verifyChain(ctx, above, f.askServers(ctx, above), above.Name); d.State == Bogus {
			return d
		}
	}
	return f.verifyChain(ctx, z.Zone, z.Servers, f.Host())
}

// verifyChain verifies one zone. host is a name in it whose answer is verified as well.
func (f *Observations) verifyChain(ctx context.Context, zone *probe.Zone, servers []NameServer, host string) *DNSSEC {
	d := &DNSSEC{State: SecurityUnknown, Zone: zone.Name}
	parent := f.Zone().Place.ParentOf(zone)
	if parent == nil {
		d.Why = "the zone above is not known"
		return d
	}
	ds, failed := f.Session.AskZone(ctx, parent, zone.Name, dns.TypeDS)
	if ds == nil {
		d.Why, d.Evidence = "the zone above could not be asked for the DS record", failed
		return d
	}
	d.Evidence = append(d.Evidence, ds)
	for _, rr := range ds.Records(zone.Name, dns.TypeDS) {
		if r, ok := rr.(*dns.DS); ok {
			d.DS = append(d.DS, r)
		}
	}
	if len(d.DS) == 0 {
		d.State = Insecure
		return d
	}
	d.State = Secure
	f.verifyZone(ctx, zone.Name, servers, host, d)
	f.askValidators(ctx, zone.Name, d)
	if d.Fault() && len(d.Faulty) == 0 || len(d.Refusing) > 0 {
		d.State = Bogus
	}
	return d
}

// verifyZone verifies keys and signatures at each of the zone's servers. The first fault counts; if other servers
// have none, resolvers fall back to these.
func (f *Observations) verifyZone(ctx context.Context, zone string, servers []NameServer, host string, d *DNSSEC) {
	good := slices.DeleteFunc(slices.Clone(servers), func(s NameServer) bool { return s.State != ServerGood })
	keys, soas, hosts := make([]*exchange.Exchange, len(good)), make([]*exchange.Exchange, len(good)),
		make([]*exchange.Exchange, len(good))
	var wg probe.Group
	for i, srv := range good {
		wg.Go(func() { keys[i] = f.Session.AskSecure(ctx, srv.Server, zone, dns.TypeDNSKEY) })
		wg.Go(func() { soas[i] = f.Session.AskSecure(ctx, srv.Server, zone, dns.TypeSOA) })
		wg.Go(func() { hosts[i] = f.Session.AskSecure(ctx, srv.Server, host, dns.TypeA) })
	}
	wg.Wait()
	var first *DNSSEC
	right := 0
	for i := range good {
		if !keys[i].Outcome.Conclusive() {
			continue
		}
		at := &DNSSEC{DS: d.DS}
		f.verifyServer(zone, at, keys[i], soas[i], hosts[i])
		d.Early = cmp.Or(d.Early, at.Early)
		switch {
		case !at.Fault():
			right++
			if d.Keys == nil {
				d.Keys = at.Keys
			}
			d.Evidence = append(d.Evidence, at.Evidence...)
			continue
		case first == nil:
			first = at
		}
		d.Faulty = append(d.Faulty, ServerName(keys[i]))
	}
	if first != nil {
		d.Keys, d.NoMatch, d.Ended, d.Covers, d.Invalid = first.Keys, first.NoMatch, first.Ended, first.Covers,
			first.Invalid
		d.Evidence = append(d.Evidence, first.Evidence...)
	}
	if right == 0 {
		d.Faulty = nil
	}
}

// verifyServer verifies one server's answers up to the first fault.
func (f *Observations) verifyServer(zone string, d *DNSSEC, keyAnswer, soa, host *exchange.Exchange) {
	d.Evidence = append(d.Evidence, keyAnswer)
	var keys []*dns.DNSKEY
	var set []dns.RR
	for _, rr := range keyAnswer.Records(zone, dns.TypeDNSKEY) {
		if k, ok := rr.(*dns.DNSKEY); ok {
			keys, set = append(keys, k), append(set, rr)
		}
	}
	d.Keys = keys
	matched := matching(d.DS, keys)
	if len(matched) == 0 {
		if slices.ContainsFunc(d.DS, func(r *dns.DS) bool { return !supported(r) }) {
			d.Evidence = nil
			// an unsupported digest or algorithm: validators treat such a zone as unsigned (RFC 4035 5.2)
			return
		}
		d.NoMatch = true
		return
	}
	now := f.Session.Now()
	if f.verifySignatures(d, now, keyAnswer, zone, dns.TypeDNSKEY, set, matched) {
		return
	}
	for _, x := range []*exchange.Exchange{soa, host} {
		if x == nil || x.Msg == nil || !x.AA() {
			continue
		}
		for _, s := range rrsets(x) {
			if s.rrtype == dns.TypeRRSIG || !dns.IsSubDomain(dns.Fqdn(zone), dns.CanonicalName(s.owner)) ||
				s.rrtype == dns.TypeNS && exchange.Bare(s.owner) != zone {
				continue
			}
			if f.verifySignatures(d, now, x, s.owner, s.rrtype, s.rrs, keys) {
				d.Evidence = append(d.Evidence, x)
				return
			}
		}
	}
}

// supported reports whether digest and algorithm of a DS are supported.
func supported(r *dns.DS) bool {
	switch r.DigestType {
	case dns.SHA1, dns.SHA256, dns.SHA384:
	default:
		return false
	}
	switch r.Algorithm {
	case dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.RSASHA256, dns.RSASHA512, dns.ECDSAP256SHA256, dns.ECDSAP384SHA384,
		dns.ED25519:
		return true
	}
	return false
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

// verifySignatures verifies the signatures over one RRset. One valid signature is enough; otherwise it records the
// fault and returns true.
func (f *Observations) verifySignatures(d *DNSSEC, now time.Time, x *exchange.Exchange, owner string, rrtype uint16,
	set []dns.RR,
	keys []*dns.DNSKEY,
) bool {
	covers := exchange.Bare(owner) + " " + exchange.TypeName(rrtype)
	var ended, begins time.Time
	found := false
	for _, section := range [][]dns.RR{x.Msg.Answer, x.Msg.Ns} {
		for _, rr := range section {
			sig, ok := rr.(*dns.RRSIG)
			if !ok || sig.TypeCovered != rrtype || dns.CanonicalName(sig.Hdr.Name) != dns.CanonicalName(owner) {
				continue
			}
			found = true
			fits := slices.ContainsFunc(keys, func(k *dns.DNSKEY) bool {
				return sig.KeyTag == k.KeyTag() && sig.Verify(k, set) == nil
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

// askValidators queries resolvers for the zone's SOA, with and without validation.
func (f *Observations) askValidators(ctx context.Context, zone string, d *DNSSEC) {
	for _, r := range f.Session.Resolvers() {
		x := f.Session.Resolve(ctx, r, zone, dns.TypeSOA)
		if x.Outcome != exchange.ServFail {
			continue
		}
		y := f.Session.ResolveUnchecked(ctx, r, zone, dns.TypeSOA)
		if y.Outcome != exchange.Answered {
			continue
		}
		if f.StaleDS(ctx, zone, Cell{Server: r.String(), Exchange: x}, d.DS) != nil {
			continue // a cached DS that the registry no longer has: not a fault of the zone, and temporary
		}
		d.Refusing = append(d.Refusing, r.String())
		d.Evidence = append(d.Evidence, x, y)
		if ede := exchange.EDE(x.Msg); ede != "" && d.Hint == "" {
			d.Hint = sanitize.Text(ede, 120)
		}
	}
}

// StaleDS returns the DS records that a failing resolver has cached, if it answers without validation and the
// registry no longer has any of them; else nil.
func (f *Observations) StaleDS(ctx context.Context, zone string, c Cell, present []*dns.DS) *exchange.Exchange {
	if c.Exchange.Outcome != exchange.ServFail {
		return nil
	}
	s := f.Session
	for _, r := range s.Resolvers() {
		if r.String() != c.Server || s.ResolveUnchecked(ctx, r, zone, dns.TypeSOA).Outcome != exchange.Answered {
			continue
		}
		x := s.Resolve(ctx, r, zone, dns.TypeDS)
		rrs := x.Records(zone, dns.TypeDS)
		known := slices.ContainsFunc(rrs, func(rr dns.RR) bool {
			return slices.ContainsFunc(present, func(r *dns.DS) bool { return dns.IsDuplicate(r, rr) })
		})
		if len(rrs) > 0 && !known {
			return x
		}
	}
	return nil
}
