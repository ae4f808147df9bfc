package rules

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/rdata"
	"domdoc/checks/subject"
)

// checkCertificate checks the certificate according to the service, and as each address serves it.
var checkCertificate = &Check{
	ID: "certificate", Title: "the certificate", Rung: catalog.CertificateRung, Needs: []Need{NeedTLS},
	Reports: []*catalog.Cause{
		causes.CertificateAbsent.Cause, causes.CertificatePending.Cause, causes.CertificateFailed.Cause,
		causes.CertificateNameUnissuable.Cause, causes.CertificateDefaultServed.Cause,
		causes.CertificateNameMismatch.Cause, causes.CertificateExpired.Cause, causes.CertificateNotYetValid.Cause,
		causes.CertificateExpiresSoon.Cause,
		causes.CertificateUntrusted.Cause, causes.CertificateAddressesDiffer.Cause,
		causes.CertificateHandshakeFails.Cause, causes.CertificateNotDeployed.Cause,
	},
	Run: runCertificate,
}

// CertificateSoon is how long before expiry a certificate should long have been renewed.
const CertificateSoon = 14 * 24 * time.Hour

func runCertificate(_ context.Context, p *Pass) {
	host := p.Subject.Name.ASCII
	if why := Unissuable(host); why != "" {
		p.Report(causes.CertificateNameUnissuable.With(causes.CertificateNameUnissuableArgs{Domain: host, Detail: why}))
	}
	p.judgeCertificateState(host)
	if !p.judgesTraffic("DOMAIN_012") {
		p.Skip("the domain is not in use yet, so its certificates are not checked")
		return
	}
	p.judgeHandshakes(host)
	if p.Observed.Held().Presumed {
		p.Remark("%s", catalog.CertificateNotRead)
	}
}

// judgeCertificateState checks the state of the certificate in the service.
func (p *Pass) judgeCertificateState(host string) {
	if p.Subject.Domain == nil {
		return
	}
	held := p.Observed.Held()
	if held.CertificateErr != nil {
		p.Unable("the certificate's state could not be read from the service: %s",
			subject.ErrorReason(held.CertificateErr))
		return
	}
	c := held.Certificate
	records := p.validationRecords(p.Observed.DNSHost())
	_, wanted := p.ReportedCode("DOMAIN_012")
	status := subject.Upper(c.Status)
	switch {
	case !held.HasCertificate:
		if !wanted && !p.Subject.InUse() {
			return // a domain that is not verified yet needs none
		}
		list := p.Observed.Handshakes()
		for _, h := range list {
			if h.Shown() && h.Verified.NameOK && h.Verified.Trusted && !h.Verified.Expired {
				return // it has a certificate from another authority
			}
		}
		if !wanted && p.unobservable(list) {
			p.Unable("the service has no certificate, and the domain's servers could not be checked for one")
			return
		}
		p.Report(causes.CertificateAbsent.With(causes.CertificateAbsentArgs{Domain: host}),
			finding.With(serviceEvidence(p, "/ssl")...))
	case status == "ISSUED" || status == "ACTIVE" || status == "VALID":
	case RequestFailed(c):
		reason := cmp.Or(c.FailureReason, p.reportedReason(c.RequestedAt))
		p.Report(causes.CertificateFailed.With(causes.CertificateFailedArgs{
			Domain: host, Status: sanitize.Text(c.Status, 60), Reason: sanitize.Text(reason, 120),
			Detail: causes.FailureReason(reason, c.Status), Requested: c.RequestedAt, Records: records,
			CAA: p.Observed.CAA().Sentence(),
		}), finding.With(serviceEvidence(p, "/ssl")...), finding.With(p.Observed.CAA().Evidence...))
	case strings.HasPrefix(status, "PENDING") || status == "REQUESTED" || status == "VALIDATING":
		p.reportPending(causes.CertificatePendingArgs{
			Domain: host, Status: sanitize.Text(c.Status, 60), Requested: c.RequestedAt, Records: records,
			CAA: p.Observed.CAA().Sentence(),
		})
	default:
		p.Unable("the service reports an unknown certificate state: %s",
			sanitize.Text(c.Status, 60))
	}
}

// RequestFailed reports whether a certificate that is not issued will never be issued by this request.
func RequestFailed(c api.Certificate) bool {
	return c.FailureReason != "" || slices.Contains([]string{
		"FAILED", "VALIDATION_TIMED_OUT", "EXPIRED", "REVOKED", "INACTIVE",
	}, subject.Upper(c.Status))
}

// reportedReason returns the reason for a certificate's failure in the reported errors since its request, if it is a
// known one.
func (p *Pass) reportedReason(requested time.Time) string {
	for _, w := range p.reasons() {
		if phrase, ok := catalog.FindPhrase(w.text, cmp.Or(w.code, "DOMAIN_011")); ok &&
			slices.Contains([]catalog.ID{causes.CertificateFailed.ID, causes.ServiceIntegrationRefused.ID}, phrase.Cause) &&
			(w.at.IsZero() || !w.at.Before(requested)) {
			return w.text
		}
	}
	return ""
}

// unobservable reports whether this machine cannot see what the host's addresses serve.
func (p *Pass) unobservable(list []observe.Handshake) bool {
	if len(list) == 0 {
		return !p.Observed.Addresses().Known()
	}
	if slices.ContainsFunc(list, func(h observe.Handshake) bool {
		return h.Exchange.TLS != nil && h.Exchange.TLS.Connected
	}) {
		return false
	}
	return slices.ContainsFunc(list, func(h observe.Handshake) bool {
		_, cut := p.Observed.FamilyUnreachable(h.Addr.Addr())
		return cut || h.Exchange.Outcome == exchange.NotAsked
	})
}

// reportPending reports a pending certificate, what it is waiting for, and whether its time is over.
func (p *Pass) reportPending(args causes.CertificatePendingArgs) {
	v := catalog.Warn
	args.Detail = "the service does not list a validation record"
	if said := p.reportedReason(args.Requested); said != "" && !args.Requested.IsZero() {
		if phrase, _ := catalog.FindPhrase(said, "DOMAIN_011"); phrase.Cause == causes.CertificateFailed.ID {
			// otherwise the check of the CDN reports it
			args.Said, args.Steps, args.Who = phrase.Meaning, phrase.Steps, phrase.Owner
		}
	}
	var evidence []*exchange.Exchange
	records, right := 0, 0
	for _, j := range p.Observed.CompareRecords() {
		if j.Role != catalog.Certificate {
			continue
		}
		records++
		switch j.State {
		case observe.StateRight:
			right++
			args.Detail, args.Published = "the validation record is published; the authority has not validated it yet", true
		case observe.StateUnknown:
			args.Detail = "could not determine whether the validation record is published"
		case observe.StateMissing, observe.StateWrong, observe.StatePartly:
			args.Detail, v = "it is waiting for the validation record "+j.Name+", which is missing or wrong", catalog.Fail
		}
		evidence = append(evidence, j.Right...)
		evidence = append(evidence, j.Other...)
	}
	args.InPlace = records > 0 && right == records
	if !args.Requested.IsZero() && p.Now().Sub(args.Requested) > 72*time.Hour {
		args.Over = true
		args.Detail, v = args.Detail+"; the request's 72 hours are over, so it will no longer be issued",
			catalog.Fail
	}
	p.Report(causes.CertificatePending.With(args), finding.As(v),
		finding.With(append(serviceEvidence(p, "/ssl"), evidence...)...), finding.With(p.Observed.CAA().Evidence...))
}

// serviceEvidence returns the exchanges with the service whose path ends in suffix.
func serviceEvidence(p *Pass, suffix string) []*exchange.Exchange {
	var out []*exchange.Exchange
	for _, x := range p.Ledger().Exchanges() {
		if x.Kind == exchange.KindService && strings.HasSuffix(x.Asked, suffix) {
			out = append(out, x)
		}
	}
	return out
}

// Unissuable returns why no public authority issues certificates for a name; empty if they do.
func Unissuable(host string) string {
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
		return fmt.Sprintf("it has %d octets, but the first name of a certificate can have at most 64", len(host))
	}
	tld := host[strings.LastIndexByte(host, '.')+1:]
	if slices.Contains([]string{
		"local", "internal", "localhost", "lan", "home", "corp", "intranet", "onion",
		"invalid",
	}, tld) {
		return "." + tld + " is not a public suffix"
	}
	return ""
}

// judgeHandshakes reports the certificates that the addresses serve, one finding for each kind of fault.
func (p *Pass) judgeHandshakes(host string) {
	list := p.Observed.Handshakes()
	if len(list) == 0 {
		p.reportNoAddress()
		return
	}
	p.reportNotAttempted(list)
	for _, h := range list {
		p.reportUntried(h)
	}
	var order []observe.HandshakeState
	byState := map[observe.HandshakeState][]observe.Handshake{}
	for _, h := range list {
		state := h.State()
		if state == observe.HandshakeValid && !expiresSoon(h, p.Now()) ||
			state == observe.HandshakeFails && h.Exchange.TLS.Failed == "" {
			continue
		}
		if len(byState[state]) == 0 {
			order = append(order, state)
		}
		byState[state] = append(byState[state], h)
	}
	for _, state := range order {
		p.reportHandshakes(host, state, byState[state])
	}
	p.addressesDiffer(host, list)
}

// expiresSoon reports whether the certificate should have been renewed by now.
func expiresSoon(h observe.Handshake, now time.Time) bool {
	return h.Exchange.TLS.Chain[0].NotAfter.Sub(now) < CertificateSoon
}

// reportHandshakes reports the handshakes that ended in one state; for valid ones, that they expire soon.
func (p *Pass) reportHandshakes(host string, state observe.HandshakeState, list []observe.Handshake) {
	args, evidence := servedCertificate(host, list)
	args.Own = args.Issuer != "" && !strings.Contains(args.Issuer, "Amazon") && !p.Observed.LeadsToPlatform()
	opts := []finding.Option{finding.With(evidence...), finding.About(catalog.NoRole, list[0].Addr.String())}
	if renewed := p.renewedSince(state, args); !renewed.IsZero() {
		v := catalog.Warn
		if args.NotAfter.Sub(p.Now()) < notDeployedUrgent {
			v = catalog.Fail
		}
		p.Report(causes.CertificateNotDeployed.With(causes.CertificateNotDeployedArgs{
			ServedCertificate: args, Renewed: renewed, Over: args.NotAfter.Before(p.Now()),
		}), append(opts, finding.As(v), finding.With(serviceEvidence(p, "/ssl")...))...)
		return
	}
	switch state {
	case observe.HandshakeNotTried, observe.HandshakeUnreachable: // the http check reports these
	case observe.HandshakeFails:
		p.Report(causes.CertificateHandshakeFails.With(causes.CertificateHandshakeFailsArgs{
			Domain: host, Detail: sanitize.Text(list[0].Exchange.Err, 200), Addresses: args.Addresses,
		}), opts...)
	case observe.HandshakeDefault:
		p.Report(causes.CertificateDefaultServed.With(args), opts...)
	case observe.HandshakeMismatch:
		p.Report(causes.CertificateNameMismatch.With(args), opts...)
	case observe.HandshakeExpired:
		p.Report(causes.CertificateExpired.With(args), opts...)
	case observe.HandshakeNotYetValid:
		p.Report(causes.CertificateNotYetValid.With(args), opts...)
	case observe.HandshakeUntrusted:
		args.Detail = list[0].Verified.Untrusted
		p.Report(causes.CertificateUntrusted.With(args), opts...)
	case observe.HandshakeValid:
		p.Report(causes.CertificateExpiresSoon.With(causes.CertificateExpiresSoonArgs{
			ServedCertificate: args, Records: p.validationRecords(""),
		}), opts...)
	}
}

// notDeployedUrgent is how long before the served certificate expires its successor should long have been deployed.
const notDeployedUrgent = 3 * 24 * time.Hour

// renewedSince returns when the service's certificate expires, if it was issued after the served one, which has
// expired or expires soon. Then the deployment failed, not the renewal.
func (p *Pass) renewedSince(state observe.HandshakeState, served causes.ServedCertificate) time.Time {
	held := p.Observed.Held()
	if state != observe.HandshakeExpired && state != observe.HandshakeValid || !held.CertificateIssued() ||
		!p.Observed.LeadsToPlatform() {
		return time.Time{}
	}
	// 24 hours: the service may round its dates
	if ends := held.Certificate.ExpiresAt; ends.Sub(served.NotAfter) > 24*time.Hour && ends.After(p.Now()) {
		return ends
	}
	return time.Time{}
}

// validationRecords returns the records that validate the certificate, as they should be published. host is the DNS
// host of their zone.
func (p *Pass) validationRecords(host string) []catalog.Record {
	var out []catalog.Record
	for _, r := range p.Observed.Held().Certificate.ValidationRecords {
		out = append(out, catalog.Record{
			Role: catalog.Certificate, Zone: p.Observed.Zone().Apex, Host: host, Name: p.Observed.OwnerName(r.Name),
			Type: cmp.Or(subject.Upper(r.Type), "CNAME"), Value: rdata.Target(r.Value), TTL: 300,
		})
	}
	return out
}

// servedCertificate describes the certificate that addresses of a host serve.
func servedCertificate(host string, list []observe.Handshake) (causes.ServedCertificate, []*exchange.Exchange) {
	args := causes.ServedCertificate{Domain: host}
	var evidence []*exchange.Exchange
	for _, h := range list {
		args.Addresses = append(args.Addresses, h.Addr.String())
		evidence = append(evidence, h.Exchange)
	}
	if list[0].Shown() {
		leaf := list[0].Exchange.TLS.Chain[0]
		for _, n := range exchange.CertNames(leaf) {
			args.Names = append(args.Names, sanitize.Text(n, 120))
			if len(args.Names) == 20 {
				break
			}
		}
		args.Issuer = sanitize.Text(exchange.IssuerName(leaf), 120)
		args.NotBefore, args.NotAfter = leaf.NotBefore, leaf.NotAfter
	}
	return args, evidence
}

// addressesDiffer reports addresses with certificates from different authorities, or of which only some cover the
// name. Several certificates of one authority are normal for a CDN.
func (p *Pass) addressesDiffer(host string, list []observe.Handshake) {
	type group struct{ text, key string }
	var groups []group
	var evidence []*exchange.Exchange
	for _, h := range list {
		if !h.Shown() {
			continue
		}
		leaf := h.Exchange.TLS.Chain[0]
		key := fmt.Sprintf("%v %s", h.Verified.NameOK, authorityOf(leaf))
		if !slices.ContainsFunc(groups, func(g group) bool { return g.key == key }) {
			groups = append(groups, group{fmt.Sprintf("%s shows %s by %s", h.Addr,
				sanitize.Text(strings.Join(firstOf(exchange.CertNames(leaf), 3), " "), 120),
				sanitize.Text(exchange.IssuerName(leaf), 80)), key})
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
	p.Report(causes.CertificateAddressesDiffer.With(causes.CertificateAddressesDifferArgs{
		Domain: host,
		Detail: strings.Join(parts, "; "),
	}), finding.With(evidence...))
}

func authorityOf(c *x509.Certificate) string {
	if len(c.Issuer.Organization) > 0 {
		return c.Issuer.Organization[0]
	}
	return exchange.IssuerName(c)
}

func firstOf(list []string, n int) []string { return list[:min(len(list), n)] }
