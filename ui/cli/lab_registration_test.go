package cli_test

import (
	"strings"
	"testing"
	"time"
)

// notDelegated are the codes of a domain that does not resolve.
var notDelegated = []string{
	"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted",
	"DOMAIN_019 predicted",
}

const whoisLimit = "WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\n"

// labRegistrationCases are registrations and delegations.
var labRegistrationCases = []labCase{
	{name: "registered, RDAP server that IANA's list lacks", domain: "shop.override.io", zone: routed},
	{
		name: "registered, WHOIS only", domain: "shop.whois-only.uk", zone: routed,
		want: labWant{registered: "registered whois"},
	},
	{
		name: "RDAP throttles, WHOIS knows", domain: "shop.rdap-throttled.com", zone: routed,
		registry: labRegistryEntry{
			rdap: "throttled",
			whois: "   Domain Name: RDAP-THROTTLED.COM\n   Registry Domain ID: 1_DOMAIN_COM-VRSN\n   Registrar: Lab " +
				"Registrar, Inc.\n   Creation Date: 2015-03-04T05:06:07Z\n   Registry Expiry Date: 2035-03-04T05:06:07Z\n " +
				"  Domain Status: ok https://icann.org/epp#ok\n   Name Server: NS1.HOSTCO.NET\n   Name Server: " +
				"NS2.HOSTCO.NET\n   DNSSEC: unsigned\n",
		},
		want: labWant{registered: "registered whois"},
	},
	{
		name: "nobody has registered it", domain: "shop.unregistered.com", ns: "-",
		registry: labRegistryEntry{rdap: "none"},
		want: labWant{
			verdict: "fail", roots: []string{"fail registration.not-registered"}, codes: notDelegated,
			registered: "not-registered rdap",
		},
	},
	{
		name: "nobody has registered it, WHOIS only", domain: "shop.unregistered.co.uk", ns: "-",
		registry: labRegistryEntry{
			rdap: "none",
			whois: "\n    No match for \"unregistered.co.uk\".\n\n    This domain name has not been registered.\n\n    " +
				"WHOIS lookup made at 10:00:00 01-Jan-2026\n",
		},
		want: labWant{
			verdict: "fail", roots: []string{"fail registration.not-registered"}, codes: notDelegated,
			registered: "not-registered whois",
		},
	},
	{
		name: "wanted, and taken", domain: "taken.com", zone: "@ A 13.32.10.1\n", args: []string{"--intent", "register"},
		want: labWant{
			verdict: "fail", roots: []string{"fail registration.taken"},
			codes: []string{"DOMAIN_002 predicted", "DOMAIN_003 predicted"},
		},
	},
	{
		name: "wanted, and free", domain: "free.com", ns: "-", registry: labRegistryEntry{rdap: "none"},
		args: []string{"--intent", "register"},
		want: labWant{registered: "not-registered rdap"},
	},
	{
		name: "on hold by the registry", domain: "shop.on-hold.com", ns: "-",
		registry: labRegistryEntry{rdap: "server hold,client transfer prohibited"},
		want:     labWant{verdict: "fail", roots: []string{"fail registration.on-hold"}, codes: notDelegated},
	},
	{
		name: "in redemption", domain: "shop.redemption.com", ns: "-",
		registry: labRegistryEntry{rdap: "redemption period,pending delete", expires: -40 * 24 * time.Hour},
		want: labWant{
			verdict: "fail", roots: []string{"fail registration.redemption"},
			codes: []string{"DOMAIN_003 predicted", "DOMAIN_004 predicted", "DOMAIN_019 predicted"},
		},
	},
	{
		name: "ends soon", domain: "shop.ends-soon.com", zone: routed,
		registry: labRegistryEntry{rdap: "active", expires: 12 * 24 * time.Hour},
		want: labWant{
			verdict: "warn", roots: []string{"warn registration.expires-soon"},
			codes: []string{"DOMAIN_019 predicted"},
		},
	},
	{
		name: "locked, and a transfer wanted", domain: "shop.locked.com", zone: routed,
		registry: labRegistryEntry{rdap: "client transfer prohibited"}, args: []string{"--intent", "transfer"},
		want: labWant{
			verdict: "fail", roots: []string{"fail registration.transfer-locked"},
			codes: []string{"DOMAIN_016 predicted"},
		},
	},
	{
		name: "locked, as nearly every domain is", domain: "shop.locked-healthy.com", zone: routed,
		registry: labRegistryEntry{rdap: "client transfer prohibited"},
	},
	{
		name: "RDAP and WHOIS throttle", domain: "shop.throttled.org", zone: routed,
		registry: labRegistryEntry{rdap: "throttled", whois: whoisLimit},
		want: labWant{
			verdict: "inconclusive", roots: []string{"inconclusive registration.unknown"},
			registered: "unknown",
		},
	},
	{
		name: "throttled, a missing record is found all the same", domain: "shop.throttled-missing.org", zone: routed,
		registry: labRegistryEntry{rdap: "throttled", whois: whoisLimit}, expect: []string{expectToken},
		want: labWant{verdict: "fail", roots: []string{
			"fail record.missing verification",
			"inconclusive registration.unknown",
		}, codes: []string{"DOMAIN_004 predicted"}, registered: "unknown"},
	},
	{
		name: "nobody listens at the WHOIS server", domain: "shop.whois-dead.pk", zone: routed,
		want: labWant{
			verdict: "inconclusive", roots: []string{"inconclusive registration.unknown"},
			registered: "unknown",
		},
	},
	{
		name: "the ending has neither RDAP nor WHOIS", domain: "shop.no-registry.gr", zone: routed,
		want: labWant{registered: "unknown"}, // its delegation says that it is held: a healthy tenant is healthy
	},
	{
		name: "registered, and no name servers set", domain: "shop.undelegated.com", ns: "-",
		want: labWant{verdict: "fail", roots: []string{"fail delegation.missing"}, codes: notDelegated},
	},
	{
		name: "every name server refuses", domain: "shop.lame.com", ns: "refusing.elsewhere.net",
		want: labWant{
			verdict: "fail", roots: []string{"fail delegation.lame"},
			codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted",
				"DOMAIN_022 predicted",
			},
		},
	},
	{
		name: "one of two name servers refuses", domain: "shop.half-lame.com",
		ns: "ns1.hostco.net refusing.elsewhere.net", zone: "@ NS ns1.hostco.net.\n@ NS refusing.elsewhere.net.\n" +
			routed,
		want: labWant{
			verdict: "warn", roots: []string{"warn delegation.lame"},
			codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted",
				"DOMAIN_022 predicted",
			},
		},
	},
	{
		name: "the name server's own name leads nowhere", domain: "shop.lame-name.com", ns: "gone.elsewhere.net",
		want: labWant{
			verdict: "fail", roots: []string{"fail delegation.lame"},
			codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted",
				"DOMAIN_022 predicted",
			},
		},
	},
	{
		name: "nobody listens at the name server", domain: "shop.dns-closed.com", ns: "closed.elsewhere.net",
		want: labWant{
			verdict: "fail", roots: []string{"fail delegation.unreachable"},
			codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted", "DOMAIN_019 predicted",
				"DOMAIN_022 predicted",
			},
		},
	},
	{
		name: "the name server swallows every question", domain: "shop.dns-silent.com", ns: "silent.elsewhere.net",
		expect: []string{expectRouting, expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail delegation.unreachable"}, within: 20 * time.Second,
			codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted", "DOMAIN_019 predicted",
				"DOMAIN_022 predicted",
			},
			and: func(t *testing.T, d *labDomain) {
				if f := d.find(t, "delegation.unreachable"); !strings.Contains(f.Why, labSilent) ||
					!strings.Contains(f.Why, "no answer in time") {
					t.Errorf("why: %s", f.Why)
				}
			},
		},
	},
	{
		name: "less time than the silent name server takes", domain: "shop.dns-slow.com", ns: "silent.elsewhere.net",
		args: []string{"--timeout", "1500ms"},
		want: labWant{verdict: "inconclusive", within: 4 * time.Second},
	},
	{
		name: "registry and zone name different servers", domain: "shop.mismatch.com", ns: "ns1.hostco.net", zone: routed,
		want: labWant{
			verdict: "warn", roots: []string{"warn delegation.mismatch"},
			codes: []string{"DOMAIN_010 predicted", "DOMAIN_022 predicted"},
		},
	},
}
