package cli_test

import (
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/result"
	"domdoc/ui/cli"
)

// TestOverdue: a recorded case says which of its waits are over by now, and nothing about those that are not.
func TestOverdue(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	waits := func(verdict catalog.Verdict) *result.Domain {
		d := &result.Domain{Verdict: verdict, Findings: []*finding.Finding{{
			Instance: causes.CacheNegative.With(causes.CachedAnswers{Resolvers: []string{"8.8.8.8:53"}, Latest: end, Left: 60}),
			Verdict:  verdict,
		}}}
		d.Name.ASCII = "shop.a.example"
		return d
	}
	if got, want := cli.Overdue(end.Add(time.Hour), waits(catalog.Fail)),
		"what was waiting in this case is over since 09:00: domdoc check shop.a.example"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := cli.Overdue(end.Add(-time.Hour), waits(catalog.Fail)); got != "" {
		t.Errorf("a wait that goes on: %q", got)
	}
	if got := cli.Overdue(end.Add(time.Hour), &result.Domain{Verdict: catalog.Pass}); got != "" {
		t.Errorf("a healthy domain: %q", got)
	}
}
