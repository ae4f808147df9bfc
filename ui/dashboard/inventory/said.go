package inventory

import (
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/subject"
	"domdoc/ui/dashboard/page"
)

// Said is what the service says about a domain when it lists it, before any diagnosis.
type Said struct {
	Code     string    // of the last error, such as DOMAIN_004; empty if there is none
	Title    string    // the name of the code, or else the message
	At       time.Time // of the last error, or of the last change; zero if unknown
	Verified bool
	Past     bool // the error is so old that it may be over
}

// saidOf reads what the service says about a domain.
func saidOf(d *api.Domain, now time.Time) Said {
	s := subject.Subject{Domain: d}
	said := Said{Verified: s.Verified(), At: d.UpdatedAt}
	if said.At.IsZero() {
		said.At = d.CreatedAt
	}
	for _, r := range s.AllReported() {
		said.Code = sanitize.Text(strings.ToUpper(r.Code), maxStatus)
		said.At, said.Past = r.At, r.Past(now)
		if c, ok := catalog.FindCode(said.Code); ok {
			said.Title = c.Name
		} else {
			said.Title = sanitize.Text(r.Message, maxName)
		}
	}
	return said
}

// Short is the code without the prefix that all of them have: "004".
func (s Said) Short() string { return strings.TrimPrefix(s.Code, "DOMAIN_") }

// Says returns in one line what the service says about a domain, with its age if aged is set; empty if nothing is
// known.
func (r *Row) Says(now time.Time, aged bool) string {
	ago := ""
	if aged && !r.Said.At.IsZero() {
		ago = page.ShortAge(r.Said.At, now) + " ago"
	}
	switch {
	case r.Said.Code != "":
		return catalog.ServiceReports(r.Said.Title, ago)
	case r.Status != "":
		return catalog.ServiceLists(r.Status, ago)
	}
	return ""
}

// urgency orders rows by what needs attention first: faults, what the service reports and nobody has diagnosed,
// waiting, what could not be checked, warnings; then what the service has not verified, the rest that nobody has
// diagnosed, and what is healthy.
func (r *Row) urgency() uint8 {
	switch StateOf(r) {
	case StateFail:
		return 0
	case StateWait:
		return 2
	case StateInconclusive:
		return 3
	case StateWarn:
		return 4
	case StatePass:
		return 7
	case StateNone, States:
	}
	switch {
	case r.Said.Code != "" && !(r.Said.Verified && r.Said.Past):
		return 1
	case r.Domain != nil && !r.Said.Verified:
		return 5
	}
	return 6
}
