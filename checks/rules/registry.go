package rules

// Registry is the explicit list of all checks, lowest rung first.
func Registry() []*Check {
	return []*Check{
		checkStatus, checkHeld, checkRoutes, CheckTransfers,
		checkRegistration, checkAuthCode,
		checkDelegation,
		checkDNSSEC,
		checkVerification, checkExpected, checkAddresses, checkTTL, checkCNAME, checkBroken,
		checkPropagation,
		checkCAA, checkCertificate, checkRenewal,
		checkCDN, checkReach,
	}
}
