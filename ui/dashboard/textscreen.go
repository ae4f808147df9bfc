package dashboard

import (
	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

// textScreen is a text that stands on the screen so that it can be selected: from the first column, with nothing
// beside it and no colour.
type textScreen struct {
	still
	*shared
	title, about, text string
	view               viewport.Model
	written            int // the width for which the view was written; 0: not yet
}

const textHeadLines = 3

func newTextScreen(s *shared) *textScreen { return &textScreen{shared: s, view: s.newView()} }

func (t *textScreen) scope() scope     { return scopeText }
func (t *textScreen) identity() string { return t.title }
func (t *textScreen) scroll(lines int) { t.view.SetYOffset(t.view.YOffset + lines) }
func (t *textScreen) body() string     { return t.view.View() }
func (t *textScreen) hints() []action  { return []action{actBack, actPageDown, actHelp, actQuit} }

func (t *textScreen) resize(width, height int) {
	t.view.Width, t.view.Height = width, max(0, height-textHeadLines)
}

// openText shows a text.
func (t *textScreen) open(title, about, text string) {
	t.title, t.about, t.text, t.written = title, about, text, 0
	t.view.GotoTop()
	t.show(t)
}

func (t *textScreen) head() string {
	return t.titleLine(t.title, t.place(t.view)) + "\n" + t.th.Faint.Do(printable(t.about)) + "\n"
}

func (t *textScreen) refresh() {
	if t.written == t.width {
		return
	}
	t.written = t.width
	p := newPage(t.th, t.width)
	p.raw(t.text)
	t.view.SetContent(p.String())
}

func (t *textScreen) do(a action) tea.Cmd {
	if !moveView(&t.view, a) && a == actBack {
		t.back()
	}
	return nil
}
