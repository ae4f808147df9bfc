package causes

import (
	"fmt"
	"net/netip"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
)

// CoexistsArgs are the arguments of the causes about a CNAME that is not alone.
type CoexistsArgs struct {
	Record catalog.Record `json:"record"` // the CNAME
	Types  []string       `json:"types"`  // the other types at its name
}

// RecordCNAMECoexists is record.cname-coexists.
var RecordCNAMECoexists = catalog.Declare(catalog.Cause{
	ID: "record.cname-coexists", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "a CNAME and other records share a name",
	Codes:     []string{"DOMAIN_008"}, ByRole: recordCodes,
	Explains: []catalog.Link{
		{To: "record.wrong-type", Same: true},
		{To: "record.missing", Same: true},
		{To: "record.value-differs", Same: true},
		{To: "record.servers-disagree", Same: true},
	},
	Description: "A name with a CNAME must have no other data: a server that meets both may refuse the whole zone, " +
		"and " +
		"resolvers answer now with one and now with the other.",
	Detection: "The authoritative servers answer with a CNAME for the name, and with another type for the same owner " +
		"name. DNSSEC records are allowed beside it and do not count.",
	Confused: "record.cname-at-apex, where the other data are the zone's SOA and NS. The addresses that follow a " +
		"CNAME in one answer belong to its target, and are no fault.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2181 10.1", "RFC 4035 2.5"},
}, catalog.Text[CoexistsArgs]{
	Summary: func(a CoexistsArgs) string {
		return fmt.Sprintf("%s has a CNAME and also %s, which DNS does not allow", a.Record.Name, catalog.Join(a.Types))
	},
	Why: func(a CoexistsArgs) string {
		return fmt.Sprintf(
			"resolvers that meet the CNAME to %s never see the %s beside it, and others never see the CNAME; some "+
				"servers then refuse every later change of the zone", a.Record.Value, catalog.Join(a.Types))
	},
	Fix: func(a CoexistsArgs) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("%s, keep either the CNAME %s or the other records (%s) at that name, and delete the rest",
					catalog.Where(a.Record), a.Record.Label(), catalog.Join(a.Types)),
				"a TXT or MX that you need can move to another name, or the CNAME to www",
			},
			Commands: []string{
				catalog.DigResolver(a.Record.Name, "CNAME", ""),
				catalog.DigResolver(a.Record.Name, a.Types[0], ""),
			},
		}
	},
	Example: CoexistsArgs{Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	}, Types: []string{"TXT"}},
})

// RecordCNAMEAtApex is record.cname-at-apex.
var RecordCNAMEAtApex = catalog.Declare(catalog.Cause{
	ID: "record.cname-at-apex", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "a CNAME stands at the zone's own name",
	Codes:     []string{"DOMAIN_008"}, ByRole: recordCodes,
	Explains: []catalog.Link{{To: "record.cname-coexists", Same: true}, {To: "record.wrong-type", Same: true}},
	Description: "The zone's own name always carries SOA and NS records, so a CNAME there breaks the rule that a " +
		"CNAME " +
		"stands alone: mail and verification records vanish behind it.",
	Detection: "The authoritative servers answer a CNAME question for the zone's own name with a CNAME, while its " +
		"SOA is there too.",
	Confused: "record.cname-coexists, where the name is not the zone's own. With ALIAS, ANAME or flattening the " +
		"server answers with addresses, which is right.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, catalog.Text[CoexistsArgs]{
	Summary: func(a CoexistsArgs) string {
		return fmt.Sprintf("%s is the zone's own name and has a CNAME, which DNS does not allow there", a.Record.Name)
	},
	Why: func(a CoexistsArgs) string {
		return fmt.Sprintf("the CNAME to %s hides the zone's %s from resolvers", a.Record.Value, catalog.Join(a.Types))
	},
	Fix: func(a CoexistsArgs) catalog.Fix {
		to := a.Record
		to.Type = catalog.AliasType
		f := catalog.Alias(to, hosts.PanelOf(to.Host),
			[]string{fmt.Sprintf("%s, delete the CNAME at @", catalog.Where(a.Record))})
		f.Deletes = []catalog.Record{a.Record}
		f.Commands = []string{
			catalog.DigResolver(a.Record.Name, "CNAME", ""),
			catalog.DigResolver(a.Record.Name, "SOA", ""),
		}
		return f
	},
	Example: CoexistsArgs{Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	}, Types: []string{"SOA", "NS", "MX"}},
})

// ChainArgs are the arguments of the causes about a CNAME chain.
type ChainArgs struct {
	Record catalog.Record `json:"record"`
	Chain  []string       `json:"chain"`            // the names in order, the record's own first
	Last   string         `json:"last,omitempty"`   // what the last name answered: "NXDOMAIN", "NODATA"
	Wanted string         `json:"wanted,omitempty"` // the platform's target
}

func (a ChainArgs) path() string { return strings.Join(a.Chain, " -> ") }

var exampleChain = ChainArgs{
	Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	},
	Chain: []string{"shop.example.com", "old.example.net"}, Last: "NXDOMAIN", Wanted: "d111111abcdef8.cloudfront.net",
}

func chainFix(a ChainArgs) catalog.Fix {
	if a.Record.Value == "" {
		return catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, change or delete the CNAME at %s", catalog.Where(a.Record),
				a.Record.Label())},
			Commands: []string{catalog.DigResolver(a.Record.Name, "A", "")},
		}
	}
	if len(a.Chain) > 1 && isAddress(a.Chain[1]) { // there is no CNAME to change yet
		return catalog.Publish(a.Record)
	}
	return SeenArgs{Record: a.Record}.replace()
}

// isAddress tells an address, or several, from a name.
func isAddress(s string) bool {
	first, _, _ := strings.Cut(s, ",")
	_, err := netip.ParseAddr(first)
	return err == nil
}

// RecordCNAMELoop is record.cname-loop.
var RecordCNAMELoop = catalog.Declare(catalog.Cause{
	ID: "record.cname-loop", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "CNAMEs point at each other in a circle",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: append([]catalog.Link{
		{To: "record.value-differs", Same: true},
		{To: "record.missing", Same: true},
		{To: "record.cname-wrong-target", Same: true},
	}, recordExplains...),
	Description: "Following the CNAMEs comes back to a name that was passed already, so there is never an address.",
	Detection:   "The chain is followed at the authoritative servers, from zone to zone, until a name repeats.",
	Confused: "record.cname-too-long, where the chain does end; http.redirect-loop, where pages redirect, not " +
		"names.",
	Refs: []string{"RFC 1034 3.6.2"},
}, catalog.Text[ChainArgs]{
	Summary: func(a ChainArgs) string {
		return "the CNAMEs of " + a.Record.Name + " run in a circle and never reach an address"
	},
	Why: func(a ChainArgs) string { return "the chain is " + a.path() },
	Fix: chainFix,
	Example: ChainArgs{Record: exampleChain.Record, Chain: []string{
		"shop.example.com", "www.example.com",
		"shop.example.com",
	}},
})

// RecordCNAMETooLong is record.cname-too-long.
var RecordCNAMETooLong = catalog.Declare(catalog.Cause{
	ID: "record.cname-too-long", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 1,
	Title:     "the chain of CNAMEs passes 8 hops",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Description: "Resolvers and certificate authorities give up on long chains; past 8 hops some of them do.",
	Detection:   "The chain is followed at the authoritative servers and counted.",
	Confused:    "record.cname-loop, where the chain never ends; record.cname-dangling, where it ends in nothing.",
	Refs:        []string{"RFC 1034 3.6.2", "RFC 8659 3"},
}, catalog.Text[ChainArgs]{
	Summary: func(a ChainArgs) string {
		return fmt.Sprintf("%s is followed through %s, more than every resolver will follow", a.Record.Name,
			catalog.Plural(len(a.Chain)-1, "CNAME"))
	},
	Why: func(a ChainArgs) string { return "the chain is " + a.path() },
	Fix: chainFix,
	Example: ChainArgs{Record: exampleChain.Record, Chain: []string{
		"shop.example.com", "a.example.net",
		"b.example.net", "c.example.net", "d.example.net", "e.example.net", "f.example.net", "g.example.net",
		"h.example.net", "i.example.net",
	}},
})

// RecordCNAMEDangling is record.cname-dangling.
var RecordCNAMEDangling = catalog.Declare(catalog.Cause{
	ID: "record.cname-dangling", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the CNAME ends at a name that does not exist",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: append([]catalog.Link{
		{To: "record.value-differs", Same: true},
		{To: "record.cname-wrong-target", Same: true},
	}, recordExplains...),
	Description: "The CNAME is there, but what it points to has no address: a typing error, or something that was " +
		"deleted. Whoever can create that name would receive the traffic.",
	Detection: "The chain is followed at the authoritative servers; the last name answers NXDOMAIN or has no address.",
	Confused: "record.missing: the record exists, its target does not; record.cname-wrong-target, where the target " +
		"exists.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2308 2.1"},
}, catalog.Text[ChainArgs]{
	Summary: func(a ChainArgs) string {
		return fmt.Sprintf("%s points to %s, which does not lead anywhere", a.Record.Name, a.Chain[len(a.Chain)-1])
	},
	Why: func(a ChainArgs) string {
		return fmt.Sprintf("the chain is %s, and its end answers %s", a.path(), a.Last)
	},
	Fix:     chainFix,
	Example: exampleChain,
})

// RecordCNAMEWrongTarget is record.cname-wrong-target.
var RecordCNAMEWrongTarget = catalog.Declare(catalog.Cause{
	ID: "record.cname-wrong-target", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 6,
	Title:  "the CNAME routes to something else than the platform",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: append([]catalog.Link{{To: "record.value-differs", Same: true}},
		recordExplains...),
	Description: "The domain's traffic goes to another host: an earlier provider, another environment, or a mistyped " +
		"target.",
	Detection: "The chain is followed at the authoritative servers and passes neither the platform's target nor its " +
		"addresses.",
	Confused: "record.proxied, where an intermediary in front of the platform hides the CNAME; cdn.alias-elsewhere, " +
		"where the target is at the platform's CDN; cache.old-answer, where only resolvers still follow the old target.",
	Refs: []string{"RFC 1034 3.6.2"},
}, catalog.Text[ChainArgs]{
	Summary: func(a ChainArgs) string {
		return fmt.Sprintf("%s points to %s instead of the platform", a.Record.Name, a.Chain[len(a.Chain)-1])
	},
	Why: func(a ChainArgs) string {
		return fmt.Sprintf("the chain is %s; wanted is %s", a.path(), a.Wanted)
	},
	Fix: chainFix,
	Example: ChainArgs{
		Record: exampleChain.Record, Chain: []string{"shop.example.com", "shops.example.net"},
		Wanted: "d111111abcdef8.cloudfront.net",
	},
})
