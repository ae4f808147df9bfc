package dashboard

import (
	"slices"
	"strings"
	"testing"

	"domdoc/api"
	"domdoc/checks/ticket"
	"domdoc/ui/dashboard/action"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/ticketview"

	tea "github.com/charmbracelet/bubbletea"
)

// TestPasteLikeTriage: the box reads what domdoc triage reads, by the same function: hosts of a zone, several mails,
// errors of other software, what is no code.
func TestPasteLikeTriage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want, unclear string }{
		"the only domain in the zone": {"www.curlew.example says DOMAIN_004", "shop.curlew.example DOMAIN_004", ""},
		"a code in words": {
			"Domain verification failed for curlew.example", "shop.curlew.example DOMAIN_004",
			"",
		},
		"text recognition": {"D0MAIN_0O4 shop.curlew.example", "shop.curlew.example DOMAIN_004", ""},
		"which of two": {
			"www.heron.example says DOMAIN_010", "",
			"app.heron.example and shop.heron.example",
		},
		"one of two is named": {
			"www.heron.example, that is shop.heron.example: DOMAIN_010",
			"shop.heron.example DOMAIN_010", "",
		},
		"broken by a mail program": {"> shop.cur=\n> lew.example: DOMAIN=5F011", "shop.curlew.example DOMAIN_011", ""},
		"a twin: another's zone":   {"www.merle.example says DOMAIN_004", "www.merle.example DOMAIN_004", ""},
		"two mails": {
			"From: a@b.example\nSubject: one\n\nDOMAIN_004 shop.curlew.example\n\nFrom: c@d.example\nSubject: two\n\n" +
				"DOMAIN_010 shop.heron.example\n", "shop.curlew.example DOMAIN_004, shop.heron.example DOMAIN_010", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil)
			for id, name := range map[string]string{
				"d-1": "shop.curlew.example", "d-2": "shop.heron.example", "d-3": "app.heron.example",
			} {
				b.Domains.Add(inventory.NewRow(api.Domain{ID: id, Name: name}, noon))
			}
			b.Domains.Add(inventory.NamedRow("other.merle.example", "")) // not the tenant's
			x := ticketview.Resolve(&b.Domains, ticket.ReadAll(c.text), true)
			var got []string
			for i, r := range x.Rows {
				s := r.ASCII
				for _, code := range x.Codes[i] {
					s += " " + code.Code
				}
				got = append(got, s)
			}
			slices.Sort(got)
			if strings.Join(got, ", ") != c.want {
				t.Errorf("found %q, want %q", got, c.want)
			}
			if unclear := strings.Join(x.Unclear, "\n"); (unclear != "") != (c.unclear != "") ||
				!strings.Contains(unclear, c.unclear) {
				t.Errorf("unclear: %q, want %q", unclear, c.unclear)
			}
			if c.unclear != "" {
				if again := ticketview.Resolve(&b.Domains, ticket.ReadAll(c.text), false); len(again.Unclear) > 0 {
					t.Error("a list that is not complete yet decides what is in a zone")
				}
			}
		})
	}
}

// TestPasteSaysSomething: a text that names no domain is not answered with nothing.
func TestPasteSaysSomething(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.send(tea.WindowSizeMsg{Width: 100, Height: 40})
	b.send(pasted("Error 526, DOMAIN_007 and DOMAIN_024"))
	b.press("enter")
	b.shows("does not name a domain", "INSUFFICIENT_FUNDS", "Cloudflare 526", "DOMAIN_024 is not an error code")
	if b.Screen.Scope() != action.ScopePaste {
		t.Errorf("at %s", b.Screen.Scope())
	}
	b.press("ctrl+u")
	b.send(pasted("Error 1014: CNAME Cross-User Banned\nwww.fabrikam.example"))
	b.press("enter")
	if b.Screen.Scope() != action.ScopeTicket {
		t.Fatalf("at %s", b.Screen.Scope())
	}
	b.shows("the ticket shows Cloudflare 1014", "shop.fabrikam.example is, in the same")
}
