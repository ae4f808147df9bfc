package dashboard

import (
	"strings"
	"testing"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/probe"
)

// TestIncidentInTheDashboard: three domains at one silent DNS host are one line in the head, and none of them asks anything of the tenant.
func TestIncidentInTheDashboard(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	b.load()
	b.run = runState{gen: 5, cancel: func() {}, total: 3}
	var batch batchMsg
	down := func(r *row) *checks.DomainReport {
		name, err := checks.ParseName(r.ascii)
		if err != nil {
			t.Fatal(err)
		}
		unreachable := catalog.DelegationUnreachable.With(catalog.DelegationArgs{Zone: probe.Registrable(r.ascii), Servers: []string{"ns1.storm.example (192.0.2.1:53): no answer in time"}})
		report := &checks.DomainReport{Name: name, Verdict: catalog.Fail, At: noon, Findings: []*checks.Finding{{Instance: unreachable, Verdict: catalog.Fail}}}
		report.Facts.Delegation = &checks.ZoneFacts{ParentNS: []string{"ns1.storm.example", "ns2.storm.example"}}
		return report
	}
	rows := b.fleet.rows[:3]
	for _, row := range rows {
		r := down(row)
		batch = append(batch, event{gen: 5, id: row.id, report: r, sum: summarise(r), facts: checks.FactsOf(r)})
	}
	b.send(batchMsg(batch))
	b.send(batchMsg{{gen: 5, end: runEnded}})
	if head := b.View(); !strings.Contains(head, "storm.example fails for 3 domains") {
		t.Errorf("the head does not tell the incident:\n%s", head)
	}
	b.model.open(rows[1].id, tabFindings)
	b.refresh()
	page := b.View()
	if !strings.Contains(page, "nothing to change at this domain for now") || strings.Contains(page, "dig +trace") || strings.Contains(page, "the host was left") {
		t.Errorf("the domain still asks of its tenant:\n%s", page)
	}
}
