package causes

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
)

// CNAMEConflict is a CNAME at a name with other records: the arguments of record.cname-coexists and
// record.cname-at-apex.
type CNAMEConflict struct {
	Record catalog.Record `json:"record"` // the CNAME
	Types  []string       `json:"types"`  // the other types at its name
}

// RecordCNAMECoexists is record.cname-coexists.
var RecordCNAMECoexists = catalog.Declare(catalog.Cause{
	ID: "record.cname-coexists", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "a CNAME and other records share a name",
	Codes:     []string{"DOMAIN_008"}, ByRole: recordCodes,
	Explains: sameName(RecordWrongType.ID, RecordMissing.ID, RecordValueDiffers.ID, RecordServersDisagree.ID),
	Description: "A name with a CNAME must not have other records. A server with both may refuse the whole zone, and " +
		"resolvers return one or the other.",
	Detection: "The authoritative servers return a CNAME for the name, and records of another type for the same " +
		"owner " +
		"name. DNSSEC records are allowed and do not count.",
	Confused: "record.cname-at-apex, where the other records are the zone's SOA and NS. Addresses that follow a " +
		"CNAME " +
		"in the same answer belong to its target and are not a conflict.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2181 10.1", "RFC 4035 2.5"},
}, catalog.Text[CNAMEConflict]{
	Summary: func(a CNAMEConflict) string {
		return fmt.Sprintf("%s has a CNAME and also %s, which DNS does not allow", a.Record.Name, catalog.Join(a.Types))
	},
	Why: func(a CNAMEConflict) string {
		return fmt.Sprintf(
			"resolvers that see the CNAME to %s never see the %s, and others never see the CNAME; some servers then "+
				"refuse "+
				"every further change of the zone", a.Record.Value, catalog.Join(a.Types))
	},
	Fix: func(a CNAMEConflict) catalog.Fix {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("%s, keep either the CNAME %s or the other records (%s) at that name, and delete the rest",
					catalog.Where(a.Record), a.Record.Label(), catalog.Join(a.Types)),
				"a TXT or MX record that is still needed can move to another name, or the CNAME to www",
			},
			Commands: []string{
				catalog.DigResolver(a.Record.Name, "CNAME", ""), catalog.DigResolver(a.Record.Name, a.Types[0], ""),
			},
		}
	},
	Example: CNAMEConflict{Record: exampleRouting, Types: []string{"TXT"}},
})

// RecordCNAMEAtApex is record.cname-at-apex.
var RecordCNAMEAtApex = catalog.Declare(catalog.Cause{
	ID: "record.cname-at-apex", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "there is a CNAME at the zone apex",
	Codes:     []string{"DOMAIN_008"}, ByRole: recordCodes,
	Explains: sameName(RecordCNAMECoexists.ID, RecordWrongType.ID),
	Description: "The zone apex always has SOA and NS records, and a CNAME must not have other records at its name: " +
		"mail and verification records become invisible.",
	Detection: "The authoritative servers return a CNAME for the zone apex, which also has the SOA record.",
	Confused: "record.cname-coexists, where the name is not the zone apex. With ALIAS, ANAME or flattening the " +
		"server " +
		"returns addresses, which is fine.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, catalog.Text[CNAMEConflict]{
	Summary: func(a CNAMEConflict) string {
		return fmt.Sprintf("%s is the zone apex and has a CNAME, which DNS does not allow there", a.Record.Name)
	},
	Why: func(a CNAMEConflict) string {
		return fmt.Sprintf("the CNAME to %s hides the zone's %s records from resolvers", a.Record.Value,
			catalog.Join(a.Types))
	},
	Fix: func(a CNAMEConflict) catalog.Fix {
		to := a.Record
		to.Type = catalog.AliasType
		f := catalog.Alias(to, hosts.PanelOf(to.Host),
			[]string{fmt.Sprintf("%s, delete the CNAME at @", catalog.Where(a.Record))})
		f.Deletes = []catalog.Record{a.Record}
		f.Commands = []string{
			catalog.DigResolver(a.Record.Name, "CNAME", ""), catalog.DigResolver(a.Record.Name, "SOA", ""),
		}
		return f
	},
	Example: CNAMEConflict{Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	}, Types: []string{"SOA", "NS", "MX"}},
})

// CNAMEMultiple is a name with several CNAME records: the arguments of record.cname-multiple.
type CNAMEMultiple struct {
	Record  catalog.Record `json:"record"`  // the CNAME to keep; without a value if it is not known
	Targets []string       `json:"targets"` // the targets of all of them, sorted
}

// RecordCNAMEMultiple is record.cname-multiple.
var RecordCNAMEMultiple = catalog.Declare(catalog.Cause{
	ID: "record.cname-multiple", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "a name has several CNAME records",
	Codes:     []string{"DOMAIN_008"}, ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordWrongType.ID, RecordMissing.ID, RecordValueDiffers.ID,
		RecordServersDisagree.ID, RecordCNAMEWrongTarget.ID, RecordCNAMELoop.ID, RecordCNAMEDangling.ID,
		RecordProxied.ID, RecordStrayAddress.ID, CDNAliasElsewhere.ID, CacheOldAnswer.ID),
		recordExplains),
	Description: "A name can have only one CNAME, but some servers publish several. Resolvers use any of them, " +
		"switch " +
		"between them, or fail, so visitors reach one target or another.",
	Detection: "One answer of an authoritative server has several CNAME records for the name.",
	Confused: "record.servers-disagree, where each server has one CNAME but they differ; record.cname-coexists, " +
		"where " +
		"the other records have other types.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2181 10.1"},
}, catalog.Text[CNAMEMultiple]{
	Summary: func(a CNAMEMultiple) string {
		return fmt.Sprintf("%s has %s, but DNS allows only one", a.Record.Name,
			catalog.Plural(len(a.Targets), "CNAME record"))
	},
	Why: func(a CNAMEMultiple) string {
		return "they point to " + catalog.Join(a.Targets) + "; resolvers use any of them, or fail"
	},
	Fix: func(a CNAMEMultiple) catalog.Fix {
		keep := "the one to the platform"
		if a.Record.Value != "" {
			keep = "the one to " + a.Record.Value
		}
		f := catalog.Fix{
			Steps: []string{fmt.Sprintf("%s, keep one CNAME at %s, %s, and delete the others", catalog.Where(a.Record),
				a.Record.Label(), keep)},
			Commands: []string{catalog.DigResolver(a.Record.Name, "CNAME", "")},
		}
		for _, t := range a.Targets {
			if a.Record.Value != "" && t != a.Record.Value {
				r := a.Record
				r.Value = t
				f.Deletes = append(f.Deletes, r)
			}
		}
		return f
	},
	Example: CNAMEMultiple{Record: exampleRouting, Targets: []string{
		"d111111abcdef8.cloudfront.net", "shops.example.net",
	}},
})

// CNAMEChain is a chain of CNAME records: the arguments of the causes about where it leads.
type CNAMEChain struct {
	Record catalog.Record `json:"record"`
	Chain  []string       `json:"chain"`            // the names in order, starting with the record's own
	Last   string         `json:"last,omitempty"`   // the answer for the last name: NXDOMAIN or NODATA
	Wanted string         `json:"wanted,omitempty"` // the platform's target
	// Resolvers describes how the queried resolvers handle a long chain.
	Resolvers []string `json:"resolvers,omitempty"`
}

func (a CNAMEChain) path() string { return "the chain is " + strings.Join(a.Chain, " -> ") }

func (a CNAMEChain) fix() catalog.Fix {
	if a.Record.Value == "" {
		return catalog.Fix{
			Steps: []string{
				fmt.Sprintf("%s, change or delete the CNAME at %s", catalog.Where(a.Record), a.Record.Label()),
			},
			Commands: []string{catalog.DigResolver(a.Record.Name, "A", "")},
		}
	}
	if len(a.Chain) > 1 && isAddress(a.Chain[1]) { // there is no CNAME to change yet
		return catalog.Publish(a.Record)
	}
	return WrongValue{Record: a.Record}.replaceFix()
}

// isAddress reports whether s is an IP address or a list of them.
func isAddress(s string) bool {
	first, _, _ := strings.Cut(s, ",")
	_, err := netip.ParseAddr(first)
	return err == nil
}

// RecordCNAMELoop is record.cname-loop.
var RecordCNAMELoop = catalog.Declare(catalog.Cause{
	ID: "record.cname-loop", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "CNAME records form a loop",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordValueDiffers.ID, RecordMissing.ID, RecordCNAMEWrongTarget.ID),
		recordExplains),
	Description: "The CNAME chain returns to a name that is already in it, so it never reaches an address.",
	Detection:   "The chain is followed at the authoritative servers, from zone to zone, until a name repeats.",
	Confused: "record.cname-too-long, where the chain does end; http.redirect-loop, where pages redirect, not " +
		"names.",
	Refs: []string{"RFC 1034 3.6.2"},
}, catalog.Text[CNAMEChain]{
	Summary: func(a CNAMEChain) string {
		return "the CNAME records of " + a.Record.Name + " form a loop and never reach an address"
	},
	Why: CNAMEChain.path,
	Fix: CNAMEChain.fix,
	Example: CNAMEChain{Record: exampleRouting, Chain: []string{
		"shop.example.com", "www.example.com",
		"shop.example.com",
	}},
})

// RecordCNAMETooLong is record.cname-too-long.
var RecordCNAMETooLong = catalog.Declare(catalog.Cause{
	ID: "record.cname-too-long", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 1,
	Title:     "the CNAME chain is longer than 8 hops",
	ByRole:    recordCodes, OnceLive: recordCodesLive, Explains: recordExplains,
	Description: "Resolvers and certificate authorities give up on long chains: some after 8 links, the most common " +
		"resolvers after 11 or 12. Up to 11 links it is a warning.",
	Detection: "The chain is followed at the authoritative servers, and its links are counted. The resolvers are " +
		"queried to see whether they follow it.",
	Confused: "record.cname-loop, where the chain never ends; record.cname-dangling, where its end does not exist.",
	Refs:     []string{"RFC 1034 3.6.2", "RFC 8659 3"},
}, catalog.Text[CNAMEChain]{
	Summary: func(a CNAMEChain) string {
		return fmt.Sprintf("%s is reached through %s, more than some resolvers follow", a.Record.Name,
			catalog.Plural(len(a.Chain)-1, "CNAME"))
	},
	Why: func(a CNAMEChain) string {
		if len(a.Resolvers) == 0 {
			return a.path()
		}
		return a.path() + "; of the resolvers, " + catalog.Join(a.Resolvers)
	},
	Fix: CNAMEChain.fix,
	Example: CNAMEChain{Record: exampleRouting, Chain: []string{
		"shop.example.com", "a.example.net", "b.example.net", "c.example.net", "d.example.net", "e.example.net",
		"f.example.net", "g.example.net", "h.example.net", "i.example.net",
	}},
})

// RecordCNAMEDangling is record.cname-dangling.
var RecordCNAMEDangling = catalog.Declare(catalog.Cause{
	ID: "record.cname-dangling", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 4,
	Title:     "the CNAME points to a name that does not exist",
	ByRole:    recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordValueDiffers.ID, RecordCNAMEWrongTarget.ID), recordExplains),
	Description: "The CNAME exists, but its target has no address: a typo, or a target that was deleted. Anyone who " +
		"can create that name would receive the traffic.",
	Detection: "The chain is followed at the authoritative servers. The last name answers NXDOMAIN or has no address.",
	Confused: "record.missing: here the record exists, but its target does not; record.cname-wrong-target, where the " +
		"target exists.",
	Refs: []string{"RFC 1034 3.6.2", "RFC 2308 2.1"},
}, catalog.Text[CNAMEChain]{
	Summary: func(a CNAMEChain) string {
		return fmt.Sprintf("%s points to %s, which has no address", a.Record.Name, a.Chain[len(a.Chain)-1])
	},
	Why: func(a CNAMEChain) string {
		return fmt.Sprintf("%s, and the answer for the last name is %s", a.path(), a.Last)
	},
	Fix: CNAMEChain.fix,
	Example: CNAMEChain{
		Record: exampleRouting, Chain: []string{"shop.example.com", "old.example.net"}, Last: "NXDOMAIN",
		Wanted: exampleRouting.Value,
	},
})

// RecordCNAMEWrongTarget is record.cname-wrong-target.
var RecordCNAMEWrongTarget = catalog.Declare(catalog.Cause{
	ID: "record.cname-wrong-target", Rung: catalog.RecordRung, Who: []catalog.Actor{catalog.Tenant},
	Verdict: catalog.Fail, Frequency: 6,
	Title:  "the CNAME does not point to the platform",
	ByRole: recordCodes, OnceLive: recordCodesLive,
	Explains: slices.Concat(sameName(RecordValueDiffers.ID), recordExplains),
	Description: "The domain's traffic goes to another host: a former provider, another environment, or a mistyped " +
		"target.",
	Detection: "The chain is followed at the authoritative servers and reaches neither the platform's target nor its " +
		"addresses.",
	Confused: "record.proxied, where a proxy in front of the platform hides the CNAME; cdn.alias-elsewhere, where " +
		"the " +
		"target is at the platform's CDN; cache.old-answer, where only resolvers still have the old target.",
	Refs: []string{"RFC 1034 3.6.2"},
}, catalog.Text[CNAMEChain]{
	Summary: func(a CNAMEChain) string {
		return fmt.Sprintf("%s points to %s instead of the platform", a.Record.Name, a.Chain[len(a.Chain)-1])
	},
	Why: func(a CNAMEChain) string { return fmt.Sprintf("%s; expected: %s", a.path(), a.Wanted) },
	Fix: CNAMEChain.fix,
	Example: CNAMEChain{
		Record: exampleRouting, Chain: []string{"shop.example.com", "shops.example.net"}, Wanted: exampleRouting.Value,
	},
})
