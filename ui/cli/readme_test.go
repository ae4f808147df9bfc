package cli_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"domdoc/ui/cli"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
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

// TestReadmeWorkflow runs the check of zone files that the README shows, on a repository with one: it passes while the
// domains of the zone stay as they are, and fails at the line that breaks one.
func TestReadmeWorkflow(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(raw), "\n```yaml\n# .github/workflows/plan.yml\n")
	block, _, closed := strings.Cut(block, "\n```\n\n")
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Env map[string]string
				Run string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(block), &workflow); err != nil || !ok || !closed {
		t.Fatalf("%v in %s", err, block)
	}
	steps := workflow.Jobs["plan"].Steps
	step := steps[len(steps)-1]
	if step.Run == "" || step.Env["BASE"] == "" {
		t.Fatalf("no script in %+v", steps)
	}
	const zone = "$ORIGIN northwind.example.\n$TTL 300\ntickets CNAME " + healthyTarget + ".\n" +
		"_verify.tickets TXT tok-7f3a91c2\n"
	for name, tt := range map[string]struct {
		changed map[string]string
		code    int
		summary []string
		errors  string
	}{
		"nothing": {code: cli.ExitOK},
		"harmless": {map[string]string{"zones/northwind.example.zone": zone + "other TXT hello\n"}, cli.ExitOK, []string{
			"### northwind.example\n", "+ other.northwind.example 300 TXT hello",
			"tickets.northwind.example  ✓ pass  →  ✓ pass",
		}, `^$`},
		"elsewhere": {map[string]string{"zones/hoster.example.zone": "other 300 TXT hello\n"}, cli.ExitOK, []string{
			"zone hoster.example\n",
		}, `^$`},
		"breaks": {
			map[string]string{
				"zones/northwind.example.zone": strings.Replace(zone, healthyTarget, "elsewhere.fabrikam.example", 1),
				"zones/hoster.example.zone":    "other 300 TXT hello\n",
			},
			cli.ExitFindings,
			[]string{"✓ pass  →  ✗ fail", "something fails that does not fail today", "zone hoster.example\n"},
			`(?m)^::error file=\S*zones/northwind.example.zone,line=3,title=tickets.northwind.example after the change%3A `,
		},
		"mistake": {map[string]string{"zones/northwind.example.zone": zone + "other A 300.0.0.1\n"}, cli.ExitUsage, []string{
			"### northwind.example\n",
		}, `(?m)^::error title=domdoc%3A error::\S*northwind.example.zone:5:9: `},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sh := shell{dir: t.TempDir(), env: []string{
				"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=summary.md", "RUNNER_TEMP=" + t.TempDir(), "BASE=HEAD",
			}}
			world, err := namedStories()
			if err != nil {
				t.Fatal(err)
			}
			sh.world = world
			sh.files(t, map[string]string{"zones/northwind.example.zone": zone, "summary.md": ""})
			const commit = "git init -q . && git add zones && git -c user.name=a -c user.email=a@example.com commit -qm zones"
			if got := sh.run(t, commit); got.code != 0 {
				t.Fatal(got.stderr)
			}
			sh.files(t, tt.changed)
			got := sh.run(t, "set -e\ngit add -N zones\n"+step.Run)
			summary := sh.read(t, "summary.md")
			if got.code != tt.code || !regexp.MustCompile(tt.errors).MatchString(got.stderr) {
				t.Errorf("exit code %d, want %d and %s: %s\n%s", got.code, tt.code, tt.errors, got.stderr, summary)
			}
			for _, want := range tt.summary {
				if !strings.Contains(summary, want) {
					t.Errorf("the summary has no %q:\n%s", want, summary)
				}
			}
			if len(tt.summary) == 0 && summary != "" {
				t.Errorf("it judges what has not changed: %s", summary)
			}
		})
	}
}

// TestReadmePlan runs the plans of the README, of shop.fabrikam.example and shop.laurel.example: apart from times, they
// print what stands there.
func TestReadmePlan(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(raw), "\n## Plan a change\n")
	section, _, closed := strings.Cut(section, "\n## ")
	if !ok || !closed {
		t.Fatal("the README has no section Plan a change")
	}
	plans := strings.Split(section, "\n$ domdoc ")[1:]
	if len(plans) != 2 {
		t.Errorf("the section has %d plans", len(plans))
	}
	for _, block := range plans {
		line, block, _ := strings.Cut(block, "\n")
		want, _, closed := strings.Cut(block, "```\n")
		if !closed {
			t.Fatalf("%s has no end", line)
		}
		name, value, adds := strings.Cut(line, " --add ")
		args := strings.Fields(name)
		if adds {
			args = append(args, "--add", strings.Trim(value, "'"))
		}
		_, out, said := runs(t, nil, args...)
		if diff := cmp.Diff(timeless(want), timeless(out)); diff != "" {
			t.Errorf("%s: %s%s", line, diff, said)
		}
	}
}
