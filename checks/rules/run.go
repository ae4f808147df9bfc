package rules

import (
	"context"
	"errors"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/subject"
)

// Run runs checks of one subject concurrently. It returns their findings, and how each ended.
func Run(ctx context.Context, list []*Check, s *probe.Session, subject *subject.Subject,
	facts *observe.Observations) ([]*finding.Finding,
	[]finding.Status,
) {
	passes := make([]*Pass, len(list))
	statuses := make([]finding.Status, len(list))
	wg := s.Group()
	for i, c := range list {
		passes[i] = &Pass{Session: s, Subject: subject, Observed: facts, check: c}
		if why, unasked := unmet(c, subject); why != "" {
			passes[i].skip(unasked, why)
			statuses[i] = finding.Status{ID: c.ID}
			continue
		}
		wg.Go(func() {
			began := time.Now()
			runCheck(ctx, c, passes[i])
			statuses[i] = finding.Status{ID: c.ID, Took: time.Since(began)}
		})
	}
	wg.Wait()
	var findings []*finding.Finding
	for i, p := range passes {
		findings = append(findings, p.findings...)
		statuses[i].Status, statuses[i].Reason = statusOf(p)
		statuses[i].Partly = statuses[i].Is(catalog.Inconclusive) && p.judgedRest()
		statuses[i].Unasked = p.unasked && statuses[i].Status == finding.Skipped
	}
	return findings, statuses
}

// unmet returns the reason to skip a check, and whether the reason is missing information; empty if its needs are
// met.
func unmet(c *Check, s *subject.Subject) (why string, unasked bool) {
	if c.Rung > catalog.Registration && s.ToBeRegistered() && !s.InUse() {
		return "the name is not registered yet, so it is not in use", false
	}
	if slices.Contains(c.Needs, NeedService) && s.Service == nil {
		return "no service is configured", true
	}
	return "", false
}

// runCheck runs one check. A panic in it is a bug in domdoc, not a fault of the domain.
func runCheck(ctx context.Context, c *Check, p *Pass) {
	defer func() {
		if r := recover(); r != nil {
			p.Unable("this check failed inside domdoc (%v); please report it", r)
		}
	}()
	c.Run(ctx, p)
	if ctx.Err() == nil {
		return
	}
	// What was cut short shows no fault, so there is no inconclusive finding about it. What was found before stays.
	p.partly, p.aside = false, false
	p.findings = slices.DeleteFunc(p.findings, func(f *finding.Finding) bool { return f.Verdict == catalog.Inconclusive })
	p.unable = Cut(ctx)
}

// Cut says why the end of ctx kept something from being checked.
func Cut(ctx context.Context) string {
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause.Error()
	}
	return "the run was interrupted first"
}

// judgedRest reports whether an inconclusive check failed to judge only a part of what it checks.
func (p *Pass) judgedRest() bool {
	return (p.unable == "" || p.partly) && (p.aside || !slices.ContainsFunc(p.findings, func(f *finding.Finding) bool {
		return f.Verdict == catalog.Inconclusive
	}))
}

func statusOf(p *Pass) (status finding.CheckState, reason string) {
	worst := catalog.Pass
	for _, f := range p.findings {
		if f.Verdict.Severity() > worst.Severity() {
			worst = f.Verdict
		}
	}
	switch {
	case worst == catalog.Fail:
		return finding.StateOf(worst), ""
	case p.unable != "":
		return finding.StateOf(catalog.Inconclusive), p.unable
	case worst != catalog.Pass:
		return finding.StateOf(worst), ""
	case p.skipped != "":
		return finding.Skipped, p.skipped
	}
	return finding.StateOf(catalog.Pass), p.remark
}
