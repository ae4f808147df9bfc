package causes

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// AmazonCAA are the names any one of which lets Amazon issue a certificate (the ACM user guide lists these four).
var amazonCAA = [...]string{"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}

// AmazonCAA returns the four CAA names that let Amazon issue.
func AmazonCAA() []string { return amazonCAA[:] }

// CAAArgs are the arguments of the caa.* causes.
type CAAArgs struct {
	Domain  string   `json:"domain"`           // the name that needs a certificate
	At      string   `json:"at"`               // where the deciding CAA set stands
	Zone    string   `json:"zone,omitempty"`   // the zone of At
	Host    string   `json:"host,omitempty"`   // the DNS host of that zone
	Target  string   `json:"target,omitempty"` // the CNAME target whose set it is
	Set     []string `json:"set,omitempty"`    // the set, as in a zone file
	Tag     string   `json:"tag,omitempty"`    // the tag that decides, or is unknown
	Failure string   `json:"failure,omitempty"`
}

func (a CAAArgs) record(tag string) catalog.Record {
	return catalog.Record{
		Role: catalog.Certificate, Zone: a.Zone, Host: a.Host, Name: a.At, Type: "CAA",
		Value: `0 ` + tag + ` "amazon.com"`, TTL: 300,
	}
}

func (a CAAArgs) fixed(tag string) catalog.Fix {
	f := catalog.Publish(a.record(tag), fmt.Sprintf("keep the CAA records that are there at %s, and add one more",
		a.At))
	f.Steps = append(f.Steps, "then request the certificate again: a failed request is not repeated by itself")
	return f
}

// caaExplains is what follows when Amazon may not issue.
var caaExplains = []catalog.Link{
	{To: "certificate.pending"},
	{To: "certificate.failed"},
	{To: "certificate.absent"},
	{To: "certificate.renewal-blocked"},
	{To: "cdn.certificate-first"},
}

var exampleCAA = CAAArgs{
	Domain: "shop.example.com", At: "example.com", Zone: "example.com",
	Set: []string{`0 issue "letsencrypt.org"`}, Tag: "issue",
}

// CAAForbids is caa.forbids.
var CAAForbids = catalog.Declare(catalog.Cause{
	ID: "caa.forbids", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 7,
	Title:     "CAA records forbid the certificate",
	Codes:     []string{"DOMAIN_011", "DOMAIN_023"}, Explains: caaExplains,
	Description: "CAA records say which authorities may issue certificates for a name. The nearest set names others, " +
		"and not Amazon, whose certificates the platform uses.",
	Detection: "From the name upwards, the first non-empty CAA set decides; at each step CNAMEs are followed. It " +
		"names none of amazon.com, amazontrust.com, awstrust.com and amazonaws.com.",
	Confused: "certificate.authority-incident: retrying does not help while the set is as it is; caa.lookup-fails, " +
		"where no set could be read; caa.from-target, where the set is not the domain's own.",
	Refs: []string{"RFC 8659 3", "RFC 8659 4.2", "https://docs.aws.amazon.com/acm/latest/userguide/setup-caa.html"},
}, catalog.Text[CAAArgs]{
	Summary: func(a CAAArgs) string {
		return fmt.Sprintf("CAA records at %s forbid the certificate for %s", a.At, a.Domain)
	},
	Why: func(a CAAArgs) string {
		return fmt.Sprintf("the set at %s is %s and names none of %s", a.At, catalog.Join(a.Set),
			catalog.Join(AmazonCAA()))
	},
	Fix:     func(a CAAArgs) catalog.Fix { return a.fixed("issue") },
	Example: exampleCAA,
})

// CAAForbidsWildcard is caa.forbids-wildcard.
var CAAForbidsWildcard = catalog.Declare(catalog.Cause{
	ID: "caa.forbids-wildcard", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "CAA records forbid the wildcard certificate",
	Codes: []string{"DOMAIN_011", "DOMAIN_023"}, Explains: caaExplains,
	Description: "For a wildcard name an issuewild record takes the place of issue. The set has issuewild records, " +
		"and " +
		"none names Amazon.",
	Detection: "As caa.forbids, with the issuewild records of the deciding set.",
	Confused:  "caa.forbids: the issue records may well allow Amazon.",
	Refs:      []string{"RFC 8659 4.3"},
}, catalog.Text[CAAArgs]{
	Summary: func(a CAAArgs) string {
		return fmt.Sprintf("CAA records at %s forbid the wildcard certificate for %s", a.At, a.Domain)
	},
	Why: func(a CAAArgs) string {
		return fmt.Sprintf("the set at %s is %s; for a wildcard only its issuewild records count", a.At,
			catalog.Join(a.Set))
	},
	Fix: func(a CAAArgs) catalog.Fix { return a.fixed("issuewild") },
	Example: CAAArgs{
		Domain: "*.example.com", At: "example.com", Zone: "example.com",
		Set: []string{`0 issue "amazon.com"`, `0 issuewild ";"`}, Tag: "issuewild",
	},
})

// CAAFromTarget is caa.from-target.
var CAAFromTarget = catalog.Declare(catalog.Cause{
	ID: "caa.from-target", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant, catalog.CDNOperator},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "the CNAME target's CAA records forbid the certificate",
	Codes: []string{"DOMAIN_011", "DOMAIN_023"}, Explains: append([]catalog.Link{{To: "caa.forbids"}}, caaExplains...),
	Description: "A CAA look-up follows CNAMEs, so the set of the target decides, and the domain's own CAA records " +
		"further up are not asked.",
	Detection: "The CAA question for the name is answered through its CNAME, by a set that names none of Amazon's " +
		"four names.",
	Confused: "caa.forbids: changing the domain's own CAA records further up does not help.",
	Refs:     []string{"RFC 8659 3"},
}, catalog.Text[CAAArgs]{
	Summary: func(a CAAArgs) string {
		return fmt.Sprintf("CAA records at %s, where %s points to, forbid its certificate", a.At, a.Domain)
	},
	Why: func(a CAAArgs) string {
		return fmt.Sprintf("%s is a CNAME to %s, whose CAA set is %s", a.Domain, a.Target, catalog.Join(a.Set))
	},
	Fix: func(a CAAArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("point %s directly to the platform's target instead of %s", a.Domain, a.Target),
				"or ask whoever runs " + a.At + ` to add the CAA record 0 issue "amazon.com"`,
			},
			Commands: []string{catalog.DigResolver(a.Domain, "CAA", "")},
		}
	},
	Example: CAAArgs{
		Domain: "shop.example.com", At: "edge.example.net", Zone: "example.net",
		Target: "edge.example.net", Set: []string{`0 issue "digicert.com"`}, Tag: "issue",
	},
})

// CAACriticalUnknown is caa.critical-unknown.
var CAACriticalUnknown = catalog.Declare(catalog.Cause{
	ID: "caa.critical-unknown", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 1,
	Title: "a critical CAA record of an unknown kind forbids issuing",
	Codes: []string{"DOMAIN_011", "DOMAIN_023"}, Explains: append([]catalog.Link{
		{To: "caa.forbids"},
		{To: "caa.forbids-wildcard"},
	}, caaExplains...),
	Description: "A CAA record with the critical flag (128) and a tag that authorities do not know forbids them to " +
		"issue, whatever else the set says.",
	Detection: "The deciding CAA set holds such a record.",
	Confused:  "caa.forbids: Amazon may well be named in the set.",
	Refs:      []string{"RFC 8659 4.1"},
}, catalog.Text[CAAArgs]{
	Summary: func(a CAAArgs) string {
		return fmt.Sprintf("a critical CAA record %q at %s forbids every certificate", a.Tag, a.At)
	},
	Why: func(a CAAArgs) string { return "the set is " + catalog.Join(a.Set) },
	Fix: func(a CAAArgs) catalog.Fix {
		f := catalog.Fix{
			Steps: []string{fmt.Sprintf(
				"%s, delete the CAA record with the tag %q at %s, or correct its spelling",
				catalog.Where(catalog.Record{Zone: a.Zone, Host: a.Host}), a.Tag, a.At)},
			Commands: []string{catalog.DigResolver(a.At, "CAA", "")},
		}
		for _, v := range a.Set {
			if words := strings.Fields(v); len(words) > 1 && words[1] == a.Tag {
				r := a.record("")
				r.Value, r.TTL = v, 0
				f.Deletes = append(f.Deletes, r)
			}
		}
		return f
	},
	Example: CAAArgs{
		Domain: "shop.example.com", At: "example.com", Zone: "example.com",
		Set: []string{`128 isue "amazon.com"`}, Tag: "isue",
	},
})

// CAALookupFails is caa.lookup-fails.
var CAALookupFails = catalog.Declare(catalog.Cause{
	ID: "caa.lookup-fails", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.DNSHost}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the CAA question gets no proper answer",
	Codes:     []string{"DOMAIN_011", "DOMAIN_023"}, Explains: caaExplains,
	Description: "A certificate authority must ask for CAA records and may not issue while the question fails. Old " +
		"DNS " +
		"software fails on this type only, so everything else looks healthy.",
	Detection: "The zone's servers answer other questions, but time out, refuse, or answer SERVFAIL or NOTIMP for " +
		"type 257.",
	Confused: "caa.forbids, where the answer arrives and says no; delegation.unreachable, where no question is " +
		"answered. No CAA records at all is a proper answer, and allows everyone.",
	Refs: []string{"RFC 8659 6", "RFC 3597"},
}, catalog.Text[CAAArgs]{
	Summary: func(a CAAArgs) string {
		return "the servers of " + a.Zone + " fail on the CAA question, so no authority may issue"
	},
	Why: func(a CAAArgs) string {
		return fmt.Sprintf("asked for the CAA records of %s: %s; the same servers answer other questions", a.At,
			a.Failure)
	},
	Fix: func(a CAAArgs) catalog.Fix {
		return catalog.Fix{Steps: []string{"ask your DNS host to answer questions for type CAA (257), or move the " +
			"zone to one " +
			"that does"}, Commands: []string{catalog.DigResolver(a.At, "CAA", "")}}
	},
	Example: CAAArgs{
		Domain: "shop.example.com", At: "shop.example.com", Zone: "example.com",
		Failure: "ns1.example.net: SERVFAIL",
	},
})

// CertificateArgs are the arguments of the certificate.* causes.
type CertificateArgs struct {
	Domain    string           `json:"domain"`
	Status    string           `json:"status,omitempty"` // the service's
	Reason    string           `json:"reason,omitempty"` // the service's failure reason
	Detail    string           `json:"detail,omitempty"`
	Names     []string         `json:"names,omitempty"`     // what the certificate covers
	Issuer    string           `json:"issuer,omitempty"`    // who issued it
	Addresses []string         `json:"addresses,omitempty"` // where it was seen
	NotBefore time.Time        `json:"notBefore,omitzero"`
	NotAfter  time.Time        `json:"notAfter,omitzero"`
	Requested time.Time        `json:"requested,omitzero"`
	Records   []catalog.Record `json:"records,omitempty"` // the validation records
}

func (a CertificateArgs) where() string { return catalog.Join(a.Addresses) }

func (a CertificateArgs) fix(lines ...string) catalog.Fix {
	return catalog.Fix{Steps: lines, Commands: []string{shell.Command("openssl", "s_client", "-connect",
		a.Domain+":443",
		"-servername", a.Domain) + " </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName"}}
}

// wireExplains is what follows when browsers do not accept the certificate. An application that fails behind it fails
// by itself.
var wireExplains = []catalog.Link{{To: "http.unreachable"}, {To: "http.address-fails"}}

// edgeExplains is what follows when the CDN has no certificate for the name: it answers for itself.
var edgeExplains = append([]catalog.Link{{To: "http.server-error"}}, wireExplains...)

var exampleCertificate = CertificateArgs{
	Domain: "shop.example.com", Names: []string{"*.cloudfront.net"}, Issuer: "Amazon RSA 2048 M01",
	Addresses: []string{"192.0.2.1:443"},
	NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2026, 7, 18, 0, 0, 0, 0, time.UTC),
	Requested: time.Date(2026, 2, 20, 9, 0, 0, 0, time.UTC),
}

// CertificateAbsent is certificate.absent.
var CertificateAbsent = catalog.Declare(catalog.Cause{
	ID: "certificate.absent", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant, catalog.Platform},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "no certificate was ever requested",
	Codes: []string{"DOMAIN_012"}, Explains: append([]catalog.Link{
		{To: "certificate.default-served"},
		{To: "certificate.name-mismatch"},
		{To: "cdn.certificate-first"},
		{To: "cdn.not-attached"},
	}, edgeExplains...),
	Description: "The service holds no certificate for the domain, and the edge shows none for its name either.",
	Detection:   "The service answers DOMAIN_012 for the domain's certificate.",
	Confused: "certificate.pending: there a request is waiting; certificate.failed, where one was made and ended; " +
		"certificate.default-served, where the service has one and the edge does not use it.",
	Refs: []string{"Domains Service, error code DOMAIN_012", "Domains Service API, GET /domains/v1/{id}/ssl"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string { return "there is no certificate for " + a.Domain },
	Why: func(a CertificateArgs) string {
		s := "the service holds none"
		if a.Detail != "" {
			s += "; " + a.Detail
		}
		return s
	},
	Fix: func(CertificateArgs) catalog.Fix {
		return catalog.Steps("request one (POST /domains/v1/:id/ssl), then publish the validation record that it names")
	},
	Example: exampleCertificate,
})

// CertificatePending is certificate.pending.
var CertificatePending = catalog.Declare(catalog.Cause{
	ID: "certificate.pending", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 6,
	Title: "the certificate is requested, and not issued yet",
	Codes: []string{"DOMAIN_011", "DOMAIN_012"}, Explains: append([]catalog.Link{
		{To: "certificate.default-served"},
		{To: "certificate.name-mismatch"},
		{To: "cdn.certificate-first"},
		{To: "cdn.not-attached"},
	}, edgeExplains...),
	Description: "The certificate authority waits until it sees the validation record. After 72 hours it gives up, " +
		"and " +
		"the certificate must be requested anew.",
	Detection: "The service's certificate state is pending; the validation records were asked for at the " +
		"authoritative servers.",
	Confused: "certificate.failed: there a new request is needed; certificate.absent, where none was made; " +
		"cache.negative, when the validation record was published a moment ago.",
	Refs: []string{
		"https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html",
		"https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html",
	},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string {
		return "the certificate for " + a.Domain + " is requested, and not issued yet"
	},
	Why: func(a CertificateArgs) string {
		s := a.Detail
		if !a.Requested.IsZero() {
			s += fmt.Sprintf("; requested at %s, given up at %s", catalog.Clock(a.Requested),
				catalog.Clock(a.Requested.Add(72*time.Hour)))
		}
		return strings.TrimPrefix(s, "; ")
	},
	Fix: func(a CertificateArgs) catalog.Fix {
		f := catalog.Steps("keep the validation record in place and wait: the authority looks for it again and again")
		f.Records = a.Records
		for _, r := range a.Records {
			f.Commands = append(f.Commands, catalog.DigResolver(r.Name, r.Type, ""))
		}
		return f
	},
	Until: func(a CertificateArgs) *catalog.Until {
		if a.Requested.IsZero() {
			return nil
		}
		return &catalog.Until{
			Latest: a.Requested.Add(72 * time.Hour),
			Reason: "the certificate authority gives up 72 hours after the request",
		}
	},
	Example: func() CertificateArgs {
		a := exampleCertificate
		a.Status, a.Detail = "PENDING_VALIDATION", "the validation record is published; the authority has not looked yet"
		a.Records = []catalog.Record{{
			Role: catalog.Certificate, Zone: "example.com", Name: "_3f2a.shop.example.com", Type: "CNAME",
			Value: "_9a1b.acm-validations.aws", TTL: 300,
		}}
		return a
	}(),
})

// CertificateFailed is certificate.failed.
var CertificateFailed = catalog.Declare(catalog.Cause{
	ID: "certificate.failed", Rung: catalog.CertificateRung,
	Who: []catalog.Actor{catalog.Tenant, catalog.Platform, catalog.Authority}, Verdict: catalog.Fail,
	Frequency: 5,
	Title:     "the certificate authority refused",
	Codes:     []string{"DOMAIN_011", "DOMAIN_023"}, Explains: append([]catalog.Link{
		{To: "certificate.default-served"},
		{To: "certificate.name-mismatch"},
		{To: "cdn.certificate-first"},
		{To: "cdn.not-attached"},
	}, edgeExplains...),
	Description: "The request for a certificate ended without one. A failed request is never repeated: once its " +
		"reason " +
		"is mended, a new one is needed.",
	Detection: "The service reports the state and the authority's reason.",
	Confused: "certificate.pending, which still waits and needs no new request; caa.forbids and record.missing, " +
		"which are often its reason.",
	Refs: []string{"https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-cert-requests.html"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string {
		return "the certificate for " + a.Domain + " was not issued: " + a.Detail
	},
	Why: func(a CertificateArgs) string {
		s := "the service reports " + a.Status
		if a.Reason != "" {
			s += " (" + a.Reason + ")"
		}
		return s
	},
	Fix: func(a CertificateArgs) catalog.Fix {
		return catalog.Fix{Steps: append(failureSteps(a.Reason, a.Status),
			"then request a new certificate (POST /domains/v1/:id/ssl)"), Records: a.Records}
	},
	Example: func() CertificateArgs {
		a := exampleCertificate
		a.Status, a.Reason, a.Detail = "FAILED", "CAA_ERROR", FailureReason("CAA_ERROR", "FAILED")
		return a
	}(),
})

// FailureReason explains a failure reason of ACM in words; status is used where there is no reason.
func FailureReason(reason, status string) string {
	switch strings.ToUpper(reason) {
	case "CAA_ERROR":
		return "CAA records forbade it, or could not be read"
	case "ADDITIONAL_VERIFICATION_REQUIRED":
		return "the authority wants to check the name by hand"
	case "DOMAIN_NOT_ALLOWED":
		return "the authority does not issue for this name"
	case "INVALID_PUBLIC_DOMAIN":
		return "the name is not a public domain"
	case "DOMAIN_VALIDATION_DENIED":
		return "the validation was denied"
	case "NO_AVAILABLE_CONTACTS":
		return "nobody could be reached by e-mail to approve it"
	case "SLR_NOT_FOUND", "OTHER":
		return "the platform's integration with the authority failed"
	}
	if strings.HasPrefix(strings.ToUpper(reason), "PCA_") {
		return "the platform's private authority refused"
	}
	if strings.EqualFold(status, "VALIDATION_TIMED_OUT") {
		return "the validation record was not seen within 72 hours"
	}
	if strings.EqualFold(status, "REVOKED") {
		return "it was revoked"
	}
	if reason == "" {
		return "no reason is given"
	}
	return reason
}

func failureSteps(reason, status string) []string {
	switch strings.ToUpper(reason) {
	case "CAA_ERROR":
		return []string{"check the CAA records of the domain and of every name above it"}
	case "ADDITIONAL_VERIFICATION_REQUIRED", "DOMAIN_NOT_ALLOWED":
		return []string{"ask the platform's support to open a case with the certificate authority"}
	case "INVALID_PUBLIC_DOMAIN":
		return []string{"check the spelling of the name, and that it is registered"}
	case "SLR_NOT_FOUND", "OTHER":
		return []string{"the platform repairs this; nothing in DNS needs a change"}
	}
	if strings.EqualFold(status, "VALIDATION_TIMED_OUT") {
		return []string{"publish the validation record first and keep it there"}
	}
	return []string{"mend what the reason names"}
}

// CertificateNameUnissuable is certificate.name-unissuable.
var CertificateNameUnissuable = catalog.Declare(catalog.Cause{
	ID: "certificate.name-unissuable", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 2,
	Title: "no public authority issues for such a name",
	Codes: []string{"DOMAIN_011"}, Explains: []catalog.Link{
		{To: "certificate.failed"},
		{To: "certificate.pending"},
		{To: "certificate.absent"},
	},
	Description: "Certificates are issued for public host names only: no underscore, at most 64 octets for the first " +
		"name, valid punycode, and a public ending.",
	Detection: "The form of the name is checked.",
	Confused: "certificate.failed: here no request can succeed, however often it is made; service.name-malformed, " +
		"where the DNS cannot have the name either.",
	Refs: []string{"RFC 5280 A.1", "RFC 1123 2.1", "RFC 5891 4.4"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string {
		return "no certificate can be issued for " + a.Domain + ": " + a.Detail
	},
	Why:     func(CertificateArgs) string { return "certificate authorities check the form of the name first" },
	Fix:     func(CertificateArgs) catalog.Fix { return catalog.Steps("attach the domain under a name without this") },
	Example: CertificateArgs{Domain: "my_shop.example.com", Detail: "it has an underscore"},
})

// CertificateDefaultServed is certificate.default-served.
var CertificateDefaultServed = catalog.Declare(catalog.Cause{
	ID: "certificate.default-served", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "the edge shows its own certificate for this name",
	Codes: []string{"DOMAIN_012", "DOMAIN_013"}, Explains: append([]catalog.Link{
		{To: "cdn.not-attached"},
		{To: "certificate.name-mismatch"},
	}, edgeExplains...),
	Description: "Traffic reaches the CDN, but the CDN does not know the name: it answers with the certificate of " +
		"its " +
		"own domain.",
	Detection: "The handshake with the domain's name (SNI) gets a certificate whose names are all the CDN's.",
	Confused: "certificate.name-mismatch, where the certificate is somebody's own; cdn.not-attached, which is the " +
		"same seen in the page; certificate.absent, where the service has none to show.",
	Refs: []string{"RFC 6066 3", "RFC 9525 6.3"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string {
		return "the CDN answers " + a.Domain + " with its own certificate: it does not know the name"
	},
	Why: func(a CertificateArgs) string {
		return fmt.Sprintf("%s shows a certificate for %s", a.where(), catalog.Join(a.Names))
	},
	Fix: func(a CertificateArgs) catalog.Fix {
		return a.fix("the platform must attach the name to its CDN distribution, with a certificate that covers it",
			"if DNS points to another distribution than the service names, correct that first")
	},
	Example: exampleCertificate,
})

// CertificateNameMismatch is certificate.name-mismatch.
var CertificateNameMismatch = catalog.Declare(catalog.Cause{
	ID: "certificate.name-mismatch", Rung: catalog.CertificateRung,
	Who: []catalog.Actor{catalog.Tenant, catalog.Platform}, Verdict: catalog.Fail, Frequency: 5,
	Title: "the certificate does not cover the name",
	Codes: []string{"DOMAIN_012"}, Explains: edgeExplains,
	Description: "The certificate that the server shows is for other names. A wildcard covers exactly one label, and " +
		"not the bare name.",
	Detection: "The subject alternative names of the certificate from each address are compared with the name.",
	Confused: "certificate.default-served, where the CDN shows its own; record.cname-wrong-target, where another " +
		"host answers with its own certificate.",
	Refs: []string{"RFC 9525 6.3"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string {
		return "the certificate at " + a.where() + " does not cover " + a.Domain
	},
	Why: func(a CertificateArgs) string { return "it covers " + catalog.Join(a.Names) },
	Fix: func(a CertificateArgs) catalog.Fix {
		return a.fix("request a certificate that also names "+a.Domain,
			"if another server should answer, correct the address in DNS")
	},
	Example: exampleCertificate,
})

// CertificateExpired is certificate.expired.
var CertificateExpired = catalog.Declare(catalog.Cause{
	ID: "certificate.expired", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "the certificate has expired",
	Codes: []string{"DOMAIN_012", "DOMAIN_019"}, Explains: wireExplains,
	Description: "The certificate's end has passed. Browsers refuse it.",
	Detection:   "The dates of the certificate from each address, judged by this machine's clock.",
	Confused: "registration.expired, which is about the domain's date; vantage.clock-skew: a fast clock makes good " +
		"certificates look so; certificate.not-yet-valid, the other end.",
	Refs: []string{"RFC 5280 4.1.2.5"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string {
		return fmt.Sprintf("the certificate for %s expired on %s", a.Domain, catalog.Day(a.NotAfter))
	},
	Why: func(a CertificateArgs) string { return "seen at " + a.where() + ", issued by " + a.Issuer },
	Fix: func(a CertificateArgs) catalog.Fix {
		return a.fix("renew it: the platform does so by itself while the validation record is in place",
			"at a server of your own: renew the certificate there")
	},
	Example: exampleCertificate,
})

// CertificateNotYetValid is certificate.not-yet-valid.
var CertificateNotYetValid = catalog.Declare(catalog.Cause{
	ID: "certificate.not-yet-valid", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 1,
	Title: "the certificate is not valid yet",
	Codes: []string{"DOMAIN_012", "DOMAIN_019"}, Explains: wireExplains,
	Description: "The certificate begins in the future.",
	Detection:   "The dates of the certificate from each address, judged by this machine's clock.",
	Confused: "vantage.clock-skew: a slow clock makes every new certificate look so; certificate.expired, the other " +
		"end.",
	Refs: []string{"RFC 5280 4.1.2.5"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string {
		return fmt.Sprintf("the certificate for %s is not valid before %s", a.Domain, catalog.Clock(a.NotBefore))
	},
	Why: func(a CertificateArgs) string { return "seen at " + a.where() + ", issued by " + a.Issuer },
	Fix: func(a CertificateArgs) catalog.Fix {
		return a.fix("check the clock of the server, and of this machine",
			"otherwise wait until "+catalog.Clock(a.NotBefore))
	},
	Example: exampleCertificate,
})

// CertificateExpiresSoon is certificate.expires-soon.
var CertificateExpiresSoon = catalog.Declare(catalog.Cause{
	ID: "certificate.expires-soon", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Warn, Frequency: 2,
	Title:       "the certificate ends in less than 14 days",
	Codes:       []string{"DOMAIN_012", "DOMAIN_019"},
	Description: "Renewal happens about 45 days before the end, so one that is this close has most likely failed.",
	Detection:   "The dates of the certificate from each address.",
	Confused: "registration.expires-soon, which is about the domain's date; certificate.renewal-blocked, where the " +
		"obstacle is known.",
	Refs: []string{"RFC 5280 4.1.2.5"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string {
		return fmt.Sprintf("the certificate for %s ends on %s and has not been renewed", a.Domain,
			catalog.Day(a.NotAfter))
	},
	Why: func(a CertificateArgs) string { return "seen at " + a.where() + ", issued by " + a.Issuer },
	Fix: func(a CertificateArgs) catalog.Fix {
		f := a.fix("check that the validation record is still published: renewal needs it")
		f.Records = a.Records
		return f
	},
	Example: exampleCertificate,
})

// CertificateUntrusted is certificate.untrusted.
var CertificateUntrusted = catalog.Declare(catalog.Cause{
	ID: "certificate.untrusted", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "browsers do not trust the certificate",
	Codes: []string{"DOMAIN_012"}, Explains: wireExplains,
	Description: "The certificate is self-signed, comes from an unknown authority, or its chain lacks a link.",
	Detection:   "The chain that each address shows is verified with the system's roots.",
	Confused: "vantage.tls-intercepted, where this network replaces every certificate; " +
		"certificate.authority-incident, where the authority is at fault for all its customers; " +
		"certificate.name-mismatch, where the authority is known and the name is another.",
	Refs: []string{"RFC 5280 6.1"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string { return "browsers do not trust the certificate at " + a.where() },
	Why:     func(a CertificateArgs) string { return a.Detail + "; issued by " + a.Issuer },
	Fix: func(a CertificateArgs) catalog.Fix {
		return a.fix(
			"if a server of yours answers there, install a certificate of a public authority with its whole chain",
			"if the platform should answer, correct the address in DNS")
	},
	Example: func() CertificateArgs {
		a := exampleCertificate
		a.Detail = "it is self-signed"
		return a
	}(),
})

// CertificateAddressesDiffer is certificate.addresses-differ.
var CertificateAddressesDiffer = catalog.Declare(catalog.Cause{
	ID: "certificate.addresses-differ", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 2,
	Title:       "the addresses show different certificates",
	Codes:       []string{"DOMAIN_012", "DOMAIN_019"},
	Description: "Visitors get one certificate or another, by chance: some of the addresses belong to another server.",
	Detection:   "The handshake is made with every address on its own.",
	Confused: "record.stray-address, which is its usual reason; certificate.name-mismatch, where every address " +
		"shows the same wrong one.",
	Refs: []string{"RFC 8305 5", "RFC 9525 6.3"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string { return "the addresses of " + a.Domain + " show different certificates" },
	Why:     func(a CertificateArgs) string { return a.Detail },
	Fix: func(a CertificateArgs) catalog.Fix {
		return a.fix("remove the addresses that do not belong to the platform from DNS")
	},
	Example: func() CertificateArgs {
		a := exampleCertificate
		a.Detail = "192.0.2.1:443 shows shop.example.com by Amazon RSA 2048 M01; 198.51.100.9:443 shows " +
			"shop.example.com by R11"
		return a
	}(),
})

// CertificateHandshakeFails is certificate.handshake-fails.
var CertificateHandshakeFails = catalog.Declare(catalog.Cause{
	ID: "certificate.handshake-fails", Rung: catalog.CertificateRung,
	Who: []catalog.Actor{catalog.Tenant, catalog.CDNOperator}, Verdict: catalog.Fail, Frequency: 2,
	Title: "the server accepts connections, but no TLS",
	Codes: []string{"DOMAIN_011", "DOMAIN_012", "DOMAIN_019"}, Explains: edgeExplains,
	Description: "A connection opens on port 443, and the handshake fails: something that is no web server listens " +
		"there, or it knows no certificate for the name.",
	Detection: "TCP connects, and the TLS handshake with the domain's name ends in an error.",
	Confused: "http.unreachable, where no connection opens; certificate.untrusted, where the handshake ends and the " +
		"certificate is refused.",
	Refs: []string{"RFC 8446 6.2"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string { return a.where() + " accepts connections, but the TLS handshake fails" },
	Why:     func(a CertificateArgs) string { return a.Detail },
	Fix: func(a CertificateArgs) catalog.Fix {
		return a.fix("if a server of yours answers there, give it a certificate for "+a.Domain,
			"if the platform should answer, correct the address in DNS")
	},
	Example: func() CertificateArgs {
		a := exampleCertificate
		a.Detail = "remote error: tls: unrecognized name"
		return a
	}(),
})

// CertificateRenewalBlocked is certificate.renewal-blocked.
var CertificateRenewalBlocked = catalog.Declare(catalog.Cause{
	ID: "certificate.renewal-blocked", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Warn, Frequency: 4,
	Title: "the certificate works today and cannot be renewed",
	Codes: []string{"DOMAIN_011"}, Explains: []catalog.Link{{To: "certificate.expires-soon"}},
	Description: "The certificate is valid, but what its renewal needs is gone: the validation record was deleted, " +
		"CAA " +
		"records now forbid it, or the zone's signatures fail. It will end, and nobody will notice before.",
	Detection: "The validation record is asked for at the source, and the CAA rules and DNSSEC are applied, although " +
		"the certificate is issued.",
	Confused: "certificate.pending, where nothing was issued yet; certificate.expires-soon, which looks at the date " +
		"only.",
	Refs: []string{"RFC 8659 3", "https://docs.aws.amazon.com/acm/latest/userguide/dns-renewal-validation.html"},
}, catalog.Text[CertificateArgs]{
	Summary: func(a CertificateArgs) string {
		return fmt.Sprintf("the certificate for %s is valid until %s, and cannot be renewed", a.Domain,
			catalog.Day(a.NotAfter))
	},
	Why: func(a CertificateArgs) string { return a.Detail },
	Fix: func(a CertificateArgs) catalog.Fix {
		f := catalog.Steps("put back what the renewal needs, before " + catalog.Day(a.NotAfter.Add(-45*24*time.Hour)))
		for _, r := range a.Records {
			p := catalog.Publish(r)
			f.Steps = append(f.Steps, p.Steps...)
			f.Records = append(f.Records, p.Records...)
			f.Commands = append(f.Commands, p.Commands...)
		}
		return f
	},
	Example: func() CertificateArgs {
		a := exampleCertificate
		a.Detail = "its validation record _3f2a.shop.example.com is no longer published"
		a.Records = []catalog.Record{{
			Role: catalog.Certificate, Zone: "example.com", Name: "_3f2a.shop.example.com", Type: "CNAME",
			Value: "_9a1b.acm-validations.aws", TTL: 300,
		}}
		return a
	}(),
})
