// Package theme is how the dashboard looks: a palette, by default of the terminal's own 16 colors, the glyphs, and
// the styles of the parts. It never sets a background (the selection is reversed instead), so that it is readable on
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
	Env   []string // "NAME=value"; NO_COLOR, TERM, COLORFGBG and the locale are read from it
	Theme string   // one of Names; empty: light on a terminal that says that its background is, otherwise terminal
}

// Names are the palettes that the user can choose:
//   - terminal: the terminal's own colors, which its user chose. Bright black (8) is not used, since popular palettes
//     set it to the background color; faint has the same meaning without a color.
//   - light, dark: fixed colors with a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3) on light or dark backgrounds, for
//     terminals whose own colors are hard to read.
//   - contrast: no color; everything has the terminal's own contrast.
func Names() []string { return []string{"terminal", "light", "dark", "contrast"} }

// palette is the colors of the roles. An empty color is the terminal's own foreground.
type palette struct {
	bad, good, warning, unknown, accent, waiting, faint lipgloss.Color
}

// The colors of light and dark are of the 6x6x6 cube and the grays of 256-color terminals, which users rarely change.
func palettes() map[string]palette {
	return map[string]palette{
		"terminal": {bad: "1", good: "2", warning: "3", unknown: "5", accent: "6", waiting: "6"},
		"light":    {bad: "124", good: "22", warning: "94", unknown: "90", accent: "24", waiting: "24", faint: "240"},
		"dark": {
			bad: "210", good: "114", warning: "221", unknown: "183", accent: "117", waiting: "117",
			faint: "249",
		},
		"contrast": {},
	}
}

// chosen returns the palette's name. A terminal without 256 colors has its own or none.
func (opt Options) chosen(env func(string) string) string {
	name := opt.Theme
	if name == "" {
		name = "terminal"
		if lightBackground(env("COLORFGBG")) {
			name = "light"
		}
	}
	if (name == "light" || name == "dark") && !strings.Contains(env("TERM"), "256color") && env("COLORTERM") == "" {
		return "terminal"
	}
	return name
}

// lightBackground reads COLORFGBG, which some terminals set: "0;15" is black on white.
func lightBackground(value string) bool {
	bg := value[strings.LastIndexByte(value, ';')+1:]
	return bg == "7" || bg == "15"
}

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
	r.SetColorProfile(termenv.ANSI256)
	if !colour {
		r.SetColorProfile(termenv.Ascii) // no attribute either: bold and reverse are escape sequences too
	}
	s := r.NewStyle()
	name := opt.chosen(env)
	p := palettes()[name]
	in := func(c lipgloss.Color) lipgloss.Style {
		if c == "" {
			return s
		}
		return s.Foreground(c)
	}
	faint := in(p.faint)
	if name == "terminal" {
		faint = s.Faint(true)
	}
	accent := in(p.accent)
	if name == "contrast" {
		accent = s.Underline(true)
	}
	t := &Theme{
		Strong: paint(s.Bold(true)), Faint: paint(faint), Accent: paint(accent),
		Good: paint(in(p.good)), Bad: paint(in(p.bad).Bold(true)), Warning: paint(in(p.warning)),
		Waiting: paint(in(p.waiting)), Unknown: paint(in(p.unknown)), Select: paint(s.Reverse(true)),
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
