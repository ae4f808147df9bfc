package harness_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/plan/leave"
	"domdoc/checks/plan/planner"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"

	"github.com/miekg/dns"
)

// TestDetachLeavesNothing plans the removal of each story's domain from the service and takes the advised steps: after
// half of them something still leads to the service, after all of them nothing does, at servers and resolvers.
func TestDetachLeavesNothing(t *testing.T) {
	t.Parallel()
	stories := slices.DeleteFunc(builtin(t), func(s *story.Story) bool {
		r := outcomes(t)[s.Name].Report
		return s.Alone || !s.Healthy || r.Domain == nil || len(r.Facts.Records) == 0
	})
	if len(stories) < 40 {
		t.Errorf("only %d healthy stories have records", len(stories))
	}
	var followed atomic.Int64
	t.Cleanup(func() {
		t.Logf("%d removals followed to their end", followed.Load())
		if sandboxtest.Full() && !sandboxtest.Race && !t.Failed() && followed.Load() < 150 {
			t.Error("too few removals")
		}
	})
	for _, s := range sandboxtest.UnderRace(t, sandboxtest.Sample(t, stories)) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if detached(t, s) {
				followed.Add(1)
			}
		})
	}
}

func detached(t *testing.T, s *story.Story) bool {
	ctx := t.Context()
	var ahead atomic.Int64
	l, err := harness.New(ctx, sandbox.Options{Only: []string{s.Name}, Clock: func() time.Time {
		return time.Now().Add(time.Duration(ahead.Load()))
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s = l.Stories()[0]
	target, err := l.Target(s)
	if err != nil {
		t.Fatal(err)
	}
	today := l.Doctor.Diagnose(ctx, target)
	if len(dangling(ctx, l, today)) == 0 {
		t.Skip("nothing leads to the service")
	}
	plan := func() *leave.Detach {
		p, err := planner.Make(ctx, l.Doctor, l.Wire(), planner.Request{
			Name: today.Name.ASCII, Detach: true, Named: checks.Target{Expect: target.Expect},
		})
		if errors.Is(err, planner.ErrUnplanned) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
		return p.Detach
	}
	d := plan()
	var lines []string
	var wait time.Duration
	zone := l.Doctor.Session.Locate(ctx, strings.TrimPrefix(today.Name.ASCII, "*.")).Zone.Name
	for _, step := range d.Steps {
		wait += step.Wait
		for _, r := range step.Records {
			lines = append(lines, "zone "+zone+" remove "+r.Name+". "+r.Type)
		}
	}
	for i, line := range lines {
		if i == len(lines)/2 {
			l.Reset(ctx)
			if len(dangling(ctx, l, today)) == 0 {
				t.Errorf("half of the steps leave nothing: %q of %q", lines[:i], lines)
			}
		}
		if err := l.Change(l.Domain(s), line); err != nil {
			t.Skipf("the sandbox cannot make this change: %v", err)
		}
	}
	ahead.Store(int64(wait + time.Second))
	l.Reset(ctx)
	if left := dangling(ctx, l, today); len(left) > 0 {
		t.Errorf("after %q, %q is left; the plan had %+v, and could not look up %q", lines, left, d.Left, d.Unjudged)
	}
	if again := plan(); again.Takeover() {
		t.Errorf("after all steps, the plan has %+v", again.Left)
	}
	return true
}

// dangling lists what leads to the service: the host's addresses or alias, and published proofs.
func dangling(ctx context.Context, l *harness.Harness, today *result.Domain) []string {
	var out []string
	s := l.Doctor.Session
	for _, r := range today.Facts.Records {
		rrtype, ok := dns.StringToType[r.Type]
		if !ok {
			continue
		}
		for _, x := range s.Authority(ctx, r.Name, rrtype).Good() {
			for _, v := range x.Values(r.Name, rrtype) {
				if r.Role != catalog.Routing && strings.EqualFold(exchange.Bare(v), exchange.Bare(r.Value)) {
					out = append(out, r.Name+" "+v)
				}
			}
		}
	}
	if today.Domain.CDN == nil || today.Domain.CDN.Target == "" {
		return out
	}
	host := today.Name.ASCII
	if today.Name.Wildcard {
		host = s.RandomSibling("x." + strings.TrimPrefix(host, "*."))
	}
	own := map[string]bool{}
	v4, v6 := s.Addresses(ctx, exchange.Bare(today.Domain.CDN.Target))
	for _, a := range append(v4.AddrsOf(), v6.AddrsOf()...) {
		own[a.String()] = true
	}
	v4, v6 = s.Addresses(ctx, host)
	for _, a := range append(v4.AddrsOf(), v6.AddrsOf()...) {
		if own[a.String()] {
			out = append(out, host+" "+a.String())
		}
	}
	for _, r := range s.Resolvers() { // what visitors get
		x := s.Resolve(ctx, r, host, dns.TypeA)
		for _, v := range x.Values(host, dns.TypeA) {
			if own[v] {
				out = append(out, r.String()+": "+host+" "+v)
			}
		}
	}
	return out
}

// TestTransferPlans compares the plan of a transfer with the diagnosis of each story that intends one: the same causes
// are in the way, and none where it can begin.
func TestTransferPlans(t *testing.T) {
	t.Parallel()
	stories := slices.DeleteFunc(builtin(t), func(s *story.Story) bool { return s.Alone || s.Intent != "transfer" })
	if len(stories) < 20 {
		t.Errorf("only %d stories intend a transfer", len(stories))
	}
	var names []string
	for _, s := range stories {
		names = append(names, s.Name)
	}
	l, err := harness.New(t.Context(), sandbox.Options{Only: names})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	free, stopped := 0, 0
	for _, s := range l.Stories() {
		target, err := l.Target(s)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []catalog.ID
		for _, f := range l.Doctor.Diagnose(t.Context(), target).Roots() {
			if f.Rung == catalog.Registration && f.Verdict != catalog.Inconclusive || f.Verdict == catalog.Fail &&
				slices.Contains([]catalog.Rung{catalog.Delegation, catalog.DNSSEC}, f.Rung) {
				want = append(want, f.ID)
			}
		}
		p, err := planner.Make(t.Context(), l.Doctor, l.Wire(), planner.Request{
			Name: strings.TrimPrefix(l.Domain(s), "*."), Transfer: true,
			Named: checks.Target{AuthCode: target.AuthCode},
		})
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		for _, f := range p.Transfer.Findings {
			got = append(got, f.ID)
		}
		want = slices.DeleteFunc(want, func(id catalog.ID) bool { return id == causes.RegistrationExpiresSoon.ID })
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: planned %q, and the diagnosis has %q; not judged: %q", s.Name, got, want, p.Transfer.Unjudged)
		}
		if len(got) == 0 {
			free++
		} else {
			stopped++
		}
		if n := len(p.Transfer.Steps); p.Transfer.Known && n < 3 {
			t.Errorf("%s: %d steps", s.Name, n)
		}
	}
	if free < 3 || stopped < 10 {
		t.Errorf("%d can begin, %d cannot", free, stopped)
	}
}
