package checks_test

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"
)

// madeHandshakes counts the handshakes that a diagnosis made for its host.
func madeHandshakes(r *result.Domain) (n int) {
	for _, x := range r.Ledger {
		if x.Kind == exchange.KindTLS && x.Asked == "handshake for "+r.Name.ASCII {
			n++
		}
	}
	return n
}

// TestSparedHandshakes: the handshake with one address of an edge stands for all, if the others have just served other
// domains, and nothing is wrong. The report says of which addresses it does.
func TestSparedHandshakes(t *testing.T) {
	const expiring = "shop.granite.example" // its registration expires soon
	begun, ahead := time.Now(), atomic.Int64{}
	l, err := harness.New(t.Context(), sandbox.Options{
		Domains: 20, Only: []string{healthy, "expires-soon"},
		Clock: func() time.Time { return begun.Add(time.Duration(ahead.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var names []string
	for _, c := range copies(1, 6) {
		names = append(names, c.Name)
	}
	for _, tt := range []struct {
		what   string
		target checks.Target
		later  time.Duration // than the one before
		want   int           // handshakes
	}{
		{"the first of the run", checks.Target{Name: names[0]}, 0, 3},
		{"another", checks.Target{Name: names[1]}, time.Second, 1},
		{"one that is named", checks.Target{Name: names[2], Thorough: true}, 0, 3},
		{"one with a fault elsewhere", checks.Target{Name: expiring}, 0, 3},
		{"one after it", checks.Target{Name: names[3]}, 0, 1},
		{"one long after the others", checks.Target{Name: names[4]}, time.Minute, 3},
		{"one more", checks.Target{Name: names[5]}, 0, 1},
	} {
		ahead.Add(int64(tt.later))
		r := l.Doctor.Diagnose(t.Context(), tt.target)
		if n := madeHandshakes(r); n != tt.want {
			t.Errorf("%s: %d handshakes, want %d", tt.what, n, tt.want)
		}
		if pass := tt.target.Name != expiring; (r.Verdict.String() == "pass") != pass {
			t.Errorf("%s: %s", tt.what, r.Verdict)
		}
		valid, spared := 0, 0
		for _, h := range r.Facts.Certificates {
			switch h.State() {
			case observe.HandshakeValid:
				valid++
			case observe.HandshakeNotTried:
				if probe.Spared(h.Exchange) {
					spared++
				}
			}
		}
		if valid != tt.want || valid+spared != 3 {
			t.Errorf("%s: %d addresses with a valid certificate and %d not asked, want %d and %d", tt.what, valid, spared,
				tt.want, 3-tt.want)
		}
		if slices.ContainsFunc(r.Checks, func(s finding.Status) bool { return s.Partly }) {
			t.Errorf("%s: a check is incomplete", tt.what)
		}
	}
}
