package harness_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/api/sandbox/story"
	"domdoc/catalog"
	"domdoc/checks/audit/harness"
	"domdoc/checks/plan"
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
	for _, s := range sandboxtest.UnderRace(t, sandboxtest.Sample(t, stories)) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			planned(t, s)
		})
	}
}

func planned(t *testing.T, s *story.Story) {
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
		for _, r := range fix.Deletes {
			changes = edit(t, changes, r, rehearsal.Remove)
		}
		for _, r := range fix.Records {
			if r.Type == catalog.AliasType {
				t.Skip("an alias")
			}
			changes = edit(t, changes, r, rehearsal.Add)
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
	ahead.Store(int64(settled + time.Second))
	l.Reset(ctx)
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

// edit adds the change of one record.
func edit(t *testing.T, changes []rehearsal.Change, r catalog.Record, op rehearsal.Op) []rehearsal.Change {
	t.Helper()
	e := rehearsal.Edit{Op: op, Name: r.Name, Type: dns.StringToType[r.Type]}
	if r.TTL > 0 {
		ttl := uint32(r.TTL)
		e.TTL = &ttl
	}
	if r.Value != "" {
		hdr := dns.RR_Header{Name: dns.Fqdn(r.Name), Rrtype: e.Type, Class: dns.ClassINET, Ttl: uint32(r.TTL)}
		if r.Type == "TXT" {
			e.RRs = []dns.RR{&dns.TXT{Hdr: hdr, Txt: []string{r.Value}}}
		} else {
			value := r.Value
			if r.Type == "CNAME" || r.Type == "MX" || r.Type == "NS" {
				value = dns.Fqdn(value)
			}
			rr, err := dns.NewRR(hdr.String() + value)
			if err != nil {
				t.Fatal(err)
			}
			e.RRs = []dns.RR{rr}
		}
	}
	i := slices.IndexFunc(changes, func(c rehearsal.Change) bool { return c.Zone == r.Zone })
	if i < 0 {
		return append(changes, rehearsal.Change{Zone: r.Zone, Edits: []rehearsal.Edit{e}})
	}
	changes[i].Edits = append(changes[i].Edits, e)
	return changes
}
