package rules

import (
	"context"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/rdata"

	"github.com/miekg/dns"
)

// recordCauses returns the causes that comparing an expected record can find.
func recordCauses() []*catalog.Cause {
	return []*catalog.Cause{
		causes.RecordMissing.Cause, causes.RecordNameDoubled.Cause, causes.RecordWrongName.Cause,
		causes.RecordWrongType.Cause, causes.RecordValueDiffers.Cause,
		causes.RecordValueQuoted.Cause, causes.RecordValueWhitespace.Cause, causes.RecordValueTruncated.Cause,
		causes.RecordValueUnquoted.Cause,
		causes.RecordTargetZoneAppended.Cause,
		causes.RecordTargetIsURL.Cause, causes.RecordWildcardAnswers.Cause, causes.RecordServersDisagree.Cause,
		causes.RecordTruncatedNoTCP.Cause,
		causes.RecordHidesWildcard.Cause, causes.DelegationWrongHost.Cause, causes.DelegationZoneCut.Cause,
	}
}

// checkVerification compares the verification records with the source. If the service accepts several, one is enough.
var checkVerification = &Check{
	ID: "verification", Title: "the verification record at the source", Rung: catalog.RecordRung,
	Needs:   []Need{NeedDNS},
	Reports: recordCauses(),
	Run:     runVerification,
}

func runVerification(_ context.Context, p *Pass) {
	var list []*observe.RecordResult
	for _, e := range p.Observed.Expectations() {
		if e.Role == catalog.Verification {
			list = append(list, p.Observed.CompareRecord(e))
		}
	}
	switch {
	case len(list) == 0:
		// without the expected record there is nothing to compare
		if _, failed := p.ReportedCode("DOMAIN_004"); failed {
			p.Unable("the verification failed, but the expected record is unknown: connect to the service, or give it " +
				"with " +
				"--expect 'TXT NAME=VALUE'")
			return
		}
		p.SkipUnasked("no verification record is expected")
		return
	case p.Subject.VerificationDone():
		p.Skip("the service has already verified the domain")
		return
	}
	unknown := true
	for _, j := range list {
		if j.State == observe.StateRight {
			return // either TXT or CNAME is enough
		}
		unknown = unknown && j.State == observe.StateUnknown
	}
	if unknown && !slices.ContainsFunc(list, func(j *observe.RecordResult) bool { return len(j.Faults) > 0 }) {
		p.Unable("%s", list[0].WhyUnknown())
		return
	}
	for _, j := range possibleOnly(list) {
		p.reportRecord(j)
	}
}

// possibleOnly returns records of which one is enough, without those that the DNS host cannot hold if it can hold
// another.
func possibleOnly(list []*observe.RecordResult) []*observe.RecordResult {
	impossible := func(j *observe.RecordResult) bool {
		return j.State == observe.StateMissing && catalog.Refused(j.Record)
	}
	if out := slices.DeleteFunc(slices.Clone(list), impossible); len(out) > 0 {
		return out
	}
	return list
}

func (p *Pass) reportRecord(j *observe.RecordResult) {
	for _, f := range j.Faults {
		opts := []finding.Option{finding.For(j.Expected), finding.With(f.Evidence...)}
		if f.Likely {
			opts = append(opts, finding.Sure(finding.Likely))
		}
		p.Report(f.Instance, opts...)
	}
}

// checkRecords compares every other expected record with the source.
var checkRecords = &Check{
	ID: "records", Title: "the expected records at the source", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: append(recordCauses(), causes.RecordCNAMEWrongTarget.Cause, causes.RecordProxied.Cause,
		causes.CDNAliasElsewhere.Cause),
	Run: runRecords,
}

func runRecords(_ context.Context, p *Pass) {
	n := 0
	for _, j := range p.Observed.CompareRecords() {
		if j.Role == catalog.Verification || j.Role == catalog.Certificate && p.Observed.Held().CertificateIssued() {
			continue
		}
		n++
		if j.State == observe.StateUnknown && len(j.Faults) == 0 {
			if _, ok := rdata.Canonical(j.Type, j.Value); ok {
				p.Unable("%s", j.WhyUnknown())
			}
			continue
		}
		p.reportRecord(j)
	}
	if n == 0 {
		p.SkipUnasked("no record is expected")
	}
}

// checkTTL checks TTLs at the source. In a resolver they count down, so they do not show the configured value.
var checkTTL = &Check{
	ID: "ttl", Title: "TTLs at the source", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{causes.RecordTTLOutOfRange.Cause, causes.RecordTTLMixed.Cause},
	Run:     runTTL,
}

func runTTL(_ context.Context, p *Pass) {
	type seen struct {
		name   string
		rrtype uint16
	}
	done, unasked := map[seen]bool{}, ""
	judge := func(role catalog.Role, view *probe.AuthoritativeAnswers, rrtype uint16) {
		if view == nil || done[seen{view.Name, rrtype}] {
			return
		}
		if !view.Known() {
			unasked = view.Name
			return
		}
		done[seen{view.Name, rrtype}] = true
		record := catalog.Record{
			Role: role, Name: view.Name, Type: exchange.TypeName(rrtype), Zone: view.Apex(),
			Host: p.Observed.DNSHost(),
		}
		judgeTTLs(p, record, view, rrtype)
	}
	for _, j := range p.Observed.CompareRecords() {
		if j.View != nil && j.State != observe.StateUnknown {
			judge(j.Role, j.View, j.View.Type)
		}
	}
	a := p.Observed.Addresses()
	for _, c := range []*probe.Chain{a.V4, a.V6} {
		first := c.Hops[0].Answers
		judge(catalog.Routing, first, first.Type)
		judge(catalog.Routing, first, dns.TypeCNAME)
	}
	switch {
	case len(done) > 0:
	case unasked != "":
		p.Unable("no authoritative server could be queried for the records of %s", unasked)
	default:
		p.SkipUnasked("no record was seen at the source")
	}
}

// judgeTTLs checks the TTLs of one RRset on every server.
func judgeTTLs(p *Pass, record catalog.Record, view *probe.AuthoritativeAnswers, rrtype uint16) {
	reported, mixed := false, false
	for _, x := range view.Good() {
		var ttls []uint32
		for _, rr := range x.Records(view.Name, rrtype) {
			if !slices.Contains(ttls, rr.Header().Ttl) {
				ttls = append(ttls, rr.Header().Ttl)
			}
		}
		out := slices.DeleteFunc(slices.Clone(ttls), func(t uint32) bool {
			return t >= observe.MinTTL && t <= observe.MaxTTL
		})
		args := causes.PublishedTTL{Record: record, Server: observe.ServerName(x), Values: x.Values(view.Name, rrtype)}
		if len(out) > 0 && !reported {
			reported = true
			args.TTLs = out
			p.Report(causes.RecordTTLOutOfRange.With(args), finding.About(record.Role, record.Name), finding.With(x))
		}
		if len(ttls) > 1 && !mixed {
			mixed = true
			args.TTLs = ttls
			p.Report(causes.RecordTTLMixed.With(args), finding.About(record.Role, record.Name), finding.With(x))
		}
	}
}
