package progress_test

import (
	"slices"
	"testing"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/progress"
	"domdoc/checks/result"
)

// TestHindrances: what lets a request fail is what predicts its codes; a certificate that is only missing is no
// hindrance of its request.
func TestHindrances(t *testing.T) {
	t.Parallel()
	with := func(v catalog.Verdict, role catalog.Role, i catalog.Instance) *finding.Finding {
		return &finding.Finding{Instance: i, Verdict: v, Role: role}
	}
	stale := with(catalog.Fail, "", causes.DNSSECStaleDS.Example())
	missing := with(catalog.Fail, catalog.Verification, causes.RecordMissing.Example())
	routing := with(catalog.Fail, catalog.Routing, causes.RecordMissing.Example())
	absent := with(catalog.Fail, "", causes.CertificateAbsent.Example())
	caa := with(catalog.Fail, "", causes.CAAForbids.Example())
	under := with(catalog.Blocked, catalog.Verification, causes.RecordMissing.Example())
	under.BlockedBy = causes.DNSSECStaleDS.ID
	ignored := with(catalog.Fail, "", causes.CAAForbids.Example())
	ignored.Ignored = "caa.forbids"
	for name, tt := range map[string]struct {
		goal     progress.Goal
		findings []*finding.Finding
		want     []*finding.Finding
	}{
		"verify: DNSSEC": {
			progress.GoalVerified,
			[]*finding.Finding{stale, under},
			[]*finding.Finding{stale},
		},
		"verify: the record": {
			progress.GoalVerified,
			[]*finding.Finding{missing, caa},
			[]*finding.Finding{missing},
		},
		"verify: another record": {progress.GoalVerified, []*finding.Finding{routing}, nil},
		"verify: healthy":        {progress.GoalVerified, nil, nil},
		"certificate: CAA": {
			progress.GoalCertificate,
			[]*finding.Finding{absent, caa},
			[]*finding.Finding{caa},
		},
		"certificate: only missing":  {progress.GoalCertificate, []*finding.Finding{absent}, nil},
		"certificate: ignored fault": {progress.GoalCertificate, []*finding.Finding{ignored}, nil},
		"certificate: only a warning": {
			progress.GoalCertificate,
			[]*finding.Finding{with(catalog.Warn, "", causes.CAAForbids.Example())},
			nil,
		},
	} {
		if got := tt.goal.Hindrances(&result.Domain{Findings: tt.findings}); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
