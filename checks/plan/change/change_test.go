package change

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// lines writes the edits of a set, one a line: "replace shop.example.com A 300: 192.0.2.1 | 192.0.2.2".
func lines(s *Set) []string {
	var out []string
	for _, e := range s.Edits {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s %s", e.Op, e.Name, map[bool]string{true: "*", false: typeName(e.Type)}[e.Type == 0])
		if e.TTL != nil {
			fmt.Fprintf(&b, " %d", *e.TTL)
		}
		if e.Proxied {
			b.WriteString(" proxied")
		}
		if e.Fresh {
			b.WriteString(" fresh")
		}
		if e.Alias != "" {
			b.WriteString(" alias " + e.Alias)
		}
		for i, rr := range e.RRs {
			b.WriteString([]string{" | ", ": "}[min(1, max(0, 1-i))])
			b.WriteString(strings.SplitN(rr.String(), "\t", 5)[4])
		}
		out = append(out, b.String())
	}
	for _, o := range s.Open {
		out = append(out, strings.TrimSpace("open "+o.Name)+": "+o.Why)
	}
	return out
}

// holds checks what every set has.
func holds(t *testing.T, s *Set, zone string) {
	t.Helper()
	for _, e := range s.Edits {
		if c, err := canonical(e.Name); err != nil || c != e.Name || !inZone(e.Name, zone) {
			t.Errorf("the name %q is not canonical, or not in %q (%v)", e.Name, zone, err)
		}
		if e.Type == 0 && e.Op != Remove && e.Op != TTL {
			t.Errorf("%+v has no type", e)
		}
		if (e.Op == TTL) != (e.TTL != nil && len(e.RRs) == 0 && e.Alias == "") && e.Op != Remove {
			t.Errorf("%+v has no records or no TTL", e)
		}
		if e.Alias != "" && e.Op != Replace || e.Op == Add && len(e.RRs) != 1 || e.Op == Remove && len(e.RRs) > 1 {
			t.Errorf("%+v has records that do not fit", e)
		}
		for _, rr := range e.RRs {
			h := rr.Header()
			if h.Name != e.Name+"." || h.Rrtype != e.Type || e.TTL != nil && h.Ttl != *e.TTL ||
				e.TTL == nil && h.Ttl != 0 {
				t.Errorf("%+v has a record of another kind: %s", e, rr)
			}
			if _, err := dns.PackRR(rr, make([]byte, 1<<16), 0, nil, false); err != nil {
				t.Errorf("%s: %v", rr, err)
			}
		}
		if e.Where.Flag == "" && e.Where.Line == 0 {
			t.Errorf("%+v has no place", e)
		}
	}
}

func compare(t *testing.T, s *Set, err error, want string) {
	t.Helper()
	if err != nil {
		t.Errorf("%v\nwant %s", err, want)
		return
	}
	if got := strings.Join(lines(s), "\n"); got != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, strings.TrimSpace(want))
	}
	recorded(t, s)
}

// recorded checks that a set is the same after it was recorded.
func recorded(t *testing.T, s *Set) {
	t.Helper()
	if s.Format == "flags" || len(s.Edits) == 0 { // flags are recorded as they are
		return
	}
	raw, err := s.Recorded()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Read(s.Edits[0].Where.File, raw, "", false)
	if err != nil {
		t.Fatalf("%v of %s", err, raw)
	}
	text := func(s *Set) string {
		var at []Position
		for _, e := range s.Edits {
			at = append(at, e.Where)
		}
		for _, o := range s.Open {
			at = append(at, o.Where)
		}
		return fmt.Sprintln(s.Format, s.Zone, s.Whole, s.Notes, at, lines(s))
	}
	if diff := cmp.Diff(text(s), text(again)); diff != "" {
		t.Errorf("a recording changes it: %s", diff)
	}
	if other, err := Read("x", raw, "elsewhere.example", false); err == nil {
		t.Errorf("records of another zone are taken: %v", lines(other))
	}
}

// wantNotes checks that each text is in a note, and that there is no note without one.
func wantNotes(t *testing.T, s *Set, want ...string) {
	t.Helper()
	if s == nil {
		return
	}
	for _, w := range want {
		if !strings.Contains(strings.Join(s.Notes, "\n"), w) {
			t.Errorf("no note has %q: %q", w, s.Notes)
		}
	}
	if len(s.Notes) != len(want) {
		t.Errorf("%d notes, want %d: %q", len(s.Notes), len(want), s.Notes)
	}
}

// wantMistakes checks that an error has exactly these lines.
func wantMistakes(t *testing.T, s *Set, err error, want ...string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || s != nil {
		t.Errorf("the error is %v, the set %v; want %q", err, s, want)
		return
	}
	if got := err.Error(); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		adds, removes, sets []string
		want                string
		notes               []string
	}{
		{
			adds: []string{"shop CNAME d1.cloudfront.net"}, removes: []string{"shop A 203.0.113.7"},
			sets: []string{"shop TTL 300"},
			want: "remove shop.example.com A: 203.0.113.7\nadd shop.example.com CNAME: d1.cloudfront.net.\n" +
				"ttl shop.example.com * 300",
		},
		{
			adds: []string{
				"shop.example.com A 192.0.2.1", "Shop.Example.COM. AAAA 2001:DB8::1", "@ MX 10 mail",
				"* A 192.0.2.1",
			},
			want: "add shop.example.com A: 192.0.2.1\nadd shop.example.com AAAA: 2001:db8::1\n" +
				"add example.com MX: 10 mail.example.com.\nadd *.example.com A: 192.0.2.1",
		},
		{
			adds: []string{
				`shop 300 IN TXT "a" "b c"`, "_acme-challenge.shop TXT abc", "t IN 1h TXT v=DKIM1; k=rsa",
				`c CAA 0 issue "amazon.com; validationmethods=dns"`, "x SVCB 1 d1.example.net. alpn=h2",
			},
			want: `add shop.example.com TXT 300: "a" "b c"
add _acme-challenge.shop.example.com TXT: "abc"
add t.example.com TXT 3600: "v=DKIM1; k=rsa"
add c.example.com CAA: 0 issue "amazon.com; validationmethods=dns"
add x.example.com SVCB: 1 d1.example.net. alpn="h2"`,
		},
		{
			removes: []string{"shop", "www A", "www2 ANY", "m MX 10 mail.example.net", "a ALIAS"},
			want: `remove shop.example.com *
remove www.example.com A
remove www2.example.com *
remove m.example.com MX: 10 mail.example.net.
remove a.example.com A
remove a.example.com AAAA`,
		},
		{
			sets: []string{"shop A 203.0.113.9", "shop A TTL 1h", "shop A 203.0.113.10"},
			want: "replace shop.example.com A: 203.0.113.9 | 203.0.113.10\nttl shop.example.com A 3600",
		},
		{
			sets: []string{"@ ALIAS d1.cloudfront.net"},
			want: "replace example.com A alias d1.cloudfront.net\nreplace example.com AAAA alias d1.cloudfront.net",
			notes: []string{
				"example.com is an alias: its DNS host answers with the addresses of d1.cloudfront.net",
			},
		},
		{
			adds:  []string{"foo.example.org A 192.0.2.1"},
			want:  "add foo.example.org.example.com A: 192.0.2.1",
			notes: []string{"foo.example.org is taken as foo.example.org.example.com"},
		},
		{ // the twin: dots alone make a name no other domain's
			adds: []string{"_dmarc.mail TXT x", "a.b A 192.0.2.1"},
			want: "add _dmarc.mail.example.com TXT: \"x\"\nadd a.b.example.com A: 192.0.2.1",
		},
		{
			adds: []string{"bücher CNAME münchen.example.net", `a\046b A 192.0.2.1`},
			want: "add xn--bcher-kva.example.com CNAME: xn--mnchen-3ya.example.net.\n" +
				`add a\.b.example.com A: 192.0.2.1`,
		},
	} {
		s, err := Flags("Example.com.", tt.adds, tt.removes, tt.sets)
		compare(t, s, err, tt.want)
		if err == nil {
			wantNotes(t, s, tt.notes...)
			holds(t, s, "example.com")
		}
	}
}

func TestFlagMistakes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 64)
	for value, want := range map[string]string{
		"shop.example.org. A 192.0.2.1": "shop.example.org is not in the zone example.com",
		"notexample.com. A 192.0.2.1":   "notexample.com is not in the zone example.com",
		"":                              "the value is empty; an example is 'shop A 203.0.113.7'",
		"a..b A 192.0.2.1":              `"a..b" has a dot at its beginning or two dots in a row`,
		"shop":                          "the record has no type",
		"shop A":                        "the A record has no value",
		"shop A 192.0.2":                `"192.0.2": an A record takes an IPv4 address`,
		"shop A 192.0.2.1 192.0.2.2":    `"192.0.2.1 192.0.2.2": an A record takes an IPv4 address`,
		"shop QQ 192.0.2.1":             `"QQ" is not a type of records`,
		"shop AXFR x":                   `"AXFR" is not a type of records`,
		"shop CH TXT x":                 "the class CH is not IN",
		"shop CNAME https://a.example/": `"https://a.example/" is a web address, not a name`,
		"https://shop.example.com A 1":  `"https://shop.example.com" is not a name: it has a ':'`,
		"shop 99999999999 A 192.0.2.1":  `a TTL is at most 2147483647 seconds (RFC 2181 8); this is "99999999999"`,
		long + " A 192.0.2.1":           `"` + long[:59] + `…" has a label of more than 63 octets (RFC 1035 2.3.4)`,
		"shop A 192.0.2.1\nx A 1":       "the value is not one line of text",
		"shop CAA 0 issue a; b=c":       `"0 issue a; b=c" has a ';' outside of quotation marks`,
		`shop TXT "a`:                   `"\"a": it is not a valid value of a record of type TXT`,
		"shop CNAME a..b":               `"a..b": a CNAME record takes a bare host name, without scheme, port or path`,
		"shop TXT \x1b[31m\u202e\"x":    "",
	} {
		s, err := Flags("example.com", []string{value}, nil, nil)
		if want == "" {
			compare(t, s, err, "add shop.example.com TXT: \"\\027[31m\\226\\128\\174\\\"x\"")
			continue
		}
		flag := Position{Flag: "--add " + value}.String()
		wantMistakes(t, s, err, flag+": "+want)
	}
	s, err := Flags("", []string{"shop A 192.0.2.1"}, nil, nil)
	wantMistakes(t, s, err, "zone: the zone of the changes is not known")
	s, err = Flags("example.com", []string{"shop A 192.0.2.1"}, []string{"shop A 192.0.2.1"}, nil)
	wantMistakes(t, s, err, "--add shop A 192.0.2.1: the same record is removed by another flag")
	s, err = Flags("example.com", nil, nil, []string{"shop TTL 60", "shop TTL 61"})
	wantMistakes(t, s, err, "--set shop TTL 61: another flag sets another TTL of the same records")
	s, err = Flags("example.com", []string{"shop A 192.0.2.1"}, []string{"shop A 192.0.2.2"}, nil) // the twin
	compare(t, s, err, "remove shop.example.com A: 192.0.2.2\nadd shop.example.com A: 192.0.2.1")

	many := make([]string, 30)
	_, err = Flags("example.com", many, nil, nil)
	if got := strings.Count(err.Error(), "\n"); got != 20 || !strings.HasSuffix(err.Error(), "\nand maybe more") {
		t.Errorf("%d lines after the first, want 20 mistakes and that there are more:\n%v", got, err)
	}
}

func TestFlagPosition(t *testing.T) {
	t.Parallel()
	_, err := Flags("example.com", []string{"bücher A 192.0.2.300"}, nil, nil)
	var e *Error
	if !errors.As(err, &e) || e.Mistakes[0].Where.Column != 10 {
		t.Errorf("%+v is not at character 10", err)
	}
}
