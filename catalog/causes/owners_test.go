package causes_test

import (
	"slices"
	"testing"

	"domdoc/catalog"
	"domdoc/catalog/causes"
)

// TestOwners: arguments that know who must act say so, and time alone is the only actor where it mends.
func TestOwners(t *testing.T) {
	t.Parallel()
	status := func(s string) catalog.Instance {
		return causes.ServiceStatusForbidsUpdate.With(causes.ServiceStatusForbidsUpdateArgs{Name: "a.example", Status: s})
	}
	pending := func(a causes.CertificatePendingArgs) catalog.Instance { return causes.CertificatePending.With(a) }
	failed := func(reason string) catalog.Instance {
		return causes.CertificateFailed.With(causes.CertificateFailedArgs{Reason: reason, Status: "FAILED"})
	}
	expired := func(own bool) catalog.Instance {
		return causes.CertificateExpired.With(causes.ServedCertificate{Domain: "a.example", Own: own})
	}
	review := []string{"ask the platform's support to open a case with the certificate authority"}
	for name, tt := range map[string]struct {
		is   catalog.Instance
		want []catalog.Actor // the first ones
	}{
		"suspended":             {status("SUSPENDED"), []catalog.Actor{catalog.Platform}},
		"client update":         {status("clientUpdateProhibited"), []catalog.Actor{catalog.Platform}},
		"an unknown status":     {status("ODD"), []catalog.Actor{catalog.Platform}},
		"an operation":          {status("TRANSFER_IN_PROGRESS"), []catalog.Actor{catalog.Wait}},
		"updating":              {status("Updating"), []catalog.Actor{catalog.Wait}},
		"a pending certificate": {pending(causes.CertificatePendingArgs{}), []catalog.Actor{catalog.Tenant}},
		"all records are there": {pending(causes.CertificatePendingArgs{InPlace: true}), []catalog.Actor{catalog.Wait}},
		"its time is over": {
			pending(causes.CertificatePendingArgs{InPlace: true, Over: true}),
			[]catalog.Actor{catalog.Tenant},
		},
		"it is to be reviewed": {pending(causes.CertificatePendingArgs{
			InPlace: true, Steps: review,
			Who: catalog.Platform,
		}), []catalog.Actor{catalog.Platform}},
		"a record was missing":   {failed("VALIDATION_TIMED_OUT"), []catalog.Actor{catalog.Tenant, catalog.Platform}},
		"the platform's account": {failed("SLR_NOT_FOUND"), []catalog.Actor{catalog.Platform, catalog.Tenant}},
		"an own server":          {expired(true), []catalog.Actor{catalog.Tenant}},
		"the platform's server":  {expired(false), []catalog.Actor{catalog.Platform}},
		"no reason":              {failed(""), []catalog.Actor{catalog.Tenant, catalog.Platform}},
	} {
		got := tt.is.Actors()
		if len(got) < len(tt.want) || !slices.Equal(got[:len(tt.want)], tt.want) ||
			slices.Contains(got, catalog.Wait) && len(got) > 1 {
			t.Errorf("%s: %v, want %v first", name, got, tt.want)
		}
	}
	if u := pending(causes.CertificatePendingArgs{Over: true}).Until(); u != nil {
		t.Errorf("a request whose time is over waits until %v", u.Latest)
	}
}

// TestPhraseOwners: what only the platform can do is not asked of the domain's owner.
func TestPhraseOwners(t *testing.T) {
	t.Parallel()
	for _, p := range catalog.Phrases() {
		cause, _ := catalog.FindCause(string(p.Cause))
		owner := p.Owner
		if owner == "" {
			owner = cause.Who[0]
		}
		for _, platforms := range []string{
			"the platform must fix this; no DNS change is needed",
			"ask the platform's support to open a case with the certificate authority",
			"no change is needed at the domain; the platform must have its limit at the provider raised",
		} {
			if p.Steps[0] == platforms && owner != catalog.Platform {
				t.Errorf("%q of %s is for %s", p.Steps[0], p.Cause, owner)
			}
		}
	}
}
