package observe

import (
	"context"
	"net/netip"
	"slices"

	"github.com/miekg/dns"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/rdata"
)

// reportMissing reports that a record is not visible, with the reasons why the DNS host's panel may show it
// nevertheless.
func (f *Observations) reportMissing(ctx context.Context, j *RecordResult, name string) {
	if proxy, shown, evidence := f.proxied(ctx, j, name); proxy != "" {
		j.find(causes.RecordProxied.With(causes.RecordProxiedArgs{
			Record: j.Record, Addresses: shown, Proxy: "addresses of " + proxy,
		}), append(slices.Clone(j.Other), evidence...)...)
		return
	}
	var evidence []*exchange.Exchange
	j.Unseen, evidence = f.unseen(ctx, j, name)
	j.find(causes.RecordMissing.With(causes.RecordMissingArgs{
		Record: j.Record, Denial: denial(j.Other[0]), Servers: len(j.Other), NS: j.zoneServers(), Unseen: j.Unseen,
	}), append(slices.Clone(j.Other), evidence...)...)
}

// proxied returns the operator of the proxy that answers at the name of a CNAME that is not visible, and its addresses.
func (f *Observations) proxied(ctx context.Context, j *RecordResult, name string) (proxy string, shown []string,
	evidence []*exchange.Exchange,
) {
	if j.Type != "CNAME" || hosts.PanelOf(j.Record.Host).Proxy == "" {
		return "", nil, nil
	}
	v4, v6 := f.Session.Addresses(ctx, name)
	if len(v4.Hops) != 1 || len(v6.Hops) != 1 {
		return "", nil, nil
	}
	own := append(v4.AddrsOf(), v6.AddrsOf()...)
	for _, c := range []*probe.Chain{v4, v6} {
		if len(c.AddrsOf()) == 0 {
			continue
		}
		if wild, _ := f.Session.Wildcard(ctx, c.Hops[0].Answers); wild {
			return "", nil, nil
		}
	}
	for _, a := range own {
		shown = append(shown, a.String())
	}
	return hosts.ProxyOf(own), shown, append(v4.Evidence(), v6.Evidence()...)
}

// unseen returns the known reasons of the DNS host why a record that the servers deny may be in its panel.
func (f *Observations) unseen(ctx context.Context, j *RecordResult, name string) (out []catalog.Unseen,
	evidence []*exchange.Exchange,
) {
	if j.Record.Host == "" || j.View.Zone == nil {
		return nil, nil
	}
	p := hosts.PanelOf(j.Record.Host)
	for _, r := range catalog.UnseenReasons() {
		if !r.At(p) {
			continue
		}
		var u *catalog.Unseen
		var more []*exchange.Exchange
		switch r.ID {
		case catalog.UnseenFlattened:
			u, more = f.flattening(ctx, j, name)
		case catalog.UnseenPrivateZone:
			u, more = f.inPrivateZone(ctx, j, name)
		case catalog.UnseenOtherZone:
			u = f.inOtherZone(ctx, j)
		}
		if u != nil {
			out, evidence = append(out, *u), append(evidence, more...)
		}
	}
	return out, evidence
}

// flattening looks for signs that the DNS host answers CNAMEs with the addresses of their targets. The zone apex says
// nothing about other names: a CNAME there is always flattened.
func (f *Observations) flattening(ctx context.Context, j *RecordResult, name string) (*catalog.Unseen,
	[]*exchange.Exchange,
) {
	if j.Type != "CNAME" || name == j.Zone {
		return nil, nil
	}
	u := &catalog.Unseen{ID: catalog.UnseenFlattened}
	var evidence []*exchange.Exchange
	for _, e := range f.Expectations() {
		if e.Type != "CNAME" || e.Name == j.Name || e.Name == j.Zone || !exchange.InZone(e.Name, j.Zone) ||
			slices.Contains(u.Names, e.Name) {
			continue
		}
		if shown := f.flattened(ctx, e.Name, rdata.Target(e.Value)); shown != nil {
			u.Names, evidence = append(u.Names, e.Name), append(evidence, shown...)
		}
	}
	if shown := f.flattened(ctx, name, rdata.Target(j.Value)); shown != nil {
		u.Whole, u.Likely = true, true
		return u, append(evidence, shown...)
	}
	shape := f.emptyForEmptyTarget(ctx, j, name)
	u.Likely = shape != nil
	if !u.Likely && len(u.Names) == 0 {
		return nil, nil
	}
	return u, append(evidence, shape...)
}

// flattened returns the answers in which a name has the addresses of a target but not the CNAME to it; nil if there
// are none.
func (f *Observations) flattened(ctx context.Context, name, target string) []*exchange.Exchange {
	v4, v6 := f.Session.Addresses(ctx, name)
	if len(v4.Hops) != 1 || len(v6.Hops) != 1 {
		return nil
	}
	own, ours := append(v4.AddrsOf(), v6.AddrsOf()...), f.TargetAddresses(ctx, target)
	if len(own) == 0 || len(ours) == 0 || len(ForeignAddresses(own, ours)) > 0 {
		return nil
	}
	for _, c := range []*probe.Chain{v4, v6} {
		if c.Hops[0].Answers.Exists() {
			if wild, _ := f.Session.Wildcard(ctx, c.Hops[0].Answers); wild {
				return nil
			}
		}
	}
	return append(v4.Evidence(), v6.Evidence()...)
}

// emptyForEmptyTarget returns the answers in which a name exists without records, like a flattened CNAME whose target
// has no address; nil if there are none. A server that denies every name in this way proves nothing.
func (f *Observations) emptyForEmptyTarget(ctx context.Context, j *RecordResult, name string) []*exchange.Exchange {
	if j.Other[0].Outcome != exchange.NoData {
		return nil
	}
	v4, v6 := f.Session.Addresses(ctx, rdata.Target(j.Value))
	if !v4.Known() || !v6.Known() || len(v4.AddrsOf())+len(v6.AddrsOf()) > 0 {
		return nil
	}
	var evidence []*exchange.Exchange
	for _, t := range []uint16{dns.TypeTXT, dns.TypeA, dns.TypeAAAA} {
		v := f.Session.Lookup(ctx, name, t)
		if !v.Known() || v.First().Outcome != exchange.NoData {
			return nil
		}
		evidence = append(evidence, v.Good()...)
	}
	control := f.Session.Lookup(ctx, f.Session.RandomSibling(name), dns.TypeCNAME)
	if x := control.First(); x == nil || x.Outcome != exchange.NXDomain {
		return nil
	}
	return append(evidence, control.Good()...)
}

// inPrivateZone looks for a resolver of a private network that returns the record.
func (f *Observations) inPrivateZone(ctx context.Context, j *RecordResult, name string) (*catalog.Unseen,
	[]*exchange.Exchange,
) {
	u := &catalog.Unseen{ID: catalog.UnseenPrivateZone}
	var evidence []*exchange.Exchange
	for _, r := range f.Session.Resolvers() {
		if !privateNetwork(r.Addr.Addr()) {
			continue
		}
		if x := f.Session.Resolve(ctx, r, name, j.View.Type); f.holds(ctx, j, x, name, j.View.Type) ||
			j.View.Type == dns.TypeCNAME && x.CNAME(name) == rdata.Target(j.Value) {
			u.Likely, u.Servers, evidence = true, append(u.Servers, r.String()), append(evidence, x)
		}
	}
	return u, evidence
}

// privateNetwork reports whether an address is inside a network, such as that of a cloud's own resolver. A resolver
// on this machine usually forwards to public ones.
func privateNetwork(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsPrivate() || a.IsLinkLocalUnicast()
}

// inOtherZone compares the zone with the expected records: if it has none of them, the user may be editing another
// zone.
func (f *Observations) inOtherZone(ctx context.Context, j *RecordResult) *catalog.Unseen {
	u := &catalog.Unseen{ID: catalog.UnseenOtherZone, Servers: j.zoneServers()}
	if len(u.Servers) == 0 {
		return nil
	}
	others := 0
	for _, e := range f.Expectations() {
		rrtype, err := exchange.ParseType(e.Type)
		if err != nil || e.Name == j.Name && e.Type == j.Type || !exchange.InZone(e.Name, j.Zone) {
			continue
		}
		v := f.Session.Authority(ctx, e.Name, rrtype)
		if !v.Known() || v.First().Outcome == exchange.Answered {
			return u
		}
		if e.Role == catalog.Routing && len(f.Addresses().All) > 0 { // an alias, or addresses that were entered there
			return u
		}
		others++
	}
	u.Likely = others > 0
	return u
}

// unjudged returns why a record that was not found is not judged. The run ended before its end was known: a server or
// a place that was not asked may have it. Or this machine was too busy to query a server.
func (f *Observations) unjudged(j *RecordResult) string {
	switch {
	case j.View == nil || len(j.Right) > 0:
		return ""
	case f.ctx.Err() != nil:
		return "the run ended before the search for the record did"
	case slices.ContainsFunc(j.View.Replies, probe.TooBusy):
		return "this machine was too busy to query every server"
	}
	return ""
}
