package causes

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"domdoc/catalog"
)

// ServiceArgs are the arguments of the causes that say how the service itself answered.
type ServiceArgs struct {
	URL       string        `json:"url,omitempty"`
	Status    int           `json:"status,omitempty"`
	Message   string        `json:"message,omitempty"`
	RequestID string        `json:"requestId,omitempty"`
	After     time.Duration `json:"retryAfter,omitempty"`
	Tenant    string        `json:"tenant,omitempty"` // as set
	Claim     string        `json:"claim,omitempty"`  // as the token says
}

func (a ServiceArgs) said() string {
	s := "no answer"
	if a.Status > 0 {
		s = "HTTP " + strconv.Itoa(a.Status)
	}
	switch {
	case a.Message == "":
	case a.Status == 0 && strings.HasPrefix(a.Message, s): // the message says it already
		s = a.Message
	default:
		s += ": " + a.Message
	}
	if a.RequestID != "" {
		s += " (request id " + a.RequestID + ")"
	}
	return s
}

// ServiceUnreachable is service.unreachable.
var ServiceUnreachable = catalog.Declare(catalog.Cause{
	ID: "service.unreachable", Rung: catalog.Service, Who: []catalog.Actor{catalog.Platform, catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 3,
	Title: "the Domains Service does not answer",
	NoCode: "without the service's answer there is no code; what DNS, registration, TLS and HTTP tell is still " +
		"judged",
	Description: "The service could not be reached, or kept answering with server errors. What it knows of the " +
		"domain " +
		"is missing from the diagnosis.",
	Detection: "The request failed, or was answered 5xx after several tries.",
	Confused: "service.wrong-endpoint, where something does answer, with a 404; vantage.offline, where nothing at " +
		"all can be reached from here.",
	Refs: []string{"RFC 9110 15.6"},
}, catalog.Text[ServiceArgs]{
	Summary: func(ServiceArgs) string {
		return "the Domains Service does not answer, so what it knows is missing here"
	},
	Why: func(a ServiceArgs) string { return "asked " + a.URL + ": " + a.said() },
	Fix: func(ServiceArgs) catalog.Fix {
		return catalog.Steps("check the service's status page, and the address in --api-url or DOMDOC_API_URL",
			"the checks that need no service ran; run again later for the rest")
	},
	Example: ServiceArgs{URL: "https://api.example.net/domains/v1/domains", Status: 503},
})

// ServiceUnauthorized is service.unauthorized.
var ServiceUnauthorized = catalog.Declare(catalog.Cause{
	ID: "service.unauthorized", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Inconclusive, Frequency: 4,
	Title:  "the service refuses the token",
	NoCode: "the service answers 401 before any code of its own",
	Description: "The token is missing, expired or malformed, so the service does not say anything about the " +
		"tenant's " +
		"domains.",
	Detection: "The service answered 401 (and again after the token was refreshed once), or the token's own expiry " +
		"has passed.",
	Confused: "service.tenant-mismatch, where the token is good and the tenant is another; " +
		"service.domain-not-found, where the service answers and says no.",
	Refs: []string{"RFC 9110 15.5.2", "RFC 7519 4.1.4"},
}, catalog.Text[ServiceArgs]{
	Summary: func(ServiceArgs) string { return "the Domains Service refuses the token" },
	Why:     func(a ServiceArgs) string { return a.said() },
	Fix: func(ServiceArgs) catalog.Fix {
		return catalog.Steps("log in again (domdoc login), or set DOMDOC_TOKEN to a valid token")
	},
	Example: ServiceArgs{Status: 401, Message: "the token expired 2 hours ago"},
})

// ServiceTenantMismatch is service.tenant-mismatch.
var ServiceTenantMismatch = catalog.Declare(catalog.Cause{
	ID: "service.tenant-mismatch", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency: 3,
	Title:     "the tenant that is set is not the token's",
	Codes:     []string{"DOMAIN_001"},
	Explains:  []catalog.Link{{To: "service.domain-not-found"}},
	Description: "The service takes the tenant from the token. With another tenant set, domains of either look as if " +
		"they did not exist.",
	Detection: "The value of --tenant (or DOMDOC_TENANT) differs from the token's claim tenantId.",
	Confused: "service.domain-not-found: the domain may well exist, in the other tenant; service.unauthorized, " +
		"where the token itself is refused.",
	Refs: []string{"RFC 7519 4"},
}, catalog.Text[ServiceArgs]{
	Summary: func(a ServiceArgs) string {
		return fmt.Sprintf("the tenant is set to %s, but the token belongs to %s", a.Tenant, a.Claim)
	},
	Why: func(ServiceArgs) string {
		return "the service looks only at the token's tenant; every id of another tenant is \"not found\""
	},
	Fix: func(a ServiceArgs) catalog.Fix {
		return catalog.Steps("log in as the tenant "+a.Tenant+", or remove --tenant",
			"several tenants: keep one profile for each and choose it with --profile")
	},
	Example: ServiceArgs{Tenant: "t-9", Claim: "t-1"},
})

// ServiceWrongEndpoint is service.wrong-endpoint.
var ServiceWrongEndpoint = catalog.Declare(catalog.Cause{
	ID: "service.wrong-endpoint", Rung: catalog.Service, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 3,
	Title:  "the address is not that of the Domains Service",
	NoCode: "a 404 without a code of the service comes from something else than the service",
	Description: "The address answered 404 without one of the service's codes: the base URL or a path is wrong, or " +
		"something else listens there.",
	Detection: "A 404 with a code DOMAIN_0nn is a missing thing; one without is a wrong path.",
	Confused:  "service.domain-not-found, which carries DOMAIN_001; service.unreachable, where nothing answers.",
	Refs:      []string{"RFC 9110 15.5.5", "Domains Service, error code DOMAIN_001"},
}, catalog.Text[ServiceArgs]{
	Summary: func(ServiceArgs) string { return "the configured address is not that of the Domains Service" },
	Why: func(a ServiceArgs) string {
		return "asked " + a.URL + ": " + a.said() + ", without a code of the service"
	},
	Fix: func(ServiceArgs) catalog.Fix {
		return catalog.Steps(
			"check --api-url (or DOMDOC_API_URL): it is the part before /domains/v1, for example https://api.example.net")
	},
	Example: ServiceArgs{URL: "https://www.example.net/domains/v1/domains", Status: 404},
})

// ServiceRateLimited is service.rate-limited.
var ServiceRateLimited = catalog.Declare(catalog.Cause{
	ID: "service.rate-limited", Rung: catalog.Service, Who: []catalog.Actor{catalog.Wait},
	Verdict: catalog.Inconclusive, Frequency: 2,
	Title:       "the service asks to slow down",
	NoCode:      "429 carries no code of the service",
	Description: "Too many requests were made with this token in the last minute.",
	Detection:   "The service answered 429 and the time that it names does not fit into this run.",
	Confused: "service.unreachable: the service is well and says when it will answer again; http.blocked, where the " +
		"domain's own site refuses.",
	Refs: []string{"RFC 6585 4", "RFC 9110 10.2.3"},
}, catalog.Text[ServiceArgs]{
	Summary: func(ServiceArgs) string { return "the Domains Service asks to slow down" },
	Why:     func(a ServiceArgs) string { return a.said() },
	Fix: func(a ServiceArgs) catalog.Fix {
		if a.After > 0 {
			return catalog.Steps("run again in " + catalog.Span(a.After))
		}
		return catalog.Steps("run again in a minute, or with fewer --jobs")
	},
	Example: ServiceArgs{Status: 429, After: 30 * time.Second},
})
