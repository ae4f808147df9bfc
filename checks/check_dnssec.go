package checks

import (
	"context"
	"fmt"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// checkDNSSEC compares the parent's DS with the zone's keys, and looks at the signatures and at how validating resolvers take them.
var checkDNSSEC = &Check{
	ID: "dnssec", Title: "DNSSEC", Rung: catalog.DNSSEC, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{catalog.DNSSECBogus.Cause, catalog.DNSSECStaleDS.Cause, catalog.DNSSECSignatureExpired.Cause},
	Run:     runDNSSEC,
}

// SecurityState is whether a zone is signed, and whether that holds.
type SecurityState string

// The states (RFC 4033 5).
const (
	Secure          SecurityState = "secure"
	Insecure        SecurityState = "insecure"
	Bogus           SecurityState = "bogus"
	SecurityUnknown SecurityState = "unknown"
)

// DNSSECFacts are what was seen of a zone's signatures.
type DNSSECFacts struct {
	State SecurityState
	DS    []*dns.DS
	Keys  []*dns.DNSKEY
	// NoMatch means that no DS fits any key.
	NoMatch bool
	// Ended is when a signature ended that is over; Covers what it was over.
	Ended  time.Time
	Covers string
	// Invalid says which signature does not fit.
	Invalid string
	// Refusing are the resolvers that answer SERVFAIL, and answer when asked not to validate.
	Refusing []string
	Hint     string
	Evidence []*probe.Exchange
	Why      string // of an unknown state
}

func (f *Facts) dnssec(ctx context.Context) *DNSSECFacts {
	z := f.Zone()
	d := &DNSSECFacts{State: SecurityUnknown}
	if z.Zone == nil || len(z.Good()) == 0 {
		d.Why = "the zone's servers could not be asked"
		return d
	}
	parent := z.Place.ParentOf(z.Zone)
	if parent == nil {
		d.Why = "the zone above is not known"
		return d
	}
	ds, failed := f.session.AskZone(ctx, parent, z.Zone.Name, dns.TypeDS)
	if ds == nil {
		d.Why, d.Evidence = "the zone above could not be asked for the DS record", failed
		return d
	}
	d.Evidence = append(d.Evidence, ds)
	for _, rr := range ds.Records(z.Zone.Name, dns.TypeDS) {
		if r, ok := rr.(*dns.DS); ok {
			d.DS = append(d.DS, r)
		}
	}
	if len(d.DS) == 0 {
		d.State = Insecure
		return d
	}
	d.State = Secure
	f.verifyZone(ctx, z, d)
	f.askValidators(ctx, z, d)
	if d.NoMatch || !d.Ended.IsZero() || d.Invalid != "" || len(d.Refusing) > 0 {
		d.State = Bogus
	}
	return d
}

// verifyZone checks keys and signatures at each of the zone's servers; the first fault counts.
func (f *Facts) verifyZone(ctx context.Context, z *ZoneFacts, d *DNSSECFacts) {
	good := z.Good()
	keys, soas, hosts := make([]*probe.Exchange, len(good)), make([]*probe.Exchange, len(good)), make([]*probe.Exchange, len(good))
	var wg probe.Group
	for i, srv := range good {
		wg.Go(func() { keys[i] = f.session.AskSecure(ctx, srv.Server, z.Zone.Name, dns.TypeDNSKEY) })
		wg.Go(func() { soas[i] = f.session.AskSecure(ctx, srv.Server, z.Zone.Name, dns.TypeSOA) })
		wg.Go(func() { hosts[i] = f.session.AskSecure(ctx, srv.Server, f.Host(), dns.TypeA) })
	}
	wg.Wait()
	for i := range good {
		if !keys[i].Outcome.Conclusive() {
			continue
		}
		if f.verifyServer(z.Zone.Name, d, keys[i], soas[i], hosts[i]) {
			return
		}
	}
}

// verifyServer checks one server's answers; it reports whether a fault was found.
func (f *Facts) verifyServer(zone string, d *DNSSECFacts, keyAnswer, soa, host *probe.Exchange) bool {
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
			d.Evidence = d.Evidence[:len(d.Evidence)-1]
			return false // a digest or an algorithm that is not known here: validators take such a zone as unsigned (RFC 4035 5.2)
		}
		d.NoMatch = true
		return true
	}
	now := f.session.Now()
	if f.faulty(d, now, keyAnswer, zone, dns.TypeDNSKEY, set, matched) {
		return true
	}
	for _, x := range []*probe.Exchange{soa, host} {
		if x == nil || x.Msg == nil || !x.AA() {
			continue
		}
		for _, s := range rrsets(x) {
			if s.rrtype == dns.TypeRRSIG || !dns.IsSubDomain(dns.Fqdn(zone), dns.CanonicalName(s.owner)) || s.rrtype == dns.TypeNS && probe.Bare(s.owner) != zone {
				continue
			}
			if f.faulty(d, now, x, s.owner, s.rrtype, s.rrs, keys) {
				d.Evidence = append(d.Evidence, x)
				return true
			}
		}
	}
	return false
}

// supported tells whether a DS can be compared here.
func supported(r *dns.DS) bool {
	switch r.DigestType {
	case dns.SHA1, dns.SHA256, dns.SHA384:
	default:
		return false
	}
	switch r.Algorithm {
	case dns.RSASHA1, dns.RSASHA1NSEC3SHA1, dns.RSASHA256, dns.RSASHA512, dns.ECDSAP256SHA256, dns.ECDSAP384SHA384, dns.ED25519:
		return true
	}
	return false
}

func matching(ds []*dns.DS, keys []*dns.DNSKEY) []*dns.DNSKEY {
	var out []*dns.DNSKEY
	for _, k := range keys {
		for _, r := range ds {
			if d := k.ToDS(r.DigestType); d != nil && d.KeyTag == r.KeyTag && d.Algorithm == r.Algorithm && equalFold(d.Digest, r.Digest) {
				out = append(out, k)
			}
		}
	}
	return out
}

func equalFold(a, b string) bool { return upper(a) == upper(b) }

// rrset is a set of records of one owner and type.
type rrset struct {
	owner  string
	rrtype uint16
	rrs    []dns.RR
}

func rrsets(x *probe.Exchange) []rrset {
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

// faulty looks at the signatures over one RRset: one that is good is enough; without one, the end of a signature or a misfit is the fault.
func (f *Facts) faulty(d *DNSSECFacts, now time.Time, x *probe.Exchange, owner string, rrtype uint16, set []dns.RR, keys []*dns.DNSKEY) bool {
	covers := probe.Bare(owner) + " " + probe.TypeName(rrtype)
	var ended time.Time
	found := false
	for _, section := range [][]dns.RR{x.Msg.Answer, x.Msg.Ns} {
		for _, rr := range section {
			sig, ok := rr.(*dns.RRSIG)
			if !ok || sig.TypeCovered != rrtype || dns.CanonicalName(sig.Hdr.Name) != dns.CanonicalName(owner) {
				continue
			}
			found = true
			fits := slices.ContainsFunc(keys, func(k *dns.DNSKEY) bool { return sig.KeyTag == k.KeyTag() && sig.Verify(k, set) == nil })
			switch {
			case fits && sig.ValidityPeriod(now):
				return false
			case fits:
				ended = time.Unix(int64(sig.Expiration), 0)
			}
		}
	}
	switch {
	case !ended.IsZero():
		d.Ended, d.Covers = ended, covers
	case found:
		d.Invalid = "the signature over " + covers + " does not fit the zone's keys"
	default:
		d.Invalid = "there is no signature over " + covers
	}
	return true
}

// askValidators asks resolvers for the zone's SOA, with and without validation.
func (f *Facts) askValidators(ctx context.Context, z *ZoneFacts, d *DNSSECFacts) {
	for _, r := range f.session.Resolvers() {
		x := f.session.Resolve(ctx, r, z.Zone.Name, dns.TypeSOA)
		if x.Outcome != probe.ServFail {
			continue
		}
		y := f.session.ResolveUnchecked(ctx, r, z.Zone.Name, dns.TypeSOA)
		if y.Outcome != probe.Answered {
			continue
		}
		if f.formerDS(ctx, Cell{Server: r.String(), Exchange: x}, d.DS) != nil {
			continue // it remembers what the registry no longer has: no fault of the zone, and a matter of time
		}
		d.Refusing = append(d.Refusing, r.String())
		d.Evidence = append(d.Evidence, x, y)
		if ede := probe.EDE(x.Msg); ede != "" && d.Hint == "" {
			d.Hint = catalog.Printable(ede, 120)
		}
	}
}

func runDNSSEC(_ context.Context, p *Pass) {
	d := p.Facts.DNSSEC()
	z := p.Facts.Zone()
	if d.State == SecurityUnknown {
		if z.Zone != nil && len(z.Good()) > 0 {
			p.Unable("whether the zone is signed could not be asked: %s", d.Why)
		}
		return
	}
	if d.State != Bogus {
		return
	}
	args := catalog.DNSSECArgs{Zone: z.Zone.Name, Parent: z.Zone.Parent, Resolvers: d.Refusing, Hint: d.Hint, Ended: d.Ended, Covers: d.Covers, Detail: d.Invalid}
	for _, r := range d.DS {
		args.DS = append(args.DS, fmt.Sprintf("%d %d %d", r.KeyTag, r.Algorithm, r.DigestType))
	}
	for _, k := range d.Keys {
		args.Keys = append(args.Keys, fmt.Sprintf("%d %d", k.KeyTag(), k.Algorithm))
	}
	evidence := With(d.Evidence...)
	switch {
	case d.NoMatch:
		p.Report(catalog.DNSSECStaleDS.With(args), evidence)
	case !d.Ended.IsZero():
		p.Report(catalog.DNSSECSignatureExpired.With(args), evidence)
	}
	if len(d.Refusing) > 0 || d.Invalid != "" {
		p.Report(catalog.DNSSECBogus.With(args), evidence)
	}
}
