package catalog

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog/hosts"
)

// EffectKind is a kind of side effect of a zone change.
type EffectKind string

// The kinds. With those of the first group the change is still advised, with extra steps that make it safe; with
// those of the second group it is not.
const (
	// a record below a name ends its coverage by a wildcard
	StopsWildcard   EffectKind = "stops-wildcard"
	TakesPlace      EffectKind = "takes-place"      // a CNAME replaces addresses, which must be deleted first
	FreesName       EffectKind = "frees-name"       // an unneeded CNAME must be deleted first
	NeedsAlias      EffectKind = "needs-alias"      // a CNAME would hide other records, but the host's alias does not
	LocksOut        EffectKind = "locks-out"        // the first CAA records would forbid the authority in use
	TakesTTL        EffectKind = "takes-ttl"        // records of one name and type must have one TTL
	StillWanted     EffectKind = "still-wanted"     // a record that would be deleted is still needed
	SignedZone      EffectKind = "signed-zone"      // the DS record must be deleted before the name servers change
	EditedElsewhere EffectKind = "edited-elsewhere" // the registrar's own DNS panel is not in use
	ApexCNAME       EffectKind = "apex-cname"       // the zone apex cannot have a CNAME
	HidesOthers     EffectKind = "hides-others"     // a CNAME would hide records that are needed
	BesideCNAME     EffectKind = "beside-cname"     // the name has a CNAME that is needed
	// the name is served by a wildcard CNAME
	WildcardIsCNAME EffectKind = "wildcard-is-cname"
	Contradicts     EffectKind = "contradicts" // conflicts with another fix for the same domain
	Alternative     EffectKind = "alternative" // another fix has the same effect, and one is enough
	LeavesNone      EffectKind = "leaves-none" // the name would have no address
)

// Withholds reports whether a change with such an effect must not be advised.
func (k EffectKind) Withholds() bool {
	switch k {
	case ApexCNAME, HidesOthers, BesideCNAME, WildcardIsCNAME, Contradicts, Alternative, LeavesNone:
		return true
	}
	return false
}

// SideEffect is a side effect of a change, found by simulating it on a copy of the zone before it is advised.
type SideEffect struct {
	Kind   EffectKind
	Change Record   // the advised record; for a change of name servers, only the zone is set
	Name   string   // the name whose answer would change
	Types  []string // the types affected
	Values []string // the current values
	Add    []Record // the records to add so that nothing is lost
	Drop   []Record // the records to delete with it
	Other  Record   // the conflicting record
	TTL    uint32   // seconds for which the old state may be cached
}

// label returns the name relative to the zone, as panels show it.
func (e SideEffect) label() string { return Record{Zone: e.Change.Zone, Name: e.Name}.Label() }

// Amend returns the fix made safe: it adds the steps that side effects require, and replaces a fix that would break
// something else with an alternative.
func (f Fix) Amend(effects ...SideEffect) Fix {
	for _, e := range effects {
		f = f.amend(e)
	}
	return f
}

func (f Fix) amend(e SideEffect) Fix {
	f.Steps, f.Records, f.Deletes = slices.Clone(f.Steps), slices.Clone(f.Records), slices.Clone(f.Deletes)
	if e.Kind.Withholds() {
		f.Steps, f.Records, f.Deletes = e.instead(f.Steps), nil, nil
		return f
	}
	switch e.Kind {
	case NeedsAlias:
		to := e.Change
		to.Type = AliasType
		a := Alias(to, hosts.PanelOf(to.Host),
			[]string{fmt.Sprintf("do not add a CNAME at %s: it would hide the %s there",
				e.label(),
				records(e.Types))})
		f.Steps, f.Records = a.Steps, a.Records
	case TakesTTL:
		for i, r := range f.Records {
			if r.Name == e.Change.Name && r.Type == e.Change.Type {
				f.Records[i].TTL = int(e.TTL)
			}
		}
		for i, s := range f.Steps {
			f.Steps[i] = strings.ReplaceAll(s, fmt.Sprintf("TTL %d", e.Change.TTL),
				fmt.Sprintf("TTL %d (that of the other %s records there)", e.TTL, e.Change.Type))
		}
	case StillWanted:
		f.Deletes = slices.DeleteFunc(f.Deletes, func(r Record) bool { return slices.Contains(e.Drop, r) })
		f.Steps = slices.DeleteFunc(f.Steps, func(s string) bool {
			return slices.ContainsFunc(e.Drop, func(r Record) bool { return s == ThenDelete(r) })
		})
		f.Steps = append(f.Steps, fmt.Sprintf("keep the %s record at %s with %s: it is needed too", e.Other.Type,
			e.label(), Quote(e.Other.Value)))
	case EditedElsewhere:
		f.Steps = append(f.Steps,
			fmt.Sprintf(
				"note: the domain is registered at %s, but its name servers are those of %s; edit DNS there, not at "+
					"%s", e.Other.Host, e.Change.Host, e.Other.Host))
	case SignedZone:
		if len(f.Records) > 0 { // the change of name servers is the alternative, which is the last step
			f.Steps = append(f.Steps, e.first()...)
		} else {
			f.Steps = append(e.first(), f.Steps...)
		}
	default:
		f.Steps = append(e.first(), f.Steps...)
		f.Deletes = append(f.Deletes, e.Drop...)
		f.Records = append(f.Records, e.Add...)
	}
	return f
}

// first returns the steps that make a change safe.
func (e SideEffect) first() []string {
	var out []string
	switch e.Kind {
	case StopsWildcard:
		for _, r := range e.Add {
			p := hosts.PanelOf(r.Host)
			out = append(out,
				fmt.Sprintf(
					"first add: type %s, %s %s, %s %s, TTL %d. The zone's wildcard covers %s now, but not once %s "+
						"exists", r.Type, p.Name, p.Label(r.Name, r.Label()), p.Value, p.FieldValue(r.Type, r.Value), r.TTL,
					e.Name, e.Change.Name))
		}
	case TakesPlace:
		values := e.Values
		if slices.Contains(e.Types, "TXT") {
			values = QuoteAll(values)
		}
		what := fmt.Sprintf("the %s at %s (%s)", records(e.Types), e.label(), Join(values))
		if p := hosts.PanelOf(e.Change.Host); p.Flattens != "" && !slices.ContainsFunc(e.Types, func(t string) bool {
			return t != "A" && t != "AAAA"
		}) { // the panel may not show what the servers answer
			what += ", or the CNAME there that " + p.Host + " flattens"
		}
		out = append(out, "first delete "+what+": a CNAME cannot coexist with other records")
	case FreesName:
		out = append(out,
			fmt.Sprintf(
				"first delete the CNAME of %s to %s, once it is no longer needed: a CNAME cannot coexist with other records",
				e.label(), Join(e.Values)))
	case LocksOut:
		for _, r := range e.Add {
			out = append(out,
				fmt.Sprintf(
					"in the same change, add the CAA record %s at %s: these are its first CAA records, and without this one "+
						"the "+
						"authority of the current certificate could not renew it. Add one for each other authority that the "+
						"domain "+
						"uses", r.Value, r.Label()))
		}
	case SignedZone:
		where := "at the registrar"
		if e.Other.Zone != "" {
			where = Where(e.Other) + ","
		}
		out = append(out,
			fmt.Sprintf(
				"before you change the name servers: %s is signed with DNSSEC. Delete its DS record %s and wait %s, or "+
					"every "+
					"validating resolver rejects the zone at its new servers",
				e.Change.Zone, where, Seconds(e.TTL)))
	}
	return out
}

// instead returns the steps that replace a change that would break something.
func (e SideEffect) instead(steps []string) []string {
	at := e.label()
	switch e.Kind {
	case ApexCNAME:
		return []string{
			fmt.Sprintf("a CNAME cannot be added at %s, the zone apex: it would hide the %s there", e.Name,
				records(e.Types)),
			fmt.Sprintf("ask the platform for a %s as a TXT record, or under another name", e.Change.Role.Phrase()),
		}
	case HidesOthers:
		return append([]string{
			fmt.Sprintf("do not add a CNAME at %s yet: it would hide the %s there, and DNS does not allow both", at,
				records(e.Types)),
			fmt.Sprintf(
				"first move the %s to another name, and update what uses them; or attach another name (www.%s) and redirect "+
					"this one to it", records(e.Types), e.Name),
			"only then:",
		}, steps...)
	case BesideCNAME:
		return []string{
			fmt.Sprintf(
				"no record can be added at %s: its CNAME to %s is needed, and a CNAME cannot coexist with other records",
				at, Join(e.Values)),
			e.otherwise(),
		}
	case WildcardIsCNAME:
		return []string{
			fmt.Sprintf(
				"do not add the %s record at %s: the name is served by the zone's wildcard CNAME (%s), which would no "+
					"longer "+
					"cover it, and a %s record cannot coexist with a CNAME", e.Change.Type, at, Join(e.Values),
				e.Change.Type),
			e.otherwise(),
		}
	case Contradicts:
		return []string{
			fmt.Sprintf("this conflicts with the %s record advised for %s: one name cannot have both", e.Other.Type,
				at),
			"publish that one first; for the other, " + e.otherwise(),
		}
	case Alternative:
		return append([]string{fmt.Sprintf("only as an alternative to the %s record %s advised above, which is enough:",
			e.Other.Type, e.Other.Label())}, steps...)
	case LeavesNone:
		return append(
			[]string{fmt.Sprintf(
				"first publish the record that points %s to the platform: without the %s it has no address. Only then:",
				e.Name,
				records(e.Types))}, steps...)
	}
	return steps
}

// otherwise returns the alternative to a record that cannot be added at its name.
func (e SideEffect) otherwise() string {
	if e.Change.Role == Configured {
		return "move the " + e.Change.Type + " to another name, or remove one of the two from the service's records"
	}
	return fmt.Sprintf(
		"ask the platform for a %s under another name (one that begins with an underscore), or as a CNAME",
		e.Change.Role.Phrase())
}

// records returns the name of records of several types: "MX and TXT records".
func records(types []string) string {
	if len(types) == 1 {
		return types[0] + " record"
	}
	return Join(types) + " records"
}
