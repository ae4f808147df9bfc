package observe

import (
	"context"
	"slices"
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
// of the zone have the same copy of it, and repeated ones about records that have done their work. What they show must
// be a healthy domain: call [Observations.BeThorough] otherwise.
func (f *Observations) Spare() {
	s := f.Subject
	f.settled = s.InUse() && len(s.AllReported()) == 0 && len(s.Expect) == 0 && s.AuthCode == nil &&
		(s.Intent == "" || s.Intent == subject.Attach)
	f.sparing = f.settled
}

// Sparing reports whether questions are left out.
func (f *Observations) Sparing() bool { return f.sparing }

// BeThorough forgets what was observed with fewer questions, so that it is observed with all of them. Known answers
// are not asked for again. No check may be running.
func (f *Observations) BeThorough() {
	f.sparing = false
	f.page, f.pages, f.caa, f.dnssec = lazy[*probe.Browse]{}, lazy[[]PageOf]{}, lazy[*CAA]{}, lazy[*DNSSEC]{}
}

// AuthorityBriefly is [probe.Session.Authority] for records that should not exist. If all servers of the zone have the
// same copy of it, the denial of one of them stands for all.
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

// Served reports whether a record has done its work and is right at every server: the service has verified the domain,
// or issued the certificate, and reports nothing since.
func (f *Observations) Served(e subject.Expected) bool {
	done := e.Role == catalog.Verification && f.Subject.VerificationDone() ||
		e.Role == catalog.Certificate && f.Held().CertificateIssued()
	return f.settled && done && f.CompareRecord(e).State == StateRight
}

// othersAfter is how long one address of an edge may take for the page before the others are asked for it as well.
const othersAfter = time.Second

// oneEdge reports whether all addresses are those of one CDN to which the service directs the domain. They serve every
// host alike, so that the page of one address stands for all.
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
