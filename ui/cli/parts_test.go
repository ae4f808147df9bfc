package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"
	"domdoc/ui/render/wire"
)

// TestMergeNamesMissingParts merges parts of a tenant's domains: with one missing the report is incomplete and no
// success, in whatever format, and with all of them it is what one run over all domains says.
func TestMergeNamesMissingParts(t *testing.T) {
	t.Parallel()
	world, err := sandbox.Start(sandbox.Options{Only: []string{"healthy-txt", "expires-soon"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	dir := t.TempDir()
	var files []string
	for _, part := range []string{"1/3", "2/3", "0/3"} {
		out, code := runOn(t, world, "check", "--all", "--shard", part, "-o", "jsonl", "--fail-on", "never")
		if code != cli.ExitOK || !strings.Contains(out, `"shard":"`) {
			t.Fatalf("part %s: exit code %d\n%s", part, code, out)
		}
		file := filepath.Join(dir, strings.ReplaceAll(part, "/", "-")+".jsonl")
		if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	read := func(args ...string) (r wire.Report, code int, errs string) {
		t.Helper()
		code, out, errs := runs(t, nil, append([]string{"merge", "-o", "json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("exit code %d, %v: %s%s", code, err, out, errs)
		}
		return r, code, errs
	}
	r, code, _ := read(files[0], files[2])
	if code != cli.ExitInconclusive || r.Complete || r.Incomplete != "no report of part 2/3" {
		t.Errorf("a part is missing: exit code %d, complete %t, %q", code, r.Complete, r.Incomplete)
	}
	if _, code, _ := read(files[0], "--fail-on", "never"); code != cli.ExitInconclusive {
		t.Errorf("parts are missing, with --fail-on never: exit code %d", code)
	}
	r, code, errs := read(append(files, files[0])...)
	if code != cli.ExitOK || !r.Complete || r.Summary.Domains != 2 || !r.All || r.Shard != "" {
		t.Errorf("all parts: exit code %d, %+v", code, r)
	}
	if !strings.Contains(errs, "two of the reports are of part 1/3") {
		t.Errorf("a part that is there twice is not named: %s", errs)
	}
	if r, code, errs := read(files...); code != cli.ExitOK || !r.Complete || errs != "" {
		t.Errorf("all parts once: exit code %d, complete %t, %s", code, r.Complete, errs)
	}
	saved := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	var texts []string
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(raw))
	}
	// one file of all parts, or of some of them
	if r, code, errs := read(saved("all", strings.Join(texts, ""))); code != cli.ExitOK || !r.Complete || errs != "" ||
		r.Summary.Domains != 2 {
		t.Errorf("one file of all parts: exit code %d, %+v, %s", code, r, errs)
	}
	if r, code, _ := read(saved("two", texts[0]+texts[1])); code != cli.ExitInconclusive ||
		r.Incomplete != "no report of part 3/3" {
		t.Errorf("one file of two parts: exit code %d, %q", code, r.Incomplete)
	}
	// a merged report is merged with the part that it lacks
	for _, format := range []string{"json", "jsonl"} {
		_, out, _ := runs(t, nil, "merge", "-o", format, files[0], files[1])
		part := saved("staged."+format, out)
		if r, code, _ := read(part); code != cli.ExitInconclusive || r.Incomplete != "no report of part 3/3" {
			t.Errorf("%s: a merged report of two parts: exit code %d, %q", format, code, r.Incomplete)
		}
		if r, code, errs := read(part, files[2]); code != cli.ExitOK || !r.Complete || errs != "" {
			t.Errorf("%s: staged: exit code %d, %q, %s", format, code, r.Incomplete, errs)
		}
	}
	// the parts of a run belong to one tenant
	if !strings.Contains(texts[1], "t-sandbox") {
		t.Fatalf("the report does not name its tenant: %s", texts[1])
	}
	other := saved("other", strings.ReplaceAll(texts[1], "t-sandbox", "t-other"))
	r, code, _ = read(files[0], other, files[2])
	if code != cli.ExitInconclusive || !strings.HasPrefix(r.Incomplete,
		"the parts are of the tenant t-other and the tenant t-sandbox: no report of part 1/3 of the tenant t-other, ") ||
		!strings.HasSuffix(r.Incomplete, "and 2/3 of the tenant t-sandbox") || len(r.MoreTenants) != 1 {
		t.Errorf("parts of two tenants: exit code %d, %q, %+v", code, r.Incomplete, r.MoreTenants)
	}
}

// TestMergeKeepsWhatJudgedMore merges the report of a domain with a later one that left out what fails, or that ended
// before it judged: the first still counts, in either order, and the domain counts once.
func TestMergeKeepsWhatJudgedMore(t *testing.T) {
	t.Parallel()
	const broken, healthy = "shop.fabrikam.example", "tickets.northwind.example"
	dir := t.TempDir()
	check := func(name string, args ...string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		args = append([]string{"demo", "check", "--fail-on", "never", "-o", "jsonl", "--output-file", file}, args...)
		if code, out, errs := runs(t, nil, args...); code != cli.ExitOK && code != cli.ExitInconclusive {
			t.Fatalf("%v: exit code %d: %s%s", args, code, out, errs)
		}
		return file
	}
	full := check("full", broken, healthy)
	some := check("some", broken, "--skip", "record.*")
	cut := check("cut", broken, healthy, "--timeout", "1µs")
	for _, tt := range []struct {
		name       string
		files      []string
		code, fail int
		note       bool
	}{
		{"what fails was left out", []string{full, some}, cli.ExitFindings, 1, true},
		{"the other order", []string{some, full}, cli.ExitFindings, 1, false},
		{"only that one", []string{some}, cli.ExitOK, 0, false},
		{"not reached", []string{full, cut}, cli.ExitFindings, 1, false},
		{"not reached, the other order", []string{cut, full}, cli.ExitFindings, 1, false},
		{"not reached, only that one", []string{cut}, cli.ExitInconclusive, 0, false},
	} {
		code, out, errs := runs(t, nil, append([]string{"merge", "-o", "json"}, tt.files...)...)
		var r wire.Report
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%s: %v: %s%s", tt.name, err, out, errs)
		}
		want := 2
		if len(tt.files) == 1 && tt.files[0] == some {
			want = 1
		}
		if code != tt.code || r.Summary.Fail != tt.fail || r.Summary.Domains != want {
			t.Errorf("%s: exit code %d, %+v", tt.name, code, r.Summary)
		}
		turned := tt.files[0] == some // the sandbox's clock may stand still: none of them is the later one
		if !turned && strings.Contains(errs, "an earlier report of 1 domain counts") != tt.note {
			t.Errorf("%s: %q", tt.name, errs)
		}
	}
}

// TestBaselineOfUnjudged checks a baseline that has a check which could not judge: it does not affect the exit code
// again, of a run or of a merge, but that of another domain does.
func TestBaselineOfUnjudged(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "report.jsonl")
	const open, other = "shop.anhydrite.example", "shop.fabrikam.example"
	if code, out, errs := runs(t, nil, "demo", "check", open, "-o", "jsonl", "--output-file", file); code !=
		cli.ExitInconclusive {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	code, out, _ := runs(t, nil, "demo", "check", open, "--baseline", file)
	if code != cli.ExitOK || !strings.Contains(out, "dnssec (known from the baseline)") ||
		!strings.Contains(out, "1 not checked") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if code, out, _ := runs(t, nil, "merge", file, "--baseline", file, "-o", "junit"); code != cli.ExitOK ||
		!strings.Contains(out, `errors="0"`) {
		t.Errorf("merge: exit code %d\n%s", code, out)
	}
	if code, _, _ := runs(t, nil, "merge", file); code != cli.ExitInconclusive {
		t.Errorf("merge without a baseline: exit code %d", code)
	}
	if code, _, _ := runs(t, nil, "demo", "check", open, "--timeout", "1µs", "--baseline", file); code !=
		cli.ExitInconclusive {
		t.Errorf("a run that was cut short: exit code %d", code)
	}
	if code, _, _ := runs(t, nil, "demo", "check", open, other, "--baseline", file); code != cli.ExitFindings {
		t.Errorf("another domain fails: exit code %d", code)
	}
}

// TestTenantFindingsAgree checks that a merge of a tenant's report shows the findings about the tenant as the run did,
// and that a baseline that has them marks them.
func TestTenantFindingsAgree(t *testing.T) {
	t.Parallel()
	world, err := sandbox.Start(sandbox.Options{Only: []string{"quota-reached"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	out, _ := runOn(t, world, "check", "--all", "-o", "json")
	var r wire.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Tenant == nil || len(r.Tenant.Findings) == 0 {
		t.Fatalf("no findings about the tenant: %v\n%s", err, out)
	}
	file := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	cause := r.Tenant.Findings[0].Cause
	for _, format := range []string{"text", "markdown", "junit", "sarif", "json", "prometheus", "html", "codequality"} {
		direct, code := runOn(t, world, "check", "--all", "-o", format)
		mergedCode, merged, _ := runs(t, nil, "merge", file, "-o", format)
		if !strings.Contains(direct, cause) || !strings.Contains(merged, cause) || code != mergedCode {
			t.Errorf("%s: %s is in the run %t, in the merge %t; exit codes %d, %d", format, cause,
				strings.Contains(direct, cause), strings.Contains(merged, cause), code, mergedCode)
		}
	}
	_, merged, errs := runs(t, map[string]string{"GITHUB_ACTIONS": "true"}, "merge", file, "--baseline", file)
	if !strings.Contains(merged, cause+"  (known from the baseline)") || strings.Contains(errs, cause) {
		t.Errorf("the baseline does not mark %s:\n%s%s", cause, merged, errs)
	}
}
