package render

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog"
)

// Summary counts the domains of a run.
type Summary struct {
	Domains      int `json:"domains"`
	Pass         int `json:"pass"`
	Warn         int `json:"warn"`
	Fail         int `json:"fail"`
	Inconclusive int `json:"inconclusive"`

	needsYou, fixes, waiting, heldUp, healthy, unknown int
	until                                              time.Time
}

// Add counts one more domain.
func (s *Summary) Add(d *JSONDomain) {
	s.Domains++
	switch verdict(d.Verdict) {
	case catalog.Pass:
		s.Pass++
	case catalog.Warn:
		s.Warn++
	case catalog.Fail:
		s.Fail++
	case catalog.Inconclusive:
		s.Inconclusive++
	case catalog.NotRun, catalog.Blocked:
	}
	switch d.group() {
	case groupHealthy:
		s.healthy++
	case groupWaiting:
		s.waiting++
		if d.WaitsUntil.After(s.until) {
			s.until = *d.WaitsUntil
		}
	case groupHeldUp:
		s.heldUp++
	case groupUnknown:
		s.unknown++
	case groupNeedsYou:
		s.needsYou++
		for _, f := range d.roots() {
			if v := verdict(f.Verdict); f.Ignored == nil && (v == catalog.Fail || v == catalog.Warn) {
				s.fixes++
			}
		}
	}
}

// group is what a domain means for its owner.
type group int

// The groups, in the order in which a person wants to read them.
const (
	groupNeedsYou group = iota
	groupWaiting
	groupHeldUp // by an incident of somebody else
	groupUnknown
	groupHealthy
)

// group sorts a domain into the groups of the last line.
func (d *JSONDomain) group() group {
	switch v := verdict(d.Verdict); {
	case v == catalog.Pass:
		return groupHealthy
	case d.heldUp():
		return groupHeldUp
	case d.WaitsUntil != nil:
		return groupWaiting
	case v == catalog.Inconclusive:
		return groupUnknown
	}
	return groupNeedsYou
}

// News is the verdict by what the baseline does not know: what a gate looks at.
func (d *JSONDomain) News() catalog.Verdict {
	known := false
	worst, unknown := catalog.Pass, false
	for i := range d.Findings {
		f := &d.Findings[i]
		if known = known || f.Known; f.Known || f.Ignored != nil {
			continue
		}
		switch v := verdict(f.Verdict); v {
		case catalog.Fail:
			worst = catalog.Fail
		case catalog.Warn:
			if worst != catalog.Fail {
				worst = catalog.Warn
			}
		case catalog.Inconclusive:
			unknown = true
		case catalog.NotRun, catalog.Pass, catalog.Blocked:
		}
	}
	if !known {
		return verdict(d.Verdict)
	}
	for _, c := range d.Checks {
		unknown = unknown || c.Status == catalog.Inconclusive.String()
	}
	if unknown && worst != catalog.Fail {
		return catalog.Inconclusive
	}
	return worst
}

// roots are the findings that stand on their own.
func (d *JSONDomain) roots() []*JSONFinding {
	var out []*JSONFinding
	for i := range d.Findings {
		if d.Findings[i].root() {
			out = append(out, &d.Findings[i])
		}
	}
	return out
}

// under are the findings that follow from a root cause.
func (d *JSONDomain) under(root *JSONFinding) []*JSONFinding {
	var out []*JSONFinding
	for i := range d.Findings {
		if f := &d.Findings[i]; f.BlockedBy != nil && *f.BlockedBy == root.Cause {
			out = append(out, f)
		}
	}
	return out
}

// Line is the one line at the end: "3 healthy, 1 needs you (1 fix), 1 waiting until 14:32, 1 could not be checked".
func (s *Summary) Line(now time.Time) string { return s.line(now, time.Local, "") }

// line is the same for a reader in another zone, which is named behind the hour.
func (s *Summary) line(now time.Time, zone *time.Location, named string) string {
	var parts []string
	if s.healthy > 0 {
		parts = append(parts, fmt.Sprintf("%d healthy", s.healthy))
	}
	if s.needsYou > 0 {
		verb := "need"
		if s.needsYou == 1 {
			verb = "needs"
		}
		fixes := "fixes"
		if s.fixes == 1 {
			fixes = "fix"
		}
		parts = append(parts, fmt.Sprintf("%d %s you (%d %s)", s.needsYou, verb, s.fixes, fixes))
	}
	if s.waiting > 0 {
		p := fmt.Sprintf("%d waiting", s.waiting)
		if !s.until.IsZero() {
			format := "15:04"
			if s.until.Sub(now) > 20*time.Hour {
				format = "2006-01-02 15:04"
			}
			p += " until " + s.until.In(zone).Format(format) + named
		}
		parts = append(parts, p)
	}
	if s.heldUp > 0 {
		parts = append(parts, fmt.Sprintf("%d held up by incidents", s.heldUp))
	}
	if s.unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d could not be checked", s.unknown))
	}
	if len(parts) == 0 {
		return "nothing was checked"
	}
	return strings.Join(parts, ", ")
}
