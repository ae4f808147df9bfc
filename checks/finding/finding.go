// Package finding holds what checks report: findings with their evidence, the status of each check, and the folding
// of consequences under their root cause.
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

// Certainty is how conclusive the evidence is.
type Certainty string

// The certainties.
const (
	Conclusive Certainty = "conclusive"
	Likely     Certainty = "likely"
	Hint       Certainty = "hint"
)

// Finding is a cause that a check found, with its evidence.
type Finding struct {
	catalog.Instance
	Check     string
	Verdict   catalog.Verdict
	Certainty Certainty
	Role      catalog.Role
	About     string // the owner name or address concerned; findings about one record have the same
	Live      bool   // the domain serves traffic; some codes depend on it
	Evidence  []*exchange.Exchange
	// Partial means that the fault affects only some queries, so it does not explain what always fails.
	Partial   bool
	BlockedBy catalog.ID // the root cause that explains it; empty for a root cause
	// Was is the verdict of a finding that another one explains, before it became [catalog.Blocked].
	Was catalog.Verdict
	// Ignored is the exception that suppresses the finding; empty if it counts.
	Ignored string
	// Incident is the incident that explains the finding, so that the tenant has nothing to fix; nil if there is none.
	// See incident.SuppressAdvice.
	Incident *Finding
	// Alone is the infrastructure that other domains share and with which they were not compared, so that the fault may
	// be everybody's; empty if they were compared, or if the fault concerns only the domain.
	Alone string
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

// covers reports whether no other resolver is part of a finding's evidence.
func (c *Caveat) covers(f *Finding) bool {
	return !slices.ContainsFunc(f.Evidence, func(x *exchange.Exchange) bool {
		return x.Kind == exchange.KindDNS && x.RD && !slices.Contains(c.Resolvers, x.Addr)
	})
}

// narrower is implemented by arguments that predict only some of their cause's codes.
type narrower interface{ Codes() []string }

// Predicts returns the error codes that the finding predicts.
func (f *Finding) Predicts() []string {
	if n, ok := f.Args.(narrower); ok {
		return n.Codes()
	}
	return f.Cause.Predicts(f.Role, f.Live)
}

// Fix returns the advice: the cause's own, adjusted by the simulation of package advice. While an incident explains
// the finding, it asks nothing of the tenant.
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
	return f.Instance.Actors()
}

// Waits reports whether time alone mends the fault, and until when it takes at the latest; nil if that is not known.
func (f *Finding) Waits() (*catalog.Until, bool) {
	if f.Incident != nil || f.Actors()[0] != catalog.Wait {
		return nil, false
	}
	if u := f.Until(); u != nil && !u.Deadline {
		return u, true
	}
	return nil, true
}

// State returns the state of the finding: its verdict, or waiting.
func (f *Finding) State() catalog.State {
	_, waits := f.Waits()
	return catalog.StateOf(f.Verdict, waits)
}

// Root reports whether the finding is a root cause.
func (f *Finding) Root() bool { return f.BlockedBy == "" }

// CheckState is the outcome of a check: a verdict's name, or Skipped.
type CheckState string

// Skipped is the state of a check that did not run.
const Skipped CheckState = "skipped"

// StateOf returns the state of a check with a verdict.
func StateOf(v catalog.Verdict) CheckState { return CheckState(v.String()) }

// Status is how a check ended.
type Status struct {
	ID     string
	Status CheckState
	Took   time.Duration
	Reason string
	// Root is the root cause that blocks or explains the check; empty if it is not blocked.
	Root catalog.ID
	// Unjudged means that the check is blocked because it could not query what it needs. Nothing is known about it
	// then, unlike for a check whose findings are all explained.
	Unjudged bool
	// Unasked means that the check was skipped because it does not know what to check, rather than because it does not
	// apply.
	Unasked bool
	// Partly means that an inconclusive check judged all but a part, such as one of several resolvers.
	Partly bool
}

// Is reports whether the check ended with a verdict.
func (s Status) Is(v catalog.Verdict) bool { return s.Status == StateOf(v) }

// Option sets details of a finding.
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

// For sets the record that the finding is about.
func For(e subject.Expected) Option {
	return func(f *Finding) { f.Role, f.About = e.Role, e.Name }
}

// About sets the owner name or address that the finding is about.
func About(role catalog.Role, name string) Option {
	return func(f *Finding) { f.Role, f.About = role, name }
}

// As overrides the verdict of the cause.
func As(v catalog.Verdict) Option { return func(f *Finding) { f.Verdict = v } }

// Partly marks a fault that affects only some queries.
func Partly() Option {
	return func(f *Finding) { f.Partial, f.Verdict = true, catalog.Warn }
}

// Sure sets how conclusive the evidence is.
func Sure(c Certainty) Option { return func(f *Finding) { f.Certainty = c } }

// MarkBlocked marks checks as blocked whose findings are all consequences of another check's findings.
func MarkBlocked(statuses []Status, findings []*Finding) {
	for i := range statuses {
		markBlocked(&statuses[i], findings)
	}
}

func markBlocked(s *Status, findings []*Finding) {
	own, blocked := 0, 0
	var explained catalog.ID
	for _, f := range findings {
		if f.Check == s.ID {
			own++
			if !f.Root() {
				blocked++
				explained = f.BlockedBy
			}
		}
	}
	switch {
	case !s.Is(catalog.Inconclusive):
		if own > 0 && own == blocked {
			s.Status, s.Root, s.Reason = StateOf(catalog.Blocked), explained, "explained by "+string(explained)
		}
	case own == blocked:
		// What could not be queried because of a known fault is blocked, not unknown.
		root := blockingRoot(findings)
		if root == "" && slices.Contains([]string{"addresses", "records", "verification", "cname"}, s.ID) {
			root = unansweredRoot(findings)
		}
		if root != "" {
			s.Status, s.Reason, s.Partly = StateOf(catalog.Blocked), "blocked by "+string(root), false
			s.Root, s.Unjudged = root, true
		} else if explained != "" {
			s.Root, s.Reason = explained, "explained by "+string(explained)
		}
	}
}

// blockingRoot returns the root cause on a rung that everything above depends on: registration, delegation or DNSSEC.
// It is empty if there is none.
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
		// Where the root cause does not fail, such as a limit of this machine, nothing accounts for the silence.
		if slices.ContainsFunc(findings, func(g *Finding) bool {
			return g.Root() && g.ID == f.BlockedBy && g.Verdict == catalog.Fail
		}) {
			return f.BlockedBy
		}
	}
	return ""
}

// unansweredRoot returns the root cause if no server answers queries of a type that the checks of records need.
func unansweredRoot(findings []*Finding) catalog.ID {
	for _, f := range findings {
		if f.ID == causes.RecordTypeUnanswered.ID && f.Root() && !f.Partial && f.Verdict == catalog.Fail {
			return f.ID
		}
	}
	return ""
}

// String describes the finding for logs and tests.
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
