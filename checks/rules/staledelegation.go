package rules

import (
	"context"
	"slices"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// reportStaleDelegation reports resolvers that have cached an earlier delegation, with other servers than the
// registry lists. If these still give the old answer and list themselves as the zone's servers, the cached delegation
// renews itself and never expires; otherwise it ends with the cached NS records. It returns the cells to be judged by
// their own TTL.
func (p *Pass) reportStaleDelegation(ctx context.Context, r *observe.SourcedRow, e subject.Expected, old,
	denied []observe.Cell) (restOld,
	restDenied []observe.Cell,
) {
	z := p.Observed.Zone()
	if z.Zone == nil || len(old)+len(denied) == 0 {
		return old, denied
	}
	p.askFailing(ctx, append(slices.Clone(old), denied...), z.Zone.Name)
	args := causes.CacheNeverConvergesArgs{Record: e.Record}
	var stuck []observe.Cell
	var evidence []*exchange.Exchange
	judge := func(cells []observe.Cell) []observe.Cell {
		var rest []observe.Cell
		for _, c := range cells {
			x, foreign := p.remembersServers(ctx, c, z)
			if len(foreign) == 0 {
				rest = append(rest, c)
				continue
			}
			ttl := observe.ShortestTTL(x.Records(z.Zone.Name, dns.TypeNS))
			y := p.stillServing(ctx, foreign, r, c)
			switch {
			case y == nil: // the old servers are gone: wait for the cached delegation to expire
				c.Renews = false
				c.Extend(ttl, observe.LatestExpiry(x, ttl))
				rest = append(rest, c)
				continue
			case !p.selfAuthoritative(ctx, y, z.Zone.Name, foreign):
				c.Renews = false
				again := ttl + answerTTL(y, r) // queried once more just before the delegation expires
				c.Extend(again, observe.LatestExpiry(x, again))
				rest = append(rest, c)
				continue
			}
			stuck = append(stuck, c)
			args.Resolvers = append(args.Resolvers, c.Server)
			if n := observe.ServerName(y); !slices.Contains(args.Old, n) {
				args.Old = append(args.Old, n)
			}
			evidence = append(evidence, c.Exchange, x, y)
		}
		return rest
	}
	restOld, restDenied = judge(old), judge(denied)
	if len(stuck) > 0 {
		args.Detail = causes.StuckToOldHost(args.Resolvers, args.Old, z.ParentNS)
		p.Report(causes.CacheNeverConverges.With(args), finding.For(e), finding.Sure(finding.Likely),
			finding.With(append(evidence, z.Zone.Referral)...))
	}
	return restOld, restDenied
}

// remembersServers queries the resolver of a cell for the zone's NS records. foreign are the servers in its answer
// that neither the registry nor the zone lists.
func (p *Pass) remembersServers(ctx context.Context, c observe.Cell, z *observe.Delegation) (x *exchange.Exchange,
	foreign []string,
) {
	x = p.askOf(ctx, c, z.Zone.Name, dns.TypeNS)
	foreign = slices.DeleteFunc(x.Values(z.Zone.Name, dns.TypeNS), func(ns string) bool {
		return slices.Contains(z.ParentNS, ns) || slices.Contains(z.ChildNS, ns)
	})
	return x, foreign
}

// askOf queries the resolver of a cell.
func (p *Pass) askOf(ctx context.Context, c observe.Cell, name string, rrtype uint16) *exchange.Exchange {
	for _, s := range p.Resolvers() {
		if s.String() == c.Server {
			return p.Resolve(ctx, s, name, rrtype)
		}
	}
	return &exchange.Exchange{Outcome: exchange.NotAsked}
}

// stillServing returns the authoritative answer of a former server that equals a cell's; nil if there is none.
func (p *Pass) stillServing(ctx context.Context, hosts []string, r *observe.SourcedRow,
	c observe.Cell,
) *exchange.Exchange {
	for _, h := range hosts[:min(len(hosts), observe.MaxOtherServers)] {
		addrs, err := p.HostAddrs(ctx, h)
		if err != nil {
			continue
		}
		for _, srv := range p.Askable(observe.ServersAt(h, addrs)) {
			x := p.Ask(ctx, srv, r.View.Name, r.View.Type)
			answer, _ := observe.AnswerOf(x, r.View.Name, r.View.Type)
			if x.AA() && x.Outcome.Conclusive() && slices.Equal(answer, c.Answer) {
				return x
			}
		}
	}
	return nil
}

// selfAuthoritative reports whether a former server still lists former servers for the zone, so that resolvers return
// to it.
func (p *Pass) selfAuthoritative(ctx context.Context, y *exchange.Exchange, zone string, foreign []string) bool {
	x := p.Ask(ctx, exchange.Server{Host: y.Host, Addr: y.Addr}, zone, dns.TypeNS)
	return observe.SharesAny(x.Values(zone, dns.TypeNS), foreign)
}

// answerTTL returns for how many seconds an authoritative answer may be cached.
func answerTTL(x *exchange.Exchange, r *observe.SourcedRow) uint32 {
	if _, ttl := observe.AnswerOf(x, r.View.Name, r.View.Type); ttl != nil {
		return *ttl
	}
	ttl, _ := x.DenialTTL()
	return ttl
}

// reportStaleDS reports resolvers that fail because of a cached DS record that the registry no longer has. This ends
// with its TTL. It returns the cells that fail for another reason. role is that of the first record that cannot be
// resolved.
func (p *Pass) reportStaleDS(ctx context.Context, role catalog.Role, failed []observe.Cell) []observe.Cell {
	z := p.Observed.Zone()
	if z.Zone == nil || len(failed) == 0 {
		return failed
	}
	p.askFailing(ctx, failed, z.Zone.Name)
	failed = p.reportRedirected(ctx, role, failed)
	d := p.Observed.DNSSEC()
	if d.State == observe.SecurityUnknown || d.Zone != z.Zone.Name {
		return failed
	}
	args := causes.CachedAnswers{Record: catalog.Record{Role: role, Name: z.Zone.Name, Type: "DS", Zone: z.Zone.Parent}}
	var rest []observe.Cell
	var evidence []*exchange.Exchange
	for _, c := range failed {
		if slices.Contains(args.Resolvers, c.Server) {
			continue
		}
		x := p.Observed.StaleDS(ctx, z.Zone.Name, c, d.DS)
		if x == nil {
			rest = append(rest, c)
			continue
		}
		rrs := x.Records(z.Zone.Name, dns.TypeDS)
		c.Answer = x.Values(z.Zone.Name, dns.TypeDS)
		c.Extend(observe.ShortestTTL(rrs), observe.LatestExpiry(x, observe.ShortestTTL(rrs)))
		p.addCells(&args, []observe.Cell{c})
		evidence = append(evidence, c.Exchange, x)
	}
	if len(args.Resolvers) > 0 {
		p.Report(causes.CacheOldAnswer.With(args), finding.About(role, z.Zone.Name),
			finding.With(append(evidence, d.Evidence...)...))
		p.reportLongWindow(args, subject.Expected{Record: args.Record})
	}
	return rest
}

// askFailing queries the resolvers of all cells at once before they are judged one by one: each query may take its
// full time.
func (p *Pass) askFailing(ctx context.Context, failed []observe.Cell, zone string) {
	wg := p.Session.Group()
	for _, s := range p.Resolvers() {
		i := slices.IndexFunc(failed, func(c observe.Cell) bool { return c.Server == s.String() })
		if i < 0 {
			continue
		}
		wg.Go(func() { p.Resolve(ctx, s, zone, dns.TypeNS) })
		if failed[i].Exchange.Outcome == exchange.ServFail {
			wg.Go(func() { p.ResolveUnchecked(ctx, s, zone, dns.TypeSOA) })
		}
	}
	wg.Wait()
}

// reportRedirected reports resolvers that fail because they still query the servers of an earlier delegation, which
// no longer serve the zone. This ends with the cached NS records. It returns the cells that fail for another reason.
func (p *Pass) reportRedirected(ctx context.Context, role catalog.Role, failed []observe.Cell) []observe.Cell {
	z := p.Observed.Zone()
	args := causes.CachedAnswers{Record: catalog.Record{Role: role, Name: z.Zone.Name, Type: "NS", Zone: z.Zone.Parent}}
	var rest []observe.Cell
	var evidence []*exchange.Exchange
	for _, c := range failed {
		if slices.Contains(args.Resolvers, c.Server) {
			continue
		}
		x, foreign := p.remembersServers(ctx, c, z)
		// Unbound takes 20 s and more to answer while the servers that it queries are silent; BIND fails after 10 s.
		if o := c.Exchange.Outcome; o != exchange.ServFail && o != exchange.Timeout || len(foreign) == 0 {
			rest = append(rest, c)
			continue
		}
		ttl := observe.ShortestTTL(x.Records(z.Zone.Name, dns.TypeNS))
		c.Answer = foreign
		c.Extend(ttl, observe.LatestExpiry(x, ttl))
		p.addCells(&args, []observe.Cell{c})
		evidence = append(evidence, c.Exchange, x)
	}
	if len(args.Resolvers) > 0 {
		p.Report(causes.CacheOldAnswer.With(args), finding.About(role, z.Zone.Name), finding.Sure(finding.Likely),
			finding.With(append(evidence, z.Zone.Referral)...))
		p.reportLongWindow(args, subject.Expected{Record: args.Record})
	}
	return rest
}
