package rehearsal

import (
	"slices"

	"domdoc/checks/dnsname"
	"domdoc/checks/plan/change"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// encloserChanges reports whether an edit may make or remove a name between the zone and a name, with which another
// wildcard or none answers for it (RFC 4592 3.3.1).
func (a *asker) encloserChanges(name string) bool {
	zone := a.t.change.Zone
	for up := dnsname.Parent(name); up != zone && exchange.InZone(up, zone); up = dnsname.Parent(up) {
		for edited, list := range a.t.edits {
			if exchange.InZone(edited, up) && slices.ContainsFunc(list, func(e change.Edit) bool {
				return e.Op != change.TTL
			}) {
				return true
			}
		}
	}
	return false
}

// exists reports whether a name exists after the change, with or without records of its own (RFC 8020 2).
func (a *asker) exists(name string) (bool, error) {
	if name == a.t.change.Zone {
		return true, nil
	}
	for edited, list := range a.t.edits {
		if edited == name || !exchange.InZone(edited, name) {
			continue
		}
		if slices.ContainsFunc(list, func(e change.Edit) bool {
			return e.Op == change.Add || e.Op == change.Replace && (len(e.RRs) > 0 || e.Alias != "")
		}) {
			return true, nil
		}
	}
	if slices.ContainsFunc(a.t.change.Open, func(o change.Open) bool { return exchange.InZone(o.Name, name) }) {
		return true, nil
	}
	if slices.ContainsFunc(a.t.change.Names, func(known string) bool {
		return known != name && exchange.InZone(known, name) && len(a.t.edits[known]) == 0
	}) {
		return true, nil
	}
	types := commonTypes
	removes := slices.ContainsFunc(a.t.edits[name], func(e change.Edit) bool { return e.Op == change.Remove })
	if removes {
		types = slices.Concat(commonTypes, rareTypes)
	}
	for _, t := range types {
		set, err := a.after(name, t)
		if err != nil || len(set) > 0 {
			return true, err
		}
	}
	if a.t.change.Whole || removes {
		return false, nil
	}
	if a.t.hidden(a.ctx, name) {
		return false, nil
	}
	m, err := a.source(name, dns.TypeA)
	if err != nil || m == nil || m.Rcode == dns.RcodeNameError {
		return false, err
	}
	beside, err := a.source(a.t.now.RandomSibling(name), dns.TypeA)
	if err != nil || beside == nil {
		return true, err
	}
	if beside.Rcode == dns.RcodeNameError {
		return true, nil
	}
	if a.removesBelow(name) {
		return false, nil
	}
	return a.lacks(name, a.t.now.RandomSibling(name))
}

// removesBelow reports whether an edit removes records below a name, for which alone it may exist.
func (a *asker) removesBelow(name string) bool {
	for edited, list := range a.t.edits {
		if edited != name && exchange.InZone(edited, name) && slices.ContainsFunc(list, func(e change.Edit) bool {
			return e.Op == change.Remove
		}) {
			return true
		}
	}
	return false
}

// lacks reports whether a random name beside a name has records that the name itself has not: a wildcard answers
// there, and not for a name that exists without records.
func (a *asker) lacks(name, beside string) (bool, error) {
	for _, t := range commonTypes {
		wild, err := a.records(beside, t)
		if err != nil {
			return false, err
		}
		if len(wild) == 0 {
			continue
		}
		own, err := a.records(name, t)
		return err == nil && len(own) == 0, err
	}
	return false, nil
}
