package catalog

import "strings"

// ChangeKind names a kind of difference between two diagnoses of one domain. Scripts match on it: kinds are added,
// never renamed.
type ChangeKind string

// The kinds.
const (
	ChangeVerdict       ChangeKind = "verdict"        // the verdict is another
	ChangeStatus        ChangeKind = "status"         // the service's status is another
	ChangeCauseCame     ChangeKind = "cause-came"     // a root cause that was not there
	ChangeCauseWent     ChangeKind = "cause-went"     // a root cause that is gone
	ChangeCauseMoved    ChangeKind = "cause-moved"    // a root cause became a consequence of another, or the reverse
	ChangeCodeCame      ChangeKind = "code-came"      // a code is predicted or reported that was not
	ChangeCodeWent      ChangeKind = "code-went"      // a code is neither predicted nor reported any more
	ChangeCodeState     ChangeKind = "code-state"     // a code is explained now, or was
	ChangeWait          ChangeKind = "wait"           // waiting ends at another time
	ChangeNameservers   ChangeKind = "nameservers"    // the delegation is another
	ChangeDNSHost       ChangeKind = "dns-host"       // somebody else serves the zone
	ChangeDNSSEC        ChangeKind = "dnssec"         // the zone's security is another
	ChangeRegistration  ChangeKind = "registration"   // the registration's state is another
	ChangeEPPStatus     ChangeKind = "epp-status"     // the registration's statuses are others
	ChangeRegistrar     ChangeKind = "registrar"      // the registrar is another
	ChangeExpiry        ChangeKind = "expiry"         // the registration ends at another time
	ChangeCertificate   ChangeKind = "certificate"    // an address shows another certificate, or another state of it
	ChangeHTTP          ChangeKind = "http"           // the page answers otherwise
	ChangeSource        ChangeKind = "source"         // an authoritative server has another answer
	ChangeResolver      ChangeKind = "resolver"       // a resolver has another answer
	ChangeExpected      ChangeKind = "expected"       // the service wants another record
	ChangeUnknown       ChangeKind = "unknown"        // something could not be asked that could be before
	ChangeKnown         ChangeKind = "known"          // something could be asked again
	ChangeDomainAdded   ChangeKind = "domain-added"   // a domain is there that was not
	ChangeDomainRemoved ChangeKind = "domain-removed" // a domain is not there any more
)

// ChangeArgs are what the sentence about a change is made of. Empty texts mean "nothing".
type ChangeArgs struct {
	About  string `json:"about,omitempty"`  // a cause, a code, a record, a server, an address, a check
	Title  string `json:"title,omitempty"`  // of the cause
	Before string `json:"before,omitempty"` // as it was
	After  string `json:"after,omitempty"`  // as it is
}

// ChangeText is a change as a sentence.
func ChangeText(k ChangeKind, a ChangeArgs) string {
	was := func(what string) string {
		switch {
		case a.Before == "":
			return what + " is now " + a.After
		case a.After == "":
			return what + " was " + a.Before + ", and is gone"
		}
		return what + " was " + a.Before + ", and is now " + a.After
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
			return "on its own now: " + titled + ", which followed from " + a.Before
		}
		return "now a consequence of " + a.After + ": " + titled
	case ChangeCodeCame:
		return a.About + " is " + a.After + " now"
	case ChangeCodeWent:
		return a.About + " is gone (it was " + a.Before + ")"
	case ChangeCodeState:
		return a.About + " was " + a.Before + ", and is " + a.After + " now"
	case ChangeWait:
		switch {
		case a.After == "":
			return "nothing is waited for any more"
		case a.Before == "":
			return "it is waited for until " + a.After + " at the latest"
		}
		return "waiting ends at " + a.After + " at the latest, not at " + a.Before
	case ChangeNameservers:
		return was("the delegation")
	case ChangeDNSHost:
		return was("the DNS host")
	case ChangeDNSSEC:
		return was("DNSSEC")
	case ChangeRegistration:
		return was("the registration")
	case ChangeEPPStatus:
		return was("the registration's status")
	case ChangeRegistrar:
		return was("the registrar")
	case ChangeExpiry:
		return was("the end of the registration")
	case ChangeCertificate:
		return was(about("the certificate at"))
	case ChangeHTTP:
		return was("the page's answer")
	case ChangeSource:
		return was("at the source, " + a.About)
	case ChangeResolver:
		return was("in the cache, " + a.About)
	case ChangeExpected:
		return was(about("the record that is wanted for"))
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
		return strings.TrimSpace(a.About + " is not there any more")
	}
	return was(about(string(k)))
}

// NextReason says why a diagnosis is worth asking for again at some moment.
type NextReason string

// The reasons.
const (
	NextCache     NextReason = "cache"     // a resolver's copy has run out by then
	NextSource    NextReason = "source"    // somebody may have changed the zone
	NextService   NextReason = "service"   // the service may have moved on
	NextRegistry  NextReason = "registry"  // the registration may have changed
	NextEdge      NextReason = "edge"      // what answers at the addresses may have changed
	NextUnknown   NextReason = "unknown"   // what could not be asked may answer again
	NextHeartbeat NextReason = "heartbeat" // nothing is expected to change; a look all the same
)

// Phrase says the reason, for a person.
func (r NextReason) Phrase() string {
	switch r {
	case NextCache:
		return "a resolver's copy ends then"
	case NextSource:
		return "the zone may have been changed"
	case NextService:
		return "the service may have moved on"
	case NextRegistry:
		return "the registration may have changed"
	case NextEdge:
		return "the addresses may answer otherwise"
	case NextUnknown:
		return "what could not be asked may answer again"
	case NextHeartbeat:
		return "nothing is expected to change"
	}
	return string(r)
}
