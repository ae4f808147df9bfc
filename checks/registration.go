package checks

import (
	"slices"
	"time"

	"domdoc/checks/probe"
	"domdoc/checks/probe/registration"
	"domdoc/checks/rules"
)

// EndsSoon reports whether a registration has ended, ends within rules.RegistrationSoon, or is out of the DNS by its
// status.
func EndsSoon(reg *probe.RegistrationReport, now time.Time) bool {
	if reg.State != registration.Registered {
		return false
	}
	for _, s := range []string{"redemption period", "pending restore", "pending delete", "auto renew period"} {
		if slices.Contains(reg.Statuses, s) {
			return true
		}
	}
	held := slices.Contains(reg.Statuses, "server hold") || slices.Contains(reg.Statuses, "client hold")
	return held && !reg.Delegated() || !reg.ExpiresAt.IsZero() && reg.ExpiresAt.Sub(now) < rules.RegistrationSoon
}
