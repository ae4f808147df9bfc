package causes

import (
	"fmt"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// NameArgs are the arguments of the causes about the name itself.
type NameArgs struct {
	Name   string   `json:"name"`
	Other  string   `json:"other,omitempty"`  // another name that matters
	Status string   `json:"status,omitempty"` // its status in the service
	Detail string   `json:"detail,omitempty"`
	Seen   []string `json:"seen,omitempty"`
}

// ServiceNameMalformed is service.name-malformed.
var ServiceNameMalformed = catalog.Declare(catalog.Cause{
	ID: "service.name-malformed", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "that is not a domain name",
	Codes:     []string{"DOMAIN_001"},
	Description: "The name holds something that no domain name can: a scheme or a path, a space, a hidden " +
		"character, a " +
		"label of more than 63 octets, or an internationalised form that does not convert.",
	Detection: "The name is normalised (case, final dot, IDNA) and what does not fit is named with its position.",
	Confused: "service.near-miss, where the name is well formed and a letter is wrong; certificate.name-unissuable, " +
		"where the DNS accepts the name and the certificate authority does not.",
	Refs: []string{"RFC 1035 2.3.4", "RFC 5891 4"},
}, catalog.Text[NameArgs]{
	Summary: func(a NameArgs) string { return catalog.Quote(a.Name) + " is not a domain name: " + a.Detail },
	Why: func(a NameArgs) string {
		return "the service looks names up exactly as they are given, so it finds nothing under this one"
	},
	Fix: func(a NameArgs) catalog.Fix {
		if a.Other != "" {
			return catalog.Steps("use " + a.Other)
		}
		return catalog.Steps("use the bare name, for example shop.example.com")
	},
	Example: NameArgs{Name: "https://shop.example.com/cart", Other: "shop.example.com", Detail: "it is a web address"},
})

// ServiceDomainNotFound is service.domain-not-found.
var ServiceDomainNotFound = catalog.Declare(catalog.Cause{
	ID: "service.domain-not-found", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 6,
	Title:     "this tenant has no such domain",
	Codes:     []string{"DOMAIN_001"},
	Description: "The service knows no domain with this id or name in the tenant that the token belongs to. Domains " +
		"of " +
		"other tenants look the same.",
	Detection: "The whole list of the tenant's domains was read, and the name is not in it.",
	Confused: "service.tenant-mismatch and service.unauthorized, which hide a domain that exists; " +
		"service.near-miss, where a name like it is in the list.",
	Refs: []string{"Domains Service, error code DOMAIN_001", "Domains Service API, GET /domains/v1/{id}"},
}, catalog.Text[NameArgs]{
	Summary: func(a NameArgs) string { return a.Name + " is not among this tenant's domains" },
	Why: func(a NameArgs) string {
		return "the tenant's list was read to its end (" + a.Detail + ") and does not hold it"
	},
	Fix: func(a NameArgs) catalog.Fix {
		return catalog.Fix{Steps: []string{
			"check the name or id against the list",
			"if it belongs to another tenant, log in there (--profile)",
		}, Commands: []string{"domdoc domains"}}
	},
	Example: NameArgs{Name: "shop.example.com", Detail: "9 domains"},
})

// ServiceNearMiss is service.near-miss.
var ServiceNearMiss = catalog.Declare(catalog.Cause{
	ID: "service.near-miss", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "a very similar domain is in the list",
	Codes:     []string{"DOMAIN_001"}, Explains: []catalog.Link{
		{To: "service.domain-not-found"},
		{To: "registration.not-registered"},
		{To: "delegation.missing"},
		{To: "record.cname-dangling"},
	},
	Description: "The name is not in the tenant's list, but one that differs by a letter or two, or by www, is.",
	Detection:   "The edit distance to the names of the list is at most 2, or one is the other's www twin.",
	Confused: "service.domain-not-found, where nothing similar is in the list; service.name-malformed, where the " +
		"name cannot exist.",
	Refs: []string{"Domains Service, error code DOMAIN_001"},
}, catalog.Text[NameArgs]{
	Summary: func(a NameArgs) string {
		return fmt.Sprintf("%s is not in the list; did you mean %s (status %s)?", a.Name, a.Other, a.Status)
	},
	Why: func(a NameArgs) string {
		return "the tenant's list holds " + a.Other + ", which differs only a little"
	},
	Fix: func(a NameArgs) catalog.Fix {
		return catalog.Fix{
			Steps:    []string{"use " + a.Other + ", or attach " + a.Name + " as a domain of its own"},
			Commands: []string{shell.Command("domdoc", "check", a.Other)},
		}
	},
	Example: NameArgs{Name: "shpo.example.com", Other: "shop.example.com", Status: "VERIFIED"},
})

// ServiceDomainElsewhere is service.domain-elsewhere.
var ServiceDomainElsewhere = catalog.Declare(catalog.Cause{
	ID: "service.domain-elsewhere", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the domain is attached, but not to this tenant",
	Codes:     []string{"DOMAIN_001", "DOMAIN_002"}, Explains: []catalog.Link{{To: "service.domain-not-found"}},
	Description: "The name is not in this tenant's list, yet its DNS points to the platform and the platform serves " +
		"it: another tenant, or an earlier attachment, holds it.",
	Detection: "The list does not hold the name; its CNAME leads to the platform's CDN, and the CDN shows a " +
		"certificate for it.",
	Confused: "service.domain-not-found, where nothing points to the platform; service.already-yours, where this " +
		"tenant itself has it.",
	Refs: []string{"Domains Service, error code DOMAIN_001", "Domains Service, error code DOMAIN_002"},
}, catalog.Text[NameArgs]{
	Summary: func(a NameArgs) string {
		return a.Name + " is served by the platform already, but not for this tenant"
	},
	Why: func(a NameArgs) string {
		return "the tenant's list does not hold it, and " + a.Detail
	},
	Fix: func(a NameArgs) catalog.Fix {
		return catalog.Steps("log in as the tenant that holds it (--profile), or ask for a transfer between tenants",
			"if nobody should hold it, delete the DNS record that points to the platform")
	},
	Example: NameArgs{
		Name:   "shop.example.com",
		Detail: "its CNAME leads to d111111abcdef8.cloudfront.net, which answers with a certificate for it",
	},
})

// ServiceAlreadyYours is service.already-yours.
var ServiceAlreadyYours = catalog.Declare(catalog.Cause{
	ID: "service.already-yours", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency:   4,
	Title:       "the domain is already attached to this tenant",
	Codes:       []string{"DOMAIN_002"},
	Description: "The service refused to add the domain, because this tenant has it already. There is nothing to add.",
	Detection:   "The tenant's own list holds the name.",
	Confused: "service.domain-elsewhere, where another tenant holds the name; registration.taken, which is about " +
		"buying the name, not about attaching it.",
	Refs: []string{"Domains Service, error code DOMAIN_002"},
}, catalog.Text[NameArgs]{
	Summary: func(a NameArgs) string {
		return fmt.Sprintf("%s is already yours (status %s)", a.Name, a.Status)
	},
	Why: func(NameArgs) string { return "the service answers DOMAIN_002 when the same domain is added again" },
	Fix: func(a NameArgs) catalog.Fix {
		return catalog.Fix{
			Steps:    []string{"do not add it again; continue with the domain that is there"},
			Commands: []string{shell.Command("domdoc", "check", a.Name)},
		}
	},
	Example: NameArgs{Name: "shop.example.com", Status: "VERIFIED"},
})

// ServiceWildcardOverlap is service.wildcard-overlap.
var ServiceWildcardOverlap = catalog.Declare(catalog.Cause{
	ID: "service.wildcard-overlap", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency:   2,
	Title:       "a wildcard domain in the list covers this name",
	Codes:       []string{"DOMAIN_002"},
	Description: "The tenant has *.x and x's child, or the reverse. The service sees one name in two domains.",
	Detection:   "The tenant's own list holds both.",
	Confused: "service.already-yours, where the very same name is in the list; record.wildcard-answers, which is " +
		"about the zone, not about the service's list.",
	Refs: []string{"RFC 4592 2.1"},
}, catalog.Text[NameArgs]{
	Summary: func(a NameArgs) string { return fmt.Sprintf("%s and %s overlap", a.Name, a.Other) },
	Why: func(a NameArgs) string {
		return "both are in the tenant's list, and the wildcard covers the other name"
	},
	Fix: func(a NameArgs) catalog.Fix {
		return catalog.Steps("keep one of them, or attach the single name as an exception of the wildcard")
	},
	Example: NameArgs{Name: "shop.example.com", Other: "*.example.com"},
})

// ServiceStatusForbidsUpdate is service.status-forbids-update.
var ServiceStatusForbidsUpdate = catalog.Declare(catalog.Cause{
	ID: "service.status-forbids-update", Rung: catalog.Service, Who: []catalog.Actor{catalog.Wait, catalog.Platform},
	Verdict: catalog.Fail, Frequency: 4,
	Title:       "the domain's status allows no update",
	Codes:       []string{"DOMAIN_005"},
	Description: "The service changes a domain only while it is VERIFIED or PENDING.",
	Detection:   "The domain's status in the service is another one.",
	Confused: "registration.update-locked, where the registry refuses the change; service.record-invalid, where the " +
		"content of the change is refused.",
	Refs: []string{"Domains Service, error code DOMAIN_005"},
}, catalog.Text[NameArgs]{
	Summary: func(a NameArgs) string {
		return fmt.Sprintf("%s is %s, and the service updates only VERIFIED or PENDING domains", a.Name, a.Status)
	},
	Why: func(a NameArgs) string {
		return "an update is refused with DOMAIN_005 until the status changes"
	},
	Fix: func(a NameArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				"wait until the running operation ends, then repeat the update",
				"if the status does not change within an hour, ask the platform's support",
			},
			Commands: []string{"domdoc domains"},
		}
	},
	Example: NameArgs{Name: "shop.example.com", Status: "SUSPENDED"},
})
