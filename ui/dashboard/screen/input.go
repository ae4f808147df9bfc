package screen

import (
	"unicode"

	"domdoc/catalog/sanitize"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/grid"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/theme"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// Input is a field for one line of text. The one of bubbles binds keys that tmux uses, and imports a clipboard
// library that starts other programs.
type Input struct {
	Text []rune
	Pos  int // the cursor
}

// MaxInput bounds a line, in characters.
const MaxInput = 500

// Value is the text.
func (in *Input) Value() string { return string(in.Text) }

// Set replaces the text; the cursor is at its end.
func (in *Input) Set(s string) {
	in.Text = in.Text[:0]
	in.Pos = 0
	in.Insert(s)
}

// Insert inserts text at the cursor: its first line, as far as it fits.
func (in *Input) Insert(s string) {
	s = sanitize.Text(page.FirstLine(s), MaxInput)
	add := []rune(s)
	add = add[:min(len(add), MaxInput-len(in.Text))]
	rest := append([]rune(nil), in.Text[in.Pos:]...)
	in.Text = append(append(in.Text[:in.Pos], add...), rest...)
	in.Pos += len(add)
}

// Press handles a key and reports whether the text changed.
func (in *Input) Press(msg tea.KeyMsg) bool {
	before := len(in.Text)
	switch msg.String() {
	case "left":
		in.Pos = max(0, in.Pos-1)
	case "right":
		in.Pos = min(len(in.Text), in.Pos+1)
	case "home":
		in.Pos = 0
	case "end":
		in.Pos = len(in.Text)
	case "backspace":
		in.remove(in.Pos-1, in.Pos)
	case "delete":
		in.remove(in.Pos, in.Pos+1)
	case "ctrl+u":
		in.remove(0, in.Pos)
	case "ctrl+w", "alt+backspace":
		from := in.Pos
		for from > 0 && unicode.IsSpace(in.Text[from-1]) {
			from--
		}
		for from > 0 && !unicode.IsSpace(in.Text[from-1]) {
			from--
		}
		in.remove(from, in.Pos)
	default:
		if !msg.Alt && (msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace) {
			in.Insert(string(msg.Runes))
			return len(msg.Runes) > 0
		}
	}
	return len(in.Text) != before
}

func (in *Input) remove(from, to int) {
	from, to = max(0, from), min(len(in.Text), to)
	if from >= to {
		return
	}
	in.Text = append(in.Text[:from], in.Text[to:]...)
	in.Pos = from
}

// Render shows the text with the cursor in it, cut to a width so that the cursor is visible.
func (in *Input) Render(th *theme.Theme, width int) string {
	before, after := string(in.Text[:in.Pos]), string(in.Text[in.Pos:])
	if ansi.StringWidth(before) >= width {
		in := []rune(before)
		for len(in) > 0 && ansi.StringWidth(string(in)) > width-2 { // the ellipsis and the cursor
			in = in[1:]
		}
		before = th.More + string(in)
	}
	return before + th.Accent.Do(th.Cursor) + ansi.Truncate(after, max(0, width-1-ansi.StringWidth(before)), "")
}

// Field is a text field that can be open.
type Field struct {
	Input
	Open   bool
	Before string // restored by esc
}

// Committed returns the text that was last confirmed, even while the field is open.
func (f *Field) Committed() string {
	if f.Open {
		return f.Before
	}
	return f.Value()
}

// MoveGrid runs an action that moves a selection.
func MoveGrid(g *grid.Grid, a action.Name) bool {
	switch a {
	case action.Up:
		g.Move(-1)
	case action.Down:
		g.Move(1)
	case action.PageUp:
		g.Page(-1)
	case action.PageDown:
		g.Page(1)
	case action.Top:
		g.First()
	case action.Bottom:
		g.Last()
	default:
		return false
	}
	return true
}

// MoveView runs an action that scrolls.
func MoveView(v *viewport.Model, a action.Name) bool {
	switch a {
	case action.Up:
		v.ScrollUp(1)
	case action.Down:
		v.ScrollDown(1)
	case action.PageUp:
		v.PageUp()
	case action.PageDown:
		v.PageDown()
	case action.Top:
		v.GotoTop()
	case action.Bottom:
		v.GotoBottom()
	default:
		return false
	}
	return true
}
