package sandbox

import (
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// resolver is a caching recursive resolver: it asks the world's authoritative servers, remembers answers and denials for as long as they allow, and
// counts their TTLs down. What it says is stale exactly when a real one's would be.
type resolver struct {
	w       *world
	reverse bool // the order in which it tries servers, so that two resolvers may differ

	mu    sync.Mutex // guards following
	cache map[cacheKey]cached
	order []cacheKey
}

type cacheKey struct {
	name   string
	rrtype uint16
}

// cached is an RRset or a denial, and when it came.
type cached struct {
	rrs   []dns.RR
	rcode int
	soa   dns.RR // of a denial
	ttl   uint32
	at    time.Time
	bogus *dns.EDNS0_EDE // the answer does not validate: only who asks without validation gets it
}

const (
	cacheLimit     = 1 << 14
	maxNegativeTTL = 3 * 3600 // as BIND caps it
	maxChase       = 12
)

func newResolver(w *world, n int) *resolver {
	return &resolver{w: w, reverse: n%2 == 1, cache: map[cacheKey]cached{}}
}

// answer fills a reply.
func (r *resolver) answer(m *dns.Msg, name string, rrtype uint16, q *dns.Msg) {
	r.prime(name)
	r.resolve(m, name, rrtype, r.w.b.Now(), false, q != nil && q.CheckingDisabled)
}

// prime lets the resolver have asked what the story says it asked, at the time when it did, of the servers as they were then.
func (r *resolver) prime(name string) {
	in := r.w.b.find(name)
	if in == nil || len(in.cached) == 0 {
		return
	}
	in.primeOnce.Do(func() {
		for _, p := range in.cached {
			h := r.w.hosts[p.resolver]
			if h == nil || r.w.resolvers[h.name] == nil {
				continue
			}
			r.w.resolvers[h.name].resolve(new(dns.Msg), p.name, p.rrtype, r.w.b.start.Add(-p.ago), p.ago > in.before, false)
		}
	})
}

func (r *resolver) resolve(m *dns.Msg, name string, rrtype uint16, now time.Time, old, unchecked bool) {
	for range maxChase {
		c, ok := r.look(name, rrtype, now)
		if !ok {
			c, ok = r.fetch(name, rrtype, now, old)
		}
		switch {
		case !ok:
			fails(m, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeNoReachableAuthority, ExtraText: "at delegation " + name})
			return
		case c.bogus != nil && !unchecked:
			fails(m, c.bogus)
			return
		}
		left := c.ttl
		if gone := now.Sub(c.at) / time.Second; gone > 0 {
			left -= min(left, uint32(gone))
		}
		if c.soa != nil {
			soa := dns.Copy(c.soa)
			soa.Header().Ttl = left
			m.Ns, m.Rcode = append(m.Ns, soa), c.rcode
			return
		}
		for _, rr := range c.rrs {
			rr = dns.Copy(rr)
			rr.Header().Ttl = left
			m.Answer = append(m.Answer, rr)
		}
		cname, isCNAME := c.rrs[0].(*dns.CNAME)
		if !isCNAME || rrtype == dns.TypeCNAME {
			return
		}
		name = dns.CanonicalName(cname.Target)
		if slices.ContainsFunc(m.Answer, func(rr dns.RR) bool { return dns.CanonicalName(rr.Header().Name) == name }) {
			m.Rcode = dns.RcodeServerFailure // a loop
			return
		}
	}
	m.Rcode = dns.RcodeServerFailure
}

// fails makes a reply SERVFAIL, with the extended error.
func fails(m *dns.Msg, ede *dns.EDNS0_EDE) {
	m.Rcode, m.Answer, m.Ns = dns.RcodeServerFailure, nil, nil
	if m.IsEdns0() == nil {
		m.SetEdns0(1232, false)
	}
	m.IsEdns0().Option = append(m.IsEdns0().Option, ede)
}

// look finds an answer that is still good: of the type, or the CNAME at the name.
func (r *resolver) look(name string, rrtype uint16, now time.Time) (cached, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range []uint16{rrtype, dns.TypeCNAME} {
		c, ok := r.cache[cacheKey{name, t}]
		if ok && now.Sub(c.at) < time.Duration(c.ttl)*time.Second && (t == rrtype || c.soa == nil) {
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

// fetch asks the authoritative servers, from the root down.
func (r *resolver) fetch(name string, rrtype uint16, now time.Time, old bool) (cached, bool) {
	hosts, zoneName := []string{"a.root-servers.net"}, "."
	for range 16 {
		m := r.askDO(hosts, name, rrtype, old)
		if m == nil {
			return cached{}, false
		}
		var bogus *dns.EDNS0_EDE
		if m.Authoritative {
			bogus = r.validate(zoneName, hosts, m, old, now)
		}
		if len(m.Answer) > 0 {
			return r.keep(m, name, rrtype, now, bogus)
		}
		if !m.Authoritative {
			hosts = nil
			for _, rr := range m.Ns {
				if ns, ok := rr.(*dns.NS); ok {
					hosts, zoneName = append(hosts, trimDot(ns.Ns)), dns.CanonicalName(ns.Hdr.Name)
				}
			}
			if len(hosts) > 0 {
				continue
			}
			return cached{}, false
		}
		for _, rr := range m.Ns {
			if soa, ok := rr.(*dns.SOA); ok {
				c := cached{soa: rr, rcode: m.Rcode, ttl: min(soa.Hdr.Ttl, soa.Minttl, maxNegativeTTL), at: now, bogus: bogus}
				r.store(name, rrtype, c)
				return c, true
			}
		}
		return cached{rcode: m.Rcode, soa: r.w.soa("."), at: now}, true
	}
	return cached{}, false
}

func (r *resolver) keep(m *dns.Msg, name string, rrtype uint16, now time.Time, bogus *dns.EDNS0_EDE) (cached, bool) {
	var c cached
	t := rrtype
	for _, rr := range m.Answer {
		h := rr.Header()
		if dns.CanonicalName(h.Name) != name || h.Rrtype != rrtype && h.Rrtype != dns.TypeCNAME {
			continue
		}
		if len(c.rrs) == 0 || h.Ttl < c.ttl {
			c.ttl = h.Ttl
		}
		c.rrs = append(c.rrs, rr)
		t = h.Rrtype
	}
	if len(c.rrs) == 0 {
		return c, false
	}
	c.at, c.bogus = now, bogus
	r.store(name, t, c)
	return c, true
}

// askOne asks the servers in turn until one answers for the name.
func (r *resolver) askOne(hosts []string, name string, rrtype uint16, old bool) *dns.Msg {
	return r.ask(hosts, name, rrtype, old, false)
}

// askDO asks for the signatures as well.
func (r *resolver) askDO(hosts []string, name string, rrtype uint16, old bool) *dns.Msg {
	return r.ask(hosts, name, rrtype, old, true)
}

func (r *resolver) ask(hosts []string, name string, rrtype uint16, old, do bool) *dns.Msg {
	hosts = slices.Clone(hosts)
	slices.Sort(hosts)
	if r.reverse {
		slices.Reverse(hosts)
	}
	for _, h := range hosts {
		known := r.w.hosts[r.w.byName[h]]
		if known == nil || known.role != "dns" {
			continue
		}
		m := new(dns.Msg)
		m.SetQuestion(name, rrtype)
		m = r.w.authoritative(m, h, name, rrtype, old, do)
		if m == nil || m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
			continue
		}
		if !m.Authoritative && len(m.Answer) > 0 {
			continue // lame
		}
		return m
	}
	return nil
}

func trimDot(s string) string {
	s = dns.CanonicalName(s)
	return s[:len(s)-1]
}
