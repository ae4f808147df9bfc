package causes

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
)

// The causes about requesting, issuing and renewing a certificate.

// noTLS is what follows if browsers reject the certificate. An application error behind it is a separate fault.
var noTLS = links(HTTPUnreachable.ID, HTTPAddressFails.ID)

// rejected is what follows if browsers reject the certificate of an address.
var rejected = append(links(CertificateAddressesDiffer.ID), noTLS...)

// noEdgeCertificate is what follows if the CDN has no certificate for the name: the CDN itself answers.
var noEdgeCertificate = slices.Concat(links(HTTPServerError.ID), noTLS)

// notIssued is what follows if there is no certificate to serve.
var notIssued = slices.Concat(links(CertificateDefaultServed.ID, CertificateNameMismatch.ID, CDNCertificateFirst.ID,
	CDNNotAttached.ID, CDNFailed.ID, CDNCertificateRejected.ID), noEdgeCertificate)

// validationTime is how long the certificate authority waits for the validation record.
const validationTime = 72 * time.Hour

var exampleValidation = []catalog.Record{{
	Role: catalog.Certificate, Zone: "example.com", Name: "_3f2a.shop.example.com", Type: "CNAME",
	Value: "_9a1b.acm-validations.aws", TTL: 300,
}}

var exampleRequested = time.Date(2026, 2, 20, 9, 0, 0, 0, time.UTC)

// CertificateAbsentArgs are the arguments of certificate.absent.
type CertificateAbsentArgs struct {
	Domain string `json:"domain"`
}

// CertificateAbsent is certificate.absent.
var CertificateAbsent = catalog.Declare(catalog.Cause{
	ID: "certificate.absent", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant, catalog.Platform},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "no certificate was requested",
	Codes: []string{"DOMAIN_012"}, Explains: notIssued,
	Description: "The service has no certificate for the domain, and the edge does not serve one for its name either.",
	Detection:   "The service answers DOMAIN_012 to a request for the domain's certificate.",
	Confused: "certificate.pending, where a request is waiting; certificate.failed, where a request failed; " +
		"certificate.default-served, where the service has a certificate that the edge does not use.",
	Refs: []string{"Domains Service, error code DOMAIN_012", "Domains Service API, GET /domains/v1/{id}/ssl"},
}, catalog.Text[CertificateAbsentArgs]{
	Summary: func(a CertificateAbsentArgs) string { return "there is no certificate for " + a.Domain },
	Why:     func(CertificateAbsentArgs) string { return "the service has none" },
	Fix: func(CertificateAbsentArgs) catalog.Fix {
		return catalog.Steps("request one (POST /domains/v1/:id/ssl), then publish the validation record in the response")
	},
	Example: CertificateAbsentArgs{Domain: "shop.example.com"},
})

// CertificatePendingArgs are the arguments of certificate.pending.
type CertificatePendingArgs struct {
	Domain    string           `json:"domain"`
	Status    string           `json:"status,omitempty"` // as the service reports it
	Detail    string           `json:"detail,omitempty"` // the state of the validation
	Requested time.Time        `json:"requested,omitzero"`
	Records   []catalog.Record `json:"records,omitempty"`   // the validation records
	CAA       string           `json:"caa,omitempty"`       // what the CAA records allow, with the set
	Published bool             `json:"published,omitempty"` // the validation records are there
	// Said is the known meaning of the service's latest error about the request, if it is more recent than the request.
	Said  string        `json:"said,omitempty"`
	Steps []string      `json:"steps,omitempty"` // what to do about it
	Who   catalog.Actor `json:"who,omitempty"`   // who takes these steps, if not the domain's owner
	// Over means that the authority has given up, so that a new request is needed.
	Over bool `json:"over,omitempty"`
	// InPlace means that every validation record is published and right, so that the owner has nothing to do.
	InPlace bool `json:"inPlace,omitempty"`
}

// Owner returns catalog.Wait while the authority has all that it needs, and otherwise who must act.
func (a CertificatePendingArgs) Owner() catalog.Actor {
	switch {
	case a.Over:
		return catalog.Tenant
	case len(a.Steps) > 0:
		return a.Who
	case a.InPlace:
		return catalog.Wait
	}
	return ""
}

// CertificatePending is certificate.pending.
var CertificatePending = catalog.Declare(catalog.Cause{
	ID: "certificate.pending", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 6,
	Title: "the certificate has been requested but not issued",
	Codes: []string{"DOMAIN_011", "DOMAIN_012"}, Explains: notIssued,
	Description: "The certificate authority is waiting for the validation record. After 72 hours it gives up, and " +
		"the " +
		"certificate must be requested again.",
	Detection: "The service reports the certificate as pending. The validation records are queried at the " +
		"authoritative servers.",
	Confused: "certificate.failed, where a new request is needed; certificate.absent, where none was made; " +
		"cache.negative, if the validation record was published only moments ago.",
	Refs: []string{
		"https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html",
		"https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html",
	},
}, catalog.Text[CertificatePendingArgs]{
	Summary: func(a CertificatePendingArgs) string {
		return "the certificate for " + a.Domain + " has been requested but not issued"
	},
	Why: func(a CertificatePendingArgs) string {
		s := a.Detail
		if !a.Requested.IsZero() {
			s += fmt.Sprintf("; requested at %s, expires at %s", catalog.Clock(a.Requested),
				catalog.Clock(a.Requested.Add(validationTime)))
		}
		if a.Said != "" {
			s += "; the service reports that " + a.Said
		}
		return strings.TrimPrefix(s, "; ") + caaNote(a.CAA)
	},
	Fix: func(a CertificatePendingArgs) catalog.Fix {
		steps := slices.Clone(a.Steps)
		if !a.Over {
			steps = append(steps, "keep the validation record in place and wait: the authority checks it repeatedly")
		} else {
			if !a.Published {
				steps = append(steps, "publish the validation record first and keep it in place")
			}
			steps = append(steps, "then request a new certificate (POST /domains/v1/:id/ssl)")
		}
		f := catalog.Steps(steps...)
		if !a.InPlace { // else there is none to enter
			f.Records, f.Exist = a.Records, a.Published
		}
		for _, r := range a.Records {
			f.Commands = append(f.Commands, catalog.DigResolver(r.Name, r.Type, ""))
		}
		return f
	},
	Until: func(a CertificatePendingArgs) *catalog.Until {
		if a.Requested.IsZero() || a.Over {
			return nil
		}
		return &catalog.Until{
			Latest: a.Requested.Add(validationTime),
			Reason: "the certificate authority gives up 72 hours after the request", Deadline: true,
		}
	},
	Example: CertificatePendingArgs{
		Domain: "shop.example.com", Status: "PENDING_VALIDATION",
		Detail:    "the validation record is published; the authority has not checked it yet",
		Requested: exampleRequested, Records: exampleValidation,
	},
})

// caaNote adds what the CAA records allow to a sentence; nothing if that is not known.
func caaNote(set string) string {
	if set == "" {
		return ""
	}
	return "; CAA: " + set
}

// CertificateFailedArgs are the arguments of certificate.failed.
type CertificateFailedArgs struct {
	Domain    string           `json:"domain"`
	Status    string           `json:"status,omitempty"` // as the service reports it
	Reason    string           `json:"reason,omitempty"` // the authority's failure reason
	Detail    string           `json:"detail,omitempty"` // the reason explained
	Requested time.Time        `json:"requested,omitzero"`
	Records   []catalog.Record `json:"records,omitempty"` // the validation records
	CAA       string           `json:"caa,omitempty"`     // what the CAA records allow, with the set
}

// Owner returns who must act about the reason.
func (a CertificateFailedArgs) Owner() catalog.Actor {
	p, _ := failurePhrase(a.Reason, a.Status)
	return p.Owner
}

// CertificateFailed is certificate.failed.
var CertificateFailed = catalog.Declare(catalog.Cause{
	ID: "certificate.failed", Rung: catalog.CertificateRung,
	Who:     []catalog.Actor{catalog.Tenant, catalog.Platform, catalog.Authority},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "the certificate request failed",
	Codes: []string{"DOMAIN_011", "DOMAIN_023"}, Explains: notIssued,
	Description: "The certificate request failed. A failed request is never retried: once the reason is fixed, a new " +
		"request is needed.",
	Detection: "The service reports the status and the authority's reason.",
	Confused: "certificate.pending, which is still waiting and needs no new request; caa.forbids and record.missing, " +
		"which are often the reason.",
	Refs: []string{"https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-cert-requests.html"},
}, catalog.Text[CertificateFailedArgs]{
	Summary: func(a CertificateFailedArgs) string {
		return "the certificate for " + a.Domain + " was not issued: " + a.Detail
	},
	Why: func(a CertificateFailedArgs) string {
		s := "the service reports the certificate status " + a.Status
		if a.Reason != "" {
			s += " (" + a.Reason + ")"
		}
		return s + caaNote(a.CAA)
	},
	Fix: func(a CertificateFailedArgs) catalog.Fix {
		return catalog.Fix{
			Steps: append(slices.Clone(failureSteps(a.Reason, a.Status)),
				"then request a new certificate (POST /domains/v1/:id/ssl)"),
			Records: a.Records,
		}
	},
	Example: CertificateFailedArgs{
		Domain: "shop.example.com", Status: "FAILED", Reason: "CAA_ERROR", Detail: FailureReason("CAA_ERROR", "FAILED"),
		Requested: exampleRequested,
	},
})

// FailureReason explains a failure reason of ACM. Without a reason it explains the status.
func FailureReason(reason, status string) string {
	if p, ok := failurePhrase(reason, status); ok {
		return p.Meaning
	}
	switch {
	case strings.HasPrefix(strings.ToUpper(reason), "PCA_"):
		return "the platform's private authority refused it"
	case strings.EqualFold(status, "REVOKED"):
		return "it was revoked"
	case reason == "":
		return "no reason was given"
	}
	return reason
}

// failurePhrase returns the known text in the reason of a failed certificate, or else in its status.
func failurePhrase(reason, status string) (catalog.Phrase, bool) {
	for _, said := range []string{reason, status} {
		if p, ok := catalog.FindPhrase(said, "DOMAIN_011"); ok {
			return p, true
		}
	}
	return catalog.Phrase{}, false
}

func failureSteps(reason, status string) []string {
	if p, ok := failurePhrase(reason, status); ok {
		return p.Steps
	}
	return []string{"fix the reported reason"}
}

// CertificateNameUnissuableArgs are the arguments of certificate.name-unissuable.
type CertificateNameUnissuableArgs struct {
	Domain string `json:"domain"`
	Detail string `json:"detail,omitempty"` // the obstacle
}

// CertificateNameUnissuable is certificate.name-unissuable.
var CertificateNameUnissuable = catalog.Declare(catalog.Cause{
	ID: "certificate.name-unissuable", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 2,
	Title:    "no public authority issues certificates for this name",
	Codes:    []string{"DOMAIN_011"},
	Explains: links(CertificateFailed.ID, CertificatePending.ID, CertificateAbsent.ID),
	Description: "Certificates are issued for public host names only: no underscores, at most 64 octets in the first " +
		"name, valid Punycode, and a public suffix.",
	Detection: "The syntax of the name is checked.",
	Confused: "certificate.failed: here no request can succeed, however often it is repeated; " +
		"service.name-malformed, " +
		"where the name is not valid in DNS either.",
	Refs: []string{"RFC 5280 A.1", "RFC 1123 2.1", "RFC 5891 4.4"},
}, catalog.Text[CertificateNameUnissuableArgs]{
	Summary: func(a CertificateNameUnissuableArgs) string {
		return "no certificate can be issued for " + a.Domain + ": " + a.Detail
	},
	Why: func(CertificateNameUnissuableArgs) string {
		return "certificate authorities reject names that are not public host names"
	},
	Fix: func(CertificateNameUnissuableArgs) catalog.Fix {
		return catalog.Steps("attach the domain under a name that certificates can be issued for")
	},
	Example: CertificateNameUnissuableArgs{Domain: "my_shop.example.com", Detail: "it has an underscore"},
})

// CertificateRenewalBlockedArgs are the arguments of certificate.renewal-blocked.
type CertificateRenewalBlockedArgs struct {
	Domain   string           `json:"domain"`
	Status   string           `json:"status,omitempty"` // as the service reports it
	Detail   string           `json:"detail,omitempty"` // the obstacles
	NotAfter time.Time        `json:"notAfter,omitzero"`
	Records  []catalog.Record `json:"records,omitempty"` // the records that the renewal needs
	// Unseen are the reasons why the DNS host's panel may show these records although they are not visible.
	Unseen []catalog.Unseen `json:"unseen,omitempty"`
	// Unanswered is the name whose CAA records no server returns; empty if that is no obstacle.
	Unanswered string `json:"unanswered,omitempty"`
}

// CertificateRenewalBlocked is certificate.renewal-blocked.
var CertificateRenewalBlocked = catalog.Declare(catalog.Cause{
	ID: "certificate.renewal-blocked", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 4,
	Title: "the certificate is valid but cannot be renewed",
	Codes: []string{"DOMAIN_011"}, Explains: links(CertificateExpiresSoon.ID),
	Description: "The certificate is valid, but a requirement for its renewal is gone: the validation record was " +
		"deleted, CAA records now forbid it or cannot be looked up, or DNSSEC validation of the zone fails. It will " +
		"expire without further notice.",
	Detection: "Although the certificate is issued, the validation record is queried at the authoritative servers, " +
		"and " +
		"CAA and DNSSEC are checked.",
	Confused: "certificate.pending, where no certificate was issued yet; certificate.expires-soon, which looks only " +
		"at " +
		"the date.",
	Refs: []string{"RFC 8659 3", "https://docs.aws.amazon.com/acm/latest/userguide/dns-renewal-validation.html"},
}, catalog.Text[CertificateRenewalBlockedArgs]{
	Summary: func(a CertificateRenewalBlockedArgs) string {
		return fmt.Sprintf("the certificate for %s is valid until %s but cannot be renewed", a.Domain,
			catalog.Day(a.NotAfter))
	},
	Why: func(a CertificateRenewalBlockedArgs) string { return a.Detail },
	Fix: func(a CertificateRenewalBlockedArgs) catalog.Fix {
		f := catalog.Steps(
			fmt.Sprintf("restore what the renewal needs: it is attempted from %s on, and the certificate expires on %s",
				catalog.Day(a.NotAfter.Add(-45*24*time.Hour)), catalog.Day(a.NotAfter)))
		if a.Unanswered != "" {
			f.Steps = append(f.Steps, "ask your DNS host to answer queries for type CAA (257) about "+a.Unanswered+
				", or move the zone to a host that does")
			f.Commands = append(f.Commands, catalog.DigResolver(a.Unanswered, "CAA", ""))
		}
		for _, r := range a.Records {
			p := catalog.Publish(r)
			if r.Type == "CNAME" {
				p = catalog.PublishUnseen(r, a.Unseen)
			}
			f.Steps = append(f.Steps, p.Steps...)
			f.Records = append(f.Records, p.Records...)
			f.Commands = append(f.Commands, p.Commands...)
		}
		return f
	},
	Example: CertificateRenewalBlockedArgs{
		Domain: "shop.example.com", Detail: "its validation record _3f2a.shop.example.com is no longer published",
		NotAfter: exampleServed.NotAfter, Records: exampleValidation,
	},
})
