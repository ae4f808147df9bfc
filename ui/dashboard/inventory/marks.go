package inventory

import (
	"maps"
	"slices"
)

// Marks are the domains that the user marked, by id. Sorting, filtering and loading do not change them.
type Marks struct {
	IDs     map[string]bool
	Version int // changes with every change
}

// Len returns the number of marked domains.
func (k *Marks) Len() int { return len(k.IDs) }

// Has reports whether a domain is marked.
func (k *Marks) Has(id string) bool { return k.IDs[id] }

// List returns the ids of the marked domains, sorted.
func (k *Marks) List() []string { return slices.Sorted(maps.Keys(k.IDs)) }

// Set marks a domain, or removes its mark.
func (k *Marks) Set(id string, on bool) {
	if id == "" || k.Has(id) == on {
		return
	}
	k.Version++
	if !on {
		delete(k.IDs, id)
		return
	}
	if k.IDs == nil {
		k.IDs = map[string]bool{}
	}
	k.IDs[id] = true
}

// Clear removes all marks.
func (k *Marks) Clear() {
	k.Version++
	clear(k.IDs)
}
