package checks_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/result"
)

// TestRunCutShort ends a run at several moments. Checks that were cut short report no fault: no finding is new, none
// is inconclusive, and there is no incident. The last moment is after the end of every check.
func TestRunCutShort(t *testing.T) {
	t.Parallel()
	stories := []string{"name-doubled", "healthy-txt", "transfer-locked", "servers-disagree"}
	run := func(t *testing.T, limit time.Duration) map[string]*result.Domain {
		lab, err := harness.New(t.Context(), sandbox.Options{Only: stories, Delay: 2 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		defer lab.Close()
		doctor := &checks.Doctor{Session: lab.Doctor.Session, Service: lab.Doctor.Service}
		if limit >= 0 {
			doctor.Until = time.Now().Add(limit)
		}
		out := map[string]*result.Domain{}
		found := incident.NewDetector()
		doctor.Fleet(t.Context(), func(yield func(int, checks.Target) bool) {
			for i, s := range lab.Stories() {
				if !yield(i, checks.Target{Name: lab.Domain(s)}) {
					return
				}
			}
		}, 0, func(_ int, r *result.Domain) {
			out[r.Name.ASCII] = r
			found.Add(incident.FactsOf(r))
		})
		for _, f := range found.Findings() {
			t.Errorf("an incident: %s", f.ID)
		}
		return out
	}
	whole := run(t, -1)
	if len(whole) != len(stories) {
		t.Fatalf("%d reports, want %d", len(whole), len(stories))
	}
	for name, r := range whole {
		if r.Interrupted || r.Verdict == catalog.Inconclusive {
			t.Errorf("%s without a limit: %s, interrupted %t", name, r.Verdict, r.Interrupted)
		}
	}
	for _, ms := range []int{0, 1, 3, 10, 20, 40, 80} {
		t.Run(fmt.Sprintf("after %d ms", ms), func(t *testing.T) {
			t.Parallel()
			for name, r := range run(t, time.Duration(ms)*time.Millisecond) {
				accusesNobody(t, name, r, whole[name])
				if ms == 0 && (!r.Interrupted || r.Verdict != catalog.Inconclusive) {
					t.Errorf("%s: %s, interrupted %t", name, r.Verdict, r.Interrupted)
				}
			}
		})
	}
}

// accusesNobody compares a diagnosis that may have been cut short with the whole one.
func accusesNobody(t *testing.T, name string, r, whole *result.Domain) {
	t.Helper()
	for _, f := range r.Findings {
		if f.Verdict == catalog.Inconclusive || !slices.ContainsFunc(whole.Findings,
			func(x *finding.Finding) bool { return x.ID == f.ID }) {
			t.Errorf("%s: %s %s, which a run without a limit does not find", name, f.Verdict, f.ID)
		}
	}
	if !r.Interrupted && r.Verdict != whole.Verdict {
		t.Errorf("%s: %s, want %s", name, r.Verdict, whole.Verdict)
	}
}
