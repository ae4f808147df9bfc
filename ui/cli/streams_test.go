package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/api/sandbox/sandboxtest"
	"domdoc/ui/cli"

	"github.com/creack/pty"
	"go.yaml.in/yaml/v3"
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
		{[]string{"demo", "triage", ticket}, ""},
		{[]string{"demo", "wait", "shop.fabrikam.example"}, ""},
		{[]string{"demo", "domains"}, ""},
		{[]string{"demo", "doctor"}, ""},
		{[]string{"explain", "DOMAIN_004"}, ""},
	}
	if sandboxtest.Full() {
		tests = append(tests, command{[]string{"demo", "audit"}, "stories checked"})
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
	for _, tt := range sandboxtest.Sample(t, tests) {
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
	for _, line := range sandboxtest.Sample(t, lines) {
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

// TestConcurrentProcesses starts processes that share a config file, a cache and a credentials file with an expired
// session: none fails, no file is damaged, and no temporary file is left. A full run has three rounds of it.
func TestConcurrentProcesses(t *testing.T) {
	t.Parallel()
	world, err := sandbox.Start(sandbox.Options{Only: []string{"healthy-txt"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	account, password := sandbox.Email, sandbox.Password
	rounds := 1
	if sandboxtest.Full() {
		rounds = 3
	}
	for round := range rounds {
		home := t.TempDir()
		config := filepath.Join(home, ".config", "domdoc")
		write := func(name, text string) {
			t.Helper()
			if err := os.MkdirAll(config, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(config, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var profiles strings.Builder
		fmt.Fprintf(&profiles, "# kept by hand\nprofiles:\n  default:\n    api-url: %s\n    credentials: file\n",
			world.URL())
		write("config.yaml", profiles.String())
		access, refresh := world.Session(-time.Hour)
		session, err := json.Marshal(map[string]any{"default": map[string]any{
			"origin": world.URL(), "access": access,
			"refresh": refresh, "expiresAt": time.Now().Add(-time.Hour),
		}})
		if err != nil {
			t.Fatal(err)
		}
		write("credentials.json", string(session))
		lines := []string{
			"domains -o json", "domains", "check --all --help", "profiles -o json", "__complete check t",
			"__complete check t",
			"login --profile one --api-url " + world.URL() + " --email " + account + " --password-stdin",
			"login --profile two --api-url " + world.URL() + " --email " + account + " --password-stdin",
			"domains -o jsonl", "domains -o json",
		}
		var together sync.WaitGroup
		for _, line := range lines {
			together.Go(func() {
				cmd := process(t, strings.Fields(line)...)
				cmd.Env[0] = "HOME=" + home
				cmd.Stdin = strings.NewReader(password + "\n")
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Errorf("round %d, %s: %v\n%s", round, line, err, out)
				}
				if strings.HasPrefix(line, "domains") && !bytes.Contains(out, []byte("tickets.northwind.example")) {
					t.Errorf("round %d, %s: %s", round, line, out)
				}
			})
		}
		together.Wait()

		raw, err := os.ReadFile(filepath.Join(config, "config.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var now struct{ Profiles map[string]any }
		if err := yaml.Unmarshal(raw, &now); err != nil || len(now.Profiles) != 3 ||
			!bytes.Contains(raw, []byte("# kept by hand")) {
			t.Errorf("round %d: the config file is %v\n%s", round, err, raw)
		}
		var sessions map[string]any
		if raw, err = os.ReadFile(filepath.Join(config, "credentials.json")); err != nil ||
			json.Unmarshal(raw, &sessions) != nil || len(sessions) != 3 {
			t.Errorf("round %d: the credentials file has %d sessions (%v)", round, len(sessions), err)
		}
		if err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("round %d: others can read %s", round, path)
			}
			switch {
			case strings.HasPrefix(d.Name(), "names-") && strings.HasSuffix(path, ".json"):
				if raw, err := os.ReadFile(path); err != nil || !json.Valid(raw) {
					t.Errorf("round %d: %s is damaged", round, path)
				}
			case d.Name() != "config.yaml" && d.Name() != "credentials.json" && d.Name() != "credentials.lock":
				t.Errorf("round %d: %s is left", round, path)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		// The renewed session is the one that is kept: the next run needs no other.
		cmd := process(t, "domains")
		cmd.Env[0] = "HOME=" + home
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("round %d: afterwards: %v\n%s", round, err, out)
		}
	}
}
