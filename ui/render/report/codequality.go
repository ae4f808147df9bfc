package report

import (
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/ui/render/wire"
)

var codequalityOutput = Format{
	Name: "codequality", Extension: "codequality.json", Use: "for merge requests and pipelines of GitLab (Code Quality)",
	new: func(w io.Writer, o Options) Formatter { return &codequalityFormat{w: w} },
}

// codequalityFormat writes a run in the format of GitLab's Code Quality reports
// (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format): one array with an issue per root
// cause. The domain is the path. GitLab shows an issue as new or resolved by comparing the fingerprints of two reports,
// so they are unique and stay the same. It has no exceptions: a finding that --ignore names is left out.
type codequalityFormat struct {
	w      io.Writer
	prints fingerprints
	err    error
	issues int
}

// codequalityIssue is an issue. All its fields are required.
type codequalityIssue struct {
	Description string              `json:"description"`
	CheckName   string              `json:"check_name"`
	Fingerprint string              `json:"fingerprint"`
	Severity    string              `json:"severity"` // info, minor, major, critical or blocker
	Location    codequalityLocation `json:"location"`
}

// codequalityLocation is a line of a file. The path is relative, and does not begin with "./".
type codequalityLocation struct {
	Path  string           `json:"path"`
	Lines codequalityLines `json:"lines"`
}

type codequalityLines struct {
	Begin int `json:"begin"`
}

// Begin opens the array.
func (c *codequalityFormat) Begin(*wire.Vantage, *wire.Tenant) error {
	c.prints = fingerprints{}
	c.write("[")
	return c.err
}

func (c *codequalityFormat) write(s string) {
	if c.err == nil {
		_, c.err = io.WriteString(c.w, s)
	}
}

// Domain writes a domain's issues, one for each check that could not judge and has no finding, and one that says what
// was left out.
func (c *codequalityFormat) Domain(d *wire.Domain) error {
	for _, f := range d.Roots() {
		c.finding(domainTitle(d), fingerprintOf(d), f)
	}
	for _, x := range d.Checks {
		if wire.ParseVerdict(x.Status) == catalog.Inconclusive &&
			!slices.ContainsFunc(d.Findings, func(f wire.Finding) bool { return f.Check == x.ID && f.IsRoot() }) {
			c.general(domainTitle(d), fingerprintOf(d), "not-checked."+x.ID, "info",
				"not checked: "+x.ID+": "+wire.OrBlank(x.Reason))
		}
	}
	if note := LeftOutNote(d.LeftOut); note != "" {
		c.general(domainTitle(d), fingerprintOf(d), "left-out", "info", note)
	}
	return c.err
}

// finding writes a root cause.
func (c *codequalityFormat) finding(path, about string, f *wire.Finding) {
	print := c.prints.of(about, f) // also of what is left out, so that those after it keep theirs
	if f.Ignored != nil {
		return
	}
	severity := "info"
	switch wire.ParseVerdict(f.Verdict) {
	case catalog.Fail:
		severity = "critical"
	case catalog.Warn:
		severity = "minor"
	case catalog.Pass, catalog.Inconclusive, catalog.Blocked, catalog.NotRun:
	}
	c.issue(path, print, f.Cause, severity, plainFinding(f))
}

// general writes what is not a finding.
func (c *codequalityFormat) general(path, about, check, severity, text string) {
	c.issue(path, c.prints.of(about, &wire.Finding{Cause: check}), check, severity, fullSentence(text))
}

func (c *codequalityFormat) issue(path, print, check, severity, text string) {
	raw, err := json.MarshalIndent(codequalityIssue{
		Description: strings.ToValidUTF8(text, "\uFFFD"), CheckName: check, Fingerprint: print, Severity: severity,
		Location: codequalityLocation{url.PathEscape(path), codequalityLines{1}},
	}, "  ", "  ")
	if err != nil && c.err == nil {
		c.err = err
	}
	if c.issues > 0 {
		c.write(",")
	}
	c.issues++
	c.write("\n  " + string(raw))
}

// End writes what is not about one domain, and closes the array.
func (c *codequalityFormat) End(run *Run) error {
	for _, o := range run.overall() {
		for _, f := range o.findings {
			c.finding(o.title, o.title, f)
		}
	}
	if run.Incomplete != "" {
		c.general("domdoc", "domdoc", "incomplete", "blocker", "incomplete: "+run.Incomplete)
	}
	if c.issues > 0 {
		c.write("\n")
	}
	c.write("]\n")
	return c.err
}
