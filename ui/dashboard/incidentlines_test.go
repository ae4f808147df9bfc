package dashboard

import (
	"fmt"
	"strings"
	"testing"

	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/result"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/incident"
	"domdoc/checks/probe"
	"domdoc/ui/dashboard/inventory"
	"domdoc/ui/dashboard/runner"
	"domdoc/ui/dashboard/tab"
)

// TestIncidentInTheDashboard: three domains at one silent DNS host are one line in the head, and none of them asks
// anything of the tenant.
func TestIncidentInTheDashboard(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.Run = runner.RunState{Gen: 5, Cancel: func() {}, Total: 3}
	var batch batchMsg
	down := func(r *inventory.Row) *result.Domain {
		name, err := dnsname.Parse(r.ASCII)
		if err != nil {
			t.Fatal(err)
		}
		unreachable := causes.DelegationUnreachable.With(causes.DelegationUnreachableArgs{
			Zone:    probe.Registrable(r.ASCII),
			Servers: []string{"ns1.storm.example (192.0.2.1:53): no answer in time"},
		})
		report := &result.Domain{
			Name: name, Verdict: catalog.Fail, At: noon,
			Findings: []*finding.Finding{{Instance: unreachable, Verdict: catalog.Fail}},
		}
		report.Facts.Delegation = &observe.Delegation{ParentNS: []string{"ns1.storm.example", "ns2.storm.example"}}
		return report
	}
	rows := b.Domains.Rows[:3]
	for _, row := range rows {
		r := down(row)
		batch = append(batch, runner.Event{
			Gen: 5, ID: row.ID, Report: r, Sum: inventory.Summarise(r),
			Facts: incident.FactsOf(r),
		})
	}
	b.send(batchMsg(batch))
	b.send(batchMsg{{Gen: 5, End: runner.RunEnded}})
	if head := b.View(); !strings.Contains(head, "storm.example fails for 3 domains") {
		t.Errorf("the head does not tell the incident:\n%s", head)
	}
	b.detail.open(rows[1].ID, tab.Findings)
	b.Screen.Refresh()
	page := b.View()
	if !strings.Contains(page, "no change needed at this domain for now") || strings.Contains(page, "dig +trace") ||
		strings.Contains(page, "moved to another host") {
		t.Errorf("the domain still asks of its tenant:\n%s", page)
	}
}

// outage has the first domains of the list fail at one DNS host.
func (b *bench) outage() *bench {
	b.t.Helper()
	servers := []string{"ns1.storm.example", "ns2.storm.example"}
	for _, r := range b.Domains.Rows[:3] {
		f := incident.NewDomainFacts(r.ASCII)
		f.SetDelegation("", servers)
		f.Judged = []string{"delegation"}
		f.Roots = []incident.RootFact{{Cause: causes.DelegationUnreachable.ID, Verdict: catalog.Fail, Servers: servers}}
		b.Incident.Take(f)
	}
	b.Incident.Look(noon, true)
	b.send(tickMsg{-1})
	return b
}

// TestIncidentsOnTop goes up from the list into its incidents, and from one to its domains.
func TestIncidentsOnTop(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load().results().outage()
	b.shows("storm.example fails for 3 domains", "I selects")
	b.press("up")
	if b.list.Focus != 1 {
		t.Fatal("up from the first row does not lead to the incidents")
	}
	b.press("d")
	b.shows("no domain is selected")
	b.press("down")
	if b.list.Focus != 0 || b.list.Grid.Position() != 0 {
		t.Error("down does not lead back to the list")
	}
	b.press("I")
	b.shows("enter opens it")
	b.press("enter")
	b.shows("an incident", "storm.example fails for 3 domains", "owner",
		"tell         your DNS host, in one report about all 3 domains",
		"do ", "why ", "its domains")
	if copies := fmt.Sprint(b.incident.Copies()); !strings.Contains(copies, "storm.example fails") {
		t.Errorf("what can be copied: %s", copies)
	}
	b.press("enter")
	if b.list.Grid.Len() != 3 || b.list.Focus != 0 {
		t.Errorf("%d domains are shown", b.list.Grid.Len())
	}
	b.shows("only: ", "3 of 11 domains", "esc shows all")
	b.press("/", "e", "enter", "esc", "esc")
	if b.list.Grid.Len() != len(b.Domains.Rows) {
		t.Errorf("%d domains are shown after esc", b.list.Grid.Len())
	}
}
