package harness_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/checks/audit"
	"domdoc/checks/audit/harness"
	"domdoc/checks/progress"
	"domdoc/checks/result"
	"domdoc/checks/rules"
)

// measured is the result of all built-in stories: each outcome by its story's name, and the scores.
type measured struct {
	outcomes map[string]*harness.Outcome
	result   *audit.Result
}

// TestMain runs the built-in stories beside the tests, unless only some of the tests run: the stories mostly wait for
// timeouts, as the networks of TestNoAccusationFromABadNetwork do.
func TestMain(m *testing.M) {
	flag.Parse()
	debug.SetGCPercent(400)  // a sandbox is short-lived, so that collecting it often is wasted
	if !sandboxtest.Full() { // samples mostly wait
		if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))); err != nil {
			panic(err)
		}
	}
	if flag.Lookup("test.run").Value.String() == "" {
		go func() { _, _ = runBuiltin() }()
	}
	os.Exit(m.Run())
}

// runBuiltin runs all built-in stories, once for all tests.
var runBuiltin = sync.OnceValues(func() (measured, error) {
	var mu sync.Mutex
	out := map[string]*harness.Outcome{}
	jobs := 16 // most of them wait
	if sandboxtest.Race {
		jobs = 8
	}
	r, err := harness.RunAll(context.Background(), nil, jobs, func(o *harness.Outcome) {
		mu.Lock()
		defer mu.Unlock()
		out[o.Story.Name] = o
	})
	return measured{out, r}, err
})

var readBuiltin = sync.OnceValues(func() ([]*story.Story, error) {
	stories, broken, err := sandbox.ReadStories(sandbox.Scenarios())
	for _, e := range broken {
		err = errors.Join(err, e)
	}
	return stories, err
})

// builtin returns the built-in stories.
func builtin(t *testing.T) []*story.Story {
	t.Helper()
	stories, err := readBuiltin()
	if err != nil {
		t.Error(err)
	}
	return slices.Clone(stories)
}

func outcomes(t *testing.T) map[string]*harness.Outcome {
	t.Helper()
	all, err := runBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	return all.outcomes
}

// TestPrecisionAndRecall: precision and recall are 1.00 for every code and every cause over at least 150 stories, 45
// of them healthy.
func TestPrecisionAndRecall(t *testing.T) {
	t.Parallel()
	outcomes(t)
	all, _ := runBuiltin()
	r := all.result
	if r.Stories < 150 || r.Healthy < 45 || r.Precision != 1 || r.Recall != 1 || len(r.Wrong) > 0 {
		t.Errorf("%d stories, %d healthy, precision %.3f, recall %.3f, wrong %+v", r.Stories, r.Healthy, r.Precision,
			r.Recall, r.Wrong)
	}
	if len(r.Codes) != len(catalog.Codes()) || len(r.Causes) != len(catalog.Causes()) {
		t.Errorf("the stories cover %d of %d codes and %d of %d causes; TestEveryCauseHasAScenario lists missing causes",
			len(r.Codes), len(catalog.Codes()), len(r.Causes), len(catalog.Causes()))
	}
	for _, s := range append(r.Codes, r.Causes...) {
		if s.Expected == 0 || s.Found != s.Expected || s.Right != s.Expected {
			t.Errorf("%s: expected %d, found %d, right %d", s.Name, s.Expected, s.Found, s.Right)
		}
	}
}

// TestStories checks that every story is diagnosed exactly as it expects.
func TestStories(t *testing.T) {
	t.Parallel()
	for name, o := range outcomes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if o.Case().Right() {
				return
			}
			t.Errorf("api/sandbox/scenarios/%s: %s%s%s%s", o.Story.File, o.Story.Title, section("missing", o.Missing),
				section("not expected (if it is right, add it to the story)", o.Extra), section("problems", o.Problems))
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

// section returns a heading with its lines, or nothing if there are none.
func section(heading string, lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "\n" + heading + ":\n\t" + strings.Join(lines, "\n\t")
}

// TestStoriesHeal: a story with scheduled changes has its expected findings at the start, and is healthy in the end,
// when the caches have expired.
func TestStoriesHeal(t *testing.T) {
	t.Parallel()
	all := builtin(t)
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
			l, err := harness.New(t.Context(), sandbox.Options{
				Only: []string{s.Name}, After: true,
				Clock: func() time.Time { return begin.Add(time.Duration(after.Load())) },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			changing := l.Stories()[0]
			o, err := l.Run(t.Context(), changing)
			if err != nil {
				t.Fatal(err)
			}
			if !o.Case().Right() {
				t.Errorf("at the start\nmissing: %q\nnot expected: %q\nproblems: %q", o.Missing, o.Extra, o.Problems)
			}
			after.Store(int64(s.Lasts + time.Hour))
			l.Reset(t.Context())
			if o, err = l.Run(t.Context(), changing); err != nil {
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

// TestChecksDeclareWhatTheyReport: a finding of a cause that its check does not declare would be missing from lists
// and rules.
func TestChecksDeclareWhatTheyReport(t *testing.T) {
	t.Parallel()
	for name, o := range outcomes(t) {
		for _, f := range o.Report.Findings {
			for _, c := range rules.All() {
				if c.ID == f.Check && !slices.Contains(c.Reports, f.Cause) {
					t.Errorf("story %s: check %s reports %s without declaring it", name, c.ID, f.ID)
				}
			}
		}
	}
}

// TestEveryCauseHasAScenario: every cause is a root of some story.
func TestEveryCauseHasAScenario(t *testing.T) {
	t.Parallel()
	if lost := withoutScenario(outcomes(t)); len(lost) > 0 {
		t.Errorf("no story expects these causes as a root; add one in api/sandbox/scenarios/<rung>:\n\t%s",
			strings.Join(lost, "\n\t"))
	}
}

func withoutScenario(all map[string]*harness.Outcome) []string {
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

// TestEveryCauseIsMissedWithoutItsStories: the previous test fails without the stories of any one cause.
func TestEveryCauseIsMissedWithoutItsStories(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
		all := map[string]*harness.Outcome{}
		for name, o := range outcomes(t) {
			if !slices.ContainsFunc(o.Story.Expects, func(e story.Expect) bool {
				return e.Cause == string(c.ID) && e.Under == ""
			}) {
				all[name] = o
			}
		}
		if lost := withoutScenario(all); !slices.Contains(lost, string(c.ID)) {
			t.Errorf("without its scenarios, %s is not missed; missed were %v", c.ID, lost)
		}
	}
}

// TestEveryCauseHasATwin: every cause has a healthy twin, the closest situation without the fault. TestStories checks
// that twins report nothing.
func TestEveryCauseHasATwin(t *testing.T) {
	t.Parallel()
	stories := builtin(t)
	if lost := withoutTwin(stories); len(lost) > 0 {
		t.Errorf("these causes have no healthy twin; add a healthy story with the line \"twin CAUSE\":\n\t%s",
			strings.Join(lost, "\n\t"))
	}
	for _, c := range catalog.Causes() { // a removed twin is noticed, whichever it is
		others := slices.DeleteFunc(slices.Clone(stories), func(s *story.Story) bool {
			return slices.Contains(s.Twin, string(c.ID))
		})
		if !slices.Contains(withoutTwin(others), string(c.ID)) {
			t.Errorf("without its twins, %s is not missed", c.ID)
		}
	}
}

func withoutTwin(stories []*story.Story) []string {
	var lost []string
	for _, c := range catalog.Causes() {
		if !slices.ContainsFunc(stories, func(s *story.Story) bool { return slices.Contains(s.Twin, string(c.ID)) }) {
			lost = append(lost, string(c.ID))
		}
	}
	return lost
}

// TestTheHarnessCanFail checks the harness itself: it detects stories with wrong expectations of every kind, next to
// one with correct ones.
func TestTheHarnessCanFail(t *testing.T) {
	t.Parallel()
	const (
		quoted = "-- story --\ndomain shop.lying.example\nstatus PENDING\nverify TXT _verify.@ tok-55555555\n-- zone " +
			"lying.example --\nshop CNAME {target}.\n_verify.shop TXT \"\\\"tok-55555555\\\"\"\n-- expect --\n"
		well = "-- story --\ndomain shop.lying.example\nverify TXT _verify.@ tok-55555555\n%s-- zone lying.example " +
			"--\nshop CNAME {target}.\n_verify.shop TXT \"tok-55555555\"\n-- expect --\n"
		held = "-- story --\ndomain shop.lying.example\nregistration server-hold\nverify TXT _verify.@ tok-1\n-- " +
			"zone lying.example --\nshop CNAME {target}.\n-- expect --\n"
		shut = "-- story --\ndomain shop.lying.example\nregistration active down=both\n-- zone lying.example " +
			"--\nshop CNAME {target}.\n-- expect --\n"
		right = "fail record.value-quoted verification DOMAIN_004"
	)
	for _, tt := range []struct {
		name, story       string
		missing, extra    []string
		problem           string
		precision, recall float64 // over this story and the true one
		right             bool
	}{
		{name: "the truth", story: quoted + right, precision: 1, recall: 1, right: true},
		{
			name: "a healthy story that reports something", story: quoted + "pass", extra: []string{right},
			problem: "a healthy story ended as fail", precision: 0, recall: 1,
		},
		{
			name: "a finding too many", story: strings.Replace(quoted, "shop CNAME", "shop 30 CNAME", 1) + right,
			extra: []string{"fail record.ttl-out-of-range routing DOMAIN_008"}, precision: 0.5, recall: 1,
		},
		{
			name: "a finding that is not made", story: quoted + right + "\nfail record.ttl-out-of-range routing DOMAIN_010",
			missing: []string{"fail record.ttl-out-of-range routing DOMAIN_010"}, precision: 1, recall: 0.5,
		},
		{
			name: "another cause", story: quoted + "fail record.value-truncated verification DOMAIN_004",
			missing: []string{"fail record.value-truncated verification DOMAIN_004"}, extra: []string{right}, precision: 0,
			recall: 0,
		},
		{
			name: "another verdict", story: quoted + "warn record.value-quoted verification DOMAIN_004",
			missing: []string{"warn record.value-quoted verification DOMAIN_004"}, extra: []string{right}, precision: 1,
			recall: 1,
		},
		{
			name: "another role", story: quoted + "fail record.value-quoted routing DOMAIN_004",
			missing: []string{"fail record.value-quoted routing DOMAIN_004"}, extra: []string{right}, precision: 1,
			recall: 1,
		},
		{
			name: "another code", story: quoted + "fail record.value-quoted verification DOMAIN_010",
			missing: []string{"fail record.value-quoted verification DOMAIN_010"}, extra: []string{right}, precision: 1,
			recall: 1,
		},
		{
			name: "twice the same", story: quoted + right + "\n" + right, missing: []string{right}, precision: 1,
			recall: 0.5,
		},
		{
			name: "a consequence reported as a root", story: held +
				"fail registration.on-hold DOMAIN_004 DOMAIN_010 DOMAIN_011 DOMAIN_019\nfail record.missing verification " +
				"DOMAIN_004",
			missing: []string{"fail record.missing verification DOMAIN_004"},
			extra:   []string{"blocked delegation.missing under registration.on-hold"}, precision: 0.5, recall: 0.5,
		},
		{
			name: "healthy, and not all could be judged", story: shut + "pass",
			extra: []string{"inconclusive registration.unknown"}, problem: "could not judge", precision: 0, recall: 1,
		},
		{
			name: "advice that is not given", story: quoted + right + "\n-- advice --\nrecord.value-quoted says frobnicate",
			problem: "the advice is not as expected", precision: 1, recall: 1,
		},
		{
			name: "an incident of one", story: strings.Replace(well, "%s",
				"error DOMAIN_020 1h Registrar integration failed\n", 1) +
				"tenant fail service.integration-incident DOMAIN_020",
			missing: []string{"tenant fail service.integration-incident DOMAIN_020"}, precision: 1, recall: 0,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stories := fstest.MapFS{
				"lying.txtar": {Data: []byte("A story about its world\n" + tt.story + "\n")},
				"true.txtar": {Data: []byte("A story in order\n" + strings.NewReplacer("%s", "", "lying",
					"true").Replace(well) + "pass\n")},
			}
			r, err := harness.RunAll(t.Context(), stories, 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r.Stories != 2 || r.Precision != tt.precision || r.Recall != tt.recall {
				t.Errorf("precision %v and recall %v over %d stories, want %v and %v", r.Precision, r.Recall, r.Stories,
					tt.precision, tt.recall)
			}
			if tt.right != (len(r.Wrong) == 0) {
				t.Fatalf("wrong are %+v", r.Wrong)
			}
			if tt.right {
				return
			}
			w := r.Wrong[0]
			if len(r.Wrong) != 1 || w.Story != "lying" || !slices.Equal(w.Missing, tt.missing) ||
				!slices.Equal(w.Extra, tt.extra) || !strings.Contains(strings.Join(w.Problems, "; "), tt.problem) {
				t.Errorf("got %+v\nmissing: want %q\nnot expected: want %q\nproblems: want %q", r.Wrong, tt.missing, tt.extra,
					tt.problem)
			}
			if tt.problem == "" && len(w.Problems) > 0 {
				t.Errorf("unexpected problems: %q", w.Problems)
			}
		})
	}
}

// TestBrokenStoryFailsAlone: a story that cannot be run, here because its name is taken, is reported by itself,
// and the others are scored.
func TestBrokenStoryFailsAlone(t *testing.T) {
	t.Parallel()
	const healthy = "A story in order\n-- story --\ndomain shop.%s.example\nverify TXT _verify.@ tok-55555555\n" +
		"-- zone %s.example --\nshop CNAME {target}.\n_verify.shop TXT \"tok-55555555\"\n-- expect --\npass\n"
	story := func(base string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.ReplaceAll(healthy, "%s", base))}
	}
	r, err := harness.RunAll(t.Context(), fstest.MapFS{
		"first.txtar": story("taken"), "second.txtar": story("taken"), "third.txtar": story("free"),
	}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Stories != 3 || r.Healthy != 2 || len(r.Wrong) != 1 || r.Wrong[0].Story != "second" ||
		!strings.Contains(strings.Join(r.Wrong[0].Problems, "; "), "the name taken.example is used by the story first") {
		t.Errorf("got %+v", r)
	}
}

// TestAdviceAboutAZoneThatIsNotLoaded: servers that answer SERVFAIL are the right ones; the tenant is not sent to the
// registrar first. Servers that refuse may be the wrong ones.
func TestAdviceAboutAZoneThatIsNotLoaded(t *testing.T) {
	t.Parallel()
	all := outcomes(t)
	for story, first := range map[string]string{
		"servers-fail": "ask the DNS host of michigan.example why its servers answer SERVFAIL",
		"lame":         "at your registrar, compare the name servers of dogwood.example",
	} {
		roots := all[story].Report.Roots()
		if len(roots) != 1 {
			t.Fatalf("%s: %d root causes", story, len(roots))
		}
		if steps := roots[0].Fix().Steps; len(steps) == 0 || !strings.HasPrefix(steps[0], first) {
			t.Errorf("%s: the first step is not %q: %q", story, first, steps)
		}
	}
}

// TestReportsKeepWhatTheServiceHas: the report of a listed domain has its data, even if its name is invalid.
func TestReportsKeepWhatTheServiceHas(t *testing.T) {
	t.Parallel()
	for name, o := range outcomes(t) {
		if o.Report.ID != "" && (o.Report.Domain == nil || o.Report.Domain.ID != o.Report.ID) {
			t.Errorf("%s: the report of %s has nothing of the domain", name, o.Report.ID)
		}
	}
}

// TestSameWorldNoChange: a report does not differ from itself, and every difference between two stories has a text.
func TestSameWorldNoChange(t *testing.T) {
	t.Parallel()
	var last *result.Domain
	for name, o := range outcomes(t) {
		if same := progress.Diff(o.Report, o.Report); len(same) > 0 {
			t.Errorf("%s: %v", name, same)
		}
		if last != nil {
			for _, c := range progress.Diff(last, o.Report) {
				if s := c.Text(); s == "" || strings.ContainsAny(s, "\n\x1b") || strings.Contains(s, "  ") {
					t.Errorf("%s: %q", name, s)
				}
			}
		}
		last = o.Report
	}
}
