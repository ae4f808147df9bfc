package report_test

import (
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// promWellFormed parses and lints metrics, as promtool does. promlint compares every sample of a metric with all
// others: it gets them a part at a time, and samples of different parts are compared here.
func promWellFormed(text string) error {
	const part = 50
	var problems error
	lint := func(text string) {
		found, err := promlint.New(strings.NewReader(text)).Lint()
		problems = errors.Join(problems, err)
		for _, p := range found {
			problems = errors.Join(problems, fmt.Errorf("%s: %s", p.Metric, p.Text))
		}
	}
	head, samples, n := "", "", 0
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		comment := strings.HasPrefix(line, "#")
		if comment && n > 0 || n == part {
			lint(head + samples)
			samples, n = "", 0
			if comment {
				head = ""
			}
		}
		if comment {
			head += line
			continue
		}
		samples += line
		n++
		series := line[:max(0, strings.LastIndexByte(line, ' '))]
		if seen[series] {
			problems = errors.Join(problems, fmt.Errorf("a second sample of %s", series))
		}
		seen[series] = true
	}
	lint(head + samples)
	return problems
}

func TestPrometheus(t *testing.T) {
	t.Parallel()
	out := write(t, "prometheus", sampleDomains())
	golden(t, "report.prom", out)
	if err := promWellFormed(out); err != nil {
		t.Error(err)
	}
	// A set of domains gives the same text in whatever order they come: the textfile's difference is what changed.
	reversed := sampleDomains()
	slices.Reverse(reversed)
	if other := write(t, "prometheus", reversed); other != out {
		t.Errorf("in another order it is another text:\n%s", other)
	}
	if tool, err := exec.LookPath("promtool"); err == nil {
		cmd := exec.Command(tool, "check", "metrics")
		cmd.Stdin = strings.NewReader(out)
		if said, err := cmd.CombinedOutput(); err != nil || len(said) > 0 {
			t.Errorf("promtool: %v\n%s", err, said)
		}
	}
}

// TestPrometheusIgnored omits ignored findings.
func TestPrometheusIgnored(t *testing.T) {
	t.Parallel()
	f := sampleFinding("record.missing", "record", "records", "fail", "tenant")
	f.Ignored = ptr("record.missing")
	out := write(t, "prometheus", []wire.Domain{domain("a.example", "pass", f)})
	if strings.Contains(out, "record.missing") {
		t.Errorf("what is ignored is found:\n%s", out)
	}
}

// TestPrometheusDuplicateName writes a name twice: each series occurs once, and the worse verdict counts.
func TestPrometheusDuplicateName(t *testing.T) {
	t.Parallel()
	good, bad := domain("a.example", "pass"), domain("a.example", "fail",
		sampleFinding("record.missing", "record", "verification", "fail", "tenant"))
	for _, domains := range [][]wire.Domain{{good, bad}, {bad, good}} {
		out := write(t, "prometheus", domains)
		if err := promWellFormed(out); err != nil {
			t.Error(err)
		}
		for _, want := range []string{
			`domdoc_domain_verdict{domain="a.example",verdict="fail",tenant="t-1"} 1`,
			`domdoc_finding{domain="a.example",cause="record.missing",verdict="fail",who="tenant",tenant="t-1"} 1`,
		} {
			if strings.Count(out, want+"\n") != 1 {
				t.Errorf("%s is not there once:\n%s", want, out)
			}
		}
		if strings.Count(out, "domdoc_domain_verdict{") != 1 {
			t.Errorf("another verdict has a sample:\n%s", out)
		}
	}
}

// samples are the lines of metrics that are no comments.
func samples(text string) []string {
	return slices.DeleteFunc(strings.Split(strings.TrimSpace(text), "\n"), func(line string) bool {
		return strings.HasPrefix(line, "#")
	})
}

// TestPrometheusTwoReports: reports of two tenants, of two profiles or of two files have no series in common, so that
// node_exporter accepts both in one directory. One report has the same series in each run.
func TestPrometheusTwoReports(t *testing.T) {
	t.Parallel()
	series := func(tenant, profile, name string) map[string]bool {
		out := map[string]bool{}
		opt := report.Options{Version: "1.2.3", Started: sampleAt, Profile: profile, Report: name}
		for _, s := range samples(writeWith(t, "prometheus", opt, sampleDomains(), func(r *report.Run) {
			r.Vantage.Findings = sampleTenant().Findings[2:]
			if r.Tenant.ID = tenant; tenant == "" {
				r.Tenant = nil
			}
		})) {
			out[s[:strings.LastIndexByte(s, ' ')]] = true
		}
		return out
	}
	all := [][3]string{
		{"t-1", "", ""},
		{"t-2", "", ""},
		{"", "prod", ""},
		{"", "staging", ""},
		{"", "", "a"},
		{"", "", "b"},
		{"t-1", "", "a"},
		{"t-1", "", "b"},
	}
	for i, x := range all {
		one := series(x[0], x[1], x[2])
		if again := series(x[0], x[1], x[2]); !maps.Equal(one, again) || len(one) < 20 {
			t.Errorf("%q has %d series, and then %d", x, len(one), len(again))
		}
		for _, y := range all[i+1:] {
			for s := range series(y[0], y[1], y[2]) {
				if one[s] {
					t.Errorf("%q and %q both have %s", x, y, s)
				}
			}
		}
	}
}

// TestPrometheusTenants gives each domain the tenant of its profile, and writes a tenant of several parts once.
func TestPrometheusTenants(t *testing.T) {
	t.Parallel()
	prod, staging := domain("a.example", "pass"), domain("a.example", "fail")
	prod.Profile, staging.Profile = "prod", "staging"
	out := write(t, "prometheus", []wire.Domain{prod, staging}, func(r *report.Run) {
		second := *sampleTenant()
		r.Tenant.Profile, second.Profile, second.ID = "prod", "staging", "t-2"
		again := *r.Tenant
		r.MoreTenants = []*wire.Tenant{&again, &second}
	})
	if err := promWellFormed(out); err != nil {
		t.Error(err)
	}
	for _, want := range []string{
		`domdoc_domain_verdict{domain="a.example",verdict="pass",tenant="t-1",profile="prod"} 1`,
		`domdoc_domain_verdict{domain="a.example",verdict="fail",tenant="t-2",profile="staging"} 1`,
		`domdoc_run_complete{tenant="t-1,t-2",profile="prod,staging"} 1`,
		`domdoc_tenant_domains_used{tenant="t-1",profile="prod"} 6`,
	} {
		if strings.Count(out, want+"\n") != 1 {
			t.Errorf("%s is not there once:\n%s", want, out)
		}
	}
}

// TestPrometheusSize: a domain without faults has one sample (it had twelve). One that is partly propagated has the
// servers in each state that is no match, and what expires soon has its date.
func TestPrometheusSize(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	healthy := func(i int, certificate, registration time.Duration) wire.Domain {
		d := domain(fmt.Sprintf("shop.n%d.example", i), "pass")
		d.Facts.Registration = &wire.Registration{State: "registered", ExpiresAt: ptr(sampleAt.Add(registration))}
		d.Facts.Certificates = []wire.Certificate{{State: "valid", NotAfter: ptr(sampleAt.Add(certificate))}}
		d.Propagation = []wire.Row{{Expected: ptr("x"), Servers: []wire.Cell{{State: "match"}, {State: "not-asked"}}}}
		return d
	}
	one := []wire.Domain{healthy(1, 60*day, 365*day)}
	three := append(slices.Clone(one), healthy(2, 31*day, 61*day), healthy(3, 397*day, 3650*day))
	if got := len(samples(write(t, "prometheus", three))) - len(samples(write(t, "prometheus", one))); got != 2 {
		t.Errorf("two more healthy domains have %d samples", got)
	}
	partly := healthy(1, 30*day, 60*day)
	partly.Propagation[0].Servers[1].State = "missing"
	partly.At = sampleAt.Add(-24 * time.Hour) // of an earlier report
	past := healthy(2, -day, -day)
	out := write(t, "prometheus", []wire.Domain{partly, past})
	for want, n := range map[string]int{
		`domdoc_propagation_servers{domain="shop.n1.example",state="missing",tenant="t-1"} 1`: 1,
		"domdoc_propagation_servers{": 1,
		fmt.Sprintf("domdoc_domain_checked_timestamp_seconds{domain=\"shop.n1.example\",tenant=\"t-1\"} %d\n",
			partly.At.Unix()): 1,
		fmt.Sprintf("domdoc_certificate_not_after_timestamp_seconds{domain=\"shop.n1.example\",tenant=\"t-1\"} %d\n",
			sampleAt.Add(30*day).Unix()): 1,
		fmt.Sprintf("domdoc_registration_expires_timestamp_seconds{domain=\"shop.n1.example\",tenant=\"t-1\"} %d\n",
			sampleAt.Add(60*day).Unix()): 1,
		"domdoc_certificate_not_after_timestamp_seconds{domain=\"shop.n2.example\"": 1,
		"domdoc_registration_expires_timestamp_seconds{domain=\"shop.n2.example\"":  1,
	} {
		if got := strings.Count(out, want); got != n {
			t.Errorf("%d of %s:\n%s", got, want, out)
		}
	}
}
