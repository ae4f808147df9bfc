package rules

import (
	"context"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe/exchange"
)

// checkCAA checks whether Amazon may issue a certificate for the name (RFC 8659).
var checkCAA = &Check{
	ID: "caa", Title: "CAA records for the platform's authority", Rung: catalog.CertificateRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.CAAForbids.Cause, causes.CAAForbidsWildcard.Cause, causes.CAAFromTarget.Cause,
		causes.CAACriticalUnknown.Cause, causes.CAALookupFails.Cause, causes.CAAMalformedIssue.Cause,
		causes.CAAParametersExclude.Cause, causes.CAAZoneMissing.Cause,
	},
	Run: runCAA,
}

func runCAA(_ context.Context, p *Pass) {
	if reportPartlyAbsentZone(p, p.Observed.CAA()) && p.Observed.Held().CertificateIssued() {
		return
	}
	if p.Observed.Held().CertificateIssued() {
		// The next renewal fails, unless a record below the absent zone ends the search earlier.
		if p.Observed.Zone().Absent == nil || !reportAbsentZone(p, p.Observed.CAA(), finding.As(catalog.Warn)) {
			p.Skip("the certificate is issued")
		}
		return
	}
	set := p.Observed.CAA()
	if reportAbsentZone(p, set) {
		return
	}
	args := causes.CAASet{
		Domain: p.Subject.Name.ASCII, At: set.Owner, Zone: set.Zone, Host: p.Observed.DNSHostAt(set.Zone),
		Set: set.Set(), Tag: sanitize.Text(set.Tag, 40), Detail: sanitize.Text(set.Detail, 300),
		Reserved: set.Reserved,
	}
	evidence := finding.With(set.Evidence...)
	switch set.Verdict {
	case causes.CAAUnknown:
		p.Unable("the CAA records of %s could not be read: %s", set.Owner, set.Failure)
	case causes.CAAFails:
		p.Report(causes.CAALookupFails.With(causes.CAALookupFailsArgs{
			Domain: args.Domain, At: args.At, Zone: args.Zone, Host: args.Host, Failure: set.Failure,
		}), evidence)
	case causes.CAACritical:
		p.Report(causes.CAACriticalUnknown.With(args), evidence)
	case causes.CAAMalformed, causes.CAAForbidden, causes.CAAParameters:
		switch {
		case set.Verdict == causes.CAAParameters: // Amazon does not publish whether it evaluates them
			p.Report(causes.CAAParametersExclude.With(args), evidence, finding.Sure(finding.Likely))
		case set.Owner != set.At:
			p.Report(causes.CAAFromTarget.With(causes.CAAFromTargetArgs{
				Domain: args.Domain, At: args.At, Zone: args.Zone, Host: args.Host, Target: set.Owner, Set: args.Set,
				Tag: args.Tag,
			}), evidence)
		case set.Verdict == causes.CAAMalformed:
			p.Report(causes.CAAMalformedIssue.With(args), evidence)
		case set.Tag == "issuewild":
			p.Report(causes.CAAForbidsWildcard.With(args), evidence)
		default:
			p.Report(causes.CAAForbids.With(args), evidence)
		}
	case causes.CAAAllowed, causes.CAANoSet:
	}
}

// reportPartlyAbsentZone reports servers that do not have the delegated zone, although they serve a zone below it,
// while others have both.
func reportPartlyAbsentZone(p *Pass, set *observe.CAA) bool {
	absent := p.Observed.Zone().AbsentAt
	if absent == nil || !slices.ContainsFunc(set.Steps, func(s observe.CAAStep) bool { return s.Name == absent.Name }) {
		return false // a CAA set below ends the search before
	}
	args := causes.CAAZoneMissingArgs{
		Domain: p.Subject.Name.ASCII, Zone: absent.Name, Below: absent.Below, Host: p.Observed.DNSHost(), At: absent.Name,
		Lacking: observe.ServerNames(absent.CAA), Cut: cutOf(p.Observed.Zone(), absent.Zone),
	}
	evidence := slices.Clone(absent.CAA)
	for _, s := range absent.Servers {
		args.Servers = append(args.Servers, lameReason(s.SOA))
		evidence = append(evidence, s.SOA)
	}
	for _, s := range p.Observed.Zone().Good() {
		if s.SOA.AA() {
			if !slices.Contains(args.Good, s.Host) {
				args.Good = append(args.Good, s.Host)
			}
			evidence = append(evidence, s.SOA)
		}
	}
	p.Report(causes.CAAZoneMissing.With(args), finding.With(evidence...), finding.Partly())
	return true
}

// reportAbsentZone reports whether the search for CAA records fails at a zone that its servers do not have, although
// they serve a zone below it.
func reportAbsentZone(p *Pass, set *observe.CAA, opts ...finding.Option) bool {
	absent := p.Observed.Zone().Absent
	if absent == nil || set.Verdict != causes.CAAFails ||
		!exchange.InZone(set.Owner, absent.Name) || exchange.InZone(set.Owner, p.Observed.Zone().Zone.Name) ||
		!absent.Certain() {
		return false
	}
	var evidence []*exchange.Exchange
	var servers []string
	for _, s := range absent.Servers {
		servers = append(servers, lameReason(s.SOA))
		evidence = append(evidence, s.SOA)
	}
	p.Report(causes.CAAZoneMissing.With(causes.CAAZoneMissingArgs{
		Domain: p.Subject.Name.ASCII, Zone: absent.Name, Below: p.Observed.Zone().Zone.Name,
		Host: p.Observed.DNSHost(), Servers: servers, At: set.Owner,
	}), append(opts, finding.With(append(evidence, set.Evidence...)...))...)
	return true
}
