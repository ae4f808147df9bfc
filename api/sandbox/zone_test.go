package sandbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// rfc4592 is the zone of RFC 4592 2.2.1 with chains, cuts with glue, and empty non-terminals.
const rfc4592 = `
@               3600 SOA   ns1.hoster.example. hostmaster 9 7200 3600 1209600 600
@               3600 NS    ns1.hoster.example.
@               3600 NS    ns2.hoster.example.
*               3600 TXT   "this is a wildcard"
*               3600 MX    10 host1
sub.*           3600 TXT   "this is not a wildcard"
host1           3600 A     192.0.2.1
_ssh._tcp.host1 3600 SRV   0 0 22 host1
_ssh._tcp.host2 3600 SRV   0 0 22 host2
subdel          3600 NS    ns.example.com.
subdel          3600 NS    ns.example.net.

alias           300  CNAME host1
alias2          300  CNAME alias
to-wild         300  CNAME nothing.in.particular
to-ent          300  CNAME _tcp.host1
to-none         300  CNAME none.host1
to-cut          300  CNAME www.subdel
outside         300  CNAME www.elsewhere.example.
wild.cname      300  A     192.0.2.7
*.cname         300  CNAME host1
glued           3600 NS    ns1.glued
glued           3600 NS    ns2.glued
glued           3600 NS    ns1.hoster.example.
ns1.glued       3600 A     192.0.2.53
ns1.glued       3600 AAAA  2001:db8::53
ns2.glued       3600 A     192.0.2.54
www.glued       3600 A     192.0.2.99
UPPER           300  A     192.0.2.8
two             300  TXT   "a" "b"
two             60   TXT   "c"
`

// zoneStory returns a story with a zone on the hoster's two servers.
func zoneStory(zone, text string) map[string]string {
	return map[string]string{"zone": "A zone\n\n-- story --\ndomain shop." + zone + "\n-- zone " + zone + " --\n" +
		text + "\n-- expect --\npass\n"}
}

const hoster = "46.4.10.1"

// questions are about rfc4592; want is the response code, "aa" where it has authority, and the sections.
var questions = []struct {
	name   string
	rrtype uint16
	rcode  int
	aa     bool
	answer string // joined by " | "
	auth   string
}{
	// RFC 4592 2.2.1: what is synthesized,
	{"host3", dns.TypeMX, 0, true, "host3 3600 MX 10 host1", ""},
	{"host3", dns.TypeA, 0, true, "", "soa"},
	{"foo.bar", dns.TypeTXT, 0, true, `foo.bar 3600 TXT "this is a wildcard"`, ""},
	// and what is not.
	{"host1", dns.TypeMX, 0, true, "", "soa"},
	{"sub.*", dns.TypeMX, 0, true, "", "soa"},
	{"_telnet._tcp.host1", dns.TypeSRV, dns.RcodeNameError, true, "", "soa"},
	{"host.subdel", dns.TypeA, 0, false, "", "subdel 3600 NS ns.example.com. | subdel 3600 NS ns.example.net."},
	{"ghost.*", dns.TypeMX, dns.RcodeNameError, true, "", "soa"},
	// The wildcard itself can be queried; a name that contains a star is an ordinary name.
	{"*", dns.TypeTXT, 0, true, `* 3600 TXT "this is a wildcard"`, ""},
	{"sub.*", dns.TypeTXT, 0, true, `sub.* 3600 TXT "this is not a wildcard"`, ""},
	{"a.b.c.d", dns.TypeTXT, 0, true, `a.b.c.d 3600 TXT "this is a wildcard"`, ""},
	// Empty non-terminals exist, and stop the wildcard above them.
	{"_tcp.host1", dns.TypeTXT, 0, true, "", "soa"},
	{"host2", dns.TypeTXT, 0, true, "", "soa"},
	{"x.host2", dns.TypeTXT, dns.RcodeNameError, true, "", "soa"},
	{"cname", dns.TypeTXT, 0, true, "", "soa"},
	// Chains.
	{"alias", dns.TypeA, 0, true, "alias 300 CNAME host1 | host1 3600 A 192.0.2.1", ""},
	{"alias", dns.TypeCNAME, 0, true, "alias 300 CNAME host1", ""},
	{"alias", dns.TypeMX, 0, true, "alias 300 CNAME host1", "soa"},
	{"alias2", dns.TypeA, 0, true, "alias2 300 CNAME alias | alias 300 CNAME host1 | host1 3600 A 192.0.2.1", ""},
	{
		"to-wild", dns.TypeTXT, 0, true,
		`to-wild 300 CNAME nothing.in.particular | nothing.in.particular 3600 TXT "this is a wildcard"`, "",
	},
	{"to-wild", dns.TypeA, 0, true, "to-wild 300 CNAME nothing.in.particular", "soa"},
	{"to-ent", dns.TypeA, 0, true, "to-ent 300 CNAME _tcp.host1", "soa"},
	{"to-none", dns.TypeA, dns.RcodeNameError, true, "to-none 300 CNAME none.host1", "soa"},
	{
		"to-cut", dns.TypeA, 0, true, "to-cut 300 CNAME www.subdel",
		"subdel 3600 NS ns.example.com. | subdel 3600 NS ns.example.net.",
	},
	{"outside", dns.TypeA, 0, true, "outside 300 CNAME www.elsewhere.example.", ""},
	{"x.cname", dns.TypeA, 0, true, "x.cname 300 CNAME host1 | host1 3600 A 192.0.2.1", ""},
	{"x.cname", dns.TypeCNAME, 0, true, "x.cname 300 CNAME host1", ""},
	{"wild.cname", dns.TypeA, 0, true, "wild.cname 300 A 192.0.2.7", ""},
	// Cuts: a referral with the glue, and the DS on this side.
	{
		"glued", dns.TypeNS, 0, false, "",
		"glued 3600 NS ns1.glued | glued 3600 NS ns2.glued | glued 3600 NS ns1.hoster.example.",
	},
	{
		"www.glued", dns.TypeA, 0, false, "",
		"glued 3600 NS ns1.glued | glued 3600 NS ns2.glued | glued 3600 NS ns1.hoster.example.",
	},
	{
		"ns1.glued", dns.TypeA, 0, false, "",
		"glued 3600 NS ns1.glued | glued 3600 NS ns2.glued | glued 3600 NS ns1.hoster.example.",
	},
	{"glued", dns.TypeDS, 0, true, "", "soa"},
	// The apex, letters in any case, several records.
	{"", dns.TypeSOA, 0, true, "@ 3600 SOA ns1.hoster.example. hostmaster 9 7200 3600 1209600 600", ""},
	{"", dns.TypeNS, 0, true, "@ 3600 NS ns1.hoster.example. | @ 3600 NS ns2.hoster.example.", ""},
	{"", dns.TypeTXT, 0, true, "", "soa"},
	{"upper", dns.TypeA, 0, true, "UPPER 300 A 192.0.2.8", ""},
	{"two", dns.TypeTXT, 0, true, `two 300 TXT "a" "b" | two 60 TXT "c"`, ""},
}

// within writes a zone-relative text with whole names: "host3 3600 MX 10 host1".
func within(zone, rr string) string {
	if rr == "" {
		return ""
	}
	full, err := dns.NewRR(fmt.Sprintf("$ORIGIN %s.\n%s", zone, rr))
	if err != nil || full == nil {
		panic("test: " + rr)
	}
	return shown([]dns.RR{full})[0]
}

func TestAuthoritative(t *testing.T) {
	t.Parallel()
	const zone = "wildcards.example"
	b := start(t, Options{Stories: storyFS(zoneStory(zone, rfc4592))})
	// the TTL is the smaller of 3600 and the minimum (RFC 2308 5)
	soa := within(zone, "@ 600 SOA ns1.hoster.example. hostmaster 9 7200 3600 1209600 600")
	for _, tt := range questions {
		t.Run(tt.name+" "+dns.Type(tt.rrtype).String(), func(t *testing.T) {
			t.Parallel()
			m := ask(t, b, "udp", hoster, strings.TrimPrefix(tt.name+"."+zone, "."), tt.rrtype, 1232)
			lines := func(text string) []string {
				out := []string{}
				for _, l := range strings.Split(text, " | ") {
					switch {
					case l == "soa":
						out = append(out, soa)
					case l != "":
						out = append(out, within(zone, l))
					}
				}
				return out
			}
			if m.Rcode != tt.rcode || m.Authoritative != tt.aa ||
				!strings.EqualFold(strings.Join(shown(m.Answer), "\n"), strings.Join(lines(tt.answer), "\n")) ||
				!slices.Equal(shown(m.Ns), lines(tt.auth)) {
				t.Errorf("%s aa=%v\n%s\nauthority\n%s", dns.RcodeToString[m.Rcode], m.Authoritative,
					strings.Join(shown(m.Answer), "\n"), strings.Join(shown(m.Ns), "\n"))
			}
		})
	}
	t.Run("glue", func(t *testing.T) {
		t.Parallel()
		got := shown(ask(t, b, "udp", hoster, "www.glued."+zone, dns.TypeA, 1232).Extra)
		want := []string{
			within(zone, "ns1.glued 3600 A 192.0.2.53"), within(zone, "ns1.glued 3600 AAAA 2001:db8::53"),
			within(zone, "ns2.glued 3600 A 192.0.2.54"),
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	})
	t.Run("a foreign zone", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"elsewhere.example", "example", ".", "wildcards.com", "notwildcards.example"} {
			if m := ask(t, b, "udp", hoster, name, dns.TypeA, 1232); m.Rcode != dns.RcodeRefused || m.Authoritative ||
				len(m.Answer)+len(m.Ns) > 0 {
				t.Errorf("%s: %v", name, m)
			}
		}
	})
	t.Run("another class", func(t *testing.T) {
		t.Parallel()
		m := new(dns.Msg).SetQuestion("host1."+zone+".", dns.TypeA)
		m.Question[0].Qclass = dns.ClassCHAOS
		if r := exchange(t, b, "udp", hoster, m); r.Rcode != dns.RcodeRefused {
			t.Errorf("%v", r)
		}
	})
	t.Run("the letters of the question come back", func(t *testing.T) {
		t.Parallel()
		m := ask(t, b, "udp", hoster, "HoSt1.WildCards.EXAMPLE", dns.TypeA, 1232)
		if m.Question[0].Name != "HoSt1.WildCards.EXAMPLE." || len(m.Answer) != 1 {
			t.Errorf("%v", m)
		}
	})
}

// TestLoopInAZone: in a loop, each record is returned once, as by real servers.
func TestLoopInAZone(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Stories: storyFS(zoneStory("loop.example", "a CNAME b\nb CNAME a\n"))})
	if m := ask(t, b, "udp", hoster, "a.loop.example", dns.TypeA, 1232); len(m.Answer) != 2 {
		t.Errorf("%d records", len(m.Answer))
	}
}

// TestStarAsEmptyName: a wildcard that is an empty non-terminal is still the source of synthesis: the answer is
// NODATA (RFC 4592 2.2.3, 4.8).
func TestStarAsEmptyName(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Stories: storyFS(zoneStory("star.example", "sub.* TXT a\n"))})
	if m := ask(t, b, "udp", hoster, "x.star.example", dns.TypeTXT, 1232); m.Rcode != dns.RcodeSuccess {
		t.Errorf("%s", dns.RcodeToString[m.Rcode])
	}
}

// TestTruncation: a response that does not fit is truncated with the TC bit, and complete over TCP.
func TestTruncation(t *testing.T) {
	t.Parallel()
	var zone strings.Builder
	for i := range 30 {
		fmt.Fprintf(&zone, "big TXT \"%s%02d\"\n", strings.Repeat("x", 60), i)
	}
	zone.WriteString("mid TXT \"" + strings.Repeat("m", 250) + "\" \"" + strings.Repeat("n", 250) +
		"\"\nsmall TXT \"s\"\n")
	b := start(t, Options{Stories: storyFS(zoneStory("long.example", zone.String()))})
	for _, tt := range []struct {
		name    string
		network string
		size    uint16 // 0: no EDNS
		tc      bool
		most    int
		opt     bool
	}{
		{"big", "udp", 1232, true, 1232, true},
		{"big", "udp", 4096, true, 1232, true}, // the server's own limit
		{"big", "udp", 0, true, 512, false},
		{"big", "udp", 100, true, 512, true}, // less than 512 is read as 512 (RFC 6891 6.2.3)
		{"big", "tcp", 1232, false, 65535, true},
		{"big", "tcp", 0, false, 65535, false},
		{"mid", "udp", 1232, false, 1232, true},
		{"mid", "udp", 0, true, 512, false},
		{"small", "udp", 0, false, 512, false},
	} {
		t.Run(fmt.Sprintf("%s over %s with %d", tt.name, tt.network, tt.size), func(t *testing.T) {
			t.Parallel()
			m := ask(t, b, tt.network, hoster, tt.name+".long.example", dns.TypeTXT, tt.size)
			m.Compress = true
			if m.Truncated != tt.tc || m.Len() > tt.most || (m.IsEdns0() != nil) != tt.opt {
				t.Errorf("tc=%v, %d octets, EDNS %v", m.Truncated, m.Len(), m.IsEdns0() != nil)
			}
			if want := 30; tt.name == "big" && !tt.tc && len(m.Answer) != want {
				t.Errorf("%d records", len(m.Answer))
			}
		})
	}
}

// TestZonesFillIn: a zone without SOA and NS records gets the defaults.
func TestZonesFillIn(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Stories: storyFS(zoneStory("bare.example", "www A 192.0.2.1\n"))})
	if got := shown(ask(t, b, "udp", hoster, "bare.example", dns.TypeNS, 1232).Answer); !slices.Equal(got, []string{
		"bare.example. 3600 NS ns1.hoster.example.", "bare.example. 3600 NS ns2.hoster.example.",
	}) {
		t.Errorf("NS %q", got)
	}
	if got := shown(ask(t, b, "udp", hoster, "no.bare.example", dns.TypeA, 1232).Ns); len(got) != 1 ||
		!strings.HasPrefix(got[0], "bare.example. 300 SOA ns1.hoster.example.") {
		t.Errorf("SOA %q", got)
	}
}

// TestFromTheRoot: a name resolves from the root by referrals.
func TestFromTheRoot(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Stories: storyFS(zoneStory("bare.example", "www A 192.0.2.1\n"))})
	for _, tt := range []struct {
		server, name string
		rrtype       uint16
		rcode        int
		aa           bool
		auth, extra  int
	}{
		{"198.41.0.4", "www.bare.example", dns.TypeA, 0, false, 2, 2},
		{"199.43.135.53", "www.bare.example", dns.TypeA, 0, false, 2, 2},
		{"199.43.135.53", "bare.example", dns.TypeDS, 0, true, 1, 0},
		{"199.43.135.53", "nobody.example", dns.TypeNS, dns.RcodeNameError, true, 1, 0},
		{"198.41.0.4", "nowhere", dns.TypeNS, dns.RcodeNameError, true, 1, 0},
		{"198.41.0.4", ".", dns.TypeNS, 0, true, 0, 1},
		{"199.43.135.53", "example.co.uk", dns.TypeNS, dns.RcodeNameError, true, 1, 0},
	} {
		m := ask(t, b, "udp", tt.server, tt.name, tt.rrtype, 1232)
		if m.Rcode != tt.rcode || m.Authoritative != tt.aa || len(m.Ns) != tt.auth || len(shown(m.Extra)) != tt.extra {
			t.Errorf("%s %s at %s: %v", tt.name, dns.Type(tt.rrtype), tt.server, m)
		}
	}
}
