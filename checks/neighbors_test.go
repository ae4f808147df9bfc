package checks_test

import (
	"testing"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/result"
)

// TestJudgedAlone: without a list of the tenant's domains nothing can be compared, and the finding says so; a fault
// that only the domain itself can have needs no comparison.
func TestJudgedAlone(t *testing.T) {
	t.Parallel()
	report := func(i catalog.Instance) *result.Domain {
		r := &result.Domain{Name: dnsname.Name{ASCII: "shop.a.example"}, Findings: []*finding.Finding{{
			Instance: i, Verdict: i.Cause.Verdict,
		}}}
		r.Facts.Delegation = &observe.Delegation{DNSHost: "hoster.example", ParentNS: []string{"ns1.hoster.example"}}
		return r
	}
	for _, tt := range []struct {
		instance catalog.Instance
		want     string
	}{
		{causes.DelegationUnreachable.With(causes.DelegationUnreachableArgs{
			Zone: "a.example", Servers: []string{"ns1.hoster.example (192.0.2.1:53): no answer in time"},
		}), "hoster.example"},
		{causes.RecordMissing.With(causes.RecordMissingArgs{}), ""},
	} {
		r := report(tt.instance)
		if got := (&checks.Doctor{}).Peers(t.Context(), r); len(got) > 0 {
			t.Errorf("%s: %d peers without a service", tt.instance.ID, len(got))
		}
		if got := r.Findings[0].Alone; got != tt.want {
			t.Errorf("%s: judged alone at %q, want %q", tt.instance.ID, got, tt.want)
		}
	}
}
