package rules

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
)

// judgesTraffic reports whether the answers to visitors matter: the domain is in use, there is no service, or the
// service reported one of the codes.
func (p *Pass) judgesTraffic(codes ...string) bool {
	if p.Subject.Domain == nil || p.Subject.InUse() {
		return true
	}
	return slices.ContainsFunc(codes, func(c string) bool { _, ok := p.ReportedCode(c); return ok }) ||
		p.Observed.Held().CertificateIssued()
}

// reportNoAddress marks a check that needs an address as skipped or inconclusive.
func (p *Pass) reportNoAddress() {
	if p.Observed.Addresses().Known() {
		p.SkipUnasked("the host has no address")
		return
	}
	p.Unable("the host's addresses could not be looked up")
}

// checkHTTP checks that the host's addresses accept connections, and the page that they serve.
var checkHTTP = &Check{
	ID: "http", Title: "connections and the page", Rung: catalog.HTTP, Needs: []Need{NeedHTTP},
	Reports: []*catalog.Cause{
		causes.HTTPUnreachable.Cause, causes.HTTPAddressFails.Cause, causes.HTTPServerError.Cause,
		causes.HTTPOriginUnreachable.Cause, causes.HTTPRedirectLoop.Cause,
		causes.HTTPBlocked.Cause, causes.HTTPNotRouted.Cause, causes.CDNNotAttached.Cause, causes.VantageNoIPv6.Cause,
		causes.HTTPOtherHost.Cause, causes.HTTPNoAnswer.Cause, causes.HTTPRedirectNowhere.Cause,
	},
	Run: runHTTP,
}

func runHTTP(ctx context.Context, p *Pass) {
	host := p.Observed.Host()
	if !p.judgesTraffic("DOMAIN_019", "DOMAIN_014", "DOMAIN_013", "DOMAIN_021") {
		p.Skip("the domain is not in use yet, so its page is not checked")
		return
	}
	var list []observe.Handshake
	wg := p.Session.Group()
	wg.Go(func() { list = p.Observed.Handshakes() })
	wg.Go(func() { p.Observed.Page() }) // in parallel with the handshakes
	wg.Wait()
	if len(list) == 0 {
		p.reportNoAddress()
		return
	}
	args := causes.HTTPAddressFailsArgs{Domain: host}
	var failed, open []*exchange.Exchange
	for _, h := range list {
		switch {
		case h.Exchange.TLS != nil && h.Exchange.TLS.Connected:
			args.Good = append(args.Good, h.Addr.String())
			open = append(open, h.Exchange)
		case h.Exchange.Outcome == exchange.NotAsked: // reported below if no other address was tried
			if p.isUnreachableFamily(h.Addr.Addr()) {
				args.Untried = append(args.Untried, h.Addr.String())
			}
			p.reportUntried(h)
		default:
			args.Addresses = append(args.Addresses, h.Addr.String()+": "+
				sanitize.Text(cmp.Or(h.Exchange.Err, h.Exchange.Outcome.Phrase()), 120))
			failed = append(failed, h.Exchange)
		}
	}
	failed, cut := p.splitUnreachable(&args, failed)
	failed = append(failed, p.splitFailingPages(&args)...)
	redirected, opts := p.splitFailingRedirects(ctx, &args)
	failed = append(failed, redirected...)
	switch {
	case len(cut) > 0 && len(failed)+len(open) == 0:
		p.reportNoRoute(cut)
		return
	case len(failed) > 0 && len(open) == 0 && len(args.Untried) == 0:
		p.Report(causes.HTTPUnreachable.With(causes.HTTPUnreachableArgs{Domain: host, Addresses: args.Addresses}),
			finding.With(failed...))
		return
	case len(failed) > 0:
		p.Report(causes.HTTPAddressFails.With(args), append(opts, finding.With(append(failed, open...)...))...)
		if len(open) == 0 {
			return
		}
	case len(open) == 0:
		p.reportNoIPv6(list)
		p.reportNotAttempted(list)
		return
	}
	if !slices.ContainsFunc(list, observe.Handshake.Shown) {
		p.SkipUnasked("no TLS handshake succeeds, so no page was fetched")
		return
	}
	b := p.Observed.Page()
	if b == nil || b.Last() == nil {
		p.Unable("the page could not be fetched")
		return
	}
	p.judgePage(host, b)
}

// splitFailingPages moves addresses that accept connections but do not serve the page to the failing ones, if others
// serve it. An address with another provider's page fails; one that answers 404 may do so on purpose.
func (p *Pass) splitFailingPages(args *causes.HTTPAddressFailsArgs) []*exchange.Exchange {
	var failing, foreign []*exchange.Exchange
	works, serves := false, false
	for _, x := range p.Observed.Pages() {
		switch {
		case x.FailsToServe():
			if slices.Contains(args.Good, x.Addr.String()) &&
				(x.HTTP != nil || x.Outcome == exchange.Unreachable || x.Outcome == exchange.Timeout) {
				failing = append(failing, x.Exchange)
			}
		case x.Stray:
		case observe.ProviderOf(x.HTTP) != "":
			works = true
			foreign = append(foreign, x.Exchange)
		default:
			works, serves = true, serves || x.HTTP.Status < 400
		}
	}
	if !works {
		failing = nil // reported together with the page
	}
	if serves {
		failing = append(failing, foreign...)
	}
	for _, x := range failing {
		said := cmp.Or(x.Err, x.Outcome.Phrase())
		if x.HTTP != nil {
			said = fmt.Sprintf("HTTP %d", x.HTTP.Status)
			if provider := observe.ProviderOf(x.HTTP); provider != "" {
				said += ", a page of " + provider
			}
		}
		args.Addresses = append(args.Addresses, x.Addr.String()+": "+sanitize.Text(said, 120))
		args.Good = slices.DeleteFunc(args.Good, func(s string) bool { return s == x.Addr.String() })
	}
	return failing
}

// splitFailingRedirects moves the addresses whose redirects lead to no page to the failing ones, if the page was
// found at another.
func (p *Pass) splitFailingRedirects(ctx context.Context, args *causes.HTTPAddressFailsArgs) (
	failing []*exchange.Exchange, opts []finding.Option,
) {
	if b := p.Observed.Page(); b == nil || b.Refused != "" || p.failedRedirect(b) != "" {
		return nil, nil // reported as the page
	}
	for _, r := range p.Observed.OtherRedirects(ctx) {
		why := p.failedRedirect(r.Browse)
		if why == "" || !slices.Contains(args.Good, r.Addr.String()) {
			continue
		}
		args.Addresses = append(args.Addresses, r.Addr.String()+": "+sanitize.Text(why, 200))
		args.Good = slices.DeleteFunc(args.Good, func(s string) bool { return s == r.Addr.String() })
		args.Redirecting = append(args.Redirecting, r.Addr.String())
		failing = append(failing, r.Hops...)
		if r.Last().Outcome == exchange.Timeout { // this network may drop connections to the port
			opts = []finding.Option{finding.Sure(finding.Likely)}
		}
	}
	return failing, opts
}

// failedRedirect describes how redirects fail; empty if they lead to a page, or if that is unknown.
func (p *Pass) failedRedirect(b *probe.Browse) string {
	last := b.Last()
	if last == nil {
		return ""
	}
	url := strings.TrimPrefix(last.Asked, "GET ")
	switch {
	case b.Loop:
		return "its redirects form a loop, at " + url
	case b.Nowhere && last.HTTP != nil:
		return "it redirects to " + last.HTTP.Header.Get("Location") + ": " + b.Refused
	case last.HTTP != nil && last.HTTP.Status >= 500 && len(b.Hops) > 1:
		return fmt.Sprintf("it redirects to %s, which answers HTTP %d", url, last.HTTP.Status)
	case last.HTTP != nil || len(b.Hops) < 2:
		return ""
	case p.Dialable(last.Addr.Addr()) != nil:
		return fmt.Sprintf("it redirects to %s: %s is %s", url, last.Addr.Addr(), probe.SpecialAddress(last.Addr.Addr()))
	case last.Outcome == exchange.Unreachable || last.Outcome == exchange.Timeout:
		if _, cut := p.Observed.FamilyUnreachable(last.Addr.Addr()); cut {
			return ""
		}
		return fmt.Sprintf("it redirects to %s, where %s does not answer: %s", url, last.Addr, last.Err)
	}
	return ""
}

// splitUnreachable removes the failures that this network causes: the control host does not answer over the same
// address family either.
func (p *Pass) splitUnreachable(args *causes.HTTPAddressFailsArgs, failed []*exchange.Exchange) (left,
	cut []*exchange.Exchange,
) {
	said := args.Addresses
	args.Addresses = nil
	for i, x := range failed {
		if control, no := p.Observed.FamilyUnreachable(x.Addr.Addr()); no {
			cut, args.Untried = append(cut, x, control), append(args.Untried, x.Addr.String())
			continue
		}
		left, args.Addresses = append(left, x), append(args.Addresses, said[i])
	}
	return left, cut
}

// reportNoRoute reports that no web server can be reached from this network. The exchanges come in pairs: with an
// address, and with the control host over the same address family.
func (p *Pass) reportNoRoute(cut []*exchange.Exchange) {
	var asked []string
	for i := 0; i < len(cut); i += 2 {
		if a := cut[i].Addr.Addr(); a.Is6() {
			asked = append(asked, a.String())
		}
	}
	if 2*len(asked) == len(cut) { // IPv6 addresses only
		p.Report(causes.VantageNoIPv6.With(causes.VantageNoIPv6Args{Asked: asked}), finding.With(cut...))
		return
	}
	p.Unable("no web server can be reached from here: %s does not answer either", observe.ControlHost)
}

// reportNotAttempted marks the check as inconclusive if no address was tried. An address that was omitted does not
// matter if others were tried.
func (p *Pass) reportNotAttempted(list []observe.Handshake) {
	if !slices.ContainsFunc(list, func(h observe.Handshake) bool { return h.Exchange.Outcome != exchange.NotAsked }) {
		if err := p.Dialable(list[0].Addr.Addr()); err != nil {
			p.SkipUnasked("%s", err) // reported as record.private-address
			return
		}
		p.Unable("%s was not tried: %s", list[0].Addr, list[0].Exchange.Err)
	}
}

// reportUntried marks the check as inconclusive about an address that could be tried from here and was not, as on a
// machine that is too busy.
func (p *Pass) reportUntried(h observe.Handshake) {
	if a := h.Addr.Addr(); h.Exchange.Outcome == exchange.NotAsked && !probe.Spared(h.Exchange) &&
		p.Dialable(a) == nil && (a.Is4() || p.HasIPv6()) {
		p.UnablePartly("%s was not tried: %s", h.Addr, h.Exchange.Err)
	}
}

// isUnreachableFamily reports whether only other machines can reach an address, because this one has no IPv6.
func (p *Pass) isUnreachableFamily(a netip.Addr) bool {
	return a.Is6() && !p.HasIPv6() && p.Dialable(a) == nil
}

// reportNoIPv6 reports that a host with only IPv6 addresses cannot be tried from here.
func (p *Pass) reportNoIPv6(list []observe.Handshake) {
	var asked []string
	for _, h := range list {
		if !p.isUnreachableFamily(h.Addr.Addr()) {
			return
		}
		asked = append(asked, h.Addr.Addr().String())
	}
	p.Report(causes.VantageNoIPv6.With(causes.VantageNoIPv6Args{Asked: asked}))
}

// judgePage checks the final response after redirects.
func (p *Pass) judgePage(host string, b *probe.Browse) {
	last := b.Last()
	args := causes.PageAnswer{Domain: host, URL: strings.TrimPrefix(last.Asked, "GET "), Hops: b.URLs()}
	evidence := finding.With(b.Hops...)
	if b.Loop {
		p.Report(causes.HTTPRedirectLoop.With(causes.HTTPRedirectLoopArgs{Domain: host, URL: args.URL, Hops: args.Hops}),
			evidence)
		return
	}
	if b.Nowhere {
		args.Detail = sanitize.Text(b.Refused, 160)
		p.Report(causes.HTTPRedirectNowhere.With(args), evidence)
		return
	}
	if b.Refused != "" {
		p.Unable("the page redirects, and the redirect was not followed: %s", sanitize.Text(b.Refused, 160))
		return
	}
	if last.HTTP == nil {
		if len(b.Hops) > 1 {
			p.judgeRedirectEnd(args, last, evidence)
		} else {
			p.judgeNoAnswer(args, last)
		}
		return
	}
	h := last.HTTP
	args.Status, args.Server = h.Status, sanitize.Text(h.Header.Get("Server"), 60)
	edge := observe.FromEdge(h)
	if provider := observe.ProviderOf(h); provider != "" {
		p.Report(causes.HTTPOtherHost.With(causes.HTTPOtherHostArgs{
			Domain: host, URL: args.URL, Status: args.Status, Server: args.Server, Hops: args.Hops, Target: provider,
			Detail: excerpt(h.Body),
		}), evidence, finding.Sure(finding.Likely))
		return
	}
	switch {
	case filtered(h) || h.Status == 403 && edge && !unknownHost(h) && p.showsOwnCertificate():
		args.Detail = excerpt(h.Body)
		p.Report(causes.HTTPBlocked.With(args), evidence)
	case h.Status == 403 && edge || h.Status == 421:
		args.Detail = excerpt(h.Body)
		p.Report(causes.CDNNotAttached.With(args), evidence)
	case h.Status == 404 && (edge || strings.Contains(string(h.Body), "DOMAIN_014")):
		p.Report(causes.HTTPNotRouted.With(args), evidence)
	case (h.Status == 502 || h.Status == 504) && observe.ViaEdge(h):
		p.Report(causes.HTTPOriginUnreachable.With(args), evidence)
	case h.Status >= 500:
		args.Detail = excerpt(h.Body)
		p.Report(causes.HTTPServerError.With(args), evidence)
	case h.Status == 401 || h.Status == 403 || h.Status == 429:
		p.Report(causes.HTTPBlocked.With(args), evidence)
	case h.Broken && last.Took >= probe.WebBound*9/10: // a connection that closes early may still have sent everything
		args.BreaksOff, args.Detail = true, "it was not complete after "+catalog.Span(probe.WebBound)
		p.Report(causes.HTTPNoAnswer.With(args), evidence, finding.As(catalog.Warn), finding.Sure(finding.Likely))
	default:
		p.judgeRedirectHosts(args, b)
	}
}

// judgeRedirectHosts checks the certificates of the other hosts in the redirects. If the host's own certificate is
// not valid, the clock or the network may be the reason.
func (p *Pass) judgeRedirectHosts(args causes.PageAnswer, b *probe.Browse) {
	for _, x := range b.Hops[1:] {
		address := strings.TrimPrefix(x.Asked, "GET ")
		name := exchange.URLHost(address)
		if exchange.URLScheme(address) != "https" || name == args.Domain || !p.allValid() {
			continue
		}
		h := p.Observed.TryEndpoint(x.Addr, name)
		switch h.State() {
		case observe.HandshakeDefault, observe.HandshakeMismatch:
			args.Rejected = fmt.Sprintf("the certificate at %s does not cover %s", x.Addr, name)
		case observe.HandshakeExpired:
			args.Rejected = fmt.Sprintf("the certificate for %s has expired", name)
		case observe.HandshakeUntrusted:
			args.Rejected = fmt.Sprintf("browsers do not trust the certificate for %s: %s", name, h.Verified.Untrusted)
		default:
			continue
		}
		args.Rejected = sanitize.Text(args.Rejected, 240)
		p.Report(causes.HTTPRedirectNowhere.With(args), finding.With(append(slices.Clone(b.Hops), h.Exchange)...))
		return
	}
}

// allValid reports whether every address presents a valid certificate.
func (p *Pass) allValid() bool {
	return !slices.ContainsFunc(p.Observed.Handshakes(), func(h observe.Handshake) bool {
		return h.Shown() && h.State() != observe.HandshakeValid
	})
}

// judgeRedirectEnd checks the last URL of redirects that did not reach a page.
func (p *Pass) judgeRedirectEnd(args causes.PageAnswer, x *exchange.Exchange, evidence finding.Option) {
	args.Detail = x.Addr.String() + ": " + sanitize.Text(x.Err, 120)
	_, cut := p.Observed.FamilyUnreachable(x.Addr.Addr())
	if url := strings.TrimPrefix(x.Asked, "GET "); x.Outcome != exchange.Unreachable && x.Outcome != exchange.Timeout &&
		exchange.URLScheme(url) == "https" && p.allValid() && p.Dialable(x.Addr.Addr()) == nil {
		h := p.Observed.TryEndpoint(x.Addr, exchange.URLHost(url))
		if h.State() == observe.HandshakeFails {
			args.Detail = x.Addr.String() + ": the TLS handshake fails: " + sanitize.Text(h.Exchange.Err, 120)
			p.Report(causes.HTTPRedirectNowhere.With(args), evidence, finding.With(h.Exchange))
			return
		}
	}
	switch private := p.Dialable(x.Addr.Addr()) != nil; {
	case private:
		args.Detail = x.Addr.Addr().String() + " is " + probe.SpecialAddress(x.Addr.Addr())
		p.Report(causes.HTTPRedirectNowhere.With(args), evidence)
	case !cut && x.Outcome == exchange.Unreachable:
		p.Report(causes.HTTPRedirectNowhere.With(args), evidence)
	case !cut && x.Outcome == exchange.Timeout: // this network may drop connections to the port
		p.Report(causes.HTTPRedirectNowhere.With(args), evidence, finding.Sure(finding.Likely))
	default:
		p.Unable("the page redirects to %s, which could not be fetched: %s", sanitize.Text(args.URL, 160),
			sanitize.Text(x.Err, 120))
	}
}

// judgeNoAnswer checks a page that no address served: the server accepted the connection but did not answer the
// request. A server without a certificate is reported by the certificate check.
func (p *Pass) judgeNoAnswer(args causes.PageAnswer, x *exchange.Exchange) {
	answers := slices.ContainsFunc(p.Observed.Handshakes(), func(h observe.Handshake) bool {
		return h.Addr == x.Addr && h.Shown()
	})
	switch {
	case answers && x.Outcome == exchange.Timeout:
		args.Detail = "no answer within " + catalog.Span(probe.WebBound)
	case answers && x.Outcome == exchange.Unreachable:
		args.Detail = sanitize.Text(x.Err, 120)
	default:
		p.Unable("the page could not be fetched: %s", sanitize.Text(x.Err, 120))
		return
	}
	p.Report(causes.HTTPNoAnswer.With(args), finding.With(x))
}

// filtered reports whether a firewall or a bot check answered instead of the site. Then the host is attached.
func filtered(h *exchange.HTTPReply) bool {
	if h.Header.Get("X-Amzn-Waf-Action") != "" || strings.EqualFold(h.Header.Get("Cf-Mitigated"), "challenge") ||
		h.Header.Get("X-Vercel-Mitigated") != "" || h.Header.Get("X-Sucuri-Block") != "" {
		return true
	}
	return h.Status != 404 && catalog.BlockPage(h.Status, string(h.Body))
}

// unknownHost reports whether an answer is CloudFront's page for a host without a distribution.
func unknownHost(h *exchange.HTTPReply) bool {
	return strings.Contains(strings.ToLower(string(h.Body)), "bad request")
}

// showsOwnCertificate reports whether an address presents a certificate for the host. CloudFront selects the
// certificate by the distribution of the host, so the host is attached.
func (p *Pass) showsOwnCertificate() bool {
	return slices.ContainsFunc(p.Observed.Handshakes(), func(h observe.Handshake) bool {
		return h.Shown() && h.Verified.NameOK
	})
}

// excerpt returns the beginning of a page's text without tags.
func excerpt(body []byte) string {
	text := string(body[:min(len(body), 4096)])
	var b strings.Builder
	inTag := false
	for _, r := range text {
		switch {
		case r == '<':
			inTag = true
			b.WriteByte(' ')
		case r == '>':
			inTag = false
		case !inTag:
			b.WriteRune(r)
		}
	}
	s := sanitize.Text(strings.Join(strings.Fields(b.String()), " "), 160)
	if s == "" {
		return ""
	}
	return fmt.Sprintf("the page says %q", s)
}
