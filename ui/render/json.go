// Package render writes a diagnosis in the formats that people and scripts read. The wire types of JSON live here, apart from the types that checks
// works with: their names are an API, which is added to and never changed.
package render

import (
	"encoding/json"
	"io"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
)

// SchemaVersion is the version of the JSON.
const SchemaVersion = 1

// Run is what one run found beside its domains.
type Run struct {
	Took    time.Duration
	Vantage *checks.VantageReport
	Tenant  *checks.TenantReport
	Summary Summary
}

// Summary counts the domains of a run.
type Summary struct {
	Domains      int `json:"domains"`
	Pass         int `json:"pass"`
	Warn         int `json:"warn"`
	Fail         int `json:"fail"`
	Inconclusive int `json:"inconclusive"`

	needsYou, fixes, waiting, healthy, unknown int
	until                                      time.Time
}

// Add counts one more domain.
func (s *Summary) Add(r *checks.DomainReport) {
	s.Domains++
	switch r.Verdict {
	case catalog.Pass:
		s.Pass++
	case catalog.Warn:
		s.Warn++
	case catalog.Fail:
		s.Fail++
	case catalog.Inconclusive:
		s.Inconclusive++
	case catalog.NotRun, catalog.Blocked:
	}
	s.sentence(r)
}

type jsonVantage struct {
	Verdict  string        `json:"verdict"`
	Findings []jsonFinding `json:"findings"`
}

type jsonTenant struct {
	ID       string        `json:"id"`
	PlanTier string        `json:"planTier"`
	Quota    *jsonQuota    `json:"quota"`
	Wallet   *jsonWallet   `json:"wallet"`
	Findings []jsonFinding `json:"findings"`
}

type jsonQuota struct {
	Used  *int `json:"used"`
	Limit *int `json:"limit"`
}

type jsonWallet struct {
	Balance  string `json:"balance"`
	Currency string `json:"currency"`
}

type jsonDomain struct {
	Domain        string        `json:"domain"`
	Unicode       string        `json:"unicode"`
	ID            string        `json:"id"`
	ServiceStatus string        `json:"serviceStatus"`
	Verdict       string        `json:"verdict"`
	Codes         []jsonCode    `json:"codes"`
	Findings      []jsonFinding `json:"findings"`
	Checks        []jsonCheck   `json:"checks"`
	Facts         jsonFacts     `json:"facts"`
	Propagation   []jsonRow     `json:"propagation"`
	At            time.Time     `json:"at"`
	TookMs        int64         `json:"tookMs"`
	Interrupted   bool          `json:"interrupted,omitempty"`
}

type jsonCode struct {
	Code       string     `json:"code"`
	Name       string     `json:"name"`
	State      string     `json:"state"`
	Causes     []string   `json:"causes"`
	Resolution string     `json:"resolution"`
	ReportedAt *time.Time `json:"reportedAt,omitempty"`
	Message    string     `json:"message,omitempty"`
	Note       string     `json:"note,omitempty"`
}

type jsonFinding struct {
	Cause     string           `json:"cause"`
	Rung      string           `json:"rung"`
	Verdict   string           `json:"verdict"`
	Certainty string           `json:"certainty"`
	Who       string           `json:"who"`
	Predicts  []string         `json:"predicts"`
	BlockedBy *string          `json:"blockedBy"`
	Role      *string          `json:"role"`
	Title     string           `json:"title"`
	Summary   string           `json:"summary"`
	Why       string           `json:"why"`
	Fix       jsonFix          `json:"fix"`
	ETA       *jsonETA         `json:"eta"`
	Args      any              `json:"args"`
	Evidence  []probe.Evidence `json:"evidence"`
	Refs      []string         `json:"refs"`
}

type jsonFix struct {
	Steps    []string     `json:"steps"`
	Records  []jsonRecord `json:"records"`
	Commands []string     `json:"commands"`
}

type jsonRecord struct {
	Host  string `json:"host"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
	TTL   int    `json:"ttl"`
}

type jsonETA struct {
	Latest time.Time `json:"latest"`
	Reason string    `json:"reason"`
}

type jsonCheck struct {
	ID     string  `json:"id"`
	Status string  `json:"status"`
	TookMs int64   `json:"tookMs"`
	Reason *string `json:"reason"`
}

type jsonFacts struct {
	Registration *jsonRegistration `json:"registration"`
	Delegation   *jsonDelegation   `json:"delegation"`
	Certificates []jsonCertificate `json:"certificates"`
	HTTP         *jsonHTTP         `json:"http"`
}

type jsonRegistration struct {
	State     string     `json:"state"`
	Domain    string     `json:"domain"`
	Source    *string    `json:"source"`
	Server    *string    `json:"server"`
	Registrar *string    `json:"registrar"`
	Statuses  []string   `json:"statuses"`
	CreatedAt *time.Time `json:"createdAt"`
	ExpiresAt *time.Time `json:"expiresAt"`
	Reason    string     `json:"reason,omitempty"`
}

type jsonDelegation struct {
	Zone     string   `json:"zone"`
	ParentNS []string `json:"parentNS"`
	ChildNS  []string `json:"childNS"`
	DNSHost  *string  `json:"dnsHost"`
	DNSSEC   string   `json:"dnssec"`
}

type jsonCertificate struct {
	Address  string     `json:"address"`
	State    string     `json:"state"`
	Names    []string   `json:"names"`
	Issuer   *string    `json:"issuer"`
	NotAfter *time.Time `json:"notAfter"`
	Reason   string     `json:"reason,omitempty"`
}

type jsonHTTP struct {
	Status int `json:"status"`
	Hops   int `json:"hops"`
}

type jsonRow struct {
	Name     string     `json:"name"`
	Type     string     `json:"type"`
	Role     *string    `json:"role"`
	Expected *string    `json:"expected"`
	Servers  []jsonCell `json:"servers"`
}

type jsonCell struct {
	Server string   `json:"server"`
	Kind   string   `json:"kind"`
	State  string   `json:"state"`
	Answer []string `json:"answer"`
	TTL    *uint32  `json:"ttl"`
	Rcode  *string  `json:"rcode"`
	Error  string   `json:"error,omitempty"`
}

// JSONLine writes one domain as one line.
func JSONLine(w io.Writer, d *checks.DomainReport) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(domain(d))
}

func domain(d *checks.DomainReport) jsonDomain {
	out := jsonDomain{
		Domain: d.Name.ASCII, Unicode: d.Name.Unicode, ID: d.ID, ServiceStatus: d.ServiceStatus, Verdict: d.Verdict.String(), Codes: []jsonCode{}, Findings: findings(d.Findings),
		Checks: []jsonCheck{}, Facts: facts(d), Propagation: []jsonRow{}, At: d.At.UTC(), TookMs: d.Took.Milliseconds(), Interrupted: d.Interrupted,
	}
	for _, c := range d.Codes {
		jc := jsonCode{Code: c.ID, Name: c.Name, State: string(c.State), Causes: []string{}, Resolution: c.Resolution}
		for _, id := range c.Causes {
			jc.Causes = append(jc.Causes, string(id))
		}
		if c.Reported != nil {
			if !c.Reported.At.IsZero() {
				at := c.Reported.At.UTC()
				jc.ReportedAt = &at
			}
			jc.Message = catalog.Printable(c.Reported.Message, 300)
			jc.Note = d.Note(c)
		}
		out.Codes = append(out.Codes, jc)
	}
	for _, c := range d.Checks {
		out.Checks = append(out.Checks, jsonCheck{c.ID, c.Status, c.Took.Milliseconds(), orNull(c.Reason)})
	}
	for _, r := range d.Propagation {
		out.Propagation = append(out.Propagation, row(r))
	}
	return out
}

func row(r checks.Row) jsonRow {
	out := jsonRow{Name: r.Name, Type: r.Type, Role: orNull(string(r.Role)), Expected: orNull(r.Expected), Servers: []jsonCell{}}
	for _, c := range r.Cells {
		jc := jsonCell{Server: c.Server, Kind: c.Kind, State: string(c.State), Answer: []string{}, TTL: c.TTL}
		for _, a := range c.Answer {
			jc.Answer = append(jc.Answer, catalog.Printable(a, 400))
		}
		if c.Exchange != nil {
			e := c.Exchange.Evidence()
			jc.Rcode, jc.Error = e.Rcode, e.Error
		}
		out.Servers = append(out.Servers, jc)
	}
	return out
}

func findings(list []*checks.Finding) []jsonFinding {
	out := []jsonFinding{}
	for _, f := range list {
		out = append(out, finding(f))
	}
	return out
}

func finding(f *checks.Finding) jsonFinding {
	fix := f.Fix()
	out := jsonFinding{
		Cause: string(f.ID), Rung: f.Rung.String(), Verdict: f.Verdict.String(), Certainty: string(f.Certainty), Who: string(f.Who[0]),
		Predicts: orEmpty(f.Predicts()), BlockedBy: orNull(string(f.BlockedBy)), Role: orNull(string(f.Role)), Title: f.Title, Summary: f.Summary(), Why: f.Why(),
		Fix: jsonFix{Steps: orEmpty(fix.Steps), Records: []jsonRecord{}, Commands: orEmpty(fix.Commands)}, Args: f.Args, Evidence: []probe.Evidence{}, Refs: orEmpty(f.Refs),
	}
	for _, r := range fix.Records {
		out.Fix.Records = append(out.Fix.Records, jsonRecord{r.Label(), r.Name, r.Type, r.Value, r.TTL})
	}
	if u := f.Until(); u != nil {
		out.ETA = &jsonETA{u.Latest.UTC(), u.Reason}
	}
	for _, x := range f.Evidence {
		out.Evidence = append(out.Evidence, x.Evidence())
	}
	return out
}

func facts(d *checks.DomainReport) jsonFacts {
	var out jsonFacts
	if r := d.Facts.Registration; r != nil {
		out.Registration = &jsonRegistration{
			State: string(r.State), Domain: r.Domain, Source: orNull(r.Source), Server: orNull(r.Server), Registrar: orNull(catalog.Printable(r.Registrar, 200)),
			Statuses: []string{}, CreatedAt: orNoTime(r.CreatedAt), ExpiresAt: orNoTime(r.ExpiresAt),
		}
		for _, s := range r.Statuses {
			out.Registration.Statuses = append(out.Registration.Statuses, catalog.Printable(s, 80))
		}
		if r.State == probe.RegUnknown || r.State == probe.Reserved {
			out.Registration.Reason = catalog.Printable(r.Reason, 300)
		}
	}
	if z := d.Facts.Delegation; z != nil && z.Zone != nil {
		out.Delegation = &jsonDelegation{Zone: z.Zone.Name, ParentNS: orEmpty(z.ParentNS), ChildNS: orEmpty(z.ChildNS), DNSHost: orNull(z.DNSHost), DNSSEC: string(checks.SecurityUnknown)}
		if d.Facts.DNSSEC != nil {
			out.Delegation.DNSSEC = string(d.Facts.DNSSEC.State)
		}
	}
	for _, h := range d.Facts.Certificates {
		c := jsonCertificate{Address: h.Addr.String(), State: h.State(), Names: []string{}}
		if h.Shown() {
			leaf := h.Exchange.TLS.Chain[0]
			for i, n := range probe.CertNames(leaf) {
				if i == 50 {
					break
				}
				c.Names = append(c.Names, catalog.Printable(n, 253))
			}
			c.Issuer = orNull(catalog.Printable(probe.IssuerName(leaf), 200))
			c.NotAfter = orNoTime(leaf.NotAfter)
		} else {
			c.Reason = catalog.Printable(h.Exchange.Err, 200)
		}
		out.Certificates = append(out.Certificates, c)
	}
	if b := d.Facts.Page; b != nil && b.Last() != nil && b.Last().HTTP != nil {
		out.HTTP = &jsonHTTP{b.Last().HTTP.Status, len(b.Hops)}
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

func orNoTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
