package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/catalog/order"
)

// RateLimit is one limit from X-RateLimit-Limit, -Remaining and -Reset. The zero value means not stated.
type RateLimit struct {
	Bucket    string // suffix of the headers in lower case ("short"), usually ""
	Limit     int    // calls per window; 0: not stated
	Remaining int    // calls left in the window
	Reset     time.Time
}

const maxBuckets = 8

// rateLimits returns all limits of a response, sorted by bucket, except those without a Remaining.
func rateLimits(h http.Header, now time.Time) []RateLimit {
	var out []RateLimit
	for name := range h {
		suffix, ok := strings.CutPrefix(name, "X-Ratelimit-Remaining")
		if !ok || suffix != "" && suffix[0] != '-' {
			continue
		}
		remaining, ok := intOf(numberRaw(h.Get(name)))
		if !ok || remaining < 0 {
			continue
		}
		rl := RateLimit{Bucket: clean(strings.ToLower(strings.TrimPrefix(suffix, "-")), 40), Remaining: remaining}
		if n, ok := intOf(numberRaw(h.Get("X-Ratelimit-Limit" + suffix))); ok && n > 0 {
			rl.Limit = n
		}
		if f, ok := floatOf(strings.TrimSpace(h.Get("X-Ratelimit-Reset" + suffix))); ok && f >= 0 {
			if f >= 1e9 { // seconds since 1970, not until the reset
				rl.Reset, _ = epoch(f)
			} else {
				rl.Reset = now.Add(time.Duration(f * float64(time.Second)))
			}
		}
		out = append(out, rl)
	}
	order.By(out, func(a, b RateLimit) int { return strings.Compare(a.Bucket, b.Bucket) })
	return out[:min(len(out), maxBuckets)]
}

// numberRaw returns the number in "100, 100;w=60", the form of the IETF draft that some gateways use.
func numberRaw(s string) []byte {
	s, _, _ = strings.Cut(s, ",")
	s, _, _ = strings.Cut(s, ";")
	return []byte(strings.TrimSpace(s))
}

// tightest returns the limit that will be reached first: the fewest calls left, then the latest reset.
func tightest(list []RateLimit) RateLimit {
	if len(list) == 0 {
		return RateLimit{}
	}
	return slices.MinFunc(list, func(a, b RateLimit) int {
		if a.Remaining != b.Remaining {
			return a.Remaining - b.Remaining
		}
		return b.Reset.Compare(a.Reset)
	})
}

// domainsService is the service of most operations; see operations.
const domainsService = "domains"

// limits holds the last limits of each service, for all calls of a client.
type limits struct {
	mu      sync.Mutex
	windows map[window]RateLimit
	lengths map[window]time.Duration // the longest time to a reset: how long a window is, once one began with a call
	made    map[string]int           // by service: admitted calls
	blocked map[string]time.Time     // by service: no calls before then
}

type window struct{ service, bucket string }

func newLimits() *limits {
	return &limits{
		windows: map[window]RateLimit{}, lengths: map[window]time.Duration{}, made: map[string]int{},
		blocked: map[string]time.Time{},
	}
}

// learn records the limits of a response. Within a window the lower count wins: responses overtake each other, and do
// not include calls in flight.
func (l *limits) learn(service string, stated []RateLimit, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, rl := range stated {
		if rl.Reset.IsZero() {
			continue
		}
		key := window{service, rl.Bucket}
		l.lengths[key] = max(l.lengths[key], rl.Reset.Sub(now))
		old, known := l.windows[key]
		// Reset has a resolution of seconds
		if known && old.Reset.After(now) && rl.Reset.Sub(old.Reset).Abs() <= 2*time.Second {
			rl.Remaining = min(rl.Remaining, old.Remaining)
			rl.Reset = old.Reset
		}
		l.windows[key] = rl
	}
}

func (l *limits) block(service string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.blocked[service]) {
		l.blocked[service] = until
	}
}

// admit takes one call from the service's windows, or returns when the next one is possible. Windows that end at
// cleared or before have already been waited for, so that a clock that stands still, in a test or after a suspend,
// cannot block a call forever.
func (l *limits) admit(service string, now, cleared time.Time) (until time.Time, why RateLimit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	over := func(t time.Time) bool { return !t.After(now) || !t.After(cleared) }
	if t := l.blocked[service]; !over(t) {
		until = t
	}
	for key, rl := range l.windows {
		switch {
		case key.service != service:
		case over(rl.Reset):
			delete(l.windows, key) // the next response states the new window
		case rl.Remaining == 0 && rl.Reset.After(until):
			until, why = rl.Reset, rl
		}
	}
	if !until.IsZero() {
		return until, why
	}
	l.made[service]++
	for key, rl := range l.windows {
		if key.service == service {
			rl.Remaining--
			l.windows[key] = rl
		}
	}
	return time.Time{}, RateLimit{}
}

// pace waits until the service's limits allow a call, or fails at once if that is after the context's deadline.
// number is the call's.
func (c *Client) pace(ctx context.Context, service string, number int) *Error {
	var cleared time.Time
	for {
		now := c.now()
		until, why := c.limits.admit(service, now, cleared)
		if until.IsZero() {
			return nil
		}
		wait := until.Sub(now)
		if !affordable(ctx, wait) {
			return &Error{
				Kind: KindRateLimited, Message: "the service's rate limit is used up", RetryAfter: wait,
				RateLimit: why,
			}
		}
		c.calls.set(number, now, until)
		if err := c.sleep(ctx, wait); err != nil {
			return &Error{
				Kind: KindRateLimited, Message: "the service's rate limit is used up", RetryAfter: wait,
				RateLimit: why, cause: err,
			}
		}
		cleared = until
	}
}

// RateLimit returns the tightest current limit of the Domains Service. ok is false if there is none.
func (c *Client) RateLimit() (rl RateLimit, ok bool) {
	c.limits.mu.Lock()
	defer c.limits.mu.Unlock()
	now := c.now()
	var list []RateLimit
	for key, rl := range c.limits.windows {
		if key.service == domainsService && rl.Reset.After(now) {
			list = append(list, rl)
		}
	}
	return tightest(list), len(list) > 0
}

// Allowance is how many calls the Domains Service allows, and how many a client has made.
type Allowance struct {
	Made int // calls so far
	// Limits have a Limit. Windows are how long each of them counts.
	Limits  []RateLimit
	Windows []time.Duration
}

// Allowance returns what limits the calls of a client to the Domains Service.
func (c *Client) Allowance() Allowance {
	c.limits.mu.Lock()
	defer c.limits.mu.Unlock()
	out := Allowance{Made: c.limits.made[domainsService]}
	for key, rl := range c.limits.windows {
		if key.service == domainsService && rl.Limit > 0 && c.limits.lengths[key] > 0 {
			out.Limits = append(out.Limits, rl)
			out.Windows = append(out.Windows, c.limits.lengths[key])
		}
	}
	return out
}

// Wait returns how long the limits alone make a number of further calls take, from a time on.
func (a *Allowance) Wait(now time.Time, calls int) time.Duration {
	var longest time.Duration
	for i, rl := range a.Limits {
		inWindow, ends := rl.Remaining, rl.Reset
		if !ends.After(now) { // the next call begins a new window
			inWindow, ends = rl.Limit, now.Add(a.Windows[i])
		}
		if beyond := calls - inWindow; beyond > 0 {
			further := (beyond - 1) / rl.Limit // windows that are used up after this one
			longest = max(longest, ends.Sub(now)+time.Duration(further)*a.Windows[i])
		}
	}
	return longest
}
