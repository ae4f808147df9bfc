package progress

import "time"

// Pace is how often a watched domain is diagnosed: when NextRun says so, and less often while nothing changes. The
// zero value is ready for use.
type Pace struct{ unchanged int }

const (
	paceSlower = 6 // unchanged diagnoses after which the interval doubles
	paceSlow   = 4 // the longest interval, as a multiple of the first
)

// After returns how long to wait after a diagnosis; news reports whether it found a change. For a cache the wait ends
// with its TTL.
func (p *Pace) After(next Next, now time.Time, news bool) time.Duration {
	if news {
		p.unchanged = 0
	} else {
		p.unchanged++
	}
	pause := next.At.Sub(now)
	if next.Server == "" {
		pause *= time.Duration(min(1+p.unchanged/paceSlower, paceSlow))
	}
	return pause
}
