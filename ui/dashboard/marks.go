package dashboard

import (
	"maps"
	"slices"

	tea "github.com/charmbracelet/bubbletea"
)

// marks are the domains that somebody picked out, by their ids: sorting, filtering and loading do not touch them.
type marks struct {
	ids     map[string]bool
	version int // changes with every change
}

func (k *marks) len() int           { return len(k.ids) }
func (k *marks) has(id string) bool { return k.ids[id] }
func (k *marks) list() []string     { return slices.Sorted(maps.Keys(k.ids)) }
func (k *marks) set(id string, on bool) {
	if id == "" || k.has(id) == on {
		return
	}
	k.version++
	if !on {
		delete(k.ids, id)
		return
	}
	if k.ids == nil {
		k.ids = map[string]bool{}
	}
	k.ids[id] = true
}

// toggleMark marks the selected domain, or takes its mark away, and goes on to the next: several in a row are one key
// each.
func (m *model) toggleMark() {
	id := m.grid.SelectedID()
	m.marks.set(id, !m.marks.has(id))
	m.grid.Move(1)
}

// markShown marks every domain that the list shows.
func (m *model) markShown() tea.Cmd {
	for _, i := range m.grid.Order() {
		m.marks.set(m.fleet.rows[i].id, true)
	}
	return m.say("%s marked", plural(m.marks.len(), "domain is", "domains are"))
}

func offMarkShown(m *model) string {
	if m.grid.Len() == 0 {
		return "the list shows no domain"
	}
	return ""
}

func offUnmark(m *model) string {
	if m.marks.len() == 0 {
		return "no domain is marked"
	}
	return ""
}

// clear takes every mark away.
func (k *marks) clear() {
	k.version++
	clear(k.ids)
}

// marked are the places of the marked domains in the list of all, as the list shows them where it does; one that the
// list has no more is left out.
func (m *model) marked() []int32 {
	var out []int32
	for i, r := range m.fleet.rows {
		if m.marks.has(r.id) {
			out = append(out, int32(i))
		}
	}
	return out
}
