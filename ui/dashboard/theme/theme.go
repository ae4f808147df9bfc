// Package theme is how the dashboard looks: one palette made of the terminal's own 16 colors, the glyphs, and the
// styles of the parts. It never sets a background (the selection is reversed instead), so that it is readable on
// light and dark terminals alike, and severity is always a glyph and a word besides the color.
package theme

import (
	"io"
	"strings"

	// Must precede every import that queries the terminal; see its documentation.
	_ "domdoc/ui/dashboard/theme/dark"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

// Paint applies one style to text. It is a lipgloss style reduced to a prefix and a suffix: rendering a full style
// costs a dozen allocations for each cell of a grid.
type Paint struct{ open, end string }

// Do paints a text without line breaks. An empty text stays empty.
func (p Paint) Do(s string) string {
	if p.open == "" || s == "" {
		return s
	}
	return p.open + s + p.end
}

// Append paints a text onto the end of dst.
func (p Paint) Append(dst []byte, s string) []byte {
	if p.open == "" || s == "" {
		return append(dst, s...)
	}
	dst = append(dst, p.open...)
	dst = append(dst, s...)
	return append(dst, p.end...)
}

// Theme is the look of one program. It does not change after New.
type Theme struct {
	Glyphs

	Plain   Paint // no style at all
	Strong  Paint // titles and important text
	Faint   Paint // labels and less important text
	Accent  Paint // text to type or copy: keys, commands, records
	Good    Paint
	Bad     Paint
	Warning Paint
	Waiting Paint
	Unknown Paint
	Select  Paint // the selected row, the cursor

	Colour bool // escape sequences are used at all

	ascii bool
	plain bool
	base  lipgloss.Style
}

// Options describe what the terminal supports.
type Options struct {
	Color string   // auto, always or never; empty is auto
	Plain bool     // for a screen reader: no color, and words instead of glyphs
	Env   []string // "NAME=value"; NO_COLOR, TERM and the locale are read from it
}

// The palette: the terminal's own colors, which its user chose. Bright black (8) is not used, since popular palettes
// set it to the background color; faint has the same meaning without a color.
const (
	red     = lipgloss.Color("1")
	green   = lipgloss.Color("2")
	yellow  = lipgloss.Color("3")
	magenta = lipgloss.Color("5")
	cyan    = lipgloss.Color("6")
)

// New makes the theme for a terminal.
func New(opt Options) *Theme {
	env := Lookup(opt.Env)
	colour := true
	switch {
	case opt.Color == "never", opt.Plain:
		colour = false
	case opt.Color == "always":
	default:
		colour = env("NO_COLOR") == "" && env("TERM") != "dumb"
	}
	// A renderer of our own, told everything: the global one would look at this process's stdout and environment.
	r := lipgloss.NewRenderer(io.Discard)
	r.SetHasDarkBackground(true)
	r.SetColorProfile(termenv.ANSI)
	if !colour {
		r.SetColorProfile(termenv.Ascii) // no attribute either: bold and reverse are escape sequences too
	}
	s := r.NewStyle()
	t := &Theme{
		Strong: paint(s.Bold(true)), Faint: paint(s.Faint(true)), Accent: paint(s.Foreground(cyan)),
		Good: paint(s.Foreground(green)), Bad: paint(s.Foreground(red).Bold(true)), Warning: paint(s.Foreground(yellow)),
		Waiting: paint(s.Foreground(cyan)), Unknown: paint(s.Foreground(magenta)), Select: paint(s.Reverse(true)),
		Colour: colour, base: s, Glyphs: unicodeGlyphs(),
	}
	if !utf8Locale(env) {
		t.ascii, t.Glyphs = true, asciiGlyphs()
	}
	if opt.Plain {
		t.plain, t.Glyphs = true, plainGlyphs()
	}
	return t
}

// Base is a style of the theme's renderer without any property, for the parts that come from bubbles: their defaults
// would use the global renderer.
func (t *Theme) Base() lipgloss.Style { return t.base }

// paint takes a style apart.
func paint(s lipgloss.Style) Paint {
	before, after, ok := strings.Cut(s.Render("x"), "x")
	if !ok {
		return Paint{}
	}
	return Paint{before, after}
}

// Lookup makes a function that finds a variable among "NAME=value" strings; empty where there is none.
func Lookup(env []string) func(string) string {
	return func(name string) string {
		value := ""
		for _, e := range env {
			if k, v, _ := strings.Cut(e, "="); k == name {
				value = v // the last one counts, as for a process
			}
		}
		return value
	}
}

// utf8Locale reports whether the terminal shows UTF-8. A locale that says nothing is believed to: most terminals do,
// and few containers set one.
func utf8Locale(env func(string) string) bool {
	if term := env("TERM"); term == "linux" || term == "vt100" || term == "vt220" {
		return false // the console's font lacks most glyphs
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := env(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}

// Finish makes a frame fit for the terminal: where it shows ASCII only, every other character becomes a stand-in of
// the same width. Plain lines have no width to keep to, and get words.
func (t *Theme) Finish(frame string) string {
	if t.plain {
		frame = plainFrame(frame)
	}
	if !t.ascii {
		return frame
	}
	var b strings.Builder
	b.Grow(len(frame))
	for _, r := range frame {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r == '…':
			b.WriteByte('~')
		case r == '·':
			b.WriteByte('.')
		case r == '–' || r == '—':
			b.WriteByte('-')
		case r == '“' || r == '”':
			b.WriteByte('"')
		default:
			for range ansi.StringWidth(string(r)) {
				b.WriteByte('?')
			}
		}
	}
	return b.String()
}
