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

// MayStay says why it is not known which wildcard answers below a name from which records are removed (RFC 4592 2.2.2).
func MayStay(name string) string {
	return name + " may have names below it that stay and keep a wildcard above from answering; give the whole zone to " +
		"have it judged"
}

// ApexStays says that a dynamic update cannot remove what a zone needs (RFC 2136 3.4.2.3).
func ApexStays(zone string) string {
	return fmt.Sprintf("the SOA and NS records of %s stay: an update does not remove those of the zone itself", zone)
}

// NotBeside says that a dynamic update leaves out a record, because a CNAME stands alone (RFC 2136 3.4.2.2).
func NotBeside(name, rrtype string) string {
	if rrtype == "CNAME" {
		return fmt.Sprintf("the CNAME of %s is not added, without an error: the name has other records, which an update "+
			"must remove first", name)
	}
	return fmt.Sprintf(
		"the %s record of %s is not added, without an error: the name has a CNAME, which an update must "+
			"remove first", rrtype, name)
}

// NotFresh says that Route 53 refuses to create what exists.
func NotFresh(where, name, rrtype string) string {
	return fmt.Sprintf(
		"%s: Route 53 refuses the whole batch, because %s has %s records already: use UPSERT instead of "+
			"CREATE; the plan shows the batch with UPSERT", where, name, rrtype)
}

// NotAllCompared says that a file has too many changes to compare each with what the zone has.
func NotAllCompared(n int) string {
	return fmt.Sprintf("after %d questions about what the zone has, the rest of the changes is taken as it is written",
		n)
}

// SameServers says why the change of a delegation to the same servers is not judged.
func SameServers(name, zone string) string {
	return fmt.Sprintf("%s is a zone of its own on the servers of %s, and it depends on them what they answer without "+
		"the delegation, or with another one", name, zone)
}

// Unserved says why nothing is judged of a zone that loses what every zone needs.
func Unserved(zone string) string {
	return fmt.Sprintf("%s would have no SOA record or no NS records, and name servers do not serve such a zone "+
		"(RFC 1035 5.2)", zone)
}

// Resigned says why records of DNSSEC in a signed zone are not judged.
func Resigned(zone string) string {
	return fmt.Sprintf("the keys and signatures of %s are made by its DNS host, and it depends on that what becomes of "+
		"them", zone)
}

// Uncovered says what a plan takes a name to have that a delegation or a DNAME hides today.
func Uncovered(name, zone string) string {
	return fmt.Sprintf("what the zone %s has at %s and below is not visible today, and the plan takes it to be what the "+
		"change says", zone, name)
}

// LeftOut says that a large change is compared in part.
func LeftOut(n int, zone string) string {
	return fmt.Sprintf("the change is large: %d names of %s on which none of the domains depends are left out of the "+
		"comparison", n, zone)
}
