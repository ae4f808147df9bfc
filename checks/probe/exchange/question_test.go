package exchange

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// TestPack: a question is written as the library writes it, whatever the name and the flags.
func TestPack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	names := []string{
		".", "example", "shop.example.", `a\.b.example`, `a\ b.example.`, `\000\255.example`,
		`back\\slash.example`, strings.Repeat(strings.Repeat("x", 61)+".", 4) + "abcde",
	}
	dirty := bytes.Repeat([]byte{0xff}, 96)
	for i := range 2000 {
		name, rrtype, flags, edns := names[i%len(names)], uint16(1+r.IntN(300)), r.IntN(8), r.IntN(2) == 0
		got, qend, err := AppendQuestion(dirty[:0], name, rrtype, flags, edns)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		m := new(dns.Msg).SetQuestion(dns.Fqdn(name), rrtype)
		m.Id, m.RecursionDesired, m.CheckingDisabled = 0, flags&FlagRD != 0, flags&FlagCD != 0
		if edns {
			m.SetEdns0(ednsSize, flags&FlagDO != 0)
		}
		want, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) || qend != QuestionEnd(got) {
			t.Fatalf("%q type %d flags %d EDNS %v:\n%x, the question ends at %d\n%x", name, rrtype, flags, edns, got, qend,
				want)
		}
	}
}

// TestPackPlain: names without escapes are written as the library writes them, and those that it refuses are not.
func TestPackPlain(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	refused := 0
	for range 3000 {
		var name []byte
		for range r.IntN(5) {
			name = append(name, bytes.Repeat([]byte{'x'}, []int{0, 1, 5, 62, 63, 64}[r.IntN(6)])...)
			name = append(name, '.')
		}
		if name = append(name, "example"...); r.IntN(2) == 0 {
			name = append(name, '.')
		}
		want := make([]byte, 400)
		end, err := dns.PackDomainName(dns.Fqdn(string(name)), want, 12, nil, false)
		got := make([]byte, 400)
		n := packPlain(string(name), got, 12)
		switch {
		case err != nil:
			if refused++; n != 0 {
				t.Fatalf("%q was written: %v", name, err)
			}
		case n != end || !bytes.Equal(got[:n], want[:end]):
			t.Fatalf("%q: %x, want %x", name, got[:n], want[:end])
		}
	}
	if refused == 0 || refused == 3000 {
		t.Errorf("%d names were refused", refused)
	}
}

func TestParseType(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]uint16{
		"a": 1, " AAAA ": 28, "cname": 5, "CAA": 257, "TYPE257": 257, "type65280": 65280, "TYPE1": 1, "HTTPS": 65,
		"": 0, "ANY": 0, "axfr": 0, "OPT": 0, "TYPE0": 0, "TYPE65536": 0, "TYPE01": 0, "TYPE": 0, "TYPE 1": 0,
		"TYPE-1": 0, "TYPE1x": 0, "B": 0, "A;AAAA": 0, "None": 0, "Reserved": 0,
	} {
		got, err := ParseType(in)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d, %v; want %d", in, got, err, want)
		}
	}
}

// TestParseTypeByNumber: what cannot be asked by name cannot be asked by number either.
func TestParseTypeByNumber(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"TYPE255", "TYPE252", "TYPE251", "TYPE41", "TYPE250"} {
		if n, err := ParseType(in); err == nil {
			t.Errorf("%s is taken as %d", in, n)
		}
	}
}

// utf8Safe tells a text that can go to a terminal: errors quote what they name.
func utf8Safe(s string) bool { return !strings.ContainsAny(s, "\x00\x07\x1b\x7f\r\n") }

func FuzzParseType(f *testing.F) {
	for _, s := range []string{"A", "aaaa", "TYPE257", "type0", "TYPE65536", "ANY", "", "\x00", "TYPE٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		n, err := ParseType(in)
		if err != nil {
			if n != 0 || !utf8Safe(err.Error()) {
				t.Errorf("%q: %d, %q", in, n, err)
			}
			return
		}
		again, err := ParseType(TypeName(n))
		if n == 0 || again != n && !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(in)), "TYPE") {
			t.Errorf("%q is %d, which is written %q and read as %d (%v)", in, n, TypeName(n), again, err)
		}
	})
}
