package sandbox

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// portal is the address of a captive network's login page.
var portal = netip.MustParseAddr("185.199.1.53")

// hotelEgress is the address from which the captive network's resolver sends its queries.
const hotelEgress = "85.13.99.9"

// egress is the address from which each public resolver sends its queries.
var egress = map[string]string{"dns.google": "172.253.6.7", "one.one.one.one": "172.70.240.12"}

// routed returns the host that answers for an address through the network; nil if none does.
func (b *Sandbox) routed(h *host, ap netip.AddrPort, stream bool) *host {
	dnsPort := ap.Port() == 53 || ap.Port() == 853
	silent := &host{name: h.name, addrs: h.addrs, role: "silent-dns"}
	by := func(role string) *host { return &host{name: h.name, addrs: h.addrs, role: role} }
	switch b.env.Network {
	case "offline":
		if dnsPort {
			return silent
		}
		return nil
	case "port53-blocked":
		if dnsPort && h.role == "dns" {
			return silent
		}
	case "tcp53-blocked":
		if ap.Port() == 53 && stream {
			return silent
		}
	case "intercepted":
		if dnsPort {
			return by("hotel")
		}
	case "intercepted-authority":
		if dnsPort {
			return by("hotel-authority")
		}
	case "intercepted-google", "intercepted-cloudflare":
		if ap.Port() == 53 && (h.name == "dns.google") == (b.env.Network == "intercepted-google") &&
			h.role == "resolver" {
			return by("hotel-behind")
		}
	case "captive":
		if dnsPort {
			return by("portal-dns")
		}
		return by("portal")
	case "web-blocked":
		if ap.Port() == 443 || ap.Port() == 80 {
			return nil
		}
	case "ipv6-broken":
		switch {
		case ap.Addr().Is6() && dnsPort:
			return silent
		case ap.Addr().Is6():
			return nil
		}
	}
	return h
}

// interceptor answers in place of another server, as the network does.
func (w *world) interceptor(role string, m *dns.Msg, question dns.Question, q *dns.Msg) {
	m.RecursionAvailable = true
	switch {
	case question.Qclass != dns.ClassINET:
		m.Rcode = dns.RcodeRefused
	case role == "portal-dns":
		if question.Qtype == dns.TypeA {
			m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{
				Name: question.Name, Rrtype: dns.TypeA,
				Class: dns.ClassINET, Ttl: 10,
			}, A: portal.AsSlice()})
		}
	case identifies(m, question, hotelEgress):
	// the cache still has the negative answer of an earlier query
	case role == "hotel-behind" && w.b.find(question.Name) != nil:
		m.Rcode = dns.RcodeNameError
		m.Ns = append(m.Ns, w.soa("."))
	default:
		w.resolvers["dns.google"].answer(m, question.Name, question.Qtype, q)
		m.Authoritative = role == "hotel-authority"
	}
}

// egress returns the address from which a public resolver sends its queries, if the network lets it be known.
func (w *world) egress(h *host) string {
	if w.b.env.Network == "reticent" {
		return ""
	}
	return egress[h.name]
}

// identifies answers the queries by which clients learn the address that a resolver sends its own queries from.
func identifies(m *dns.Msg, question dns.Question, from string) bool {
	if question.Qtype != dns.TypeTXT || question.Name != "o-o.myaddr.l.google.com." || from == "" {
		return false
	}
	m.Answer = append(m.Answer, &dns.TXT{Hdr: dns.RR_Header{
		Name: question.Name, Rrtype: dns.TypeTXT,
		Class: dns.ClassINET, Ttl: 60,
	}, Txt: []string{from}})
	return true
}

// chaos answers queries for a server's identity (RFC 4892).
func chaos(m *dns.Msg, h *host, question dns.Question, reticent bool) {
	if reticent || h.name != "one.one.one.one" || question.Qclass != dns.ClassCHAOS || question.Qtype != dns.TypeTXT ||
		!strings.EqualFold(question.Name, "id.server.") {
		m.Rcode = dns.RcodeRefused
		return
	}
	m.Answer = append(m.Answer, &dns.TXT{Hdr: dns.RR_Header{
		Name: question.Name, Rrtype: dns.TypeTXT,
		Class: dns.ClassCHAOS, Ttl: 0,
	}, Txt: []string{"FRA"}})
}
