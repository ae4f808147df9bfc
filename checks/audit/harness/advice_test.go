package harness_test

import (
	"context"
	"fmt"
	"io/fs"
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
	"domdoc/checks/audit/harness"
	"domdoc/checks/finding"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
	"golang.org/x/tools/txtar"
)

// TestAdviceFixesTheFault follows the advice: for every story whose root causes recommend records, these are
// published (and deleted) in the running sandbox. The cause must then be gone, no other fault may replace it, and all
// other names of the zone must answer as before. This is checked at the time when the change is expected to be
// visible everywhere: by then no resolver may have an old answer.
func TestAdviceFixesTheFault(t *testing.T) {
	t.Parallel()
	stories := builtin(t)
	all := outcomes(t)
	stories = slices.DeleteFunc(stories, func(s *story.Story) bool {
		return s.Alone || len(followable(all[s.Name].Report.Roots())) == 0
	})
	if len(stories) < 40 {
		t.Errorf("only %d stories have advice that can be followed", len(stories))
	}
	var remembered atomic.Int64 // stories in which a resolver still had the earlier answer when the change was made
	t.Cleanup(func() {
		if n := remembered.Load(); sandboxtest.Full() && !sandboxtest.Race && !t.Failed() && n < 15 {
			t.Errorf("only %d stories had a resolver that remembers anything", n)
		}
	})
	for _, s := range sandboxtest.UnderRace(t, sandboxtest.Sample(t, stories)) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if follow(t, s) {
				remembered.Add(1)
			}
		})
	}
}

// others are the causes that need an action of another party after the tenant's, or that are not visible in the
// domain's zones.
var others = []catalog.ID{
	causes.CertificatePending.ID, causes.CertificateFailed.ID,
	causes.CertificateExpiresSoon.ID, causes.RecordProxied.ID, causes.DelegationWrongHost.ID,
}

// followable returns the root causes whose advice consists of records in the domain's own zones.
func followable(roots []*finding.Finding) []*finding.Finding {
	return slices.DeleteFunc(slices.Clone(roots), func(f *finding.Finding) bool {
		fix := f.Fix()
		return f.Rung == catalog.Service || slices.Contains(others, f.ID) || len(fix.Records)+len(fix.Deletes) == 0
	})
}

func follow(t *testing.T, s *story.Story) (remembered bool) {
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
	roots := followable(before.Roots())
	names := namesOf(t, s)
	was := snapshot(ctx, l.Doctor.Session, names)

	changed := map[string]bool{}
	var settled time.Duration
	promised := true
	for _, f := range roots {
		fix := f.Fix()
		if fix.Settles == nil {
			promised = false
		} else {
			settled = max(settled, fix.Settles.Within())
		}
		for _, r := range append(slices.Clone(fix.Deletes), fix.Records...) {
			changed[r.Name] = true
		}
		if err := apply(ctx, l, fix); err != nil {
			t.Fatalf("the advice of %s cannot be followed: %v", f, err)
		}
	}
	l.Reset(ctx)
	old := func() string { return oldAnswer(ctx, l, changed) }
	remembered = old() != ""
	if promised {
		ahead.Store(int64(settled + time.Second))
		l.Reset(ctx)
		if what := old(); what != "" {
			t.Errorf("%v after the change, %s still has the earlier answer", settled, what)
		}
	}
	after := l.Doctor.Diagnose(ctx, target)
	now := snapshot(ctx, l.Doctor.Session, names)
	for q, a := range was {
		if name, _, _ := strings.Cut(q, " "); !changed[name] && now[q] != a {
			t.Errorf("%s answered %s, and %s once the advice was followed", q, a, now[q])
		}
	}
	for _, f := range after.Roots() {
		if slices.ContainsFunc(roots, func(g *finding.Finding) bool {
			return g.ID == f.ID && g.About == f.About && g.Role == f.Role
		}) {
			t.Errorf("%s stands after its advice was followed: %s", f, f.Why())
		}
		fresh := !slices.ContainsFunc(before.Findings, func(g *finding.Finding) bool { return g.ID == f.ID })
		if fresh && f.Verdict == catalog.Fail && f.Rung <= catalog.RecordRung {
			t.Errorf("%s is new since the advice was followed: %s", f, f.Why())
		}
	}
	return remembered
}

// oldAnswer returns a name whose answer at a resolver is not that of the zone's servers; empty if there is none.
func oldAnswer(ctx context.Context, l *harness.Harness, names map[string]bool) string {
	for name := range names {
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeTXT} {
			is := l.Doctor.Session.Authority(ctx, name, rrtype).First()
			for _, srv := range l.Doctor.Session.Resolvers() {
				if x := l.Doctor.Session.Resolve(ctx, srv, name, rrtype); is != nil && x.Outcome.Conclusive() &&
					!slices.Equal(sorted(x.Values(name, rrtype)), sorted(is.Values(name, rrtype))) && x.CNAME(name) == "" &&
					is.CNAME(name) == "" {
					return fmt.Sprintf("%s %s at %s", name, exchange.TypeName(rrtype), srv)
				}
			}
		}
	}
	return ""
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// apply applies a fix to the zones.
func apply(ctx context.Context, l *harness.Harness, fix catalog.Fix) error {
	domain := l.Domain(l.Stories()[0])
	for _, r := range fix.Deletes {
		kept := slices.DeleteFunc(l.Doctor.Session.Authority(ctx, r.Name, dns.StringToType[r.Type]).Values(),
			func(v string) bool { return r.Value == "" || strings.EqualFold(v, r.Value) })
		if err := l.Change(domain, fmt.Sprintf("zone %s remove %s. %s", r.Zone, r.Name, r.Type)); err != nil {
			return err
		}
		for _, v := range kept {
			if err := put(l, domain, "add", r, r.Type, v, 300); err != nil {
				return err
			}
		}
	}
	for _, r := range fix.Records {
		verb := "add"
		if r.Type == "CNAME" {
			verb = "replace"
		}
		if r.Type != catalog.AliasType {
			if err := put(l, domain, verb, r, r.Type, r.Value, r.TTL); err != nil {
				return err
			}
			continue
		}
		// An alias answers with the addresses of its target, which replace those that were there.
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
			verb := "replace"
			for _, v := range l.Doctor.Session.Follow(ctx, r.Value, rrtype).Values {
				if err := put(l, domain, verb, r, exchange.TypeName(rrtype), v, 300); err != nil {
					return err
				}
				verb = "add"
			}
		}
	}
	return nil
}

// put publishes one record.
func put(l *harness.Harness, domain, verb string, r catalog.Record, rrtype, value string, ttl int) error {
	switch rrtype {
	case "TXT":
		rr := &dns.TXT{Hdr: dns.RR_Header{Name: "x.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{value}}
		value = strings.TrimPrefix(rr.String(), rr.Hdr.String())
	case "CNAME":
		value += "."
	case "MX":
		value += "."
	}
	return l.Change(domain, fmt.Sprintf("zone %s %s %s. %d %s %s", r.Zone, verb, r.Name, ttl, rrtype, value))
}

// namesOf returns the names in a story's zones, and those above them.
func namesOf(t *testing.T, s *story.Story) []string {
	t.Helper()
	raw, err := fs.ReadFile(sandbox.Scenarios(), s.File)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range txtar.Parse(raw).Files {
		w := strings.Fields(f.Name)
		if w[0] != "zone" {
			continue
		}
		p := dns.NewZoneParser(strings.NewReader("$TTL 300\n"+strings.ReplaceAll(string(f.Data), "{target}",
			"target.example")), w[1]+".", "")
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			for name := exchange.Bare(rr.Header().Name); strings.HasSuffix(name, w[1]); _, name,
				_ = strings.Cut(name, ".") {
				if !slices.Contains(out, name) && !strings.HasPrefix(name, "*.") {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// snapshot returns the answers of every server for some names.
func snapshot(ctx context.Context, s *probe.Session, names []string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeMX, dns.TypeTXT, dns.TypeCAA} {
			v := s.Authority(ctx, name, rrtype)
			said := strings.Join(v.Values(), ", ")
			if c := v.CNAME(); c != "" {
				said = "CNAME " + c
			}
			if x := v.First(); x != nil && said == "" {
				said = string(x.Outcome)
			}
			// an empty non-terminal makes no difference to clients
			if said == string(exchange.NXDomain) {
				said = string(exchange.NoData)
			}
			out[name+" "+exchange.TypeName(rrtype)] = said
		}
	}
	return out
}
