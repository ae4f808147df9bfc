// Package progress follows a domain over time: how far it is from a goal, when the next diagnosis is worthwhile, and
// what changed between two diagnoses.
package progress

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/result"
	"domdoc/checks/subject"
)

// Goal is a state of a domain that a user can wait for.
type Goal string

// The goals.
const (
	GoalVerified    Goal = "verified"    // the service has verified the domain
	GoalPropagated  Goal = "propagated"  // every server has every expected record
	GoalCertificate Goal = "certificate" // the service has a certificate, and the addresses serve it
	GoalHealthy     Goal = "healthy"     // nothing fails, and all checks are conclusive
)

// Goals returns all goals.
func Goals() []Goal { return []Goal{GoalVerified, GoalPropagated, GoalCertificate, GoalHealthy} }

// ParseGoal parses a goal.
func ParseGoal(s string) (Goal, error) {
	if g := Goal(s); slices.Contains(Goals(), g) {
		return g, nil
	}
	var names []string
	for _, g := range Goals() {
		names = append(names, string(g))
	}
	return "", fmt.Errorf("invalid goal %q; use %s", sanitize.Text(s, 40),
		strings.Join(names, ", "))
}

// NeedsService reports whether only the service knows if the goal is reached.
func (g Goal) NeedsService() bool { return g == GoalVerified }

// codes returns the codes whose causes prevent a goal; empty if any cause does.
func (g Goal) codes() []string {
	switch g {
	case GoalVerified:
		return []string{"DOMAIN_004"}
	case GoalPropagated:
		return []string{"DOMAIN_010", "DOMAIN_004", "DOMAIN_009"}
	case GoalCertificate:
		return []string{"DOMAIN_011", "DOMAIN_012", "DOMAIN_023"}
	case GoalHealthy:
	}
	return nil
}

// Progress is how far a domain is from a goal.
type Progress struct {
	Reached bool
	// Stuck are the root causes that must be fixed first: while there are any, waiting does not help.
	Stuck []*finding.Finding
	// Until is when the wait ends by itself at the latest; zero if unknown.
	Until time.Time
	// Unknown is what was inconclusive; empty if nothing was.
	Unknown string
	// Waits describes what is still missing; empty once the goal is reached.
	Waits string
}

// Progress compares a diagnosis with the goal. What is inconclusive is neither reached nor stuck.
func (g Goal) Progress(r *result.Domain) Progress {
	var p Progress
	for _, f := range r.Roots() {
		if f.Verdict == catalog.Inconclusive && (f.Rung == catalog.Vantage || f.Rung == catalog.Service) {
			p.Unknown = f.Title
		}
		if f.Verdict != catalog.Fail || !g.concerns(f) {
			continue
		}
		if slices.Contains(f.Actors(), catalog.Wait) || inProgress(f) {
			if u := f.Until(); u != nil && u.Latest.After(p.Until) {
				p.Until = u.Latest
			}
			p.Waits = f.Title
			continue
		}
		p.Stuck = append(p.Stuck, f)
	}
	p.reach(g, r)
	if p.Reached {
		p = Progress{Reached: true}
	}
	return p
}

// Next returns when to diagnose a domain again that has not reached the goal. Even if nothing else is expected to
// change, the service may.
func (g Goal) Next(r *result.Domain, now time.Time) Next {
	n := NextRun(r, now)
	if n.Reason == catalog.NextHeartbeat {
		return Next{At: now.Add(nextService), Reason: catalog.NextService}
	}
	return n
}

// Hindrances returns the root causes by which a request that would reach the goal fails now. A certificate that was
// not requested yet is none: the request is what it needs.
func (g Goal) Hindrances(r *result.Domain) []*finding.Finding {
	var out []*finding.Finding
	for _, f := range r.Roots() {
		if f.Verdict == catalog.Fail && f.Ignored == "" && f.ID != causes.CertificateAbsent.ID && g.concerns(f) {
			out = append(out, f)
		}
	}
	return out
}

// inProgress reports whether the service is still working on what the finding is about, so that waiting may resolve
// it.
func inProgress(f *finding.Finding) bool {
	return f.ID == causes.CertificatePending.ID || f.ID == causes.CDNProvisioning.ID ||
		f.ID == causes.ServiceRateLimited.ID
}

// concerns reports whether a root cause prevents the goal.
func (g Goal) concerns(f *finding.Finding) bool {
	codes := g.codes()
	if len(codes) == 0 || f.ID == causes.ServiceNameMalformed.ID || f.ID == causes.ServiceDomainNotFound.ID {
		return true
	}
	return slices.ContainsFunc(f.Predicts(), func(c string) bool { return slices.Contains(codes, c) })
}

// reach sets whether the goal is reached, or what is missing.
func (p *Progress) reach(g Goal, r *result.Domain) {
	switch g {
	case GoalHealthy:
		switch r.Verdict {
		case catalog.Pass, catalog.Warn:
			p.Reached = true
		case catalog.Inconclusive:
			if p.Unknown == "" {
				p.Unknown = firstUnjudged(r)
			}
		case catalog.NotRun, catalog.Fail, catalog.Blocked:
		}
	case GoalVerified:
		switch {
		case (&subject.Subject{Domain: r.Domain}).Verified() || r.Domain != nil && len(r.Domain.Verifications) == 0 &&
			(&subject.Subject{Domain: r.Domain}).InUse():
			p.Reached = true
		case r.Domain == nil && p.Unknown == "":
			p.Unknown = "the service was not asked"
		case p.Waits == "":
			p.Waits = "the service to verify the domain (its status is " +
				cmp.Or(sanitize.Text(strings.TrimSpace(r.ServiceStatus), 40),
					"unknown") + ")"
		}
	case GoalPropagated:
		p.propagated(r)
	case GoalCertificate:
		p.certificate(r)
	}
}

func (p *Progress) propagated(r *result.Domain) {
	if len(r.Propagation) == 0 {
		if p.Unknown == "" && len(p.Stuck) == 0 {
			p.Unknown = cmp.Or(firstUnjudged(r), "there is no record to wait for")
		}
		return
	}
	var behind []string
	for _, row := range r.Propagation {
		for _, c := range row.Cells {
			switch {
			case c.State == observe.CellMatch || c.State == observe.CellSeen:
			case c.State == observe.CellError:
				if p.Unknown == "" {
					p.Unknown = c.Server + " could not be queried"
				}
			default:
				if !slices.Contains(behind, c.Server) {
					behind = append(behind, c.Server)
				}
			}
		}
	}
	if len(behind) > 0 {
		if p.Waits == "" {
			p.Waits = strings.Join(behind, ", ")
		}
		return
	}
	p.Reached = p.Unknown == "" && len(p.Stuck) == 0
}

func (p *Progress) certificate(r *result.Domain) {
	shown, valid := 0, 0
	for _, h := range r.Facts.Certificates {
		if h.State() == observe.HandshakeNotTried {
			continue
		}
		shown++
		if h.State() == observe.HandshakeValid {
			valid++
		}
	}
	held := r.Held.CertificateIssued()
	asked := r.Domain != nil && r.Held.CertificateErr == nil
	switch {
	case asked && held && (shown == 0 || valid > 0 && valid == shown), !asked && shown > 0 && valid == shown:
		p.Reached = len(p.Stuck) == 0
	case r.Domain != nil && r.Held.CertificateErr != nil && p.Unknown == "":
		p.Unknown = "the service could not be queried for the certificate"
	case !asked && shown == 0 && p.Unknown == "":
		p.Unknown = cmp.Or(firstUnjudged(r), "no address could be queried for a certificate")
	}
	if !p.Reached && p.Waits == "" {
		p.Waits = "the certificate"
		if r.Held.HasCertificate {
			p.Waits += " (its status is " + sanitize.Text(r.Held.Certificate.Status, 40) + ")"
		}
	}
}

// firstUnjudged returns the reason of the first inconclusive check, or what it found instead.
func firstUnjudged(r *result.Domain) string {
	for _, s := range r.Checks {
		if !s.Is(catalog.Inconclusive) {
			continue
		}
		why := s.Reason
		for _, f := range r.Roots() {
			if why == "" && f.Check == s.ID && f.Verdict == catalog.Inconclusive {
				why = f.Title
			}
		}
		if why == "" {
			return s.ID
		}
		return s.ID + ": " + sanitize.Text(why, 200)
	}
	return ""
}
