package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const google, cloudflare = "8.8.8.8", "1.1.1.1"

// cachedZone is a zone with several TTLs.
const cachedZone = `
@      3600 SOA   ns1.hoster.example. hostmaster 9 7200 3600 1209600 120
www    300  A     192.0.2.1
mixed  300  A     192.0.2.1
mixed  60   A     192.0.2.2
alias  600  CNAME www
gone   600  CNAME none
loop   60   CNAME pool
pool   60   CNAME loop
`

// resolve asks a resolver.
func resolve(t testing.TB, b *Sandbox, server, name string, rrtype uint16) *dns.Msg {
	t.Helper()
	m := new(dns.Msg).SetQuestion(dns.Fqdn(name), rrtype)
	m.SetEdns0(1232, false)
	return exchange(t, b, "udp", server, m)
}

// said returns a resolver's response in one line: the code, the answer, and the SOA's TTL of a denial.
func said(m *dns.Msg) string {
	s := dns.RcodeToString[m.Rcode]
	for _, rr := range m.Answer {
		f := strings.Fields(shown([]dns.RR{rr})[0])
		s += fmt.Sprintf(" %s %s %s", f[1], f[2], f[3])
	}
	for _, rr := range m.Ns {
		if rr.Header().Rrtype == dns.TypeSOA {
			s += fmt.Sprintf(" soa %d", rr.Header().Ttl)
		}
	}
	return s
}

// TestCountdown: cached answers expire by the sandbox's clock, second by second, and are fetched again.
func TestCountdown(t *testing.T) {
	t.Parallel()
	type step struct {
		after time.Duration
		want  string
	}
	for _, tt := range []struct {
		name   string
		asked  string
		rrtype uint16
		steps  []step
	}{
		{"an address", "www", dns.TypeA, []step{
			{0, "NOERROR 300 A 192.0.2.1"},
			{500 * time.Millisecond, "NOERROR 300 A 192.0.2.1"},
			{500 * time.Millisecond, "NOERROR 299 A 192.0.2.1"},
			{298 * time.Second, "NOERROR 1 A 192.0.2.1"},
			{time.Second, "NOERROR 300 A 192.0.2.1"},
		}},
		{
			"a set lives as long as its shortest record", "mixed", dns.TypeA,
			[]step{
				{0, "NOERROR 60 A 192.0.2.1 60 A 192.0.2.2"},
				{59 * time.Second, "NOERROR 1 A 192.0.2.1 1 A 192.0.2.2"},
				{time.Second, "NOERROR 60 A 192.0.2.1 60 A 192.0.2.2"},
			},
		},
		{"no such type", "www", dns.TypeTXT, []step{
			{0, "NOERROR soa 120"},
			{100 * time.Second, "NOERROR soa 20"},
			{20 * time.Second, "NOERROR soa 120"},
		}},
		{"no such name", "nobody", dns.TypeA, []step{
			{0, "NXDOMAIN soa 120"},
			{119 * time.Second, "NXDOMAIN soa 1"},
			{time.Second, "NXDOMAIN soa 120"},
		}},
		{"a chain, each link for itself", "alias", dns.TypeA, []step{
			{0, "NOERROR 600 CNAME www.slow.example. 300 A 192.0.2.1"},
			{100 * time.Second, "NOERROR 500 CNAME www.slow.example. 200 A 192.0.2.1"},
			{200 * time.Second, "NOERROR 300 CNAME www.slow.example. 300 A 192.0.2.1"},
			{300 * time.Second, "NOERROR 600 CNAME www.slow.example. 300 A 192.0.2.1"},
		}},
		{"a chain to nothing", "gone", dns.TypeA, []step{
			{0, "NXDOMAIN 600 CNAME none.slow.example. soa 120"},
			{100 * time.Second, "NXDOMAIN 500 CNAME none.slow.example. soa 20"},
			{30 * time.Second, "NXDOMAIN 470 CNAME none.slow.example. soa 120"},
		}},
		{
			"a chain to a name without the type", "alias", dns.TypeTXT,
			[]step{{0, "NOERROR 600 CNAME www.slow.example. soa 120"}},
		},
		{"the CNAME itself", "alias", dns.TypeCNAME, []step{
			{0, "NOERROR 600 CNAME www.slow.example."},
			{60 * time.Second, "NOERROR 540 CNAME www.slow.example."},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			b := start(t, Options{Stories: storyFS(zoneStory("slow.example", cachedZone)), Clock: c.now})
			for i, s := range tt.steps {
				c.pass(s.after)
				m := resolve(t, b, google, tt.asked+".slow.example", tt.rrtype)
				if got := said(m); got != s.want {
					t.Errorf("step %d: %s, want %s", i, got, s.want)
				}
				if !m.RecursionAvailable || m.Authoritative {
					t.Errorf("step %d: ra=%v aa=%v", i, m.RecursionAvailable, m.Authoritative)
				}
			}
		})
	}
}

func TestResolverLoop(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Stories: storyFS(zoneStory("slow.example", cachedZone))})
	if m := resolve(t, b, google, "loop.slow.example", dns.TypeA); m.Rcode != dns.RcodeServerFailure {
		t.Errorf("%s", said(m))
	}
}

// TestTwoResolvers: each resolver has its own cache.
func TestTwoResolvers(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := start(t, Options{Stories: storyFS(zoneStory("slow.example", cachedZone)), Clock: c.now})
	want := func(server, answer string) {
		t.Helper()
		if got := said(resolve(t, b, server, "www.slow.example", dns.TypeA)); got != answer {
			t.Errorf("%s says %s, want %s", server, got, answer)
		}
	}
	want(google, "NOERROR 300 A 192.0.2.1")
	c.pass(100 * time.Second)
	want(google, "NOERROR 200 A 192.0.2.1")
	want(cloudflare, "NOERROR 300 A 192.0.2.1")
	c.pass(200 * time.Second)
	want(google, "NOERROR 300 A 192.0.2.1")
	want(cloudflare, "NOERROR 100 A 192.0.2.1")
}

// TestNameErrorIsForAllTypes: a name that does not exist has no records of any type (RFC 2308 5), so one cached
// denial answers for all types.
func TestNameErrorIsForAllTypes(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := start(t, Options{Stories: storyFS(zoneStory("slow.example", cachedZone)), Clock: c.now})
	resolve(t, b, google, "nobody.slow.example", dns.TypeTXT)
	c.pass(20 * time.Second)
	if got := said(resolve(t, b, google, "nobody.slow.example", dns.TypeA)); got != "NXDOMAIN soa 100" {
		t.Errorf("%s", got)
	}
}

// TestResolverAsksOnce: a cached answer is not fetched again.
func TestResolverAsksOnce(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Stories: storyFS(zoneStory("slow.example", cachedZone))})
	r := b.world.resolvers["dns.google"]
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { resolve(t, b, google, "alias.slow.example", dns.TypeA) })
	}
	wg.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range []cacheKey{{"alias.slow.example.", dns.TypeCNAME}, {"www.slow.example.", dns.TypeA}} {
		if _, ok := r.cache[key]; !ok {
			t.Errorf("%v is not remembered", key)
		}
	}
	if len(r.cache) > cacheLimit || len(r.order) != len(r.cache) {
		t.Errorf("%d remembered, %d in line", len(r.cache), len(r.order))
	}
}

// TestCacheIsBounded: the oldest entry is evicted.
func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	r := newResolver(nil, 0)
	for i := range cacheLimit + 100 {
		r.store(fmt.Sprintf("n%d.example.", i), dns.TypeA, cached{})
	}
	_, first := r.cache[cacheKey{"n0.example.", dns.TypeA}]
	_, last := r.cache[cacheKey{fmt.Sprintf("n%d.example.", cacheLimit+99), dns.TypeA}]
	if len(r.cache) != cacheLimit || len(r.order) != cacheLimit || first || !last {
		t.Errorf("%d remembered, %d in line", len(r.cache), len(r.order))
	}
}

// early is a story about a change of a zone, and about queries before it.
const early = `A change

-- story --
domain shop.change.example
before 10m
cached 1.1.1.1 @ A 15m
cached 8.8.8.8 new.change.example TXT 11m
cached 1.1.1.1 late.change.example A 5m
-- zone change.example --
@    3600 SOA ns1.hoster.example. hostmaster 2 7200 3600 1209600 1200
shop 3600 A   192.0.2.2
new  300  TXT "here"
late 3600 A   192.0.2.2
-- zone change.example before --
@    3600 SOA ns1.hoster.example. hostmaster 1 7200 3600 1209600 1200
shop 3600 A   192.0.2.1
late 3600 A   192.0.2.1
-- expect --
pass
`

// TestBefore: an answer that was cached before a change is stale for exactly its TTL.
func TestBefore(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := start(t, Options{Stories: storyFS(map[string]string{"change": early}), Clock: c.now})
	want := func(server, name string, rrtype uint16, answer string) {
		t.Helper()
		if got := said(resolve(t, b, server, name, rrtype)); got != answer {
			t.Errorf("%s about %s says %s, want %s", server, name, got, answer)
		}
	}
	want(cloudflare, "shop.change.example", dns.TypeA, "NOERROR 2700 A 192.0.2.1") // 15 minutes of an hour are over
	want(google, "shop.change.example", dns.TypeA, "NOERROR 3600 A 192.0.2.2")
	want(google, "new.change.example", dns.TypeTXT, "NXDOMAIN soa 540") // 11 minutes of 20
	want(cloudflare, "new.change.example", dns.TypeTXT, `NOERROR 300 TXT "here"`)
	want(cloudflare, "late.change.example", dns.TypeA, "NOERROR 3300 A 192.0.2.2") // asked after the change
	got := shown(ask(t, b, "udp", hoster, "shop.change.example", dns.TypeA, 1232).Answer)
	if !slices.Equal(got, []string{"shop.change.example. 3600 A 192.0.2.2"}) {
		t.Errorf("the source says %q", got)
	}
	c.pass(9 * time.Minute)
	want(google, "new.change.example", dns.TypeTXT, `NOERROR 300 TXT "here"`)
	want(cloudflare, "shop.change.example", dns.TypeA, "NOERROR 2160 A 192.0.2.1")
	c.pass(36 * time.Minute)
	want(cloudflare, "shop.change.example", dns.TypeA, "NOERROR 3600 A 192.0.2.2")
}

// TestResolverFailures: if no server answers for a name, the resolver fails and names the zone.
func TestResolverFailures(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Only: []string{"lame", "servers-dead", "healthy-txt", "not-registered"}})
	domain := map[string]string{}
	for _, s := range b.Stories() {
		domain[s.Name] = b.Domain(s)
	}
	for story, want := range map[string]string{
		"lame": "SERVFAIL", "servers-dead": "SERVFAIL",
		"not-registered": "NXDOMAIN soa 900",
	} {
		m := resolve(t, b, google, domain[story], dns.TypeA)
		if got := said(m); got != want {
			t.Errorf("%s: %s", story, got)
		}
		if want == "SERVFAIL" && (m.IsEdns0() == nil || len(m.IsEdns0().Option) != 1) {
			t.Errorf("%s: no extended error", story)
		}
	}
	for name, rrtype := range map[string]uint16{"nowhere": dns.TypeA, "x.nowhere": dns.TypeA} {
		if got := said(resolve(t, b, google, name, rrtype)); got != "NXDOMAIN soa 900" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := said(resolve(t, b, google, ".", dns.TypeNS)); got != "NOERROR 86400 NS a.root-servers.net." {
		t.Errorf("the root: %s", got)
	}
}
