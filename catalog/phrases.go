package catalog

import "slices"

// Phrase is a known text with which a provider explains a failure.
type Phrase struct {
	// Texts are compared without letter case, spaces, punctuation and articles, so that CNAMEAlreadyExists,
	// CNAME_ALREADY_EXISTS and "CNAME already exists" are one text.
	Texts []string
	// Patterns are regular expressions for the same reason in other words. They are matched against the words of the
	// message in lower case, one space apart and without articles.
	Patterns []string
	// Unless are patterns of messages that say the opposite.
	Unless []string
	// Whole means that a text must be the whole message, because it is too short to be looked for in a longer one.
	Whole bool
	Cause ID       // the cause that the text names
	Codes []string // the error codes that it can explain
	// Meaning completes the sentence "this means that …". For a certificate it is a sentence of its own.
	Meaning string
	Steps   []string
	Owner   Actor  // who takes the steps; empty for the first actor of the cause
	Source  string // the provider's document
}

// PhrasesRead is when the sources of the phrases were read.
const PhrasesRead = "2026-11-29"

const (
	cloudFrontErrors = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html"
	cloudFrontCNAME  = "https://repost.aws/knowledge-center/resolve-cnamealreadyexists-error"
	cloudFrontViewer = "https://repost.aws/knowledge-center/cloudfront-invalid-viewer-certificate"
	acmFailures      = "https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-cert-requests.html"
	acmExceptions    = "https://docs.aws.amazon.com/acm/latest/userguide/exceptions.html"
	awsCommonErrors  = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/CommonErrors.html"
	route53Errors    = "https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html"
	route53Transfers = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/" +
		"troubleshooting-domain-transfer-failed.html"
	eppResults         = "RFC 5730 3"
	icannTransfers     = "https://www.icann.org/resources/pages/transfer-policy-2016-06-01-en"
	platformMustRepair = "no change is needed at the domain; the platform must repair its integration"
)

var (
	cdnCodes         = []string{"DOMAIN_013", "DOMAIN_021"}
	certificateCodes = []string{"DOMAIN_011", "DOMAIN_012", "DOMAIN_023"}
	transferCodes    = []string{"DOMAIN_016", "DOMAIN_018", "DOMAIN_020"}
	platformCodes    = []string{"DOMAIN_011", "DOMAIN_013", "DOMAIN_020", "DOMAIN_021", "DOMAIN_022", "DOMAIN_023"}
)

// phrases are the known texts. The first that matches counts.
var phrases = []Phrase{
	// CloudFront
	{
		Texts: []string{
			"incorrectly configured DNS record that points to another CloudFront distribution",
		},
		Cause: "cdn.alias-taken", Codes: cdnCodes, Source: cloudFrontErrors,
		Meaning: "the name pointed to another CloudFront distribution when the platform tried to attach it",
		Steps: []string{
			"point the name to the platform, if it does not do so yet", "then let the platform try again",
		},
	},
	{
		Texts: []string{
			"CNAMEAlreadyExists", "CNAMEs you provided are already associated with a different resource",
			"alternate domain name is already associated with", "alias is already associated with",
			"already in use by another distribution", "already associated with another distribution",
			"already associated with a different distribution", "already associated with another CloudFront",
		},
		Patterns: []string{
			`\b(cnames?|alias(es)?|alternate domain names?|domain( names?)?|host ?names?)( \S+){0,8}? already ` +
				`(exists?|in use|used|associated|defined|attached|assigned|taken)\b`,
			`\bduplicate (custom )?(cname|alias|domain|host ?name)\b`,
		},
		Cause: "cdn.alias-taken", Codes: cdnCodes, Source: cloudFrontCNAME,
		Meaning: "another CloudFront distribution holds the name, and a name can belong to one distribution only",
		Steps: []string{
			"find the distribution that has the name and remove the name there; it may be in any AWS account or hosting " +
				"service that used the domain before (Amplify, API Gateway and Cognito create distributions too)",
			"then let the platform try again; if the distribution cannot be found, the platform can locate it (aws " +
				"cloudfront list-conflicting-aliases) and ask AWS Support to move the name",
		},
	},
	{
		Texts: []string{
			"InvalidViewerCertificate", "certificate that is attached to your distribution",
			"specified SSL certificate doesn't exist", "specified SSL certificate does not exist",
			"you must attach a trusted certificate that validates your authorization",
			"isn't in us-east-1 region", "is not in us-east-1 region", "certificate must be in us-east-1",
			"certificate provided must be owned by the account",
		},
		Cause: "cdn.certificate-rejected", Codes: append(slices.Clone(cdnCodes), "DOMAIN_023"), Source: cloudFrontViewer,
		Meaning: "CloudFront does not accept the certificate: it must be issued, cover the name and be in us-east-1",
		Steps: []string{
			"the platform must attach an issued certificate that covers the name; no DNS change is needed if it is issued",
		},
	},
	{
		Texts: []string{
			"TooManyDistributionCNAMEs", "more CNAMEs than are allowed per distribution", "TooManyDistributions",
			"exceed the maximum number of distributions", "TooManyCertificates",
			"account must be verified before you can add", "exceeded the limit", "LimitExceededException",
			"reached your limit of", "exceeded your limit of", "quota exceeded for account",
			"cannot request more certificates", "certificate has too many domains",
		},
		Cause: "service.integration-refused", Codes: platformCodes, Source: cloudFrontErrors,
		Meaning: "the platform has reached a limit of its own account at the provider",
		Steps:   []string{"no change is needed at the domain; the platform must have its limit at the provider raised"},
		Owner:   Platform,
	},

	// ACM
	{
		Texts: []string{"CAA_ERROR", "CAA error", "CAA records prevent", "CAA record prevents"},
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmFailures,
		Meaning: "CAA records forbade it or could not be read",
		Steps:   []string{"check the CAA records of the domain and of every parent name"},
	},
	{
		Texts: []string{"ADDITIONAL_VERIFICATION_REQUIRED"},
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmFailures,
		Meaning: "the authority requires a manual review of the name",
		Steps:   []string{"ask the platform's support to open a case with the certificate authority"},
		Owner:   Platform,
	},
	{
		Texts: []string{"DOMAIN_NOT_ALLOWED"},
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmFailures,
		Meaning: "the authority does not issue for this name",
		Steps: []string{
			"check whether browsers warn of the site as unsafe, and have it cleared: the authority refuses such names",
			"ask the platform's support to open a case with the certificate authority",
		},
	},
	{
		Texts: []string{"INVALID_PUBLIC_DOMAIN"},
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmFailures,
		Meaning: "the name is not a public domain",
		Steps:   []string{"check that the name is spelled correctly and registered"},
	},
	{
		Texts: []string{"DOMAIN_VALIDATION_DENIED"},
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmFailures,
		Meaning: "the validation was denied",
		Steps:   []string{"ask the contact who denied the request by email, or have the platform validate by DNS"},
	},
	{
		Texts: []string{"NO_AVAILABLE_CONTACTS"},
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmFailures,
		Meaning: "no contact could be reached by email to approve it",
		Steps:   []string{"have the platform validate by DNS, which needs no contact"},
	},
	{
		Texts: []string{"VALIDATION_TIMED_OUT", "validation timed out"},
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmFailures,
		Meaning: "the validation record was not found within 72 hours",
		Steps:   []string{"publish the validation record first and keep it in place"},
	},
	{
		Texts: []string{
			"PCA_LIMIT_EXCEEDED", "PCA_INVALID_ARN", "PCA_INVALID_STATE", "PCA_REQUEST_FAILED",
			"PCA_NAME_CONSTRAINTS_VALIDATION", "PCA_RESOURCE_NOT_FOUND", "PCA_INVALID_ARGS", "PCA_INVALID_DURATION",
			"PCA_ACCESS_DENIED", "PCA_MALFORMED_CSR",
		},
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmExceptions,
		Meaning: "the platform's private authority refused it",
		Steps:   []string{"the platform must fix this; no DNS change is needed"},
		Owner:   Platform,
	},
	{
		Texts: []string{"SLR_NOT_FOUND"},
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmExceptions,
		Meaning: "the platform's integration with the authority failed",
		Steps:   []string{"the platform must fix this; no DNS change is needed"},
		Owner:   Platform,
	},
	{
		Texts: []string{"OTHER"}, Whole: true,
		Cause: "certificate.failed", Codes: certificateCodes, Source: acmFailures,
		Meaning: "the platform's integration with the authority failed",
		Steps:   []string{"the platform must fix this; no DNS change is needed"},
		Owner:   Platform,
	},

	// registrars and registries
	{
		Texts: []string{
			"current registrar is not valid", "authorization information for accessing resource is invalid",
			"InvalidAuthInfo", "InvalidAuthCode", "InvalidAuthorizationCode", "InvalidAuthorizationInformation",
		},
		Patterns: []string{
			transferCode + `( ` + codeFillers + `)* ` + codeFaults, codeFaults + ` (epp )?` + transferCode,
			eppResult("2202"),
		},
		Cause: "registration.auth-code-rejected", Codes: transferCodes, Source: eppResults + "; " + route53Transfers,
		Meaning: "the registry does not accept the authorization code, which is mistyped, expired or replaced",
		Steps: []string{
			"get a new authorization code from the current registrar, copy it without spaces, and start the transfer again",
		},
	},
	{
		Texts: []string{
			"object is not eligible for transfer", "not eligible for transfer",
		},
		Patterns: []string{
			`\b(60|sixty) ?days?\b`, `\btoo young\b`, `\brecently (registered|transferred|created)\b`, eppResult("2106"),
		},
		Cause: "registration.transfer-refused", Codes: transferCodes, Source: icannTransfers,
		Meaning: "the domain was registered, transferred or given a new registrant within the last 60 days",
		Steps:   []string{"start the transfer again when the 60 days are over"},
		Owner:   Wait,
	},
	{
		Texts: []string{
			"object status prohibits operation", "clientTransferProhibited", "serverTransferProhibited",
			"transfer prohibited", "transfers are prohibited",
		},
		Patterns: []string{
			`\b(domain|name|registration|object|it) (is|was|remains|has been) (currently |still |transfer |registrar ` +
				`)?locked\b`,
			transferLock + `( status| is| was| still)* (on|enabled|active|activated|set|in place|present|prevents?|appl)`,
			`\b(because of|due to|under|has|have|remove|disable|release|lift|turn off|switch off) ` + transferLock + `\b`,
			`\bunlock (domain|your domain|it)\b`, eppResult("2304"),
		},
		Unless: []string{
			`\block(ed)? (is |was |has been )?(off|removed|disabled|released|lifted)\b`, `\b(not locked|is unlocked)\b`,
		},
		Cause: "registration.transfer-refused", Codes: transferCodes, Source: eppResults,
		Meaning: "the registration was locked against transfers",
		Steps: []string{
			"unlock the domain at its current registrar (a lock set by the registry is removed by that registrar's " +
				"support), " +
				"then start the transfer again",
		},
	},
	{
		Texts:    []string{"object pending transfer", "already pending transfer", "transfer is already pending"},
		Patterns: []string{eppResult("2300")},
		Cause:    "registration.transfer-refused", Codes: transferCodes, Source: eppResults,
		Meaning: "another transfer of the domain was already in progress",
		Steps:   []string{"wait until the other transfer ends, or cancel it at the registrar that started it"},
	},
	{
		Texts: []string{
			"current registrar rejected", "losing registrar rejected", "rejected by the current registrar",
			"rejected by the losing registrar", "transfer refused by registrar", "rejected by losing registrar",
			"declined by the current registrar", "clientRejected",
		},
		Patterns: []string{
			`\b(rejected|declined|denied|refused|nacked) by (current |losing |present |old |previous |former )?registrar\b`,
		},
		Cause: "registration.transfer-refused", Codes: transferCodes, Source: route53Transfers,
		Meaning: "the current registrar rejected the transfer",
		Steps: []string{
			"ask the current registrar for the reason (an unpaid bill, a dispute, a registrant who objected), and start " +
				"the " +
				"transfer again once it is settled",
		},
	},
	{
		Texts: []string{
			"did not approve the transfer", "not authorized by the registrant", "registrant did not confirm",
			"registrant did not authorize", "form of authorization", "FOA expired", "authorization email",
			"confirmation email expired",
		},
		Patterns: []string{
			`\bnot (authori[sz]ed|approved|confirmed) by (admin|administrative|registrant|owner|domain owner)\b`,
			`\b(registrant|owner|admin contact) (declined|rejected|denied|did not ` +
				`(approve|confirm|respond|authori[sz]e))\b`,
		},
		Cause: "registration.transfer-refused", Codes: transferCodes, Source: route53Transfers,
		Meaning: "the registrant did not confirm the transfer by email in time",
		Steps: []string{
			"check the registrant's email address at the current registrar, start the transfer again and confirm the email",
		},
	},

	{
		Patterns: []string{`\b(domain|domain name|registration) (has |is |was )?expired\b`},
		Cause:    "registration.transfer-refused", Codes: transferCodes, Source: icannTransfers,
		Meaning: "the registration had expired",
		Steps:   []string{"renew the domain at its current registrar, then start the transfer again"},
	},

	// the platform's own access to a provider
	{
		Texts: []string{
			"billing failure", "insufficient funds at registrar", "insufficient credit", "account balance at the registrar",
		},
		Cause: "service.integration-refused", Codes: []string{"DOMAIN_020"}, Source: eppResults,
		Meaning: "the platform's own account at the registry or registrar has no credit",
		Steps:   []string{platformMustRepair},
	},
	{
		Texts: []string{
			"ThrottlingException", "Rate exceeded", "TooManyRequestsException", "RequestLimitExceeded",
			"session limit exceeded", "PriorRequestNotComplete", "SlowDown: please reduce your request rate",
			"too many requests", "request was throttled",
		},
		Patterns: []string{eppResult("2502")},
		Cause:    "service.integration-refused", Codes: platformCodes, Source: awsCommonErrors,
		Meaning: "the provider limits the rate of the platform's requests",
		Steps:   []string{"no change is needed at the domain; let the platform try again in a few minutes"},
	},
	{
		Texts: []string{
			"AccessDenied", "is not authorized to perform", "UnauthorizedOperation",
			"security token included in the request",
			"InvalidClientTokenId", "ExpiredToken", "SignatureDoesNotMatch", "authentication error",
			"MissingAuthenticationToken",
			"OptInRequired",
		},
		Cause: "service.integration-refused", Codes: platformCodes, Source: awsCommonErrors,
		Meaning: "the provider does not accept the platform's own credentials",
		Steps:   []string{platformMustRepair},
	},
	{
		Texts: []string{
			"NoSuchHostedZone", "no hosted zone found", "hosted zone not found", "InvalidChangeBatch",
			"is not permitted in zone",
		},
		Cause: "service.integration-refused", Codes: []string{"DOMAIN_022"}, Source: route53Errors,
		Meaning: "the provider does not have the zone, or refuses the change in it",
		Steps:   []string{platformMustRepair},
	},
	{
		Texts: []string{
			"NoSuchDistribution", "specified distribution does not exist", "PreconditionFailed", "InvalidIfMatchVersion",
			"DistributionNotDisabled", "IllegalUpdate", "If-Match version is missing or not valid",
			"preconditions in one or more request-header fields", "DistributionAlreadyExists",
			"caller reference you attempted to create",
		},
		Cause: "service.integration-refused", Codes: cdnCodes, Source: cloudFrontErrors,
		Meaning: "the platform requested a change that the CDN does not allow in the distribution's current state",
		Steps:   []string{platformMustRepair},
	},
	{
		Texts: []string{
			"InternalFailure", "ServiceUnavailable", "InternalError", "service is temporarily unavailable",
			"command failed; server closing connection",
		},
		Patterns: []string{eppResult("2400"), eppResult("2500")},
		Cause:    "service.integration-refused", Codes: platformCodes, Source: awsCommonErrors,
		Meaning: "the provider had an internal error",
		Steps:   []string{"no change is needed at the domain; let the platform try again later"},
	},
}
