package wire

import (
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/ticket"
)

// Ticket is what triage read in a ticket.
type Ticket struct {
	Number   int       `json:"number"`
	File     string    `json:"file"`
	Subject  string    `json:"subject"`
	Domains  []string  `json:"domains"`
	Hosts    []Via     `json:"hosts"`
	Unclear  []Unclear `json:"unclear"`
	NeedsID  *string   `json:"needsId"`
	Left     []string  `json:"notDiagnosed"`
	Codes    []Said    `json:"codes"`
	NoCodes  []string  `json:"noCodes"`
	Messages []string  `json:"messages"`
	Names    []string  `json:"names"`
	Aside    []string  `json:"aside"`
	IDs      []string  `json:"ids"`
	Requests []string  `json:"requestIds"`
	Says     []string  `json:"says"`
	Ask      []string  `json:"ask"`
}

// Via is a host that a ticket names, and the domain that it stands for.
type Via struct {
	Host   string `json:"host"`
	Domain string `json:"domain"`
}

// Unclear is a host that a ticket names, and the domains that it may stand for.
type Unclear struct {
	Host    string   `json:"host"`
	Domains []string `json:"domains"`
}

// Said is a code in a ticket.
type Said struct {
	Code       string     `json:"code"`
	Name       string     `json:"name"`
	Words      *string    `json:"words"`
	Hint       bool       `json:"hint"`
	At         *time.Time `json:"at"`
	Resolution string     `json:"resolution"`
	Causes     []string   `json:"causes"`
}

// NewTicket converts what was read in a ticket. What it was found to be about is left to the caller.
func NewTicket(t *ticket.Ticket) Ticket {
	out := Ticket{
		Subject: clean(t.Subject), Domains: []string{}, Hosts: []Via{}, Unclear: []Unclear{}, Left: []string{},
		Codes:    []Said{},
		Messages: []string{}, NoCodes: cleaned(t.NoCodes), Names: cleaned(t.Names), Aside: cleaned(t.Aside),
		IDs: cleaned(t.IDs), Requests: cleaned(t.RequestIDs), Says: cleaned(t.Says()), Ask: []string{},
	}
	for _, r := range t.Reported {
		c, _ := catalog.FindCode(r.Code)
		said := Said{
			Code: c.ID, Name: c.Name, Words: orNull(clean(t.Said[c.ID])), Hint: !ticket.Evident(r),
			At: TimeOrNull(r.At), Resolution: c.Resolution, Causes: []string{},
		}
		for _, cause := range catalog.CausesOf(c.ID) {
			said.Causes = append(said.Causes, string(cause.ID))
		}
		out.Codes = append(out.Codes, said)
	}
	for _, m := range t.Errors {
		out.Messages = append(out.Messages, clean(m.Name))
	}
	return out
}

func clean(s string) string { return sanitize.Text(s, 300) }

func cleaned(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = clean(s)
	}
	return out
}
