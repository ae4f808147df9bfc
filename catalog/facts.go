package catalog

import (
	"strconv"
	"strings"
)

// Descriptions of the states in reports, by their JSON values.

// ServerWords describes how a listed name server answers for its zone: good, lame, silent, unclear or not-asked.
func ServerWords(state string) string {
	switch state {
	case "good":
		return "serves the zone"
	case "lame":
		return "answers, but does not serve the zone"
	case "silent":
		return "does not answer"
	case "unclear":
		return "gives an unclear answer"
	}
	return "not queried"
}

// SecurityWords describes the DNSSEC state of a zone: secure, insecure, bogus or unknown (RFC 4033 5).
func SecurityWords(state string) string {
	switch state {
	case "secure":
		return "signed, and validation succeeds"
	case "insecure":
		return "not signed: the parent zone has no DS record for it"
	case "bogus":
		return "signed, but validation fails: validating resolvers reject the whole zone"
	}
	return "could not be checked"
}

// HandshakeWords describes the certificate that an address serves.
func HandshakeWords(state string) string {
	switch state {
	case "valid":
		return "valid for this host"
	case "default":
		return "the CDN's default certificate: the name is not attached there"
	case "name-mismatch":
		return "for other names, not this host"
	case "expired":
		return "expired"
	case "not-yet-valid":
		return "not valid yet"
	case "untrusted":
		return "not trusted"
	case "handshake-fails":
		return "no certificate: the TLS handshake fails"
	case "unreachable":
		return "no certificate: connection failed"
	}
	return "not tried"
}

// RegistrationWords describes the registration of a name: registered, not-registered, reserved or unknown.
func RegistrationWords(state string) string {
	switch state {
	case "registered":
		return "registered"
	case "not-registered":
		return "not registered"
	case "reserved":
		return "reserved by the registry"
	}
	return "could not be looked up"
}

// Remarks about a route of a domain.
const (
	RouteNever     = "redirect loop"
	RouteElsewhere = "for another host"
	RouteFirst     = "serves the front page"
)

// What a check has judged where calls of the service were spared (--fewer-calls).
const (
	CertificateNotRead = "judged by what the addresses present; its state was not read from the service (--fewer-calls)"
	RenewalNotRead     = "no CAA record prevents it and it is not due yet; the validation record was not read from the " +
		"service (--fewer-calls)"
	RoutesNotRead = "the page is served; the routes were not read from the service (--fewer-calls)"
)

// RouteHidden is the remark about a route that never matches, because a broader one takes precedence.
func RouteHidden(by string) string { return "never matches: " + by + " takes precedence" }

// RouteSame is the remark about a route with the same host and path as another.
func RouteSame(as string) string { return "same host and path as " + as }

// ReportedOnly explains a code that the service reported but the evidence does not support.
const ReportedOnly = "the service reported this, but no current finding explains it, so it may be resolved"

// ReportedRecently explains such a code if the report is so recent that it may be about the present state.
const ReportedRecently = "the service reported this recently, and no current finding explains it: let it try " +
	"again, " +
	"and if it fails again, send this report to its support"

// ReportedIntegration explains a code of a failing integration of the platform that no finding explains.
func ReportedIntegration(integration string) string {
	return "this code names a failure of the platform's " + integration + " integration, and no current finding at the " +
		"domain explains it: the platform must look into it; no change is needed at the domain. If it is still " +
		"reported, send this report to the platform's support"
}

// ReportedOnlyShort is ReportedOnly as a title.
const ReportedOnlyShort = "reported, but not supported by current findings"

// ReportedUnjudged explains such a code if some checks could not be completed.
const ReportedUnjudged = "the service reported this; the reason is unknown, because some checks could not be " +
	"completed or are left out"

// Mentioned says that only a ticket has a code.
const Mentioned = "mentioned in the ticket"

// MentionedOnly and MentionedUnjudged are ReportedOnly and ReportedUnjudged for a code that only a ticket mentions.
const (
	MentionedOnly     = "the ticket mentions this, but no current finding explains it, so it may be resolved"
	MentionedUnjudged = "the ticket mentions this; the reason is unknown, because some checks could not be " +
		"completed or are left out"
)

// MentionedOnlyShort is MentionedOnly as a title.
const MentionedOnlyShort = "mentioned in a ticket, but not supported by current findings"

// ShortCodes joins codes without their common prefix; those that are only predicted stand in brackets.
func ShortCodes(reported, predicted []string) string {
	s := strings.Join(reported, " ")
	if len(predicted) > 0 {
		s = strings.TrimSpace(s + " (" + strings.Join(predicted, " ") + ")")
	}
	return s
}

// RequestWillFail introduces the causes for which the service is expected to refuse a request, by a diagnosis at a
// time.
func RequestWillFail(at string, causes int) string {
	if causes > 1 {
		return "the diagnosis of " + at + " expects this to be refused, for these reasons:"
	}
	return "the diagnosis of " + at + " expects this to be refused:"
}

// ServiceReports is what the service says about a domain that was not diagnosed yet: the name of its last error, and
// when it was. ago may be empty.
func ServiceReports(name, ago string) string {
	if ago != "" {
		ago = " " + ago
	}
	return "reported" + ago + ": " + name
}

// ServiceLists is what the service says about such a domain without an error: its status, and since when.
func ServiceLists(status, ago string) string {
	if ago == "" {
		return status
	}
	return status + ", changed " + ago
}

// ServiceAsksToWait says that the service lets a request wait, for so long.
func ServiceAsksToWait(span string) string {
	return "the service asks to wait: next request in " + span
}

// ServiceSilent says that the service has not answered a request, such as "GET /domains", for so long.
func ServiceSilent(request, span string) string {
	return "no answer from the service for " + span + ": " + request
}

// IncidentTell says who is told about an incident: who must act, with all affected domains in one report, and the
// owners of the domains.
func IncidentTell(who []Actor, domains int) string {
	var list []string
	for _, a := range who {
		list = append(list, a.Phrase())
	}
	return Join(list) + ", in one report about all " + strconv.Itoa(domains) +
		" domains; and the owners of the domains: this fault is not theirs"
}

// Healthy is the summary of a domain without findings.
const Healthy = "no problems found"

// Flattened describes a routing record that is correct but not visible as a CNAME.
const Flattened = "the addresses of the expected name: the DNS host resolves it itself (flattening), so no CNAME " +
	"is " +
	"visible"

// Spent describes a verification record that the service no longer needs.
const Spent = "the service has verified the domain, so the record is no longer needed"

// judged are the parts of a domain that checks judge, by the ids of the checks. One of them that passes is enough.
var judged = []struct {
	part   string
	checks []string
	always bool // its absence is worth saying
}{
	{"entry in the service", []string{"service"}, false},
	{"registration", []string{"registration"}, true},
	{"delegation", []string{"delegation"}, true},
	{"DNSSEC", []string{"dnssec"}, true},
	{"verification record", []string{"verification"}, false},
	{"expected records", []string{"records"}, true},
	{"addresses", []string{"addresses"}, false},
	{"CAA", []string{"caa"}, false},
	{"certificate", []string{"certificate"}, true},
	{"CDN", []string{"cdn"}, false},
	{"web page", []string{"http"}, true},
}

// Judged says in one line what was judged at a domain without a fault, and from where. passed reports whether the
// check with an id passed; resolvers are those that were asked and answered.
func Judged(passed func(check string) bool, resolvers []string) string {
	var yes, no []string
	for _, j := range judged {
		found := false
		for _, id := range j.checks {
			found = found || passed(id)
		}
		switch {
		case found:
			yes = append(yes, j.part)
		case j.always:
			no = append(no, j.part)
		}
	}
	if len(yes) == 0 {
		return "nothing"
	}
	s := strings.Join(yes, ", ") + "; from this machine"
	if len(resolvers) > 0 {
		s += " and " + strings.Join(resolvers, ", ")
	}
	if len(no) > 0 {
		s += "; not judged: " + strings.Join(no, ", ")
	}
	return s
}
