package sandbox

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// portal is where a captive network leads everybody to.
var portal = netip.MustParseAddr("185.199.1.53")

// hotelEgress is where the questions of the hotel's resolver come from, as the world sees it.
const hotelEgress = "85.13.99.9"

// egress is where the questions of a public resolver come from.
var egress = map[string]string{"dns.google": "172.253.6.7", "one.one.one.one": "172.70.240.12"}

// routed is the machine that really answers for an address, as the network has it; nil is nobody.
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

// interceptor answers in the name of somebody else, as the network has it.
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
	// it was asked before any of this was published, and has remembered the "no"
	case role == "hotel-behind" && w.b.find(question.Name) != nil:
		m.Rcode = dns.RcodeNameError
		m.Ns = append(m.Ns, w.soa("."))
	default:
		w.resolvers["dns.google"].answer(m, question.Name, question.Qtype, q)
		m.Authoritative = role == "hotel-authority"
	}
}

// egress is where the questions of a public resolver come from, if the network lets it say so.
func (w *world) egress(h *host) string {
	if w.b.env.Network == "reticent" {
		return ""
	}
	return egress[h.name]
}

// identifies answers the question by which resolvers are told from one another: where do their own questions come
// from?
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

// chaos answers what servers say of themselves (RFC 4892).
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
