package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/google/go-cmp/cmp"
)

// codequalityIssue has the fields that GitLab documents, all of which it requires.
type codequalityIssue struct {
	Description *string `json:"description"`
	CheckName   *string `json:"check_name"`
	Fingerprint *string `json:"fingerprint"`
	Severity    *string `json:"severity"`
	Location    *struct {
		Path  *string `json:"path"`
		Lines *struct {
			Begin *int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

var codequalityPrint = regexp.MustCompile(`^[0-9a-f]{32}$`)

// codequalityWellFormed checks a report as GitLab documents it: one array without a byte order mark, whose issues have
// all fields, a known severity, a unique fingerprint and a relative path.
func codequalityWellFormed(text string) error {
	_, err := codequalityIssues(text)
	return err
}

func codequalityIssues(text string) ([]codequalityIssue, error) {
	var list []codequalityIssue
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(text, "[") || !strings.HasSuffix(text, "]\n") || d.More() {
		return nil, fmt.Errorf("it is not one array")
	}
	var problems error
	prints := map[string]bool{}
	for i, x := range list {
		if x.Description == nil || x.CheckName == nil || x.Fingerprint == nil || x.Severity == nil || x.Location == nil ||
			x.Location.Path == nil || x.Location.Lines == nil || x.Location.Lines.Begin == nil {
			problems = errors.Join(problems, fmt.Errorf("issue %d lacks a field", i))
			continue
		}
		path := *x.Location.Path
		if path == "" || strings.HasPrefix(path, "./") || strings.ContainsAny(path, "/ \\") || *x.CheckName == "" ||
			*x.Description == "" || *x.Location.Lines.Begin != 1 || !codequalityPrint.MatchString(*x.Fingerprint) ||
			prints[*x.Fingerprint] ||
			!slices.Contains([]string{"info", "minor", "major", "critical", "blocker"}, *x.Severity) {
			problems = errors.Join(problems, fmt.Errorf("issue %d: %s %s at %s, %s", i, *x.CheckName, *x.Severity, path,
				*x.Fingerprint))
		}
		prints[*x.Fingerprint] = true
	}
	return list, problems
}

// codequality returns the issues of a run as "cause severity path", and their fingerprints.
func codequality(t *testing.T, domains []wire.Domain, change ...func(*report.Run)) (issues, prints []string) {
	t.Helper()
	list, err := codequalityIssues(write(t, "codequality", domains, change...))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		issues = append(issues, *x.CheckName+" "+*x.Severity+" "+*x.Location.Path)
		prints = append(prints, *x.Fingerprint)
	}
	return issues, prints
}

func TestCodeQuality(t *testing.T) {
	t.Parallel()
	got, prints := codequality(t, sampleDomains()[:5], func(r *report.Run) { r.Incomplete = "the time was over" })
	want := []string{
		"record.name-doubled critical shop.fails.example",
		"cache.old-answer critical shop.waits.example",
		"certificate.expires-soon minor shop.warns.example",
		"registration.unknown info shop.unknown.example",
		"service.integration-incident critical incidents",
		"service.integration-incident critical incidents",
		"service.funds-low critical the%20tenant%20t-1",
		"incomplete blocker domdoc",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// in the next run, the fault of the first domain is mended: the others are the same issues
	_, next := codequality(t, sampleDomains()[1:5], func(r *report.Run) { r.Incomplete = "the time was over" })
	if diff := cmp.Diff(prints[1:], next); diff != "" {
		t.Error(diff)
	}
	if healthy, _ := codequality(t, sampleDomains()[4:5], func(r *report.Run) { r.Tenant = nil }); len(healthy) > 0 {
		t.Errorf("a healthy domain has %q", healthy)
	}
}

// TestCodeQualityLeavesOut what --ignore names, and reports a check that could not judge.
func TestCodeQualityLeavesOut(t *testing.T) {
	t.Parallel()
	ignored := sampleFinding("record.missing", "record", "records", "fail", "tenant")
	ignored.Ignored = ptr("record.missing")
	d := domain("a.example", "inconclusive", ignored)
	d.Checks = append(d.Checks, wire.Check{ID: "http", Status: "inconclusive", Reason: ptr("no route")})
	got, _ := codequality(t, []wire.Domain{d}, func(r *report.Run) { r.Tenant = nil })
	if diff := cmp.Diff([]string{"not-checked.http info a.example"}, got); diff != "" {
		t.Error(diff)
	}
}
