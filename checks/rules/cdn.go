package rules

import (
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/subject"
)

// checkCDN checks the CDN's state according to the service, and the reasons that the service gives for a provider's
// refusal.
var checkCDN = &Check{
	ID: "cdn", Title: "the CDN", Rung: catalog.CDN,
	Reports: []*catalog.Cause{
		causes.CDNProvisioning.Cause, causes.CDNCertificateFirst.Cause, causes.CDNAliasTaken.Cause,
		causes.CDNCertificateRejected.Cause, causes.CDNFailed.Cause, causes.ServiceIntegrationRefused.Cause,
	},
	Run: runCDN,
}

func runCDN(_ context.Context, p *Pass) {
	d := p.Subject.Domain
	p.judgeWords()
	if p.Subject.Service == nil {
		p.Skip("no service is configured")
		return
	}
	if _, refused := p.ReportedCode("DOMAIN_013"); refused && d != nil {
		p.judgeCertificateFirst()
	}
	if d == nil || d.CDN == nil {
		p.Skip("the service lists no CDN for the domain")
		return
	}
	switch subject.Upper(d.CDN.Status) {
	case "DEPLOYING", "INPROGRESS", "IN_PROGRESS", "PROVISIONING", "PENDING", "CREATING":
		if p.judgesTraffic("DOMAIN_013") {
			p.Report(causes.CDNProvisioning.With(causes.CDNProvisioningArgs{
				Domain: p.Subject.Name.ASCII,
				Detail: sanitize.Text(d.CDN.Status, 60),
			}))
		}
	}
}

// judgeCertificateFirst explains a refusal of the CDN by a certificate that is not issued.
func (p *Pass) judgeCertificateFirst() {
	held := p.Observed.Held()
	args := causes.CDNCertificateFirstArgs{
		Domain: p.Subject.Name.ASCII, Detail: "the service holds no certificate for it",
	}
	switch {
	case held.CertificateErr != nil, held.CertificateIssued():
		return
	case held.HasCertificate:
		args.Detail = "the service's certificate for it is " + sanitize.Text(held.Certificate.Status, 60)
	}
	p.Report(causes.CDNCertificateFirst.With(args))
}

// words is a message in which the service, or the writer of a ticket, explains a failure.
type words struct {
	text, code string
	at         time.Time
	ticket     bool
}

// reasons returns the messages of the reported errors, the latest of each code, and of the domain's CDN.
func (p *Pass) reasons() []words {
	var out []words
	d := p.Subject.Domain
	if d != nil && d.CDN != nil && d.CDN.Reason != "" {
		out = append(out, words{text: d.CDN.Reason})
	}
	for _, r := range p.Subject.AllReported() {
		out = append(out, words{r.Message, r.Code, r.At, r.Customers})
	}
	if d != nil && d.LastError != nil && d.LastError.Code == "" {
		out = append(out, words{text: d.LastError.Message, at: d.LastError.Timestamp})
	}
	return out
}

// recent reports whether the message is recent enough to be about the present state.
func (w words) recent(now time.Time) bool {
	return w.at.IsZero() || subject.Within(w.at, now, subject.PropagationPatience)
}

var cdnCodes = []string{"DOMAIN_013", "DOMAIN_021"}

// aboutCDN reports whether the message can explain a failure of the CDN.
func (w words) aboutCDN() bool { return w.code == "" || slices.Contains(cdnCodes, w.code) }

// cdnFailed reports whether the service reports that the CDN could not be set up.
func cdnFailed(status string) bool {
	status = subject.Upper(status)
	return slices.Contains([]string{"FAILED", "ERROR", "REJECTED", "FAILURE"}, status) ||
		strings.HasSuffix(status, "_FAILED")
}

// judgeWords reports the causes named by the service's messages, unless observations show that they no longer apply.
func (p *Pass) judgeWords() {
	d := p.Subject.Domain
	status := ""
	if d != nil && d.CDN != nil && cdnFailed(d.CDN.Status) {
		status = sanitize.Text(d.CDN.Status, 60)
	}
	reported := false
	for _, w := range p.reasons() {
		phrase, known := catalog.FindPhrase(w.text, w.code)
		if !known || status == "" && !w.recent(p.Now()) {
			continue
		}
		args := causes.Said{
			Domain: p.Subject.Name.ASCII, Code: w.code, Text: sanitize.Text(w.text, 300), Ticket: w.ticket,
			Predicted: cdnCodes,
		}.SaidBy(phrase)
		if w.aboutCDN() {
			args.Status = status
		}
		opts := []finding.Option{finding.Sure(finding.Likely)}
		if w.aboutCDN() && status != "" {
			opts = []finding.Option{finding.Sure(finding.Conclusive)}
		} else if p.over(w) {
			continue
		}
		var instance catalog.Instance
		switch phrase.Cause {
		case causes.CDNAliasTaken.ID:
			instance = causes.CDNAliasTaken.With(args)
		case causes.CDNCertificateRejected.ID:
			instance = causes.CDNCertificateRejected.With(args)
		case causes.ServiceIntegrationRefused.ID:
			if held := p.Observed.Held(); (w.code == "DOMAIN_011" || w.code == "DOMAIN_023") && held.HasCertificate &&
				RequestFailed(held.Certificate) {
				continue // the cause certificate.failed reports it
			}
			instance = causes.ServiceIntegrationRefused.With(args)
			if status == "" && p.Subject.InUse() {
				opts = append(opts, finding.As(catalog.Warn))
			}
		default:
			continue // the checks of certificates and transfers use it
		}
		p.Report(instance, opts...)
		reported = reported || w.aboutCDN()
	}
	if status != "" && !reported {
		p.reportCDNFailed(status)
	}
}

// reportCDNFailed reports a failed CDN without a known reason.
func (p *Pass) reportCDNFailed(status string) {
	args := causes.Said{Domain: p.Subject.Name.ASCII, Status: status, Predicted: []string{"DOMAIN_021"}}
	for _, w := range p.reasons() {
		if w.aboutCDN() {
			args.Code, args.Text = w.code, sanitize.Text(w.text, 300)
			break
		}
	}
	p.Report(causes.CDNFailed.With(args))
}

// over reports whether the failure is resolved by now, or cannot be observed.
func (p *Pass) over(w words) bool {
	switch {
	case p.Subject.Domain == nil: // a ticket without a service to compare it with
		return false
	case w.aboutCDN():
		return !p.refusedByCDN()
	case w.code == "DOMAIN_023" || w.code == "DOMAIN_011":
		return p.Observed.Held().CertificateIssued()
	}
	return false
}

// refusedByCDN reports whether an address presents the CDN's own certificate, or one for other names, or the page is
// the CDN's refusal.
func (p *Pass) refusedByCDN() bool {
	for _, h := range p.Observed.Handshakes() {
		if s := h.State(); s == observe.HandshakeDefault || s == observe.HandshakeMismatch {
			return true
		}
	}
	b := p.Observed.Page()
	if b == nil || b.Last() == nil || b.Last().HTTP == nil {
		return false
	}
	h := b.Last().HTTP
	return h.Status == 421 || h.Status == 403 && observe.FromEdge(h) && !filtered(h)
}
