package rules

import (
	"slices"
	"testing"

	"domdoc/catalog"
	"domdoc/catalog/causes"
)

// aboutVantage and aboutTenant are the causes that no check of a domain reports: those about this machine, and those
// about the tenant as a whole.
var aboutVantage = []*catalog.Cause{
	causes.VantageOffline.Cause, causes.VantagePort53Blocked.Cause,
	causes.VantageNoIPv6.Cause, causes.VantageClockSkew.Cause, causes.VantagePort53Intercepted.Cause,
	causes.VantageDNS64.Cause, causes.VantageTLSIntercepted.Cause,
}

var aboutTenant = []*catalog.Cause{
	causes.ServiceUnreachable.Cause, causes.ServiceUnauthorized.Cause, causes.ServiceWrongEndpoint.Cause,
	causes.ServiceRateLimited.Cause,
	causes.ServiceTenantMismatch.Cause, causes.ServiceNameMalformed.Cause, causes.ServiceQuotaReached.Cause,
	causes.ServiceQuotaNear.Cause, causes.ServiceFundsLow.Cause,
	causes.ServiceIntegrationIncident.Cause, causes.DelegationHostIncident.Cause,
	causes.RegistrationRegistryIncident.Cause, causes.CertificateAuthorityIncident.Cause,
}

// TestRegistryIsComplete checks that every declared cause is listed by a check, and that checks list only declared
// causes.
func TestRegistryIsComplete(t *testing.T) {
	t.Parallel()
	reported := append(slices.Clone(aboutVantage), aboutTenant...)
	seen := map[string]bool{}
	for _, c := range All() {
		if seen[c.ID] {
			t.Errorf("two checks have the id %s", c.ID)
		}
		seen[c.ID] = true
		if c.Run == nil || c.Title == "" || len(c.Reports) == 0 {
			t.Errorf("check %s: Run, Title or Reports is empty", c.ID)
		}
		reported = append(reported, c.Reports...)
	}
	for _, c := range catalog.Causes() {
		if !slices.Contains(reported, c) {
			t.Errorf("no check reports %s: add it to the Reports of a check in this package", c.ID)
		}
	}
	for _, c := range reported {
		if !slices.Contains(catalog.Causes(), c) {
			t.Errorf("a check lists %s, which catalog.Causes does not return", c.ID)
		}
	}
}
