package change

import (
	"strings"
	"testing"
)

func TestZoneFile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text, zone, named, want string
		notes                   []string
	}{
		"BIND": {
			text: `; comment
$ORIGIN example.com.
$TTL 1h
@	IN SOA ns1 hostmaster ( 2026113001 ; serial
		2h 15m 2w ; refresh (retry; expire
		5m )
	IN NS ns1
	IN NS ns2.example.net.
ns1 A 192.0.2.1
$ORIGIN sub
www 60 IN A 192.0.2.2
    IN 60 A 192.0.2.3
t TXT "a;b" ( "c (d"
	"e" ) ; end
`,
			named: "example.com",
			want: `replace example.com SOA 3600: ns1.example.com. hostmaster.example.com. 2026113001 7200 900 1209600 300
replace example.com NS 3600: ns1.example.com. | ns2.example.net.
replace ns1.example.com A 3600: 192.0.2.1
replace www.sub.example.com A 60: 192.0.2.2 | 192.0.2.3
replace t.sub.example.com TXT 3600: "a;b" "c (d" "e"`,
		},
		"Cloudflare": { // the SOA record's names have no dot at their end
			text: ";;\n;; Domain:     example.com.\n;; Exported:   2026-11-30 17:00:00\n;;\n\n;; SOA Record\n" +
				"example.com\t3600\tIN\tSOA\tns.cloudflare.com dns.cloudflare.com. 2053368469 10000 2400 604800 3600\n\n" +
				";; CNAME Records\nshop.example.com.\t1\tIN\tCNAME\td1.cloudfront.net. ; cf_tags=cf-proxied:true\n" +
				"www.example.com.\t300\tIN\tCNAME\td2.cloudfront.net. ; a comment cf_tags=cf-proxied:false\n",
			named: "example.com",
			want: `replace example.com SOA 3600: ns.cloudflare.com. dns.cloudflare.com. 2053368469 10000 2400 604800 3600
replace shop.example.com CNAME 300 proxied: d1.cloudfront.net.
replace www.example.com CNAME 300: d2.cloudfront.net.`,
			notes: []string{"a TTL of 1 is Cloudflare's automatic one", "shop.example.com is proxied by Cloudflare"},
		},
		"Cloudflare, years ago": {
			text: ";; Domain: example.com\n;; Exported: 2020-07-22 14:01:40\n$ORIGIN .\n" +
				"@\t3600\tIN\tSOA\texample.com.\troot.example.com.\t(\n1\t; serial\n7200 3600 86400 3600)\n" +
				"a.example.com.\t300\tIN\tA\t192.0.2.1\n",
			zone: "example.com", named: "example.com",
			want: "replace example.com SOA 3600: example.com. root.example.com. 1 7200 3600 86400 3600\n" +
				"replace a.example.com A 300: 192.0.2.1",
		},
		"written by BIND": {
			text: "$ORIGIN .\n$TTL 300\t; 5 minutes\nexample.com\t\tIN SOA\tns1.example.net. h.example.net. (\n" +
				"\t\t\t1 ; serial\n\t\t\t600 300 604800 600 )\n\t\t\tNS\tns1.example.net.\n$ORIGIN example.com.\n" +
				"a\t\t\tA\t192.0.2.1\n$ORIGIN a.example.com.\nb\t\t\tCNAME\tc\n",
			named: "example.com",
			want: `replace example.com SOA 300: ns1.example.net. h.example.net. 1 600 300 604800 600
replace example.com NS 300: ns1.example.net.
replace a.example.com A 300: 192.0.2.1
replace b.a.example.com CNAME 300: c.a.example.com.`,
		},
		"Route 53 by cli53": {
			text: "$ORIGIN example.com.\n@\t86400\tAWS\tALIAS\tA d1.cloudfront.net. Z2FDTNDATAQYW2 false\n" +
				"shop\t300\tIN\tA\t192.0.2.1\n" +
				"w\t60\tIN\tA\t192.0.2.1 ; AWS routing=\"WEIGHTED\" weight=1 identifier=\"blue\"\n",
			zone: "example.com", named: "example.com",
			want: "replace example.com A alias d1.cloudfront.net\nreplace shop.example.com A 300: 192.0.2.1\n" +
				"open w.example.com: " + oneOfSeveral,
			notes: []string{"example.com is an alias", "w.example.com A: Route 53 answers with one of several"},
		},
		"the classic mistakes": {
			text: "shop 300 CNAME d1.cloudfront.net\nx 300 CNAME www.example.com\nt 300 TXT v=DKIM1; k=rsa\n" +
				"w 300 A 192.0.2.1\nw 60 A 192.0.2.2\nw 60 A 192.0.2.2\ns 60 TXT v=spf1 -all\n",
			zone: "example.com",
			want: `replace shop.example.com CNAME 300: d1.cloudfront.net.example.com.
replace x.example.com CNAME 300: www.example.com.example.com.
replace t.example.com TXT 300: "v=DKIM1"
replace w.example.com A 60: 192.0.2.1 | 192.0.2.2
replace s.example.com TXT 60: "v=spf1" "-all"`,
			notes: []string{
				"z:1:1: the CNAME record of shop.example.com has the target d1.cloudfront.net.example.com.; if " +
					"d1.cloudfront.net is meant, it lacks the dot at its end",
				"if www.example.com is meant",
				"z:3:1: the TXT record of t.example.com ends at its semicolon",
				"z:5:1: the A records of w.example.com have different TTLs",
				"z:7:1: the words of the TXT record of s.example.com have no quotation marks",
				"z:6:1: the A record of w.example.com is there twice",
			},
		},
		"their twins": {
			text: "shop 300 CNAME d1.cloudfront.net.\nx 300 CNAME www\ny 300 CNAME a.b.example.com.\n" +
				"t 300 TXT \"v=DKIM1; k=rsa\";comment\nu 300 TXT v=DKIM1 ; comment\nw 60 A 192.0.2.1\nw 60 A 192.0.2.2\n",
			zone: "example.com",
			want: `replace shop.example.com CNAME 300: d1.cloudfront.net.
replace x.example.com CNAME 300: www.example.com.
replace y.example.com CNAME 300: a.b.example.com.
replace t.example.com TXT 300: "v=DKIM1; k=rsa"
replace u.example.com TXT 300: "v=DKIM1"
replace w.example.com A 60: 192.0.2.1 | 192.0.2.2`,
		},
		"TTLs": { // without $TTL the last one counts; with it, that
			text: "a A 192.0.2.1\nb 60 A 192.0.2.1\nc A 192.0.2.1\n$TTL 1d1h\nd A 192.0.2.1\ne 5 A 192.0.2.1\nf A " +
				"192.0.2.1\n",
			zone: "example.com",
			want: `replace a.example.com A: 192.0.2.1
replace b.example.com A 60: 192.0.2.1
replace c.example.com A 60: 192.0.2.1
replace d.example.com A 90000: 192.0.2.1
replace e.example.com A 5: 192.0.2.1
replace f.example.com A 90000: 192.0.2.1`,
		},
		"$GENERATE": {
			text: "$TTL 300\n$GENERATE 1-3 h$ A 192.0.2.$\n$GENERATE 8-10/2 x${0,3,d} 60 IN CNAME h$\n",
			zone: "example.com",
			want: `replace h1.example.com A 300: 192.0.2.1
replace h2.example.com A 300: 192.0.2.2
replace h3.example.com A 300: 192.0.2.3
replace x008.example.com CNAME 60: h8.example.com.
replace x010.example.com CNAME 60: h10.example.com.`,
		},
		"escapes and wildcards": {
			text: `a\046b 60 A 192.0.2.1
a\.c 60 A 192.0.2.1
\042.d 60 A 192.0.2.1
*.e 60 A 192.0.2.1
UPPER 60 A 192.0.2.1
a\ b 60 A 192.0.2.1
\$x 60 A 192.0.2.1
bücher 60 A 192.0.2.1
`,
			zone: "example.com",
			want: `replace a\.b.example.com A 60: 192.0.2.1
replace a\.c.example.com A 60: 192.0.2.1
replace *.d.example.com A 60: 192.0.2.1
replace *.e.example.com A 60: 192.0.2.1
replace upper.example.com A 60: 192.0.2.1
replace a\ b.example.com A 60: 192.0.2.1
replace $x.example.com A 60: 192.0.2.1
replace xn--bcher-kva.example.com A 60: 192.0.2.1`,
		},
		"CRLF and a byte order mark": {
			text: "\xef\xbb\xbf$TTL 60\r\na A 192.0.2.1\r\nt TXT (\r\n\"x\" )\r\n",
			zone: "example.com",
			want: "replace a.example.com A 60: 192.0.2.1\nreplace t.example.com TXT 60: \"x\"",
		},
		"a signed zone": {
			text: "a 60 A 192.0.2.1\na 60 RRSIG A 13 3 60 20261230000000 20261130000000 1 example.com. AAAA\n" +
				"a 60 NSEC b A RRSIG NSEC\n@ 60 DNSKEY 257 3 13 AAAA\n",
			zone: "example.com",
			want: "replace a.example.com A 60: 192.0.2.1\nreplace example.com DNSKEY 60: 257 3 13 AAAA",
			notes: []string{
				"RRSIG records are left out: the server that signs the zone makes them", "NSEC records are left out",
			},
		},
		"types": {
			text: "a 60 TYPE1 \\# 4 C0000201\nb 60 TYPE65280 \\# 2 abcd\nc 60 HTTPS 1 . alpn=h2\nd 60 SRV 0 0 443 t\n",
			zone: "example.com",
			want: "replace a.example.com A 60: 192.0.2.1\nreplace b.example.com TYPE65280 60: " +
				"\\# 2 abcd\nreplace c.example.com HTTPS 60: 1 . alpn=\"h2\"\nreplace d.example.com SRV 60: 0 0 443 " +
				"t.example.com.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Read("z", []byte(tt.text), tt.zone, false)
			compare(t, s, err, tt.want)
			if err != nil {
				return
			}
			wantNotes(t, s, tt.notes...)
			holds(t, s, "example.com")
			if s.Zone != tt.named || s.Format != "zone" || s.Whole {
				t.Errorf("zone %q, format %q, whole %v; want the zone %q", s.Zone, s.Format, s.Whole, tt.named)
			}
		})
	}
}

func TestZoneFileMistakes(t *testing.T) {
	t.Parallel()
	const head = "$TTL 300\n"
	for _, tt := range []struct{ text, zone, want string }{
		{"$INCLUDE other.zone\n", "example.com", "z:2:1: $INCLUDE is not followed: put the records of that file here"},
		{"$DATE 5\n", "example.com", `z:2:1: "$DATE" is not a directive of zone files`},
		{"shop.other.org. A 192.0.2.1\n", "example.com", "z:2:1: shop.other.org is not in the zone example.com"},
		{"@ SOA a b 1 2 3 4 5\n", "", `z:2:1: "@" is relative, and the zone is not known: there is no $ORIGIN before it`},
		{
			"a.example.com. A 192.0.2.1\n", "",
			"z: the file does not say of which zone it is: it has no SOA record and no $ORIGIN",
		},
		{
			"other.org. SOA a.b. c.d. 1 2 3 4 5\nx.other.org. A 192.0.2.1\n", "example.com",
			"z:2:1: this is a zone file of other.org, not of example.com\nand maybe more",
		},
		{" A 192.0.2.1\n", "example.com", "z:2:1: the record has no owner: there is none before it"},
		{"bücher  A  192.0.2.1.1\n", "example.com", `z:2:12: "192.0.2.1.1": an A record takes an IPv4 address`},
		{
			"m MX 10\n", "example.com",
			`z:2:6: "10": an MX record takes a priority and a host name ("10 mail.example.net")`,
		},
		{"t TXT \"a\nb A 192.0.2.1\n", "example.com", "z:2:7: the quotation mark has no second one on its line"},
		{"t TXT ( \"a\"\nb A 192.0.2.1\n", "example.com", "z:2:7: the parenthesis is not closed"},
		{"t TXT \"a\" )\nb A 192.0.2.1\n", "example.com", "z:2:11: the parenthesis closes none"},
		{"t CH TXT \"a\"\n", "example.com", "z:2:6: the class CH is not IN"},
		{
			"t 3000000000 TXT \"a\"\n", "example.com",
			`z:2:3: a TTL is at most 2147483647 seconds (RFC 2181 8); this is "3000000000"`,
		},
		{
			"a..b A 192.0.2.1\n", "example.com",
			`z:2:1: "a..b.example.com" has a dot at its beginning or two dots in a row`,
		},
		{
			strings.Repeat("a.", 125) + " A 192.0.2.1\n", "example.com",
			"z:2:1: \"" + strings.Repeat("a.", 125)[:59] + "…\" is not in the zone", // absolute: it ends with a dot
		},
		{
			strings.Repeat("a.", 125) + "a A 192.0.2.1\n", "example.com",
			`z:2:1: "` + strings.Repeat("a.", 125)[:59] + `…" has 263 octets; a name has at most 253 (RFC 1035 2.3.4)`,
		},
		{
			"$GENERATE 0-65536 h$ A 192.0.2.1\n", "example.com",
			`z:2:1: $GENERATE is not valid, or has more than 65536 steps: "0-65536 h$"`,
		},
		{"$GENERATE 1-2 h$ A 192.0.2.${\n", "example.com", "z:2:1: $GENERATE makes a record that is not valid"},
		{"$ORIGIN\nx A 192.0.2.1\n", "example.com", "z:2:1: $ORIGIN has no name"},
		{"$TTL x\nx A 192.0.2.1\n", "example.com", `z:2:6: "x" is not a TTL`},
		{"x A 192.0.2.1 ; ok\nx WKSX 1\ny A 192.0.2.999\n", "example.com", "z:3:3: \"WKSX\" is not a type of records\n" +
			`z:4:5: "192.0.2.999": an A record takes an IPv4 address`},
	} {
		s, err := Read("z", []byte(head+tt.text), tt.zone, false)
		if strings.HasSuffix(tt.want, "is not in the zone") {
			if err == nil || !strings.Contains(err.Error(), "is not in the zone example.com") {
				t.Errorf("%v", err)
			}
			continue
		}
		wantMistakes(t, s, err, tt.want)
	}
	s, err := Read("z", []byte("$TTL 300\n$ORIGIN example.com.\n"), "example.com", true)
	wantMistakes(t, s, err, "z: the file has no records")
}
