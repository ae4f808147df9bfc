package observe

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/checks/dnsname"
	"domdoc/checks/rdata"
)

// RankedRoute is a route of the service and how it relates to the domain's other routes.
type RankedRoute struct {
	Route      api.Route
	Host, Path string // normalized, with defaults filled in
	Serves     bool   // its host is the domain, or a wildcard that covers it
	First      bool   // it serves the domain's home page, /
	HiddenBy   string // the id of a wider route that takes precedence, so that it is never reached; empty if none
	SameAs     string // the id of another route with the same host and path; empty if none
	Leads      []string
	// Never means that Leads, the redirects that start at this route, form a loop.
	Never bool
}

// RankRoutes sorts a domain's routes by precedence: lower priority numbers first, routes without a number last, then
// the more specific path first.
func RankRoutes(routes []api.Route, domain string) []RankedRoute {
	list := make([]Route, 0, len(routes))
	for _, r := range routes {
		list = append(list, NewRoute(r, domain))
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int { return list[i].before(list[k]) })
	out := make([]RankedRoute, 0, len(list))
	found := false
	for _, i := range order {
		a := list[i]
		f := RankedRoute{Route: routes[i], Host: a.Host, Path: a.Path, Serves: MatchHost(a.Host, domain)}
		if f.Serves && !found && a.takes("/") {
			f.First, found = true, true
		}
		for k, b := range list {
			switch {
			case f.HiddenBy == "" && b.Hides(a):
				f.HiddenBy = b.ID
			case k != i && f.SameAs == "" && a.SameAs(b):
				f.SameAs = b.ID
			}
		}
		if chain, _, never := FollowRedirects(list, a); len(chain) > 1 {
			f.Leads, f.Never = chain, never
		}
		out = append(out, f)
	}
	return out
}

// before compares two routes by precedence.
func (r Route) before(o Route) int {
	if r.ranked != o.ranked {
		if r.ranked {
			return -1
		}
		return 1
	}
	wide := func(p string) int {
		if strings.HasSuffix(p, "*") {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(r.Priority, o.Priority), cmp.Compare(wide(r.Path), wide(o.Path)),
		cmp.Compare(len(o.Path), len(r.Path)))
}

// takes reports whether the route matches a path.
func (r Route) takes(path string) bool {
	if prefix, wide := strings.CutSuffix(r.Path, "*"); wide {
		return strings.HasPrefix(path, prefix)
	}
	return r.Path == path
}

// Hides reports whether the route takes precedence over a narrower one and matches all of its requests. Without
// priorities the more specific route wins, so nothing is hidden.
func (r Route) Hides(narrow Route) bool {
	prefix, wide := strings.CutSuffix(r.Path, "*")
	return wide && r.ID != narrow.ID && r.Host == narrow.Host && r.Path != narrow.Path && r.ranked && narrow.ranked &&
		r.Priority < narrow.Priority && strings.HasPrefix(narrow.Path, prefix)
}

// SameAs reports whether two routes have the same host and path.
func (r Route) SameAs(o Route) bool { return r.Host == o.Host && r.Path == o.Path }

// FollowRedirects follows the redirects of a route among the domain's own routes. chain starts with the route itself;
// never means that they loop, and last is the route that closes the loop.
func FollowRedirects(list []Route, start Route) (chain []string, last Route, never bool) {
	chain, last = []string{start.Host + start.Path}, start
	for range list {
		host, path, ok := redirect(last.Target)
		if !ok {
			break
		}
		again := slices.Contains(chain, host+path)
		chain = append(chain, host+path)
		if again {
			return chain, last, true
		}
		i := slices.IndexFunc(list, func(x Route) bool { return x.Host == host && x.Path == path })
		if i < 0 {
			break
		}
		last = list[i]
	}
	return chain, last, false
}

// Route is a normalized route.
type Route struct {
	ID, Host, Path, Target string
	Priority               int
	ranked                 bool
}

// NewRoute normalizes a route of the service. Its host defaults to the domain, and its path to /.
func NewRoute(r api.Route, domain string) Route {
	out := Route{ID: r.ID, Host: rdata.Target(r.Host), Path: r.Path, Target: strings.TrimSpace(r.Target)}
	if out.Host == "" {
		out.Host = domain
	}
	if out.Path = strings.TrimSpace(out.Path); out.Path == "" {
		out.Path = "/"
	}
	if !strings.HasPrefix(out.Path, "/") {
		out.Path = "/" + out.Path
	}
	if len(out.Path) > 1 {
		out.Path = strings.TrimSuffix(out.Path, "/")
	}
	if r.Priority != nil {
		out.Priority, out.ranked = *r.Priority, true
	}
	return out
}

// MatchHost reports whether a host, or a wildcard for one label, matches.
func MatchHost(pattern, host string) bool {
	if pattern == host {
		return true
	}
	rest, ok := strings.CutPrefix(pattern, "*.")
	return ok && dnsname.Parent(host) == rest
}

// redirect parses a route's target as a redirect: "redirect:https://www.shop.example.com/" or a URL.
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
	return rdata.Target(u.Hostname()), path, true
}
