package rdata

import (
	"strings"
	"testing"
)

func TestParseCAAIssue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ value, issuer, fault string }{
		{"amazon.com", "amazon.com", ""},
		{"\t Amazon.COM \t", "amazon.com", ""},
		{"", "", ""},
		{" ", "", ""},
		{";", "", ""},
		{" ; \t", "", ""},
		{"amazon.com;", "amazon.com", ""},
		{"amazon.com; ", "amazon.com", ""},
		{"amazon.com; a=b", "amazon.com", ""},
		{"amazon.com ; a = b=c ; d-1 = ", "amazon.com", ""},
		{"; a=b", "", ""},
		{"xn--bcher-kva.example", "xn--bcher-kva.example", ""},
		{"amazon.com; a_b=1", "amazon.com", `in the parameter name "a_b", the character '_' (U+005F) at position 14`},
		{"amazon.com; a=b;", "amazon.com", "a semicolon that no parameter follows"},
		{"amazon.com; a=b;; c=d", "amazon.com", "a semicolon that no parameter follows"},
		{"amazon.com; policy", "amazon.com", `the parameter "policy" has no equals sign`},
		{"amazon.com; =1", "amazon.com", `the parameter "=1" has no name`},
		{"amazon.com; -a=1", "amazon.com", `the parameter name "-a" begins or ends with a hyphen`},
		{"amazon.com; a=b c", "amazon.com", `in the value of the parameter "a", a space (U+0020) at position 16`},
		{"amazon.com; a=é", "amazon.com", `in the value of the parameter "a", the character 'é' (U+00E9) at position 15`},
		{"amazon.com.", "amazon.com.", `the authority's name "amazon.com." ends in a dot`},
		{"amazon..com", "amazon..com", `the authority's name "amazon..com" has an empty label`},
		{"-amazon.com", "-amazon.com", `the label "-amazon" begins or ends with a hyphen`},
		{
			"amazon.com letsencrypt.org", "amazon.com letsencrypt.org",
			"in the authority's name, a space (U+0020) at position 11",
		},
		{"amazon.com, pki.goog", "amazon.com, pki.goog", "at position 11"},
		{"https://amazon.com", "https://amazon.com", "at position 6"},
		{"amazon.com\u00a0", "amazon.com\u00a0", "a no-break space (U+00A0) at position 11"},
		{"ama\xffzon.com", "ama\xffzon.com", "at position 4"},
	} {
		got := ParseCAAIssue(tt.value)
		if got.Issuer != strings.ToLower(tt.issuer) && tt.fault == "" || tt.fault == "" != (got.Fault == "") ||
			!strings.Contains(got.Fault, tt.fault) {
			t.Errorf("%q: issuer %q, fault %q", tt.value, got.Issuer, got.Fault)
		}
	}
}
