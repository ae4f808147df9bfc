package wire

import (
	"slices"
	"time"

	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/registration"
)

// Registrations is the output of domdoc registration.
type Registrations struct {
	SchemaVersion int                `json:"schemaVersion" const:"1"`
	Registrations []NameRegistration `json:"registrations"`
}

// NameRegistration says who holds a name.
type NameRegistration struct {
	Name          string             `json:"name"`
	Unicode       string             `json:"unicode"`
	Domain        string             `json:"domain"`
	State         string             `json:"state" enum:"registered,not-registered,reserved,unknown"`
	Agree         []string           `json:"agree"`
	Certainty     *string            `json:"certainty" enum:"conclusive,likely,hint"`
	Delegated     *bool              `json:"delegated"`
	Source        *string            `json:"source" enum:"rdap,whois,dns"`
	Server        *string            `json:"server"`
	Registrar     *string            `json:"registrar"`
	RegistrarIANA *string            `json:"registrarIanaId"`
	Statuses      []string           `json:"statuses"`
	Nameservers   []string           `json:"nameservers"`
	CreatedAt     *time.Time         `json:"createdAt"`
	ExpiresAt     *time.Time         `json:"expiresAt"`
	Dates         []RegistrationDate `json:"dates"`
	Reason        string             `json:"reason,omitempty"`
	Note          string             `json:"note,omitempty"`
	Throttled     bool               `json:"throttled"`
	RetryAfterSec *int64             `json:"retryAfterSeconds"`
	Evidence      []Evidence         `json:"evidence"`
}

// RegistrationDate is a date of a registration.
type RegistrationDate struct {
	Kind      string    `json:"kind" enum:"created,updated,transferred,expires"`
	At        time.Time `json:"at"`
	Latest    time.Time `json:"latest"`
	Precision string    `json:"precision" enum:"second,day"`
}

// NewNameRegistration converts what is known of a name.
func NewNameRegistration(name string, r *probe.RegistrationReport) NameRegistration {
	out := NameRegistration{
		Name: name, Unicode: name, Domain: r.Domain, State: string(r.State), Agree: orEmpty(r.Agreeing()),
		Certainty: orNull(Certainty(r)), Source: orNull(r.Source), Server: orNull(sanitize.Text(r.Server, 253)),
		Registrar: orNull(sanitize.Text(r.Registrar, 200)), RegistrarIANA: orNull(sanitize.Text(r.RegistrarIANA, 20)),
		Statuses: []string{}, Nameservers: []string{}, CreatedAt: TimeOrNull(r.CreatedAt),
		ExpiresAt: TimeOrNull(r.ExpiresAt), Dates: []RegistrationDate{}, Note: sanitize.Text(r.Note, 400),
		Throttled: r.Throttled,
	}
	if n, err := dnsname.Parse(name); err == nil {
		out.Unicode = n.Unicode
	}
	switch {
	case r.Delegated():
		out.Delegated = new(true)
	case r.Denied():
		out.Delegated = new(false)
	}
	if s := int64(r.RetryAfter / time.Second); s > 0 {
		out.RetryAfterSec = &s
	}
	for _, s := range r.Statuses {
		out.Statuses = append(out.Statuses, sanitize.Text(s, 80))
	}
	for _, s := range r.Nameservers {
		out.Nameservers = append(out.Nameservers, sanitize.Text(s, 253))
	}
	out.date("created", r.CreatedAt, time.Time{})
	out.date("updated", r.UpdatedAt, time.Time{})
	out.date("transferred", r.TransferredAt, time.Time{})
	out.date("expires", r.ExpiresAt, r.ExpiresLatest)
	if r.State != registration.Registered && r.State != registration.NotRegistered {
		out.Reason = sanitize.Text(r.Reason, 300)
	}
	out.Evidence = evidence(withDelegation(r))
	return out
}

func (n *NameRegistration) date(kind string, at, latest time.Time) {
	if at.IsZero() {
		return
	}
	d := RegistrationDate{Kind: kind, At: at.UTC(), Latest: at.UTC(), Precision: "second"}
	if !latest.IsZero() {
		d.Latest, d.Precision = latest.UTC(), "day"
	}
	n.Dates = append(n.Dates, d)
}

// Certainty is how sure a state is; empty for an unknown one. A registry's record or the delegation shows that a name
// is registered. What RDAP, WHOIS and the DNS agree on is free; a reserved name can look free in two of them.
func Certainty(r *probe.RegistrationReport) string {
	switch n := len(r.Agreeing()); {
	case r.State == registration.Unknown || n == 0:
		return ""
	case r.State != registration.NotRegistered || n > 2:
		return "conclusive"
	case n == 2:
		return "likely"
	}
	return "hint"
}

// withDelegation returns the evidence of a registration and of its delegation.
func withDelegation(r *probe.RegistrationReport) []*exchange.Exchange {
	out := slices.Clone(r.Evidence)
	var x *exchange.Exchange
	switch {
	case r.Delegated():
		x = r.Place.Zone.Referral
	case r.Denied():
		x = r.Place.Denial
	}
	if x != nil && !slices.Contains(out, x) {
		out = append(out, x)
	}
	return out
}
