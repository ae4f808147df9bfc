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
