package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/cli"
	"domdoc/ui/render/wire"
)

// TestTicketIsJudgedWhole: every domain that a ticket says not to work is diagnosed, or named as not diagnosed in a run
// that is incomplete; the twins say that it works, or have one domain.
func TestTicketIsJudgedWhole(t *testing.T) {
	t.Parallel()
	const first = "tickets.northwind.example had DOMAIN_004 last week. "
	for _, tt := range []struct {
		name, text string
		code       int
		domains    []string
		open       string
	}{
		{
			"the tenant's", first + "Now shop.curlew.example does not work either, please help.", cli.ExitFindings,
			[]string{"tickets.northwind.example", "shop.curlew.example"},
			"",
		},
		{
			"not the tenant's", first + "Now www.elsewhere.example does not load either.", cli.ExitInconclusive,
			[]string{"tickets.northwind.example"},
			"www.elsewhere.example",
		},
		{"twin: it works", first + "But shop.curlew.example works.", 0, []string{"tickets.northwind.example"}, ""},
		{"twin: alone", first, 0, []string{"tickets.northwind.example"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in := map[string]string{"stdin": tt.text + "\n"}
			var r wire.Report
			code, out, _ := runs(t, in, "demo", "triage", "-o", "json")
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatalf("%v: %q", err, out)
			}
			var domains []string
			for _, d := range r.Domains {
				domains = append(domains, d.Domain)
			}
			slices.Sort(domains)
			slices.Sort(tt.domains)
			if code != tt.code || !slices.Equal(domains, tt.domains) || r.Complete != (tt.open == "") ||
				tt.open != "" && (!strings.Contains(r.Incomplete, tt.open) ||
					!slices.Equal(r.Tickets[0].Left, []string{tt.open})) {
				t.Errorf("exit %d, %q, incomplete %q, ticket %+v", code, domains, r.Incomplete, r.Tickets)
			}
			for _, format := range [][]string{{"--reply"}, {"-o", "markdown"}, {"-o", "text"}} {
				code, out, _ := runs(t, in, append([]string{"demo", "triage"}, format...)...)
				for _, name := range append(tt.domains, tt.open) {
					if code != tt.code || !strings.Contains(out, name) {
						t.Errorf("%v: exit %d, or %s is not named:\n%s", format, code, name, out)
					}
				}
			}
		})
	}
}

// TestTicketMentions: a code that only a ticket mentions is not called a response of the service; one with the path and
// time of a response is.
func TestTicketMentions(t *testing.T) {
	t.Parallel()
	const body = `{"statusCode":503,"errorCode":"DOMAIN_013","timestamp":"2026-02-22T10:30:00Z",` +
		`"path":"/domains/v1/x/verify"}`
	for text, hint := range map[string]bool{
		"I think it may be DOMAIN_013? tickets.northwind.example": true,
		body + " tickets.northwind.example":                       false,
	} {
		var r wire.Report
		_, out, _ := runs(t, map[string]string{"stdin": text + "\n"}, "demo", "triage", "-o", "json")
		if err := json.Unmarshal([]byte(out), &r); err != nil || len(r.Domains) != 1 {
			t.Fatalf("%v: %q", err, out)
		}
		i := slices.IndexFunc(r.Domains[0].Codes, func(c wire.Code) bool { return c.Code == "DOMAIN_013" })
		if i < 0 {
			t.Fatalf("%q: no such code: %+v", text, r.Domains[0].Codes)
		}
		c := r.Domains[0].Codes[i]
		if c.Hint != hint || hint == strings.Contains(c.Note, "the service reported") {
			t.Errorf("%q: %+v", text, c)
		}
	}
}

// TestReplyNeedsAllChecks: a reply is refused where checks are left out; its twin is a report.
func TestReplyNeedsAllChecks(t *testing.T) {
	t.Parallel()
	in := map[string]string{"stdin": "DOMAIN_004 shop.fabrikam.example\n"}
	for _, args := range [][]string{
		{"--reply", "--skip", "record.*"}, {"-o", "markdown", "--only", "dns"}, {"--language", "de", "--skip", "record.*"},
	} {
		code, out, stderr := runs(t, in, append([]string{"demo", "triage"}, args...)...)
		if code != cli.ExitUsage || strings.Contains(out, "Hello") || !strings.Contains(stderr, "a reply needs every check") {
			t.Errorf("%v: exit %d, %q, %q", args, code, out, stderr)
		}
	}
	if code, out, _ := runs(t, in, "demo", "triage", "--skip", "record.*"); code == cli.ExitUsage || out == "" {
		t.Errorf("a report: exit %d, %q", code, out)
	}
}
