package causes

import (
	"fmt"

	"domdoc/catalog"
)

// RouteArgs are the arguments of the causes about routes.
type RouteArgs struct {
	Host   string   `json:"host,omitempty"`
	Path   string   `json:"path,omitempty"`
	Routes []string `json:"routes,omitempty"` // ids of the routes at fault
	Detail string   `json:"detail,omitempty"`
}

// ServiceRouteMissing is service.route-missing.
var ServiceRouteMissing = catalog.Declare(catalog.Cause{
	ID: "service.route-missing", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "no route for this host",
	Codes:     []string{"DOMAIN_014"}, Explains: []catalog.Link{{To: "http.not-routed"}},
	Description: "The domain is set up, but no route says what to show there. The edge answers 404.",
	Detection:   "The domain's list of routes holds none for the host and path.",
	Confused: "service.route-unknown, where a route id is wrong; http.not-routed, which is the same seen by a " +
		"visitor.",
	Refs: []string{"Domains Service, error code DOMAIN_014", "Domains Service API, GET /domains/v1/{id}/routes"},
}, catalog.Text[RouteArgs]{
	Summary: func(a RouteArgs) string {
		return fmt.Sprintf("no route says what to show at %s%s", a.Host, a.Path)
	},
	Why: func(a RouteArgs) string {
		if a.Detail != "" {
			return a.Detail
		}
		return "the domain's list of routes holds none for it"
	},
	Fix: func(a RouteArgs) catalog.Fix {
		return catalog.Steps(fmt.Sprintf("create a route for host %s and path %s (POST /domains/v1/:id/routes)", a.Host,
			a.Path))
	},
	Example: RouteArgs{Host: "shop.example.com", Path: "/"},
})

// ServiceRouteUnknown is service.route-unknown.
var ServiceRouteUnknown = catalog.Declare(catalog.Cause{
	ID: "service.route-unknown", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency:   3,
	Title:       "the service holds no route with that id",
	Codes:       []string{"DOMAIN_014"},
	Description: "The route's id comes from an older list or belongs to another domain.",
	Detection:   "The domain's list of routes was read, and the id from the reported error is not in it.",
	Confused: "service.route-missing, where no route takes the host and path; service.record-unknown, where the id " +
		"is a record's.",
	Refs: []string{"Domains Service, error code DOMAIN_014", "Domains Service API, GET /domains/v1/{id}/routes"},
}, catalog.Text[ThingArgs]{
	Summary: func(a ThingArgs) string {
		return fmt.Sprintf("the service holds no route %s for %s", a.ID, a.Domain)
	},
	Why: func(a ThingArgs) string { return "the list holds " + catalog.Join(a.Current) },
	Fix: func(a ThingArgs) catalog.Fix {
		return catalog.Steps("read the list again (GET /domains/v1/:id/routes) and use the id that it shows now")
	},
	Example: ThingArgs{ID: "rt-9", Domain: "shop.example.com", Current: []string{"rt-1 /"}},
})

// ServiceRouteConflict is service.route-conflict.
var ServiceRouteConflict = catalog.Declare(catalog.Cause{
	ID: "service.route-conflict", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency:   4,
	Title:       "two routes claim the same host and path",
	Codes:       []string{"DOMAIN_015"},
	Description: "A host and path can lead to one target only; the second route is refused.",
	Detection:   "The domain's routes are compared by host and path.",
	Confused:    "service.route-shadowed, where the service takes both routes and one never gets a visitor.",
	Refs:        []string{"Domains Service, error code DOMAIN_015"},
}, catalog.Text[RouteArgs]{
	Summary: func(a RouteArgs) string {
		return fmt.Sprintf("routes %s both claim %s%s", catalog.Join(a.Routes), a.Host, a.Path)
	},
	Why: func(a RouteArgs) string {
		return "the service refuses the second with DOMAIN_015; " + a.Detail
	},
	Fix: func(a RouteArgs) catalog.Fix {
		return catalog.Steps("change the path of one of them, or delete the one that is not wanted")
	},
	Example: RouteArgs{
		Host: "shop.example.com", Path: "/", Routes: []string{"rt-1", "rt-2"},
		Detail: "rt-1 leads to event:42, rt-2 to page:7",
	},
})

// ServiceRouteShadowed is service.route-shadowed.
var ServiceRouteShadowed = catalog.Declare(catalog.Cause{
	ID: "service.route-shadowed", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency:   2,
	Title:       "a route can never match",
	Codes:       []string{"DOMAIN_015"},
	Description: "A wider route with a higher precedence takes everything that this one is for.",
	Detection:   "The routes are put in order by priority, and each path is looked up.",
	Confused: "service.route-missing: there is a route, another one is asked before it; service.route-conflict, " +
		"where host and path are the same.",
	Refs: []string{"Domains Service, error code DOMAIN_015", "Domains Service API, GET /domains/v1/{id}/routes"},
}, catalog.Text[RouteArgs]{
	Summary: func(a RouteArgs) string {
		return fmt.Sprintf("route %s for %s%s can never match", a.Routes[0], a.Host, a.Path)
	},
	Why: func(a RouteArgs) string { return a.Detail },
	Fix: func(a RouteArgs) catalog.Fix {
		return catalog.Steps("give the narrower route the higher precedence, or delete it")
	},
	Example: RouteArgs{
		Host: "shop.example.com", Path: "/tickets", Routes: []string{"rt-2", "rt-1"},
		Detail: "route rt-1 for /* with priority 1 comes before it",
	},
})

// ServiceRedirectCycle is service.redirect-cycle.
var ServiceRedirectCycle = catalog.Declare(catalog.Cause{
	ID: "service.redirect-cycle", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "routes redirect to each other",
	Codes:     []string{"DOMAIN_015", "DOMAIN_019"}, Explains: []catalog.Link{{To: "http.redirect-loop"}},
	Description: "One route redirects to a host whose route redirects back: a visitor never arrives.",
	Detection:   "The redirect targets of the tenant's routes are followed.",
	Confused:    "http.redirect-loop, where a proxy or the site behind the platform redirects, not a route.",
	Refs:        []string{"Domains Service, error code DOMAIN_015", "RFC 9110 15.4"},
}, catalog.Text[RouteArgs]{
	Summary: func(a RouteArgs) string { return "the routes of " + a.Host + " redirect in a circle" },
	Why:     func(a RouteArgs) string { return "the redirects are " + a.Detail },
	Fix: func(a RouteArgs) catalog.Fix {
		return catalog.Steps("change one of the redirects so that it ends at a page")
	},
	Example: RouteArgs{
		Host: "shop.example.com", Path: "/", Routes: []string{"rt-1", "rt-2"},
		Detail: "shop.example.com -> www.shop.example.com -> shop.example.com",
	},
})

// ServiceTransferUnknown is service.transfer-unknown.
var ServiceTransferUnknown = catalog.Declare(catalog.Cause{
	ID: "service.transfer-unknown", Rung: catalog.Service, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency:   3,
	Title:       "the service holds no such transfer",
	Codes:       []string{"DOMAIN_017"},
	Description: "The transfer completed, was cancelled, or was never started in the service.",
	Detection:   "The tenant's transfers were read; the registration's status says whether one is running.",
	Confused:    "registration.transfer-pending, where the registry does show a transfer.",
	Refs:        []string{"Domains Service, error code DOMAIN_017", "Domains Service API, GET /domains/v1/transfers"},
}, catalog.Text[ThingArgs]{
	Summary: func(a ThingArgs) string {
		if a.ID == "" {
			return "the service holds no transfer for " + a.Domain
		}
		return fmt.Sprintf("the service holds no transfer %s", a.ID)
	},
	Why: func(a ThingArgs) string { return a.Detail },
	Fix: func(a ThingArgs) catalog.Fix {
		return catalog.Steps("list the transfers (GET /domains/v1/transfers) and use an id that it shows",
			"a transfer that was started at a registrar never appears in the service")
	},
	Example: ThingArgs{
		ID: "t-9", Domain: "example.com",
		Detail: "the registry shows no pending transfer, so none is running",
	},
})
