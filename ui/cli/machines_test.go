package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"domdoc/ui/cli"
	"domdoc/ui/render"

	"go.yaml.in/yaml/v3"
)

// TestMachines takes the manifests out of the page about several machines, and runs what they run: every pod and
// every part, and the report at the end.
func TestMachines(t *testing.T) {
	t.Parallel()
	page := ""
	for _, m := range cli.Manuals() {
		if m.Path == "domdoc machines" {
			page = m.Help
		}
	}
	domdoc := built(t)
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash to run the commands with")
	}
	dir := t.TempDir()
	exampleDir(t, dir, domdoc, nil)
	sh := func(command string, env ...string) {
		t.Helper()
		command = strings.ReplaceAll(command, "/reports/", "")
		if !strings.Contains(strings.Join(render.Formats(), " "), "html") {
			command = strings.ReplaceAll(command, "-o html", "-o json")
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-c", command)
		cmd.Dir, cmd.Env = dir, append([]string{"HOME=" + dir, "PATH=" + dir + "/bin:" + os.Getenv("PATH")}, env...)
		out, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != cli.ExitOK &&
			(code != cli.ExitFindings || !strings.Contains(command, "merge")) || strings.Contains(string(out), "error") {
			t.Fatalf("%s\nended with %v:\n%s", command, err, out)
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
				}
			}
		}
	}
	manifest(t, page, "apiVersion: batch/v1", &job)
	for i := range job.Spec.Completions {
		sh(job.Spec.Template.Spec.Containers[0].Args[0], "JOB_COMPLETION_INDEX="+string(rune('0'+i)))
	}
	merge := regexp.MustCompile(`(?m)^    (domdoc merge .*)$`).FindStringSubmatch(page)
	if merge == nil {
		t.Fatal("the page does not say how the parts become a report")
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

// manifest reads the indented block of a page that begins with a text.
func manifest(t *testing.T, page, begin string, into any) {
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
	if err := yaml.Unmarshal([]byte(strings.Join(lines, "\n")), into); err != nil {
		t.Fatal(err)
	}
}
