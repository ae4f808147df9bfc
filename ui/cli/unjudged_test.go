package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"
	"domdoc/ui/render/wire"
)

// TestListCutShort checks a list of domains that ends in an error: the run says how many domains it did not see, and
// fails.
func TestListCutShort(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("page") == "2" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		var list []string
		for i := range 100 {
			list = append(list, fmt.Sprintf(`{"id":"d-%d","domain":"d%d.example.com"}`, i, i))
		}
		_, _ = io.WriteString(w, `{"data":[`+strings.Join(list, ",")+`],"total":150}`)
	}))
	defer s.Close()
	home := t.TempDir()
	env := map[string]string{"HOME": home, "XDG_CONFIG_HOME": home, "DOMDOC_TOKEN": "t", "DOMDOC_API_URL": s.URL}
	var out, errs bytes.Buffer
	code := cli.Main(t.Context(), cli.Env{
		Args:  []string{"check", "--all", "--filter", "name:shop", "--resolver", "127.0.0.1:1", "-o", "markdown"},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(k string) string { return env[k] },
	})
	const want = "50 of 150 domains were not checked, because the list of domains could not be read completely"
	if code != cli.ExitService || !strings.Contains(errs.String(), want) || !strings.Contains(out.String(), want) {
		t.Errorf("exit %d, stderr %q, stdout %q; want exit %d and %q in both", code, errs.String(), out.String(),
			cli.ExitService, want)
	}
}

// TestPropagationWithoutAnswers checks a resolver that does not answer: that is not agreement.
func TestPropagationWithoutAnswers(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]int{
		"":                       cli.ExitInconclusive,
		"--fail-on=inconclusive": cli.ExitFindings,
		"--authoritative=false":  cli.ExitInconclusive,
		"--fail-on=never":        cli.ExitOK,
	} {
		var out, errs bytes.Buffer
		code := cli.Main(t.Context(), cli.Env{
			Args: append([]string{"propagation", "shop.example.com", "--resolver", "127.0.0.1:1"},
				strings.Fields(args)...),
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
		})
		if code != want || strings.Contains(out.String(), "agree") {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want exit %d", args, code, out.String(), errs.String(), want)
		}
	}
}

// TestOneResolverIsDown checks domains while one of two resolvers does not answer at all: a warning stays one, and a
// domain without findings is inconclusive, since nothing is known of that resolver. Text, JSON and the exit code agree.
func TestOneResolverIsDown(t *testing.T) {
	t.Parallel()
	world, err := sandbox.Start(sandbox.Options{Only: []string{"expires-soon", "healthy-txt"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { world.Close() })
	for _, tt := range []struct {
		domain, verdict string
		codes           map[string]int // by --fail-on
	}{
		{"shop.granite.example", "warn", map[string]int{
			"fail": cli.ExitOK, "warn": cli.ExitFindings, "inconclusive": cli.ExitFindings,
		}},
		{"tickets.northwind.example", "inconclusive", map[string]int{
			"fail": cli.ExitInconclusive, "warn": cli.ExitInconclusive, "inconclusive": cli.ExitFindings,
		}},
	} {
		for failOn, want := range tt.codes {
			t.Run(tt.domain+" --fail-on "+failOn, func(t *testing.T) {
				t.Parallel()
				args := []string{
					"check", tt.domain, "--fail-on", failOn, "--resolver", "8.8.8.8", "--resolver",
					"85.13.66.1",
				}
				text, code := runOn(t, world, args...)
				if code != want || !strings.Contains(text, "not checked  propagation: could not query 85.13.66.1:53") {
					t.Errorf("exit %d, want %d:\n%s", code, want, text)
				}
				out, code := runOn(t, world, append(args, "-o", "json")...)
				var got wire.Report
				if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Domains) != 1 {
					t.Fatalf("%v: %s", err, out)
				}
				d := got.Domains[0]
				partly := slices.ContainsFunc(d.Checks, func(c wire.Check) bool {
					return c.ID == "propagation" && c.Status == "inconclusive" && c.Partly
				})
				if code != want || d.Verdict != tt.verdict || !partly {
					t.Errorf("exit %d, want %d; %s, want %s; partly %t", code, want, d.Verdict, tt.verdict, partly)
				}
			})
		}
	}
}
