package subject_test

import (
	"context"
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
