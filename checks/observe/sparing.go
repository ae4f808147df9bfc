package observe

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// Spare makes the observations of a domain that nothing suggests to be faulty with fewer questions: the service uses
// it and reports nothing against it. Questions are left out whose answer follows from others, as long as all servers
// of the zone have the same copy of it, and repeated ones about records that have done their work. What they show
// must be a healthy domain: call [Observations.BeThorough] otherwise.
func (f *Observations) Spare() {
	s := f.Subject
	f.settled = s.InUse() && len(s.AllReported()) == 0 && len(s.Expect) == 0 && s.AuthCode == nil &&
		(s.Intent == "" || s.Intent == subject.Attach)
	f.sparing = f.settled
}

// SpareCalls also leaves out two of the three calls of the service about a domain that has not changed lately: that
// its certificate is issued and its host routed is presumed, and [Observations.PresumedRight] says afterwards whether
// what visitors get shows it. What the page does not show is not found then: a certificate whose validation record is
// gone, long before its renewal, and a route that another one hides. Call it after Spare.
func (f *Observations) SpareCalls() {
	d := f.Subject.Domain
	f.presuming = f.sparing && f.Subject.Service != nil && d.CDN != nil && d.CDN.Target != "" &&
		!d.UpdatedAt.IsZero() && !subject.Within(d.UpdatedAt, f.Session.Now(), subject.PropagationPatience)
}

// renewalBegins is how long before the end of a certificate its authority begins to renew it.
const renewalBegins = 60 * 24 * time.Hour

// PresumedRight reports whether what was presumed about the service is shown by what visitors get: the name leads to
// the platform by a CNAME of its own, each address that was asked presents a certificate of the platform's authority
// for the name that is not to be renewed yet, and the page answers. It is true if nothing was presumed.
func (f *Observations) PresumedRight() bool {
	if !f.presuming {
		return true
	}
	if !f.leadsByCNAME() {
		return false
	}
	list := f.Handshakes()
	for _, h := range list {
		if probe.Spared(h.Exchange) {
			continue
		}
		if h.State() != HandshakeValid {
			return false
		}
		leaf := h.Exchange.TLS.Chain[0]
		if !strings.Contains(exchange.IssuerName(leaf), "Amazon") || leaf.NotAfter.Sub(f.Session.Now()) < renewalBegins {
			return false
		}
	}
	b := f.Page()
	return len(list) > 0 && b != nil && b.Last() != nil && b.Last().HTTP != nil && b.Last().HTTP.Status < 400
}

// leadsByCNAME reports whether the name is an alias of the service's target, as its servers answer. Addresses in its
// place may be those of a DNS host that flattens all CNAME records, the one of the certificate included.
func (f *Observations) leadsByCNAME() bool {
	chain := f.Addresses().V4
	return chain != nil && len(chain.Hops) > 1 && f.LeadsToPlatform()
}

// LeadsToPlatform reports whether the name leads to the CDN target that the service lists. At the tenant's own proxy,
// the certificate is the tenant's.
func (f *Observations) LeadsToPlatform() bool {
	return slices.ContainsFunc(f.Expectations(), func(e subject.Expected) bool {
		return e.Role == catalog.Routing && e.Type == "CNAME" && f.CompareRecord(e).State == StateRight
	})
}

// Sparing reports whether questions are left out.
func (f *Observations) Sparing() bool { return f.sparing }

// BeThorough forgets what was observed with fewer questions, so that it is observed with all of them. Known answers
// are not asked for again. No check may be running.
func (f *Observations) BeThorough() {
	f.sparing = false
	if f.presuming { // what follows from the details of the service
		f.presuming = false
		f.held, f.expectations, f.rows = lazy[Held]{}, lazy[[]subject.Expected]{}, lazy[[]*SourcedRow]{}
		f.results = map[string]*lazy[*RecordResult]{}
		f.compared = lazy[[]*RecordResult]{}
	}
	f.page, f.pages, f.caa, f.dnssec = lazy[*probe.Browse]{}, lazy[[]PageOf]{}, lazy[*CAA]{}, lazy[*DNSSEC]{}
	f.handshakes = lazy[[]Handshake]{}
}

// AuthorityBriefly is [probe.Session.Authority] for records that should not exist. If all servers of the zone have
// the same copy of it, the denial of one of them stands for all.
func (f *Observations) AuthorityBriefly(ctx context.Context, name string, rrtype uint16) *probe.AuthoritativeAnswers {
	if f.sparing {
		v := f.Session.Lookup(ctx, name, rrtype) // before the zone is known: the question is asked in any case
		if v.Known() && !v.Exists() && v.Zone == f.Zone().Zone && f.sameCopies(name) {
			return v
		}
	}
	return f.Session.Authority(ctx, name, rrtype)
}

// sameCopies reports whether a name is in the subject's zone, and all servers of that zone answer with the same SOA
// record. Operators that share a zone without transferring it have servers, mailboxes or serials of their own there.
func (f *Observations) sameCopies(name string) bool {
	z := f.Zone()
	if z.Zone == nil || z.Apex != z.Zone.Name || z.Absent != nil || z.AbsentAt != nil || len(z.Split) > 0 ||
		!exchange.InZone(name, z.Apex) || len(z.Servers) == 0 {
		return false
	}
	first := z.Servers[0].SOA.Values(z.Apex, dns.TypeSOA)
	return len(first) > 0 && !slices.ContainsFunc(z.Servers, func(s NameServer) bool {
		return s.State != ServerGood || !slices.Equal(s.SOA.Values(z.Apex, dns.TypeSOA), first)
	})
}

// Served reports whether a record has done its work and is right at every server: the service has verified the
// domain, or issued the certificate, and reports nothing since.
func (f *Observations) Served(e subject.Expected) bool {
	done := e.Role == catalog.Verification && f.Subject.VerificationDone() ||
		e.Role == catalog.Certificate && f.Held().CertificateIssued()
	return f.settled && done && f.CompareRecord(e).State == StateRight
}

// othersAfter is how long one address of an edge may take before the others are asked as well.
const othersAfter = time.Second

// askSparingly asks n addresses, at once. Where questions are left out and the first address may stand for the others,
// these are asked only if it takes long or its answer is not enough; enough is called once the first has answered.
func (f *Observations) askSparingly(n int, ask func(i int), may, enough func() bool) {
	if n == 0 {
		return
	}
	wg := f.Session.Group()
	answered := make(chan struct{})
	wg.Go(func() {
		defer close(answered)
		ask(0)
	})
	if n > 1 && !(f.sparing && may() && within(answered, othersAfter) && enough()) {
		for i := 1; i < n; i++ {
			wg.Go(func() { ask(i) })
		}
	}
	wg.Wait()
}

// within reports whether done is closed in time.
func within(done <-chan struct{}, limit time.Duration) bool {
	select {
	case <-done:
		return true
	default:
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// othersServe reports whether the handshake with the first address stands for those with the others: all are those
// that the platform's target has, of one CDN, which serves every host alike; and the others have just served other
// hosts, so that they are known to be reached from here.
func (f *Observations) othersServe(ctx context.Context, list []netip.AddrPort) bool {
	host := f.Host()
	if slices.ContainsFunc(list[1:], func(a netip.AddrPort) bool { return !f.Session.JustServed(a, host) }) ||
		!f.oneEdge(ctx) {
		return false
	}
	ours := f.OurAddresses(ctx)
	return !slices.ContainsFunc(list, func(a netip.AddrPort) bool { return !slices.Contains(ours, a.Addr()) })
}

// A certificate is shown by all addresses of an edge alike, unless it is being replaced.
const (
	rolledOut  = 7 * 24 * time.Hour  // since it was issued
	rollingOut = 30 * 24 * time.Hour // before it expires
)

// settled reports whether the certificate is valid and not about to be replaced, nor has just been.
func (h Handshake) settled(now time.Time) bool {
	return h.State() == HandshakeValid && now.Sub(h.Exchange.TLS.Chain[0].NotBefore) > rolledOut &&
		h.Exchange.TLS.Chain[0].NotAfter.Sub(now) > rollingOut
}

// oneEdge reports whether all addresses are those of one CDN to which the service directs the domain. They serve
// every host alike, so that the page of one address stands for all.
func (f *Observations) oneEdge(ctx context.Context) bool {
	all := f.Addresses().All
	if len(all) == 0 || len(ForeignAddresses(all, f.OurAddresses(ctx))) > 0 {
		return false
	}
	network := hosts.CDNOf(all[0])
	for _, a := range all[1:] {
		if hosts.CDNOf(a) != network {
			return false
		}
	}
	return network != ""
}
