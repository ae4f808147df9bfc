package sandbox

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// The roles of machines that a network puts in place of others.
const (
	rolePortal         story.Role = "portal"          // login page of a captive network
	rolePortalDNS      story.Role = "portal-dns"      // its DNS server, which answers with the login page
	roleHotel          story.Role = "hotel"           // resolver of an intercepting router
	roleHotelAuthority story.Role = "hotel-authority" // the same, with authoritative answers
	roleHotelBehind    story.Role = "hotel-behind"    // the same, with an outdated cache
)

// roleEdge is a web server of a story.
const roleEdge story.Role = "edge"

// portal is the address of a captive network's login page.
var portal = netip.MustParseAddr("185.199.1.53")

// hotelEgress is the address from which the captive network's resolver sends its queries.
const hotelEgress = "85.13.99.9"

// egress is the address from which each public resolver sends its queries.
var egress = map[string]string{"dns.google": "172.253.6.7", "one.one.one.one": "172.70.240.12"}

// routed returns the host that answers for an address through the network; nil if none does.
func (b *Sandbox) routed(h *host, ap netip.AddrPort, stream bool) *host {
	dnsPort := ap.Port() == 53 || ap.Port() == 853
	silent := &host{name: h.name, addrs: h.addrs, role: story.RoleSilentDNS}
	by := func(role story.Role) *host { return &host{name: h.name, addrs: h.addrs, role: role} }
	switch b.env.Network {
	case story.NetworkOffline:
		if dnsPort {
			return silent
		}
		return nil
	case story.NetworkPort53Blocked:
		if dnsPort && h.role == story.RoleDNS {
			return silent
		}
	case story.NetworkTCP53Blocked:
		if ap.Port() == 53 && stream {
			return silent
		}
	case story.NetworkIntercepted:
		if dnsPort {
			return by(roleHotel)
		}
	case story.NetworkInterceptedAuthority:
		if dnsPort {
			return by(roleHotelAuthority)
		}
	case story.NetworkInterceptedGoogle, story.NetworkInterceptedCloudflare:
		if ap.Port() == 53 && (h.name == "dns.google") == (b.env.Network == story.NetworkInterceptedGoogle) &&
			h.role == story.RoleResolver {
			return by(roleHotelBehind)
		}
	case story.NetworkCaptive:
		if dnsPort {
			return by(rolePortalDNS)
		}
		return by(rolePortal)
	case story.NetworkWebBlocked:
		if ap.Port() == 443 || ap.Port() == 80 {
			return nil
		}
	case story.NetworkIPv6Broken:
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
func (w *world) interceptor(role story.Role, m *dns.Msg, question dns.Question, q *dns.Msg) {
	m.RecursionAvailable = true
	switch {
	case question.Qclass != dns.ClassINET:
		m.Rcode = dns.RcodeRefused
	case role == rolePortalDNS:
		if question.Qtype == dns.TypeA {
			m.Answer = append(m.Answer, &dns.A{Hdr: dns.RR_Header{
				Name: question.Name, Rrtype: dns.TypeA,
				Class: dns.ClassINET, Ttl: 10,
			}, A: portal.AsSlice()})
		}
	case identifies(m, question, hotelEgress):
	// the cache still has the negative answer of an earlier query
	case role == roleHotelBehind && w.b.find(question.Name) != nil:
		m.Rcode = dns.RcodeNameError
		soa := dns.Copy(w.soa("."))
		soa.Header().Ttl -= min(soa.Header().Ttl, uint32(w.b.Now().Sub(w.b.start)/time.Second))
		m.Ns = append(m.Ns, soa)
	default:
		w.resolvers["dns.google"].answer(m, question.Name, question.Qtype, q)
		m.Authoritative = role == roleHotelAuthority
	}
}

// egress returns the address from which a public resolver sends its queries, if the network lets it be known.
func (w *world) egress(h *host) string {
	if w.b.env.Network == story.NetworkReticent {
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

// dialer connects to loopback, without the probes that keep a connection alive: they take five system calls at each
// end.
var dialer = net.Dialer{KeepAlive: -1}

func connect(ctx context.Context, stream bool, local netip.AddrPort) (net.Conn, error) {
	var conn net.Conn
	var err error
	if stream {
		conn, err = dialer.DialTCP(ctx, "tcp", netip.AddrPort{}, local)
	} else {
		conn, err = dialer.DialUDP(ctx, "udp", netip.AddrPort{}, local)
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// listen starts to listen on a free port of loopback.
func listen() (net.Listener, netip.AddrPort, error) {
	l, err := (&net.ListenConfig{KeepAlive: -1}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	return l, portOf(l.Addr()), nil
}

// portOf returns the address of a listener on loopback.
func portOf(a net.Addr) netip.AddrPort {
	local := netip.MustParseAddrPort(a.String())
	return netip.AddrPortFrom(local.Addr().Unmap(), local.Port())
}
