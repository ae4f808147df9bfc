package report

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/wire"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

var sarifOutput = Format{
	Name: "sarif", Extension: "sarif", Use: "for code scanning",
	new: func(w io.Writer, o Options) Formatter { return &sarifFormat{w: w, opt: o} },
}

// informationURI is the home page, as in the packages (.goreleaser.yaml).
const informationURI = "https://github.com/domdoc/domdoc"

// sarifFormat writes a run as SARIF 2.1.0, for code scanning and editors: a result per root cause, a rule per cause
// in the catalog. The rest is determined by how consumers read it:
//   - GitHub shows no result without a physical location, so the domain's name is an artifact as well, as in tools for
//     container images.
//   - A result is identified by its partial fingerprints (domain, cause and record), so that an alert stays the same
//     when its text changes. GitHub reads only primaryLocationLineHash. Its upload action computes that from the line
//     of a file where it is absent, and two results of one rule and domain would become one alert.
//   - There is no automationDetails.id, because it overrides the category of the upload action.
//   - An inconclusive finding is of kind "open" (3.27.9) with level none; an inconclusive check is a notification.
//   - A message may contain links, "[text](target)" (3.11.6); text from outside must not.
type sarifFormat struct {
	w       io.Writer
	opt     Options
	results []*sarif.Result
	notes   []*sarif.Notification
	causes  map[string]bool
	prints  fingerprints
}

// Begin writes nothing: the rules come first, and are known only at the end.
func (s *sarifFormat) Begin(*wire.Vantage, *wire.Tenant) error {
	s.causes, s.prints = map[string]bool{}, fingerprints{}
	return nil
}

// Domain collects a domain's results.
func (s *sarifFormat) Domain(d *wire.Domain) error {
	at := sarifLocation(domainTitle(d))
	for _, f := range d.Roots() {
		s.result(f, d.Consequences(f), fingerprintOf(d), at)
	}
	if note := LeftOutNote(d.LeftOut); note != "" {
		s.note(sarif.LevelNote, domainTitle(d)+": "+note, at)
	}
	for _, c := range d.Checks {
		if wire.ParseVerdict(c.Status) == catalog.Inconclusive &&
			!slices.ContainsFunc(d.Findings, func(f wire.Finding) bool {
				return f.Check == c.ID && f.IsRoot()
			}) {
			s.note(sarif.LevelNote, domainTitle(d)+": "+c.ID+" not checked: "+wire.OrBlank(c.Reason), at)
		}
	}
	return nil
}

func (s *sarifFormat) note(level, text string, at ...*sarif.Location) {
	n := sarif.NewNotification().WithLevel(level).WithMessage(sarif.NewTextMessage(sarifText(text)))
	n.Locations = append(n.Locations, at...)
	s.notes = append(s.notes, n)
}

// result adds a root cause.
func (s *sarifFormat) result(f *wire.Finding, under []*wire.Finding, about string, at *sarif.Location) {
	s.causes[f.Cause] = true
	r := sarif.NewRuleResult(f.Cause).WithMessage(sarif.NewTextMessage(sarifText(plainFinding(f)))).WithLocations(
		[]*sarif.Location{at})
	r.Kind, r.Level = sarifKind(wire.ParseVerdict(f.Verdict))
	if f.Known {
		r.WithBaselineState("unchanged")
	}
	if f.Ignored != nil {
		r.AddSuppression(sarif.NewSuppression().WithKind("external").WithStatus("accepted").
			WithJustification("--ignore " + *f.Ignored))
	}
	print := s.prints.of(about, f)
	r.WithPartialFingerprints(map[string]string{
		"domdocFinding/v1": print, "primaryLocationLineHash": print[:16] + ":1", // in the form of the upload action's
	})
	bag := sarif.NewPropertyBag().Add("certainty", f.Certainty).Add("who", f.Who).Add("state", f.StateNow().ID()).
		Add("codes", f.Predicts)
	if len(f.Fix.Records) > 0 {
		bag.Add("records", f.Fix.Records)
	}
	if f.ETA != nil {
		bag.Add("waitUntil", f.ETA.Latest)
	}
	var consequences []string
	for _, u := range under {
		if !slices.Contains(consequences, u.Cause) {
			consequences = append(consequences, u.Cause)
		}
	}
	if len(consequences) > 0 {
		bag.Add("consequences", consequences)
	}
	s.results = append(s.results, r.WithProperties(bag))
}

// incompleteRule is the rule of the result that says that a run is incomplete. Code scanning shows results alone, and
// closes its alerts where there are none.
const incompleteRule = "incomplete"

func (s *sarifFormat) incomplete(why string) {
	s.note(sarif.LevelError, "incomplete: "+why)
	print := s.prints.of("domdoc", &wire.Finding{Cause: incompleteRule})
	r := sarif.NewRuleResult(incompleteRule).WithMessage(sarif.NewTextMessage(sarifText(
		fullSentence("not all domains were checked: " + why)))).WithLocations([]*sarif.Location{sarifLocation("domdoc")})
	r.Kind, r.Level = sarifKind(catalog.Fail)
	r.WithPartialFingerprints(map[string]string{
		"domdocFinding/v1": print, "primaryLocationLineHash": print[:16] + ":1",
	})
	s.results = append(s.results, r)
}

// sarifKind is the kind and the level of a verdict (3.27.9, 3.27.10).
func sarifKind(v catalog.Verdict) (kind, level string) {
	switch v {
	case catalog.Fail:
		return "fail", sarif.LevelError
	case catalog.Warn:
		return "fail", sarif.LevelWarning
	case catalog.Pass, catalog.Inconclusive, catalog.Blocked, catalog.NotRun:
	}
	return "open", sarif.LevelNone
}

// sarifLocation is a location with a domain's name.
func sarifLocation(name string) *sarif.Location {
	artifact := sarif.NewSimpleArtifactLocation(strings.ReplaceAll(url.PathEscape(name), ":", "%3A"))
	return sarif.NewLocationWithPhysicalLocation(sarif.NewPhysicalLocation().WithArtifactLocation(artifact).WithRegion(
		sarif.NewRegion().WithStartLine(1))).
		WithLogicalLocations([]*sarif.LogicalLocation{sarif.NewLogicalLocation().WithFullyQualifiedName(name).WithKind(
			"resource")})
}

// sarifText breaks up the syntax of links.
func sarifText(s string) string { return strings.ReplaceAll(s, "](", "] (") }

// End writes the log.
func (s *sarifFormat) End(run *Run) error {
	for _, o := range run.overall() {
		for _, f := range o.findings {
			if o.machine {
				s.note(sarif.LevelWarning, plainFinding(f))
			} else {
				s.result(f, nil, o.title, sarifLocation(o.title))
			}
		}
	}
	if run.Incomplete != "" {
		s.incomplete(run.Incomplete)
	}
	driver := sarif.NewToolComponent().WithName("domdoc").WithVersion(s.opt.Version).
		WithFullName("domdoc " + s.opt.Version).WithInformationURI(informationURI)
	index := map[string]int{}
	for _, c := range catalog.Causes() {
		if s.causes[string(c.ID)] {
			index[string(c.ID)] = len(driver.Rules)
			driver.Rules = append(driver.Rules, sarifRule(c))
		}
	}
	if run.Incomplete != "" {
		const text = "Not all domains were checked."
		index[incompleteRule] = len(driver.Rules)
		driver.Rules = append(driver.Rules, sarif.NewRule(incompleteRule).WithName("Incomplete").WithShortDescription(
			sarif.NewMultiformatMessageString().WithText(text)).WithFullDescription(
			sarif.NewMultiformatMessageString().WithText(text)).WithHelp(sarif.NewMultiformatMessageString().WithText(
			"The alerts of domains that were not checked are closed, and come back with the next complete run.")).
			WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(sarif.LevelError)))
	}
	for _, r := range s.results {
		if i, ok := index[*r.RuleID]; ok {
			r.RuleIndex = i
		}
	}
	invocation := sarif.NewInvocation().WithExecutionSuccessful(run.Incomplete == "").
		WithStartTimeUtc(sarifTime(s.opt.Started)).WithEndTimeUtc(sarifTime(s.opt.Started.Add(run.Took)))
	// empty lists are written as lists, not null
	invocation.ToolExecutionNotifications = append(invocation.ToolExecutionNotifications, s.notes...)
	out := sarif.NewRun().WithTool(sarif.NewTool().WithDriver(driver)).WithInvocations([]*sarif.Invocation{invocation})
	out.Results = append(out.Results, s.results...)
	e := json.NewEncoder(s.w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(sarif.NewReport().AddRun(out))
}

func sarifTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// sarifRule is a cause as a rule: its meaning, how it is detected, and an example of a fix.
func sarifRule(c *catalog.Cause) *sarif.ReportingDescriptor {
	var help strings.Builder
	fmt.Fprintf(&help, "%s\n\nDetected by: %s\n", fullSentence(c.Description), fullSentence(c.Detection))
	if c.Confused != "" {
		fmt.Fprintf(&help, "\nOften confused: %s\n", fullSentence(c.Confused))
	}
	help.WriteString("\nExample:\n")
	for i, step := range c.Example().Fix().Steps {
		fmt.Fprintf(&help, "%d. %s\n", i+1, fullSentence(step))
	}
	if len(c.Refs) > 0 {
		fmt.Fprintf(&help, "\nSee %s\n", strings.Join(c.Refs, ", "))
	}
	_, level := sarifKind(c.Verdict)
	if level == sarif.LevelNone { // GitHub gives a rule without a level that of a warning
		level = sarif.LevelNote
	}
	text := func(s string) *sarif.MultiformatMessageString {
		return sarif.NewMultiformatMessageString().WithText(sarifText(s))
	}
	return sarif.NewRule(string(c.ID)).WithName(sarifName(c.ID)).WithShortDescription(
		text(fullSentence(c.Title))).WithFullDescription(text(fullSentence(c.Description))).WithHelp(text(help.String())).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(level)).
		WithProperties(sarif.NewPropertyBag().WithTags(append([]string{c.Rung.String()}, c.AllCodes()...)))
}

// sarifName is a cause's id in the form of rule names: RecordNameDoubled.
func sarifName(id catalog.ID) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(string(id), func(r rune) bool { return r == '.' || r == '-' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
