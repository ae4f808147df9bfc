package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/subject"
)

// checkRoutes checks the domain's routes in the service.
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
		p.Skip("the service does not have the domain")
		return
	}
	held := p.Observed.Held()
	if held.RoutesErr != nil {
		p.Unable("the routes could not be read: %s", subject.ErrorReason(held.RoutesErr))
		return
	}
	if held.Presumed {
		p.SkipUnasked("%s", catalog.RoutesNotRead)
		return
	}
	list := make([]observe.Route, 0, len(held.Routes))
	for _, r := range held.Routes {
		list = append(list, observe.NewRoute(r, p.Subject.Name.ASCII))
	}
	r, reported := p.ReportedCode("DOMAIN_014")
	if id := r.IDAfter("routes"); reported && id != "" && !slices.ContainsFunc(list, func(x observe.Route) bool {
		return x.ID == id
	}) {
		var current []string
		for _, x := range list {
			current = append(current, sanitize.Text(x.ID+" "+x.Path, 80))
		}
		p.Report(causes.ServiceRouteUnknown.With(causes.UnknownID{
			ID: id, Domain: p.Subject.Name.ASCII,
			Current: current,
		}))
	}
	hosts := slices.ContainsFunc(list, func(x observe.Route) bool {
		return observe.MatchHost(x.Host, p.Subject.Name.ASCII)
	})
	if !hosts && (reported || p.Subject.InUse()) {
		args := causes.RouteFault{Host: p.Subject.Name.ASCII, Path: "/"}
		for _, x := range list {
			args.Routes = append(args.Routes, sanitize.Text(x.ID, 40))
		}
		if len(list) > 0 {
			args.Detail = "the domain's routes are for other hosts: " + sanitize.Text(list[0].Host, 80)
		}
		p.Report(causes.ServiceRouteMissing.With(args))
	}
	reportConflicts(p, list)
	reportShadowed(p, list)
	reportCycle(p, list)
}

// reportConflicts reports pairs of routes with the same host and path.
func reportConflicts(p *Pass, list []observe.Route) {
	for i, a := range list {
		for _, b := range list[:i] {
			if !a.SameAs(b) {
				continue
			}
			p.Report(causes.ServiceRouteConflict.With(causes.RouteFault{
				Host: a.Host, Path: a.Path, Routes: []string{sanitize.Text(b.ID, 40), sanitize.Text(a.ID, 40)},
				Detail: fmt.Sprintf("%s leads to %s, %s to %s", sanitize.Text(b.ID, 40), sanitize.Text(b.Target, 80),
					sanitize.Text(a.ID, 40), sanitize.Text(a.Target, 80)),
			}))
			break
		}
	}
}

// reportShadowed reports routes that a wider one takes precedence over.
func reportShadowed(p *Pass, list []observe.Route) {
	for _, a := range list {
		for _, b := range list {
			if !b.Hides(a) {
				continue
			}
			p.Report(causes.ServiceRouteShadowed.With(causes.RouteFault{
				Host: a.Host, Path: a.Path, Routes: []string{sanitize.Text(a.ID, 40), sanitize.Text(b.ID, 40)},
				Detail: fmt.Sprintf("route %s for %s with priority %d comes before it (priority %d)",
					sanitize.Text(b.ID, 40), b.Path, b.Priority, a.Priority),
			}), finding.Sure(finding.Likely))
			break
		}
	}
}

// reportCycle reports redirect loops among the domain's own routes.
func reportCycle(p *Pass, list []observe.Route) {
	for _, start := range list {
		if chain, last, never := observe.FollowRedirects(list, start); never {
			p.Report(causes.ServiceRedirectCycle.With(causes.RouteFault{
				Host: start.Host, Path: start.Path,
				Routes: []string{sanitize.Text(start.ID, 40), sanitize.Text(last.ID, 40)},
				Detail: strings.Join(chain, " -> "),
			}))
			return
		}
	}
}
