package issuance

import (
	"crypto/x509"
	"strings"
	"time"

	"domdoc/catalog/plans"
	"domdoc/checks/result"
	"domdoc/checks/rules"
	"domdoc/checks/subject"
)

// validationTime is how long ACM waits for the validation record.
const validationTime = 72 * time.Hour

// requestOf returns what the service says of the domain's certificate.
func requestOf(d *result.Domain) plans.Request {
	c := d.Held.Certificate
	status := subject.Upper(c.Status)
	switch {
	case d.Held.CertificateErr != nil:
		return plans.Unread
	case !d.Held.HasCertificate:
		return plans.NotRequested
	case d.Held.CertificateIssued(), status == "ACTIVE", status == "VALID":
		return plans.Issued
	case rules.RequestFailed(c):
		return plans.Failed
	case !c.RequestedAt.IsZero() && d.At.Sub(c.RequestedAt) > validationTime &&
		(strings.HasPrefix(status, "PENDING") || status == "REQUESTED" || status == "VALIDATING"):
		return plans.Over
	}
	return plans.Pending
}

// served returns the certificate of Amazon's authority that the domain's addresses serve for its name, without a
// service that knows the certificate; nil if there is none.
func served(d *result.Domain) *x509.Certificate {
	if d.Domain != nil {
		return nil
	}
	for _, h := range d.Facts.Certificates {
		if !h.Shown() || !h.Verified.NameOK {
			continue
		}
		if leaf := h.Exchange.TLS.Chain[0]; strings.Contains(strings.Join(leaf.Issuer.Organization, " "), "Amazon") {
			return leaf
		}
	}
	return nil
}
