package dashboard

import (
	"testing"

	"domdoc/checks/result"

	"domdoc/ui/dashboard/reportfile"
)

// TestRecordedCase: what a case holds is shown without any question, and nothing can be asked again.
func TestRecordedCase(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(o *options) {
		l := getLab(t)
		o.Domains, o.Title = nil, "case case.json"
		o.Reports = []*result.Domain{
			reportfile.Snapshot(l.reports[l.ids["name-doubled"]]),
			reportfile.Snapshot(l.reports[l.ids["healthy-txt"]]),
		}
	})
	b.Init() // its commands are not run: the list is there without them
	b.send(nil)
	b.shows("case case.json", "2 domains", "1 pass", "1 fail", "shop.fabrikam.example", "tickets.northwind.exa")
	for _, key := range []string{"D", "d"} {
		b.press(key)
		b.shows("this is a recorded case: no new queries are made")
		if b.Run.Active() || len(b.Single) > 0 {
			t.Errorf("%s: something is asked", key)
		}
	}
	b.press("enter")
	b.shows("shop.fabrikam.example", "_verify.shop")
	if len(b.Single) > 0 {
		t.Error("a domain with a report is asked for again")
	}
}
