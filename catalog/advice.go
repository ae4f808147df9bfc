package catalog

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog/hosts"
)

// EffectKind is a kind of thing that a change of a zone does besides what it is for.
type EffectKind string

// The kinds. After the first group the change is still advised, with what makes it safe; after the second it is not.
const (
	// a wildcard serves a name, until a record below it makes the name exist
	StopsWildcard   EffectKind = "stops-wildcard"
	TakesPlace      EffectKind = "takes-place"      // a CNAME takes the place of addresses, which must go first
	FreesName       EffectKind = "frees-name"       // a CNAME that nothing needs must go first
	NeedsAlias      EffectKind = "needs-alias"      // a CNAME would hide other records, and the host's alias does not
	LocksOut        EffectKind = "locks-out"        // first CAA records would forbid an authority that is in use
	TakesTTL        EffectKind = "takes-ttl"        // records of one name and type have one TTL
	StillWanted     EffectKind = "still-wanted"     // what would be deleted is needed by something else
	SignedZone      EffectKind = "signed-zone"      // the DS must go before the name servers change
	EditedElsewhere EffectKind = "edited-elsewhere" // the registrar's own DNS pages are not the ones that count
	ApexCNAME       EffectKind = "apex-cname"       // no CNAME can stand at the zone's own name
	HidesOthers     EffectKind = "hides-others"     // a CNAME would hide records that cannot stand beside it
	BesideCNAME     EffectKind = "beside-cname"     // nothing can stand beside a CNAME that is needed
	// the name lives by a wildcard CNAME, beside which nothing can stand
	WildcardIsCNAME EffectKind = "wildcard-is-cname"
	Contradicts     EffectKind = "contradicts" // another advice for the same domain claims the name
	Alternative     EffectKind = "alternative" // another advice does the same, and one of them is enough
	LeavesNone      EffectKind = "leaves-none" // the name would have no address left
)

// Withholds reports whether a change with such an effect must not be advised.
func (k EffectKind) Withholds() bool {
	switch k {
	case ApexCNAME, HidesOthers, BesideCNAME, WildcardIsCNAME, Contradicts, Alternative, LeavesNone:
		return true
	}
	return false
}

// SideEffect is what a change would do besides, found by trying it on a copy of the zone before it is advised.
type SideEffect struct {
	Kind   EffectKind
	Change Record   // the advised record that does it; of a zone's servers, the zone alone
	Name   string   // whose answer would change
	Types  []string // of which types
	Values []string // what it answers now
	Add    []Record // what is added to the change, so that nothing is lost
	Drop   []Record // what is deleted with it
	Other  Record   // the record that it collides with
	TTL    uint32   // seconds: how long the earlier state is remembered
}

// label is the name as a panel shows it.
func (e SideEffect) label() string { return Record{Zone: e.Change.Zone, Name: e.Name}.Label() }

// Amend is a fix made safe: what must be done first stands first, and a fix that would break something else is taken
// back, with the way round it.
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
		a := Alias(to, hosts.PanelOf(to.Host), []string{fmt.Sprintf("no CNAME at %s: it would hide the %s there",
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
		f.Steps = append(f.Steps, fmt.Sprintf("keep the %s record at %s with %s: it is needed as well", e.Other.Type,
			e.label(), Quote(e.Other.Value)))
	case EditedElsewhere:
		f.Steps = append(f.Steps,
			fmt.Sprintf(
				"mind where: the domain is registered at %s, but its name servers are %s's, so records that are made at "+
					"%s are not seen", e.Other.Host, e.Change.Host, e.Other.Host))
	case SignedZone:
		if len(f.Records) > 0 { // the change of servers is the other way, which stands last
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

// first are the steps that make a change safe.
func (e SideEffect) first() []string {
	var out []string
	switch e.Kind {
	case StopsWildcard:
		for _, r := range e.Add {
			p := hosts.PanelOf(r.Host)
			out = append(out,
				fmt.Sprintf(
					"first add: type %s, %s %s, %s %s, TTL %d. The zone's wildcard answers for %s now, and stops as soon as "+
						"%s exists", r.Type, p.Name, p.Label(r.Name, r.Label()), p.Value, p.FieldValue(r.Type, r.Value), r.TTL,
					e.Name, e.Change.Name))
		}
	case TakesPlace:
		values := e.Values
		if slices.Contains(e.Types, "TXT") {
			values = QuoteAll(values)
		}
		out = append(out,
			fmt.Sprintf("first delete the %s at %s (%s): nothing can stand beside the CNAME that comes in place of it",
				records(e.Types), e.label(), Join(values)))
	case FreesName:
		out = append(out,
			fmt.Sprintf(
				"first delete the CNAME of %s to %s, once nothing needs it any more: nothing can stand beside a CNAME",
				e.label(), Join(e.Values)))
	case LocksOut:
		for _, r := range e.Add {
			out = append(out,
				fmt.Sprintf(
					"in the same change add the CAA record %s at %s: these are its first CAA records, and without this one "+
						"the authority of the present certificate could not renew it. Add one for each further authority that "+
						"the domain uses", r.Value, r.Label()))
		}
	case SignedZone:
		out = append(out,
			fmt.Sprintf(
				"before you change the name servers: the registry has a DS record for %s, so it is signed. Delete the DS "+
					"record at the registrar and wait %s, or every validating resolver refuses the zone at its new servers",
				e.Change.Zone, Seconds(e.TTL)))
	}
	return out
}

// instead are the steps in place of a change that would break something.
func (e SideEffect) instead(steps []string) []string {
	at := e.label()
	switch e.Kind {
	case ApexCNAME:
		return []string{
			fmt.Sprintf("no CNAME can be added at %s, the zone's own name: it would hide the %s there", e.Name,
				records(e.Types)),
			fmt.Sprintf("ask the platform for a %s as a TXT, or under another name", e.Change.Role.Phrase()),
		}
	case HidesOthers:
		return append([]string{
			fmt.Sprintf("do not add a CNAME at %s yet: it would hide the %s there, and DNS does not allow both", at,
				records(e.Types)),
			fmt.Sprintf(
				"first move the %s to another name, with whatever uses them; or attach another name (www.%s) and redirect "+
					"this one to it", records(e.Types), e.Name),
			"only then:",
		}, steps...)
	case BesideCNAME:
		return []string{
			fmt.Sprintf(
				"nothing can be added at %s: it has the CNAME to %s, which is needed, and DNS allows nothing beside a CNAME",
				at, Join(e.Values)),
			e.otherwise(),
		}
	case WildcardIsCNAME:
		return []string{
			fmt.Sprintf(
				"do not add the %s record at %s: the name lives by the zone's wildcard CNAME (%s), which would stop for "+
					"it, and a %s cannot stand beside a CNAME", e.Change.Type, at, Join(e.Values), e.Change.Type),
			e.otherwise(),
		}
	case Contradicts:
		return []string{
			fmt.Sprintf("not together with the %s record that is advised for %s: one name cannot have both", e.Other.Type,
				at),
			"publish that one first; for the other, " + e.otherwise(),
		}
	case Alternative:
		return append([]string{fmt.Sprintf("only in place of the %s record %s that is advised above, which is enough:",
			e.Other.Type, e.Other.Label())}, steps...)
	case LeavesNone:
		return append(
			[]string{fmt.Sprintf(
				"first publish the record that leads %s to the platform: without the %s it leads nowhere. Only then:", e.Name,
				records(e.Types))}, steps...)
	}
	return steps
}

// otherwise is the way round a record that cannot stand where it is asked for.
func (e SideEffect) otherwise() string {
	if e.Change.Role == Configured {
		return "move the " + e.Change.Type + " to another name, or take one of the two out of the service's records"
	}
	return fmt.Sprintf(
		"ask the platform for a %s under another name (one that begins with an underscore), or as a CNAME",
		e.Change.Role.Phrase())
}

// records names records of several types: "MX and TXT records".
func records(types []string) string {
	if len(types) == 1 {
		return types[0] + " record"
	}
	return Join(types) + " records"
}
