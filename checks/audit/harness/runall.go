package harness

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit"
	"domdoc/checks/incident"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"
)

// RunAll runs the stories of a file system (nil: the built-in ones), or only those that are named, and calls done with
// each outcome. Stories that change the environment run alone. A story that cannot be run counts as wrong, and the
// others still run.
func RunAll(ctx context.Context, stories fs.FS, jobs int, done func(*Outcome), only ...string) (*audit.Result, error) {
	if stories == nil {
		stories = sandbox.Scenarios()
	}
	list, broken, err := sandbox.ReadStories(stories)
	if err != nil {
		return nil, err
	}
	if len(only) > 0 {
		if list, broken, err = selected(list, broken, only); err != nil {
			return nil, err
		}
	}
	if jobs <= 0 {
		jobs = checks.Jobs()
	}
	var shared *Harness // for the stories that do not run alone
	if slices.ContainsFunc(list, func(s *story.Story) bool { return !s.Alone }) {
		if shared, err = New(ctx, sandbox.Options{Stories: stories}); err != nil {
			return nil, err
		}
		defer shared.Close()
	}
	// On a slow machine the last stories run when the sandbox is minutes old.
	slices.SortStableFunc(list, func(a, b *story.Story) int {
		switch {
		case a.Brief() == b.Brief():
			return 0
		case a.Brief():
			return -1
		}
		return 1
	})
	var mu sync.Mutex
	var outcomes []*Outcome
	var failed error
	var wg sync.WaitGroup
	slots := make(chan struct{}, jobs)
	for _, s := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			o, err := runOne(ctx, shared, stories, s)
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
	cases := make([]audit.Case, 0, len(list)+len(broken))
	for _, o := range outcomes {
		cases = append(cases, o.Case())
	}
	for _, e := range broken {
		cases = append(cases, audit.Case{Wrong: audit.Wrong{
			Story: e.Story, Problems: []string{"the story cannot be run: " + e.Err.Error()},
		}})
	}
	return audit.Count(cases), nil
}

// selected returns the stories, and the broken ones, that are named.
func selected(list []*story.Story, broken []*sandbox.StoryError, names []string) ([]*story.Story, []*sandbox.StoryError,
	error,
) {
	for _, name := range names {
		if !slices.ContainsFunc(list, func(s *story.Story) bool { return s.Name == name }) &&
			!slices.ContainsFunc(broken, func(e *sandbox.StoryError) bool { return e.Story == name }) {
			return nil, nil, fmt.Errorf("there is no story %q", name)
		}
	}
	list = slices.DeleteFunc(list, func(s *story.Story) bool { return !slices.Contains(names, s.Name) })
	broken = slices.DeleteFunc(broken, func(e *sandbox.StoryError) bool { return !slices.Contains(names, e.Story) })
	return list, broken, nil
}

func runOne(ctx context.Context, shared *Harness, stories fs.FS, s *story.Story) (*Outcome, error) {
	l := shared
	if s.Alone {
		var err error
		if l, err = New(ctx, sandbox.Options{Stories: stories, Only: []string{s.Name}}); err != nil {
			return nil, err
		}
		defer l.Close()
	} else if i := slices.IndexFunc(l.Stories(), func(x *story.Story) bool { return x.Name == s.Name }); i >= 0 {
		s = l.Stories()[i]
	}
	o, err := l.Run(ctx, s)
	if err != nil || !slices.ContainsFunc(o.Report.Ledger, busy) {
		return o, err
	}
	// The machine was too busy to ask all that this story needs: it runs again by itself.
	again, err := New(ctx, sandbox.Options{Stories: stories, Only: []string{s.Name}})
	if err != nil {
		return nil, err
	}
	defer again.Close()
	return again.Run(ctx, again.Stories()[0])
}

// busy reports whether a question was not asked in time because of this machine.
func busy(x *exchange.Exchange) bool {
	return x.Outcome == exchange.NotAsked && x.Err == transport.ErrBusy.Error()
}

// incidents compares the incidents over all domains of the shared tenant with those that its stories expect.
func incidents(outcomes []*Outcome) {
	all := incident.NewDetector()
	compared := 0
	var want, got []string
	first, parts := map[string]*Outcome{}, map[string]bool{}
	for _, o := range outcomes {
		if o.Story.Alone {
			continue
		}
		all.Add(incident.FactsOf(o.Report))
		compared++
		for _, e := range o.Story.Expects {
			if part := o.Story.Series() + " " + e.String(); e.Scope == "tenant" && !parts[part] {
				parts[part] = true
				want = append(want, e.String())
				first[e.String()] = o
				o.expectedIncidents = append(o.expectedIncidents, e.Cause)
			}
		}
	}
	if compared == 0 {
		return
	}
	for _, f := range all.Findings() {
		g := Describe(f, "tenant")
		got = append(got, g)
		o := first[g]
		if o == nil {
			o = outcomes[0]
		}
		o.foundIncidents = append(o.foundIncidents, string(f.ID))
	}
	for _, w := range audit.Without(want, got) {
		first[w].Missing = append(first[w].Missing, w)
	}
	for _, g := range audit.Without(got, want) {
		o := outcomes[0]
		o.Extra = append(o.Extra, g)
	}
}

// Case returns the outcome as a case of an audit.
func (o *Outcome) Case() audit.Case {
	c := audit.Case{
		Wrong:   audit.Wrong{Story: o.Story.Name, Missing: o.Missing, Extra: o.Extra, Problems: o.Problems},
		Healthy: o.Story.Healthy,
	}
	c.ExpectedCauses, c.ExpectedCodes = expected(o.Story)
	c.FoundCauses, c.FoundCodes = found(o)
	c.ExpectedCauses = append(c.ExpectedCauses, o.expectedIncidents...)
	c.FoundCauses = append(c.FoundCauses, o.foundIncidents...)
	return c
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
