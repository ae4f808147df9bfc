package report_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// junitNames are the elements and attributes that viewers know.
var junitNames = map[string][]string{
	"testsuites": {"name", "tests", "failures", "errors", "time"},
	"testsuite":  {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
	"properties": {},
	"property":   {"name", "value"},
	"testcase":   {"name", "classname", "time"},
	"failure":    {"message", "type"},
	"error":      {"message", "type"},
	"skipped":    {"message"},
	"system-out": {},
}

// junitWellFormed reads JUnit XML strictly, and compares the counts with what is there.
func junitWellFormed(text string) error {
	dec := xml.NewDecoder(strings.NewReader(text))
	seen, said := map[string]int{}, map[string]int{}
	var problems error
	for {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		name := start.Name.Local
		attrs, known := junitNames[name]
		if !known {
			problems = errors.Join(problems, fmt.Errorf("element %s", name))
		}
		seen[name]++
		for _, a := range start.Attr {
			if !slices.Contains(attrs, a.Name.Local) {
				problems = errors.Join(problems, fmt.Errorf("attribute %s of %s", a.Name.Local, name))
			}
			if n, err := strconv.Atoi(a.Value); err == nil {
				said[name+" "+a.Name.Local] += n
			}
		}
	}
	for _, of := range []string{"testsuites", "testsuite"} {
		for attr, element := range map[string]string{"tests": "testcase", "failures": "failure", "errors": "error"} {
			if n := said[of+" "+attr]; n != seen[element] {
				problems = errors.Join(problems, fmt.Errorf("%s say %d %s, and there are %d", of, n, attr, seen[element]))
			}
		}
	}
	if n := said["testsuite skipped"]; n != seen["skipped"] {
		problems = errors.Join(problems, fmt.Errorf("%d are said to be skipped, and there are %d", n, seen["skipped"]))
	}
	if seen["testsuites"] != 1 {
		problems = errors.Join(problems, errors.New("the root is no testsuites"))
	}
	return problems
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	out := write(t, "junit", sampleDomains())
	golden(t, "report.xml", out)
	if err := junitWellFormed(out); err != nil {
		t.Error(err)
	}
	if tool, err := exec.LookPath("xmllint"); err == nil {
		cmd := exec.Command(tool, "--noout", "-")
		cmd.Stdin = strings.NewReader(out)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("xmllint: %v\n%s", err, said)
		}
	}
}

// TestJUnitClasses: viewers that group tests by class name, as Jenkins does, group those with a finding by its cause,
// and the others by check, whatever the domain is called. No two tests are the same.
func TestJUnitClasses(t *testing.T) {
	t.Parallel()
	domains := []wire.Domain{
		domain("a.example.com", "fail", sampleFinding("record.missing", "record", "verification", "fail", "tenant")),
		domain("b.example.com", "fail", sampleFinding("record.missing", "record", "verification", "fail", "tenant")),
		domain("c.example.com", "pass"),
	}
	for i := range domains {
		domains[i].Checks = append(domains[i].Checks, wire.Check{ID: "verification", Status: domains[i].Verdict})
	}
	var got struct {
		Suites []struct {
			Cases []struct {
				Name  string `xml:"name,attr"`
				Class string `xml:"classname,attr"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	out := write(t, "junit", domains, func(r *report.Run) { r.Tenant = nil })
	if err := xml.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	classes, seen := map[string]int{}, map[string]bool{}
	for _, s := range got.Suites {
		for _, c := range s.Cases {
			classes[c.Class]++
			if seen[c.Class+" "+c.Name] {
				t.Errorf("a second test %s of %s", c.Name, c.Class)
			}
			seen[c.Class+" "+c.Name] = true
		}
	}
	want := map[string]int{"record.missing": 2, "check.verification": 1, "check.service": 3}
	if !maps.Equal(classes, want) {
		t.Errorf("classes %v, want %v", classes, want)
	}
}

// TestJUnitOutcomes compares the outcome of a test with the findings of the check.
func TestJUnitOutcomes(t *testing.T) {
	t.Parallel()
	found := func(verdict string) wire.Finding {
		return sampleFinding("record.missing", "record", "records", verdict, "tenant")
	}
	under := found("blocked")
	under.BlockedBy = ptr("delegation.lame-all")
	ignored, known, knownWarning := found("fail"), found("fail"), found("warn")
	ignored.Ignored, known.Known, knownWarning.Known = ptr("record.missing"), true, true
	tests := []struct {
		name, failOn string
		status       string
		findings     []wire.Finding
		want         string
	}{
		{"a fault", "fail", "fail", []wire.Finding{found("fail")}, "failure"},
		{"a fault, whatever it is worth", "never", "fail", []wire.Finding{found("fail")}, "failure"},
		{"a fault beside a doubt", "fail", "fail", []wire.Finding{found("inconclusive"), found("fail")}, "failure"},
		{"a warning", "fail", "warn", []wire.Finding{found("warn")}, "system-out"},
		{"a warning that counts", "warn", "warn", []wire.Finding{found("warn")}, "failure"},
		{"a doubt", "fail", "inconclusive", []wire.Finding{found("inconclusive")}, "error"},
		{"nobody answered", "fail", "inconclusive", nil, "error"},
		{"a fault that is ignored", "fail", "fail", []wire.Finding{ignored}, "skipped"},
		{"a fault that the baseline has", "fail", "fail", []wire.Finding{known}, "system-out"},
		{"a warning that the baseline has", "warn", "warn", []wire.Finding{knownWarning}, "system-out"},
		{"a new warning beside it", "warn", "warn", []wire.Finding{knownWarning, found("warn")}, "failure system-out"},
		{"a warning beside a fault", "fail", "fail", []wire.Finding{found("warn"), found("fail")}, "failure system-out"},
		{"a consequence", "fail", "blocked", []wire.Finding{under}, "skipped"},
		{"a fault that is left out", "fail", "fail", nil, "skipped"},
		{"nothing to judge", "fail", "skipped", nil, "skipped"},
		{"good", "fail", "pass", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := domain("a.example", "fail", tt.findings...)
			d.Checks = []wire.Check{{ID: "records", Status: tt.status, Reason: ptr("the reason")}}
			var b strings.Builder
			f := newFormatter(t, "junit", &b, report.Options{Started: sampleAt, FailOn: tt.failOn})
			if err := errors.Join(f.Begin(nil, nil), f.Domain(&d), f.End(&report.Run{})); err != nil {
				t.Fatal(err)
			}
			if err := junitWellFormed(b.String()); err != nil {
				t.Error(err)
			}
			for _, element := range []string{"failure", "error", "skipped", "system-out"} {
				got := strings.Contains(b.String(), "<"+element+">") || strings.Contains(b.String(), "<"+element+" ")
				if got != slices.Contains(strings.Fields(tt.want), element) {
					t.Errorf("%s: %v, want %q:\n%s", element, got, tt.want, &b)
				}
			}
		})
	}
}

// TestJUnitPartly: a check that could not judge a part is no error of a domain that keeps its warning.
func TestJUnitPartly(t *testing.T) {
	t.Parallel()
	warning := sampleFinding("registration.expires-soon", "registration", "registration", "warn", "tenant")
	for _, tt := range []struct {
		verdict  string
		findings []wire.Finding
		want     string
	}{
		{"warn", []wire.Finding{warning}, "<skipped message=\"not checked: 1.1.1.1 gives no answer\""},
		{"inconclusive", nil, "<error message=\"not checked: 1.1.1.1 gives no answer\""},
	} {
		d := domain("shop.example.com", tt.verdict, tt.findings...)
		d.Checks = append(d.Checks, wire.Check{
			ID: "propagation", Status: "inconclusive", Reason: ptr("1.1.1.1 gives no answer"), Partly: true,
		})
		out := write(t, "junit", []wire.Domain{d})
		if err := junitWellFormed(out); err != nil {
			t.Error(err)
		}
		if !strings.Contains(out, tt.want) {
			t.Errorf("%s: %s, want %s", tt.verdict, out, tt.want)
		}
	}
}
