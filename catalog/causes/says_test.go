package causes_test

import (
	"strings"
	"testing"

	"domdoc/catalog"
	"domdoc/catalog/causes"
)

// TestWhoSaid: the words of a ticket are quoted as its own, unaltered for every reader; those of the service as the
// service's.
func TestWhoSaid(t *testing.T) {
	t.Parallel()
	const text = `"421"? I get "One or more of the CNAMEs you provided are already associated with a different resource"`
	said := causes.Said{Domain: "shop.example.com", Code: "DOMAIN_021", Text: text}
	for _, tt := range []struct {
		ticket       bool
		status       string
		want, wanted string
	}{
		{false, "FAILED", `the service reports DOMAIN_021 and the CDN status FAILED: `, ""},
		{false, "", `the service reports DOMAIN_021: `, ""},
		{true, "FAILED", `the service reports the CDN status FAILED, and the ticket says `, "DOMAIN_021"},
		{true, "", `the ticket says `, "the service"},
	} {
		said.Ticket, said.Status = tt.ticket, tt.status
		why := causes.CDNAliasTaken.With(said).Why()
		if want := tt.want + catalog.Quote(text); why != want {
			t.Errorf("%q, want %q", why, want)
		}
		if tt.wanted != "" && strings.Contains(why, tt.wanted) {
			t.Errorf("%q attributes the words of the ticket to the service", why)
		}
		for _, as := range catalog.Audiences() {
			if got := (catalog.Reader{As: as}).Words(why); got != why {
				t.Errorf("for %s: %q, want %q", as, got, why)
			}
		}
	}
	if got := (catalog.Reader{As: catalog.ForSupport}).Words(`you see "a \"b\" you" and your "c" you`); got !=
		`the customer sees "a \"b\" you" and the customer's "c" the customer` {
		t.Errorf("outside of quotes: %q", got)
	}
}
