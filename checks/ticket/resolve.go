package ticket

import (
	"slices"
	"strings"

	"domdoc/checks/subject"
)

// MaxDomains is how many domains of one ticket are worth a diagnosis.
const MaxDomains = 10

// IDStatus is what a lookup knows about the service's id of a domain.
type IDStatus uint8

// The statuses of an id.
const (
	IDFailed   IDStatus = iota // it could not be looked up
	IDFound                    // the tenant has the domain
	IDMissing                  // the tenant has no such domain
	IDUnlisted                 // it is not in the part of the list that is known
)

// Lookup finds the tenant's domains, of type D.
type Lookup[D any] struct {
	// ByID looks an id up; nil without a service. An error ends Resolve.
	ByID func(id string) (D, IDStatus, error)
	// ByName finds the domain that a name belongs to; nil without a service.
	ByName func(name string) (D, bool)
	// Names returns the ids and names of a domain.
	Names func(D) []string
}

// Match is a domain that a ticket is about.
type Match[D any] struct {
	Domain   D      // meaningful only if Found
	Found    bool   // the lookup has the domain; else it is known by ID or Name alone
	ID, Name string // as the ticket has it, where the lookup does not have the domain
	Reported []subject.Reported

	called []string // ids and names of the domain in the ticket
}

// Resolve returns the domains that a ticket is about, each with the codes reported for it: first those that the
// lookup finds by id, then by name, then the names next to a code. Without any, it is the first name. Domains without
// a code are left out if others have one. The result is empty if the ticket names no domain.
func Resolve[D any](t *Ticket, l Lookup[D]) ([]Match[D], error) {
	r := resolver[D]{ticket: t, lookup: l}
	if err := r.byID(); err != nil {
		return nil, err
	}
	r.byName()
	if len(r.matches) == 0 && r.unlisted != "" {
		r.add(Match[D]{ID: r.unlisted, called: []string{r.unlisted}})
	}
	for _, rep := range t.Reports {
		if r.has(rep.IDs) || r.has(rep.Names) || l.ByName != nil && !rep.Near && len(r.matches) > 0 {
			continue
		}
		for _, n := range rep.Names[:rep.Likely] {
			r.add(Match[D]{Name: n, called: []string{n}})
		}
	}
	if len(r.matches) == 0 && len(t.Names) > 0 {
		r.add(Match[D]{Name: t.Names[0], called: t.Names[:1]})
	}
	return r.assign(), nil
}

// resolver gathers the matches of one ticket.
type resolver[D any] struct {
	ticket   *Ticket
	lookup   Lookup[D]
	matches  []Match[D]
	unlisted string // the first id that the lookup does not list
}

func (r *resolver[D]) byID() error {
	if r.lookup.ByID == nil {
		return nil
	}
	for _, id := range r.ticket.IDs[:min(len(r.ticket.IDs), MaxDomains)] {
		d, status, err := r.lookup.ByID(id)
		if err != nil {
			return err
		}
		switch {
		case status == IDFound:
			r.addFound(d, id)
		case status == IDMissing && len(r.ticket.Names) == 0: // there is no name to go by
			r.add(Match[D]{ID: id, called: []string{id}})
		case status == IDUnlisted && r.unlisted == "":
			r.unlisted = id
		}
	}
	return nil
}

func (r *resolver[D]) byName() {
	if r.lookup.ByName == nil {
		return
	}
	names := slices.Clone(r.ticket.Names)
	// A name below another one is the more specific one.
	slices.SortStableFunc(names, func(a, b string) int {
		switch {
		case strings.HasSuffix(a, "."+b):
			return -1
		case strings.HasSuffix(b, "."+a):
			return 1
		}
		return 0
	})
	for _, n := range names {
		if d, ok := r.lookup.ByName(n); ok {
			r.addFound(d, n)
		}
	}
}

// addFound adds a domain of the lookup under what the ticket calls it.
func (r *resolver[D]) addFound(d D, called string) {
	names := append([]string{called}, r.lookup.Names(d)...)
	for i := range r.matches {
		if r.matches[i].Found && sharesAny(r.matches[i].called, r.lookup.Names(d)) {
			r.matches[i].called = append(r.matches[i].called, called)
			return
		}
	}
	r.add(Match[D]{Domain: d, Found: true, called: names})
}

func (r *resolver[D]) add(m Match[D]) {
	if !r.has(m.called) {
		r.matches = append(r.matches, m)
	}
}

// has reports whether one of the names or ids belongs to a match.
func (r *resolver[D]) has(names []string) bool {
	return slices.ContainsFunc(r.matches, func(m Match[D]) bool { return sharesAny(m.called, names) })
}

// assign gives each match its codes.
func (r *resolver[D]) assign() []Match[D] {
	called := make([][]string, len(r.matches))
	for i, m := range r.matches {
		called[i] = m.called
	}
	var reported []Match[D]
	for i, list := range r.ticket.Assign(called) {
		r.matches[i].Reported = list
		if len(list) > 0 {
			reported = append(reported, r.matches[i])
		}
	}
	if len(reported) > 0 {
		return reported
	}
	return r.matches
}

func sharesAny(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
