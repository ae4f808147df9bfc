package checks_test

import (
	"context"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/probe/exchange"
)

// roundTrip is what the benchmark adds to every answer of every server and to every connection.
const roundTrip = 20 * time.Millisecond

// longestChain is the longest chain of questions of which each began after the one before it had ended, in round
// trips. Whatever was asked in a row without need makes it longer, so it is an upper bound of what the evidence
// itself needs; slowestChains counts that by hand.
func longestChain(xs []*exchange.Exchange) time.Duration {
	best := make([]time.Duration, len(xs))
	longest := time.Duration(0)
	for i, x := range xs {
		best[i] = x.Took
		for k, y := range xs[:i] {
			if !y.At.Add(y.Took).After(x.At) {
				best[i] = max(best[i], best[k]+x.Took)
			}
		}
		longest = max(longest, best[i])
	}
	return longest
}

// The dependent round trips that a healthy domain with a CNAME to the CDN cannot do without, counted by hand; the
// slowest decides.
//
//	edge:          root, ending, A at the zone, ending of the target, its delegation, its servers' address, A of the
//	               target, connect, handshake, page
//	registration:  address of data.iana.org, connect, handshake, bootstrap, address of the RDAP host, connect,
//	               handshake, answer
//	service:       connect, list, records; then the target's ending, delegation, servers' address, A and AAAA
const (
	chainEdge         = 10
	chainRegistration = 8
	chainService      = 7
)

// BenchmarkOneDomain reports what a diagnosis costs in units of its slowest chain of dependent round trips ("chains";
// 1.3 is the bound), with 20 ms added to each.
func BenchmarkOneDomain(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		l, err := harness.New(context.Background(), sandbox.Options{Delay: roundTrip, Only: []string{"healthy-txt"}})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		start := time.Now()
		r := l.Doctor.Diagnose(context.Background(), checks.Target{Name: "tickets.northwind.example"})
		took := time.Since(start)
		b.StopTimer()
		if r.Verdict.String() != "pass" {
			b.Fatalf("the healthy story ended as %s", r.Verdict)
		}
		chain := time.Duration(max(chainEdge, chainRegistration, chainService)) * roundTrip
		b.ReportMetric(float64(took)/float64(chain), "chains")
		b.ReportMetric(float64(took)/float64(longestChain(r.Ledger)), "of-longest-observed")
		b.ReportMetric(float64(len(r.Ledger)), "exchanges")
		l.Close()
		b.StartTimer()
	}
}
