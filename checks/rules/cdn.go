package rules

import (
	"context"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/subject"
)

// checkCDN checks the CDN's state according to the service.
var checkCDN = &Check{
	ID: "cdn", Title: "the CDN", Rung: catalog.CDN, Needs: []Need{NeedService},
	Reports: []*catalog.Cause{causes.CDNProvisioning.Cause, causes.CDNCertificateFirst.Cause},
	Run:     runCDN,
}

func runCDN(_ context.Context, p *Pass) {
	d := p.Subject.Domain
	if _, refused := p.ReportedCode("DOMAIN_013"); refused && d != nil {
		held := p.Observed.Held()
		switch {
		case held.CertificateErr != nil:
		case !held.HasCertificate:
			p.Report(causes.CDNCertificateFirst.With(causes.CDNCertificateFirstArgs{
				Domain: p.Subject.Name.ASCII,
				Detail: "the service holds no certificate for it",
			}), finding.With(serviceEvidence(p, "/ssl")...))
		case !held.CertificateIssued():
			p.Report(causes.CDNCertificateFirst.With(causes.CDNCertificateFirstArgs{
				Domain: p.Subject.Name.ASCII,
				Detail: "the service's certificate for it is " + sanitize.Text(held.Certificate.Status, 60),
			}),
				finding.With(serviceEvidence(p, "/ssl")...))
		}
	}
	if d == nil || d.CDN == nil {
		p.Skip("the service names no CDN for the domain")
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
