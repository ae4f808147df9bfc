package report_test

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

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
			`domdoc_domain_verdict{domain="a.example",verdict="fail"} 1`,
			`domdoc_domain_verdict{domain="a.example",verdict="pass"} 0`,
			`domdoc_finding{domain="a.example",cause="record.missing",verdict="fail",who="tenant"} 1`,
		} {
			if strings.Count(out, want+"\n") != 1 {
				t.Errorf("%s is not there once:\n%s", want, out)
			}
		}
	}
}
