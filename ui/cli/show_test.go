package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
)

// shownReport is the part of a JSON report that says which findings are root causes.
type shownReport struct {
	Vantage, Tenant struct{ Findings []shownFinding }
	Domains         []struct{ Findings []shownFinding }
}

type shownFinding struct {
	Cause              string
	BlockedBy, Summary *string
}

func (r shownReport) roots() (out []string) {
	all := slices.Concat(r.Vantage.Findings, r.Tenant.Findings)
	for _, d := range r.Domains {
		all = append(all, d.Findings...)
	}
	for _, f := range all {
		if f.BlockedBy == nil && f.Summary != nil {
			out = append(out, f.Cause)
		}
	}
	return out
}

// TestShow runs explain CAUSE --show for causes: the story's report has that cause as a root cause. A sample runs by
// default.
func TestShow(t *testing.T) {
	t.Parallel()
	for _, c := range sample(t, catalog.Causes()) {
		t.Run(string(c.ID), func(t *testing.T) {
			t.Parallel()
			out, code := run(t, "", "explain", string(c.ID), "--show", "-o", "json")
			var r shownReport
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatal(err)
			}
			if roots := r.roots(); code != 0 || !slices.Contains(roots, string(c.ID)) {
				t.Errorf("exit code %d, and the roots shown are %v", code, roots)
			}
		})
	}
}

// TestShowInWords checks the text of explain --show: the story's name and title, then the finding with its fix. There
// is one cause of each kind: of a domain, of the network, of several domains, and one whose story uses another story.
func TestShowInWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cause string
		want  []string
	}{
		{"record.name-doubled", []string{
			`story "name-doubled": `, "record.name-doubled\n",
			"record's name from \"_verify.shop.fabrikam.example\" to \"_verify.shop\"",
		}},
		{"vantage.offline", []string{`story "vantage-offline": `, "vantage.offline\n"}},
		{"service.quota-reached", []string{"service.quota-reached\n"}},
		{"delegation.host-incident", []string{"incidents\n", "delegation.host-incident\n"}},
		{"service.near-miss", []string{
			`story "near-miss": `, "service.near-miss  (likely)\n",
			"tickets.northwind.example",
		}},
	} {
		t.Run(tt.cause, func(t *testing.T) {
			t.Parallel()
			out, code := run(t, "", "explain", tt.cause, "--show")
			for _, w := range tt.want {
				if code != 0 || !strings.Contains(out, w) {
					t.Errorf("exit code %d, and the output lacks %q:\n%s", code, w, out)
				}
			}
		})
	}
}
