package api

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	firstBackoff = 250 * time.Millisecond
	lastBackoff  = 4 * time.Second
	// longestWait limits the waits that the service asks for: its limits are per minute, so that a longer wait would not
	// end while a user is watching.
	longestWait = 2 * time.Minute
)

// history is what one call has tried so far.
type history struct{ retries, timeouts int }

// again decides whether a failed attempt is retried, and after which wait. A wait for a rate limit is not returned
// but recorded in the limits: pace applies it to this call and all others.
func (c *Client) again(ctx context.Context, spec operation, op Operation, e *Error, h *history) (time.Duration,
	bool,
) {
	if h.retries >= c.retries {
		return 0, false
	}
	wait := backoff(h.retries)
	h.retries++
	if e.timeout {
		h.timeouts++
	}
	switch {
	// not every 429: MAX_SESSIONS_REACHED is forbidden, because waiting does not end a session
	case e.Kind == KindRateLimited:
		if e.RetryAfter == 0 && !e.RateLimit.Reset.IsZero() {
			e.RetryAfter = max(0, e.RateLimit.Reset.Sub(c.now()))
		}
		wait = max(wait, e.RetryAfter)
		if !affordable(ctx, wait) {
			return 0, false
		}
		c.limits.block(spec.service, c.now().Add(wait))
		return 0, true
	case isServiceCode(e.Code):
		return 0, false // errors with a code are final: a retry gives the same one
	case e.network:
		// A write may have arrived without its response. A second timeout would only double a long wait.
		return wait, spec.method == http.MethodGet && !e.permanent && h.timeouts <= 1 && affordable(ctx, wait)
	case e.HTTPStatus == http.StatusServiceUnavailable,
		// After a 502 or 504 the refresh may have happened, and a refresh token that is used twice ends the session.
		op != OpRefresh && (e.HTTPStatus == http.StatusBadGateway || e.HTTPStatus == http.StatusGatewayTimeout):
		wait = max(wait, e.RetryAfter)
		return wait, affordable(ctx, wait)
	}
	return 0, false
}

// affordable reports whether a wait ends before the context does. Waiting for the context's end instead would hide
// the reason.
func affordable(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return wait <= longestWait && (!ok || wait < time.Until(deadline))
}

// backoff doubles from a quarter of a second, half of it random, so that clients that failed together do not retry
// together.
func backoff(retries int) time.Duration {
	d := min(lastBackoff, firstBackoff<<min(retries, 10))
	return d/2 + rand.N(d/2)
}

// retryAfter reads the header Retry-After (RFC 9110 section 10.2.3): seconds, or a date, which is compared with the
// response's own Date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if strings.Trim(v, "0123456789") == "" {
		seconds, err := strconv.Atoi(v)
		if err != nil || seconds > 1<<30 {
			seconds = 1 << 30 // too long to wait for in any case
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, at.Sub(now)), 1<<30*time.Second)
}

// isPermanent reports whether a network error cannot be fixed by a retry.
func isPermanent(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.IsNotFound
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// innermost removes the prefix "Get https://…:" of net/http: the error already names the request.
func innermost(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
