// Package terminal contains what the dashboard uses of the terminal and the system around it: the clipboard,
// notifications, a browser, a log file.
package terminal

import (
	"encoding/base64"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/theme"
)

// output is the program's output: Bubble Tea's frames, and a few escape sequences of our own. Each sequence is
// written at once under a lock, and Bubble Tea writes a frame at once, so that they never mix.
type output struct {
	mu *sync.Mutex // guards following
	w  io.Writer
}

// NewOutput makes the output that writes to w.
func NewOutput(w io.Writer) *output { return &output{&sync.Mutex{}, w} }

// Write writes a frame at once.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(p)
}

// Emit writes an escape sequence between two frames.
func (o *output) Emit(sequence string) { _, _ = io.WriteString(o, sequence) }

// outputFile is output on a terminal. Bubble Tea asks it for its descriptor, to learn the window's size. It can only
// be written with Write: other methods of os.File would bypass the lock.
type outputFile struct {
	file *os.File
	to   io.Writer
}

func (f outputFile) Write(p []byte) (int, error) { return f.to.Write(p) }
func (f outputFile) Read(p []byte) (int, error)  { return f.file.Read(p) }
func (f outputFile) Close() error                { return f.file.Close() }
func (f outputFile) Fd() uintptr                 { return f.file.Fd() }

// ForTea returns the output for Bubble Tea.
func (o *output) ForTea(plain bool) io.Writer {
	to := io.Writer(o)
	if plain {
		to = plainWriter{o}
	}
	if f, ok := o.w.(*os.File); ok {
		return outputFile{f, to}
	}
	return to
}

// MaxClip is the longest text, in bytes, that is sent to a terminal's clipboard: several take 100,000 characters of
// base64 and silently drop more.
const MaxClip = 74_990

// Osc52 returns the sequence that asks a terminal to put a text on the clipboard, also from within tmux and screen.
// The terminal may refuse, and does not report it.
func Osc52(text string, env []string) string {
	return passThrough("\x1b]52;c;"+base64.StdEncoding.EncodeToString([]byte(text))+"\a", env)
}

// passThrough wraps a sequence so that it reaches the terminal around a multiplexer. tmux also gets the bare one: it
// handles it itself if "set-clipboard on" is set, and passes on the wrapped one if "allow-passthrough on" is.
func passThrough(sequence string, env []string) string {
	get := theme.Lookup(env)
	switch {
	case get("TMUX") != "" || strings.HasPrefix(get("TERM"), "tmux"):
		return sequence + "\x1bPtmux;" + strings.ReplaceAll(sequence, "\x1b", "\x1b\x1b") + "\x1b\\"
	case get("STY") != "":
		// screen passes strings of some hundred bytes only, so that the sequence goes in pieces.
		const piece = 240
		var b strings.Builder
		for part := range slices.Chunk([]byte(sequence), piece) {
			b.WriteString("\x1bP")
			b.Write(part)
			b.WriteString("\x1b\\")
		}
		return b.String()
	}
	return sequence
}

// TakesClipboard reports whether the terminal is known to accept OSC 52 by default. Behind a multiplexer, or if
// unknown, it may not.
func TakesClipboard(env []string) bool {
	get := theme.Lookup(env)
	if get("TMUX") != "" || get("STY") != "" || get("ZELLIJ") != "" {
		return false
	}
	for _, name := range []string{
		"KITTY_WINDOW_ID", "WT_SESSION", "WEZTERM_PANE", "GHOSTTY_RESOURCES_DIR",
		"ALACRITTY_WINDOW_ID",
	} {
		if get(name) != "" {
			return true
		}
	}
	return slices.Contains([]string{"xterm-kitty", "alacritty", "foot", "xterm-ghostty", "wezterm"}, get("TERM"))
}

// Notification returns the bell, and the sequences for a desktop notification: OSC 9 (iTerm2, kitty, Windows
// Terminal, ConEmu) and OSC 777 (urxvt, foot, WezTerm, VTE). Other terminals ignore them.
func Notification(text string, env []string) string {
	text = strings.NewReplacer(";", ",").Replace(sanitize.Text(text, 200))
	get := theme.Lookup(env)
	out := "\a" + passThrough("\x1b]9;domdoc: "+text+"\a", env)
	if get("WEZTERM_PANE") != "" || get("GHOSTTY_RESOURCES_DIR") != "" {
		return out // they support both, and would show it twice
	}
	return out + passThrough("\x1b]777;notify;domdoc;"+text+"\a", env)
}

// plainWriter is the output that Bubble Tea gets in plain mode: of what it draws, only the sequence that makes the
// terminal mark pasted text goes through.
type plainWriter struct{ *output }

func (w plainWriter) Write(p []byte) (int, error) {
	if s := string(p); s == "\x1b[?2004h" || s == "\x1b[?2004l" {
		w.Emit(s)
	}
	return len(p), nil
}
