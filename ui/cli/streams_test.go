package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/cli"

	"github.com/creack/pty"
)

// process returns a command that runs the program in a process, with a home of its own.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), built(t), args...)
	cmd.Env = []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent",
	}
	return cmd
}

// written writes a file of a test and returns its path.
func written(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestOnlyResultsOnStdout runs commands with a terminal as their stderr: progress and hints go there, and stdout has
// only JSON lines.
func TestOnlyResultsOnStdout(t *testing.T) {
	t.Parallel()
	names := written(t, "names.txt", "tickets.northwind.example\nnot a name\nshop.fabrikam.example\n")
	ticket := written(t, "ticket.txt", "DOMAIN_004 shop.fabrikam.example")
	caseFile := filepath.Join(t.TempDir(), "case.json")
	type command struct {
		args   []string
		stderr string // part of what the terminal shows
	}
	tests := []command{
		{[]string{"demo", "--domains", "20", "check", "--all"}, "checked,"},
		{
			[]string{"demo", "check", "shop.fabrikam.example", "tickets.northwind.example", "--record", caseFile},
			"recorded",
		},
		{[]string{"demo", "propagation", "-f", names}, "not a domain name"},
		{[]string{"demo", "propagation", "-f", names, "--authoritative=false"}, "not a domain name"},
		{[]string{"demo", "registration", "-f", names}, "not a domain name"},
		{[]string{"demo", "triage", ticket}, ""},
		{[]string{"demo", "wait", "shop.fabrikam.example"}, ""},
		{[]string{"demo", "domains"}, ""},
		{[]string{"demo", "doctor"}, ""},
		{[]string{"explain", "DOMAIN_004"}, ""},
	}
	judge := func(t *testing.T, tt command, stdout, stderr []byte) {
		t.Helper()
		for _, line := range bytes.Split(bytes.TrimSuffix(stdout, []byte("\n")), []byte("\n")) {
			if !json.Valid(line) {
				t.Errorf("stdout has a line that is not JSON: %q", line)
			}
		}
		if bytes.ContainsAny(stdout, "\x1b\r") {
			t.Errorf("stdout has a control character of terminals: %.300q", stdout)
		}
		if !bytes.Contains(stderr, []byte(tt.stderr)) {
			t.Errorf("the terminal does not show %q: %.500q", tt.stderr, stderr)
		}
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			var stdout, stderr bytes.Buffer
			cli.Main(t.Context(), cli.Env{
				Args: append(tt.args, "-o", "jsonl"), Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
				StderrTTY: true, Version: "test", Getenv: func(name string) string {
					return map[string]string{"HOME": home, "TERM": "xterm-256color"}[name]
				},
			})
			judge(t, tt, stdout.Bytes(), stderr.Bytes())
		})
	}
	if allCases() { // as a process only: TestSchema runs it in this one
		tests = append(tests, command{[]string{"demo", "audit"}, "stories checked"})
	}
	for _, tt := range sample(t, tests) {
		t.Run("process/"+strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			cmd := process(t, append(tt.args, "-o", "jsonl")...)
			terminal, theirs, err := pty.Open()
			if err != nil {
				t.Skip("no terminal can be opened: ", err)
			}
			defer terminal.Close()
			cmd.Stderr = theirs
			shown := make(chan []byte)
			go func() {
				raw, _ := io.ReadAll(terminal) // ends in an error, which is a terminal's end of file
				shown <- raw
			}()
			out, _ := cmd.Output()
			theirs.Close()
			judge(t, tt, out, <-shown)
		})
	}
}

// TestClosedStdout runs every command that writes results with a closed pipe as its stdout: it ends quietly, with exit
// code 0.
func TestClosedStdout(t *testing.T) {
	t.Parallel()
	names := written(t, "names.txt", "tickets.northwind.example\nshop.fabrikam.example\n")
	ticket := written(t, "ticket.txt", "DOMAIN_004 shop.fabrikam.example")
	text, _ := run(t, "", "demo", "--domains", "5", "check", "--all", "--fail-on", "never", "-o", "jsonl")
	report := written(t, "report.jsonl", text)
	caseFile := filepath.Join(t.TempDir(), "case.json")
	run(t, "", "demo", "check", "tickets.northwind.example", "--record", caseFile)
	lines := []string{
		"demo --domains 20 check --all", "demo --domains 20 check --all -o json",
		"demo --domains 20 check --all -o jsonl", "demo check shop.fabrikam.example",
		"demo check shop.fabrikam.example --watch", "demo propagation -f " + names,
		"demo propagation --authoritative=false -o jsonl -f " + names,
		"demo registration -f " + names, "demo registration -o json -f " + names,
		"demo propagation -o json -f " + names, "demo triage " + ticket, "demo triage -o jsonl " + ticket,
		"demo wait shop.fabrikam.example", "demo domains", "demo domains -o jsonl",
		"demo doctor", "merge " + report, "merge -o jsonl " + report, "replay " + caseFile,
		"diff -o json " + caseFile + " " + caseFile, "explain", "explain DOMAIN_004 -o json", "schema", "completion bash",
		"help settings", "version",
	}
	closed := func(t *testing.T) *os.File {
		t.Helper()
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		t.Cleanup(func() { _ = w.Close() })
		return w
	}
	for _, line := range lines {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			code := inProcess(t.Context(), cli.Env{
				Args: strings.Fields(line), Stdin: strings.NewReader(""), Stdout: closed(t), Stderr: &stderr, Version: "test",
				Getenv: func(string) string { return "" },
			})
			if code != cli.ExitOK || stderr.Len() > 0 {
				t.Errorf("exit code %d, and stderr: %s", code, &stderr)
			}
		})
	}
	for _, line := range sample(t, lines) {
		t.Run("process/"+line, func(t *testing.T) {
			t.Parallel()
			cmd := process(t, strings.Fields(line)...)
			var stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = closed(t), &stderr
			if err := cmd.Run(); err != nil || stderr.Len() > 0 {
				t.Errorf("it ended with %v, and stderr: %s", err, &stderr)
			}
		})
	}
}
