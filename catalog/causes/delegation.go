package causes

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// unreachableZone is what follows if the name servers of a zone give no usable answer.
var unreachableZone = links("dnssec.*", "record.*", "cache.*", "caa.*", "certificate.*", "cdn.*", "http.*")

// traceFix is a fix that is verified by following the delegation of a zone.
func traceFix(zone string, steps ...string) catalog.Fix {
	return catalog.Fix{Steps: steps, Commands: []string{shell.Dig(zone, "NS", "+trace")}}
}

// serverFix is a fix that changes the name servers of a zone.
func serverFix(zone string, steps ...string) catalog.Fix {
	f := traceFix(zone, steps...)
	f.Servers = zone
	return f
}

// DelegationMissingArgs are the arguments of delegation.missing.
type DelegationMissingArgs struct {
	Zone   string `json:"zone"`
	Parent string `json:"parent,omitempty"`
}

// isTLD reports whether the missing zone is a top-level domain, whose name servers no tenant can set.
func (a DelegationMissingArgs) isTLD() bool { return a.Zone != "" && !strings.Contains(a.Zone, ".") }

// DelegationMissing is delegation.missing.
var DelegationMissing = catalog.Declare(catalog.Cause{
	ID: "delegation.missing", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the domain has no name servers",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019"}, Explains: unreachableZone,
	Description: "The parent zone, run by the registry, has no name servers for the domain, so resolvers cannot find " +
		"its records.",
	Detection: "The parent's servers answer NXDOMAIN, or answer without a referral to the domain.",
	Confused: "record.missing: without a delegation no record is visible, whatever the DNS panel shows; " +
		"registration.on-hold, where the registry removed the name servers; registration.not-registered, where there " +
		"is " +
		"no domain to delegate.",
	Refs: []string{"RFC 1034 4.2.1"},
}, catalog.Text[DelegationMissingArgs]{
	Summary: func(a DelegationMissingArgs) string {
		if a.isTLD() {
			return "the top-level domain ." + a.Zone + " does not exist"
		}
		return a.Zone + " has no name servers at its registry"
	},
	Why: func(a DelegationMissingArgs) string {
		if a.isTLD() {
			return "the root servers have no top-level domain " + a.Zone + ", so no name under it can exist"
		}
		return fmt.Sprintf("the servers of %s have no delegation for %s", a.Parent, a.Zone)
	},
	Fix: func(a DelegationMissingArgs) catalog.Fix {
		if a.isTLD() {
			return catalog.Fix{
				Steps:    []string{"correct the spelling of the name: its last label is not a top-level domain"},
				Commands: []string{catalog.DigResolver(a.Zone, "NS", "")},
			}
		}
		return serverFix(a.Zone, "at your registrar, set the name servers of "+a.Zone+" to the ones your DNS host lists",
			"if they are already set, ask the registrar why they are missing at the registry")
	},
	Example: DelegationMissingArgs{Zone: "example.com", Parent: "com"},
})

// DelegationLameArgs are the arguments of delegation.lame.
type DelegationLameArgs struct {
	Zone   string `json:"zone"`
	Parent string `json:"parent,omitempty"`
	// Servers are the lame servers with their answers: "ns2.example.net (192.0.2.2): refused".
	Servers []string `json:"servers,omitempty"`
	Good    []string `json:"good,omitempty"` // servers that answer correctly
	// Accepting are resolvers that resolve the domain although no server sets the AA bit.
	Accepting []string `json:"accepting,omitempty"`
	// Glue are addresses that only the zone above has: "ns1.example.com 192.0.2.1".
	Glue []string `json:"glue,omitempty"`
	Cut  Cut      `json:"cut,omitzero"`
	// NotLoaded is set if every lame server answers SERVFAIL, as a server does that has the zone and cannot load it.
	NotLoaded bool `json:"notLoaded,omitempty"`
}

// serverNames returns the names of servers that are listed with their answers.
func serverNames(servers []string) []string {
	var out []string
	for _, s := range servers {
		name, _, _ := strings.Cut(s, " ")
		if name = strings.TrimSuffix(name, ":"); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// compareGlue is the step that finds an outdated address of a name server in the zone itself.
func compareGlue(glue []string) string {
	return fmt.Sprintf(
		"compare the addresses that the registry has for the name servers (glue records, host objects), "+
			"%s, with those of your DNS host, and correct them at your registrar", catalog.Join(glue))
}

// DelegationLame is delegation.lame.
var DelegationLame = catalog.Declare(catalog.Cause{
	ID: "delegation.lame", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant, catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 5,
	Title:    "a listed name server does not serve the domain",
	Codes:    []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_022"},
	Explains: slices.Concat(links(DelegationMismatch.ID, DelegationUnreachable.ID), unreachableZone),
	Description: "A name server listed at the registry refuses queries for the domain, is not authoritative for it, " +
		"or " +
		"has a name that does not resolve. Resolvers that query it get an error.",
	Detection: "Each listed server is queried for the zone's SOA without recursion. A correct answer is authoritative.",
	Confused: "delegation.unreachable, where the servers do not answer at all; dnssec.bogus, where the servers " +
		"answer " +
		"correctly and resolvers reject the answers.",
	Refs: []string{"RFC 1912 2.8", "RFC 9499 7"},
}, catalog.Text[DelegationLameArgs]{
	Summary: func(a DelegationLameArgs) string {
		if len(a.Accepting) > 0 {
			return "the name servers of " + a.Zone + " answer without the AA bit, which not every resolver accepts"
		}
		if len(a.Good) == 0 {
			return "none of the listed name servers serves " + a.Zone
		}
		return fmt.Sprintf("%s not serve %s", verb(a.Servers, "1 name server address does",
			strconv.Itoa(len(a.Servers))+" name server addresses do"), a.Zone)
	},
	Why: func(a DelegationLameArgs) string {
		s := catalog.Join(a.Servers)
		if len(a.Good) > 0 {
			s += "; " + catalog.Join(a.Good) + " " + verb(a.Good, "answers", "answer") +
				" correctly, so lookups succeed only some of the time"
		}
		if len(a.Accepting) > 0 {
			s += "; " + catalog.Join(a.Accepting) + " " + verb(a.Accepting, "accepts", "accept") + " the answers"
		}
		if a.NotLoaded {
			s += "; a name server answers so about a zone that it has but cannot load, for example after a faulty " +
				"change, or " +
				"because it does not know the type of a record, or, if it is a secondary, has not reached its primary for " +
				"too long"
		}
		return s
	},
	Fix: func(a DelegationLameArgs) catalog.Fix {
		if len(a.Accepting) > 0 {
			return serverFix(a.Zone, "ask the DNS host why its servers answer for "+a.Zone+
				" without the authoritative bit (AA): they may be resolvers or a load balancer in front of the zone's own "+
				"servers",
				"or, at your registrar, set the name servers that your DNS host lists for "+a.Zone)
		}
		if a.Cut.own() {
			return serverFix(a.Zone, a.Cut.remove(),
				"or, if "+a.Zone+" should have name servers of its own: correct these NS records, and create the zone "+
					a.Zone+" at the servers that they name")
		}
		if a.NotLoaded {
			return traceFix(a.Zone, "ask the DNS host of "+a.Zone+
				" why its servers answer SERVFAIL; if a record was added "+
				"or changed shortly before, take that change back",
				"if the DNS host lists other name servers than "+catalog.Join(serverNames(a.Servers))+
					", set those at your registrar; if the zone is signed with DNSSEC, delete its DS record there a day before")
		}
		steps := []string{"at your registrar, compare the name servers of " + a.Zone +
			" with the ones your DNS host lists, and correct them"}
		if len(a.Glue) > 0 {
			steps = append(steps, compareGlue(a.Glue))
		}
		return serverFix(a.Zone, append(steps, "if they match, recreate the zone "+a.Zone+
			" at the DNS host, or ask the host why its servers refuse it")...)
	},
	Example: DelegationLameArgs{
		Zone: "example.com", Servers: []string{"ns2.old.example.net (192.0.2.2): refused"},
		Good: []string{"ns1.example.net"},
	},
})

// DelegationUnreachableArgs are the arguments of delegation.unreachable.
type DelegationUnreachableArgs struct {
	Zone    string   `json:"zone"`
	Parent  string   `json:"parent,omitempty"`
	Servers []string `json:"servers,omitempty"` // each with what happened
	Alive   []string `json:"alive,omitempty"`   // those that answer about other zones
	Good    []string `json:"good,omitempty"`    // servers that answer correctly
	// Unlisted are silent servers that the zone itself does not list, if others answer.
	Unlisted []string `json:"unlisted,omitempty"`
	Glue     []string `json:"glue,omitempty"` // as of delegation.lame
	Cut      Cut      `json:"cut,omitzero"`
}

// partly is the fix if only some of the servers do not answer.
func (a DelegationUnreachableArgs) partly() catalog.Fix {
	var listed, steps []string
	for _, s := range a.Servers {
		name, _, _ := strings.Cut(s, " (")
		if !slices.Contains(a.Unlisted, name) && !slices.Contains(listed, name) {
			listed = append(listed, name)
		}
	}
	if len(a.Unlisted) > 0 {
		steps = append(steps, fmt.Sprintf("%s, remove %s from %s: the zone itself does not list %s",
			a.Cut.place(), catalog.Join(a.Unlisted), a.Cut.list(a.Zone), verb(a.Unlisted, "it", "them")))
	}
	if len(listed) > 0 {
		what := verb(listed, "does", "do") + " not answer"
		if slices.Equal(listed, a.Alive) {
			what = verb(listed, "drops", "drop") + " queries about " + a.Zone
		}
		steps = append(steps, fmt.Sprintf("ask your DNS host why %s %s, while %s %s", catalog.Join(listed), what,
			catalog.Join(a.Good), verb(a.Good, "answers", "answer")),
			fmt.Sprintf(
				"if a server is no longer in use: %s, remove it from %s, and from the zone's own NS records (@)",
				a.Cut.place(), a.Cut.list(a.Zone)))
	}
	return serverFix(a.Zone, steps...)
}

// DelegationUnreachable is delegation.unreachable.
var DelegationUnreachable = catalog.Declare(catalog.Cause{
	ID: "delegation.unreachable", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 3,
	Title:    "no listed name server answers",
	Codes:    []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019", "DOMAIN_022"},
	Explains: slices.Concat(links(DelegationMismatch.ID), unreachableZone),
	Description: "None of the domain's name servers answers, although servers of other zones do. Resolvers return " +
		"SERVFAIL once their cached answers expire. If only some servers do not answer, resolvers wait and then query " +
		"the " +
		"others, and it is a warning.",
	Detection: "Every address of every listed server is queried over UDP and TCP, and none answers in time, but the " +
		"parent's servers do. Each is also asked about another zone: a server that answers about it is not down, but " +
		"drops the queries about this zone.",
	Confused: "vantage.port53-blocked, where no authoritative server anywhere answers; delegation.lame, where the " +
		"servers answer with an error; delegation.host-incident, where domains of many tenants fail at once.",
	Refs: []string{"RFC 8906"},
}, catalog.Text[DelegationUnreachableArgs]{
	Summary: func(a DelegationUnreachableArgs) string {
		if len(a.Good) > 0 {
			return fmt.Sprintf("%s not answer about %s; others do", verb(a.Servers, "1 name server address does",
				strconv.Itoa(len(a.Servers))+" name server addresses do"), a.Zone)
		}
		return "none of the name servers of " + a.Zone + " answers"
	},
	Why: func(a DelegationUnreachableArgs) string {
		s := catalog.Join(a.Servers)
		if len(a.Alive) > 0 {
			s += fmt.Sprintf("; other zones are answered by %s, so the queries about %s are dropped",
				catalog.Join(a.Alive), a.Zone)
		}
		if len(a.Good) > 0 {
			s += fmt.Sprintf("; %s %s, so resolvers that query the silent ones first answer late", catalog.Join(a.Good),
				verb(a.Good, "answers", "answer"))
		}
		return s
	},
	Fix: func(a DelegationUnreachableArgs) catalog.Fix {
		if len(a.Good) > 0 {
			return a.partly()
		}
		if a.Cut.own() {
			return serverFix(a.Zone, "if these servers are no longer in use: "+a.Cut.remove(),
				"otherwise ask their operator whether they are down")
		}
		if len(a.Alive) > 0 {
			return serverFix(a.Zone, "ask your DNS host why its servers drop queries about "+a.Zone+
				": the zone may be suspended or removed",
				"if you have moved to another host, set its name servers at the registrar")
		}
		if len(a.Glue) > 0 {
			return serverFix(a.Zone, compareGlue(a.Glue), "if they match, ask your DNS host whether its servers are down",
				"if you have moved to another host, set its name servers at the registrar")
		}
		return serverFix(a.Zone, "ask your DNS host whether its servers are down",
			"if you have moved to another host, set its name servers at the registrar")
	},
	Example: DelegationUnreachableArgs{
		Zone: "example.com", Servers: []string{"ns1.example.net (192.0.2.1): no answer in time"},
	},
})

// DelegationMismatchArgs are the arguments of delegation.mismatch.
type DelegationMismatchArgs struct {
	Zone     string   `json:"zone"`
	ParentNS []string `json:"parentNS,omitempty"` // the name servers at the registry
	ChildNS  []string `json:"childNS,omitempty"`  // the NS records of the zone itself
	Cut      Cut      `json:"cut,omitzero"`
	// Addresses reports that the names are the same and the lists are of addresses: "ns1.example.com 192.0.2.1".
	Addresses bool `json:"addresses,omitempty"`
}

// DelegationMismatch is delegation.mismatch.
var DelegationMismatch = catalog.Declare(catalog.Cause{
	ID: "delegation.mismatch", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency: 4,
	Title:     "registry and zone list different name servers",
	Codes:     []string{"DOMAIN_010", "DOMAIN_022"},
	Description: "The name servers at the registry differ from the NS records of the zone itself. Resolvers use " +
		"either " +
		"set, so a change made at only one of them is not visible everywhere.",
	Detection: "The parent's referral is compared with the NS records served by the zone's own servers.",
	Confused: "delegation.wrong-host, where the expected record exists only at the other servers; " +
		"record.servers-disagree, where servers of one set hold different data.",
	Refs: []string{"RFC 1034 4.2.2", "RFC 2181 5.4"},
}, catalog.Text[DelegationMismatchArgs]{
	Summary: func(a DelegationMismatchArgs) string {
		if a.Addresses {
			return "the name servers of " + a.Zone + " have more addresses than the zone above lists"
		}
		if a.Cut.own() {
			return fmt.Sprintf("the zones %s and %s list different name servers for the latter", a.Cut.Zone, a.Zone)
		}
		return fmt.Sprintf("the registry and the zone %s list different name servers", a.Zone)
	},
	Why: func(a DelegationMismatchArgs) string {
		if a.Addresses {
			return fmt.Sprintf("the zone above lists %s, the zone itself has %s", catalog.Join(a.ParentNS),
				catalog.Join(a.ChildNS))
		}
		if a.Cut.own() {
			return fmt.Sprintf("the zone %s lists %s, the zone %s lists %s", a.Cut.Zone, catalog.Join(a.ParentNS), a.Zone,
				catalog.Join(a.ChildNS))
		}
		return fmt.Sprintf("the registry lists %s, the zone lists %s", catalog.Join(a.ParentNS), catalog.Join(a.ChildNS))
	},
	Fix: func(a DelegationMismatchArgs) catalog.Fix {
		if a.Addresses {
			return traceFix(a.Zone, fmt.Sprintf("make both lists the same: correct the addresses of the servers %s "+
				"(glue records, host objects), or those in the zone itself", a.Cut.place()))
		}
		return traceFix(a.Zone,
			fmt.Sprintf("make both lists the same: correct %s %s, or the NS records in the zone itself", a.Cut.list(a.Zone),
				a.Cut.place()))
	},
	Example: DelegationMismatchArgs{
		Zone: "example.com", ParentNS: []string{"ns1.old.example.net", "ns2.old.example.net"},
		ChildNS: []string{"ns1.example.net", "ns2.example.net"},
	},
})

// DelegationWrongHostArgs are the arguments of delegation.wrong-host.
type DelegationWrongHostArgs struct {
	Zone string `json:"zone"`
	// servers that have the record although the zone is not delegated to them
	Good     []string       `json:"good,omitempty"`
	ParentNS []string       `json:"parentNS,omitempty"`
	Record   catalog.Record `json:"record,omitzero"`
	Host     string         `json:"host,omitempty"`  // the DNS host that the zone is delegated to
	Other    string         `json:"other,omitempty"` // the DNS host that has the record
	Lacks    []string       `json:"lacks,omitempty"` // names in use that the other host does not have
}

// DelegationWrongHost is delegation.wrong-host.
var DelegationWrongHost = catalog.Declare(catalog.Cause{
	ID: "delegation.wrong-host", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 7,
	Title:     "the record was created at another DNS host",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_022"},
	Explains: slices.Concat(sameName("record.*", "cache.*"), links(DelegationMismatch.ID),
		ofRole(catalog.Certificate, waitingCertificate...)),
	Description: "The record exists and is correct, but at a DNS host that the domain is not delegated to. The zone " +
		"that was edited is not in use.",
	Detection: "The delegated servers do not have the record, but other servers known for the domain (from the " +
		"zone's " +
		"NS records, the registry or the service) return it when queried directly.",
	Confused: "record.missing: the record was created, which is why the panel shows it; delegation.mismatch, where " +
		"both sets of servers have the same data.",
	Refs: []string{"RFC 1034 4.2.2"},
}, catalog.Text[DelegationWrongHostArgs]{
	Summary: func(a DelegationWrongHostArgs) string {
		if a.Other == a.Host {
			return fmt.Sprintf("%s exists at %s, but not in the zone that the domain is delegated to",
				catalog.Named(a.Record), a.Host)
		}
		return fmt.Sprintf("%s exists at %s, but the domain's name servers are those of %s", catalog.Named(a.Record),
			a.Other, a.Host)
	},
	Why: func(a DelegationWrongHostArgs) string {
		return fmt.Sprintf("%s %s the expected value; the registry delegates %s to %s, which %s not",
			catalog.Join(a.Good),
			has(a.Good), a.Zone, catalog.Join(a.ParentNS), verb(a.ParentNS, "does", "do"))
	},
	Fix: func(a DelegationWrongHostArgs) catalog.Fix {
		if a.Other == a.Host { // advice to publish it there would not help: the panel already shows it
			return serverFix(a.Zone,
				fmt.Sprintf("%s has two zones for %s: at your registrar, set the name servers that the "+
					"zone with the record shows, instead of %s", a.Host, a.Zone, catalog.Join(a.ParentNS)),
				"or create the record in the zone that shows "+catalog.Join(a.ParentNS)+", and delete the other zone")
		}
		f := catalog.Publish(a.Record)
		move := "or, if " + a.Other +
			" should serve the domain: copy all other records there first, then set its name servers at your registrar"
		if len(a.Lacks) > 0 {
			move += "; it does not have " + catalog.Join(a.Lacks) + ", which " + verb(a.Lacks, "is", "are") + " in use"
		}
		f.Steps, f.Servers = append(f.Steps, move), a.Zone
		return f
	},
	Example: DelegationWrongHostArgs{
		Zone: "example.com", Host: "GoDaddy", Other: "Cloudflare", Good: []string{"ada.ns.cloudflare.com"},
		ParentNS: []string{"ns51.domaincontrol.com", "ns52.domaincontrol.com"},
		Record: catalog.Record{
			Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT",
			Value: "tok-1", Host: "GoDaddy",
		},
	},
})

// DelegationZoneCutArgs are the arguments of delegation.zone-cut.
type DelegationZoneCutArgs struct {
	Zone    string         `json:"zone"`              // the child zone
	Parent  string         `json:"parent,omitempty"`  // the zone that delegates it
	ChildNS []string       `json:"childNS,omitempty"` // the name servers of the child zone
	Record  catalog.Record `json:"record,omitzero"`
	Cut     Cut            `json:"cut,omitzero"`
	// PerZone is set if the DNS host of the child zone may have another zone of that name.
	PerZone bool `json:"perZone,omitempty"`
}

// DelegationZoneCut is delegation.zone-cut.
var DelegationZoneCut = catalog.Declare(catalog.Cause{
	ID: "delegation.zone-cut", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the name belongs to a separate child zone",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010"},
	Explains:  slices.Concat(sameName("record.*", "cache.*"), ofRole(catalog.Certificate, waitingCertificate...)),
	Description: "A subdomain is delegated to its own name servers. Records for names in it are not visible if they " +
		"are created in the parent zone.",
	Detection: "The parent zone's servers answer with a referral for the name, and the child zone's servers do not " +
		"have the record.",
	Confused: "record.missing: the panel of the parent zone may well show the record; delegation.wrong-host, where " +
		"the " +
		"whole domain is served elsewhere.",
	Refs: []string{"RFC 1034 4.2.1", "RFC 9499 7"},
}, catalog.Text[DelegationZoneCutArgs]{
	Summary: func(a DelegationZoneCutArgs) string {
		return fmt.Sprintf("%s must be created in the zone %s, which has its own name servers", catalog.Named(a.Record),
			a.Zone)
	},
	Why: func(a DelegationZoneCutArgs) string {
		return fmt.Sprintf("the zone %s delegates %s to %s; records for names under %s are not visible if created in %s",
			a.Parent, a.Zone, catalog.Join(a.ChildNS), a.Zone, a.Parent)
	},
	Fix: func(a DelegationZoneCutArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		if a.PerZone && a.Cut.own() {
			f.Steps = append(f.Steps, a.Cut.otherZone(a.Record.Host, a.ChildNS))
		}
		if a.Cut.own() {
			f.Steps = append(f.Steps, "or, if nothing else uses the zone "+a.Zone+": "+a.Cut.remove())
		}
		return f
	},
	Example: DelegationZoneCutArgs{
		Zone: "dev.example.com", Parent: "example.com", ChildNS: []string{"ns1.example.net", "ns2.example.net"},
		Record: catalog.Record{
			Role: catalog.Verification, Zone: "dev.example.com", Name: "_verify.shop.dev.example.com", Type: "TXT",
			Value: "tok-1",
		},
	},
})
