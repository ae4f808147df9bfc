package dashboard

import (
	"strings"

	"domdoc/ui/dashboard/grid"

	tea "github.com/charmbracelet/bubbletea"
)

// openPalette lists every action there is: what can be done on this screen first, then what cannot be done now or
// here, with the reason.
func (m *model) openPalette() {
	var special, common, rest []choice
	for i := range m.keys.specs {
		sp := &m.keys.specs[i]
		if sp.action == actPalette {
			continue
		}
		u, on := sp.find(m.screen.scope()), m.screen.scope()
		if u == nil {
			u, on = &sp.uses[0], sp.uses[0].screens[0]
		}
		var names []string
		for _, k := range m.keys.keys(on, sp.action) {
			names = append(names, keyName(k))
		}
		off := m.unavailable(sp.action)
		switch {
		case off != "" && on != m.screen.scope():
			off = "not here: " + off
		case off != "":
			off = "not now: " + off
		}
		it := choice{
			name: string(sp.action), text: u.help, note: strings.Join(names, "  "), off: off,
			do: func() tea.Cmd { return m.do(sp.action) },
		}
		switch {
		case it.off != "":
			rest = append(rest, it)
		case general(u):
			common = append(common, it)
		default:
			special = append(special, it)
		}
	}
	m.choose.open("all actions", "type a part of a name; enter does it", []grid.Column{
		{Title: "name", Min: 17, Grow: 1, Max: 24},
		{Title: "what it does", Min: 20, Grow: 9, Max: 72},
		{Title: "keys", Min: 14, Grow: 1, Max: 26, Priority: 1},
	}, append(append(special, common...), rest...))
}
