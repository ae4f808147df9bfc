package probe

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
)

// Addresses of the little world that the walks go through.
const (
	rootAddr     = "192.0.2.1"
	comAddr      = "192.0.2.2"
	comAddr2     = "192.0.2.3"
	hostAddr     = "192.0.2.10"
	hostAddr2    = "192.0.2.11"
	childAddr    = "192.0.2.20"
	resolverAddr = "192.0.2.99"
)

// toCom is what the root says of com.
var toCom = []string{
	"ns com. 86400 NS a.gtld.com.", "ns com. 86400 NS b.gtld.com.",
	"ar a.gtld.com. 86400 A " + comAddr, "ar b.gtld.com. 86400 A " + comAddr2,
}

// toExample is what com says of example.com.
var toExample = []string{
	"ns example.com. 3600 NS ns1.example.com.", "ns example.com. 3600 NS ns2.example.com.",
	"ar ns1.example.com. 3600 A " + hostAddr, "ar ns2.example.com. 3600 A " + hostAddr2,
}

const soaCom, soaExample = "ns com. 900 SOA a.gtld.com. h.com. 1 2 3 4 900",
	"ns example.com. 900 SOA ns1.example.com. h.example.com. 1 2 3 4 300"

// walkIn starts a session in a world: a root, and more servers by their addresses.
func walkIn(t testing.TB, root probetest.Script, servers map[string]probetest.Script, opt Options) (*Session,
	map[string]*probetest.NameServer,
) {
	t.Helper()
	n := probetest.NewNetwork()
	started := map[string]*probetest.NameServer{rootAddr: n.Serve(t, root, rootAddr)}
	for addr, s := range servers {
		started[addr] = n.Serve(t, s, addr)
	}
	srv := probetest.ServerAt(rootAddr)
	srv.Host = "a.root"
	opt.Roots = []exchange.Server{srv}
	if _, ok := servers[resolverAddr]; ok {
		opt.Resolvers = []exchange.Server{probetest.ServerAt(resolverAddr)}
	}
	return openSession(t, openLive(t, n.Dial), opt), started
}

func path(p *DelegationPath) string {
	var out []string
	for _, z := range p.Zones {
		out = append(out, z.Name)
	}
	return strings.Join(out, " > ")
}

func TestLocate(t *testing.T) {
	t.Parallel()
	root := probetest.Script{
		"com. NS": toCom, "uk. NS": {"ns uk. 86400 NS nsa.nic.uk.", "ar nsa.nic.uk. 86400 A " + comAddr},
		"nowhere. NS": {"aa", "NXDOMAIN", "ns . 900 SOA a. b. 1 2 3 4 5"},
	}
	for _, tt := range []struct {
		name    string
		asked   string
		servers map[string]probetest.Script
		path    string
		missing string
		unknown string
		check   func(t *testing.T, p *DelegationPath)
	}{
		{
			name: "delegated with glue", asked: "_verify.shop.example.com", path: ". > com > example.com",
			servers: map[string]probetest.Script{comAddr: {"example.com. NS": toExample}},
			check: func(t *testing.T, p *DelegationPath) {
				z := p.Zone
				if got := fmt.Sprint(z.Hosts(),
					z.Servers()); got != "[ns1.example.com ns2.example.com] "+
					"[ns1.example.com (192.0.2.10:53) ns2.example.com (192.0.2.11:53)]" {
					t.Error(got)
				}
				if z.Parent != "com" || z.NSTTL != 3600 || z.Referral == nil || z.SameServers {
					t.Errorf("%+v", z)
				}
				if up := p.ParentOf(z); up == nil || up.Name != "com" || p.ParentOf(p.Zones[0]) != nil {
					t.Error("the parent is not found")
				}
			},
		},
		{
			name: "the ending's servers serve its own ending", asked: "shop.example.co.uk",
			path: ". > uk > co.uk > example.co.uk",
			servers: map[string]probetest.Script{comAddr: {
				"co.uk. NS": {"aa", "co.uk. 172800 NS nsa.nic.uk.", "ar nsa.nic.uk. 86400 A " + comAddr},
				"example.co.uk. NS": {
					"ns example.co.uk. 3600 NS ns1.example.co.uk.",
					"ar ns1.example.co.uk. 3600 A " + hostAddr,
				},
			}},
			check: func(t *testing.T, p *DelegationPath) {
				if z := p.Zones[2]; !z.SameServers || len(z.Servers()) != 1 || z.NSTTL != 172800 {
					t.Errorf("%+v", z)
				}
			},
		},
		{
			name: "an ending inside its parent's zone", asked: "example.co.uk", path: ". > uk > example.co.uk",
			servers: map[string]probetest.Script{comAddr: {
				"co.uk. NS": {"aa", "ns uk. 900 SOA a. b. 1 2 3 4 5"},
				"example.co.uk. NS": {
					"ns example.co.uk. 3600 NS ns1.example.co.uk.",
					"ar ns1.example.co.uk. 3600 A " + hostAddr,
				},
			}},
		},
		{
			name: "the parent does not know the name", asked: "shop.gone.com", path: ". > com", missing: "gone.com",
			servers: map[string]probetest.Script{comAddr: {"gone.com. NS": {"aa", "NXDOMAIN", soaCom}}},
			check: func(t *testing.T, p *DelegationPath) {
				if p.Denial == nil || p.Denial.Outcome != exchange.NXDomain {
					t.Error("there is no denial to show")
				}
			},
		},
		{name: "there is no such ending", asked: "example.nowhere", path: ".", missing: "nowhere"},
		{
			name: "a referral upwards", asked: "example.com", path: ". > com", unknown: "to no zone below",
			servers: map[string]probetest.Script{
				comAddr:  {"example.com. NS": {"ns . 3600 NS a.root."}},
				comAddr2: {"example.com. NS": {"ns . 3600 NS a.root."}},
			},
		},
		{
			name: "a referral sideways", asked: "example.com", path: ". > com", unknown: "to no zone below",
			servers: map[string]probetest.Script{
				comAddr:  {"example.com. NS": {"ns other.com. 3600 NS ns1.other.com."}},
				comAddr2: {"example.com. NS": {"ns other.com. 3600 NS ns1.other.com."}},
			},
		},
		{
			name: "a referral to itself", asked: "example.com", path: ". > com", unknown: "to no zone below",
			servers: map[string]probetest.Script{comAddr: {"example.com. NS": toCom}, comAddr2: {"example.com. NS": toCom}},
		},
		{
			name: "a referral that is deeper than the question", asked: "example.com", path: ". > com",
			unknown: "to no zone below",
			servers: map[string]probetest.Script{
				comAddr:  {"example.com. NS": {"ns shop.example.com. 3600 NS ns1.other.com."}},
				comAddr2: {"*": {"REFUSED"}},
			},
		},
		{
			name: "one lame server of the ending", asked: "example.com", path: ". > com > example.com",
			servers: map[string]probetest.Script{comAddr: {"*": {"REFUSED"}}, comAddr2: {"example.com. NS": toExample}},
		},
		{
			name: "one server of the ending that is not there", asked: "example.com", path: ". > com > example.com",
			servers: map[string]probetest.Script{comAddr2: {"example.com. NS": toExample}},
		},
		{
			name: "one server of the ending without authority", asked: "example.com", path: ". > com > example.com",
			servers: map[string]probetest.Script{
				comAddr:  {"example.com. NS": {"NXDOMAIN"}},
				comAddr2: {"example.com. NS": toExample},
			},
		},
		{
			name: "every server of the ending is lame", asked: "example.com", path: ". > com", unknown: "refused",
			servers: map[string]probetest.Script{comAddr: {"*": {"REFUSED"}}, comAddr2: {"*": {"SERVFAIL"}}},
			check: func(t *testing.T, p *DelegationPath) {
				if len(p.Failed) != 2 {
					t.Errorf("%d failed questions to show", len(p.Failed))
				}
			},
		},
		{name: "no server of the ending is there", asked: "example.com", path: ". > com", unknown: "not reachable"},
		{name: "the root refuses", asked: "example.org", path: ".", unknown: "the root"},
		{
			name: "the name itself belongs to its parent's zone", asked: "example.com", path: ". > com",
			servers: map[string]probetest.Script{comAddr: {"example.com. NS": {"aa", soaCom}}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := walkIn(t, root, tt.servers, Options{})
			p := s.Locate(t.Context(), tt.asked)
			if path(p) != tt.path || p.Missing != tt.missing || (p.Unknown == "") != (tt.unknown == "") ||
				!strings.Contains(p.Unknown, tt.unknown) {
				t.Fatalf("path %q, missing %q, unknown %q", path(p), p.Missing, p.Unknown)
			}
			if (p.Zone == nil) != (len(p.Zones) == 0) || p.Zone != nil && p.Zone != p.Zones[len(p.Zones)-1] {
				t.Error("the zone is not the end of the path")
			}
			if tt.check != nil {
				tt.check(t, p)
			}
		})
	}
}

// TestLameReferralBesideAGoodServer: an upward referral is how an old server says that it does not know the zone; the
// next one is to be asked.
func TestLameReferralBesideAGoodServer(t *testing.T) {
	t.Parallel()
	up := []string{"ns . 3600 NS a.root."}
	s, _ := walkIn(t, probetest.Script{"com. NS": toCom}, map[string]probetest.Script{
		comAddr:  {"example.com. NS": up},
		comAddr2: {"example.com. NS": toExample},
	}, Options{})
	if p := s.Locate(t.Context(), "example.com"); path(p) != ". > com > example.com" {
		t.Errorf("Locate: path %q, unknown %q", path(p), p.Unknown)
	}
	s, _ = walkIn(t, probetest.Script{"com. NS": toCom}, map[string]probetest.Script{
		comAddr: {"example.com. NS": toExample}, hostAddr: {"*": up},
		hostAddr2: {"shop.example.com. A": {"aa", "shop.example.com. 300 A 192.0.2.80"}},
	}, Options{})
	if v := s.Lookup(t.Context(), "shop.example.com", dns.TypeA); !v.Exists() {
		t.Errorf("Lookup: %d replies, the first is %s", len(v.Replies), v.Replies[0].Outcome)
	}
}

// TestGlue: addresses are taken from a referral only where the parent may give them.
func TestGlue(t *testing.T) {
	t.Parallel()
	s, servers := walkIn(t, probetest.Script{"com. NS": toCom}, map[string]probetest.Script{
		comAddr: {
			"out.com. NS": {"ns out.com. 3600 NS ns1.hoster.net.", "ar ns1.hoster.net. 3600 A 192.0.2.66"},
			"in.com. NS": {
				"ns in.com. 3600 NS ns1.hoster.com.", "ar ns1.hoster.com. 3600 A 192.0.2.67",
				"ar other.com. 3600 A 192.0.2.66",
			},
			"no.com. NS": {"ns no.com. 3600 NS ns2.hoster.com."},
			"dup.com. NS": {
				"ns dup.com. 3600 NS ns1.hoster.com.", "ns dup.com. 3600 NS NS1.Hoster.com.",
				"ns other.com. 3600 NS ns9.other.com.", "ar ns1.hoster.com. 3600 A 192.0.2.67",
			},
		},
		resolverAddr: {
			"ns1.hoster.net. A":    {"ns1.hoster.net. 300 A 192.0.2.50"},
			"ns1.hoster.net. AAAA": {"ns1.hoster.net. 300 AAAA 2001:db8::50"},
			"ns2.hoster.com. A":    {"ns2.hoster.com. 300 A 192.0.2.51"}, "ns2.hoster.com. AAAA": {soaCom},
		},
	}, Options{})
	for name, want := range map[string]string{
		"out.com": "[{ns1.hoster.net [192.0.2.50 2001:db8::50]  false []  false}]",
		"in.com":  "[{ns1.hoster.com [192.0.2.67]  false []  true}]",
		"no.com":  "[{ns2.hoster.com [192.0.2.51]  false []  false}]",
		"dup.com": "[{ns1.hoster.com [192.0.2.67]  false []  true}]",
	} {
		if p := s.Locate(t.Context(), name); p.Zone == nil || fmt.Sprint(p.Zone.NS) != want {
			t.Errorf("%s: %v, want %s", name, p.Zone.NS, want)
		}
	}
	if n := servers[resolverAddr].Count("ns1.hoster.com. A"); n != 0 {
		t.Error("the resolver was asked for what the glue says")
	}
}

// TestServersWithoutAddress: a name that has no address is the domain's fault; one that could not be looked up is
// nobody's.
func TestServersWithoutAddress(t *testing.T) {
	t.Parallel()
	lines := map[string][]string{
		"nx":       {"NXDOMAIN", soaCom},
		"empty":    {soaCom},
		"servfail": {"SERVFAIL"},
		"refused":  {"REFUSED"},
	}
	resolver, com := probetest.Script{}, probetest.Script{}
	for name, l := range lines {
		resolver["ns."+name+".net. A"], resolver["ns."+name+".net. AAAA"] = l, l
		com[name+".com. NS"] = []string{"ns " + name + ".com. 3600 NS ns." + name + ".net."}
	}
	com["half.com. NS"] = []string{"ns half.com. 3600 NS ns.half.net."}
	resolver["ns.half.net. A"], resolver["ns.half.net. AAAA"] = []string{"SERVFAIL"}, []string{soaCom}
	s, _ := walkIn(t, probetest.Script{"com. NS": toCom},
		map[string]probetest.Script{comAddr: com, resolverAddr: resolver}, Options{})
	for name, gone := range map[string]bool{
		"nx": true, "empty": true, "servfail": true, "refused": false,
		"half": false,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := s.Locate(t.Context(), name+".com")
			if p.Zone == nil || len(p.Zone.NS) != 1 {
				t.Fatalf("path %q, unknown %q", path(p), p.Unknown)
			}
			h := p.Zone.NS[0]
			if h.Gone != gone || h.Failed == "" || len(h.Evidence) != 2 || len(h.Addrs) != 0 {
				t.Errorf("%+v", h)
			}
			if v := s.Authority(t.Context(), name+".com", dns.TypeA); v.Known() || len(v.Replies) != 0 {
				t.Errorf("%d replies from nobody", len(v.Replies))
			}
		})
	}
}

// TestManyServers: a delegation may name any number of servers, and few are asked.
func TestManyServers(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 60 {
		lines = append(lines, fmt.Sprintf("ns many.com. 3600 NS ns%d.many.com.", i),
			fmt.Sprintf("ar ns%d.many.com. 3600 A 198.51.100.%d", i, i))
	}
	s, _ := walkIn(t, probetest.Script{"com. NS": toCom}, map[string]probetest.Script{comAddr: {"many.com. NS": lines}},
		Options{})
	if z := s.Locate(t.Context(), "many.com").Zone; len(z.NS) != maxNS {
		t.Errorf("%d servers", len(z.NS))
	}
	if got, failed := s.queryFirst(t.Context(), s.Locate(t.Context(), "many.com").Zone, "many.com", dns.TypeA,
		stopAtAnswer); got != nil || len(failed) > 8 {
		t.Errorf("%d servers were asked", len(failed))
	}
}

// TestRoot: the built-in root servers are raced with those that the resolvers name.
func TestRoot(t *testing.T) {
	t.Parallel()
	root := probetest.Script{"com. NS": toCom}
	com := probetest.Script{"example.com. NS": toExample}
	primes := probetest.Script{". NS": {". 3600 NS a.private-root.", "ar a.private-root. 3600 A 192.0.2.7"}}
	bare := probetest.Script{
		". NS":              {". 3600 NS a.private-root."},
		"a.private-root. A": {"a.private-root. 3600 A 192.0.2.7"},
	}
	for _, tt := range []struct {
		name     string
		servers  map[string]probetest.Script
		unknown  string
		resolver bool
	}{
		{name: "the built-in ones", servers: map[string]probetest.Script{"198.41.0.4": root, comAddr: com}},
		{
			name:     "the built-in ones, and a resolver that fails",
			servers:  map[string]probetest.Script{"198.41.0.4": root, comAddr: com, resolverAddr: {"*": {"SERVFAIL"}}},
			resolver: true,
		},
		{name: "a private root with glue", servers: map[string]probetest.Script{
			"192.0.2.7": root, comAddr: com,
			resolverAddr: primes,
		}, resolver: true},
		{name: "a private root without glue", servers: map[string]probetest.Script{
			"192.0.2.7": root, comAddr: com,
			resolverAddr: bare,
		}, resolver: true},
		{
			name: "none of them", servers: map[string]probetest.Script{resolverAddr: primes}, resolver: true,
			unknown: "the root",
		},
		{name: "none, and no resolver", unknown: "the root"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := probetest.NewNetwork()
			for addr, s := range tt.servers {
				n.Serve(t, s, addr)
			}
			opt := Options{}
			if tt.resolver {
				opt.Resolvers = []exchange.Server{probetest.ServerAt(resolverAddr)}
			}
			s := openSession(t, openLive(t, n.Dial), opt)
			p := s.Locate(t.Context(), "example.com")
			if tt.unknown == "" && path(p) != ". > com > example.com" || !strings.Contains(p.Unknown, tt.unknown) {
				t.Errorf("path %q, unknown %q", path(p), p.Unknown)
			}
		})
	}
}

// TestLocateShares: the way to the ending is found once for all names below it.
func TestLocateShares(t *testing.T) {
	t.Parallel()
	com := probetest.Script{}
	for i := range 30 {
		com[fmt.Sprintf("n%d.com. NS", i)] = toExample
	}
	s, servers := walkIn(t, probetest.Script{"com. NS": toCom}, map[string]probetest.Script{comAddr: com}, Options{})
	done := make(chan bool)
	for i := range 60 {
		go func() {
			s.Fork().Locate(t.Context(), fmt.Sprintf("www.n%d.com", i%30))
			done <- true
		}()
	}
	for range 60 {
		<-done
	}
	if n := servers[rootAddr].Count(""); n != 1 {
		t.Errorf("the root was asked %d times", n)
	}
	if n := servers[comAddr].Count(""); n != 30 {
		t.Errorf("com was asked %d times", n)
	}
}

// TestLocateLedger: who asks gets the whole way in the ledger, also when another asked first.
func TestLocateLedger(t *testing.T) {
	t.Parallel()
	s, _ := walkIn(t, probetest.Script{"com. NS": toCom},
		map[string]probetest.Script{comAddr: {"example.com. NS": toExample}}, Options{})
	for range 2 {
		f := s.Fork()
		f.Locate(t.Context(), "shop.example.com")
		var asked []string
		for _, x := range f.Ledger().Exchanges() {
			asked = append(asked, x.Asked)
		}
		if !slices.Equal(asked, []string{"com NS", "example.com NS"}) {
			t.Errorf("the ledger has %q", asked)
		}
	}
}

// A resolver that fails on everything, as a forwarder without an upstream does, says nothing about a name server.
func TestAFailingResolverSaysNothing(t *testing.T) {
	t.Parallel()
	arpa := []string{"aa", "NXDOMAIN", "ns . 900 SOA a. b. 1 2 3 4 5"}
	for _, tt := range []struct {
		name     string
		resolver probetest.Script
		gone     bool
	}{
		{"it fails on everything", probetest.Script{"*": {"SERVFAIL"}}, false},
		{"it fails on this name", probetest.Script{"*": {"SERVFAIL"}, "ipv4only.arpa. AAAA": arpa}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := walkIn(t, probetest.Script{}, map[string]probetest.Script{resolverAddr: tt.resolver}, Options{})
			h := s.NameServer(t.Context(), "ns1.example.net")
			if h.Gone != tt.gone || len(h.Addrs) > 0 || h.Failed == "" {
				t.Errorf("gone %v (%s), want %v", h.Gone, h.Failed, tt.gone)
			}
		})
	}
}
