package wire

import (
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/registration"
	"domdoc/checks/result"
	"domdoc/checks/vantage"
)

// maxWord is the maximum length of ids and other short strings of the service, in characters.
const maxWord = 120

// NewDomain converts the report of a domain.
func NewDomain(d *result.Domain) *Domain {
	out := &Domain{
		Domain: d.Name.ASCII, Unicode: d.Name.Unicode, ID: sanitize.Text(d.ID, maxWord),
		ServiceStatus: sanitize.Text(d.ServiceStatus, maxWord), Verdict: d.Verdict.String(), State: d.State().ID(),
		Codes:    []Code{},
		Findings: NewFindings(d.Findings),
		Checks:   make([]Check, 0, len(d.Checks)), Facts: facts(d),
		Propagation: make([]Row, 0, len(d.Propagation)), At: d.At.UTC(), TookMs: d.Took.Milliseconds(),
		Interrupted: d.Interrupted,
	}
	if latest, ok := d.Waits(); ok {
		out.WaitsUntil = TimeOrNull(latest)
	}
	for _, c := range d.Codes {
		out.Codes = append(out.Codes, code(d, c))
	}
	for _, c := range d.Checks {
		out.Checks = append(out.Checks, Check{
			ID: c.ID, Status: string(c.Status), TookMs: c.Took.Milliseconds(), Reason: orNull(c.Reason), Partly: c.Partly,
		})
	}
	out.LeftOut = NewLeftOut(d.LeftOut)
	for _, r := range d.Propagation {
		out.Propagation = append(out.Propagation, NewRow(r))
	}
	return out
}

func code(d *result.Domain, c result.Code) Code {
	out := Code{
		Code: sanitize.Text(c.ID, maxWord), Name: c.Name, State: string(c.State), Causes: []string{},
		Resolution: c.Resolution,
	}
	for _, id := range c.Causes {
		out.Causes = append(out.Causes, string(id))
	}
	if c.Reported != nil {
		out.ReportedAt = TimeOrNull(c.Reported.At)
		out.Message = sanitize.Text(c.Reported.Message, 300)
		out.Note, out.Hint = d.Note(c), c.Mentioned()
	}
	return out
}

// NewVantage converts the report about this machine; nil stays nil.
func NewVantage(v *vantage.Report) *Vantage {
	if v == nil {
		return nil
	}
	return &Vantage{v.Verdict.String(), NewFindings(v.Findings)}
}

// NewTenant converts the report about the tenant; nil stays nil.
func NewTenant(t *checks.TenantReport) *Tenant {
	if t == nil {
		return nil
	}
	out := &Tenant{
		ID: sanitize.Text(t.ID, maxWord), PlanTier: sanitize.Text(t.PlanTier, maxWord),
		Findings: NewFindings(t.Findings),
	}
	if t.Quota != nil {
		out.Quota = &Quota{t.Quota.Used, t.Quota.Limit}
	}
	if t.Wallet != nil {
		out.Wallet = &Wallet{sanitize.Text(t.Wallet.Balance, 60), sanitize.Text(t.Wallet.Currency, 12)}
	}
	return out
}

// NewFindings converts findings.
func NewFindings(list []*finding.Finding) []Finding {
	out := make([]Finding, 0, len(list))
	for _, f := range list {
		out = append(out, convertFinding(f))
	}
	return out
}

func incidentOf(f *finding.Finding) string {
	if f.Incident == nil {
		return ""
	}
	return string(f.Incident.ID)
}

func convertFinding(f *finding.Finding) Finding {
	out := Finding{
		Cause: string(f.ID), Rung: f.Rung.String(), Check: f.Check, Verdict: f.Verdict.String(),
		State: findingState(f.Verdict, f.State()), Certainty: string(f.Certainty), Who: string(f.Actors()[0]),
		Predicts: orEmpty(f.Predicts()), BlockedBy: orNull(string(f.BlockedBy)), Incident: orNull(incidentOf(f)),
		Role: orNull(string(f.Role)), Title: f.Title, Summary: f.Summary(), Why: f.Why(),
		Fix: NewFix(f.Fix()), Args: Raw(f.Args), Evidence: evidence(f.Evidence), Refs: orEmpty(f.Refs),
		Alone: f.Alone, Ignored: orNull(f.Ignored),
	}
	if u := f.Until(); u != nil {
		out.ETA = &ETA{u.Latest.UTC(), u.Reason, u.Deadline}
	}
	return out
}

// findingState returns the state of a finding in the JSON.
func findingState(v catalog.Verdict, s catalog.State) string {
	if v == catalog.Blocked {
		return "consequence"
	}
	return s.ID()
}

// NewFix converts a fix.
func NewFix(f catalog.Fix) Fix {
	out := Fix{
		Steps: orEmpty(f.Steps), Records: []Record{}, Deletes: []Record{},
		Commands: orEmpty(f.Commands), After: orEmpty(f.After),
	}
	for _, r := range f.Records {
		out.Records = append(out.Records, NewRecord(r))
	}
	for _, r := range f.Deletes { // their values come from outside
		r.Value = sanitize.Text(r.Value, maxReadText)
		out.Deletes = append(out.Deletes, NewRecord(r))
	}
	if s := f.Settles; s != nil {
		out.Settles = &Settles{int64(s.Within().Seconds()), s.Latest().UTC(), s.Reason()}
	}
	return out
}

// NewRecord converts a record.
func NewRecord(r catalog.Record) Record {
	return Record{r.Label(), r.Name, r.Type, r.Value, r.TTL, orNull(r.Zone), orNull(r.Host)}
}

func evidence(list []*exchange.Exchange) []Evidence {
	out := []Evidence{}
	for _, x := range list {
		out = append(out, Evidence(x.Evidence()))
	}
	return out
}

func facts(d *result.Domain) Facts {
	var out Facts
	if r := d.Facts.Registration; r != nil {
		out.Registration = registrationJSON(r, d.At)
	}
	if z := d.Facts.Delegation; z != nil && z.Zone != nil {
		out.Delegation = &Delegation{
			Zone: z.Zone.Name, ParentNS: orEmpty(z.ParentNS), ChildNS: orEmpty(z.ChildNS),
			DNSHost: orNull(z.DNSHost), DNSSEC: string(observe.SecurityUnknown),
		}
		if d.Facts.DNSSEC != nil {
			out.Delegation.DNSSEC = string(d.Facts.DNSSEC.State)
		}
	}
	for _, h := range d.Facts.Certificates {
		out.Certificates = append(out.Certificates, certificate(h))
	}
	if b := d.Facts.Page; b != nil && b.Last() != nil && b.Last().HTTP != nil {
		out.HTTP = &HTTP{b.Last().HTTP.Status, len(b.Hops)}
	}
	return out
}

func registrationJSON(r *probe.RegistrationReport, now time.Time) *Registration {
	out := &Registration{
		State: string(r.State), Domain: r.Domain, Source: orNull(r.Source), Server: orNull(r.Server),
		Registrar: orNull(sanitize.Text(r.Registrar, 200)),
		Statuses:  []string{}, CreatedAt: TimeOrNull(r.CreatedAt), ExpiresAt: TimeOrNull(r.ExpiresAt),
	}
	for _, s := range r.Statuses {
		out.Statuses = append(out.Statuses, sanitize.Text(s, 80))
	}
	if r.State == registration.Unknown || r.State == registration.Reserved {
		out.Reason = sanitize.Text(r.Reason, 300)
	}
	out.Certainty, out.Offer = string(r.Sources.Free()), string(r.Offer)
	for _, by := range r.Sources.FreeBy() {
		out.FreeBy = append(out.FreeBy, strings.ToLower(by))
	}
	course := r.Lifecycle(now)
	out.Phase = string(course.Phase)
	for _, s := range course.Stages {
		out.Lifecycle = append(out.Lifecycle, Stage{string(s.Kind), s.At, s.Latest, s.Day, s.Estimated, s.Source})
	}
	return out
}

// maxCertNames is the maximum number of names per certificate in a report.
const maxCertNames = 50

func certificate(h observe.Handshake) Certificate {
	out := Certificate{Address: h.Addr.String(), State: string(h.State()), Names: []string{}}
	if !h.Shown() {
		out.Reason = sanitize.Text(h.Exchange.Err, 200)
		return out
	}
	leaf := h.Exchange.TLS.Chain[0]
	names := exchange.CertNames(leaf)
	for _, n := range names[:min(len(names), maxCertNames)] {
		out.Names = append(out.Names, sanitize.Text(n, 253))
	}
	out.Issuer = orNull(sanitize.Text(exchange.IssuerName(leaf), 200))
	out.NotAfter = TimeOrNull(leaf.NotAfter)
	return out
}

// NewLeftOut converts what a filter left out.
func NewLeftOut(list []result.LeftOut) []LeftOut {
	var out []LeftOut
	for _, l := range list {
		out = append(out, LeftOut{string(l.Cause), l.Check, l.Verdict.String(), l.Ignored})
	}
	return out
}

// NewRow converts a row of the propagation table.
func NewRow(r observe.Row) Row {
	out := Row{
		Name: r.Name, Type: r.Type, Role: orNull(string(r.Role)), Expected: orNull(r.Expected),
		Servers: []Cell{},
	}
	for _, c := range r.Cells {
		jc := Cell{Server: c.Server, Kind: string(c.Kind), State: string(c.State), Answer: []string{}, TTL: c.TTL}
		for _, a := range c.Answer {
			jc.Answer = append(jc.Answer, sanitize.Text(a, 400))
		}
		if c.Exchange != nil {
			e := c.Exchange.Evidence()
			jc.Rcode, jc.Error = e.Rcode, e.Error
			if e.EDE != nil {
				jc.EDE = *e.EDE
			}
		}
		out.Servers = append(out.Servers, jc)
	}
	return out
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// TimeOrNull returns nil for the zero time, and the time in UTC otherwise.
func TimeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
