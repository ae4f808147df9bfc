package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// labFleet returns the domains of a tenant: healthy ones at two DNS hosts, and a few whose names resolvers or name
// servers are slow to answer, or never. The slow ones are at the same DNS hosts, and come first.
func labFleet(healthy, bad int) []labCase {
	base := labCase{zone: verified, service: &labEntry{heldVerified, heldRouting, heldIssued, heldRoute}}
	var list []labCase
	add := func(name string, change func(c *labCase)) {
		c := base
		c.domain = "shop." + name + ".com"
		change(&c)
		list = append(list, c)
	}
	// the DNS host drops questions about this zone, and answers all others
	dropped := func(c *labCase) {
		c.ns, c.zone = "odd.elsewhere.net", verified+"@ TXT \"drops questions\"\n"
	}
	kinds := []struct {
		name   string
		change func(c *labCase)
	}{
		{"dropped", dropped},
		{"dropped", dropped},
		{"stuck", func(c *labCase) { c.stuck = true }},
		{"nameless", func(c *labCase) { c.ns = "ns.dropped0.com" }}, // the name of its server is in a dropped zone
		{"bogus", func(c *labCase) { c.dnssec = "stale-ds" }},
		{"lame", func(c *labCase) { c.ns = "refusing.elsewhere.net" }},
	}
	for i := range bad {
		k := kinds[i%len(kinds)]
		add(fmt.Sprint(k.name, i), k.change)
	}
	for i := range healthy {
		add(fmt.Sprintf("well%d", i), func(c *labCase) {
			if i%2 == 0 {
				c.ns = "odd.elsewhere.net"
			}
		})
	}
	return list
}

// testLabFleet diagnoses the healthy domains of a fleet alone, and together with the others. Every verdict and every
// answer of a resolver must be the same.
func testLabFleet(t *testing.T, tools labTools) {
	healthy, bad := 36, 6
	if allCases() {
		healthy, bad = 290, 10
	}
	cases := labFleet(healthy, bad)
	l := startLab(t, tools, labPlan{resolvers: []string{"8.8.8.8"}, cases: cases, signed: true})
	for _, r := range labResolvers {
		l.await(t, r+" to validate", func() error {
			m, err := l.ask(r, "shop.well0.com", dns.TypeCNAME, true)
			if err == nil && len(m.Answer) == 0 {
				err = fmt.Errorf("%s", dns.RcodeToString[m.Rcode])
			}
			return err
		})
	}
	for _, jobs := range []string{"8", "1"} {
		if jobs == "1" && !allCases() {
			continue
		}
		t.Run("jobs "+jobs, func(t *testing.T) {
			alone := diagnoseLabFleet(t, l, cases[bad:], "--jobs", jobs)
			all := diagnoseLabFleet(t, l, cases, "--jobs", jobs)
			compareLabFleet(t, cases[bad:], alone, all)
			requireLabFaults(t, cases[:bad], all)
		})
	}
}

// diagnoseLabFleet returns the report of each domain by its name.
func diagnoseLabFleet(t *testing.T, l *lab, list []labCase, args ...string) map[string]*labDomain {
	t.Helper()
	for _, c := range list {
		args = append(args, c.domain)
	}
	env := []string{"DOMDOC_API_URL=http://" + labAPI, "DOMDOC_TOKEN=" + labToken}
	run := l.domdocWithin(10*time.Minute, env, append([]string{"check", "-o", "json"}, args...)...)
	report := run.report(t)
	if len(report.Domains) != len(list) {
		t.Fatalf("%d domains in the report, want %d", len(report.Domains), len(list))
	}
	t.Logf("%d domains took %v", len(list), run.took.Round(time.Millisecond))
	if report.Tenant != nil && len(report.Tenant.Findings) > 0 { // no fault is the DNS host's, or anybody else's
		t.Errorf("findings about all domains: %v", labRootCauses(report.Tenant.Findings))
	}
	out := map[string]*labDomain{}
	for i, d := range report.Domains {
		out[d.Domain] = &report.Domains[i]
	}
	return out
}

// compareLabFleet requires the same verdicts and propagation of healthy domains, alone and with the others.
func compareLabFleet(t *testing.T, healthy []labCase, alone, all map[string]*labDomain) {
	t.Helper()
	verdicts, cells := 0, 0
	for _, c := range healthy {
		before, after := alone[c.domain], all[c.domain]
		if before.Verdict != "pass" {
			t.Errorf("%s alone: %s %v", c.domain, before.Verdict, labRootCauses(before.Findings))
		}
		if diff := cmp.Diff(labJudged(before), labJudged(after)); diff != "" {
			verdicts++
			t.Errorf("%s (-alone +with the others):\n%s", c.domain, diff)
		}
		n, m := labCells(before), labCells(after)
		if diff := cmp.Diff(n, m); diff != "" {
			cells++
			t.Errorf("%s (-alone +with the others):\n%s", c.domain, diff)
		}
	}
	t.Logf("of %d healthy domains %d verdicts and the propagation of %d differ", len(healthy), verdicts, cells)
}

// requireLabFaults requires that no domain with a fault passes.
func requireLabFaults(t *testing.T, bad []labCase, all map[string]*labDomain) {
	t.Helper()
	for _, c := range bad {
		d := all[c.domain]
		t.Logf("%s: %s %v", c.domain, d.Verdict, labRootCauses(d.Findings))
		for _, c := range d.Checks {
			if c.Status == "inconclusive" {
				t.Logf("  check %s: %s", c.ID, c.Reason)
			}
		}
		if d.Verdict != "fail" && d.Verdict != "inconclusive" {
			t.Errorf("%s is %s", c.domain, d.Verdict)
		}
	}
}

// labJudged is what a report says about a domain.
func labJudged(d *labDomain) []string {
	out := append([]string{d.Verdict}, labRootCauses(d.Findings)...)
	for _, c := range d.Codes {
		out = append(out, c.Code+" "+c.State)
	}
	for _, c := range d.Checks {
		out = append(out, strings.TrimSpace(c.ID+" "+c.Status+" "+c.Reason))
	}
	return out
}

// labCells are the answers of all servers, without their TTLs.
func labCells(d *labDomain) []string {
	var out []string
	for _, r := range d.Propagation {
		for _, s := range r.Servers {
			out = append(out, fmt.Sprint(r.Name, " ", r.Type, " ", s.Kind, " ", s.Server, " ", s.State, " ", s.Answer))
		}
	}
	slices.Sort(out)
	return out
}
