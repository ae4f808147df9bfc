package ticket_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"domdoc/checks/ticket"
)

// tenantList is a lookup over domains "ID NAME"; ids that are not in it have the given status.
func tenantList(missing ticket.IDStatus, domains ...string) ticket.Lookup[string] {
	find := func(word string) (string, bool) {
		i := slices.IndexFunc(domains, func(d string) bool { return slices.Contains(strings.Fields(d), word) })
		if i < 0 {
			return "", false
		}
		return domains[i], true
	}
	return ticket.Lookup[string]{
		ByID: func(id string) (string, ticket.IDStatus, error) {
			if d, ok := find(id); ok {
				return d, ticket.IDFound, nil
			}
			return "", missing, nil
		},
		ByName: find,
		Names:  strings.Fields,
	}
}

func TestResolveTicket(t *testing.T) {
	t.Parallel()
	none := ticket.Lookup[string]{}
	for _, tt := range []struct {
		name   string
		text   string
		lookup ticket.Lookup[string]
		want   []string // "found|id|name: codes"
	}{
		{
			"an id that the tenant has", `{"code":"DOMAIN_004","path":"/domains/v1/d-1/verify"}`,
			tenantList(ticket.IDMissing, "d-1 shop.fabrikam.com"),
			[]string{"d-1 shop.fabrikam.com||: DOMAIN_004"},
		},
		{
			"an id and a name of the same domain",
			`{"code":"DOMAIN_004","path":"/domains/v1/d-1/verify"} for shop.fabrikam.com`,
			tenantList(ticket.IDMissing, "d-1 shop.fabrikam.com"),
			[]string{"d-1 shop.fabrikam.com||: DOMAIN_004"},
		},
		{
			"an unknown id without a name", `{"code":"DOMAIN_004","path":"/domains/v1/d-9"}`,
			tenantList(ticket.IDMissing, "d-1 shop.fabrikam.com"),
			[]string{"|d-9|: DOMAIN_004"},
		},
		{
			"an unknown id beside a name", `DOMAIN_004 shop.fabrikam.com (/domains/v1/d-9)`,
			tenantList(ticket.IDMissing, "d-1 shop.fabrikam.com"),
			[]string{"d-1 shop.fabrikam.com||: DOMAIN_004"},
		},
		{
			"an id outside a list that is read in part", `DOMAIN_004 www.contoso.com /domains/v1/d-9`,
			tenantList(ticket.IDUnlisted, "d-1 shop.fabrikam.com"),
			[]string{"|d-9|: DOMAIN_004"},
		},
		{
			"a failed lookup falls back to the name", `DOMAIN_004 www.contoso.com /domains/v1/d-9`,
			tenantList(ticket.IDFailed),
			[]string{"||www.contoso.com: DOMAIN_004"},
		},
		{"no service", `DOMAIN_010 shop.fabrikam.com`, none, []string{"||shop.fabrikam.com: DOMAIN_010"}},
		{"no code", `what about shop.fabrikam.com?`, none, []string{"||shop.fabrikam.com: "}},
		{
			"each domain with its code", "DOMAIN_010 shop.fabrikam.com\nDOMAIN_004 shop.contoso.com", none,
			[]string{"||shop.fabrikam.com: DOMAIN_010", "||shop.contoso.com: DOMAIN_004"},
		},
		{
			"a domain without a code is left out",
			"DOMAIN_010 shop.fabrikam.com\n\nUnlike that, shop.contoso.com works.",
			tenantList(ticket.IDMissing, "d-1 shop.fabrikam.com", "d-2 shop.contoso.com"),
			[]string{"d-1 shop.fabrikam.com||: DOMAIN_010"},
		},
		{"no domain", "DOMAIN_010 again", none, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			read := ticket.Read(tt.text)
			resolved, err := ticket.Resolve(&read, tt.lookup)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range resolved.Matches {
				var codes []string
				for _, r := range m.Reported {
					codes = append(codes, r.Code)
				}
				got = append(got, fmt.Sprintf("%s|%s|%s: %s", m.Domain, m.ID, m.Name, strings.Join(codes, " ")))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestIDs finds a domain by its id, however the ticket has it; the twins are words that are no id.
func TestIDs(t *testing.T) {
	t.Parallel()
	tenant := tenantList(ticket.IDMissing, "d-one shop.a.com", "d-two shop.b.com")
	tenant.ByWord = func(word string) (string, bool) {
		if strings.Contains(word, ".") {
			return "", false
		}
		return tenant.ByName(word)
	}
	for text, want := range map[string]string{
		"domain_id=d-one code=DOMAIN_004":                                 "shop.a.com DOMAIN_004",
		`{"errorCode":"DOMAIN_004","domainId":"d-two"}`:                   "shop.b.com DOMAIN_004",
		`{"errorCode":"DOMAIN_004","id":"d-two"}`:                         "shop.b.com DOMAIN_004",
		"d-one DOMAIN_004\nd-two DOMAIN_010":                              "shop.a.com DOMAIN_004; shop.b.com DOMAIN_010",
		"my e-mail about shop.b.com and DOMAIN_004":                       "shop.b.com DOMAIN_004",
		"the domain id-card of shop.b.com has DOMAIN_004, domain_id=none": "shop.b.com DOMAIN_004",
	} {
		if got := readAs(t, text, tenant); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestMisreadCodes reads codes as text recognition, mail programs and keyboards change them; the twins have none.
func TestMisreadCodes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"DOMAlN 0l1 shop.a.com":               "shop.a.com DOMAIN_011",
		"SSL_lSSUANCE_FAlLED on shop.a.com":   "shop.a.com DOMAIN_011",
		"> DOMAIN_0\n> 11 for shop.a.com":     "shop.a.com DOMAIN_011",
		"> DOMAIN_01\n> 1 for shop.a.com":     "shop.a.com DOMAIN_011",
		"DOMAIN_٠١١ shop.a.com":               "shop.a.com DOMAIN_011",
		"DOMAIN_۰۰۴ shop.a.com":               "shop.a.com DOMAIN_004",
		"DOMAIN_4\n10 shops like shop.a.com":  "shop.a.com DOMAIN_004",
		"all lists of shop.a.com, domain lst": "shop.a.com",
	} {
		if got := readAs(t, text, ticket.Lookup[string]{}); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestResolveEndsWithTheLookupsError(t *testing.T) {
	t.Parallel()
	read := ticket.Read(`{"code":"DOMAIN_004","path":"/domains/v1/d-1"}`)
	down := errors.New("the service is down")
	l := tenantList(ticket.IDMissing)
	l.ByID = func(string) (string, ticket.IDStatus, error) { return "", ticket.IDFailed, down }
	if _, err := ticket.Resolve(&read, l); !errors.Is(err, down) {
		t.Errorf("got error %v, want %v", err, down)
	}
}
