package reporter_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/ui/cli/reporter"
)

// TestProgressEstimates: the progress says how many domains there are and how long the rest takes, from a fiftieth of
// the run on, and considers what the service's limit makes of it.
func TestProgressEstimates(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 2, 22, 14, 0, 0, 0, time.UTC)
	now, calls := began, api.Allowance{}
	var shown strings.Builder
	r, err := reporter.New(reporter.Options{
		Format: "jsonl", FailOn: "fail", Out: io.Discard, Progress: &shown, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	r.OnRest(reporter.Rest{Total: func() int { return total }, Calls: func() api.Allowance { return calls }})
	line := func(n int) string {
		shown.Reset()
		now = now.Add(time.Second)
		d := found("shop.example", "fail", "record.missing")
		r.DomainJSON(n, &d)
		all := strings.Split(shown.String(), "\r\x1b[K")
		return all[len(all)-1]
	}
	if got := line(0); got != "1 checked, 1 fail" {
		t.Errorf("%q", got)
	}
	total = 1000
	var lines []string
	for n := 1; n < 500; n++ {
		lines = append(lines, line(n))
	}
	first := slices.IndexFunc(lines, func(s string) bool { return strings.Contains(s, "left") })
	if first < 0 || lines[first] != "20 of 1000 checked, 20 fail, about 16 minutes left" {
		t.Errorf("%d lines before it, the first estimate is %q", first, lines[max(0, first)])
	}
	if got := lines[len(lines)-1]; got != "500 of 1000 checked, 500 fail, about 8 minutes left" {
		t.Errorf("half of it: %q", got)
	}
	// 2 calls a domain, and 60 calls an hour
	calls = api.Allowance{
		Made: 1002, Limits: []api.RateLimit{{Limit: 60, Remaining: 0, Reset: now.Add(30 * time.Minute)}},
		Windows: []time.Duration{time.Hour},
	}
	if got := line(500); got != "501 of 1000 checked, 501 fail, about 16 hours left" {
		t.Errorf("with a limit: %q", got)
	}
}
