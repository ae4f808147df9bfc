package dashboard

import (
	"strings"
	"testing"

	"domdoc/checks/query"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"

	tea "github.com/charmbracelet/bubbletea"
)

// TestFilterBeforeDiagnosis filters by what only a diagnosis shows: as long as nothing is judged, the list says so
// and does not look like an answer; a run diagnoses what may match. What is known without a diagnosis is selected.
func TestFilterBeforeDiagnosis(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	all := len(b.Domains.Rows)
	for _, line := range []string{"verdict:fail", "who:tenant", "cause:record", "rung:cache", "host:godaddy", "wait:<1h"} {
		b.list.SetFilter(line)
		key, _, _ := strings.Cut(line, ":")
		b.shows("nothing is diagnosed yet: "+key+": selects by the diagnosis", "D diagnoses what may match")
		if why := b.Unavailable(action.DiagnoseAll); why != "" {
			t.Errorf("%s: no run: %s", line, why)
		}
		if got := inventory.Candidates(b.Domains.Rows, b.list.View()); len(got) != all {
			t.Errorf("%s: %d of %d may match", line, len(got), all)
		}
	}
	b.list.SetFilter("verdict:fail name:fabrikam")
	if got := inventory.Candidates(b.Domains.Rows, b.list.View()); len(got) == 0 || len(got) == all {
		t.Errorf("%d of %d may match by their names", len(got), all)
	}
	for _, line := range []string{"verdict:not-yet", "fabrikam", "tld:example", "-verdict:fail"} {
		if b.list.SetFilter(line); b.list.Grid.Len() == 0 {
			t.Errorf("%s selects nothing before the diagnosis", line)
		}
	}
	b.list.SetFilter("name:no-such-name")
	b.shows("no domain matches the filter")
	if b.Unavailable(action.DiagnoseAll) == "" {
		t.Error("a run over no domain is offered")
	}
	b.results()
	b.list.SetFilter("verdict:fail name:no-such-name")
	b.shows("no domain matches the filter")
	b.list.SetFilter("verdict:fail")
	if b.list.Grid.Len() != b.Domains.Counts[inventory.StateFail] || b.list.Grid.Len() == 0 {
		t.Errorf("%d fail, %d are selected", b.Domains.Counts[inventory.StateFail], b.list.Grid.Len())
	}
}

// TestFilterPartlyDiagnosed has some domains diagnosed, none of which matches.
func TestFilterPartlyDiagnosed(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	d := b.l.domains[0]
	report := b.l.reports[d.ID]
	b.Domains.Replace(b.Domains.Find(d.ID).With(report, inventory.Summarise(report)))
	b.list.SetFilter("wait:<1m")
	b.shows("none of the 1 diagnosed domain matches the filter; ", "are not diagnosed yet")
}

// TestFilterRefused completes filters with a mistake: no domain is shown as if it matched, and the mistake is named
// in full, at 80 columns too. While a value is being typed, its beginning selects.
func TestFilterRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results()
	all := b.list.Grid.Len()
	for line, want := range map[string][]string{
		"verdict:broken": {"verdict:broken: no such value", "waiting, not-checked, not-yet"},
		"colour:red":     {`unknown key "colour:"`, "registrar, expires, cert, wait, age"},
		"code:024":       {"code:024: no such value", "DOMAIN_001 to DOMAIN_023"},
		"expires:soon":   {"expires:soon: want a number with a unit"},
		"verdict:":       {"verdict: has no value"},
	} {
		b.press("/")
		b.list.Filter.Set(line)
		b.press("enter")
		frame := strings.Join(strings.Fields(b.View()), " ")
		for _, w := range want {
			if !strings.Contains(frame, w) {
				t.Errorf("%s: %q is not shown:\n%s", line, w, b.View())
			}
		}
		if b.list.Grid.Len() != 0 || b.Unavailable(action.DiagnoseAll) == "" {
			t.Errorf("%s selects %d domains", line, b.list.Grid.Len())
		}
	}
	b.list.SetFilter("")
	b.press("/", "v", "e", "r", "d", "i", "c", "t", ":", "f")
	if n := b.list.Grid.Len(); n == 0 || n == all {
		t.Errorf("verdict:f selects %d of %d while it is typed", n, all)
	}
}

// TestHelpOfFilters has the help list every key and every value that a key can have.
func TestHelpOfFilters(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().press("?")
	b.send(tea.WindowSizeMsg{Width: 200, Height: 500})
	plain := func(s string) string {
		return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), " or ", ", ")
	}
	text := plain(b.View())
	for i, k := range query.Help() {
		if !strings.Contains(text, k[0]) {
			t.Errorf("the help lacks %s", k[0])
		}
		if v := query.Values()[i]; v[1] != query.AnyText && !strings.Contains(text, plain(v[1])) {
			t.Errorf("the help of %s lacks %q", v[0], v[1])
		}
	}
}
