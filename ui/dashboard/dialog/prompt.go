package dialog

import (
	"strings"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"

	tea "github.com/charmbracelet/bubbletea"
)

// Prompt asks for one line of text, with a proposal.
type Prompt struct {
	screen.Base
	*screen.Shared
	title, about string
	field        screen.Input
	done         func(string) tea.Cmd
}

// NewPrompt makes the screen.
func NewPrompt(s *screen.Shared) *Prompt { return &Prompt{Shared: s} }

// Open asks. done gets the text.
func (p *Prompt) Open(title, about, proposed string, done func(string) tea.Cmd) {
	p.title, p.about, p.done = title, about, done
	p.field.Set(proposed)
	p.Show(p)
}

// Scope implements screen.Screen.
func (p *Prompt) Scope() action.Scope { return action.ScopeChoose }

// Identity implements screen.Screen.
func (p *Prompt) Identity() string { return p.title }

// Resize implements screen.Screen.
func (p *Prompt) Resize(int, int) {}

// Typing implements screen.Screen.
func (p *Prompt) Typing() bool { return true }

// Typed implements screen.Screen.
func (p *Prompt) Typed(msg tea.KeyMsg) tea.Cmd {
	p.field.Press(msg)
	return nil
}

// Paste implements screen.Screen.
func (p *Prompt) Paste(text string) (tea.Cmd, bool) {
	p.field.Insert(text)
	return nil, true
}

// Hints implements screen.Screen.
func (p *Prompt) Hints() []action.Name { return []action.Name{action.Open, action.Back} }

// Do implements screen.Screen.
func (p *Prompt) Do(a action.Name) tea.Cmd {
	switch a {
	case action.Back:
		p.Back()
	case action.Open:
		text := strings.TrimSpace(p.field.Value())
		if text == "" {
			return p.Say("nothing is entered; esc goes back")
		}
		p.Back()
		return p.done(text)
	}
	return nil
}

// Head implements screen.Screen.
func (p *Prompt) Head() string { return p.TitleLine(p.title, "") + "\n" }

// Body implements screen.Screen.
func (p *Prompt) Body() string {
	b := page.New(p.Th, p.Width)
	b.Text(2, p.Th.Faint, p.about)
	b.Gap()
	b.Line("  " + p.Th.Accent.Do(p.Th.Pointer) + " " + p.field.Render(p.Th, p.Width-6))
	return b.String()
}
