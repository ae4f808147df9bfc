package api

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog"
)

// Kind says what an error means for the one who asked.
type Kind string

// The kinds.
const (
	KindNotFound      Kind = "not-found"      // 404 with a DOMAIN_0nn code: the thing does not exist in this tenant
	KindWrongEndpoint Kind = "wrong-endpoint" // 404 without one, or a redirect elsewhere: wrong path or base URL
	KindUnauthorized  Kind = "unauthorized"   // no token, or one that is not accepted
	KindForbidden     Kind = "forbidden"      // the token is good, the act is not allowed
	KindRateLimited   Kind = "rate-limited"   // rate limit exceeded; see RetryAfter
	KindUnavailable   Kind = "unavailable"    // no answer, a time-out, or a fault without a code
	KindMalformed     Kind = "malformed"      // an answer that cannot be understood
	KindService       Kind = "service"        // any other refusal, mostly with a DOMAIN_0nn code
	KindMFARequired   Kind = "mfa-required"   // the password was right, a second factor is wanted
)

// Error is the only error type of this package's calls: every way in which the service, the gateway in front of it or
// the network says no. Its texts came from outside: control characters and secrets are removed and the length is
// bounded.
type Error struct {
	Kind       Kind
	Operation  Operation     // what was asked; empty when parsed from a pasted text
	HTTPStatus int           // 0 when there was no answer, or it is not known
	Code       string        // "DOMAIN_010" in this spelling, another service's code as it is, or empty
	Message    string        // what the service or the network said
	Method     string        // "GET"
	Path       string        // "/domains/v1/d-1"
	Timestamp  time.Time     // when the service says that it happened; zero when it does not say
	RequestID  string        // the service's own, else the x-request-id that was sent
	RetryAfter time.Duration // how long the service asks to wait; 0 when it does not say
	RateLimit  RateLimit     // the tightest limit that the answer named; zero when none

	cause     error
	body      []byte
	network   bool // there was no answer at all
	permanent bool // ... and asking again cannot help
	timeout   bool // ... because it took too long
}

// Unwrap returns the network's error, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Error says what was asked, what came back and what to do next.
func (e *Error) Error() string { return e.Summary() + ": " + e.NextStep() }

// KindOf returns the kind of an error of this package, or "" for any other.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// Summary is Error without the next step.
func (e *Error) Summary() string {
	var b strings.Builder
	if e.Method != "" || e.Path != "" {
		b.WriteString(strings.TrimSpace(e.Method+" "+e.Path) + ": ")
	}
	message := lowerFirst(strings.TrimRight(e.Message, ". "))
	if message == "" {
		message = e.defaultMessage()
	}
	b.WriteString(message)
	var facts []string
	if e.Code != "" {
		facts = append(facts, e.Code)
	}
	if e.HTTPStatus != 0 {
		facts = append(facts, fmt.Sprintf("http %d", e.HTTPStatus))
	}
	if e.RequestID != "" {
		facts = append(facts, "request "+e.RequestID)
	}
	if len(facts) > 0 {
		b.WriteString(" (" + strings.Join(facts, ", ") + ")")
	}
	return b.String()
}

func (e *Error) defaultMessage() string {
	if c, ok := known(e.Code); ok {
		return lowerFirst(c.Description)
	}
	switch e.Kind {
	case KindWrongEndpoint:
		if e.HTTPStatus >= 300 && e.HTTPStatus < 400 {
			return "redirects elsewhere, not followed"
		}
		return "this path does not exist"
	case KindUnauthorized:
		return "the token was rejected"
	case KindForbidden:
		return "this account is not allowed to do that"
	case KindRateLimited:
		return "rate limit exceeded"
	case KindUnavailable:
		return "the service is unavailable"
	case KindMalformed:
		return "unexpected response"
	}
	return "the service refused"
}

// NextStep is what the one who asked can do about it, in lower case.
func (e *Error) NextStep() string {
	if c, ok := known(e.Code); ok {
		return lowerFirst(strings.TrimRight(c.Resolution, "."))
	}
	switch e.Kind {
	case KindNotFound:
		return "check the id, `domdoc domains` lists this tenant's"
	case KindWrongEndpoint:
		return "check --api-url (DOMDOC_API_URL): it must not include /domains/v1, as in " + exampleURL
	case KindUnauthorized:
		if e.Operation == OpLogin {
			return "check the email and the password"
		}
		return "log in with `domdoc login`, or set DOMDOC_TOKEN to a new token"
	case KindForbidden:
		if e.Code == codeMaxSessions {
			return "end another session of this account first"
		}
		return "ask an administrator of the tenant, and check --tenant (DOMDOC_TENANT)"
	case KindRateLimited:
		if e.RetryAfter > 0 {
			return "try again in " + e.RetryAfter.Round(time.Second).String()
		}
		return "try again in a minute"
	case KindUnavailable:
		if e.network {
			return "check --api-url (DOMDOC_API_URL) and this machine's network, then try again"
		}
		return "try again in a few minutes"
	case KindMalformed:
		return "check that --api-url (DOMDOC_API_URL) is the domains service"
	case KindMFARequired:
		return "log in with a client that supports the second factor, and set DOMDOC_TOKEN to its token"
	}
	return "correct the request as the message says"
}

// codeMaxSessions comes as a 429, but waiting does not end a session.
const codeMaxSessions = "MAX_SESSIONS_REACHED"

// classify sets the kind from the HTTP status and the code. A text that was pasted has no status, and an error that
// came with 200 has a wrong one: then the code's own stands in.
func (e *Error) classify() {
	status := e.HTTPStatus
	if c, ok := known(e.Code); ok && status < 300 {
		status = c.HTTP
	}
	coded := isServiceCode(e.Code)
	switch {
	case strings.EqualFold(e.Code, "MFA_REQUIRED"):
		e.Kind = KindMFARequired
	case e.Code == codeMaxSessions:
		e.Kind = KindForbidden
	case status == 429:
		e.Kind = KindRateLimited
	case status == 404 && coded:
		e.Kind = KindNotFound
	case coded:
		e.Kind = KindService
	case status == 404 || status == 405 || status >= 300 && status < 400:
		e.Kind = KindWrongEndpoint
	case status == 401:
		e.Kind = KindUnauthorized
	case status == 403:
		e.Kind = KindForbidden
	case status == 408 || status >= 500:
		e.Kind = KindUnavailable
	case status >= 400 || e.Code != "":
		e.Kind = KindService
	default:
		e.Kind = KindMalformed
	}
}

var serviceCode = regexp.MustCompile(`^DOMAIN_[0-9]{3}$`)

// isServiceCode accepts also a number that the catalogue does not know: a code added later is still the service's
// answer.
func isServiceCode(code string) bool { return serviceCode.MatchString(code) }

func known(code string) (catalog.Code, bool) {
	if !isServiceCode(code) {
		return catalog.Code{}, false // FindCode is made for people and also takes "8"
	}
	return catalog.FindCode(code)
}

// canonical brings a code into the spelling of the catalogue. A name ("DNS_RECORD_NOT_FOUND") becomes its code only
// when the status agrees: other services of the platform may use the same words for something else.
func canonical(code string, status int) string {
	if upper := strings.ToUpper(code); isServiceCode(upper) {
		return upper
	}
	for _, c := range catalog.Codes() {
		if strings.EqualFold(c.Name, code) && (status < 300 || status == c.HTTP) {
			return c.ID
		}
	}
	return code
}

var (
	jwtText    = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?`)
	bearerText = regexp.MustCompile(`(?i)bearer[\s:]+[^\s"',;}]{8,}`)
)

// clean makes a text from outside fit for one line: whitespace becomes single spaces; control, format and
// bidirectional characters go, and so does whatever looks like a token. max is in characters.
func clean(s string, max int) string {
	if len(s) > 16*max { // enough for any text that is shown, and no work on megabytes
		s = s[:16*max]
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Join(strings.Fields(s), " ")
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf) {
			return -1
		}
		return r
	}, s)
	s = jwtText.ReplaceAllString(s, "[token]")
	s = bearerText.ReplaceAllString(s, "bearer [token]")
	if utf8.RuneCountInString(s) > max {
		s = strings.TrimSpace(string([]rune(s)[:max-1])) + "…"
	}
	return s
}

// redact removes the given secrets.
func (e *Error) redact(secrets ...string) {
	for _, s := range secrets {
		if len(s) < minSecret {
			continue
		}
		for _, field := range []*string{&e.Code, &e.Message, &e.Path, &e.RequestID} {
			*field = strings.ReplaceAll(*field, s, "[secret]")
		}
	}
}

// lowerFirst leaves a word of capitals as it is: "DNS propagation", but "domain not found".
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	next, _ := utf8.DecodeRuneInString(s[n:])
	if n == 0 || unicode.IsUpper(next) || unicode.IsDigit(next) {
		return s
	}
	return string(unicode.ToLower(r)) + s[n:]
}
