package checks_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/probe/exchange"
)

// TestWatchedDomainCostsOneCall: a watched domain in order costs one call of the service each time, until its entry
// changes; then its details are read at once.
func TestWatchedDomainCostsOneCall(t *testing.T) {
	ctx := context.Background()
	l, err := harness.New(ctx, sandbox.Options{Only: []string{healthy}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Doctor.Service.KeepDetails()
	target := checks.Target{ID: l.DomainID(l.Story(healthy))}
	diagnose := func() (calls []string, checksOf string) {
		s := l.Doctor.Session.Fork()
		d := &checks.Doctor{Session: s, Service: l.Doctor.Service.Renew()}
		d.Tenant(ctx)
		r := d.Diagnose(ctx, target)
		for _, x := range r.Ledger {
			if x.Kind == exchange.KindService && !x.At.Before(r.At) {
				// the transfers are the tenant's: they are read once a run, by the first check that needs them
				if _, path, _ := strings.Cut(x.Asked, "/domains/v1/"); path != "transfers" {
					calls = append(calls, path)
				}
			}
		}
		slices.Sort(calls)
		for _, c := range r.Checks {
			checksOf += c.ID + " " + string(c.Status) + ", "
		}
		return calls, fmt.Sprint(r.Verdict, " ", r.ServiceStatus, " ", r.Held.Certificate.Status, ": ", checksOf)
	}
	id := target.ID
	details := []string{id, id + "/dns", id + "/routes", id + "/ssl"}
	calls, first := diagnose()
	if !slices.Equal(calls, details) {
		t.Errorf("the first time the service was asked for %q, want %q", calls, details)
	}
	calls, again := diagnose()
	if want := []string{id}; !slices.Equal(calls, want) {
		t.Errorf("the second time the service was asked for %q, want %q", calls, want)
	}
	if again != first {
		t.Errorf("with kept details: %s\nwithout: %s", again, first)
	}
	target.Fresh = true
	if calls, _ = diagnose(); !slices.Equal(calls, details) {
		t.Errorf("on request the service was asked for %q, want %q", calls, details)
	}
	target.Fresh = false
	if err := l.Change("shop.vine.example", "certificate FAILED reason=CAA_ERROR"); err != nil {
		t.Fatal(err)
	}
	calls, changed := diagnose()
	if !slices.Equal(calls, details) || !strings.Contains(changed, "FAILED") {
		t.Errorf("after a change the service was asked for %q, want %q: %s", calls, details, changed)
	}
}
