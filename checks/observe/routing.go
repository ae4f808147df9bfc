package observe

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/rdata"
)

// compareRouting compares the routing record: by its CNAME chain, or by its addresses if no CNAME is visible.
func (f *Observations) compareRouting(ctx context.Context, j *RecordResult, name string) {
	target := rdata.Target(j.Value)
	s := f.Session
	if targets, _ := j.View.CNAMEs(); len(targets) > 0 { // reported by the cname check
		j.State, j.Seen, j.Other = StateWrong, targets, j.View.Good()
		return
	}
	for _, x := range j.View.Good() {
		if x.CNAME(name) == target {
			j.Right = append(j.Right, x)
		} else {
			j.Other = append(j.Other, x)
		}
	}
	if len(j.Right) > 0 && len(j.Other) > 0 { // the others may lead there in another way
		f.sortRouting(ctx, j, name, target)
	}
	if len(j.Other) == 0 {
		j.State = StateRight
		return
	}
	f.correctZone(ctx, j, name)
	if name == j.View.Apex() { // a CNAME is not allowed here: the panel's alias record does the same
		j.Type = catalog.AliasType
	}
	v4, v6 := s.Addresses(ctx, name)
	seenCNAME := j.View.CNAME()
	if seenCNAME != "" && len(j.Right) == 0 {
		j.Seen = []string{seenCNAME}
		if slices.Contains(v4.Names()[1:], target) || slices.Contains(v6.Names()[1:], target) {
			j.State = StateRight // through another name
			j.Right, j.Other = j.View.Good(), nil
			return
		}
	}
	seen := append(v4.AddrsOf(), v6.AddrsOf()...)
	ours := f.TargetAddresses(ctx, target)
	foreign := ForeignAddresses(seen, ours)
	switch {
	case len(j.Right) > 0:
		f.reportDisagreement(j)
	case len(seen) > 0 && len(ours) > 0 && len(foreign) == 0 && !otherCDN(v4, v6, target):
		j.State, j.Flattened = StateRight, true
		j.Right, j.Other = j.View.Good(), nil
	case seenCNAME != "" && len(seen) == 0 && (unasked(v4) || unasked(v6)):
		j.Unasked = fmt.Sprintf("%s points to %s, and where that leads could not be asked", name, seenCNAME)
	case seenCNAME != "":
		f.wrongTarget(ctx, j, name, v4, v6)
	case len(seen) > 0:
		f.wrongAddresses(ctx, j, name, seen, foreign, ours, v4, v6)
	case j.Other[0].Outcome == exchange.NoData && !(v4.Known() && v6.Known()): // it may have addresses instead
		j.Unasked = fmt.Sprintf("%s has no CNAME, and its addresses could not be looked up", name)
	default:
		j.State = StateMissing
		if f.wrongType(ctx, j, name, dns.TypeCNAME) || f.findHiddenWildcard(ctx, j, name) ||
			f.findMisplaced(ctx, j, name) {
			return
		}
		f.findOtherDelegation(ctx, j, name)
		f.reportMissing(ctx, j, name)
	}
}

// sortRouting moves the answers that lead to the target in another way, through another name or by its addresses, to
// the right ones.
func (f *Observations) sortRouting(ctx context.Context, j *RecordResult, name, target string) {
	var other []*exchange.Exchange
	for _, x := range j.Other {
		through := x.CNAME(name)
		right := false
		if through != "" {
			right = slices.Contains(f.Session.Follow(ctx, through, dns.TypeA).Names(), target)
		} else if x.Outcome == exchange.NoData {
			y := f.Session.Ask(ctx, exchange.Server{Host: x.Host, Addr: x.Addr}, name, dns.TypeA)
			addrs := exchange.Addrs(y)
			right = y.AA() && len(addrs) > 0 && len(ForeignAddresses(addrs, f.TargetAddresses(ctx, target))) == 0
		}
		if right {
			j.Right = append(j.Right, x)
		} else {
			other = append(other, x)
		}
	}
	j.Other = other
}

// ForeignAddresses returns the addresses that are not the platform's. A CDN answers with varying addresses of one
// network, so an address of the same network counts as the platform's; the HTTP check shows whether it serves the
// host.
func ForeignAddresses(seen, ours []netip.Addr) []netip.Addr {
	networks := make([]string, len(ours))
	for i, a := range ours {
		networks[i] = hosts.CDNOf(a)
	}
	return slices.DeleteFunc(slices.Clone(seen), func(a netip.Addr) bool {
		network := hosts.CDNOf(a)
		return slices.Contains(ours, a) || network != "" && slices.Contains(networks, network)
	})
}

// TargetAddresses returns the addresses of the platform's target.
func (f *Observations) TargetAddresses(ctx context.Context, target string) []netip.Addr {
	v4, v6 := f.Session.Addresses(ctx, target)
	return append(v4.AddrsOf(), v6.AddrsOf()...)
}

// OurAddresses returns the platform's addresses, as far as the expected routing records show them.
func (f *Observations) OurAddresses(ctx context.Context) []netip.Addr {
	var ours []netip.Addr
	for _, e := range f.Expectations() {
		switch {
		case e.Role != catalog.Routing:
		case e.Type == "CNAME":
			ours = append(ours, f.TargetAddresses(ctx, rdata.Target(e.Value))...)
		default:
			if addr, err := netip.ParseAddr(e.Value); err == nil {
				ours = append(ours, addr)
			}
		}
	}
	return ours
}

// wrongTarget finds the fault of a CNAME with another target.
func (f *Observations) wrongTarget(ctx context.Context, j *RecordResult, name string, v4, v6 *probe.Chain) {
	j.State = StateWrong
	if wild, control := f.Session.Wildcard(ctx, j.View); wild {
		j.State = StateMissing
		j.find(causes.RecordWildcardAnswers.With(causes.RecordWildcardAnswersArgs{
			Record: j.Record,
			Seen:   []string{"CNAME " + j.Seen[0]},
		}), j.Other[0], control)
		return
	}
	if kind, _ := rdata.Diagnose("CNAME", j.Seen[0], j.Value, j.Name, j.Zone); kind != rdata.NoMistake {
		f.wrongValue(j)
		return
	}
	chain := v4
	if len(v4.Values) == 0 && len(v6.Values) > 0 {
		chain = v6
	}
	if chainFault(chain, v6) { // reported by the cname check
		return
	}
	args := causes.CNAMEChain{Record: j.Record, Chain: chain.Names(), Wanted: rdata.Target(j.Value)}
	if end := chain.End().Name; IsCloudFront(end) {
		j.find(causes.CDNAliasElsewhere.With(causes.CDNAliasElsewhereArgs{
			Domain: name, Target: end,
			Wanted: rdata.Target(j.Value),
		}),
			chain.Evidence()...)
	}
	j.find(causes.RecordCNAMEWrongTarget.With(args), append(slices.Clone(j.Other), chain.Evidence()...)...)
}

// otherCDN reports whether a chain ends at another distribution. Distributions share addresses, so addresses prove
// nothing then.
func otherCDN(v4, v6 *probe.Chain, target string) bool {
	for _, c := range []*probe.Chain{v4, v6} {
		if end := c.End().Name; len(c.Hops) > 1 && IsCloudFront(end) && end != target {
			return true
		}
	}
	return false
}

// IsCloudFront reports whether a name is that of a CloudFront distribution.
func IsCloudFront(name string) bool { return strings.HasSuffix(name, ".cloudfront.net") }

// unasked reports whether no server was asked about the end of a chain, so that nobody knows where it leads.
func unasked(c *probe.Chain) bool {
	replies := c.End().Answers.Replies
	return len(replies) > 0 && !slices.ContainsFunc(replies, func(x *exchange.Exchange) bool {
		return x.Outcome != exchange.NotAsked
	})
}

// chainFault reports whether a CNAME chain is broken, for both address families.
func chainFault(v4, v6 *probe.Chain) bool {
	if len(v4.Values) > 0 || len(v6.Values) > 0 {
		return false
	}
	return v4.Loop != "" || v4.TooLong || len(v4.Hops) > 1 && v4.Known() && v6.Known()
}

// wrongAddresses finds the fault of addresses at a name that should lead to the platform.
func (f *Observations) wrongAddresses(ctx context.Context, j *RecordResult, name string, seen, foreign,
	ours []netip.Addr, v4,
	v6 *probe.Chain,
) {
	j.State = StateWrong
	for _, a := range seen {
		j.Seen = append(j.Seen, a.String())
	}
	evidence := append(slices.Clone(v4.Hops[0].Answers.Good()), v6.Hops[0].Answers.Good()...)
	if len(ours) == 0 { // the target could not be resolved: nothing to compare with
		j.State = StateUnknown
		return
	}
	if len(foreign) < len(seen) {
		// Some are the platform's; the addresses check reports the stray ones.
		return
	}
	view := v4.Hops[0].Answers
	if len(v4.Values) == 0 {
		view = v6.Hops[0].Answers
	}
	if wild, control := f.Session.Wildcard(ctx, view); wild {
		j.State = StateMissing
		j.find(causes.RecordWildcardAnswers.With(causes.RecordWildcardAnswersArgs{Record: j.Record, Seen: j.Seen}),
			append(evidence, control)...)
		return
	}
	if proxy := hosts.ProxyOf(foreign); proxy != "" {
		j.find(causes.RecordProxied.With(causes.RecordProxiedArgs{
			Record: j.Record, Addresses: j.Seen,
			Proxy: "addresses of " + proxy,
		}), evidence...)
		return
	}
	j.find(causes.RecordCNAMEWrongTarget.With(causes.CNAMEChain{
		Record: j.Record,
		Chain:  append([]string{name}, strings.Join(j.Seen, ", ")), Wanted: rdata.Target(j.Value),
	}), evidence...)
}
