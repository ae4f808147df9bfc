package probe

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"domdoc/api/sandbox"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/registration"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// sandboxed is a session in the sandbox's world, told some of its stories.
func sandboxed(t testing.TB, stories ...string) (*Session, *sandbox.Sandbox) {
	t.Helper()
	b, err := sandbox.Start(sandbox.Options{Only: stories})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	l := transport.NewLive(b.Dial, b.Roots())
	l.SetClock(b.Now)
	t.Cleanup(l.Close)
	return openSession(t, l, Options{
		Resolvers: DefaultResolvers(), Now: b.Now, TrustedRoots: b.Roots(),
		HasIPv6: func() bool { return true },
	}), b
}

// TestSandboxWorld: one healthy domain through every sense, from the root to the page.
func TestSandboxWorld(t *testing.T) {
	t.Parallel()
	s, b := sandboxed(t, "healthy-txt")
	ctx := t.Context()
	const name = "tickets.northwind.example"

	p := s.Locate(ctx, name)
	if path(p) != ". > example > northwind.example" || p.Missing != "" || p.Unknown != "" {
		t.Fatalf("path %q, missing %q, unknown %q", path(p), p.Missing, p.Unknown)
	}
	if got := p.Zone.Hosts(); fmt.Sprint(got) != "[ns1.hoster.example ns2.hoster.example]" ||
		len(p.Zone.Servers()) != 2 {
		t.Errorf("servers %v %v", got, p.Zone.Servers())
	}
	if v := s.Authority(ctx, "_verify."+name, dns.TypeTXT); len(v.Good()) != 2 ||
		fmt.Sprint(v.Values()) != "[tok-7f3a91c2]" {
		t.Errorf("verification: %d good replies, %v", len(v.Good()), v.Values())
	}
	v4, v6 := s.Addresses(ctx, name)
	if fmt.Sprint(v4.AddrsOf(), v6.AddrsOf()) != "[13.32.10.1 13.32.10.2] [2600:9000:2000::1]" || len(v4.Hops) != 2 ||
		!strings.HasSuffix(v4.End().Name, ".cloudfront.net") {
		t.Errorf("addresses %v %v by %v", v4.AddrsOf(), v6.AddrsOf(), v4.Names())
	}
	for _, r := range s.Resolvers() {
		x := s.Resolve(ctx, r, name, dns.TypeA)
		if got, ttl := x.Chase(name, dns.TypeA); len(got) != 2 || ttl == 0 {
			t.Errorf("%s: %v, TTL %d (%s)", r, got, ttl, x.Outcome)
		}
	}
	if r := s.Registration(ctx, name); r.State != registration.Registered || r.Registration.Source != "rdap" ||
		len(r.Nameservers) != 2 {
		t.Errorf("registration: %s by %s, servers %v: %s", r.State, r.Registration.Source, r.Nameservers, r.Reason)
	}
	for _, a := range append(v4.AddrsOf(), v6.AddrsOf()...) {
		x := s.Handshake(ctx, netip.AddrPortFrom(a, 443), name)
		if x.TLS == nil || len(x.TLS.Chain) == 0 {
			t.Fatalf("%s: %s (%s)", a, x.Outcome, x.Err)
		}
		if v := exchange.Verify(x.TLS.Chain, name, b.Roots(), s.Now()); v != (exchange.Verified{
			NameOK:  true,
			Trusted: true,
		}) {
			t.Errorf("%s: %+v", a, v)
		}
	}
	page := s.Browse(ctx, "http://"+name+"/", netip.AddrPortFrom(v4.AddrsOf()[0], 80))
	if len(page.Hops) != 2 || page.Last().HTTP == nil || page.Last().HTTP.Status != 200 {
		t.Errorf("page: %q", page.URLs())
	}
	asked := map[string]int{}
	for _, x := range s.Ledger().Exchanges() {
		if !x.Outcome.Conclusive() && x.Outcome != exchange.Referral {
			t.Errorf("%s at %s: %s (%s)", x.Asked, x.Server(), x.Outcome, x.Err)
		}
		exchangetest.CheckEvidence(t, x.Evidence())
		asked[fmt.Sprint(x.Server(), x.Asked, x.RD, x.CD)]++
	}
	for q, n := range asked {
		if n > 1 {
			t.Errorf("%s was asked %d times", q, n)
		}
	}
}

// TestSandboxStories: what the walk finds in stories about delegation.
func TestSandboxStories(t *testing.T) {
	t.Parallel()
	s, b := sandboxed(t, "not-registered", "on-hold", "lame", "healthy-wildcard", "healthy-txt", "cname-loop",
		"cname-dangling", "healthy-zone-cut")
	ctx := t.Context()
	domain := map[string]string{}
	for _, st := range b.Stories() {
		domain[st.Name] = strings.TrimPrefix(b.Domain(st), "*.")
	}
	t.Run("a name that nobody registered", func(t *testing.T) {
		t.Parallel()
		for _, story := range []string{"not-registered", "on-hold"} {
			name := domain[story]
			if p := s.Locate(ctx, name); p.Missing != Registrable(name) || p.Denial == nil {
				t.Errorf("%s: missing %q, path %q", name, p.Missing, path(p))
			}
		}
	})
	t.Run("lame servers", func(t *testing.T) {
		t.Parallel()
		v := s.Authority(ctx, domain["lame"], dns.TypeA)
		if len(v.Replies) != 2 || v.Known() || slices.ContainsFunc(v.Replies, func(x *exchange.Exchange) bool {
			return x.Outcome != exchange.Refused
		}) {
			t.Errorf("%d replies, known %v", len(v.Replies), v.Known())
		}
	})
	t.Run("wildcards", func(t *testing.T) {
		t.Parallel()
		for name, want := range map[string]bool{
			"any.litware.example": true, "_verify.litware.example": false,
			"tickets.northwind.example": false, "mail.northwind.example": false,
		} {
			if got, _ := s.Wildcard(ctx, s.Authority(ctx, name, dns.TypeCNAME)); got != want {
				t.Errorf("%s: %v", name, got)
			}
		}
	})
	t.Run("a zone below the registered name", func(t *testing.T) {
		t.Parallel()
		v := s.Authority(ctx, domain["healthy-zone-cut"], dns.TypeCNAME)
		if p := v.Delegation; p.Zone.Name != Registrable(v.Name) || v.Zone.Name == p.Zone.Name ||
			v.Zone.Parent != p.Zone.Name || v.Apex() != v.Zone.Name || len(v.Good()) != 2 {
			t.Errorf("place %s, zone %s, apex %s, %d good replies", p.Zone.Name, v.Zone.Name, v.Apex(), len(v.Good()))
		}
	})
	t.Run("a loop", func(t *testing.T) {
		t.Parallel()
		if c := s.Follow(ctx, "shop.lamna.example", dns.TypeA); c.Loop != "shop.lamna.example" || len(c.Hops) != 2 {
			t.Errorf("loop %q through %v", c.Loop, c.Names())
		}
	})
	t.Run("a dangling CNAME", func(t *testing.T) {
		t.Parallel()
		if c := s.Follow(ctx, domain["cname-dangling"], dns.TypeA); len(c.Hops) < 2 || len(c.Values) > 0 || !c.Known() {
			t.Errorf("%v, values %v", c.Names(), c.Values)
		}
	})
}

// TestOwnNetworkOnly: with a dialer of its own, a transport asks nobody else, not even for a name. In the demo that
// would leave the machine.
func TestOwnNetworkOnly(t *testing.T) {
	t.Parallel()
	l := openLive(t, probetest.NewNetwork().Dial)
	// the system knows this name without asking anybody
	if got, err := l.LookupHost(t.Context(), "localhost"); err == nil {
		t.Errorf("the system was asked: %v", got)
	}
}

// TestSandboxSpeaksEveryProtocol asks the sandbox's resolver by each protocol.
func TestSandboxSpeaksEveryProtocol(t *testing.T) {
	t.Parallel()
	s, _ := sandboxed(t, "healthy-txt")
	for _, p := range exchange.Protos() {
		to := exchange.Server{Addr: netip.MustParseAddrPort("1.1.1.1:53"), Proto: p}
		for _, address := range exchange.KnownResolvers() {
			address, _, _ = strings.Cut(address, "\t")
			if r, err := exchange.ParseResolver(address); err == nil && r.Proto == p &&
				strings.Contains(address, "1.1.1.1") {
				to = r
			}
		}
		if p == exchange.DoH {
			to, _ = DoHEndpoint(exchange.Server{Addr: netip.MustParseAddrPort("1.1.1.1:53")})
		}
		x := s.Resolve(t.Context(), to, "_verify.tickets.northwind.example", dns.TypeTXT)
		if x.Outcome != exchange.Answered || x.Transport != p.String() {
			t.Errorf("query over %s: %s over %s (%s); does listener in api/sandbox/sandbox.go serve it?", p, x.Outcome,
				x.Transport, x.Err)
		}
	}
}
