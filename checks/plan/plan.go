// Package plan diagnoses domains as they will be after a change of the DNS that has not been made, and compares that
// with what they are.
package plan

import (
	"context"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/finding"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/result"
)

// Doctor returns a doctor that sees the network as it will be after changes. wire carries what is not DNS. Close its
// session, and those below it, by calling done.
func Doctor(ctx context.Context, now *checks.Doctor, wire probe.Transport, changes []rehearsal.Change) (
	after *checks.Doctor, done func(),
) {
	s := now.Session
	var open []*probe.Session
	for _, c := range changes {
		s = s.Rehearse(ctx, rehearsal.New(ctx, wire, s, c))
		open = append(open, s)
	}
	return &checks.Doctor{Session: s, Service: now.Service, Timeout: now.Timeout, Until: now.Until, Checks: now.Checks},
		func() {
			for _, s := range slices.Backward(open) {
				s.Close()
			}
		}
}

// Later returns the target of the diagnosis after the change: what the service reported today is older by then.
func Later(t checks.Target, today *result.Domain, by time.Duration) checks.Target {
	t.Reported = slices.Clone(t.Reported)
	for i := range t.Reported {
		if at := &t.Reported[i].At; !at.IsZero() {
			*at = at.Add(-by)
		}
	}
	if today.Domain == nil {
		return t
	}
	d := *today.Domain
	if d.LastError != nil && !d.LastError.Timestamp.IsZero() {
		e := *d.LastError
		e.Timestamp = e.Timestamp.Add(-by)
		d.LastError = &e
	}
	t.Domain = &d
	return t
}

// Domain compares the diagnoses of one domain before and after a change.
type Domain struct {
	Before, After *result.Domain
	// Cured are root causes of today that are gone, New those that come, Stays those that are there before and after.
	Cured, New, Stays []*finding.Finding
}

// Compare compares two diagnoses of a domain.
func Compare(before, after *result.Domain) *Domain {
	d := &Domain{Before: before, After: after}
	for _, f := range before.Roots() {
		if !slices.ContainsFunc(after.Findings, func(g *finding.Finding) bool { return same(f, g) }) {
			d.Cured = append(d.Cured, f)
		}
	}
	for _, g := range after.Roots() {
		if slices.ContainsFunc(before.Findings, func(f *finding.Finding) bool { return same(f, g) }) {
			d.Stays = append(d.Stays, g)
		} else {
			d.New = append(d.New, g)
		}
	}
	return d
}

// same reports whether two findings are the same fault of the same record.
func same(a, b *finding.Finding) bool { return a.ID == b.ID && a.Role == b.Role && a.About == b.About }

// Breaks reports whether the change makes something fail that does not fail today.
func (d *Domain) Breaks() bool {
	return slices.ContainsFunc(d.New, func(f *finding.Finding) bool { return f.Verdict == catalog.Fail }) ||
		d.After.Verdict == catalog.Fail && d.Before.Verdict != catalog.Fail
}

// Settled is the latest time at which resolvers may have an old answer, if the change is made at a time.
func Settled(at time.Time, all []catalog.Settles) time.Time {
	latest := at
	for _, s := range all {
		if end := at.Add(s.Within()); end.After(latest) {
			latest = end
		}
	}
	return latest
}
