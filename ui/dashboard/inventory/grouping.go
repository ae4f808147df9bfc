package inventory

import (
	"cmp"
	"slices"
	"strings"

	"domdoc/catalog"
)

// GroupBy is the property that domains are grouped by.
type GroupBy uint8

const (
	byCause GroupBy = iota
	ByCode
	byHost
	ByRegistrar
	Groupings
)

// String returns the name of the groups.
func (g GroupBy) String() string {
	return [...]string{"root cause", "code", "dns host", "registrar", ""}[g]
}

// key returns the key of the filter that selects a group.
func (g GroupBy) key() string {
	return [...]string{"cause", "code", "host", "registrar", ""}[g]
}

// of returns the groups that a row belongs to; none if it lacks the property.
func (g GroupBy) of(r *Row) []string {
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	switch g {
	case byCause:
		return r.Sel.Causes
	case ByCode:
		return r.Sel.Codes
	case byHost:
		return one(r.Sel.Host)
	case ByRegistrar:
		return one(r.Sel.Registrar)
	case Groupings:
	}
	return nil
}

// Group is some domains that have something in common.
type Group struct {
	Name   string // as in the filter; empty for the domains without the property
	Total  int
	Counts [States]int
}

// GroupStates are the states that groups are counted by, the gravest first.
func GroupStates() []State {
	return []State{StateFail, StateInconclusive, StateWait, StateWarn, StatePass, StateNone}
}

// Short is a state for the head of a narrow column.
func (s State) Short() string {
	if s == StateInconclusive {
		return "unsure"
	}
	return s.Word()
}

// GroupTitle returns the name of a group in the catalog.
func GroupTitle(by GroupBy, name string) string {
	switch by {
	case byCause:
		if c, ok := catalog.FindCause(name); ok {
			return c.Title
		}
	case ByCode:
		if c, ok := catalog.FindCode(strings.ToUpper(name)); ok {
			return c.Name
		}
	case byHost, ByRegistrar, Groupings:
	}
	return ""
}

// GroupRows groups the rows that a view selects, those with the most failing domains first. A domain with two causes
// is in two groups. It has no side effects.
func GroupRows(rows []*Row, v View, by GroupBy) (list []Group, of int) {
	index := map[string]int{}
	for _, r := range rows {
		if !v.selects(r) {
			continue
		}
		of++
		names := by.of(r)
		if len(names) == 0 {
			names = []string{""}
		}
		for _, name := range names {
			i, ok := index[name]
			if !ok {
				i = len(list)
				index[name] = i
				list = append(list, Group{Name: name})
			}
			list[i].Total++
			list[i].Counts[StateOf(r)]++
		}
	}
	slices.SortFunc(list, func(a, b Group) int {
		return cmp.Or(
			cmp.Compare(TrueLast(a.Name == ""), TrueLast(b.Name == "")), // last, however many they are
			cmp.Compare(b.Counts[StateFail], a.Counts[StateFail]), cmp.Compare(b.Total, a.Total),
			strings.Compare(a.Name, b.Name))
	})
	return list, of
}

// TrueLast orders false before true: it is 0 or 1.
func TrueLast(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Term returns a group as a term of the filter. Words match a part of a name; if another group's name contains this
// one, the whole name is required.
func (g GroupBy) Term(name string, among []Group) string {
	value := name
	if slices.ContainsFunc(among, func(o Group) bool { return o.Name != name && strings.Contains(o.Name, name) }) {
		value = "=" + value
	}
	if strings.ContainsAny(value, " ,\t\u00a0") {
		value = `"` + value + `"`
	}
	return g.key() + ":" + value
}
