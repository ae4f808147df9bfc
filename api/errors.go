package api

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"domdoc/catalog"
	"domdoc/catalog/lazyregexp"
)

// Kind classifies an error by what it means for the caller.
type Kind string

// The kinds.
const (
	KindNotFound      Kind = "not-found"      // 404 with a DOMAIN_0nn code: does not exist in this tenant
	KindWrongEndpoint Kind = "wrong-endpoint" // 404 without a code, or a redirect: wrong path or base URL
	KindUnauthorized  Kind = "unauthorized"   // no token, or a rejected one
	KindForbidden     Kind = "forbidden"      // valid token, but not allowed
	KindRateLimited   Kind = "rate-limited"   // see RetryAfter
	KindUnavailable   Kind = "unavailable"    // no response, a timeout, or an error without a code
	KindMalformed     Kind = "malformed"      // a response that cannot be understood
	KindService       Kind = "service"        // any other error, usually with a DOMAIN_0nn code
	KindMFARequired   Kind = "mfa-required"   // the password is correct, a second factor is required
)

// Error is the only error type of this package's calls, for errors of the service, of a gateway and of the network.
// Its texts come from outside: control characters and secrets are removed, and the length is limited.
type Error struct {
	Kind       Kind
	Operation  Operation     // "" if parsed from a pasted text
	HTTPStatus int           // 0 if unknown
	Code       string        // "DOMAIN_010" in this spelling, another service's code as sent, or ""
	Message    string        // of the service or the network
	Method     string        // "GET"
	Path       string        // "/domains/v1/d-1"
	Timestamp  time.Time     // as stated by the service; else zero
	RequestID  string        // of the service, else the x-request-id that was sent
	RetryAfter time.Duration // the wait that the service asks for; else 0
	RateLimit  RateLimit     // the tightest limit in the response; else zero
	Unread     *Unread       // the list that the error cut short; nil if it was none, or none of it was read

	cause     error
	body      []byte
	network   bool // there was no response
	permanent bool // ... and a retry cannot help
	timeout   bool // ... because of a timeout
}

// Unwrap returns the network's error, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Error returns the request, the error and the next step.
func (e *Error) Error() string { return e.Summary() + ": " + e.NextStep() }

// KindOf returns the kind of an error of this package, or "" for any other.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// Summary returns the error without the next step.
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

// NextStep returns what the user can do about the error, in lower case.
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

// codeMaxSessions comes with 429, but waiting does not end a session.
const codeMaxSessions = "MAX_SESSIONS_REACHED"

// classify sets the kind from the HTTP status and the code. A pasted text has no status and an error in a 200
// response has a wrong one; then the code's own status is used.
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

var serviceCode = lazyregexp.New(`^DOMAIN_[0-9]{3}$`)

// isServiceCode also accepts codes that are not in the catalog: one that was added later is still a code of the
// service.
func isServiceCode(code string) bool { return serviceCode.MatchString(code) }

func known(code string) (catalog.Code, bool) {
	if !isServiceCode(code) {
		return catalog.Code{}, false // FindCode also accepts "8"
	}
	return catalog.FindCode(code)
}

// canonical returns a code in the spelling of the catalog. A name ("DNS_RECORD_NOT_FOUND") becomes a code only if the
// status agrees, because other services use the same names.
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
	jwtText    = lazyregexp.New(`eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?`)
	bearerText = lazyregexp.New(`(?i)bearer[\s:]+[^\s"',;}]{8,}`)
)

// clean makes a text from outside printable on one line: it collapses whitespace, and removes control, format and
// bidirectional characters and anything that looks like a token. max is in characters.
func clean(s string, max int) string {
	if len(s) > 16*max { // avoids work on megabytes
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

// redact removes secrets from the error.
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

// lowerFirst puts the first letter in lower case unless the word is an acronym: "DNS propagation", but "domain not
// found".
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	next, _ := utf8.DecodeRuneInString(s[n:])
	if n == 0 || unicode.IsUpper(next) || unicode.IsDigit(next) {
		return s
	}
	return string(unicode.ToLower(r)) + s[n:]
}
