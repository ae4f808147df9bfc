package rules

import (
	"context"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/rdata"
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
			p.Unable("the verification failed, but the expected record is unknown: connect to the service, or " +
				"give it with --expect 'TXT NAME=VALUE'")
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

// possibleOnly returns the records of which one is enough without those that the DNS host cannot hold, if it can hold
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
