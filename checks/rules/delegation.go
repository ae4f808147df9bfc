package rules

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
)

// checkDelegation follows the delegation from the parent and asks every listed server whether it serves the zone.
var checkDelegation = &Check{
	ID: "delegation", Title: "the delegation and the zone's servers", Rung: catalog.Delegation, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.DelegationMissing.Cause, causes.DelegationLame.Cause,
		causes.DelegationUnreachable.Cause, causes.DelegationMismatch.Cause, causes.VantageNoIPv6.Cause,
	},
	Run: runDelegation,
}

func runDelegation(_ context.Context, p *Pass) {
	z := p.Observed.Zone()
	switch {
	case z.Place.Missing != "":
		parent := "."
		if z.Place.Zone != nil {
			parent = z.Place.Zone.Name
		}
		p.Report(causes.DelegationMissing.With(causes.DelegationMissingArgs{Zone: z.Place.Missing, Parent: parent}),
			finding.With(z.Place.Denial))
		return
	case z.Place.Unknown != "":
		p.Unable("%s", z.Place.Unknown)
		return
	case z.Zone == nil:
		p.Unable("the zone could not be found")
		return
	}
	registrable := probe.Registrable(p.Subject.Name.ASCII)
	if registrable != "" && z.Zone.Name != registrable && len(z.Zone.Name) < len(registrable) {
		// The parent answers for the name without a referral: it holds the name itself, or nothing.
		p.Report(causes.DelegationMissing.With(causes.DelegationMissingArgs{Zone: registrable, Parent: z.Zone.Name}),
			finding.With(z.Place.Denial))
		return
	}
	judgeServers(p, z)
	judgeMismatch(p, z)
}

// judgeServers tells lame from silent: one says no, the other nothing.
func judgeServers(p *Pass, z *observe.Delegation) {
	var good, lame, silent []string
	var lameEvidence, silentEvidence, goodEvidence []*exchange.Exchange
	for _, s := range z.Servers {
		switch s.State {
		case observe.ServerGood:
			if !slices.Contains(good, observe.ServerName(s.SOA)) {
				good = append(good, observe.ServerName(s.SOA))
			}
			goodEvidence = append(goodEvidence, s.SOA)
		case observe.ServerLame:
			lame = append(lame, lameReason(s.SOA))
			lameEvidence = append(lameEvidence, s.SOA)
		case observe.ServerSilent:
			silent = append(silent, observe.DescribeFailure(s.SOA))
			silentEvidence = append(silentEvidence, s.SOA)
		}
	}
	unknown, unclear := "", ""
	var beyond []string
	for _, s := range z.Servers {
		switch s.State {
		case observe.ServerUnasked:
			unknown = observe.DescribeFailure(s.SOA)
		case observe.ServerUnclear:
			unclear = observe.DescribeFailure(s.SOA)
			unknown = unclear
		case observe.ServerGood, observe.ServerLame, observe.ServerSilent:
		}
	}
	for _, h := range z.Zone.NS {
		switch {
		case len(h.Addrs) == 0 && h.Gone:
			lame = append(lame, h.Name+": "+h.Failed)
			lameEvidence = append(lameEvidence, h.Evidence...)
		case len(h.Addrs) == 0:
			unknown = h.Name + ": " + h.Failed
		// of a server with both kinds, one kind is enough to tell
		case !p.HasIPv6() && !slices.ContainsFunc(h.Addrs, netip.Addr.Is4):
			unknown = h.Name + " has IPv6 addresses only, and this machine has no IPv6"
			for _, a := range h.Addrs {
				beyond = append(beyond, a.String())
			}
		}
	}
	switch {
	case len(lame) > 0:
		opts := []finding.Option{finding.With(append(lameEvidence, goodEvidence...)...)}
		if len(good) > 0 || unknown != "" { // the zone works through the others, or may; it fails only now and then
			opts = append(opts, finding.Partly())
		}
		p.Report(causes.DelegationLame.With(causes.DelegationLameArgs{
			Zone: z.Zone.Name, Parent: z.Zone.Parent, Servers: lame, Good: good,
		}), opts...)
	case len(silent) > 0 && len(good) == 0 && unknown == "":
		if x, cut := p.ipv6Unreachable(silentEvidence); cut {
			for _, x := range silentEvidence {
				beyond = append(beyond, x.Addr.Addr().String())
			}
			p.Report(causes.VantageNoIPv6.With(causes.VantageNoIPv6Args{Asked: beyond}), finding.With(append(silentEvidence, x)...))
			p.Unable("the servers of %s have IPv6 addresses only, and IPv6 does not work from here", z.Zone.Name)
			break
		}
		p.Report(causes.DelegationUnreachable.With(causes.DelegationUnreachableArgs{
			Zone: z.Zone.Name, Parent: z.Zone.Parent, Servers: silent,
		}),
			finding.With(append([]*exchange.Exchange{z.Zone.Referral}, silentEvidence...)...))
	case len(good) == 0 && len(beyond) > 0:
		p.Report(causes.VantageNoIPv6.With(causes.VantageNoIPv6Args{Asked: beyond}), finding.With(silentEvidence...))
		p.Unable("no server of %s that can be asked from here answers; %s", z.Zone.Name, unknown)
	case len(good) == 0 && len(silent) > 0:
		p.Unable("the servers of %s that could be asked do not answer (%s), and not all could be asked: %s", z.Zone.Name,
			silent[0], unknown)
	case len(good) == 0 && unclear != "":
		p.Unable("no server of %s gives an answer that can be judged; %s", z.Zone.Name, unclear)
	case len(good) == 0 && unknown != "":
		p.Unable("no server of %s could be asked; %s", z.Zone.Name, unknown)
	case len(good) == 0:
		p.Unable("%s has no server with an address that can be asked from here", z.Zone.Name)
	case len(silent) > 0:
		p.Unable("not every server of %s could be asked: %s", z.Zone.Name, silent[0])
	case unclear != "":
		p.Unable("not every server of %s gives an answer that can be judged: %s", z.Zone.Name, unclear)
	}
}

// ipv6Unreachable reports whether servers that do not answer all have IPv6 addresses, by which a host that is known to be
// well does not answer either.
func (p *Pass) ipv6Unreachable(silent []*exchange.Exchange) (*exchange.Exchange, bool) {
	for _, x := range silent {
		if !x.Addr.IsValid() || !x.Addr.Addr().Is6() {
			return nil, false
		}
	}
	return p.Observed.FamilyUnreachable(silent[0].Addr.Addr())
}

func lameReason(x *exchange.Exchange) string {
	switch {
	case x.Outcome == exchange.Answered || x.Outcome == exchange.NoData || x.Outcome == exchange.Referral:
		return x.Server() + ": answers without authority"
	case x.Outcome == exchange.NXDomain:
		return x.Server() + ": says that there is no such zone"
	}
	return fmt.Sprintf("%s: %s", x.Server(), x.Outcome.Phrase())
}

// judgeMismatch compares what the parent lists with what the zone lists.
func judgeMismatch(p *Pass, z *observe.Delegation) {
	if len(z.ChildNS) == 0 || len(z.ParentNS) == 0 || z.Zone.SameServers || slices.Equal(z.ChildNS, z.ParentNS) {
		return
	}
	evidence := []*exchange.Exchange{z.Zone.Referral}
	for _, s := range z.Good() {
		evidence = append(evidence, s.NS)
	}
	p.Report(causes.DelegationMismatch.With(causes.DelegationMismatchArgs{
		Zone: z.Zone.Name, ParentNS: z.ParentNS,
		ChildNS: z.ChildNS,
	}), finding.With(evidence...))
}
