// Package audit measures the doctor: it diagnoses stories of the sandbox, compares the findings with what the stories
// say, and counts. The same comparison is the harness that every check is tested with.
package audit

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/incident"
	"domdoc/checks/probe"
)

// Lab is a sandbox with a doctor over it.
type Lab struct {
	*sandbox.Sandbox
	Doctor *checks.Doctor

	wire   *probe.Live
	client *api.Client
}

// NewLab starts a sandbox and a doctor that sees nothing else.
func NewLab(ctx context.Context, opt sandbox.Options) (*Lab, error) {
	b, err := sandbox.Start(opt)
	if err != nil {
		return nil, err
	}
	l := &Lab{Sandbox: b, wire: probe.NewLive(b.Dial, b.Roots())}
	l.wire.SetClock(b.LocalNow)
	l.Doctor = &checks.Doctor{Session: l.session(ctx)}
	l.client, err = api.New(api.Config{
		BaseURL: b.URL(), Token: b.Token(), Tenant: b.Tenant(), Now: b.LocalNow,
		OnExchange: checks.OnExchange, Retries: -1,
	})
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("the sandbox's service: %w", err)
	}
	l.Doctor.Service = checks.NewService(l.client, b.Tenant())
	return l, nil
}

func (l *Lab) session(ctx context.Context) *probe.Session {
	return probe.NewSession(ctx, l.wire, probe.Options{
		Now: l.LocalNow, HasIPv6: l.HasIPv6, TrustedRoots: l.Roots(),
		Rate: -1,
	})
}

// Again forgets what was asked, so that the next diagnosis sees the sandbox as it is by then.
func (l *Lab) Again(ctx context.Context) {
	l.Doctor.Session.Close()
	l.Doctor = &checks.Doctor{Session: l.session(ctx), Service: checks.NewService(l.client, l.Tenant())}
}

// Close ends the lab.
func (l *Lab) Close() {
	l.Doctor.Session.Close()
	l.wire.Close()
	if l.client != nil {
		l.client.Close()
	}
	l.Sandbox.Close()
}

// Target is what is asked for in a story.
func (l *Lab) Target(s *story.Story) (checks.Target, error) {
	t := checks.Target{Name: l.Domain(s), Intent: checks.Intent(s.Intent)}
	if l.Listed(s) {
		t.Name, t.ID = "", l.DomainID(s)
	}
	if s.Environment.Service != "" { // a service that does not answer is asked by name: the rest is judged without it
		t.Name, t.ID = l.Domain(s), ""
	}
	if s.AuthCode != "" {
		t.AuthCode = &s.AuthCode
	}
	for _, e := range s.Expected {
		x, err := checks.ParseExpected(strings.ReplaceAll(e, "@", l.Domain(s)))
		if err != nil {
			return t, err
		}
		t.Expect = append(t.Expect, x)
	}
	return t, nil
}

// Outcome is what came of one story.
type Outcome struct {
	Story   *story.Story
	Report  *checks.DomainReport
	Tenant  *checks.TenantReport
	Vantage *checks.VantageReport
	// Missing and Extra are findings that the story expects and were not made, and the reverse.
	Missing, Extra []string
	// Problems are other differences: a check that could not judge, a wrong verdict.
	Problems []string

	awaited, seen []string // causes of incidents that the story expects with others, and of those found
}

// Right reports whether the diagnosis is exactly what the story says.
func (o *Outcome) Right() bool { return len(o.Missing)+len(o.Extra)+len(o.Problems) == 0 }

// Tell diagnoses one story.
func (l *Lab) Tell(ctx context.Context, s *story.Story) (*Outcome, error) {
	t, err := l.Target(s)
	if err != nil {
		return nil, fmt.Errorf("story %s: %w", s.Name, err)
	}
	o := &Outcome{Story: s, Vantage: l.Doctor.Vantage(ctx)}
	if s.Alone {
		o.Tenant = l.Doctor.Tenant(ctx)
	}
	o.Report = l.Doctor.Diagnose(ctx, t)
	o.compare()
	return o, nil
}

// compare fills in how the findings differ from the story's.
func (o *Outcome) compare() {
	var got []string
	for _, f := range o.Report.Findings {
		got = append(got, Describe(f, ""))
	}
	if o.Story.Alone {
		for _, f := range o.Vantage.Findings {
			got = append(got, Describe(f, "vantage"))
		}
		if o.Tenant != nil {
			for _, f := range o.Tenant.Findings {
				got = append(got, Describe(f, "tenant"))
			}
		}
	}
	var want []string
	unjudged := false
	for _, e := range o.Story.Expects {
		if e.Scope != "" && !o.Story.Alone {
			continue // about the whole tenant: see incidents
		}
		want = append(want, e.String())
		unjudged = unjudged || e.Verdict == catalog.Inconclusive.String()
	}
	o.Missing, o.Extra = without(want, got), without(got, want)
	for _, c := range o.Report.Checks {
		if c.Status == catalog.Inconclusive.String() && !unjudged {
			o.Problems = append(o.Problems, "check "+c.ID+" could not judge: "+c.Reason)
		}
	}
	for _, a := range o.Story.Advice {
		if !advised(o.Report.Roots(), a) {
			o.Problems = append(o.Problems, "the advice is not as told: "+a.String())
		}
	}
	if o.Story.Healthy && o.Report.Verdict != catalog.Pass {
		o.Problems = append(o.Problems, "a healthy story ended as "+o.Report.Verdict.String())
	}
}

// advised reports whether the advice of a root cause is as a story has it: for one of its findings, or of omits for
// all.
func advised(roots []*checks.Finding, a story.Advice) bool {
	found := false
	for _, f := range roots {
		if string(f.ID) != a.Cause {
			continue
		}
		found = true
		fix := f.Fix()
		var holds bool
		switch a.Verb {
		case "says", "omits":
			holds = strings.Contains(strings.Join(fix.Steps, "\n"), a.Text)
		case "publishes":
			holds = listed(fix.Records, a.Text)
		case "deletes":
			holds = listed(fix.Deletes, a.Text)
		}
		if holds {
			return a.Verb != "omits"
		}
	}
	return found && a.Verb == "omits"
}

func listed(records []catalog.Record, want string) bool {
	if want == "nothing" {
		return len(records) == 0
	}
	return slices.ContainsFunc(records, func(r catalog.Record) bool {
		return strings.TrimSpace(r.Name+" "+r.Type+" "+r.Value) == want
	})
}

// without is a minus b, counting each as often as it stands there.
func without(a, b []string) []string {
	left := slices.Clone(b)
	var out []string
	for _, s := range a {
		if i := slices.Index(left, s); i >= 0 {
			left = slices.Delete(left, i, i+1)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Describe writes a finding as a story's section expect does: a root with its codes, a consequence with its root.
func Describe(f *checks.Finding, scope string) string {
	e := story.Expect{
		Scope: scope, Verdict: f.Verdict.String(), Cause: string(f.ID), Role: string(f.Role),
		Under: string(f.BlockedBy),
	}
	if f.Root() && f.Verdict != catalog.Inconclusive {
		e.Codes = f.Predicts()
	}
	return e.String()
}

// Score counts right and wrong predictions of one thing.
type Score struct {
	Name      string  `json:"name"`
	Expected  int     `json:"expected"`
	Found     int     `json:"found"`
	Right     int     `json:"right"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

func (s *Score) finish() {
	s.Precision, s.Recall = 1, 1
	if s.Found > 0 {
		s.Precision = float64(s.Right) / float64(s.Found)
	}
	if s.Expected > 0 {
		s.Recall = float64(s.Right) / float64(s.Expected)
	}
}

// Result is an audit over many stories.
type Result struct {
	Stories   int     `json:"stories"`
	Healthy   int     `json:"healthy"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	Codes     []Score `json:"codes"`
	Causes    []Score `json:"causes"`
	Wrong     []Wrong `json:"wrong"`
	// Of a tenant: how many domains were compared, and the codes that could not be.
	Compared *int    `json:"compared,omitempty" doc:"of a tenant: the domains of which the last error could be compared; stories are all of its domains"`
	Apart    []Apart `json:"apart,omitempty" doc:"of a tenant: codes that count neither for nor against the predictions"`
}

// Wrong is a story whose diagnosis differs from what it says.
type Wrong struct {
	Story    string   `json:"story"`
	Missing  []string `json:"missing,omitempty"`
	Extra    []string `json:"extra,omitempty"`
	Problems []string `json:"problems,omitempty"`
}

// Run runs every story of a file system (nil: the built-in ones), those about the whole stage each alone, and passes
// each outcome to done. A story that cannot be run is wrong, and does not keep the others from being run.
func Run(ctx context.Context, stories fs.FS, jobs int, done func(*Outcome)) (*Result, error) {
	if stories == nil {
		stories = sandbox.Scenarios()
	}
	list, broken, err := sandbox.ReadStories(stories)
	if err != nil {
		return nil, err
	}
	if jobs <= 0 {
		jobs = checks.Jobs()
	}
	var shared *Lab // of the stories that are not run alone
	if slices.ContainsFunc(list, func(s *story.Story) bool { return !s.Alone }) {
		if shared, err = NewLab(ctx, sandbox.Options{Stories: stories}); err != nil {
			return nil, err
		}
		defer shared.Close()
	}
	var mu sync.Mutex
	var outcomes []*Outcome
	var failed error
	var wg sync.WaitGroup
	slots := make(chan struct{}, jobs)
	for _, s := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			o, err := tell(ctx, shared, stories, s)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
				return
			}
			outcomes = append(outcomes, o)
			if done != nil {
				done(o)
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return nil, failed
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	incidents(outcomes)
	r := Count(outcomes)
	for _, e := range broken {
		r.Stories++
		r.Wrong = append(r.Wrong, Wrong{Story: e.Story, Problems: []string{"the story cannot be run: " + e.Err.Error()}})
	}
	slices.SortFunc(r.Wrong, func(a, b Wrong) int { return strings.Compare(a.Story, b.Story) })
	return r, nil
}

func tell(ctx context.Context, shared *Lab, stories fs.FS, s *story.Story) (*Outcome, error) {
	l := shared
	if s.Alone {
		var err error
		if l, err = NewLab(ctx, sandbox.Options{Stories: stories, Only: []string{s.Name}}); err != nil {
			return nil, err
		}
		defer l.Close()
	} else if i := slices.IndexFunc(l.Stories(), func(x *story.Story) bool { return x.Name == s.Name }); i >= 0 {
		s = l.Stories()[i]
	}
	return l.Tell(ctx, s)
}

// incidents compares what is found over all domains of the shared tenant with what its stories expect of the tenant.
func incidents(outcomes []*Outcome) {
	all := incident.NewDetector()
	told := 0
	var want, got []string
	first, parts := map[string]*Outcome{}, map[string]bool{}
	for _, o := range outcomes {
		if o.Story.Alone {
			continue
		}
		all.Add(incident.FactsOf(o.Report))
		told++
		for _, e := range o.Story.Expects {
			if part := o.Story.Series() + " " + e.String(); e.Scope == "tenant" && !parts[part] {
				parts[part] = true
				want = append(want, e.String())
				first[e.String()] = o
				o.awaited = append(o.awaited, e.Cause)
			}
		}
	}
	if told == 0 {
		return
	}
	for _, f := range all.Findings() {
		g := Describe(f, "tenant")
		got = append(got, g)
		o := first[g]
		if o == nil {
			o = outcomes[0]
		}
		o.seen = append(o.seen, string(f.ID))
	}
	for _, w := range without(want, got) {
		first[w].Missing = append(first[w].Missing, w)
	}
	for _, g := range without(got, want) {
		o := outcomes[0]
		o.Extra = append(o.Extra, g)
	}
}

// Count scores outcomes: per code, per cause, and over all causes.
func Count(outcomes []*Outcome) *Result {
	r := &Result{Stories: len(outcomes), Wrong: []Wrong{}}
	codes, causes, total := scores{}, scores{}, Score{}
	slices.SortFunc(outcomes, func(a, b *Outcome) int { return strings.Compare(a.Story.Name, b.Story.Name) })
	for _, o := range outcomes {
		if o.Story.Healthy {
			r.Healthy++
		}
		if !o.Right() {
			r.Wrong = append(r.Wrong, Wrong{o.Story.Name, o.Missing, o.Extra, o.Problems})
		}
		want, wantCodes := expected(o.Story)
		got, gotCodes := found(o)
		want, got = append(want, o.awaited...), append(got, o.seen...)
		causes.tally(want, got, &total)
		codes.tally(wantCodes, gotCodes, nil)
	}
	total.finish()
	r.Precision, r.Recall = total.Precision, total.Recall
	r.Codes, r.Causes = sorted(codes), sorted(causes)
	return r
}

func expected(s *story.Story) (causes, codes []string) {
	for _, e := range s.Expects {
		if e.Scope != "" && !s.Alone {
			continue
		}
		causes = append(causes, e.Cause)
		if e.Under == "" {
			codes = append(codes, e.Codes...)
		}
	}
	slices.Sort(codes)
	return causes, slices.Compact(codes)
}

func found(o *Outcome) (causes, codes []string) {
	list := slices.Clone(o.Report.Findings)
	if o.Story.Alone {
		list = append(list, o.Vantage.Findings...)
		if o.Tenant != nil {
			list = append(list, o.Tenant.Findings...)
		}
	}
	for _, f := range list {
		causes = append(causes, string(f.ID))
		if f.Root() && f.Verdict != catalog.Inconclusive {
			codes = append(codes, f.Predicts()...)
		}
	}
	slices.Sort(codes)
	return causes, slices.Compact(codes)
}

// scores are those of several things, by name.
type scores map[string]*Score

func (m scores) at(name string) *Score {
	if m[name] == nil {
		m[name] = &Score{Name: name}
	}
	return m[name]
}

func (m scores) tally(want, got []string, total *Score) {
	hit := len(want) - len(without(want, got))
	for _, w := range want {
		m.at(w).Expected++
	}
	for _, g := range got {
		m.at(g).Found++
	}
	missing := without(want, got)
	for _, w := range want {
		if i := slices.Index(missing, w); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
			continue
		}
		m.at(w).Right++
	}
	if total != nil {
		total.Expected += len(want)
		total.Found += len(got)
		total.Right += hit
	}
}

func sorted(m scores) []Score {
	out := make([]Score, 0, len(m))
	for _, s := range m {
		s.finish()
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Score) int { return strings.Compare(a.Name, b.Name) })
	return out
}
