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
	"domdoc/checks/audit/harness"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// causesIn returns the ids of causes in a text, at each place the longest.
func causesIn(text string) []string {
	letter := func(c byte) bool { return 'a' <= c && c <= 'z' }
	word := func(c byte) bool { return letter(c) || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' }
	var out []string
	for dot := 0; dot < len(text); dot++ {
		next := strings.IndexByte(text[dot:], '.')
		if next < 0 {
			break
		}
		dot += next
		start, end := dot, dot+1
		for start > 0 && letter(text[start-1]) {
			start--
		}
		if start > 0 && word(text[start-1]) {
			continue
		}
		for end < len(text) && (text[end] == '-' || word(text[end])) {
			end++
		}
		for id := text[start:end]; id != ""; id = id[:max(0, strings.LastIndexByte(id, '-'))] {
			if _, ok := catalog.FindCause(id); ok {
				out = append(out, id)
				break
			}
		}
	}
	return out
}

// TestCausesIn: causesIn finds every cause, whatever is around it, and none in another word.
func TestCausesIn(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
		id := string(c.ID)
		for _, text := range []string{id, "(" + id + ")", "a." + id + ".", "\"" + id + "\": 1", id + "-anew", "x-" + id} {
			if got := causesIn(text); !slices.Equal(got, []string{id}) {
				t.Errorf("%q has %q", text, got)
			}
		}
		for _, text := range []string{"x" + id, "_" + id, strings.ToUpper(id), strings.ReplaceAll(id, ".", " ")} {
			if got := causesIn(text); len(got) > 0 {
				t.Errorf("%q has %q", text, got)
			}
		}
	}
}

// sarifRule is the cause of a result.
var sarifRule = regexp.MustCompile(`"ruleId": ?"[^"]*"`)

// TestEveryStory writes the reports of the sandbox's stories in every format, each alone and all together: the text
// is well formed, names every root cause, and names no cause that the domain does not have. A sample of the stories
// runs by default.
func TestEveryStory(t *testing.T) {
	t.Parallel()
	lab, err := harness.New(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer lab.Close()
	// Every story is diagnosed under the race detector in checks/audit/harness; reports are written by one goroutine.
	stories := sandboxtest.UnderRace(t, sandboxtest.Sample(t, lab.Stories()))
	domains := make([]wire.Domain, len(stories))
	var wg sync.WaitGroup
	slots := make(chan struct{}, 16) // most of them wait
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
	var all, logs []string
	for i, d := range domains {
		for _, e := range contradictions(&d) {
			t.Errorf("story %s: %s", stories[i].Name, e)
		}
		roots, own := causesOf(&d)
		all = append(all, roots...)
		for _, format := range report.FormatNames() {
			text := write(t, format, domains[i:i+1], func(r *report.Run) { r.Tenant = nil })
			checkReport(t, stories[i].Name+": "+format, format, text, roots)
			if format == "sarif" {
				logs = append(logs, text)
				// Its rules also name the causes that are confused with them.
				text = strings.Join(sarifRule.FindAllString(text, -1), "\n")
				if text == "" && len(roots) > 0 {
					t.Errorf("story %s: the SARIF log has no result", stories[i].Name)
				}
			}
			for _, c := range causesIn(text) {
				if !slices.Contains(own, c) {
					t.Errorf("story %s: %s names %s, which the domain does not have", stories[i].Name, format, c)
				}
			}
		}
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(all)))); sandboxtest.Full() && !sandboxtest.Race && n < 50 ||
		n == 0 {
		t.Fatalf("the stories have only %d root causes", n)
	}
	if err := sarifValid(logs...); err != nil {
		t.Errorf("a SARIF log of one story: %v", err)
	}
	countsAgree(t, domains)
	for _, format := range report.FormatNames() {
		if format == "sarif" {
			if err := sarifValid(write(t, format, domains)); err != nil {
				t.Error(err)
			}
		}
		text, named := write(t, format, domains), all
		if format == "markdown" && len(text) > 60_000 { // it ends in a count of the rest; TestMarkdownLimit
			named = nil
		}
		checkReport(t, "all stories: "+format, format, text, named)
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
	check := wellFormedCheck(t, format)
	if format == "sarif" {
		check = sarifMeaningful // the caller calls sarifValid, for many logs at once
	}
	if err := check(text); err != nil && format != "jsonl" {
		t.Errorf("%s: %v", name, err)
	}
	for _, c := range causes {
		if !strings.Contains(text, c) {
			t.Errorf("%s does not name %s", name, c)
		}
	}
}
