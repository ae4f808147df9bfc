package transport

import "time"

// Timeouts of the tries of one query over UDP. Resolvers get longer, since they may have to query others first.
var (
	authorityTries = []time.Duration{700 * time.Millisecond, 1300 * time.Millisecond, 2 * time.Second}
	resolverTries  = []time.Duration{2 * time.Second, 3 * time.Second, ResolverBound - 5*time.Second}
)

// ResolverBound is how long a resolver has for one question. BIND gives up the servers of a name after 10.0 s.
const ResolverBound = 10500 * time.Millisecond
