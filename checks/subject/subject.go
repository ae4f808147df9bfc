// Package subject holds what a diagnosis is about and what is known before it starts: the name, the domain as the
// service has it, expected records, reported codes and the tenant's intent.
package subject

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
)

// Intent is what the tenant is trying to do with the domain.
type Intent string

// The intents. Being registered is a fault only for Register, a transfer lock only for Transfer.
const (
	Attach   Intent = "attach"
	Register Intent = "register"
	Transfer Intent = "transfer"
)

// ParseIntent reads an intent.
func ParseIntent(s string) (Intent, error) {
	switch i := Intent(s); i {
	case Attach, Register, Transfer:
		return i, nil
	}
	return "", fmt.Errorf("%q is not an intent; use attach, register or transfer", s)
}

// Reported is an error code that the service returned, according to the domain's lastError or a ticket.
type Reported struct {
	Code      string
	Message   string
	At        time.Time
	Path      string
	Method    string
	RequestID string
	Source    string // "lastError" or "ticket"
	Customers bool   // Message is in the words of the writer of the ticket, and no message of the service
	Confirmed bool   // a ticket has the code, and so has the domain's lastError
}

// Mentioned reports whether only a ticket mentions the code: nothing shows that the service returned it.
func (r Reported) Mentioned() bool {
	return r.Source == "ticket" && !r.Confirmed && r.Path == "" && r.At.IsZero() && r.RequestID == "" && r.Method == ""
}

// Past reports whether the report is older than the service's own patience (five minutes for a verification, 48 hours
// for anything else), so that the problem may be over. A report without a time is not past; the age of one from the
// future is unknown, because a clock is wrong, and it may be over too.
func (r Reported) Past(now time.Time) bool {
	patience := PropagationPatience
	if r.Code == "DOMAIN_004" {
		patience = VerificationPatience
	}
	return !r.At.IsZero() && !Within(r.At, now, patience)
}

// aheadAtMost is how far ahead of this machine's clock a reported time can be: a time zone apart.
const aheadAtMost = 24 * time.Hour

// Within reports whether a time of the service is less than d ago.
func Within(at, now time.Time, d time.Duration) bool {
	age := now.Sub(at)
	return age < d && age > -aheadAtMost
}

// Where an expected record comes from.
const (
	FromService = "service"
	FromFlag    = "flag"
)

// Expected is a record that should be published.
type Expected struct {
	catalog.Record
	Values []string // if a set of values is wanted; Record.Value is the first
	Source string   // FromService or FromFlag
	ID     string   // the service's id of the record
}

// Key identifies an expectation.
func (e Expected) Key() string {
	return e.Name + " " + e.Type + " " + e.Value + " " + string(e.Role)
}

// Subject is what a diagnosis is about, and what is known before it starts.
type Subject struct {
	Name    dnsname.Name
	Domain  *api.Domain // nil if the service was not asked or does not have it
	Service *Service    // nil without a service
	// ReadNow means that Domain was read for this diagnosis, and that kept details may be used; see [Service.Held].
	ReadNow bool
	Intent  Intent // as given; empty if it is to be inferred
	// Reported are error codes from a ticket.
	Reported []Reported
	Expect   []Expected
	// AuthCode is checked for its form only: never stored, logged, sent or shown.
	AuthCode *string
}

// AllReported returns the codes of lastError and of tickets, the latest of each.
func (s *Subject) AllReported() []Reported {
	out := slices.Clone(s.Reported)
	if s.Domain != nil && s.Domain.LastError != nil {
		e := s.Domain.LastError
		code := e.Code
		if c, ok := catalog.FindCode(code); ok {
			code = c.ID
		}
		known := slices.IndexFunc(out, func(r Reported) bool { return r.Code == code })
		if known >= 0 {
			out[known].Confirmed = true
		}
		if code != "" && known < 0 {
			out = append(out, Reported{
				Code: code, Message: e.Message, At: e.Timestamp, Path: e.Path,
				RequestID: e.RequestID, Source: "lastError",
			})
		}
	}
	return out
}

// VerificationDone reports whether the service has verified the domain and reports no failure since. The verification
// record may then be removed.
func (s *Subject) VerificationDone() bool {
	return s.Verified() && !slices.ContainsFunc(s.AllReported(), func(r Reported) bool {
		return r.Code == "DOMAIN_004"
	})
}

// Verified reports whether the service calls the domain verified.
func (s *Subject) Verified() bool {
	if s.Domain == nil || len(s.Domain.Verifications) == 0 {
		return false
	}
	for _, v := range s.Domain.Verifications {
		if slices.Contains(liveStatuses, Upper(v.Status)) || Upper(v.Status) == "SUCCESS" || v.Status == "" &&
			slices.Contains(liveStatuses, Upper(s.Domain.Status)) {
			return true
		}
	}
	return false
}

// IDAfter returns the id that follows a path segment in the report's path or message: r-99 after dns in
// "/domains/v1/d-1/dns/r-99".
func (r Reported) IDAfter(word string) string {
	for _, text := range []string{r.Path, r.Message} {
		parts := strings.FieldsFunc(text, func(c rune) bool {
			return c == '/' || c == ' ' || c == '?' || c == '"' || c == '\'' || c == ','
		})
		for i, part := range parts {
			if part == word && i+1 < len(parts) {
				return sanitize.Text(strings.Trim(parts[i+1], ".:;)("), 80)
			}
		}
	}
	return NamedID(r.Message, objectWords[word])
}

// objectWords are the words for the objects in a path.
var objectWords = map[string]string{"routes": "route", "dns": "record", "transfers": "transfer"}

// NamedID returns the id of an object in a sentence about it: rt-9 in "Route rt-9 not found" or "no route with id
// rt-9"; empty if the sentence names none.
func NamedID(message, object string) string {
	if object == "" {
		return ""
	}
	words := strings.FieldsFunc(message, func(c rune) bool {
		return unicode.IsSpace(c) || strings.ContainsRune(`"'`+"`"+`,;:()[]<>{}=#“”‘’«»`, c)
	})
	for i, w := range words {
		if strings.ToLower(strings.TrimSuffix(w, "s")) != object && !strings.EqualFold(w, object+"Id") {
			continue
		}
		for j := i + 1; j < len(words); j++ {
			next := strings.TrimRight(words[j], ".!?")
			if slices.Contains([]string{
				"with", "id", "the", "identifier", "named", "uuid", "not", "found", "unknown",
			}, strings.ToLower(next)) {
				continue
			}
			if isID(next, words[j+1:]) {
				return sanitize.Text(next, 80)
			}
			break
		}
	}
	return ""
}

// isID reports whether a word of a sentence is an id: it has a digit and nothing that ids do not have. A bare number
// is one only if the sentence goes on to say that it does not exist: "Route 53" is a product, "route 404" an answer.
func isID(word string, rest []string) bool {
	digits, others := 0, 0
	for _, c := range word {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			others++
		default:
			return false
		}
	}
	if digits == 0 {
		return false
	}
	return others > 0 || word != "53" && len(rest) > 0 && slices.Contains(
		[]string{"not", "does", "doesn't", "is", "was", "could", "cannot", "unknown", "missing"}, strings.ToLower(rest[0]))
}

// ToBeRegistered reports whether the tenant wants to register the name: the intent says so, or the service refused a
// registration (DOMAIN_003) and the domain is not in use.
func (s *Subject) ToBeRegistered() bool {
	if s.Intent != "" {
		return s.Intent == Register
	}
	return !s.InUse() && slices.ContainsFunc(s.AllReported(), func(r Reported) bool { return r.Code == "DOMAIN_003" })
}

// liveStatuses are the statuses of a domain that serves traffic. The API documents VERIFIED; the others are common in
// similar services.
var liveStatuses = []string{"VERIFIED", "ACTIVE", "LIVE", "ENABLED", "READY", "ONLINE"}

// InUse reports whether the domain serves traffic according to the service.
func (s *Subject) InUse() bool {
	return s.Domain != nil && Verified(s.Domain.Status)
}

// Verified reports whether a domain with this status needs no further verification.
func Verified(status string) bool { return slices.Contains(liveStatuses, Upper(status)) }

// Upper normalizes a status or record type for comparison: upper case, without surrounding white space.
func Upper(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// How long the service waits, according to the resolutions of its error codes.
const (
	VerificationPatience = 5 * time.Minute
	PropagationPatience  = 48 * time.Hour
)
