package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/render/wire"
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
	results []*sarifResult
	notes   []sarifNote
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
	at := sarifAt(domainTitle(d))
	for _, f := range d.Roots() {
		s.result(f, d.Consequences(f), fingerprintOf(d), at)
	}
	if note := LeftOutNote(d.LeftOut); note != "" {
		s.note(sarifInfo, domainTitle(d)+": "+note, at)
	}
	for _, c := range d.Checks {
		if wire.ParseVerdict(c.Status) == catalog.Inconclusive &&
			!slices.ContainsFunc(d.Findings, func(f wire.Finding) bool {
				return f.Check == c.ID && f.IsRoot()
			}) {
			s.note(sarifInfo, domainTitle(d)+": "+c.ID+" not checked: "+wire.OrBlank(c.Reason), at)
		}
	}
	return nil
}

func (s *sarifFormat) note(level, text string, at ...sarifLocation) {
	s.notes = append(s.notes, sarifNote{Level: level, Message: sarifText(text), Locations: at})
}

// result adds a root cause.
func (s *sarifFormat) result(f *wire.Finding, under []*wire.Finding, about string, at sarifLocation) {
	s.causes[f.Cause] = true
	r := &sarifResult{RuleID: f.Cause, Message: sarifText(plainFinding(f)), Locations: []sarifLocation{at}}
	r.Kind, r.Level = sarifKind(wire.ParseVerdict(f.Verdict))
	if f.Known {
		r.Baseline = "unchanged"
	}
	if f.Ignored != nil {
		r.Suppressions = []sarifSuppression{{
			Kind: "external", Status: "accepted", Justification: "--ignore " + *f.Ignored,
		}}
	}
	r.Fingerprints = sarifFingerprints(s.prints.of(about, f))
	r.Properties = map[string]any{
		"certainty": f.Certainty, "who": f.Who, "state": f.StateNow().ID(), "codes": f.Predicts,
	}
	if len(f.Fix.Records) > 0 {
		r.Properties["records"] = f.Fix.Records
	}
	if f.ETA != nil {
		r.Properties["waitUntil"] = f.ETA.Latest
	}
	var consequences []string
	for _, u := range under {
		if !slices.Contains(consequences, u.Cause) {
			consequences = append(consequences, u.Cause)
		}
	}
	if len(consequences) > 0 {
		r.Properties["consequences"] = consequences
	}
	s.results = append(s.results, r)
}

// sarifFingerprints identifies a result. primaryLocationLineHash has the form of the upload action's.
func sarifFingerprints(print string) map[string]string {
	return map[string]string{"domdocFinding/v1": print, "primaryLocationLineHash": print[:16] + ":1"}
}

// incompleteRule is the rule of the result that says that a run is incomplete. Code scanning shows results alone, and
// closes its alerts where there are none.
const incompleteRule = "incomplete"

func (s *sarifFormat) incomplete(why string) {
	s.note(sarifError, "incomplete: "+why)
	r := &sarifResult{
		RuleID: incompleteRule, Message: sarifText(fullSentence("not all domains were checked: " + why)),
		Locations:    []sarifLocation{sarifAt("domdoc")},
		Fingerprints: sarifFingerprints(s.prints.of("domdoc", &wire.Finding{Cause: incompleteRule})),
	}
	r.Kind, r.Level = sarifKind(catalog.Fail)
	s.results = append(s.results, r)
}

// sarifKind is the kind and the level of a verdict (3.27.9, 3.27.10).
func sarifKind(v catalog.Verdict) (kind, level string) {
	switch v {
	case catalog.Fail:
		return "fail", sarifError
	case catalog.Warn:
		return "fail", sarifWarning
	case catalog.Pass, catalog.Inconclusive, catalog.Blocked, catalog.NotRun:
	}
	return "open", sarifNone
}

// sarifAt is a location with a domain's name.
func sarifAt(name string) sarifLocation {
	return sarifLocation{
		Physical: sarifPhysical{
			Artifact: sarifArtifact{URI: strings.ReplaceAll(url.PathEscape(name), ":", "%3A")},
			Region:   sarifRegion{StartLine: 1},
		},
		Logical: []sarifLogical{{FullyQualifiedName: name, Kind: "resource"}},
	}
}

// sarifText breaks up the syntax of links.
func sarifText(s string) sarifMessage { return sarifMessage{strings.ReplaceAll(s, "](", "] (")} }

// End writes the log.
func (s *sarifFormat) End(run *Run) error {
	for _, o := range run.overall() {
		for _, f := range o.findings {
			if o.machine {
				s.note(sarifWarning, plainFinding(f))
			} else {
				s.result(f, nil, o.title, sarifAt(o.title))
			}
		}
	}
	if run.Incomplete != "" {
		s.incomplete(run.Incomplete)
	}
	driver := sarifDriver{
		Name: "domdoc", Version: s.opt.Version, FullName: "domdoc " + s.opt.Version, InformationURI: informationURI,
		Rules: []sarifRule{}, // a list, not null
	}
	index := map[string]int{}
	for _, c := range catalog.Causes() {
		if s.causes[string(c.ID)] {
			index[string(c.ID)] = len(driver.Rules)
			driver.Rules = append(driver.Rules, sarifRuleOf(c))
		}
	}
	if run.Incomplete != "" {
		const text = "Not all domains were checked."
		index[incompleteRule] = len(driver.Rules)
		driver.Rules = append(driver.Rules, sarifRule{
			ID: incompleteRule, Name: "Incomplete", Short: sarifMessage{text}, Full: sarifMessage{text},
			Help: sarifMessage{
				"The alerts of domains that were not checked are closed, and come back with the next complete run.",
			},
			Default: sarifDefault{sarifError},
		})
	}
	for _, r := range s.results {
		r.RuleIndex = -1
		if i, ok := index[r.RuleID]; ok {
			r.RuleIndex = i
		}
	}
	invocation := sarifInvocation{
		Successful: run.Incomplete == "", Start: sarifTime(s.opt.Started), End: sarifTime(s.opt.Started.Add(run.Took)),
		Notifications: append([]sarifNote{}, s.notes...), // a list, not null
	}
	return s.write(sarifRun{
		Tool: sarifTool{driver}, Invocations: []sarifInvocation{invocation},
		Results: []*sarifResult{}, // a list, not null
	})
}

// write writes a log of a run that has its results yet to come: one after the other, because encoded together they take
// several times their memory.
func (s *sarifFormat) write(run sarifRun) error {
	const list = `"results": []`
	whole, err := sarifJSON("", sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
	if err != nil {
		return err
	}
	at := bytes.LastIndex(whole, []byte(list)) + len(list) - 1 // it is the last field of the run
	head, tail := whole[:at], whole[at:]
	const indent = "    " // of an element
	for i, r := range s.results {
		one, err := sarifJSON(indent, r)
		if err != nil {
			return err
		}
		if i > 0 {
			head = []byte(",")
		}
		if _, err := s.w.Write(slices.Concat(head, []byte("\n"+indent), bytes.TrimRight(one, "\n"))); err != nil {
			return err
		}
	}
	if len(s.results) > 0 {
		head = []byte("\n" + indent[1:])
	}
	_, err = s.w.Write(slices.Concat(head, tail))
	return err
}

func sarifJSON(indent string, v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(indent, " ")
	err := e.Encode(v)
	return b.Bytes(), err
}

func sarifTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// sarifRuleOf is a cause as a rule: its meaning, how it is detected, and an example of a fix.
func sarifRuleOf(c *catalog.Cause) sarifRule {
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
	if level == sarifNone { // GitHub gives a rule without a level that of a warning
		level = sarifInfo
	}
	return sarifRule{
		ID: string(c.ID), Name: sarifName(c.ID), Short: sarifText(fullSentence(c.Title)),
		Full: sarifText(fullSentence(c.Description)), Help: sarifText(help.String()), Default: sarifDefault{level},
		Properties: &sarifRuleAbout{append([]string{c.Rung.String()}, c.AllCodes()...)},
	}
}

// sarifName is a cause's id in the form of rule names: RecordNameDoubled.
func sarifName(id catalog.ID) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(string(id), func(r rune) bool { return r == '.' || r == '-' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
