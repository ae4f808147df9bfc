package harness_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/api/sandbox/story"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/probe/exchange"
)

// unseen are the stories whose fault shows in no answer but that of the spared calls: a validation record that is
// gone long before the renewal, and a route that another one hides. The flag's description names them.
var unseen = []string{"renewal-blocked", "route-shadowed"}

// TestFewerCalls: with --fewer-calls, the stories of domains in use end as they do with all calls, but for those that
// its description names. Where nothing is found, only the records are read from the service.
func TestFewerCalls(t *testing.T) {
	t.Parallel()
	l, err := harness.New(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	always := append([]string{"healthy-txt"}, unseen...)
	list := sandboxtest.Sample(t, slices.Clone(l.Stories()))
	for _, s := range l.Stories() {
		if slices.Contains(always, s.Name) && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	list = slices.DeleteFunc(list, func(s *story.Story) bool { return s.Alone })
	l.Doctor.FewerCalls = true
	var mu sync.Mutex
	spared := 0
	checks.Parallel(t.Context(), 0, slices.Values(list), func(s *story.Story) {
		o, err := l.Run(context.WithoutCancel(t.Context()), s)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			return
		}
		if slices.Contains(unseen, s.Name) {
			if len(o.Missing) == 0 || len(o.Report.Findings) > 0 {
				t.Errorf("%s is seen with fewer calls: say so in the flag's description", s.Name)
			}
			return
		}
		if len(o.Missing)+len(o.Extra)+len(o.Problems) > 0 {
			t.Errorf("%s: missing %v, extra %v, %v", s.Name, o.Missing, o.Extra, o.Problems)
		}
		details := 0
		for _, x := range o.Report.Ledger {
			if x.Kind == exchange.KindService && (strings.HasSuffix(x.Asked, "/ssl") ||
				strings.HasSuffix(x.Asked, "/routes")) {
				details++
			}
		}
		if details == 0 && s.Healthy {
			spared++
		}
	})
	if spared == 0 {
		t.Error("no healthy domain was diagnosed with fewer calls")
	}
}
