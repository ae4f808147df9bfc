package api

import (
	"context"
	"encoding/json"
)

// Route sends requests for a host and a path to a target on the platform.
type Route struct {
	ID       string
	Host     string
	Path     string
	Target   string
	Priority *int // nil if not stated
	Raw      json.RawMessage
	Problems []string // fields that could not be read
}

// Routes returns all routes of a domain, in the service's order.
func (c *Client) Routes(ctx context.Context, id string) ([]Route, error) {
	return collect(all(ctx, c, listing[Route]{
		op: OpRoutes, id: id, keys: []string{"routes"}, decode: decodeRoute,
		key: func(r Route) string { return r.ID },
	}))
}

func decodeRoute(raw json.RawMessage) Route {
	r := Route{Raw: raw}
	var p problems
	o, ok := knownObject(raw, "", &p)
	if !ok {
		p.add("route", "an object", raw)
		r.Problems = p.list
		return r
	}
	r.ID = o.text("id", "routeId")
	r.Host = o.text("host", "hostname")
	r.Path = o.text("path")
	r.Target = o.text("target")
	r.Priority = o.int("priority")
	r.Problems = p.list
	return r
}
