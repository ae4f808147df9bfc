package exchange

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"domdoc/checks/probe/exchange/exchangetest"

	"github.com/miekg/dns"
)

// exchangesWith are exchanges of every kind in which a hostile text stands wherever an outsider could put it.
func exchangesWith(bad string) []*Exchange {
	addr := netip.MustParseAddrPort("192.0.2.1:53")
	host := dns.Fqdn(strings.ReplaceAll(bad[:min(len(bad), 60)], ".", ""))
	txt := []string{bad[:min(len(bad), 255)], bad[:min(len(bad), 255)]}
	m := new(dns.Msg)
	m.SetQuestion("shop.example.", dns.TypeTXT)
	hdr := func(t uint16) dns.RR_Header {
		return dns.RR_Header{Name: host, Rrtype: t, Class: dns.ClassINET, Ttl: 300}
	}
	for range 40 {
		m.Answer = append(
			m.Answer, &dns.TXT{Hdr: hdr(dns.TypeTXT), Txt: txt}, &dns.CNAME{Hdr: hdr(dns.TypeCNAME), Target: host},
			&dns.MX{Hdr: hdr(dns.TypeMX), Mx: host}, &dns.NS{Hdr: hdr(dns.TypeNS), Ns: host},
			&dns.CAA{Hdr: hdr(dns.TypeCAA), Tag: bad, Value: bad}, &dns.SOA{Hdr: hdr(dns.TypeSOA), Ns: host, Mbox: host},
			&dns.HINFO{Hdr: hdr(dns.TypeHINFO), Cpu: bad, Os: bad},
			&dns.NAPTR{Hdr: hdr(dns.TypeNAPTR), Regexp: bad, Replacement: host},
		)
	}
	m.Ns = m.Answer
	m.SetEdns0(1232, false)
	m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_EDE{InfoCode: 22, ExtraText: bad}}
	cert := &x509.Certificate{
		DNSNames: []string{bad, bad, bad}, Subject: pkix.Name{CommonName: bad},
		Issuer: pkix.Name{CommonName: bad, Organization: []string{bad}},
	}
	header := http.Header{}
	for _, h := range []string{"Server", "Location", "Content-Type", "X-Cache", "Via", "Retry-After", "Date"} {
		header[h] = []string{bad}
	}
	url := "https://" + bad + "/" + bad
	return []*Exchange{
		{Kind: KindDNS, Host: bad, Addr: addr, Asked: bad + " TXT", Msg: m, Outcome: Answered, Err: bad},
		{Kind: KindDNS, Host: bad, Asked: bad, Transport: "https", Msg: &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: 3000}}},
		{Kind: KindWHOIS, Host: bad, Asked: bad, Text: []byte(strings.Repeat(bad+"\r\n", 40)), Outcome: Answered},
		{
			Kind: KindTLS, Addr: addr, Asked: "handshake for " + bad,
			TLS: &TLSReply{Chain: []*x509.Certificate{cert, cert, cert}, Failed: bad}, Err: bad,
		},
		{
			Kind: KindHTTP, Addr: addr, Transport: "https", Asked: "GET " + url,
			HTTP: &HTTPReply{Status: 302, Header: header, Body: []byte(bad)},
		},
		{Kind: KindHTTP, Transport: "https", Asked: "GET " + url, Outcome: Timeout},
		{
			Kind: KindRDAP, Host: bad, Transport: "https", Asked: "GET " + url,
			HTTP: &HTTPReply{Status: 200, Header: header},
		},
		{Kind: KindService, Host: bad, Asked: "GET " + url, HTTP: &HTTPReply{Status: 500, Header: header}, Err: bad},
	}
}

func TestEvidenceIsHarmless(t *testing.T) {
	t.Parallel()
	for i, bad := range exchangetest.HostileTexts {
		for _, x := range exchangesWith(bad) {
			t.Run(fmt.Sprintf("%d %s", i, x.Kind), func(t *testing.T) { exchangetest.CheckEvidence(t, x.Evidence()) })
		}
	}
}

func FuzzEvidence(f *testing.F) {
	for _, s := range exchangetest.HostileTexts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, bad string) {
		if bad == "" {
			return
		}
		for _, x := range exchangesWith(bad) {
			exchangetest.CheckEvidence(t, x.Evidence())
		}
	})
}

// TestEvidence: what a report shows of one exchange of each kind.
func TestEvidence(t *testing.T) {
	t.Parallel()
	q := new(dns.Msg).SetQuestion("shop.example.", dns.TypeTXT)
	m := exchangetest.Reply(q, "aa", `Shop.Example. 300 TXT "a" "b"`, "ns example. 60 NS ns1.example.")
	at53, at443 := netip.MustParseAddrPort("192.0.2.1:53"), netip.MustParseAddrPort("192.0.2.80:443")
	for _, tt := range []struct {
		name                 string
		x                    Exchange
		server, answer, auth string
		rcode, err, repro    string
	}{
		{
			name: "dns", x: Exchange{
				Kind: KindDNS, Host: "ns1.example", Addr: at53, Transport: "udp",
				Asked: "shop.example TXT", Outcome: Answered, Msg: m,
			},
			server: "ns1.example (192.0.2.1:53)", answer: "shop.example 300 TXT ab", auth: "example 60 NS ns1.example",
			rcode: "NOERROR", repro: "dig +norecurse @192.0.2.1 shop.example TXT",
		},
		{
			name: "dns over tcp to a resolver without validation",
			x: Exchange{
				Kind: KindDNS, Addr: netip.MustParseAddrPort("192.0.2.1:5353"), Transport: "tcp",
				Asked: "shop.example TXT", RD: true, CD: true, Outcome: Timeout,
			},
			server: "192.0.2.1:5353", err: "no answer in time", repro: "dig +cd +tcp @192.0.2.1 -p 5353 shop.example TXT",
		},
		{
			name: "dns over tls", x: Exchange{
				Kind: KindDNS, Addr: netip.MustParseAddrPort("192.0.2.1:853"),
				Transport: "tls", Asked: "shop.example TXT", RD: true, Outcome: Refused,
				Msg: exchangetest.Reply(q, "REFUSED"),
			},
			server: "192.0.2.1:853", rcode: "REFUSED", repro: "dig +tls @192.0.2.1 shop.example TXT",
		},
		{
			name: "whois", x: Exchange{
				Kind: KindWHOIS, Host: "whois.example",
				Addr: netip.MustParseAddrPort("192.0.2.43:43"), Asked: "shop.example", Outcome: Answered,
				Text: []byte("\r\n one \r\ntwo\r\n"),
			},
			server: "whois.example (192.0.2.43:43)", answer: "one|two", repro: "whois -h whois.example shop.example",
		},
		{
			name: "tls", x: Exchange{
				Kind: KindTLS, Addr: at443, Asked: "handshake for shop.example", Outcome: Unreachable,
				Err: "connection refused",
			},
			server: "192.0.2.80:443", err: "connection refused",
			repro: "openssl s_client -connect 192.0.2.80:443 -servername shop.example </dev/null",
		},
		{
			name: "http", x: Exchange{
				Kind: KindHTTP, Addr: at443, Asked: "GET https://shop.example/a?b=c&d",
				Outcome: Answered, HTTP: &HTTPReply{Status: 404, Header: http.Header{"Server": {"nginx"}}},
			},
			server: "192.0.2.80:443", answer: "HTTP 404 Not Found|Server: nginx", rcode: "404",
			repro: "curl -sSi --max-redirs 0 --connect-to shop.example:443:192.0.2.80:443 'https://shop.example/a?b=c&d'",
		},
		{
			name: "rdap", x: Exchange{
				Kind: KindRDAP, Host: "rdap.example",
				Asked: "GET https://rdap.example/domain/shop.example", Outcome: Answered, HTTP: &HTTPReply{Status: 200},
			},
			server: "rdap.example", answer: "HTTP 200 OK", rcode: "200",
			repro: "curl -sS -H 'Accept: application/rdap+json' https://rdap.example/domain/shop.example",
		},
		{
			name: "service", x: Exchange{
				Kind: KindService, Host: "api.example", Asked: "POST https://api.example/x",
				Outcome: Answered, HTTP: &HTTPReply{Status: 500},
			},
			server: "api.example", answer: "HTTP 500 Internal Server Error", rcode: "500",
			repro: `curl -sS -X POST -H "Authorization: Bearer $DOMDOC_TOKEN" https://api.example/x`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := tt.x.Evidence()
			rcode := ""
			if e.Rcode != nil {
				rcode = *e.Rcode
			}
			answer := strings.ReplaceAll(strings.Join(e.Answer, "|"), " |", "|")
			if e.Server != tt.server || answer != tt.answer || strings.Join(e.Authority, "|") != tt.auth ||
				rcode != tt.rcode || e.Error != tt.err {
				t.Errorf("%+v", e)
			}
			if e.Repro != tt.repro {
				t.Errorf("repro\n%s, want\n%s", e.Repro, tt.repro)
			}
		})
	}
	if got := strings.Join((&Exchange{Kind: KindDNS, Msg: m}).Evidence().Flags, " "); got != "aa rd" {
		t.Errorf("flags %q", got)
	}
}
