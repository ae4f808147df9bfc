package observe

import (
	"cmp"
	"context"
	"slices"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

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
	Zone  string // the domain's own zone, or the one above or below it that is at fault
	// Parent is the zone with the DS records, if it is on the same servers; else empty.
	Parent string
	DS     []*dns.DS
	Keys   []*dns.DNSKEY
	// NoMatch means that no DS matches any key.
	NoMatch bool
	// Ended is when an expired signature ended; Covers is the RRset it covered.
	Ended  time.Time
	Covers string
	// Invalid describes the signature that does not verify.
	Invalid string
	// Early describes a signature that is not valid yet by the local clock. Unless a resolver refuses the zone, the
	// clock is wrong.
	Early string
	// Faulty are the servers with the fault, if others of the zone do not have it.
	Faulty []string
	// Refusing are the resolvers that answer SERVFAIL, but answer with validation disabled.
	Refusing []string
	Hint     string
	Evidence []*exchange.Exchange
	Why      string // why the state is unknown
	// Overruled describes a fault found by domdoc that a validating resolver contradicts: then domdoc is wrong.
	Overruled string
	// Validating are the resolvers that validate the zone while others refuse it.
	Validating []string
	// Parents are the servers of the zone above, if only some have DS records that match a key.
	Parents *SplitDS
	// Rejected are the queries whose answers validating resolvers reject although the zone validates.
	Rejected []RejectedAnswer

	faulty question // whose answer has the fault
	stale  bool     // a resolver has DS records that the first server of the zone above does not have
}

// SplitDS are the servers of a zone above by the DS records that they have.
type SplitDS struct {
	Matching, Outdated []*exchange.Exchange
}

// question is a name and a type.
type question struct {
	name   string
	rrtype uint16
}

// Fault reports whether the keys or signatures are faulty.
func (d *DNSSEC) Fault() bool { return d.NoMatch || !d.Ended.IsZero() || d.Invalid != "" }

// verifyDNSSEC verifies the domain's zone, after the zones above it, from the registered one down: a zone below a
// bogus zone is bogus too.
func (f *Observations) verifyDNSSEC(ctx context.Context) *DNSSEC {
	d := f.verifyOwnZones(ctx)
	if d.State == Bogus || d.Fault() || len(d.Rejected) > 0 {
		return d
	}
	if link := f.verifyLinks(ctx); link != nil {
		return link
	}
	return d
}

// verifyLinks verifies the zones of the CNAMEs between the host and the end of its chain, if a validating resolver
// rejects the host's addresses: one of them may be bogus. It returns that zone; nil if there is none. A chain without
// such a CNAME costs no query.
func (f *Observations) verifyLinks(ctx context.Context) *DNSSEC {
	hops := f.Addresses().V4.Hops
	own := f.Zone().Zone
	if own == nil || len(hops) < 3 || f.Subject.Name.Wildcard {
		return nil
	}
	hops = slices.DeleteFunc(slices.Clone(hops[1:len(hops)-1]), func(h probe.Hop) bool {
		return exchange.InZone(h.Name, own.Name)
	})
	q := question{f.Host(), dns.TypeA}
	if len(hops) == 0 || !slices.ContainsFunc(f.Session.Resolvers(), func(r exchange.Server) bool {
		return f.refused(ctx, r, f.Session.Resolve(ctx, r, q.name, q.rrtype), q) != nil
	}) {
		return nil
	}
	for _, h := range hops {
		place := f.Session.Locate(ctx, h.Name)
		if place.Zone == nil || place.Unknown != "" || place.Missing != "" {
			continue
		}
		d := f.verifyChain(ctx, place.Zone, place.ParentOf(place.Zone), f.askServers(ctx, place.Zone), h.Name)
		if d.State == Bogus {
			return d
		}
	}
	return nil
}

// verifyOwnZones verifies the zones from the registered one down to the domain's.
func (f *Observations) verifyOwnZones(ctx context.Context) *DNSSEC {
	z := f.Zone()
	if z.Zone == nil || len(z.Good()) == 0 {
		return &DNSSEC{State: SecurityUnknown, Why: "the zone's servers could not be queried"}
	}
	above := z.Place.Zone
	if above == nil || above.Name == z.Zone.Name {
		return f.verifyChain(ctx, z.Zone, z.Place.ParentOf(z.Zone), z.Servers, f.Host())
	}
	parent := z.Place.ParentOf(above)
	var rejected []RejectedAnswer
	for _, zone := range above.PathTo(f.Host()) {
		if zone.Name == z.Zone.Name {
			break
		}
		d := f.verifyChain(ctx, zone, parent, f.askServers(ctx, zone), zone.Name)
		if d.State == Bogus || d.State == Insecure { // below an unsigned zone nothing is validated
			d.Rejected = append(d.Rejected, rejected...)
			return d
		}
		rejected = append(rejected, d.Rejected...)
		parent = zone
	}
	d := f.verifyChain(ctx, z.Zone, parent, z.Servers, f.Host())
	d.Rejected = append(d.Rejected, rejected...)
	return d
}

// verifyChain verifies one zone. host is a name in it whose answer is verified as well.
func (f *Observations) verifyChain(ctx context.Context, zone, parent *probe.Zone, servers []NameServer,
	host string,
) *DNSSEC {
	d := &DNSSEC{State: SecurityUnknown, Zone: zone.Name}
	if parent == nil {
		d.Why = "the zone above is unknown"
		return d
	}
	ds, failed := f.Session.AskZone(ctx, parent, zone.Name, dns.TypeDS)
	if ds == nil {
		d.Why, d.Evidence = "the zone above could not be queried for the DS record", failed
		return d
	}
	f.verifyDelegation(ctx, d, ds, servers, host)
	// the servers of a zone of the tenant's own may differ, too, without a resolver having noticed yet
	if d.NoMatch || d.stale || len(d.DS) > 0 && f.Zone().OwnParent(zone) != nil {
		f.compareDS(ctx, d, parent)
	}
	if d.State == Secure && !d.Fault() && d.Overruled == "" && d.Parents == nil {
		f.askQuestions(ctx, d, servers, host)
	}
	return d
}

// compareDS asks every server of the zone above for the DS records, since one of them may have an older copy.
func (f *Observations) compareDS(ctx context.Context, d *DNSSEC, parent *probe.Zone) {
	if d.Parent == "" { // otherwise verifyBelow has
		d.compareDS(f.Session.AskParents(ctx, parent, d.Zone, dns.TypeDS))
	}
}

// compareDS compares the DS records that the servers of the zone above have.
func (d *DNSSEC) compareDS(answers []*exchange.Exchange) {
	var split SplitDS
	for _, x := range answers {
		var ds []*dns.DS
		for _, rr := range x.Records(d.Zone, dns.TypeDS) {
			if r, ok := rr.(*dns.DS); ok {
				ds = append(ds, r)
			}
		}
		switch {
		case !x.AA() || len(ds) == 0:
		case len(matching(usable(ds), d.Keys)) > 0:
			split.Matching = append(split.Matching, x)
		default:
			split.Outdated = append(split.Outdated, x)
		}
	}
	if len(split.Matching) > 0 && len(split.Outdated) > 0 {
		d.Parents = &split
	}
}

// verifyDelegation verifies a zone by its DS records at the zone above, and the zones below it on the same servers
// that hold the host.
func (f *Observations) verifyDelegation(ctx context.Context, d *DNSSEC, ds *exchange.Exchange, servers []NameServer,
	host string,
) {
	d.Evidence = append(d.Evidence, ds)
	for _, rr := range ds.Records(d.Zone, dns.TypeDS) {
		if r, ok := rr.(*dns.DS); ok {
			d.DS = append(d.DS, r)
		}
	}
	// a zone of which no DS record can be used is treated as unsigned (RFC 4035 5.2, RFC 6840 5.2)
	if len(usable(d.DS)) == 0 {
		if d.State = Insecure; len(d.DS) > 0 {
			f.askOtherValidators(ctx, d, servers)
		}
		return
	}
	d.State = Secure
	below := f.verifyZone(ctx, d.Zone, servers, host, d)
	f.askValidators(ctx, d.Zone, d)
	if d.Fault() && len(d.Faulty) == 0 && len(d.Refusing) == 0 {
		f.confirm(ctx, d)
	}
	if len(d.Refusing) > 0 {
		d.State = Bogus
	}
	if d.State != Secure || d.Fault() {
		return
	}
	for _, zone := range below {
		if b := f.verifyBelow(ctx, zone, servers, host); b != nil &&
			(b.State == Bogus || b.Fault() || b.Parents != nil) {
			*d = *b
			return
		}
	}
}

// askOtherValidators queries the resolvers for a zone with DS records that cannot be used here. Some resolvers
// support more algorithms, such as ED448, and reject the zone if it is bogus by these. Whether a DS record matches a
// key does not depend on the algorithm.
func (f *Observations) askOtherValidators(ctx context.Context, d *DNSSEC, servers []NameServer) {
	f.askValidators(ctx, d.Zone, d)
	if len(d.Refusing) == 0 {
		return
	}
	d.State = Bogus
	for _, srv := range servers {
		if srv.State != ServerGood {
			continue
		}
		x := f.Session.AskSecure(ctx, srv.Server, d.Zone, dns.TypeDNSKEY)
		if !x.AA() || x.Outcome != exchange.Answered {
			continue
		}
		d.Evidence = append(d.Evidence, x)
		for _, rr := range x.Records(d.Zone, dns.TypeDNSKEY) {
			if k, ok := rr.(*dns.DNSKEY); ok {
				d.Keys = append(d.Keys, k)
			}
		}
		break
	}
	d.NoMatch = len(d.Keys) > 0 && len(matching(d.DS, d.Keys)) == 0 &&
		!slices.ContainsFunc(d.DS, func(r *dns.DS) bool { return !knownDigest(r) })
}

// verifyBelow verifies a zone on the servers of the zone above it, which send no referral to it. It returns nil if
// the zone above does not show whether it is signed.
func (f *Observations) verifyBelow(ctx context.Context, zone string, servers []NameServer, host string) *DNSSEC {
	for _, srv := range servers {
		if srv.State != ServerGood {
			continue
		}
		x := f.Session.AskSecure(ctx, srv.Server, zone, dns.TypeDS)
		soa := x.SOA()
		if !x.AA() || !x.Outcome.Conclusive() || soa != nil && exchange.Bare(soa.Hdr.Name) == zone {
			continue // the zone's own denial: the DS record belongs to the zone above (RFC 4035 3.1.4.1)
		}
		d := &DNSSEC{State: SecurityUnknown, Zone: zone}
		f.verifyDelegation(ctx, d, x, servers, host)
		if d.Parent == "" {
			d.Parent = signerOf(x, zone)
			d.compareDS(f.askServersFor(ctx, servers, zone))
		}
		return d
	}
	return nil
}

// askServersFor asks each server of the zone above for the DS records of a zone that is on the same servers.
func (f *Observations) askServersFor(ctx context.Context, servers []NameServer, zone string) []*exchange.Exchange {
	out := make([]*exchange.Exchange, len(servers))
	wg := f.Session.Group()
	for i, srv := range servers {
		wg.Go(func() { out[i] = f.Session.AskSecure(ctx, srv.Server, zone, dns.TypeDS) })
	}
	wg.Wait()
	return out
}

// signerOf returns the zone that signs the DS records of a zone, or their denial (RFC 4034 3.1.7).
func signerOf(x *exchange.Exchange, zone string) string {
	for _, section := range [][]dns.RR{x.Msg.Answer, x.Msg.Ns} {
		for _, rr := range section {
			if sig, ok := rr.(*dns.RRSIG); ok && exchange.InZone(zone, exchange.Bare(sig.SignerName)) {
				return exchange.Bare(sig.SignerName)
			}
		}
	}
	return ""
}

// confirm sends the resolvers the query whose answer domdoc considers faulty. A zone is bogus if a validating
// resolver rejects the answer; if one validates it, domdoc is wrong.
func (f *Observations) confirm(ctx context.Context, d *DNSSEC) {
	var asked, validated []*exchange.Exchange
	for _, r := range f.Session.Resolvers() {
		x := f.Session.ResolveSecure(ctx, r, d.faulty.name, d.faulty.rrtype)
		switch {
		case x.Outcome == exchange.ServFail:
			if y := f.refused(ctx, r, x, d.faulty); y != nil {
				d.refuse(r, x, y)
			}
		case x.Outcome.Conclusive():
			asked = append(asked, x)
			if x.Msg.AuthenticatedData && !d.remembered(x) {
				validated = append(validated, x)
			}
		}
	}
	switch {
	case len(d.Refusing) > 0:
	case len(validated) > 0:
		d.Overruled = cmp.Or(d.Invalid, d.Covers, "no DS record matches a key")
		d.NoMatch, d.Ended, d.Covers, d.Invalid = false, time.Time{}, "", ""
		d.Evidence = append(d.Evidence, validated...)
	case d.NoMatch: // shown by the records alone: a resolver that answers does not validate, or has older records
		d.State = Bogus
		d.Evidence = append(d.Evidence, asked...)
	default:
		d.State = SecurityUnknown
		d.Why = "according to its own servers it is bogus (" + d.describe() +
			"), but no validating resolver that was queried confirms it"
		d.Evidence = append(d.Evidence, asked...)
		d.NoMatch, d.Ended, d.Covers, d.Invalid = false, time.Time{}, "", ""
	}
}

func (d *DNSSEC) describe() string {
	if !d.Ended.IsZero() {
		return "the signature over " + d.Covers + " has expired"
	}
	return d.Invalid
}

// remembered reports whether a resolver validates with keys that the zone no longer has, from its cache.
func (d *DNSSEC) remembered(x *exchange.Exchange) bool {
	if !d.NoMatch {
		return false
	}
	return !slices.ContainsFunc(x.Records(d.Zone, dns.TypeDNSKEY), func(rr dns.RR) bool {
		k, ok := rr.(*dns.DNSKEY)
		return ok && slices.ContainsFunc(d.Keys, func(o *dns.DNSKEY) bool { return o.PublicKey == k.PublicKey })
	})
}

// refuse records that a resolver rejects an answer (x) but returns it without validation (y).
func (d *DNSSEC) refuse(r exchange.Server, x, y *exchange.Exchange) {
	d.Refusing = append(d.Refusing, r.String())
	d.Evidence = append(d.Evidence, x, y)
	if ede := exchange.EDE(x.Msg); ede != "" && d.Hint == "" {
		d.Hint = sanitize.Text(ede, 120)
	}
}

// verifyZone verifies keys and signatures at each of the zone's servers. The first fault counts; if other servers
// have none, resolvers fall back to these. It returns the zones below that the servers hold as well.
func (f *Observations) verifyZone(ctx context.Context, zone string, servers []NameServer, host string,
	d *DNSSEC,
) (below []string) {
	good := slices.DeleteFunc(slices.Clone(servers), func(s NameServer) bool { return s.State != ServerGood })
	keys, soas, hosts := make([]*exchange.Exchange, len(good)), make([]*exchange.Exchange, len(good)),
		make([]*exchange.Exchange, len(good))
	wg := f.Session.Group()
	for i, srv := range good {
		wg.Go(func() { keys[i] = f.Session.AskSecure(ctx, srv.Server, zone, dns.TypeDNSKEY) })
		wg.Go(func() { soas[i] = f.Session.AskSecure(ctx, srv.Server, zone, dns.TypeSOA) })
		wg.Go(func() { hosts[i] = f.Session.AskSecure(ctx, srv.Server, host, dns.TypeA) })
	}
	wg.Wait()
	var first *DNSSEC
	right, known := 0, &validities{}
	for i, srv := range good {
		if !keys[i].Outcome.Conclusive() {
			continue
		}
		at := &DNSSEC{DS: d.DS, Zone: zone}
		v := &verifier{f: f, server: srv.Server, zone: zone, d: at, known: known}
		v.verify(ctx, keys[i], soas[i], hosts[i])
		below = append(below, v.below...)
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
		d.faulty = first.faulty
		d.Evidence = append(d.Evidence, first.Evidence...)
	}
	if right == 0 {
		d.Faulty = nil
	}
	slices.Sort(below)
	return slices.Compact(below)
}

// askValidators queries resolvers for the zone's SOA, with and without validation.
func (f *Observations) askValidators(ctx context.Context, zone string, d *DNSSEC) {
	var others []exchange.Server
	for _, r := range f.Session.Resolvers() {
		x := f.Session.Resolve(ctx, r, zone, dns.TypeSOA)
		if x.Outcome != exchange.ServFail {
			others = append(others, r)
			continue
		}
		y := f.refused(ctx, r, x, question{zone, dns.TypeSOA})
		if y == nil || y.Outcome != exchange.Answered {
			continue
		}
		if f.StaleDS(ctx, zone, Cell{Server: r.String(), Exchange: x}, d.DS) != nil {
			d.stale = true
			continue // a cached DS that the registry no longer has: not a fault of the zone, and temporary
		}
		d.refuse(r, x, y)
	}
	if len(d.Refusing) == 0 || d.Fault() || d.Early != "" {
		return
	}
	for _, r := range others { // where domdoc finds no fault, the fault may be in that resolver
		if x := f.Session.ResolveSecure(ctx, r, zone, dns.TypeSOA); x.Outcome.Conclusive() && x.Msg.AuthenticatedData {
			d.Validating = append(d.Validating, r.String())
			d.Evidence = append(d.Evidence, x)
		}
	}
}

// StaleDS returns the DS records that a failing resolver has cached, if it answers without validation and the
// registry no longer has any of them; nil otherwise.
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
