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
	// longestWait bounds any wait that the service asks for: its limits count by the minute, so a longer one will not
	// end while somebody looks on.
	longestWait = 2 * time.Minute
)

// history is what one call has tried so far.
type history struct{ retries, timeouts int }

// again decides whether a failed attempt is repeated, and after which wait. A wait for a rate limit is not returned
// but noted in the limits: pace keeps it, for this call and for all others.
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
	// not every 429: MAX_SESSIONS_REACHED is forbidden, for waiting does not end a session
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
		return 0, false // DOMAIN_010, DOMAIN_011 and all the others are answers: asking again gives the same one
	case e.network:
		// A write may have arrived although its answer did not. A second time-out would only double a long wait.
		return wait, spec.method == http.MethodGet && !e.permanent && h.timeouts <= 1 && affordable(ctx, wait)
	case e.HTTPStatus == http.StatusServiceUnavailable,
		// After a 502 or 504 the refresh may have happened, and a refresh token that is used twice ends the session.
		op != OpRefresh && (e.HTTPStatus == http.StatusBadGateway || e.HTTPStatus == http.StatusGatewayTimeout):
		wait = max(wait, e.RetryAfter)
		return wait, affordable(ctx, wait)
	}
	return 0, false
}

// affordable reports whether a wait ends before the context does. Waiting for the end of the context instead would hide
// why.
func affordable(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return wait <= longestWait && (!ok || wait < time.Until(deadline))
}

// backoff doubles from a quarter of a second, with half of it random so that clients that failed together do not come
// back together.
func backoff(retries int) time.Duration {
	d := min(lastBackoff, firstBackoff<<min(retries, 10))
	return d/2 + rand.N(d/2)
}

// retryAfter reads the header (RFC 9110 section 10.2.3): seconds, or a date, which is measured by the answer's own
// clock where it has one.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if strings.Trim(v, "0123456789") == "" {
		seconds, err := strconv.Atoi(v)
		if err != nil || seconds > 1<<30 {
			seconds = 1 << 30 // too long to wait for, whatever it was
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

// isPermanent tells the network errors that asking again will not cure.
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

// innermost takes the "Get https://…:" of net/http away: what was asked is said already.
func innermost(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
