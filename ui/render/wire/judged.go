package wire

import (
	"net"
	"slices"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
)

// Judged says in one line what was judged at a domain without a fault, and from where.
func (d *Domain) Judged() string {
	return catalog.Judged(func(id string) bool {
		return slices.ContainsFunc(d.Checks, func(c Check) bool {
			return c.ID == id && c.Status == string(finding.StateOf(catalog.Pass))
		})
	}, d.Resolvers())
}

// Resolvers returns the resolvers that answered for the domain, without the port of DNS.
func (d *Domain) Resolvers() []string {
	var out []string
	for _, row := range d.Propagation {
		for _, c := range row.Servers {
			silent := c.State == string(observe.CellError) || c.State == string(observe.CellNotAsked)
			if c.Kind != string(observe.KindResolver) || silent {
				continue
			}
			server := c.Server
			if host, port, err := net.SplitHostPort(server); err == nil && port == "53" {
				server = host
			}
			if !slices.Contains(out, server) {
				out = append(out, server)
			}
		}
	}
	return out
}
