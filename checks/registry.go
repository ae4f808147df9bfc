package checks

import (
	"domdoc/catalog"
	"domdoc/catalog/causes"
)

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
		causes.VantageOffline.Cause, causes.VantagePort53Blocked.Cause,
		causes.VantageNoIPv6.Cause, causes.VantageClockSkew.Cause, causes.VantagePort53Intercepted.Cause,
		causes.VantageDNS64.Cause, causes.VantageTLSIntercepted.Cause,
	}
}

func tenantReports() []*catalog.Cause {
	return []*catalog.Cause{
		causes.ServiceUnreachable.Cause, causes.ServiceUnauthorized.Cause, causes.ServiceWrongEndpoint.Cause,
		causes.ServiceRateLimited.Cause,
		causes.ServiceTenantMismatch.Cause, causes.ServiceNameMalformed.Cause, causes.ServiceQuotaReached.Cause,
		causes.ServiceQuotaNear.Cause, causes.ServiceFundsLow.Cause,
		causes.ServiceIntegrationIncident.Cause, causes.DelegationHostIncident.Cause,
		causes.RegistrationRegistryIncident.Cause, causes.CertificateAuthorityIncident.Cause,
	}
}
