package causes

import (
	"fmt"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// DelegationArgs are the arguments of the delegation.* causes.
type DelegationArgs struct {
	Zone   string `json:"zone"`
	Parent string `json:"parent,omitempty"`
	// those at fault, each with what it did: "ns2.example.net (192.0.2.2): refused"
	Servers []string       `json:"servers,omitempty"`
	Good    []string       `json:"good,omitempty"` // those that answer as they should
	ParentN []string       `json:"parentNS,omitempty"`
	ChildN  []string       `json:"childNS,omitempty"`
	Record  catalog.Record `json:"record,omitzero"`
	Host    string         `json:"host,omitempty"` // the DNS host that the delegation names
	Other   string         `json:"other,omitempty"`
	Lacks   []string       `json:"lacks,omitempty"` // names in use that the other host does not have
}

func (a DelegationArgs) fix(lines ...string) catalog.Fix {
	return catalog.Fix{Steps: lines, Commands: []string{shell.Dig(a.Zone, "NS", "+trace")}}
}

// moves is a fix that changes the zone's name servers.
func (a DelegationArgs) moves(lines ...string) catalog.Fix {
	f := a.fix(lines...)
	f.Servers = a.Zone
	return f
}

// unreachableZone is what follows when a zone's servers cannot answer.
var unreachableZone = []catalog.Link{
	{To: "dnssec.*"},
	{To: "record.*"},
	{To: "cache.*"},
	{To: "caa.*"},
	{To: "certificate.*"},
	{To: "cdn.*"},
	{To: "http.*"},
}

// DelegationMissing is delegation.missing.
var DelegationMissing = catalog.Declare(catalog.Cause{
	ID: "delegation.missing", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "no name servers are set for the domain",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019"}, Explains: unreachableZone,
	Description: "The zone above the domain (the registry's) holds no name servers for it, so nobody can find its " +
		"records, wherever they are.",
	Detection: "The servers of the parent zone answer NXDOMAIN, or answer without a referral, for the domain.",
	Confused: "record.missing: no record can be seen, whatever is in the panel; registration.on-hold, where the " +
		"registry took the servers out; registration.not-registered, where there is no name to delegate.",
	Refs: []string{"RFC 1034 4.2.1"},
}, catalog.Text[DelegationArgs]{
	Summary: func(a DelegationArgs) string {
		if a.ending() {
			return "there is no ending ." + a.Zone
		}
		return a.Zone + " has no name servers at its registry"
	},
	Why: func(a DelegationArgs) string {
		if a.ending() {
			return "the root servers know no top-level domain " + a.Zone + ", so nothing under it can exist"
		}
		return fmt.Sprintf("the servers of %s know no delegation for %s", a.Parent, a.Zone)
	},
	Fix: func(a DelegationArgs) catalog.Fix {
		if a.ending() {
			return catalog.Fix{
				Steps:    []string{"correct the spelling of the name: its last part is no top-level domain"},
				Commands: []string{catalog.DigResolver(a.Zone, "NS", "")},
			}
		}
		return a.moves("at your registrar, set the name servers of "+a.Zone+" to those that your DNS host names",
			"if they are set there, ask the registrar why the registry does not have them")
	},
	Example: DelegationArgs{Zone: "example.com", Parent: "com"},
})

// ending reports whether what is missing is a top-level domain, which no tenant can set name servers for.
func (a DelegationArgs) ending() bool { return a.Zone != "" && !strings.Contains(a.Zone, ".") }

// DelegationLame is delegation.lame.
var DelegationLame = catalog.Declare(catalog.Cause{
	ID: "delegation.lame", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant, catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 5,
	Title:    "a name server does not serve the domain",
	Codes:    []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_022"},
	Explains: append([]catalog.Link{{To: "delegation.mismatch"}, {To: "delegation.unreachable"}}, unreachableZone...),
	Description: "A name server that the registry lists refuses the domain, does not know it, or its own name leads " +
		"nowhere. Resolvers that happen to ask it get an error.",
	Detection: "Each listed server is asked for the zone's SOA without recursion; a good one answers with authority.",
	Confused: "delegation.unreachable, where nothing answers: a lame server answers, and says no; dnssec.bogus, " +
		"where the servers answer well and resolvers refuse what they say.",
	Refs: []string{"RFC 1912 2.8", "RFC 9499 7"},
}, catalog.Text[DelegationArgs]{
	Summary: func(a DelegationArgs) string {
		if len(a.Good) == 0 {
			return "none of the listed name servers serves " + a.Zone
		}
		return fmt.Sprintf("%s of the listed name servers does not serve %s", catalog.Plural(len(a.Servers), "address"),
			a.Zone)
	},
	Why: func(a DelegationArgs) string {
		s := catalog.Join(a.Servers)
		if len(a.Good) > 0 {
			s += "; " + catalog.Join(a.Good) + " answer as they should, so it works only by chance"
		}
		return s
	},
	Fix: func(a DelegationArgs) catalog.Fix {
		return a.moves("at your registrar, compare the name servers of "+a.Zone+
			" with those that your DNS host names, and correct them",
			"if they are the same, create the zone "+a.Zone+" at the DNS host again, or ask it why it refuses")
	},
	Example: DelegationArgs{
		Zone: "example.com", Servers: []string{"ns2.old.example.net (192.0.2.2): refused"},
		Good: []string{"ns1.example.net"},
	},
})

// DelegationUnreachable is delegation.unreachable.
var DelegationUnreachable = catalog.Declare(catalog.Cause{
	ID: "delegation.unreachable", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 3,
	Title: "no listed name server answers",
	Codes: []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_011", "DOMAIN_019", "DOMAIN_022"}, Explains: unreachableZone,
	Description: "None of the domain's name servers answers, while other zones' servers do. Resolvers answer " +
		"SERVFAIL " +
		"once their caches have run out.",
	Detection: "Every address of every listed server was asked, by UDP and TCP, and none answered in time; the " +
		"parent's servers did.",
	Confused: "vantage.port53-blocked, where no authoritative server anywhere answers; delegation.lame, where " +
		"servers answer and refuse; delegation.host-incident, where many tenants' domains go down together.",
	Refs: []string{"RFC 8906"},
}, catalog.Text[DelegationArgs]{
	Summary: func(a DelegationArgs) string { return "none of the name servers of " + a.Zone + " answers" },
	Why:     func(a DelegationArgs) string { return catalog.Join(a.Servers) },
	Fix: func(a DelegationArgs) catalog.Fix {
		return a.moves("ask your DNS host whether its servers are down",
			"if the host was left, set the new host's name servers at the registrar")
	},
	Example: DelegationArgs{Zone: "example.com", Servers: []string{"ns1.example.net (192.0.2.1): no answer in time"}},
})

// DelegationMismatch is delegation.mismatch.
var DelegationMismatch = catalog.Declare(catalog.Cause{
	ID: "delegation.mismatch", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency: 4,
	Title:     "registry and zone name different servers",
	Codes:     []string{"DOMAIN_010", "DOMAIN_022"},
	Description: "The name servers at the registry differ from those that the zone itself lists. Resolvers use " +
		"either " +
		"set, so changes at one of them are seen only by some.",
	Detection: "The parent's referral is compared with the NS records that the zone's own servers give.",
	Confused: "delegation.wrong-host, where the wanted record stands at the other servers; record.servers-disagree, " +
		"where one set of servers holds different data.",
	Refs: []string{"RFC 1034 4.2.2", "RFC 2181 5.4"},
}, catalog.Text[DelegationArgs]{
	Summary: func(a DelegationArgs) string {
		return fmt.Sprintf("the registry and the zone %s name different name servers", a.Zone)
	},
	Why: func(a DelegationArgs) string {
		return fmt.Sprintf("the registry lists %s, the zone lists %s", catalog.Join(a.ParentN), catalog.Join(a.ChildN))
	},
	Fix: func(a DelegationArgs) catalog.Fix {
		return a.fix("make both the same: correct the name servers at the registrar, or the NS records in the zone")
	},
	Example: DelegationArgs{
		Zone: "example.com", ParentN: []string{"ns1.old.example.net", "ns2.old.example.net"},
		ChildN: []string{"ns1.example.net", "ns2.example.net"},
	},
})

// DelegationWrongHost is delegation.wrong-host.
var DelegationWrongHost = catalog.Declare(catalog.Cause{
	ID: "delegation.wrong-host", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 7,
	Title:     "the record was created at another DNS host",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010", "DOMAIN_022"},
	Explains: []catalog.Link{
		{To: "record.*", Same: true},
		{To: "cache.*", Same: true},
		{To: "delegation.mismatch"},
		{To: "certificate.pending", Roles: []catalog.Role{catalog.Certificate}},
		{To: "certificate.failed", Roles: []catalog.Role{catalog.Certificate}},
		{To: "certificate.renewal-blocked", Roles: []catalog.Role{catalog.Certificate}},
	},
	Description: "The record exists and is right, but at a DNS host that nobody asks: the domain's name servers " +
		"belong " +
		"to another one. Editing goes on in a zone that is not in use.",
	Detection: "The delegated servers lack the record; other servers that are known for the domain (from the zone's " +
		"own NS records, the registry or the service) have it when they are asked directly.",
	Confused: "record.missing: the record was created, which is why the panel shows it; delegation.mismatch, where " +
		"the two sets of servers hold the same.",
	Refs: []string{"RFC 1034 4.2.2"},
}, catalog.Text[DelegationArgs]{
	Summary: func(a DelegationArgs) string {
		return fmt.Sprintf("%s exists at %s, but the domain's name servers are those of %s", catalog.Named(a.Record),
			a.Other,
			a.Host)
	},
	Why: func(a DelegationArgs) string {
		return fmt.Sprintf("%s has the right value; the registry delegates %s to %s, which has not", catalog.Join(a.Good),
			a.Zone,
			catalog.Join(a.ParentN))
	},
	Fix: func(a DelegationArgs) catalog.Fix {
		f := catalog.Publish(a.Record)
		move := "or, if " + a.Other +
			" should serve the domain: copy all other records there, and only then set its name servers at your registrar"
		if len(a.Lacks) > 0 {
			move += "; it does not have " + catalog.Join(a.Lacks) + ", which are in use"
		}
		f.Steps, f.Servers = append(f.Steps, move), a.Zone
		return f
	},
	Example: DelegationArgs{
		Zone: "example.com", Host: "GoDaddy", Other: "Cloudflare", Good: []string{"ada.ns.cloudflare.com"},
		ParentN: []string{"ns51.domaincontrol.com", "ns52.domaincontrol.com"},
		Record: catalog.Record{
			Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com", Type: "TXT",
			Value: "tok-1", Host: "GoDaddy",
		},
	},
})

// DelegationZoneCut is delegation.zone-cut.
var DelegationZoneCut = catalog.Declare(catalog.Cause{
	ID: "delegation.zone-cut", Rung: catalog.Delegation, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 3,
	Title:     "the name belongs to a zone of its own",
	Codes:     []string{"DOMAIN_004", "DOMAIN_010"},
	Explains: []catalog.Link{
		{To: "record.*", Same: true},
		{To: "cache.*", Same: true},
		{To: "certificate.pending", Roles: []catalog.Role{catalog.Certificate}},
		{To: "certificate.failed", Roles: []catalog.Role{catalog.Certificate}},
		{To: "certificate.renewal-blocked", Roles: []catalog.Role{catalog.Certificate}},
	},
	Description: "A part of the domain is delegated to servers of its own. Records for names in it that are created " +
		"in " +
		"the zone above cannot be seen by anyone.",
	Detection: "The servers of the zone above answer with a referral for the name, and the servers of the zone below " +
		"lack the record.",
	Confused: "record.missing: in the panel of the zone above the record may well be there; delegation.wrong-host, " +
		"where the whole domain is served elsewhere.",
	Refs: []string{"RFC 1034 4.2.1", "RFC 9499 7"},
}, catalog.Text[DelegationArgs]{
	Summary: func(a DelegationArgs) string {
		return fmt.Sprintf("%s must be created in the zone %s, which has name servers of its own",
			catalog.Named(a.Record), a.Zone)
	},
	Why: func(a DelegationArgs) string {
		return fmt.Sprintf("the zone %s hands %s over to %s; a record in %s for a name below it is never seen", a.Parent,
			a.Zone, catalog.Join(a.ChildN), a.Parent)
	},
	Fix: func(a DelegationArgs) catalog.Fix { return catalog.Publish(a.Record) },
	Example: DelegationArgs{
		Zone: "dev.example.com", Parent: "example.com", ChildN: []string{"ns1.example.net", "ns2.example.net"},
		Record: catalog.Record{
			Role: catalog.Verification, Zone: "dev.example.com", Name: "_verify.shop.dev.example.com", Type: "TXT",
			Value: "tok-1",
		},
	},
})
