package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
)

// checkRoutes looks at the domain's routes in the service.
var checkRoutes = &Check{
	ID: "routes", Title: "the domain's routes", Rung: catalog.Service, Needs: []Need{NeedService},
	Reports: []*catalog.Cause{
		causes.ServiceRouteMissing.Cause, causes.ServiceRouteUnknown.Cause,
		causes.ServiceRouteConflict.Cause, causes.ServiceRouteShadowed.Cause, causes.ServiceRedirectCycle.Cause,
	},
	Run: runRoutes,
}

func runRoutes(_ context.Context, p *Pass) {
	if p.Subject.Domain == nil {
		p.Skip("the service does not hold the domain")
		return
	}
	held := p.Facts.Held()
	if held.RoutesErr != nil {
		p.Unable("the routes could not be read: %s", reasonOf(held.RoutesErr))
		return
	}
	list := make([]route, 0, len(held.Routes))
	for _, r := range held.Routes {
		list = append(list, normalRoute(r, p.Subject.Name.ASCII))
	}
	r, reported := p.ReportedCode("DOMAIN_014")
	if id := r.IDAfter("routes"); reported && id != "" && !slices.ContainsFunc(list, func(x route) bool {
		return x.id == id
	}) {
		var current []string
		for _, x := range list {
			current = append(current, sanitize.Text(x.id+" "+x.path, 80))
		}
		p.Report(causes.ServiceRouteUnknown.With(causes.ThingArgs{
			ID: id, Domain: p.Subject.Name.ASCII,
			Current: current,
		}))
	}
	hosts := slices.ContainsFunc(list, func(x route) bool { return matchHost(x.host, p.Subject.Name.ASCII) })
	if !hosts && (reported || p.Subject.InUse()) {
		args := causes.RouteArgs{Host: p.Subject.Name.ASCII, Path: "/"}
		for _, x := range list {
			args.Routes = append(args.Routes, sanitize.Text(x.id, 40))
		}
		if len(list) > 0 {
			args.Detail = "the domain's routes are for other hosts: " + sanitize.Text(list[0].host, 80)
		}
		p.Report(causes.ServiceRouteMissing.With(args))
	}
	conflicts(p, list)
	shadowed(p, list)
	cycle(p, list)
}

// conflicts reports pairs of routes with the same host and path.
func conflicts(p *Pass, list []route) {
	for i, a := range list {
		for _, b := range list[:i] {
			if !a.sameAs(b) {
				continue
			}
			p.Report(causes.ServiceRouteConflict.With(causes.RouteArgs{
				Host: a.host, Path: a.path, Routes: []string{sanitize.Text(b.id, 40), sanitize.Text(a.id, 40)},
				Detail: fmt.Sprintf("%s leads to %s, %s to %s", sanitize.Text(b.id, 40), sanitize.Text(b.target, 80),
					sanitize.Text(a.id, 40), sanitize.Text(a.target, 80)),
			}))
			break
		}
	}
}

// shadowed reports routes behind a wider one that comes first. A lower number comes first; without numbers the more
// exact route wins, and nothing is shadowed.
func shadowed(p *Pass, list []route) {
	for _, a := range list {
		for _, b := range list {
			if !b.hides(a) {
				continue
			}
			p.Report(causes.ServiceRouteShadowed.With(causes.RouteArgs{
				Host: a.host, Path: a.path, Routes: []string{sanitize.Text(a.id, 40), sanitize.Text(b.id, 40)},
				Detail: fmt.Sprintf("route %s for %s with priority %d comes before it (priority %d)",
					sanitize.Text(b.id, 40), b.path, b.priority, a.priority),
			}), Sure(Likely))
			break
		}
	}
}

// cycle reports redirects between the domain's own routes that never end at a page.
func cycle(p *Pass, list []route) {
	for _, start := range list {
		if chain, last, never := follow(list, start); never {
			p.Report(causes.ServiceRedirectCycle.With(causes.RouteArgs{
				Host: start.host, Path: start.path,
				Routes: []string{sanitize.Text(start.id, 40), sanitize.Text(last.id, 40)},
				Detail: strings.Join(chain, " -> "),
			}))
			return
		}
	}
}
