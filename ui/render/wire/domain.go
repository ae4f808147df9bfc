package wire

import (
	"encoding/json"
	"slices"

	"domdoc/catalog"
	"domdoc/checks/incident"
	"domdoc/checks/result"
)

// ParseVerdict converts a verdict of the JSON; unknown values are catalog.NotRun.
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

// StateNow returns the state by the verdict and whether the domain waits, for reports of earlier versions as well.
func (d *Domain) StateNow() catalog.State {
	return catalog.StateOf(ParseVerdict(d.Verdict), d.WaitsUntil != nil || d.State == catalog.StateWaiting.ID())
}

// StateNow returns the state by the verdict and who acts, for reports of earlier versions as well.
func (f *Finding) StateNow() catalog.State {
	waits := f.State == catalog.StateWaiting.ID() || f.State == "" && f.ETA != nil && f.Who == string(catalog.Wait)
	return catalog.StateOf(ParseVerdict(f.Verdict), waits)
}

// News is the verdict over the findings that are not in the baseline. It decides the exit code.
func (d *Domain) News() catalog.Verdict {
	known := false
	worst, unknown, partly := catalog.Pass, false, false
	beside := func(check string) bool {
		return ParseVerdict(d.Verdict) == catalog.Warn ||
			slices.ContainsFunc(d.Checks, func(c Check) bool { return c.ID == check && c.Partly })
	}
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
			unknown, partly = unknown || !beside(f.Check), true
		case catalog.NotRun, catalog.Pass, catalog.Blocked:
		}
	}
	known = known || slices.ContainsFunc(d.Checks, func(c Check) bool { return c.Known })
	if !known {
		return ParseVerdict(d.Verdict)
	}
	for _, c := range d.Checks {
		if c.Status == catalog.Inconclusive.String() && !c.Known {
			unknown, partly = unknown || !beside(c.ID), true
		}
	}
	if unknown && worst != catalog.Fail || partly && worst == catalog.Pass {
		return catalog.Inconclusive
	}
	return worst
}

// Partial reports whether the domain passes only because findings that fail, or could not be judged, are left out.
// Such a domain is not healthy.
func (d *Domain) Partial() bool {
	return ParseVerdict(d.Verdict) == catalog.Pass && slices.ContainsFunc(d.LeftOut, func(l LeftOut) bool {
		v := ParseVerdict(l.Verdict)
		return v == catalog.Fail || v == catalog.Inconclusive
	})
}

// Roots returns the root causes.
func (d *Domain) Roots() []*Finding {
	var out []*Finding
	for i := range d.Findings {
		if d.Findings[i].IsRoot() {
			out = append(out, &d.Findings[i])
		}
	}
	return out
}

// ToDo returns the root causes that make the domain fail or warn and that somebody must act on.
func (d *Domain) ToDo() []*Finding {
	state := d.StateNow()
	return slices.DeleteFunc(d.Roots(), func(f *Finding) bool {
		return f.Ignored != nil || f.StateNow() != state ||
			state != catalog.StateFail && state != catalog.StateWarn
	})
}

// Consequences returns the findings that follow from a root cause.
func (d *Domain) Consequences(root *Finding) []*Finding {
	var out []*Finding
	for i := range d.Findings {
		if f := &d.Findings[i]; f.BlockedBy != nil && *f.BlockedBy == root.Cause {
			out = append(out, f)
		}
	}
	return out
}

// IsRoot reports whether the finding is a root cause.
func (f *Finding) IsRoot() bool { return f.BlockedBy == nil }

// Suppressed reports whether incidents account for all root causes of the domain.
func (d *Domain) Suppressed() bool {
	roots := d.Roots()
	return len(roots) > 0 && !slices.ContainsFunc(roots, func(f *Finding) bool { return f.Incident == nil })
}

// IsIncident reports whether the finding is an incident over several domains.
func (f *Finding) IsIncident() bool { return f.Check == incident.CheckID }

// IncidentDomains returns the domains of an incident; nil for any other finding.
func (f *Finding) IncidentDomains() []string {
	var args struct {
		Domains []string `json:"domains"`
	}
	if !f.IsIncident() || json.Unmarshal(f.Args, &args) != nil {
		return nil
	}
	return args.Domains
}

// Reported reports whether the service reported the code, or a ticket mentions it.
func (c *Code) Reported() bool { return result.CodeState(c.State) != result.CodePredicted }

// ReportedWord says where a code that is not only predicted is from.
func (c *Code) ReportedWord() string {
	if c.Hint {
		return catalog.Mentioned
	}
	return "reported"
}

// has reports whether a cause is among the tenant's findings.
func (t *Tenant) has(cause string) bool {
	return t != nil && slices.ContainsFunc(t.Findings, func(f Finding) bool { return f.Cause == cause })
}

// Explains reports whether a finding of the tenant accounts for a code of the domain.
func (t *Tenant) Explains(d *Domain) bool {
	for _, c := range d.Codes {
		if slices.ContainsFunc(c.Causes, t.has) {
			return true
		}
	}
	return false
}

// Removed is catalog.Fix.Removed.
func (f *Fix) Removed() []Record {
	plain := func(r *Record) catalog.Record { return catalog.Record{Name: r.Name, Type: r.Type, Value: r.Value} }
	fix := catalog.Fix{Steps: f.Steps}
	for i := range f.Records {
		fix.Records = append(fix.Records, plain(&f.Records[i]))
	}
	for i := range f.Deletes {
		fix.Deletes = append(fix.Deletes, plain(&f.Deletes[i]))
	}
	left := fix.Removed()
	var out []Record
	for i := range f.Deletes {
		if slices.Contains(left, plain(&f.Deletes[i])) {
			out = append(out, f.Deletes[i])
		}
	}
	return out
}
