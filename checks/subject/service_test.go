package subject_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"domdoc/api"
	"domdoc/checks/subject"
)

// TestEntryExchange reads the tenant's list twice at the same time: each domain is listed by the first call of its
// page.
func TestEntryExchange(t *testing.T) {
	t.Parallel()
	s := subject.NewService(nil, "")
	one, two := s.Listing(t.Context()), s.Listing(t.Context())
	turn := func(ctx context.Context, id string) {
		subject.OnExchange(ctx, api.Exchange{Operation: api.OpDomains, HTTPStatus: 200, RequestID: id})
	}
	want := func(name, id string) {
		t.Helper()
		x := s.EntryExchange(name)
		if x == nil || x.HTTP.Header.Get("X-Request-Id") != id {
			t.Errorf("%s is listed by %+v, want %s", name, x, id)
		}
	}
	turn(one, "one-1")
	s.Remember(one, api.Domain{Name: "a.example"})
	turn(two, "two-1")
	s.Remember(two, api.Domain{Name: "a.example"})
	s.Remember(two, api.Domain{Name: "b.example"})
	turn(two, "two-2")
	s.Remember(one, api.Domain{Name: "b.example"}) // after the other reading went on
	s.Remember(two, api.Domain{Name: "c.example"})
	turn(one, "one-2")
	s.Remember(one, api.Domain{Name: "c.example"})
	want("a.example", "one-1")
	want("b.example", "one-1")
	want("c.example", "two-2")
	s.Remember(t.Context(), api.Domain{Name: "d.example"})
	if x := s.EntryExchange("d.example"); x != nil {
		t.Errorf("d.example is listed by %+v", x)
	}
}

// TestFindContinues: lookups of several names read each page of the list once. A domain that has moved to an earlier
// page meanwhile is found.
func TestFindContinues(t *testing.T) {
	t.Parallel()
	list := []string{"a.example", "b.example", "c.example", "d.example", "e.example", "f.example"}
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil {
			t.Error(err)
		}
		asked = append(asked, r.URL.Query().Get("page"))
		var items []string
		for _, name := range list[min(len(list), 2*(page-1)):min(len(list), 2*page)] {
			items = append(items, fmt.Sprintf(`{"id":"d-%s","domain":%q}`, name, name))
		}
		fmt.Fprintf(w, `{"data":[%s],"meta":{"hasNext":%t}}`, strings.Join(items, ","), 2*page < len(list))
	}))
	defer srv.Close()
	client, err := api.New(api.Config{BaseURL: srv.URL, Token: "t", Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	s := subject.NewService(client, "")
	find := func(name string, want bool, pages ...string) {
		t.Helper()
		asked = nil
		d, found, err := s.Find(t.Context(), name)
		if err != nil || found != want || found && d.Name != name || !slices.Equal(asked, pages) {
			t.Errorf("%s: %v, %t, %v after pages %v, want %t after %v", name, d.Name, found, err, asked, want, pages)
		}
	}
	find("b.example", true, "1")
	find("a.example", true)
	find("d.example", true, "2")
	list = list[1:] // e.example moves to page 2
	find("e.example", true, "3", "1", "2")
	find("f.example", true)
	find("g.example", false, "3", "1", "2", "3")
	find("h.example", false)
}
