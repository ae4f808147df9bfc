package wire

import (
	"time"

	"domdoc/catalog"
	"domdoc/checks/plan/planner"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
)

// Plan is the output of domdoc plan.
type Plan struct {
	SchemaVersion int                  `json:"schemaVersion" const:"1"`
	Zone          string               `json:"zone"`
	At            time.Time            `json:"at"`
	Settled       *time.Time           `json:"settled"`
	Records       []PlannedRecord      `json:"records"`
	Refused       []Finding            `json:"refused"`
	Open          []string             `json:"open"`
	Notes         []string             `json:"notes"`
	Move          *Move                `json:"move"`
	Transfer      *PlannedTransfer     `json:"transfer"`
	Detach        *PlannedDetach       `json:"detach"`
	Certificates  []PlannedCertificate `json:"certificates"`
	Breaks        bool                 `json:"breaks"`
	Complete      bool                 `json:"complete"`
	Domains       []PlannedDomain      `json:"domains"`
	// LeftOut is how many names of the change Records has not, which Notes say in words.
	LeftOut int `json:"-"`
}

// PlannedRecord is an RRset that changes.
type PlannedRecord struct {
	Name      string         `json:"name"`
	Type      string         `json:"type"`
	Before    []string       `json:"before"`
	After     []string       `json:"after"`
	TTLBefore *uint32        `json:"ttlBefore"`
	TTLAfter  *uint32        `json:"ttlAfter"`
	Known     bool           `json:"known"`
	Settles   *Settles       `json:"settles"`
	Cached    []CachedRecord `json:"cached"`
}

// CachedRecord is the answer that a resolver has in its cache.
type CachedRecord struct {
	Resolver string    `json:"resolver"`
	Until    time.Time `json:"until"`
}

// PlannedDomain compares a domain before and after a change.
type PlannedDomain struct {
	Domain string         `json:"domain"`
	ID     string         `json:"id"`
	Before PlannedVerdict `json:"before"`
	After  PlannedVerdict `json:"after"`
	Cured  []Finding      `json:"cured"`
	New    []Finding      `json:"new"`
	Stays  []Finding      `json:"stays"`
	Checks []Check        `json:"checks"`
}

// PlannedVerdict is a domain's state at one of the two times.
type PlannedVerdict struct {
	Verdict string   `json:"verdict" enum:"fail,inconclusive,warn,pass"`
	State   string   `json:"state" enum:"pass,warn,fail,waiting,not-checked"`
	Codes   []string `json:"codes"`
	Roots   []string `json:"roots"`
}

// NewPlan converts a plan.
func NewPlan(p *planner.Plan) *Plan {
	r := p.Report
	out := &Plan{
		SchemaVersion: SchemaVersion, Zone: p.Zone, At: r.At.UTC(), Settled: TimeOrNull(r.Settled),
		Records: []PlannedRecord{},
		Domains: []PlannedDomain{}, Refused: NewFindings(r.Refused), Open: cleaned(orEmpty(p.Open)),
		Notes: cleaned(orEmpty(p.Notes)), Certificates: plannedCertificates(r.Certificates),
		LeftOut: r.LeftOut, Breaks: r.Breaks(), Complete: !r.Unjudged() && len(p.Open) == 0,
	}
	out.Transfer, out.Detach = plannedTransfer(p.Transfer), plannedDetach(p.Detach)
	if t := p.Transfer; t != nil {
		out.Breaks, out.Complete = t.Fails(), out.Complete && len(t.Unjudged) == 0
	}
	if d := p.Detach; d != nil {
		out.Breaks, out.Complete = out.Breaks || d.Takeover(), out.Complete && len(d.Unjudged) == 0
	}
	if p.Move != nil {
		out.Move = NewMove(p.Move)
		out.Breaks = out.Breaks || out.Move.Fails()
		out.Complete = out.Complete && p.Move.Verdict() != catalog.Inconclusive
	}
	for _, x := range r.Records {
		if !x.Changes() && x.Known {
			continue
		}
		p := PlannedRecord{
			Name: x.Name, Type: exchange.TypeName(x.Type), Before: cleaned(orEmpty(x.Before)),
			After: cleaned(orEmpty(x.After)),
			Known: x.Known, Cached: []CachedRecord{},
		}
		if len(x.Before) > 0 {
			p.TTLBefore = &x.TTLBefore
		}
		if len(x.After) > 0 {
			p.TTLAfter = &x.TTLAfter
		}
		if s := x.Settles; s != nil {
			p.Settles = &Settles{
				Within: int64(s.Within() / time.Second), Latest: r.At.Add(s.Within()).UTC(), Reason: s.Reason(),
			}
		}
		for _, c := range x.Cached {
			p.Cached = append(p.Cached, CachedRecord{c.Resolver, c.Until.UTC()})
		}
		out.Records = append(out.Records, p)
	}
	for _, d := range r.Domains {
		after := NewDomain(d.After)
		out.Domains = append(out.Domains, PlannedDomain{
			Domain: after.Domain, ID: after.ID, Before: plannedVerdict(d.Before), After: plannedVerdict(d.After),
			Cured: NewFindings(d.Cured), New: NewFindings(d.New), Stays: NewFindings(d.Stays), Checks: after.Checks,
		})
	}
	return out
}

func plannedVerdict(r *result.Domain) PlannedVerdict {
	d := NewDomain(r)
	out := PlannedVerdict{Verdict: d.Verdict, State: d.State, Codes: []string{}, Roots: []string{}}
	for _, c := range d.Codes {
		if c.State != string(result.CodeReported) { // an old report says nothing about what will be
			out.Codes = append(out.Codes, c.Code)
		}
	}
	for _, f := range d.Roots() {
		out.Roots = append(out.Roots, f.Cause)
	}
	return out
}
