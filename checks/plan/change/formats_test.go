package change

import (
	"strings"
	"testing"
)

func TestNsupdate(t *testing.T) {
	t.Parallel()
	s, err := Read("u", []byte(`; comment
server 192.0.2.53 53
key hmac-sha256:update.example SECRET==
zone example.com.
prereq yxrrset shop.example.com. IN A
nxdomain new.example.com.
update delete shop.example.com. A
update delete x.example.com. 0 IN A 192.0.2.4
del y.example.com
update delete z.example.com. ANY
update delete w.example.com. NONE TXT "a b"
update add shop.example.com. 300 IN CNAME d1.cloudfront.net
ttl 60
add t.example.com TXT "a;b"
add u.example.com TXT v=DKIM1; k=rsa
add v.example.com CAA 0 issue a;b
show
send
answer
`), "", false)
	compare(t, s, err, `remove shop.example.com A
remove x.example.com A: 192.0.2.4
remove y.example.com *
remove z.example.com *
remove w.example.com TXT: "a b"
add shop.example.com CNAME 300: d1.cloudfront.net.
add t.example.com TXT 60: "a;b"
add u.example.com TXT 60: "v=DKIM1;" "k=rsa"
add v.example.com CAA 60: 0 issue "a;b"`)
	wantNotes(t, s, "u:5:1: prerequisites are not checked", "u:6:1: prerequisites are not checked",
		"u:15:1: the words of the TXT record of u.example.com have no quotation marks")
	if s != nil {
		holds(t, s, "example.com")
		if s.Format != "nsupdate" || s.Zone != "example.com" {
			t.Errorf("format %q, zone %q", s.Format, s.Zone)
		}
	}
	for text, want := range map[string]string{
		"update add a.example.com A 192.0.2.1": "u:1:26: nsupdate adds no record without a TTL: write it after the " +
			"name, " +
			"or add a line ttl SECONDS",
		// all names are absolute
		"update add shop 60 A 192.0.2.1":        "u:1:8: shop is not in the zone example.com",
		"update add a.example.com 60 A 192.0.2": `u:1:31: "192.0.2": an A record takes an IPv4 address`,
		"update rename a.example.com":           `u:1:8: "rename" is not a command of nsupdate`,
		"zone example.org\nadd a.example.org 60 A 1": "u:1:6: the lines change the zone example.org, not " +
			"example.com\nu:2:24: \"1\": an A record takes an IPv4 address",
		"update add a.example.com 1h A 192.0.2.1": `u:1:26: "1h" is not a TTL: nsupdate takes seconds`,
		"add a.example.com 60 A 192.0.2.1 ; comment": `u:1:34: "192.0.2.1 ; comment": an A record takes an IPv4 ` +
			`address`,
		"server 192.0.2.1\nsend":                        "u: the lines change nothing",
		"update delete":                                 "u:1:14: the line has no name",
		"update add a.example.com 60 CH TXT x":          "u:1:32: the class CH is not IN",
		"zone example.com\nupdate delete b.example.org": "u:2:8: b.example.org is not in the zone example.com",
	} {
		s, err := Read("u", []byte(text), "example.com", false)
		wantMistakes(t, s, err, want)
	}
	s, err = Read("u", []byte("update delete a.example.com"), "", false)
	wantMistakes(t, s, err, "u: the lines do not name their zone: add a line zone NAME")
	s, err = Read("u", []byte("update delete a.example.com"), "example.com", true)
	wantMistakes(t, s, err,
		"u: the file has changes only, not all records of a zone: it cannot be the whole zone")
	// The twin: a zone file with the owners of nsupdate's commands.
	s, err = Read("u", []byte("zone 60 A 192.0.2.1\nadd 60 IN A 192.0.2.1\nsend TXT x\n"), "example.com", false)
	compare(t, s, err, "replace zone.example.com A 60: 192.0.2.1\nreplace add.example.com A 60: 192.0.2.1\n"+
		"replace send.example.com TXT 60: \"x\"")
}

func TestRoute53(t *testing.T) {
	t.Parallel()
	set := func(fields string) string { return `{"Action":"UPSERT","ResourceRecordSet":{` + fields + `}}` }
	for _, tt := range []struct{ text, want, notes string }{
		{
			text: `{"Comment": "x", "Changes": [` + set(`"Name":"\\052.example.com","Type":"A","TTL":300,`+
				`"ResourceRecords":[{"Value":"192.0.2.1"},{"Value":"192.0.2.2"}]`) + `,
{"Action":"DELETE","ResourceRecordSet":{"Name":"t.example.com.","Type":"TXT","TTL":60,
"ResourceRecords":[{"Value":"\"a\""}]}},
{"Action":"CREATE","ResourceRecordSet":{"Name":"t.example.com.","Type":"TXT","TTL":61,
"ResourceRecords":[{"Value":"\"\\101;b\" \"c\""}]}}]}`,
			want: "replace *.example.com A 300: 192.0.2.1 | 192.0.2.2\nremove t.example.com TXT: \"a\"\n" +
				`replace t.example.com TXT 61 fresh: "A;b" "c"`,
		},
		{ // as the input of the CLI; the same RRset before and after a deletion
			text: `{"HostedZoneId":"Z1","ChangeBatch":{"Comment":null,"Changes":[` +
				set(`"Name":"a.example.com","Type":"A","TTL":300,"ResourceRecords":[{"Value":"192.0.2.1"}]`) +
				`,{"Action":"DELETE","ResourceRecordSet":{"Name":"a.example.com","Type":"A"}},` +
				set(`"Name":"a.example.com","Type":"A","TTL":60,"ResourceRecords":[{"Value":"192.0.2.1"}]`) + `]}}`,
			want: "replace a.example.com A 300: 192.0.2.1\nremove a.example.com A\nreplace a.example.com A 60: 192.0.2.1",
		},
		{
			text: `{"Changes":[` + set(`"Name":"example.com","Type":"A","AliasTarget":{"HostedZoneId":"Z2",`+
				`"DNSName":"D1.cloudfront.net.","EvaluateTargetHealth":false}`) + `]}`,
			want:  "replace example.com A alias d1.cloudfront.net",
			notes: "f:1:13: example.com is an alias: its DNS host answers with the addresses of d1.cloudfront.net",
		},
		{
			text: `{"Changes":[` + set(`"Name":"w.example.com","Type":"A","SetIdentifier":"blue","Weight":1,"TTL":60,`+
				`"ResourceRecords":[{"Value":"192.0.2.1"}]`) + `]}`,
			want:  "open w.example.com: " + oneOfSeveral,
			notes: "f:1:13: w.example.com A: " + oneOfSeveral,
		},
	} {
		s, err := Read("f", []byte(tt.text), "example.com", false)
		compare(t, s, err, tt.want)
		if s == nil {
			continue
		}
		if strings.Join(s.Notes, "\n") != tt.notes {
			t.Errorf("notes %q", s.Notes)
		}
		holds(t, s, "example.com")
	}
	s, err := Read("f", []byte(`{"ResourceRecordSets":[{"Name":"a.example.com.","Type":"A","TTL":60,`+
		`"ResourceRecords":[{"Value":"192.0.2.1"}]}]}`), "example.com", true) // what is there now, as a whole zone
	compare(t, s, err, "replace a.example.com A 60: 192.0.2.1")

	for text, want := range map[string]string{
		`{"Changes":[{"Action":"REPLACE"}]}`: `f:1:13: the action "REPLACE" is none of CREATE, UPSERT and DELETE`,
		`{"Changes":[]}`:                     "f: the JSON has no records",
		//
		"{\"Changes\":[\n" + set(`"Name":"a.example.org","Type":"A","TTL":60,"ResourceRecords":[{"Value":"192.0.2.1"}]`) +
			"]}": "f:2:48: a.example.org is not in the zone example.com",
		//
		`{"Changes":[` + set(`"Name":"a.example.com","Type":"TXT","TTL":60,"ResourceRecords":[{"Value":"v=spf1 -all"}]`) +
			"]}": `f:1:126: "v=spf1 -all": Route 53 takes a TXT value in quotation marks`,
		`{"Changes":[` + set(`"Name":"a.example.com","Type":"A","TTL":60,"ResourceRecords":[]`) + "]}"://
		"f:1:114: the record of a.example.com has no ResourceRecords",
		//
		`{"Changes":[` + set(`"Name":"a.example.com","Type":"A","TTL":-1,"ResourceRecords":[{"Value":"192.0.2.1"}]`) +
			"]}": `f:1:93: "-1" is not a TTL`,
		//
		`{"Changes":[` +
			set(`"Name":"a.example.com","Type":"A","ResourceRecords":[{"Value":"192.0.2.1\nb A 192.0.2.2"}]`) +
			"]}": "f:1:115: the value has a line break",
		`{"Changes":[` + set(`"Name":"a.example.com","Type":"QQ"`) +
			"]}": `f:1:83: "QQ" is not a type of records`,
		`{"Changes":[{"Action":"UPSERT"`:                 "f:1:31: the JSON ends in its middle\nand maybe more",
		`{"Changes":[x]}`:                                "f:1:13: this is not valid JSON\nand maybe more",
		`{"Changes":[` + strings.Repeat("[", 200) + `]}`: "f:1:114: the JSON is nested too deeply\nand maybe more",
		`{"Changes":[]} x`:                               "f: the JSON has no records",
	} {
		s, err := Read("f", []byte(text), "example.com", false)
		wantMistakes(t, s, err, want)
	}
	for _, more := range []string{"{", "x", "]", `"`} {
		s, err = Read("f",
			[]byte(`{"Changes":[{"Action":"DELETE","ResourceRecordSet":{"Name":"a.example.com","Type":"A"}}]} `+
				more), "example.com", false)
		wantMistakes(t, s, err, "f:1:91: there is more after the end of the JSON")
	}
}

func TestOctoDNS(t *testing.T) {
	t.Parallel()
	s, err := Read("dir/example.com.yaml", []byte(`---
? ''
: - type: A
    ttl: 60
    values: [192.0.2.1, 192.0.2.2]
  - type: MX
    ttl: 300
    values:
    - {exchange: mx1.example.net., preference: 10}
    - {value: mx2.example.net., priority: 20}
  - {type: CAA, ttl: 60, value: {flags: 0, tag: issue, value: amazon.com}}
'*': {type: CNAME, ttl: 60, value: www.example.net.}
_srv._tcp: {type: SRV, ttl: 60, value: {priority: 0, weight: 1, port: 443, target: a.example.net.}}
txt:
  type: TXT
  ttl: 60
  values: ['v=DKIM1\; k=rsa', 'a "b" \c']
h:
  type: HTTPS
  ttl: 60
  value: {svcpriority: 1, targetname: ., svcparams: {alpn: [h2, h3]}}
p: {type: A, ttl: 60, value: 192.0.2.9, octodns: {cloudflare: {proxied: true}}}
`), "", false)
	compare(t, s, err, `replace example.com A 60: 192.0.2.1 | 192.0.2.2
replace example.com MX 300: 10 mx1.example.net. | 20 mx2.example.net.
replace example.com CAA 60: 0 issue "amazon.com"
replace *.example.com CNAME 60: www.example.net.
replace _srv._tcp.example.com SRV 60: 0 1 443 a.example.net.
replace txt.example.com TXT 60: "v=DKIM1; k=rsa" | "a \"b\" \\c"
replace h.example.com HTTPS 60: 1 . alpn="h2,h3"
replace p.example.com A 60 proxied: 192.0.2.9`)
	wantNotes(t, s, "proxied by Cloudflare", "octoDNS deletes what its file leaves out")
	if s != nil && (s.Zone != "example.com" || s.Edits[0].Where.String() != "dir/example.com.yaml:3:5") {
		t.Errorf("zone %q, first edit at %s", s.Zone, s.Edits[0].Where)
	}
	s, err = Read("records.yml", []byte(`
base: &base {ttl: 60, type: A, value: 192.0.2.1}
other: *base
merged: {<<: *base, value: 192.0.2.2}
www: {type: ALIAS, ttl: 60, value: d1.cloudfront.net.}
out: {type: A, value: 192.0.2.3, octodns: {ignored: true}}
fwd: {type: URLFWD, ttl: 60, value: {path: /}}
nodot: {type: CNAME, value: d1.cloudfront.net}
shop.example.com: {type: A, ttl: 60, value: 192.0.2.3, geo: {EU: [192.0.2.4]}}
`), "example.com", true)
	compare(t, s, err, `replace base.example.com A 60: 192.0.2.1
replace other.example.com A 60: 192.0.2.1
replace merged.example.com A 60: 192.0.2.2
replace www.example.com A 60 alias d1.cloudfront.net
replace www.example.com AAAA 60 alias d1.cloudfront.net
replace nodot.example.com CNAME: d1.cloudfront.net.
replace shop.example.com.example.com A 60: 192.0.2.3
open out.example.com: octoDNS ignores the record, or has it for some providers only
open fwd.example.com: octoDNS's "URLFWD" is no type of the DNS`)
	wantNotes(t, s, "www.example.com is an alias", "out.example.com A: octoDNS ignores the record",
		`octoDNS's "URLFWD"`,
		`octoDNS refuses "d1.cloudfront.net" without a dot`, "records without a ttl have the default",
		`"shop.example.com" is shop.example.com.example.com`, "depend on who asks")

	for text, want := range map[string]string{
		"a:\n  type: A\n": "f.yaml:1:1: the A record of a.example.com has no value",
		"a:\n  value: 192.0.2.1\n": `f.yaml:1:1: "a" has no type: this is no record of ` +
			`octoDNS`,
		"a:\n  type: A\n  value: 192.0.2\n":     `f.yaml:3:3: "192.0.2": an A record takes an IPv4 address`,
		"a: {type: MX, value: {preference: 1}":  "f.yaml:1:1: this is not valid YAML",
		"a: {type: MX, value: {preference: 1}}": "f.yaml:1:15: the MX record has no exchange",
		"a: !include other.yaml\n": `f.yaml:1:4: the tag "!include" is not followed: put ` +
			`its content here`,
		"a: {type: A, value: 192.0.2.1}\na: {type: A}":       `f.yaml:2:1: the key "a" is there twice`,
		"a: {type: A, ttl: x, value: 192.0.2.1}":             `f.yaml:1:14: "x" is not a TTL`,
		"a: {type: A, value: \"192.0.2.1\\nb A 192.0.2.2\"}": "f.yaml:1:14: the value has a line break",
		"a: {type: Q, value: x}":                             `f.yaml:1:5: "Q" is not a type of records`,
		"- a\n- b\n": "f.yaml:1:1: this is no zone of octoDNS: it has no " +
			"names with records",
		"a: &a [*a]":                                          "",
		"x: &x [1,1,1,1,1,1,1,1,1]\n" + laughs:                "",
		strings.Repeat("a: {type: A, value: \xff\xfe}", 1):    "f.yaml:1:1: this is not valid YAML",
		"a: {type: SRV, value: {priority: 1 2, weight: 0}}\n": `f.yaml:1:16: "1 2" is not valid in a record of type SRV`,
	} {
		s, err := Read("f.yaml", []byte(text), "example.com", false)
		if want == "" {
			if err == nil || s != nil {
				t.Errorf("%q is read", text)
			}
			continue
		}
		wantMistakes(t, s, err, want)
	}
	s, err = Read("other.org.yaml", []byte("a: {type: A, value: 192.0.2.1}"), "example.com", false)
	wantMistakes(t, s, err, "other.org.yaml: the file has the name of the zone other.org, not of example.com")
	s, err = Read("sub.example.com.yaml", []byte("a: {type: A, value: 192.0.2.1}"), "example.com", false)
	wantMistakes(t, s, err,
		"sub.example.com.yaml: the file has the name of the zone sub.example.com, not of example.com")
	s, err = Read("records.yaml", []byte("a: {type: A, value: 192.0.2.1}"), "", false)
	wantMistakes(t, s, err, "records.yaml: the file does not say of which zone it is: octoDNS calls it ZONE.yaml")
}

// laughs is a file whose aliases make billions of values.
const laughs = "b: &b [*x,*x,*x,*x,*x,*x,*x,*x,*x]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d " +
	"[*c,*c,*c,*c,*c,*c,*c]\n" +
	"e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f]\n" +
	"h: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n"

func TestDNSControl(t *testing.T) {
	t.Parallel()
	const details = `[{"domain":"example.com","corrections":1,"correction_details":`
	const report = `[{"domain":"example.com","corrections":5,"correction_details":[
"\u001b[32m+ CREATE shop.example.com CNAME d1.cloudfront.net. ttl=300\u001b[0m\n` +
		`- DELETE x.example.com TXT \"a ttl=5\" ttl=300",
"± MODIFY a.example.com A (192.0.2.1 ttl=60) -> (192.0.2.2 proxy=true,flatten=false ttl=300) id=1b",
"± MODIFY c.example.com CNAME (a.example.net.) -> (b.example.net.)",
"+ CREATE k.example.com A 192.0.2.5 weight=1 line=x key= ttl=300",
"± MODIFY-TTL b.example.com TXT ttl=(1->3600) \"v=spf1\" id=a8",
"± MODIFY-TTL b.example.com TXT \"x\" ttl=(60->3600)",
"+ CREATE h.example.com HTTPS 1 . alpn=\"h2\" ttl=300",
"+ CREATE example.com ALIAS d1.cloudfront.net. ttl=300",
"+ CREATE r.example.com URL301 https://a.example/ ttl=300",
"Ensuring zone \"example.com\" exists in \"bind\""],"provider":"bind"},
{"domain":"example.com","corrections":0,"registrar":"none"},
{"domain":"other.org","corrections":1,"correction_details":["+ CREATE other.org A 192.0.2.1 ttl=300"]}]`
	s, err := Read("r", []byte(report), "example.com", false)
	compare(t, s, err, `add shop.example.com CNAME 300: d1.cloudfront.net.
remove x.example.com TXT: "a ttl=5"
remove a.example.com A: 192.0.2.1
add a.example.com A 300 proxied: 192.0.2.2
remove c.example.com CNAME: a.example.net.
add c.example.com CNAME: b.example.net.
ttl b.example.com TXT 3600
add h.example.com HTTPS 300: 1 . alpn="h2"
replace example.com A alias d1.cloudfront.net
replace example.com AAAA alias d1.cloudfront.net
open k.example.com: DNSControl's words in "192.0.2.5 weight=1 line=x key=" are not known
open r.example.com: DNSControl's "URL301" is no type of the DNS`)
	wantNotes(t, s, "is no change of a record and is left out", "changes of other domains in the report are left out",
		"example.com is an alias", `DNSControl's "URL301"`, "DNSControl's words in")
	if s != nil {
		holds(t, s, "example.com")
	}
	s, err = Read("r", []byte(`[{"domain":"example.com","corrections":0,"provider":"bind"}]`), "", false)
	compare(t, s, err, "")
	wantNotes(t, s, "the report changes no record of example.com")

	for text, want := range map[string]string{
		`[{"domain":"example.com","corrections":10,"provider":"bind"}]`: "r:1:2: the report has no records, only the " +
			"number of " +
			"changes: this version of DNSControl writes no correction_details; use a newer one, or give the new zone as " +
			"a " +
			"zone file (dnscontrol get-zones --format=zone)",
		`[{"domain":"other.org","corrections":1}]`: "r:1:12: other.org is not the zone example.com",
		`[]`:           "r:1:1: the report has no domains",
		`[1, 2]`:       "r:1:2: the JSON is none of these: " + kinds,
		`[{"a": "b"}]`: "r:1:2: the JSON is none of these: " + kinds,
		details + `["± MODIFY a.example.com A what"]}]`: `r:1:64: "what" is ` +
			`no change that is known of DNSControl`,
		details + `["+ CREATE a.example.org A 192.0.2.1 ttl=1"]}]`: "r:1:64: " +
			"a.example.org is not in the zone example.com",
		details + `["+ CREATE a.example.com A 192.0.2 ttl=1"]}]`: `r:1:64: "192.0.2": an A record takes an IPv4 address`,
	} {
		s, err := Read("r", []byte(text), "example.com", false)
		wantMistakes(t, s, err, want)
	}
	s, err = Read("r", []byte(report), "", false)
	wantMistakes(t, s, err, "r:1:1: the report has 2 domains: the zone must be named")
}
