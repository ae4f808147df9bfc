package cli_test

import "strings"

// labSignedKinds are more ways in which zones are signed and names denied: by NSEC3, with opt-out, and by servers that
// sign each answer when it is asked for.
var labSignedKinds = []labKind{
	{label: "nsec3", resolvers: true, labCase: labCase{
		name: "signed with NSEC3", on: labSignedKnot,
		zone: verified, dnssec: "nsec3", expect: []string{expectRouting, expectToken},
	}},
	{label: "nsec3-own", labCase: labCase{
		name: "signed by its server with NSEC3", on: []string{"pdns"},
		zone: verified, dnssec: "by its server, nsec3", expect: []string{expectRouting, expectToken},
	}},
	{label: "narrow", resolvers: true, labCase: labCase{
		name: "signed by its server with narrow NSEC3", on: []string{"pdns"},
		zone: verified, dnssec: "by its server, narrow", expect: []string{expectRouting, expectToken},
	}},
	{label: "optout", labCase: labCase{
		name: "an unsigned zone below one with NSEC3 and opt-out", on: labSignedKnot, domain: "shop.dev.@",
		zone: "dev NS SERVER.\n", dnssec: "opt-out", child: verified, expect: []string{expectRouting, expectToken},
	}},
	{label: "below3", labCase: labCase{
		name: "an unsigned zone below one with narrow NSEC3", on: []string{"pdns"}, domain: "shop.dev.@",
		zone: "dev NS SERVER.\n", dnssec: "by its server, narrow", child: verified,
		expect: []string{expectRouting, expectToken},
	}},
	{label: "wild-plain", labCase: labCase{
		name: "a wildcard", on: labAnyHost,
		zone: "* A 13.32.10.1\n", dnssec: "",
	}},
	{label: "wild-signed", labCase: labCase{
		name: "a wildcard in a signed zone", on: labSignedKnot,
		zone: "* A 13.32.10.1\n", dnssec: "signed",
	}},
	{label: "wild-nsec3", labCase: labCase{
		name: "a wildcard in a zone with NSEC3", on: labSignedKnot,
		zone: "* A 13.32.10.1\n", dnssec: "nsec3",
	}},
	{label: "wild-own", labCase: labCase{
		name: "a wildcard in a zone that the server signed", on: []string{"pdns"},
		zone: "* A 13.32.10.1\n", dnssec: "by its server",
	}},
	{label: "wild-narrow", labCase: labCase{
		name: "a wildcard in a zone with narrow NSEC3", on: []string{"pdns"},
		zone: "* A 13.32.10.1\n", dnssec: "by its server, narrow",
	}},
	{label: "star", labCase: labCase{
		name: "a wildcard CNAME in a signed zone", on: labSignedKnot,
		zone: "* CNAME " + labTarget + ".\n", dnssec: "signed", expect: []string{expectRouting},
	}},
	{label: "star-own", labCase: labCase{
		name: "a wildcard CNAME in a zone that the server signed", on: []string{"pdns"},
		zone: "* CNAME " + labTarget + ".\n", dnssec: "by its server", expect: []string{expectRouting},
	}},
	{label: "star-narrow", labCase: labCase{
		name: "a wildcard CNAME in a zone with narrow NSEC3", on: []string{"pdns"},
		zone: "* CNAME " + labTarget + ".\n", dnssec: "by its server, narrow", expect: []string{expectRouting},
	}},
	{label: "ent", labCase: labCase{
		name: "an empty name above the token in a signed zone", on: labSignedKnot, domain: "@",
		zone: below, dnssec: "signed", expect: []string{expectBelow},
	}},
	{label: "ent-nsec3", labCase: labCase{
		name: "an empty name above the token in a zone with NSEC3", on: labSignedKnot, domain: "@",
		zone: below, dnssec: "nsec3", expect: []string{expectBelow},
	}},
	{label: "ent-own", labCase: labCase{
		name: "an empty name above the token in a zone that the server signed", on: []string{"pdns"}, domain: "@",
		zone: below, dnssec: "by its server", expect: []string{expectBelow},
	}},
	{label: "ent-narrow", labCase: labCase{
		name: "an empty name above the token in a zone with narrow NSEC3", on: []string{"pdns"}, domain: "@",
		zone: below, dnssec: "by its server, narrow", expect: []string{expectBelow},
	}},
	{label: "ed448-expired", labCase: labCase{
		name: "signatures of ED448 are over", on: labSignedKnot, zone: verified, dnssec: "expired ed448",
		expect: []string{expectRouting, expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail dnssec.bogus"},
			codes: []string{
				"DOMAIN_004 predicted", "DOMAIN_010 predicted", "DOMAIN_011 predicted", "DOMAIN_019 predicted",
			},
		},
	}},
	{label: "added3", resolvers: true, labCase: labCase{
		name: "records added by pdnsutil to a zone with NSEC3", on: []string{"pdns"}, zone: "blog A 192.0.2.9\n",
		added:  "shop A 13.32.10.1\n_verify.shop TXT \"tok-7f3a91c2\"\n",
		dnssec: "by its server, nsec3", expect: []string{expectToken}, story: "nsec-wrong", want: labWant{
			verdict: "fail",
			roots:   []string{"fail dnssec.answer-rejected certificate", "fail dnssec.answer-rejected routing"},
			codes:   []string{"DOMAIN_010 predicted", "DOMAIN_011 predicted", "DOMAIN_023 predicted"},
		},
	}},
	{label: "addednarrow", labCase: labCase{
		name: "records added by pdnsutil to a zone with narrow NSEC3", on: []string{"pdns"}, zone: "blog A 192.0.2.9\n",
		added:  "shop A 13.32.10.1\n_verify.shop TXT \"tok-7f3a91c2\"\n",
		dnssec: "by its server, narrow", expect: []string{expectToken},
	}},
	{label: "online", resolvers: true, labCase: labCase{
		name: "signed by its server, with denials made for each query", on: []string{"knot"}, zone: verified,
		dnssec: "by its server", expect: []string{expectRouting, expectToken},
	}},
	{label: "online-a", labCase: labCase{
		name: "an address and a token below an empty name, signed by its server", on: []string{"knot"}, domain: "@",
		zone: below, dnssec: "by its server", expect: []string{expectBelow},
	}},
	{label: "online-wild", labCase: labCase{
		name: "a wildcard in a zone that the server signs for each query", on: []string{"knot"}, zone: "* A 13.32.10.1\n",
		dnssec: "by its server",
	}},
	{label: "online-dname", labCase: labCase{
		name: "a DNAME in a zone that the server signs for each query", domain: "shop.eu.@", on: []string{"knot"},
		zone:   "eu DNAME emea\n" + strings.NewReplacer("shop ", "shop.emea ").Replace(verified),
		expect: []string{expectToken}, dnssec: "by its server",
	}},
	{label: "online-below", labCase: labCase{
		name: "an unsigned zone below one that the server signs for each query", domain: "shop.dev.@",
		on:   []string{"knot"},
		zone: "dev NS SERVER.\n", child: verified, dnssec: "by its server", expect: []string{expectRouting, expectToken},
	}},
	{label: "online-missing", resolvers: true, labCase: labCase{
		name: "a token missing in a zone that the server signs for each query", on: []string{"knot"}, zone: routed,
		dnssec: "by its server", expect: []string{expectRouting, expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing verification"}, codes: []string{"DOMAIN_004 predicted"},
		},
	}},
}
