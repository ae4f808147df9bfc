package checks

import "domdoc/catalog"

// Registry is the explicit list of all checks, lowest rung first.
func Registry() []*Check {
	return []*Check{
		checkStatus, checkHeld, checkRoutes, checkTransfers,
		checkRegistration, checkAuthCode,
		checkDelegation,
		checkDNSSEC,
		checkVerification, checkExpected, checkAddresses, checkTTL, checkCNAME, checkBroken,
		checkPropagation,
		checkCAA, checkCertificate, checkRenewal,
		checkCDN, checkReach,
	}
}

// vantageReports and tenantReports are the causes that a run reports about itself and about the tenant as a whole,
// beside any domain.
func vantageReports() []*catalog.Cause {
	return []*catalog.Cause{
		catalog.VantageOffline.Cause, catalog.VantagePort53Blocked.Cause,
		catalog.VantageNoIPv6.Cause, catalog.VantageClockSkew.Cause, catalog.VantagePort53Intercepted.Cause,
		catalog.VantageDNS64.Cause, catalog.VantageTLSIntercepted.Cause,
	}
}

func tenantReports() []*catalog.Cause {
	return []*catalog.Cause{
		catalog.ServiceUnreachable.Cause, catalog.ServiceUnauthorized.Cause, catalog.ServiceWrongEndpoint.Cause,
		catalog.ServiceRateLimited.Cause,
		catalog.ServiceTenantMismatch.Cause, catalog.ServiceNameMalformed.Cause, catalog.ServiceQuotaReached.Cause,
		catalog.ServiceQuotaNear.Cause, catalog.ServiceFundsLow.Cause,
		catalog.ServiceIntegrationIncident.Cause, catalog.DelegationHostIncident.Cause,
		catalog.RegistrationRegistryIncident.Cause, catalog.CertificateAuthorityIncident.Cause,
	}
}
