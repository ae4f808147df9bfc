package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"
)

var junitOutput = Format{
	Name: "junit", Extension: "xml", Use: "for CI systems that show test results",
	new: func(w io.Writer, o Options) Formatter { return &junitFormat{w: w, opt: o} },
}

// junitFormat writes a run as JUnit XML, which CI systems show as tests: a suite per domain and a test per check.
// Jenkins groups tests by their class names up to the last dot, then by the rest: the class of a test that fails or
// could not be judged is its cause (record.name-doubled), that of others their check (check.verification), and the
// name has the domain. As long as a cause stands, both stay the same, so that a viewer can show since when a test
// fails. A test fails if its findings affect the exit code; it is an error if the check is inconclusive, and skipped
// if the finding is a consequence of another one or the check does not apply. JUnit has no schema of its own; the
// names are those of the xUnit plugin of Jenkins (junit-10.xsd), which other viewers accept.
type junitFormat struct {
	w      io.Writer
	opt    Options
	suites parked // written at the end, after their counts
	total  junitCounts
	err    error
}

type junitCounts struct{ tests, failures, errors, skipped int }

type junitSuite struct {
	XMLName   xml.Name `xml:"testsuite"`
	Name      string   `xml:"name,attr"`
	Tests     int      `xml:"tests,attr"`
	Failures  int      `xml:"failures,attr"`
	Errors    int      `xml:"errors,attr"`
	Skipped   int      `xml:"skipped,attr"`
	Time      string   `xml:"time,attr"`                // seconds
	Timestamp string   `xml:"timestamp,attr,omitempty"` // ISO 8601 without a zone: UTC

	Properties *junitProperties `xml:"properties"`

	Cases []junitCase `xml:"testcase"`
}

type junitProperties struct {
	List []junitProperty `xml:"property"`
}

// junitProperty is a fact about a suite: the state of its domain.
type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string      `xml:"name,attr"`
	Class     string      `xml:"classname,attr"`
	Time      string      `xml:"time,attr"`
	Skipped   *junitSkip  `xml:"skipped"`
	Error     *junitFault `xml:"error"`
	Failure   *junitFault `xml:"failure"`
	SystemOut *junitText  `xml:"system-out"`
}

type junitSkip struct {
	Message string `xml:"message,attr,omitempty"`
}

type junitFault struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

// Begin writes nothing: the counts come first.
func (j *junitFormat) Begin(*wire.Vantage, *wire.Tenant) error { return nil }

// Domain builds a domain's suite.
func (j *junitFormat) Domain(d *wire.Domain) error {
	s := junitSuite{
		Name: xmlText(domainTitle(d)), Time: junitSeconds(d.TookMs),
		Timestamp:  d.At.UTC().Format("2006-01-02T15:04:05"),
		Properties: &junitProperties{[]junitProperty{{"state", d.StateNow().ID()}}},
	}
	taken := map[*wire.Finding]bool{}
	for _, c := range d.Checks {
		var own []*wire.Finding
		for i := range d.Findings {
			if f := &d.Findings[i]; f.Check == c.ID {
				own, taken[f] = append(own, f), true
			}
		}
		s.Cases = append(s.Cases, j.test(d, c, own))
	}
	// Findings of no listed check: an invalid name, a service that refuses access, a problem of this machine.
	for _, f := range d.Roots() {
		if !taken[f] {
			s.Cases = append(s.Cases, j.test(d, wire.Check{ID: f.Rung, Status: f.Verdict}, []*wire.Finding{f}))
		}
	}
	return j.add(s)
}

// test builds the test of one check. Findings excluded by --only or --skip do not count.
func (j *junitFormat) test(d *wire.Domain, c wire.Check, own []*wire.Finding) junitCase {
	t := junitCase{
		Name: xmlText(domainTitle(d) + ": " + c.ID), Class: xmlText("check." + c.ID), Time: junitSeconds(c.TookMs),
	}
	var fails, unsure, others []*wire.Finding
	var under, ignored *wire.Finding
	for _, f := range own {
		v := wire.ParseVerdict(f.Verdict)
		switch {
		case f.Ignored != nil:
			ignored = f
		case !f.IsRoot():
			under = f
		case f.Known: // does not affect the exit code
			others = append(others, f)
		case v == catalog.Inconclusive:
			unsure = append(unsure, f)
		case v == catalog.Fail, v == catalog.Warn && (j.opt.FailOn == "warn" || j.opt.FailOn == "inconclusive"):
			fails = append(fails, f)
		case v == catalog.Warn:
			others = append(others, f)
		}
	}
	// one of several resolvers that could not be queried leaves a warning as it is
	beside := c.Partly && wire.ParseVerdict(d.Verdict) == catalog.Warn
	switch status := wire.ParseVerdict(c.Status); {
	case len(fails) > 0:
		t.Failure = j.fault(d, append(fails, unsure...))
		t.Class = t.Failure.Type
	case status == catalog.Inconclusive && beside && len(others)+len(unsure) > 0:
		t.SystemOut = &junitText{j.text(d, append(others, unsure...))}
	case status == catalog.Inconclusive && beside:
		t.Skipped = &junitSkip{"not checked: " + xmlText(wire.OrBlank(c.Reason))}
	case len(unsure) > 0:
		t.Error = j.fault(d, unsure)
		t.Class = t.Error.Type
	case status == catalog.Inconclusive && c.Known:
		t.Skipped = &junitSkip{"not checked, as in the baseline: " + xmlText(wire.OrBlank(c.Reason))}
	case status == catalog.Inconclusive:
		t.Error = &junitFault{Message: "not checked: " + xmlText(wire.OrBlank(c.Reason)), Type: "inconclusive"}
	case len(others) > 0: // it passes
	case under != nil:
		t.Skipped = &junitSkip{"consequence of " + xmlText(*under.BlockedBy)}
	case ignored != nil:
		t.Skipped = &junitSkip{"ignored: " + xmlText(*ignored.Ignored)}
	case c.Status == "skipped", status == catalog.Blocked:
		t.Skipped = &junitSkip{xmlText(wire.OrBlank(c.Reason))}
	case status == catalog.Fail, status == catalog.Warn:
		t.Skipped = &junitSkip{"its findings do not count in this run"}
	}
	if len(others) > 0 {
		t.SystemOut = &junitText{j.text(d, others)}
	}
	return t
}

func (j *junitFormat) fault(d *wire.Domain, list []*wire.Finding) *junitFault {
	message := list[0].Summary
	if len(list) > 1 {
		message += fmt.Sprintf(" (and %d more)", len(list)-1)
	}
	return &junitFault{xmlText(message), xmlText(list[0].Cause), j.text(d, list)}
}

// text is the text output of findings.
func (j *junitFormat) text(d *wire.Domain, list []*wire.Finding) string {
	b := &domainText{Builder: layout.Builder{Style: j.opt.shared()}}
	for _, f := range list {
		b.finding(f, d.Consequences(f), 1, 1)
	}
	return xmlText(b.String())
}

func (j *junitFormat) add(s junitSuite) error {
	if j.err != nil || len(s.Cases) == 0 {
		return j.err
	}
	for _, t := range s.Cases {
		s.Tests++
		switch {
		case t.Failure != nil:
			s.Failures++
		case t.Error != nil:
			s.Errors++
		case t.Skipped != nil:
			s.Skipped++
		}
	}
	j.total.tests += s.Tests
	j.total.failures += s.Failures
	j.total.errors += s.Errors
	j.total.skipped += s.Skipped
	raw, err := xml.MarshalIndent(s, "  ", "  ")
	if j.err = err; err == nil {
		j.err = j.suites.write(append(raw, '\n'))
	}
	return j.err
}

// End writes all suites. Findings about the tenant fail no test, as they fail no domain; an incomplete run is an
// error.
func (j *junitFormat) End(run *Run) error {
	if run.Incomplete != "" {
		_ = j.add(junitSuite{Name: "domdoc", Time: "0.000", Cases: []junitCase{
			{
				Name: "every domain is checked", Class: "domdoc", Time: "0.000",
				Error: &junitFault{Message: xmlText(run.Incomplete), Type: "incomplete"},
			},
		}})
	}
	for _, o := range run.overall() {
		_ = j.add(j.general(o.title, o.findings))
	}
	if j.err == nil {
		_, j.err = fmt.Fprintf(j.w,
			"%s<testsuites name=\"domdoc\" tests=\"%d\" failures=\"%d\" errors=\"%d\" time=\"%s\">\n",
			xml.Header, j.total.tests, j.total.failures, j.total.errors, junitSeconds(run.Took.Milliseconds()))
	}
	if j.err == nil {
		j.err = j.suites.copyTo(j.w)
	}
	if j.err == nil {
		_, j.err = io.WriteString(j.w, "</testsuites>\n")
	}
	return j.err
}

// general builds a suite of findings that are not about one domain: tests that pass, with the finding as output.
func (j *junitFormat) general(name string, list []*wire.Finding) junitSuite {
	s := junitSuite{Name: xmlText(name), Time: "0.000"}
	for _, f := range list {
		s.Cases = append(s.Cases, junitCase{
			Name: xmlText(name), Class: xmlText(f.Cause), Time: "0.000",
			SystemOut: &junitText{j.text(&wire.Domain{}, []*wire.Finding{f})},
		})
	}
	return s
}

func junitSeconds(ms int64) string {
	return fmt.Sprintf("%.3f", (time.Duration(ms) * time.Millisecond).Seconds())
}

// xmlText replaces characters that XML 1.0 does not allow (2.2, Char).
func xmlText(s string) string {
	bad := func(r rune) bool {
		return r < 0x20 && !slices.Contains([]rune{'\t', '\n', '\r'}, r) || r >= 0xD800 && r <= 0xDFFF || r == 0xFFFE ||
			r == 0xFFFF
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsFunc(s, bad) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
