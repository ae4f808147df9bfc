package rules

import (
	"cmp"
	"context"
	"fmt"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
)

// checkDNSSEC compares the parent's DS with the zone's keys, and checks signatures and validating resolvers.
var checkDNSSEC = &Check{
	ID: "dnssec", Title: "DNSSEC", Rung: catalog.DNSSEC, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.DNSSECBogus.Cause, causes.DNSSECStaleDS.Cause,
		causes.DNSSECSignatureExpired.Cause,
	},
	Run: runDNSSEC,
}

func runDNSSEC(_ context.Context, p *Pass) {
	d := p.Observed.DNSSEC()
	z := p.Observed.Zone()
	if d.State == observe.SecurityUnknown {
		if z.Zone != nil && len(z.Good()) > 0 {
			p.Unable("could not determine whether the zone is signed: %s", d.Why)
		}
		return
	}
	if d.State != observe.Bogus && !d.Fault() {
		return
	}
	args := causes.ZoneSignatures{
		Zone: d.Zone, Parent: dnsname.Parent(d.Zone), Resolvers: d.Refusing, Hint: d.Hint,
		Ended: d.Ended, Covers: d.Covers, Detail: cmp.Or(d.Invalid, d.Early), Servers: d.Faulty,
	}
	if d.Zone == z.Zone.Name {
		args.Parent = z.Zone.Parent
	}
	for _, r := range d.DS {
		args.DS = append(args.DS, fmt.Sprintf("%d %d %d", r.KeyTag, r.Algorithm, r.DigestType))
	}
	for _, k := range d.Keys {
		args.Keys = append(args.Keys, fmt.Sprintf("%d %d", k.KeyTag(), k.Algorithm))
	}
	opts := []finding.Option{finding.With(d.Evidence...)}
	if d.State != observe.Bogus { // resolvers that encounter the fault use the other servers
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
