package rules

import (
	"context"
	"net/netip"
	"slices"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
)

// checkDelegation follows the delegation from the parent and checks that every listed server serves the zone.
var checkDelegation = &Check{
	ID: "delegation", Title: "the delegation and the zone's servers", Rung: catalog.Delegation, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.DelegationMissing.Cause, causes.DelegationLame.Cause,
		causes.DelegationUnreachable.Cause, causes.DelegationMismatch.Cause, causes.VantageNoIPv6.Cause,
		causes.DelegationTwoHosts.Cause, causes.DelegationOwnNSLame.Cause, causes.DelegationNSAlias.Cause,
		causes.DelegationParentsDisagree.Cause, causes.DelegationLeftoverNS.Cause, causes.DelegationGlueMissing.Cause,
		causes.DelegationGlueWrong.Cause, causes.DelegationRecordNSLame.Cause,
	},
	Run: runDelegation,
}

func runDelegation(ctx context.Context, p *Pass) {
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
		// The parent answers without a referral: it serves the name itself, or has no delegation for it.
		p.Report(causes.DelegationMissing.With(causes.DelegationMissingArgs{Zone: registrable, Parent: z.Zone.Name}),
			finding.With(z.Place.Denial))
		return
	}
	judgeParents(ctx, p, z)
	judgeServers(ctx, p, z, judgeGlue(ctx, p, z))
	judgeAliases(p, z)
	judgeLeftover(ctx, p, z)
	judgeRecordCuts(ctx, p, z)
	if !judgeHosts(ctx, p, z) {
		judgeMismatch(ctx, p, z)
	}
}

// judgeServers reports the answers of the listed name servers, by the first of delegationCases that applies. Wrong
// glue explains an address that does not answer.
func judgeServers(ctx context.Context, p *Pass, z *observe.Delegation, wrong []netip.Addr) {
	a := answersOf(p, z, wrong)
	if len(a.lame)+len(a.silent) > 0 {
		a.cut = signedCutOf(ctx, p, z)
	}
	a.accepting, a.accepted = p.acceptedWithoutAuthority(ctx, a)
	for _, c := range delegationCases {
		if c.lame.allows(len(a.lame) > 0) && c.good.allows(len(a.good) > 0) && c.silent.allows(len(a.silent) > 0) &&
			c.noIPv6.allows(len(a.noIPv6) > 0) && c.unclear.allows(a.unclear != "") && c.unknown.allows(a.unknown != "") {
			c.report(p, a)
			return
		}
	}
}

// serverAnswers are the listed name servers of a zone by how they answer.
type serverAnswers struct {
	zone               *observe.Delegation
	good, lame, silent []string // lame and silent ones with the reason
	unclear            string   // an answer that cannot be interpreted; empty if there is none
	unknown            string   // why a server could not be queried, or its answer is unclear; empty if none
	noIPv6             []string // addresses of servers that have only IPv6, which this machine does not have

	goodEvidence, lameEvidence, silentEvidence []*exchange.Exchange
	alive                                      []*exchange.Exchange // answers of silent servers about other zones
	// resolvers that resolve the host although no server answers with authority, and what they answer
	accepting []string
	accepted  []*exchange.Exchange
	cut       causes.Cut // set if a server is lame or silent
}

func answersOf(p *Pass, z *observe.Delegation, wrong []netip.Addr) *serverAnswers {
	a := &serverAnswers{zone: z}
	for _, s := range z.Servers {
		switch s.State {
		case observe.ServerGood:
			if !slices.Contains(a.good, observe.ServerName(s.SOA)) {
				a.good = append(a.good, observe.ServerName(s.SOA))
			}
			a.goodEvidence = append(a.goodEvidence, s.SOA)
		case observe.ServerLame:
			a.lame = append(a.lame, lameReason(s.SOA))
			a.lameEvidence = append(a.lameEvidence, s.SOA)
		case observe.ServerSilent:
			if len(z.Good()) > 0 && slices.Contains(wrong, s.Addr.Addr()) {
				continue
			}
			a.silent = append(a.silent, observe.DescribeFailure(s.SOA))
			a.silentEvidence = append(a.silentEvidence, s.SOA)
			if s.Drops() {
				a.alive = append(a.alive, s.Control)
			}
		case observe.ServerUnasked:
			a.unknown = observe.DescribeFailure(s.SOA)
		case observe.ServerUnclear:
			a.unclear = observe.DescribeFailure(s.SOA)
			a.unknown = a.unclear
		}
	}
	for _, h := range z.Zone.NS {
		switch {
		case len(h.Addrs) == 0 && h.Gone:
			a.lame = append(a.lame, h.Name+": "+h.Failed)
			a.lameEvidence = append(a.lameEvidence, h.Evidence...)
		case len(h.Addrs) == 0:
			a.unknown = h.Name + ": " + h.Failed
		// if a server has both IPv4 and IPv6 addresses, one family is enough
		case !p.HasIPv6() && !slices.ContainsFunc(h.Addrs, netip.Addr.Is4):
			a.unknown = h.Name + " has IPv6 addresses only, and this machine has no IPv6"
			for _, addr := range h.Addrs {
				a.noIPv6 = append(a.noIPv6, addr.String())
			}
		}
	}
	return a
}

// condition is the requirement of a row of delegationCases on one kind of server.
type condition uint8

const (
	either condition = iota
	some
	none
)

func (c condition) allows(present bool) bool { return c == either || present == (c == some) }

// delegationCases lists the meaning of the listed servers' answers. The first row that applies counts.
var delegationCases = []struct {
	lame, good, silent, noIPv6, unclear, unknown condition
	report                                       func(*Pass, *serverAnswers)
}{
	{lame: some, report: reportLame},
	{good: none, silent: some, unknown: none, report: reportUnreachable},
	{good: none, noIPv6: some, report: reportIPv6Only},
	{good: none, silent: some, report: func(p *Pass, a *serverAnswers) {
		p.Unable("the servers of %s that could be queried do not answer (%s), and not all could be queried: %s",
			a.zone.Zone.Name, a.silent[0], a.unknown)
	}},
	{good: none, unclear: some, report: func(p *Pass, a *serverAnswers) {
		p.Unable("no server of %s gives a usable answer; %s", a.zone.Zone.Name, a.unclear)
	}},
	{good: none, unknown: some, report: func(p *Pass, a *serverAnswers) {
		p.Unable("no server of %s could be queried; %s", a.zone.Zone.Name, a.unknown)
	}},
	{good: none, report: func(p *Pass, a *serverAnswers) {
		p.Unable("no server of %s has an address that can be queried from here", a.zone.Zone.Name)
	}},
	{silent: some, report: reportPartlyUnreachable},
	{unclear: some, report: func(p *Pass, a *serverAnswers) {
		p.UnablePartly("not every server of %s gives a usable answer: %s", a.zone.Zone.Name, a.unclear)
	}},
}

// glue returns the glue of a zone of which no server answers, if all of them are in the zone itself: then no other
// source shows whether these addresses are still right.
func (a *serverAnswers) glue() []string {
	var out []string
	for _, h := range a.zone.Zone.NS {
		if len(a.good) > 0 || !h.Glued || !exchange.InZone(h.Name, a.zone.Zone.Name) {
			return nil
		}
		out = append(out, addressesOf(h.Name, h.Addrs)...)
	}
	return out
}

func reportLame(p *Pass, a *serverAnswers) {
	opts := []finding.Option{finding.With(append(a.lameEvidence, a.goodEvidence...)...)}
	// other servers serve the zone, or may: queries fail only sometimes
	if len(a.good) > 0 || a.unknown != "" || len(a.accepting) > 0 {
		opts = append(opts, finding.Partly(), finding.With(a.accepted...))
	}
	p.Report(causes.DelegationLame.With(causes.DelegationLameArgs{
		Zone: a.zone.Zone.Name, Parent: a.zone.Zone.Parent, Servers: a.lame, Good: a.good,
		Accepting: a.accepting, Cut: a.cut, Glue: a.glue(),
		NotLoaded: len(a.lame) == len(a.lameEvidence) && !slices.ContainsFunc(a.lameEvidence,
			func(x *exchange.Exchange) bool { return x.Outcome != exchange.ServFail }),
	}), opts...)
	if len(a.good) > 0 && len(a.silent) > 0 {
		reportPartlyUnreachable(p, a)
	}
}

// acceptedWithoutAuthority returns the resolvers that accept the answers of servers which have the zone's SOA but do
// not set the authoritative bit, and what they answer. It returns none unless all servers are of this kind and all
// resolvers that answer resolve the host: Unbound, BIND, Knot Resolver and PowerDNS Recursor do (measured).
func (p *Pass) acceptedWithoutAuthority(ctx context.Context, a *serverAnswers) ([]string, []*exchange.Exchange) {
	zone := a.zone.Zone.Name
	if len(a.good) > 0 || len(a.lame) == 0 || len(a.lame) != len(a.lameEvidence) ||
		slices.ContainsFunc(a.lameEvidence, func(x *exchange.Exchange) bool {
			return x.Outcome != exchange.Answered || len(x.Records(zone, dns.TypeSOA)) == 0
		}) {
		return nil, nil
	}
	var accepting []string
	var answers []*exchange.Exchange
	for _, r := range p.Resolvers() {
		x := p.Resolve(ctx, r, p.Observed.Host(), dns.TypeA)
		switch x.Outcome {
		case exchange.Answered, exchange.NoData:
			accepting = append(accepting, r.String())
			answers = append(answers, x)
		case exchange.Timeout, exchange.Unreachable, exchange.NotAsked: // says nothing about the servers
		default:
			return nil, nil
		}
	}
	return accepting, answers
}

func reportUnreachable(p *Pass, a *serverAnswers) {
	zone := a.zone.Zone
	if x, cut := p.ipv6Unreachable(a.silentEvidence); cut {
		asked := a.noIPv6
		for _, x := range a.silentEvidence {
			asked = append(asked, x.Addr.Addr().String())
		}
		p.Report(causes.VantageNoIPv6.With(causes.VantageNoIPv6Args{Asked: asked}),
			finding.With(append(a.silentEvidence, x)...))
		p.Unable("the servers of %s have IPv6 addresses only, and IPv6 does not work from here", zone.Name)
		return
	}
	p.Report(causes.DelegationUnreachable.With(causes.DelegationUnreachableArgs{
		Zone: zone.Name, Parent: zone.Parent, Servers: a.silent, Alive: observe.ServerNames(a.alive),
		Cut: a.cut, Glue: a.glue(),
	}), finding.With(append([]*exchange.Exchange{zone.Referral}, a.silentEvidence...)...), finding.With(a.alive...))
}

// reportPartlyUnreachable reports servers that do not answer beside others that do. One that answers about other
// zones drops the queries about this one; a wholly silent one may be so from here only.
func reportPartlyUnreachable(p *Pass, a *serverAnswers) {
	zone := a.zone.Zone
	args := causes.DelegationUnreachableArgs{
		Zone: zone.Name, Parent: zone.Parent, Good: a.good, Alive: observe.ServerNames(a.alive), Cut: a.cut,
	}
	evidence := append([]*exchange.Exchange{zone.Referral}, a.alive...)
	for i, x := range a.silentEvidence {
		if control, cut := p.ipv6Unreachable([]*exchange.Exchange{x}); cut {
			p.UnablePartly(
				"not every server of %s could be asked: %s, and IPv6 does not work from here (%s does not answer "+
					"either)", zone.Name, a.silent[i], observe.DescribeFailure(control))
			continue
		}
		args.Servers = append(args.Servers, a.silent[i])
		evidence = append(evidence, x)
		if len(a.zone.ChildNS) > 0 && !slices.Contains(a.zone.ChildNS, x.Host) &&
			!slices.Contains(args.Unlisted, x.Host) {
			args.Unlisted = append(args.Unlisted, x.Host)
		}
	}
	if len(args.Servers) == 0 {
		return
	}
	opts := []finding.Option{finding.With(append(evidence, a.goodEvidence...)...), finding.Partly()}
	if len(a.alive) < len(args.Servers) {
		opts = append(opts, finding.Sure(finding.Likely))
	}
	p.Report(causes.DelegationUnreachable.With(args), opts...)
}

func reportIPv6Only(p *Pass, a *serverAnswers) {
	p.Report(causes.VantageNoIPv6.With(causes.VantageNoIPv6Args{Asked: a.noIPv6}), finding.With(a.silentEvidence...))
	p.Unable("no server of %s that can be queried from here answers; %s", a.zone.Zone.Name, a.unknown)
}

// ipv6Unreachable reports whether all silent servers have IPv6 addresses, and the control host does not answer over
// IPv6 either.
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
		return x.Server() + ": the answer is not authoritative"
	case x.Outcome == exchange.NXDomain:
		return x.Server() + ": answers that the zone does not exist"
	}
	return observe.DescribeFailure(x)
}

// judgeMismatch compares the name servers at the parent with those in the zone.
func judgeMismatch(ctx context.Context, p *Pass, z *observe.Delegation) {
	if len(z.ChildNS) == 0 || len(z.ParentNS) == 0 || z.Zone.SameServers || slices.Equal(z.ChildNS, z.ParentNS) ||
		judgeOwnServers(ctx, p, z) {
		return
	}
	if s := p.Observed.RegistrySplit(ctx, z); s != nil && s.Lists(z.ChildNS) {
		return // this registry server has an older delegation than the others, which judgeParents reports
	}
	evidence := []*exchange.Exchange{p.delegating(ctx, z.Zone)}
	for _, s := range z.Good() {
		evidence = append(evidence, s.NS)
	}
	p.Report(causes.DelegationMismatch.With(causes.DelegationMismatchArgs{
		Zone: z.Zone.Name, ParentNS: z.ParentNS,
		ChildNS: z.ChildNS, Cut: cutOf(z, z.Zone),
	}), finding.With(evidence...))
}

// delegating returns the parent's referral to a zone, in reply to a query for its NS records: the one that was found
// may be in reply to one of several concurrent queries, each time another.
func (p *Pass) delegating(ctx context.Context, zone *probe.Zone) *exchange.Exchange {
	found := zone.Referral
	if found == nil || found.Asked == zone.Name+" NS" {
		return found
	}
	x := p.Observed.Session.Ask(ctx, exchange.Server{Host: found.Host, Addr: found.Addr}, zone.Name, dns.TypeNS)
	if x.Outcome != exchange.Referral {
		return found
	}
	return x
}

// delegationInDoubt reports whether a listed server does not serve the zone, or a resolver lacks a record that the
// source has. In the second case it returns the resolvers' answers, as evidence for what is found because of them.
func (p *Pass) delegationInDoubt(z *observe.Delegation) (bool, []*exchange.Exchange) {
	if len(z.Good()) < len(z.Servers) || slices.ContainsFunc(z.Zone.NS, func(h probe.NSHost) bool { return h.Gone }) {
		return true, nil
	}
	var seen []*exchange.Exchange
	for _, r := range p.Observed.Propagation() {
		if r.Result != nil && r.Result.State != observe.StateRight {
			continue
		}
		for _, c := range r.Cells {
			if c.Kind == observe.KindResolver && c.Exchange != nil && (c.State == observe.CellDiffers ||
				c.State == observe.CellMissing || c.Exchange.Outcome == exchange.ServFail) {
				seen = append(seen, c.Exchange)
			}
		}
	}
	return len(seen) > 0, seen
}
