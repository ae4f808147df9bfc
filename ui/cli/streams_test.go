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

	"github.com/creack/pty"
	"go.yaml.in/yaml/v3"
)

// command is the program in a process of its own, with a home of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), built(t), args...)
	cmd.Env = []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent",
	}
	return cmd
}

// written writes a file of a test and gives its path.
func written(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestOnlyResultsOnStdout runs commands with a person's terminal for everything but results: progress and hints go
// there, and stdout is JSON and nothing else.
func TestOnlyResultsOnStdout(t *testing.T) {
	t.Parallel()
	names := written(t, "names.txt", "tickets.northwind.example\nnot a name\nshop.fabrikam.example\n")
	ticket := written(t, "ticket.txt", "DOMAIN_004 shop.fabrikam.example")
	caseFile := filepath.Join(t.TempDir(), "case.json")
	tests := []struct {
		args   []string
		stderr string // what a person sees meanwhile
	}{
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
		{[]string{"demo", "audit"}, "stories told"},
		{[]string{"explain", "DOMAIN_004"}, ""},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			cmd := command(t, append(tt.args, "-o", "jsonl")...)
			terminal, theirs, err := pty.Open()
			if err != nil {
				t.Skip("there is no terminal to be had: ", err)
			}
			defer terminal.Close()
			cmd.Stderr = theirs
			seen := make(chan []byte)
			go func() {
				raw, _ := io.ReadAll(terminal) // ends in an error, which is a terminal's end of file
				seen <- raw
			}()
			out, _ := cmd.Output()
			theirs.Close()
			shown := <-seen
			lines := bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
			for _, line := range lines {
				if !json.Valid(line) {
					t.Errorf("this is on stdout: %q", line)
				}
			}
			if bytes.ContainsAny(out, "\x1b\r") {
				t.Errorf("a terminal's sign is on stdout: %.300q", out)
			}
			if !bytes.Contains(shown, []byte(tt.stderr)) {
				t.Errorf("the terminal does not show %q: %.500q", tt.stderr, shown)
			}
		})
	}
}

// TestNobodyReads runs every command that writes results with a reader that is gone already: it ends quietly and
// well.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	names := written(t, "names.txt", "tickets.northwind.example\nshop.fabrikam.example\n")
	ticket := written(t, "ticket.txt", "DOMAIN_004 shop.fabrikam.example")
	text, _ := run(t, "", "demo", "--domains", "5", "check", "--all", "--fail-on", "never", "-o", "jsonl")
	report := written(t, "report.jsonl", text)
	caseFile := filepath.Join(t.TempDir(), "case.json")
	if out, err := command(t, "demo", "check", "tickets.northwind.example", "--record", caseFile).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, line := range []string{
		"demo --domains 20 check --all", "demo --domains 20 check --all -o json",
		"demo --domains 20 check --all -o jsonl", "demo check shop.fabrikam.example",
		"demo check shop.fabrikam.example --watch", "demo propagation -f " + names,
		"demo propagation --authoritative=false -o jsonl -f " + names,
		"demo propagation -o json -f " + names, "demo triage " + ticket, "demo triage -o jsonl " + ticket,
		"demo wait shop.fabrikam.example", "demo domains", "demo domains -o jsonl",
		"demo doctor", "merge " + report, "merge -o jsonl " + report, "replay " + caseFile,
		"diff -o json " + caseFile + " " + caseFile, "explain", "explain DOMAIN_004 -o json", "schema", "completion bash",
		"help settings", "version",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			cmd := command(t, strings.Fields(line)...)
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			r.Close()
			defer w.Close()
			var stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = w, &stderr
			if err := cmd.Run(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if stderr.Len() > 0 {
				t.Errorf("it complained: %s", &stderr)
			}
		})
	}
}

// TestRunsTogether has many processes share one config file, one cache and one file of sessions, while the session
// must be renewed: none fails, and nothing is damaged or left lying about.
func TestRunsTogether(t *testing.T) {
	t.Parallel()
	world, err := sandbox.Start(sandbox.Options{Only: []string{"healthy-txt"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	account, password := sandbox.Email, sandbox.Password
	for round := range 3 {
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
				cmd := command(t, strings.Fields(line)...)
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
			t.Errorf("round %d: the file of sessions has %d (%v)", round, len(sessions), err)
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
				t.Errorf("round %d: %s was left", round, path)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		// The session that was renewed is the one that is kept: the next run needs nothing.
		cmd := command(t, "domains")
		cmd.Env[0] = "HOME=" + home
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("round %d: afterwards: %v\n%s", round, err, out)
		}
	}
}
