package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"domdoc/catalog"
)

// TestPhrases: each known text names causes and codes that exist, says what it means and where it was read, and is
// found with each of its codes, and without one.
func TestPhrases(t *testing.T) {
	t.Parallel()
	for _, p := range catalog.Phrases() {
		first := strings.Join(append(slices.Clone(p.Texts), p.Patterns...), "; ")
		cause, ok := catalog.FindCause(string(p.Cause))
		if !ok {
			t.Errorf("%q: there is no cause %s", first, p.Cause)
			continue
		}
		if p.Meaning == "" || len(p.Steps) == 0 || p.Source == "" || len(p.Codes) == 0 {
			t.Errorf("%q is incomplete: %+v", first, p)
		}
		explains := false
		for _, code := range p.Codes {
			if _, ok := catalog.FindCode(code); !ok {
				t.Errorf("%q: there is no code %s", first, code)
			}
			explains = explains || slices.Contains(catalog.CausesOf(code), cause)
		}
		if !explains && cause.NoCode == "" {
			t.Errorf("%q: %s predicts none of %v", first, p.Cause, p.Codes)
		}
		for _, text := range p.Texts {
			for _, said := range []string{text, strings.ToUpper(text), strings.ReplaceAll(text, " ", "_")} {
				for _, code := range append(slices.Clone(p.Codes), "") {
					got, ok := catalog.FindPhrase(said, code)
					if c, _ := catalog.FindCode(code); letters(said) == letters(c.Name) ||
						letters(said) == letters(c.Description) {
						continue // the code's own words
					}
					if !ok || got.Cause != p.Cause {
						t.Errorf("%q with %q: %v %s, want %s", said, code, ok, got.Cause, p.Cause)
					}
				}
			}
		}
	}
}

func letters(s string) string {
	return strings.NewReplacer(" ", "", "_", "", ".", "", "-", "").Replace(strings.ToLower(s))
}

func TestFindPhrase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ message, code, want string }{
		{"CNAMEAlreadyExists: One or more of the CNAMEs you provided are already associated with a different resource. " +
			"(Service: CloudFront, Status: 409)", "DOMAIN_021", "cdn.alias-taken"},
		{"CNAMEAlreadyExists", "DOMAIN_018", ""}, // no reason for that code
		{"caa_error", "", "certificate.failed"},
		{"CAA  Error", "DOMAIN_023", "certificate.failed"},
		{"OTHER", "DOMAIN_023", "certificate.failed"},
		{"one or other server failed", "DOMAIN_023", ""}, // too short to be looked for in a sentence
		{"The domain was created less than 60 days ago", "DOMAIN_016", "registration.transfer-refused"},
		{"The domain was created 160 days ago", "DOMAIN_016", ""},
		{"160 days ago; the last transfer was 60 days ago", "DOMAIN_016", "registration.transfer-refused"},
		{"", "DOMAIN_021", ""},
		{"…", "", ""},
		{"the operation failed", "", ""},
	} {
		p, ok := catalog.FindPhrase(tt.message, tt.code)
		if string(p.Cause) != tt.want || ok != (tt.want != "") {
			t.Errorf("%q with %q: %q, want %q", tt.message, tt.code, p.Cause, tt.want)
		}
	}
	for _, c := range catalog.Codes() { // the code's own words say nothing more
		for _, said := range []string{c.Name, c.Description} {
			if p, ok := catalog.FindPhrase(said, c.ID); ok {
				t.Errorf("%s: %q is taken for %s", c.ID, said, p.Cause)
			}
		}
	}
}
