package catalog

import (
	"fmt"
	"slices"

	"domdoc/catalog/hosts"
)

// UnseenID identifies a reason why a record that a DNS host's panel shows is not visible.
type UnseenID string

// The reasons.
const (
	UnseenFlattened   UnseenID = "flattened"    // the host answers with the addresses of the CNAME's target
	UnseenPrivateZone UnseenID = "private-zone" // the record is in a zone that is visible inside private networks only
	UnseenOtherZone   UnseenID = "other-zone"   // the record is in another zone of the same name at the same host
)

// Unseen is a reason why the record may be in the panel all the same, and the evidence for it.
type Unseen struct {
	ID UnseenID `json:"id"`
	// Likely reports that the evidence points to this reason; otherwise it is only possible.
	Likely bool `json:"likely,omitempty"`
	// Whole reports that the answer for the name itself is that of a flattened CNAME, so that nothing is missing.
	Whole bool `json:"whole,omitempty"`
	// Names are the names that are answered with the addresses of their targets.
	Names []string `json:"names,omitempty"`
	// Servers are the servers that the registry names, or the resolvers that do return the record.
	Servers []string `json:"servers,omitempty"`
}

// UnseenReason describes a reason: which hosts it applies to, and which evidence must hold.
type UnseenReason struct {
	ID       UnseenID
	At       func(hosts.Panel) bool
	Evidence string
	Source   func(hosts.Panel) hosts.Source
	why      func(Record, hosts.Panel, Unseen) string
	steps    func(Record, hosts.Panel, Unseen) []string
}

// UnseenReasons returns all reasons, in the order in which they are checked.
func UnseenReasons() []UnseenReason { return slices.Clone(unseenReasons) }

var unseenReasons = []UnseenReason{
	{
		ID: UnseenFlattened, At: func(p hosts.Panel) bool { return p.Flattens != "" },
		Evidence: "the name of a CNAME, other than the zone apex, answers with the addresses of its target and without " +
			"the CNAME; the missing CNAME does so too, or its name exists without any record and its target has no address",
		Source: hosts.Panel.FlatteningSource,
		why:    flattenedWhy, steps: flattenedSteps,
	},
	{
		ID: UnseenPrivateZone, At: func(p hosts.Panel) bool { return p.Private != "" },
		Evidence: "every public server denies the record; it is likely if a resolver of a private network returns it",
		Source:   hosts.Panel.PrivateSource,
		why: func(_ Record, p hosts.Panel, u Unseen) string {
			if !u.Likely {
				return ""
			}
			return fmt.Sprintf("%s, which %s in a private network, %s it, as from a %s at %s", Join(u.Servers),
				Verb(u.Servers, "is", "are"), Verb(u.Servers, "returns", "return"), p.Private, p.Host)
		},
		steps: func(r Record, p hosts.Panel, _ Unseen) []string {
			return []string{fmt.Sprintf(
				"if %s shows it in a %s of that name: such a zone is visible inside its own networks only; create the "+
					"record in "+
					"the public zone %s as well", p.Host, p.Private, r.Zone)}
		},
	},
	{
		ID: UnseenOtherZone, At: func(p hosts.Panel) bool { return hosts.ServersPerZone(p.Host) },
		Evidence: "the host gives each zone servers of its own; it is likely if none of the expected records is in " +
			"the zone",
		Source: func(hosts.Panel) hosts.Source { return hosts.Source{} },
		why: func(_ Record, _ hosts.Panel, u Unseen) string {
			if !u.Likely {
				return ""
			}
			return "none of the expected records is in the zone that the registry's name servers serve"
		},
		steps: func(_ Record, p hosts.Panel, u Unseen) []string {
			return []string{fmt.Sprintf(
				"if %s already shows it, you are looking at another zone of that name: compare the "+
					"name servers that the zone there shows with those of the registry, %s; if they differ, set the ones that "+
					"it "+
					"shows at your registrar", p.Host, Join(u.Servers))}
		},
	},
}

// flattenedWhy returns the evidence of flattening.
func flattenedWhy(r Record, p hosts.Panel, u Unseen) string {
	switch {
	case u.Whole:
		return fmt.Sprintf("%s answers with the addresses of %s and without the CNAME: %s flattens it", r.Name, r.Value,
			p.Host)
	case u.Likely && len(u.Names) == 0:
		return fmt.Sprintf(
			"%s exists without any record, like a CNAME that %s flattens and whose target has no address",
			r.Name, p.Host)
	}
	shown := fmt.Sprintf(
		"%s %s with the addresses of %s and without the CNAME, as if %s flattened it",
		Join(u.Names), Verb(u.Names, "answers", "answer"), Verb(u.Names, "its target", "their targets"), p.Host)
	if u.Likely {
		return fmt.Sprintf("%s; %s exists without any record, like a flattened CNAME whose target has no address", shown,
			r.Name)
	}
	return fmt.Sprintf("%s; a flattened CNAME to %s would not be visible", shown, r.Value)
}

func flattenedSteps(r Record, p hosts.Panel, u Unseen) []string {
	out := []string{fmt.Sprintf(
		"at %s (%s), turn off %q, and keep %q off for %s, whose CNAME must be visible; turn %q on for each record that "+
			"should stay flattened", p.Host, p.Settings, p.Flattens, p.FlattensOne, r.Label(),
		p.FlattensOne)}
	names := u.Names
	if u.Whole {
		names = append([]string{r.Name}, names...)
	}
	nothing := "delete nothing"
	if u.Whole {
		nothing = "otherwise delete nothing"
		out = append(out,
			fmt.Sprintf("if %s shows addresses at %s and no CNAME, they were entered there: replace them with a CNAME to "+
				"%s", p.Host, r.Label(), r.Value))
	}
	if len(names) == 0 {
		return out
	}
	return append(out, nothing+": the addresses that "+Join(names)+" "+Verb(names, "answers", "answer")+
		" with are those of the CNAME's target")
}

// reasonOf returns the description of a reason.
func (u Unseen) reasonOf() UnseenReason {
	i := slices.IndexFunc(unseenReasons, func(r UnseenReason) bool { return r.ID == u.ID })
	return unseenReasons[max(i, 0)]
}

// Why returns the evidence for the reason; empty if there is none beyond the host itself.
func (u Unseen) Why(r Record) string { return u.reasonOf().why(r, hosts.PanelOf(r.Host), u) }

// Steps returns what to do if the reason applies.
func (u Unseen) Steps(r Record) []string { return u.reasonOf().steps(r, hosts.PanelOf(r.Host), u) }

// PublishUnseen returns the fix for a record that is not visible, which may be in the panel for one of the reasons:
// first what the evidence points to, then the record to publish, then what is only possible.
func PublishUnseen(r Record, reasons []Unseen) Fix {
	f := Publish(r)
	if Refused(r) {
		return f
	}
	if i := slices.IndexFunc(reasons, func(u Unseen) bool { return u.ID == UnseenFlattened && u.Likely }); i >= 0 {
		if reasons[i].Whole { // the record is there: there is nothing to add
			return Fix{Steps: reasons[i].Steps(r), Commands: f.Commands}
		}
		reasons = reasons[i : i+1] // the zone is the right one
	}
	var first, last []string
	likely := slices.ContainsFunc(reasons, func(u Unseen) bool { return u.Likely })
	for _, u := range reasons {
		if likely && (u.Likely || u.ID != UnseenFlattened) { // another zone, public or private
			first = append(first, u.Steps(r)...)
		} else {
			last = append(last, u.Steps(r)...)
		}
	}
	if len(first) > 0 {
		f.Steps[0] = "if " + r.Host + " does not show the record: " + f.Steps[0]
	}
	f.Steps = slices.Concat(first, f.Steps, last)
	return f
}
