package harness_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/audit/harness"
	"domdoc/checks/finding"
	"domdoc/checks/result"
)

// waits are the causes that end by themselves, at a time that the finding states.
var waits = []catalog.ID{causes.CacheOldAnswer.ID, causes.CacheNegative.ID}

// TestTheClockIsRight advances the sandbox's clock to the time that a finding states: by then every resolver must
// have the new answer, and shortly before at least one must not. If an old delegation must expire first, the stated
// time is an upper bound.
func TestTheClockIsRight(t *testing.T) {
	t.Parallel()
	loose := []string{"old-host-points-on"}
	var names []string
	for name, o := range outcomes(t) {
		if !o.Story.Alone && slices.ContainsFunc(o.Report.Roots(), func(f *finding.Finding) bool {
			return slices.Contains(waits, f.ID)
		}) {
			names = append(names, name)
		}
	}
	if len(names) < 8 {
		t.Errorf("only %d stories wait for something", len(names))
	}
	slices.Sort(names)
	for _, name := range sandboxtest.Sample(t, names) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ahead atomic.Int64
			l, err := harness.New(t.Context(), sandbox.Options{Only: []string{name}, Clock: func() time.Time {
				return time.Now().Add(time.Duration(ahead.Load()))
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			target, err := l.Target(l.Stories()[0])
			if err != nil {
				t.Fatal(err)
			}
			latest, found := waited(l.Doctor.Diagnose(t.Context(), target))
			if !found {
				t.Fatal("nothing is waited for")
			}
			at := func(moment time.Time) bool {
				ahead.Store(int64(time.Until(moment)))
				l.Reset(t.Context())
				_, found := waited(l.Doctor.Diagnose(t.Context(), target))
				return found
			}
			const before = 20 * time.Second
			if !at(latest.Add(-before)) && !slices.Contains(loose, name) {
				t.Errorf("%v before %v all is over", before, latest)
			}
			if at(latest) {
				t.Errorf("at %v it is not over", latest)
			}
		})
	}
}

// waited returns the latest time that the root causes state.
func waited(r *result.Domain) (latest time.Time, found bool) {
	for _, f := range r.Roots() {
		if u := f.Until(); slices.Contains(waits, f.ID) && u != nil {
			found = true
			if u.Latest.After(latest) {
				latest = u.Latest
			}
		}
	}
	return latest, found
}
