package transport

import "time"

// The bounds of one question over UDP, try by try. Resolvers get longer, since they may have to ask others first.
var (
	authorityTries = []time.Duration{700 * time.Millisecond, 1300 * time.Millisecond, 2 * time.Second}
	resolverTries  = []time.Duration{2 * time.Second, 3 * time.Second}
)
