package dialog

import (
	"strings"

	"domdoc/checks/query"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

const helpHeadLines = 3

// Help lists what each key does.
type Help struct {
	screen.Base
	*screen.Shared
	View    viewport.Model
	about   action.Scope // described first
	written int          // the width for which the help was written; 0: not yet
}

// NewHelp makes the screen.
func NewHelp(s *screen.Shared) *Help { return &Help{Shared: s, View: s.NewView()} }

// Scope implements screen.Screen.
func (h *Help) Scope() action.Scope { return action.ScopeHelp }

// Scroll implements screen.Screen.
func (h *Help) Scroll(lines int) { h.View.SetYOffset(h.View.YOffset + lines) }

// Body implements screen.Screen.
func (h *Help) Body() string { return h.View.View() }

// Hints implements screen.Screen.
func (h *Help) Hints() []action.Name { return []action.Name{action.Back, action.PageDown, action.Quit} }

// Resize implements screen.Screen.
func (h *Help) Resize(width, height int) {
	h.View.Width, h.View.Height = width, max(0, height-helpHeadLines)
}

// Toggle shows the help, or leaves it.
func (h *Help) Toggle() {
	if h.Screen == screen.Screen(h) {
		h.Back()
		return
	}
	h.about, h.written = h.Screen.Scope(), 0
	h.Show(h)
	h.View.GotoTop()
}

// Do implements screen.Screen.
func (h *Help) Do(a action.Name) tea.Cmd {
	if screen.MoveView(&h.View, a) {
		return nil
	}
	if a == action.Back {
		h.Back()
	}
	return nil
}

// Head implements screen.Screen.
func (h *Help) Head() string {
	return h.TitleLine("help", h.Place(h.View)) + "\n" +
		h.Th.Faint.Do("what each key does, starting with the previous screen") + "\n"
}

// Refresh writes the help from the key map: it shows exactly the bound keys.
func (h *Help) Refresh() {
	if h.written == h.Width {
		return
	}
	h.written = h.Width
	p := page.New(h.Th, h.Width)
	order := []action.Scope{h.about}
	for s := range action.ScopeHelp {
		if s != h.about {
			order = append(order, s)
		}
	}
	for _, s := range order {
		p.Head(s.String())
		h.helpOf(p, s)
	}
	p.Head("everywhere")
	h.helpEverywhere(p)
	p.Head("in a text field")
	p.Hang(2, "enter", h.Th.Accent, helpColumn, h.Th.Plain, "keep the text; up and down still move in the list")
	p.Hang(2, "esc", h.Th.Accent, helpColumn, h.Th.Plain, "restore the previous text")
	p.Hang(2, "ctrl+u ctrl+w", h.Th.Accent, helpColumn, h.Th.Plain, "delete to the beginning, or the previous word")
	p.Head("in the filter, and in check --filter")
	for _, k := range query.Help() {
		p.Hang(2, k[0], h.Th.Accent, helpColumn, h.Th.Plain, k[1])
	}
	p.Head("signs")
	for s := range inventory.States {
		text, paint := h.StateWord(s)
		p.Hang(2, text, paint, helpColumn, h.Th.Plain, meaningOf(s))
	}
	if h.Version != "" {
		p.Head("domdoc " + page.Printable(h.Version))
	}
	h.View.SetContent(p.String())
}

const helpColumn = 26

// meaningOf explains a state.
func meaningOf(s inventory.State) string {
	switch s {
	case inventory.StatePass:
		return "all checks that could run found no fault"
	case inventory.StateWarn:
		return "it works, but something may break it"
	case inventory.StateWait:
		return "no action needed but waiting; the latest end is shown"
	case inventory.StateInconclusive:
		return "something could not be queried, so its state is unknown; not a fault in itself"
	case inventory.StateFail:
		return "it must be fixed"
	case inventory.StateNone, inventory.States:
	}
	return "not diagnosed yet"
}

// General reports whether an action is available on most screens.
func General(u *action.Use) bool { return len(u.Screens) > 4 }

// helpOf lists the actions of a screen, one per line, with the keys that they really have.
func (h *Help) helpOf(p *page.Builder, s action.Scope) {
	for i := range h.Keys.Specs {
		sp := &h.Keys.Specs[i]
		if u := sp.Find(s); u != nil && !General(u) {
			h.helpLine(p, s, sp.Name, u)
		}
	}
}

// helpEverywhere lists the actions that are the same on most screens.
func (h *Help) helpEverywhere(p *page.Builder) {
	for i := range h.Keys.Specs {
		sp := &h.Keys.Specs[i]
		for j := range sp.Uses {
			if u := &sp.Uses[j]; General(u) {
				h.helpLine(p, u.Screens[0], sp.Name, u)
			}
		}
	}
}

func (h *Help) helpLine(p *page.Builder, s action.Scope, a action.Name, u *action.Use) {
	var names []string
	for _, k := range h.Keys.Keys(s, a) {
		names = append(names, action.KeyName(k))
	}
	if len(names) == 0 {
		names = []string{h.KeyOf(s, a)}
	}
	p.Hang(2, strings.Join(names, "  "), h.Th.Accent, helpColumn, h.Th.Plain, u.Help)
}
