package causes

import (
	"fmt"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/hosts"
	"domdoc/catalog/shell"
)

// CachedAnswers is what resolvers have cached instead of a record: the arguments of cache.old-answer and
// cache.negative.
type CachedAnswers struct {
	Record    catalog.Record `json:"record"`
	Resolvers []string       `json:"resolvers"`
	Seen      []string       `json:"seen,omitempty"`  // the cached values
	Latest    time.Time      `json:"latest,omitzero"` // when the last of them expires
	Left      uint32         `json:"left,omitempty"`  // the longest remaining TTL, in seconds
	// Forwarders are those of Resolvers in the user's own network. The resolver behind one may keep an answer for
	// longer than the TTL that it shows.
	Forwarders []string `json:"forwarders,omitempty"`
	Unknown    bool     `json:"unknown,omitempty"` // the answer of a resolver does not say when it ends
}

// ends reports whether it is known when the last of the cached answers has expired.
func (a CachedAnswers) ends() bool {
	return !a.Unknown && !a.Latest.IsZero() && len(a.Forwarders) == 0
}

// expires completes a clause about the cached answer.
func (a CachedAnswers) expires() string {
	switch {
	case a.ends():
		return "expires with its TTL"
	case a.Unknown || a.Latest.IsZero():
		return "does not say when it expires"
	}
	return a.asksAgain()
}

// asksAgain explains the TTL of a forwarder.
func (a CachedAnswers) asksAgain() string {
	return fmt.Sprintf(
		"comes from a forwarder in your network: %s %s upstream again at %s, and the resolver there may "+
			"have the old answer cached for longer", catalog.Join(a.Forwarders), verb(a.Forwarders, "queries", "query"),
		catalog.Clock(a.Latest))
}

func (a CachedAnswers) until(what string) *catalog.Until {
	if !a.ends() {
		return nil
	}
	return &catalog.Until{Latest: a.Latest, Reason: what + " expires from the cache of " + catalog.Join(a.Resolvers)}
}

func (a CachedAnswers) waitFix() catalog.Fix {
	f := catalog.Fix{Steps: []string{"no change needed: the record is correct at the authoritative servers"}}
	switch {
	case a.ends():
		then := "check again"
		if a.Record.Role == catalog.Verification {
			then = "ask the service to verify again"
		}
		f.Steps = append(f.Steps, "wait until the cached answer has expired, then "+then)
	case a.Unknown || a.Latest.IsZero():
		f.Steps = append(f.Steps, "check again later: the answer does not say when it expires")
	default:
		f.Steps = append(f.Steps, "check again at "+catalog.Clock(a.Latest)+
			", or compare now with public resolvers: --resolver 8.8.8.8 --resolver 1.1.1.1")
	}
	f.Commands = append(f.Commands, catalog.DigResolver(a.Record.Name, a.Record.Type, ""))
	for _, r := range a.Resolvers {
		f.Commands = append(f.Commands, catalog.DigResolver(a.Record.Name, a.Record.Type, r))
		switch withoutPort(r) {
		case "8.8.8.8", "8.8.4.4":
			f.Steps = append(f.Steps, "to speed it up, flush the name at https://dns.google/cache (Google Public DNS)")
		case "1.1.1.1", "1.0.0.1":
			f.Steps = append(f.Steps,
				"to speed it up, purge the name at https://one.one.one.one/purge-cache/ (Cloudflare)")
		}
	}
	return f
}

// StuckToOldHost explains why resolvers with an earlier delegation in their cache do not see the new answer.
func StuckToOldHost(resolvers, old, registry []string) string {
	return fmt.Sprintf("%s still %s %s, which %s the old zone; the registry lists %s",
		catalog.Join(resolvers), verb(resolvers, "queries", "query"), catalog.Join(old),
		verb(old, "serves", "serve"), catalog.Join(registry))
}

func withoutPort(server string) string {
	for i := len(server) - 1; i > 0; i-- {
		if server[i] == ':' {
			return server[:i]
		}
	}
	return server
}

var exampleCached = CachedAnswers{
	Record: catalog.Record{
		Role: catalog.Routing, Zone: "example.com", Name: "shop.example.com", Type: "CNAME",
		Value: "d111111abcdef8.cloudfront.net",
	},
	Resolvers: []string{"8.8.8.8:53"}, Seen: []string{"old.example.net"}, Left: 1380,
	Latest: time.Date(2026, 2, 22, 14, 32, 0, 0, time.UTC),
}

// cacheCodes are predicted while a resolver has not seen a change yet.
var cacheCodes = map[catalog.Role][]string{
	catalog.Verification: {"DOMAIN_004", "DOMAIN_010"},
	catalog.Routing:      {"DOMAIN_010"},
	catalog.Certificate:  {"DOMAIN_010"},
	catalog.Configured:   {"DOMAIN_010"},
}

// propagationCodes are predicted if a change is not propagated in time, for a record of any role.
var propagationCodes = map[catalog.Role][]string{
	catalog.Verification: {"DOMAIN_010"}, catalog.Routing: {"DOMAIN_010"}, catalog.Certificate: {"DOMAIN_010"},
	catalog.Configured: {"DOMAIN_010"},
}

// cacheExplains is what follows from an answer that is still cached.
var cacheExplains = slices.Concat(ofRole(catalog.Certificate, CertificatePending.ID), sameName(CacheWindowTooLong.ID))

// CacheOldAnswer is cache.old-answer.
var CacheOldAnswer = catalog.Declare(catalog.Cause{
	ID: "cache.old-answer", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Wait}, Verdict: catalog.Fail,
	Frequency: 7,
	Title:     "a resolver still has the old value cached",
	ByRole:    cacheCodes, Explains: cacheExplains,
	Description: "The record is correct at the authoritative servers. A resolver fetched the old value before the " +
		"change and keeps it until its TTL expires. This clears without action, at a known time.",
	Detection: "All authoritative servers return the expected value. The resolver returns another one, with its " +
		"remaining TTL.",
	Confused: "record.value-differs, where the authoritative servers are wrong and waiting does not help; " +
		"cache.stale-served, which does not expire; record.servers-disagree, where the authoritative servers return " +
		"both " +
		"values.",
	Refs: []string{"RFC 1035 3.2.1", "RFC 2181 8"},
}, catalog.Text[CachedAnswers]{
	Summary: func(a CachedAnswers) string {
		switch a.Record.Type {
		case "DS":
			return fmt.Sprintf(
				"%s %s a DS record of %s cached that is no longer at the registry, and %s the zone until it expires",
				catalog.Join(a.Resolvers), has(a.Resolvers), a.Record.Name,
				verb(a.Resolvers, "rejects", "reject"))
		case "NS":
			return fmt.Sprintf("%s still %s the former name servers of %s and %s",
				catalog.Join(a.Resolvers), verb(a.Resolvers, "queries", "query"), a.Record.Name,
				verb(a.Resolvers, "fails", "fail"))
		}
		return fmt.Sprintf("%s is correct, but %s still %s the old value cached", catalog.Named(a.Record),
			catalog.Join(a.Resolvers), has(a.Resolvers))
	},
	Why: func(a CachedAnswers) string {
		switch a.Record.Type {
		case "DS":
			return fmt.Sprintf(
				"the resolver answers with validation disabled; its cached DS record (%s) %s",
				catalog.Join(catalog.QuoteAll(a.Seen)), a.expires())
		case "NS":
			return fmt.Sprintf("the resolver has %s cached as the zone's name servers, which the registry does not list; "+
				"that %s", catalog.Join(a.Seen), a.expires())
		}
		return fmt.Sprintf("every authoritative server returns the expected value; the cached one (%s) %s",
			catalog.Join(catalog.QuoteAll(a.Seen)), a.expires())
	},
	Fix:     CachedAnswers.waitFix,
	Until:   func(a CachedAnswers) *catalog.Until { return a.until("the old value") },
	Example: exampleCached,
})

// CacheNegative is cache.negative.
var CacheNegative = catalog.Declare(catalog.Cause{
	ID: "cache.negative", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Wait}, Verdict: catalog.Fail,
	Frequency: 7,
	Title:     "a resolver has cached that the record does not exist",
	ByRole:    cacheCodes, Explains: cacheExplains,
	Description: "The record is correct at the authoritative servers. A resolver queried it before it existed and " +
		"caches the negative answer for the time set in the zone's SOA: the smaller of its TTL and its last number " +
		"(BIND " +
		"and others use only its TTL). This clears without action, at a known time.",
	Detection: "All authoritative servers have the record. The resolver answers NXDOMAIN or NODATA, and the TTL of " +
		"the " +
		"SOA in its answer is the time that remains.",
	Confused: "record.missing, where the authoritative servers do not have the record and waiting does not help; " +
		"record.nxdomain-above, where the authoritative servers themselves cause the negative answers.",
	Refs: []string{"RFC 2308 5"},
}, catalog.Text[CachedAnswers]{
	Summary: func(a CachedAnswers) string {
		return fmt.Sprintf("%s is correct, but %s still %s a negative answer cached",
			catalog.Named(a.Record), catalog.Join(a.Resolvers), has(a.Resolvers))
	},
	Why: func(a CachedAnswers) string {
		return "every authoritative server has it; the cached negative answer " + a.expires()
	},
	Fix:   CachedAnswers.waitFix,
	Until: func(a CachedAnswers) *catalog.Until { return a.until("the negative answer") },
	Example: CachedAnswers{
		Record: exampleCached.Record, Resolvers: []string{"1.1.1.1:53"}, Left: 540,
		Latest: exampleCached.Latest,
	},
})

// CacheNeverConvergesArgs are the arguments of cache.never-converges.
type CacheNeverConvergesArgs struct {
	Record    catalog.Record `json:"record"`
	Resolvers []string       `json:"resolvers"` // resolvers that return something else
	Detail    string         `json:"detail,omitempty"`
	Old       []string       `json:"old,omitempty"` // servers of a former delegation that still serve the zone
	// Renews means that the record is right at the authoritative servers, and the resolvers' answer does not run out.
	Renews bool `json:"renews,omitempty"`
}

// AnsweredAnew explains why the answer of resolvers is not that of a cache.
func AnsweredAnew(resolvers, seen []string) string {
	what := "a denial"
	if len(seen) > 0 {
		what = catalog.Join(catalog.QuoteAll(seen))
	}
	return fmt.Sprintf(
		"every authoritative server has the record; %s %s with %s, and the TTL does not decrease from one query to the "+
			"next", catalog.Join(resolvers), verb(resolvers, "answers", "answer"), what)
}

// CacheNeverConverges is cache.never-converges.
var CacheNeverConverges = catalog.Declare(catalog.Cause{
	ID: "cache.never-converges", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Tenant, catalog.DNSHost},
	Verdict: catalog.Fail, Frequency: 5,
	Title:  "waiting will not help",
	ByRole: propagationCodes,
	Description: "The service waits for the record to propagate, but caches will never agree on the expected value. " +
		"The record may be missing, wrong, or different from server to server at the authoritative servers. Or a " +
		"former " +
		"DNS host still serves the old zone, and resolvers keep querying it. Or a resolver gets a wrong answer that " +
		"does " +
		"not expire.",
	Detection: "The service reported a propagation timeout (DOMAIN_010), or resolvers return another value, and not " +
		"all authoritative servers return the expected one. Or a resolver uses name servers that the registry does not " +
		"list, and these still return the old answer. Or the TTL of a resolver's wrong answer does not decrease over " +
		"three queries.",
	Confused: "cache.old-answer and cache.negative, which clear without action; cache.stale-served, where the " +
		"authoritative servers are correct but cannot be reached.",
	Refs: []string{"RFC 1034 4.3.5"},
}, catalog.Text[CacheNeverConvergesArgs]{
	Summary: func(a CacheNeverConvergesArgs) string {
		if len(a.Old) > 0 {
			return "waiting may not help: " + catalog.Join(a.Resolvers) + " still " +
				verb(a.Resolvers, "queries", "query") + " the former DNS host, which still serves the old zone"
		}
		if a.Renews {
			return fmt.Sprintf(
				"waiting will not help: %s is correct at the authoritative servers, but %s %s another answer that does not "+
					"expire", catalog.Named(a.Record), catalog.Join(a.Resolvers),
				verb(a.Resolvers, "gets", "get"))
		}
		return "waiting will not help: " + catalog.Named(a.Record) + " is not correct at the authoritative servers"
	},
	Why: func(a CacheNeverConvergesArgs) string { return a.Detail },
	Fix: func(a CacheNeverConvergesArgs) catalog.Fix {
		if len(a.Old) > 0 {
			return catalog.Fix{
				Steps: []string{
					"at the former DNS host (" + catalog.Join(a.Old) + "), delete the zone " + a.Record.Zone +
						", or add the new records to it",
					"resolvers then find the new name servers within the delegation's TTL",
				},
				Commands: []string{
					catalog.DigResolver(zoneOf(a.Record), "NS", a.Resolvers[0]),
					shell.Dig(a.Record.Name, a.Record.Type, append([]string{"+norecurse"}, shell.DigAt(a.Old[0])...)...),
				},
			}
		}
		if a.Renews {
			return catalog.Fix{
				Steps: []string{
					"ask the operator of " + catalog.Join(a.Resolvers) +
						" where this answer comes from: a filter, a local zone, " +
						"or a server of the former DNS host",
					"ask the DNS host of " + zoneOf(a.Record) +
						" whether it answers by location, or has servers with an old zone",
				},
				Commands: []string{
					catalog.DigResolver(a.Record.Name, a.Record.Type, ""),
					catalog.DigResolver(a.Record.Name, a.Record.Type, a.Resolvers[0]),
				},
			}
		}
		return catalog.Fix{
			Steps:    []string{"correct the record at the DNS host first; only then does waiting help"},
			Commands: []string{shell.Dig(zoneOf(a.Record), "", "+nssearch")},
		}
	},
	Example: CacheNeverConvergesArgs{
		Record: exampleCached.Record, Resolvers: exampleCached.Resolvers,
		Detail: "the authoritative servers do not have the expected value, so no resolver will ever return it",
	},
})

// zoneOf returns the zone of a record, or its name if the zone is unknown.
func zoneOf(r catalog.Record) string {
	if r.Zone != "" {
		return r.Zone
	}
	return r.Name
}

// CacheWindowTooLongArgs are the arguments of cache.window-too-long.
type CacheWindowTooLongArgs struct {
	CachedAnswers
	Limit  uint32 `json:"limit,omitempty"` // how long the service waits, in seconds
	Detail string `json:"detail,omitempty"`
}

// CacheWindowTooLong is cache.window-too-long.
var CacheWindowTooLong = catalog.Declare(catalog.Cause{
	ID: "cache.window-too-long", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Tenant}, Verdict: catalog.Warn,
	Frequency: 3,
	Title:     "resolvers cache an answer longer than the service waits",
	ByRole: map[catalog.Role][]string{
		catalog.Verification: {"DOMAIN_004"}, catalog.Routing: {"DOMAIN_010"}, catalog.Certificate: {"DOMAIN_010"},
		catalog.Configured: {"DOMAIN_010"},
	},
	Description: "The service waits five minutes for a verification and 48 hours for propagation. An old or negative " +
		"answer that stays in caches for longer outlasts that.",
	Detection: "The remaining TTL of the cached answer, or the zone's negative TTL after a failed attempt, exceeds " +
		"the " +
		"time that the service waits.",
	Confused: "cache.never-converges, where waiting never helps; record.ttl-out-of-range, where the service rejects " +
		"the TTL itself.",
	Refs: []string{"RFC 2308 5"},
}, catalog.Text[CacheWindowTooLongArgs]{
	Summary: func(a CacheWindowTooLongArgs) string {
		return fmt.Sprintf("an old answer for %s %s may stay cached for %s; the service waits %s", a.Record.Name,
			a.Record.Type, catalog.Seconds(a.Left), catalog.Seconds(a.Limit))
	},
	Why: func(a CacheWindowTooLongArgs) string { return a.Detail },
	Fix: func(a CacheWindowTooLongArgs) catalog.Fix {
		if a.Record.Type == "NS" || a.Record.Type == "DS" { // of the zone above, where the tenant sets no TTL
			return catalog.Steps("wait until the cached "+a.Record.Type+" records have expired, and only then ask the "+
				"service to verify the domain: their TTL is set by the zone "+a.Record.Zone+" and cannot be shortened now",
				"before the next move to another DNS host, publish the same records at both hosts until that TTL has passed")
		}
		return catalog.Steps(
			fmt.Sprintf(
				"%s, before the next change, lower the TTL to %d seconds; lower the negative TTL (the last number of the "+
					"SOA) "+
					"as well, if the panel shows it", catalog.Where(a.Record), hosts.PanelOf(a.Record.Host).TTL(300)),
			"create a record first, and only then ask the service to verify it")
	},
	Example: CacheWindowTooLongArgs{
		CachedAnswers: CachedAnswers{Record: catalog.Record{
			Role: catalog.Verification, Zone: "example.com", Name: "_verify.shop.example.com",
			Type: "TXT",
		}, Resolvers: exampleCached.Resolvers, Left: 86400}, Limit: 300,
		Detail: "the zone's SOA lets resolvers cache a negative answer for a day",
	},
})

// ResolverRemark is what resolvers say about their own answers: the arguments of cache.resolver-filtered and
// cache.stale-served.
type ResolverRemark struct {
	Record    catalog.Record `json:"record"`
	Resolvers []string       `json:"resolvers"`
	Detail    string         `json:"detail,omitempty"`  // the extended DNS error
	Seen      []string       `json:"seen,omitempty"`    // addresses that lead nowhere
	Foreign   string         `json:"foreign,omitempty"` // the zone of the denial's SOA, which the name is not in
}

// filters returns the evidence that an answer comes from a filter.
func (a ResolverRemark) filters() string {
	switch {
	case a.Detail != "":
		return "the answer has the extended DNS error " + a.Detail
	case len(a.Seen) > 0:
		return "it answers " + catalog.Join(a.Seen) +
			", which leads nowhere; the authoritative servers have another answer"
	case a.Foreign != "":
		return "its denial has the SOA record of " + a.Foreign + ", a zone that the name is not in; the authoritative " +
			"servers have the record"
	}
	return "its denial has no SOA record, as if it came from a local rule (RFC 2308 2); the authoritative servers " +
		"have " +
		"the record"
}

// otherResolver returns a public resolver without a filter (9.9.9.9 has one).
func (a ResolverRemark) otherResolver() string {
	for _, r := range []string{"9.9.9.10", "1.1.1.1"} {
		if !slices.ContainsFunc(a.Resolvers, func(s string) bool { return withoutPort(s) == r }) {
			return r
		}
	}
	return "8.8.8.8"
}

// CacheResolverFiltered is cache.resolver-filtered.
var CacheResolverFiltered = catalog.Declare(catalog.Cause{
	ID: "cache.resolver-filtered", Rung: catalog.Cache, Who: []catalog.Actor{catalog.Local},
	Verdict: catalog.Inconclusive, Frequency: 2,
	Title:  "the resolver blocks the name by policy",
	NoCode: "a block at one resolver is not a fault of the domain",
	Description: "The resolver reports that it blocks or censors the name. Others may answer; the domain is not at " +
		"fault.",
	Detection: "The answer has an extended DNS error about a policy (EDE 15 to 18); or it denies a record that the " +
		"authoritative servers have, without the SOA record of its zone; or it is an address such as 0.0.0.0.",
	Confused: "record.missing: here the authoritative servers have the record; cache.negative, which clears without " +
		"action.",
	Refs: []string{"RFC 2308 2", "RFC 8914 4.16", "RFC 8914 4.17", "RFC 8914 4.18", "RFC 8914 4.19"},
}, catalog.Text[ResolverRemark]{
	Summary: func(a ResolverRemark) string {
		return fmt.Sprintf("%s %s %s by policy", catalog.Join(a.Resolvers), verb(a.Resolvers, "blocks", "block"),
			a.Record.Name)
	},
	Why: ResolverRemark.filters,
	Fix: func(a ResolverRemark) catalog.Fix {
		return catalog.Steps("use another resolver, for example --resolver "+a.otherResolver(),
			"if the name is blocked by mistake, report it to the resolver's operator")
	},
	Example: ResolverRemark{Record: exampleCached.Record, Resolvers: []string{"8.8.8.8:53"}, Detail: "16 (Censored)"},
})

// CacheStaleServed is cache.stale-served.
var CacheStaleServed = catalog.Declare(catalog.Cause{
	ID: "cache.stale-served", Rung: catalog.Cache, Who: []catalog.Actor{catalog.DNSHost}, Verdict: catalog.Warn,
	Frequency: 2,
	Title:     "a resolver serves an expired answer",
	ByRole:    propagationCodes,
	Explains:  sameName(CacheOldAnswer.ID, CacheNegative.ID),
	Description: "The resolver returns an old answer past its TTL: it cannot reach the zone's servers, or it is set " +
		"to answer from an expired cache and does not refresh it. An expired answer that is still right is not " +
		"reported.",
	Detection: "The answer differs from that of the authoritative servers and has the extended DNS error 3 or 19 " +
		"(stale answer), again a second later.",
	Confused: "cache.old-answer, which expires at a known time; delegation.unreachable, where no resolver can reach " +
		"the zone's servers.",
	Refs: []string{"RFC 8767", "RFC 8914 4.4", "RFC 8914 4.20"},
}, catalog.Text[ResolverRemark]{
	Summary: func(a ResolverRemark) string {
		return fmt.Sprintf("%s %s an expired answer for %s", catalog.Join(a.Resolvers),
			verb(a.Resolvers, "serves", "serve"), a.Record.Name)
	},
	Why: func(a ResolverRemark) string { return "the answer has the extended DNS error " + a.Detail },
	Fix: func(a ResolverRemark) catalog.Fix {
		return catalog.Steps("ask the DNS host of "+zoneOf(a.Record)+
			" whether its servers block or drop queries from large resolvers",
			"if other resolvers reach the zone's servers: ask the operator of "+catalog.Join(a.Resolvers)+" to flush "+
				a.Record.Name+"; dnsmasq with use-stale-cache keeps an expired CNAME until its address is queried",
			"waiting alone does not resolve this")
	},
	Example: ResolverRemark{
		Record: exampleCached.Record, Resolvers: []string{"1.1.1.1:53"},
		Detail: "3 (Stale Answer)",
	},
})
