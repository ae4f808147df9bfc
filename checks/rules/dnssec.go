package rules

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
)

// checkDNSSEC compares the parent's DS with the zone's keys, and checks signatures and validating resolvers.
var checkDNSSEC = &Check{
	ID: "dnssec", Title: "DNSSEC", Rung: catalog.DNSSEC, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.DNSSECBogus.Cause, causes.DNSSECStaleDS.Cause,
		causes.DNSSECSignatureExpired.Cause, causes.DNSSECAnswerRejected.Cause, causes.DelegationParentsDisagree.Cause,
	},
	Run: runDNSSEC,
}

func runDNSSEC(_ context.Context, p *Pass) {
	d := p.Observed.DNSSEC()
	z := p.Observed.Zone()
	p.reportRejected(d)
	if d.Overruled != "" {
		p.Remark("domdoc finds a fault in the signatures of %s (%s), but a validating resolver accepts them; please "+
			"report this", d.Zone, d.Overruled)
	}
	if s := d.Parents; s != nil {
		args := causes.DelegationParentsDisagreeArgs{
			Cut: causes.Cut{Zone: parentName(z, d.Zone), Name: d.Zone}, Registry: z.OwnParent(zoneNamed(z, d.Zone)) == nil,
			Delegating: observe.ServerNames(s.Matching), Differing: observe.ServerNames(s.Outdated), DS: true,
		}
		if _, cut := p.parentOf(d.Zone, d.Parent); cut.Zone != "" { // on the same servers, no referral shows the cut
			args.Cut, args.Registry = cut, false
		}
		p.Report(causes.DelegationParentsDisagree.With(args), finding.With(slices.Concat(s.Outdated, s.Matching)...),
			finding.With(d.Evidence...))
		if d.NoMatch {
			return
		}
	}
	if d.State == observe.SecurityUnknown {
		if z.Zone != nil && len(z.Good()) > 0 {
			p.Unable("could not determine whether the zone validates: %s", d.Why)
		}
		return
	}
	if d.State != observe.Bogus && !d.Fault() {
		return
	}
	args := causes.ZoneSignatures{
		Zone: d.Zone, Parent: dnsname.Parent(d.Zone), Resolvers: d.Refusing, Hint: d.Hint,
		Ended: d.Ended, Covers: d.Covers, Detail: cmp.Or(d.Invalid, d.Early), Servers: d.Faulty,
		Validating: d.Validating,
	}
	args.Parent, args.Cut = p.parentOf(d.Zone, cmp.Or(d.Parent, args.Parent))
	for _, r := range d.DS {
		args.DSTTL = max(args.DSTTL, r.Hdr.Ttl)
		args.DS = append(args.DS, fmt.Sprintf("%d %d %d", r.KeyTag, r.Algorithm, r.DigestType))
	}
	for _, k := range d.Keys {
		args.Keys = append(args.Keys, fmt.Sprintf("%d %d", k.KeyTag(), k.Algorithm))
	}
	opts := []finding.Option{finding.With(d.Evidence...)}
	if d.State != observe.Bogus || len(d.Validating) > 0 { // resolvers that encounter the fault use the other servers
		opts = append(opts, finding.Partly())
	}
	switch {
	case d.NoMatch:
		p.Report(causes.DNSSECStaleDS.With(args), opts...)
	case !d.Ended.IsZero():
		p.Report(causes.DNSSECSignatureExpired.With(args), opts...)
	}
	if len(d.Refusing) > 0 || d.Invalid != "" {
		p.Report(causes.DNSSECBogus.With(args), opts...)
	}
}

// zoneNamed returns a zone on the path; nil if there is none.
func zoneNamed(z *observe.Delegation, name string) *probe.Zone {
	for _, zone := range z.Path {
		if zone.Name == name {
			return zone
		}
	}
	return nil
}

func parentName(z *observe.Delegation, name string) string {
	if zone := zoneNamed(z, name); zone != nil {
		return zone.Parent
	}
	return dnsname.Parent(name)
}

// parentOf returns the zone above one with DNSSEC records, and the cut if the tenant holds it. on is the zone above
// if it is on the same servers, so that no referral shows the cut.
func (p *Pass) parentOf(zone, on string) (string, causes.Cut) {
	z := p.Observed.Zone()
	for _, known := range z.Path {
		if known.Name == zone {
			return known.Parent, cutOf(z, known)
		}
	}
	if z.Place.Zone == nil || !exchange.InZone(on, z.Place.Zone.Name) {
		return on, causes.Cut{}
	}
	return on, causes.Cut{Zone: on, Name: zone, Host: p.Observed.DNSHost()}
}

// reportRejected reports single answers that validating resolvers reject, one finding for each role and fault. If
// other resolvers accept the answer and the zone's servers show no fault, only some visitors are affected.
func (p *Pass) reportRejected(d *observe.DNSSEC) {
	for i, r := range d.Rejected {
		same := func(o observe.RejectedAnswer) bool {
			return o.Role == r.Role && o.Fault == r.Fault && o.Zone == r.Zone
		}
		if slices.ContainsFunc(d.Rejected[:i], same) {
			continue
		}
		args := causes.AnswerRejected{
			Zone: r.Zone, Host: p.Observed.DNSHostAt(r.Zone), Name: r.Name, Type: r.Type, Resolvers: r.Refusing,
			Accepting: r.Accepting, Hint: r.Hint, Fault: r.Fault, Detail: r.Detail, Servers: r.Faulty, Good: r.Right,
		}
		evidence := slices.Clone(r.Evidence)
		for _, o := range d.Rejected[i+1:] {
			if same(o) {
				args.Also = append(args.Also, o.Name+" "+o.Type)
				evidence = append(evidence, o.Evidence...)
			}
		}
		opts := []finding.Option{finding.About(r.Role, r.Name), finding.With(append(evidence, d.Evidence...)...)}
		_, args.Cut = p.parentOf(r.Zone, "")
		if v := p.renewalVerdict(); r.Role == catalog.Certificate && v != catalog.NotRun {
			opts, args.Issued = append(opts, finding.As(v)), true
		}
		switch {
		case len(r.Faulty) > 0: // no resolver was seen to fail on it
			opts = append(opts, finding.Partly(), finding.Sure(finding.Likely))
		case r.Fault == "" && len(r.Accepting) > 0:
			opts = append(opts, finding.Partly())
		}
		p.Report(causes.DNSSECAnswerRejected.With(args), opts...)
	}
}
