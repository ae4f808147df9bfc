package moving

import (
	"fmt"
	"strings"
	"time"

	"domdoc/catalog"
)

func seconds2duration(n uint32) time.Duration { return time.Duration(n) * time.Second }

// What a step says.

// Serve asks for the zone at the new servers.
func Serve(zone string, servers []string) string {
	return fmt.Sprintf("Create the zone %s at the new DNS host. These servers do not answer for it yet: %s.", zone,
		strings.Join(servers, "; "))
}

// Lower asks for lower TTLs.
func Lower(ttl uint32) string {
	return fmt.Sprintf("At the old DNS host, lower the TTL of these records to %d seconds.", ttl)
}

// LowerWhy says why to wait then.
func LowerWhy(longest time.Duration) string {
	return "resolvers may keep what they have for the old TTL, up to " + catalog.AtMost(longest)
}

// Create asks for the records that the new zone lacks.
func Create(n int) string {
	return fmt.Sprintf("At the new DNS host, make %s as at the old one.", catalog.Plural(n, "record set"))
}

// CreateUnless is the exception to Create.
const CreateUnless = "Leave out what you mean to change with the move."

// Unsign asks for the removal of the DS records.
func Unsign(zone, above string) string {
	if above != "" {
		return fmt.Sprintf("In the zone %s, remove the DS records of %s. Leave the old zone signed.", above, zone)
	}
	return fmt.Sprintf(
		"At the registrar, remove the DS records of %s (turn off DNSSEC there). Leave the old zone signed.",
		zone)
}

// UnsignWhy says why to wait then.
func UnsignWhy(ttl time.Duration) string {
	return "resolvers may keep the DS record for its TTL, " + catalog.AtMost(ttl) +
		", and until then accept signed answers only"
}

// UnsignOr is the alternative of hosts that both sign.
const UnsignOr = "If both hosts can publish each other's keys, they can instead sign together during the move " +
	"(RFC 8901)."

// Glue asks for the addresses of servers inside the zone.
func Glue(above string, hosts []string) string {
	if above != "" {
		return "In the zone " + above + ", add the addresses (glue) of the name servers inside the zone: " +
			strings.Join(hosts, ", ") + "."
	}
	return "At the registrar, register the addresses (glue) of the name servers inside the zone: " +
		strings.Join(hosts, ", ") + "."
}

// Change asks for the new delegation. above is the zone that delegates it, if that is no registry's.
func Change(zone, above string, hosts []string) string {
	if above != "" {
		return fmt.Sprintf("In the zone %s, replace the NS records of %s by %s.", above, zone, strings.Join(hosts, ", "))
	}
	return fmt.Sprintf("At the registrar, replace the name servers of %s by %s.", zone, strings.Join(hosts, ", "))
}

// Keep asks to leave the old zone in place.
const Keep = "Leave the zone at the old DNS host as it is, and make each change of a record at both hosts."

// KeepWhy says until when.
func KeepWhy(parent, child, record time.Duration) string {
	return fmt.Sprintf(
		"resolvers may keep the NS records of the zone above for %s, the zone's own for %s after that, and the "+
			"last answers of the old servers for %s", catalog.AtMost(parent), catalog.AtMost(child), catalog.AtMost(record))
}

// Sign asks for the DS records of the new host.
func Sign(zone, above string, signs bool) string {
	switch {
	case above != "" && signs:
		return fmt.Sprintf("In the zone %s, add the DS record of %s that the new DNS host shows.", above, zone)
	case above != "":
		return fmt.Sprintf(
			"At the new DNS host, sign %s; when every server has the signatures, add its DS record to the "+
				"zone %s.", zone, above)
	case signs:
		return fmt.Sprintf("At the registrar, add the DS record of %s that the new DNS host shows.", zone)
	}
	return fmt.Sprintf("At the new DNS host, sign %s; when every server has the signatures, add the DS record that it "+
		"shows at the registrar.", zone)
}

// RemoveFrom asks for the end of the old zone at the servers that are dropped, where others stay.
func RemoveFrom(hosts []string) string {
	return fmt.Sprintf("Remove the zone from %s. The other servers of today stay in use: do not delete the zone there.",
		strings.Join(hosts, ", "))
}

// Restore asks for the former TTLs.
const Restore = "At the new DNS host, set the TTLs that you lowered to their former values."

// Remove asks for the end of the old zone.
const Remove = "Delete the zone at the old DNS host, so that it is not mistaken for the one in use."

// What a command shows once a step is done.

// Expect says what a step's command shows when it is done.
func (k StepKind) Expect() string {
	switch k {
	case StepServe:
		return "each answers with the SOA record and the flag aa"
	case StepLower:
		return "the answers have the lower TTL"
	case StepCreate:
		return "the answers have the values of the old servers"
	case StepUnsign:
		return "the answer has no DS record"
	case StepGlue:
		return "the registrar lists them as host names of the domain; many registries answer with their addresses only " +
			"once the next step is done"
	case StepChange:
		return "the answer lists the new name servers, with the addresses of those inside the zone"
	case StepKeep:
		return "the old servers still answer with the flag aa"
	case StepSign:
		return "the answers have the new DS record and the flag ad"
	case StepRestore:
		return "the answers have the former TTL"
	}
	return "the old servers no longer answer for the zone"
}
