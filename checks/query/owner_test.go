package query

import (
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/result"
)

// TestOwnerAsReported: a query selects by the owner that a report shows of each root cause, the first of its actors.
func TestOwnerAsReported(t *testing.T) {
	t.Parallel()
	root := func(id catalog.ID, who ...catalog.Actor) *finding.Finding {
		return &finding.Finding{
			Instance: catalog.Instance{Cause: &catalog.Cause{ID: id, Who: who}}, Verdict: catalog.Fail,
		}
	}
	both := root("record.one", catalog.Tenant, catalog.Platform)
	for _, tt := range []struct {
		findings         []*finding.Finding
		tenant, platform bool
	}{
		{[]*finding.Finding{both}, true, false},
		{[]*finding.Finding{root("record.two", catalog.Platform)}, false, true},
		{[]*finding.Finding{both, root("record.two", catalog.Platform)}, true, true},
	} {
		s := Diagnosed(&result.Domain{
			Name: dnsname.Name{ASCII: "a.example", Unicode: "a.example"}, Findings: tt.findings, Verdict: catalog.Fail,
		})
		for line, want := range map[string]bool{
			"owner:tenant": tt.tenant, "who:platform": tt.platform, "owner:platform": tt.platform,
		} {
			q, err := ParseWhole(line)
			if err != nil {
				t.Fatal(err)
			}
			if got := q.Match(&s, time.Now()); got != want {
				t.Errorf("%s of %d root causes: %t, want %t", line, len(tt.findings), got, want)
			}
		}
	}
}
