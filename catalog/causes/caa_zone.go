package causes

import (
	"domdoc/catalog"
)

// CAAZoneMissingArgs are the arguments of caa.zone-missing.
type CAAZoneMissingArgs struct {
	Domain  string   `json:"domain"`            // the name that needs a certificate
	Zone    string   `json:"zone"`              // the delegated zone, which its servers do not have
	Below   string   `json:"below"`             // the zone below it, which these servers have
	Host    string   `json:"host,omitempty"`    // the DNS host
	Servers []string `json:"servers,omitempty"` // each with its answer for the zone
	At      string   `json:"at,omitempty"`      // the name at which the search fails, in the zone
	Good    []string `json:"good,omitempty"`    // servers that have the zone
	Cut     Cut      `json:"cut,omitzero"`      // where Zone is delegated
	Lacking []string `json:"lacking,omitempty"` // the names of those that do not, if there are any Good
}

// CAAZoneMissing is caa.zone-missing.
var CAAZoneMissing = catalog.Declare(catalog.Cause{
	ID: "caa.zone-missing", Rung: catalog.CertificateRung, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Fail,
	Frequency: 2,
	Title:     "CAA lookups fail because the zone above is missing",
	Codes:     caaCodes, Explains: caaExplains,
	Description: "The domain is delegated to a DNS host that has only a zone below it. Names in that zone resolve, " +
		"but " +
		"a certificate authority also looks for CAA records at the names above, where the servers refuse to answer. It " +
		"may not issue while a lookup fails.",
	Detection: "The listed servers are authoritative for names in the lower zone, but refuse queries for the SOA and " +
		"CAA records of the zone that is delegated to them. No CAA record at a lower name ends the search earlier. If " +
		"only some servers lack the zone, lookups fail only sometimes, and it is a warning.",
	Confused: "delegation.lame, where no name of the domain resolves; caa.lookup-fails, where the zone exists but " +
		"its " +
		"servers fail queries of type CAA.",
	Refs: []string{"RFC 8659 3", "RFC 8659 6"},
}, catalog.Text[CAAZoneMissingArgs]{
	Summary: func(a CAAZoneMissingArgs) string {
		if len(a.Good) > 0 {
			return "the CAA lookup fails at " + catalog.Join(a.Lacking) + ", which " + verb(a.Lacking, "lacks", "lack") +
				" the zone " + a.Zone + "; other servers have it"
		}
		if a.At != "" && a.At != a.Zone {
			return "the CAA lookup fails at " + a.At + ", in the zone " + a.Zone + " that its DNS host does not have"
		}
		return "the CAA lookup fails at " + a.Zone + ", a zone that its DNS host does not have"
	},
	Why: func(a CAAZoneMissingArgs) string {
		if len(a.Good) > 0 {
			return catalog.Join(a.Lacking) + " " + verb(a.Lacking, "serves", "serve") + " " + a.Below + ", but not " +
				a.Zone +
				" above it (" + catalog.Join(a.Servers) + "), where authorities look for CAA records too; " +
				catalog.Join(a.Good) + " " + has(a.Good) + " both, so lookups fail only sometimes"
		}
		return "the servers of " + a.Zone + " serve " + a.Below + " below it, but not " + a.Zone + " itself (" +
			catalog.Join(a.Servers) + "), where authorities look for CAA records too"
	},
	Fix: func(a CAAZoneMissingArgs) catalog.Fix {
		if len(a.Good) > 0 {
			return traceFix(a.Zone, "create the zone "+a.Zone+" at "+catalog.Join(a.Lacking)+
				" as well, or ask the DNS host why "+verb(a.Lacking, "it does", "they do")+" not serve it, while "+
				catalog.Join(a.Good)+" "+
				verb(a.Good, "does", "do"),
				"if "+catalog.Join(a.Lacking)+" should not serve it: "+a.Cut.place()+", remove "+
					verb(a.Lacking, "it", "them")+" from "+a.Cut.list(a.Zone))
		}
		host := "your DNS host"
		if a.Host != "" {
			host = a.Host
		}
		return catalog.Fix{
			Steps: []string{
				"at " + host + ", create the zone " + a.Zone + " on the servers that are listed for it",
				"in the new zone, delegate " + a.Below +
					" to its current name servers (NS records), so that its names keep " +
					"resolving",
				"until then, a record at " + a.Below +
					" ends the search before the failure: CAA 0 issue \"amazon.com\"; add " +
					"one for every other authority that issues for names there",
			},
			Commands: []string{catalog.DigResolver(a.Zone, "CAA", "")},
		}
	},
	Example: CAAZoneMissingArgs{
		Domain: "app.team.example.com", Zone: "example.com", Below: "team.example.com",
		Servers: []string{"ns1.example.net (192.0.2.1:53): refused"},
	},
})
