package api

import (
	"sync"
	"time"

	"domdoc/catalog"
)

// Delay is what a call has been waiting for: the service to allow it, or to respond.
type Delay struct {
	Operation Operation
	Method    string
	Path      string
	Since     time.Time // when the wait began
	Until     time.Time // when the call is made (again), as the service asked; zero: it has not responded yet
}

// Text says in one line what the call is waiting for, for display at a time.
func (d Delay) Text(now time.Time) string {
	if !d.Until.IsZero() {
		return catalog.ServiceAsksToWait(catalog.Span(max(time.Second, d.Until.Sub(now))))
	}
	return catalog.ServiceSilent(clean(d.Method+" "+d.Path, 120), catalog.Span(max(time.Second, now.Sub(d.Since))))
}

// unanswered is how long a response may take before its call counts as delayed.
const unanswered = time.Second

// calls are the calls that are being made.
type calls struct {
	mu   sync.Mutex
	last int
	now  map[int]Delay
}

// begin registers a call, and returns its number.
func (c *calls) begin(d Delay) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now == nil {
		c.now = map[int]Delay{}
	}
	c.last++
	c.now[c.last] = d
	return c.last
}

// set records that a call waits from now on, until a time or, if that is zero, for its response.
func (c *calls) set(n int, since, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.now[n]; ok {
		d.Since, d.Until = since, until
		c.now[n] = d
	}
}

func (c *calls) end(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.now, n)
}

// Delay returns what is holding up calls: the first that the service lets wait, or else the one that has been without
// a response for longest, if that is more than a second; ok is false if there is none.
func (c *Client) Delay() (d Delay, ok bool) {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	now := c.now()
	for _, each := range c.calls.now {
		asked := !each.Until.IsZero()
		switch {
		case !asked && now.Sub(each.Since) < unanswered, asked && !each.Until.After(now):
			continue
		case ok && asked == !d.Until.IsZero():
			if asked && !each.Until.Before(d.Until) || !asked && !each.Since.Before(d.Since) {
				continue
			}
		case ok && !asked:
			continue
		}
		d, ok = each, true
	}
	return d, ok
}
