package catalog

import "strings"

// ChangeKind is a kind of difference between two diagnoses of one domain. Scripts match on it, so it is stable: kinds
// are added, never renamed.
type ChangeKind string

// The kinds.
const (
	ChangeVerdict       ChangeKind = "verdict"        // the verdict changed
	ChangeStatus        ChangeKind = "status"         // the service's status changed
	ChangeCauseCame     ChangeKind = "cause-came"     // a new root cause
	ChangeCauseWent     ChangeKind = "cause-went"     // a root cause is gone
	ChangeCauseMoved    ChangeKind = "cause-moved"    // a root cause became a consequence of another, or the reverse
	ChangeCodeCame      ChangeKind = "code-came"      // a code is newly predicted or reported
	ChangeCodeWent      ChangeKind = "code-went"      // a code is no longer predicted or reported
	ChangeCodeState     ChangeKind = "code-state"     // the state of a code changed
	ChangeWait          ChangeKind = "wait"           // the end of the wait changed
	ChangeNameservers   ChangeKind = "nameservers"    // the delegation changed
	ChangeDNSHost       ChangeKind = "dns-host"       // the DNS host changed
	ChangeDNSSEC        ChangeKind = "dnssec"         // the DNSSEC state changed
	ChangeRegistration  ChangeKind = "registration"   // the registration's state changed
	ChangeEPPStatus     ChangeKind = "epp-status"     // the registration's EPP statuses changed
	ChangeRegistrar     ChangeKind = "registrar"      // the registrar changed
	ChangeExpiry        ChangeKind = "expiry"         // the expiry date changed
	ChangeCertificate   ChangeKind = "certificate"    // an address serves another certificate, or its state changed
	ChangeHTTP          ChangeKind = "http"           // the HTTP answer changed
	ChangeSource        ChangeKind = "source"         // an authoritative server's answer changed
	ChangeResolver      ChangeKind = "resolver"       // a resolver's answer changed
	ChangeExpected      ChangeKind = "expected"       // the service expects another record
	ChangeUnknown       ChangeKind = "unknown"        // something could be checked before but not now
	ChangeKnown         ChangeKind = "known"          // something can be checked again
	ChangeDomainAdded   ChangeKind = "domain-added"   // a new domain
	ChangeDomainRemoved ChangeKind = "domain-removed" // a domain is gone
)

// ChangeArgs are the arguments of the sentence about a change. An empty text means "none".
type ChangeArgs struct {
	About  string `json:"about,omitempty"`  // a cause, a code, a record, a server, an address, a check
	Title  string `json:"title,omitempty"`  // of the cause
	Before string `json:"before,omitempty"` // the old value
	After  string `json:"after,omitempty"`  // the new value
}

// ChangeText returns a change as a sentence.
func ChangeText(k ChangeKind, a ChangeArgs) string {
	was := func(what string) string {
		switch {
		case a.Before == "":
			return what + " is now " + a.After
		case a.After == "":
			return what + " was " + a.Before + ", now none"
		}
		return what + " changed from " + a.Before + " to " + a.After
	}
	about := func(what string) string {
		if a.About == "" {
			return what
		}
		return what + " " + a.About
	}
	titled := a.About
	if a.Title != "" {
		titled = a.Title + " (" + a.About + ")"
	}
	switch k {
	case ChangeVerdict:
		return was("the verdict")
	case ChangeStatus:
		return was("the service's status")
	case ChangeCauseCame:
		return "new: " + titled
	case ChangeCauseWent:
		return "gone: " + titled
	case ChangeCauseMoved:
		if a.After == "" {
			return "now a root cause: " + titled + ", formerly a consequence of " + a.Before
		}
		return "now a consequence of " + a.After + ": " + titled
	case ChangeCodeCame:
		return a.About + " is now " + a.After
	case ChangeCodeWent:
		return a.About + " is gone (it was " + a.Before + ")"
	case ChangeCodeState:
		return a.About + " changed from " + a.Before + " to " + a.After
	case ChangeWait:
		switch {
		case a.After == "":
			return "no longer waiting"
		case a.Before == "":
			return "waiting until " + a.After + " at the latest"
		}
		return "the wait now ends by " + a.After + " instead of " + a.Before
	case ChangeNameservers:
		return was("the delegation")
	case ChangeDNSHost:
		return was("the DNS host")
	case ChangeDNSSEC:
		return was("DNSSEC")
	case ChangeRegistration:
		return was("the registration")
	case ChangeEPPStatus:
		return was("the registration status")
	case ChangeRegistrar:
		return was("the registrar")
	case ChangeExpiry:
		return was("the registration expiry")
	case ChangeCertificate:
		return was(about("the certificate at"))
	case ChangeHTTP:
		return was("the HTTP answer")
	case ChangeSource:
		return was("the authoritative answer for " + a.About)
	case ChangeResolver:
		return was("the cached answer for " + a.About)
	case ChangeExpected:
		return was(about("the record expected for"))
	case ChangeUnknown:
		s := "could not be checked this time: " + a.About
		if a.After != "" {
			s += " (" + a.After + ")"
		}
		return s
	case ChangeKnown:
		return "can be checked again: " + a.About
	case ChangeDomainAdded:
		return strings.TrimSpace(a.About + " is new")
	case ChangeDomainRemoved:
		return strings.TrimSpace(a.About + " is gone")
	}
	return was(about(string(k)))
}

// NextReason is the reason to repeat a diagnosis at a certain time.
type NextReason string

// The reasons.
const (
	NextCache     NextReason = "cache"     // a cached answer expires
	NextSource    NextReason = "source"    // the zone may have changed
	NextService   NextReason = "service"   // the state in the service may have changed
	NextRegistry  NextReason = "registry"  // the registration may have changed
	NextEdge      NextReason = "edge"      // the answer at the addresses may have changed
	NextUnknown   NextReason = "unknown"   // a failed query may succeed
	NextHeartbeat NextReason = "heartbeat" // a regular check
)

// Phrase returns the reason as printed.
func (r NextReason) Phrase() string {
	switch r {
	case NextCache:
		return "a cached answer expires then"
	case NextSource:
		return "the zone may have changed"
	case NextService:
		return "the state in the service may have changed"
	case NextRegistry:
		return "the registration may have changed"
	case NextEdge:
		return "the answer at the addresses may have changed"
	case NextUnknown:
		return "a failed query may succeed then"
	case NextHeartbeat:
		return "regular check, no change expected"
	}
	return string(r)
}
