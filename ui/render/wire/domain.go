package wire

import (
	"encoding/json"
	"slices"

	"domdoc/catalog"
	"domdoc/checks/incident"
	"domdoc/checks/result"
)

// verdict is a wire verdict as the catalogue's.
func ParseVerdict(word string) catalog.Verdict {
	for _, v := range []catalog.Verdict{
		catalog.Pass, catalog.Warn, catalog.Fail, catalog.Inconclusive,
		catalog.Blocked,
	} {
		if v.String() == word {
			return v
		}
	}
	return catalog.NotRun
}

// News is the verdict by what the baseline does not know: what a gate looks at.
func (d *Domain) News() catalog.Verdict {
	known := false
	worst, unknown := catalog.Pass, false
	for i := range d.Findings {
		f := &d.Findings[i]
		if known = known || f.Known; f.Known || f.Ignored != nil {
			continue
		}
		switch v := ParseVerdict(f.Verdict); v {
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
		return ParseVerdict(d.Verdict)
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
func (d *Domain) Roots() []*Finding {
	var out []*Finding
	for i := range d.Findings {
		if d.Findings[i].IsRoot() {
			out = append(out, &d.Findings[i])
		}
	}
	return out
}

// under are the findings that follow from a root cause.
func (d *Domain) Consequences(root *Finding) []*Finding {
	var out []*Finding
	for i := range d.Findings {
		if f := &d.Findings[i]; f.BlockedBy != nil && *f.BlockedBy == root.Cause {
			out = append(out, f)
		}
	}
	return out
}

// root reports whether the finding stands on its own.
func (f *Finding) IsRoot() bool { return f.BlockedBy == nil }

// heldUp reports whether everything that is wrong with the domain is an incident of somebody else.
func (d *Domain) Suppressed() bool {
	roots := d.Roots()
	return len(roots) > 0 && !slices.ContainsFunc(roots, func(f *Finding) bool { return f.Incident == nil })
}

// incident reports whether a finding stands over many domains.
func (f *Finding) IsIncident() bool { return f.Check == incident.CheckID }

// domains are those of an incident.
func (f *Finding) IncidentDomains() []string {
	var args struct {
		Domains []string `json:"domains"`
	}
	if !f.IsIncident() || json.Unmarshal(f.Args, &args) != nil {
		return nil
	}
	return args.Domains
}

// reported reports whether the service gave a code.
func (c *Code) Reported() bool { return result.CodeState(c.State) != result.CodePredicted }

// ofTenant reports whether a cause among those of a domain's codes is a finding of the tenant.
func (t *Tenant) has(cause string) bool {
	return t != nil && slices.ContainsFunc(t.Findings, func(f Finding) bool { return f.Cause == cause })
}

// Explains reports whether a finding of the tenant accounts for a code of a domain.
func (t *Tenant) Explains(d *Domain) bool {
	for _, c := range d.Codes {
		if slices.ContainsFunc(c.Causes, t.has) {
			return true
		}
	}
	return false
}
