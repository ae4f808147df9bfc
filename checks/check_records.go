package checks

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// recordCauses are the causes that comparing an expected record with the source can end in.
func recordCauses() []*catalog.Cause {
	return []*catalog.Cause{
		causes.RecordMissing.Cause, causes.RecordNameDoubled.Cause, causes.RecordWrongName.Cause,
		causes.RecordWrongType.Cause, causes.RecordValueDiffers.Cause,
		causes.RecordValueQuoted.Cause, causes.RecordValueWhitespace.Cause, causes.RecordValueTruncated.Cause,
		causes.RecordTargetZoneAppended.Cause,
		causes.RecordTargetIsURL.Cause, causes.RecordWildcardAnswers.Cause, causes.RecordServersDisagree.Cause,
		causes.RecordTruncatedNoTCP.Cause,
		causes.RecordHidesWildcard.Cause, causes.DelegationWrongHost.Cause, causes.DelegationZoneCut.Cause,
	}
}

// checkVerification compares the records that prove the domain with the source. Where the service accepts one of
// several, one right one is enough.
var checkVerification = &Check{
	ID: "verification", Title: "the verification record at the source", Rung: catalog.RecordRung,
	Needs:   []Need{NeedDNS},
	Reports: recordCauses(),
	Run:     runVerification,
}

func runVerification(_ context.Context, p *Pass) {
	var list []*Judged
	for _, e := range p.Facts.Expectations() {
		if e.Role == catalog.Verification {
			list = append(list, p.Facts.Judge(e))
		}
	}
	switch {
	case len(list) == 0:
		// to call it healthy we would have to know what was looked for
		if _, failed := p.ReportedCode("DOMAIN_004"); failed {
			p.Unable("the verification failed, and what the service asks for is not known: connect to the service, or " +
				"give it with --expect 'TXT NAME=VALUE'")
			return
		}
		p.Skip("no verification record is asked for")
		return
	case verified(p.Subject):
		p.Skip("the service has verified the domain already")
		return
	}
	unknown := true
	for _, j := range list {
		if j.State == StateRight {
			return // TXT or CNAME: either is enough
		}
		unknown = unknown && j.State == StateUnknown
	}
	if unknown && !slices.ContainsFunc(list, func(j *Judged) bool { return len(j.Findings) > 0 }) {
		p.Unable("%s", list[0].unasked())
		return
	}
	for _, j := range list {
		p.reportJudged(j)
	}
}

// verified reports whether the service has what it wanted to see: then the record may go. A failure that it reported
// says that it has not.
func verified(s *Subject) bool {
	return s.Verified() && !slices.ContainsFunc(s.AllReported(), func(r Reported) bool {
		return r.Code == "DOMAIN_004"
	})
}

// Verified reports whether the service calls the domain verified.
func (s *Subject) Verified() bool {
	if s.Domain == nil || len(s.Domain.Verifications) == 0 {
		return false
	}
	for _, v := range s.Domain.Verifications {
		if slices.Contains(liveStatuses, upper(v.Status)) || upper(v.Status) == "SUCCESS" || v.Status == "" &&
			slices.Contains(liveStatuses, upper(s.Domain.Status)) {
			return true
		}
	}
	return false
}

func (p *Pass) reportJudged(j *Judged) {
	for _, f := range j.Findings {
		p.Report(f.Instance, f.opts...)
	}
}

// checkExpected compares every other expected record with the source.
var checkExpected = &Check{
	ID: "records", Title: "the expected records at the source", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: append(recordCauses(), causes.RecordCNAMEWrongTarget.Cause, causes.RecordProxied.Cause,
		causes.CDNAliasElsewhere.Cause),
	Run: runExpected,
}

func runExpected(_ context.Context, p *Pass) {
	n := 0
	for _, j := range p.Facts.JudgeAll() {
		if j.Role == catalog.Verification || j.Role == catalog.Certificate && p.Facts.Held().CertificateIssued() {
			continue
		}
		n++
		if j.State == StateUnknown && len(j.Findings) == 0 {
			if _, ok := canonicalValue(j.Type, j.Value); ok {
				p.Unable("%s", j.unasked())
			}
			continue
		}
		p.reportJudged(j)
	}
	if n == 0 {
		p.Skip("no record is asked for")
	}
}

// issued reports whether the service has a certificate in use: then its validation record matters for the renewal only.
// CertificateIssued reports whether the service has issued the certificate.
func (h Held) CertificateIssued() bool {
	return h.HasCertificate && upper(h.Certificate.Status) == "ISSUED"
}

// checkAddresses judges the addresses that the host leads to.
var checkAddresses = &Check{
	ID: "addresses", Title: "the addresses that the host leads to", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.RecordStrayAddress.Cause, causes.RecordPrivateAddress.Cause,
		causes.RecordMissing.Cause,
	},
	Run: runAddresses,
}

func runAddresses(ctx context.Context, p *Pass) {
	a := p.Facts.Addresses()
	if len(a.All) == 0 {
		p.judgeNoAddress(ctx, a)
		return
	}
	record := catalog.Record{
		Role: catalog.Routing, Name: p.Subject.Name.ASCII, Zone: p.Facts.Zone().Apex, Type: "A",
		Host: p.Facts.DNSHost(),
	}
	var private []netip.Addr
	for _, addr := range a.All {
		if probe.SpecialAddress(addr) != "" && !p.worksHere(addr) {
			private = append(private, addr)
		}
	}
	if len(private) > 0 {
		r := record
		if private[0].Is6() {
			r.Type = "AAAA"
		}
		p.Report(causes.RecordPrivateAddress.With(causes.AddressArgs{
			Record: r, Addresses: texts(private),
			Detail: probe.SpecialAddress(private[0]),
		}), About(catalog.Routing, record.Name),
			With(append(a.V4.Evidence(), a.V6.Evidence()...)...))
	}
	var ours []netip.Addr
	for _, e := range p.Facts.Expectations() {
		switch {
		case e.Role != catalog.Routing:
		case e.Type == "CNAME":
			ours = append(ours, p.Facts.targetAddresses(ctx, bareTarget(e.Value))...)
		default:
			if addr, err := netip.ParseAddr(e.Value); err == nil {
				ours = append(ours, addr)
			}
		}
	}
	stray(p, record, a, ours)
}

// judgeNoAddress judges a name that leads nowhere. Where records are expected at it, judging those says more; where
// none is, nobody else looks.
func (p *Pass) judgeNoAddress(ctx context.Context, a *Addresses) {
	name := p.Subject.Name
	underscored := slices.ContainsFunc(strings.Split(name.ASCII, "."), func(label string) bool {
		return strings.HasPrefix(label, "_")
	})
	if len(p.Facts.Expectations()) > 0 || underscored || p.Subject.Domain != nil && !p.Subject.InUse() {
		p.noAddress()
		return
	}
	host := p.Facts.Host()
	v4, v6 := p.Authority(ctx, host, dns.TypeA), p.Authority(ctx, host, dns.TypeAAAA)
	switch {
	case !v4.Known() || !v6.Known():
		p.Unable("no authoritative server could be asked for the addresses of %s", name.ASCII)
		return
	case v4.Exists() || v6.Exists() || v4.CNAME() != "" || v6.CNAME() != "":
		p.Skip("the host has no address") // the CNAME check says where it ends
		return
	}
	record := catalog.Record{
		Role: catalog.Routing, Name: name.ASCII, Zone: p.Facts.Zone().Apex, Type: "A",
		Host: p.Facts.DNSHost(),
	}
	args := causes.MissingArgs{Record: record, Denial: "NODATA", Servers: len(v4.Good())}
	if v4.First().Outcome == probe.NXDomain {
		args.Denial = "NXDOMAIN"
	}
	p.Report(causes.RecordMissing.With(args), About(catalog.Routing, name.ASCII),
		With(append(v4.Good(), v6.Good()...)...))
}

// worksHere reports whether a documentation or benchmarking address answers with a certificate for the host after all:
// then it is somebody's lab, and calling it unreachable would be untrue.
func (p *Pass) worksHere(addr netip.Addr) bool {
	if p.Dialable(addr) != nil {
		return false
	}
	for _, h := range p.Facts.Handshakes() {
		if h.Addr.Addr() == addr {
			return h.Exchange.TLS != nil && h.Exchange.TLS.Connected
		}
	}
	return false
}

// stray reports addresses that are not the platform's beside some that are; IPv4 and IPv6 each on their own.
func stray(p *Pass, record catalog.Record, a *Addresses, ours []netip.Addr) {
	if len(ours) == 0 {
		return
	}
	foreign := foreignTo(a.All, ours)
	if len(foreign) == 0 || len(foreign) == len(a.All) {
		return
	}
	for _, c := range []struct {
		chain  *probe.Chain
		rrtype uint16
	}{{a.V4, dns.TypeA}, {a.V6, dns.TypeAAAA}} {
		var bad []string
		for _, x := range c.chain.AddrsOf() {
			if slices.Contains(foreign, x) {
				bad = append(bad, x.String())
			}
		}
		if len(bad) > 0 {
			r := record
			r.Type = probe.TypeName(c.rrtype)
			p.Report(causes.RecordStrayAddress.With(causes.AddressArgs{Record: r, Addresses: bad, Ours: texts(ours)}),
				About(catalog.Routing, record.Name), With(c.chain.Evidence()...))
		}
	}
}

func texts(list []netip.Addr) []string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, a.String())
	}
	return out
}

// checkBroken looks for servers that answer against the rules, so that a right record is not found.
var checkBroken = &Check{
	ID: "server-faults", Title: "servers that break the rules of DNS", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{causes.RecordNXDomainAbove.Cause, causes.RecordHTTPSHintsStale.Cause},
	Run:     runBroken,
}

func runBroken(ctx context.Context, p *Pass) {
	list := p.Facts.JudgeAll()
	if len(list) > 0 && !slices.ContainsFunc(list, func(j *Judged) bool { return j.State != StateUnknown }) {
		p.Unable("%s", list[0].unasked())
		return
	}
	for _, j := range list {
		above := parentName(j.Name)
		if j.State != StateRight || j.Zone == "" || above == j.Zone || !strings.HasSuffix(above, "."+j.Zone) {
			continue
		}
		v := p.Authority(ctx, above, dns.TypeA)
		var denying []*probe.Exchange
		for _, x := range v.Good() {
			if x.Outcome == probe.NXDomain {
				denying = append(denying, x)
			}
		}
		if len(denying) > 0 {
			r := j.Record
			r.Name, r.Type, r.Value = above, "A", ""
			p.Report(causes.RecordNXDomainAbove.With(causes.ServerArgs{
				Record: r, Servers: namesOf(denying),
				Below: j.Name,
			}), For(j.Expected), With(append(denying, j.Right...)...))
		}
	}
	p.hints(ctx)
}

// hints compares the addresses in the host's HTTPS record with its own. A CDN may hint at others of its addresses, so
// only hints that share none count.
func (p *Pass) hints(ctx context.Context) {
	a := p.Facts.Addresses()
	if len(a.All) == 0 {
		return
	}
	v := p.Authority(ctx, p.Facts.Host(), dns.TypeHTTPS)
	var hinted []netip.Addr
	for _, x := range v.Good() {
		for _, rr := range x.Records(v.Name, dns.TypeHTTPS) {
			https, ok := rr.(*dns.HTTPS)
			if !ok || https.Priority == 0 || https.Target != "." && probe.Bare(https.Target) != v.Name {
				continue
			}
			for _, kv := range https.Value {
				for _, ip := range hintAddrs(kv) {
					if !slices.Contains(hinted, ip) {
						hinted = append(hinted, ip)
					}
				}
			}
		}
	}
	if len(hinted) == 0 || slices.ContainsFunc(hinted, func(h netip.Addr) bool { return slices.Contains(a.All, h) }) {
		return
	}
	r := catalog.Record{Role: catalog.Routing, Name: v.Name, Type: "HTTPS", Zone: v.Apex(), Host: p.Facts.DNSHost()}
	p.Report(causes.RecordHTTPSHintsStale.With(causes.AddressArgs{
		Record: r, Addresses: texts(hinted),
		Ours: texts(a.All),
	}), About(catalog.Routing, v.Name), With(v.Good()...))
}

func hintAddrs(kv dns.SVCBKeyValue) []netip.Addr {
	var ips []net.IP
	switch kv := kv.(type) {
	case *dns.SVCBIPv4Hint:
		ips = kv.Hint
	case *dns.SVCBIPv6Hint:
		ips = kv.Hint
	}
	var out []netip.Addr
	for _, ip := range ips {
		if a, ok := netip.AddrFromSlice(ip); ok {
			out = append(out, a.Unmap())
		}
	}
	return out
}
