// Package harness diagnoses the stories of the sandbox and compares the findings with what the stories expect. The
// commands "demo audit" and "explain --show" run it, and every check is tested with it.
package harness

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/checks/probe/transport"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit"
	"domdoc/checks/finding"
	"domdoc/checks/probe"
	"domdoc/checks/result"
	"domdoc/checks/subject"
	"domdoc/checks/vantage"
)

// Harness is a sandbox and a doctor that diagnoses its domains.
type Harness struct {
	*sandbox.Sandbox
	Doctor *checks.Doctor

	wire   *transport.Live
	client *api.Client
}

// New starts a sandbox and a doctor that only sees the sandbox.
func New(ctx context.Context, opt sandbox.Options) (*Harness, error) {
	b, err := sandbox.Start(opt)
	if err != nil {
		return nil, err
	}
	h := &Harness{Sandbox: b, wire: transport.NewLive(b.Dial, b.Roots())}
	h.wire.SetClock(b.LocalNow)
	h.Doctor = &checks.Doctor{Session: h.session(ctx)}
	if err := h.login(); err != nil {
		h.Close()
		return nil, err
	}
	h.Doctor.Service = subject.NewService(h.client, b.Tenant())
	return h, nil
}

// login makes a client of the service, with a new token.
func (h *Harness) login() error {
	c, err := api.New(api.Config{
		BaseURL: h.URL(), Token: h.Token(), Tenant: h.Tenant(), Now: h.LocalNow,
		OnExchange: subject.OnExchange, Retries: -1,
	})
	if err != nil {
		return fmt.Errorf("the sandbox's service: %w", err)
	}
	h.client = c
	return nil
}

func (h *Harness) session(ctx context.Context) *probe.Session {
	return probe.NewSession(ctx, h.wire, probe.Options{
		Now: h.LocalNow, HasIPv6: h.HasIPv6, TrustedRoots: h.Roots(),
		Rate: -1,
		// All stories run at once; a slow one would otherwise lose to the quick ones what it was answered.
		Exchanges: 1 << 16,
	})
}

// Close stops the sandbox and releases all connections.
func (h *Harness) Close() {
	h.Doctor.Session.Close()
	h.wire.Close()
	if h.client != nil {
		h.client.Close()
	}
	h.Sandbox.Close()
}

// Target returns the target of a story's diagnosis.
func (h *Harness) Target(s *story.Story) (checks.Target, error) {
	t := checks.Target{Name: h.Domain(s), Intent: subject.Intent(s.Intent)}
	if h.Listed(s) {
		t.Name, t.ID = "", h.DomainID(s)
	}
	if s.Environment.Service != "" { // without the service, the domain is checked by its name
		t.Name, t.ID = h.Domain(s), ""
	}
	if s.AuthCode != "" {
		t.AuthCode = &s.AuthCode
	}
	for _, e := range s.Expected {
		x, err := subject.ParseExpected(strings.ReplaceAll(e, "@", h.Domain(s)))
		if err != nil {
			return t, err
		}
		t.Expect = append(t.Expect, x)
	}
	return t, nil
}

// Outcome is the diagnosis of one story, compared with its expectation.
type Outcome struct {
	Story   *story.Story
	Report  *result.Domain
	Tenant  *checks.TenantReport
	Vantage *vantage.Report
	// Missing are expected findings that were not reported, Extra the reverse.
	Missing, Extra []string
	// Problems are other differences, such as an inconclusive check or a wrong verdict.
	Problems []string

	expectedIncidents, foundIncidents []string // causes of incidents, expected of several stories together
}

// Run diagnoses one story.
func (h *Harness) Run(ctx context.Context, s *story.Story) (*Outcome, error) {
	t, err := h.Target(s)
	if err != nil {
		return nil, fmt.Errorf("story %s: %w", s.Name, err)
	}
	o := &Outcome{Story: s, Vantage: h.Doctor.Vantage(ctx)}
	if s.Alone {
		o.Tenant = h.Doctor.Tenant(ctx)
	}
	o.Report = h.Doctor.Diagnose(ctx, t)
	o.compare()
	return o, nil
}

// compare compares the findings with the story's expectation.
func (o *Outcome) compare() {
	var got []string
	for _, f := range o.Report.Findings {
		got = append(got, Describe(f, ""))
	}
	if o.Story.Alone {
		for _, f := range o.Vantage.Findings {
			got = append(got, Describe(f, "vantage"))
		}
		if o.Tenant != nil {
			for _, f := range o.Tenant.Findings {
				got = append(got, Describe(f, "tenant"))
			}
		}
	}
	var want []string
	unjudged := false
	for _, e := range o.Story.Expects {
		if e.Scope != "" && !o.Story.Alone {
			continue // about the tenant: see incidents
		}
		want = append(want, e.String())
		unjudged = unjudged || e.Verdict == catalog.Inconclusive.String()
	}
	o.Missing, o.Extra = audit.Without(want, got), audit.Without(got, want)
	for _, c := range o.Report.Checks {
		partly := slices.Contains(o.Story.Partly, c.ID)
		wholly := slices.Contains(o.Story.Unjudged, c.ID)
		if wholly && (!c.Is(catalog.Inconclusive) || o.Report.Verdict == catalog.Pass) {
			o.Problems = append(o.Problems, "check "+c.ID+" judged what it cannot judge: "+string(c.Status))
		}
		if c.Is(catalog.Inconclusive) && !unjudged && !(partly && c.Partly) && !wholly {
			o.Problems = append(o.Problems, "check "+c.ID+" could not judge: "+c.Reason)
		}
		if partly && !c.Partly {
			o.Problems = append(o.Problems, "check "+c.ID+" is not inconclusive about a part: "+string(c.Status))
		}
	}
	if v := o.Report.Verdict; len(o.Story.Partly) > 0 && v == catalog.Inconclusive && !unjudged {
		o.Problems = append(o.Problems, "a part that could not be judged made the domain "+v.String())
	}
	for _, a := range o.Story.Advice {
		if !advised(o.Report.Roots(), a) {
			o.Problems = append(o.Problems, "the advice is not as expected: "+a.String())
		}
	}
	if o.Story.Healthy && o.Report.Verdict != catalog.Pass {
		o.Problems = append(o.Problems, "a healthy story ended as "+o.Report.Verdict.String())
	}
}

// advised reports whether the advice of a root cause meets a story's requirement, in one of its findings; for omits,
// in all.
func advised(roots []*finding.Finding, a story.Advice) bool {
	found := false
	for _, f := range roots {
		if string(f.ID) != a.Cause {
			continue
		}
		found = true
		fix := f.Fix()
		var holds bool
		switch a.Verb {
		case "says", "omits":
			holds = strings.Contains(strings.Join(fix.Steps, "\n"), a.Text)
		case "publishes":
			holds = listed(fix.Records, a.Text)
		case "deletes":
			holds = listed(fix.Deletes, a.Text)
		}
		if holds {
			return a.Verb != "omits"
		}
	}
	return found && a.Verb == "omits"
}

func listed(records []catalog.Record, want string) bool {
	if want == "nothing" {
		return len(records) == 0
	}
	return slices.ContainsFunc(records, func(r catalog.Record) bool {
		return strings.TrimSpace(r.Name+" "+r.Type+" "+r.Value) == want
	})
}

// Describe returns a finding in the form of a story's section expect.
func Describe(f *finding.Finding, scope string) string {
	e := story.Expect{
		Scope: scope, Verdict: f.Verdict.String(), Cause: string(f.ID), Role: string(f.Role),
		Under: string(f.BlockedBy),
	}
	if f.Root() && f.Verdict != catalog.Inconclusive {
		e.Codes = f.Predicts()
	}
	return e.String()
}
