package dashboard

import (
	"strings"

	"domdoc/checks/query"

	"github.com/charmbracelet/bubbles/viewport"
	tea "github.com/charmbracelet/bubbletea"
)

const helpHeadLines = 3

// helpScreen lists what each key does.
type helpScreen struct {
	still
	*shared
	view    viewport.Model
	about   scope // described first
	written int   // the width for which the help was written; 0: not yet
}

func newHelpScreen(s *shared) *helpScreen { return &helpScreen{shared: s, view: s.newView()} }

func (h *helpScreen) scope() scope     { return scopeHelp }
func (h *helpScreen) scroll(lines int) { h.view.SetYOffset(h.view.YOffset + lines) }
func (h *helpScreen) body() string     { return h.view.View() }
func (h *helpScreen) hints() []action  { return []action{actBack, actPageDown, actQuit} }

func (h *helpScreen) resize(width, height int) {
	h.view.Width, h.view.Height = width, max(0, height-helpHeadLines)
}

// toggle shows the help, or leaves it.
func (h *helpScreen) toggle() {
	if h.screen == screen(h) {
		h.back()
		return
	}
	h.about, h.written = h.screen.scope(), 0
	h.show(h)
	h.view.GotoTop()
}

func (h *helpScreen) do(a action) tea.Cmd {
	if moveView(&h.view, a) {
		return nil
	}
	if a == actBack {
		h.back()
	}
	return nil
}

func (h *helpScreen) head() string {
	return h.titleLine("help", h.place(h.view)) + "\n" +
		h.th.Faint.Do("what each key does; the screen that you came from stands first") + "\n"
}

// refresh writes the help from the key map: it shows what is bound, and nothing else.
func (h *helpScreen) refresh() {
	if h.written == h.width {
		return
	}
	h.written = h.width
	p := newPage(h.th, h.width)
	order := []scope{h.about}
	for s := range scopeHelp {
		if s != h.about {
			order = append(order, s)
		}
	}
	for _, s := range order {
		p.head(s.String())
		h.helpOf(p, s)
	}
	p.head("everywhere")
	h.helpEverywhere(p)
	p.head("in a text field")
	p.hang(2, "enter", h.th.Accent, helpColumn, h.th.Plain, "keep what is typed; up and down still move in the list")
	p.hang(2, "esc", h.th.Accent, helpColumn, h.th.Plain, "leave it as it was")
	p.hang(2, "ctrl+u ctrl+w", h.th.Accent, helpColumn, h.th.Plain, "remove all before the cursor, or a word")
	p.head("in the filter, and in check --filter")
	for _, k := range query.Help() {
		p.hang(2, k[0], h.th.Accent, helpColumn, h.th.Plain, k[1])
	}
	p.head("signs")
	for s := range states {
		text, paint := h.stateWord(s)
		p.hang(2, text, paint, helpColumn, h.th.Plain, meaningOf(s))
	}
	if h.opt.Version != "" {
		p.head("domdoc " + printable(h.opt.Version))
	}
	h.view.SetContent(p.String())
}

const helpColumn = 26

// meaningOf explains a state.
func meaningOf(s state) string {
	switch s {
	case statePass:
		return "every check that could be made found nothing"
	case stateWarn:
		return "it works, and something will or may break it"
	case stateWait:
		return "nothing is to be done but wait; the time at which it ends at the latest is shown"
	case stateInconclusive:
		return "something could not be asked, so nothing is known of it; never a fault by itself"
	case stateFail:
		return "somebody must mend it"
	case stateNone, states:
	}
	return "nobody asked yet"
}

// general tells actions that are not about one or two screens.
func general(u *use) bool { return len(u.screens) > 4 }

// helpOf lists the actions of a screen, one a line, with the keys that they really have.
func (h *helpScreen) helpOf(p *page, s scope) {
	for i := range h.keys.specs {
		sp := &h.keys.specs[i]
		if u := sp.find(s); u != nil && !general(u) {
			h.helpLine(p, s, sp.action, u)
		}
	}
}

// helpEverywhere lists what is the same on most screens.
func (h *helpScreen) helpEverywhere(p *page) {
	for i := range h.keys.specs {
		sp := &h.keys.specs[i]
		for j := range sp.uses {
			if u := &sp.uses[j]; general(u) {
				h.helpLine(p, u.screens[0], sp.action, u)
			}
		}
	}
}

func (h *helpScreen) helpLine(p *page, s scope, a action, u *use) {
	var names []string
	for _, k := range h.keys.keys(s, a) {
		names = append(names, keyName(k))
	}
	if len(names) == 0 {
		names = []string{h.keyOf(s, a)}
	}
	p.hang(2, strings.Join(names, "  "), h.th.Accent, helpColumn, h.th.Plain, u.help)
}
