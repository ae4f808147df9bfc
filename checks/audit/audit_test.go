package audit_test

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit"
)

// told are the outcomes of all built-in stories, told once for all tests.
var told = sync.OnceValues(func() (map[string]*audit.Outcome, error) {
	var mu sync.Mutex
	out := map[string]*audit.Outcome{}
	_, err := audit.Run(context.Background(), nil, 16, func(o *audit.Outcome) {
		mu.Lock()
		defer mu.Unlock()
		out[o.Story.Name] = o
	})
	return out, err
})

func outcomes(t *testing.T) map[string]*audit.Outcome {
	t.Helper()
	all, err := told()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestStories is the harness: every story must be diagnosed exactly as it says, no more and no less.
func TestStories(t *testing.T) {
	t.Parallel()
	for name, o := range outcomes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if o.Right() {
				return
			}
			t.Errorf("%s\nmissing:\n\t%s\nnot expected:\n\t%s\nproblems:\n\t%s", o.Story.Title, strings.Join(o.Missing, "\n\t"), strings.Join(o.Extra, "\n\t"), strings.Join(o.Problems, "\n\t"))
			for _, f := range o.Report.Findings {
				t.Logf("%s: %s | %s", f, f.Summary(), f.Why())
			}
			if testing.Verbose() {
				for _, x := range o.Report.Ledger {
					e := x.Evidence()
					t.Logf("%s %s %s: %s %s %v %v", e.Kind, e.Server, e.Asked, x.Outcome, e.Error, e.Answer, e.Authority)
				}
			}
		})
	}
}

// TestStoriesHeal: a story that changes while it is told is at first what it says, and in the end, when the resolvers have forgotten, a healthy domain.
func TestStoriesHeal(t *testing.T) {
	t.Parallel()
	all, err := sandbox.ReadStories(sandbox.Scenarios())
	if err != nil {
		t.Fatal(err)
	}
	healed := 0
	for _, s := range all {
		if s.Lasts == 0 {
			continue
		}
		healed++
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			var after atomic.Int64 // the sandbox's time since its start
			begin := time.Date(2026, 2, 22, 12, 0, 0, 0, time.UTC)
			l, err := audit.NewLab(t.Context(), sandbox.Options{Only: []string{s.Name}, After: true, Clock: func() time.Time { return begin.Add(time.Duration(after.Load())) }})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			told := l.Stories()[0]
			o, err := l.Tell(t.Context(), told)
			if err != nil {
				t.Fatal(err)
			}
			if !o.Right() {
				t.Errorf("at the start\nmissing: %q\nnot expected: %q\nproblems: %q", o.Missing, o.Extra, o.Problems)
			}
			after.Store(int64(s.Lasts + time.Hour))
			l.Again(t.Context())
			if o, err = l.Tell(t.Context(), told); err != nil {
				t.Fatal(err)
			}
			if o.Report.Verdict != catalog.Pass {
				t.Errorf("in the end: %s", o.Report.Verdict)
				for _, f := range o.Report.Findings {
					t.Logf("%s: %s | %s", f, f.Summary(), f.Why())
				}
			}
		})
	}
	if healed == 0 {
		t.Error("no built-in story changes")
	}
}

// TestChecksDeclareWhatTheyReport: a finding of a cause that its check does not declare would be missing from lists and rules.
func TestChecksDeclareWhatTheyReport(t *testing.T) {
	t.Parallel()
	for name, o := range outcomes(t) {
		for _, f := range o.Report.Findings {
			for _, c := range checks.Registry() {
				if c.ID == f.Check && !slices.Contains(c.Reports, f.Cause) {
					t.Errorf("story %s: check %s reports %s without declaring it", name, c.ID, f.ID)
				}
			}
		}
	}
}

// TestEveryCauseHasAScenario: a cause that is the root of no story is a claim that nobody has seen.
func TestEveryCauseHasAScenario(t *testing.T) {
	t.Parallel()
	if lost := withoutScenario(outcomes(t)); len(lost) > 0 {
		t.Errorf("these causes are the root of no story:\n\t%s", strings.Join(lost, "\n\t"))
	}
}

func withoutScenario(all map[string]*audit.Outcome) []string {
	roots := map[string]bool{}
	for _, o := range all {
		for _, e := range o.Story.Expects {
			if e.Under == "" {
				roots[e.Cause] = true
			}
		}
	}
	var lost []string
	for _, c := range catalog.Causes() {
		if !roots[string(c.ID)] {
			lost = append(lost, string(c.ID))
		}
	}
	return lost
}

// without is the built-in stories but for some, and with others in their place.
func without(t *testing.T, drop string, put map[string]string) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	all := sandbox.Scenarios()
	names, err := fs.Glob(all, "*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		raw, err := fs.ReadFile(all, n)
		if err != nil {
			t.Fatal(err)
		}
		if n != drop+".txtar" && (strings.HasPrefix(n, "_") || strings.HasPrefix(n, "healthy-txt") || strings.HasPrefix(n, "value-quoted")) {
			out[n] = &fstest.MapFile{Data: raw}
		}
	}
	for n, text := range put {
		out[n+".txtar"] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// TestTheHarnessCanFail holds the harness itself: a removed scenario and an extra finding must be noticed.
func TestTheHarnessCanFail(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
		all := map[string]*audit.Outcome{}
		for name, o := range outcomes(t) {
			if !slices.ContainsFunc(o.Story.Expects, func(e sandbox.Expect) bool { return e.Cause == string(c.ID) && e.Under == "" }) {
				all[name] = o
			}
		}
		if lost := withoutScenario(all); !slices.Contains(lost, string(c.ID)) {
			t.Errorf("without its scenarios, %s is not missed; missed were %v", c.ID, lost)
		}
	}
	lying := `A story that says nothing is wrong, though the value is quoted

-- story --
domain shop.alpine.example
status PENDING
verify TXT _verify.@ tok-55555555
-- zone alpine.example --
shop         CNAME {target}.
_verify.shop TXT   "\"tok-55555555\""
-- expect --
pass
`
	r, err := audit.Run(t.Context(), without(t, "value-quoted", map[string]string{"lying": lying}), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Precision == 1 || len(r.Wrong) != 1 || r.Wrong[0].Story != "lying" || len(r.Wrong[0].Extra) == 0 {
		t.Errorf("an extra finding was not noticed: %+v", r)
	}
	hopeful := strings.Replace(lying, "\npass\n", "\nfail record.value-truncated verification DOMAIN_004\n", 1)
	r, err = audit.Run(t.Context(), without(t, "value-quoted", map[string]string{"lying": hopeful}), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Recall == 1 || len(r.Wrong) != 1 || len(r.Wrong[0].Missing) == 0 {
		t.Errorf("a missed finding was not noticed: %+v", r)
	}
}

// TestReportsKeepWhatTheServiceHas: a domain that the service lists can be read, even if nothing of its name makes sense.
func TestReportsKeepWhatTheServiceHas(t *testing.T) {
	t.Parallel()
	for name, o := range outcomes(t) {
		if o.Report.ID != "" && (o.Report.Domain == nil || o.Report.Domain.ID != o.Report.ID) {
			t.Errorf("%s: the report of %s has nothing of the domain", name, o.Report.ID)
		}
	}
}

// TestSameWorldNoChange: a report differs from itself in nothing, and every change between two stories is a sentence.
func TestSameWorldNoChange(t *testing.T) {
	t.Parallel()
	var last *checks.DomainReport
	for name, o := range outcomes(t) {
		if same := checks.Diff(o.Report, o.Report); len(same) > 0 {
			t.Errorf("%s: %v", name, same)
		}
		if last != nil {
			for _, c := range checks.Diff(last, o.Report) {
				if s := c.Text(); s == "" || strings.ContainsAny(s, "\n\x1b") || strings.Contains(s, "  ") {
					t.Errorf("%s: %q", name, s)
				}
			}
		}
		last = o.Report
	}
}
