package advice

import (
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/observe"
	"domdoc/checks/rdata"
)

// watchedTypes are the types whose answers a change must not remove as a side effect.
var watchedTypes = []string{"A", "AAAA", "MX", "TXT", "CAA"}

// exclusive are the types that a CNAME would hide rather than replace.
var exclusive = []string{"MX", "TXT", "CAA"}

// sideEffect returns the first side effect of a change, in the order in which they must be resolved.
func (z *zoneSnapshot) sideEffect(c change, advised []catalog.Record) (catalog.SideEffect, bool) {
	for _, look := range []func() (catalog.SideEffect, bool){
		func() (catalog.SideEffect, bool) { return contradiction(c, advised) },
		func() (catalog.SideEffect, bool) { return z.stillWanted(c) },
		func() (catalog.SideEffect, bool) { return z.besideCNAME(c) },
		func() (catalog.SideEffect, bool) { return z.overOthers(c) },
		func() (catalog.SideEffect, bool) { return z.stoppedWildcard(c) },
		func() (catalog.SideEffect, bool) { return z.leftWithNone(c) },
		func() (catalog.SideEffect, bool) { return z.lockedOut(c) },
		func() (catalog.SideEffect, bool) { return z.otherTTL(c) },
		func() (catalog.SideEffect, bool) { return z.signed(c) },
	} {
		if e, found := look(); found {
			return e, true
		}
	}
	return catalog.SideEffect{}, false
}

// contradiction finds earlier advice for the same domain that needs the name for something else.
func contradiction(c change, advised []catalog.Record) (catalog.SideEffect, bool) {
	for _, r := range c.adds {
		for _, o := range advised {
			cname := o.Type == "CNAME" || r.Type == "CNAME"
			same := o.Type == r.Type && rdata.Same(r.Type, o.Value, r.Value)
			if o.Name != r.Name || !cname || same {
				continue
			}
			kind := catalog.Contradicts
			if r.Role == catalog.Verification && o.Role == catalog.Verification { // the service accepts either
				kind = catalog.Alternative
			}
			return catalog.SideEffect{Kind: kind, Change: r, Name: r.Name, Other: o}, true
		}
	}
	for _, r := range c.deletes {
		for _, o := range advised {
			if o.Name == r.Name && o.Type == r.Type && (r.Value == "" || rdata.Same(r.Type, o.Value, r.Value)) {
				return catalog.SideEffect{
					Kind: catalog.StillWanted, Change: r, Name: r.Name, Other: o,
					Drop: []catalog.Record{r},
				}, true
			}
		}
	}
	return catalog.SideEffect{}, false
}

// stillWanted finds a deletion of a record that is expected.
func (z *zoneSnapshot) stillWanted(c change) (catalog.SideEffect, bool) {
	for _, r := range c.deletes {
		if r.Type == "CNAME" && slices.Contains(z.apexes, r.Name) {
			continue // an alias replaces it
		}
		for _, w := range z.wanted {
			if w.Name == r.Name && w.Type == r.Type && r.Value != "" && rdata.Same(r.Type, w.Value, r.Value) {
				return catalog.SideEffect{
					Kind: catalog.StillWanted, Change: r, Name: r.Name, Other: w,
					Drop: []catalog.Record{r},
				}, true
			}
		}
	}
	return catalog.SideEffect{}, false
}

// besideCNAME finds a record that would coexist with a CNAME.
func (z *zoneSnapshot) besideCNAME(c change) (catalog.SideEffect, bool) {
	for _, r := range c.adds {
		if r.Type == "CNAME" || r.Type == catalog.AliasType || !z.exists[r.Name] {
			continue
		}
		cname := z.apply(change{deletes: c.deletes}).sets[setKey{r.Name, "CNAME"}]
		if len(cname) == 0 {
			continue
		}
		e := catalog.SideEffect{
			Kind: catalog.BesideCNAME, Change: r, Name: r.Name, Values: cname,
			Types: []string{r.Type},
		}
		if !slices.Contains(z.hosts, r.Name) && !z.wants(r.Name, "CNAME", cname[0]) {
			e.Kind, e.Drop = catalog.FreesName, []catalog.Record{{
				Zone: r.Zone, Host: r.Host, Name: r.Name, Type: "CNAME",
				Value: cname[0],
			}}
		}
		return e, true
	}
	return catalog.SideEffect{}, false
}

// wants reports whether a record is expected.
func (z *zoneSnapshot) wants(name, rrtype, value string) bool {
	return slices.ContainsFunc(z.wanted, func(w catalog.Record) bool {
		return w.Name == name && w.Type == rrtype && rdata.Same(rrtype, w.Value, value)
	})
}

func underscored(name string) bool { return strings.HasPrefix(name, "_") }

// overOthers finds a CNAME that would replace or hide other records.
func (z *zoneSnapshot) overOthers(c change) (catalog.SideEffect, bool) {
	base := z.apply(change{deletes: c.deletes})
	for _, r := range c.adds {
		if r.Type != "CNAME" {
			continue
		}
		e := catalog.SideEffect{Change: r, Name: r.Name}
		if slices.Contains(z.apexes, r.Name) {
			e.Kind, e.Types = catalog.ApexCNAME, append([]string{"SOA", "NS"}, base.present(r.Name, exclusive)...)
			if r.Role == catalog.Routing {
				e.Kind = catalog.NeedsAlias
			}
			return e, true
		}
		if !base.exists[r.Name] {
			continue // a nonexistent name, or a wildcard, which an exact record overrides
		}
		var hidden []string
		for _, t := range base.present(r.Name, watchedTypes) {
			taken := base.replaceable(r, t)
			if taken == nil {
				hidden = append(hidden, t)
				continue
			}
			e.Types = append(e.Types, t)
			for _, d := range taken {
				e.Values, e.Drop = append(e.Values, d.Value), append(e.Drop, d)
			}
		}
		switch {
		case len(hidden) > 0 && r.Role == catalog.Routing && hosts.PanelOf(r.Host).AliasAnywhere:
			e.Kind, e.Types, e.Values, e.Drop = catalog.NeedsAlias, hidden, nil, nil
			return e, true
		case len(hidden) > 0:
			e.Kind, e.Types, e.Values, e.Drop = catalog.HidesOthers, hidden, nil, nil
			return e, true
		case len(e.Drop) > 0:
			e.Kind = catalog.TakesPlace
			return e, true
		}
	}
	return catalog.SideEffect{}, false
}

// replaceable returns the records of one type that a CNAME replaces; nil if they must stay. It replaces addresses,
// and at a single-purpose name also unexpected TXT records.
func (z *zoneSnapshot) replaceable(r catalog.Record, rrtype string) []catalog.Record {
	if rrtype != "A" && rrtype != "AAAA" && !(rrtype == "TXT" && underscored(r.Name)) {
		return nil
	}
	var out []catalog.Record
	for _, v := range z.sets[setKey{r.Name, rrtype}] {
		if z.wants(r.Name, rrtype, v) {
			return nil
		}
		out = append(out, catalog.Record{Zone: r.Zone, Host: r.Host, Name: r.Name, Type: rrtype, Value: v})
	}
	return out
}

// present returns the types for which a name has data, of its own or from a wildcard.
func (z *zoneSnapshot) present(name string, types []string) []string {
	var out []string
	for _, t := range types {
		if v, _ := z.answer(name, t); len(v) > 0 && !strings.HasPrefix(v[0], "CNAME ") {
			out = append(out, t)
		}
	}
	return out
}

// stoppedWildcard finds a name that a wildcard serves now, but not once the new record makes the name exist.
func (z *zoneSnapshot) stoppedWildcard(c change) (catalog.SideEffect, bool) {
	after := z.apply(c)
	for _, r := range c.adds {
		for name := r.Name; name != "" && !slices.Contains(z.apexes, name); name = dnsname.Parent(name) {
			if exists, known := z.exists[name]; !known || exists || underscored(name) || name == r.Name &&
				!slices.Contains(z.hosts, name) {
				continue
			}
			e := catalog.SideEffect{Kind: catalog.StopsWildcard, Change: r, Name: name}
			own := slices.ContainsFunc(c.adds, func(a catalog.Record) bool {
				return a.Name == name && (a.Type == "CNAME" || a.Type == catalog.AliasType)
			})
			for _, t := range watchedTypes {
				before, known := z.answer(name, t)
				now, _ := after.answer(name, t)
				if !known || len(before) == 0 || slices.Equal(before, now) || own || len(now) > 0 &&
					slices.ContainsFunc(c.adds, func(a catalog.Record) bool { return a.Name == name && a.Type == t }) {
					continue
				}
				for _, a := range explicit(r, name, t, before) {
					if !slices.Contains(e.Add, a) {
						e.Add = append(e.Add, a)
					}
				}
			}
			if len(e.Add) == 0 {
				continue
			}
			if e.Add[0].Type == "CNAME" && slices.ContainsFunc(c.adds, func(a catalog.Record) bool {
				return a.Name == name
			}) {
				e.Kind, e.Values, e.Add = catalog.WildcardIsCNAME, []string{e.Add[0].Value}, nil
			}
			return e, true
		}
	}
	return catalog.SideEffect{}, false
}

// maxExplicit is the longest value that a user is asked to type again, in characters: one string of a TXT record.
const maxExplicit = 255

// explicit returns records that give one name what a wildcard gave it.
func explicit(r catalog.Record, name, rrtype string, values []string) []catalog.Record {
	var out []catalog.Record
	for _, v := range values {
		if v != sanitize.Text(v, maxExplicit) {
			continue // it cannot be typed into a panel
		}
		a := catalog.Record{
			Role: catalog.Configured, Zone: r.Zone, Host: r.Host, Name: name, Type: rrtype, Value: v,
			TTL: r.TTL,
		}
		if target, ok := strings.CutPrefix(v, "CNAME "); ok {
			a.Type, a.Value = "CNAME", target
		}
		out = append(out, a)
	}
	return out
}

// leftWithNone finds a host whose last address would be deleted.
func (z *zoneSnapshot) leftWithNone(c change) (catalog.SideEffect, bool) {
	after := z.apply(c)
	for _, r := range c.deletes {
		if r.Type != "A" && r.Type != "AAAA" {
			continue
		}
		left := false
		for _, t := range []string{"A", "AAAA", catalog.AliasType} {
			v, known := after.answer(r.Name, t)
			left = left || len(v) > 0 || !known && t != catalog.AliasType
		}
		if !left {
			return catalog.SideEffect{Kind: catalog.LeavesNone, Change: r, Name: r.Name, Types: []string{r.Type}}, true
		}
	}
	return catalog.SideEffect{}, false
}

// lockedOut finds new CAA records at a name without any that would forbid an authority whose certificate is in use.
func (z *zoneSnapshot) lockedOut(c change) (catalog.SideEffect, bool) {
	after := z.apply(c)
	for _, r := range c.adds {
		if r.Type != "CAA" {
			continue
		}
		k := setKey{r.Name, "CAA"}
		if set, asked := z.sets[k]; !asked || len(set) > 0 {
			continue // the set already forbids it
		}
		for _, ca := range z.cas {
			if slices.ContainsFunc(after.sets[k], func(v string) bool { return strings.Contains(v, `"`+ca+`"`) }) {
				continue
			}
			add := r
			add.Value = `0 issue "` + ca + `"`
			return catalog.SideEffect{
				Kind: catalog.LocksOut, Change: r, Name: r.Name, Values: []string{ca},
				Add: []catalog.Record{add},
			}, true
		}
	}
	return catalog.SideEffect{}, false
}

// otherTTL finds a record that would give its RRset a second TTL.
func (z *zoneSnapshot) otherTTL(c change) (catalog.SideEffect, bool) {
	base := z.apply(change{deletes: c.deletes})
	for _, r := range c.adds {
		k := setKey{r.Name, r.Type}
		ttl, known := z.ttls[k]
		if !known || ttl < observe.MinTTL || ttl > observe.MaxTTL || r.TTL == 0 || uint32(r.TTL) == ttl ||
			r.Type == "CNAME" {
			continue
		}
		stays := slices.ContainsFunc(base.sets[k], func(v string) bool {
			return !slices.ContainsFunc(c.adds, func(a catalog.Record) bool {
				return a.Name == r.Name && a.Type == r.Type && rdata.Same(r.Type, a.Value, v)
			})
		})
		if stays {
			return catalog.SideEffect{Kind: catalog.TakesTTL, Change: r, Name: r.Name, Types: []string{r.Type}, TTL: ttl},
				true
		}
	}
	return catalog.SideEffect{}, false
}

// signed finds a change of name servers in a zone with a DS record at the registry, or in a zone of the tenant above.
func (z *zoneSnapshot) signed(c change) (catalog.SideEffect, bool) {
	ttl, vouched := z.ds[c.servers]
	if c.servers == "" || !vouched {
		return catalog.SideEffect{}, false
	}
	return catalog.SideEffect{
		Kind: catalog.SignedZone, Change: catalog.Record{Zone: c.servers, Name: c.servers},
		Name: c.servers, TTL: ttl, Other: z.cuts[c.servers],
	}, true
}
