package causes

import (
	"fmt"

	"domdoc/catalog"
)

// RouteFault is a fault in the routes of a domain: the arguments of the causes about routes.
type RouteFault struct {
	Host   string   `json:"host,omitempty"`
	Path   string   `json:"path,omitempty"`
	Routes []string `json:"routes,omitempty"` // the IDs of the routes involved
	Detail string   `json:"detail,omitempty"`
}

const (
	routeRef  = "Domains Service API, GET /domains/v1/{id}/routes"
	code014   = "Domains Service, error code DOMAIN_014"
	code015   = "Domains Service, error code DOMAIN_015"
	routeList = "GET /domains/v1/:id/routes"
)

// ServiceRouteMissing is service.route-missing.
var ServiceRouteMissing = catalog.Declare(catalog.Cause{
	ID: "service.route-missing", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "no route for this host",
	Codes:     []string{"DOMAIN_014"}, Explains: links(HTTPNotRouted.ID),
	Description: "The domain is set up, but no route defines what it shows. The edge answers 404.",
	Detection:   "The domain's list of routes has none for the host and path.",
	Confused: "service.route-unknown, where a route ID is wrong; http.not-routed, which is the same fault seen over " +
		"HTTP.",
	Refs: []string{code014, routeRef},
}, catalog.Text[RouteFault]{
	Summary: func(a RouteFault) string {
		return fmt.Sprintf("no route defines what to show at %s%s", a.Host, a.Path)
	},
	Why: func(a RouteFault) string {
		if a.Detail != "" {
			return a.Detail
		}
		return "the domain's list of routes has none for it"
	},
	Fix: func(a RouteFault) catalog.Fix {
		return catalog.Steps(fmt.Sprintf("create a route for host %s and path %s (POST /domains/v1/:id/routes)", a.Host,
			a.Path))
	},
	Example: RouteFault{Host: "shop.example.com", Path: "/"},
})

// ServiceRouteUnknown is service.route-unknown.
var ServiceRouteUnknown = catalog.Declare(catalog.Cause{
	ID: "service.route-unknown", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency:   3,
	Title:       "the service has no route with that ID",
	Codes:       []string{"DOMAIN_014"},
	Description: "The route ID comes from an outdated list or belongs to another domain.",
	Detection:   "The domain's list of routes was read, and the ID from the reported error is not in it.",
	Confused: "service.route-missing, where no route matches the host and path; service.record-unknown, where the ID " +
		"is that of a record.",
	Refs: []string{code014, routeRef},
}, catalog.Text[UnknownID]{
	Summary: func(a UnknownID) string {
		return fmt.Sprintf("the service has no route %s for %s", a.ID, a.Domain)
	},
	Why: func(a UnknownID) string { return "the list contains " + catalog.Join(a.Current) },
	Fix: func(UnknownID) catalog.Fix {
		return catalog.Steps("read the list again (" + routeList + ") and use an ID from it")
	},
	Example: UnknownID{ID: "rt-9", Domain: "shop.example.com", Current: []string{"rt-1 /"}},
})

// ServiceRouteConflict is service.route-conflict.
var ServiceRouteConflict = catalog.Declare(catalog.Cause{
	ID: "service.route-conflict", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency:   4,
	Title:       "two routes have the same host and path",
	Codes:       []string{"DOMAIN_015"},
	Description: "A host and path can have only one route; the second one is rejected.",
	Detection:   "The domain's routes are compared by host and path.",
	Confused:    "service.route-shadowed, where the service accepts both routes and one never matches.",
	Refs:        []string{code015},
}, catalog.Text[RouteFault]{
	Summary: func(a RouteFault) string {
		return fmt.Sprintf("routes %s are both for %s%s", catalog.Join(a.Routes), a.Host, a.Path)
	},
	Why: func(a RouteFault) string {
		return "the service rejects the second with DOMAIN_015; " + a.Detail
	},
	Fix: func(RouteFault) catalog.Fix {
		return catalog.Steps("change the path of one of them, or delete the one that is not needed")
	},
	Example: RouteFault{
		Host: "shop.example.com", Path: "/", Routes: []string{"rt-1", "rt-2"},
		Detail: "rt-1 points to event:42, rt-2 to page:7",
	},
})

// ServiceRouteShadowed is service.route-shadowed.
var ServiceRouteShadowed = catalog.Declare(catalog.Cause{
	ID: "service.route-shadowed", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency:   2,
	Title:       "a route can never match",
	Codes:       []string{"DOMAIN_015"},
	Description: "A broader route with a higher precedence matches every request that this one is for.",
	Detection:   "The routes are sorted by priority, and each path is looked up.",
	Confused: "service.route-missing: here there is a route, but another one takes precedence; " +
		"service.route-conflict, " +
		"where host and path are the same.",
	Refs: []string{code015, routeRef},
}, catalog.Text[RouteFault]{
	Summary: func(a RouteFault) string {
		return fmt.Sprintf("route %s for %s%s can never match", a.Routes[0], a.Host, a.Path)
	},
	Why: func(a RouteFault) string { return a.Detail },
	Fix: func(RouteFault) catalog.Fix {
		return catalog.Steps("give the narrower route the higher precedence, or delete it")
	},
	Example: RouteFault{
		Host: "shop.example.com", Path: "/tickets", Routes: []string{"rt-2", "rt-1"},
		Detail: "route rt-1 for /* with priority 1 takes precedence",
	},
})

// ServiceRedirectCycle is service.redirect-cycle.
var ServiceRedirectCycle = catalog.Declare(catalog.Cause{
	ID: "service.redirect-cycle", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "routes redirect to each other",
	Codes:     []string{"DOMAIN_015", "DOMAIN_019"}, Explains: links(HTTPRedirectLoop.ID),
	Description: "A route redirects to a host whose route redirects back, so visitors never reach a page.",
	Detection:   "The redirect targets of the tenant's routes are followed.",
	Confused:    "http.redirect-loop, where a proxy or the site behind the platform redirects, not a route.",
	Refs:        []string{code015, "RFC 9110 15.4"},
}, catalog.Text[RouteFault]{
	Summary: func(a RouteFault) string { return "the routes of " + a.Host + " form a redirect loop" },
	Why:     func(a RouteFault) string { return "the redirects are " + a.Detail },
	Fix: func(RouteFault) catalog.Fix {
		return catalog.Steps("change one of the redirects to end at a page")
	},
	Example: RouteFault{
		Host: "shop.example.com", Path: "/", Routes: []string{"rt-1", "rt-2"},
		Detail: "shop.example.com -> www.shop.example.com -> shop.example.com",
	},
})

// ServiceTransferUnknownArgs are the arguments of service.transfer-unknown.
type ServiceTransferUnknownArgs struct {
	ID      string   `json:"id"`
	Domain  string   `json:"domain,omitempty"`
	Current []string `json:"current,omitempty"` // the tenant's transfers
	Detail  string   `json:"detail,omitempty"`  // what the registry shows
}

// ServiceTransferUnknown is service.transfer-unknown.
var ServiceTransferUnknown = catalog.Declare(catalog.Cause{
	ID: "service.transfer-unknown", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency:   3,
	Title:       "the service has no such transfer",
	Codes:       []string{"DOMAIN_017"},
	Description: "The transfer has completed, was cancelled, or was never started in the service.",
	Detection:   "The tenant's transfers were read. The registration's status shows whether one is in progress.",
	Confused:    "registration.transfer-pending, where the registry does show a transfer.",
	Refs:        []string{"Domains Service, error code DOMAIN_017", "Domains Service API, GET /domains/v1/transfers"},
}, catalog.Text[ServiceTransferUnknownArgs]{
	Summary: func(a ServiceTransferUnknownArgs) string {
		if a.ID == "" {
			return "the service has no transfer for " + a.Domain
		}
		return "the service has no transfer " + a.ID
	},
	Why: func(a ServiceTransferUnknownArgs) string { return a.Detail },
	Fix: func(ServiceTransferUnknownArgs) catalog.Fix {
		return catalog.Steps("list the transfers (GET /domains/v1/transfers) and use an ID from it",
			"a transfer that was started at a registrar does not appear in the service")
	},
	Example: ServiceTransferUnknownArgs{
		ID: "t-9", Domain: "example.com",
		Detail: "the registry shows no pending transfer, so none is in progress",
	},
})
