package reporter_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"domdoc/ui/cli/reporter"
	"domdoc/ui/render/wire"
)

// TestIncidentBehindSlowDomain: the first domain of a long list is done last, and those of a host that fails are told
// apart from others long before it. Each refers to the incident, although all wait for their turn.
func TestIncidentBehindSlowDomain(t *testing.T) {
	t.Parallel()
	const total = 3000
	storms := map[int]bool{200: true, 1400: true, 2800: true, 2801: true}
	var out strings.Builder
	r, err := reporter.New(reporter.Options{
		Format: "json", FailOn: "fail", Out: &out, Total: total, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Begin(&wire.Vantage{}, nil, "")
	for i := range total {
		n := (i + 1) % total
		d := wire.Domain{Domain: fmt.Sprintf("d%d.example", n), Verdict: "pass"}
		host := fmt.Sprintf("calm%d.net", n%7)
		if storms[n] {
			d, host = found(d.Domain, "fail", "delegation.unreachable"), "storm.net"
		}
		d.Checks = []wire.Check{{ID: "delegation", Status: d.Verdict}}
		d.Facts.Delegation = &wire.Delegation{DNSHost: &host}
		r.DomainJSON(n, &d)
	}
	if err := r.End(func() string { return "" }); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Domains []struct {
			Domain   string
			Findings []struct{ Incident string }
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil || len(got.Domains) != total {
		t.Fatalf("%d domains, %v", len(got.Domains), err)
	}
	for n, d := range got.Domains {
		if d.Domain != fmt.Sprintf("d%d.example", n) || storms[n] != (len(d.Findings) > 0) {
			t.Fatalf("place %d has %+v", n, d)
		}
		for _, f := range d.Findings {
			if f.Incident != "delegation.host-incident" {
				t.Errorf("%s refers to incident %q", d.Domain, f.Incident)
			}
		}
	}
}
