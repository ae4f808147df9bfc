package causes

import (
	"fmt"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/shell"
)

// CacheArgs are the arguments of the cache.* causes.
type CacheArgs struct {
	Record    catalog.Record `json:"record"`
	Resolvers []string       `json:"resolvers"`       // those that still have something else
	Seen      []string       `json:"seen,omitempty"`  // what they have
	Latest    time.Time      `json:"latest,omitzero"` // when the last of them must have forgotten it
	Left      uint32         `json:"left,omitempty"`  // the largest remaining TTL, in seconds
	Limit     uint32         `json:"limit,omitempty"` // the service's patience, in seconds
	Detail    string         `json:"detail,omitempty"`
	// Old are servers of an earlier delegation that still serve the zone.
	Old []string `json:"old,omitempty"`
}

func (a CacheArgs) waits() catalog.Fix {
	f := catalog.Fix{Steps: []string{
		"nothing to change: the record is right at the source",
		"wait until " + catalog.Clock(a.Latest) + " at the latest, then ask the service to verify again",
	}}
	for _, r := range a.Resolvers {
		f.Commands = append(f.Commands, catalog.DigResolver(a.Record.Name, a.Record.Type, r))
		switch hostOf(r) {
		case "8.8.8.8", "8.8.4.4":
			f.Steps = append(f.Steps, "sooner: flush the name at https://dns.google/cache (Google Public DNS)")
		case "1.1.1.1", "1.0.0.1":
			f.Steps = append(f.Steps, "sooner: purge the name at https://one.one.one.one/purge-cache/ (Cloudflare)")
		}
	}
	return f
}

// StuckToOldHost says why resolvers that remember an earlier delegation do not get the new answer.
func StuckToOldHost(resolvers, old, registry []string) string {
	return fmt.Sprintf("%s %s %s for the zone's servers, which still serve the old zone; the registry names %s",
		catalog.Join(resolvers), verb(resolvers, "takes", "take"), catalog.Join(old), catalog.Join(registry))
}

func hostOf(server string) string {
	for i := len(server) - 1; i > 0; i-- {
		if server[i] == ':' {
			return server[:i]
		}
	}
	return server
}

var exampleCache = CacheArgs{
	Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	},
	Resolvers: []string{"8.8.8.8:53"}, Seen: []string{"old.example.net"}, Left: 1380,
	Latest: time.Date(2026, 2, 22, 14, 32, 0, 0, time.UTC),
}

var cacheCodes = map[catalog.Role][]string{
	catalog.Verification: {"DOMAIN_004", "DOMAIN_010"},
	catalog.Routing:      {"DOMAIN_010"},
	catalog.Certificate:  {"DOMAIN_010"},
	catalog.Configured:   {"DOMAIN_010"},
}

// CacheOldAnswer is cache.old-answer.
var CacheOldAnswer = catalog.Declare(catalog.Cause{
	ID: "cache.old-answer", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Wait}, Verdict: catalog.Fail,
	Frequency: 7,
	Title:     "a resolver still has the earlier value",
	ByRole:    cacheCodes, Explains: []catalog.Link{
		{To: "certificate.pending", Roles: []catalog.Role{catalog.Certificate}},
		{To: "cache.window-too-long", Same: true},
	},
	Description: "The record is right at the source. A resolver fetched the earlier value before the change and " +
		"keeps " +
		"it for the time that came with it. This ends by itself, at a known moment.",
	Detection: "All authoritative servers have the wanted value; the resolver's answer has another, with the seconds " +
		"that remain.",
	Confused: "record.value-differs, where the source itself is wrong and waiting does not help; " +
		"cache.stale-served, which has no end of its own; record.servers-disagree, where the source gives both.",
	Refs: []string{"RFC 1035 3.2.1", "RFC 2181 8"},
}, catalog.Text[CacheArgs]{
	Summary: func(a CacheArgs) string {
		if a.Record.Type == "DS" {
			return fmt.Sprintf(
				"%s still %s a DS record of %s that the registry no longer has, for %s at most, and %s the zone until then",
				catalog.Join(a.Resolvers), remembers(a.Resolvers), a.Record.Name, catalog.Seconds(a.Left),
				verb(a.Resolvers, "refuses", "refuse"))
		}
		if a.Record.Type == "NS" {
			return fmt.Sprintf("%s still %s the name servers that %s had before, for %s at most, and %s there",
				catalog.Join(a.Resolvers), verb(a.Resolvers, "asks", "ask"), a.Record.Name, catalog.Seconds(a.Left),
				verb(a.Resolvers, "fails", "fail"))
		}
		return fmt.Sprintf("%s is right; %s still %s the earlier value, for %s at most", catalog.Named(a.Record),
			catalog.Join(a.Resolvers),
			has(a.Resolvers), catalog.Seconds(a.Left))
	},
	Why: func(a CacheArgs) string {
		if a.Record.Type == "DS" {
			return fmt.Sprintf(
				"the resolver answers when it is asked not to validate; the DS record that it goes by (%s) ends at %s at "+
					"the latest", catalog.Join(catalog.QuoteAll(a.Seen)), catalog.Clock(a.Latest))
		}
		if a.Record.Type == "NS" {
			return fmt.Sprintf(
				"the resolver names %s as the zone's servers, and the registry does not; that ends at %s at the latest",
				catalog.Join(a.Seen), catalog.Clock(a.Latest))
		}
		return fmt.Sprintf(
			"every authoritative server has the wanted value; the cached one (%s) ends at %s at the latest",
			catalog.Join(catalog.QuoteAll(a.Seen)), catalog.Clock(a.Latest))
	},
	Fix: CacheArgs.waits,
	Until: func(a CacheArgs) *catalog.Until {
		return &catalog.Until{Latest: a.Latest, Reason: "the remaining time to live of the earlier value in " +
			catalog.Join(a.Resolvers)}
	},
	Example: exampleCache,
})

func has(s []string) string { return verb(s, "has", "have") }

func verb(s []string, one, several string) string {
	if len(s) == 1 {
		return one
	}
	return several
}

// CacheNegative is cache.negative.
var CacheNegative = catalog.Declare(catalog.Cause{
	ID: "cache.negative", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Wait}, Verdict: catalog.Fail, Frequency: 7,
	Title:  "a resolver remembers that the record did not exist",
	ByRole: cacheCodes, Explains: []catalog.Link{
		{To: "certificate.pending", Roles: []catalog.Role{catalog.Certificate}},
		{To: "cache.window-too-long", Same: true},
	},
	Description: "The record is right at the source. A resolver asked for it before it existed, and remembers the " +
		"\"no\" for the time that the zone's SOA allows. This ends by itself, at a known moment.",
	Detection: "All authoritative servers have the record; the resolver answers NXDOMAIN or NODATA, and the TTL of " +
		"the SOA in its answer is the time that remains.",
	Confused: "record.missing, where the source lacks the record and waiting does not help; record.nxdomain-above, " +
		"where the source keeps saying so.",
	Refs: []string{"RFC 2308 5"},
}, catalog.Text[CacheArgs]{
	Summary: func(a CacheArgs) string {
		return fmt.Sprintf("%s is right; %s still %s that it did not exist, for %s at most", catalog.Named(a.Record),
			catalog.Join(a.Resolvers), remembers(a.Resolvers), catalog.Seconds(a.Left))
	},
	Why: func(a CacheArgs) string {
		return fmt.Sprintf("every authoritative server has it; the remembered \"no\" ends at %s at the latest",
			catalog.Clock(a.Latest))
	},
	Fix: CacheArgs.waits,
	Until: func(a CacheArgs) *catalog.Until {
		return &catalog.Until{Latest: a.Latest, Reason: "the remaining time of the remembered denial in " +
			catalog.Join(a.Resolvers)}
	},
	Example: CacheArgs{
		Record: exampleCache.Record, Resolvers: []string{"1.1.1.1:53"}, Left: 540,
		Latest: exampleCache.Latest,
	},
})

func remembers(s []string) string { return verb(s, "remembers", "remember") }

// CacheNeverConverges is cache.never-converges.
var CacheNeverConverges = catalog.Declare(catalog.Cause{
	ID: "cache.never-converges", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Tenant, catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 5,
	Title: "waiting will not help",
	ByRole: map[catalog.Role][]string{
		catalog.Verification: {"DOMAIN_010"}, catalog.Routing: {"DOMAIN_010"}, catalog.Certificate: {"DOMAIN_010"},
		catalog.Configured: {"DOMAIN_010"},
	},
	Description: "The service waits for the record to spread, but at the source it is missing, wrong, or differs " +
		"from " +
		"server to server, or the servers of an earlier DNS host still serve the old zone, and resolvers that know " +
		"them keep asking them. No cache will agree with the wanted value by itself.",
	Detection: "The service reported a propagation timeout (DOMAIN_010), or resolvers have something else, while the " +
		"authoritative servers do not all have the wanted value; or a resolver names other servers for the zone than " +
		"the registry, and those still give the old answer.",
	Confused: "cache.old-answer and cache.negative, which end by themselves; cache.stale-served, where the source " +
		"is right and cannot be reached.",
	Refs: []string{"RFC 1034 4.3.5"},
}, catalog.Text[CacheArgs]{
	Summary: func(a CacheArgs) string {
		if len(a.Old) > 0 {
			return "waiting may not help: " + catalog.Join(a.Resolvers) +
				" still ask the earlier DNS host, which goes on serving the old zone"
		}
		return "waiting will not help: " + catalog.Named(a.Record) + " is not right at the source"
	},
	Why: func(a CacheArgs) string { return a.Detail },
	Fix: func(a CacheArgs) catalog.Fix {
		if len(a.Old) > 0 {
			return catalog.Fix{
				Steps: []string{"at the earlier DNS host (" + catalog.Join(a.Old) + "), delete the zone " + a.Record.Zone +
					", or put the new records into it", "resolvers then find the new servers within the delegation's TTL"},
				Commands: []string{
					catalog.DigResolver(orDomain(a.Record), "NS", a.Resolvers[0]),
					shell.Dig(a.Record.Name, a.Record.Type, append([]string{"+norecurse"}, shell.DigAt(a.Old[0])...)...),
				},
			}
		}
		return catalog.Fix{
			Steps:    []string{"correct the record at the source first; only then does waiting make sense"},
			Commands: []string{shell.Dig(orDomain(a.Record), "", "+nssearch")},
		}
	},
	Example: CacheArgs{
		Record: exampleCache.Record,
		Detail: "the authoritative servers do not have the wanted value, so no resolver ever will",
	},
})

func orDomain(r catalog.Record) string {
	if r.Zone != "" {
		return r.Zone
	}
	return r.Name
}

// CacheWindowTooLong is cache.window-too-long.
var CacheWindowTooLong = catalog.Declare(catalog.Cause{
	ID: "cache.window-too-long", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency: 3,
	Title:     "caches remember longer than the service waits",
	ByRole: map[catalog.Role][]string{
		catalog.Verification: {"DOMAIN_004"}, catalog.Routing: {"DOMAIN_010"}, catalog.Certificate: {"DOMAIN_010"},
		catalog.Configured: {"DOMAIN_010"},
	},
	Description: "The service waits five minutes for a verification and 48 hours for propagation. An answer (or a " +
		"\"no\") that caches keep longer outlives that.",
	Detection: "The TTL that is still cached, or the zone's negative TTL after a failed attempt, exceeds the " +
		"service's patience.",
	Confused: "cache.never-converges, where no waiting helps; record.ttl-out-of-range, where the service refuses " +
		"the TTL as such.",
	Refs: []string{"RFC 2308 5"},
}, catalog.Text[CacheArgs]{
	Summary: func(a CacheArgs) string {
		return fmt.Sprintf("caches may remember an earlier answer for %s %s for %s; the service waits %s", a.Record.Name,
			a.Record.Type, catalog.Seconds(a.Left), catalog.Seconds(a.Limit))
	},
	Why: func(a CacheArgs) string { return a.Detail },
	Fix: func(a CacheArgs) catalog.Fix {
		return catalog.Steps(
			fmt.Sprintf(
				"%s, lower the TTL (and the SOA's last number, the negative TTL) to 300 seconds before the next change",
				catalog.Where(a.Record)), "create a record first, and only then ask the service to verify it")
	},
	Example: CacheArgs{Record: catalog.Record{
		Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com",
		Type: "TXT",
	}, Left: 86400, Limit: 300, Detail: "the zone's SOA lets resolvers remember a \"no\" for a day"},
})

// CacheResolverFiltered is cache.resolver-filtered.
var CacheResolverFiltered = catalog.Declare(catalog.Cause{
	ID: "cache.resolver-filtered", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 2,
	Title:       "the resolver filters the name by a policy of its own",
	NoCode:      "what one resolver hides by policy says nothing of the domain",
	Description: "The resolver says that it blocks or censors the name. Others may answer; the domain is not at fault.",
	Detection:   "The answer carries an extended error of the policy group (EDE 15 to 18).",
	Confused:    "record.missing: the servers at the source have the record; cache.negative, which ends by itself.",
	Refs:        []string{"RFC 8914 4.16", "RFC 8914 4.17", "RFC 8914 4.18", "RFC 8914 4.19"},
}, catalog.Text[CacheArgs]{
	Summary: func(a CacheArgs) string {
		return fmt.Sprintf("%s filters %s by a policy of its own", catalog.Join(a.Resolvers), a.Record.Name)
	},
	Why: func(a CacheArgs) string { return "it says so: EDE " + a.Detail },
	Fix: func(CacheArgs) catalog.Fix {
		return catalog.Steps("judge by another resolver, for example --resolver 9.9.9.9",
			"if the name is blocked by mistake, tell whoever runs the resolver")
	},
	Example: CacheArgs{Record: exampleCache.Record, Resolvers: []string{"8.8.8.8:53"}, Detail: "16 (Censored)"},
})

// CacheStaleServed is cache.stale-served.
var CacheStaleServed = catalog.Declare(catalog.Cause{
	ID: "cache.stale-served", Rung: catalog.Cache, Who: []catalog.Actor{catalog.DNSHost}, Verdict: catalog.Warn,
	Frequency: 2,
	Title:     "a resolver serves an answer that has run out",
	ByRole: map[catalog.Role][]string{
		catalog.Verification: {"DOMAIN_010"}, catalog.Routing: {"DOMAIN_010"}, catalog.Certificate: {"DOMAIN_010"},
		catalog.Configured: {"DOMAIN_010"},
	},
	Explains: []catalog.Link{{To: "cache.old-answer", Same: true}, {To: "cache.negative", Same: true}},
	Description: "The resolver could not reach the zone's servers and gives an old answer beyond its time. It has no " +
		"end of its own: it lasts until the servers can be reached from there.",
	Detection: "The answer says so (EDE 3 or 19).",
	Confused: "cache.old-answer, which ends by itself; delegation.unreachable, where nobody reaches the zone's " +
		"servers, not only this resolver.",
	Refs: []string{"RFC 8767", "RFC 8914 4.4", "RFC 8914 4.20"},
}, catalog.Text[CacheArgs]{
	Summary: func(a CacheArgs) string {
		return fmt.Sprintf("%s cannot reach the zone's servers and gives an old answer for %s", catalog.Join(a.Resolvers),
			a.Record.Name)
	},
	Why: func(a CacheArgs) string { return "it says so: EDE " + a.Detail },
	Fix: func(a CacheArgs) catalog.Fix {
		return catalog.Steps("ask the DNS host of "+orDomain(a.Record)+
			" whether its servers block or lose questions from large resolvers", "waiting alone does not end this")
	},
	Example: CacheArgs{Record: exampleCache.Record, Resolvers: []string{"1.1.1.1:53"}, Detail: "3 (Stale Answer)"},
})
