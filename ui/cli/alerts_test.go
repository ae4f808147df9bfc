package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"

	"go.yaml.in/yaml/v3"
)

// timestamp is a metric whose value is a time.
var timestamp = regexp.MustCompile(`^domdoc_\w+_timestamp_seconds\{`)

// TestAlerts lets Prometheus evaluate the alerts of the help page with the metrics of a tenant: each alert is raised by
// what it is about and by nothing else, and a domain that waits raises one only after its wait.
func TestAlerts(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed (Debian: apt-get install prometheus)")
	}
	dir := t.TempDir()
	world, err := sandbox.Start(sandbox.Options{Listed: []string{
		"name-doubled", "healthy-txt", "certificate-ends-soon", "expires-soon", "old-host-points-on",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	command := regexp.MustCompile(`(?m)^    (domdoc check .*--output-file) \S+/(\S+)$`).FindStringSubmatch(machinesPage())
	if command == nil {
		t.Fatal("the page has no command that writes metrics")
	}
	if got := (shell{dir: dir, world: world}).run(t, command[1]+" "+command[2]); got.code != cli.ExitOK {
		t.Fatalf("exit code %d:\n%s", got.code, got.stderr)
	}
	raw, err := os.ReadFile(filepath.Join(dir, command[2]))
	if err != nil {
		t.Fatal(err)
	}
	rules, series := block(t, machinesPage(), "groups:"), promSeries(t, string(raw))
	always := []string{
		"CertificateExpires shop.quill.example", "DomainFails shop.fabrikam.example",
		"RegistrationExpires shop.granite.example",
	}
	later := append([]string{"DomainFails shop.albany.example", "DomainsCheckMissing"}, always...)
	tests := map[string]any{"rule_files": []string{"rules.yml"}, "evaluation_interval": "1h", "tests": []any{
		map[string]any{"interval": "1h", "input_series": series, "promql_expr_test": []any{
			firing("1h", always), firing("47h", append([]string{"DomainFails shop.albany.example"}, always...)),
			firing("49h", later),
		}},
		map[string]any{"interval": "1h", "promql_expr_test": []any{firing("1h", []string{"DomainsCheckMissing"})}},
	}}
	text, err := yaml.Marshal(tests)
	if err != nil {
		t.Fatal(err)
	}
	shell{dir: dir}.files(t, map[string]string{"rules.yml": rules, "tests.yml": string(text)})
	for _, args := range [][]string{{"check", "rules", "rules.yml"}, {"test", "rules", "tests.yml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = dir
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s\n%s", strings.Join(args, " "), err, said, raw)
		}
	}
}

// promSeries are the samples of a text in the notation of promtool, each for 60 hours. A test of promtool starts at the
// time 0, which here is the start of the run.
func promSeries(t *testing.T, text string) (out []map[string]string) {
	t.Helper()
	start := 0
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if timestamp.MatchString(name) {
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(name, "domdoc_run_timestamp_seconds") {
				start = n
			}
			value = strconv.Itoa(n - start)
		}
		out = append(out, map[string]string{"series": name + "}", "values": value + "+0x60"})
	}
	return out
}

// firing expects just these alerts at a time, each with its domain.
func firing(at string, alerts []string) map[string]any {
	var samples []any
	for _, a := range alerts {
		name, domain, of := strings.Cut(a, " ")
		labels := fmt.Sprintf("{alertname=%q}", name)
		if of {
			labels = fmt.Sprintf("{alertname=%q, domain=%q}", name, domain)
		}
		samples = append(samples, map[string]any{"labels": labels, "value": 1})
	}
	return map[string]any{
		"expr": `count by (alertname, domain) (ALERTS{alertstate="firing"})`, "eval_time": at, "exp_samples": samples,
	}
}
