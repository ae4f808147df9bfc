package change

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, format := range allFormats {
		name, text := large(format, 3)
		s, err := Read(name, []byte(text), "example.com", false)
		if err != nil || s.Format != format || len(s.Edits) != 3 {
			t.Errorf("%s: %v, %+v", format, err, s)
		}
	}
	for _, tt := range []struct{ name, text, want string }{
		{"f", "", "f: the file is empty"},
		{"f", " \n\t\n", "f: the file is empty"},
		{"f", "Hello world\nthis is no zone.\n", "f: the file is none of these: " + kinds},
		{"f", "<!DOCTYPE html>\n<html></html>\n", "f: the file is none of these: " + kinds},
		{"f", "type,name,content\nA,shop,192.0.2.1\n", "f: the file is none of these: " + kinds},
		{"f", `{"a":1}`, "f:1:1: the JSON is none of these: " + kinds},
		{
			"main.tf", "resource \"aws_route53_record\" \"x\" {\n}\n",
			"main.tf: this is a Terraform configuration; give its plan: " +
				"terraform plan -out=FILE, then terraform show -json FILE",
		},
		{
			"dnsconfig.js", "D('example.com', REG)\n",
			"dnsconfig.js: this is JavaScript; of DNSControl, give the report of " +
				"dnscontrol preview --report=FILE",
		},
		{
			"f", "PK\x03\x04abc",
			"f: the file is an archive; of a Terraform plan, give the output of terraform show -json FILE",
		},
		{"f", "\xff\xfea\x00 \x00", "f: the file is UTF-16; save it as UTF-8"},
		{"f", "a\x00 \x00A\x00", "f: the file is UTF-16; save it as UTF-8"},
		{"f", "\xfe\xff\x00a", "f: the file is UTF-16; save it as UTF-8"},
		{"f", "a 60 A 192.0.2.1\nb \x00", "f:2:3: the file is not text: it has a zero byte"},
		{"f\x1b[31m\u202e", "x", "f·[31m·: the file is none of these: " + kinds},
	} {
		s, err := Read(tt.name, []byte(tt.text), "example.com", false)
		wantMistakes(t, s, err, tt.want)
	}
	s, err := Read("f", []byte("a 60 A 192.0.2.1\n"), "exa mple..com", false)
	wantMistakes(t, s, err, `f: the name of the zone: "exa mple..com" has a dot at its beginning or two dots in a row`)
}

// TestHostile has texts that would change a terminal in each place that an error or a note quotes.
func TestHostile(t *testing.T) {
	t.Parallel()
	const bad = "\x1b]0;x\x07\u202e"
	for _, text := range []string{
		"a 60 A " + bad + "\n", "a 60 " + bad + " x\n", bad + " 60 A 192.0.2.1\n", "$" + bad + " x\na 60 A 192.0.2.1\n",
		"$TTL " + bad + "\na A 192.0.2.1\n", "a 60 TXT " + bad + ";x\n", "a 60 CNAME " + bad + ".cloudfront.net\n",
		"update add " + bad + " 60 A 192.0.2.1\n", "update " + bad + " x\n", "zone " + bad + "\n",
		"a: {type: \"\\e[31m\", value: 1}\n", "\"\\e[31m\": {value: 1}\n", "a: {type: CNAME, value: \"\\e[31m.x\"}\n",
		`{"Changes":[{"Action":"\u001b[31m"}]}`,
		`[{"domain":"example.com","corrections":1,"correction_details":["\u001b]x"]}]`,
		`{"Changes":[{"Action":"UPSERT","ResourceRecordSet":{"Name":"\u001b.example.com","Type":"A","TTL":1,` +
			`"ResourceRecords":[{"Value":"\u001b"}]}}]}`,
	} {
		said := ""
		s, err := Read("f", []byte(text), "example.com", false)
		if err != nil {
			said = err.Error()
		} else {
			said = strings.Join(s.Notes, "\n")
			for _, o := range s.Open {
				said += o.Why
			}
		}
		if !clean(said) {
			t.Errorf("%q: %q is not safe to print", text, said)
		}
	}
}

func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
	})
}

// addresses are the lines of nsupdate for a name with many addresses.
func addresses(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "add a.example.com 300 A 192.0.%d.%d\n", i/256, i%256)
	}
	return b.String()
}

// TestLarge reads 100,000 records, and refuses more than 200,000.
func TestLarge(t *testing.T) {
	t.Parallel()
	name, text := large("zone", 100_000)
	s, err := Read(name, []byte(text), "example.com", true)
	if err != nil {
		t.Fatal(err)
	}
	if last := s.Edits[len(s.Edits)-1]; len(s.Edits) != 100_000 || last.Name != "h99999.example.com" ||
		last.Where.Line != 100_002 || len(s.Notes) > 0 {
		t.Errorf("%d edits, the last %+v; notes %q", len(s.Edits), last, s.Notes)
	}
	many := strings.Repeat("del a.example.com\n", MaxRecords+1)
	s, err = Read("u", []byte(many), "example.com", false)
	wantMistakes(t, s, err, "u:200001:5: more than 200000 records\nand maybe more")
	_, err = Read("u", []byte(addresses(4000)), "example.com", false)
	if err != nil {
		t.Errorf("an RRset that fits: %v", err)
	}
	s, err = Read("u", []byte(addresses(4200)), "example.com", false)
	wantMistakes(t, s, err, "u:4096:1: the A records of a.example.com do not fit in a DNS message, which has at most "+
		"65535 octets (RFC 1035 4.2.2)")
	s, err = Read("z", make([]byte, MaxBytes+1), "example.com", false)
	wantMistakes(t, s, err, "z: the file has more than 64 MB")
}

// TestNotesAreBounded has a note for each of its records.
func TestNotesAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "h%d 60 CNAME d1.cloudfront.net\n", i)
	}
	s, err := Read("z", []byte(b.String()), "example.com", false)
	if err != nil || len(s.Notes) != maxNotes+1 || s.Notes[maxNotes] != "and 150 more" {
		t.Errorf("%v: %d notes, the last %q", err, len(s.Notes), s.Notes[len(s.Notes)-1])
	}
}

func FuzzRead(f *testing.F) {
	for _, format := range allFormats {
		name, text := large(format, 2)
		f.Add(name, text, "example.com")
	}
	f.Add("z", "$ORIGIN example.com.\n$TTL 1h\n@ SOA a b ( 1 ; x\n 2 3 4 5 )\n$GENERATE 1-3/2 h${0,3,d} CNAME x\nt "+
		"TXT \"a\\\"\" \\052\n", "")
	f.Add("u", "zone example.com\nprereq nxdomain a.\nupdate delete a.example.com. ANY\nupdate delete b.example.com "+
		"NONE A 1.2.3.4\n", "")
	f.Add("f", tfPlan(tfChange("aws_route53_record.a", `"delete","create"`,
		`"name":"a","type":"A","records":["192.0.2.1"],"zone_id":"Z1"`,
		`"name":"b","type":"TXT","records":["x"],"zone_id":"Z1"`, `,"after_unknown":{"records":[true]}`)), "example.com")
	f.Add("f", `{"Changes":[{"Action":"UPSERT","ResourceRecordSet":{"Name":"\\052.example.com","Type":"A",`+
		`"AliasTarget":{"DNSName":"a.b"}}}]}`, "example.com")
	f.Add("f", `[{"domain":"example.com","corrections":1,"correction_details":["± MODIFY a.example.com A (1.1.1.1 `+
		`ttl=1) -> (1.1.1.2 ttl=2)"]}]`, "")
	f.Add("example.com.yaml",
		"'': &a\n  - {type: MX, values: [{preference: 1, exchange: a.}]}\nb: *a\nc: {<<: {type: A}, value: 192.0.2.1}\n",
		"")
	f.Fuzz(func(t *testing.T, name, text, zone string) {
		s, err := Read(name, []byte(text), zone, false)
		if err != nil {
			var e *Error
			if s != nil || !errors.As(err, &e) || len(e.Mistakes) == 0 || len(e.Mistakes) > maxMistakes {
				t.Fatalf("set %v, error %v", s, err)
			}
			if !clean(err.Error()) {
				t.Fatalf("%q is not safe to print", err)
			}
			return
		}
		if len(s.Notes) > maxNotes+1 || !clean(strings.Join(s.Notes, "\n")) {
			t.Fatalf("the notes are not safe to print: %q", s.Notes)
		}
		if !slices.Contains(allFormats, s.Format) {
			t.Fatalf("format %q", s.Format)
		}
		within, err := zoneName(zone)
		if err != nil || within == "" {
			within = s.Zone
		}
		holds(t, s, within)
	})
}
