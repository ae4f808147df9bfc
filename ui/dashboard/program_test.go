package dashboard

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"domdoc/ui/dashboard/terminal"

	tea "github.com/charmbracelet/bubbletea"
)

// walled is a model behind its wall, as Run makes it, without a terminal.
func walled(t *testing.T, change func(*options)) (*root, *bench) {
	t.Helper()
	b := newBench(t, change)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r := &root{ctx: ctx, cancel: cancel, log: terminal.NewLogFile(b.opt.StateDir), opt: b.opt, model: b.model}
	t.Cleanup(r.log.Close)
	return r, b
}

// TestFaultsOfOurs has our code panic wherever Bubble Tea calls it: the program ends in order, and the stack is in
// the log, or else in the hint.
func TestFaultsOfOurs(t *testing.T) {
	t.Parallel()
	boom := func() tea.Msg { panic("boom") }
	for name, fail := range map[string]func(r *root, b *bench){
		"a message": func(r *root, b *bench) { b.list.Grid = nil; r.Update(keyMsg(t, "down")) },
		"a frame":   func(r *root, b *bench) { b.list.Grid = nil; r.View() },
		"a command": func(r *root, b *bench) { r.own(boom)() },
		"one command among others": func(r *root, b *bench) {
			msg := r.own(func() tea.Msg { return tea.BatchMsg{nil, func() tea.Msg { return nil }, boom} })()
			for _, c := range msg.(tea.BatchMsg) {
				if c != nil {
					c()
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r, b := walled(t, keeping(dir))
			b.load()
			fail(r, b)
			crash, ok := r.crashed().(*CrashError)
			if !ok || r.ctx.Err() == nil {
				t.Fatalf("the program does not end: %v", r.crashed())
			}
			if raw, err := os.ReadFile(filepath.Join(dir, terminal.LogName)); err != nil ||
				!strings.Contains(string(raw), "goroutine ") {
				t.Errorf("the log is %q (%v)", raw, err)
			}
			if !strings.Contains(crash.Hint(), filepath.Join(dir, terminal.LogName)) ||
				strings.Contains(crash.Hint(), "goroutine") {
				t.Errorf("the hint is %q", crash.Hint())
			}

			r, b = walled(t, nil)
			b.load()
			fail(r, b)
			if crash, ok := r.crashed().(*CrashError); !ok || !strings.Contains(crash.Hint(), "goroutine ") {
				t.Errorf("without a log, the hint is %v", crash)
			}
		})
	}
}

// TestMessagesGoHome checks that a command's message comes to the model that gave the command, and to no other.
func TestMessagesGoHome(t *testing.T) {
	t.Parallel()
	r, b := walled(t, nil)
	b.load()
	msg := r.own(func() tea.Msg { return tenantMsg{b.l.tenant} })()
	if _, ok := msg.(ownMsg); !ok {
		t.Fatalf("it comes as %T", msg)
	}
	b.Tenant = nil
	r.epoch++
	if r.Update(msg); b.Tenant != nil {
		t.Error("a message of the model before was taken")
	}
	r.epoch--
	if r.Update(msg); b.Tenant == nil {
		t.Error("its own message was not taken")
	}
	for name, cmd := range map[string]tea.Cmd{
		"quit": tea.Quit, "suspend": tea.Suspend,
		"mouse": tea.EnableMouseCellMotion,
	} {
		if _, ok := r.own(cmd)().(ownMsg); ok {
			t.Errorf("what is for Bubble Tea is kept from it: %s", name)
		}
	}
	if r.own(nil) != nil || r.own(func() tea.Msg { return nil })() != nil {
		t.Error("nothing becomes something")
	}
}

// TestLog checks where the log is, and that it is bounded.
func TestLog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	l := terminal.NewLogFile(dir)
	if _, err := os.Stat(dir); err == nil {
		t.Error("there is a directory before anything is logged")
	}
	line := []byte(strings.Repeat("x", 1000) + "\n")
	for range 2 * terminal.MaxSession / len(line) {
		if n, err := l.Write(line); n != len(line) || err != nil {
			t.Fatal(n, err)
		}
	}
	l.Close()
	info, err := os.Stat(filepath.Join(dir, terminal.LogName))
	if err != nil || info.Size() > terminal.MaxSession || info.Size() < terminal.MaxSession/2 ||
		info.Mode().Perm() != 0o600 {
		t.Errorf("the log is %v (%v)", info, err)
	}
	l = terminal.NewLogFile(dir)
	l.Write([]byte("the next start\n"))
	l.Close()
	if raw, err := os.ReadFile(filepath.Join(dir, terminal.LogName)); err != nil || string(raw) != "the next start\n" {
		t.Errorf("the next log is %d bytes (%v)", len(raw), err)
	}
	if l := terminal.NewLogFile(""); l.Path() != "" || l.Fault(noon, "1", "x", line) {
		t.Error("a log without a place")
	}
}
