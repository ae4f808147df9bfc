package finding

import (
	"cmp"
	"slices"

	"domdoc/catalog"
)

// Fold puts every finding whose cause is explained by another one under its root. Nothing is dropped: what no other
// finding explains stays a root, and so does a second thing that the tenant must mend. Roots come first, the lowest
// rung before the rest.
func Fold(findings []*Finding) []*Finding {
	explainer := make([]*Finding, len(findings))
	for i, f := range findings {
		for _, g := range findings {
			if g != f && explains(g, f) && (explainer[i] == nil || isLower(g, explainer[i])) {
				explainer[i] = g
			}
		}
	}
	index := map[*Finding]int{}
	for i, f := range findings {
		index[f] = i
	}
	for i, f := range findings {
		root := explainer[i]
		for steps := 0; root != nil && steps < len(findings); steps++ {
			next := explainer[index[root]]
			if next == nil {
				break
			}
			root = next
		}
		if root == nil {
			continue
		}
		f.BlockedBy = root.ID
		if f.Verdict == catalog.Fail || f.Verdict == catalog.Warn || f.Verdict == catalog.Inconclusive {
			f.Verdict = catalog.Blocked
		}
	}
	out := slices.Clone(findings)
	slices.SortStableFunc(out, func(a, b *Finding) int {
		if a.Root() != b.Root() {
			if a.Root() {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Verdict.Severity(), a.Verdict.Severity()), cmp.Compare(a.Rung, b.Rung),
			cmp.Compare(a.ID, b.ID), cmp.Compare(a.About, b.About), cmp.Compare(a.Role, b.Role))
	})
	return out
}

// isLower prefers the explanation that stands lowest on the ladder; one of a fault that hits only some of the questions
// comes after those that always hold.
func isLower(a, b *Finding) bool {
	if a.Partial != b.Partial {
		return b.Partial
	}
	if a.Rung != b.Rung {
		return a.Rung < b.Rung
	}
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.About, b.About), cmp.Compare(a.Role, b.Role)) < 0
}

// explains reports whether one finding has another under it: by its cause's links, as far as their conditions hold. A
// zone that works in spite of one lame server does not account for a record that is missing.
func explains(g, f *Finding) bool {
	if g.Cause == f.Cause {
		return false
	}
	if g.Caveat.Affects(f) {
		return true
	}
	if g.Partial && f.Verdict == catalog.Fail {
		return false
	}
	for _, l := range g.Explains {
		if !f.ID.Matches(string(l.To)) {
			continue
		}
		if len(l.Roles) > 0 && !slices.Contains(l.Roles, g.Role) {
			continue
		}
		if l.Same && g.About != f.About {
			continue
		}
		return true
	}
	return false
}

// verdictOf is the verdict of a domain: fail if a finding fails, else inconclusive if something could not be judged,
// else warn, else pass.
func OverallVerdict(findings []*Finding, checks []Status) catalog.Verdict {
	worst := catalog.Pass
	unable := false
	for _, f := range findings {
		if f.Ignored != "" {
			continue
		}
		switch f.Verdict {
		case catalog.Fail:
			return catalog.Fail
		case catalog.Inconclusive:
			unable = true
		case catalog.Warn:
			worst = catalog.Warn
		case catalog.NotRun, catalog.Pass, catalog.Blocked:
		}
	}
	for _, c := range checks {
		unable = unable || c.Status == catalog.Inconclusive.String()
	}
	if unable {
		return catalog.Inconclusive
	}
	return worst
}
