package causes

import (
	"fmt"

	"domdoc/catalog"
)

// Said is a message that gives the reason of a failure, of the service or in a ticket: the arguments of the causes
// that such messages show.
type Said struct {
	Domain  string   `json:"domain"`
	Code    string   `json:"code,omitempty"`    // the error code of the message
	Status  string   `json:"status,omitempty"`  // the status of the CDN, as the service reports it
	Text    string   `json:"text,omitempty"`    // the message
	Ticket  bool     `json:"ticket,omitempty"`  // the code and the message are those of a ticket, in its writer's words
	Meaning string   `json:"meaning,omitempty"` // what the provider means by it
	Steps   []string `json:"steps,omitempty"`
	Source  string   `json:"source,omitempty"` // the provider's document, and when it was read
	// Who takes the steps, if not the first actor of the cause.
	Who catalog.Actor `json:"who,omitempty"`
	// Predicted are the codes that the message predicts if it has none.
	Predicted []string `json:"predicts,omitempty"`
}

// SaidBy fills in the meaning of a known phrase.
func (a Said) SaidBy(p catalog.Phrase) Said {
	a.Who = p.Owner
	a.Meaning, a.Steps, a.Source = p.Meaning, p.Steps, p.Source+" (read "+catalog.PhrasesRead+")"
	return a
}

// Owner returns who takes the steps.
func (a Said) Owner() catalog.Actor { return a.Who }

func (a Said) why() string {
	if a.Ticket {
		return a.whyTicket()
	}
	s := "the service reports"
	if a.Code != "" {
		s += " " + a.Code
	}
	if a.Status != "" {
		if a.Code != "" {
			s += " and"
		}
		s += " the CDN status " + a.Status
	}
	if a.Text != "" {
		s += ": " + catalog.Quote(a.Text)
	}
	if a.Source != "" {
		s += "; known from " + a.Source
	}
	return s
}

// whyTicket keeps what the service reports and what the ticket says apart.
func (a Said) whyTicket() string {
	s := "the ticket says " + catalog.Quote(a.Text)
	if a.Status != "" {
		s = "the service reports the CDN status " + a.Status + ", and " + s
	}
	if a.Source != "" {
		s += "; known from " + a.Source
	}
	return s
}

func (a Said) fix() catalog.Fix { return catalog.Steps(a.Steps...) }

// examplePhrase returns an example with a known text. To find it compiles many patterns, so it is made when needed.
func examplePhrase(text, code string) func() Said {
	return func() Said {
		p, _ := catalog.FindPhrase(text, code)
		return Said{Domain: "shop.example.com", Code: code, Text: text}.SaidBy(p)
	}
}

const cnameRules = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html"

// cdnRefused is what follows if the CDN refuses the name.
var cdnRefused = links(CertificateDefaultServed.ID, CDNNotAttached.ID, CDNProvisioning.ID, "http.*")

// CDNAliasTaken is cdn.alias-taken.
var CDNAliasTaken = catalog.Declare(catalog.Cause{
	ID: "cdn.alias-taken", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Tenant, catalog.Platform},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "another CDN distribution holds the name",
	Codes: []string{"DOMAIN_013", "DOMAIN_021"}, Explains: cdnRefused,
	Description: "A CloudFront distribution other than the platform's has the name, often one of a former hosting " +
		"service or another AWS account. The CDN refuses the name even if DNS is correct.",
	Detection: "The service reports that the CDN failed, or the domain is not served. The message contains a known " +
		"text with which CloudFront refuses a name that another distribution has.",
	Confused: "cdn.alias-elsewhere, where DNS points to the other distribution; cdn.certificate-first, where the " +
		"certificate is missing.",
	Refs: []string{cnameRules, "https://repost.aws/knowledge-center/resolve-cnamealreadyexists-error"},
}, catalog.Text[Said]{
	Summary: func(a Said) string {
		return fmt.Sprintf("the CDN refuses %s: %s", a.Domain, a.Meaning)
	},
	Why: Said.why,
	Fix: Said.fix,
	ExampleOf: examplePhrase("One or more of the CNAMEs you provided are already associated with a different resource",
		"DOMAIN_021"),
})

// CDNCertificateRejected is cdn.certificate-rejected.
var CDNCertificateRejected = catalog.Declare(catalog.Cause{
	ID: "cdn.certificate-rejected", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "the CDN does not accept the certificate",
	Codes: []string{"DOMAIN_013", "DOMAIN_021"}, Explains: cdnRefused,
	Description: "CloudFront accepts a name only with an issued certificate in us-east-1 that covers it. The one " +
		"that " +
		"the platform attached does not meet these requirements.",
	Detection: "The service reports that the CDN failed, or the domain is not served. The message contains a known " +
		"text with which CloudFront refuses a certificate.",
	Confused: "cdn.certificate-first, where the service has no issued certificate; certificate.name-mismatch, where " +
		"visitors see the wrong certificate.",
	Refs: []string{"https://repost.aws/knowledge-center/cloudfront-invalid-viewer-certificate"},
}, catalog.Text[Said]{
	Summary:   func(a Said) string { return fmt.Sprintf("the CDN refuses %s: %s", a.Domain, a.Meaning) },
	Why:       Said.why,
	Fix:       Said.fix,
	ExampleOf: examplePhrase("InvalidViewerCertificate", "DOMAIN_021"),
})

// CDNFailed is cdn.failed.
var CDNFailed = catalog.Declare(catalog.Cause{
	ID: "cdn.failed", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Platform}, Verdict: catalog.Fail, Frequency: 3,
	Title: "the CDN could not be set up",
	Codes: []string{"DOMAIN_013", "DOMAIN_021"}, Explains: cdnRefused,
	Description: "The service reports that the CDN could not be set up for the name, without a known reason. Waiting " +
		"does not help.",
	Detection: "The status of the domain's CDN in the service is a failure.",
	Confused: "cdn.provisioning, which clears without action; cdn.alias-taken, where the service says that another " +
		"distribution has the name.",
	Refs: []string{"Domains Service API, GET /domains/v1/{id}", "Domains Service, error code DOMAIN_021"},
}, catalog.Text[Said]{
	Summary: func(a Said) string { return "the CDN for " + a.Domain + " could not be set up" },
	Why:     Said.why,
	Fix: func(a Said) catalog.Fix {
		return curlFix(a.Domain, "", "let the platform try again; if it fails again, send its support the request ID of "+
			"the service's answer", "no DNS change is needed for this")
	},
	Example: Said{Domain: "shop.example.com", Status: "FAILED", Text: "CDN integration failed"},
})

// ServiceIntegrationRefused is service.integration-refused.
var ServiceIntegrationRefused = catalog.Declare(catalog.Cause{
	ID: "service.integration-refused", Rung: catalog.Service, Who: []catalog.Actor{catalog.Platform},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "a provider refused the platform's own request",
	Codes: []string{"DOMAIN_011", "DOMAIN_013", "DOMAIN_020", "DOMAIN_021", "DOMAIN_022", "DOMAIN_023"},
	Description: "The platform's account at a provider (CDN, certificate authority, registrar, DNS) was throttled, " +
		"has " +
		"reached a limit or lacks a permission. The domain has no fault.",
	Detection: "The reported message contains a known text with which a provider refuses an account, not a domain.",
	Confused: "service.integration-incident, where several domains report the same code; cdn.alias-taken and " +
		"certificate.failed, where the refusal is about the domain.",
	Refs: []string{
		"https://docs.aws.amazon.com/cloudfront/latest/APIReference/CommonErrors.html", "RFC 5730 3",
	},
}, catalog.Text[Said]{
	Summary: func(a Said) string {
		return fmt.Sprintf("a provider refused the platform's request for %s: %s", a.Domain, a.Meaning)
	},
	Why:       Said.why,
	Fix:       Said.fix,
	ExampleOf: examplePhrase("ThrottlingException: Rate exceeded", "DOMAIN_022"),
})

// Codes narrows a finding to the code of the message.
func (a Said) Codes() []string {
	if a.Code == "" {
		return a.Predicted
	}
	return []string{a.Code}
}

// RegistrationAuthCodeRejected is registration.auth-code-rejected.
var RegistrationAuthCodeRejected = catalog.Declare(catalog.Cause{
	ID: "registration.auth-code-rejected", Rung: catalog.Registration, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 5, Needs: "the registry's answer",
	Title: "the registry rejected the authorization code",
	Codes: []string{"DOMAIN_016", "DOMAIN_018", "DOMAIN_020"},
	Description: "The registry answered that the authorization code of the transfer is not valid. Only the registry " +
		"can verify a well-formed code.",
	Detection: "The transfer in the service, or the reported message, contains a known text with which registries " +
		"and " +
		"registrars reject a code.",
	Confused: "registration.auth-code-malformed, where the form of the code is wrong; registration.transfer-locked, " +
		"which some registries report in the same way.",
	Refs: []string{"RFC 5730 3", "RFC 9154"},
}, catalog.Text[Said]{
	Summary:   func(a Said) string { return "the transfer of " + a.Domain + " was refused: " + a.Meaning },
	Why:       Said.why,
	Fix:       Said.fix,
	ExampleOf: examplePhrase("Invalid authorization information", "DOMAIN_018"),
})

// RegistrationTransferRefused is registration.transfer-refused.
var RegistrationTransferRefused = catalog.Declare(catalog.Cause{
	ID: "registration.transfer-refused", Rung: catalog.Registration,
	Who:     []catalog.Actor{catalog.Tenant, catalog.RegistrarActor},
	Verdict: catalog.Fail, Frequency: 4,
	Title: "the registry or registrar refused the transfer",
	Codes: []string{"DOMAIN_016", "DOMAIN_020"},
	Description: "The registry or the current registrar refused the transfer and gave the reason, which the " +
		"registration may no longer show.",
	Detection: "The transfer in the service, or the reported message, contains a known text with which registries " +
		"and " +
		"registrars refuse a transfer.",
	Confused: "registration.transfer-locked and registration.transfer-too-young, which the registration still shows; " +
		"registration.auth-code-rejected, where the code is wrong.",
	Refs: []string{
		"RFC 5730 3", "RFC 5731 3.2.4",
		"https://www.icann.org/resources/pages/transfer-policy-2016-06-01-en",
	},
}, catalog.Text[Said]{
	Summary:   func(a Said) string { return "the transfer of " + a.Domain + " was refused: " + a.Meaning },
	Why:       Said.why,
	Fix:       Said.fix,
	ExampleOf: examplePhrase("The current registrar rejected the transfer request", "DOMAIN_016"),
})

// RecordUnseenArgs are the arguments of service.record-unseen.
type RecordUnseenArgs struct {
	Record    catalog.Record `json:"record"`
	Code      string         `json:"code"`
	At        string         `json:"at"`                  // when the service did not see the record
	Resolvers []string       `json:"resolvers,omitempty"` // those that see it
	RequestID string         `json:"requestId,omitempty"`
	// Flattened reports that the DNS host answers with the addresses of the CNAME's target instead of the CNAME.
	Flattened bool `json:"flattened,omitempty"`
}

// Codes narrows the finding to the reported code.
func (a RecordUnseenArgs) Codes() []string { return []string{a.Code} }

// ServiceRecordUnseen is service.record-unseen.
var ServiceRecordUnseen = catalog.Declare(catalog.Cause{
	ID: "service.record-unseen", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Tenant, catalog.Platform},
	Verdict: catalog.Warn, Frequency: 4,
	Title: "only the service did not see the record",
	Codes: []string{"DOMAIN_004", "DOMAIN_010"},
	Description: "A short time ago the service did not find a record that every authoritative server and every " +
		"public " +
		"resolver returns now. Either it was published after that, or the service's own resolver has an old answer " +
		"cached.",
	Detection: "The service reported the failure more recently than the time that it waits, and the record is now " +
		"correct everywhere.",
	Confused: "record.missing, where the record is not published; cache.negative, where a public resolver has the " +
		"negative answer cached; cache.window-too-long, where the zone lets resolvers cache it for too long.",
	Refs: []string{"Domains Service, error code DOMAIN_004", "RFC 2308 5"},
}, catalog.Text[RecordUnseenArgs]{
	Summary: func(a RecordUnseenArgs) string {
		if a.Flattened {
			return fmt.Sprintf("the service did not see %s at %s, which %s flattens", catalog.Named(a.Record), a.At,
				a.Record.Host)
		}
		return fmt.Sprintf("the service did not see %s at %s, but every server and resolver returns it now",
			catalog.Named(a.Record), a.At)
	},
	Why: func(a RecordUnseenArgs) string {
		s := "all authoritative servers and " + catalog.Join(a.Resolvers) + " have the expected value"
		if a.Flattened {
			s = "all authoritative servers have the addresses of " + a.Record.Value + ", and none shows the CNAME"
		}
		if a.RequestID != "" {
			s += "; the request ID is " + a.RequestID
		}
		return s
	},
	Fix: func(a RecordUnseenArgs) catalog.Fix {
		if a.Flattened {
			u := catalog.Unseen{ID: catalog.UnseenFlattened, Whole: true, Likely: true}
			return catalog.Fix{
				Steps: append(u.Steps(a.Record),
					"then ask the service to verify again (POST /domains/v1/:id/verify); if it fails again, send this "+
						"report to "+
						"its support"),
				Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
			}
		}
		return catalog.Fix{
			Steps: []string{
				"change nothing in DNS; ask the service to verify again (POST /domains/v1/:id/verify)",
				"if it fails again, send this report to the service's support: the fault is then on the service's side",
			},
			Commands: []string{catalog.DigResolver(a.Record.Name, a.Record.Type, "")},
		}
	},
	Example: RecordUnseenArgs{
		Record: exampleVerification, Code: "DOMAIN_004", At: "14:26 UTC", Resolvers: []string{"8.8.8.8", "1.1.1.1"},
	},
})
