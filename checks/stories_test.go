package checks_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/probe"
)

// lab is a sandbox and a doctor over it.
type lab struct {
	*sandbox.Sandbox
	doctor *checks.Doctor
}

func newLab(t testing.TB, opt sandbox.Options) *lab {
	t.Helper()
	b, err := sandbox.Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	wire := probe.NewLive(b.Dial, b.Roots())
	t.Cleanup(wire.Close)
	s := probe.NewSession(context.Background(), wire, probe.Options{Now: b.Now, HasIPv6: func() bool { return true }, TrustedRoots: b.Roots(), Rate: -1})
	t.Cleanup(s.Close)
	client, err := api.New(api.Config{BaseURL: b.URL(), Token: b.Token(), Now: b.Now, OnExchange: checks.OnExchange})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &lab{b, &checks.Doctor{Session: s, Service: checks.NewService(client, "")}}
}

func (l *lab) diagnose(t testing.TB, s *sandbox.Story) *checks.DomainReport {
	t.Helper()
	target := checks.Target{Name: l.Domain(s), Intent: checks.Intent(s.Intent)}
	if l.Listed(s) {
		target = checks.Target{ID: l.DomainID(s), Intent: target.Intent}
	}
	return l.doctor.Diagnose(t.Context(), target)
}

// TestStories is the harness: every story must be diagnosed exactly as it says, no more and no less.
func TestStories(t *testing.T) {
	t.Parallel()
	l := newLab(t, sandbox.Options{})
	l.doctor.Vantage(t.Context())
	for _, s := range l.Stories() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			r := l.diagnose(t, s)
			compare(t, s, r)
		})
	}
}

func compare(t *testing.T, s *sandbox.Story, r *checks.DomainReport) {
	t.Helper()
	wrong := false
	for _, c := range r.Checks {
		if c.Status == "inconclusive" && !slices.ContainsFunc(s.Expects, func(e sandbox.Expect) bool { return e.Verdict == "inconclusive" }) {
			t.Errorf("check %s could not judge: %s", c.ID, c.Reason)
			wrong = true
		}
	}
	var got []string
	for _, f := range r.Findings {
		for _, c := range checks.Registry() {
			if c.ID == f.Check && !slices.Contains(c.Reports, f.Cause) {
				t.Errorf("check %s reports %s without declaring it", c.ID, f.ID)
			}
		}
		got = append(got, describe(f, s))
	}
	var want []string
	for _, e := range s.Expects {
		want = append(want, e.String())
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s\ngot:\n\t%s\nwant:\n\t%s", s.Title, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		wrong = true
	}
	if s.Healthy && r.Verdict.String() != "pass" {
		t.Errorf("a healthy story ended as %s", r.Verdict)
		wrong = true
	}
	if wrong {
		for _, f := range r.Findings {
			t.Logf("%s: %s | %s", f, f.Summary(), f.Why())
		}
		for _, x := range r.Ledger {
			if !testing.Verbose() {
				break
			}
			e := x.Evidence()
			t.Logf("%s %s %s: %s %s %v %v", e.Kind, e.Server, e.Asked, x.Outcome, e.Error, e.Answer, e.Authority)
		}
	}
}

// describe writes a finding as a story's section expect does; codes only where the story gives some.
func describe(f *checks.Finding, s *sandbox.Story) string {
	e := sandbox.Expect{Verdict: f.Verdict.String(), Cause: string(f.ID), Role: string(f.Role), Under: string(f.BlockedBy)}
	for _, x := range s.Expects {
		if x.Cause == e.Cause && x.Role == e.Role && len(x.Codes) > 0 {
			e.Codes = f.Predicts()
		}
	}
	return e.String()
}
