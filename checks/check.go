// Package checks holds the reason of domdoc: what the evidence means. A check is a declared value; it asks through a
// session, and reports causes of the catalogue with arguments and evidence. It writes no sentence and opens no
// socket.
package checks

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/probe"
)

// Need is something that a check cannot do without.
type Need string

// The needs. A check whose need is not there is skipped, with the reason.
const (
	NeedService      Need = "service"
	NeedDNS          Need = "dns"
	NeedRegistration Need = "registration"
	NeedTLS          Need = "tls"
	NeedHTTP         Need = "http"
)

// Check is one question about a domain. It is a declared value in the explicit list of Registry.
type Check struct {
	ID      string
	Title   string // what it looks at, for a person
	Rung    catalog.Rung
	Needs   []Need
	Reports []*catalog.Cause
	Run     func(ctx context.Context, p *Pass)
}

// Certainty is how far the evidence carries.
type Certainty string

// The certainties.
const (
	Conclusive Certainty = "conclusive"
	Likely     Certainty = "likely"
	Hint       Certainty = "hint"
)

// Finding is one cause that a check found, with the evidence.
type Finding struct {
	catalog.Instance
	Check     string
	Verdict   catalog.Verdict
	Certainty Certainty
	Role      catalog.Role
	About     string // the owner name or address that it is about, so that causes of one record meet
	Live      bool   // the domain serves traffic, which decides some codes
	Evidence  []*probe.Exchange
	// Partial means that the fault hits only some of the questions, so that it accounts for nothing that fails always.
	Partial   bool
	BlockedBy catalog.ID // the root cause that it follows from; empty on a root cause
	// Ignored is the exception by which the finding counts for nothing; empty when it counts.
	Ignored string
	// Incident is what many domains share that accounts for it, so that it is not the tenant's to mend; nil where it
	// stands for itself. See Withhold.
	Incident *Finding
	doubts   *doubts // of a finding about this machine: what cannot be believed because of it

	advice *catalog.Fix // what the rehearsal made of the cause's own advice; nil where it left it as it is
}

// narrower is implemented by arguments that say which of their cause's codes they predict.
type narrower interface{ Codes() []string }

// Predicts are the codes that the finding predicts.
func (f *Finding) Predicts() []string {
	if n, ok := f.Args.(narrower); ok {
		return n.Codes()
	}
	return f.Cause.Predicts(f.Role, f.Live)
}

// Fix returns the advice: the cause's own, adjusted to what the simulation showed (see advise). While an incident
// explains the finding, it asks nothing of the tenant.
func (f *Finding) Fix() catalog.Fix {
	switch {
	case f.Incident != nil:
		return causes.Withheld(f.Incident.Instance)
	case f.advice != nil:
		return *f.advice
	}
	return f.Instance.Fix()
}

// Actors returns who can fix the cause, the likeliest first.
func (f *Finding) Actors() []catalog.Actor {
	if f.Incident != nil {
		return f.Incident.Who
	}
	return f.Who
}

// Root reports whether the finding stands on its own.
func (f *Finding) Root() bool { return f.BlockedBy == "" }

// Status is how a check ended.
type Status struct {
	ID     string
	Status string // pass, warn, fail, inconclusive, blocked or skipped
	Took   time.Duration
	Reason string
}

// Intent is what the tenant is trying to do with the domain.
type Intent string

// The intents. Being registered is a fault only for Register, a transfer lock only for Transfer.
const (
	Attach   Intent = "attach"
	Register Intent = "register"
	Transfer Intent = "transfer"
)

// ParseIntent reads an intent.
func ParseIntent(s string) (Intent, error) {
	switch i := Intent(s); i {
	case Attach, Register, Transfer:
		return i, nil
	}
	return "", fmt.Errorf("%q is not an intent; use attach, register or transfer", s)
}

// Reported is a code that the service gave, in the domain's lastError or in a ticket.
type Reported struct {
	Code      string
	Message   string
	At        time.Time
	Path      string
	Method    string
	RequestID string
	Source    string // "lastError" or "ticket"
}

// Past reports whether the report lies further back than the service waits for what it is about, so that it may be
// over: five minutes for a verification, 48 hours for anything else. A report without a time is not past.
func (r Reported) Past(now time.Time) bool {
	patience := propagatePatience
	if r.Code == "DOMAIN_004" {
		patience = verifyPatience
	}
	return !r.At.IsZero() && now.Sub(r.At) >= patience
}

// Expected is a record that should be published.
type Expected struct {
	catalog.Record
	Values []string // where several are right together (a set); Record.Value is the first
	Source string   // "service" or "flag"
	ID     string   // the service's id of the record
}

// Key tells one expectation from another.
func (e Expected) Key() string {
	return e.Name + " " + e.Type + " " + e.Value + " " + string(e.Role)
}

// Subject is what a diagnosis is about, and what is known of it beforehand.
type Subject struct {
	Name    Name
	Domain  *api.Domain // nil when the service was not asked or does not have it
	Service *Service    // nil without a service
	Intent  Intent      // as said; empty where it is to be told from the evidence
	// Reported are codes from outside the service's own data: a ticket.
	Reported []Reported
	Expect   []Expected
	// AuthCode is checked for its form only: never stored, logged, sent or shown.
	AuthCode *string
}

// Pass is one check's run over one subject.
type Pass struct {
	*probe.Session
	Subject *Subject
	Facts   *Facts
	check   *Check

	mu       sync.Mutex // guards following
	findings []*Finding
	unable   string
	skipped  string
}

// Option adds to a finding.
type Option func(*Finding)

// With adds evidence.
func With(xs ...*probe.Exchange) Option {
	return func(f *Finding) {
		for _, x := range xs {
			if x != nil && !slices.Contains(f.Evidence, x) {
				f.Evidence = append(f.Evidence, x)
			}
		}
	}
}

// For says which record the finding is about.
func For(e Expected) Option {
	return func(f *Finding) { f.Role, f.About = e.Role, e.Name }
}

// About says what the finding is about: an owner name, or an address.
func About(role catalog.Role, name string) Option {
	return func(f *Finding) { f.Role, f.About = role, name }
}

// As sets another verdict than the cause's own.
func As(v catalog.Verdict) Option { return func(f *Finding) { f.Verdict = v } }

// Partly marks a fault that hits only some of the questions.
func Partly() Option {
	return func(f *Finding) { f.Partial, f.Verdict = true, catalog.Warn }
}

// Sure sets how far the evidence carries.
func Sure(c Certainty) Option { return func(f *Finding) { f.Certainty = c } }

// maxEvidence bounds the exchanges that one finding shows.
const maxEvidence = 16

// Report reports a finding.
func (p *Pass) Report(i catalog.Instance, opts ...Option) {
	f := &Finding{
		Instance: i, Check: p.check.ID, Verdict: i.Cause.Verdict, Certainty: Conclusive,
		Live: p.Subject.InUse(),
	}
	for _, o := range opts {
		o(f)
	}
	f.Evidence = f.Evidence[:min(len(f.Evidence), maxEvidence)]
	p.mu.Lock()
	defer p.mu.Unlock()
	p.findings = append(p.findings, f)
}

// Unable says that something could not be judged, and why. It is nobody's fault.
func (p *Pass) Unable(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.unable == "" {
		p.unable = fmt.Sprintf(format, args...)
	}
}

// Skip says that there is nothing to judge, and why.
func (p *Pass) Skip(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.skipped == "" {
		p.skipped = fmt.Sprintf(format, args...)
	}
}

// ReportedCode reports whether the service or a ticket reported a code for the subject, and gives the report.
func (p *Pass) ReportedCode(code string) (Reported, bool) {
	for _, r := range p.Subject.AllReported() {
		if r.Code == code {
			return r, true
		}
	}
	return Reported{}, false
}

// AllReported are the codes of the service's lastError and of tickets, the latest of each.
func (s *Subject) AllReported() []Reported {
	out := slices.Clone(s.Reported)
	if s.Domain != nil && s.Domain.LastError != nil {
		e := s.Domain.LastError
		code := e.Code
		if c, ok := catalog.FindCode(code); ok {
			code = c.ID
		}
		if code != "" && !slices.ContainsFunc(out, func(r Reported) bool { return r.Code == code }) {
			out = append(out, Reported{
				Code: code, Message: e.Message, At: e.Timestamp, Path: e.Path,
				RequestID: e.RequestID, Source: "lastError",
			})
		}
	}
	return out
}
