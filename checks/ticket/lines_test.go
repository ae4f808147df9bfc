package ticket_test

import (
	"slices"
	"strings"
	"testing"

	"domdoc/checks/ticket"

	"github.com/google/go-cmp/cmp"
)

// TestNamesOnSeveralLines reads texts whose domains stand on other lines than their code or error. "left" are the
// names that are not diagnosed.
func TestNamesOnSeveralLines(t *testing.T) {
	t.Parallel()
	tenant := tenantList(ticket.IDMissing, "d-1 shop.a.com", "d-2 shop.b.com", "d-3 shop.c.com")
	for _, tt := range []struct {
		name, text, want string
		// alone is what is read without a service; empty: the same.
		alone string
	}{
		{
			name: "a sentence that was wrapped", text: "shop.a.com\nand shop.b.com show DOMAIN_004",
			want: "shop.a.com DOMAIN_004; shop.b.com DOMAIN_004",
		},
		{
			name: "an enumeration before an error",
			text: "URGENT. All offline since today: shop.a.com, shop.b.com\nand shop.c.com. Browser: " +
				"DNS_PROBE_FINISHED_BAD_CONFIG / \"server IP address could not be found\". Are you down?",
			want: "shop.a.com DNS_PROBE_FINISHED_BAD_CONFIG; shop.b.com DNS_PROBE_FINISHED_BAD_CONFIG; " +
				"shop.c.com DNS_PROBE_FINISHED_BAD_CONFIG",
		},
		{
			name: "an enumeration after a code", text: "DOMAIN_010 for shop.a.com,\nshop.b.com and\nshop.c.com",
			want: "shop.a.com DOMAIN_010; shop.b.com DOMAIN_010; shop.c.com DOMAIN_010",
		},
		{
			name: "other languages", text: "Fehler DOMAIN_010 bei shop.a.com\nund shop.b.com sowie DOMAIN_004",
			want: "shop.a.com DOMAIN_010 DOMAIN_004; shop.b.com DOMAIN_010 DOMAIN_004",
		},
		{
			name: "a list below the code", text: "These fail with DOMAIN_004:\n\n- shop.a.com\n- shop.b.com\n\n- shop.c.com\n",
			want: "shop.a.com DOMAIN_004; shop.b.com DOMAIN_004; shop.c.com DOMAIN_004",
		},
		{
			name: "a numbered list above the code", text: "1. shop.a.com\n2. shop.b.com\nDOMAIN_004 on both",
			want: "shop.a.com DOMAIN_004; shop.b.com DOMAIN_004",
		},
		{
			name: "a line each, and the code below",
			text: "shop.a.com is down since Monday.\nshop.b.com too.\nWe see DOMAIN_004.",
			want: "shop.a.com DOMAIN_004; shop.b.com DOMAIN_004",
		},
		{
			name: "a paragraph each, and the code below",
			text: "shop.a.com is down.\n\nshop.b.com is down too.\n\nWe see DOMAIN_004.",
			want: "shop.a.com; shop.b.com DOMAIN_004",
		},
		{
			name: "one that has no code does not work either",
			text: "shop.a.com had DOMAIN_004 last week. Now shop.b.com does not work either, please help.",
			want: "shop.a.com DOMAIN_004; shop.b.com",
		},
		{
			name: "another language", text: "shop.a.com: DOMAIN_004.\n\nAuch shop.b.com lädt nicht mehr.",
			want: "shop.a.com DOMAIN_004; shop.b.com",
		},
		{
			name: "one that is only named", text: "shop.a.com: DOMAIN_004.\n\nAnd what about shop.b.com?",
			want: "shop.a.com DOMAIN_004; shop.b.com", alone: "shop.a.com DOMAIN_004; left shop.b.com",
		},
		{
			name: "names below a heading, with empty lines",
			text: "Domain verification failed\nfor the following domains\n\nshop.a.com\n\nshop.b.com\n\nshop.c.com\n\nThanks",
			want: "shop.a.com DOMAIN_004; shop.b.com DOMAIN_004; shop.c.com DOMAIN_004",
		},
		{
			name: "names below a colon, with empty lines", text: "DOMAIN_010:\nshop.a.com\n\nshop.b.com\n\nshop.c.com",
			want: "shop.a.com DOMAIN_010; shop.b.com DOMAIN_010; shop.c.com DOMAIN_010",
		},
		{
			name: "twin: a list of each code", text: "DOMAIN_010\nshop.a.com\n\nshop.b.com\n\nDOMAIN_004\n\nshop.c.com",
			want: "shop.a.com DOMAIN_010; shop.b.com DOMAIN_010; shop.c.com DOMAIN_004",
		},
		{
			name: "one that the tenant does not have", text: "DOMAIN_004 shop.a.com. Now www.other.com does not load either.",
			want: "shop.a.com DOMAIN_004; left www.other.com; open www.other.com", alone: "shop.a.com DOMAIN_004; www.other.com",
		},
		{
			name: "twin: a host that is said to fail for the domain",
			text: "DOMAIN_004 shop.a.com.\n\nThe request to www.other.com failed for shop.a.com.",
			want: "shop.a.com DOMAIN_004; left www.other.com", alone: "shop.a.com DOMAIN_004; www.other.com",
		},
		{
			name:  "one that the tenant does not have, beside one that it has",
			text:  "DOMAIN_004 shop.a.com.\n\nNow shop.b.com and www.other.com are down too.",
			want:  "shop.a.com DOMAIN_004; shop.b.com; left www.other.com; open www.other.com",
			alone: "shop.a.com DOMAIN_004; shop.b.com; www.other.com",
		},
		{
			name: "twin: one that works again", text: "DOMAIN_004 shop.a.com. Thanks, shop.b.com works again!",
			want: "shop.a.com DOMAIN_004; left shop.b.com",
		},
		{
			name: "the same error for two", text: "shop.a.com ERR_SSL_PROTOCOL_ERROR\nshop.b.com ERR_SSL_PROTOCOL_ERROR",
			want: "shop.a.com ERR_SSL_PROTOCOL_ERROR; shop.b.com ERR_SSL_PROTOCOL_ERROR",
		},
		{
			name: "two codes on two lines", text: "DOMAIN_019 for shop.a.com, error 500.\nAnd shop.b.com: ERR_CERT_DATE_INVALID",
			want: "shop.a.com DOMAIN_019; shop.b.com NET::ERR_CERT_DATE_INVALID",
		},
		{
			name: "twin: lines of a log", text: "shop.a.com\nshop.b.com DOMAIN_004",
			want: "shop.a.com; shop.b.com DOMAIN_004", alone: "shop.b.com DOMAIN_004; left shop.a.com",
		},
		{
			name: "twin: CSV in which one has no code", text: "domain,code\nshop.a.com,\nshop.b.com,DOMAIN_004\n",
			want: "shop.a.com; shop.b.com DOMAIN_004", alone: "shop.b.com DOMAIN_004; left shop.a.com",
		},
		{
			name: "twin: CSV in which one is verified", text: "shop.a.com,VERIFIED,\nshop.b.com,PENDING,DOMAIN_004\n",
			want: "shop.b.com DOMAIN_004; left shop.a.com",
		},
		{
			name: "twin: a table in which one has no code",
			text: "| shop.a.com | VERIFIED | - |\n| shop.b.com | PENDING | DOMAIN_004 |",
			want: "shop.b.com DOMAIN_004; left shop.a.com",
		},
		{
			name: "twin: another paragraph says that one works", text: "DOMAIN_010 shop.a.com\n\nUnlike that, shop.b.com works.",
			want: "shop.a.com DOMAIN_010; left shop.b.com",
		},
		{
			name: "twin: a domain of somebody else", text: "DOMAIN_010 shop.a.com\nset up like on www.other.com",
			want: "shop.a.com DOMAIN_010; left www.other.com",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, readAs(t, tt.text, tenant)); diff != "" {
				t.Errorf("with a service: %s", diff)
			}
			want := tt.alone
			if want == "" {
				want = tt.want
			}
			if diff := cmp.Diff(want, readAs(t, tt.text, ticket.Lookup[string]{})); diff != "" {
				t.Errorf("without a service: %s", diff)
			}
		})
	}
}

// readAs writes the domains of a text, each with its codes and errors, sorted.
func readAs(t *testing.T, text string, lookup ticket.Lookup[string]) string {
	t.Helper()
	read := ticket.Read(text)
	resolved, err := ticket.Resolve(&read, lookup)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range resolved.Matches {
		name := m.Name
		if m.Found {
			name = strings.Fields(m.Domain)[1]
		}
		for _, r := range m.Reported {
			name += " " + r.Code
		}
		out = append(out, strings.Join(append([]string{name}, m.Errors...), " "))
	}
	slices.Sort(out)
	for _, n := range resolved.Left {
		out = append(out, "left "+n)
	}
	for _, n := range resolved.Open {
		out = append(out, "open "+n)
	}
	return strings.Join(out, "; ")
}
