package advice

import (
	"slices"

	"domdoc/catalog"
)

// change is what one piece of advice changes in the zone at once.
type change struct {
	deletes, adds []catalog.Record
	servers       string // the zone whose name servers change; empty if none
}

func (c change) empty() bool { return len(c.deletes)+len(c.adds) == 0 && c.servers == "" }

// simulation is the result of simulating one change.
type simulation struct {
	change  change // the safe change; empty if there is none
	effects []catalog.SideEffect
}

// maxRounds is how often one change is amended and tried again: each round resolves one side effect, and no advice
// has more.
const maxRounds = 8

// simulate tries changes on a snapshot, each on the zone as its predecessors leave it. A change that would break
// something else is made safe, or withdrawn.
func simulate(z *zoneSnapshot, changes []change) []simulation {
	out := make([]simulation, len(changes))
	var advised []catalog.Record
	for i, c := range changes {
		r := &out[i]
		for range maxRounds {
			e, found := z.sideEffect(c, advised)
			if !found {
				break
			}
			r.effects = append(r.effects, e)
			if e.Kind.Withholds() {
				c = change{}
				break
			}
			c = c.resolved(e)
		}
		r.change = c
		z = z.apply(c)
		advised = append(advised, c.adds...)
	}
	return out
}

// resolved returns the change amended for a side effect.
func (c change) resolved(e catalog.SideEffect) change {
	m := change{deletes: slices.Clone(c.deletes), adds: slices.Clone(c.adds), servers: c.servers}
	switch e.Kind {
	case catalog.StillWanted:
		m.deletes = slices.DeleteFunc(m.deletes, func(r catalog.Record) bool { return slices.Contains(e.Drop, r) })
	case catalog.NeedsAlias:
		for i, r := range m.adds {
			if r.Name == e.Change.Name && r.Type == "CNAME" {
				m.adds[i].Type = catalog.AliasType
			}
		}
	case catalog.TakesTTL:
		for i, r := range m.adds {
			if r.Name == e.Change.Name && r.Type == e.Change.Type {
				m.adds[i].TTL = int(e.TTL)
			}
		}
	case catalog.SignedZone:
		m.servers = ""
	default:
		m.deletes = append(m.deletes, e.Drop...)
		m.adds = append(m.adds, e.Add...)
	}
	return m
}
