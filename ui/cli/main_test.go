package cli_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"domdoc/api/sandbox/sandboxtest"
	"domdoc/ui/cli"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/term"
)

// roles are other programs that this test binary can be, by the value of DOMDOC_TEST_ROLE: servers that a test starts
// in a process of its own. Test files register theirs in init.
var roles = map[string]func(){}

// allCases reports whether all cases run. Under the race detector that is a sample, because a sandbox with every story
// would keep this machine from answering within the time limits of the probes; .ci/run runs all without it.
func allCases() bool { return sandboxtest.Full() && !sandboxtest.Race }

// sample returns all cases where allCases holds, else a tenth of them.
func sample[T any](t *testing.T, cases []T) []T {
	t.Helper()
	if sandboxtest.Race {
		return sandboxtest.UnderRace(t, cases)
	}
	return sandboxtest.Sample(t, cases)
}

func TestMain(m *testing.M) {
	if role := roles[os.Getenv("DOMDOC_TEST_ROLE")]; role != nil {
		role()
		return
	}
	// These tests mostly wait: for caches to expire, for servers that do not answer.
	atOnce := 8 * runtime.GOMAXPROCS(0)
	if allCases() || sandboxtest.Race {
		atOnce /= 2
	}
	if err := flag.Set("test.parallel", strconv.Itoa(atOnce)); err != nil {
		panic(err)
	}
	debug.SetGCPercent(400) // a sandbox is short-lived, so that collecting it often is wasted
	testscript.Main(suite{m}, map[string]func(){"domdoc": domdoc})
}

// suite runs the tests with a directory for the files that several of them use. It is removed after the last test.
type suite struct{ *testing.M }

func (s suite) Run() int {
	dir, err := os.MkdirTemp("", "domdoc-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	suiteDir = dir
	code := s.M.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// suiteDir is the directory of the suite.
var suiteDir string

// domdoc is the program as main.go runs it.
func domdoc() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	signal.Ignore(syscall.SIGPIPE)
	os.Exit(cli.Main(ctx, cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.Getenv, Version: "test", StdinTTY: term.IsTerminal(int(os.Stdin.Fd())),
		StderrTTY: term.IsTerminal(int(os.Stderr.Fd())),
	}))
}

// built returns the program as a user builds it, built once for all tests. It has no cgo: the system's resolver library
// could leave a network namespace through a local socket.
func built(t *testing.T) string {
	t.Helper()
	file, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var build = sync.OnceValues(func() (string, error) {
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	file := filepath.Join(suiteDir, "domdoc")
	cmd := exec.Command("go", "build", "-o", file, "domdoc")
	cmd.Dir = filepath.Dir(strings.TrimSpace(string(mod)))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
})
