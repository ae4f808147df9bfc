package cli_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// shell runs command lines as bash does, in its own directory. Its domdoc runs in this process, which takes a tenth
// of the time that starting the program takes.
type shell struct {
	dir string
	// world answers the commands that need a service or a network. Where it is nil they run as "domdoc demo", with a
	// sandbox of their own.
	world *sandbox.Sandbox
	env   []string // NAME=value
	// binary is the built program, which runs in place of Main unless it is empty: for lines about all stories, which
	// take ten times as long under the race detector. everyStory runs all of them under it.
	binary string
}

// ran is what a command line wrote, and how it ended.
type ran struct {
	stdout, stderr string
	code           int
}

// offlineCommands need neither a service nor a network, or bring their own.
var offlineCommands = []string{
	"demo", "replay", "diff", "merge", "explain", "schema", "completion", "man", "help", "version", "profiles", "login",
	"logout",
}

// run runs a line, which may be a script of several.
func (s shell) run(t *testing.T, line string) ran {
	t.Helper()
	script, err := syntax.NewParser().Parse(strings.NewReader(line), "")
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	env := append([]string{
		"HOME=" + s.dir, "PATH=" + os.Getenv("PATH"), "TERM=dumb", "TZ=UTC", "MANPAGER=cat",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent",
	}, s.env...)
	runner, err := interp.New(interp.Dir(s.dir), interp.Env(expand.ListEnviron(env...)),
		interp.StdIO(nil, &stdout, &stderr), interp.ExecHandlers(s.domdoc))
	if err != nil {
		t.Fatal(err)
	}
	err = runner.Run(t.Context(), script)
	var code interp.ExitStatus
	if err != nil && !errors.As(err, &code) {
		t.Fatalf("%s: %v", line, err)
	}
	return ran{stdout.String(), stderr.String(), int(code)}
}

// domdoc runs domdoc by its Main, and everything else as a program.
func (s shell) domdoc(next interp.ExecHandlerFunc) interp.ExecHandlerFunc {
	return func(ctx context.Context, args []string) error {
		if args[0] != "domdoc" {
			return next(ctx, args)
		}
		if s.binary != "" {
			if s.world == nil && !slices.Contains(offlineCommands, args[1]) {
				args = slices.Insert(args, 1, "demo")
			}
			return next(ctx, append([]string{s.binary}, args[1:]...))
		}
		h := interp.HandlerCtx(ctx)
		env := cli.Env{
			Args: absolute(h.Dir, args[1:]), Stdin: h.Stdin, Stdout: h.Stdout, Stderr: h.Stderr, Version: "test",
			Getenv: func(name string) string { return h.Env.Get(name).String() },
		}
		if env.Stdin == nil {
			env.Stdin = strings.NewReader("")
		}
		var code int
		switch {
		case len(args) > 1 && slices.Contains(offlineCommands, args[1]):
			code = cli.Main(ctx, env)
		case s.world == nil:
			env.Args = append([]string{"demo"}, env.Args...)
			code = cli.Main(ctx, env)
		default:
			code = cli.MainOn(ctx, env, s.world)
		}
		if code != cli.ExitOK {
			return interp.ExitStatus(code)
		}
		return nil
	}
}

// absolute makes the arguments absolute that name a file in dir, or that the command will make there: this process is
// in another directory.
func absolute(dir string, args []string) []string {
	out := slices.Clone(args)
	for i, a := range out {
		made := i > 0 && slices.Contains([]string{"--record", "--output-file", "man"}, out[i-1])
		if a == "" || strings.HasPrefix(a, "-") || filepath.IsAbs(a) {
			continue
		}
		file := filepath.Join(dir, a)
		if _, err := os.Stat(file); err == nil || made {
			out[i] = file
		}
	}
	return out
}

// files writes files into the shell's directory; scripts are executable.
func (s shell) files(t *testing.T, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		file := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		mode := os.FileMode(0o600)
		if strings.HasPrefix(text, "#!") {
			mode = 0o700
		}
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns the text of a file in the shell's directory.
func (s shell) read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// startSandbox starts a sandbox with the named stories, and closes it when the test ends.
func startSandbox(t *testing.T, stories ...string) *sandbox.Sandbox {
	t.Helper()
	world, err := sandbox.Start(sandbox.Options{Only: stories, Quota: -1, Balance: "100.00"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	return world
}
