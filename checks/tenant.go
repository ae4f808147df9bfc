package checks

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// Tenant looks at what concerns the tenant as a whole, once: token, quota, wallet. Its findings never turn a domain red. Nil without a service.
func (d *Doctor) Tenant(ctx context.Context) *TenantReport {
	if d.Service == nil {
		return nil
	}
	return d.tenant.get(ctx, func() *TenantReport { return d.lookAtTenant(ctx) })
}

func (d *Doctor) lookAtTenant(ctx context.Context) *TenantReport {
	s := d.Session.Fork()
	ctx = probe.NewContext(ctx, s)
	r := &TenantReport{ID: d.Service.Tenant}
	add := func(i catalog.Instance) {
		r.Findings = append(r.Findings, &Finding{Instance: i, Check: "tenant", Verdict: i.Cause.Verdict, Certainty: Conclusive})
	}
	if claims, err := d.Service.Client.Claims(); err == nil {
		r.Claims = &claims
		r.PlanTier = catalog.Printable(claims.PlanTier, 60)
		if r.ID == "" {
			r.ID = claims.TenantID
		} else if claims.TenantID != "" && r.ID != claims.TenantID {
			add(catalog.ServiceTenantMismatch.With(catalog.ServiceArgs{Tenant: catalog.Printable(r.ID, 60), Claim: catalog.Printable(claims.TenantID, 60)}))
		}
	}
	r.ID = catalog.Printable(r.ID, 80)
	var quota api.Quota
	var wallet api.Wallet
	var quotaErr, walletErr error
	var wg probe.Group
	wg.Go(func() { quota, quotaErr = d.Service.Quota(ctx) })
	wg.Go(func() { wallet, walletErr = d.Service.Wallet(ctx) })
	wg.Wait()
	if quotaErr == nil && quota.Used != nil && quota.Limit != nil {
		r.Quota = &quota
		judgeQuota(quota, add)
	}
	if walletErr == nil {
		r.Wallet = &wallet
		judgeWallet(wallet, add)
	}
	for _, err := range []error{quotaErr, walletErr} {
		i, ok := serviceFailure(err)
		// A wallet at another address is no wrong endpoint of the service itself; a refusal or an outage is worth saying once.
		if ok && i.ID != catalog.ServiceWrongEndpoint.ID && !slices.ContainsFunc(r.Findings, func(f *Finding) bool { return f.Cause == i.Cause }) {
			add(i)
		}
	}
	r.Findings = fold(r.Findings)
	return r
}

func judgeQuota(q api.Quota, add func(catalog.Instance)) {
	args := catalog.QuotaArgs{Used: *q.Used, Limit: *q.Limit, Tier: catalog.Printable(q.Tier, 60)}
	switch {
	case *q.Limit <= 0: // no limit, or a number that means nothing
	case *q.Used >= *q.Limit:
		add(catalog.ServiceQuotaReached.With(args))
	case *q.Used*10 >= *q.Limit*9:
		add(catalog.ServiceQuotaNear.With(args))
	}
}

func judgeWallet(w api.Wallet, add func(catalog.Instance)) {
	args := catalog.FundsArgs{Balance: catalog.Printable(w.Balance, 40), Currency: catalog.Printable(w.Currency, 12), Status: catalog.Printable(w.Status, 40)}
	amount, ok := w.Amount()
	inactive := w.Status != "" && !strings.EqualFold(w.Status, "ACTIVE") && !strings.EqualFold(w.Status, "OK") && !strings.EqualFold(w.Status, "ENABLED")
	if inactive || ok && amount.Cmp(new(big.Rat)) <= 0 {
		add(catalog.ServiceFundsLow.With(args))
	}
}

// Vantage looks at what this machine can judge at all: resolvers, the way to authoritative servers, IPv6. It is asked once a run.
func (d *Doctor) Vantage(ctx context.Context) *VantageReport {
	return d.vantage.get(ctx, func() *VantageReport { return d.lookAtVantage(ctx) })
}

func (d *Doctor) lookAtVantage(ctx context.Context) *VantageReport {
	s := d.Session.Fork()
	r := &VantageReport{Verdict: catalog.Pass}
	add := func(i catalog.Instance, evidence ...*probe.Exchange) {
		r.Findings = append(r.Findings, &Finding{Instance: i, Check: "vantage", Verdict: catalog.Inconclusive, Certainty: Conclusive, Evidence: evidence})
		r.Verdict = catalog.Inconclusive
	}
	line := func(id string, v catalog.Verdict, took time.Duration, format string, args ...any) {
		r.Checks = append(r.Checks, VantageCheck{id, v, fmt.Sprintf(format, args...), took})
	}
	resolvers := s.Resolvers()
	answers, synthetic := make([]*probe.Exchange, len(resolvers)), make([]*probe.Exchange, len(resolvers))
	var root *probe.Place
	var wg probe.Group
	for i, server := range resolvers {
		wg.Go(func() { answers[i] = s.Resolve(ctx, server, ".", dns.TypeNS) })
		wg.Go(func() { synthetic[i] = s.Resolve(ctx, server, "ipv4only.arpa", dns.TypeAAAA) })
	}
	wg.Go(func() { root = s.Locate(ctx, "com") })
	wg.Wait()
	if ctx.Err() != nil { // what was not waited for is no fault of the network
		r.Verdict = catalog.Inconclusive
		line("network", catalog.Inconclusive, 0, "the time for this run was over before the network could be looked at")
		return r
	}
	alive := 0
	var silent []string
	var why string
	for i, x := range answers {
		if x.Msg != nil {
			alive++
			line("resolver", catalog.Pass, x.Took, "%s answers", resolvers[i])
			continue
		}
		silent = append(silent, resolvers[i].String())
		why = x.Outcome.Phrase()
		line("resolver", catalog.Inconclusive, x.Took, "%s: %s", resolvers[i], orText(x.Err, x.Outcome.Phrase()))
	}
	authoritative := root.Unknown == ""
	somebodyElse := impostor(root)
	switch {
	case somebodyElse != nil:
		add(catalog.VantagePort53Intercepted.With(catalog.VantageArgs{Asked: []string{somebodyElse.Server()}, Detail: somebodyElse.Server() + " answered without authority for its own zone"}), somebodyElse)
		line("port 53", catalog.Inconclusive, 0, "somebody else answers in the name of %s", somebodyElse.Server())
	case alive == 0:
		add(catalog.VantageOffline.With(catalog.VantageArgs{Asked: silent, Detail: why}), answers...)
		if !authoritative {
			line("port 53", catalog.Inconclusive, 0, "no authoritative server answers either")
		} else {
			line("port 53", catalog.Pass, 0, "authoritative servers can be asked")
		}
	case !authoritative:
		add(catalog.VantagePort53Blocked.With(catalog.VantageArgs{Asked: failedServers(root), Detail: root.Unknown}), root.Failed...)
		line("port 53", catalog.Inconclusive, 0, "authoritative servers cannot be asked: %s", root.Unknown)
	default:
		line("port 53", catalog.Pass, 0, "authoritative servers can be asked")
	}
	var inventing []string
	var invented []*probe.Exchange
	for i, x := range synthetic {
		if dns64Answer(x) != "" {
			inventing, invented = append(inventing, resolvers[i].String()), append(invented, x)
			line("dns64", catalog.Inconclusive, x.Took, "%s makes up IPv6 addresses", resolvers[i])
		}
	}
	if len(invented) > 0 {
		add(catalog.VantageDNS64.With(catalog.VantageArgs{Asked: inventing, Detail: "ipv4only.arpa has the IPv6 address " + dns64Answer(invented[0])}), invented...)
	}
	if s.HasIPv6() {
		line("ipv6", catalog.Pass, 0, "IPv6 addresses can be tried")
	} else {
		line("ipv6", catalog.Warn, 0, "this machine has no IPv6: IPv6 addresses are not tried")
	}
	return r
}

// impostor finds an answer in the name of a root server that no root server gives: without authority, or as a resolver would.
func impostor(root *probe.Place) *probe.Exchange {
	for _, x := range root.Failed {
		if x.Msg != nil && !x.AA() && (x.Msg.RecursionAvailable || x.Outcome == probe.NXDomain || x.Outcome == probe.Answered) {
			return x
		}
	}
	return nil
}

// dns64Answer is an IPv6 address of ipv4only.arpa, a name that has none (RFC 7050); empty without one.
func dns64Answer(x *probe.Exchange) string {
	for _, rr := range x.Records("ipv4only.arpa", dns.TypeAAAA) {
		return probe.RData(rr)
	}
	return ""
}

func failedServers(p *probe.Place) []string {
	var out []string
	for _, x := range p.Failed {
		if s := x.Server(); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// maxSkew is how far the local clock may be from a server's Date before dates cannot be judged.
const maxSkew = 5 * time.Minute

// vantageFor are the findings about this machine that stand in the way of one domain's diagnosis.
func vantageFor(s *probe.Session, f *Facts, known *VantageReport) []*Finding {
	var out []*Finding
	place := s.Locate(f.ctx, f.subject.Name.ASCII)
	if known != nil {
		for _, v := range known.Findings {
			// Without any resolver, nothing of caches can be told, and hosts such as the registry's are found with more trouble or not at all.
			if place.Unknown != "" || v.ID == catalog.VantageOffline.ID {
				c := *v
				out = append(out, &c)
			}
		}
	}
	if i, evidence := tlsIntercepted(s, f); evidence != nil {
		out = append(out, &Finding{Instance: i, Check: "vantage", Verdict: catalog.Inconclusive, Certainty: Likely, Evidence: evidence})
	}
	if known != nil {
		for _, v := range known.Findings {
			if v.ID == catalog.VantageDNS64.ID && slices.ContainsFunc(f.Addresses().All, probe.IsNAT64) {
				c := *v
				out = append(out, &c)
			}
		}
	}
	if skewed, x := clockSkew(s); skewed != 0 {
		side := "behind"
		if skewed > 0 {
			side = "ahead of"
		}
		i := catalog.VantageClockSkew.With(catalog.VantageArgs{Detail: fmt.Sprintf("the local clock is %s %s the Date header of %s", catalog.Span(skewed), side, x.Server())})
		out = append(out, &Finding{Instance: i, Check: "vantage", Verdict: catalog.Inconclusive, Certainty: Likely, Evidence: []*probe.Exchange{x}})
	}
	return out
}

// controlHost is a host whose certificate is known to be good: when it shows one of the same unknown issuer as the domain, this network makes them.
const controlHost = "data.iana.org"

// tlsIntercepted compares an untrusted certificate of the domain with that of a host that has nothing to do with it.
func tlsIntercepted(s *probe.Session, f *Facts) (catalog.Instance, []*probe.Exchange) {
	for _, h := range f.seenHandshakes() {
		if !h.Shown() || h.Verified.Trusted {
			continue
		}
		issuer := probe.IssuerName(h.Exchange.TLS.Chain[0])
		addrs, err := s.HostAddrs(f.ctx, controlHost)
		if err != nil || len(addrs) == 0 {
			break
		}
		control := s.Handshake(f.ctx, netip.AddrPortFrom(addrs[0], 443), controlHost)
		if control.TLS == nil || len(control.TLS.Chain) == 0 {
			break
		}
		leaf := control.TLS.Chain[0]
		if probe.IssuerName(leaf) != issuer || probe.Verify(control.TLS.Chain, controlHost, s.Roots(), s.Now()).Trusted {
			break
		}
		detail := fmt.Sprintf("%s shows a certificate by %q, as do the domain's addresses", controlHost, catalog.Printable(issuer, 80))
		return catalog.VantageTLSIntercepted.With(catalog.VantageArgs{Asked: []string{controlHost}, Detail: detail}), []*probe.Exchange{control, h.Exchange}
	}
	return catalog.Instance{}, nil
}

// clockSkew compares the local clock with the Date headers of registries: servers that keep time. Zero means that they agree, or that nobody told.
func clockSkew(s *probe.Session) (time.Duration, *probe.Exchange) {
	for _, x := range s.Ledger().Exchanges() {
		if x.Kind != probe.KindRDAP || x.HTTP == nil {
			continue
		}
		t, err := http.ParseTime(x.HTTP.Header.Get("Date"))
		if err != nil {
			continue
		}
		if d := x.At.Sub(t); d > maxSkew || d < -maxSkew {
			return d, x
		}
	}
	return 0, nil
}

// Unusable tells an error of the service that ends a run which needs it: a refused token, or a service that is down.
func Unusable(err error) bool {
	var e *api.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Kind {
	case api.KindUnauthorized, api.KindForbidden, api.KindMFARequired, api.KindUnavailable, api.KindWrongEndpoint, api.KindMalformed, api.KindRateLimited:
		return true
	case api.KindNotFound, api.KindService:
	}
	return false
}

// Clock compares the local clock with a registry's, by asking for the list of RDAP servers.
func (d *Doctor) Clock(ctx context.Context) []VantageCheck {
	s := d.Session.Fork()
	start := time.Now()
	s.Registration(ctx, "example.com")
	took := time.Since(start)
	if skew, x := clockSkew(s); skew != 0 {
		return []VantageCheck{{"clock", catalog.Inconclusive, fmt.Sprintf("%s off, by the Date header of %s", catalog.Span(skew), x.Server()), took}}
	}
	for _, x := range s.Ledger().Exchanges() {
		if x.Kind == probe.KindRDAP && x.HTTP != nil && x.HTTP.Header.Get("Date") != "" {
			return []VantageCheck{{"clock", catalog.Pass, "agrees with " + x.Host, took}}
		}
	}
	return []VantageCheck{{"clock", catalog.NotRun, "no server told the time", took}}
}
