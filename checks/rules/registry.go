package rules

// All returns all checks, lowest rung first.
func All() []*Check {
	return []*Check{
		checkService, checkHeldRecords, checkRoutes, Transfers,
		checkRegistration, checkAuthCode,
		checkDelegation,
		checkDNSSEC,
		checkVerification, checkRecords, checkAddresses, checkTTL, checkCNAME, checkServerFaults,
		checkPropagation,
		checkCAA, checkCertificate, checkRenewal,
		checkCDN, checkHTTP,
	}
}
