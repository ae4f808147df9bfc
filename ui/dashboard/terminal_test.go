//go:build unix

package dashboard

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"domdoc/ui/dashboard/terminal"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// ptyTerminal is a pseudo terminal with this test binary on it. It answers no question, as some relayed ones.
type ptyTerminal struct {
	t      *testing.T
	master *os.File
	tty    *os.File
	cmd    *exec.Cmd
	before *term.State
	done   chan error

	mu  sync.Mutex // guards following
	out bytes.Buffer
}

func startTerminal(t *testing.T, child string, env ...string) *ptyTerminal {
	t.Helper()
	return startProgram(t, exec.Command(os.Args[0]), append(env, "DOMDOC_TEST_CHILD="+child)...)
}

func startProgram(t *testing.T, cmd *exec.Cmd, env ...string) *ptyTerminal {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal here: %v", err)
	}
	x := &ptyTerminal{t: t, master: master, tty: tty, done: make(chan error, 1)}
	t.Cleanup(func() { _ = master.Close(); _ = tty.Close() })
	x.Resize(80, 24)
	if x.before, err = term.GetState(int(tty.Fd())); err != nil {
		t.Fatal(err)
	}
	x.cmd = cmd
	x.cmd.Env = append(append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=", "CI=", "LC_ALL=C.UTF-8", "TMUX=",
		"STY="), env...)
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = tty, tty, tty
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			x.mu.Lock()
			x.out.Write(buf[:n])
			x.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go func() { x.done <- x.cmd.Wait() }()
	t.Cleanup(func() { _ = x.cmd.Process.Kill() })
	return x
}

func (x *ptyTerminal) Resize(w, h int) {
	x.t.Helper()
	if err := pty.Setsize(x.master, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		x.t.Fatal(err)
	}
}

func (x *ptyTerminal) output() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.out.String()
}

// waitFor waits until the output from a place on holds a text, and returns the place behind it.
func (x *ptyTerminal) waitFor(from int, want string) int {
	x.t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(5 * time.Millisecond) {
		if out := x.output(); len(out) >= from {
			if i := strings.Index(out[from:], want); i >= 0 {
				return from + i + len(want)
			}
		}
	}
	x.t.Fatalf("%q did not come:\n%q", want, x.output()[min(from, len(x.output())):])
	return 0
}

func (x *ptyTerminal) typeKeys(keys string) {
	x.t.Helper()
	if _, err := x.master.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// end waits for the program's end and checks that the terminal is as it was.
func (x *ptyTerminal) end() int {
	x.t.Helper()
	select {
	case <-x.done:
	case <-time.After(patience):
		x.t.Fatalf("the program does not end:\n%q", x.output())
	}
	after, err := term.GetState(int(x.tty.Fd()))
	if err != nil {
		x.t.Fatal(err)
	}
	if !reflect.DeepEqual(x.before, after) {
		x.t.Error("the terminal's modes are not as they were")
	}
	return x.cmd.ProcessState.ExitCode()
}

// restored checks that what was switched on was switched off after it.
func (x *ptyTerminal) restored() {
	x.t.Helper()
	const last = "\r\nthe end of the program's output"
	if _, err := x.tty.WriteString(last[1:]); err != nil { // the terminal keeps the order
		x.t.Fatal(err)
	}
	x.waitFor(0, last)
	out := x.output()
	for _, mode := range []struct{ on, off, what string }{
		{"\x1b[?1049h", "\x1b[?1049l", "the alternate screen"},
		{"\x1b[?25l", "\x1b[?25h", "the hidden cursor"},
		{"\x1b[?2004h", "\x1b[?2004l", "bracketed paste"},
	} {
		if on, off := strings.LastIndex(out, mode.on), strings.LastIndex(out, mode.off); on < 0 || off < on {
			x.t.Errorf("%s is left on", mode.what)
		}
	}
	if strings.Contains(out, "\x1b[?1000h") || strings.Contains(out, "\x1b[?1002h") {
		x.t.Error("the mouse was captured")
	}
}

// TestTerminal uses the dashboard as somebody does: it starts, shows the list at once, is resized, pasted into and
// quit.
func TestTerminal(t *testing.T) {
	t.Parallel()
	x := startTerminal(t, "dashboard")
	x.waitFor(0, "domdoc")
	at := x.waitFor(0, "not yet")
	for i := range 40 { // a storm of sizes
		x.Resize(40+i*4, 5+i)
	}
	x.Resize(100, 30)
	at = x.waitFor(at, "\x1b[30;H") // the end of a frame of 30 lines; one that is too small takes no input
	x.typeKeys("\x1b[200~{\"errorCode\":\"DOMAIN_004\",\n\"path\":\"/domains/v1/d-name-doubled/verify\"}\x1b[201~")
	at = x.waitFor(at, "DOMAIN_004")
	x.typeKeys("\r")
	x.waitFor(at, "is appended twice")
	x.typeKeys("q")
	if code := x.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	x.restored()
}

// TestTerminalSurvives ends the program in other ways: the terminal is restored each time.
func TestTerminalSurvives(t *testing.T) {
	t.Parallel()
	t.Run("ctrl-c while a run is under way", func(t *testing.T) {
		t.Parallel()
		x := startTerminal(t, "dashboard")
		x.waitFor(0, "not yet")
		x.typeKeys("D")
		x.waitFor(0, "diagnosing")
		x.typeKeys("\x03")
		if code := x.end(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		x.restored()
	})
	t.Run("interrupted from outside", func(t *testing.T) {
		t.Parallel()
		x := startTerminal(t, "dashboard")
		x.waitFor(0, "not yet")
		if err := x.cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if code := x.end(); code != 130 {
			t.Errorf("exit code %d", code)
		}
		x.restored()
	})
	t.Run("ended from outside", func(t *testing.T) {
		t.Parallel()
		x := startTerminal(t, "dashboard")
		x.waitFor(0, "not yet")
		if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		x.end()
		x.restored()
	})
	t.Run("a window that is closed", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "state")
		x := startTerminal(t, "dashboard", "DOMDOC_TEST_STATE="+dir)
		x.waitFor(0, "not yet")
		x.typeKeys("/doubled\r")
		x.waitFor(0, "esc clears")
		if err := x.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if code := x.end(); code != 130 {
			t.Errorf("exit code %d", code)
		}
		x.restored()
		if k, err := readState(filepath.Join(dir, "dashboard-default.json")); err != nil || k.Filter != "doubled" {
			t.Errorf("what was kept is %+v (%v)", k, err)
		}
	})
	t.Run("a fault of ours", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "state")
		x := startTerminal(t, "panic", "DOMDOC_TEST_STATE="+dir)
		x.waitFor(0, "domdoc")
		// arrows are messages of their own; letters in one read would be one
		x.typeKeys(strings.Repeat("\x1b[B\x1b[A", 6))
		if code := x.end(); code != 1 {
			t.Errorf("exit code %d", code)
		}
		x.restored()
		file := filepath.Join(dir, terminal.LogName)
		at := x.waitFor(0, "\x1b[?1049l") // what it says stands on the screen that stays
		x.waitFor(at, "bug in domdoc (a fault of ours)")
		x.waitFor(at, file)
		raw, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(raw), "panic: a fault of ours") ||
			!strings.Contains(string(raw), "child_test.go:") {
			t.Errorf("the log is %q (%v)", raw, err)
		}
		if out := x.output()[at:]; strings.Contains(out, "goroutine ") {
			t.Errorf("the stack is on the screen: %q", out)
		}
	})
}

// TestTerminalPlain uses the plain lines: nothing is drawn over, no second screen, and each key is answered by what
// is new.
func TestTerminalPlain(t *testing.T) {
	t.Parallel()
	x := startTerminal(t, "plain")
	at := x.waitFor(0, "> ")
	x.waitFor(x.waitFor(at, "q quit"), "\r\n")
	before := len(x.output())
	x.typeKeys("\x1b[B")
	at = x.waitFor(before, "\r\n")
	if got := x.output()[before:at]; !strings.HasPrefix(got, "> ") || strings.Count(got, "\n") != 1 {
		t.Errorf("moving the selection writes %q", got)
	}
	x.typeKeys("\r") // opens the domain
	x.waitFor(at, "diagnosed ")
	x.typeKeys("\x1bq") // esc, then q: at once, they look like alt and q
	if code := x.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	x.waitFor(0, "\x1b[?2004l")
	out := x.output()
	for _, allowed := range []string{"\x1b[?2004h", "\x1b[?2004l"} { // pasted text is told from typed text
		out = strings.ReplaceAll(out, allowed, "")
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("an escape sequence: %q", out)
	}
}

// TestTerminalSuspends puts the dashboard into the background of a shell and brings it back.
func TestTerminalSuspends(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	x := startProgram(t, exec.Command(shell, "--norc", "--noediting", "-i"), "DOMDOC_TEST_CHILD=dashboard",
		"DOMDOC_TEST_BINARY="+os.Args[0], "PS1=ready> ")
	x.waitFor(0, "ready> ")
	x.typeKeys("$DOMDOC_TEST_BINARY\n")
	at := x.waitFor(0, "not yet")
	x.typeKeys("\x1a")
	at = x.waitFor(at, "\x1b[?1049l")
	at = x.waitFor(at, "Stopped")
	x.Resize(100, 30) // meanwhile
	x.typeKeys("fg\n")
	at = x.waitFor(at, "\x1b[?1049h")
	at = x.waitFor(at, "not yet")
	x.typeKeys("/zzz")
	at = x.waitFor(at, "no domain matches")
	x.typeKeys("\x03") // a program that does not notice keys any more would still be there
	at = x.waitFor(at, "\x1b[?1049l")
	x.waitFor(at, "ready> ")
	x.typeKeys("exit\n")
	x.end()
	x.restored()
}

// TestNoQuestions runs a command that shows no dashboard on a terminal that answers nothing: without the package
// dark, Bubble Tea's init would write escape bytes to it and stand still for 5 seconds.
func TestNoQuestions(t *testing.T) {
	t.Parallel()
	const stall = 5 * time.Second
	best := stall
	for range 3 { // a busy machine may be slow once; the stall would be every time
		x := startTerminal(t, "version")
		began := time.Now()
		if code := x.end(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		best = min(best, time.Since(began))
		x.waitFor(0, "domdoc 1.2.3")
		if strings.Contains(x.output(), "\x1b") {
			t.Errorf("an escape byte: %q", x.output())
		}
		if best < stall {
			return
		}
	}
	t.Errorf("it stood still for %s", stall)
}
