package checks_test

import (
	"context"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/result"
)

// BenchmarkFleetFarAway diagnoses a fleet whose servers are all 20 ms away.
func BenchmarkFleetFarAway(b *testing.B) {
	const size = 500
	for b.Loop() {
		l, err := harness.New(context.Background(), sandbox.Options{
			Domains: size + 1, Only: []string{healthy}, Delay: 20 * time.Millisecond,
		})
		if err != nil {
			b.Fatal(err)
		}
		var took time.Duration
		l.Doctor.Fleet(context.Background(), func(yield func(int, checks.Target) bool) {
			n := 0
			for d, err := range l.Doctor.Service.Client.Domains(context.Background()) {
				if err != nil || !yield(n, checks.Target{Domain: &d}) {
					return
				}
				n++
			}
		}, 0, func(_ int, r *result.Domain) {
			if took += r.Took; r.Verdict.String() != "pass" {
				b.Errorf("%s ended as %s", r.Name.ASCII, r.Verdict)
			}
		})
		l.Close()
		b.ReportMetric(float64(took.Milliseconds())/size, "ms/domain")
	}
}
