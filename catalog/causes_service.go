package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
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
var ServiceUnreachable = declare(Cause{
	ID: "service.unreachable", Rung: Service, Who: []Actor{Platform, Local}, Verdict: Inconclusive, Common: 3,
	Title:    "the Domains Service does not answer",
	NoCode:   "without the service's answer there is no code; what DNS, registration, TLS and HTTP tell is still judged",
	Means:    "The service could not be reached, or kept answering with server errors. What it knows of the domain is missing from the diagnosis.",
	How:      "The request failed, or was answered 5xx after several tries.",
	Confused: "service.wrong-endpoint, where something does answer, with a 404; vantage.offline, where nothing at all can be reached from here.",
	Refs:     []string{"RFC 9110 15.6"},
}, Words[ServiceArgs]{
	Summary: func(ServiceArgs) string {
		return "the Domains Service does not answer, so what it knows is missing here"
	},
	Why: func(a ServiceArgs) string { return "asked " + a.URL + ": " + a.said() },
	Fix: func(ServiceArgs) Fix {
		return steps("check the service's status page, and the address in --api-url or DOMDOC_API_URL", "the checks that need no service ran; run again later for the rest")
	},
	Example: ServiceArgs{URL: "https://api.example.net/domains/v1/domains", Status: 503},
})

// ServiceUnauthorized is service.unauthorized.
var ServiceUnauthorized = declare(Cause{
	ID: "service.unauthorized", Rung: Service, Who: []Actor{Tenant}, Verdict: Inconclusive, Common: 4,
	Title:    "the service refuses the token",
	NoCode:   "the service answers 401 before any code of its own",
	Means:    "The token is missing, expired or malformed, so the service does not say anything about the tenant's domains.",
	How:      "The service answered 401 (and again after the token was refreshed once), or the token's own expiry has passed.",
	Confused: "service.tenant-mismatch, where the token is good and the tenant is another; service.domain-not-found, where the service answers and says no.",
	Refs:     []string{"RFC 9110 15.5.2", "RFC 7519 4.1.4"},
}, Words[ServiceArgs]{
	Summary: func(ServiceArgs) string { return "the Domains Service refuses the token" },
	Why:     func(a ServiceArgs) string { return a.said() },
	Fix: func(ServiceArgs) Fix {
		return steps("log in again (domdoc login), or set DOMDOC_TOKEN to a valid token")
	},
	Example: ServiceArgs{Status: 401, Message: "the token expired 2 hours ago"},
})

// ServiceTenantMismatch is service.tenant-mismatch.
var ServiceTenantMismatch = declare(Cause{
	ID: "service.tenant-mismatch", Rung: Service, Who: []Actor{Tenant}, Verdict: Warn, Common: 3,
	Title:    "the tenant that is set is not the token's",
	Codes:    []string{"DOMAIN_001"},
	Explains: []Link{{To: "service.domain-not-found"}},
	Means:    "The service takes the tenant from the token. With another tenant set, domains of either look as if they did not exist.",
	How:      "The value of --tenant (or DOMDOC_TENANT) differs from the token's claim tenantId.",
	Confused: "service.domain-not-found: the domain may well exist, in the other tenant; service.unauthorized, where the token itself is refused.",
	Refs:     []string{"RFC 7519 4"},
}, Words[ServiceArgs]{
	Summary: func(a ServiceArgs) string {
		return fmt.Sprintf("the tenant is set to %s, but the token belongs to %s", a.Tenant, a.Claim)
	},
	Why: func(ServiceArgs) string {
		return "the service looks only at the token's tenant; every id of another tenant is \"not found\""
	},
	Fix: func(a ServiceArgs) Fix {
		return steps("log in as the tenant "+a.Tenant+", or remove --tenant", "several tenants: keep one profile for each and choose it with --profile")
	},
	Example: ServiceArgs{Tenant: "t-9", Claim: "t-1"},
})

// ServiceWrongEndpoint is service.wrong-endpoint.
var ServiceWrongEndpoint = declare(Cause{
	ID: "service.wrong-endpoint", Rung: Service, Who: []Actor{Local}, Verdict: Inconclusive, Common: 3,
	Title:    "the address is not that of the Domains Service",
	NoCode:   "a 404 without a code of the service comes from something else than the service",
	Means:    "The address answered 404 without one of the service's codes: the base URL or a path is wrong, or something else listens there.",
	How:      "A 404 with a code DOMAIN_0nn is a missing thing; one without is a wrong path.",
	Confused: "service.domain-not-found, which carries DOMAIN_001; service.unreachable, where nothing answers.",
	Refs:     []string{"RFC 9110 15.5.5", "Domains Service, error code DOMAIN_001"},
}, Words[ServiceArgs]{
	Summary: func(ServiceArgs) string { return "the configured address is not that of the Domains Service" },
	Why: func(a ServiceArgs) string {
		return "asked " + a.URL + ": " + a.said() + ", without a code of the service"
	},
	Fix: func(ServiceArgs) Fix {
		return steps("check --api-url (or DOMDOC_API_URL): it is the part before /domains/v1, for example https://api.example.net")
	},
	Example: ServiceArgs{URL: "https://www.example.net/domains/v1/domains", Status: 404},
})

// ServiceRateLimited is service.rate-limited.
var ServiceRateLimited = declare(Cause{
	ID: "service.rate-limited", Rung: Service, Who: []Actor{Wait}, Verdict: Inconclusive, Common: 2,
	Title:    "the service asks to slow down",
	NoCode:   "429 carries no code of the service",
	Means:    "Too many requests were made with this token in the last minute.",
	How:      "The service answered 429 and the time that it names does not fit into this run.",
	Confused: "service.unreachable: the service is well and says when it will answer again; http.blocked, where the domain's own site refuses.",
	Refs:     []string{"RFC 6585 4", "RFC 9110 10.2.3"},
}, Words[ServiceArgs]{
	Summary: func(ServiceArgs) string { return "the Domains Service asks to slow down" },
	Why:     func(a ServiceArgs) string { return a.said() },
	Fix: func(a ServiceArgs) Fix {
		if a.After > 0 {
			return steps("run again in " + Span(a.After))
		}
		return steps("run again in a minute, or with fewer --jobs")
	},
	Example: ServiceArgs{Status: 429, After: 30 * time.Second},
})

// NameArgs are the arguments of the causes about the name itself.
type NameArgs struct {
	Name   string   `json:"name"`
	Other  string   `json:"other,omitempty"`  // another name that matters
	Status string   `json:"status,omitempty"` // its status in the service
	Detail string   `json:"detail,omitempty"`
	Seen   []string `json:"seen,omitempty"`
}

// ServiceNameMalformed is service.name-malformed.
var ServiceNameMalformed = declare(Cause{
	ID: "service.name-malformed", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title:    "that is not a domain name",
	Codes:    []string{"DOMAIN_001"},
	Means:    "The name holds something that no domain name can: a scheme or a path, a space, a hidden character, a label of more than 63 octets, or an internationalised form that does not convert.",
	How:      "The name is normalised (case, final dot, IDNA) and what does not fit is named with its position.",
	Confused: "service.near-miss, where the name is well formed and a letter is wrong; certificate.name-unissuable, where the DNS accepts the name and the certificate authority does not.",
	Refs:     []string{"RFC 1035 2.3.4", "RFC 5891 4"},
}, Words[NameArgs]{
	Summary: func(a NameArgs) string { return quoted(a.Name) + " is not a domain name: " + a.Detail },
	Why: func(a NameArgs) string {
		return "the service looks names up exactly as they are given, so it finds nothing under this one"
	},
	Fix: func(a NameArgs) Fix {
		if a.Other != "" {
			return steps("use " + a.Other)
		}
		return steps("use the bare name, for example shop.example.com")
	},
	Example: NameArgs{Name: "https://shop.example.com/cart", Other: "shop.example.com", Detail: "it is a web address"},
})

// ServiceDomainNotFound is service.domain-not-found.
var ServiceDomainNotFound = declare(Cause{
	ID: "service.domain-not-found", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 6,
	Title:    "this tenant has no such domain",
	Codes:    []string{"DOMAIN_001"},
	Means:    "The service knows no domain with this id or name in the tenant that the token belongs to. Domains of other tenants look the same.",
	How:      "The whole list of the tenant's domains was read, and the name is not in it.",
	Confused: "service.tenant-mismatch and service.unauthorized, which hide a domain that exists; service.near-miss, where a name like it is in the list.",
	Refs:     []string{"Domains Service, error code DOMAIN_001", "Domains Service API, GET /domains/v1/{id}"},
}, Words[NameArgs]{
	Summary: func(a NameArgs) string { return a.Name + " is not among this tenant's domains" },
	Why: func(a NameArgs) string {
		return "the tenant's list was read to its end (" + a.Detail + ") and does not hold it"
	},
	Fix: func(a NameArgs) Fix {
		return Fix{Steps: []string{"check the name or id against the list", "if it belongs to another tenant, log in there (--profile)"}, Commands: []string{"domdoc domains"}}
	},
	Example: NameArgs{Name: "shop.example.com", Detail: "9 domains"},
})

// ServiceNearMiss is service.near-miss.
var ServiceNearMiss = declare(Cause{
	ID: "service.near-miss", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title: "a very similar domain is in the list",
	Codes: []string{"DOMAIN_001"}, Explains: []Link{{To: "service.domain-not-found"}, {To: "registration.not-registered"}, {To: "delegation.missing"}, {To: "record.cname-dangling"}},
	Means:    "The name is not in the tenant's list, but one that differs by a letter or two, or by www, is.",
	How:      "The edit distance to the names of the list is at most 2, or one is the other's www twin.",
	Confused: "service.domain-not-found, where nothing similar is in the list; service.name-malformed, where the name cannot exist.",
	Refs:     []string{"Domains Service, error code DOMAIN_001"},
}, Words[NameArgs]{
	Summary: func(a NameArgs) string {
		return fmt.Sprintf("%s is not in the list; did you mean %s (status %s)?", a.Name, a.Other, a.Status)
	},
	Why: func(a NameArgs) string {
		return "the tenant's list holds " + a.Other + ", which differs only a little"
	},
	Fix: func(a NameArgs) Fix {
		return Fix{Steps: []string{"use " + a.Other + ", or attach " + a.Name + " as a domain of its own"}, Commands: []string{Command("domdoc", "check", a.Other)}}
	},
	Example: NameArgs{Name: "shpo.example.com", Other: "shop.example.com", Status: "VERIFIED"},
})

// ServiceDomainElsewhere is service.domain-elsewhere.
var ServiceDomainElsewhere = declare(Cause{
	ID: "service.domain-elsewhere", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 3,
	Title: "the domain is attached, but not to this tenant",
	Codes: []string{"DOMAIN_001", "DOMAIN_002"}, Explains: []Link{{To: "service.domain-not-found"}},
	Means:    "The name is not in this tenant's list, yet its DNS points to the platform and the platform serves it: another tenant, or an earlier attachment, holds it.",
	How:      "The list does not hold the name; its CNAME leads to the platform's CDN, and the CDN shows a certificate for it.",
	Confused: "service.domain-not-found, where nothing points to the platform; service.already-yours, where this tenant itself has it.",
	Refs:     []string{"Domains Service, error code DOMAIN_001", "Domains Service, error code DOMAIN_002"},
}, Words[NameArgs]{
	Summary: func(a NameArgs) string {
		return a.Name + " is served by the platform already, but not for this tenant"
	},
	Why: func(a NameArgs) string {
		return "the tenant's list does not hold it, and " + a.Detail
	},
	Fix: func(a NameArgs) Fix {
		return steps("log in as the tenant that holds it (--profile), or ask for a transfer between tenants", "if nobody should hold it, delete the DNS record that points to the platform")
	},
	Example: NameArgs{Name: "shop.example.com", Detail: "its CNAME leads to d111111abcdef8.cloudfront.net, which answers with a certificate for it"},
})

// ServiceAlreadyYours is service.already-yours.
var ServiceAlreadyYours = declare(Cause{
	ID: "service.already-yours", Rung: Service, Who: []Actor{Tenant}, Verdict: Warn, Common: 4,
	Title:    "the domain is already attached to this tenant",
	Codes:    []string{"DOMAIN_002"},
	Means:    "The service refused to add the domain, because this tenant has it already. There is nothing to add.",
	How:      "The tenant's own list holds the name.",
	Confused: "service.domain-elsewhere, where another tenant holds the name; registration.taken, which is about buying the name, not about attaching it.",
	Refs:     []string{"Domains Service, error code DOMAIN_002"},
}, Words[NameArgs]{
	Summary: func(a NameArgs) string {
		return fmt.Sprintf("%s is already yours (status %s)", a.Name, a.Status)
	},
	Why: func(NameArgs) string { return "the service answers DOMAIN_002 when the same domain is added again" },
	Fix: func(a NameArgs) Fix {
		return Fix{Steps: []string{"do not add it again; continue with the domain that is there"}, Commands: []string{Command("domdoc", "check", a.Name)}}
	},
	Example: NameArgs{Name: "shop.example.com", Status: "VERIFIED"},
})

// ServiceWildcardOverlap is service.wildcard-overlap.
var ServiceWildcardOverlap = declare(Cause{
	ID: "service.wildcard-overlap", Rung: Service, Who: []Actor{Tenant}, Verdict: Warn, Common: 2,
	Title:    "a wildcard domain in the list covers this name",
	Codes:    []string{"DOMAIN_002"},
	Means:    "The tenant has *.x and x's child, or the reverse. The service sees one name in two domains.",
	How:      "The tenant's own list holds both.",
	Confused: "service.already-yours, where the very same name is in the list; record.wildcard-answers, which is about the zone, not about the service's list.",
	Refs:     []string{"RFC 4592 2.1"},
}, Words[NameArgs]{
	Summary: func(a NameArgs) string { return fmt.Sprintf("%s and %s overlap", a.Name, a.Other) },
	Why: func(a NameArgs) string {
		return "both are in the tenant's list, and the wildcard covers the other name"
	},
	Fix: func(a NameArgs) Fix {
		return steps("keep one of them, or attach the single name as an exception of the wildcard")
	},
	Example: NameArgs{Name: "shop.example.com", Other: "*.example.com"},
})

// ServiceStatusForbidsUpdate is service.status-forbids-update.
var ServiceStatusForbidsUpdate = declare(Cause{
	ID: "service.status-forbids-update", Rung: Service, Who: []Actor{Wait, Platform}, Verdict: Fail, Common: 4,
	Title:    "the domain's status allows no update",
	Codes:    []string{"DOMAIN_005"},
	Means:    "The service changes a domain only while it is VERIFIED or PENDING.",
	How:      "The domain's status in the service is another one.",
	Confused: "registration.update-locked, where the registry refuses the change; service.record-invalid, where the content of the change is refused.",
	Refs:     []string{"Domains Service, error code DOMAIN_005"},
}, Words[NameArgs]{
	Summary: func(a NameArgs) string {
		return fmt.Sprintf("%s is %s, and the service updates only VERIFIED or PENDING domains", a.Name, a.Status)
	},
	Why: func(a NameArgs) string {
		return "an update is refused with DOMAIN_005 until the status changes"
	},
	Fix: func(a NameArgs) Fix {
		return Fix{Steps: []string{"wait until the running operation ends, then repeat the update", "if the status does not change within an hour, ask the platform's support"}, Commands: []string{"domdoc domains"}}
	},
	Example: NameArgs{Name: "shop.example.com", Status: "SUSPENDED"},
})

// QuotaArgs are the arguments of the causes about the tenant's quota.
type QuotaArgs struct {
	Used  int    `json:"used"`
	Limit int    `json:"limit"`
	Tier  string `json:"tier,omitempty"`
	Idle  int    `json:"idle,omitempty"` // domains that were never verified
}

// ServiceQuotaReached is service.quota-reached.
var ServiceQuotaReached = declare(Cause{
	ID: "service.quota-reached", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title: "the plan's number of domains is used up",
	Codes: []string{"DOMAIN_006"}, Explains: []Link{{To: "service.quota-near"}},
	Means:    "The tenant's plan allows a number of domains, and that many are attached. The next one is refused.",
	How:      "The service's quota says used >= limit.",
	Confused: "service.funds-low, where money is missing, not room; service.rate-limited, which counts requests and ends within a minute.",
	Refs:     []string{"Domains Service, error code DOMAIN_006"},
}, Words[QuotaArgs]{
	Summary: func(a QuotaArgs) string { return fmt.Sprintf("all %d domains of the plan are used", a.Limit) },
	Why: func(a QuotaArgs) string {
		s := fmt.Sprintf("%d of %d domains are attached", a.Used, a.Limit)
		if a.Tier != "" {
			s += " (plan " + a.Tier + ")"
		}
		if a.Idle > 0 {
			s += fmt.Sprintf("; %d of them were never verified", a.Idle)
		}
		return s
	},
	Fix: func(QuotaArgs) Fix {
		return Fix{Steps: []string{"upgrade the plan, or delete domains that are no longer used"}, Commands: []string{"domdoc domains"}}
	},
	Example: QuotaArgs{Used: 10, Limit: 10, Tier: "free", Idle: 2},
})

// ServiceQuotaNear is service.quota-near.
var ServiceQuotaNear = declare(Cause{
	ID: "service.quota-near", Rung: Service, Who: []Actor{Tenant}, Verdict: Warn, Common: 2,
	Title:    "the plan's number of domains is almost used up",
	Codes:    []string{"DOMAIN_006"},
	Means:    "At least nine tenths of the plan's domains are attached.",
	How:      "The service's quota says used >= 90 % of the limit.",
	Confused: "service.quota-reached, where the next domain is already refused.",
	Refs:     []string{"Domains Service, error code DOMAIN_006"},
}, Words[QuotaArgs]{
	Summary: func(a QuotaArgs) string {
		return fmt.Sprintf("%d of the plan's %d domains are used", a.Used, a.Limit)
	},
	Why: func(a QuotaArgs) string {
		return fmt.Sprintf("%s can still be attached", plural(a.Limit-a.Used, "domain"))
	},
	Fix: func(QuotaArgs) Fix {
		return steps("upgrade the plan before the next domains are added, or delete unused ones")
	},
	Example: QuotaArgs{Used: 9, Limit: 10, Tier: "free"},
})

// FundsArgs are the arguments of service.funds-low. Amounts are decimal strings.
type FundsArgs struct {
	Balance  string `json:"balance"`
	Currency string `json:"currency,omitempty"`
	Price    string `json:"price,omitempty"` // the price asked for, where it is known
	Status   string `json:"status,omitempty"`
}

// ServiceFundsLow is service.funds-low.
var ServiceFundsLow = declare(Cause{
	ID: "service.funds-low", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title:    "the wallet cannot pay",
	Codes:    []string{"DOMAIN_007"},
	Means:    "Registrations, renewals and transfers are paid from the tenant's wallet. It is empty, too low for the price, or not active.",
	How:      "The wallet's balance is at or below zero or below the price that was asked for, or its status is not active.",
	Confused: "service.quota-reached, where the plan is full and paying in does not help.",
	Refs:     []string{"Domains Service, error code DOMAIN_007", "Domains Service API, GET /wallet/v1/balance"},
}, Words[FundsArgs]{
	Summary: func(a FundsArgs) string {
		if a.Status != "" && !strings.EqualFold(a.Status, "ACTIVE") {
			return "the wallet is " + a.Status + ", so nothing can be paid"
		}
		if a.Price != "" {
			return fmt.Sprintf("the wallet holds %s %s, less than the price of %s", a.Balance, a.Currency, a.Price)
		}
		return fmt.Sprintf("the wallet holds %s %s, so nothing can be paid", a.Balance, a.Currency)
	},
	Why: func(a FundsArgs) string {
		return "the service refuses what costs money with DOMAIN_007 until the wallet can pay; renewals that fail now become outages later"
	},
	Fix:     func(FundsArgs) Fix { return steps("top up the wallet, then repeat the operation") },
	Example: FundsArgs{Balance: "0.00", Currency: "USD", Status: "ACTIVE"},
})

// HeldArgs are the arguments of the causes about records that the service holds.
type HeldArgs struct {
	Record Record   `json:"record"`
	ID     string   `json:"id,omitempty"`     // the record's id in the service
	Types  []string `json:"types,omitempty"`  // other types at the name
	Detail string   `json:"detail,omitempty"` // what is wrong with the value
}

func (a HeldArgs) which() string {
	s := a.Record.Name + " " + a.Record.Type
	if a.ID != "" {
		s += " (record " + a.ID + ")"
	}
	return s
}

var exampleHeld = HeldArgs{Record: Record{Role: Configured, Zone: "example.com", Name: "mail.example.com", Type: "A", Value: "203.0.113.7", TTL: 30}, ID: "r-3"}

// ServiceRecordTTLOutOfRange is service.record-ttl-out-of-range.
var ServiceRecordTTLOutOfRange = declare(Cause{
	ID: "service.record-ttl-out-of-range", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title: "a held record's TTL is outside 60 to 86400 seconds",
	Codes: []string{"DOMAIN_008"}, Explains: []Link{{To: "record.ttl-out-of-range", Same: true}},
	Means:    "The service accepts records with a time to live from 60 to 86400 seconds (a minute to a day).",
	How:      "The records that the service holds, or that are proposed with --expect, are checked by the service's own rule.",
	Confused: "record.ttl-out-of-range, where the zone's own servers publish such a TTL.",
	Refs:     []string{"RFC 2181 8"},
}, Words[HeldArgs]{
	Summary: func(a HeldArgs) string {
		return fmt.Sprintf("%s has a TTL of %d; allowed are 60 to 86400 seconds", a.which(), a.Record.TTL)
	},
	Why: func(HeldArgs) string {
		return "the service refuses such a record, and with it the whole change, with DOMAIN_008"
	},
	Fix: func(a HeldArgs) Fix {
		r := a.Record
		r.TTL = legalTTL(uint32(max(0, a.Record.TTL)))
		return Fix{Steps: []string{fmt.Sprintf("set the record's TTL to %d in the service", r.TTL)}, Records: []Record{r}}
	},
	Example: exampleHeld,
})

// ServiceRecordCNAMECoexists is service.record-cname-coexists.
var ServiceRecordCNAMECoexists = declare(Cause{
	ID: "service.record-cname-coexists", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 5,
	Title: "a held CNAME shares its name with other records",
	Codes: []string{"DOMAIN_008"}, Explains: []Link{{To: "record.cname-coexists", Same: true}},
	Means:    "Among the records that the service holds, a CNAME and another type have the same name. DNS forbids it and the service refuses it.",
	How:      "The held and proposed records are compared by name, without regard to case, final dots or @.",
	Confused: "record.cname-coexists, where the zone's own servers answer with both; service.record-cname-at-apex, where the other records are the zone's own SOA and NS.",
	Refs:     []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, Words[HeldArgs]{
	Summary: func(a HeldArgs) string {
		return fmt.Sprintf("the CNAME %s shares its name with %s", a.which(), list(a.Types))
	},
	Why: func(HeldArgs) string {
		return "a name with a CNAME may hold nothing else; the service refuses the change with DOMAIN_008"
	},
	Fix: func(a HeldArgs) Fix {
		return steps(fmt.Sprintf("delete either the CNAME or the %s at %s in the service", list(a.Types), a.Record.Name))
	},
	Example: HeldArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME", Value: "d111111abcdef8.cloudfront.net"}, ID: "r-1", Types: []string{"TXT"}},
})

// ServiceRecordCNAMEAtApex is service.record-cname-at-apex.
var ServiceRecordCNAMEAtApex = declare(Cause{
	ID: "service.record-cname-at-apex", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title: "a held CNAME is for the zone's own name",
	Codes: []string{"DOMAIN_008"}, Explains: []Link{{To: "service.record-cname-coexists", Same: true}, {To: "record.cname-at-apex", Same: true}, {To: "record.missing", Roles: []Role{Routing, Configured}, Same: true}, {To: "record.wrong-type", Same: true}},
	Means:    "The zone's own name always carries SOA and NS records, so it can have no CNAME.",
	How:      "The record's name is where the zone begins, as its servers say.",
	Confused: "record.cname-at-apex, where such a CNAME is already published; service.record-cname-coexists, where the name is not the zone's own.",
	Refs:     []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, Words[HeldArgs]{
	Summary: func(a HeldArgs) string { return a.which() + " is a CNAME at the zone's own name" },
	Why: func(a HeldArgs) string {
		return fmt.Sprintf("%s is where the zone begins; its SOA and NS records forbid a CNAME there", a.Record.Name)
	},
	Fix: func(a HeldArgs) Fix {
		return steps("use an ALIAS, ANAME or flattened record to "+a.Record.Value+" at the DNS host", "or attach www."+a.Record.Name+" and redirect the bare name to it")
	},
	Example: HeldArgs{Record: Record{Role: Routing, Zone: "example.com", Name: "example.com", Type: "CNAME", Value: "d111111abcdef8.cloudfront.net"}, ID: "r-1"},
})

// ServiceRecordDuplicate is service.record-duplicate.
var ServiceRecordDuplicate = declare(Cause{
	ID: "service.record-duplicate", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 3,
	Title:    "a record is held twice",
	Codes:    []string{"DOMAIN_008"},
	Means:    "The service holds the same record twice, or two CNAMEs at one name. A set of records is a set: nothing stands in it twice, and a CNAME stands alone.",
	How:      "The held and proposed records are compared by name, type and value.",
	Confused: "service.record-cname-coexists, where the two records are of different types.",
	Refs:     []string{"RFC 2181 5", "RFC 1034 3.6.2"},
}, Words[HeldArgs]{
	Summary: func(a HeldArgs) string { return a.which() + " is held twice" },
	Why:     func(a HeldArgs) string { return a.Detail },
	Fix:     func(a HeldArgs) Fix { return steps("delete one of the two in the service") },
	Example: HeldArgs{Record: Record{Role: Configured, Zone: "example.com", Name: "www.example.com", Type: "CNAME", Value: "shop.example.com"}, ID: "r-5", Detail: "records r-4 and r-5 have the same name, type and value"},
})

// ServiceRecordInvalid is service.record-invalid.
var ServiceRecordInvalid = declare(Cause{
	ID: "service.record-invalid", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 3,
	Title:    "a held record's value does not fit its type",
	Codes:    []string{"DOMAIN_005", "DOMAIN_008"},
	Means:    "The value cannot be what the type asks for: an A record needs an IPv4 address, a CNAME a bare host name.",
	How:      "The held and proposed records are parsed as the DNS would.",
	Confused: "record.value-differs, where a well-formed value is published and it is another one; service.status-forbids-update, where no change is taken at all.",
	Refs:     []string{"RFC 1035 3.3", "RFC 3596 2.2"},
}, Words[HeldArgs]{
	Summary: func(a HeldArgs) string { return fmt.Sprintf("the value of %s is not valid: %s", a.which(), a.Detail) },
	Why:     func(a HeldArgs) string { return "the value is " + quoted(a.Record.Value) },
	Fix:     func(a HeldArgs) Fix { return steps("correct the record's value in the service: " + a.Detail) },
	Example: HeldArgs{Record: Record{Role: Configured, Zone: "example.com", Name: "mail.example.com", Type: "A", Value: "mail.example.net"}, ID: "r-3", Detail: "an A record takes an IPv4 address"},
})

// ThingArgs are the arguments of the causes about ids that the service does not hold.
type ThingArgs struct {
	ID      string   `json:"id"`
	Domain  string   `json:"domain,omitempty"`
	Current []string `json:"current,omitempty"` // what the list holds now
	Detail  string   `json:"detail,omitempty"`
}

// ServiceRecordUnknown is service.record-unknown.
var ServiceRecordUnknown = declare(Cause{
	ID: "service.record-unknown", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 5,
	Title:    "the service holds no record with that id",
	Codes:    []string{"DOMAIN_009"},
	Means:    "The id comes from an older list, belongs to another domain, or the record was deleted and made again with a new id. Public DNS plays no part in this code.",
	How:      "The domain's list of records was read, and the id from the reported error is not in it.",
	Confused: "record.missing, which is about public DNS: the record may well be published; service.domain-not-found, where the whole domain is unknown.",
	Refs:     []string{"Domains Service, error code DOMAIN_009", "Domains Service API, GET /domains/v1/{id}/dns"},
}, Words[ThingArgs]{
	Summary: func(a ThingArgs) string {
		if a.ID == "" {
			return "the service holds no such DNS record for " + a.Domain
		}
		return fmt.Sprintf("the service holds no DNS record %s for %s", a.ID, a.Domain)
	},
	Why: func(a ThingArgs) string {
		return "the list holds " + list(a.Current) + "; the id is from an older list, another domain, or a record that was made again"
	},
	Fix: func(a ThingArgs) Fix {
		return steps("read the list again (GET /domains/v1/:id/dns) and use the id that it shows now")
	},
	Example: ThingArgs{ID: "r-99", Domain: "shop.example.com", Current: []string{"r-1 shop.example.com CNAME", "r-2 _verify.shop.example.com TXT"}},
})

// RouteArgs are the arguments of the causes about routes.
type RouteArgs struct {
	Host   string   `json:"host,omitempty"`
	Path   string   `json:"path,omitempty"`
	Routes []string `json:"routes,omitempty"` // ids of the routes at fault
	Detail string   `json:"detail,omitempty"`
}

// ServiceRouteMissing is service.route-missing.
var ServiceRouteMissing = declare(Cause{
	ID: "service.route-missing", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title: "no route for this host",
	Codes: []string{"DOMAIN_014"}, Explains: []Link{{To: "http.not-routed"}},
	Means:    "The domain is set up, but no route says what to show there. The edge answers 404.",
	How:      "The domain's list of routes holds none for the host and path.",
	Confused: "service.route-unknown, where a route id is wrong; http.not-routed, which is the same seen by a visitor.",
	Refs:     []string{"Domains Service, error code DOMAIN_014", "Domains Service API, GET /domains/v1/{id}/routes"},
}, Words[RouteArgs]{
	Summary: func(a RouteArgs) string {
		return fmt.Sprintf("no route says what to show at %s%s", a.Host, a.Path)
	},
	Why: func(a RouteArgs) string {
		if a.Detail != "" {
			return a.Detail
		}
		return "the domain's list of routes holds none for it"
	},
	Fix: func(a RouteArgs) Fix {
		return steps(fmt.Sprintf("create a route for host %s and path %s (POST /domains/v1/:id/routes)", a.Host, a.Path))
	},
	Example: RouteArgs{Host: "shop.example.com", Path: "/"},
})

// ServiceRouteUnknown is service.route-unknown.
var ServiceRouteUnknown = declare(Cause{
	ID: "service.route-unknown", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 3,
	Title:    "the service holds no route with that id",
	Codes:    []string{"DOMAIN_014"},
	Means:    "The route's id comes from an older list or belongs to another domain.",
	How:      "The domain's list of routes was read, and the id from the reported error is not in it.",
	Confused: "service.route-missing, where no route takes the host and path; service.record-unknown, where the id is a record's.",
	Refs:     []string{"Domains Service, error code DOMAIN_014", "Domains Service API, GET /domains/v1/{id}/routes"},
}, Words[ThingArgs]{
	Summary: func(a ThingArgs) string {
		return fmt.Sprintf("the service holds no route %s for %s", a.ID, a.Domain)
	},
	Why: func(a ThingArgs) string { return "the list holds " + list(a.Current) },
	Fix: func(a ThingArgs) Fix {
		return steps("read the list again (GET /domains/v1/:id/routes) and use the id that it shows now")
	},
	Example: ThingArgs{ID: "rt-9", Domain: "shop.example.com", Current: []string{"rt-1 /"}},
})

// ServiceRouteConflict is service.route-conflict.
var ServiceRouteConflict = declare(Cause{
	ID: "service.route-conflict", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 4,
	Title:    "two routes claim the same host and path",
	Codes:    []string{"DOMAIN_015"},
	Means:    "A host and path can lead to one target only; the second route is refused.",
	How:      "The domain's routes are compared by host and path.",
	Confused: "service.route-shadowed, where the service takes both routes and one never gets a visitor.",
	Refs:     []string{"Domains Service, error code DOMAIN_015"},
}, Words[RouteArgs]{
	Summary: func(a RouteArgs) string {
		return fmt.Sprintf("routes %s both claim %s%s", list(a.Routes), a.Host, a.Path)
	},
	Why: func(a RouteArgs) string {
		return "the service refuses the second with DOMAIN_015; " + a.Detail
	},
	Fix: func(a RouteArgs) Fix {
		return steps("change the path of one of them, or delete the one that is not wanted")
	},
	Example: RouteArgs{Host: "shop.example.com", Path: "/", Routes: []string{"rt-1", "rt-2"}, Detail: "rt-1 leads to event:42, rt-2 to page:7"},
})

// ServiceRouteShadowed is service.route-shadowed.
var ServiceRouteShadowed = declare(Cause{
	ID: "service.route-shadowed", Rung: Service, Who: []Actor{Tenant}, Verdict: Warn, Common: 2,
	Title:    "a route can never match",
	Codes:    []string{"DOMAIN_015"},
	Means:    "A wider route with a higher precedence takes everything that this one is for.",
	How:      "The routes are put in order by priority, and each path is looked up.",
	Confused: "service.route-missing: there is a route, another one is asked before it; service.route-conflict, where host and path are the same.",
	Refs:     []string{"Domains Service, error code DOMAIN_015", "Domains Service API, GET /domains/v1/{id}/routes"},
}, Words[RouteArgs]{
	Summary: func(a RouteArgs) string {
		return fmt.Sprintf("route %s for %s%s can never match", a.Routes[0], a.Host, a.Path)
	},
	Why:     func(a RouteArgs) string { return a.Detail },
	Fix:     func(a RouteArgs) Fix { return steps("give the narrower route the higher precedence, or delete it") },
	Example: RouteArgs{Host: "shop.example.com", Path: "/tickets", Routes: []string{"rt-2", "rt-1"}, Detail: "route rt-1 for /* with priority 1 comes before it"},
})

// ServiceRedirectCycle is service.redirect-cycle.
var ServiceRedirectCycle = declare(Cause{
	ID: "service.redirect-cycle", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 2,
	Title: "routes redirect to each other",
	Codes: []string{"DOMAIN_015", "DOMAIN_019"}, Explains: []Link{{To: "http.redirect-loop"}},
	Means:    "One route redirects to a host whose route redirects back: a visitor never arrives.",
	How:      "The redirect targets of the tenant's routes are followed.",
	Confused: "http.redirect-loop, where a proxy or the site behind the platform redirects, not a route.",
	Refs:     []string{"Domains Service, error code DOMAIN_015", "RFC 9110 15.4"},
}, Words[RouteArgs]{
	Summary: func(a RouteArgs) string { return "the routes of " + a.Host + " redirect in a circle" },
	Why:     func(a RouteArgs) string { return "the redirects are " + a.Detail },
	Fix:     func(a RouteArgs) Fix { return steps("change one of the redirects so that it ends at a page") },
	Example: RouteArgs{Host: "shop.example.com", Path: "/", Routes: []string{"rt-1", "rt-2"}, Detail: "shop.example.com -> www.shop.example.com -> shop.example.com"},
})

// ServiceTransferUnknown is service.transfer-unknown.
var ServiceTransferUnknown = declare(Cause{
	ID: "service.transfer-unknown", Rung: Service, Who: []Actor{Tenant}, Verdict: Fail, Common: 3,
	Title:    "the service holds no such transfer",
	Codes:    []string{"DOMAIN_017"},
	Means:    "The transfer completed, was cancelled, or was never started in the service.",
	How:      "The tenant's transfers were read; the registration's status says whether one is running.",
	Confused: "registration.transfer-pending, where the registry does show a transfer.",
	Refs:     []string{"Domains Service, error code DOMAIN_017", "Domains Service API, GET /domains/v1/transfers"},
}, Words[ThingArgs]{
	Summary: func(a ThingArgs) string {
		if a.ID == "" {
			return "the service holds no transfer for " + a.Domain
		}
		return fmt.Sprintf("the service holds no transfer %s", a.ID)
	},
	Why: func(a ThingArgs) string { return a.Detail },
	Fix: func(a ThingArgs) Fix {
		return steps("list the transfers (GET /domains/v1/transfers) and use an id that it shows", "a transfer that was started at a registrar never appears in the service")
	},
	Example: ThingArgs{ID: "t-9", Domain: "example.com", Detail: "the registry shows no pending transfer, so none is running"},
})

// IncidentArgs are the arguments of service.integration-incident.
type IncidentArgs struct {
	Integration string   `json:"integration"` // "registrar", "CDN", "DNS" or "SSL"
	Code        string   `json:"code"`        // the code that was reported; empty where the domains themselves show it
	Domains     []string `json:"domains,omitempty"`
	Causes      []string `json:"causes,omitempty"` // what the domains show, the commonest first
	Healthy     int      `json:"healthy,omitempty"`
	Detail      string   `json:"detail,omitempty"`
}

// ServiceIntegrationIncident is service.integration-incident.
var ServiceIntegrationIncident = declare(Cause{
	ID: "service.integration-incident", Rung: Service, Who: []Actor{Platform}, Verdict: Fail, Common: 4,
	Title:  "an integration of the platform fails for many domains",
	ByRole: map[Role][]string{NoRole: {"DOMAIN_020", "DOMAIN_021", "DOMAIN_022", "DOMAIN_023"}},
	Means:  "The same integration failed for several domains that have nothing else in common. It is the platform, or its provider, and no tenant can mend it.",
	How: "The same code of 020 to 023 was reported for at least three unrelated domains within a day; or at least three, and at least half of those that lead to the platform's edge, " +
		"fail there in the same way.",
	Confused: "a domain whose own fault explains the code, such as registration.update-locked or delegation.wrong-host; delegation.host-incident, where the tenants' DNS host fails, not the platform.",
	Refs:     []string{"Domains Service, error code DOMAIN_020", "Domains Service, error code DOMAIN_021", "Domains Service, error code DOMAIN_022", "Domains Service, error code DOMAIN_023"},
}, Words[IncidentArgs]{
	Summary: func(a IncidentArgs) string {
		return fmt.Sprintf("the platform's %s integration fails for %s: it is us, not you", a.Integration, plural(len(a.Domains), "domain"))
	},
	Why: func(a IncidentArgs) string {
		if a.Code == "" {
			return FleetArgs{Causes: a.Causes, Domains: a.Domains, Healthy: a.Healthy}.why()
		}
		return fmt.Sprintf("%s was reported for %s, which have nothing else in common", a.Code, list(a.Domains))
	},
	Fix: func(a IncidentArgs) Fix {
		f := steps("nothing to do on the domains' side; the platform's operators repair the integration", "try again when the platform reports it as working")
		if slices.Contains(a.Causes, "http.origin-unreachable") {
			f.Steps = append(f.Steps, "if these domains share one origin of their own, look there first")
		}
		return f
	},
	Example: IncidentArgs{Integration: "registrar", Code: "DOMAIN_020", Domains: []string{"a.example", "b.example", "c.example"}},
})

// Codes narrows an incident to the code of its integration.
func (a IncidentArgs) Codes() []string {
	if a.Code == "" {
		return nil
	}
	return []string{a.Code}
}

// Elsewhere says in place of a tenant's steps that the platform must act.
func (a IncidentArgs) Elsewhere() string {
	return fmt.Sprintf("nothing to change at this domain: the platform's %s integration fails for other domains in the same way, and the platform repairs it (see the incident)", a.Integration)
}
