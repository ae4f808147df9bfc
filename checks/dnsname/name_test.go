package dnsname

import (
	"strings"
	"testing"
)

// TestParse checks names as people paste them.
func TestParse(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]Name{
		"Shop.Example.com.":          {ASCII: "shop.example.com", Unicode: "shop.example.com"},
		"shop.example.com\u3002":     {ASCII: "shop.example.com", Unicode: "shop.example.com"},
		"shop\uff0eexample\uff61com": {ASCII: "shop.example.com", Unicode: "shop.example.com"},
		"\uff53hop.example.com":      {ASCII: "shop.example.com", Unicode: "shop.example.com"},
		"\u3000shop.example.com":     {ASCII: "shop.example.com", Unicode: "shop.example.com"},
		"\uff0a.example.com":         {ASCII: "*.example.com", Unicode: "*.example.com", Wildcard: true},
		// a joiner after a virama, and a non-joiner between letters that would join (RFC 5892 appendix A)
		"\u0dc1\u0dca\u200d\u0dbb\u0dd3.com": {
			ASCII: "xn--10cl1a0b660p.com", Unicode: "\u0dc1\u0dca\u200d\u0dbb\u0dd3.com", Other: "xn--10cl1a0b.com",
		},
		"\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com": {
			ASCII: "xn--mgba3gch31f060k.com", Unicode: "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com",
			Other: "xn--mgba3gch31f.com",
		},
		"stra\u00dfe.de":      {ASCII: "xn--strae-oqa.de", Unicode: "stra\u00dfe.de", Other: "strasse.de"},
		"STRA\u1e9eE.DE":      {ASCII: "xn--strae-oqa.de", Unicode: "stra\u00dfe.de", Other: "strasse.de"},
		"xn--strae-oqa.de":    {ASCII: "xn--strae-oqa.de", Unicode: "stra\u00dfe.de", Other: "strasse.de"},
		"STRASSE.de":          {ASCII: "strasse.de", Unicode: "strasse.de"},
		"m\u00fcller.example": {ASCII: "xn--mller-kva.example", Unicode: "m\u00fcller.example"},
	} {
		got, err := Parse(typed)
		if err != nil {
			t.Errorf("%q: %v", typed, err)
			continue
		}
		if got.ASCII != want.ASCII || got.Unicode != want.Unicode || got.Wildcard != want.Wildcard ||
			got.Other != want.Other {
			t.Errorf("%q: %+v, want %+v", typed, got, want)
		}
	}
}

// TestParseErrors checks what is refused, and the name that was probably meant.
func TestParseErrors(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]struct{ problem, meant string }{
		"https://shop.example.com/x":                        {"it is a URL", "shop.example.com"},
		"https\uff1a\uff0f\uff0fshop.example.com\uff0fpath": {"it is a URL", "shop.example.com"},
		"shop.example.com\uff1a8080": {
			"a colon at position 17: omit the port",
			"shop.example.com",
		},
		"shop.example.com\uff0fpath": {"at position 17: omit the path", "shop.example.com"},
		"me\uff20example.com":        {"an @ at position 3", "example.com"},
		"shop.example.com..":         {"two dots", "shop.example.com"},
		"shop.example.com\u3002.":    {"two dots", "shop.example.com"},
		"sh\u200dop.example.com": {
			"a hidden character (U+200D) at position 3",
			"shop.example.com",
		},
		"shop.example.com\u200b":       {"a hidden character (U+200B)", "shop.example.com"},
		"\u201cshop.example.com\u201d": {"a quotation mark (U+201C) at position 1", "shop.example.com"},
		"\u00abshop.example.com\u00bb": {"a quotation mark (U+00AB) at position 1", "shop.example.com"},
		"\"shop.example.com\"":         {"at position 1", "shop.example.com"},
		"(shop.example.com)":           {"at position 1", "shop.example.com"},
		"shop.example.com,":            {"at position 17", "shop.example.com"},
		"mailto:me@shop.example.com":   {"a colon at position 7: it looks like an e-mail address", "shop.example.com"},
		"https:shop.example.com":       {"a colon at position 6: it looks like a URL", "shop.example.com"},
		"xn--.example":                 {"a label of its international form is empty", ""},
		"www.xn--.com":                 {"a label of its international form is empty", ""},
		"sh\u2100p.example":            {"its international form has the character '/'", ""},
		"https://\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com/": {"it is a URL", "xn--mgba3gch31f060k.com"},
	} {
		n, err := Parse(typed)
		e, ok := err.(*ParseError) //nolint:errorlint // Parse promises this very type
		if !ok {
			t.Errorf("%q: %+v, %v; want an error with %q", typed, n, err, want.problem)
			continue
		}
		if !strings.Contains(e.Problem, want.problem) || e.Meant != want.meant {
			t.Errorf("%q: %s, meant %q; want %q, %q", typed, e.Problem, e.Meant, want.problem, want.meant)
		}
	}
}

// TestPasted checks what is read from a text that is no name: the name in it, if it has one as it is, or that it is no
// attempt at a name. Neither applies to a name with a mistake.
func TestPasted(t *testing.T) {
	t.Parallel()
	const no, mistake = "no name", "a mistake"
	for typed, want := range map[string]string{
		"https://shop.example.com/cart?x=1#y":               "shop.example.com",
		"HTTPS://Shop.Example.COM:8443":                     "shop.example.com",
		"https://user:secret@shop.example.com/":             "shop.example.com",
		"https\uff1a\uff0f\uff0fshop.example.com\uff0fpath": "shop.example.com",
		"https:shop.example.com":                            "shop.example.com",
		"//shop.example.com/x":                              "shop.example.com",
		"shop.example.com/":                                 "shop.example.com",
		"shop.example.com:443":                              "shop.example.com",
		"shop.example.com:":                                 "shop.example.com",
		"shop.example.com..":                                "shop.example.com",
		"shop.example.com\u3002\u3002":                      "shop.example.com",
		"\"shop.example.com\"":                              "shop.example.com",
		"<shop.example.com>,":                               "shop.example.com",
		"\u201eshop.example.com\u201c":                      "shop.example.com",
		"https://m\u00dcller.example/":                      "xn--mller-kva.example",
		"https://mu\u0308ller.example/":                     "xn--mller-kva.example",
		"https://stra\u00dfe.de/":                           "xn--strae-oqa.de",

		"": no, "  ": no, "192.0.2.1": no, "2001:db8::1": no, "[::1]:80": no, "192.0.2.1:80": no, "[2001:db8::1]": no,
		"https://192.0.2.1/x": no, "http://[::1]:8080/": no, "http://localhost/": no, "http://localhost:3000": no,
		"file:///etc/passwd": no, "/etc/passwd": no, "./names.txt/": no, "me@example.com": no,
		"mailto:me@example.com": no, "git@github.com:a/b.git": no, "https://": no,

		"shop example.com": mistake, "sh\u200dop.example.com": mistake, "shop..example.com": mistake,
		"https://sh\u200dop.example.com/": mistake, "https://-shop.example.com/": mistake, ".example.com": mistake,
		"xn--.example": mistake, "shop.123": mistake, "shop": mistake, "a.com,b.com": mistake,
		strings.Repeat("a", 64) + ".example.com": mistake,
	} {
		_, err := Parse(typed)
		e, ok := err.(*ParseError) //nolint:errorlint // Parse promises this very type
		if !ok {
			t.Errorf("%q: %v", typed, err)
			continue
		}
		got := mistake
		if n, ok := e.Pasted(); ok {
			got = n.ASCII
		} else if e.NoName() {
			got = no
		}
		if got != want {
			t.Errorf("%q: %s, want %s (%v)", typed, got, want, err)
		}
	}
}

func TestParent(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"shop.example.com": "example.com", "com": "", "": "",
		`a\.b.example.com`:   "example.com", // a dot in a label
		`a\\.example.com`:    "example.com", // a backslash at the end of one
		`a\\\.b.example.com`: "example.com", // both
		`a\`:                 "",
	} {
		if got := Parent(name); got != want {
			t.Errorf("the parent of %q is %q, not %q", name, got, want)
		}
	}
}
