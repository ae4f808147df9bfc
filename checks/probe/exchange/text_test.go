package exchange

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// throughTheWire sends the strings of a TXT record through miekg's packer and parser and joins what comes out.
func throughTheWire(t testing.TB, parts ...string) string {
	t.Helper()
	wire := append([]byte{0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0}, 0, 0, 16, 0, 1, 0, 0, 0, 60)
	size := 0
	for _, p := range parts {
		size += len(p) + 1
	}
	wire = append(wire, byte(size>>8), byte(size))
	for _, p := range parts {
		wire = append(append(wire, byte(len(p))), p...)
	}
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		t.Fatal(err)
	}
	return JoinTXT(m.Answer[0].(*dns.TXT).Txt)
}

func TestJoinTXT(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for i := range 255 {
		all.WriteByte(byte(i))
	}
	for _, parts := range [][]string{
		{"tok-1"},
		{"v=spf1 ", "include:_spf.example ", "~all"},
		{""},
		{"", "", "a"},
		{`"quoted"`},
		{`back\slash`, `\`},
		{`\`, `065`}, // an escape must not be made of two strings
		{`\065`},
		{"a\\", "\"b"},
		{"tab\t", "nul\x00", "\xff\xfe", "é"},
		{"1", "2", "3\\"},
		{all.String(), "\xff"},
		{strings.Repeat("x", 255), strings.Repeat("y", 255)},
	} {
		if got := throughTheWire(t, parts...); got != strings.Join(parts, "") {
			t.Errorf("%q came back as %q", parts, got)
		}
	}
	for in, want := range map[string]string{
		`\`: `\`, `a\`: `a\`, `\1`: "1", `\12`: "12", `\128`: "\x80", `\\`: `\`,
		`\"`: `"`, `\12a`: "12a", "": "",
	} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzJoinTXT(f *testing.F) {
	f.Add("v=spf1 ", "-all")
	f.Add(`\`, `065"`)
	f.Add("\x00", "\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = a[:min(len(a), 255)], b[:min(len(b), 255)]
		if got := throughTheWire(t, a, b); got != a+b {
			t.Errorf("%q, %q came back as %q", a, b, got)
		}
		_ = unescape(a + b) // whatever it makes of what no parser wrote, it must not break
	})
}

func TestRData(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"A.example. 1 CNAME Target.Example.":      "a.example 1 CNAME target.example",
		"a.example. 1 NS Ns1.Example.":            "a.example 1 NS ns1.example",
		"a.example. 1 MX 10 Mail.Example.":        "a.example 1 MX 10 mail.example",
		"a.example. 1 MX 0 .":                     "a.example 1 MX 0 .",
		"a.example. 1 A 192.0.2.1":                "a.example 1 A 192.0.2.1",
		"a.example. 1 AAAA 2001:DB8::1":           "a.example 1 AAAA 2001:db8::1",
		`a.example. 1 TXT "a b" "c;d"`:            "a.example 1 TXT a bc;d",
		`a.example. 1 CAA 0 issue "amazon.com"`:   `a.example 1 CAA 0 issue "amazon.com"`,
		"a.example. 1 SOA n. h. 1 2 3 4 5":        "a.example 1 SOA n. h. 1 2 3 4 5",
		". 1 NS a.root-servers.net.":              ". 1 NS a.root-servers.net",
		"a.example. 1 SRV 1 2 443 Target.Example": "a.example 1 SRV 1 2 443 Target.Example.",
	} {
		rr, err := dns.NewRR(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := FormatRR(rr); got != want {
			t.Errorf("%s\nis shown as %q, want\n%q", in, got, want)
		}
	}
}

// TestUnknownType: a record of a type that the parser does not know is shown in the form of RFC 3597.
func TestUnknownType(t *testing.T) {
	t.Parallel()
	rr, err := dns.NewRR(`a.example. 1 IN TYPE65280 \# 2 AB01`)
	if err != nil {
		t.Fatal(err)
	}
	if got := RData(rr); got != `\# 2 AB01` {
		t.Errorf("shown as %q", got)
	}
}

// TestMappedAddress: an AAAA record that holds an IPv4-mapped address is not an IPv4 address; a sweep's two ways of
// reading must agree on it.
func TestMappedAddress(t *testing.T) {
	t.Parallel()
	rr := &dns.AAAA{
		Hdr:  dns.RR_Header{Name: "a.example.", Rrtype: dns.TypeAAAA, Class: dns.ClassINET},
		AAAA: netip.MustParseAddr("::ffff:192.0.2.1").AsSlice(),
	}
	if got := RData(rr); got != "::ffff:192.0.2.1" {
		t.Errorf("shown as %s", got)
	}
}

func TestBare(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Shop.Example.": "shop.example", "shop.example": "shop.example", ".": ".",
		"": "",
	} {
		if got := Bare(in); got != want {
			t.Errorf("Bare(%q) = %q", in, got)
		}
	}
}

func TestEDE(t *testing.T) {
	t.Parallel()
	m := new(dns.Msg)
	if EDE(m) != "" {
		t.Error("an extended error without EDNS")
	}
	if _, ok := EDECode(nil); ok {
		t.Error("an extended error without a message")
	}
	m.SetEdns0(1232, false)
	if _, ok := EDECode(m); ok || EDE(m) != "" {
		t.Error("an extended error without the option")
	}
	opt := m.IsEdns0()
	opt.Option = []dns.EDNS0{
		&dns.EDNS0_COOKIE{Cookie: "00"},
		&dns.EDNS0_EDE{InfoCode: 22, ExtraText: "at delegation example"},
	}
	if code, ok := EDECode(m); !ok || code != 22 || EDE(m) != "22 (No Reachable Authority): at delegation example" {
		t.Errorf("%d, %q", code, EDE(m))
	}
	opt.Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: 60000}}
	if EDE(m) != "60000 ()" {
		t.Logf("an unknown code is shown as %q", EDE(m))
	}
}

func TestInZone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, zone string
		want       bool
	}{
		{"example.com", "example.com", true},
		{"shop.example.com", "example.com", true},
		{"shop.example.com", ".", true},
		{"myexample.com", "example.com", false},
		{"com", "example.com", false},
		{`a\.example.com`, "example.com", false}, // a dot in a label
		{`a\\.example.com`, "example.com", true}, // a backslash at the end of one
		{`a\\\.example.com`, "example.com", false},
		{`a\.b.example.com`, "example.com", true},
	} {
		if got := InZone(tt.name, tt.zone); got != tt.want {
			t.Errorf("%s in %s: %t", tt.name, tt.zone, got)
		}
	}
}
