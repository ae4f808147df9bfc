package rules

import (
	"context"
	"slices"
	"strings"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
)

// checkServerFaults checks for servers that violate the DNS protocol, so that a right record is not found.
var checkServerFaults = &Check{
	ID: "server-faults", Title: "servers that violate the DNS protocol", Rung: catalog.RecordRung,
	Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.RecordNXDomainAbove.Cause, causes.RecordHTTPSHintsStale.Cause, causes.RecordHTTPSNowhere.Cause,
		causes.RecordHTTPSForeignECH.Cause,
		causes.RecordTypeUnanswered.Cause, causes.RecordNXDomainForType.Cause,
	},
	Run: runServerFaults,
}

func runServerFaults(ctx context.Context, p *Pass) {
	p.reportTypeFaults(ctx)
	list := p.Observed.CompareRecords()
	if len(list) > 0 && !slices.ContainsFunc(list, func(j *observe.RecordResult) bool {
		return j.State != observe.StateUnknown
	}) {
		p.Unable("%s", list[0].WhyUnknown())
		return
	}
	for _, j := range list {
		above := dnsname.Parent(j.Name)
		if j.State != observe.StateRight || j.Zone == "" || above == j.Zone || !strings.HasSuffix(above, "."+j.Zone) {
			continue
		}
		v := p.Authority(ctx, above, dns.TypeA)
		var denying []*exchange.Exchange
		for _, x := range v.Good() {
			if x.Outcome == exchange.NXDomain {
				denying = append(denying, x)
			}
		}
		if len(denying) > 0 {
			p.reportDeniedAbove(j, above, denying)
		}
	}
	p.reportHTTPSRecords(ctx)
}

// reportDeniedAbove reports servers that deny the name above a record. Resolvers conclude from that that the record
// does not exist either only if the denial is validated, so it is a fault in a signed zone or if a resolver lacks the
// record.
func (p *Pass) reportDeniedAbove(j *observe.RecordResult, above string, denying []*exchange.Exchange) {
	r := j.Record
	r.Name, r.Type, r.Value = above, "A", ""
	args := causes.RecordNXDomainAboveArgs{Record: r, Servers: observe.ServerNames(denying), Below: j.Name}
	d := p.Observed.DNSSEC()
	args.Signed = d.State == observe.Secure || d.State == observe.Bogus
	evidence := append(denying, j.Right...)
	for _, row := range p.Observed.Propagation() {
		for _, c := range row.Cells {
			if row.Result == j && c.Kind == observe.KindResolver && c.State == observe.CellMissing {
				args.Missing = append(args.Missing, c.Server)
				evidence = append(evidence, c.Exchange)
			}
		}
	}
	opts := []finding.Option{finding.For(j.Expected), finding.With(evidence...)}
	if !args.Signed && len(args.Missing) == 0 {
		opts = append(opts, finding.Partly())
	}
	p.Report(causes.RecordNXDomainAbove.With(args), opts...)
}

// reportHTTPSRecords reports HTTPS records that lead browsers elsewhere, or nowhere.
func (p *Pass) reportHTTPSRecords(ctx context.Context) {
	found := p.Observed.JudgeHTTPS(ctx)
	v := found.View
	r := catalog.Record{Role: catalog.Routing, Name: v.Name, Type: "HTTPS", Zone: v.Apex(), Host: p.Observed.DNSHost()}
	if found.Untried != "" {
		p.Remark("the HTTPS record of %s is for connections %s, which were not tried: its port and keys are not checked",
			v.Name, found.Untried)
	}
	for _, f := range found.Faults {
		opts := []finding.Option{finding.About(catalog.Routing, v.Name), finding.With(f.Evidence...)}
		if f.Likely {
			opts = append(opts, finding.Sure(finding.Likely))
		}
		args := causes.HTTPSRecordArgs{Record: r, Target: f.Target, Detail: f.Detail}
		switch f.Kind {
		case observe.HTTPSElsewhere:
			p.Report(causes.RecordHTTPSHintsStale.With(causes.RecordHTTPSHintsStaleArgs{
				Record: r, Addresses: addressTexts(f.Addresses), Ours: addressTexts(p.Observed.Addresses().All),
				Target: f.Target,
			}), opts...)
		case observe.HTTPSNowhere:
			p.Report(causes.RecordHTTPSNowhere.With(args), opts...)
		case observe.HTTPSForeignECH:
			p.Report(causes.RecordHTTPSForeignECH.With(args), opts...)
		}
	}
}
