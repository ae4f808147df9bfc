package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"
	"domdoc/ui/render"
)

// On a real network the examples are about a domain of the reader's own; here they are about one of the sandbox that
// is healthy.
const (
	anyDomain, anyTarget         = "shop.example.com", "d111111abcdef8.cloudfront.net"
	healthyDomain, healthyTarget = "tickets.northwind.example", "d-healthy-txt.cloudfront.net"
)

// The programs that examples pipe into, and that this machine may not have.
var pipedInto = [...]string{"jq", "man"}

// TestExamples runs every example of every command and topic as it stands, with a shell, in a directory that has the
// files which it names. What asks the network or the service goes to the sandbox.
func TestExamples(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash to run the examples with")
	}
	domdoc := built(t)
	world, err := sandbox.Start(sandbox.Options{Only: []string{"healthy-txt"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	files := exampleFiles(t, world.URL())
	for _, m := range cli.Manuals() {
		if len(m.Examples) == 0 || m.Examples[0] == "" {
			t.Errorf("%s has no example", m.Path)
			continue
		}
		for _, line := range m.Examples {
			t.Run(m.Path+"/"+strings.TrimSpace(line), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				exampleDir(t, dir, domdoc, files)
				cmd := exec.CommandContext(t.Context(), bash, "-c", sandboxed(line, world.URL()))
				cmd.Dir = dir
				cmd.Env = []string{
					"HOME=" + dir, "XDG_CONFIG_HOME=" + dir + "/config", "XDG_CACHE_HOME=" + dir + "/cache",
					"XDG_STATE_HOME=" + dir + "/state",
					"PATH=" + dir + "/bin:" + os.Getenv("PATH"), "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent", "TERM=dumb",
					"MANPAGER=cat",
				}
				var stderr strings.Builder
				cmd.Stderr = &stderr
				out, err := cmd.Output()
				if code := cmd.ProcessState.ExitCode(); !slices.Contains([]int{
					cli.ExitOK, cli.ExitFindings,
					cli.ExitInconclusive, cli.ExitWait, cli.ExitInterrupted,
				}, code) {
					t.Errorf("%s\nended with %v:\n%s", cmd.Args[2], err, &stderr)
				}
				if strings.Contains(stderr.String(), "error:") {
					t.Errorf("%s\ncomplained:\n%s", cmd.Args[2], &stderr)
				}
				if !strings.Contains(line, ">") && len(out) == 0 && !strings.Contains(line, "domdoc man") {
					t.Errorf("%s\nwrote nothing", cmd.Args[2])
				}
			})
		}
	}
}

// TestEveryHelpHasExamples holds that what TestExamples runs is what people read.
func TestEveryHelpHasExamples(t *testing.T) {
	t.Parallel()
	for _, m := range cli.Manuals() {
		for _, line := range m.Examples {
			if !strings.Contains(line, "domdoc") || !strings.Contains(m.Help, line) {
				t.Errorf("%s --help does not show the example %q", m.Path, line)
			}
		}
	}
}

var exampleComment = regexp.MustCompile(`\s{3,}[a-z].*$`)

// sandboxed is the line with the names of the sandbox in it, and in a test's size.
func sandboxed(line, service string) string {
	line = exampleComment.ReplaceAllString(strings.TrimSpace(line), "")
	for _, format := range []string{"html", "markdown"} { // of the contract, and perhaps not built yet
		if !slices.Contains(render.Formats(), format) {
			line = strings.ReplaceAll(line, "-o "+format, "-o json")
		}
	}
	account := sandbox.Email
	line = strings.NewReplacer(
		anyDomain, healthyDomain, anyTarget, healthyTarget, "https://api.example.com", service, "me@example.com", account,
		"/etc/bash_completion.d/", "./", "${fpath[1]}/", "./", "--domains 10000", "--domains 30",
	).Replace(line)
	// it would ask on a terminal
	if strings.Contains(line, "domdoc login") && !strings.Contains(line, "--password-stdin") {
		line += " --password-stdin < password.txt"
	}
	if strings.Contains(line, "--watch") {
		line = strings.Replace(line, "domdoc ", "timeout -s INT 3 domdoc ", 1)
	}
	return line
}

// exampleFiles are the files that examples name.
func exampleFiles(t *testing.T, service string) map[string]string {
	t.Helper()
	caseFile := filepath.Join(t.TempDir(), "case.json")
	cmd := exec.CommandContext(t.Context(), built(t), "demo", "check", healthyDomain, "--record", caseFile)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	recorded, err := os.ReadFile(caseFile)
	if err != nil {
		t.Fatal(err)
	}
	password := sandbox.Password
	lines, _ := run(t, "", "demo", "check", healthyDomain, "-o", "jsonl")
	report, _ := run(t, "", "demo", "check", healthyDomain, "-o", "json")
	files := map[string]string{
		"names.txt": healthyDomain + "\n", "domains.csv": healthyDomain + ",1\n",
		"expected.csv": "name,cname\n" + healthyDomain + "," + healthyTarget + "\n",
		"ticket.txt":   "DOMAIN_010 " + healthyDomain + "\n", "report.json": report, "1.jsonl": lines, "2.jsonl": lines,
		"password.txt": password + "\n", "go-live.sh": "#!/bin/sh\necho live\n",
		"config/domdoc/config.yaml": fmt.Sprintf(
			"profiles:\n  default:\n    api-url: %s\n    credentials: file\n  staging:\n    api-url: %s\n    "+
				"credentials: file\n", service, service),
	}
	for _, name := range []string{"case.json", "before.json", "after.json", "monday.json", "tuesday.json"} {
		files[name] = string(recorded)
	}
	return files
}

// exampleDir writes the files, and a domdoc that goes to the sandbox.
func exampleDir(t *testing.T, dir, domdoc string, files map[string]string) {
	t.Helper()
	wrapper := `#!/bin/sh
case "$1" in
check|triage|propagation|wait|domains|audit|doctor)
	case "$*" in
	*--all*) exec "` + domdoc + `" demo --domains 20 "$@" ;;
	*) exec "` + domdoc + `" demo "$@" ;;
	esac ;;
*) exec "` + domdoc + `" "$@" ;;
esac
`
	writeExample(t, filepath.Join(dir, "bin", "domdoc"), wrapper)
	for _, program := range pipedInto {
		if _, err := exec.LookPath(program); err != nil {
			writeExample(t, filepath.Join(dir, "bin", program), "#!/bin/sh\necho read\ncat >/dev/null\n")
		}
	}
	for name, text := range files {
		writeExample(t, filepath.Join(dir, name), text)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".config", "fish", "completions"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func writeExample(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}
