package dialog

import (
	"slices"
	"strings"

	"domdoc/checks/query"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/page"
	"domdoc/ui/dashboard/screen"
	"domdoc/ui/dashboard/theme"

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
	search  screen.Field
	written helpKey // what the help was written for
}

// helpKey is all that the help depends on besides the keys.
type helpKey struct {
	width  int
	about  action.Scope
	search string
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
func (h *Help) Hints() []action.Name {
	return []action.Name{action.Back, action.Filter, action.PageDown, action.Quit}
}

// Typing implements screen.Screen.
func (h *Help) Typing() bool { return h.search.Open }

// Typed implements screen.Screen.
func (h *Help) Typed(msg tea.KeyMsg) tea.Cmd {
	switch msg.String() {
	case "enter":
		h.search.Open = false
	case "esc":
		h.search.Set(h.search.Before)
		h.search.Open = false
	default:
		if h.search.Press(msg) {
			h.View.GotoTop()
		}
	}
	return nil
}

// Paste implements screen.Screen.
func (h *Help) Paste(text string) (tea.Cmd, bool) {
	if h.search.Open {
		h.search.Insert(text)
	}
	return nil, h.search.Open
}

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
	h.about, h.written, h.search = h.Screen.Scope(), helpKey{}, screen.Field{}
	h.Show(h)
	h.View.GotoTop()
}

// Do implements screen.Screen.
func (h *Help) Do(a action.Name) tea.Cmd {
	if screen.MoveView(&h.View, a) {
		return nil
	}
	switch {
	case a == action.Filter:
		h.search.Open, h.search.Before = true, h.search.Value()
		h.search.Pos = len(h.search.Text)
	case a == action.Back && h.search.Value() != "":
		h.search.Set("")
	case a == action.Back:
		h.Back()
	}
	return nil
}

// Head implements screen.Screen.
func (h *Help) Head() string {
	line := h.Th.Faint.Do("what each key does, starting with the previous screen")
	switch {
	case h.search.Open:
		line = h.Th.Accent.Do("/") + " " + h.search.Render(h.Th, h.Width-4)
	case h.search.Value() != "":
		line = h.Th.Accent.Do("/") + " " + h.search.Value() + h.Th.Faint.Do("  ("+
			h.KeyOf(action.ScopeHelp, action.Back)+" clears)")
	}
	return h.TitleLine("help", h.Place(h.View)) + "\n" + line + "\n"
}

// Refresh writes the help from the key map: it shows exactly the bound keys, and of those what matches the search.
func (h *Help) Refresh() {
	key := helpKey{h.Width, h.about, h.search.Value()}
	if key == h.written {
		return
	}
	h.written = key
	p := page.New(h.Th, h.Width)
	words, found := strings.Fields(strings.ToLower(h.search.Value())), false
	for _, s := range h.sections() {
		head := false
		for _, it := range s.items {
			text := strings.ToLower(s.title + " " + it.label + " " + it.text)
			if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
				continue
			}
			if !head {
				p.Head(s.title)
				head, found = true, true
			}
			p.Hang(2, it.label, it.paint, helpColumn, h.Th.Plain, it.text)
		}
		if len(s.items) == 0 && len(words) == 0 {
			p.Head(s.title)
		}
	}
	if !found {
		p.Gap()
		p.Text(2, h.Th.Strong, "nothing in this help matches")
	}
	h.View.SetContent(p.String())
	h.View.SetYOffset(h.View.YOffset)
}

// helpSection is a part of the help, and helpItem one line of it.
type helpSection struct {
	title string
	items []helpItem
}

type helpItem struct {
	label string
	paint theme.Paint
	text  string
}

// sections returns the whole help.
func (h *Help) sections() []helpSection {
	var list []helpSection
	order := []action.Scope{h.about}
	for s := range action.ScopeHelp {
		if s != h.about {
			order = append(order, s)
		}
	}
	for _, s := range order {
		list = append(list, helpSection{s.String(), h.helpOf(s)})
	}
	var filter, signs []helpItem
	values := query.Values()
	for i, k := range query.Help() {
		text := k[1]
		if v := values[i][1]; v != query.AnyText && !strings.Contains(strings.ReplaceAll(text, " or ", ", "), v) {
			text += ": " + v
		}
		filter = append(filter, helpItem{k[0], h.Th.Accent, text})
	}
	for s := range inventory.States {
		text, paint := h.StateWord(s)
		signs = append(signs, helpItem{text, paint, s.Means()})
	}
	list = append(
		list, helpSection{action.ScopeHelp.String(), h.helpOf(action.ScopeHelp)},
		helpSection{"everywhere", h.helpEverywhere()},
		helpSection{"in a text field", []helpItem{
			{"enter", h.Th.Accent, "keep the text; up and down still move in the list"},
			{"esc", h.Th.Accent, "restore the previous text"},
			{"ctrl+u ctrl+w", h.Th.Accent, "delete to the beginning, or the previous word"},
		}},
		helpSection{"in the filter, and in check --filter", filter}, helpSection{"signs", signs},
	)
	if h.Version != "" {
		list = append(list, helpSection{title: "domdoc " + page.Printable(h.Version)})
	}
	return list
}

const helpColumn = 26

// General reports whether an action is available on most screens.
func General(u *action.Use) bool { return len(u.Screens) > 4 }

// helpOf lists the actions of a screen, one per line, with the keys that they really have.
func (h *Help) helpOf(s action.Scope) []helpItem {
	var list []helpItem
	for i := range h.Keys.Specs {
		sp := &h.Keys.Specs[i]
		if u := sp.Find(s); u != nil && !General(u) {
			list = append(list, h.helpLine(s, sp.Name, u))
		}
	}
	return list
}

// helpEverywhere lists the actions that are the same on most screens.
func (h *Help) helpEverywhere() []helpItem {
	var list []helpItem
	for i := range h.Keys.Specs {
		sp := &h.Keys.Specs[i]
		for j := range sp.Uses {
			if u := &sp.Uses[j]; General(u) {
				list = append(list, h.helpLine(u.Screens[0], sp.Name, u))
			}
		}
	}
	return list
}

func (h *Help) helpLine(s action.Scope, a action.Name, u *action.Use) helpItem {
	var names []string
	for _, k := range h.Keys.Keys(s, a) {
		names = append(names, action.KeyName(k))
	}
	if len(names) == 0 {
		names = []string{h.KeyOf(s, a)}
	}
	return helpItem{strings.Join(names, "  "), h.Th.Accent, u.Help}
}
