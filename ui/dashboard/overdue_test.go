package dashboard

import (
	"strings"
	"testing"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/result"
	"domdoc/checks/subject"
	"domdoc/ui/dashboard/inventory"

	tea "github.com/charmbracelet/bubbletea"
)

// TestOverdue checks a domain whose wait ends: the list says so, and asks it again once, not before.
func TestOverdue(t *testing.T) {
	t.Parallel()
	now := noon
	b := newBench(t, func(o *options) { o.Now = func() time.Time { return now } })
	b.load().results()
	id := b.l.ids["cache-negative"]
	end := b.Domains.Find(id).Sum.Waits
	if b.over.gen == 0 || b.over.at.IsZero() || b.over.at.After(end) {
		t.Fatalf("the timer is set to %s, the wait ends at %s", b.over.at, end)
	}
	b.send(overdueMsg{b.over.gen}) // too early
	if len(b.Single) != 0 {
		t.Fatal("it is asked before its wait is over")
	}
	now = end
	b.send(overdueMsg{b.over.gen - 1})
	if len(b.Single) != 0 {
		t.Error("an old timer was heard")
	}
	b.send(tea.WindowSizeMsg{Width: 160, Height: 40})
	if row := b.model.View(); !strings.Contains(row, "over ") {
		t.Errorf("the list does not say that the wait is over:\n%s", row)
	}
	b.send(overdueMsg{b.over.gen})
	if b.Single[id] == nil {
		t.Fatal("it is not asked when its wait is over")
	}
	b.stopAll() // the real diagnosis
	b.send(overdueMsg{b.over.gen})
	if b.Single[id] != nil {
		t.Error("it is asked twice for the same wait")
	}
}

// TestIncidentInHeader checks that the list and the head of a page show a reported code that an incident explains as
// the page itself does, and take it back when there is no incident.
func TestIncidentInHeader(t *testing.T) {
	t.Parallel()
	report := func(name string, codes ...string) *result.Domain {
		n, err := dnsname.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		r := &result.Domain{Name: n, ID: "d-" + name, At: noon, Verdict: catalog.Pass}
		for _, id := range codes {
			c, _ := catalog.FindCode(id)
			r.Codes = append(r.Codes, result.Code{
				Code: c, State: result.CodeReported,
				Reported: &subject.Reported{Code: id, At: noon},
			})
		}
		return r
	}
	inst := causes.ServiceIntegrationIncident.With(causes.IntegrationIncidentArgs{
		Integration: "registrar", Code: "DOMAIN_020", Domains: []string{"a.example", "b.example", "c.example", "d.example"},
	})
	found := []*finding.Finding{{Instance: inst, Check: incident.CheckID, Verdict: catalog.Fail}}
	for _, tt := range []struct {
		name  string
		codes []string
		want  inventory.State
	}{
		{"a.example", []string{"DOMAIN_020"}, inventory.StateWarn},
		{"b.example", []string{"DOMAIN_021"}, inventory.StatePass}, // another integration
		{"c.example", nil, inventory.StatePass},
		{"z.example", []string{"DOMAIN_020"}, inventory.StatePass}, // not part of it
	} {
		set := inventory.NewSet()
		row := inventory.NewRow(api.Domain{ID: "d-" + tt.name, Name: tt.name}, noon)
		set.Add(row)
		r := report(tt.name, tt.codes...)
		set.Replace(row.With(r, inventory.Summarise(r)))
		set.Adopt(found)
		incident.SuppressAdvice(r, found)
		incident.Adopt(r, found)
		got := inventory.StateOf(set.Rows[0])
		if got != tt.want || got != r.State() || set.Counts[tt.want] != 1 {
			t.Errorf("%s: %s in the list, %s on its page, counts %v; want %s", tt.name, got.Word(), r.State().Word(),
				set.Counts, tt.want.Word())
		}
		if set.Adopt(nil); inventory.StateOf(set.Rows[0]) != inventory.StatePass {
			t.Errorf("%s: the incident stays", tt.name)
		}
	}
}
