// Package result holds the report of one domain's diagnosis.
package result

import (
	"slices"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
)

// CodeState is how a code stands to the evidence.
type CodeState string

// The states of a code.
const (
	CodePredicted CodeState = "predicted" // the evidence says that the service will give it
	CodeReported  CodeState = "reported"  // the service gave it, and the evidence does not show why (any more)
	CodeExplained CodeState = "explained" // the service gave it, and a finding accounts for it
)

// Code is one code of a domain.
type Code struct {
	catalog.Code
	State  CodeState
	Causes []catalog.ID // root causes
	// Reported is the service's report; nil for a predicted code.
	Reported *subject.Reported
}

// Note is what is to be said of a code that was reported and that no finding accounts for; empty for every other.
func (r *Domain) Note(c Code) string {
	switch {
	case c.State != CodeReported:
		return ""
	case r.Verdict == catalog.Inconclusive:
		return catalog.ReportedUnjudged
	}
	return catalog.ReportedOnly
}

// Domain is the diagnosis of one domain.
type Domain struct {
	Name          dnsname.Name
	ID            string
	ServiceStatus string
	Verdict       catalog.Verdict
	Codes         []Code
	Findings      []*finding.Finding
	Checks        []finding.Status
	Facts         Facts
	Propagation   []observe.Row
	Domain        *api.Domain
	Held          observe.Held
	Ledger        []*exchange.Exchange
	// TenantFindings are findings about the tenant that may explain a reported code.
	TenantFindings []*finding.Finding
	At             time.Time
	Took           time.Duration
	// Interrupted means that the run ended before all checks did.
	Interrupted bool
}

// Rejudge derives codes and verdict anew after a caller has changed Findings or Checks.
func (r *Domain) Rejudge() {
	var reported []subject.Reported
	for _, c := range r.Codes {
		if c.Reported != nil {
			reported = append(reported, *c.Reported)
		}
	}
	r.Judge(reported)
}

// Judge sets codes and verdict by the findings, the checks and the codes that were reported.
func (r *Domain) Judge(reported []subject.Reported) {
	r.Codes = Codes(r.Findings, r.TenantFindings, reported)
	r.Verdict = finding.OverallVerdict(r.Findings, r.Checks)
}

// Roots are the findings that stand on their own, the most serious first.
func (r *Domain) Roots() []*finding.Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f *finding.Finding) bool { return !f.Root() })
}

// Under are the findings that follow from a root cause.
func (r *Domain) Under(root *finding.Finding) []*finding.Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f *finding.Finding) bool { return f.BlockedBy != root.ID })
}

// Waits reports whether nothing needs to be done but wait, and until when at the latest.
func (r *Domain) Waits() (time.Time, bool) {
	var latest time.Time
	waits := false
	for _, f := range r.Roots() {
		if f.Ignored != "" || f.Verdict != catalog.Fail && f.Verdict != catalog.Warn {
			continue
		}
		u := f.Until()
		if u == nil || !slices.Contains(f.Who, catalog.Wait) {
			if f.Verdict == catalog.Fail {
				return time.Time{}, false
			}
			continue
		}
		waits = true
		if u.Latest.After(latest) {
			latest = u.Latest
		}
	}
	return latest, waits
}

// Facts is what was seen, judged or not. A nil part could not be asked.
type Facts struct {
	Registration *probe.RegistrationReport
	Delegation   *observe.Delegation
	DNSSEC       *observe.DNSSEC
	Certificates []observe.Handshake
	Page         *probe.Browse
	Records      []observe.Record      // nil where nothing is expected, or nothing was compared
	CAA          *observe.CAA          // nil where the question did not matter
	Routes       []observe.RankedRoute // in the order in which they are tried
	// Transfers are those of the tenant's transfers that are about the domain. TransfersErr tells why they could not be
	// read; TransfersRead whether anybody wanted to know.
	Transfers     []api.Transfer
	TransfersErr  error
	TransfersRead bool
	Intent        subject.Intent // what the tenant is trying to do, as said or told from the evidence
}

// codesOf are the union of what the root findings predict and what the service reported. A reported code is explained
// when any finding of the domain, or of the tenant, predicts it.
func Codes(findings []*finding.Finding, tenant []*finding.Finding, reported []subject.Reported) []Code {
	var out []Code
	get := func(id string) *Code {
		for i := range out {
			if out[i].ID == id {
				return &out[i]
			}
		}
		c, ok := catalog.FindCode(id)
		if !ok {
			c = catalog.Code{ID: id}
		}
		out = append(out, Code{Code: c})
		return &out[len(out)-1]
	}
	addCause := func(c *Code, id catalog.ID) {
		if !slices.Contains(c.Causes, id) {
			c.Causes = append(c.Causes, id)
		}
	}
	for _, f := range findings {
		if !f.Root() || f.Ignored != "" || f.Verdict == catalog.Inconclusive {
			continue
		}
		for _, code := range f.Predicts() {
			c := get(code)
			c.State = CodePredicted
			addCause(c, f.ID)
		}
	}
	for _, r := range reported {
		c := get(r.Code)
		c.Reported = &r
		c.State = CodeReported
		for _, f := range append(slices.Clone(findings), tenant...) {
			if f.Verdict == catalog.Inconclusive || !slices.Contains(f.Predicts(), r.Code) {
				continue
			}
			c.State = CodeExplained
			root := f.ID
			if !f.Root() {
				root = f.BlockedBy
			}
			addCause(c, root)
		}
	}
	slices.SortFunc(out, func(a, b Code) int {
		switch {
		case a.ID < b.ID:
			return -1
		case a.ID > b.ID:
			return 1
		}
		return 0
	})
	return out
}
