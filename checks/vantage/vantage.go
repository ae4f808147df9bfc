// Package vantage determines what can be observed reliably from this machine: resolvers, port 53, IPv6, TLS and the
// clock.
package vantage

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// environmentProbe is an examination of this machine in progress.
type environmentProbe struct {
	s *probe.Session
	r *Report
}

func (l *environmentProbe) add(i catalog.Instance, sure finding.Certainty,
	evidence ...*exchange.Exchange,
) *finding.Finding {
	f := &finding.Finding{
		Instance: i, Check: "vantage", Verdict: catalog.Inconclusive, Certainty: sure,
		Evidence: evidence,
	}
	l.r.Findings = append(l.r.Findings, f)
	l.r.Verdict = catalog.Inconclusive
	return f
}

func (l *environmentProbe) line(id string, v catalog.Verdict, took time.Duration, format string, args ...any) {
	l.r.Checks = append(l.r.Checks, Check{id, v, fmt.Sprintf(format, args...), took})
}

// resolverFacts are one resolver's answers to queries with known results.
type resolverFacts struct {
	server                            exchange.Server
	root, synthetic, control, nothing *exchange.Exchange
	self                              probe.Identity
}

// OutOfTime returns the report of a run that ended before the network could be examined.
func OutOfTime() *Report {
	l := &environmentProbe{r: &Report{Verdict: catalog.Inconclusive}}
	l.line("network", catalog.Inconclusive, 0, "the run ended before the network could be examined")
	return l.r
}

// Examine determines what this machine can observe reliably: whether its resolvers are genuine, whether authoritative
// servers can be reached, and whether there is IPv6.
func Examine(ctx context.Context, s *probe.Session) *Report {
	l := &environmentProbe{s: s, r: &Report{Verdict: catalog.Pass}}
	resolvers := s.Resolvers()
	facts := make([]resolverFacts, len(resolvers))
	var com *probe.DelegationPath
	var wg probe.Group
	for i, server := range resolvers {
		f := &facts[i]
		f.server = server
		ctx, giveUp := context.WithCancel(ctx)
		defer giveUp()
		wg.Go(func() {
			if f.root = s.Resolve(ctx, server, ".", dns.TypeNS); f.root.Msg == nil {
				giveUp() // without it no other answer is judged
			}
		})
		wg.Go(func() { f.synthetic = s.Resolve(ctx, server, "ipv4only.arpa", dns.TypeAAAA) })
		wg.Go(func() { f.control = s.Resolve(ctx, server, "ipv4only.arpa", dns.TypeA) })
		wg.Go(func() { f.nothing = s.Resolve(ctx, server, s.RandomSibling("x.invalid"), dns.TypeA) })
		if _, ok := probe.DoHEndpoint(server); ok {
			wg.Go(func() { f.self = s.WhoAnswers(ctx, server.Addr.Addr(), server) })
		}
	}
	wg.Go(func() { com = s.Locate(ctx, "com") })
	wg.Wait()
	if ctx.Err() != nil { // unfinished queries say nothing about the network
		return OutOfTime()
	}
	l.resolvers(ctx, facts, com)
	l.synthetic(facts)
	if s.HasIPv6() {
		l.line("ipv6", catalog.Pass, 0, "IPv6 is available")
	} else {
		l.line("ipv6", catalog.Warn, 0, "this machine has no IPv6: IPv6 addresses are not tried")
	}
	return l.r
}

// resolvers checks which resolvers and authoritative servers can be reached, and whether they are genuine.
func (l *environmentProbe) resolvers(ctx context.Context, facts []resolverFacts, com *probe.DelegationPath) {
	alive := 0
	var silent []string
	var why string
	var unasked []*exchange.Exchange
	for _, f := range facts {
		unasked = append(unasked, f.root)
		if f.root.Msg != nil {
			alive++
			continue
		}
		silent = append(silent, f.server.String())
		why = f.root.Outcome.Phrase()
		l.line("resolver", catalog.Inconclusive, f.root.Took, "%s: %s", f.server,
			cmp.Or(f.root.Err, f.root.Outcome.Phrase()))
	}
	reachable := com.Unknown == ""
	if x := rootImpostor(com); x != nil {
		f := l.add(causes.VantagePort53Intercepted.With(causes.NetworkObservation{
			Asked:  []string{x.Server()},
			Detail: x.Server() + " did not answer like a root server",
		}), finding.Conclusive, x)
		f.Caveat = &finding.Caveat{All: true}
		l.line("port 53", catalog.Inconclusive, 0, "another server answers for %s", x.Server())
		return
	}
	l.findIntercepted(ctx, facts)
	switch {
	case alive == 0:
		l.add(causes.VantageOffline.With(causes.NetworkObservation{Asked: silent, Detail: why}), finding.Conclusive,
			unasked...)
		if reachable {
			l.line("port 53", catalog.Pass, 0, "authoritative servers can be reached")
		} else {
			l.line("port 53", catalog.Inconclusive, 0, "no authoritative server answers either")
		}
	case !reachable:
		l.add(causes.VantagePort53Blocked.With(causes.NetworkObservation{Asked: failedServers(com), Detail: com.Unknown}),
			finding.Conclusive, com.Failed...)
		l.line("port 53", catalog.Inconclusive, 0, "authoritative servers cannot be reached: %s", com.Unknown)
	default:
		l.line("port 53", catalog.Pass, 0, "authoritative servers can be reached")
	}
}

// findIntercepted finds impersonated resolvers: their answers to queries with known results are false, or they
// identify themselves differently than the same resolver over HTTPS.
func (l *environmentProbe) findIntercepted(ctx context.Context, facts []resolverFacts) {
	for _, f := range facts {
		if f.root.Msg == nil {
			continue
		}
		addr := f.server.String()
		alien := func(sure finding.Certainty, all bool, detail string, evidence ...*exchange.Exchange) {
			found := l.add(causes.VantagePort53Intercepted.With(causes.NetworkObservation{
				Asked:  []string{addr},
				Detail: detail,
			}), sure, evidence...)
			found.Caveat = &finding.Caveat{Resolvers: []netip.AddrPort{f.server.Addr}, All: all}
			l.line("resolver", catalog.Inconclusive, f.root.Took, "%s", detail)
		}
		switch {
		case probe.MadeUp(f.control):
			alien(finding.Conclusive, true,
				addr+" returns a false address for ipv4only.arpa",
				f.control)
		case len(f.nothing.Records(strings.TrimSuffix(f.nothing.Asked, " A"), dns.TypeA)) > 0:
			alien(finding.Conclusive, true, addr+" returns an address for a name that does not exist",
				f.nothing)
		case f.self.Known && !f.self.Genuine:
			l.compare(ctx, f, alien)
		case f.self.Genuine:
			l.line("resolver", catalog.Pass, f.root.Took, "%s answers and is genuine (it identifies itself as %s)", addr,
				sanitize.Text(f.self.Says, 60))
		default:
			l.line("resolver", catalog.Pass, f.root.Took, "%s answers", addr)
		}
	}
}

// compare queries the same resolver over HTTPS, where it cannot be impersonated.
func (l *environmentProbe) compare(ctx context.Context, f resolverFacts,
	alien func(finding.Certainty, bool, string, ...*exchange.Exchange),
) {
	endpoint, _ := probe.DoHEndpoint(f.server)
	other := l.s.WhoAnswers(ctx, f.server.Addr.Addr(), endpoint)
	addr, says := f.server.String(), sanitize.Text(f.self.Says, 80)
	switch {
	case other.Genuine:
		alien(finding.Conclusive, false,
			fmt.Sprintf("%s identifies itself as %q, but over HTTPS as %q: port 53 is intercepted",
				addr, says, sanitize.Text(other.Says, 80)), f.self.Exchange, other.Exchange)
	case !other.Known:
		alien(finding.Likely, false,
			fmt.Sprintf("%s identifies itself as %q, which is not its usual identity; it could not be reached over HTTPS", addr,
				says), f.self.Exchange, other.Exchange)
	default: // it has changed its identity, so this proves nothing
		l.line("resolver", catalog.Pass, f.root.Took, "%s answers", addr)
	}
}

// synthetic finds resolvers that synthesize IPv6 addresses (DNS64), and the prefixes they use.
func (l *environmentProbe) synthetic(facts []resolverFacts) {
	var inventing []string
	var invented []*exchange.Exchange
	var prefixes []netip.Prefix
	for _, f := range facts {
		answer := dns64Answer(f.synthetic)
		if answer == "" {
			continue
		}
		inventing, invented = append(inventing, f.server.String()), append(invented, f.synthetic)
		l.line("dns64", catalog.Inconclusive, f.synthetic.Took, "%s synthesizes IPv6 addresses", f.server)
		if a, err := netip.ParseAddr(answer); err == nil {
			if p, ok := probe.NAT64Prefix(a); ok && !slices.Contains(prefixes, p) {
				prefixes = append(prefixes, p)
			}
		}
	}
	if len(invented) > 0 {
		detail := "ipv4only.arpa has the IPv6 address " + dns64Answer(invented[0])
		for _, p := range prefixes {
			detail += "; addresses in " + p.String() + " are synthesized"
		}
		l.add(causes.VantageDNS64.With(causes.NetworkObservation{Asked: inventing, Detail: detail}), finding.Conclusive,
			invented...)
		l.r.translated = prefixes
	}
}

// rootImpostor finds an answer that no root server gives: a non-authoritative one, as from a resolver, or an
// authoritative one for a delegated zone.
func rootImpostor(com *probe.DelegationPath) *exchange.Exchange {
	for _, x := range com.Failed {
		if x.Msg != nil && !x.AA() && (x.Msg.RecursionAvailable || x.Outcome == exchange.NXDomain ||
			x.Outcome == exchange.Answered) {
			return x
		}
	}
	for _, z := range com.Zones {
		if x := z.Referral; z.Parent == "." && z.SameServers && x != nil && x.Msg != nil && x.Msg.RecursionAvailable {
			return x
		}
	}
	return nil
}

// dns64Answer returns the IPv6 address of ipv4only.arpa, a name that has none (RFC 7050); empty without one.
func dns64Answer(x *exchange.Exchange) string {
	for _, rr := range x.Records("ipv4only.arpa", dns.TypeAAAA) {
		return exchange.RData(rr)
	}
	return ""
}

func failedServers(p *probe.DelegationPath) []string {
	var out []string
	for _, x := range p.Failed {
		if s := x.Server(); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Downgrade turns the answers of resolvers that cannot be trusted into errors in a domain's propagation: they do not
// show what the resolvers themselves have.
func Downgrade(findings []*finding.Finding, rows []observe.Row) {
	for _, f := range findings {
		if f.Caveat == nil {
			continue
		}
		for _, r := range rows {
			for i := range r.Cells {
				c := &r.Cells[i]
				if c.Kind == observe.KindResolver && c.Exchange != nil && slices.Contains(f.Caveat.Resolvers, c.Exchange.Addr) &&
					c.State != observe.CellNotAsked {
					c.State, c.Answer, c.TTL, c.Samples = observe.CellError, nil, nil, nil
				}
			}
		}
	}
}

// distrusted begins the reason why the answers of a server do not count.
const distrusted = "cannot be trusted: "

// Distrusts says why the answers of a server do not count, by what was found about this machine; empty if they do.
// Port 53 on the way to a server at a private address, or over TLS, is not what was examined.
func (v *Report) Distrusts(server exchange.Server) string {
	a := server.Addr
	if !a.IsValid() || a.Addr().IsLoopback() || a.Addr().IsPrivate() {
		return ""
	}
	plain := server.Proto == exchange.UDP || server.Proto == exchange.TCP
	for _, f := range v.Findings {
		if c := f.Caveat; c != nil && (slices.Contains(c.Resolvers, a) || plain && c.All && len(c.Resolvers) == 0) {
			return distrusted + f.Title
		}
	}
	return ""
}

// Distrust turns the answers in a row that cannot be trusted into errors that say why.
func (v *Report) Distrust(row *observe.Row, resolvers []exchange.Server) {
	for i := range row.Cells {
		c := &row.Cells[i]
		if c.Exchange == nil || c.State == observe.CellError || c.State == observe.CellNotAsked {
			continue
		}
		server := exchange.Server{Addr: c.Exchange.Addr}
		if at := slices.IndexFunc(resolvers, func(s exchange.Server) bool { return s.String() == c.Server }); at >= 0 {
			server = resolvers[at]
		}
		why := v.Distrusts(server)
		if why == "" {
			continue
		}
		x := *c.Exchange
		x.Msg, x.Outcome, x.Err = nil, exchange.Malformed, why
		*c = observe.Cell{Server: c.Server, Kind: c.Kind, State: observe.CellError, Exchange: &x}
	}
}

// WhyDistrusted returns why Distrust turned an answer into an error; empty if it did not.
func WhyDistrusted(c observe.Cell) string {
	if c.State == observe.CellError && c.Exchange != nil && strings.HasPrefix(c.Exchange.Err, distrusted) {
		return c.Exchange.Err
	}
	return ""
}

// Report is what can be observed reliably from this machine.
type Report struct {
	Verdict  catalog.Verdict
	Findings []*finding.Finding
	Checks   []Check

	translated []netip.Prefix // prefixes of synthesized IPv6 addresses (DNS64)
}

// Check is one line of the report.
type Check struct {
	ID      string
	Verdict catalog.Verdict
	Text    string
	Took    time.Duration
}
