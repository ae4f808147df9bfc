package causes

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/catalog"
)

// DelegationTwoHostsArgs are the arguments of delegation.two-hosts.
type DelegationTwoHostsArgs struct {
	Zone string `json:"zone"`
	Cut  Cut    `json:"cut,omitzero"`
	// Groups are the listed servers by the zone that they serve, as names joined in a sentence.
	Groups []string `json:"groups,omitempty"`
	Keep   []string `json:"keep,omitempty"`   // the servers with what the service needs; empty if unknown
	Remove []string `json:"remove,omitempty"` // the listed servers of the others
	// Lists are the servers that the zone at Keep names for itself.
	Lists  []string `json:"lists,omitempty"`
	Detail string   `json:"detail,omitempty"` // what they answer differently
	// KeepsDS is set if the zone is signed and the DS record fits the servers in Keep.
	KeepsDS bool `json:"keepsDS,omitempty"`
}

// DelegationTwoHosts is delegation.two-hosts.
var DelegationTwoHosts = catalog.Declare(catalog.Cause{
	ID: "delegation.two-hosts", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "two DNS hosts serve different zones for the domain",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_022"},
	Explains:  slices.Concat(links(DelegationMismatch.ID), unreachableZone),
	Description: "The listed name servers belong to two independent DNS hosts. Each has its own zone, and a change " +
		"at " +
		"one is not visible at the other. Resolvers query either, so answers differ from one query to the next.",
	Detection: "The listed servers are grouped by the NS records that they serve. No group names a server of the " +
		"other, their SOA records name different sources, and they answer the domain's names differently.",
	Confused: "record.servers-disagree, where servers of one host hold different copies; delegation.mismatch, where " +
		"the hosts hold the same data.",
	Refs: []string{"RFC 1034 4.2.2", "RFC 2182 3"},
}, catalog.Text[DelegationTwoHostsArgs]{
	Summary: func(a DelegationTwoHostsArgs) string {
		return fmt.Sprintf("%s is served by %d independent DNS hosts with different records", a.Zone, len(a.Groups))
	},
	Why: func(a DelegationTwoHostsArgs) string {
		s := "one zone is served by " + strings.Join(a.Groups, ", another by ") +
			"; neither lists the name servers of the other"
		if a.Detail != "" {
			s += "; " + a.Detail
		}
		return s
	},
	Fix: func(a DelegationTwoHostsArgs) catalog.Fix {
		if len(a.Keep) == 0 {
			return serverFix(a.Zone, "decide which of the hosts should serve "+a.Zone+
				", and create all of its records there",
				a.Cut.place()+", remove the servers of the other host from "+a.Cut.list(a.Zone))
		}
		steps := []string{"copy the records that only the other host has, if they are still needed, to " +
			catalog.Join(a.Keep), fmt.Sprintf("%s, remove %s from %s: %s %s what the service needs", a.Cut.place(),
			catalog.Join(a.Remove), a.Cut.list(a.Zone), catalog.Join(a.Keep), has(a.Keep))}
		if add := slices.DeleteFunc(slices.Clone(a.Lists), func(s string) bool {
			return slices.Contains(a.Keep, s)
		}); len(add) > 0 {
			steps = append(steps, "add "+catalog.Join(add)+", which that zone also lists")
		}
		if a.KeepsDS { // nothing changes for it
			return traceFix(a.Zone, steps...)
		}
		return serverFix(a.Zone, steps...)
	},
	Example: DelegationTwoHostsArgs{
		Zone: "example.com", Groups: []string{"ns1.example.net", "ns1.old.example.org"},
		Keep:   []string{"ns1.example.net"},
		Remove: []string{"ns1.old.example.org"}, Lists: []string{"ns1.example.net", "ns2.example.net"},
	},
})

// DelegationOwnNSLameArgs are the arguments of delegation.own-ns-lame.
type DelegationOwnNSLameArgs struct {
	Zone     string   `json:"zone"`
	Host     string   `json:"host,omitempty"` // the DNS host where the zone is edited
	Servers  []string `json:"servers,omitempty"`
	Working  []string `json:"working,omitempty"`  // servers that the zone names and that serve it
	Others   []string `json:"others,omitempty"`   // servers that serve another zone of that name
	ParentNS []string `json:"parentNS,omitempty"` // the servers that the zone is delegated to
	Cut      Cut      `json:"cut,omitzero"`
}

// DelegationOwnNSLame is delegation.own-ns-lame.
var DelegationOwnNSLame = catalog.Declare(catalog.Cause{
	ID: "delegation.own-ns-lame", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant, catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 4,
	Title:    "the zone's own NS records list servers without the zone",
	Codes:    []string{"DOMAIN_010", "DOMAIN_022"},
	Explains: links(DelegationMismatch.ID, "cache.*", CertificatePending.ID, CertificateFailed.ID),
	Description: "The delegation is right, but the NS records in the zone itself list servers that do not serve it, " +
		"or " +
		"that serve another zone of that name. A resolver that has seen these records prefers them to the delegation, " +
		"so " +
		"lookups work at first and fail later.",
	Detection: "The servers that are listed only in the zone's own NS records are asked for its SOA, and for the " +
		"records that the service needs. They refuse, do not answer, have no address, or lack a record that the " +
		"delegated " +
		"servers have.",
	Confused: "delegation.mismatch, where the servers of both lists serve the zone; delegation.lame, where the " +
		"delegation itself lists servers without the zone.",
	Refs: []string{"RFC 2181 5.4.1", "RFC 1034 4.2.2"},
}, catalog.Text[DelegationOwnNSLameArgs]{
	Summary: func(a DelegationOwnNSLameArgs) string {
		if len(a.Others) > 0 && len(a.Others) == len(a.Servers) {
			return fmt.Sprintf("the delegation of %[1]s is right, but the zone's own NS records list %[2]s, which %[3]s "+
				"another zone of that name", a.Zone, catalog.Join(a.Others), verb(a.Others, "serves", "serve"))
		}
		if len(a.Working) == 0 {
			return "the delegation of " + a.Zone +
				" is right, but the zone's own NS records list only servers that do not " +
				"serve it"
		}
		return fmt.Sprintf("the delegation of %s is right, but the zone's own NS records list %s that %s not serve it",
			a.Zone, catalog.Plural(len(a.Servers), "server"), verb(a.Servers, "does", "do"))
	},
	Why: func(a DelegationOwnNSLameArgs) string {
		follows := "answers slowly or with SERVFAIL"
		if len(a.Others) > 0 {
			follows = "answers from there"
		}
		return fmt.Sprintf("%s; a resolver that has cached the zone's own NS records queries these servers and %s, "+
			"although %s %s the zone", catalog.Join(a.Servers), follows, catalog.Join(a.ParentNS),
			verb(a.ParentNS, "serves", "serve"))
	},
	Fix: func(a DelegationOwnNSLameArgs) catalog.Fix {
		return traceFix(a.Zone,
			fmt.Sprintf(
				"%s, change the zone's own NS records (@) to %s; if the panel does not show them, ask the DNS host "+
					"to change them", catalog.Where(catalog.Record{Zone: a.Zone, Host: a.Host}), catalog.Join(a.ParentNS)),
			a.Cut.place()+", leave "+a.Cut.list(a.Zone)+" as they are")
	},
	Example: DelegationOwnNSLameArgs{
		Zone: "example.com", Servers: []string{"ns1.old.example.net (192.0.2.2:53): refused"},
		ParentNS: []string{"ns1.example.net", "ns2.example.net"},
	},
})

// DelegationNSAliasArgs are the arguments of delegation.ns-alias.
type DelegationNSAliasArgs struct {
	Zone    string   `json:"zone"`
	Cut     Cut      `json:"cut,omitzero"`
	Aliases []string `json:"aliases,omitempty"` // "ns1.example.com is an alias of ns1.example.net"
	Targets []string `json:"targets,omitempty"`
	Good    []string `json:"good,omitempty"` // listed servers that are not aliases
	Own     bool     `json:"own,omitempty"`  // only the zone's own NS records list them
	// Glued is set if the zone above has addresses for them, and the zone itself has the alias.
	Glued bool `json:"glued,omitempty"`
}

// DelegationNSAlias is delegation.ns-alias.
var DelegationNSAlias = catalog.Declare(catalog.Cause{
	ID: "delegation.ns-alias", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "the name of a listed name server is an alias",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011"},
	Explains:  links("cache.*", DelegationMismatch.ID, CertificatePending.ID, CertificateFailed.ID),
	Description: "An NS record names a host that has a CNAME record instead of addresses. The standard forbids this: " +
		"some resolvers follow the alias, others (BIND among them) do not, and cannot resolve the domain.",
	Detection: "The lookup of a listed name server's addresses returns a CNAME record.",
	Confused:  "delegation.lame, where the name resolves but the server does not serve the zone.",
	Refs:      []string{"RFC 2181 10.3", "RFC 1912 2.4"},
}, catalog.Text[DelegationNSAliasArgs]{
	Summary: func(a DelegationNSAliasArgs) string {
		if len(a.Good) == 0 {
			return "the name servers listed for " + a.Zone + " are aliases, which some resolvers do not follow"
		}
		return "a name server listed for " + a.Zone + " is an alias, which some resolvers do not follow"
	},
	Why: func(a DelegationNSAliasArgs) string {
		return catalog.Join(a.Aliases) + "; the name in an NS record must have addresses of its own"
	},
	Fix: func(a DelegationNSAliasArgs) catalog.Fix {
		at, list := a.Cut.place(), a.Cut.list(a.Zone)
		if a.Glued {
			return traceFix(a.Zone, "in the zone "+a.Zone+
				", replace the CNAME records of its name servers with A and AAAA "+
				"records that have the addresses listed in the zone above",
				"or "+at+", in "+list+", list the targets of the aliases instead: "+catalog.Join(a.Targets))
		}
		if a.Own {
			at, list = "in the zone "+a.Zone, "the zone's own NS records (@)"
		}
		return traceFix(a.Zone, fmt.Sprintf("%s, in %s, replace the alias with its target: %s", at, list,
			catalog.Join(a.Targets)))
	},
	Example: DelegationNSAliasArgs{
		Zone: "example.com", Aliases: []string{"ns1.example.org is an alias of ns1.example.net"},
		Targets: []string{"ns1.example.net"},
	},
})

// DelegationGlueArgs are the arguments of delegation.glue-missing and delegation.glue-wrong.
type DelegationGlueArgs struct {
	Zone    string   `json:"zone"`
	Cut     Cut      `json:"cut,omitzero"`
	Servers []string `json:"servers,omitempty"` // the names of the servers
	// Glue are the addresses that the zone above gives for them: "ns1.example.com 192.0.2.1".
	Glue []string `json:"glue,omitempty"`
	// Addresses are those that the zone itself has: "ns1.example.com 192.0.2.53".
	Addresses []string `json:"addresses,omitempty"`
	Private   bool     `json:"private,omitempty"` // the addresses in Glue are not public
	Kind      string   `json:"kind,omitempty"`    // what kind of address the first of these is
}

// DelegationGlueMissing is delegation.glue-missing.
var DelegationGlueMissing = catalog.Declare(catalog.Cause{
	ID: "delegation.glue-missing", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant},
	Verdict:   catalog.Fail,
	Frequency: 2,
	Title:     "name servers inside the zone have no glue",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019", "DOMAIN_022"},
	Explains:  slices.Concat(links(DelegationLame.ID, DelegationUnreachable.ID), unreachableZone),
	Description: "All name servers of the domain have names in the domain itself, and the zone above gives no " +
		"addresses for them. Their addresses are only in the zone that they serve, so resolvers cannot find them.",
	Detection: "The parent's referral lists only servers inside the zone, and has no address for any of them in its " +
		"additional section.",
	Confused: "delegation.lame, where a name server's name does not exist; delegation.unreachable, where the " +
		"addresses " +
		"are known but do not answer.",
	Refs: []string{"RFC 9471 2.1", "RFC 1034 4.2.1"},
}, catalog.Text[DelegationGlueArgs]{
	Summary: func(a DelegationGlueArgs) string {
		return "resolvers cannot find the name servers of " + a.Zone +
			": their names are in the zone itself, and they have no glue"
	},
	Why: func(a DelegationGlueArgs) string {
		return fmt.Sprintf("the referral lists %s without addresses, which are only in the zone that %s",
			catalog.Join(a.Servers), verb(a.Servers, "this server serves", "these servers serve"))
	},
	Fix: func(a DelegationGlueArgs) catalog.Fix {
		if a.Cut.own() {
			return serverFix(a.Zone, a.Cut.place()+", add address records (A, AAAA) for "+catalog.Join(a.Servers)+
				" beside the NS records of "+a.Cut.label())
		}
		return serverFix(a.Zone, "at your registrar, register the addresses of "+catalog.Join(a.Servers)+
			" (glue records, host objects, \"private name servers\")",
			"or list name servers of your DNS host that have names outside "+a.Zone)
	},
	Example: DelegationGlueArgs{Zone: "example.com", Servers: []string{"ns1.example.com", "ns2.example.com"}},
})

// DelegationGlueWrong is delegation.glue-wrong.
var DelegationGlueWrong = catalog.Declare(catalog.Cause{
	ID: "delegation.glue-wrong", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "the glue addresses of a name server are wrong",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_022"},
	Explains:  slices.Concat(links(DelegationLame.ID, DelegationUnreachable.ID), unreachableZone),
	Description: "The zone above gives an address for a name server that is not the server's own: a former one, or a " +
		"private one that the Internet cannot reach. Resolvers start with that address.",
	Detection: "The addresses in the parent's referral are compared with the address records of the name server in " +
		"the " +
		"zone itself, and with the private ranges.",
	Confused: "delegation.mismatch, where the names of the servers differ; delegation.lame, where the address is " +
		"right " +
		"but the server does not serve the zone.",
	Refs: []string{"RFC 1034 4.2.2", "RFC 1918 3"},
}, catalog.Text[DelegationGlueArgs]{
	Summary: func(a DelegationGlueArgs) string {
		if a.Private {
			return "a name server of " + a.Zone + " is listed with an address that the Internet cannot reach"
		}
		return "the glue of " + a.Zone + " does not have the addresses of its name servers"
	},
	Why: func(a DelegationGlueArgs) string {
		s := "the zone above lists " + catalog.Join(a.Glue)
		switch {
		case a.Kind != "" && len(a.Glue) > 1:
			s += ", the first of which is " + a.Kind
		case a.Kind != "":
			s += ", which is " + a.Kind
		}
		if len(a.Addresses) > 0 {
			s += "; the zone itself has " + catalog.Join(a.Addresses)
		}
		return s
	},
	Fix: func(a DelegationGlueArgs) catalog.Fix {
		what := "the public addresses of the servers"
		if len(a.Addresses) > 0 {
			what = catalog.Join(a.Addresses)
		}
		if a.Cut.own() {
			return serverFix(a.Zone, a.Cut.place()+", change the address records of "+catalog.Join(a.Servers)+" to "+what)
		}
		return serverFix(a.Zone, "at your registrar, change the addresses of "+catalog.Join(a.Servers)+
			" (glue records, host objects) to "+what)
	},
	Example: DelegationGlueArgs{
		Zone: "example.com", Servers: []string{"ns1.example.com"}, Glue: []string{"ns1.example.com 192.0.2.1"},
		Addresses: []string{"ns1.example.com 192.0.2.53"},
	},
})
