package plans

import (
	"fmt"
	"strings"
	"time"
)

// Steps of a transfer to another registrar.

// MoveDNS asks to move the zone before its host ends it.
func MoveDNS(zone, host string) string {
	return fmt.Sprintf(
		"Move the zone %s to another DNS host first: %s, the registrar that it leaves, hosts it now, and "+
			"registrars often delete the zone of a name that has been transferred.", zone, host)
}

// RemoveDS asks for an unsigned delegation during a transfer that changes the DNS host too.
func RemoveDS(zone string) string {
	return fmt.Sprintf(
		"Remove the DS records of %s at the registrar: its DNS host changes with the transfer, and keys with "+
			"it.", zone)
}

// Unlock asks for the removal of the transfer lock.
func Unlock(domain, registrar string) string {
	return fmt.Sprintf("At %s, remove the transfer lock of %s; do it last, and lock it again afterwards.", registrar,
		domain)
}

// AskRegistry asks for the removal of a lock that only the registry can remove.
func AskRegistry(domain, registrar string) string {
	return fmt.Sprintf(
		"Ask %s to have the registry's own lock of %s removed (server transfer prohibited): a dispute, a "+
			"registry lock or a new registration.", registrar, domain)
}

// WaitForAge asks to wait until the name is old enough.
func WaitForAge(domain, why string) string {
	return fmt.Sprintf("Wait: %s is too young for a transfer (%s).", domain, why)
}

// EndPending asks to finish the transfer that is under way.
func EndPending(domain, what string) string {
	return fmt.Sprintf("Let the transfer of %s that is under way end, or cancel it: %s. A second one is refused.",
		domain, what)
}

// Settle asks to resolve another hindrance.
func Settle(summary string) string { return "Resolve first: " + summary + "." }

// GetCode asks for the authorization code.
func GetCode(registrar string) string {
	return "Get the authorization code (also auth-info, EPP or transfer code) from " + registrar +
		", shortly before it is used: many expire. Check its form without showing it to anybody."
}

// StartTransfer asks for the transfer.
func StartTransfer(domain string) string {
	return fmt.Sprintf(
		"Start the transfer of %s at the new registrar, and confirm what it asks for by mail. Change no "+
			"name servers meanwhile.", domain)
}

// FiveDays says how long a registrar may take.
const FiveDays = "the old registrar has five days to refuse or confirm"

// AfterTransfer asks to compare what must not have changed, and to protect the name again.
func AfterTransfer(domain string) string {
	return fmt.Sprintf(
		"Compare: the registrar is the new one, and name servers and DS records of %s are those of before. "+
			"Then set the transfer lock and automatic renewal there.", domain)
}

// Expectations of the steps of a transfer.
const (
	ShowsServers  = "the NS records are those of the new DNS host"
	ShowsNoDS     = "no DS records"
	ShowsNoLock   = "no status \"transfer prohibited\""
	ShowsNone     = "no status \"pending transfer\""
	ShowsPending  = "the status \"pending transfer\", and then the new registrar"
	ShowsSame     = "the same records as before the transfer"
	ShowsNoMore   = "no answer section"
	ShowsNotFound = "no such domain in the service"
	ShowsCode     = "no finding registration.auth-code-malformed"
)

// Extends says what a transfer does to the expiry.
func Extends(from, to time.Time) string {
	return fmt.Sprintf("the transfer adds a year: it expires on %s instead of %s", to.UTC().Format(time.DateOnly),
		from.UTC().Format(time.DateOnly))
}

// ExtendsUnknown says that the rules of a registry are not known.
func ExtendsUnknown(ending string) string {
	return fmt.Sprintf(
		"whether a transfer extends the registration, and how the registry of .%s transfers names, is not "+
			"known: ask the new registrar", ending)
}

// RegistrationUnknown says that the registry's data are missing.
func RegistrationUnknown(domain, why string) string {
	s := "lock, age and expiry of " + domain + " could not be read from its registry"
	if why != "" {
		s += ": " + why
	}
	return s
}

// TransfersUnread says that the service's transfers could not be read.
func TransfersUnread(why string) string { return "the service's transfers could not be read: " + why }

// AgeUnknown says that the registry does not say how old a registration is.
func AgeUnknown(domain string) string {
	return "the registry does not say when " + domain + " was registered, so its age could not be judged"
}

// DSKept says what happens to DS records in a transfer.
const DSKept = "the DS records stay at the registry; the new registrar must be able to change them, or they " +
	"cannot be replaced when the keys are"

// Removing a domain from the service.

// Leftover is what a record would lead to once the domain is no longer in the service.
type Leftover string

// The kinds of leftovers.
const (
	LeftRouting      Leftover = "routing"
	LeftWildcard     Leftover = "wildcard"
	LeftValidation   Leftover = "validation"
	LeftVerification Leftover = "verification"
	LeftConfigured   Leftover = "configured"
)

// Takeover reports whether others could use what the record leads to.
func (l Leftover) Takeover() bool { return l == LeftRouting || l == LeftWildcard }

// Why says what is wrong with a record that stays.
func (l Leftover) Why() string {
	switch l {
	case LeftRouting:
		return "it would lead to an address of the platform that is not in use for this name: whoever attaches the name " +
			"there gets its visitors"
	case LeftWildcard:
		return "it leads every name that has no record to the platform: whoever attaches one of them there gets its " +
			"visitors"
	case LeftValidation:
		return "the platform's certificate authority would go on issuing certificates for the name"
	case LeftVerification:
		return "it would go on proving that the platform may use the name"
	}
	return "it was made for the service"
}

// RemoveRouting asks for the removal of the records that lead to the platform.
func RemoveRouting(domain string) string {
	return fmt.Sprintf("At the DNS host, remove what leads visitors of %s to the platform, or let it lead elsewhere.",
		domain)
}

// RemoveRoutingWhy says why to wait then.
const RemoveRoutingWhy = "resolvers may go on leading visitors there"

// DetachService asks for the end of the domain in the service.
func DetachService(domain string, routes int) string {
	s := fmt.Sprintf("Remove %s from the service", domain)
	if routes == 1 {
		s += ", and its route with it"
	} else if routes > 1 {
		s += fmt.Sprintf(", and its %d routes with it", routes)
	}
	return s + "."
}

// RemoveProofs asks for the removal of validation and verification records.
const RemoveProofs = "At the DNS host, remove the records by which the name was proved, once the service has let " +
	"it go: while it has the name, it asks for them again."

// Depend asks to deal with what else depends on the domain.
func Depend(list []string) string {
	return "Settle first what else depends on it: " + strings.Join(list, "; ") + "."
}

// DomainBelow says that another domain is below this one.
func DomainBelow(name string) string {
	return name + " is a domain of its own in the service, and stays"
}

// SharesWildcard says that a wildcard serves another domain too.
func SharesWildcard(record, name string) string {
	return fmt.Sprintf("%s also leads %s to the platform: give it a record of its own before the wildcard goes", record,
		name)
}

// SharesCertificate says that a certificate has names of two domains.
func SharesCertificate(owner, name string) string {
	return fmt.Sprintf(
		"the certificate of %s is also for %s: it cannot be renewed once one of the names no longer validates",
		owner, name)
}

// RoutedTo says that a route of another domain leads to this one.
func RoutedTo(owner, path, name string) string {
	return fmt.Sprintf("the route %s of %s redirects to %s", path, owner, name)
}

// AliasOf says that the alias of another domain leads through this one's name.
func AliasOf(other, name string) string { return fmt.Sprintf("%s is an alias of %s", other, name) }

// TargetUnknown says that it is not known which records lead to the service.
const TargetUnknown = "which records lead to the service is not known: connect to it, or give them with " +
	"--expect 'CNAME NAME=TARGET'"

// RecordUnknown says that a record could not be looked up.
func RecordUnknown(name, rrtype string) string {
	return fmt.Sprintf("%s %s: no server of the zone answers, so whether it is there is not known", name, rrtype)
}
