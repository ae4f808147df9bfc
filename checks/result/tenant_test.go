package result_test

import (
	"testing"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/result"
	"domdoc/checks/subject"
)

// TestAdoptTenant: a cause that concerns the whole tenant and still stands counts at each domain whose code it
// explains, however old the report is.
func TestAdoptTenant(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	funds := &finding.Finding{Instance: causes.ServiceFundsLow.Example(), Verdict: catalog.Fail}
	quota := &finding.Finding{Instance: causes.ServiceQuotaReached.Example(), Verdict: catalog.Fail}
	near := &finding.Finding{Instance: causes.ServiceQuotaNear.Example(), Verdict: catalog.Warn}
	for name, tt := range map[string]struct {
		tenant *finding.Finding
		code   string
		ago    time.Duration // 0: the time is unknown
		inUse  bool
		want   catalog.Verdict
	}{
		"funds, now":                 {funds, "DOMAIN_007", time.Hour, false, catalog.Fail},
		"funds, now, in use":         {funds, "DOMAIN_007", time.Hour, true, catalog.Warn},
		"funds, in a ticket":         {funds, "DOMAIN_007", 0, true, catalog.Warn},
		"funds, days ago, in use":    {funds, "DOMAIN_007", 72 * time.Hour, true, catalog.Warn},
		"funds, days ago":            {funds, "DOMAIN_007", 72 * time.Hour, false, catalog.Warn},
		"quota, days ago":            {quota, "DOMAIN_006", 72 * time.Hour, false, catalog.Warn},
		"healthy: in use since":      {quota, "DOMAIN_006", 72 * time.Hour, true, catalog.Pass},
		"healthy: another code":      {funds, "DOMAIN_006", time.Hour, true, catalog.Pass},
		"healthy: only a warning":    {near, "DOMAIN_006", time.Hour, false, catalog.Pass},
		"healthy: nothing, resolved": {nil, "DOMAIN_007", time.Hour, true, catalog.Pass},
	} {
		r := &result.Domain{At: now}
		if tt.tenant != nil {
			r.TenantFindings = []*finding.Finding{tt.tenant}
		}
		reported := []subject.Reported{{Code: tt.code}}
		if tt.ago > 0 {
			reported[0].At = now.Add(-tt.ago)
		}
		r.AdoptTenant(reported, tt.inUse)
		r.Judge(reported)
		if r.Verdict != tt.want {
			t.Errorf("%s: %s, want %s", name, r.Verdict, tt.want)
		}
	}
}
