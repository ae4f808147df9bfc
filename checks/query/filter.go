package query

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/catalog/spelling"
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
			return Filter{}, unknownPattern(p)
		}
	}
	return f, nil
}

// unknownPattern is the error of a pattern that selects no cause.
func unknownPattern(p string) error {
	words := rungs()
	for _, c := range rules.All() {
		words = append(words, c.ID)
	}
	for _, c := range catalog.Causes() {
		words = append(words, string(c.ID))
	}
	hint := ""
	if near := spelling.Nearest(p, words); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return fmt.Errorf("%q is neither a cause, a family (record.*), a code (DOMAIN_004), a rung (delegation) nor a check "+
		"(propagation)%s", sanitize.Text(p, 80), hint)
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
	return checkOf(p) != nil || slices.ContainsFunc(catalog.Causes(), func(c *catalog.Cause) bool {
		return c.ID.Matches(p)
	})
}

// checkOf returns the check with an id; nil if there is none.
func checkOf(id string) *rules.Check {
	if at := slices.IndexFunc(rules.All(), func(c *rules.Check) bool { return c.ID == id }); at >= 0 {
		return rules.All()[at]
	}
	return nil
}

// isAbout reports whether patterns select a check as a whole: its id, its rung, or every cause that it reports on its
// own rung.
func isAbout(patterns []string, c *rules.Check) bool {
	if slices.Contains(patterns, c.ID) || slices.Contains(patterns, c.Rung.String()) {
		return true
	}
	own := 0
	for _, x := range c.Reports {
		if x.Rung != c.Rung {
			continue
		}
		if own++; !slices.ContainsFunc(patterns, func(p string) bool {
			return x.ID.Matches(p) || slices.Contains(x.AllCodes(), p)
		}) {
			return false
		}
	}
	return own > 0
}

// Empty reports whether Only and Skip leave no cause that could be reported.
func (f Filter) Empty() bool {
	return !slices.ContainsFunc(catalog.Causes(), func(c *catalog.Cause) bool {
		about := func(p string) bool {
			return c.ID.Matches(p) || c.Rung.String() == p || slices.Contains(c.AllCodes(), p) ||
				checkOf(p) != nil && slices.Contains(checkOf(p).Reports, c)
		}
		dropped := func(p string) bool {
			return c.ID.Matches(p) || c.Rung.String() == p
		}
		only := slices.DeleteFunc(slices.Clone(f.Only), func(p string) bool { return slices.Contains(f.Skip, p) })
		return !slices.ContainsFunc(f.Skip, dropped) && (len(f.Only) == 0 || slices.ContainsFunc(only, about))
	})
}

// Vacant returns a rung of Only on which there are no causes, and the causes that are named after it; empty if there
// is none.
func (f Filter) Vacant() (rung string, named []string) {
	for _, p := range f.Only {
		if !slices.Contains(rungs(), p) || !(Filter{Only: []string{p}}).Empty() {
			continue
		}
		for _, c := range catalog.Causes() {
			if strings.Contains(string(c.ID), p) {
				named = append(named, string(c.ID))
			}
		}
		return p, named
	}
	return "", nil
}

func (f Filter) matches(patterns []string, x *finding.Finding) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		return x.ID.Matches(p) || x.Rung.String() == p || slices.Contains(x.Predicts(), p) ||
			x.Check == p && !slices.Contains(rungs(), p)
	})
}

func (f Filter) keeps(x *finding.Finding) bool {
	return (len(f.Only) == 0 || f.matches(f.Only, x)) && !f.matches(f.Skip, x)
}

// Apply removes the findings that are not selected, marks those that are ignored, overrides severities, and updates
// the verdict. The consequences of a removed or ignored root cause are removed or ignored too. A selected check that
// the removed or ignored root cause kept from judging is inconclusive: nothing is known about it.
func (f Filter) Apply(r *result.Domain) {
	if len(f.Only) == 0 && len(f.Skip) == 0 && len(f.Ignore) == 0 && len(f.Severity) == 0 {
		return
	}
	off := map[catalog.ID]string{} // why a root cause does not count as it was found
	for _, x := range r.Findings {
		if x.Root() && !f.keeps(x) && !unread(r, x) {
			off[x.ID] = leftOut
			r.LeftOut = append(r.LeftOut, result.LeftOut{Cause: x.ID, Verdict: x.Verdict})
		}
	}
	findings := make([]*finding.Finding, 0, len(r.Findings))
	ignored := map[catalog.ID]string{}
	unjudged := map[string]string{} // reasons by check
	for _, x := range r.Findings {
		if !x.Root() && off[x.BlockedBy] == leftOut && f.keeps(x) && unsettled(x) {
			unjudged[x.Check] = fmt.Sprintf("%s follows from %s, which %s", x.ID, x.BlockedBy, leftOut)
		}
		if x.Root() && off[x.ID] == leftOut ||
			!x.Root() && (off[x.BlockedBy] == leftOut || f.matches(f.Skip, x)) {
			continue
		}
		c := *x // a report may be filtered several times
		c.Ignored = f.ignoredBy(r.Name.ASCII, x)
		if c.Ignored != "" && c.Root() {
			ignored[c.ID], off[c.ID] = c.Ignored, "is ignored"
		}
		if v, ok := f.severityOf(&c); ok && c.Root() {
			if v == catalog.Warn {
				off[c.ID] = "is set to a warning"
			}
			c.Verdict = v
		}
		findings = append(findings, &c)
	}
	for _, c := range findings {
		why := ignored[c.BlockedBy]
		if why == "" || c.Root() || c.Ignored != "" {
			continue
		}
		c.Ignored = why
		if c.Was == catalog.Inconclusive {
			unjudged[c.Check] = fmt.Sprintf("%s follows from %s, which is ignored", c.ID, c.BlockedBy)
		}
	}
	r.LeftOut = append(r.LeftOut, f.unjudged(r)...)
	r.Findings = findings
	r.Checks = f.checks(r.Checks, unjudged, off)
	f.accept(r)
	r.Rejudge()
}

// accept applies the exceptions to checks that could not judge. They do not accept a run that was cut short, nor that
// nothing at all was judged.
func (f Filter) accept(r *result.Domain) {
	if r.Interrupted || !slices.ContainsFunc(r.Checks, func(s finding.Status) bool {
		return f.counts(s.ID) && s.Status != finding.Skipped && !s.Is(catalog.Inconclusive) && !s.Is(catalog.Blocked)
	}) {
		return
	}
	for i := range r.Checks {
		s := &r.Checks[i]
		check := checkOf(s.ID)
		if !s.Is(catalog.Inconclusive) || check == nil || slices.ContainsFunc(r.Findings, func(x *finding.Finding) bool {
			return x.Check == s.ID && x.Ignored == ""
		}) {
			continue
		}
		at := slices.IndexFunc(f.Ignore, func(x Ignore) bool {
			return x.Covers(r.Name.ASCII) && isAbout([]string{x.Pattern}, check)
		})
		if at < 0 {
			continue
		}
		by := f.Ignore[at].Text
		s.Status, s.Partly = finding.Skipped, false
		s.Reason = fmt.Sprintf("ignored by --ignore %s; it could not be checked: %s", by, s.Reason)
		r.LeftOut = append(r.LeftOut, result.LeftOut{Check: s.ID, Verdict: catalog.Inconclusive, Ignored: by})
	}
}

// unjudged returns the checks that are not selected and could not judge without a finding that says so. Leaving them
// out does not make a domain healthy.
func (f Filter) unjudged(r *result.Domain) []result.LeftOut {
	var out []result.LeftOut
	for _, s := range r.Checks {
		if s.Is(catalog.Inconclusive) && !f.counts(s.ID) && !slices.ContainsFunc(r.Findings, func(x *finding.Finding) bool {
			return x.Check == s.ID
		}) {
			out = append(out, result.LeftOut{Check: s.ID, Verdict: catalog.Inconclusive})
		}
	}
	return out
}

// leftOut says why a root cause is not reported.
const leftOut = "--only or --skip leaves out"

// unread reports whether a finding says that nothing could be checked at all, so that no filter can leave it out.
func unread(r *result.Domain, x *finding.Finding) bool {
	return len(r.Checks) == 0 && x.Check == subjectCheck
}

// subjectCheck is the check of findings that keep a domain from being diagnosed.
const subjectCheck = "subject"

// unsettled reports whether a finding that follows from another one leaves open whether its check passes.
func unsettled(x *finding.Finding) bool {
	return x.Was == catalog.Fail || x.Was == catalog.Inconclusive
}

// checks updates the checks after the findings: those without a selected cause do not count, and those that could not
// be judged because of a finding that does not count are inconclusive.
func (f Filter) checks(list []finding.Status, unjudged map[string]string, off map[catalog.ID]string,
) []finding.Status {
	out := slices.Clone(list)
	judged := false
	for i := range out {
		s := &out[i]
		counts := f.counts(s.ID)
		why, open := unjudged[s.ID]
		switch {
		case open:
			s.Status, s.Reason, s.Partly = finding.StateOf(catalog.Inconclusive), why, false
		case s.Is(catalog.Inconclusive) && !counts:
			s.Status, s.Reason = finding.Skipped, "excluded by --only or --skip; it was inconclusive: "+s.Reason
		case s.Is(catalog.Blocked) && !counts:
			s.Status, s.Reason = finding.Skipped, "excluded by --only or --skip; it was "+s.Reason
		case s.Unjudged && off[s.Root] != "":
			s.Status = finding.StateOf(catalog.Inconclusive)
			s.Reason = fmt.Sprintf("blocked by %s, which %s", s.Root, off[s.Root])
		}
		judged = judged || counts && s.Status != finding.Skipped
	}
	if judged || len(f.Only) == 0 && len(f.Skip) == 0 {
		return out
	}
	for i := range out { // nothing that was asked for was judged
		if s := &out[i]; s.Status == finding.Skipped && f.counts(s.ID) {
			s.Status = finding.StateOf(catalog.Inconclusive)
		}
	}
	return out
}

// counts reports whether a cause of a check is selected. A check that is not among the rules counts.
func (f Filter) counts(check string) bool {
	if len(f.Only) == 0 && len(f.Skip) == 0 {
		return true
	}
	own := checkOf(check)
	if own == nil {
		return true
	}
	if isAbout(f.Skip, own) {
		return false
	}
	return slices.ContainsFunc(own.Reports, func(c *catalog.Cause) bool {
		hit := func(patterns []string) bool {
			return slices.ContainsFunc(patterns, func(p string) bool {
				return c.ID.Matches(p) || c.Rung.String() == p || slices.Contains(c.AllCodes(), p) || p == check
			})
		}
		return (len(f.Only) == 0 || hit(f.Only)) && !hit(f.Skip)
	})
}
