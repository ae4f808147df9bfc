package cli_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readmeExit is the comment with a line's exit code.
var readmeExit = regexp.MustCompile(`\s+# exits (\d+)$`)

// readmeFiles are files that the README's commands write, with a regular expression that matches each.
var readmeFiles = map[string]string{
	"report.json": `"cause": "record\.name-doubled"`, "domdoc.xml": `(?m)^<testsuites`,
	"domdoc.prom": `(?m)^# HELP domdoc_`, "report.html": `(?i)<!doctype html>`, "ticket.md": `shop\.fabrikam\.example`,
}

// TestReadmeScripts runs every line of the README's section "In scripts" on the sandbox, in order and in one
// directory.
func TestReadmeScripts(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(raw), "\n## In scripts\n")
	if !ok {
		t.Fatal("the README has no section In scripts")
	}
	_, block, ok := strings.Cut(section, "\n```sh\n")
	block, _, closed := strings.Cut(block, "\n```\n")
	if !ok || !closed {
		t.Fatal("the section has no block of commands")
	}
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip(err)
	}
	sh := shell{dir: t.TempDir()}
	if allCases() { // with "demo" in every line, and all stories
		sh.binary = built(t)
	} else {
		sh.world = startSandbox(t, "healthy-txt", "name-doubled", "combined-two-fixes")
	}
	commands := 0
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		want := 0
		if m := readmeExit.FindStringSubmatch(line); m != nil {
			line = strings.TrimSuffix(line, m[0])
			want, _ = strconv.Atoi(m[1])
		}
		commands++
		if got := sh.run(t, line); got.code != want {
			t.Errorf("%s\nexit code %d, want %d\n%s%s", line, got.code, want, got.stdout, got.stderr)
		}
	}
	if commands < 10 {
		t.Errorf("the section has %d commands", commands)
	}
	for name, want := range readmeFiles {
		if text := sh.read(t, name); !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("%s does not match %q:\n%s", name, want, text)
		}
	}
}

// TestReadmePlan runs the plan of the README: apart from times, it prints what stands there.
func TestReadmePlan(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(raw), "\n## Plan a change\n")
	_, block, plan := strings.Cut(block, "\n$ domdoc ")
	line, block, _ := strings.Cut(block, "\n")
	want, _, closed := strings.Cut(block, "```\n")
	if !ok || !plan || !closed {
		t.Fatal("the README has no plan")
	}
	name, value, _ := strings.Cut(line, " --add ")
	_, out, said := runs(t, nil, append(strings.Fields(name), "--add", strings.Trim(value, "'"))...)
	if diff := cmp.Diff(timeless(want), timeless(out)); diff != "" {
		t.Errorf("%s%s", diff, said)
	}
}
