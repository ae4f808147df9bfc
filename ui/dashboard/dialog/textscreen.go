package dialog

import (
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// Text shows a text to be selected with the mouse: it starts in the first column, without color.
type Text struct {
	screen.Base
	*screen.Shared
	title, about, Text string
	View               viewport.Model
	written            int // the width for which the view was written; 0: not yet
}

// TextHeadLines is the number of lines above the text.
const TextHeadLines = 3

// NewText makes the screen.
func NewText(s *screen.Shared) *Text { return &Text{Shared: s, View: s.NewView()} }

// Scope implements screen.Screen.
func (t *Text) Scope() action.Scope { return action.ScopeText }

// Identity implements screen.Screen.
func (t *Text) Identity() string { return t.title }

// Scroll implements screen.Screen.
func (t *Text) Scroll(lines int) { t.View.SetYOffset(t.View.YOffset + lines) }

// Body implements screen.Screen.
func (t *Text) Body() string { return t.View.View() }

// Hints implements screen.Screen.
func (t *Text) Hints() []action.Name {
	return []action.Name{action.Back, action.PageDown, action.Help, action.Quit}
}

// Resize implements screen.Screen.
func (t *Text) Resize(width, height int) {
	t.View.Width, t.View.Height = width, max(0, height-TextHeadLines)
}

// Open shows a text.
func (t *Text) Open(title, about, text string) {
	t.title, t.about, t.Text, t.written = title, about, text, 0
	t.View.GotoTop()
	t.Show(t)
}

// Head implements screen.Screen.
func (t *Text) Head() string {
	return t.TitleLine(t.title, t.Place(t.View)) + "\n" + t.Th.Faint.Do(page.Printable(t.about)) + "\n"
}

// Refresh implements screen.Screen.
func (t *Text) Refresh() {
	if t.written == t.Width {
		return
	}
	t.written = t.Width
	p := page.New(t.Th, t.Width)
	p.Raw(t.Text)
	t.View.SetContent(p.String())
}

// Do implements screen.Screen.
func (t *Text) Do(a action.Name) tea.Cmd {
	if !screen.MoveView(&t.View, a) && a == action.Back {
		t.Back()
	}
	return nil
}
