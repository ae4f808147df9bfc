package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"domdoc/catalog/lazyregexp"
)

const (
	maxMessage   = 500 // characters; a message is one sentence
	maxExcerpt   = 200
	maxPath      = 300
	maxCode      = 64
	maxRequestID = 128
	maxKeptBody  = 64 << 10  // bytes of a health report with an error status
	maxPasted    = 256 << 10 // bytes of a ticket that are searched for an error
)

// ParseError turns any error response into an *Error: of the Domains Service, its siblings, stock NestJS, API
// Gateway, and bodies that are not JSON. status is the HTTP status, or 0 if it is unknown, as for the text of a
// ticket: then the body's own statusCode is used, and JSON in prose or a bare code is recognized as well. It never
// returns nil: an unknown body becomes [KindMalformed].
func ParseError(status int, header http.Header, body []byte) *Error {
	return parseError(status, header, body, time.Now())
}

func parseError(status int, header http.Header, body []byte, now time.Time) *Error {
	e := &Error{HTTPStatus: status, RetryAfter: retryAfter(header, now), RateLimit: tightest(rateLimits(header, now))}
	body = trimBOM(body)
	p := errorBody{e: e}
	if o, ok := findError(status == 0, body); ok {
		p.read(o, 0)
	} else if isHTML(header, body) {
		// Remove tags before truncating: a page begins with tags only.
		e.Message = clean("a web page instead of an answer: "+
			htmlTag.ReplaceAllString(string(body[:min(len(body), 8<<10)]), " "), maxExcerpt)
	} else {
		e.Message = clean(string(body), maxExcerpt)
	}
	if e.Code == "" && status == 0 {
		e.Code = onlyCode(body)
	}
	// An error in a 2xx response overrides its status; any other HTTP status overrides the body's.
	if (status == 0 || status >= 200 && status < 300) && p.status >= 100 && p.status <= 599 {
		e.HTTPStatus = p.status
	}
	e.Code = canonical(e.Code, e.HTTPStatus)
	// The id in the body is the service's own. A header may repeat ours, or be the gateway's.
	for _, id := range []string{
		p.requestID, header.Get("X-Request-Id"), header.Get("Apigw-Requestid"),
		header.Get("X-Amzn-Requestid"), p.traceID,
	} {
		if e.RequestID == "" {
			e.RequestID = clean(id, maxRequestID)
		}
	}
	e.classify()
	if len(body) <= maxKeptBody {
		e.body = body
	}
	return e
}

// errorBody collects the contents of an error's JSON. Outer objects override inner ones.
type errorBody struct {
	e                  *Error
	status             int
	requestID, traceID string
}

// findError returns the object that states the error. In a pasted text it is the first one with the fields of an error.
func findError(pasted bool, body []byte) (object, bool) {
	if o, ok := readObject(body, "", nil); ok && tooDeep(body) == "" {
		return o, true
	}
	if !pasted {
		return object{}, false
	}
	return errorInText(string(body[:min(len(body), maxPasted)]))
}

func errorInText(text string) (object, bool) {
	for _, t := range FindJSON(text) {
		if t.Body == "" || tooDeep([]byte(t.Body)) != "" {
			continue
		}
		if o, ok := readObject([]byte(t.Body), "", nil); ok && o.has("errorCode", "code", "message", "error") {
			return o, true
		}
		if o, ok := errorInText(text[t.Start+1 : t.End]); ok { // tooDeep limits the recursion
			return o, true
		}
	}
	return object{}, false
}

func (p *errorBody) read(o object, depth int) {
	if depth > 4 {
		return
	}
	e := p.e
	if e.Code == "" {
		e.Code = errorCode(o)
	}
	if e.Message == "" {
		e.Message = clean(strings.Join(o.texts("message", "errorMessage", "errorDescription", "detail"), "; "),
			maxMessage)
	}
	if e.Method == "" {
		e.Method = strings.ToUpper(clean(o.text("method"), 16))
	}
	if e.Path == "" {
		e.Path = clean(o.text("path"), maxPath)
	}
	if e.Timestamp.IsZero() {
		e.Timestamp = o.time("timestamp")
	}
	if p.status == 0 {
		if n := o.int("statusCode", "status", "httpStatus", "http"); n != nil {
			p.status = *n
		}
	}
	if p.requestID == "" {
		p.requestID = o.text("requestId")
	}
	if p.traceID == "" {
		p.traceID = o.text("traceId")
	}
	for _, key := range []string{"message", "error", "meta", "details", "data"} {
		if inner, ok := o.object(key); ok {
			p.read(inner, depth+1)
		}
	}
	// NestJS has the status text here ("Bad Request"), other frameworks a code or the only message.
	if s := o.text("error"); s != "" {
		if e.Code == "" && isServiceCode(strings.ToUpper(s)) {
			e.Code = s
		} else if e.Message == "" {
			e.Message = clean(s, maxMessage)
		}
	}
	if e.Message == "" {
		for _, raw := range o.elements("errors") {
			if inner, ok := knownObject(raw, "", nil); ok {
				p.read(inner, depth+1)
			} else if s, ok := stringOf(raw); ok {
				e.Message = clean(s, maxMessage)
			}
			if e.Message != "" {
				break
			}
		}
	}
}

// errorCode reads a code. A bare number is an HTTP status, not a code.
func errorCode(o object) string {
	for _, key := range []string{"errorCode", "code"} {
		if s, ok := stringOf(o.get(key)); ok && strings.Trim(s, "0123456789 ") != "" {
			return clean(s, maxCode)
		}
	}
	return ""
}

var (
	codeInText = lazyregexp.New(`(?i)\bDOMAIN_[0-9]{3}\b`)
	htmlTag    = lazyregexp.New(`(?s)<(script|style)[^>]*>.*?</(script|style)>|<[^>]*>?`)
)

// onlyCode returns the code in a pasted text if it names exactly one.
func onlyCode(text []byte) string {
	var found string
	for _, m := range codeInText.FindAll(text[:min(len(text), maxPasted)], -1) {
		code := strings.ToUpper(string(m))
		if found != "" && found != code {
			return ""
		}
		found = code
	}
	return found
}

func isHTML(header http.Header, body []byte) bool {
	return strings.Contains(strings.ToLower(header.Get("Content-Type")), "html") ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// refusalInside recognizes an error in a 200 response: siblings of the service answer {"data":null,"error":{…}}, and
// some gateways turn every status into 200.
func refusalInside(body []byte) bool {
	o, ok := readObject(body, "", nil)
	if !ok || o.has("id") || o.has("items") || o.has("data") {
		return false
	}
	if n := o.int("statusCode"); n != nil && *n >= 400 && o.has("message", "errorCode", "error") {
		return true
	}
	if isServiceCode(o.text("errorCode")) {
		return true
	}
	inner, ok := o.object("error")
	return ok && inner.has("code") && inner.has("message")
}

// networkError returns the error of a call without a response.
func networkError(err error) *Error {
	e := &Error{Kind: KindUnavailable, cause: err, network: true}
	if r, ok := errors.AsType[*redirectError](err); ok {
		return &Error{Kind: KindWrongEndpoint, Message: r.Error(), cause: err}
	}
	if errors.Is(err, errTooManyRedirects) {
		return &Error{Kind: KindWrongEndpoint, Message: "redirect loop, " + err.Error(), cause: err}
	}
	e.permanent = isPermanent(err)
	e.timeout = errors.Is(err, errAttemptTimeout)
	if errors.Is(err, context.DeadlineExceeded) { // the caller's, as exchange has it
		e.Message = "no answer before the end of this run"
		return e
	}
	e.Message = "no answer: " + clean(innermost(err).Error(), maxMessage)
	return e
}
