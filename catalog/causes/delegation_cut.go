package causes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// Cut is a delegation that the tenant made in a zone of their own. It is zero for one that a registry holds.
type Cut struct {
	Zone string `json:"zone"`           // the zone with the NS records
	Name string `json:"name"`           // the delegated name
	Host string `json:"host,omitempty"` // the DNS host of Zone
	// Signed reports that Zone also has a DS record of the name.
	Signed bool `json:"signed,omitempty"`
}

func (c Cut) own() bool { return c.Zone != "" }

// label returns the delegated name as panels show it in its zone.
func (c Cut) label() string { return strings.TrimSuffix(c.Name, "."+c.Zone) }

// place says where the name servers of a zone are set.
func (c Cut) place() string {
	if !c.own() {
		return "at your registrar"
	}
	return catalog.Where(catalog.Record{Zone: c.Zone, Host: c.Host})
}

// list names the records there that list the name servers of a zone.
func (c Cut) list(zone string) string {
	if !c.own() {
		return "the name servers of " + zone
	}
	return "the NS records of " + c.label()
}

// otherZone is the step for a delegation to a DNS host that may have two zones of one name.
func (c Cut) otherZone(host string, ns []string) string {
	return fmt.Sprintf(
		"if %s already shows it, you are looking at another zone of that name: compare the name servers "+
			"that the zone there shows with those in the NS records of %s in the zone %s, %s; if they differ, set the "+
			"ones "+
			"that it shows %s, in %s", host, c.label(), c.Zone, catalog.Join(ns), c.place(), c.list(c.Name))
}

// remove is the step that ends the delegation.
func (c Cut) remove() string {
	return fmt.Sprintf("%s, delete the %s of %s: the zone %s then answers for %s itself", c.place(), c.records(),
		c.label(), c.Zone, c.Name)
}

// records names what makes the delegation in the zone. A DS record that stays without NS records misleads validators
// (RFC 4035 5.2), and some hosts then refuse the zone.
func (c Cut) records() string {
	if c.Signed {
		return "NS and DS records"
	}
	return "NS records"
}

// exampleCut is used by the examples of causes.
var exampleCut = Cut{Zone: "example.com", Name: "shop.example.com", Host: "GoDaddy"}

// DelegationLeftoverNSArgs are the arguments of delegation.leftover-ns.
type DelegationLeftoverNSArgs struct {
	Cut Cut      `json:"cut"`
	NS  []string `json:"ns,omitempty"` // the servers that the cut leads to
	// Host is their DNS host, if it is known.
	Host string `json:"host,omitempty"`
	// Holder is the zone further up whose servers have the records, and Holding these servers; empty if none do.
	Holder  string           `json:"holder,omitempty"`
	Holding []string         `json:"holding,omitempty"`
	Missing []catalog.Record `json:"missing,omitempty"` // the records that the servers of the cut lack
	// Domain is the attached name, if it is below the cut; PerZone is set if Host may have another zone of the cut's
	// name.
	Domain  string `json:"domain,omitempty"`
	PerZone bool   `json:"perZone,omitempty"`
}

// DelegationLeftoverNS is delegation.leftover-ns.
var DelegationLeftoverNS = catalog.Declare(catalog.Cause{
	ID: "delegation.leftover-ns", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "leftover NS records delegate the name to other servers",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010"},
	Explains:  slices.Concat(links(DelegationZoneCut.ID, DelegationMismatch.ID), unreachableZone),
	Description: "The tenant's own zone has NS records for the name, often left from an earlier setup. Resolvers " +
		"follow them to other servers, so records for the name, or for names below it, are not visible if they are in " +
		"the " +
		"zone itself.",
	Detection: "The zone's servers answer with a referral. The servers that it lists do not have the records that " +
		"the " +
		"service needs, and either the cut is at the attached name itself, or the servers of a zone above have them.",
	Confused: "delegation.zone-cut, where the lower zone is in use and only the record is missing there; " +
		"delegation.lame, where the servers of the cut do not serve the name at all.",
	Refs: []string{"RFC 1034 4.2.1", "RFC 1034 4.3.2"},
}, catalog.Text[DelegationLeftoverNSArgs]{
	Summary: func(a DelegationLeftoverNSArgs) string {
		return fmt.Sprintf("the zone %s delegates %s to %s, which %s not have the records", a.Cut.Zone, a.Cut.label(),
			catalog.Join(a.NS), verb(a.NS, "does", "do"))
	},
	Why: func(a DelegationLeftoverNSArgs) string {
		s := fmt.Sprintf("the zone %s has NS records for %s, so resolvers query %s for it and for every name below it",
			a.Cut.Zone, a.Cut.Name, catalog.Join(a.NS))
		if len(a.Holding) > 0 {
			return fmt.Sprintf("%s; %s %s the records, in the zone %s, where they are not visible", s,
				catalog.Join(a.Holding), has(a.Holding), a.Holder)
		}
		return s + "; records for it in the zone " + a.Cut.Zone + " are not visible"
	},
	Fix: func(a DelegationLeftoverNSArgs) catalog.Fix {
		at := a.Host
		if at == "" {
			at = catalog.Join(a.NS)
		}
		var steps []string
		if a.Holder != "" {
			steps = append(steps, fmt.Sprintf("%s, delete the %s of %s: resolvers then find the records at %s",
				a.Cut.place(), a.Cut.records(), a.Cut.label(), catalog.Join(a.Holding)))
		} else {
			steps = append(steps, a.Cut.remove(), "create the records that the service lists for "+a.Cut.Name+
				" in the zone "+a.Cut.Zone)
		}
		steps = append(steps, fmt.Sprintf("or, if %s is in use there: create the records at %s, in the zone %s",
			a.Cut.Name,
			at, a.Cut.Name))
		if a.Domain != "" { // other names below the cut may be in use
			steps = []string{
				fmt.Sprintf("if the zone %s is in use: create the records for %s at %s, in the zone %s", a.Cut.Name, a.Domain,
					at,
					a.Cut.Name),
				"if nothing uses it: " + a.Cut.remove(),
				fmt.Sprintf("then create the records that the service lists for %s in "+
					"the zone %s", a.Domain, a.Cut.Zone),
			}
			if a.PerZone {
				steps = append(steps, a.Cut.otherZone(at, a.NS))
			}
		}
		return serverFix(a.Cut.Name, steps...)
	},
	Example: DelegationLeftoverNSArgs{
		Cut: exampleCut, NS: []string{"ns1.old.example.net", "ns2.old.example.net"},
	},
})

// DelegationRecordNSArgs are the arguments of delegation.record-ns-lame.
type DelegationRecordNSArgs struct {
	Record  catalog.Record `json:"record"`
	Cut     Cut            `json:"cut"`
	NS      []string       `json:"ns,omitempty"`      // the servers that the cut leads to
	Servers []string       `json:"servers,omitempty"` // those that do not serve it, each with its answer
	Good    []string       `json:"good,omitempty"`    // those that do
}

// DelegationRecordNSLame is delegation.record-ns-lame.
var DelegationRecordNSLame = catalog.Declare(catalog.Cause{
	ID: "delegation.record-ns-lame", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 2,
	Title:    "a record's name is delegated to servers that do not serve it",
	ByRole:   recordCodes,
	OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName("record.*", "cache.*"), ofRole(catalog.Certificate, waitingCertificate...)),
	Description: "The name of one record is delegated to its own name servers, as some tools that manage tokens do, " +
		"and these servers do not serve it. The record cannot be found there, and one in the zone above is not visible.",
	Detection: "The zone's servers answer the query for the record with a referral. Every server that it lists " +
		"refuses, is not authoritative, does not answer, or has no address.",
	Confused: "delegation.lame, where the whole domain is delegated to such servers; delegation.zone-cut, where the " +
		"servers serve the zone but lack the record.",
	Refs: []string{"RFC 1912 2.8", "RFC 1034 4.3.2"},
}, catalog.Text[DelegationRecordNSArgs]{
	Summary: func(a DelegationRecordNSArgs) string {
		if len(a.Good) > 0 {
			return fmt.Sprintf(
				"%s is found only now and then: %s of the name servers in the NS records of %s %s not serve it",
				catalog.Named(a.Record), strconv.Itoa(len(a.Servers)), a.Cut.label(), verb(a.Servers, "does", "do"))
		}
		return fmt.Sprintf("%s cannot be found: NS records delegate %s to %s, which %s not serve it",
			catalog.Named(a.Record), a.Cut.label(), catalog.Join(a.NS), verb(a.NS, "does", "do"))
	},
	Why: func(a DelegationRecordNSArgs) string {
		return fmt.Sprintf("the zone %s delegates %s: %s", a.Cut.Zone, a.Cut.Name, catalog.Join(a.Servers))
	},
	Fix: func(a DelegationRecordNSArgs) catalog.Fix {
		if len(a.Good) > 0 {
			return traceFix(a.Cut.Name, fmt.Sprintf("%s, in the NS records of %s, leave only %s, which %s it",
				a.Cut.place(),
				a.Cut.label(), catalog.Join(a.Good), verb(a.Good, "serves", "serve")),
				fmt.Sprintf("or create the zone %s at the other servers as well", a.Cut.Name))
		}
		r := a.Record
		r.Zone, r.Host = a.Cut.Zone, a.Cut.Host
		f := catalog.Publish(r)
		f.Steps = append([]string{fmt.Sprintf("%s, delete the NS records of %s", a.Cut.place(), a.Cut.label())},
			f.Steps...)
		f.Deletes = append(f.Deletes, catalog.Record{Name: a.Cut.Name, Type: "NS", Zone: a.Cut.Zone, Host: a.Cut.Host})
		return f
	},
	Example: DelegationRecordNSArgs{
		Record: exampleVerification,
		Cut:    Cut{Zone: "example.com", Name: "_verify.shop.example.com", Host: "GoDaddy"},
		NS:     []string{"ns1.old.example.net"}, Servers: []string{"ns1.old.example.net (192.0.2.2:53): refused"},
	},
})

// DelegationParentsDisagreeArgs are the arguments of delegation.parents-disagree.
type DelegationParentsDisagreeArgs struct {
	Cut        Cut      `json:"cut"`
	Delegating []string `json:"delegating,omitempty"` // servers of the zone above that delegate the name
	Denying    []string `json:"denying,omitempty"`    // servers of that zone that do not
	Differing  []string `json:"differing,omitempty"`  // servers of that zone that delegate it to others
	NS         []string `json:"ns,omitempty"`         // the servers that Delegating delegate it to
	Registry   bool     `json:"registry,omitempty"`   // the zone above is a registry's
	DS         bool     `json:"ds,omitempty"`         // the DS records differ, not the NS records
}

// others returns the servers whose copy of the zone differs from that of Delegating.
func (a DelegationParentsDisagreeArgs) others() []string {
	return append(slices.Clone(a.Denying), a.Differing...)
}

// DelegationParentsDisagree is delegation.parents-disagree.
var DelegationParentsDisagree = catalog.Declare(catalog.Cause{
	ID: "delegation.parents-disagree", Rung: catalog.Delegation,
	Who: []catalog.Actor{catalog.Tenant, catalog.DNSHost, catalog.RegistrarActor}, Verdict: catalog.Fail, Frequency: 2,
	Title: "the parent zone's servers disagree about the delegation",
	Codes: []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011"}, Explains: slices.Concat(
		links(DelegationLame.ID, DelegationUnreachable.ID, DelegationMismatch.ID, DelegationLeftoverNS.ID,
			DelegationZoneCut.ID, DelegationWrongHost.ID), unreachableZone),
	Description: "Some servers of the zone above delegate the name, and others have a copy of the zone without that " +
		"delegation, or with an earlier one. The result of a lookup depends on the server that the resolver queries. A " +
		"registry's servers usually agree again within an hour; at a DNS host, waiting does not help.",
	Detection: "Every server of the zone above is asked about the name (those of a registry only if a server of the " +
		"zone or a resolver does not answer as expected). Some answer with a referral, others with an authoritative " +
		"NXDOMAIN, or with a referral to other servers.",
	Confused: "record.servers-disagree, where servers of the record's own zone differ; cache.negative, where a " +
		"resolver has an earlier answer cached.",
	Refs: []string{"RFC 1034 4.2.2", "RFC 1034 4.3.5"},
}, catalog.Text[DelegationParentsDisagreeArgs]{
	Summary: func(a DelegationParentsDisagreeArgs) string {
		about := "delegation"
		if a.DS {
			about = "DS records"
		}
		if a.Registry {
			return fmt.Sprintf("the registry's servers disagree about the %s of %s", about, a.Cut.Name)
		}
		return fmt.Sprintf("the servers of %s disagree about the %s of %s", a.Cut.Zone, about, a.Cut.label())
	},
	Why: func(a DelegationParentsDisagreeArgs) string {
		if a.DS {
			return fmt.Sprintf("%s %s a DS record that matches a key of %s; %s %s only DS records that match no key, so "+
				"resolvers that query %s reject every answer", catalog.Join(a.Delegating), has(a.Delegating), a.Cut.Name,
				catalog.Join(a.Differing), has(a.Differing), verb(a.Differing, "it", "them"))
		}
		s := fmt.Sprintf("%s %s %s to %s", catalog.Join(a.Delegating), verb(a.Delegating, "delegates", "delegate"),
			a.Cut.Name, catalog.Join(a.NS))
		if len(a.Denying) > 0 {
			s += fmt.Sprintf("; %s %s that the name does not exist", catalog.Join(a.Denying),
				verb(a.Denying, "answers", "answer"))
		}
		if len(a.Differing) > 0 {
			s += fmt.Sprintf("; %s %s it to other servers", catalog.Join(a.Differing),
				verb(a.Differing, "delegates", "delegate"))
		}
		return s
	},
	Fix: func(a DelegationParentsDisagreeArgs) catalog.Fix {
		if a.Registry {
			return traceFix(a.Cut.Name,
				"if it was changed within the last hour: wait, a registry updates its servers one after the other",
				fmt.Sprintf("otherwise, ask your registrar to report to the registry that %s %s an older copy of %s than %s",
					catalog.Join(a.others()), has(a.others()), a.Cut.Zone, catalog.Join(a.Delegating)))
		}
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("ask the DNS host of %s why the copy of the zone on %s differs from that on %s", a.Cut.Zone,
					catalog.Join(a.others()), catalog.Join(a.Delegating)),
				"if these are servers of a host that you left, remove them from the name servers of " + a.Cut.Zone,
			},
			Commands: []string{shell.Dig(a.Cut.Zone, "SOA", "+nssearch")},
		}
	},
	Example: DelegationParentsDisagreeArgs{
		Cut: exampleCut, Delegating: []string{"ns1.example.net"}, Denying: []string{"ns2.example.net"},
		NS: []string{"ns1.example.org", "ns2.example.org"},
	},
})
