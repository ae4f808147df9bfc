package dashboard

import (
	"unicode"

	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// input is a field for one line of text. The one of bubbles binds keys that tmux takes and brings a clipboard library
// that starts other programs.
type input struct {
	text []rune
	pos  int // where the next character goes
}

// maxInput bounds a line, in characters.
const maxInput = 500

func (in *input) value() string { return string(in.text) }

func (in *input) set(s string) {
	in.text = in.text[:0]
	in.pos = 0
	in.insert(s)
}

// insert puts text at the cursor: its first line, as far as it fits.
func (in *input) insert(s string) {
	s = sanitize.Text(firstLine(s), maxInput)
	add := []rune(s)
	add = add[:min(len(add), maxInput-len(in.text))]
	rest := append([]rune(nil), in.text[in.pos:]...)
	in.text = append(append(in.text[:in.pos], add...), rest...)
	in.pos += len(add)
}

// press handles a key and reports whether the text changed.
func (in *input) press(msg tea.KeyMsg) bool {
	before := len(in.text)
	switch msg.String() {
	case "left":
		in.pos = max(0, in.pos-1)
	case "right":
		in.pos = min(len(in.text), in.pos+1)
	case "home":
		in.pos = 0
	case "end":
		in.pos = len(in.text)
	case "backspace":
		in.remove(in.pos-1, in.pos)
	case "delete":
		in.remove(in.pos, in.pos+1)
	case "ctrl+u":
		in.remove(0, in.pos)
	case "ctrl+w", "alt+backspace":
		from := in.pos
		for from > 0 && unicode.IsSpace(in.text[from-1]) {
			from--
		}
		for from > 0 && !unicode.IsSpace(in.text[from-1]) {
			from--
		}
		in.remove(from, in.pos)
	default:
		if !msg.Alt && (msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace) {
			in.insert(string(msg.Runes))
			return len(msg.Runes) > 0
		}
	}
	return len(in.text) != before
}

func (in *input) remove(from, to int) {
	from, to = max(0, from), min(len(in.text), to)
	if from >= to {
		return
	}
	in.text = append(in.text[:from], in.text[to:]...)
	in.pos = from
}

// render shows the text with the cursor in it, cut to a width so that the cursor is in view.
func (in *input) render(th *theme.Theme, width int) string {
	before, after := string(in.text[:in.pos]), string(in.text[in.pos:])
	if ansi.StringWidth(before) >= width {
		in := []rune(before)
		for len(in) > 0 && ansi.StringWidth(string(in)) > width-2 { // the ellipsis and the cursor
			in = in[1:]
		}
		before = th.More + string(in)
	}
	return before + th.Accent.Do(th.Cursor) + ansi.Truncate(after, max(0, width-1-ansi.StringWidth(before)), "")
}

// field is a text field that is open or not.
type field struct {
	input
	open   bool
	before string // what esc restores
}

// committed is the text that was kept last: while the field is open, the one from before.
func (f *field) committed() string {
	if f.open {
		return f.before
	}
	return f.value()
}
