package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/order"
)

// GroupBy is the property that domains are grouped by.
type GroupBy uint8

const (
	byCause     GroupBy = iota
	ByCode              // reported
	byPredicted         // codes that are not reported
	byHost
	ByRegistrar
	ByOwner
	ByStatus
	ByExpiry
	Groupings
)

// String returns the name of the groups.
func (g GroupBy) String() string {
	return [...]string{
		"root cause", "reported code", "predicted code",
		"dns host", "registrar", "owner", "status", "expiry", "",
	}[g]
}

// OfCodes reports whether the groups are codes.
func (g GroupBy) OfCodes() bool { return g == ByCode || g == byPredicted }

// key returns the key of the filter that selects a group.
func (g GroupBy) key() string {
	return [...]string{"cause", "reported", "predicted", "host", "registrar", "owner", "status", "expires", ""}[g]
}

// undiagnosed is the name of the group of domains without a diagnosis, where only a diagnosis shows the property.
const undiagnosed = "\x00"

// Label returns the name of a group for people.
func (g GroupBy) Label(name string) string {
	switch {
	case name == undiagnosed:
		return "not diagnosed yet"
	case name != "" && g.OfCodes():
		return strings.ToUpper(name)
	case name != "":
		return name
	case g == byCause || g.OfCodes() || g == ByOwner:
		return "no " + g.String()
	}
	return "unknown " + g.String()
}

// of returns the groups that a row belongs to; none if it lacks the property.
func (g GroupBy) of(r *Row, now time.Time) []string {
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	switch g {
	case byCause, byPredicted, ByOwner, byHost:
		if r.Sum == nil { // only a diagnosis shows it
			return one(undiagnosed)
		}
	case ByCode, ByRegistrar, ByStatus, ByExpiry, Groupings:
	}
	switch g {
	case byCause:
		return r.Sel.Causes
	case ByCode:
		return r.Sel.Reported
	case byPredicted:
		return r.Sel.Predicted()
	case byHost:
		return one(r.Sel.Host)
	case ByRegistrar:
		return one(r.Sel.Registrar)
	case ByOwner:
		return r.Sel.Who
	case ByStatus:
		return one(r.Sel.Status)
	case ByExpiry:
		return one(expiryGroup(r.Sel.Expires, now))
	case Groupings:
	}
	return nil
}

// expiries are the periods in which registrations end, the earliest first: up to some days from now, and as terms of
// the filter.
var expiries = [...]struct {
	name, term string
	days       int
}{
	{"expired", "expires:<0d", 0},
	{"within 7 days", "expires:>0d expires:<7d", 7},
	{"within 30 days", "expires:>7d expires:<30d", 30},
	{"within 90 days", "expires:>30d expires:<90d", 90},
	{"within a year", "expires:>90d expires:<365d", 365},
	{"later", "expires:>365d", 0},
}

// expiryGroup returns the period in which a registration ends; empty if that is unknown.
func expiryGroup(at, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	for _, e := range expiries[:len(expiries)-1] {
		if at.Sub(now) < time.Duration(e.days)*24*time.Hour {
			return e.name
		}
	}
	return expiries[len(expiries)-1].name
}

// place returns where a group stands before anything else is compared: periods are in their own order.
func (g GroupBy) place(name string) int {
	if g == ByExpiry {
		for i, e := range expiries {
			if e.name == name {
				return i
			}
		}
	}
	return 0
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

// GroupTitle returns the name of a group in the catalog.
func GroupTitle(by GroupBy, name string) string {
	if name == "" || name == undiagnosed {
		return ""
	}
	switch by {
	case byCause:
		if c, ok := catalog.FindCause(name); ok {
			return c.Title
		}
	case ByCode, byPredicted:
		if c, ok := catalog.FindCode(strings.ToUpper(name)); ok {
			return c.Name
		}
	case ByOwner:
		return catalog.Actor(name).Phrase()
	case byHost, ByRegistrar, ByStatus, ByExpiry, Groupings:
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
		names := by.of(r, v.Now)
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
	order.By(list, func(a, b Group) int {
		return cmp.Or(
			cmp.Compare(TrueLast(a.Name == undiagnosed), TrueLast(b.Name == undiagnosed)), // last, however many they are
			cmp.Compare(TrueLast(a.Name == ""), TrueLast(b.Name == "")),
			cmp.Compare(by.place(a.Name), by.place(b.Name)),
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
	if name == undiagnosed {
		return "verdict:" + StateNone.ID()
	}
	if g == ByExpiry {
		return expiries[g.place(name)].term
	}
	if slices.ContainsFunc(among, func(o Group) bool { return o.Name != name && strings.Contains(o.Name, name) }) {
		value = "=" + value
	}
	if strings.ContainsAny(value, " ,\t\u00a0") {
		value = `"` + value + `"`
	}
	return g.key() + ":" + value
}
