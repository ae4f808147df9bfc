package report_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// TestEveryStory writes what every story of the sandbox finds, in every format: each is well formed, and names every
// root cause that JSON names.
func TestEveryStory(t *testing.T) {
	t.Parallel()
	lab, err := harness.New(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	stories := lab.Stories()
	domains := make([]wire.Domain, len(stories))
	var wg sync.WaitGroup
	slots := make(chan struct{}, checks.Jobs())
	for i, s := range stories {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			o, err := lab.Run(t.Context(), s)
			if err != nil {
				t.Error(err)
				return
			}
			domains[i] = *wire.NewDomain(o.Report)
		})
	}
	wg.Wait()
	var causes []string
	for _, d := range domains {
		for _, f := range d.Findings {
			if f.BlockedBy == nil && !slices.Contains(causes, f.Cause) {
				causes = append(causes, f.Cause)
			}
		}
	}
	if len(causes) < 50 {
		t.Fatalf("only %d root causes were found", len(causes))
	}
	for _, format := range report.FormatNames() {
		out := write(t, format, domains)
		if err := wellFormed[format](out); err != nil && format != "jsonl" {
			t.Errorf("%s: %v", format, err)
		}
		for _, c := range causes {
			if !strings.Contains(out, c) {
				t.Errorf("%s does not name %s", format, c)
			}
		}
	}
}
