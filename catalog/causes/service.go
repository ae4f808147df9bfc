package causes

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog"
)

// ServiceAnswer is how the service answered a request: the arguments of the causes about the service itself.
type ServiceAnswer struct {
	URL       string        `json:"url,omitempty"`
	Status    int           `json:"status,omitempty"` // 0 if there was no answer
	Message   string        `json:"message,omitempty"`
	RequestID string        `json:"requestId,omitempty"`
	After     time.Duration `json:"retryAfter,omitempty"`
}

func (a ServiceAnswer) answer() string {
	s := "no answer"
	if a.Status > 0 {
		s = "HTTP " + strconv.Itoa(a.Status)
	}
	switch {
	case a.Message == "":
	case a.Status == 0 && strings.HasPrefix(a.Message, s): // the message starts with it
		s = a.Message
	default:
		s += ": " + a.Message
	}
	if a.RequestID != "" {
		s += " (request ID " + a.RequestID + ")"
	}
	return s
}

// ServiceUnreachable is service.unreachable.
var ServiceUnreachable = catalog.Declare(catalog.Cause{
	ID: "service.unreachable", Rung: catalog.Service, Who: []catalog.Actor{catalog.Platform, catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 3,
	Title:  "the Domains Service does not answer",
	NoCode: "without an answer of the service there is no code; DNS, registration, TLS and HTTP are still checked",
	Description: "The service could not be reached, or kept answering with server errors. The diagnosis lacks what " +
		"the " +
		"service has on the domain.",
	Detection: "The request failed, or was answered 5xx after several retries.",
	Confused: "service.wrong-endpoint, where something answers, with a 404; vantage.offline, where nothing can be " +
		"reached from here.",
	Refs: []string{"RFC 9110 15.6"},
}, catalog.Text[ServiceAnswer]{
	Summary: func(ServiceAnswer) string {
		return "the Domains Service does not answer, so its data is missing here"
	},
	Why: func(a ServiceAnswer) string { return a.URL + ": " + a.answer() },
	Fix: func(ServiceAnswer) catalog.Fix {
		return catalog.Steps("check the service's status page, and the address in --api-url or DOMDOC_API_URL",
			"the checks that do not need the service have run; run again later for the rest")
	},
	Example: ServiceAnswer{URL: "https://api.example.net/domains/v1/domains", Status: 503},
})

// ServiceUnauthorized is service.unauthorized.
var ServiceUnauthorized = catalog.Declare(catalog.Cause{
	ID: "service.unauthorized", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Inconclusive, Frequency: 4,
	Title:  "the service rejects the token",
	NoCode: "the service answers 401 before it returns any code",
	Description: "The token is missing, expired or malformed, so the service returns nothing about the tenant's " +
		"domains.",
	Detection: "The service answered 401 (again after one token refresh), or the token's own expiry has passed.",
	Confused: "service.tenant-mismatch, where the token is valid but for another tenant; service.domain-not-found, " +
		"where the service answers that there is no such domain.",
	Refs: []string{"RFC 9110 15.5.2", "RFC 7519 4.1.4"},
}, catalog.Text[ServiceAnswer]{
	Summary: func(ServiceAnswer) string { return "the Domains Service rejects the token" },
	Why:     ServiceAnswer.answer,
	Fix: func(ServiceAnswer) catalog.Fix {
		return catalog.Steps("log in again (domdoc login), or set DOMDOC_TOKEN to a valid token")
	},
	Example: ServiceAnswer{Status: 401, Message: "the token expired 2 hours ago"},
})

// ServiceTenantMismatchArgs are the arguments of service.tenant-mismatch.
type ServiceTenantMismatchArgs struct {
	Tenant string `json:"tenant,omitempty"` // as configured
	Claim  string `json:"claim,omitempty"`  // as in the token
}

// ServiceTenantMismatch is service.tenant-mismatch.
var ServiceTenantMismatch = catalog.Declare(catalog.Cause{
	ID: "service.tenant-mismatch", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency: 3,
	Title:     "the configured tenant is not the token's tenant",
	Codes:     []string{"DOMAIN_001"},
	Explains:  links(ServiceDomainNotFound.ID),
	Description: "The service takes the tenant from the token. If another tenant is configured, its domains look as " +
		"if " +
		"they did not exist.",
	Detection: "The value of --tenant (or DOMDOC_TENANT) differs from the token's claim tenantId.",
	Confused: "service.domain-not-found: the domain may well exist, in the other tenant; service.unauthorized, where " +
		"the token itself is rejected.",
	Refs: []string{"RFC 7519 4"},
}, catalog.Text[ServiceTenantMismatchArgs]{
	Summary: func(a ServiceTenantMismatchArgs) string {
		return fmt.Sprintf("the configured tenant is %s, but the token belongs to %s", a.Tenant, a.Claim)
	},
	Why: func(ServiceTenantMismatchArgs) string {
		return "the service uses only the token's tenant; every ID of another tenant is \"not found\""
	},
	Fix: func(a ServiceTenantMismatchArgs) catalog.Fix {
		return catalog.Steps("log in as the tenant "+a.Tenant+", or remove --tenant",
			"with several tenants: keep one profile per tenant and select it with --profile")
	},
	Example: ServiceTenantMismatchArgs{Tenant: "t-9", Claim: "t-1"},
})

// ServiceWrongEndpoint is service.wrong-endpoint.
var ServiceWrongEndpoint = catalog.Declare(catalog.Cause{
	ID: "service.wrong-endpoint", Rung: catalog.Service, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 3,
	Title:  "the address is not that of the Domains Service",
	NoCode: "a 404 without a service code does not come from the service",
	Description: "The address answered 404 without one of the service's codes: the base URL or a path is wrong, or " +
		"something else listens there.",
	Detection: "A 404 with a code DOMAIN_0nn means that something does not exist; a 404 without one means a wrong " +
		"path.",
	Confused: "service.domain-not-found, which has the code DOMAIN_001; service.unreachable, where nothing answers.",
	Refs:     []string{"RFC 9110 15.5.5", "Domains Service, error code DOMAIN_001"},
}, catalog.Text[ServiceAnswer]{
	Summary: func(ServiceAnswer) string { return "the configured address is not that of the Domains Service" },
	Why: func(a ServiceAnswer) string {
		return a.URL + ": " + a.answer() + ", without a service code"
	},
	Fix: func(ServiceAnswer) catalog.Fix {
		return catalog.Steps("check --api-url (or DOMDOC_API_URL): it is the part before /domains/v1, for example " +
			"https://api.example.net")
	},
	Example: ServiceAnswer{URL: "https://www.example.net/domains/v1/domains", Status: 404},
})

// ServiceRateLimited is service.rate-limited.
var ServiceRateLimited = catalog.Declare(catalog.Cause{
	ID: "service.rate-limited", Rung: catalog.Service, Who: []catalog.Actor{catalog.Wait},
	Verdict: catalog.Inconclusive, Frequency: 2,
	Title:       "the service limits the request rate",
	NoCode:      "429 has no service code",
	Description: "Too many requests were made with this token in the last minute.",
	Detection:   "The service answered 429, and the wait that it asks for exceeds this run.",
	Confused: "service.unreachable: here the service works and says when to retry; http.blocked, where the domain's " +
		"own site refuses.",
	Refs: []string{"RFC 6585 4", "RFC 9110 10.2.3"},
}, catalog.Text[ServiceAnswer]{
	Summary: func(ServiceAnswer) string { return "the Domains Service limits the request rate" },
	Why:     ServiceAnswer.answer,
	Fix: func(a ServiceAnswer) catalog.Fix {
		if a.After > 0 {
			return catalog.Steps("run again in " + catalog.Span(a.After))
		}
		return catalog.Steps("run again in a minute, or with fewer --jobs")
	},
	Example: ServiceAnswer{Status: 429, After: 30 * time.Second},
})
