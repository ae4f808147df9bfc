package progress

import (
	"testing"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/result"
)

// TestFirstUnjudged names the check that could not judge, with its reason or what it found.
func TestFirstUnjudged(t *testing.T) {
	t.Parallel()
	open := finding.StateOf(catalog.Inconclusive)
	found := &finding.Finding{
		Instance: catalog.Instance{Cause: &catalog.Cause{ID: "registration.x", Title: "the registry does not answer"}},
		Check:    "registration", Verdict: catalog.Inconclusive,
	}
	for want, r := range map[string]*result.Domain{
		"registration: no answer": {Checks: []finding.Status{{ID: "registration", Status: open, Reason: "no answer"}}},
		"registration":            {Checks: []finding.Status{{ID: "registration", Status: open}}},
		"registration: the registry does not answer": {
			Checks: []finding.Status{{ID: "registration", Status: open}}, Findings: []*finding.Finding{found},
		},
		"": {Checks: []finding.Status{{ID: "registration", Status: finding.StateOf(catalog.Pass)}}},
	} {
		if got := firstUnjudged(r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
