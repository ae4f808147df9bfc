package checks

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
)

// Filter says which findings count: by cause id, family ("record.*"), code or rung. The zero value lets all through.
type Filter struct {
	Only []string
	Skip []string
}

// NewFilter checks the patterns of --only and --skip.
func NewFilter(only, skip []string) (Filter, error) {
	f := Filter{split(only), split(skip)}
	for _, p := range append(slices.Clone(f.Only), f.Skip...) {
		if !knownPattern(p) {
			return Filter{}, fmt.Errorf("%q is neither a cause, a family (record.*), a code (DOMAIN_004) nor a rung (delegation)", p)
		}
	}
	return f, nil
}

func split(list []string) []string {
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

func (f Filter) matches(patterns []string, x *Finding) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		return x.ID.Matches(p) || x.Rung.String() == p || slices.Contains(x.Predicts(), p)
	})
}

func (f Filter) keeps(x *Finding) bool {
	return (len(f.Only) == 0 || f.matches(f.Only, x)) && !f.matches(f.Skip, x)
}

// Apply leaves out the findings that do not count and judges the domain anew. A root that is left out takes along what follows from it.
func (f Filter) Apply(r *DomainReport) {
	if len(f.Only) == 0 && len(f.Skip) == 0 {
		return
	}
	dropped := map[catalog.ID]bool{}
	for _, x := range r.Findings {
		if x.Root() && !f.keeps(x) {
			dropped[x.ID] = true
		}
	}
	r.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(x *Finding) bool {
		return dropped[x.ID] && x.Root() || !x.Root() && (dropped[x.BlockedBy] || f.matches(f.Skip, x))
	})
	var reported []Reported
	for _, c := range r.Codes {
		if c.Reported != nil {
			reported = append(reported, *c.Reported)
		}
	}
	r.Codes = codesOf(r.Findings, r.about, reported)
	r.Verdict = verdictOf(r.Findings, r.Checks)
}
