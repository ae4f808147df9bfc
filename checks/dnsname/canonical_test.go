package dnsname

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

var canonicalNames = []string{
	"d1.example.com", "_verify.shop.example.com", "a-b.example", "a.b.c.d.e.example", "1.2.example", "0x7f.example",
	strings.Repeat("a", 63) + ".example", strings.Repeat("abcdefg.", 30) + "example",
}

var otherNames = []string{
	"", ".", "com", "a..example", ".a.example", "a.example.", "-a.example", "a-.example", "Shop.example", "1.2.3.4",
	"a.example1", "a.1", "xn--bcher-kva.example", "ab--cd.example", "a.xn--p1ai", "*.a.example", " a.example",
	"bücher.example", "a b.example", "a.example/", "::1", "fe80::1", strings.Repeat("a", 64) + ".example",
	strings.Repeat("abcdefg.", 32) + "example",
}

// TestCanonical: what most lists have is read at once, and the rest is not.
func TestCanonical(t *testing.T) {
	t.Parallel()
	for _, s := range canonicalNames {
		if !isCanonical(s) {
			t.Errorf("%s is not canonical", s)
		}
	}
	for _, s := range otherNames {
		if isCanonical(s) {
			t.Errorf("%s is canonical", s)
		}
	}
}

// FuzzCanonical: a canonical name is read as parse reads it.
func FuzzCanonical(f *testing.F) {
	for _, s := range canonicalNames {
		f.Add(s)
	}
	for _, s := range otherNames {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !isCanonical(s) {
			return
		}
		n, err := parse(s)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := (Name{ASCII: s, Unicode: s}); !reflect.DeepEqual(n, want) {
			t.Fatalf("%q: %+v, want %+v", s, n, want)
		}
	})
}

// BenchmarkParse is a name of a long list.
func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		if _, err := Parse(fmt.Sprintf("d%d.bench.example", i%1000)); err != nil {
			b.Fatal(err)
		}
	}
}
