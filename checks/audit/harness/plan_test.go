package harness_test

import (
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/result"

	"github.com/miekg/dns"
)

// TestPlanComesTrue plans the advice of each story whose root causes recommend records, then makes the change, moves
// the clock to the moment when it is seen everywhere, and diagnoses: root causes and codes are those of the plan.
func TestPlanComesTrue(t *testing.T) {
	t.Parallel()
	stories := builtin(t)
	all := outcomes(t)
	stories = slices.DeleteFunc(stories, func(s *story.Story) bool {
		return s.Alone || len(followable(all[s.Name].Report.Roots())) == 0
	})
	if len(stories) < 60 {
		t.Errorf("only %d stories have advice that can be planned", len(stories))
	}
	var remembered atomic.Int64
	t.Cleanup(func() {
		if n := remembered.Load(); sandboxtest.Full() && !sandboxtest.Race && !t.Failed() && n < 15 {
			t.Errorf("a resolver has an old answer at half of the time in %d stories only", n)
		}
	})
	for _, s := range sandboxtest.UnderRace(t, sandboxtest.Sample(t, stories)) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if planned(t, s) {
				remembered.Add(1)
			}
		})
	}
}

// planned reports whether a resolver had an old answer after half of the time that the plan gives.
func planned(t *testing.T, s *story.Story) (halfway bool) {
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
	before := l.Doctor.Diagnose(ctx, target)
	var changes []rehearsal.Change
	var settled time.Duration
	roots := followable(before.Roots())
	for _, f := range roots {
		fix := f.Fix()
		if fix.Settles == nil {
			t.Skip("nothing is promised")
		}
		settled = max(settled, fix.Settles.Within())
		advised, err := plan.Advice(fix)
		if err != nil {
			t.Fatalf("the advice of %s cannot be planned: %v", f, err)
		}
		for _, c := range advised {
			if i := slices.IndexFunc(changes, func(o rehearsal.Change) bool { return o.Zone == c.Zone }); i >= 0 {
				changes[i].Edits = append(changes[i].Edits, c.Edits...)
			} else {
				changes = append(changes, c)
			}
		}
	}
	now := l.Doctor.Session.Now()
	for _, f := range before.Findings { // what resolvers have today of other records
		if u := f.Until(); u != nil && !u.Deadline {
			settled = max(settled, u.Latest.Sub(now))
		}
	}
	doctor, done := plan.Doctor(ctx, l.Doctor, l.Wire(), changes)
	promise := doctor.Diagnose(ctx, plan.Later(target, before, settled))
	done()
	for _, f := range roots {
		if err := apply(ctx, l, f.Fix()); err != nil {
			t.Fatalf("the advice of %s cannot be followed: %v", f, err)
		}
	}
	names := map[string]bool{}
	for _, c := range changes {
		for _, e := range c.Edits {
			names[e.Name] = true
		}
	}
	ahead.Store(int64(settled / 2))
	l.Reset(ctx)
	halfway = oldAnswer(ctx, l, names) != ""
	ahead.Store(int64(settled + time.Second))
	l.Reset(ctx)
	if what := oldAnswer(ctx, l, names); what != "" {
		t.Errorf("%v after the change, %s still has the earlier answer", settled, what)
	}
	after := l.Doctor.Diagnose(ctx, target)
	if got, want := summary(promise), summary(after); !slices.Equal(got, want) {
		t.Errorf("planned %q, and it became %q", got, want)
		for _, c := range changes {
			t.Logf("changes of %s: %+v", c.Zone, c.Edits)
		}
		for _, f := range promise.Findings {
			t.Logf("planned: %s: %s (blocked by %q)", f, f.Why(), f.BlockedBy)
		}
		for _, f := range after.Findings {
			t.Logf("became: %s: %s (blocked by %q)", f, f.Why(), f.BlockedBy)
		}
	}
	return halfway
}

// plannedChange is a change that a test plans: the verb of the sandbox, and the record in the form of a zone file.
type plannedChange struct {
	// {name}, {type} and {value} stand for a record that the domain needs, {zone} for its zone
	name, verb, record string
	op                 change.Op
}

// plannedChanges break a domain in different ways, or change nothing that it needs.
var plannedChanges = []plannedChange{
	{"gone", "remove", "{name}. {type}", change.Remove},
	{"elsewhere", "replace", "{name}. 300 CNAME elsewhere.fabrikam.example.", change.Replace},
	{"low TTL", "replace", "{name}. 5 {type} {value}", change.Replace},
	{"no authority may issue", "replace", `{zone}. 300 CAA 0 issue ";"`, change.Replace},
	{"another name", "add", `beside-it.{zone}. 300 TXT "hello"`, change.Add},
	{"a name below", "add", `below-it.{name}. 300 TXT "hello"`, change.Add},
	{"another TTL", "replace", "{name}. 600 {type} {value}", change.Replace},
	{"a wildcard", "add", `*.{zone}. 300 TXT "hello"`, change.Add},
}

// TestPlannedBreaks plans changes of what healthy domains need, makes them, and compares as TestPlanComesTrue does.
func TestPlannedBreaks(t *testing.T) {
	t.Parallel()
	all := outcomes(t)
	stories := slices.DeleteFunc(builtin(t), func(s *story.Story) bool {
		o := all[s.Name]
		return s.Alone || !s.Healthy || o.Report.Verdict != catalog.Pass || len(o.Report.Facts.Records) == 0
	})
	if len(stories) < 20 {
		t.Errorf("only %d healthy stories have records", len(stories))
	}
	type pair struct {
		s    *story.Story
		kind plannedChange
	}
	var pairs []pair
	for i, s := range stories {
		for j := range 2 {
			pairs = append(pairs, pair{s, plannedChanges[(2*i+j)%len(plannedChanges)]})
		}
	}
	for _, p := range sandboxtest.UnderRace(t, sandboxtest.Sample(t, pairs)) {
		t.Run(p.s.Name+"/"+p.kind.name, func(t *testing.T) {
			t.Parallel()
			plannedBreak(t, p.s, p.kind)
		})
	}
}

func plannedBreak(t *testing.T, s *story.Story, kind plannedChange) {
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
	records := l.Doctor.Diagnose(ctx, target).Facts.Records
	r := records[len(records)-1].Record // routing comes after verification
	answers := l.Doctor.Session.Authority(ctx, r.Name, dns.StringToType[r.Type])
	if len(answers.Values()) == 0 {
		t.Skip("it is published in another form")
	}
	zone, _ := plan.ZoneOf(ctx, l.Doctor.Session, r.Name)
	if at := rehearsal.Hides(ctx, l.Doctor.Session, zone, r.Name); zone == "" || at != "" {
		t.Skipf("it is not of this zone: %q", at)
	}
	if wild, _ := l.Doctor.Session.Wildcard(ctx, answers); wild {
		t.Skip("it comes from a wildcard")
	}
	value := answers.Values()[0]
	if r.Type == "CNAME" {
		value += "."
	} else if r.Type == "TXT" {
		value = strconv.Quote(value)
	}
	record := strings.NewReplacer("{name}", r.Name, "{type}", r.Type, "{value}", value, "{zone}",
		zone).Replace(kind.record)
	e := change.Edit{Op: kind.op, Name: r.Name, Type: dns.StringToType[r.Type]}
	if kind.op != change.Remove {
		rr, err := dns.NewRR(record)
		if err != nil {
			t.Fatal(err)
		}
		ttl := rr.Header().Ttl
		e.Name, e.Type, e.RRs, e.TTL = strings.TrimSuffix(rr.Header().Name, "."), rr.Header().Rrtype, []dns.RR{rr}, &ttl
	}
	edits := []change.Edit{e}
	if kind.op == change.Replace && e.Type == dns.TypeCNAME && r.Type != "CNAME" {
		edits = append(edits, change.Edit{Op: change.Remove, Name: r.Name, Type: dns.StringToType[r.Type]})
	}
	promise := plan.Run(ctx, l.Doctor, l.Wire(), plan.Request{
		Targets: []checks.Target{target}, Changes: []rehearsal.Change{{Zone: zone, Edits: edits}},
	})
	if promise.Settled.IsZero() {
		t.Fatal("nothing is promised")
	}
	if kind.op == change.Replace && e.Type == dns.TypeCNAME && r.Type != "CNAME" {
		if err := l.Change(l.Domain(s), "zone "+zone+" remove "+r.Name+". "+r.Type); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Change(l.Domain(s), "zone "+zone+" "+kind.verb+" "+record); err != nil {
		t.Fatal(err)
	}
	ahead.Store(int64(time.Until(promise.Settled) + time.Second))
	l.Reset(ctx)
	after := l.Doctor.Diagnose(ctx, target)
	got, want := summary(promise.Domains[0].After), summary(after)
	if !slices.Equal(got, want) {
		t.Errorf("%s: planned %q, and it became %q", record, got, want)
		for _, f := range after.Findings {
			t.Logf("became: %s: %s (blocked by %q)", f, f.Why(), f.BlockedBy)
		}
	}
	if breaks := after.Verdict == catalog.Fail; breaks != promise.Domains[0].Breaks() {
		t.Errorf("%s: breaks is %v, and the domain is %s", record, promise.Domains[0].Breaks(), after.Verdict)
	}
}

// summary lists verdict, root causes and codes of a diagnosis.
func summary(r *result.Domain) []string {
	out := []string{r.Verdict.String()}
	for _, f := range r.Roots() {
		out = append(out, harness.Describe(f, ""))
	}
	for _, c := range r.Codes {
		out = append(out, c.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
