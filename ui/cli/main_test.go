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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"domdoc/ui/cli"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/term"
)

// roles are other programs that this test binary can be, by the value of DOMDOC_TEST_ROLE: servers that a test starts
// in a process of its own. A test file adds its own with an init.
var roles = map[string]func(){}

func TestMain(m *testing.M) {
	if role := roles[os.Getenv("DOMDOC_TEST_ROLE")]; role != nil {
		role()
		return
	}
	// These tests wait far more than they work: for caches to end, for servers that do not answer. Asked for by hand,
	// -parallel stands.
	if err := flag.Set("test.parallel", strconv.Itoa(4*runtime.GOMAXPROCS(0))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){"domdoc": domdoc})
}

// domdoc is the program as main.go runs it, for scripts: on a terminal only where a test gives it one.
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

// built is the program as a user builds it, once for all tests: it starts faster than this binary, and has nothing of
// a test in it. Without cgo: the system's resolver library could leave a namespace through a local socket.
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
	own, err := exec.LookPath("domdoc") // this binary, in a folder that goes when the tests end
	if err != nil {
		return "", err
	}
	file := filepath.Join(filepath.Dir(own), "built", "domdoc")
	cmd := exec.Command("go", "build", "-o", file, "domdoc")
	cmd.Dir = filepath.Dir(strings.TrimSpace(string(mod)))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
})
