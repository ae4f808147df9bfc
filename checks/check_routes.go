package checks

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"domdoc/api"
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

// route is a route in the form in which it is compared.
type route struct {
	id, host, path, target string
	priority               int
	ranked                 bool
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
	if id := idAfter(r, "routes"); reported && id != "" && !slices.ContainsFunc(list, func(x route) bool {
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

func normalRoute(r api.Route, domain string) route {
	out := route{id: r.ID, host: bareTarget(r.Host), path: r.Path, target: strings.TrimSpace(r.Target)}
	if out.host == "" {
		out.host = domain
	}
	if out.path = strings.TrimSpace(out.path); out.path == "" {
		out.path = "/"
	}
	if !strings.HasPrefix(out.path, "/") {
		out.path = "/" + out.path
	}
	if len(out.path) > 1 {
		out.path = strings.TrimSuffix(out.path, "/")
	}
	if r.Priority != nil {
		out.priority, out.ranked = *r.Priority, true
	}
	return out
}

func matchHost(pattern, host string) bool {
	if pattern == host {
		return true
	}
	rest, ok := strings.CutPrefix(pattern, "*.")
	return ok && parentName(host) == rest
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

// redirect reads a route's target as a redirect: "redirect:https://www.shop.example.com/" or a web address.
func redirect(target string) (host, path string, ok bool) {
	target = strings.TrimPrefix(target, "redirect:")
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", "", false
	}
	path = u.Path
	if path == "" {
		path = "/"
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return bareTarget(u.Hostname()), path, true
}

// checkTransfers looks at the tenant's transfers as far as they concern the domain.
var checkTransfers = &Check{
	ID: "transfers", Title: "transfers of the domain", Rung: catalog.Service, Needs: []Need{NeedService},
	Reports: []*catalog.Cause{causes.ServiceTransferUnknown.Cause},
	Run:     runTransfers,
}

func runTransfers(ctx context.Context, p *Pass) {
	r, reported := p.ReportedCode("DOMAIN_017")
	if !reported {
		p.Skip("no transfer was reported as missing")
		return
	}
	list, err := p.Subject.Service.Transfers(ctx)
	if err != nil {
		p.Unable("the transfers could not be read: %s", reasonOf(err))
		return
	}
	id := idAfter(r, "transfers")
	for _, t := range list {
		if id != "" && t.ID == id {
			return
		}
	}
	args := causes.ThingArgs{ID: id, Domain: p.Subject.Name.ASCII}
	for _, t := range list {
		args.Current = append(args.Current, sanitize.Text(t.ID+" "+t.Domain+" "+t.Status, 80))
	}
	reg := p.Facts.Registration()
	switch {
	case slices.Contains(reg.Statuses, "pending transfer"):
		args.Detail = "the registry shows a pending transfer, so one is running that was not started in the service"
	case reg.State == "registered":
		args.Detail = "the registry shows no pending transfer, so none is running: it completed, was cancelled, or " +
			"was never started"
	default:
		args.Detail = "whether one is running could not be asked"
	}
	p.Report(causes.ServiceTransferUnknown.With(args), With(reg.Evidence...))
}
