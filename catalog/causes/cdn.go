package causes

import (
	"fmt"

	"domdoc/catalog"
)

// CDNAliasElsewhereArgs are the arguments of cdn.alias-elsewhere.
type CDNAliasElsewhereArgs struct {
	Domain string `json:"domain"`
	Target string `json:"target,omitempty"` // where DNS points
	Wanted string `json:"wanted,omitempty"` // where it should point
}

// CDNAliasElsewhere is cdn.alias-elsewhere.
var CDNAliasElsewhere = catalog.Declare(catalog.Cause{
	ID: "cdn.alias-elsewhere", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the name points to another CDN distribution",
	Codes:     []string{"DOMAIN_013"},
	Explains: links(CertificateDefaultServed.ID, CertificateNameMismatch.ID, CDNNotAttached.ID,
		RecordCNAMEWrongTarget.ID, CDNAliasTaken.ID, CDNFailed.ID, CDNCertificateRejected.ID, "http.*"),
	Description: "The CNAME points to a CloudFront distribution that does not belong to the platform. CloudFront " +
		"rejects the same name on a second distribution.",
	Detection: "The CNAME chain ends at a cloudfront.net name other than the one the service lists.",
	Confused: "record.cname-wrong-target, where the target is not a CDN; cdn.not-attached, where the distribution is " +
		"the right one.",
	Refs: []string{
		"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html",
	},
}, catalog.Text[CDNAliasElsewhereArgs]{
	Summary: func(a CDNAliasElsewhereArgs) string {
		return fmt.Sprintf("%s points to the CDN distribution %s, which does not belong to the platform", a.Domain,
			a.Target)
	},
	Why: func(a CDNAliasElsewhereArgs) string {
		return fmt.Sprintf("%s is expected; a CDN accepts a name on one distribution only, so attaching it fails with "+
			"DOMAIN_013", a.Wanted)
	},
	Fix: func(a CDNAliasElsewhereArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				"point the CNAME to " + a.Wanted,
				"remove the name from the other distribution, in whichever account it is",
				"then let the platform try again",
			},
			Commands: []string{catalog.DigResolver(a.Domain, "CNAME", "")},
		}
	},
	Example: CDNAliasElsewhereArgs{
		Domain: "shop.example.com", Target: "d222222abcdef8.cloudfront.net", Wanted: "d111111abcdef8.cloudfront.net",
	},
})

// CDNNotAttached is cdn.not-attached.
var CDNNotAttached = catalog.Declare(catalog.Cause{
	ID: "cdn.not-attached", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Platform}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the host is not attached to the CDN",
	Codes:     []string{"DOMAIN_013", "DOMAIN_021"}, Explains: links("http.*"),
	Description: "The request reaches the CDN, which answers that no distribution serves this host.",
	Detection:   "The answer is HTTP 403 or 421, in the form that the CDN uses for unknown hosts.",
	Confused: "http.blocked, where the site itself refuses; cdn.provisioning, which clears without action; " +
		"cdn.certificate-first, where the certificate is missing.",
	Refs: []string{
		"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html",
		"RFC 9110 15.5.20",
	},
}, catalog.Text[PageAnswer]{
	Summary: func(a PageAnswer) string { return "the CDN answers that " + a.Domain + " is not attached to it" },
	Why:     PageAnswer.answered,
	Fix: func(a PageAnswer) catalog.Fix {
		return a.curlFix("the platform must attach the name to its distribution once the certificate is issued",
			"no DNS change is needed")
	},
	Example: PageAnswer{
		Domain: "shop.example.com", URL: "https://shop.example.com/", Status: 403, Server: "CloudFront",
		Detail: "the page says \"Bad request. We can't connect to the server for this app or website\"",
	},
})

// CDNProvisioningArgs are the arguments of cdn.provisioning.
type CDNProvisioningArgs struct {
	Domain string `json:"domain"`
	Detail string `json:"detail,omitempty"` // the status that the service reports
}

// CDNProvisioning is cdn.provisioning.
var CDNProvisioning = catalog.Declare(catalog.Cause{
	ID: "cdn.provisioning", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Wait}, Verdict: catalog.Warn, Frequency: 4,
	Title:       "the CDN is still being set up",
	Codes:       []string{"DOMAIN_013"},
	Explains:    links(CertificateDefaultServed.ID, CDNNotAttached.ID, "http.*"),
	Description: "A CDN takes a few minutes to deploy a new name to its edge locations.",
	Detection:   "The service reports that the distribution is still deploying.",
	Confused:    "cdn.not-attached, where waiting does not help.",
	Refs: []string{
		"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HowToUpdateDistribution.html",
	},
}, catalog.Text[CDNProvisioningArgs]{
	Summary: func(a CDNProvisioningArgs) string { return "the CDN for " + a.Domain + " is still being set up" },
	Why:     func(a CDNProvisioningArgs) string { return "the service reports the CDN status " + a.Detail },
	Fix: func(a CDNProvisioningArgs) catalog.Fix {
		return curlFix(a.Domain, "", "wait a few minutes and check again; no change is needed")
	},
	Example: CDNProvisioningArgs{Domain: "shop.example.com", Detail: "DEPLOYING"},
})

// CDNCertificateFirstArgs are the arguments of cdn.certificate-first.
type CDNCertificateFirstArgs struct {
	Domain string `json:"domain"`
	Detail string `json:"detail,omitempty"` // the state of the certificate
}

// CDNCertificateFirst is cdn.certificate-first.
var CDNCertificateFirst = catalog.Declare(catalog.Cause{
	ID: "cdn.certificate-first", Rung: catalog.CDN, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the CDN needs the certificate first",
	Codes:     []string{"DOMAIN_013"},
	Explains: links(CertificateDefaultServed.ID, CDNNotAttached.ID, CDNFailed.ID, CDNCertificateRejected.ID,
		"http.*"),
	Description: "A CDN accepts a name only with a certificate that covers it. The certificate is not issued yet, so " +
		"the name cannot be attached.",
	Detection: "The service reported that the CDN could not be provisioned, and the domain's certificate is not " +
		"issued.",
	Confused: "an outage of the CDN (service.integration-incident): retrying does not help before the certificate is " +
		"issued; cdn.not-attached, where the certificate is issued.",
	Refs: []string{
		"https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html",
	},
}, catalog.Text[CDNCertificateFirstArgs]{
	Summary: func(a CDNCertificateFirstArgs) string {
		return a.Domain + " cannot be attached to the CDN before its certificate is issued"
	},
	Why: func(a CDNCertificateFirstArgs) string { return a.Detail },
	Fix: func(CDNCertificateFirstArgs) catalog.Fix {
		return catalog.Steps(
			"request the certificate (POST /domains/v1/:id/ssl) and publish the validation record in the response",
			"once it is issued, let the platform attach the name again")
	},
	Example: CDNCertificateFirstArgs{Domain: "shop.example.com", Detail: "the service has no certificate for it"},
})
