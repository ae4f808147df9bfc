package report_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"domdoc/catalog"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// sarifWellFormed is [sarifValid] and [sarifMeaningful].
func sarifWellFormed(text string) error { return errors.Join(sarifValid(text), sarifMeaningful(text)) }

// sarifValid compares logs with the official schema (2.1.0 with errata 01).
func sarifValid(texts ...string) error {
	schema, err := officialSARIF()
	if err != nil {
		return err
	}
	for _, text := range texts {
		log, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			return err
		}
		if err := schema.Validate(log); err != nil {
			return err
		}
	}
	return nil
}

// officialSARIF is the schema in the source of go-sarif. The library itself validates only what it writes: lists that a
// log leaves out are null in a log that it has read.
var officialSARIF = sync.OnceValues(func() (*jsonschema.Schema, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go"))
	if err != nil {
		return nil, err
	}
	_, text, _ := strings.Cut(string(source), "const schema = `")
	text, _, _ = strings.Cut(text, "`")
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("sarif.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("sarif.json")
})

// lost names a member of was that is not in is. What only is has, are defaults.
func lost(path string, was, is any) string {
	switch was := was.(type) {
	case map[string]any:
		other, ok := is.(map[string]any)
		if !ok {
			return path
		}
		for key, member := range was {
			if at := lost(path+"."+key, member, other[key]); at != "" {
				return at
			}
		}
		return ""
	case []any:
		other, ok := is.([]any)
		if !ok || len(other) != len(was) {
			return path
		}
		for i := range was {
			if at := lost(fmt.Sprintf("%s[%d]", path, i), was[i], other[i]); at != "" {
				return at
			}
		}
		return ""
	}
	if was != is {
		return path
	}
	return ""
}

// sarifMeaningful looks at what no schema says: that nothing in a log is unknown to the library, and that each
// result's rule is there, at the place that it names.
func sarifMeaningful(text string) error {
	log, err := sarif.FromString(text, sarif.WithStrictValidation())
	if err != nil {
		return err
	}
	// Nothing may be lost on the way through the library.
	again, err := json.Marshal(log)
	if err != nil {
		return err
	}
	var was, is any
	if err := errors.Join(json.Unmarshal([]byte(text), &was), json.Unmarshal(again, &is)); err != nil {
		return err
	}
	if at := lost("", was, is); at != "" {
		return fmt.Errorf("the library does not understand %s", at)
	}
	if len(log.Runs) != 1 {
		return fmt.Errorf("%d runs", len(log.Runs))
	}
	rules := log.Runs[0].Tool.Driver.Rules
	prints := map[string]bool{}
	for _, r := range log.Runs[0].Results {
		if r.RuleIndex < 0 || r.RuleIndex >= len(rules) || *rules[r.RuleIndex].ID != *r.RuleID {
			err = errors.Join(err, fmt.Errorf("%s is not at place %d of the rules", *r.RuleID, r.RuleIndex))
		}
		if len(r.Locations) != 1 || r.Locations[0].PhysicalLocation == nil {
			err = errors.Join(err, fmt.Errorf("%s has no place", *r.RuleID))
		}
		print := r.PartialFingerprints["domdocFinding/v1"]
		if prints[print] || print == "" {
			err = errors.Join(err, fmt.Errorf("%s has the fingerprint %q of another", *r.RuleID, print))
		}
		prints[print] = true
		line := r.PartialFingerprints["primaryLocationLineHash"]
		if prints[line] || !uploadHash.MatchString(line) {
			err = errors.Join(err, fmt.Errorf("%s has the line hash %q", *r.RuleID, line))
		}
		prints[line] = true
	}
	driver := log.Runs[0].Tool.Driver
	if log.Runs[0].AutomationDetails != nil || driver.FullName == nil || driver.InformationURI == nil {
		err = errors.Join(err, fmt.Errorf("automationDetails %v, driver %v", log.Runs[0].AutomationDetails, driver))
	}
	for _, r := range rules {
		if !slices.Contains([]string{"error", "warning", "note"}, r.DefaultConfiguration.Level) {
			err = errors.Join(err, fmt.Errorf("%s has the level %q", *r.ID, r.DefaultConfiguration.Level))
		}
		if text := *r.ShortDescription.Text; !strings.HasSuffix(text, ".") {
			err = errors.Join(err, fmt.Errorf("%s is no sentence", text))
		}
	}
	return err
}

// uploadHash is the form of a fingerprint that codeql-action's upload computes (src/fingerprints.ts): a hash of 64
// bits and the number of its occurrence.
var uploadHash = regexp.MustCompile(`^[0-9a-f]{16}:1$`)

// TestSARIFSameRule: two results of one rule and domain stay two, and one of them keeps its fingerprint when the
// other is mended. Results of another domain or profile have others.
func TestSARIFSameRule(t *testing.T) {
	t.Parallel()
	at := func(name string) wire.Finding {
		f := sampleFinding("record.missing", "record", "records", "fail", "tenant")
		f.Fix.Records = []wire.Record{{Name: name, Type: "TXT"}}
		return f
	}
	prints := func(domains ...wire.Domain) []string {
		text := write(t, "sarif", domains, func(r *report.Run) { r.Tenant = nil })
		if err := sarifWellFormed(text); err != nil {
			t.Error(err)
		}
		log, err := sarif.FromString(text)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range log.Runs[0].Results {
			out = append(out, r.PartialFingerprints["primaryLocationLineHash"])
		}
		return out
	}
	both := prints(domain("a.example", "fail", at("x.a.example"), at("y.a.example")))
	one := prints(domain("a.example", "fail", at("y.a.example")))
	other, profile := domain("b.example", "fail", at("y.a.example")), domain("a.example", "fail", at("y.a.example"))
	profile.Profile = "prod"
	others := prints(other, profile)
	if len(both) != 2 || both[0] == both[1] || !slices.Equal(one, both[1:]) {
		t.Errorf("%q, then %q", both, one)
	}
	if slices.Contains(others, one[0]) || others[0] == others[1] {
		t.Errorf("%q and %q", one, others)
	}
}

// TestSARIFSentences: results and rules are sentences with a capital, and a name stays as it is.
func TestSARIFSentences(t *testing.T) {
	t.Parallel()
	named := sampleFinding("caa.forbids", "certificate", "caa", "fail", "tenant")
	named.Summary = "ns1.a.example does not answer"
	out := write(t, "sarif", []wire.Domain{domain("a.example", "fail",
		sampleFinding("record.missing", "record", "records", "fail", "tenant"), named)})
	for _, want := range []string{
		`"text": "The summary of record.missing. Why record.missing matters.\nTo do:\n1. Do this.\n2. Then that."`,
		`"text": "ns1.a.example does not answer. Why`, `"fullName": "domdoc 1.2.3"`, `"informationUri": "https://`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s:\n%s", want, out)
		}
	}
}

func TestSARIF(t *testing.T) {
	t.Parallel()
	out := write(t, "sarif", sampleDomains())
	if err := sarifWellFormed(out); err != nil {
		t.Error(err)
	}
	log, err := sarif.FromString(out)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range log.Runs[0].Results {
		got = append(got, fmt.Sprintf("%s %s %s at %s", *r.RuleID, r.Kind, r.Level,
			*r.Locations[0].PhysicalLocation.ArtifactLocation.URI))
		if strings.Contains(*r.Message.Text, "](") {
			t.Errorf("text from outside is a link: %s", *r.Message.Text)
		}
	}
	evil := "%3C%2Fstyle%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E" +
		"%3Cimg%20src=x%20onerror=alert%282%29%3E%20%22x%22%20%27y%27%20&%20%5D%5D%3E" +
		"%20%7Ca%7Cb%7C%20%60c%60%20%2Ad%2A%20%5Be%5D%28javascript%3Af%29%20@g%20%231%20%7B%7B.%7D%7D%20%5Cn%20$%7Bh%7D"
	want := []string{
		"record.name-doubled fail error at shop.fails.example",
		"cache.old-answer fail error at shop.waits.example",
		"certificate.expires-soon fail warning at shop.warns.example",
		"registration.unknown open none at shop.unknown.example",
		"record.value-differs fail error at " + evil,
		"caa.forbids fail error at " + evil,
		"service.integration-incident fail error at incidents",
		"service.integration-incident fail error at incidents",
		"service.funds-low fail error at the%20tenant%20t-1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// the check of the nasty domain that could not ask
	if n := len(log.Runs[0].Invocations[0].ToolExecutionNotifications); n != 1 {
		t.Errorf("%d notifications", n)
	}
}

// TestSARIFBaselineAndIgnored marks known and ignored findings.
func TestSARIFBaselineAndIgnored(t *testing.T) {
	t.Parallel()
	ignored, known := sampleFinding("record.missing", "record", "records", "fail", "tenant"),
		sampleFinding("caa.forbids", "certificate", "caa", "fail", "tenant")
	ignored.Ignored, known.Known = ptr("record.missing:until 2026-12-31"), true
	out := write(t, "sarif", []wire.Domain{domain("a.example", "fail", ignored, known)})
	if err := sarifWellFormed(out); err != nil {
		t.Error(err)
	}
	for _, want := range []string{
		`"baselineState": "unchanged"`,
		`"suppressions": [`, `"kind": "external"`, `"status": "accepted"`,
		`"justification": "--ignore record.missing:until 2026-12-31"`,
	} {
		if strings.Count(out, want) != 1 {
			t.Errorf("%s is not there once:\n%s", want, out)
		}
	}
}

// TestSARIFRules writes a finding of every cause: each is a rule that the schema accepts.
func TestSARIFRules(t *testing.T) {
	t.Parallel()
	d := domain("a.example", "fail")
	for _, c := range catalog.Causes() {
		d.Findings = append(d.Findings, sampleFinding(string(c.ID), c.Rung.String(), "records", c.Verdict.String(),
			string(c.Who[0])))
	}
	out := write(t, "sarif", []wire.Domain{d})
	if err := sarifWellFormed(out); err != nil {
		t.Error(err)
	}
	if n := strings.Count(out, `"shortDescription"`); n != len(catalog.Causes()) {
		t.Errorf("%d rules of %d causes", n, len(catalog.Causes()))
	}
}
