package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"domdoc/ui/cli"
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
	const want = "50 of 150 domains were not checked, because the list of domains could not be read to its end"
	if code != cli.ExitService || !strings.Contains(errs.String(), want) || !strings.Contains(out.String(), want) {
		t.Errorf("exit %d, stderr %q, stdout %q; want exit %d and %q in both", code, errs.String(), out.String(),
			cli.ExitService, want)
	}
}

// TestPropagationAsksNobody checks a resolver that does not answer: that is not agreement.
func TestPropagationAsksNobody(t *testing.T) {
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
