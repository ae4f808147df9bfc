package probe

import (
	"net/netip"
	"slices"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
)

func TestDoHEndpoint(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"8.8.8.8": "https://8.8.8.8/dns-query", "1.1.1.1:53": "https://1.1.1.1/dns-query",
		"[2606:4700:4700::1111]:53": "https://[2606:4700:4700::1111]/dns-query",
		"192.168.1.1":               "", "8.8.8.8:5353": "", "tls://8.8.8.8": "", "https://dns.google/dns-query": "",
	} {
		server, err := exchange.ParseResolver(in)
		if err != nil {
			t.Fatal(err)
		}
		twin, ok := DoHEndpoint(server)
		if ok != (want != "") || twin.URL != want {
			t.Errorf("%s: %q, %v; want %q", in, twin.URL, ok, want)
		}
	}
}

// TestWhoAnswers asks real servers in the place of public resolvers: who they are shows in their own words alone.
func TestWhoAnswers(t *testing.T) {
	t.Parallel()
	txt := func(class uint16, words ...string) func(*dns.Msg) {
		return func(m *dns.Msg) {
			for _, w := range words {
				m.Answer = append(m.Answer, &dns.TXT{Hdr: dns.RR_Header{
					Name: m.Question[0].Name, Rrtype: dns.TypeTXT,
					Class: class,
				}, Txt: []string{w}})
			}
		}
	}
	rcode := func(n int) func(*dns.Msg) { return func(m *dns.Msg) { m.Rcode = n } }
	for _, tt := range []struct {
		name, public   string
		answer         func(*dns.Msg) // nil: silence
		genuine, known bool
	}{
		{"Google itself", "8.8.8.8", txt(dns.ClassINET, "172.253.4.5"), true, true},
		{
			"Google itself, with the client's network", "8.8.4.4",
			txt(dns.ClassINET, "2a00:1450:4001:c0b::105", "edns0-client-subnet 192.0.2.0/24"), true, true,
		},
		{"a provider in Google's place", "8.8.8.8", txt(dns.ClassINET, "192.0.2.7"), false, true},
		{"words in Google's place", "8.8.8.8", txt(dns.ClassINET, "hello"), false, true},
		{"Google's name cannot be found", "8.8.8.8", rcode(dns.RcodeServerFailure), false, false},
		{"Google says nothing", "8.8.8.8", nil, false, false},
		{"Cloudflare itself", "1.1.1.1", txt(dns.ClassCHAOS, "FRA"), true, true},
		{"Cloudflare itself, in the other class", "1.1.1.1", txt(dns.ClassINET, "fra"), true, true},
		{"a forwarder in Cloudflare's place", "1.1.1.1", txt(dns.ClassCHAOS, "dnsmasq-2.90"), false, true},
		{"a forwarder that refuses", "1.1.1.1", rcode(dns.RcodeRefused), false, true},
		{"a forwarder that knows no such class", "1.0.0.1", rcode(dns.RcodeNotImplemented), false, true},
		{"a network that swallows the class", "1.1.1.1", nil, false, false},
		{"Quad9 itself", "9.9.9.9", txt(dns.ClassCHAOS, "res100.fra.rrdns.pch.net"), true, true},
		{"somebody like Quad9", "9.9.9.9", txt(dns.ClassCHAOS, "res100.fra.rrdns.pch.net.evil.example"), false, true},
		{"no public resolver", "192.0.2.1", txt(dns.ClassCHAOS, "FRA"), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ns := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
				if tt.answer == nil {
					return
				}
				m := new(dns.Msg)
				m.SetReply(q)
				tt.answer(m)
				_ = w.WriteMsg(m)
			})
			s := openSession(t, openLive(t, nil), Options{})
			id := s.WhoAnswers(t.Context(), netip.MustParseAddr(tt.public), ns.Server)
			if id.Genuine != tt.genuine || id.Known != tt.known {
				t.Errorf("says %q: genuine %v, known %v; want %v, %v", id.Says, id.Genuine, id.Known, tt.genuine, tt.known)
			}
		})
	}
}

func TestMadeUp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		addrs []string
		want  bool
	}{
		{"as everywhere", []string{"192.0.0.170", "192.0.0.171"}, false},
		{"one of them", []string{"192.0.0.171"}, false},
		{"a login page", []string{"10.0.0.1"}, true},
		{"nothing", nil, false},
		{"the truth among others", []string{"192.0.2.1", "192.0.0.170"}, false},
	} {
		m := new(dns.Msg)
		for _, a := range tt.addrs {
			m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{
				Name: "ipv4only.arpa.", Rrtype: dns.TypeA,
				Class: dns.ClassINET,
			}, A: netip.MustParseAddr(a).AsSlice()})
		}
		if got := MadeUp(&exchange.Exchange{Outcome: exchange.Answered, Msg: m}); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	if MadeUp(&exchange.Exchange{Outcome: exchange.Timeout}) {
		t.Error("silence is called made up")
	}
}

// TestNAT64Prefix takes the examples of RFC 6052 2.4, with the addresses of ipv4only.arpa in them.
func TestNAT64Prefix(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"64:ff9b::c000:aa": "64:ff9b::/96", "64:ff9b::192.0.0.171": "64:ff9b::/96",
		"2001:db8:122:344::192.0.0.170": "2001:db8:122:344::/96",
		"2001:db8:122:344:c0:0:aa00::":  "2001:db8:122:344::/64", "2001:db8:122:3c0:0:aa::": "2001:db8:122:300::/56",
		"2001:db8:122:c000:0:aa00::": "2001:db8:122::/48",
		"2001:db8:1c0:0:aa::":        "2001:db8:100::/40", "2001:db8:c000:aa::": "2001:db8::/32",
		"2001:db8::1": "", "192.0.0.170": "", "::ffff:192.0.0.170": "", "64:ff9b::c000:221": "",
	} {
		p, ok := NAT64Prefix(netip.MustParseAddr(in))
		if ok != (want != "") || ok && p.String() != want {
			t.Errorf("%s: %s, %v; want %s", in, p, ok, want)
		}
	}
}

func TestUntranslated(t *testing.T) {
	t.Parallel()
	all := func(list ...string) (out []netip.Addr) {
		for _, s := range list {
			out = append(out, netip.MustParseAddr(s))
		}
		return out
	}
	own := &exchange.Exchange{
		Outcome: exchange.Answered,
		Msg: &dns.Msg{Answer: []dns.RR{&dns.AAAA{
			Hdr:  dns.RR_Header{Rrtype: dns.TypeAAAA},
			AAAA: netip.MustParseAddr("2001:db8:64::192.0.0.170").AsSlice(),
		}}},
	}
	for _, tt := range []struct {
		name         string
		v4, v6, want []netip.Addr
		made         *exchange.Exchange
	}{
		{"none is made up", all("192.0.2.1"), all("2001:db8::1"), all("2001:db8::1"), nil},
		{"by the well-known prefix", all("192.0.2.1"), all("64:ff9b::192.0.2.1", "2001:db8::1"), all("2001:db8::1"), nil},
		{"by the network's own", all("192.0.2.1"), all("2001:db8:64::192.0.2.1"), nil, own},
		{"without an IPv4 address it is the only way", nil, all("64:ff9b::192.0.2.1"), all("64:ff9b::192.0.2.1"), nil},
	} {
		if got := untranslated(tt.v4, tt.v6, tt.made); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
