package dashboard

import (
	"strings"
	"testing"

	"domdoc/catalog"
	"domdoc/catalog/causes"
)

// TestTenantWideCause opens a domain whose reported code the tenant's quota explains: the list, the domain's header
// and its page say so alike.
func TestTenantWideCause(t *testing.T) {
	t.Parallel()
	title := causes.ServiceQuotaReached.Title
	b := newBench(t, nil)
	b.load().results()
	id := b.l.ids["quota-reported"]
	if s := b.Domains.Find(id).Sum; s.Title != title {
		t.Errorf("the list says %q", s.Title)
	}
	b.open("quota-reported")
	head, body, _ := strings.Cut(b.View(), "1 findings")
	if !strings.Contains(head, title) || !strings.Contains(body, "explained by: "+title) {
		t.Errorf("header and page differ:\n%s", b.View())
	}
	if strings.Contains(b.View(), catalog.ReportedOnlyShort) {
		t.Errorf("it is explained, and not supported:\n%s", b.View())
	}
}
