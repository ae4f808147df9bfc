package probe

import (
	"strings"
	"testing"

	"domdoc/checks/probe/exchange"
)

func TestRegistrable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"a registered name", "example.com", "example.com"},
		{"a name below it", "_verify.shop.example.com", "example.com"},
		{"letters in any case", "Shop.EXAMPLE.Com", "example.com"},
		{"a final dot", "shop.example.com.", "example.com"},
		{"a wildcard", "*.example.com", "example.com"},
		{"a wildcard further down", "*.shop.example.com.", "example.com"},
		{"a wildcard of an ending", "*.com", ""},
		{"an ending", "com", ""},
		{"an ending with a dot", "com.", ""},
		{"an ending of two labels", "co.uk", ""},
		{"below an ending of two labels", "shop.example.co.uk", "example.co.uk"},
		{"below the upper of the two", "example.uk", "example.uk"},
		{"the private section: a name that somebody has registered", "github.io", "github.io"},
		{"the private section: a tenant of it", "foo.github.io", "github.io"},
		{"the private section: a registry sells names below it", "shop.example.uk.com", "example.uk.com"},
		{"the private section: a name that a registry has sold", "example.de.com", "example.de.com"},
		{"the private section: the registry's own name", "uk.com", "uk.com"},
		{"the private section: no registry", "shop.myapp.herokuapp.com", "herokuapp.com"},
		{"the private section: many labels", "bucket.s3.eu-west-1.amazonaws.com", "amazonaws.com"},
		{"the private section below an ending of two labels", "myshop.blogspot.co.uk", "blogspot.co.uk"},
		{"a wildcard rule", "x.kawasaki.jp", ""},
		{"below a wildcard rule", "shop.example.x.kawasaki.jp", "example.x.kawasaki.jp"},
		{"an exception of a wildcard rule", "city.kawasaki.jp", "city.kawasaki.jp"},
		{"below the exception", "www.city.kawasaki.jp", "city.kawasaki.jp"},
		{"every label below is an ending", "example.ck", ""},
		{"but for one", "www.ck", "www.ck"},
		{"an ending that nobody knows", "shop.northwind.example", "northwind.example"},
		{"an ending that nobody knows, alone", "example", ""},
		{"an IDN ending in its ASCII form", "xn--85x722f.xn--fiqs8s", "xn--85x722f.xn--fiqs8s"},
		{"below an IDN ending of two labels", "www.shishi.xn--55qx5d.cn", "shishi.xn--55qx5d.cn"},
		{"nothing", "", ""},
		{"a reverse name", "1.2.0.192.in-addr.arpa", "192.in-addr.arpa"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Registrable(tt.in); got != tt.want {
				t.Errorf("Registrable(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestRegistrableRoot(t *testing.T) {
	t.Parallel()
	if got := Registrable("."); got != "" {
		t.Errorf("Registrable(\".\") = %q", got)
	}
}

// FuzzRegistrable: whatever comes in, what comes out is the end of it, has a dot, and is its own registrable part.
func FuzzRegistrable(f *testing.F) {
	for _, s := range []string{
		"shop.example.co.uk", "a.b.kawasaki.jp", "foo.github.io.", "..", ".com", "com.", "*.x",
		"a..b", "\x00.\xff", "192.0.2.1", "[::1]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := Registrable(in)
		if got == "" {
			return
		}
		if !strings.Contains(got, ".") || !strings.HasSuffix(exchange.Bare(in), got) {
			t.Errorf("Registrable(%q) = %q", in, got)
		}
		if again := Registrable(got); again != got && !strings.HasPrefix(got, "*.") {
			t.Errorf("Registrable(%q) = %q, of that %q", in, got, again)
		}
	})
}
