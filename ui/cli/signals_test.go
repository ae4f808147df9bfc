//go:build unix

package cli_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"domdoc/api/sandbox/sandboxtest"

	"github.com/creack/pty"
)

// TestSignalsEndTheDashboard sends signals to the dashboard at random moments, also while it starts. It ends each
// time, without an error message.
func TestSignalsEndTheDashboard(t *testing.T) {
	t.Parallel()
	binary := built(t)
	signals := []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP}
	// What this process ignores (SIGHUP under nohup, SIGINT in the background of a script), a child ignores until it
	// handles it: a signal before that would be lost.
	caught := make(chan os.Signal, 1)
	for _, s := range signals {
		if signal.Ignored(s) {
			signal.Notify(caught, s)
		}
	}
	cases := make([]int, 60)
	for i := range cases {
		cases[i] = i
	}
	random := rand.New(rand.NewPCG(sandboxtest.Seed(t), 0))
	moments := make([]time.Duration, len(cases))
	for i := range moments {
		moments[i] = time.Duration(random.IntN(2500)) * time.Millisecond
	}
	for _, i := range sample(t, cases) {
		sig, moment := signals[i%len(signals)], moments[i]
		t.Run(fmt.Sprintf("%s after %s", sig, moment), func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(binary, "demo")
			cmd.Env = []string{"TERM=xterm-256color", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
			f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
			if err != nil {
				t.Fatal(err)
			}
			var out []byte
			var reading sync.WaitGroup
			reading.Go(func() { out, _ = io.ReadAll(f) }) // ends in an error, which is a terminal's end of file
			time.Sleep(moment)
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			hung := time.AfterFunc(hangs, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) }) // prints the stacks
			err = cmd.Wait()
			ended := hung.Stop()
			reading.Wait()
			_ = f.Close()
			switch status := cmd.ProcessState.Sys().(syscall.WaitStatus); {
			case !ended:
				t.Fatalf("it did not end:\n%s", out)
			case status.Signaled() && status.Signal() == sig: // before it handled signals
			case sig == syscall.SIGHUP && status.ExitStatus() != 129, sig != syscall.SIGHUP && status.ExitStatus() != 130:
				t.Errorf("it ended with %v", err)
			}
			if strings.Contains(string(out), "domdoc: ") {
				t.Errorf("it wrote an error: %q", out)
			}
		})
	}
}
