package checks

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"domdoc/api"
)

// RouteFact is a route of the service with its place among the domain's others.
type RouteFact struct {
	Route      api.Route
	Host, Path string // as they are compared: in lower case, with what was left out filled in
	Serves     bool   // its host is the domain's, or covers it
	First      bool   // the one that answers for the domain's own page, /
	HiddenBy   string // the id of a wider route that comes before it, so that it is never reached; empty when none does
	SameAs     string // the id of another route with its host and path; empty when none has
	Leads      []string
	// Never tells that Leads, the redirects from this route on, come back to where they were and never end at a page.
	Never bool
}

// RankRoutes puts a domain's routes into the order in which they are tried: a lower number first, those without a
// number after it, the more exact path first.
func RankRoutes(routes []api.Route, domain string) []RouteFact {
	list := make([]route, 0, len(routes))
	for _, r := range routes {
		list = append(list, normalRoute(r, domain))
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int { return list[i].before(list[k]) })
	out := make([]RouteFact, 0, len(list))
	found := false
	for _, i := range order {
		a := list[i]
		f := RouteFact{Route: routes[i], Host: a.host, Path: a.path, Serves: matchHost(a.host, domain)}
		if f.Serves && !found && a.takes("/") {
			f.First, found = true, true
		}
		for k, b := range list {
			switch {
			case f.HiddenBy == "" && b.hides(a):
				f.HiddenBy = b.id
			case k != i && f.SameAs == "" && a.sameAs(b):
				f.SameAs = b.id
			}
		}
		if chain, _, never := follow(list, a); len(chain) > 1 {
			f.Leads, f.Never = chain, never
		}
		out = append(out, f)
	}
	return out
}

// before compares two routes by the order in which they are tried.
func (r route) before(o route) int {
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
	return cmp.Or(cmp.Compare(r.priority, o.priority), cmp.Compare(wide(r.path), wide(o.path)),
		cmp.Compare(len(o.path), len(r.path)))
}

// takes reports whether a route is for a path.
func (r route) takes(path string) bool {
	if prefix, wide := strings.CutSuffix(r.path, "*"); wide {
		return strings.HasPrefix(path, prefix)
	}
	return r.path == path
}

// hides reports whether a route comes before a narrower one and takes all of its visitors. A lower number comes first;
// without numbers the more exact route wins, and nothing is hidden.
func (r route) hides(narrow route) bool {
	prefix, wide := strings.CutSuffix(r.path, "*")
	return wide && r.id != narrow.id && r.host == narrow.host && r.path != narrow.path && r.ranked && narrow.ranked &&
		r.priority < narrow.priority && strings.HasPrefix(narrow.path, prefix)
}

func (r route) sameAs(o route) bool { return r.host == o.host && r.path == o.path }

// follow lists where the redirects of a route lead among the domain's own routes, from the route itself on. never
// tells that they come back to a place where they were; last is the route at which that shows.
func follow(list []route, start route) (chain []string, last route, never bool) {
	chain, last = []string{start.host + start.path}, start
	for range list {
		host, path, ok := redirect(last.target)
		if !ok {
			break
		}
		again := slices.Contains(chain, host+path)
		chain = append(chain, host+path)
		if again {
			return chain, last, true
		}
		i := slices.IndexFunc(list, func(x route) bool { return x.host == host && x.path == path })
		if i < 0 {
			break
		}
		last = list[i]
	}
	return chain, last, false
}

// route is a route in the form in which it is compared.
type route struct {
	id, host, path, target string
	priority               int
	ranked                 bool
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
