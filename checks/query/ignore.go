package query

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
)

// Ignore is an exception: findings of a cause, for one domain or all, until a date or forever. Ignored findings are
// shown but do not count.
type Ignore struct {
	Pattern string    // a cause id, a family ("record.*"), a code or a rung
	Domain  string    // a name, or "*.example.com" for all below one; empty is every domain
	Until   time.Time // the end of its last day, in UTC; zero for no end
	Text    string    // as entered
}

const ignoreExample = "record.ttl-out-of-range@shop.example.com:until 2026-12-31"

// ParseIgnore parses an exception: CAUSE[@DOMAIN][:until DAY].
func ParseIgnore(s string) (Ignore, error) {
	out := Ignore{Text: sanitize.Text(strings.TrimSpace(s), 400)}
	rest := strings.TrimSpace(s)
	what, until, dated := strings.Cut(rest, ":")
	if dated {
		day, ok := strings.CutPrefix(strings.TrimSpace(until), "until")
		at, err := time.Parse(time.DateOnly, strings.TrimSpace(day))
		if !ok || err != nil {
			return Ignore{}, fmt.Errorf("%q: invalid date after the colon; write it as %s", out.Text,
				ignoreExample)
		}
		out.Until = at.AddDate(0, 0, 1)
	}
	pattern, domain, named := strings.Cut(strings.TrimSpace(what), "@")
	patterns := splitPatterns([]string{pattern})
	if len(patterns) != 1 || !knownPattern(patterns[0]) {
		return Ignore{}, fmt.Errorf("%q: %w", out.Text, unknownPattern(pattern))
	}
	out.Pattern = patterns[0]
	if named {
		n, err := dnsname.Parse(domain)
		if err != nil {
			return Ignore{}, fmt.Errorf("%q: %w", out.Text, err)
		}
		out.Domain = n.ASCII
	}
	return out, nil
}

// Expired reports whether the exception has expired.
func (i Ignore) Expired(now time.Time) bool { return !i.Until.IsZero() && !now.Before(i.Until) }

// Covers reports whether the exception applies to a domain.
func (i Ignore) Covers(domain string) bool {
	if below, ok := strings.CutPrefix(i.Domain, "*"); ok {
		return strings.HasSuffix(domain, below) || domain == i.Domain
	}
	return i.Domain == "" || i.Domain == domain
}

// WithIgnores adds exceptions to a filter. Expired ones are returned instead, so that the caller can warn about them.
func (f *Filter) WithIgnores(list []string, now time.Time) (over []Ignore, err error) {
	for _, s := range list {
		i, err := ParseIgnore(s)
		if err != nil {
			return nil, err
		}
		if i.Expired(now) {
			over = append(over, i)
			continue
		}
		f.Ignore = append(f.Ignore, i)
	}
	return over, nil
}

// ignoredBy returns the exception that a finding matches; empty if none.
func (f Filter) ignoredBy(domain string, x *finding.Finding) string {
	for _, i := range f.Ignore {
		if i.Covers(domain) && f.matches([]string{i.Pattern}, x) {
			return i.Text
		}
	}
	return ""
}

// Severity overrides the verdict of a cause's findings.
type Severity struct {
	Pattern string
	Verdict catalog.Verdict
}

// ParseSeverity parses a severity: a cause or family, and fail or warn.
func ParseSeverity(pattern, verdict string) (Severity, error) {
	patterns := splitPatterns([]string{pattern})
	if len(patterns) != 1 || !knownPattern(patterns[0]) {
		return Severity{}, unknownPattern(pattern)
	}
	switch strings.ToLower(strings.TrimSpace(verdict)) {
	case "fail":
		return Severity{patterns[0], catalog.Fail}, nil
	case "warn":
		return Severity{patterns[0], catalog.Warn}, nil
	}
	return Severity{}, fmt.Errorf("%s: invalid severity %q; use fail or warn (to drop a finding, use --ignore)",
		sanitize.Text(pattern, 80), sanitize.Text(verdict, 40))
}

// severityOf returns the severity configured for a finding's cause; one for the cause itself before one for its
// family. An inconclusive finding cannot be overridden.
func (f Filter) severityOf(x *finding.Finding) (catalog.Verdict, bool) {
	if x.Verdict != catalog.Fail && x.Verdict != catalog.Warn {
		return 0, false
	}
	var best *Severity
	for i, s := range f.Severity {
		if f.matches([]string{s.Pattern}, x) && (best == nil || string(x.ID) == s.Pattern) {
			best = &f.Severity[i]
		}
	}
	if best == nil {
		return 0, false
	}
	return best.Verdict, true
}
