// Package causes declares every root cause that the checks can report, one file per topic. Each declaration registers
// itself with the catalog, so that importing the package is enough to have them all.
package causes

import (
	"strconv"

	"domdoc/catalog"
)

// links declares consequences without a condition.
func links(to ...catalog.ID) []catalog.Link {
	out := make([]catalog.Link, len(to))
	for i, id := range to {
		out[i] = catalog.Link{To: id}
	}
	return out
}

// sameName declares consequences at the same owner name.
func sameName(to ...catalog.ID) []catalog.Link {
	out := links(to...)
	for i := range out {
		out[i].Same = true
	}
	return out
}

// ofRole declares consequences of a fault in a record with the given role.
func ofRole(role catalog.Role, to ...catalog.ID) []catalog.Link {
	out := links(to...)
	for i := range out {
		out[i].Roles = []catalog.Role{role}
	}
	return out
}

// waitingCertificate are the causes of a certificate that cannot be issued or renewed.
var waitingCertificate = []catalog.ID{CertificatePending.ID, CertificateFailed.ID, CertificateRenewalBlocked.ID}

// verb selects the form of a verb that agrees with a list.
func verb(list []string, one, several string) string { return catalog.Verb(list, one, several) }

func has(list []string) string { return verb(list, "has", "have") }

// addresses counts addresses: "1 address", "2 addresses".
func addresses(list []string) string {
	if len(list) == 1 {
		return "1 address"
	}
	return strconv.Itoa(len(list)) + " addresses"
}
