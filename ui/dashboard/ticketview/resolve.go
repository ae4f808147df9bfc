package ticketview

import (
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/subject"
	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/inventory"
)

// ReadMsg is a pasted text that was read.
type ReadMsg struct {
	Gen  int
	Read []ticket.Ticket
}

// Resolved is what a pasted text is about.
type Resolved struct {
	Rows    []*inventory.Row
	Codes   [][]subject.Reported // of each row
	Tickets []*ticket.Ticket     // of each row
	Via     []string             // of each row the host that the text names instead; mostly empty
	Open    [][]string           // of each row the domains that its text is about and that are not diagnosed
	Unclear []string             // sentences about hosts that may be any of several domains
}

// Resolve returns the domains that tickets are about, as domdoc triage does. Domains that the list does not have get
// a row of their own. listed means that the list is complete, so that a host may stand for the only domain in its
// zone.
func Resolve(f *inventory.Set, tickets []ticket.Ticket, listed bool) (out Resolved) {
	for n := range tickets {
		t := &tickets[n]
		lookup := ticket.Lookup[*inventory.Row]{
			ByID: func(id string) (*inventory.Row, ticket.IDStatus, error) {
				if r := f.Find(id); r != nil {
					return r, ticket.IDFound, nil
				}
				return nil, ticket.IDUnlisted, nil
			},
			ByWord: func(word string) (*inventory.Row, bool) { r := f.Find(word); return r, r != nil },
			ByName: func(name string) (*inventory.Row, bool) { return findParent(f, name) },
			Names:  func(r *inventory.Row) []string { return []string{r.ID, r.ASCII} },
		}
		if listed {
			lookup.InZone = func(zone string) []*inventory.Row { return inZone(f, zone) }
		}
		resolved, _ := ticket.Resolve(t, lookup) // the lookup returns no error
		open := resolved.Open
		for _, m := range resolved.Matches {
			r := m.Domain
			if !m.Found {
				r = inventory.NamedRow(m.Name, m.ID)
			}
			if !out.add(r, m.Reported, t, m.Via) {
				open = append(open, r.Name)
			}
		}
		for _, u := range resolved.Unclear {
			var names []string
			for _, r := range u.Candidates {
				names = append(names, sanitize.Text(r.ASCII, 253))
			}
			out.Unclear = append(out.Unclear, catalog.TicketUnclear(sanitize.Text(u.Name, 253), names))
			open = append(open, u.Name)
		}
		for i, o := range open {
			open[i] = sanitize.Text(o, 253)
		}
		out.Open = out.Open[:min(len(out.Open), len(out.Rows))]
		for i := range out.Rows {
			if i == len(out.Open) {
				out.Open = append(out.Open, nil)
			}
			if out.Tickets[i] == t {
				out.Open[i] = open
			}
		}
	}
	return out
}

// add adds a domain with its codes; of several tickets it has the codes of all. It returns false if there are too many.
func (x *Resolved) add(r *inventory.Row, codes []subject.Reported, t *ticket.Ticket, via string) bool {
	i := slices.IndexFunc(x.Rows, func(o *inventory.Row) bool { return o.ID == r.ID })
	if i < 0 {
		if len(x.Rows) >= ticket.MaxDomains {
			return false
		}
		x.Rows, x.Codes = append(x.Rows, r), append(x.Codes, codes)
		x.Tickets, x.Via = append(x.Tickets, t), append(x.Via, via)
		return true
	}
	for _, c := range codes {
		if !slices.ContainsFunc(x.Codes[i], func(o subject.Reported) bool { return o.Code == c.Code }) {
			x.Codes[i] = append(slices.Clone(x.Codes[i]), c)
		}
	}
	return true
}

// inZone returns the tenant's domains in a zone, by name.
func inZone(f *inventory.Set, zone string) []*inventory.Row {
	var out []*inventory.Row
	for _, r := range f.Rows {
		if r.ID != r.ASCII && (r.ASCII == zone || strings.HasSuffix(r.ASCII, "."+zone)) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *inventory.Row) int { return strings.Compare(a.ASCII, b.ASCII) })
	return out
}

// findParent finds the row of a name, or of the closest name above it.
func findParent(f *inventory.Set, name string) (*inventory.Row, bool) {
	for ; strings.Contains(name, "."); _, name, _ = strings.Cut(name, ".") {
		if i, ok := f.ByName[name]; ok {
			return f.Rows[i], true
		}
	}
	return nil, false
}

// Nowhere returns why a text leads to no domain, and what it says: a paragraph each.
func Nowhere(tickets []ticket.Ticket, x Resolved, again string) []string {
	var said []string
	for n := range tickets {
		for _, s := range tickets[n].Says() {
			if !slices.Contains(said, s) {
				said = append(said, s)
			}
		}
	}
	why := "the text does not name a domain"
	switch {
	case len(x.Unclear) > 0:
		return append(append(x.Unclear, "add its name and press "+again+" again"), said...)
	case len(said) == 0:
		return []string{why + " or an error code"}
	}
	return append([]string{why + ": add the domain name and press " + again + " again"}, said...)
}
