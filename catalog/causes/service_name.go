package causes

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// ServiceNameMalformedArgs are the arguments of service.name-malformed.
type ServiceNameMalformedArgs struct {
	Name   string `json:"name"`
	Other  string `json:"other,omitempty"` // the name that was probably meant
	Detail string `json:"detail,omitempty"`
}

// ServiceNameMalformed is service.name-malformed.
var ServiceNameMalformed = catalog.Declare(catalog.Cause{
	ID: "service.name-malformed", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "not a valid domain name",
	Codes:     []string{"DOMAIN_001"},
	Description: "The name contains something that no domain name can: a scheme or path, a space, an invisible " +
		"character, a label of more than 63 octets, or an internationalized form that does not convert.",
	Detection: "The name is normalized (case, final dot, IDNA). What is not valid is reported with its position.",
	Confused: "service.near-miss, where the name is valid but misspelled; certificate.name-unissuable, where the " +
		"name " +
		"is valid in DNS but not for certificates.",
	Refs: []string{"RFC 1035 2.3.4", "RFC 5891 4"},
}, catalog.Text[ServiceNameMalformedArgs]{
	Summary: func(a ServiceNameMalformedArgs) string {
		return catalog.Quote(a.Name) + " is not a domain name: " + a.Detail
	},
	Why: func(ServiceNameMalformedArgs) string {
		return "the service looks up names exactly as given, so it finds nothing under this one"
	},
	Fix: func(a ServiceNameMalformedArgs) catalog.Fix {
		if a.Other != "" {
			return catalog.Steps("use " + a.Other)
		}
		return catalog.Steps("use the bare name, for example shop.example.com")
	},
	Example: ServiceNameMalformedArgs{
		Name: "https://shop.example.com/cart", Other: "shop.example.com", Detail: "it is a URL",
	},
})

// ServiceDomainNotFoundArgs are the arguments of service.domain-not-found.
type ServiceDomainNotFoundArgs struct {
	Name   string `json:"name"`             // a name or an ID
	Detail string `json:"detail,omitempty"` // where it was looked up: "9 domains"
}

// ServiceDomainNotFound is service.domain-not-found.
var ServiceDomainNotFound = catalog.Declare(catalog.Cause{
	ID: "service.domain-not-found", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 6,
	Title:     "this tenant has no such domain",
	Codes:     []string{"DOMAIN_001"},
	Description: "The token's tenant has no domain with this ID or name. Domains of other tenants give the same " +
		"answer.",
	Detection: "The tenant's full list of domains was read, and the name is not in it.",
	Confused: "service.tenant-mismatch and service.unauthorized, which hide a domain that exists; service.near-miss, " +
		"where a similar name is in the list.",
	Refs: []string{"Domains Service, error code DOMAIN_001", "Domains Service API, GET /domains/v1/{id}"},
}, catalog.Text[ServiceDomainNotFoundArgs]{
	Summary: func(a ServiceDomainNotFoundArgs) string { return a.Name + " is not among this tenant's domains" },
	Why: func(a ServiceDomainNotFoundArgs) string {
		return "it is not in the tenant's full list (" + a.Detail + ")"
	},
	Fix: func(ServiceDomainNotFoundArgs) catalog.Fix {
		return catalog.Fix{Steps: []string{
			"compare the name or ID with the list",
			"if it belongs to another tenant, log in there (--profile)",
		}, Commands: []string{"domdoc domains"}}
	},
	Example: ServiceDomainNotFoundArgs{Name: "shop.example.com", Detail: "9 domains"},
})

// ServiceNearMissArgs are the arguments of service.near-miss.
type ServiceNearMissArgs struct {
	Name   string `json:"name"`
	Other  string `json:"other,omitempty"`  // the similar name in the list
	Status string `json:"status,omitempty"` // its status in the service
}

// ServiceNearMiss is service.near-miss.
var ServiceNearMiss = catalog.Declare(catalog.Cause{
	ID: "service.near-miss", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the tenant has a domain with a similar name",
	Codes:     []string{"DOMAIN_001"},
	Explains: links(ServiceDomainNotFound.ID, RegistrationNotRegistered.ID, DelegationMissing.ID,
		RecordCNAMEDangling.ID),
	Description: "The name is not in the tenant's list, but one that differs by a letter or two, or by www, is.",
	Detection:   "The edit distance to a name in the list is at most 2, or the names differ only by www.",
	Confused: "service.domain-not-found, where the list has no similar name; service.name-malformed, where the name " +
		"cannot exist.",
	Refs: []string{"Domains Service, error code DOMAIN_001"},
}, catalog.Text[ServiceNearMissArgs]{
	Summary: func(a ServiceNearMissArgs) string {
		return fmt.Sprintf("%s is not in the list; did you mean %s (status %s)?", a.Name, a.Other, a.Status)
	},
	Why: func(a ServiceNearMissArgs) string {
		return "the tenant's list has " + a.Other + ", which differs only slightly"
	},
	Fix: func(a ServiceNearMissArgs) catalog.Fix {
		return catalog.Fix{
			Steps:    []string{"use " + a.Other + ", or attach " + a.Name + " as a domain of its own"},
			Commands: []string{shell.Command("domdoc", "check", a.Other)},
		}
	},
	Example: ServiceNearMissArgs{Name: "shpo.example.com", Other: "shop.example.com", Status: "VERIFIED"},
})

// ServiceDomainElsewhereArgs are the arguments of service.domain-elsewhere.
type ServiceDomainElsewhereArgs struct {
	Name   string `json:"name"`
	Detail string `json:"detail,omitempty"` // the evidence that the platform serves it
}

// ServiceDomainElsewhere is service.domain-elsewhere.
var ServiceDomainElsewhere = catalog.Declare(catalog.Cause{
	ID: "service.domain-elsewhere", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the domain is attached, but not to this tenant",
	Codes:     []string{"DOMAIN_001", "DOMAIN_002"}, Explains: links(ServiceDomainNotFound.ID),
	Description: "The name is not in this tenant's list, but its DNS points to the platform and the platform serves " +
		"it: another tenant, or an earlier attachment, has it.",
	Detection: "The list does not have the name; its CNAME points to the platform's CDN, which serves a certificate " +
		"for it.",
	Confused: "service.domain-not-found, where nothing points to the platform; service.already-yours, where this " +
		"tenant has the domain.",
	Refs: []string{"Domains Service, error code DOMAIN_001", "Domains Service, error code DOMAIN_002"},
}, catalog.Text[ServiceDomainElsewhereArgs]{
	Summary: func(a ServiceDomainElsewhereArgs) string {
		return a.Name + " is already served by the platform, but not for this tenant"
	},
	Why: func(a ServiceDomainElsewhereArgs) string {
		return "it is not in the tenant's list, and " + a.Detail
	},
	Fix: func(ServiceDomainElsewhereArgs) catalog.Fix {
		return catalog.Steps("log in as the tenant that has it (--profile), or request a transfer between tenants",
			"if no tenant should have it, delete the DNS record that points to the platform")
	},
	Example: ServiceDomainElsewhereArgs{
		Name:   "shop.example.com",
		Detail: "its CNAME points to d111111abcdef8.cloudfront.net, which serves a certificate for it",
	},
})

// ServiceAlreadyYoursArgs are the arguments of service.already-yours.
type ServiceAlreadyYoursArgs struct {
	Name   string `json:"name"`
	Status string `json:"status,omitempty"` // its status in the service
}

// ServiceAlreadyYours is service.already-yours.
var ServiceAlreadyYours = catalog.Declare(catalog.Cause{
	ID: "service.already-yours", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency:   4,
	Title:       "the domain is already attached to this tenant",
	Codes:       []string{"DOMAIN_002"},
	Description: "The service refused to add the domain, because this tenant already has it. There is nothing to add.",
	Detection:   "The name is in the tenant's own list.",
	Confused: "service.domain-elsewhere, where another tenant has the name; registration.taken, which is about " +
		"registering the name, not attaching it.",
	Refs: []string{"Domains Service, error code DOMAIN_002"},
}, catalog.Text[ServiceAlreadyYoursArgs]{
	Summary: func(a ServiceAlreadyYoursArgs) string {
		return fmt.Sprintf("%s is already yours (status %s)", a.Name, a.Status)
	},
	Why: func(ServiceAlreadyYoursArgs) string {
		return "the service answers DOMAIN_002 if the same domain is added again"
	},
	Fix: func(a ServiceAlreadyYoursArgs) catalog.Fix {
		return catalog.Fix{
			Steps:    []string{"do not add it again; continue with the existing domain"},
			Commands: []string{shell.Command("domdoc", "check", a.Name)},
		}
	},
	Example: ServiceAlreadyYoursArgs{Name: "shop.example.com", Status: "VERIFIED"},
})

// ServiceWildcardOverlapArgs are the arguments of service.wildcard-overlap.
type ServiceWildcardOverlapArgs struct {
	Name  string `json:"name"`
	Other string `json:"other,omitempty"` // the domain it overlaps with
}

// ServiceWildcardOverlap is service.wildcard-overlap.
var ServiceWildcardOverlap = catalog.Declare(catalog.Cause{
	ID: "service.wildcard-overlap", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency: 2,
	Title:     "a wildcard domain of the tenant covers this name",
	Codes:     []string{"DOMAIN_002"},
	Description: "The tenant has both a wildcard domain (*.x) and a single name that it covers, so two domains in " +
		"the " +
		"service match one name.",
	Detection: "Both are in the tenant's own list.",
	Confused: "service.already-yours, where the same name is in the list; record.wildcard-answers, which is about " +
		"the " +
		"DNS zone, not the service's list.",
	Refs: []string{"RFC 4592 2.1"},
}, catalog.Text[ServiceWildcardOverlapArgs]{
	Summary: func(a ServiceWildcardOverlapArgs) string { return fmt.Sprintf("%s and %s overlap", a.Name, a.Other) },
	Why: func(ServiceWildcardOverlapArgs) string {
		return "both are in the tenant's list, and the wildcard covers the other name"
	},
	Fix: func(ServiceWildcardOverlapArgs) catalog.Fix {
		return catalog.Steps("keep one of them, or attach the single name as an exception to the wildcard")
	},
	Example: ServiceWildcardOverlapArgs{Name: "shop.example.com", Other: "*.example.com"},
})

// ServiceStatusForbidsUpdateArgs are the arguments of service.status-forbids-update.
type ServiceStatusForbidsUpdateArgs struct {
	Name   string `json:"name"`
	Status string `json:"status,omitempty"`
}

// passing reports whether the status names an operation that ends by itself, such as UPDATING or
// TRANSFER_IN_PROGRESS.
func (a ServiceStatusForbidsUpdateArgs) passing() bool {
	words := strings.FieldsFunc(strings.ToUpper(a.Status), func(r rune) bool { return r < 'A' || r > 'Z' })
	return slices.ContainsFunc(words, func(w string) bool {
		return strings.HasSuffix(w, "ING") || w == "PROGRESS" || w == "QUEUED"
	})
}

// Owner returns catalog.Wait while an operation is in progress, and otherwise who must act.
func (a ServiceStatusForbidsUpdateArgs) Owner() catalog.Actor {
	if a.passing() {
		return catalog.Wait
	}
	return catalog.Platform
}

// ServiceStatusForbidsUpdate is service.status-forbids-update.
var ServiceStatusForbidsUpdate = catalog.Declare(catalog.Cause{
	ID: "service.status-forbids-update", Rung: catalog.Service, Who: []catalog.Actor{catalog.Wait, catalog.Platform},
	Verdict: catalog.Fail, Frequency: 4,
	Title:       "the domain cannot be updated in its current status",
	Codes:       []string{"DOMAIN_005"},
	Description: "The service updates a domain only while it is VERIFIED or PENDING.",
	Detection:   "The domain has another status in the service.",
	Confused: "registration.update-locked, where the registry rejects the change; service.record-invalid, where the " +
		"content of the change is rejected.",
	Refs: []string{"Domains Service, error code DOMAIN_005"},
}, catalog.Text[ServiceStatusForbidsUpdateArgs]{
	Summary: func(a ServiceStatusForbidsUpdateArgs) string {
		return fmt.Sprintf("%s is %s, and the service updates only VERIFIED or PENDING domains", a.Name, a.Status)
	},
	Why: func(ServiceStatusForbidsUpdateArgs) string {
		return "updates are rejected with DOMAIN_005 until the status changes"
	},
	Fix: func(a ServiceStatusForbidsUpdateArgs) catalog.Fix {
		f := catalog.Fix{Commands: []string{"domdoc domains"}}
		if a.passing() {
			f.Steps = []string{
				"wait until the current operation ends, then repeat the update",
				"if the status does not change within an hour, contact the platform's support",
			}
			return f
		}
		f.Steps = []string{
			"ask the platform's support why the status is " + a.Status + " and what ends it",
			"then repeat the update: the status does not change by itself",
		}
		return f
	},
	Example: ServiceStatusForbidsUpdateArgs{Name: "shop.example.com", Status: "SUSPENDED"},
})
