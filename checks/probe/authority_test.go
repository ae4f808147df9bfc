package probe

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
)

// below builds a world in which com delegates example.com to two servers, and other.com to a third.
func below(t testing.TB, one, two probetest.Script, more map[string]probetest.Script) (*Session,
	map[string]*probetest.NameServer,
) {
	t.Helper()
	com := probetest.Script{
		"example.com. NS": toExample,
		"other.com. NS":   {"ns other.com. 3600 NS ns1.other.com.", "ar ns1.other.com. 3600 A " + childAddr},
		"gone.com. NS":    {"aa", "NXDOMAIN", soaCom},
	}
	servers := map[string]probetest.Script{comAddr: com, hostAddr: one, hostAddr2: two}
	for addr, s := range more {
		servers[addr] = s
	}
	return walkIn(t, probetest.Script{
		"com. NS":     toCom,
		"nowhere. NS": {"aa", "NXDOMAIN", "ns . 900 SOA a. b. 1 2 3 4 5"},
	},
		servers, Options{})
}

func TestAuthority(t *testing.T) {
	t.Parallel()
	const a1, a2 = "shop.example.com. 300 A 192.0.2.81", "shop.example.com. 300 A 192.0.2.82"
	up := []string{"ns . 3600 NS a.root."}
	down := []string{"ns shop.example.com. 60 NS ns1.shop.example.com.", "ar ns1.shop.example.com. 60 A " + childAddr}
	for _, tt := range []struct {
		name     string
		one, two []string // what the two servers say of "shop.example.com A"
		child    []string // what the server of a zone below says
		replies  int
		good     int
		values   string
		cname    string
		zone     string
		apex     string
	}{
		{
			name: "both agree", one: []string{"aa", a1}, two: []string{"aa", a1}, replies: 2, good: 2,
			values: "[192.0.2.81]", zone: "example.com",
		},
		{
			name: "they disagree", one: []string{"aa", a1}, two: []string{"aa", a2}, replies: 2, good: 2,
			values: "[192.0.2.81 192.0.2.82]", zone: "example.com",
		},
		{
			name: "one denies", one: []string{"aa", "NXDOMAIN", soaExample}, two: []string{"aa", a2}, replies: 2, good: 2,
			values: "[192.0.2.82]", zone: "example.com",
		},
		{
			name: "one refuses", one: []string{"REFUSED"}, two: []string{"aa", a2}, replies: 2, good: 1,
			values: "[192.0.2.82]", zone: "example.com",
		},
		{
			name: "one answers without authority", one: []string{a1}, two: []string{"aa", a2}, replies: 2, good: 1,
			values: "[192.0.2.82]", zone: "example.com",
		},
		{
			name: "both fail", one: []string{"SERVFAIL"}, two: []string{"REFUSED"}, replies: 2, values: "[]",
			zone: "example.com",
		},
		{
			name: "neither has it", one: []string{"aa", soaExample}, two: []string{"aa", soaExample}, replies: 2, good: 2,
			values: "[]", zone: "example.com",
		},
		{
			name: "a CNAME", one: []string{"aa", "shop.example.com. 300 CNAME Other.COM."},
			two: []string{"aa", "shop.example.com. 300 CNAME other.com."}, replies: 2, good: 2, values: "[]",
			cname: "other.com", zone: "example.com",
		},
		{
			name: "a lame referral upwards beside a good server", one: up, two: []string{"aa", a2}, replies: 2, good: 1,
			values: "[192.0.2.82]", zone: "example.com",
		},
		{
			name: "a zone below", one: down, two: down, child: []string{"aa", "shop.example.com. 60 A 192.0.2.83"},
			replies: 1, good: 1, values: "[192.0.2.83]", zone: "shop.example.com",
		},
		{
			name: "one server does not know of the zone below", one: []string{"aa", soaExample}, two: down,
			child: []string{"aa", "shop.example.com. 60 A 192.0.2.83"}, replies: 1, good: 1, values: "[192.0.2.83]",
			zone: "shop.example.com",
		},
		{
			name: "a zone below whose server refers back", one: down, two: down, child: down, replies: 1, values: "[]",
			zone: "shop.example.com",
		},
		{
			name: "a zone below whose server refers upwards", one: down, two: down, child: toExample, replies: 1,
			values: "[]", zone: "shop.example.com",
		},
		{
			name: "a zone below on the same servers", one: []string{"aa", "ns shop.example.com. 60 SOA ns1. h. 1 2 3 4 5"},
			two: []string{"aa", "ns shop.example.com. 60 SOA ns1. h. 1 2 3 4 5"}, replies: 2, good: 2, values: "[]",
			zone: "example.com", apex: "shop.example.com",
		},
		{
			name: "a SOA of somebody else", one: []string{"aa", "ns www.shop.example.com. 60 SOA ns1. h. 1 2 3 4 5"},
			two: []string{"aa", "ns other.com. 60 SOA ns1. h. 1 2 3 4 5"}, replies: 2, good: 2, values: "[]",
			zone: "example.com", apex: "example.com",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := below(t, probetest.Script{"shop.example.com. A": tt.one},
				probetest.Script{"shop.example.com. A": tt.two},
				map[string]probetest.Script{childAddr: {"shop.example.com. A": tt.child}})
			v := s.Authority(t.Context(), "Shop.Example.com.", dns.TypeA)
			if len(v.Replies) != tt.replies || len(v.Good()) != tt.good || v.Known() != (tt.good > 0) {
				t.Errorf("%d replies, %d good", len(v.Replies), len(v.Good()))
			}
			if fmt.Sprint(v.Values()) != tt.values || v.Exists() != (tt.values != "[]") || v.CNAME() != tt.cname {
				t.Errorf("values %v, CNAME %q", v.Values(), v.CNAME())
			}
			if v.Zone.Name != tt.zone {
				t.Errorf("zone %s, want %s", v.Zone.Name, tt.zone)
			}
			apex := tt.apex
			if apex == "" {
				apex = tt.zone
			}
			if v.Apex() != apex {
				t.Errorf("apex %s, want %s", v.Apex(), apex)
			}
		})
	}
}

// TestZoneBelowBesideALameServer: the first referral may be the lame server's; the way down is another's.
func TestZoneBelowBesideALameServer(t *testing.T) {
	t.Parallel()
	down := []string{"ns shop.example.com. 60 NS ns1.shop.example.com.", "ar ns1.shop.example.com. 60 A " + childAddr}
	s, _ := below(t, probetest.Script{"*": {"ns . 3600 NS a.root."}}, probetest.Script{"shop.example.com. A": down},
		map[string]probetest.Script{childAddr: {"shop.example.com. A": {"aa", "shop.example.com. 60 A 192.0.2.83"}}})
	if v := s.Authority(t.Context(), "shop.example.com", dns.TypeA); v.Zone.Name != "shop.example.com" || !v.Exists() {
		t.Errorf("zone %s, values %v", v.Zone.Name, v.Values())
	}
}

// TestZoneBelowIsLearnt: the second question for a zone below goes to its servers at once.
func TestZoneBelowIsLearnt(t *testing.T) {
	t.Parallel()
	down := []string{"ns sub.example.com. 60 NS ns1.sub.example.com.", "ar ns1.sub.example.com. 60 A " + childAddr}
	up := probetest.Script{"*": {"REFUSED"}, "a.sub.example.com. A": down}
	s, servers := below(t, up, up,
		map[string]probetest.Script{childAddr: {
			"a.sub.example.com. A": {"aa", "a.sub.example.com. 60 A 192.0.2.83"},
			"b.sub.example.com. A": {"aa", "b.sub.example.com. 60 A 192.0.2.84"},
		}})
	for _, name := range []string{"a.sub.example.com", "b.sub.example.com"} {
		if v := s.Authority(t.Context(), name, dns.TypeA); !v.Exists() || v.Zone.Name != "sub.example.com" {
			t.Errorf("%s: zone %s, values %v", name, v.Zone.Name, v.Values())
		}
	}
	if v := s.Lookup(t.Context(), "b.sub.example.com", dns.TypeA); !v.Exists() || v.Zone.Parent != "example.com" {
		t.Error("Lookup does not know the zone below")
	}
	if n := servers[hostAddr].Count("") + servers[hostAddr2].Count(""); n != 2 {
		t.Errorf("the parent was asked %d times", n)
	}
}

// TestReferralsEnd: a server that refers one label deeper each time, to another address of its own, is left after
// maxDepth zones.
func TestReferralsEnd(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("a.", 20) + "example.com"
	n := probetest.NewNetwork()
	var addrs []string
	for i := range 30 {
		addrs = append(addrs, fmt.Sprintf("198.51.100.%d", i))
	}
	var asked atomic.Int32
	n.ServeFunc(t, func(w dns.ResponseWriter, q *dns.Msg) {
		name := strings.ToLower(q.Question[0].Name)
		labels := dns.SplitDomainName(name)
		if name == "com." {
			_ = w.WriteMsg(exchangetest.Reply(q, toCom...))
			return
		}
		depth := 2
		if len(labels) > 2 { // each question finds a zone below the last one
			depth = min(2+int(asked.Add(1)), len(labels))
		}
		zone := strings.Join(labels[len(labels)-depth:], ".") + "."
		_ = w.WriteMsg(exchangetest.Reply(q, "ns "+zone+" 60 NS ns1."+zone,
			fmt.Sprintf("ar ns1.%s 60 A 198.51.100.%d", zone, depth)))
	}, append(addrs, rootAddr, comAddr)...)
	for name, look := range map[string]func(*Session, context.Context, string,
		uint16) *AuthoritativeAnswers{"Authority": (*Session).Authority, "Lookup": (*Session).Lookup} {
		asked.Store(0)
		s := openSession(t, openLive(t, n.Dial), Options{Roots: []exchange.Server{probetest.ServerAt(rootAddr)}})
		if v := look(s, t.Context(), deep, dns.TypeA); v.Known() {
			t.Errorf("%s: an answer out of nothing", name)
		}
		if got := asked.Load(); got != maxDepth+1 {
			t.Errorf("%s: %d zones were asked", name, got)
		}
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	zone := probetest.Script{
		"end.example.com. A": {"aa", "end.example.com. 300 A 192.0.2.80"},
		"one.example.com. A": {
			"aa", "one.example.com. 300 CNAME end.example.com.",
			"end.example.com. 300 A 192.0.2.80",
		},
		"cross.example.com. A":    {"aa", "cross.example.com. 300 CNAME cdn.other.com."},
		"loop.example.com. A":     {"aa", "loop.example.com. 300 CNAME pool.example.com."},
		"pool.example.com. A":     {"aa", "pool.example.com. 300 CNAME loop.example.com."},
		"self.example.com. A":     {"aa", "self.example.com. 300 CNAME SELF.example.com."},
		"dangling.example.com. A": {"aa", "dangling.example.com. 300 CNAME x.gone.com."},
		"missing.example.com. A":  {"aa", "NXDOMAIN", "missing.example.com. 300 CNAME no.example.com.", soaExample},
		"no.example.com. A":       {"aa", "NXDOMAIN", soaExample},
		"ending.example.com. A":   {"aa", "ending.example.com. 300 CNAME x.nowhere."},
		"lame.example.com. A":     {"aa", "lame.example.com. 300 CNAME refused.other.com."},
		"root.example.com. A":     {"aa", "root.example.com. 300 CNAME ."},
		"both.example.com. A": {
			"aa", "both.example.com. 300 CNAME end.example.com.",
			"both.example.com. 300 A 192.0.2.80",
		},
		"d.tree.example.com. A": {
			"aa", "tree.example.com. 300 DNAME cdn.other.com.",
			"d.tree.example.com. 300 CNAME d.cdn.other.com.",
		},
		"nothing.example.com. A": {"aa", soaExample},
		"one.example.com. CNAME": {"aa", "one.example.com. 300 CNAME end.example.com."},
	}
	for i := range 20 {
		zone[fmt.Sprintf("c%d.example.com. A", i)] = []string{
			"aa",
			fmt.Sprintf("c%d.example.com. 300 CNAME c%d.example.com.", i, i+1),
		}
	}
	zone["c20.example.com. A"] = []string{"aa", "c20.example.com. 300 A 192.0.2.80"}
	// servers that fail where they would have to follow a chain, and return its links
	for from, to := range map[string]string{"f1": "f2", "f2": "f1", "g1": "end"} {
		zone[from+".example.com. A"] = []string{"aa", "SERVFAIL"}
		zone[from+".example.com. CNAME"] = []string{"aa", from + ".example.com. 300 CNAME " + to + ".example.com."}
	}
	for i := range 9 {
		name := fmt.Sprintf("h%d.example.com.", i)
		zone[name+" A"] = []string{"aa", "SERVFAIL"}
		zone[name+" CNAME"] = []string{"aa", fmt.Sprintf("%s 300 CNAME h%d.example.com.", name, i+1)}
	}
	zone["h9.example.com. A"] = []string{"aa", "h9.example.com. 300 A 192.0.2.80"}
	other := probetest.Script{
		"cdn.other.com. A":   {"aa", "cdn.other.com. 300 A 192.0.2.90"},
		"d.cdn.other.com. A": {"aa", "d.cdn.other.com. 300 A 192.0.2.91"},
	}
	s, _ := below(t, zone, zone, map[string]probetest.Script{childAddr: other})
	for _, tt := range []struct {
		name    string
		rrtype  uint16
		hops    int
		values  string
		loop    string
		tooLong bool
		unknown bool
	}{
		{name: "end", hops: 1, values: "[192.0.2.80]"},
		{name: "one", hops: 2, values: "[192.0.2.80]"},
		{name: "one", rrtype: dns.TypeCNAME, hops: 1, values: "[end.example.com]"},
		{name: "cross", hops: 2, values: "[192.0.2.90]"},
		{name: "loop", hops: 2, values: "[]", loop: "loop.example.com"},
		{name: "self", hops: 1, values: "[]", loop: "self.example.com"},
		{name: "dangling", hops: 2, values: "[]"},
		{name: "missing", hops: 2, values: "[]"},
		{name: "ending", hops: 2, values: "[]"},
		{name: "lame", hops: 2, values: "[]", unknown: true},
		{name: "root", hops: 2, values: "[]", unknown: true},
		{name: "both", hops: 1, values: "[192.0.2.80]"},
		{name: "d.tree", hops: 2, values: "[192.0.2.91]"},
		{name: "nothing", hops: 1, values: "[]"},
		{name: "c4", hops: 17, values: "[192.0.2.80]"}, // sixteen CNAMEs
		{name: "c3", hops: 17, values: "[]", tooLong: true},
		{name: "c0", hops: 17, values: "[]", tooLong: true},
		{name: "f1", hops: 2, values: "[]", loop: "f1.example.com"},
		{name: "h0", hops: 10, values: "[192.0.2.80]"},
		{name: "h1", hops: 1, values: "[]", unknown: true}, // too short to explain why the servers fail
		{name: "g1", hops: 1, values: "[]", unknown: true},
	} {
		rrtype := tt.rrtype
		if rrtype == 0 {
			rrtype = dns.TypeA
		}
		t.Run(tt.name+" "+exchange.TypeName(rrtype), func(t *testing.T) {
			t.Parallel()
			c := s.Follow(t.Context(), tt.name+".example.com", rrtype)
			if len(c.Hops) != tt.hops || fmt.Sprint(c.Values) != tt.values || c.Loop != tt.loop ||
				c.TooLong != tt.tooLong || c.Known() == tt.unknown {
				t.Errorf("%d hops %v, values %v, loop %q, too long %v, known %v", len(c.Hops), c.Names(), c.Values, c.Loop,
					c.TooLong, c.Known())
			}
			if n := len(c.Evidence()); n > len(c.Hops) || n < len(c.Hops) && !tt.unknown {
				t.Errorf("%d exchanges as evidence of %d hops", n, len(c.Hops))
			}
			if rrtype == dns.TypeA && len(c.AddrsOf()) != len(c.Values) {
				t.Errorf("addresses %v of %v", c.AddrsOf(), c.Values)
			}
		})
	}
	v4, v6 := s.Addresses(t.Context(), "one.example.com")
	if !slices.Equal(v4.AddrsOf(), []netip.Addr{netip.MustParseAddr("192.0.2.80")}) || v6.Known() {
		t.Errorf("addresses %v and %v", v4.AddrsOf(), v6.AddrsOf())
	}
}

func TestSibling(t *testing.T) {
	t.Parallel()
	one, two := openSession(t, openLive(t, nil), Options{}), openSession(t, openLive(t, nil), Options{})
	form := regexp.MustCompile(`^dd-[0-9a-f]{12}\.`)
	for name, rest := range map[string]string{
		"shop.example.com":         "example.com",
		"_verify.shop.example.com": "shop.example.com", "*.example.com": "example.com", "example.com": "com",
		"com": "com",
	} {
		got := one.RandomSibling(name)
		if !form.MatchString(got) || form.ReplaceAllString(got, "") != rest {
			t.Errorf("%s: %s", name, got)
		}
		if got != one.RandomSibling(name) || got != one.Fork().RandomSibling(name) {
			t.Errorf("%s: another one in the same session", name)
		}
		if got == two.RandomSibling(name) {
			t.Errorf("%s: the same in another session", name)
		}
	}
}

func TestWildcard(t *testing.T) {
	t.Parallel()
	zone := func(w dns.ResponseWriter, q *dns.Msg) {
		name := strings.ToLower(q.Question[0].Name)
		wild := strings.HasPrefix(name, "dd-")
		rest := name[strings.IndexByte(name, '.')+1:]
		txt := func(v string) { _ = w.WriteMsg(exchangetest.Reply(q, "aa", name+` 300 TXT "`+v+`"`)) }
		switch {
		case name == "com.":
			_ = w.WriteMsg(exchangetest.Reply(q, toCom...))
		case name == "example.com." && q.Question[0].Qtype == dns.TypeNS:
			_ = w.WriteMsg(exchangetest.Reply(q, toExample...))
		case name == "shop.same.example.com.", wild && rest == "same.example.com.":
			txt("everybody")
		case name == "shop.own.example.com.":
			txt("mine")
		case wild && rest == "own.example.com.", name == "example.com.":
			txt("everybody")
		case name == "shop.alone.example.com.":
			txt("mine")
		case name == "shop.cname.example.com.", wild && rest == "cname.example.com.":
			_ = w.WriteMsg(exchangetest.Reply(q, "aa", name+" 300 CNAME Everybody.example.com."))
		case name == "shop.order.example.com.":
			_ = w.WriteMsg(exchangetest.Reply(q, "aa", name+` 300 TXT "a"`, name+` 300 TXT "b"`))
		case wild && rest == "order.example.com.":
			_ = w.WriteMsg(exchangetest.Reply(q, "aa", name+` 300 TXT "b"`, name+` 300 TXT "a"`))
		case wild && rest == "fails.example.com.":
			_ = w.WriteMsg(exchangetest.Reply(q, "SERVFAIL"))
		case name == "shop.fails.example.com.":
			txt("everybody")
		default:
			_ = w.WriteMsg(exchangetest.Reply(q, "aa", "NXDOMAIN", soaExample))
		}
	}
	n := probetest.NewNetwork()
	n.ServeFunc(t, zone, rootAddr, comAddr, hostAddr)
	s := openSession(t, openLive(t, n.Dial), Options{Roots: []exchange.Server{probetest.ServerAt(rootAddr)}})
	for name, want := range map[string]struct {
		wildcard, evidence bool
	}{
		"shop.same.example.com":  {true, true},
		"shop.own.example.com":   {false, true},
		"shop.alone.example.com": {false, true},
		"shop.cname.example.com": {true, true},
		"shop.order.example.com": {true, true},
		"shop.fails.example.com": {false, false},
		"shop.none.example.com":  {false, false},
		"example.com":            {false, false}, // the apex comes from no wildcard
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, x := s.Wildcard(t.Context(), s.Authority(t.Context(), name, dns.TypeTXT))
			if got != want.wildcard || (x != nil) != want.evidence {
				t.Errorf("wildcard %v, evidence %v", got, x)
			}
		})
	}
}

// TestDeepestZoneBelow: of the zones below that are known, the deepest one that holds a name is asked, whichever was
// found first.
func TestDeepestZoneBelow(t *testing.T) {
	t.Parallel()
	z := &Zone{Name: "example.com"}
	for _, name := range []string{"b.example.com", "a.b.example.com", "x.a.b.example.com", "other.example.com"} {
		z.learn(&Zone{Name: name})
	}
	for range 20 { // the order of a map is another each time
		if c := z.child("www.a.b.example.com"); c == nil || c.Name != "a.b.example.com" {
			t.Fatalf("found %v", c)
		}
	}
	if c := z.child("www.example.com"); c != nil {
		t.Errorf("found %s for a name of the zone itself", c.Name)
	}
}

// TestAskZone: what belongs to the zone itself is not to be had from servers below, so a referral there is no answer,
// and no DS is no insecure zone.
func TestAskZone(t *testing.T) {
	t.Parallel()
	const ds = "example.com. 3600 DS 1 8 2 0000000000000000000000000000000000000000000000000000000000000000"
	down := append([]string{}, toExample...)
	for _, tt := range []struct {
		name     string
		one, two []string
		records  int
	}{
		{name: "the record", one: []string{"aa", ds}, records: 1},
		{name: "a denial", one: []string{"aa", soaCom}},
		{name: "a referral to the zone below, and one that knows", one: down, two: []string{"aa", ds}, records: 1},
		{name: "referrals to the zone below", one: down, two: down, records: -1},
		{name: "without authority", one: []string{ds}, two: []string{soaCom}, records: -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, _ := walkIn(t, probetest.Script{"com. NS": toCom}, map[string]probetest.Script{comAddr: {
				"example.com. NS": toExample,
				"example.com. DS": tt.one,
			}, comAddr2: {"example.com. DS": tt.two}}, Options{})
			place := s.Locate(t.Context(), "example.com")
			x, failed := s.AskZone(t.Context(), place.ParentOf(place.Zone), "example.com", dns.TypeDS)
			if (x == nil) != (tt.records < 0) || x != nil && len(x.Records("example.com", dns.TypeDS)) != tt.records ||
				x == nil && len(failed) != 2 {
				t.Errorf("%v, %d failed", x, len(failed))
			}
		})
	}
}
