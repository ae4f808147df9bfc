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
	Phase         *string            `json:"phase"`
	Dates         []RegistrationDate `json:"dates"`
	Reason        string             `json:"reason,omitempty"`
	Note          string             `json:"note,omitempty"`
	Throttled     bool               `json:"throttled"`
	RetryAfterSec *int64             `json:"retryAfterSeconds"`
	Evidence      []Evidence         `json:"evidence"`
}

// RegistrationDate is a date of a registration.
type RegistrationDate struct {
	Kind      string    `json:"kind"`
	At        time.Time `json:"at"`
	Latest    time.Time `json:"latest"`
	Precision string    `json:"precision" enum:"second,day"`
	Estimated bool      `json:"estimated"`
}

// NewNameRegistration converts what is known of a name at a time.
func NewNameRegistration(name string, r *probe.RegistrationReport, now time.Time) NameRegistration {
	out := NameRegistration{
		Name: name, Unicode: name, Domain: r.Domain, State: string(r.State), Agree: orEmpty(r.Agreeing()),
		Certainty: orNull(string(Certainty(r))), Source: orNull(r.Source), Server: orNull(sanitize.Text(r.Server, 253)),
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
	life := r.Lifecycle(now)
	out.Phase = orNull(string(life.Phase))
	for _, s := range life.Stages {
		out.date(string(s.Kind), s.At, s.Latest, s.Day, s.Estimated)
		if s.Kind == registration.StageCreated && !r.UpdatedAt.IsZero() {
			out.updated(r)
		}
	}
	if r.CreatedAt.IsZero() && !r.UpdatedAt.IsZero() {
		out.updated(r)
	}
	if r.State != registration.Registered && r.State != registration.NotRegistered {
		out.Reason = sanitize.Text(r.Reason, 300)
	}
	out.Evidence = evidence(withDelegation(r))
	return out
}

func (n *NameRegistration) date(kind string, at, latest time.Time, day, estimated bool) {
	d := RegistrationDate{
		Kind: kind, At: at.UTC(), Latest: latest.UTC(), Precision: "second", Estimated: estimated,
	}
	if day {
		d.Precision = "day"
	}
	n.Dates = append(n.Dates, d)
}

// updated adds when the record last changed, which is no stage in the life of a registration.
func (n *NameRegistration) updated(r *probe.RegistrationReport) {
	latest := r.UpdatedLatest
	if latest.IsZero() {
		latest = r.UpdatedAt
	}
	n.date("updated", r.UpdatedAt, latest, !r.UpdatedLatest.IsZero(), false)
}

// Certainty is how sure a state is; empty for an unknown one. A registry's record or the delegation shows that a name
// is registered or reserved; for a free name, the sources have to agree.
func Certainty(r *probe.RegistrationReport) registration.Certainty {
	switch r.State {
	case registration.Registered, registration.Reserved:
		return registration.Conclusive
	case registration.NotRegistered:
		return r.Sources.Free()
	case registration.Unknown:
	}
	return ""
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
