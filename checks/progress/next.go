package progress

import (
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/result"
)

// Next is when to diagnose a domain again, and why.
type Next struct {
	At     time.Time
	Reason catalog.NextReason
	Server string // whose cached answer expires, if the reason is a cache
}

// Polling intervals for what has no TTL. A cache is not queried before its TTL ends.
const (
	nextSource = 20 * time.Second // a zone: it is being edited, and its servers are queried directly
	// the service: a diagnosis takes about five calls, and the smallest plan allows 100 a minute
	nextService  = 15 * time.Second
	nextEdge     = 30 * time.Second
	nextUnknown  = 30 * time.Second
	nextRegistry = 10 * time.Minute // registries rate-limit queries
	nextQuiet    = 5 * time.Minute
	nextLeast    = 2 * time.Second // lower bound
)

// NextRun returns the earliest time at which an answer that matters can have changed: for a stale cache the end of
// its TTL, for a zone, the service or a registry an interval that suits the server. A healthy domain is checked at
// long intervals. The time is never before now.
func NextRun(r *result.Domain, now time.Time) Next {
	best := Next{At: now.Add(nextQuiet), Reason: catalog.NextHeartbeat}
	offer := func(n Next) {
		if n.At.Before(now.Add(nextLeast)) {
			n.At = now.Add(nextLeast)
		}
		if n.At.Before(best.At) {
			best = n
		}
	}
	for _, f := range r.Roots() {
		switch {
		case f.Verdict == catalog.Inconclusive:
			offer(Next{At: now.Add(nextUnknown), Reason: catalog.NextUnknown})
		case f.Verdict != catalog.Fail && f.Verdict != catalog.Warn:
		case f.Rung == catalog.Cache && slices.Contains(f.Actors(), catalog.Wait):
			n, ok := nextCache(r, now)
			if u := f.Until(); !ok && u != nil {
				n, ok = Next{At: u.Latest, Reason: catalog.NextCache}, true
			}
			if ok {
				offer(n)
			}
		default:
			offer(nextOf(f.Rung, now))
		}
	}
	if slices.ContainsFunc(r.Checks, func(s finding.Status) bool { return s.Is(catalog.Inconclusive) }) {
		offer(Next{At: now.Add(nextUnknown), Reason: catalog.NextUnknown})
	}
	return best
}

// nextOf returns when a fault on a rung may be gone.
func nextOf(rung catalog.Rung, now time.Time) Next {
	switch rung {
	case catalog.Registration:
		return Next{At: now.Add(nextRegistry), Reason: catalog.NextRegistry}
	case catalog.Delegation, catalog.DNSSEC, catalog.RecordRung, catalog.Cache:
		return Next{At: now.Add(nextSource), Reason: catalog.NextSource}
	case catalog.CDN, catalog.RouteRung, catalog.HTTP:
		return Next{At: now.Add(nextEdge), Reason: catalog.NextEdge}
	case catalog.Vantage:
		return Next{At: now.Add(nextUnknown), Reason: catalog.NextUnknown}
	case catalog.Service, catalog.CertificateRung:
	}
	return Next{At: now.Add(nextService), Reason: catalog.NextService}
}

// nextCache returns when the first wrong answer of a resolver expires.
func nextCache(r *result.Domain, now time.Time) (Next, bool) {
	var best Next
	for _, row := range r.Propagation {
		for _, c := range row.Cells {
			ends, ok := c.Ends()
			if !ok || c.State == observe.CellMatch || c.State == observe.CellSeen || ends.Before(now) {
				continue
			}
			if best.At.IsZero() || ends.Before(best.At) {
				best = Next{At: ends, Reason: catalog.NextCache, Server: c.Server}
			}
		}
	}
	return best, !best.At.IsZero()
}
