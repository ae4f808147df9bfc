package cli_test

import (
	"slices"
	"strings"
	"testing"
)

// routed is a zone whose shop points to the platform.
const routed = "shop CNAME " + labTarget + ".\n"

var (
	expectRouting = "CNAME @=" + labTarget
	expectToken   = "TXT _verify.@=tok-7f3a91c2"
)

// labRecordCases are mistakes in records. NSD loads every zone but those of odd.elsewhere.net.
var labRecordCases = []labCase{
	{name: "healthy", domain: "shop.healthy.com", zone: routed},
	{
		name: "healthy, addresses at its own name", domain: "healthy-apex.com",
		zone: "@ A 13.32.10.1\n@ A 13.32.10.2\n@ MX 10 mail\nmail A 46.4.10.9\n",
	},
	{
		name: "healthy, every expected record there", domain: "shop.healthy-expect.com",
		expect: []string{expectRouting, expectToken},
		zone:   routed + `_verify.shop TXT "tok-7f3a91c2"`,
		want: labWant{and: func(t *testing.T, d *labDomain) {
			states := map[string]int{}
			for _, row := range d.Propagation {
				for _, s := range row.Servers {
					states[row.Type+" "+s.Kind+" "+s.State]++
				}
			}
			for _, cell := range []string{
				"CNAME authoritative match", "CNAME resolver match", "TXT authoritative match",
				"TXT resolver match",
			} {
				if states[cell] != 2 {
					t.Errorf("%d of 2 cells are %q: %v", states[cell], cell, states)
				}
			}
		}},
	},
	{
		name: "healthy below co.uk", domain: "shop.healthy.co.uk", zone: routed,
		want: labWant{registered: "registered whois"},
	},
	{name: "healthy, name in another script", domain: "xn--bcher-kva.com", zone: "@ A 13.32.10.1\n"},
	{name: "healthy wildcard", domain: "*.healthy-wildcard.com", zone: "* CNAME " + labTarget + "."},
	{
		name: "healthy with IPv6, which is not tried here", domain: "shop.dual-stack.com",
		zone: "shop A 13.32.10.1\nshop AAAA 2600:9000:2000::1\n",
	},
	{
		name: "IPv6 only", domain: "www.elsewhere-v6.com", zone: "www AAAA 2600:9000:2000::1\n",
		want: labWant{verdict: "inconclusive", roots: []string{"inconclusive vantage.no-ipv6"}},
	},
	{
		name: "token in several strings", domain: "shop.split-token.com", expect: []string{expectToken},
		zone: routed + `_verify.shop TXT "tok-" "7f3a91c2"`,
	},
	{
		name: "answer longer than a datagram", domain: "shop.long-txt.com", expect: []string{"TXT @=tok-7f3a91c2"},
		zone: "shop TXT \"tok-7f3a91c2\"\nshop A 13.32.10.1\n" + longTXT(9),
		want: labWant{and: func(t *testing.T, d *labDomain) {
			for _, row := range d.Propagation {
				for _, s := range row.Servers {
					if row.Type == "TXT" && s.State != "match" {
						t.Errorf("%s: %s", s.Server, s.State)
					}
				}
			}
		}},
	},
	{
		name: "record missing", domain: "shop.missing.com", zone: routed, expect: []string{expectRouting, expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing verification"},
			codes: []string{"DOMAIN_004 predicted"}, and: func(t *testing.T, d *labDomain) {
				f := d.find(t, "record.missing")
				if len(f.Fix.Records) != 1 || f.Fix.Records[0].Host != "_verify.shop" ||
					f.Fix.Records[0].Value != "tok-7f3a91c2" {
					t.Errorf("the fix creates %+v", f.Fix.Records)
				}
				if f.Evidence[0].Rcode != "NXDOMAIN" || len(f.Evidence) != 2 {
					t.Errorf("evidence %+v", f.Evidence)
				}
				for _, row := range d.Propagation {
					for _, s := range row.Servers {
						if row.Type == "TXT" && s.Kind == "resolver" && s.State != "not-asked" {
							t.Errorf("%s was asked for a name that the source lacks", s.Server)
						}
					}
				}
			},
		},
	},
	{
		name: "record missing in a zone below the registered one", domain: "shop.dev.child-zone.com",
		expect: []string{expectRouting, expectToken},
		zone:   "dev NS ns1.hostco.net.\ndev NS ns2.hostco.net.\n", child: routed,
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing verification"},
			codes: []string{"DOMAIN_004 predicted"}, and: func(t *testing.T, d *labDomain) {
				if f := d.find(t, "record.missing"); len(f.Fix.Records) != 1 || f.Fix.Records[0].Host != "_verify.shop" {
					t.Errorf("the fix creates %+v", f.Fix.Records)
				}
			},
		},
	},
	{
		name: "nothing at all under the name", domain: "shop.no-such-name.com", zone: "@ A 13.32.10.1\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "routing record missing", domain: "shop.unrouted.com", zone: "www A 13.32.10.1\n",
		expect: []string{expectRouting},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "name doubled", domain: "shop.doubled.com", zone: routed + `_verify.shop.doubled.com TXT "tok-7f3a91c2"`,
		expect: []string{expectRouting, expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.name-doubled verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "token at the host itself", domain: "shop.wrong-name.com",
		zone: "shop A 13.32.10.1\nshop TXT \"tok-7f3a91c2\"\n", expect: []string{expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.wrong-name verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "token without the underscore", domain: "shop.no-underscore.com",
		zone: routed + `verify.shop TXT "tok-7f3a91c2"`, expect: []string{expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.wrong-name verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "token in quotation marks", domain: "shop.quoted.com", zone: routed + `_verify.shop TXT "\"tok-7f3a91c2\""`,
		expect: []string{expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.value-quoted verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "token with a space after it", domain: "shop.spaced.com", zone: routed + `_verify.shop TXT "tok-7f3a91c2 "`,
		expect: []string{expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.value-whitespace verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "token cut off by the screen", domain: "shop.truncated.com",
		zone: routed + `_verify.shop TXT "tok-7f3a..."`, expect: []string{expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.value-truncated verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "token of an earlier attempt", domain: "shop.old-token.com",
		zone: routed + `_verify.shop TXT "tok-11111111"`, expect: []string{expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.value-differs verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "TXT where a CNAME is wanted", domain: "shop.wrong-type.com",
		zone: routed + `_verify.shop TXT "verify.platform.net"`, expect: []string{"CNAME _verify.@=verify.platform.net"},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.wrong-type verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "wildcard swallows the missing token", domain: "shop.wildcard.com",
		zone: routed + "* CNAME " + labTarget + ".", expect: []string{"TXT _verify.@=tok-7f3a91c2"},
		// RFC 4592: shop exists, so *.wildcard.com does not cover _verify.shop; the wildcard that does stands below shop.
		want: labWant{
			verdict: "fail", roots: []string{"fail record.missing verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "wildcard of TXT answers for the missing token", domain: "wildcard-txt.com",
		zone: "@ A 13.32.10.1\n* TXT \"v=spf1 -all\"\n", expect: []string{expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.wildcard-answers verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "wildcard CNAME answers for the missing token", domain: "wildcard-cname.com",
		zone: "@ A 13.32.10.1\n* CNAME " + labTarget + ".\n", expect: []string{expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.wildcard-answers verification"},
			codes: []string{"DOMAIN_004 predicted"},
		},
	},
	{
		name: "wildcard stopped by the token below the host", domain: "app.hides-wildcard.com",
		zone:   "* CNAME " + labTarget + ".\n_verify.app TXT \"tok-7f3a91c2\"\n",
		expect: []string{expectRouting, expectToken},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.hides-wildcard routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "target with the zone appended", domain: "shop.appended.com", zone: "shop CNAME " + labTarget + "\n",
		expect: []string{expectRouting},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.target-zone-appended routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "target is a web address", domain: "shop.url.com", zone: "shop CNAME https://" + labTarget + ".\n",
		expect: []string{expectRouting},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.target-is-url routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "routed to another provider", domain: "shop.wrong-target.com", zone: "shop CNAME shop.elsewhere.net.\n",
		expect: []string{expectRouting},
		web:    []labSite{{At: []string{labWeb}}},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.cname-wrong-target routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "CNAME into nothing", domain: "shop.dangling.com", zone: "shop CNAME gone.elsewhere.net.\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.cname-dangling routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "CNAME into a domain that nobody has", domain: "shop.dangling-domain.com",
		zone: "shop CNAME www.nobody-has-this.org.\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.cname-dangling routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "CNAMEs in a circle", domain: "shop.loop.com", zone: "shop CNAME a\na CNAME b\nb CNAME shop\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.cname-loop routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "more CNAMEs than some resolvers follow", domain: "shop.long-chain.com",
		zone: "shop CNAME a1\na1 CNAME a2\na2 CNAME a3\na3 CNAME a4\na4 CNAME a5\na5 CNAME a6\na6 CNAME a7\na7 CNAME " +
			"a8\na8 CNAME a9\na9 A 13.32.10.1\n",
		want: labWant{
			verdict: "warn", roots: []string{"warn record.cname-too-long routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "too many CNAMEs", domain: "shop.too-long.com",
		zone: "shop CNAME a1\na1 CNAME a2\na2 CNAME a3\na3 CNAME a4\na4 CNAME a5\na5 CNAME a6\na6 CNAME a7\na7 CNAME " +
			"a8\na8 CNAME a9\na9 CNAME a10\na10 CNAME a11\na11 CNAME a12\na12 A 13.32.10.1\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.cname-too-long routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "CNAME at the zone's own name", domain: "cname-at-apex.com", ns: "odd.elsewhere.net",
		zone: "@ CNAME " + labTarget + ".\n@ MX 10 mail\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.cname-at-apex routing"},
			codes: []string{"DOMAIN_008 predicted", "DOMAIN_010 predicted"},
		},
	},
	{
		name: "CNAME beside other records", domain: "shop.coexists.com", ns: "odd.elsewhere.net",
		zone: "shop CNAME " + labTarget + ".\nshop TXT \"v=spf1 -all\"\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.cname-coexists routing"},
			codes: []string{"DOMAIN_008 predicted", "DOMAIN_010 predicted"},
		},
	},
	{
		name: "TTL too short", domain: "shop.short-ttl.com", zone: "shop 30 CNAME " + labTarget + ".\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.ttl-out-of-range routing"},
			codes: []string{"DOMAIN_008 predicted"},
		},
	},
	{
		name: "TTL too long", domain: "long-ttl.com", zone: "@ 172800 A 13.32.10.1\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.ttl-out-of-range routing"},
			codes: []string{"DOMAIN_008 predicted"},
		},
	},
	{
		// NSD serves the TTLs as they are written; BIND makes them equal.
		name: "one set with two TTLs", domain: "mixed-ttl.com", zone: "@ 300 A 13.32.10.1\n@ 60 A 13.32.10.2\n",
		want: labWant{verdict: "warn", roots: []string{"warn record.ttl-mixed routing"}},
	},
	{
		name: "servers disagree", domain: "shop.disagree.com", zone: routed + `_verify.shop TXT "tok-7f3a91c2"`,
		expect: []string{expectRouting, expectToken},
		second: "@ SOA ns1.hostco.net. hostmaster.hostco.net. 7 7200 3600 1209600 300\n" + routed,
		want: labWant{
			verdict: "fail", roots: []string{"fail record.servers-disagree verification"},
			codes: []string{"DOMAIN_004 predicted"}, and: func(t *testing.T, d *labDomain) {
				if f := d.find(t, "record.servers-disagree"); !slices.Contains(strings.Fields(f.Why), "7") &&
					!strings.Contains(f.Why, " 7") {
					t.Errorf("the serials are not named: %s", f.Why)
				}
			},
		},
	},
	{
		name: "an address of somebody else beside the platform's", domain: "shop.stray.com",
		zone: "shop A 13.32.10.1\nshop A 13.32.10.2\nshop A 185.199.1.10\n", expect: []string{"CNAME @=" + labTarget},
		web: []labSite{{}, {Certificate: "other-name", At: []string{labWeb}}},
		want: labWant{
			verdict: "fail", roots: []string{"fail record.stray-address routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
	{
		name: "private address", domain: "private.com", zone: "@ A 192.168.1.10\n",
		want: labWant{
			verdict: "fail", roots: []string{"fail record.private-address routing"},
			codes: []string{"DOMAIN_010 predicted"},
		},
	},
}

// longTXT is as many TXT records as it takes to exceed a datagram of 1232 octets.
func longTXT(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("shop TXT \"" + strings.Repeat("y", 200) + strings.Repeat("z", i) + "\"\n")
	}
	return b.String()
}
