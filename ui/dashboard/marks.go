package dashboard

import (
	"maps"
	"slices"
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

// clear takes every mark away.
func (k *marks) clear() {
	k.version++
	clear(k.ids)
}

// marked are the places of the marked domains in the list of all, as the list shows them where it does; one that the
// list has no more is left out.
func (s *shared) marked() []int32 {
	var out []int32
	for i, r := range s.fleet.rows {
		if s.marks.has(r.id) {
			out = append(out, int32(i))
		}
	}
	return out
}
