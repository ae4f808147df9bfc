package cli_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/cli"
)

// TestReplayOfACutRun replays runs that --timeout ended: what they had no time to ask is nobody's fault. The same
// holds for a run that had the time, where a machine is fast enough.
func TestReplayOfACutRun(t *testing.T) {
	t.Parallel()
	incomplete := regexp.MustCompile(`(?m)^incomplete: .*$`)
	for _, timeout := range []string{"1µs", "300ms"} {
		for _, command := range []string{"check shop.fabrikam.example", "check --all"} {
			t.Run(command+" "+timeout, func(t *testing.T) {
				t.Parallel()
				file := filepath.Join(t.TempDir(), "case.json")
				args := append([]string{"demo", "--stories", "small"}, strings.Fields(command)...)
				code, live, said := runs(t, nil, append(args, "--timeout", timeout, "--record", file)...)
				if !strings.Contains(said, "recorded ") {
					t.Fatalf("exit code %d, %s", code, said)
				}
				_, got, errs := runs(t, nil, "replay", file)
				was := incomplete.FindString(live)
				if now := incomplete.FindString(got); now != was || timeout == "1µs" && now == "" {
					t.Errorf("the replay says %q, the run said %q: %s", now, was, errs)
				}
				for _, cause := range []string{"service.unreachable", "registration.unknown", "vantage."} {
					if strings.Contains(got, cause) && !strings.Contains(live, cause) {
						t.Errorf("the replay reports %s:\n%s", cause, got)
					}
				}
				if timeout == "1µs" && strings.Contains(got, " healthy") {
					t.Errorf("the replay calls a domain healthy:\n%s", got)
				}
			})
		}
	}
}

// TestAuditOfNothing audits a tenant without domains: nothing was judged.
func TestAuditOfNothing(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":[],"total":0}`)
	}))
	defer s.Close()
	for args, want := range map[string]int{"": cli.ExitUsage, "--allow-empty": cli.ExitOK} {
		code, stdout, stderr := runs(t, map[string]string{"DOMDOC_TOKEN": "t", "DOMDOC_API_URL": s.URL},
			append([]string{"audit", "--resolver", "127.0.0.1:1"}, strings.Fields(args)...)...)
		if code != want || want == cli.ExitUsage && !strings.Contains(stderr, "the tenant has no domains") {
			t.Errorf("audit %s: exit code %d, want %d: %s%s", args, code, want, stdout, stderr)
		}
	}
}

// TestAuditCutShort checks an audit that --timeout ends: it says so, and judges nothing.
func TestAuditCutShort(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := runs(t, nil, "demo", "--stories", "small", "audit", "--reports", "--timeout", "1µs")
	if code != cli.ExitInconclusive || !strings.Contains(stderr, "incomplete: the run ended by --timeout 1µs") {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}

// TestWatchObeysTimeout checks that --timeout ends a watch. A domain that was not checked in time is not healthy.
func TestWatchObeysTimeout(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := runs(t, nil, "demo", "check", "tickets.northwind.example", "--watch", "--timeout", "1µs")
	if code != cli.ExitInconclusive || stdout != "" {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}

// TestDomainsCutShort lists the domains of a service whose second page fails or never comes.
func TestDomainsCutShort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, args string
		code       int
		want       string
	}{
		{"fails", "", cli.ExitService, "50 of 150 domains were not listed"},
		{"hangs", "--timeout 300ms", cli.ExitInconclusive, "incomplete: the run ended by --timeout 300ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if r.URL.Query().Get("page") == "2" {
					if tt.name == "hangs" {
						<-r.Context().Done()
					}
					w.WriteHeader(http.StatusInternalServerError)
					return
				}
				list := bytes.Repeat([]byte(`{"id":"d","domain":"d.example.com"},`), 100)
				_, _ = io.WriteString(w, `{"data":[`+strings.TrimSuffix(string(list), ",")+`],"total":150}`)
			}))
			defer s.Close()
			code, stdout, stderr := runs(t, map[string]string{"DOMDOC_TOKEN": "t", "DOMDOC_API_URL": s.URL},
				append([]string{"domains"}, strings.Fields(tt.args)...)...)
			if code != tt.code || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, "not checked") {
				t.Errorf("exit code %d: %s%s", code, stdout, stderr)
			}
		})
	}
}

// TestCutRunNeverSucceeds checks that a run which was cut short does not exit with 0 even with --fail-on never, nor
// does a merge of its report. A complete run does.
func TestCutRunNeverSucceeds(t *testing.T) {
	t.Parallel()
	never := func(args ...string) int {
		t.Helper()
		code, stdout, stderr := runs(t, nil, append(args, "--fail-on", "never")...)
		if code == cli.ExitInconclusive && !slices.Contains(args, "--watch") &&
			!strings.Contains(stdout+stderr, "the time limit") && !strings.Contains(stdout+stderr, "incomplete") {
			t.Errorf("%v does not say why: %s%s", args, stdout, stderr)
		}
		return code
	}
	for _, tt := range []struct {
		timeout string
		want    int
	}{{"1µs", cli.ExitInconclusive}, {"10m", cli.ExitOK}} {
		file := filepath.Join(t.TempDir(), "report.jsonl")
		for _, args := range []string{
			"demo --domains 3 check --all -o jsonl --output-file " + file,
			"demo check shop.fabrikam.example tickets.northwind.example",
			"demo registration shop.fabrikam.example",
			"demo check tickets.northwind.example --watch",
			"demo registration shop.fabrikam.example tickets.northwind.example -o jsonl",
		} {
			if tt.want == cli.ExitOK && strings.Contains(args, "--watch") {
				continue // it does not end
			}
			if code := never(append(strings.Fields(args), "--timeout", tt.timeout)...); code != tt.want {
				t.Errorf("%s --timeout %s: exit code %d, want %d", args, tt.timeout, code, tt.want)
			}
		}
		if code := never("merge", file); code != tt.want {
			t.Errorf("merge of a run with --timeout %s: exit code %d, want %d", tt.timeout, code, tt.want)
		}
	}
}
