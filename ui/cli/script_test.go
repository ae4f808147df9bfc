package cli_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/api/sandbox"
	"domdoc/ui/cli"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommand is a command of a testscript that a test defines.
type scriptCommand = func(ts *testscript.TestScript, neg bool, args []string)

// TestScripts runs the scripts of testdata/script, one for each command, which check exit codes and messages. "exits
// CODE domdoc …" runs in this process, with the file of the last "input" as its stdin; "exec domdoc" starts a process.
// The condition [full] holds in a full run.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/config")
			e.Setenv("XDG_CACHE_HOME", e.WorkDir+"/cache")
			e.Setenv("TZ", "UTC")
			if allCases() { // scripts run it on all stories, which take ten times as long under the race detector
				file, err := build()
				if err != nil {
					return err
				}
				e.Setenv("BUILT", file)
			}
			e.Values["input"], e.Values["context"] = new(string), t.Context()
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name != "full" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return allCases(), nil
		},
		Cmds: map[string]scriptCommand{
			"input": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 1 {
					ts.Fatalf("usage: input FILE")
				}
				*ts.Value("input").(*string) = ts.ReadFile(args[0])
			},
			"exits": exits,
		},
	})
}

// exits runs a command and wants one exit code: "exits 3 domdoc check …". stdout and stderr can be compared afterwards
// as after exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if args = args[1:]; args[0] == "domdoc" && ts.Value("input") != nil {
		wantExit(ts, want, runInProcess(ts, args[1:]), args)
		return
	}
	err = ts.Exec(args[0], args[1:]...)
	got := 0
	var failed *exec.ExitError
	if err != nil {
		var ok bool
		if failed, ok = err.(*exec.ExitError); !ok {
			ts.Fatalf("running %v: %v", args, err)
		}
		got = failed.ExitCode()
	}
	wantExit(ts, want, got, args)
}

func wantExit(ts *testscript.TestScript, want, got int, args []string) {
	if got != want {
		ts.Fatalf("%v: exit code %d, want %d", args, got, want)
	}
}

// runInProcess runs domdoc in this process and returns its exit code.
func runInProcess(ts *testscript.TestScript, args []string) int {
	input := ts.Value("input").(*string)
	stdin := strings.NewReader(*input)
	*input = ""
	return inProcess(ts.Value("context").(context.Context), cli.Env{
		Args: absolute(ts.MkAbs("."), args), Stdin: stdin, Stdout: ts.Stdout(), Stderr: ts.Stderr(),
		Version: "test", Getenv: ts.Getenv,
	})
}

// inProcess runs the program. Commands of "domdoc demo" that change nothing share a sandbox, which has every story in a
// full run and for those that read the whole list; elsewhere, that takes most of the time.
func inProcess(ctx context.Context, env cli.Env) int {
	if len(env.Args) < 2 || env.Args[0] != "demo" || !slices.Contains(readingCommands, env.Args[1]) ||
		slices.Contains(env.Args, "--watch") {
		return cli.Main(ctx, env)
	}
	shared := namedStories
	if env.Args[1] == "domains" || slices.Contains(env.Args, "--all") || allCases() {
		shared = allStories
	}
	world, err := shared()
	if err != nil {
		fmt.Fprintln(env.Stderr, err)
		return -1
	}
	env.Args = env.Args[1:]
	return cli.MainOn(ctx, env, world)
}

// readingCommands change neither the sandbox nor what its stories are at the start.
var readingCommands = []string{"check", "triage", "propagation", "registration", "domains", "doctor", "plan"}

// These sandboxes have every story, and the stories that a test names. They run until the tests end, and their clock
// stands still: on a slow machine, errors would otherwise grow old and caches expire while the tests run.
var (
	allStories   = sync.OnceValues(func() (*sandbox.Sandbox, error) { return timelessSandbox(nil) })
	namedStories = sync.OnceValues(func() (*sandbox.Sandbox, error) {
		names, err := storiesOfTests()
		if err != nil {
			return nil, err
		}
		return timelessSandbox(names)
	})
)

func timelessSandbox(stories []string) (*sandbox.Sandbox, error) {
	begin := time.Now()
	return sandbox.Start(sandbox.Options{Only: stories, Clock: func() time.Time { return begin }})
}

// storiesOfTests returns the stories whose domain or id a test or script of this package contains.
func storiesOfTests() ([]string, error) {
	var texts strings.Builder
	for _, pattern := range []string{"*_test.go", "testdata/script/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			if err != nil {
				return nil, err
			}
			texts.Write(raw)
		}
	}
	stories, broken, err := sandbox.ReadStories(sandbox.Scenarios())
	if err != nil || len(broken) > 0 {
		return nil, fmt.Errorf("reading the stories: %v: %w", broken, err)
	}
	domain := regexp.MustCompile(`(?m)^domain\s+(\S+)`)
	var names []string
	for _, s := range stories {
		raw, err := fs.ReadFile(sandbox.Scenarios(), s.File)
		if err != nil {
			return nil, err
		}
		m := domain.FindSubmatch(raw)
		if !s.Alone && (strings.Contains(texts.String(), "d-"+s.Name) ||
			m != nil && strings.Contains(texts.String(), string(m[1]))) {
			names = append(names, s.Name)
			names = append(names, s.With...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
