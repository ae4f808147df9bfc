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

// presence is whether a name exists, with or without records of its own (RFC 8020 2).
type presence int

const (
	absent presence = iota
	present
	// doubtful means that the change removes records that it has, or that are below it. Whether there are others below,
	// for which it stays, cannot be asked.
	doubtful
)

// presence returns whether a name exists after the change.
func (a *asker) presence(name string) (presence, error) {
	if name == a.t.change.Zone {
		return present, nil
	}
	for edited, list := range a.t.edits {
		if edited == name || !exchange.InZone(edited, name) {
			continue
		}
		if slices.ContainsFunc(list, change.Edit.Makes) {
			return present, nil
		}
	}
	if slices.ContainsFunc(a.t.change.Open, func(o change.Open) bool { return exchange.InZone(o.Name, name) }) {
		return present, nil
	}
	if known, err := a.knownBelow(name); err != nil || known {
		return present, err
	}
	types := commonTypes
	removes := slices.ContainsFunc(a.t.edits[name], change.Edit.Removes)
	if edits := a.t.edits[name]; len(edits) > 0 {
		types = slices.Concat(commonTypes, rareTypes)
		for _, e := range edits {
			if e.Type != 0 && !slices.Contains(types, e.Type) {
				types = append(types, e.Type)
			}
		}
	}
	if has, err := a.has(name, types); err != nil || has {
		return present, err
	}
	switch {
	case a.t.change.Whole:
		return absent, nil
	case removes:
		return a.unlessWildcard(name)
	case a.t.hidden(a.ctx, name):
		return absent, nil
	}
	m, err := a.source(name, dns.TypeA)
	if err != nil || m == nil || m.Rcode == dns.RcodeNameError {
		return absent, err
	}
	sibling := a.t.now.RandomSibling(name)
	beside, err := a.source(sibling, dns.TypeA)
	if err != nil || beside == nil {
		return present, err
	}
	if beside.Rcode != dns.RcodeNameError { // there is a wildcard
		if lacks, err := a.lacks(name, sibling); err != nil || !lacks {
			return absent, err
		}
	}
	if a.removesBelow(name) {
		return a.unlessWildcard(name)
	}
	return present, nil
}

// knownBelow reports whether a name below is known to have records of its own that the change leaves as they are. What
// a wildcard answers for a name makes neither it nor those above it exist.
func (a *asker) knownBelow(name string) (bool, error) {
	if a.t.change.Whole {
		return false, nil
	}
	for _, known := range a.t.change.Names {
		if known == name || !exchange.InZone(known, name) || len(a.t.edits[known]) > 0 {
			continue
		}
		if has, err := a.has(known, commonTypes); err != nil || has {
			return has, err
		}
	}
	return false, nil
}

// has reports whether a name has records of some types after the change.
func (a *asker) has(name string, types []uint16) (bool, error) {
	for _, t := range types {
		if set, err := a.after(name, t); err != nil || len(set) > 0 {
			return true, err
		}
	}
	return false, nil
}

// unlessWildcard returns doubtful, unless there is a wildcard right below the name.
func (a *asker) unlessWildcard(name string) (presence, error) {
	if has, err := a.has("*."+name, commonTypes); err != nil || has {
		return present, err
	}
	return doubtful, nil
}

// removesBelow reports whether an edit removes records below a name, for which alone it may exist.
func (a *asker) removesBelow(name string) bool {
	for edited, list := range a.t.edits {
		if edited != name && exchange.InZone(edited, name) && slices.ContainsFunc(list, change.Edit.Removes) {
			return true
		}
	}
	return false
}

// encloses reports whether a name exists for sure that has the records of the wildcard beside it: then the wildcard
// does not answer below it (RFC 4592 3.3.1). Where another one there has the same records, it is below that one, whose
// name then exists, that none answers.
func (a *asker) encloses(name string, rrtype uint16, wild []dns.RR) (bool, error) {
	below := a.t.now.RandomSibling("x." + name)
	if _, ok := dns.IsDomainName(below); !ok {
		return false, nil
	}
	if set, err := a.records(below, rrtype); err != nil || !sameData(set, wild) {
		return err == nil, err
	}
	below = a.t.now.RandomSibling("x.*." + name)
	if _, ok := dns.IsDomainName(below); !ok {
		return false, nil
	}
	m, err := a.source(below, rrtype)
	return err == nil && m != nil && m.Rcode == dns.RcodeNameError, err
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
