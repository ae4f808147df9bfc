// Package moving has the words of a plan that moves a zone to another DNS host.
package moving

import (
	"fmt"
	"strings"

	"domdoc/catalog"
)

// State is what a name server makes of a zone.
type State string

// The states.
const (
	Serves           State = "serves"            // it answers with authority
	Refuses          State = "refuses"           // REFUSED, NOTAUTH and the like
	Fails            State = "fails"             // SERVFAIL, or an answer that cannot be read
	Silent           State = "silent"            // no answer in time
	Unreachable      State = "unreachable"       // the network or the host refused
	NotAuthoritative State = "not-authoritative" // it answers, without authority
	// it answers with authority that there is no such zone, or refers elsewhere
	NoZone    State = "no-zone"
	NoAddress State = "no-address" // its name has no address
	NotAsked  State = "not-asked"  // this machine cannot reach it, or the run ended first
)

// Phrase says what the server does.
func (s State) Phrase() string {
	switch s {
	case Serves:
		return "answers with authority"
	case Refuses:
		return "refuses questions about the zone"
	case Fails:
		return "fails to answer"
	case Silent:
		return "does not answer"
	case Unreachable:
		return "cannot be reached"
	case NotAuthoritative:
		return "answers without authority"
	case NoZone:
		return "does not have the zone"
	case NoAddress:
		return "has no address"
	}
	return "was not asked"
}

// Kind is how the new name servers differ from the old ones.
type Kind string

// The kinds.
const (
	Missing  Kind = "missing"  // the new servers lack the record
	Other    Kind = "other"    // they have other values
	Extra    Kind = "extra"    // they have records that the old ones lack
	TTL      Kind = "ttl"      // they have the same values with another TTL
	Conflict Kind = "conflict" // they have a CNAME beside other records (RFC 1034 3.6.2)
)

// Phrase returns the kind in words, for a column.
func (k Kind) Phrase() string {
	switch k {
	case Missing:
		return "missing"
	case Other:
		return "different"
	case Extra:
		return "only at the new servers"
	case TTL:
		return "another TTL"
	}
	return "a CNAME beside other records"
}

// Breaks is what stops working because of a difference.
type Breaks string

// What may break.
const (
	Nothing      Breaks = ""
	Web          Breaks = "web"
	Mail         Breaks = "mail"
	Verification Breaks = "verification"
	Certificate  Breaks = "certificate"
	Delegation   Breaks = "delegation"
	Service      Breaks = "service" // another service, found by SRV, TLSA or the like
)

// Phrase says what breaks.
func (b Breaks) Phrase() string {
	switch b {
	case Nothing:
		return "nothing breaks"
	case Web:
		return "the website"
	case Mail:
		return "mail"
	case Verification:
		return "proof of ownership"
	case Certificate:
		return "certificates"
	case Delegation:
		return "the whole zone, or a zone below it"
	}
	return "a service that is found by this record"
}

// DNSSEC is what a move does to the chain of trust.
type DNSSEC string

// The states of DNSSEC.
const (
	Unsigned DNSSEC = "unsigned" // no DS records and no keys at the new servers
	// the DS records match keys of the new servers, and both hosts publish all keys in use
	Fits        DNSSEC = "fits"
	Partly      DNSSEC = "fits-later"    // they match, but the hosts do not publish each other's keys (RFC 8901)
	WouldNotFit DNSSEC = "would-not-fit" // they match no key of the new servers
	// they match, but the signatures of the zone's records at the new servers are not valid
	NotValid    DNSSEC = "signatures-not-valid"
	NewUnsigned DNSSEC = "new-unsigned" // there are DS records, and the new servers do not sign
	// the new servers sign, and there are no DS records: they can be added afterwards
	SignedNoDS DNSSEC = "signed-no-ds"
	Unknown    DNSSEC = "unknown" // it could not be compared
)

// Breaks reports whether validating resolvers would refuse the zone after the move, if nothing else is done.
func (d DNSSEC) Breaks() bool {
	return d == WouldNotFit || d == NotValid || d == NewUnsigned || d == Partly
}

// Phrase says what happens to the zone in a sentence without its final stop.
func (d DNSSEC) Phrase() string {
	switch d {
	case Unsigned:
		return "the zone is not signed, and the new servers do not sign it"
	case Fits:
		return "the DS record matches a key of the new servers, and both hosts publish the keys in use"
	case Partly:
		return "the DS record matches a key of the new servers, but the two hosts do not publish each other's keys: " +
			"resolvers that have cached one host's keys reject the other's signatures"
	case WouldNotFit:
		return "the DS record matches no key of the new servers: validating resolvers would answer SERVFAIL for every " +
			"name of the zone"
	case NotValid:
		return "the DS record matches a key of the new servers, but the signatures of the zone's records there have " +
			"expired, or are of keys that the zone does not have: validating resolvers would answer SERVFAIL for every " +
			"name of the zone"
	case NewUnsigned:
		return "there is a DS record, and the new servers do not sign the zone: validating resolvers would answer " +
			"SERVFAIL for every name of it"
	case SignedNoDS:
		return "the new servers sign the zone, and there is no DS record: add it after the move"
	}
	return "the keys could not be compared"
}

// StepKind is a step of a move.
type StepKind string

// The steps, in their order.
const (
	StepServe   StepKind = "serve"          // the new servers have to serve the zone
	StepLower   StepKind = "lower-ttls"     // TTLs are lowered
	StepCreate  StepKind = "create-records" // the new zone gets what it lacks
	StepUnsign  StepKind = "remove-ds"      // the DS records are removed
	StepGlue    StepKind = "register-glue"  // the registry gets addresses of servers inside the zone
	StepChange  StepKind = "change-servers" // the delegation is changed at the registrar
	StepKeep    StepKind = "keep-old"       // the old zone has to stay until caches have let go
	StepSign    StepKind = "add-ds"         // the zone is signed again
	StepRestore StepKind = "restore-ttls"   // TTLs are restored
	StepRemove  StepKind = "remove-old"     // the zone is deleted at the old host
)

// Sentences of differences.

// Hidden says that a CNAME at the new servers hides records.
func Hidden(rrtype, target string) string {
	return fmt.Sprintf("at the new servers the name is an alias of %s, so its %s records cannot be there "+
		"(a CNAME excludes all other records)", target, rrtype)
}

// Beside says that the new servers have a CNAME beside other records.
func Beside(others []string) string {
	return "the new servers have a CNAME beside " + strings.Join(others, ", ") +
		" records: resolvers return one or the other, and most servers refuse to load such a zone"
}

// AtApex says that the new servers have a CNAME at the zone apex.
func AtApex(target string) string {
	return "the new servers have a CNAME to " + target + " at the zone apex, beside SOA and NS records: resolvers " +
		"then find no mail servers, and often no zone"
}

// SameEnd says that an alias and addresses lead to the same place.
func SameEnd(cdn string) string {
	if cdn != "" {
		return "one answers with an alias and the other with addresses, all of " + cdn + ", whose addresses rotate"
	}
	return "one answers with an alias and the other with the addresses behind it"
}

// SameCDN says that addresses belong to one CDN.
func SameCDN(cdn string) string { return "all addresses are of " + cdn + ", whose addresses rotate" }

// Proxied says that a host answers with the addresses of its proxy, so that the values cannot be compared.
func Proxied(name, proxy string, atOld bool) string {
	if atOld {
		return fmt.Sprintf("%s: the old servers answer with addresses of %s's proxy, which hide the record; compare "+
			"the new values with the record in its panel", name, proxy)
	}
	return fmt.Sprintf("%s: the new servers answer with addresses of %s's proxy, which hide the record; compare it in "+
		"its panel with the old values", name, proxy)
}

// TwoPolicies says that the new servers have several policies of a kind: "v=spf1", "v=dmarc1", ...
func TwoPolicies(kind string) string {
	switch kind {
	case "v=spf1":
		return "the new servers have several SPF records, which fails every check (RFC 7208 4.5)"
	case "v=dmarc1":
		return "the new servers have several DMARC records, so that no policy applies (RFC 7489 6.6.3)"
	}
	return "the new servers have several " + kind + " records, so that none counts"
}

// GlueBelow says what the address of a name server of a zone below is for.
func GlueBelow(cut string) string {
	return "this is the address of a name server of the zone " + cut +
		" inside that zone (glue): resolvers reach the " +
		"zone by it"
}

// StrayDS says that the new servers have a DS record of a zone below that fits none of its keys.
const StrayDS = "the zone below has no key that fits this DS record: validating resolvers would refuse its answers"

// Sentences about harmless differences.
const (
	NoHint       = "without this record, browsers connect by the addresses alone"
	OldChallenge = "a certificate authority asks for a new value each time"
	NoDSBelow    = "the zone below stays reachable, but is no longer protected by DNSSEC"
)

// OldServers says that the new servers' own NS records lead back to the old host.
func OldServers(listed []string) string {
	return "the zone at the new servers names other servers than the planned ones: " + strings.Join(listed, ", ") +
		". Resolvers prefer these to the registrar's, and would go on asking them"
}

// NewCut says that the new servers delegate a name that the old ones answer for.
const NewCut = "the new servers delegate this name to other servers"

// SlowTTL says that a TTL is long.
func SlowTTL(seconds uint32) string {
	return fmt.Sprintf("resolvers may keep an answer of the new servers for %s, so mistakes stay visible for as long",
		catalog.AtMost(seconds2duration(seconds)))
}

// Unanswered says that a question could not be compared.
func Unanswered(name, rrtype, set, phrase string) string {
	return fmt.Sprintf("%s %s: the %s servers did not answer (%s)", name, rrtype, set, phrase)
}

// ChainUnknown says that an alias could not be followed.
func ChainUnknown(name, rrtype string) string {
	return fmt.Sprintf("%s %s: one set of servers answers with an alias whose end could not be looked up", name, rrtype)
}

// Varies says that addresses vary among the old servers.
func Varies(name, rrtype string) string {
	return fmt.Sprintf(
		"%s %s: the old servers answer with different addresses, by place or by chance, and the new ones "+
			"with some of them", name, rrtype)
}

// NoneServes says that no server of a set answers for the zone.
func NoneServes(set, zone string) string {
	return fmt.Sprintf("no %s name server answers for %s with authority, so nothing could be compared", set, zone)
}

// NoneAsked says that no address of a set could be asked from here.
func NoneAsked(set string) string {
	return fmt.Sprintf("none of the %s name servers could be asked from this machine, so nothing could be compared",
		set)
}

// SomeServe says that some addresses of a set do not answer for the zone.
func SomeServe(set, server, phrase string) string {
	return fmt.Sprintf("%s name server %s %s", set, server, phrase)
}

// NotApex says that a name is not the apex of a delegated zone.
func NotApex(name, zone string) string {
	if zone == "" || zone == "." {
		return name + " is not delegated, so there is nothing to move"
	}
	return fmt.Sprintf("%s is not a zone of its own; it belongs to the zone %s", name, zone)
}

// Unlocated says that the delegation could not be looked up.
func Unlocated(name, why string) string {
	return fmt.Sprintf("the delegation of %s could not be looked up: %s", name, why)
}

// BadHost says that a name server's name is not valid.
func BadHost(host string) string { return fmt.Sprintf("%q is not the name of a name server", host) }

// MoreUnjudged says how many sentences are left out.
func MoreUnjudged(n int) string { return fmt.Sprintf("%d more could not be compared", n) }

// LeftOut says that names were not compared because there are too many.
func LeftOut(n int) string {
	return fmt.Sprintf("%d names were not compared: there are too many for one run", n)
}

// OnlyKnown says which names were compared if the zone could not be transferred.
const OnlyKnown = "the zone cannot be listed from outside: names that are neither given nor of a usual kind were " +
	"not " +
	"compared. A zone file (--zone) names them all"

// KeysUnknown says that DNSSEC could not be compared.
const KeysUnknown = "DNSSEC: the DS record or the keys could not be looked up"
