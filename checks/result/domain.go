// Package result holds the report of one domain's diagnosis.
package result

import (
	"slices"
	"time"

	"domdoc/catalog/order"
	"domdoc/checks/probe/exchange"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
)

// CodeState relates an error code to the evidence.
type CodeState string

// The states of a code.
const (
	CodePredicted CodeState = "predicted" // the evidence predicts it
	CodeReported  CodeState = "reported"  // the service returned it, but the evidence does not (or no longer) show why
	CodeExplained CodeState = "explained" // the service returned it, and a finding explains it
)

// Code is an error code of the service that concerns the domain.
type Code struct {
	catalog.Code
	State  CodeState
	Causes []catalog.ID // root causes
	// Reported is the service's report; nil for a predicted code.
	Reported *subject.Reported
}

// Mentioned reports whether only a ticket mentions the code.
func (c Code) Mentioned() bool { return c.Reported != nil && c.Reported.Mentioned() }

// Standing returns the state of the code in words.
func (c Code) Standing() string {
	if c.Mentioned() {
		return catalog.Mentioned
	}
	return string(c.State)
}

// Note returns the note for a reported code that no finding explains; empty for any other.
func (r *Domain) Note(c Code) string {
	switch {
	case c.State != CodeReported:
		return ""
	case (r.Verdict == catalog.Inconclusive || len(r.LeftOut) > 0) && c.Mentioned():
		return catalog.MentionedUnjudged
	case r.Verdict == catalog.Inconclusive || len(r.LeftOut) > 0:
		return catalog.ReportedUnjudged
	case c.Integration() != "" && !c.Reported.Past(r.At):
		return catalog.ReportedIntegration(c.Integration())
	case !c.Reported.At.IsZero() && !c.Reported.Past(r.At):
		return catalog.ReportedRecently
	case c.Mentioned():
		return catalog.MentionedOnly
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
	// LeftOut are the root causes that a filter removed from Findings, and the checks that could not judge and do not
	// count.
	LeftOut []LeftOut
	// Interrupted means that the time was over, or the run was canceled, before all checks had ended.
	Interrupted bool
}

// LeftOut is a root cause that a filter removed, with the verdict that it had.
type LeftOut struct {
	Cause   catalog.ID
	Check   string // instead of a cause: a check that could not judge, and found nothing
	Verdict catalog.Verdict
	// Ignored is the exception that accepts a check that could not judge; empty where a filter leaves it out.
	Ignored string
}

// Rejudge recomputes codes and verdict after a caller has changed Findings or Checks.
func (r *Domain) Rejudge() {
	var reported []subject.Reported
	for _, c := range r.Codes {
		if c.Reported != nil {
			reported = append(reported, *c.Reported)
		}
	}
	r.Judge(reported)
}

// AdoptTenant adds the findings about the tenant that explain a code reported for the domain: what was tried fails
// until they are resolved, however long ago it was. A domain that is in use keeps working meanwhile, so they are
// warnings there, and after an old report as well. A domain in use needs no more of the quota, so that an old report of
// it is over.
func (r *Domain) AdoptTenant(reported []subject.Reported, inUse bool) {
	for _, f := range r.TenantFindings {
		if !f.Root() || f.Verdict != catalog.Fail {
			continue
		}
		by := slices.DeleteFunc(slices.Clone(reported), func(x subject.Reported) bool {
			return !slices.Contains(f.Predicts(), x.Code) ||
				x.Past(r.At) && inUse && x.Code == quotaCode
		})
		if len(by) == 0 {
			continue
		}
		late := !slices.ContainsFunc(by, func(x subject.Reported) bool { return !x.Past(r.At) })
		r.Adopt(f, inUse || late)
	}
}

// quotaCode is the code of a refusal because of the quota of domains.
const quotaCode = "DOMAIN_006"

// Adopt adds a copy of a finding that is not about this domain alone, once; as a warning if it only may break it.
func (r *Domain) Adopt(f *finding.Finding, warn bool) {
	if slices.ContainsFunc(r.Findings, func(x *finding.Finding) bool { return x.ID == f.ID }) {
		return
	}
	own := *f
	if own.Verdict == catalog.Fail && warn {
		own.Verdict = catalog.Warn
	}
	r.Findings = append(r.Findings, &own)
}

// Judge computes codes and verdict from the findings, the checks and the reported codes.
func (r *Domain) Judge(reported []subject.Reported) {
	r.Codes = Codes(r.Findings, r.TenantFindings, reported)
	r.Verdict = finding.OverallVerdict(r.Findings, r.Checks)
}

// Roots returns the root causes, the most serious first.
func (r *Domain) Roots() []*finding.Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f *finding.Finding) bool { return !f.Root() })
}

// Partial reports whether the domain passes only because findings that fail, or could not be judged, are left out.
// Such a domain is not healthy.
func (r *Domain) Partial() bool {
	return r.Verdict == catalog.Pass && slices.ContainsFunc(r.LeftOut, func(l LeftOut) bool {
		return l.Verdict == catalog.Fail || l.Verdict == catalog.Inconclusive
	})
}

// Under returns the findings that a root cause explains.
func (r *Domain) Under(root *finding.Finding) []*finding.Finding {
	return slices.DeleteFunc(slices.Clone(r.Findings), func(f *finding.Finding) bool { return f.BlockedBy != root.ID })
}

// Waits reports whether the only action is to wait, and until when at the latest; zero if that is not known.
func (r *Domain) Waits() (time.Time, bool) {
	var latest time.Time
	waits, act := map[catalog.Verdict]bool{}, map[catalog.Verdict]bool{}
	for _, f := range r.Roots() {
		if f.Ignored != "" || f.Verdict != catalog.Fail && f.Verdict != catalog.Warn {
			continue
		}
		u, ok := f.Waits()
		if !ok {
			act[f.Verdict] = true
			continue
		}
		waits[f.Verdict] = true
		if u != nil && u.Latest.After(latest) {
			latest = u.Latest
		}
	}
	if act[catalog.Fail] || !waits[catalog.Fail] && (act[catalog.Warn] || !waits[catalog.Warn]) {
		return time.Time{}, false
	}
	return latest, true
}

// State returns the state of the domain: its verdict, or waiting.
func (r *Domain) State() catalog.State {
	_, waits := r.Waits()
	return catalog.StateOf(r.Verdict, waits)
}

// Facts are the observations, whether or not a finding came of them. A nil part could not be observed.
type Facts struct {
	Registration *probe.RegistrationReport
	Delegation   *observe.Delegation
	DNSSEC       *observe.DNSSEC
	Certificates []observe.Handshake
	Page         *probe.Browse
	Records      []observe.Record      // nil if nothing is expected
	CAA          *observe.CAA          // nil if it did not matter
	Routes       []observe.RankedRoute // by precedence
	// Transfers are the tenant's transfers of the domain. TransfersErr is why they could not be read; TransfersRead
	// means that a check needed them.
	Transfers     []api.Transfer
	TransfersErr  error
	TransfersRead bool
	Intent        subject.Intent // what the tenant is trying to do, as given or inferred
}

// Codes returns the codes that root causes predict and those that were reported. A reported code is explained if any
// finding of the domain or the tenant predicts it.
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
	order.By(out, func(a, b Code) int {
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
