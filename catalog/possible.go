package catalog

import (
	"fmt"
	"slices"

	"domdoc/catalog/hosts"
)

// refusalOf returns why the panel of a record's DNS host cannot hold it; nil if it can, as far as is known.
func refusalOf(r Record) *hosts.Refusal { return hosts.PanelOf(r.Host).Refuses(r.Type, r.Label()) }

// Refused reports whether the panel of a record's DNS host is known not to accept it.
func Refused(r Record) bool { return refusalOf(r) != nil }

// cannotHold returns the fix for a record that its DNS host's panel refuses: another DNS host, or a method that does
// not need the record.
func cannotHold(r Record, no *hosts.Refusal) Fix {
	zone := r.Zone
	if zone == "" {
		zone = "your domain"
	}
	steps := []string{
		fmt.Sprintf("%s does not accept %s (reported in %s: %s), so %s cannot be created there", r.Host, no.What, no.AsOf,
			no.URL, Named(r)),
		fmt.Sprintf(
			"move the zone %s to another DNS host: copy all of its records there, add: type %s, name %s, value %s, TTL "+
				"%d, "+
				"and only then set the name servers of %s to those of the new host", zone, r.Type, r.Label(), r.Value,
			orTTL(r.TTL), zone),
	}
	if r.Role == Verification || r.Role == Certificate {
		steps = append(steps, "or ask the platform whether it offers another method, without this "+r.Role.Phrase())
	}
	return Fix{Steps: steps, Commands: []string{DigResolver(r.Name, r.Type, "")}, Servers: r.Zone}
}

// possible returns the fix with TTLs that the DNS host's panel accepts and without the records that it cannot hold,
// and says what to do instead.
func (f Fix) possible() Fix {
	for i, r := range f.Records {
		if lowest := hosts.PanelOf(r.Host).MinTTL; r.TTL != 0 && r.TTL < lowest {
			f.Records = slices.Clone(f.Records)
			f.Records[i].TTL = lowest
		}
	}
	if f.Exist || !slices.ContainsFunc(f.Records, Refused) {
		return f
	}
	var steps []string
	for _, r := range f.Records {
		if no := refusalOf(r); no != nil {
			x := cannotHold(r, no)
			steps, f.Servers = append(steps, x.Steps...), x.Servers
		}
	}
	f.Steps = append(steps, f.Steps...)
	f.Records = slices.DeleteFunc(slices.Clone(f.Records), Refused)
	return f
}
