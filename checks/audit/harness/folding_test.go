package harness_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"domdoc/catalog"
	"domdoc/checks/finding"
)

// lists returns the findings of each story; those of the domain and of the tenant were folded separately.
func lists(t *testing.T) map[string][]*finding.Finding {
	t.Helper()
	out := map[string][]*finding.Finding{}
	for name, o := range outcomes(t) {
		out[name] = o.Report.Findings
		if o.Tenant != nil {
			out[name+" (tenant)"] = o.Tenant.Findings
		}
	}
	return out
}

// TestEveryFindingHasItsRoot: every finding is a root, or is blocked under a root that explains it by the links of
// the catalog.
func TestEveryFindingHasItsRoot(t *testing.T) {
	t.Parallel()
	under := 0
	for name, list := range lists(t) {
		roots := map[catalog.ID]bool{}
		for _, f := range list {
			roots[f.ID] = roots[f.ID] || f.Root()
		}
		for _, f := range list {
			if f.Root() {
				if f.Verdict == catalog.Blocked || f.Verdict == catalog.NotRun {
					t.Errorf("%s: %s is a root", name, f)
				}
				continue
			}
			under++
			switch {
			case f.Verdict != catalog.Blocked && f.Verdict != catalog.Pass:
				t.Errorf("%s: %s is under another, and not blocked", name, f)
			case f.BlockedBy == f.ID:
				t.Errorf("%s: %s stands under itself", name, f)
			case !roots[f.BlockedBy]:
				t.Errorf("%s: %s stands under what is no root", name, f)
			case !leads(list, f.BlockedBy, f):
				t.Errorf("%s: nothing leads from the root to %s", name, f)
			}
		}
	}
	if under < 100 {
		t.Errorf("only %d findings stand under others", under)
	}
}

// leads reports whether links between the causes of a list lead from a cause to a finding. Faults of this machine
// need no link.
func leads(list []*finding.Finding, from catalog.ID, to *finding.Finding) bool {
	reached, at := map[catalog.ID]bool{from: true}, []catalog.ID{from}
	for len(at) > 0 {
		c, _ := catalog.FindCause(string(at[0]))
		at = at[1:]
		for _, f := range list {
			linked := slices.ContainsFunc(c.Explains, func(l catalog.Link) bool { return f.ID.Matches(string(l.To)) })
			if (linked || c.Rung == catalog.Vantage) && !reached[f.ID] {
				reached[f.ID] = true
				at = append(at, f.ID)
			}
		}
	}
	return reached[to.ID]
}

// TestNothingIsDropped: every finding is in the report once, and every check that failed has a finding.
func TestNothingIsDropped(t *testing.T) {
	t.Parallel()
	for name, o := range outcomes(t) {
		for i, f := range o.Report.Findings {
			if slices.Contains(o.Report.Findings[:i], f) {
				t.Errorf("%s: %s stands there twice", name, f)
			}
		}
		for _, c := range o.Report.Checks {
			found := slices.ContainsFunc(o.Report.Findings, func(f *finding.Finding) bool { return f.Check == c.ID })
			if !found && (c.Is(catalog.Fail) || c.Is(catalog.Warn)) {
				t.Errorf("%s: what the check %s found (%s) is not in the report", name, c.ID, c.Status)
			}
		}
	}
}

// TestFoldingHasNoOrder: folding does not depend on the order of the findings, and loses none.
func TestFoldingHasNoOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 10))
	for name, list := range lists(t) {
		want := folded(list)
		if len(want) != len(list) {
			t.Errorf("%s: %d of %d findings are left", name, len(want), len(list))
		}
		for range 8 {
			shuffled := slices.Clone(list)
			random.Shuffle(len(shuffled), func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
			if got := folded(shuffled); !slices.Equal(got, want) {
				t.Errorf("%s: %q\nin another order: %q", name, want, got)
				break
			}
		}
	}
}

// folded folds the findings of a list again, in their state before folding, and describes the result of each in
// order.
func folded(list []*finding.Finding) []string {
	var raw []*finding.Finding
	for _, f := range list {
		g := *f
		if !g.Root() {
			g.BlockedBy, g.Verdict = "", g.Cause.Verdict
			if g.Partial {
				g.Verdict = catalog.Warn
			}
		}
		raw = append(raw, &g)
	}
	var out []string
	for _, f := range finding.Fold(raw) {
		out = append(out, f.String()+" of "+f.About)
	}
	return out
}
