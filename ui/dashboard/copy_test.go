package dashboard

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/terminal"

	tea "github.com/charmbracelet/bubbletea"
)

// terminalOf plays a terminal behind what wraps sequences: it gives what reaches the terminal outside.
func unwrapped(t *testing.T, s string, env []string) string {
	t.Helper()
	var out strings.Builder
	for s != "" {
		inner, after, ok := strings.Cut(s, "\x1b\\")
		switch body, dcs := strings.CutPrefix(inner, "\x1bP"); {
		case !ok || !dcs && !strings.Contains(inner, "\x1bP"):
			return out.String() + s
		case !dcs: // a bare one first
			bare, rest, _ := strings.Cut(inner, "\x1bP")
			_ = bare // the multiplexer keeps it
			body = rest
			fallthrough
		default:
			if body, tmux := strings.CutPrefix(body, "tmux;"); tmux {
				// Within it each ESC is doubled, and so none of its own ends it.
				out.WriteString(strings.ReplaceAll(body, "\x1b\x1b", "\x1b"))
			} else {
				if len(body) > 256 {
					t.Errorf("a piece of %d bytes: screen drops it", len(body))
				}
				out.WriteString(body)
			}
			s = after
		}
	}
	return out.String()
}

func TestClipboardSequence(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("tok-51c0de77 é ", 400)
	for name, env := range map[string][]string{
		"a terminal":          {"TERM=xterm-256color"},
		"tmux":                {"TERM=screen-256color", "TMUX=/tmp/tmux-0/default,1,0"},
		"tmux at the far end": {"TERM=tmux-256color", "SSH_CONNECTION=1"},
		"screen":              {"TERM=screen", "STY=123.pts-0"},
		"something of a name": {"TERM=screen.xterm"},
	} {
		for _, text := range []string{"shop.example.com", long, "two\nlines"} {
			got := terminal.Osc52(text, env)
			inner := unwrapped(t, got, env)
			if want := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(text)) + "\a"; inner != want {
				t.Errorf("%s: %q reaches the terminal as %q", name, text[:min(len(text), 20)], inner[:min(len(inner), 60)])
			}
			if strings.HasPrefix(name, "tmux") && !strings.HasPrefix(got, "\x1b]52;c;") {
				t.Errorf("%s does not get the sequence itself", name)
			}
		}
	}
}

func TestTakesClipboard(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]bool{
		"TERM=xterm-256color":                 false,
		"TERM=xterm-kitty":                    true,
		"TERM=foot":                           true,
		"TERM=xterm-256color WT_SESSION=1":    true,
		"TERM=tmux-256color":                  false,
		"TERM=xterm-kitty TMUX=x":             false,
		"TERM=screen STY=1 KITTY_WINDOW_ID=7": false,
		"TERM=alacritty ZELLIJ=0":             false,
	} {
		if got := terminal.TakesClipboard(strings.Fields(env)); got != want {
			t.Errorf("%s: %v, want %v", env, got, want)
		}
	}
}

// copied runs a command and gives the text that it has put on the clipboard.
func (b *bench) copied(press func() tea.Cmd) string {
	b.t.Helper()
	wrote := make(chan string, 1)
	b.opt.emit = func(s string) { wrote <- s }
	cmd := press()
	go yields(cmd, func(tea.Msg) bool { return false })
	select {
	case got := <-wrote:
		text, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(strings.TrimPrefix(got, "\x1b]52;c;"), "\a"))
		if err != nil {
			b.t.Fatalf("%q: %v", got, err)
		}
		return string(text)
	case <-time.After(patience):
		b.t.Fatal("nothing was sent to the terminal")
	}
	return ""
}

// TestCopy copies what a domain offers: the clipboard gets it as it is, and where that is not sure the screen shows
// it so that it can be selected.
func TestCopy(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results().open("name-doubled")
	for _, c := range b.copyables() {
		found := false
		for _, it := range func() []dialog.Choice { b.act(action.Copy); return b.choose.Items }() {
			found = found || it.Name == c.Label
		}
		if !found {
			t.Errorf("the menu lacks %s", c.Label)
		}
		b.press("esc")
	}
	record := b.detail.report().Roots()[0].Fix().Records[0]
	for typed, want := range map[string]string{
		"value": record.Value, "verification record: name": record.Name,
		"domain's name": "shop.fabrikam.example", "sentence": b.detail.report().Roots()[0].Summary(),
	} {
		b.press("y")
		for _, r := range typed {
			b.press(string(r))
		}
		if got := b.copied(func() tea.Cmd { return b.press("enter") }); got != want {
			t.Errorf("%s: the clipboard has %q, want %q", typed, got, want)
		}
		if b.Screen.Scope() != action.ScopeText || b.model.text.Text != want {
			t.Errorf("%s: the screen shows %q, at %s", typed, b.model.text.Text, b.Screen.Scope())
		}
		b.send(tea.WindowSizeMsg{Width: 200, Height: 30})
		// nothing beside it, nothing before it
		if lines := strings.Split(b.View(), "\n"); lines[dialog.TextHeadLines] != want {
			t.Errorf("%s: the line is %q", typed, lines[dialog.TextHeadLines])
		}
		if b.press("esc"); b.Screen.Scope() != action.ScopeDetail {
			t.Errorf("esc leads to %s", b.Screen.Scope())
		}
	}
	b = newBench(t, func(o *options) { o.Env = []string{"TERM=xterm-kitty"} })
	b.load()
	b.press("y", "n", "a", "m", "e")
	name := b.Domains.Find(b.list.Grid.SelectedID()).ASCII
	if got := b.copied(func() tea.Cmd { return b.press("enter") }); got != name ||
		b.Screen.Scope() != action.ScopeList {
		t.Errorf("the clipboard has %q, at %s", got, b.Screen.Scope())
	}
	b.shows("copied the domain's name: " + name)
}

// TestCopyIsBounded checks that a terminal never gets more than it takes, nor anything that it would obey.
func TestCopyIsBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	wrote := false
	b.opt.emit = func(string) { wrote = true }
	long := strings.Repeat("0123456789", terminal.MaxClip/10+1)
	if cmd := b.copyText("a long text", long); cmd != nil {
		cmd()
	}
	if wrote {
		t.Error("too long a text was sent")
	}
	b.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	b.shows("too long for a terminal's clipboard (75,000 bytes)", "0123456789")
	if n := len(terminal.Osc52(strings.Repeat("x", terminal.MaxClip), nil)); n > 100_000 {
		t.Errorf("the longest sequence is %d bytes", n)
	}
	if got := page.Pasteable("a\x1b[2Jb\r\nrm -rf\u202e"); strings.ContainsAny(got, "\x1b\r\u202e") ||
		!strings.Contains(got, "\n") {
		t.Errorf("pasted as %q", got)
	}
	b.model.text.Open("wild", "\x1b[2J", "\x1b[2J\u202e"+strings.Repeat("界", 300)+"\n\n\tend")
	for _, s := range sizes {
		b.send(tea.WindowSizeMsg{Width: s.w, Height: s.h})
		checkFrame(t, b.View(), s.w, s.h)
		if strings.ContainsAny(b.View(), "\x1b\u202e") {
			t.Errorf("on the screen: %q", b.View())
		}
	}
}

// TestOutputIsWhole writes frames and sequences at the same time: none is in the middle of another.
func TestOutputIsWhole(t *testing.T) {
	t.Parallel()
	var buf slowBuffer
	out := terminal.NewOutput(&buf)
	frames := out.ForTea(false)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 50 {
				if i%2 == 0 {
					_, _ = io.WriteString(frames, fmt.Sprintf("<%d.%d%s>", i, n, strings.Repeat("f", 300)))
				} else {
					out.Emit(fmt.Sprintf("<%d.%d%s>", i, n, strings.Repeat("s", 300)))
				}
			}
		})
	}
	wg.Wait()
	parts := strings.Split(strings.Trim(buf.String(), "<>"), "><")
	if len(parts) != 200 {
		t.Fatalf("%d whole pieces", len(parts))
	}
	for _, p := range parts {
		if strings.ContainsAny(p, "<>") || len(strings.TrimLeft(p, "0123456789.")) != 300 {
			t.Errorf("a broken piece: %q", p)
		}
	}
}

// TestOutputHasOneWay checks that nothing that Bubble Tea may call on a terminal's file goes around the lock, or
// around what plain lines let through.
func TestOutputHasOneWay(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "terminal"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	out := terminal.NewOutput(file)
	for _, w := range []io.Writer{out.ForTea(false), out.ForTea(true)} {
		if f, ok := w.(interface{ Fd() uintptr }); !ok || f.Fd() != file.Fd() {
			t.Error("the window's size cannot be asked for")
		}
		if _, ok := w.(io.StringWriter); ok {
			t.Error("strings go another way")
		}
		if _, ok := w.(io.ReaderFrom); ok {
			t.Error("copies go another way")
		}
	}
	_, _ = io.WriteString(out.ForTea(true), "\x1b[?25l")
	_, _ = io.WriteString(out.ForTea(true), "\x1b[?2004h")
	if raw, err := os.ReadFile(file.Name()); err != nil || string(raw) != "\x1b[?2004h" {
		t.Errorf("plain lines let %q through (%v)", raw, err)
	}
}

// slowBuffer takes a few bytes at a time, as a terminal does.
type slowBuffer struct{ bytes.Buffer }

func (s *slowBuffer) Write(p []byte) (int, error) {
	for i := range p {
		s.WriteByte(p[i])
	}
	return len(p), nil
}
