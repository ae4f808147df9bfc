package dashboard

import (
	"strings"

	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/dialog"
	"domdoc/ui/dashboard/grid"

	tea "github.com/charmbracelet/bubbletea"
)

// openPalette lists every action: first those available on this screen, then the others, with the reason.
func (m *model) openPalette() {
	var special, common, rest []dialog.Choice
	for i := range m.Keys.Specs {
		sp := &m.Keys.Specs[i]
		if sp.Name == action.Palette {
			continue
		}
		u, on := sp.Find(m.Screen.Scope()), m.Screen.Scope()
		if u == nil {
			u, on = &sp.Uses[0], sp.Uses[0].Screens[0]
		}
		var names []string
		for _, k := range m.Keys.Keys(on, sp.Name) {
			names = append(names, action.KeyName(k))
		}
		off := m.Unavailable(sp.Name)
		switch {
		case off != "" && on != m.Screen.Scope():
			off = "not here: " + off
		case off != "":
			off = "not now: " + off
		}
		it := dialog.Choice{
			Name: string(sp.Name), Text: u.Help, Note: strings.Join(names, "  "), Off: off,
			Do: func() tea.Cmd { return m.Do(sp.Name) },
		}
		switch {
		case it.Off != "":
			rest = append(rest, it)
		case dialog.General(u):
			common = append(common, it)
		default:
			special = append(special, it)
		}
	}
	m.choose.Open("all actions", "type to search; enter runs the action", []grid.Column{
		{Title: "name", Min: 17, Grow: 1, Max: 24},
		{Title: "what it does", Min: 20, Grow: 9, Max: 72},
		{Title: "keys", Min: 14, Grow: 1, Max: 26, Priority: 1},
	}, append(append(special, common...), rest...))
}
