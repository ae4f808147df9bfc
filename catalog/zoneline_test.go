package catalog

import (
	"strings"
	"testing"
)

func TestZoneLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r    Record
		want string
	}{
		{
			Record{Name: "_verify.shop.example.com", Type: "TXT", Value: "tok-1", TTL: 300},
			`_verify.shop.example.com. 300 IN TXT "tok-1"`,
		},
		{
			Record{Name: "shop.example.com.", Type: "CNAME", Value: "d1.cloudfront.net"},
			`shop.example.com. IN CNAME d1.cloudfront.net.`,
		},
		{
			Record{Name: "example.com", Type: "MX", Value: "10 mail.example.com"},
			`example.com. IN MX 10 mail.example.com.`,
		},
		{
			Record{Name: "example.com", Type: "CAA", Value: `0 issue "amazon.com"`, TTL: 60},
			`example.com. 60 IN CAA 0 issue "amazon.com"`,
		},
		{Record{Name: "example.com", Type: "A", Value: "192.0.2.1"}, `example.com. IN A 192.0.2.1`},
		{Record{Name: "example.com", Type: "TXT", Value: `say "hi" \o/`}, `example.com. IN TXT "say \"hi\" \\o/"`},
		{Record{Name: "example.com", Type: "TXT"}, `example.com. IN TXT ""`},
		{
			Record{Name: "example.com", Type: "TXT", Value: strings.Repeat("a", 256)},
			`example.com. IN TXT "` + strings.Repeat("a", 255) + `" "a"`,
		},
		{
			Record{Name: "example.com", Type: "TXT", Value: strings.Repeat("界", 100)},
			`example.com. IN TXT "` + strings.Repeat("界", 85) + `" "` + strings.Repeat("界", 15) + `"`,
		},
	} {
		if got := c.r.ZoneLine(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	for n := range 1200 { // every piece fits, and joined they are the text
		s := strings.Repeat("aé界", n/6) + strings.Repeat("x", n%6)
		got := pieces(s, 255)
		for _, p := range got {
			if len(p) > 255 {
				t.Fatalf("a piece of %d octets from a text of %d", len(p), len(s))
			}
		}
		if strings.Join(got, "") != s {
			t.Fatalf("the pieces of %d octets do not join to the text", len(s))
		}
	}
}
