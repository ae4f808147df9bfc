package cli_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
)

// shownReport is what of explain --show -o json says which findings are roots.
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

// TestShow runs explain CAUSE --show for every cause: the story that it tells ends in a real finding of that very
// cause, as a root.
func TestShow(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.Causes() {
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

// TestShowInWords: for a person, the story's name and title come first, then the finding with what to do. What stands
// around it does not depend on the cause, so one of each kind is enough: of a domain, of the whole stage, of many
// domains, and one that leans on another story.
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
					t.Errorf("exit code %d, and it does not say %q:\n%s", code, w, out)
				}
			}
		})
	}
}
