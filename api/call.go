package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Exchange is one attempt of one call, as [Config.OnExchange] receives it. It contains no secret.
type Exchange struct {
	Operation  Operation
	Method     string
	Path       string
	Attempt    int // from 1
	HTTPStatus int // 0 if there was no response
	RequestID  string
	RateLimit  RateLimit // the tightest limit in the response; zero if none
	At         time.Time
	Took       time.Duration
	Err        *Error // nil on success
}

// call is one request to the service.
type call struct {
	op      Operation
	id      string
	query   url.Values
	body    any      // sent as JSON; nil: no body
	secrets []string // removed from errors
}

// answer is a 2xx response that was read completely.
type answer struct {
	op        Operation
	method    string
	path      string
	status    int
	header    http.Header
	body      []byte
	tooLong   bool
	requestID string
	secrets   []string // secrets of the request, in case the response repeats them
}

// malformed returns the error of a response that cannot be understood.
func (a *answer) malformed(problem string) *Error {
	e := &Error{
		Kind: KindMalformed, Operation: a.op, HTTPStatus: a.status, Message: problem, Method: a.method,
		Path: a.path, RequestID: a.requestID,
	}
	e.redact(a.secrets...)
	return e
}

// excerpt returns the beginning of the body. Secrets are removed before it is truncated, because a part of one would
// not be recognized.
func (a *answer) excerpt() string {
	return clean(string(withoutSecrets(a.body[:min(len(a.body), maxPasted)], a.secrets)), 80)
}

// minSecret keeps a password such as "a" from being removed from ordinary words.
const minSecret = 6

func withoutSecrets(body []byte, secrets []string) []byte {
	for _, s := range secrets {
		if len(s) >= minSecret {
			body = bytes.ReplaceAll(body, []byte(s), []byte("[secret]"))
		}
	}
	return body
}

// do makes a call: with a fresh token, at the pace that the service allows, with retries where they can help. Its
// error is always an *Error.
//
// The loop is written out instead of using go-retryablehttp: retries depend on the body (a 503 with a DOMAIN code is
// final), on the context's deadline, and on a refreshed token, and the library's timer cannot be replaced in tests.
func (c *Client) do(ctx context.Context, q call) (*answer, error) {
	spec, _ := operationOf(q.op)
	u, err := c.target(q.op, q.id, q.query)
	if err != nil {
		return nil, err
	}
	var body []byte
	if q.body != nil {
		if body, err = json.Marshal(q.body); err != nil {
			return nil, &Error{
				Kind: KindMalformed, Operation: q.op, Method: spec.method, Path: u.Path,
				Message: "the request cannot be encoded as json", cause: err,
			}
		}
	}
	idempotency := ""
	if writes(q.op) {
		idempotency = newUUID() // the same for all attempts
	}
	asked := asked{op: q.op, spec: spec, url: u, body: body, idempotency: idempotency}
	refreshed := false
	if !spec.open {
		if refreshed, err = c.freshen(ctx); err != nil {
			return nil, c.blame(err, asked)
		}
	}
	history := history{}
	n := c.calls.begin(Delay{Operation: q.op, Method: spec.method, Path: u.Path, Since: c.now()})
	defer c.calls.end(n)
	for attempt := 1; ; attempt++ {
		if e := c.pace(ctx, spec.service, n); e != nil {
			return nil, c.finish(e, asked, "", q.secrets)
		}
		c.calls.set(n, c.now(), time.Time{})
		token := ""
		if !spec.open {
			token = c.creds.accessToken()
		}
		ans, e := c.once(ctx, asked, token, attempt, q.secrets)
		if e == nil {
			return ans, nil
		}
		if ctx.Err() != nil {
			return nil, e // the context ended while waiting
		}
		if e.Kind == KindUnauthorized && e.HTTPStatus == http.StatusUnauthorized && !spec.open && !refreshed &&
			c.creds.canRefresh() {
			refreshed = true
			if err := c.renew(ctx, token); err != nil {
				return nil, c.blame(err, asked)
			}
			continue
		}
		wait, again := c.again(ctx, spec, q.op, e, &history)
		if !again {
			return nil, e
		}
		if wait == 0 {
			continue
		}
		c.calls.set(n, c.now(), c.now().Add(wait))
		if err := c.sleep(ctx, wait); err != nil {
			if e.cause == nil {
				e.cause = err
			}
			return nil, e
		}
	}
}

// asked is the part of a call that is the same for all attempts.
type asked struct {
	op          Operation
	spec        operation
	url         *url.URL
	body        []byte
	idempotency string
	tag         string // of the answer that is known; empty if none is
}

var errAttemptTimeout = errors.New("timed out")

// once makes one attempt.
func (c *Client) once(ctx context.Context, q asked, token string, attempt int, secrets []string) (*answer, *Error) {
	x := Exchange{
		Operation: q.op, Method: q.spec.method, Path: q.url.EscapedPath(), Attempt: attempt,
		RequestID: newUUID(), At: c.now(),
	}
	known := c.kept.find(q)
	q.tag = known.tag
	began := time.Now() // not c.now: durations need the monotonic clock
	recorded := time.Duration(-1)
	ans, err := c.exchange(context.WithValue(ctx, tookKey{}, &recorded), q, token, x.RequestID)
	if x.Took = time.Since(began); recorded >= 0 {
		x.Took = recorded
	}
	if ans != nil {
		x.HTTPStatus = ans.status
		c.kept.settle(q, known, ans)
	}
	secrets = slices.Concat(secrets, c.creds.secrets(), []string{token})
	var e *Error
	switch {
	case err != nil:
		if r, ok := errors.AsType[*replayedError](err); ok {
			x.RequestID = cmp.Or(clean(r.requestID, maxRequestID), x.RequestID)
		}
		e = networkError(err)
	case ans.status >= 200 && ans.status < 300 && ans.tooLong:
		e = ans.malformed("the response is larger than " + sizeText(c.maxBody))
	case ans.status >= 200 && ans.status < 300 && !refusalInside(trimBOM(ans.body)):
	default:
		e = parseError(ans.status, ans.header, withoutSecrets(ans.body, secrets), c.now())
	}
	if ans != nil {
		ans.secrets = secrets
		limits := rateLimits(ans.header, x.At)
		x.RateLimit = tightest(limits)
		c.limits.learn(q.spec.service, limits, c.now())
		if id := clean(ans.header.Get("X-Request-Id"), maxRequestID); id != "" {
			x.RequestID = id
		} else if id := clean(ans.header.Get("Apigw-Requestid"), maxRequestID); id != "" {
			x.RequestID = id
		}
		ans.requestID = x.RequestID
	}
	if e != nil {
		c.finish(e, q, x.RequestID, secrets)
		x.RequestID = e.RequestID
	}
	if c.onExchange != nil {
		x.Err = e
		c.onExchange(ctx, x)
	}
	if e != nil {
		return nil, e
	}
	return ans, nil
}

func sizeText(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

// finish adds the request to an error. It overrides what the body says about the request.
func (c *Client) finish(e *Error, q asked, requestID string, secrets []string) *Error {
	e.Operation, e.Method, e.Path = q.op, q.spec.method, clean(q.url.EscapedPath(), maxPath)
	if e.RequestID == "" {
		e.RequestID = requestID
	}
	e.redact(secrets...)
	return e
}

// blame turns a failed refresh into the failure of the call that needed it. A refresh that got no response keeps its
// error: logging in again would not help.
func (c *Client) blame(err error, q asked) *Error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return c.finish(networkError(err), q, "", nil)
	}
	if e.Operation == OpRefresh && (e.Kind == KindUnavailable || e.Kind == KindRateLimited) {
		return e
	}
	copied := *e // other callers may hold the same error
	copied.Kind = KindUnauthorized
	if e.Operation == OpRefresh && q.op != OpRefresh {
		copied.Message = clean("the token has expired and could not be renewed, "+
			lowerFirst(cmp.Or(e.Message, e.defaultMessage())), maxMessage)
	}
	return c.finish(&copied, q, "", nil)
}

// exchange sends one request and reads one response, within the timeout of one attempt.
func (c *Client) exchange(parent context.Context, q asked, token, requestID string) (*answer, error) {
	ctx, cancel := context.WithTimeout(parent, c.timeout)
	defer cancel()
	ans, err := c.roundTrip(ctx, q, token, requestID)
	if err != nil && ctx.Err() != nil {
		if parent.Err() != nil {
			return nil, parent.Err()
		}
		// Not DeadlineExceeded: that would look like the caller's own deadline.
		return nil, fmt.Errorf("%w after %s", errAttemptTimeout, c.timeout)
	}
	return ans, err
}

// request returns the HTTP request of one attempt.
func (c *Client) request(ctx context.Context, q asked, token, requestID string) (*http.Request, error) {
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	req, err := http.NewRequestWithContext(ctx, q.spec.method, q.url.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("X-Request-Id", requestID)
	if q.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if q.tag != "" {
		req.Header.Set("If-None-Match", q.tag)
	}
	if q.idempotency != "" {
		req.Header.Set("Idempotency-Key", q.idempotency)
		// net/http takes this header as permission to repeat a POST when a connection breaks. Whether the service honors
		// the key is only assumed.
		req.GetBody = nil
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if c.tenant != "" && !q.spec.open {
		req.Header.Set("X-Tenant-Id", c.tenant)
	}
	return req, nil
}

// longBody is the size from which on a body is kept without unused space.
const longBody = 8 << 10

func (c *Client) roundTrip(ctx context.Context, q asked, token, requestID string) (*answer, error) {
	req, err := c.request(ctx, q, token, requestID)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err // its body is already closed
	}
	defer res.Body.Close()
	read, err := io.ReadAll(io.LimitReader(res.Body, c.maxBody+1))
	if err != nil && (res.StatusCode < 400 || ctx.Err() != nil) {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	if len(read) > longBody && cap(read)-len(read) > len(read)/8 {
		read = bytes.Clone(read) // the domains of a list keep its body
	}
	ans := &answer{
		op: q.op, method: q.spec.method, path: q.url.EscapedPath(), status: res.StatusCode,
		header: res.Header, body: read,
	}
	if int64(len(read)) > c.maxBody {
		ans.tooLong, ans.body = true, read[:c.maxBody]
	}
	return ans, nil
}
