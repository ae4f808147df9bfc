package plan

import (
	"fmt"
	"slices"
	"testing"

	"domdoc/checks/dnsname"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/result"

	"github.com/miekg/dns"
)

// TestRelevant keeps of a large change what a domain depends on, and says how much it leaves out.
func TestRelevant(t *testing.T) {
	t.Parallel()
	record := func(line string) change.Edit {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		h := rr.Header()
		return change.Edit{Op: change.Add, Name: exchange.Bare(h.Name), Type: h.Rrtype, RRs: []dns.RR{rr}}
	}
	name, err := dnsname.Parse("shop.eu.example.com")
	if err != nil {
		t.Fatal(err)
	}
	today := []*result.Domain{{Name: name, Ledger: []*exchange.Exchange{{Asked: "_verify.shop.eu.example.com TXT"}}}}
	near := []change.Edit{
		record("shop.eu.example.com. 300 CNAME one.example.com."), record("one.example.com. 300 CNAME two.example.com."),
		record("two.example.com. 300 A 192.0.2.1"), record("_verify.shop.eu.example.com. 300 TXT x"),
		record("eu.example.com. 300 NS ns1.eu.example.com."), record("ns1.eu.example.com. 300 A 192.0.2.2"),
		record("*.example.com. 300 A 192.0.2.3"), record(`example.com. 300 CAA 0 issue "ca.example"`),
	}
	var far []change.Edit
	for i := range 2 * maxNames {
		far = append(far, record(fmt.Sprintf("h%d.example.com. 300 A 192.0.2.9", i)))
	}
	all := rehearsal.Change{Zone: "example.com", Edits: slices.Concat(far[:50], near, far[50:])}
	got, left, notes := relevant([]rehearsal.Change{all}, today)
	if len(got[0].Edits) != len(near) || left != len(far) || len(notes) != 1 {
		t.Errorf("%d edits of %d are kept: %v", len(got[0].Edits), len(near), notes)
	}
	for i, e := range got[0].Edits {
		if i < len(near) && e.Name != near[i].Name {
			t.Errorf("edit %d is of %s, not of %s", i, e.Name, near[i].Name)
		}
	}
	all.Edits = slices.Concat(far[:50], near)
	got, left, notes = relevant([]rehearsal.Change{all}, today)
	if left != 0 || len(got[0].Edits) != len(all.Edits) || notes != nil {
		t.Errorf("of a small change, %d edits of %d are kept", len(got[0].Edits), len(all.Edits))
	}
}
