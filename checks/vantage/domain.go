package vantage

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
)

// maxSkew is how far the local clock may differ from a server's Date before dates are unreliable.
const maxSkew = 5 * time.Minute

// ForDomain returns the findings about this machine that affect one domain's diagnosis, given what its checks found.
func ForDomain(ctx context.Context, f *observe.Observations, known *Report,
	findings []*finding.Finding,
) []*finding.Finding {
	s := f.Session
	var out []*finding.Finding
	take := func(v *finding.Finding) {
		c := *v
		out = append(out, &c)
	}
	place := s.Locate(ctx, f.Subject.Name.ASCII)
	if known != nil {
		for _, v := range known.Findings {
			c := v.Caveat
			switch {
			case v.ID == causes.VantageDNS64.ID:
				if slices.ContainsFunc(f.Addresses().All, known.madeUp) {
					take(v)
				}
			// Without a resolver nothing is known about caches, and hosts such as the registry's may not be found. If all
			// servers are impersonated, not even a good result proves anything.
			case place.Unknown != "", v.ID == causes.VantageOffline.ID, c != nil && c.All && len(c.Resolvers) == 0,
				slices.ContainsFunc(findings, c.Affects):
				take(v)
			}
		}
	}
	if i, evidence := tlsIntercepted(s, f); evidence != nil {
		out = append(out, &finding.Finding{
			Instance: i, Check: "vantage", Verdict: catalog.Inconclusive, Certainty: finding.Likely,
			Evidence: evidence,
		})
	}
	if detail, evidence := clockFault(ctx, f, findings); detail != "" {
		i := causes.VantageClockSkew.With(causes.VantageClockSkewArgs{Detail: detail})
		out = append(out, &finding.Finding{
			Instance: i, Check: "vantage", Verdict: catalog.Inconclusive, Certainty: finding.Likely,
			Evidence: evidence,
		})
	}
	return out
}

// madeUp reports whether this network's resolvers synthesized an IPv6 address from an IPv4 one (DNS64).
func (v *Report) madeUp(a netip.Addr) bool {
	return probe.IsNAT64(a) || slices.ContainsFunc(v.translated, func(p netip.Prefix) bool { return p.Contains(a) })
}

// tlsIntercepted compares an untrusted certificate of the domain with that of the unrelated control host.
func tlsIntercepted(s *probe.Session, f *observe.Observations) (catalog.Instance, []*exchange.Exchange) {
	for _, h := range f.SeenHandshakes() {
		if !h.Shown() || h.Verified.Trusted {
			continue
		}
		control := f.ControlHandshake(h.Addr.Addr().Is6())
		if control == nil {
			control = f.ControlHandshake(false)
		}
		if control == nil || control.TLS == nil || len(control.TLS.Chain) == 0 {
			break
		}
		leaf, issuer := control.TLS.Chain[0], exchange.IssuerName(h.Exchange.TLS.Chain[0])
		if exchange.IssuerName(leaf) != issuer || exchange.Verify(control.TLS.Chain, observe.ControlHost, s.Roots(),
			s.Now()).Trusted {
			break
		}
		detail := fmt.Sprintf("%s serves a certificate by %q, like the domain's addresses", observe.ControlHost,
			sanitize.Text(issuer, 80))
		return causes.VantageTLSIntercepted.With(causes.NetworkObservation{
				Asked:  []string{observe.ControlHost},
				Detail: detail,
			}),
			[]*exchange.Exchange{control, h.Exchange}
	}
	return catalog.Instance{}, nil
}

// clockFault describes by how much the local clock is wrong: by the Date of a registry's response, or, if a finding
// depends on the date and there is none, by Date and certificate of the control host. It is empty if the clock is
// right or there is nothing to compare it with.
func clockFault(ctx context.Context, f *observe.Observations, findings []*finding.Finding) (string,
	[]*exchange.Exchange,
) {
	s := f.Session
	if skewed, x := clockSkew(s); x != nil {
		return describeSkew(skewed, x)
	}
	if !slices.ContainsFunc(findings, func(x *finding.Finding) bool {
		return causes.VantageClockSkew.MayExplain(x.Cause)
	}) {
		return "", nil
	}
	hand := f.ControlHandshake(false)
	if hand == nil || hand.TLS == nil || len(hand.TLS.Chain) == 0 {
		return "", nil
	}
	// A trusted certificate of the control host that is expired or not yet valid shows that the clock is far off.
	if v := exchange.Verify(hand.TLS.Chain, observe.ControlHost, s.Roots(), s.Now()); v.NameOK && v.Trusted &&
		(v.Expired || v.NotYet) {
		leaf := hand.TLS.Chain[0]
		return fmt.Sprintf("by the local clock (%s) the certificate of %s, which is valid from %s to %s, is not valid",
				s.Now().UTC().Format(time.DateOnly), observe.ControlHost,
				leaf.NotBefore.UTC().Format(time.DateOnly), leaf.NotAfter.UTC().Format(time.DateOnly)),
			[]*exchange.Exchange{hand}
	}
	page := s.Get(ctx, "https://"+observe.ControlHost+"/", hand.Addr)
	if d, ok := skewOf(page); ok && isSkewed(d) {
		return describeSkew(d, page)
	}
	return "", nil
}

func describeSkew(d time.Duration, x *exchange.Exchange) (string, []*exchange.Exchange) {
	if !isSkewed(d) {
		return "", nil
	}
	side := "behind"
	if d > 0 {
		side = "ahead of"
	}
	return fmt.Sprintf("the local clock is %s %s the Date header of %s", catalog.Span(d), side, x.Server()),
		[]*exchange.Exchange{x}
}

func isSkewed(d time.Duration) bool { return d > maxSkew || d < -maxSkew }

// skewOf returns how far the local clock was ahead of a server's when it answered.
func skewOf(x *exchange.Exchange) (time.Duration, bool) {
	if x == nil || x.HTTP == nil {
		return 0, false
	}
	t, err := http.ParseTime(x.HTTP.Header.Get("Date"))
	return x.At.Sub(t), err == nil
}

// clockSkew compares the local clock with the Date headers of registries. The exchange is nil if there is none.
func clockSkew(s *probe.Session) (time.Duration, *exchange.Exchange) {
	var told *exchange.Exchange
	for _, x := range s.Ledger().Exchanges() {
		if x.Kind != exchange.KindRDAP {
			continue
		}
		if d, ok := skewOf(x); ok {
			if isSkewed(d) {
				return d, x
			}
			told = x
		}
	}
	return 0, told
}

// Registries reports where domdoc's own list of RDAP servers is outdated. Nothing is wrong then: IANA's list is used,
// except while it cannot be read.
func Registries(ctx context.Context, s *probe.Session) (out []Check) {
	start := time.Now()
	for _, text := range s.OutdatedRDAP(ctx) {
		out = append(out, Check{"registries", catalog.Pass, text, time.Since(start)})
	}
	return out
}

// Clock compares the local clock with that of a registry, by fetching the list of RDAP servers, or else with that of
// the control host.
func Clock(ctx context.Context, s *probe.Session) []Check {
	start := time.Now()
	s.Registration(ctx, "example.com")
	if skew, x := clockSkew(s); x != nil {
		if isSkewed(skew) {
			return []Check{{
				"clock", catalog.Inconclusive,
				fmt.Sprintf("%s off, by the Date header of %s", catalog.Span(skew), x.Server()), time.Since(start),
			}}
		}
		return []Check{{"clock", catalog.Pass, "agrees with " + x.Host, time.Since(start)}}
	}
	f := observe.New(ctx, s, &subject.Subject{Name: dnsname.Name{
		ASCII:   observe.ControlHost,
		Unicode: observe.ControlHost,
	}})
	if detail, _ := clockFault(ctx, f, []*finding.Finding{{Instance: causes.CertificateExpired.Example()}}); detail != "" {
		return []Check{{"clock", catalog.Inconclusive, detail, time.Since(start)}}
	}
	return []Check{{"clock", catalog.NotRun, "no server returned the time", time.Since(start)}}
}
