package query

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/result"
	"domdoc/checks/rules"
)

// Filter selects findings by cause id, family ("record.*"), code or rung. The zero value selects all.
type Filter struct {
	Only     []string
	Skip     []string
	Ignore   []Ignore
	Severity []Severity
}

// NewFilter parses the patterns of --only and --skip.
func NewFilter(only, skip []string) (Filter, error) {
	f := Filter{Only: splitPatterns(only), Skip: splitPatterns(skip)}
	for _, p := range append(slices.Clone(f.Only), f.Skip...) {
		if !knownPattern(p) {
			return Filter{},
				fmt.Errorf("%q is neither a cause, a family (record.*), a code (DOMAIN_004) nor a rung (delegation)", p)
		}
	}
	return f, nil
}

func splitPatterns(list []string) []string {
	var out []string
	for _, s := range list {
		for _, p := range strings.Split(s, ",") {
			if p = strings.TrimSpace(p); p == "" {
				continue
			}
			if c, ok := catalog.FindCode(p); ok {
				p = c.ID
			} else {
				p = strings.ToLower(p)
			}
			out = append(out, p)
		}
	}
	return out
}

func knownPattern(p string) bool {
	if _, ok := catalog.FindCode(p); ok {
		return true
	}
	for _, r := range catalog.Rungs() {
		if r.String() == p {
			return true
		}
	}
	return slices.ContainsFunc(catalog.Causes(), func(c *catalog.Cause) bool { return c.ID.Matches(p) })
}

func (f Filter) matches(patterns []string, x *finding.Finding) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		return x.ID.Matches(p) || x.Rung.String() == p || slices.Contains(x.Predicts(), p)
	})
}

func (f Filter) keeps(x *finding.Finding) bool {
	return (len(f.Only) == 0 || f.matches(f.Only, x)) && !f.matches(f.Skip, x)
}

// Apply removes the findings that are not selected, marks those that are ignored, overrides severities, and updates
// the verdict. The consequences of a removed or ignored root cause are removed or ignored too.
func (f Filter) Apply(r *result.Domain) {
	if len(f.Only) == 0 && len(f.Skip) == 0 && len(f.Ignore) == 0 && len(f.Severity) == 0 {
		return
	}
	dropped := map[catalog.ID]bool{}
	for _, x := range r.Findings {
		if x.Root() && !f.keeps(x) {
			dropped[x.ID] = true
		}
	}
	findings := make([]*finding.Finding, 0, len(r.Findings))
	ignored := map[catalog.ID]string{}
	for _, x := range r.Findings {
		if dropped[x.ID] && x.Root() || !x.Root() && (dropped[x.BlockedBy] || f.matches(f.Skip, x)) {
			continue
		}
		c := *x // a report may be filtered several times
		c.Ignored = f.ignoredBy(r.Name.ASCII, x)
		if c.Ignored != "" && c.Root() {
			ignored[c.ID] = c.Ignored
		}
		if v, ok := f.severityOf(&c); ok && c.Root() {
			c.Verdict = v
		}
		findings = append(findings, &c)
	}
	for _, c := range findings {
		if why := ignored[c.BlockedBy]; why != "" && !c.Root() && c.Ignored == "" {
			c.Ignored = why
		}
	}
	r.Findings = findings
	r.Checks = f.checks(r.Checks)
	r.Rejudge()
}

// checks marks inconclusive checks as skipped if none of their causes is selected.
func (f Filter) checks(list []finding.Status) []finding.Status {
	if len(f.Only) == 0 && len(f.Skip) == 0 {
		return list
	}
	out := slices.Clone(list)
	for i, s := range out {
		if s.Status != catalog.Inconclusive.String() {
			continue
		}
		at := slices.IndexFunc(rules.All(), func(c *rules.Check) bool { return c.ID == s.ID })
		if at < 0 {
			continue
		}
		counts := slices.ContainsFunc(rules.All()[at].Reports, func(c *catalog.Cause) bool {
			hit := func(patterns []string) bool {
				return slices.ContainsFunc(patterns, func(p string) bool {
					return c.ID.Matches(p) || c.Rung.String() == p || slices.Contains(c.AllCodes(), p)
				})
			}
			return (len(f.Only) == 0 || hit(f.Only)) && !hit(f.Skip)
		})
		if !counts {
			out[i].Status, out[i].Reason = "skipped", "excluded by --only or --skip; it was inconclusive: "+s.Reason
		}
	}
	return out
}
