package progress

import "time"

// Pace is how often a domain is asked again that is watched: when Next says so, and less and less while nothing new
// is found. The zero value is one that was not asked yet.
type Pace struct{ unchanged int }

const (
	paceSlower = 6 // looks without news after which a domain is asked half as often
	paceSlow   = 4 // and this is how much less often at the most
)

// After is how long to wait after a diagnosis; news reports whether it found anything that the one before did not. A
// cache has a clock, and is asked when that ends.
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
