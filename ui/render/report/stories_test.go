package report_test

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// causeID finds the ids of causes in a text.
var causeID = sync.OnceValue(func() *regexp.Regexp {
	var ids []string
	for _, c := range catalog.Causes() {
		ids = append(ids, regexp.QuoteMeta(string(c.ID)))
	}
	slices.SortFunc(ids, func(a, b string) int { return len(b) - len(a) }) // the longest match wins
	return regexp.MustCompile(`\b(?:` + strings.Join(ids, "|") + `)\b`)
})

// sarifRule is the cause of a result.
var sarifRule = regexp.MustCompile(`"ruleId": ?"[^"]*"`)

// TestEveryStory writes the reports of the sandbox's stories in every format, each alone and all together: the text is
// well formed, names every root cause, and names no cause that the domain does not have. A sample of the stories runs
// by default.
func TestEveryStory(t *testing.T) {
	t.Parallel()
	lab, err := harness.New(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	stories := sandboxtest.Sample(t, lab.Stories())
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
	var all []string
	for i, d := range domains {
		roots, own := causesOf(&d)
		all = append(all, roots...)
		for _, format := range report.FormatNames() {
			text := write(t, format, domains[i:i+1], func(r *report.Run) { r.Tenant = nil })
			checkReport(t, stories[i].Name+": "+format, format, text, roots)
			if format == "sarif" { // its rules also name the causes that are confused with them
				text = strings.Join(sarifRule.FindAllString(text, -1), "\n")
				if text == "" && len(roots) > 0 {
					t.Errorf("story %s: the SARIF log has no result", stories[i].Name)
				}
			}
			for _, c := range causeID().FindAllString(text, -1) {
				if !slices.Contains(own, c) {
					t.Errorf("story %s: %s names %s, which the domain does not have", stories[i].Name, format, c)
				}
			}
		}
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(all)))); sandboxtest.Full() && n < 50 || n == 0 {
		t.Fatalf("the stories have only %d root causes", n)
	}
	for _, format := range report.FormatNames() {
		checkReport(t, "all stories: "+format, format, write(t, format, domains), all)
	}
}

// causesOf returns the root causes of a domain's report, and all causes that it names.
func causesOf(d *wire.Domain) (roots, all []string) {
	for _, f := range d.Findings {
		all = append(all, f.Cause)
		if f.BlockedBy == nil {
			roots = append(roots, f.Cause)
		}
	}
	for _, c := range d.Codes {
		all = append(all, c.Causes...)
	}
	return roots, all
}

// checkReport checks that a text is well formed and names every cause.
func checkReport(t *testing.T, name, format, text string, causes []string) {
	t.Helper()
	if err := wellFormedCheck(t, format)(text); err != nil && format != "jsonl" {
		t.Errorf("%s: %v", name, err)
	}
	for _, c := range causes {
		if !strings.Contains(text, c) {
			t.Errorf("%s does not name %s", name, c)
		}
	}
}
