package rules

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// cutOf returns where the tenant's own zone delegates a zone; it is zero if a registry delegates it.
func cutOf(z *observe.Delegation, child *probe.Zone) causes.Cut {
	parent := z.OwnParent(child)
	if parent == nil {
		return causes.Cut{}
	}
	return causes.Cut{Zone: parent.Name, Name: child.Name, Host: hosts.DNSHostOf(parent.Hosts())}
}

// signedCutOf is cutOf for the zone of the host, and reports in it whether the zone above has a DS record.
func signedCutOf(ctx context.Context, p *Pass, z *observe.Delegation) causes.Cut {
	cut := cutOf(z, z.Zone)
	cut.Signed = p.Observed.SignedCut(ctx, z.OwnParent(z.Zone), z.Zone.Name)
	return cut
}

// judgeParents reports delegations below the registered zone about which the servers of the zone above disagree. The
// registry's servers are asked about the registered zone only if another answer is not as expected.
func judgeParents(ctx context.Context, p *Pass, z *observe.Delegation) {
	report := func(s observe.SplitCut, args causes.DelegationParentsDisagreeArgs, seen ...*exchange.Exchange) {
		s.Differing = slices.DeleteFunc(slices.Clone(s.Differing), func(x *exchange.Exchange) bool {
			return p.Observed.LeadsAlike(ctx, z, s.Child, x)
		})
		if len(s.Denying)+len(s.Differing) == 0 {
			return
		}
		args.Delegating, args.Denying = observe.ServerNames(s.Delegating), observe.ServerNames(s.Denying)
		args.Differing, args.NS = observe.ServerNames(s.Differing), s.Child.Hosts()
		p.Report(causes.DelegationParentsDisagree.With(args),
			finding.With(slices.Concat(s.Denying, s.Differing, s.Delegating, seen)...))
	}
	for _, s := range z.Split {
		report(s, causes.DelegationParentsDisagreeArgs{Cut: cutOf(z, s.Child)})
	}
	doubted, seen := p.delegationInDoubt(z)
	if z.Place.Contested == nil && !doubted {
		return
	}
	if s := p.Observed.RegistrySplit(ctx, z); s != nil {
		report(*s, causes.DelegationParentsDisagreeArgs{
			Cut: causes.Cut{Zone: s.Parent.Name, Name: s.Child.Name}, Registry: true,
		}, seen...)
	}
}

// judgeLeftover reports NS records in the tenant's own zone that lead to servers without the expected records.
func judgeLeftover(ctx context.Context, p *Pass, z *observe.Delegation) {
	l := p.Observed.FindLeftover(ctx, z)
	if l == nil {
		return
	}
	args := causes.DelegationLeftoverNSArgs{
		Cut: signedCutOf(ctx, p, z), NS: z.ParentNS,
		Host: hosts.DNSHostOf(z.ParentNS),
	}
	evidence := slices.Concat(l.Referral, l.Holding)
	for _, j := range l.Lacking {
		args.Missing = append(args.Missing, j.Record)
		evidence = append(evidence, j.Other...)
	}
	opts := []finding.Option{finding.With(evidence...)}
	if l.Holder != nil {
		args.Holder, args.Holding = l.Holder.Name, observe.ServerNames(l.Holding)
	} else {
		opts = append(opts, finding.Sure(finding.Likely))
		if name := p.Observed.Host(); name != z.Zone.Name {
			args.Domain, args.PerZone = name, hosts.ServersPerZone(args.Host)
		}
	}
	p.Report(causes.DelegationLeftoverNS.With(args), opts...)
}

// judgeRecordCuts reports expected records whose names the tenant's own zone delegates to servers that do not serve
// them.
func judgeRecordCuts(ctx context.Context, p *Pass, z *observe.Delegation) {
	for _, c := range p.Observed.LameRecordCuts(ctx, z) {
		if c.Role == catalog.Certificate && p.Observed.Held().CertificateIssued() ||
			c.Role == catalog.Verification && p.Subject.VerificationDone() {
			continue
		}
		args := causes.DelegationRecordNSArgs{
			Record: c.Record, NS: c.View.Zone.Hosts(),
			Cut: causes.Cut{Zone: c.Parent.Name, Name: c.View.Zone.Name, Host: hosts.DNSHostOf(c.Parent.Hosts())},
		}
		evidence := []*exchange.Exchange{c.View.Zone.Referral}
		for _, s := range c.Servers {
			if s.State == observe.ServerSilent {
				args.Servers = append(args.Servers, observe.DescribeFailure(s.SOA))
			} else {
				args.Servers = append(args.Servers, lameReason(s.SOA))
			}
			evidence = append(evidence, s.SOA, s.Control)
		}
		for _, h := range c.View.Zone.NS {
			if len(h.Addrs) == 0 {
				args.Servers = append(args.Servers, h.Name+": "+h.Failed)
				evidence = append(evidence, h.Evidence...)
			}
		}
		opts := []finding.Option{finding.For(c.Expected), finding.With(evidence...)}
		for _, s := range c.Good {
			args.Good = append(args.Good, s.Host)
			opts = append(opts, finding.With(s.SOA), finding.Partly())
		}
		p.Report(causes.DelegationRecordNSLame.With(args), opts...)
	}
}

// judgeHosts reports listed servers of independent DNS hosts that answer differently.
func judgeHosts(ctx context.Context, p *Pass, z *observe.Delegation) bool {
	groups := z.Rivals()
	if groups == nil {
		return false
	}
	detail, right, evidence := compareHosts(ctx, p, z, groups)
	opts := []finding.Option{}
	if detail == "" {
		// Records to create or change must be right at each of them.
		if !slices.ContainsFunc(p.Observed.CompareRecords(), func(j *observe.RecordResult) bool {
			return j.State == observe.StateMissing || j.State == observe.StateWrong
		}) {
			return false
		}
		detail = "their answers agree so far, but none has every record that the service needs"
		opts = append(opts, finding.Partly())
	}
	args := causes.DelegationTwoHostsArgs{Zone: z.Zone.Name, Cut: cutOf(z, z.Zone), Detail: detail}
	for i, g := range groups {
		args.Groups = append(args.Groups, catalog.Join(g.Names()))
		switch {
		case i == right:
			args.Keep, args.Lists = g.Names(), g.NS
			if d := p.Observed.DNSSEC(); d.State != observe.Insecure {
				args.KeepsDS = !observe.SharesAny(d.Faulty, args.Keep)
			}
		case right >= 0:
			args.Remove = append(args.Remove, g.Names()...)
		}
	}
	for _, s := range z.Good() {
		evidence = append(evidence, s.NS)
	}
	p.Report(causes.DelegationTwoHosts.With(args), append(opts, finding.With(evidence...))...)
	return true
}

// compareHosts describes how the answers of groups of servers differ, and returns the index of the group that has
// what the service needs, or -1. The text is empty if they answer alike.
func compareHosts(ctx context.Context, p *Pass, z *observe.Delegation, groups []observe.HostGroup) (detail string,
	right int, evidence []*exchange.Exchange,
) {
	right = -1
	score, lacks := make([]int, len(groups)), make([]bool, len(groups))
	var details []string
	for _, j := range p.Observed.CompareRecords() {
		if len(j.Right) == 0 || len(j.Other) == 0 {
			continue
		}
		for i, g := range groups {
			if slices.ContainsFunc(j.Right, g.Has) && !slices.ContainsFunc(j.Other, g.Has) {
				score[i]++
			} else {
				lacks[i] = true
			}
		}
		details = append(details, fmt.Sprintf("only %s %s %s", catalog.Join(observe.ServerNames(j.Right)),
			catalog.Verb(observe.ServerNames(j.Right), "has", "have"), catalog.Named(j.Record)))
		evidence = append(evidence, append(slices.Clone(j.Right), j.Other...)...)
	}
	detail = strings.Join(details[:min(len(details), 2)], "; ")
	if detail == "" {
		detail, evidence = forbiddingHost(ctx, p, z, groups, score)
	}
	host := p.Authority(ctx, p.Observed.Host(), dns.TypeA)
	if detail == "" {
		detail = differentAnswers(host, groups)
		evidence = append(evidence, host.Good()...)
	}
	if detail == "" {
		if d := p.Observed.DNSSEC(); len(d.Faulty) > 0 {
			detail = "the DS record does not match all of them: " + catalog.Join(d.Faulty) + " " +
				catalog.Verb(d.Faulty, "does", "do") + " not have the key that it refers to"
			evidence = append(evidence, d.Evidence...)
			for i, g := range groups {
				if !observe.SharesAny(g.Names(), d.Faulty) {
					score[i]++
				}
			}
		}
	}
	best := slices.Max(score)
	if best > 0 && !lacks[slices.Index(score, best)] &&
		slices.Index(score, best) == len(score)-1-slices.Index(reversed(score), best) {
		right = slices.Index(score, best)
	}
	return detail, right, evidence
}

// forbiddingHost describes the hosts whose CAA set forbids the certificate, if others have no such set, and raises
// the score of the others.
func forbiddingHost(ctx context.Context, p *Pass, z *observe.Delegation, groups []observe.HostGroup,
	score []int,
) (detail string, evidence []*exchange.Exchange) {
	if p.Observed.Held().CertificateIssued() {
		return "", nil
	}
	set := p.Observed.CAA()
	if !set.Forbids() || !exchange.InZone(set.Owner, z.Zone.Name) {
		return "", nil
	}
	answers := p.Authority(ctx, set.Owner, dns.TypeCAA).Good()
	var with, without []string
	for i, g := range groups {
		at := slices.IndexFunc(answers, g.Has)
		switch {
		case at < 0:
		case len(answers[at].Records(set.Owner, dns.TypeCAA)) > 0:
			with = append(with, g.Names()...)
		default:
			without = append(without, g.Names()...)
			score[i]++
		}
	}
	if len(with) == 0 || len(without) == 0 {
		return "", nil
	}
	return fmt.Sprintf("only %s %s CAA records at %s, which forbid the certificate", catalog.Join(with),
		catalog.Verb(with, "has", "have"), set.Owner), answers
}

func reversed(list []int) []int {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

// differentAnswers describes how groups of servers differ about a host: by its CNAME, or by whether it exists.
// Addresses may vary with each answer.
func differentAnswers(host *probe.AuthoritativeAnswers, groups []observe.HostGroup) string {
	var seen []string
	for _, g := range groups {
		for _, x := range host.Good() {
			if !g.Has(x) {
				continue
			}
			kind := x.CNAME(host.Name)
			if kind == "" {
				kind = x.Outcome.Phrase()
			}
			seen = append(seen, g.Names()[0]+": "+kind)
			break
		}
	}
	for _, s := range seen {
		if _, a, _ := strings.Cut(s, ": "); !strings.HasSuffix(seen[0], ": "+a) {
			return "their answers for " + host.Name + " differ: " + catalog.Join(seen)
		}
	}
	return ""
}

// judgeOwnServers reports servers that only the zone itself names and that do not serve it.
func judgeOwnServers(ctx context.Context, p *Pass, z *observe.Delegation) bool {
	own := p.Observed.AskOwnServers(ctx, z)
	aliased := p.reportOwnAliases(z, own)
	args := causes.DelegationOwnNSLameArgs{
		Zone: z.Zone.Name, Host: hosts.DNSHostOf(z.ParentNS), ParentNS: z.ParentNS, Cut: cutOf(z, z.Zone),
	}
	var evidence []*exchange.Exchange
	good := z.Good()
	for _, ns := range z.ChildNS {
		if slices.ContainsFunc(good, func(s observe.NameServer) bool { return s.Host == ns }) {
			args.Working = append(args.Working, ns)
		}
	}
	unsure := false
	for _, o := range own {
		switch {
		case o.Works():
			if j, x := p.Observed.Differs(ctx, z, o); j != nil {
				args.Servers = append(args.Servers, fmt.Sprintf("%s: serves another zone %s, without %s", x.Server(),
					z.Zone.Name, catalog.Named(j.Record)))
				args.Others = append(args.Others, o.Name)
				evidence = append(append(evidence, x), j.Right...)
				continue
			}
			args.Working = append(args.Working, o.Name)
		case !o.Fails():
			unsure = true
		case len(o.Addrs) == 0:
			args.Servers = append(args.Servers, o.Name+": "+o.Failed)
			evidence = append(evidence, o.Evidence...)
		default:
			x := o.Servers[0].SOA
			if o.Servers[0].State == observe.ServerLame {
				args.Servers = append(args.Servers, lameReason(x))
			} else {
				args.Servers = append(args.Servers, observe.DescribeFailure(x))
			}
			evidence = append(evidence, x)
		}
	}
	if len(args.Servers) == 0 {
		return aliased
	}
	for _, s := range good {
		evidence = append(evidence, s.NS)
	}
	opts := []finding.Option{finding.With(evidence...)}
	if len(args.Working) > 0 || unsure {
		opts = append(opts, finding.Partly())
	}
	p.Report(causes.DelegationOwnNSLame.With(args), opts...)
	return true
}

// reportOwnAliases reports aliases among the servers that only the zone itself lists.
func (p *Pass) reportOwnAliases(z *observe.Delegation, own []observe.OwnServer) bool {
	args := causes.DelegationNSAliasArgs{Zone: z.Zone.Name, Own: true}
	var evidence []*exchange.Exchange
	for _, ns := range z.ChildNS {
		i := slices.IndexFunc(own, func(o observe.OwnServer) bool { return o.Name == ns })
		if i < 0 || own[i].Alias == "" || !own[i].Works() {
			args.Good = append(args.Good, ns)
			continue
		}
		args.Aliases = append(args.Aliases, ns+" is an alias of "+own[i].Alias)
		args.Targets = append(args.Targets, own[i].Alias)
		evidence = append(evidence, own[i].Evidence...)
	}
	if len(args.Aliases) == 0 {
		return false
	}
	for _, s := range z.Good() {
		evidence = append(evidence, s.NS)
	}
	opts := []finding.Option{finding.With(evidence...)}
	if len(args.Good) > 0 {
		opts = append(opts, finding.Partly())
	}
	p.Report(causes.DelegationNSAlias.With(args), opts...)
	return true
}

// judgeAliases reports listed name servers whose names are aliases, if they lead to a server of the zone: otherwise
// the server is lame in any case.
func judgeAliases(p *Pass, z *observe.Delegation) {
	args := causes.DelegationNSAliasArgs{Zone: z.Zone.Name, Cut: cutOf(z, z.Zone)}
	var evidence []*exchange.Exchange
	for _, h := range z.Zone.NS {
		if h.Alias == "" || !slices.ContainsFunc(z.Good(), func(s observe.NameServer) bool {
			return slices.Contains(h.Addrs, s.Addr.Addr())
		}) {
			args.Good = append(args.Good, h.Name)
			continue
		}
		args.Aliases = append(args.Aliases, h.Name+" is an alias of "+h.Alias)
		args.Targets = append(args.Targets, h.Alias)
		evidence = append(evidence, h.Evidence...)
	}
	if len(args.Aliases) == 0 {
		return
	}
	opts := []finding.Option{finding.With(append(evidence, z.Zone.Referral)...)}
	if len(args.Good) > 0 {
		opts = append(opts, finding.Partly())
	}
	p.Report(causes.DelegationNSAlias.With(args), opts...)
}

// judgeGlue compares the addresses in the referral with the addresses that the zone itself has for its name servers.
// It returns the wrong ones.
func judgeGlue(ctx context.Context, p *Pass, z *observe.Delegation) (wrong []netip.Addr) {
	zone := z.Zone
	if zone.SameServers {
		return nil
	}
	args := causes.DelegationGlueArgs{Zone: zone.Name, Cut: cutOf(z, zone)}
	private, stale := args, args
	private.Private = true
	fewer := causes.DelegationMismatchArgs{Zone: zone.Name, Cut: args.Cut, Addresses: true}
	glued, inside := 0, 0
	aliases := causes.DelegationNSAliasArgs{Zone: zone.Name, Cut: args.Cut, Glued: true}
	var aliased []*exchange.Exchange
	evidence := []*exchange.Exchange{zone.Referral}
	for _, h := range zone.NS {
		dead := slices.DeleteFunc(slices.Clone(h.Addrs), func(a netip.Addr) bool {
			return !isPrivate(a) || slices.ContainsFunc(z.Good(), func(s observe.NameServer) bool {
				return s.Addr.Addr() == a
			})
		})
		if len(dead) > 0 {
			wrong = append(wrong, dead...)
			private.Servers = append(private.Servers, h.Name)
			private.Glue = append(private.Glue, addressesOf(h.Name, dead)...)
			private.Kind = cmp.Or(private.Kind, probe.SpecialAddress(dead[0]))
		}
		if !exchange.InZone(h.Name, zone.Name) {
			continue
		}
		inside++
		if !h.Glued {
			args.Servers = append(args.Servers, h.Name)
			continue
		}
		glued++
		if len(z.Good()) == 0 || len(dead) > 0 {
			continue
		}
		own, alias, xs, known := p.Observed.OwnAddresses(ctx, h.Name)
		if alias != "" {
			aliases.Aliases = append(aliases.Aliases, h.Name+" is an alias of "+alias)
			aliases.Targets = append(aliases.Targets, alias)
			aliased = append(aliased, xs...)
		}
		other := slices.DeleteFunc(slices.Clone(h.Addrs), func(a netip.Addr) bool {
			return slices.Contains(own, a) ||
				!slices.ContainsFunc(own, func(o netip.Addr) bool { return o.Is4() == a.Is4() })
		})
		if known && len(own) > 0 && len(other) > 0 {
			wrong = append(wrong, other...)
			stale.Servers = append(stale.Servers, h.Name)
			stale.Glue = append(stale.Glue, addressesOf(h.Name, other)...)
			stale.Addresses = append(stale.Addresses, addressesOf(h.Name, own)...)
			evidence = append(evidence, xs...)
		} else if known && slices.ContainsFunc(own, func(a netip.Addr) bool {
			return !slices.Contains(h.Addrs, a) &&
				slices.ContainsFunc(h.Addrs, func(g netip.Addr) bool { return g.Is4() == a.Is4() })
		}) {
			fewer.ParentNS = append(fewer.ParentNS, addressesOf(h.Name, h.Addrs)...)
			fewer.ChildNS = append(fewer.ChildNS, addressesOf(h.Name, own)...)
			evidence = append(evidence, xs...)
		}
	}
	if len(aliases.Aliases) > 0 { // the glue leads to the servers until a resolver looks up their names
		p.Report(causes.DelegationNSAlias.With(aliases), finding.With(append(aliased, zone.Referral)...),
			finding.Partly())
	}
	switch {
	case len(private.Servers) > 0:
		p.reportGlue(z, private, evidence)
	case len(stale.Servers) > 0:
		p.reportGlue(z, stale, evidence)
	case len(fewer.ChildNS) > 0 && slices.Equal(z.ParentNS, z.ChildNS): // otherwise judgeMismatch shows the names
		p.Report(causes.DelegationMismatch.With(fewer), finding.With(evidence...))
	case inside == len(zone.NS) && inside > 0 && glued == 0 && len(z.Good()) == 0:
		p.Report(causes.DelegationGlueMissing.With(args), finding.With(evidence...))
	}
	return wrong
}

// reportGlue reports wrong addresses in a referral: a failure only if no listed server serves the zone.
func (p *Pass) reportGlue(z *observe.Delegation, args causes.DelegationGlueArgs, evidence []*exchange.Exchange) {
	opts := []finding.Option{finding.With(evidence...)}
	if len(z.Good()) > 0 {
		opts = append(opts, finding.As(catalog.Warn))
	}
	p.Report(causes.DelegationGlueWrong.With(args), opts...)
}

func addressesOf(host string, list []netip.Addr) []string {
	var out []string
	for _, a := range list {
		out = append(out, host+" "+a.String())
	}
	return out
}

// isPrivate reports whether an address cannot be reached from the Internet. Documentation and benchmark addresses
// count as public, because labs use them as such.
func isPrivate(a netip.Addr) bool {
	what := probe.SpecialAddress(a)
	return what != "" && !strings.Contains(what, "documentation") && !strings.Contains(what, "benchmarking")
}
