package finding

import (
	"cmp"
	"slices"

	"domdoc/catalog"
	"domdoc/catalog/causes"
)

// Fold assigns each finding that another one explains to its root cause. Nothing is dropped: a finding that no other
// explains remains a root cause. Root causes come first, in order of severity and rung.
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
		f.BlockedBy, f.Was = root.ID, f.Verdict
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

// isLower reports whether a is the better explanation than b: faults that always hold before partial ones, then the
// lower rung.
func isLower(a, b *Finding) bool {
	if a.Partial != b.Partial {
		return b.Partial
	}
	if a.Rung != b.Rung {
		return a.Rung < b.Rung
	}
	return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.About, b.About), cmp.Compare(a.Role, b.Role)) < 0
}

// explains reports whether g explains f: g's cause links to f's, and the conditions of the link hold. A zone that
// works despite one lame server does not explain a missing record.
func explains(g, f *Finding) bool {
	if g.Cause == f.Cause {
		return false
	}
	if g.Caveat.Affects(f) {
		return true
	}
	if g.Partial && (f.Verdict == catalog.Fail || !f.Partial && !passes(f)) {
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

// passes reports whether a finding is about something that passes with time, or depends on which server was asked, so
// that a fault of some servers may be the reason.
func passes(f *Finding) bool {
	return f.Rung == catalog.Cache || f.Rung == catalog.Delegation || f.ID == causes.CertificatePending.ID ||
		f.Verdict == catalog.Inconclusive
}

// OverallVerdict returns the verdict of a domain: fail if a finding fails, else inconclusive if a check could not be
// completed, else warn, else pass. A check that judged all but a part, such as one of several resolvers, leaves a
// warning as it is; a domain without any other finding is inconclusive. A check that is blocked is not completed
// either: where nothing fails, such as because the blocking finding is ignored, it makes the domain inconclusive.
func OverallVerdict(findings []*Finding, checks []Status) catalog.Verdict {
	worst := catalog.Pass
	unable, partly := false, false
	for _, f := range findings {
		if f.Ignored != "" {
			continue
		}
		switch f.Verdict {
		case catalog.Fail:
			return catalog.Fail
		case catalog.Inconclusive:
			if f.beside(findings, checks) {
				partly = true
			} else {
				unable = true
			}
		case catalog.Warn:
			worst = catalog.Warn
		case catalog.NotRun, catalog.Pass, catalog.Blocked:
		}
	}
	for _, c := range checks {
		open := c.Is(catalog.Inconclusive)
		partly = partly || open && c.Partly
		unable = unable || open && !c.Partly || c.Is(catalog.Blocked) && c.Unjudged
	}
	if unable || partly && worst != catalog.Warn {
		return catalog.Inconclusive
	}
	return worst
}

// beside reports whether an inconclusive finding concerns a part only: the rest of its check was judged, or it makes
// some resolvers unreliable, and what it explains is about their caches alone.
func (f *Finding) beside(findings []*Finding, checks []Status) bool {
	if f.Caveat != nil {
		return !f.Caveat.All && !slices.ContainsFunc(findings, func(g *Finding) bool {
			return g.BlockedBy == f.ID && (g.Rung != catalog.Cache || !f.Caveat.covers(g))
		})
	}
	return slices.ContainsFunc(checks, func(c Status) bool { return c.ID == f.Check && c.Partly })
}
