package ticket

import (
	"fmt"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/subject"
)

// maxSaid is the maximum length of a text from a ticket in a sentence, in characters.
const maxSaid = 300

// Evident reports whether a ticket shows that the service reported a code, rather than only mentioning it.
func Evident(r subject.Reported) bool {
	r.Source, r.Confirmed = "ticket", false
	return !r.Mentioned()
}

// Says returns what a ticket says, in sentences that are safe to print: its codes, the errors of gateways and of
// other software, and what is spelled like a code and is none.
func (t *Ticket) Says() (out []string) {
	clean := func(s string) string { return sanitize.Text(s, maxSaid) }
	for _, r := range t.Reported {
		c, _ := catalog.FindCode(r.Code)
		if Evident(r) {
			out = append(out, catalog.TicketReports(c))
		} else {
			out = append(out, catalog.TicketMentions(c, clean(t.Said[c.ID])))
		}
	}
	for _, e := range t.Refusals {
		out = append(out, fmt.Sprintf("the ticket contains an HTTP %d error without a service error code: %s",
			e.HTTPStatus, clean(e.Message)))
	}
	for _, m := range t.Errors {
		out = append(out, catalog.TicketShows(clean(m.Name), m.Product, m.Meaning, m.Causes))
	}
	for _, c := range t.NoCodes {
		out = append(out, catalog.TicketNoCode(clean(c)))
	}
	return out
}
