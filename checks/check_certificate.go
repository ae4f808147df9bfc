package checks

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/probe"
)

// checkCertificate looks at the certificate: as the service has it, and as each address shows it.
var checkCertificate = &Check{
	ID: "certificate", Title: "the certificate", Rung: catalog.CertificateRung, Needs: []Need{NeedTLS},
	Reports: []*catalog.Cause{
		causes.CertificateAbsent.Cause, causes.CertificatePending.Cause, causes.CertificateFailed.Cause,
		causes.CertificateNameUnissuable.Cause, causes.CertificateDefaultServed.Cause,
		causes.CertificateNameMismatch.Cause, causes.CertificateExpired.Cause, causes.CertificateNotYetValid.Cause,
		causes.CertificateExpiresSoon.Cause,
		causes.CertificateUntrusted.Cause, causes.CertificateAddressesDiffer.Cause,
		causes.CertificateHandshakeFails.Cause,
	},
	Run: runCertificate,
}

// CertificateSoon is how long before its end a certificate should have been renewed long since.
const CertificateSoon = 14 * 24 * time.Hour

func runCertificate(_ context.Context, p *Pass) {
	host := p.Subject.Name.ASCII
	if why := unissuable(host); why != "" {
		p.Report(causes.CertificateNameUnissuable.With(causes.CertificateArgs{Domain: host, Detail: why}))
	}
	p.certificateState(host)
	if !p.judgesTraffic("DOMAIN_012") {
		p.Skip("the domain is not in use yet, so what its addresses show does not matter")
		return
	}
	p.handshakes(host)
}

// judgesTraffic reports whether what visitors meet matters: for a domain in use, for one without a service, and where
// the service complained of it.
func (p *Pass) judgesTraffic(codes ...string) bool {
	if p.Subject.Domain == nil || p.Subject.InUse() {
		return true
	}
	return slices.ContainsFunc(codes, func(c string) bool { _, ok := p.ReportedCode(c); return ok }) ||
		p.Facts.Held().CertificateIssued()
}

// certificateState judges what the service says of the certificate.
func (p *Pass) certificateState(host string) {
	if p.Subject.Domain == nil {
		return
	}
	held := p.Facts.Held()
	if held.CertificateErr != nil {
		p.Unable("the certificate's state could not be read from the service: %s", reasonOf(held.CertificateErr))
		return
	}
	c := held.Certificate
	args := causes.CertificateArgs{
		Domain: host, Status: sanitize.Text(c.Status, 60),
		Reason: sanitize.Text(c.FailureReason, 120), Requested: c.RequestedAt,
	}
	for _, r := range c.ValidationRecords {
		args.Records = append(args.Records, catalog.Record{
			Role: catalog.Certificate, Zone: p.Facts.Zone().Apex,
			Host: p.Facts.DNSHost(), Name: p.Facts.ownerName(r.Name), Type: orText(upper(r.Type), "CNAME"),
			Value: bareTarget(r.Value), TTL: 300,
		})
	}
	_, wanted := p.ReportedCode("DOMAIN_012")
	status := upper(c.Status)
	switch {
	case !held.HasCertificate:
		if !wanted && !p.Subject.InUse() {
			return // a domain that is not verified yet has none, and that is right
		}
		list := p.Facts.Handshakes()
		for _, h := range list {
			if h.Shown() && h.Verified.NameOK && h.Verified.Trusted && !h.Verified.Expired {
				return // it has one after all, wherever from
			}
		}
		if !wanted && p.unseen(list) {
			p.Unable("the service holds no certificate, and whether the domain's servers show one could not be seen")
			return
		}
		p.Report(causes.CertificateAbsent.With(args), With(serviceEvidence(p, "/ssl")...))
	case status == "ISSUED" || status == "ACTIVE" || status == "VALID":
	case status == "FAILED" || status == "VALIDATION_TIMED_OUT" || status == "EXPIRED" || status == "REVOKED" ||
		status == "INACTIVE" || c.FailureReason != "":
		args.Detail = causes.FailureReason(c.FailureReason, c.Status)
		p.Report(causes.CertificateFailed.With(args), With(serviceEvidence(p, "/ssl")...))
	case strings.HasPrefix(status, "PENDING") || status == "REQUESTED" || status == "VALIDATING":
		p.pending(args)
	default:
		p.Unable("the service gives the certificate's state as %s, which is not known here", args.Status)
	}
}

// unseen reports whether this machine is kept from seeing what any of the host's addresses shows.
func (p *Pass) unseen(list []Handshake) bool {
	if len(list) == 0 {
		return !p.Facts.Addresses().Known()
	}
	if slices.ContainsFunc(list, func(h Handshake) bool { return h.Exchange.TLS != nil && h.Exchange.TLS.Connected }) {
		return false
	}
	return slices.ContainsFunc(list, func(h Handshake) bool {
		_, cut := p.Facts.cutOff(h.Addr.Addr())
		return cut || h.Exchange.Outcome == probe.NotAsked
	})
}

// pending judges a certificate that is waited for: what it waits for, and whether the time for it is over.
func (p *Pass) pending(args causes.CertificateArgs) {
	v := catalog.Warn
	args.Detail = "the service names no validation record"
	var evidence []*probe.Exchange
	for _, j := range p.Facts.JudgeAll() {
		if j.Role != catalog.Certificate {
			continue
		}
		switch j.State {
		case StateRight:
			args.Detail = "the validation record is published; the authority has not acted on it yet"
		case StateUnknown:
			args.Detail = "whether the validation record is published could not be asked"
		case StateMissing, StateWrong, StatePartly:
			args.Detail, v = "it waits for the validation record "+j.Name+", which is not right", catalog.Fail
		}
		evidence = append(evidence, j.Right...)
		evidence = append(evidence, j.Other...)
	}
	if !args.Requested.IsZero() && p.Now().Sub(args.Requested) > 72*time.Hour {
		args.Detail, v = args.Detail+"; the 72 hours of the request are over, so it will not be issued any more",
			catalog.Fail
	}
	p.Report(causes.CertificatePending.With(args), As(v), With(append(serviceEvidence(p, "/ssl"), evidence...)...))
}

// serviceEvidence are the exchanges with the service whose path ends in a word.
func serviceEvidence(p *Pass, suffix string) []*probe.Exchange {
	var out []*probe.Exchange
	for _, x := range p.Ledger().Exchanges() {
		if x.Kind == probe.KindService && strings.HasSuffix(x.Asked, suffix) {
			out = append(out, x)
		}
	}
	return out
}

// unissuable says why no public authority issues for a name; empty when one would.
func unissuable(host string) string {
	host = strings.TrimPrefix(host, "*.")
	for _, l := range strings.Split(host, ".") {
		switch {
		case strings.Contains(l, "_"):
			return "it has an underscore"
		case len(l) > 4 && l[2:4] == "--" && !strings.HasPrefix(l, "xn--"):
			return fmt.Sprintf("the label %q has hyphens in its third and fourth place", l)
		}
	}
	if len(host) > 64 {
		return fmt.Sprintf("it has %d octets, and the first name of a certificate has at most 64", len(host))
	}
	tld := host[strings.LastIndexByte(host, '.')+1:]
	if slices.Contains([]string{
		"local", "internal", "localhost", "lan", "home", "corp", "intranet", "onion",
		"invalid",
	}, tld) {
		return "." + tld + " is no public ending"
	}
	return ""
}

// noAddress says why nothing can be looked at that stands at an address.
func (p *Pass) noAddress() {
	if p.Facts.Addresses().Known() {
		p.Skip("the host has no address")
		return
	}
	p.Unable("the host's addresses could not be found")
}

// handshakes judges what each address shows.
func (p *Pass) handshakes(host string) {
	list := p.Facts.Handshakes()
	if len(list) == 0 {
		p.noAddress()
		return
	}
	type fault struct {
		kind  string
		state []Handshake
	}
	var faults []fault
	put := func(kind string, h Handshake) {
		for i := range faults {
			if faults[i].kind == kind {
				faults[i].state = append(faults[i].state, h)
				return
			}
		}
		faults = append(faults, fault{kind, []Handshake{h}})
	}
	for _, h := range list {
		if kind := faultOf(h, host, p.Now()); kind != "" {
			put(kind, h)
		}
	}
	p.untried(list)
	for _, f := range faults {
		args, evidence := certificateArgs(host, f.state)
		opts := []Option{With(evidence...), About(catalog.NoRole, f.state[0].Addr.String())}
		switch f.kind {
		case "default":
			p.Report(causes.CertificateDefaultServed.With(args), opts...)
		case "mismatch":
			p.Report(causes.CertificateNameMismatch.With(args), opts...)
		case "expired":
			p.Report(causes.CertificateExpired.With(args), opts...)
		case "not-yet":
			p.Report(causes.CertificateNotYetValid.With(args), opts...)
		case "untrusted":
			args.Detail = f.state[0].Verified.Untrusted
			p.Report(causes.CertificateUntrusted.With(args), opts...)
		case "handshake":
			args.Detail = sanitize.Text(f.state[0].Exchange.Err, 200)
			p.Report(causes.CertificateHandshakeFails.With(args), opts...)
		case "soon":
			for _, r := range p.Facts.Held().Certificate.ValidationRecords {
				args.Records = append(args.Records, catalog.Record{
					Role: catalog.Certificate, Name: p.Facts.ownerName(r.Name),
					Type: orText(upper(r.Type), "CNAME"), Value: bareTarget(r.Value), Zone: p.Facts.Zone().Apex, TTL: 300,
				})
			}
			p.Report(causes.CertificateExpiresSoon.With(args), opts...)
		}
	}
	p.addressesDiffer(host, list)
}

// faultOf names what is wrong with one handshake; empty when nothing is, or when nobody listens (the check of HTTP
// says that).
func faultOf(h Handshake, host string, now time.Time) string {
	if !h.Shown() {
		if h.Exchange.TLS != nil && h.Exchange.TLS.Connected && h.Exchange.TLS.Failed != "" {
			return "handshake"
		}
		return ""
	}
	leaf := h.Exchange.TLS.Chain[0]
	switch {
	case !h.Verified.NameOK && isDefault(leaf):
		return "default"
	case !h.Verified.NameOK:
		return "mismatch"
	case h.Verified.Expired:
		return "expired"
	case h.Verified.NotYet:
		return "not-yet"
	case !h.Verified.Trusted:
		return "untrusted"
	case leaf.NotAfter.Sub(now) < CertificateSoon:
		return "soon"
	}
	return ""
}

// isDefault tells the CDN's own certificate, which it shows for names that it does not know.
func isDefault(c *x509.Certificate) bool {
	names := probe.CertNames(c)
	return len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool {
		return n != "cloudfront.net" && !isCDN(n)
	})
}

func certificateArgs(host string, list []Handshake) (causes.CertificateArgs, []*probe.Exchange) {
	args := causes.CertificateArgs{Domain: host}
	var evidence []*probe.Exchange
	for _, h := range list {
		args.Addresses = append(args.Addresses, h.Addr.String())
		evidence = append(evidence, h.Exchange)
	}
	if list[0].Shown() {
		leaf := list[0].Exchange.TLS.Chain[0]
		for _, n := range probe.CertNames(leaf) {
			args.Names = append(args.Names, sanitize.Text(n, 120))
			if len(args.Names) == 20 {
				break
			}
		}
		args.Issuer = sanitize.Text(probe.IssuerName(leaf), 120)
		args.NotBefore, args.NotAfter = leaf.NotBefore, leaf.NotAfter
	}
	return args, evidence
}

// addressesDiffer reports addresses whose certificates come from different authorities, or of which only some cover
// the name. Two certificates of one authority are the usual way of a CDN.
func (p *Pass) addressesDiffer(host string, list []Handshake) {
	type group struct{ text, key string }
	var groups []group
	var evidence []*probe.Exchange
	for _, h := range list {
		if !h.Shown() {
			continue
		}
		leaf := h.Exchange.TLS.Chain[0]
		key := fmt.Sprintf("%v %s", h.Verified.NameOK, authorityOf(leaf))
		if !slices.ContainsFunc(groups, func(g group) bool { return g.key == key }) {
			groups = append(groups, group{fmt.Sprintf("%s shows %s by %s", h.Addr,
				sanitize.Text(strings.Join(firstOf(probe.CertNames(leaf), 3), " "), 120),
				sanitize.Text(probe.IssuerName(leaf), 80)), key})
			evidence = append(evidence, h.Exchange)
		}
	}
	if len(groups) < 2 {
		return
	}
	var parts []string
	for _, g := range groups {
		parts = append(parts, g.text)
	}
	p.Report(causes.CertificateAddressesDiffer.With(causes.CertificateArgs{
		Domain: host,
		Detail: strings.Join(parts, "; "),
	}), With(evidence...))
}

func authorityOf(c *x509.Certificate) string {
	if len(c.Issuer.Organization) > 0 {
		return c.Issuer.Organization[0]
	}
	return probe.IssuerName(c)
}

func firstOf(list []string, n int) []string { return list[:min(len(list), n)] }

// checkReach looks at whether the host's addresses accept connections, and at the page that they show.
var checkReach = &Check{
	ID: "http", Title: "connections and the page", Rung: catalog.HTTP, Needs: []Need{NeedHTTP},
	Reports: []*catalog.Cause{
		causes.HTTPUnreachable.Cause, causes.HTTPAddressFails.Cause, causes.HTTPServerError.Cause,
		causes.HTTPOriginUnreachable.Cause, causes.HTTPRedirectLoop.Cause,
		causes.HTTPBlocked.Cause, causes.HTTPNotRouted.Cause, causes.CDNNotAttached.Cause, causes.VantageNoIPv6.Cause,
		causes.HTTPOtherHost.Cause,
	},
	Run: runReach,
}

func runReach(_ context.Context, p *Pass) {
	host := p.Facts.Host()
	if !p.judgesTraffic("DOMAIN_019", "DOMAIN_014", "DOMAIN_013", "DOMAIN_021") {
		p.Skip("the domain is not in use yet, so its page does not matter")
		return
	}
	var list []Handshake
	var wg probe.Group
	wg.Go(func() { list = p.Facts.Handshakes() })
	wg.Go(func() { p.Facts.Page() }) // beside the handshakes: neither needs the other
	wg.Wait()
	if len(list) == 0 {
		p.noAddress()
		return
	}
	args := causes.EdgeArgs{Domain: host}
	var failed, open []*probe.Exchange
	for _, h := range list {
		switch {
		case h.Exchange.TLS != nil && h.Exchange.TLS.Connected:
			args.Good = append(args.Good, h.Addr.String())
			open = append(open, h.Exchange)
		case h.Exchange.Outcome == probe.NotAsked: // said below, where nothing else was tried either
			if p.beyond(h.Addr.Addr()) {
				args.Untried = append(args.Untried, h.Addr.String())
			}
		default:
			args.Addresses = append(args.Addresses, h.Addr.String()+": "+
				sanitize.Text(orText(h.Exchange.Err, h.Exchange.Outcome.Phrase()), 120))
			failed = append(failed, h.Exchange)
		}
	}
	failed, cut := p.beyondReach(&args, failed)
	switch {
	case len(cut) > 0 && len(failed)+len(open) == 0:
		p.noWay(cut)
		return
	case len(failed) > 0 && len(open) == 0 && len(args.Untried) == 0:
		p.Report(causes.HTTPUnreachable.With(args), With(failed...))
		return
	case len(failed) > 0:
		p.Report(causes.HTTPAddressFails.With(args), With(append(failed, open...)...))
		if len(open) == 0 {
			return
		}
	case len(open) == 0:
		p.noIPv6(list)
		p.untried(list)
		return
	}
	if !slices.ContainsFunc(list, Handshake.Shown) {
		p.Skip("no handshake succeeds, so there is no page to look at")
		return
	}
	b := p.Facts.Page()
	if b == nil || b.Last() == nil {
		p.Unable("the page could not be fetched")
		return
	}
	p.judgePage(host, b)
}

// beyondReach takes out of the failures those at addresses of a kind by which nobody can be reached from here: the
// control host does not answer by it either.
func (p *Pass) beyondReach(args *causes.EdgeArgs, failed []*probe.Exchange) (left, cut []*probe.Exchange) {
	said := args.Addresses
	args.Addresses = nil
	for i, x := range failed {
		if control, no := p.Facts.cutOff(x.Addr.Addr()); no {
			cut, args.Untried = append(cut, x, control), append(args.Untried, x.Addr.String())
			continue
		}
		left, args.Addresses = append(left, x), append(args.Addresses, said[i])
	}
	return left, cut
}

// noWay says that no address could be tried, because this network lets nothing through to any web server. The
// exchanges come in pairs: with an address, and with the control host by an address of the same kind.
func (p *Pass) noWay(cut []*probe.Exchange) {
	var asked []string
	for i := 0; i < len(cut); i += 2 {
		if a := cut[i].Addr.Addr(); a.Is6() {
			asked = append(asked, a.String())
		}
	}
	if 2*len(asked) == len(cut) { // IPv6 addresses only
		p.Report(causes.VantageNoIPv6.With(causes.VantageArgs{Asked: asked}), With(cut...))
		return
	}
	p.Unable("no web server can be reached from here: %s does not answer either", controlHost)
}

// untried says that nothing could be judged when no address was tried. An address that was left out beside others
// that were tried says nothing.
func (p *Pass) untried(list []Handshake) {
	if !slices.ContainsFunc(list, func(h Handshake) bool { return h.Exchange.Outcome != probe.NotAsked }) {
		if err := p.Dialable(list[0].Addr.Addr()); err != nil {
			p.Skip("%s", err) // record.private-address says what is wrong with it
			return
		}
		p.Unable("%s was not tried: %s", list[0].Addr, list[0].Exchange.Err)
	}
}

// beyond tells an address that other machines can reach and this one cannot try: it has no IPv6.
func (p *Pass) beyond(a netip.Addr) bool { return a.Is6() && !p.HasIPv6() && p.Dialable(a) == nil }

// noIPv6 reports that a host with IPv6 addresses only cannot be tried from here.
func (p *Pass) noIPv6(list []Handshake) {
	var asked []string
	for _, h := range list {
		if !p.beyond(h.Addr.Addr()) {
			return
		}
		asked = append(asked, h.Addr.Addr().String())
	}
	p.Report(causes.VantageNoIPv6.With(causes.VantageArgs{Asked: asked}))
}

// judgePage judges the answer at the end of the redirects.
func (p *Pass) judgePage(host string, b *probe.Browse) {
	last := b.Last()
	args := causes.EdgeArgs{Domain: host, URL: strings.TrimPrefix(last.Asked, "GET "), Hops: b.URLs()}
	evidence := With(b.Hops...)
	if b.Loop {
		p.Report(causes.HTTPRedirectLoop.With(args), evidence)
		return
	}
	if b.Refused != "" {
		p.Unable("the page redirects, and the redirect was not followed: %s", sanitize.Text(b.Refused, 160))
		return
	}
	if last.HTTP == nil {
		if len(b.Hops) > 1 {
			p.Unable("the page redirects to %s, which could not be fetched: %s", sanitize.Text(args.URL, 160),
				sanitize.Text(last.Err, 120))
		} else {
			p.Unable("the page could not be fetched: %s", sanitize.Text(last.Err, 120))
		}
		return
	}
	h := last.HTTP
	args.Status, args.Server = h.Status, sanitize.Text(h.Header.Get("Server"), 60)
	edge := fromEdge(h)
	if provider := catalog.ProviderPage(h.Status, h.Header.Get("Server"), string(h.Body)); provider != "" &&
		!viaEdge(h) {
		args.Target, args.Detail = provider, excerpt(h.Body)
		p.Report(causes.HTTPOtherHost.With(args), evidence, Sure(Likely))
		return
	}
	switch {
	case h.Status == 403 && edge || h.Status == 421:
		args.Detail = excerpt(h.Body)
		p.Report(causes.CDNNotAttached.With(args), evidence)
	case h.Status == 404 && (edge || strings.Contains(string(h.Body), "DOMAIN_014")):
		p.Report(causes.HTTPNotRouted.With(args), evidence)
	case (h.Status == 502 || h.Status == 504) && viaEdge(h):
		p.Report(causes.HTTPOriginUnreachable.With(args), evidence)
	case h.Status >= 500:
		args.Detail = excerpt(h.Body)
		p.Report(causes.HTTPServerError.With(args), evidence)
	case h.Status == 401 || h.Status == 403 || h.Status == 429:
		p.Report(causes.HTTPBlocked.With(args), evidence)
	}
}

// fromEdge tells an answer that the CDN made itself from one that it passed on: its own name as server, and its mark
// for errors.
func fromEdge(h *probe.HTTPReply) bool {
	return strings.EqualFold(h.Header.Get("Server"), "CloudFront") &&
		strings.Contains(strings.ToLower(h.Header.Get("X-Cache")), "error from cloudfront")
}

// viaEdge tells an answer that came through the CDN, whoever made it.
func viaEdge(h *probe.HTTPReply) bool {
	return fromEdge(h) || strings.Contains(strings.ToLower(h.Header.Get("Via")), "cloudfront")
}

// excerpt is the beginning of a page's text, without its tags.
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

// checkCDN looks at the CDN's state as the service says it.
var checkCDN = &Check{
	ID: "cdn", Title: "the CDN", Rung: catalog.CDN, Needs: []Need{NeedService},
	Reports: []*catalog.Cause{causes.CDNProvisioning.Cause, causes.CDNCertificateFirst.Cause},
	Run:     runCDN,
}

func runCDN(_ context.Context, p *Pass) {
	d := p.Subject.Domain
	if _, refused := p.ReportedCode("DOMAIN_013"); refused && d != nil {
		held := p.Facts.Held()
		switch {
		case held.CertificateErr != nil:
		case !held.HasCertificate:
			p.Report(causes.CDNCertificateFirst.With(causes.EdgeArgs{
				Domain: p.Subject.Name.ASCII,
				Detail: "the service holds no certificate for it",
			}), With(serviceEvidence(p, "/ssl")...))
		case !held.CertificateIssued():
			p.Report(causes.CDNCertificateFirst.With(causes.EdgeArgs{
				Domain: p.Subject.Name.ASCII,
				Detail: "the service's certificate for it is " + sanitize.Text(held.Certificate.Status, 60),
			}),
				With(serviceEvidence(p, "/ssl")...))
		}
	}
	if d == nil || d.CDN == nil {
		p.Skip("the service names no CDN for the domain")
		return
	}
	switch upper(d.CDN.Status) {
	case "DEPLOYING", "INPROGRESS", "IN_PROGRESS", "PROVISIONING", "PENDING", "CREATING":
		if p.judgesTraffic("DOMAIN_013") {
			p.Report(causes.CDNProvisioning.With(causes.EdgeArgs{
				Domain: p.Subject.Name.ASCII,
				Detail: sanitize.Text(d.CDN.Status, 60),
			}))
		}
	}
}
