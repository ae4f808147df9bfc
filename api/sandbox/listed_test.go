package sandbox

import (
	"slices"
	"testing"

	"domdoc/api"
)

// TestListed limits the tenant's list, in the order given; other stories' domains are still there by id. A story that
// does not exist is an error.
func TestListed(t *testing.T) {
	t.Parallel()
	stories := []string{"healthy-txt", "name-doubled", "on-hold"}
	b := start(t, Options{Only: stories, Listed: []string{"on-hold", "healthy-txt"}, Quota: -1})
	client, err := api.New(api.Config{BaseURL: b.URL(), Token: b.Token()})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var got []string
	for d, err := range client.Domains(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.ID)
	}
	if !slices.Equal(got, []string{"d-on-hold", "d-healthy-txt"}) {
		t.Errorf("the list has %v", got)
	}
	if d, err := client.Domain(t.Context(), "d-name-doubled"); err != nil || d.Name != "shop.fabrikam.example" {
		t.Errorf("a domain that is not listed: %v (%v)", d, err)
	}
	if b, err := Start(Options{Only: stories, Listed: []string{"nothing"}}); err == nil {
		b.Close()
		t.Error("a story that does not exist is listed")
	}
}

// TestSmall starts the small tenant: each of its stories exists and has a domain of its own in the list.
func TestSmall(t *testing.T) {
	t.Parallel()
	names := Small()
	b := start(t, Options{Only: names, Listed: names})
	domains := map[string]bool{}
	for _, name := range names {
		s := b.Story(name)
		if s == nil {
			t.Fatalf("%s does not run", name)
		}
		domains[b.Domain(s)] = true
	}
	if len(domains) != 12 || b.Domain(b.Story(names[0])) != "shop.fabrikam.example" {
		t.Errorf("%d domains, the first is %s", len(domains), b.Domain(b.Story(names[0])))
	}
	if b.Story("nothing") != nil {
		t.Error("a story that does not exist is found")
	}
}
