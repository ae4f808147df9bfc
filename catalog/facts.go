package catalog

// The states of facts that reports show (the words of the JSON), said for a person.

// ServerWords says how a listed name server answers for its zone: good, lame, silent, unclear or not-asked.
func ServerWords(state string) string {
	switch state {
	case "good":
		return "serves the zone"
	case "lame":
		return "answers, and does not serve the zone"
	case "silent":
		return "gives no answer"
	case "unclear":
		return "answers, and not so that it can be judged"
	}
	return "not asked"
}

// SecurityWords says whether a zone is signed, and whether that holds: secure, insecure, bogus or unknown (RFC 4033
// 5).
func SecurityWords(state string) string {
	switch state {
	case "secure":
		return "signed, and the signatures hold"
	case "insecure":
		return "not signed: the zone above has no DS record for it"
	case "bogus":
		return "signed, and the signatures do not hold: validating resolvers refuse the whole zone"
	}
	return "whether it is signed could not be asked"
}

// HandshakeWords says what an address showed: valid, or what is wrong with it.
func HandshakeWords(state string) string {
	switch state {
	case "valid":
		return "valid for this host"
	case "default":
		return "the CDN's own certificate, which it shows for names that it does not know"
	case "name-mismatch":
		return "for other names than this host"
	case "expired":
		return "expired"
	case "not-yet-valid":
		return "not valid yet"
	case "untrusted":
		return "not trusted"
	case "handshake-fails":
		return "no certificate: the handshake fails"
	case "unreachable":
		return "no certificate: no connection"
	}
	return "not tried"
}

// RegistrationWords says what is known of a name's registration: registered, not-registered, reserved or unknown.
func RegistrationWords(state string) string {
	switch state {
	case "registered":
		return "registered"
	case "not-registered":
		return "nobody has registered it"
	case "reserved":
		return "the registry reserves it"
	}
	return "could not be asked"
}

// What makes a route special among a domain's others, in a few words.
const (
	RouteNever     = "its redirects come back and never end"
	RouteElsewhere = "for another host"
	RouteFirst     = "answers for the front page"
)

// RouteHidden says that a route is never reached, since a wider one comes before it.
func RouteHidden(by string) string { return "never reached: " + by + " comes before it" }

// RouteSame says that two routes have the same host and path.
func RouteSame(as string) string { return "same host and path as " + as }

// ReportedOnly says of a code that the service reported and the evidence does not show.
const ReportedOnly = "the service reported this; nothing that was seen now explains it, so it may be over"

// ReportedOnlyShort is the same as a title.
const ReportedOnlyShort = "reported, and not supported by what is seen now"

// ReportedUnjudged says the same where not everything could be asked.
const ReportedUnjudged = "the service reported this; why cannot be told, because not everything could be asked"

// Healthy is what is said of a domain without findings.
const Healthy = "nothing is wrong"

// Flattened says of a routing record that is right without being visible.
const Flattened = "the addresses of the wanted name: the DNS host follows it by itself (flattening), so no CNAME " +
	"is visible"

// Spent says of a verification record that the service does not need any more.
const Spent = "the service has verified the domain, so the record has done its work and may be gone"
