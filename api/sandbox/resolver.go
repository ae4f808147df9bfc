package sandbox

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/api/sandbox/story"
	"domdoc/catalog/order"

	"github.com/miekg/dns"
)

// resolver is a caching recursive resolver. It queries the world's authoritative servers, caches answers and denials
// for their TTL and counts that down, so that its answers are stale exactly when those of a real resolver would be.
type resolver struct {
	w       *world
	reverse bool // tries servers in reverse order, and asks in mixed case, so that resolvers differ

	// more are the other caches behind its address (see turn); they have none themselves.
	more []*resolver

	*resolverCache
	// inProgress are the name servers whose addresses are being looked up for this query: a server that is needed for
	// the lookup of its own address cannot be found.
	inProgress []string
}

// shares is the number of caches behind a public resolver's address.
const shares = 3

const (
	maxNegativeTTL = 3 * 3600 // the limit of BIND
	maxChase       = 12
)

func newResolver(w *world, n int) *resolver {
	r := &resolver{
		w: w, reverse: n%2 == 1,
		resolverCache: &resolverCache{cache: map[cacheKey]cached{}, turns: map[cacheKey]int{}},
	}
	for range shares - 1 {
		r.more = append(r.more, &resolver{
			w: w, reverse: r.reverse, resolverCache: &resolverCache{cache: map[cacheKey]cached{}},
		})
	}
	return r
}

// turn returns the cache that answers a query. That is always the first, unless a story fills only one of them; then
// repeated queries rotate through all.
func (r *resolver) turn(name string, rrtype uint16) *resolver {
	in := r.w.b.find(name)
	if in == nil || !slices.ContainsFunc(in.preloaded, func(p preloaded) bool {
		return p.share > 0 && r.w.resolvers[r.w.hosts[p.resolver].name] == r
	}) {
		return r
	}
	r.preload(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	key := cacheKey{name, rrtype}
	n := r.turns[key]
	r.turns[key]++
	if n %= shares; n > 0 {
		return r.more[n-1]
	}
	return r
}

// answer fills in a response.
func (r *resolver) answer(m *dns.Msg, name string, rrtype uint16, q *dns.Msg) {
	if name == "ipv4only.arpa." && rrtype == dns.TypeA { // two addresses that never change (RFC 7050 8.2)
		m.Answer = append(m.Answer, wellKnownIPv4Only()...)
		return
	}
	r.preload(name)
	told := r.told(name)
	secure := r.resolve(m, name, rrtype, r.w.b.Now(), present, q != nil && q.CheckingDisabled ||
		told == "trusting" || told == "vouches")
	secure = secure || told == "vouches"
	if q != nil && (q.AuthenticatedData || q.IsEdns0() != nil && q.IsEdns0().Do()) { // RFC 6840 5.8
		m.AuthenticatedData = secure
	}
	r.hint(m, name)
	if strings.HasPrefix(string(r.w.b.env.Network), string(story.NetworkDNS64)) && rrtype == dns.TypeAAAA &&
		len(m.Answer) == 0 &&
		m.Rcode != dns.RcodeServerFailure {
		r.synthesize(m, name)
	}
}

func wellKnownIPv4Only() []dns.RR {
	var out []dns.RR
	for _, last := range []byte{170, 171} {
		out = append(out, &dns.A{Hdr: dns.RR_Header{
			Name: "ipv4only.arpa.", Rrtype: dns.TypeA, Class: dns.ClassINET,
			Ttl: 300,
		}, A: []byte{192, 0, 0, last}})
	}
	return out
}

// synthesize adds IPv6 addresses to IPv4-only names, as DNS64 does (RFC 6147). Clients detect it by ipv4only.arpa
// (RFC 7050).
func (r *resolver) synthesize(m *dns.Msg, name string) {
	v4 := new(dns.Msg)
	if name == "ipv4only.arpa." {
		v4.Answer = wellKnownIPv4Only()
	} else {
		r.resolve(v4, name, dns.TypeA, r.w.b.Now(), present, true)
	}
	var made []dns.RR
	for _, rr := range v4.Answer {
		if a, ok := rr.(*dns.A); ok {
			prefix := []byte{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}
			if r.w.b.env.Network == story.NetworkDNS64OwnPrefix {
				prefix = []byte{0x2a, 0x01, 0x04, 0xf8, 0, 0, 0x64, 0x64, 0, 0, 0, 0}
			}
			ip := append(prefix, a.A.To4()...)
			hdr := a.Hdr
			hdr.Rrtype = dns.TypeAAAA
			made = append(made, &dns.AAAA{Hdr: hdr, AAAA: ip})
			continue
		}
		made = append(made, rr)
	}
	if len(made) > 0 {
		m.Rcode, m.Answer, m.Ns = dns.RcodeSuccess, made, nil
	}
}

// preload makes the queries that the story says were made earlier, at their time and of the servers as they were
// then.
func (r *resolver) preload(name string) {
	in := r.w.b.find(name)
	if in == nil || len(in.preloaded) == 0 {
		return
	}
	in.preloadOnce.Do(func() {
		// oldest first, in the order in which they were made: a cached answer was not fetched again
		questions := slices.Clone(in.preloaded)
		order.StableBy(questions, func(a, b preloaded) int { return cmp.Compare(b.ago, a.ago) })
		for _, p := range questions {
			then := atStart
			if p.ago > in.before {
				then = beforeChange
			}
			r.w.resolvers[r.w.hosts[p.resolver].name].share(p.share).resolve(new(dns.Msg), p.name, p.rrtype,
				r.w.b.start.Add(-p.ago), then, false)
		}
	})
}

// share returns one of the caches behind the resolver's address, from 1; 0 is the first.
func (r *resolver) share(n int) *resolver {
	if n < 2 {
		return r
	}
	return r.more[n-2]
}

// resolve fills in a response. It reports whether all of it validates.
func (r *resolver) resolve(m *dns.Msg, name string, rrtype uint16, now time.Time, then phase,
	unchecked bool,
) (secure bool) {
	secure = !unchecked
	for range maxChase {
		c, ok := r.look(name, rrtype, now)
		if !ok {
			c, ok = r.fetch(name, rrtype, now, then)
		}
		switch {
		case !ok:
			fails(m, &dns.EDNS0_EDE{
				InfoCode:  dns.ExtendedErrorCodeNoReachableAuthority,
				ExtraText: "at delegation " + name,
			})
			return false
		case c.bogus != nil && !unchecked:
			fails(m, c.bogus)
			return false
		}
		secure = secure && c.secure
		left := c.ttl
		if gone := r.age(c, now) / time.Second; gone > 0 {
			left -= min(left, uint32(gone))
		}
		if c.soa != nil {
			soa := dns.Copy(c.soa)
			soa.Header().Ttl = left
			m.Ns, m.Rcode = append(m.Ns, soa), int(c.rcode)
			return secure
		}
		for _, rr := range c.rrs {
			rr = dns.Copy(rr)
			rr.Header().Ttl = left
			m.Answer = append(m.Answer, rr)
		}
		cname, isCNAME := c.rrs[0].(*dns.CNAME)
		if !isCNAME || rrtype == dns.TypeCNAME {
			return secure
		}
		name = dns.CanonicalName(cname.Target)
		if slices.ContainsFunc(m.Answer, func(rr dns.RR) bool { return dns.CanonicalName(rr.Header().Name) == name }) {
			m.Rcode = dns.RcodeServerFailure // a loop
			return false
		}
	}
	m.Rcode = dns.RcodeServerFailure
	return false
}

// fails turns a response into SERVFAIL with an extended error.
func fails(m *dns.Msg, ede *dns.EDNS0_EDE) {
	m.Rcode, m.Answer, m.Ns = dns.RcodeServerFailure, nil, nil
	addEDE(m, ede)
}

// maxReferrals bounds the zone cuts between the root and a name.
const maxReferrals = 16

// fetch asks the authoritative servers, from the deepest zone whose servers are cached, or from the root, down to the
// zone of the name.
func (r *resolver) fetch(name string, rrtype uint16, now time.Time, then phase) (cached, bool) {
	from := name
	if rrtype == dns.TypeDS { // the parent's to answer (RFC 4035 3.1.4.1)
		from = parent(name)
	}
	hosts, zoneName := r.nearest(from, now)
	for range maxReferrals {
		m := r.ask(hosts, name, rrtype, then)
		if m == nil {
			return cached{}, false
		}
		var v validity
		if m.Authoritative {
			m, v = r.validated(m, zoneName, hosts, name, rrtype, now, then)
		}
		switch {
		case len(m.Answer) > 0:
			return r.keep(m, name, rrtype, now, v)
		case m.Authoritative || hasSOA(m):
			return r.keepDenial(m, name, rrtype, now, v), true
		}
		if hosts, zoneName = r.follow(m, now); len(hosts) == 0 {
			return cached{}, false
		}
	}
	return cached{}, false
}

// validity is the result of validation.
type validity struct {
	bogus  *dns.EDNS0_EDE
	secure bool
}

// validated returns an authoritative answer that validates, if one of the zone's servers has one: they may differ.
// Otherwise it returns the answer with the reason why it is bogus.
func (r *resolver) validated(m *dns.Msg, zoneName string, hosts []string, name string, rrtype uint16, now time.Time,
	then phase,
) (*dns.Msg, validity) {
	var v validity
	v.bogus, v.secure = r.validate(zoneName, hosts, m, name, rrtype, then, now)
	if v.bogus == nil || len(hosts) == 1 {
		return m, v
	}
	for _, h := range hosts {
		other := r.ask([]string{h}, name, rrtype, then)
		if other == nil || !other.Authoritative {
			continue
		}
		if bogus, secure := r.validate(zoneName, []string{h}, other, name, rrtype, then, now); bogus == nil {
			return other, validity{secure: secure}
		}
	}
	return m, v
}

// follow reads a referral and caches the delegation in it.
func (r *resolver) follow(m *dns.Msg, now time.Time) (hosts []string, zoneName string) {
	for _, rr := range m.Ns {
		if ns, ok := rr.(*dns.NS); ok {
			hosts, zoneName = append(hosts, trimDot(ns.Ns)), dns.CanonicalName(ns.Hdr.Name)
		}
	}
	r.storeDelegation(zoneName, m.Ns, now)
	return hosts, zoneName
}

// keepDenial caches a denial for as long as its SOA record allows. One without an SOA record is not cached.
func (r *resolver) keepDenial(m *dns.Msg, name string, rrtype uint16, now time.Time, v validity) cached {
	for _, rr := range m.Ns {
		soa, ok := rr.(*dns.SOA)
		if !ok {
			continue
		}
		c := cached{
			soa: rr, rcode: uint16(m.Rcode), ttl: min(soa.Hdr.Ttl, soa.Minttl, maxNegativeTTL),
			at: now.Sub(r.w.b.start), bogus: v.bogus, secure: v.secure,
		}
		if m.Rcode == dns.RcodeNameError {
			rrtype = nameError
		}
		r.store(name, rrtype, c)
		return c
	}
	return cached{rcode: uint16(m.Rcode), soa: r.w.soa("."), at: now.Sub(r.w.b.start)}
}

// nearest returns the servers of the deepest zone above a name in the cache. A resolver with an old delegation in its
// cache keeps querying the old servers.
func (r *resolver) nearest(name string, now time.Time) (hosts []string, zoneName string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for up := name; up != "."; up = parent(up) {
		c, ok := r.cache[cacheKey{up, delegationType}]
		if !ok || !r.lives(c, now) {
			continue
		}
		for _, rr := range c.rrs {
			hosts = append(hosts, trimDot(rr.(*dns.NS).Ns))
		}
		return hosts, up
	}
	return []string{"a.root-servers.net"}, "."
}

// delegationType is the type under which referrals are cached, apart from the zone's own NS records.
const delegationType = 0xff00

func (r *resolver) storeDelegation(zoneName string, section []dns.RR, now time.Time) {
	c := cached{at: now.Sub(r.w.b.start)}
	for _, rr := range section {
		if ns, ok := rr.(*dns.NS); ok {
			c.rrs, c.ttl = append(c.rrs, rr), ns.Hdr.Ttl
		}
	}
	if len(c.rrs) > 0 {
		r.store(zoneName, delegationType, c)
	}
}

func (r *resolver) keep(m *dns.Msg, name string, rrtype uint16, now time.Time, v validity) (cached, bool) {
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
	c.at, c.bogus, c.secure = now.Sub(r.w.b.start), v.bogus, v.secure
	r.store(name, t, c)
	if t == dns.TypeNS && m.Authoritative { // the zone's own data outranks the referral (RFC 2181 5.4.1)
		r.storeDelegation(name, c.rrs, now)
	}
	return c, true
}

// ask queries the servers in turn, with DNSSEC signatures, until one answers for the name.
func (r *resolver) ask(hosts []string, name string, rrtype uint16, then phase) *dns.Msg {
	hosts = slices.Clone(hosts)
	slices.Sort(hosts)
	if r.reverse {
		slices.Reverse(hosts)
	}
	var unauthoritative *dns.Msg
	for _, h := range hosts {
		known := r.machine(h, name)
		if known == nil || known.role != story.RoleDNS {
			continue
		}
		m := new(dns.Msg)
		m.SetQuestion(name, rrtype)
		m = r.w.authoritative(m, known.name, name, rrtype, then, asking{do: true, mixed: r.reverse})
		if m == nil || m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
			continue
		}
		if !m.Authoritative && (len(m.Answer) > 0 || hasSOA(m)) {
			if unauthoritative == nil {
				unauthoritative = m // as real resolvers do, it accepts that from a zone without a better server
			}
			continue
		}
		return m
	}
	return unauthoritative
}

func hasSOA(m *dns.Msg) bool {
	return slices.ContainsFunc(m.Ns, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeSOA })
}

// machine returns the machine of a name server that is asked for a name; nil if there is none. The addresses of a
// server that a story names itself are those of its glue, or are looked up.
func (r *resolver) machine(hostName, name string) *host {
	if addr, ok := r.w.byName[hostName]; ok {
		return r.w.hosts[addr]
	}
	if in := r.w.b.find(dns.Fqdn(hostName)); in != nil {
		for _, addr := range in.glue[hostName] {
			if h := r.w.hosts[addr]; h != nil {
				return h
			}
		}
	}
	if base(hostName) == base(trimDot(name)) { // without glue, only the zone itself knows
		return nil
	}
	if slices.Contains(r.inProgress, hostName) || len(r.inProgress) == maxReferrals {
		return nil
	}
	lookup := *r
	lookup.inProgress = append(slices.Clone(r.inProgress), hostName)
	m := new(dns.Msg)
	lookup.resolve(m, dns.Fqdn(hostName), dns.TypeA, r.w.b.Now(), present, true)
	for _, rr := range m.Answer {
		if a, ok := rr.(*dns.A); ok {
			addr, _ := netip.AddrFromSlice(a.A)
			return r.w.hosts[addr.Unmap()]
		}
	}
	return nil
}
