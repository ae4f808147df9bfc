package cli_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"domdoc/ui/render/report"

	"github.com/creack/pty"
)

// hangs is how long a process is given to end. It ends in a moment, except on a machine that is very busy.
const hangs = 3 * time.Minute

// TestVersionAsksTheTerminalNothing checks the guard against Bubble Tea's init, which queries the terminal for its
// colours and waits seconds for the reply: on a terminal that does not reply, version ends at once and writes no escape
// sequence.
func TestVersionAsksTheTerminalNothing(t *testing.T) {
	t.Parallel()
	const stall = 5 * time.Second // of Bubble Tea's init
	binary := built(t)
	best := time.Hour
	var out []byte
	for range 3 { // a busy machine may be slow once; the stall would be every time
		cmd := exec.Command(binary, "version")
		cmd.Env = []string{"TERM=xterm-256color", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
		start := time.Now()
		f, err := pty.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		out, _ = io.ReadAll(f) // ends in an error, which is a terminal's end of file
		_ = f.Close()
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		if best = min(best, time.Since(start)); best < stall {
			break
		}
	}
	if best >= stall {
		t.Errorf("version took %s: something waited for the terminal", best)
	}
	if bytes.IndexByte(out, 0x1b) >= 0 {
		t.Errorf("version wrote an escape to the terminal: %q", out)
	}
	if !bytes.HasPrefix(out, []byte("domdoc ")) {
		t.Errorf("version wrote %q", out)
	}
}

// TestDemoOpensTheDashboard runs the first command of the README, domdoc demo, on a terminal.
func TestDemoOpensTheDashboard(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(built(t), "demo")
	cmd.Env = []string{"TERM=xterm-256color", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer time.AfterFunc(hangs, func() { _ = cmd.Process.Kill() }).Stop()
	var seen []byte
	buf := make([]byte, 4096)
	for asked := false; ; {
		n, err := f.Read(buf)
		seen = append(seen, buf[:n]...)
		if !asked && bytes.Contains(seen, []byte("diagnose all")) { // the list's keys are shown: the dashboard is up
			asked = true
			if _, err := f.WriteString("q"); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil {
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%q", err, seen)
	}
	for _, want := range []string{"\x1b[?1049h", "\x1b[?1049l", "sandbox"} {
		if !bytes.Contains(seen, []byte(want)) {
			t.Errorf("%q was not written:\n%q", want, seen)
		}
	}
}

// TestKeysAreCheckedFirst runs demo with a key that the config file binds twice: the error names both actions, and the
// terminal gets no escape sequence.
func TestKeysAreCheckedFirst(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	file := filepath.Join(home, ".config", "domdoc", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("keys:\n  sort: d\n  dance: f4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(built(t), "demo")
	cmd.Env = []string{"TERM=xterm-256color", "HOME=" + home, "PATH=" + os.Getenv("PATH")}
	f, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(hangs, func() { _ = cmd.Process.Kill() }).Stop()
	out, _ := io.ReadAll(f)
	_ = f.Close()
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 2 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		"domdoc: error: ", `there is no action "dance"`,
		"d is bound to both diagnose (by default) and sort", "domdoc: hint: keys:",
	} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("%q was not written:\n%s", want, out)
		}
	}
	if bytes.IndexByte(out, 0x1b) >= 0 {
		t.Errorf("the terminal got an escape: %q", out)
	}
}

// TestReaderGoesAway closes the pipe after the first line, as head does, or at once: the run ends early, quietly and
// with exit code 0, although it found faults.
func TestReaderGoesAway(t *testing.T) {
	t.Parallel()
	few := []string{"check", "shop.fabrikam.example", "shop.timber.example"}
	for _, format := range report.FormatNames() {
		command := few
		if format == "jsonl" {
			command = []string{"check", "--all"}
		}
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(built(t), append(append([]string{"demo"}, command...), "-o", format)...)
			cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if format == "jsonl" {
				if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
					t.Error(err)
				}
			}
			if err := out.Close(); err != nil {
				t.Error(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if stderr.Len() > 0 {
				t.Errorf("it complained:\n%s", &stderr)
			}
		})
	}
}
