package sandbox

import (
	"sync"
	"time"

	"github.com/miekg/dns"
)

type resolverCache struct {
	mu    sync.Mutex // guards following
	cache map[cacheKey]cached
	order []cacheKey
	turns map[cacheKey]int // queries so far, for names that only some of the caches have
}

type cacheKey struct {
	name   string
	rrtype uint16
}

// cached is an RRset or a denial in the cache.
type cached struct {
	rrs   []dns.RR
	soa   dns.RR         // of a denial
	bogus *dns.EDNS0_EDE // the answer does not validate, and is returned only with checking disabled
	at    time.Duration  // since the start of the sandbox
	ttl   uint32
	rcode uint16
	// it validates, and is not merely unsigned
	secure bool
}

// age returns for how long an answer has been in the cache.
func (r *resolver) age(c cached, now time.Time) time.Duration { return now.Sub(r.w.b.start) - c.at }

// lives reports whether an answer in the cache has not expired.
func (r *resolver) lives(c cached, now time.Time) bool {
	return r.age(c, now) < time.Duration(c.ttl)*time.Second
}

// cacheLimit bounds a cache. It is more than the instances in memory have.
const cacheLimit = 4 << 10

// nameError is the type under which an NXDOMAIN is cached: it answers for all types (RFC 2308 5).
const nameError = 0xff01

// look returns a cached answer that has not expired: an NXDOMAIN, the type itself, or a CNAME at the name.
func (r *resolver) look(name string, rrtype uint16, now time.Time) (cached, bool) {
	cuts := r.told(name) == "cuts"
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range []uint16{nameError, rrtype, dns.TypeCNAME} {
		c, ok := r.cache[cacheKey{name, t}]
		if ok && r.lives(c, now) && (t != dns.TypeCNAME || t == rrtype || c.soa == nil) {
			return c, true
		}
	}
	for up := parent(name); up != "."; up = parent(up) { // a validated denial covers all names below (RFC 8020 2)
		if c, ok := r.cache[cacheKey{up, nameError}]; ok && (c.secure || cuts) && r.lives(c, now) {
			return c, true
		}
	}
	return cached{}, false
}

func (r *resolver) store(name string, rrtype uint16, c cached) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := cacheKey{name, rrtype}
	if _, ok := r.cache[key]; !ok {
		if len(r.order) >= cacheLimit {
			delete(r.cache, r.order[0])
			r.order = r.order[1:]
		}
		r.order = append(r.order, key)
	}
	r.cache[key] = c
}
