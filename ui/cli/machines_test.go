package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"

	"go.yaml.in/yaml/v3"
)

// TestMachines takes the manifests from the help page about several machines and runs their commands: every pod and
// every part of the matrix, then the report at the end.
func TestMachines(t *testing.T) {
	t.Parallel()
	page := machinesPage()
	dir := t.TempDir()
	world, err := sandbox.Start(sandbox.Options{Domains: 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	sh := func(command string, env ...string) {
		t.Helper()
		command = strings.ReplaceAll(command, "/reports/", "")
		got := shell{dir: dir, world: world, env: env}.run(t, command)
		if got.code != cli.ExitOK && (got.code != cli.ExitFindings || !strings.Contains(command, "merge")) ||
			strings.Contains(got.stderr, "error") {
			t.Fatalf("%s\nexit code %d:\n%s", command, got.code, got.stderr)
		}
	}
	domains := func(pattern string) (n int) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			n += strings.Count(string(raw), `"serviceStatus"`)
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
		return n
	}

	var job struct {
		Spec struct {
			Completions int `yaml:"completions"`
			Template    struct {
				Spec struct {
					Containers []struct{ Command, Args []string }
					// of the image
					SecurityContext struct {
						FSGroup int `yaml:"fsGroup"`
					} `yaml:"securityContext"`
				}
			}
		}
	}
	manifest(t, page, "apiVersion: batch/v1", &job)
	pod := job.Spec.Template.Spec
	image, err := os.ReadFile(filepath.Join("..", "..", ".packaging", "Containerfile"))
	if err != nil {
		t.Fatal(err)
	}
	if user := fmt.Sprintf("USER %d:%[1]d\n", pod.SecurityContext.FSGroup); !strings.Contains(string(image), user) {
		t.Errorf("the image has no %s", user)
	}
	if c := pod.Containers[0].Command; len(c) > 0 {
		t.Errorf("the image has no %q", c)
	}
	for i := range job.Spec.Completions {
		sh("domdoc " + strings.ReplaceAll(strings.Join(pod.Containers[0].Args, " "), "$(JOB_COMPLETION_INDEX)",
			strconv.Itoa(i)))
	}
	merge := regexp.MustCompile(`(?m)^    (domdoc merge .*)$`).FindStringSubmatch(page)
	if merge == nil {
		t.Fatal("the page has no domdoc merge command")
	}
	sh(merge[1])
	if n := domains("*.jsonl"); n != 20 {
		t.Errorf("the pods checked %d domains, the tenant has 20", n)
	}

	var flow struct {
		Jobs map[string]struct {
			Strategy struct{ Matrix struct{ Part []string } }
			Steps    []struct{ Run string }
		}
	}
	manifest(t, page, "on: {schedule", &flow)
	for _, part := range flow.Jobs["check"].Strategy.Matrix.Part {
		sh(strings.ReplaceAll(flow.Jobs["check"].Steps[0].Run, "${{ matrix.part }}", part))
	}
	report := flow.Jobs["report"].Steps
	sh(report[len(report)-1].Run)
	if n := domains("*.jsonl"); n != 20 {
		t.Errorf("the matrix checked %d domains, the tenant has 20", n)
	}
}

// machinesPage is the help page about several machines.
func machinesPage() string {
	for _, m := range cli.Manuals() {
		if m.Path == "domdoc machines" {
			return m.Help
		}
	}
	return ""
}

// manifest parses the indented block of a page that begins with a text.
func manifest(t *testing.T, page, begin string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(block(t, page, begin)), into); err != nil {
		t.Fatal(err)
	}
}

// block is the indented block of a page that begins with a text.
func block(t *testing.T, page, begin string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "    "+begin)
	if !ok {
		t.Fatalf("the page has no %q", begin)
	}
	var lines []string
	for i, l := range strings.Split("    "+begin+rest, "\n") {
		if i > 0 && !strings.HasPrefix(l, "    ") {
			break
		}
		lines = append(lines, strings.TrimPrefix(l, "    "))
	}
	return strings.Join(lines, "\n")
}
