// Package finding holds what checks report: findings with their evidence, the status of each check, and the folding of
// consequences under their root cause.
package finding

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/subject"
)

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
	Evidence  []*exchange.Exchange
	// Partial means that the fault hits only some of the questions, so that it accounts for nothing that fails always.
	Partial   bool
	BlockedBy catalog.ID // the root cause that it follows from; empty on a root cause
	// Ignored is the exception by which the finding counts for nothing; empty when it counts.
	Ignored string
	// Incident is what many domains share that accounts for it, so that it is not the tenant's to mend; nil where it
	// stands for itself. See Withhold.
	Incident *Finding
	// Caveat is set on a finding about this machine that makes other findings unreliable.
	Caveat *Caveat
	// Advice replaces the cause's own advice where the simulation changed it; nil otherwise.
	Advice *catalog.Fix
}

// Caveat says which DNS answers on this machine are unreliable.
type Caveat struct {
	Resolvers []netip.AddrPort
	All       bool // every DNS answer, because names of servers were resolved the same way
}

// Affects reports whether a finding rests on unreliable answers. A nil caveat affects nothing.
func (c *Caveat) Affects(f *Finding) bool {
	if c == nil || f.Rung < catalog.Delegation {
		return false
	}
	return c.All || slices.ContainsFunc(f.Evidence, func(x *exchange.Exchange) bool {
		return x.Kind == exchange.KindDNS && x.RD && slices.Contains(c.Resolvers, x.Addr)
	})
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
	case f.Advice != nil:
		return *f.Advice
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

// Option adds to a finding.
type Option func(*Finding)

// With adds evidence.
func With(xs ...*exchange.Exchange) Option {
	return func(f *Finding) {
		for _, x := range xs {
			if x != nil && !slices.Contains(f.Evidence, x) {
				f.Evidence = append(f.Evidence, x)
			}
		}
	}
}

// For says which record the finding is about.
func For(e subject.Expected) Option {
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

// MarkBlocked marks the checks whose findings are all consequences of another check's as blocked.
func MarkBlocked(statuses []Status, findings []*Finding) {
	for i := range statuses {
		markBlocked(&statuses[i], findings)
	}
}

func markBlocked(s *Status, findings []*Finding) {
	own, blocked := 0, 0
	for _, f := range findings {
		if f.Check == s.ID {
			own++
			if !f.Root() {
				blocked++
				s.Reason = "explained by " + string(f.BlockedBy)
			}
		}
	}
	switch {
	case own > 0 && own == blocked && s.Status != catalog.Inconclusive.String():
		s.Status = catalog.Blocked.String()
	case s.Status == catalog.Inconclusive.String() && own == blocked:
		// What could not be asked because of a fault that was found is blocked, not unknown.
		if root := blockingRoot(findings); root != "" {
			s.Status, s.Reason = catalog.Blocked.String(), "cannot be judged while "+string(root)+" stands"
		}
	default:
		if own != blocked {
			s.Reason = ""
		}
	}
}

// blockingRoot is the root cause of a fault on a rung that everything above needs: the registration, the delegation
// or DNSSEC. Empty when there is none.
func blockingRoot(findings []*Finding) catalog.ID {
	for _, f := range findings {
		needed := f.Rung == catalog.Registration || f.Rung == catalog.Delegation || f.Rung == catalog.DNSSEC
		if !needed || f.Partial || f.Cause.Verdict != catalog.Fail || f.Verdict != catalog.Fail &&
			f.Verdict != catalog.Blocked {
			continue
		}
		if f.Root() {
			return f.ID
		}
		return f.BlockedBy
	}
	return ""
}

// String names a finding for logs and tests.
func (f *Finding) String() string {
	s := fmt.Sprintf("%s %s", f.Verdict, f.ID)
	if f.Role != "" {
		s += " " + string(f.Role)
	}
	if !f.Root() {
		s += " under " + string(f.BlockedBy)
	}
	return s
}
