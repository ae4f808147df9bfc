// Package plans has the sentences about changes that are planned.
package plans

import "fmt"

// NothingToChange says that a plan removes or changes records that do not exist.
func NothingToChange(name, rrtype string) string {
	return fmt.Sprintf("%s has no such %s record today, so that there is nothing to remove or to change", name, rrtype)
}

// Hidden says that records of a zone are not visible at a name, because of a delegation or a DNAME above it.
func Hidden(name, zone, at string) string {
	return fmt.Sprintf(
		"records of the zone %s at %s are not visible: %s is delegated, or a DNAME redirects what is below it",
		zone, name, at)
}

// Proxied says why a record behind a DNS host's proxy is not judged.
func Proxied() string {
	return "the DNS host answers with the addresses of its proxy, which are not known before the change"
}
