package cli_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"domdoc/ui/cli"
	"domdoc/ui/render/report"
)

// TestErrorsBeforeReport checks errors that come before a report, in every format: what reads the output does not take
// it for a success, and GitHub Actions shows the error once.
func TestErrorsBeforeReport(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	config := filepath.Join(home, "domdoc", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte("theme: drak\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, e := range []struct {
		name, why string
		env       map[string]string
		args      []string
		code      int
	}{
		{
			"the config file", `config.yaml:1: theme: "drak"`,
			map[string]string{"XDG_CONFIG_HOME": home},
			[]string{"check", "shop.example.com"},
			cli.ExitUsage,
		},
		{"no service", "check --all needs the Domains Service", nil, []string{"check", "--all"}, cli.ExitUsage},
		{
			"a list that is refused", "there is no token",
			map[string]string{"DOMDOC_API_URL": "http://127.0.0.1:1"},
			[]string{"check", "--all", "--resolver", "127.0.0.1:1"},
			cli.ExitService,
		},
		{
			"no domains", "nothing was checked: there are no domains",
			map[string]string{"stdin": "# none\n"},
			[]string{"demo", "check", "-f", "-"},
			cli.ExitUsage,
		},
		{"a ticket without a domain", "no domain", map[string]string{"stdin": "hello"}, []string{"triage"}, cli.ExitUsage},
		{
			"a file that is no report", "reading the report",
			map[string]string{"stdin": "hello"},
			[]string{"merge", config},
			cli.ExitUsage,
		},
	} {
		for _, format := range report.FormatNames() {
			t.Run(e.name+" "+format, func(t *testing.T) {
				t.Parallel()
				env := map[string]string{"HOME": home, "GITHUB_ACTIONS": "true"}
				for k, v := range e.env {
					env[k] = v
				}
				code, out, errs := runs(t, env, append(e.args, "-o", format)...)
				if code != e.code {
					t.Errorf("exit code %d, want %d", code, e.code)
				}
				annotated := 0
				for line := range strings.Lines(errs) {
					if strings.HasPrefix(line, "::error ") && strings.Contains(line, e.why) {
						annotated++
					}
				}
				if annotated != 1 {
					t.Errorf("%d annotations: %s", annotated, errs)
				}
				why := strings.ReplaceAll(e.why, `"`, `\"`)
				switch {
				case format == "text" || e.args[0] == "triage" && format == "markdown": // its reply
				case format == "prometheus":
				case format == "html" || format == "markdown":
					why = "Incomplete"
					fallthrough
				default:
					if !strings.Contains(strings.ReplaceAll(out, "&#34;", `\"`), why) {
						t.Errorf("stdout does not say %q:\n%s", why, out)
					}
				}
				noSuccess(t, format, out)
			})
		}
	}
}

// noSuccess checks that a consumer of a format does not read success from what an incomplete run wrote.
func noSuccess(t *testing.T, format, out string) {
	t.Helper()
	switch format {
	case "json", "jsonl":
		var r struct{ Complete *bool }
		if err := json.Unmarshal([]byte(out), &r); err != nil || r.Complete == nil || *r.Complete {
			t.Errorf("complete: %v, %v\n%s", r.Complete, err, out)
		}
	case "junit":
		var r struct {
			Tests  int `xml:"tests,attr"`
			Errors int `xml:"errors,attr"`
		}
		if err := xml.Unmarshal([]byte(out), &r); err != nil || r.Tests == 0 || r.Errors == 0 {
			t.Errorf("%+v, %v\n%s", r, err, out)
		}
	case "sarif":
		var r struct {
			Runs []struct {
				Invocations []struct{ ExecutionSuccessful *bool }
				Results     []struct{ RuleID, Level string }
			}
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil || len(r.Runs) != 1 || len(r.Runs[0].Results) == 0 ||
			r.Runs[0].Results[len(r.Runs[0].Results)-1].RuleID != "incomplete" ||
			r.Runs[0].Results[len(r.Runs[0].Results)-1].Level != "error" || *r.Runs[0].Invocations[0].ExecutionSuccessful {
			t.Errorf("%+v, %v\n%s", r, err, out)
		}
	case "codequality":
		var r []struct{ Severity string }
		if err := json.Unmarshal([]byte(out), &r); err != nil || len(r) == 0 || r[len(r)-1].Severity != "blocker" {
			t.Errorf("%+v, %v\n%s", r, err, out)
		}
	case "prometheus":
		if !strings.Contains(out, "\ndomdoc_run_complete") || strings.Contains(out, "\ndomdoc_run_complete 1") ||
			strings.Contains(out, "} 1\n# EOF") {
			t.Error(out)
		}
	}
}

// TestNoEarlyErrors is the healthy twin: a run that judges everything has none of it.
func TestNoEarlyErrors(t *testing.T) {
	t.Parallel()
	env := map[string]string{"GITHUB_ACTIONS": "true"}
	code, out, errs := runs(t, env, "demo", "check", "tickets.northwind.example", "-o", "json")
	if code != 0 || errs != "" || !strings.Contains(out, `"complete": true`) {
		t.Errorf("exit %d, %q\n%s", code, errs, out)
	}
	code, out, _ = runs(t, env, "demo", "check", "tickets.northwind.example", "-o", "sarif")
	if code != 0 || strings.Contains(out, "incomplete") {
		t.Errorf("exit %d\n%s", code, out)
	}
	// a watch has no report, and so none of an error
	code, out, _ = runs(t, nil, "check", "--all", "--watch", "-o", "jsonl")
	if code != cli.ExitUsage || out != "" {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// closing is a pipe whose reader goes away after so many writes.
type closing struct{ left int }

func (c *closing) Write(p []byte) (int, error) {
	if c.left == 0 {
		return 0, syscall.EPIPE
	}
	c.left--
	return len(p), nil
}

// TestClosedPipe checks a reader that has had enough, such as head: the exit code is 0, and nothing is said about the
// pipe. A reader that takes everything gets the exit code of what was found.
func TestClosedPipe(t *testing.T) {
	t.Parallel()
	const healthy, broken = "tickets.northwind.example", "shop.fabrikam.example"
	for _, tt := range []struct {
		domain, format, failOn string
		writes, want           int
	}{
		{broken, "jsonl", "fail", 0, cli.ExitOK},
		{broken, "text", "fail", 0, cli.ExitOK},
		{broken, "jsonl", "fail", 1000, cli.ExitFindings},
		{healthy, "jsonl", "fail", 0, cli.ExitOK},
		{healthy, "jsonl", "never", 0, cli.ExitOK},
		{healthy, "jsonl", "fail", 1, cli.ExitOK}, // all but the last line was read
		{healthy, "jsonl", "fail", 1000, cli.ExitOK},
	} {
		var errs bytes.Buffer
		code := inProcess(t.Context(), cli.Env{
			Args:  []string{"demo", "check", tt.domain, "-o", tt.format, "--fail-on", tt.failOn},
			Stdin: strings.NewReader(""), Stdout: &closing{tt.writes}, Stderr: &errs, Version: "test",
			Getenv: func(string) string { return "" },
		})
		if code != tt.want || errs.Len() > 0 {
			t.Errorf("%+v: exit %d; %s", tt, code, &errs)
		}
	}
}
