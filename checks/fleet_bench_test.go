package checks_test

import (
	"context"
	"fmt"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"

	"github.com/miekg/dns"
)

// healthy is the story that the fleet consists of: a healthy domain on the CDN.
const healthy = "healthy-acm-without-underscore"

// copies returns targets for the copies of the healthy story.
func copies(from, n int) []checks.Target {
	var out []checks.Target
	for i := range n {
		out = append(out, checks.Target{Name: fmt.Sprintf("shop.vine-%d.example", from+i)})
	}
	return out
}

func openFleet(tb testing.TB, n int) *harness.Harness {
	tb.Helper()
	l, err := harness.New(context.Background(), sandbox.Options{Domains: n + 1, Only: []string{healthy}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(l.Close)
	return l
}

// own returns the questions of a diagnosis and its calls of the service, without those that another one had asked.
func own(r *result.Domain) (questions, calls int) {
	for _, x := range r.Ledger {
		switch mine := x.At.After(r.At); {
		case mine && x.Kind == exchange.KindService:
			calls++
		case mine:
			questions++
		}
	}
	return questions, calls
}

// BenchmarkFleet reports what one more domain of a fleet costs, with what domains share known already: allocations of
// doctor and sandbox together, and the questions of the domain alone.
func BenchmarkFleet(b *testing.B) { benchmarkFleet(b, false) }

// BenchmarkFleetFewerCalls is BenchmarkFleet with --fewer-calls.
func BenchmarkFleetFewerCalls(b *testing.B) { benchmarkFleet(b, true) }

func benchmarkFleet(b *testing.B, fewer bool) {
	b.Helper()
	const size = 64
	l := openFleet(b, 1<<16)
	l.Doctor.FewerCalls = fewer
	l.Doctor.Diagnose(context.Background(), checks.Target{Name: "shop.vine-1.example"})
	asked, calls, domains, next := 0, 0, 0, 2
	b.ReportAllocs()
	for b.Loop() {
		l.Doctor.Fleet(context.Background(), func(yield func(int, checks.Target) bool) {
			for i, t := range copies(next, size) {
				if !yield(i, t) {
					return
				}
			}
		}, 0, func(_ int, r *result.Domain) {
			if domains++; r.Verdict.String() != "pass" {
				b.Fatalf("%s ended as %s", r.Name.ASCII, r.Verdict)
			}
			q, c := own(r)
			asked, calls = asked+q, calls+c
		})
		next += size
	}
	b.ReportMetric(float64(asked)/float64(domains), "questions/domain")
	b.ReportMetric(float64(calls)/float64(domains), "calls/domain")
}

// TestFleetQuestions counts what one more healthy domain of a fleet is asked, and one with a fault on top of that.
func TestFleetQuestions(t *testing.T) {
	l := openFleet(t, 3)
	pages := func(r *result.Domain) (n int) {
		for _, x := range r.Ledger {
			if x.Kind == exchange.KindHTTP && x.Asked == "GET https://"+r.Name.ASCII+"/" {
				n++
			}
		}
		return n
	}
	ctx := context.Background()
	l.Doctor.Diagnose(ctx, copies(1, 1)[0])
	r := l.Doctor.Diagnose(ctx, copies(2, 1)[0])
	if n, _ := own(r); r.Verdict.String() != "pass" || n > ownQuestions {
		t.Errorf("a healthy domain ended as %s after %d questions of its own, want at most %d", r.Verdict, n, ownQuestions)
	}
	if n := pages(r); n != 1 {
		t.Errorf("the page of a healthy domain was requested from %d addresses, want 1", n)
	}
	l.Doctor.FewerCalls = true
	if r = l.Doctor.Diagnose(ctx, copies(3, 1)[0]); r.Verdict.String() != "pass" {
		t.Errorf("a healthy domain ended as %s with fewer calls", r.Verdict)
	}
	if _, calls := own(r); calls != 1 {
		t.Errorf("%d calls of the service for a healthy domain, want 1", calls)
	}
	const expiring = "shop.granite.example" // in use, and its registration expires soon
	l, err := harness.New(ctx, sandbox.Options{Only: []string{"expires-soon"}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r = l.Doctor.Diagnose(ctx, checks.Target{Name: expiring})
	if n := pages(r); len(r.Findings) == 0 || n != 3 {
		t.Errorf("a domain with %d findings: its page was requested from %d addresses, want all 3", len(r.Findings), n)
	}
}

// ownQuestions is how many questions a healthy domain of a fleet costs today.
const ownQuestions = 39

// What the hot path allocates today, per call.
const (
	knownAnswer = 1  // a question whose answer is known: none
	newQuestion = 36 // a question that is sent to a server on loopback, which allocates as well
)

// TestQuestionAllocates: a diagnosis consists of questions, most of which another check has asked already. They must
// not allocate twice of what they do today.
func TestQuestionAllocates(t *testing.T) {
	l := openFleet(t, 1)
	s := l.Doctor.Session.Fork()
	ctx := context.Background()
	to := s.Resolvers()[0]
	ask := func(name string) {
		if x := s.Resolve(ctx, to, name, dns.TypeCNAME); x.Msg == nil {
			t.Fatalf("%s CNAME: %s (%s)", name, x.Outcome, x.Err)
		}
	}
	ask("shop.vine.example")
	if n := testing.AllocsPerRun(200, func() { ask("shop.vine.example") }); n > 2*knownAnswer {
		t.Errorf("%g allocations for a known answer, want at most %d", n, 2*knownAnswer)
	}
	next := 0
	if n := testing.AllocsPerRun(200, func() {
		next++
		ask(fmt.Sprintf("n%d.shop.vine.example", next))
	}); n > 2*newQuestion {
		t.Errorf("%g allocations for a new question, want at most %d", n, 2*newQuestion)
	}
}
