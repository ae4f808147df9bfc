package progress

import (
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/result"
)

// Next is when a domain is worth another diagnosis, and why then.
type Next struct {
	At     time.Time
	Reason catalog.NextReason
	Server string // whose copy ends, where the reason is a cache
}

// How often what has no clock of its own is asked again. A cache has a clock, and is not asked before.
const (
	nextSource = 20 * time.Second // a zone: somebody is working on it, and its servers are asked directly
	// the service: one diagnosis costs some five calls, and the smallest plan has 100 a minute
	nextService  = 15 * time.Second
	nextEdge     = 30 * time.Second
	nextUnknown  = 30 * time.Second
	nextRegistry = 10 * time.Minute // registries limit how often they are asked
	nextQuiet    = 5 * time.Minute
	nextLeast    = 2 * time.Second // never sooner, whatever an answer says
)

// NextRun returns the earliest time at which an answer that matters can have changed: for a stale cache the end of its
// TTL, for a zone, the service or a registry an interval that suits the server. A healthy domain is checked at long
// intervals. The time is never before now.
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
		case f.Rung == catalog.Cache && slices.Contains(f.Who, catalog.Wait):
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
	if slices.ContainsFunc(r.Checks, func(s finding.Status) bool { return s.Status == catalog.Inconclusive.String() }) {
		offer(Next{At: now.Add(nextUnknown), Reason: catalog.NextUnknown})
	}
	return best
}

// nextOf is when a fault on a rung may be gone.
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

// nextCache is the first end of a resolver's copy that is not what it should be.
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
