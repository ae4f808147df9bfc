package probe

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// publicResolver is a public resolver that networks often impersonate, and how to recognize the real one.
type publicResolver struct {
	addrs   []string
	class   uint16
	name    string // of a TXT record by which it shows itself
	genuine func(texts []string) bool
}

// publicResolvers are the resolvers that can be recognized. Google's reports the address its own queries come from;
// Cloudflare's and Quad9's name the site that answers (RFC 4892).
var publicResolvers = []publicResolver{
	{
		[]string{"8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844"},
		dns.ClassINET,
		"o-o.myaddr.l.google.com.", fromGoogle,
	},
	{
		[]string{"1.1.1.1", "1.0.0.1", "2606:4700:4700::1111", "2606:4700:4700::1001"},
		dns.ClassCHAOS, "id.server.",
		airport,
	},
	{
		[]string{"9.9.9.9", "149.112.112.112", "2620:fe::fe", "2620:fe::9"},
		dns.ClassCHAOS, "id.server.",
		func(texts []string) bool {
			return slices.ContainsFunc(texts, func(t string) bool {
				return exchange.InZone(exchange.Bare(t), "pch.net") || exchange.InZone(exchange.Bare(t), "on9.quad9.net")
			})
		},
	},
}

// googleRanges are the networks that Google's public resolvers query from, as Google publishes them; the list changes
// rarely, and only grows.
var googleRanges = prefixes("34.64.0.0/10", "64.233.160.0/19", "66.102.0.0/20", "66.249.64.0/19", "72.14.192.0/18",
	"74.125.0.0/16", "108.177.0.0/17", "142.250.0.0/15",
	"172.217.0.0/16", "172.253.0.0/16", "173.194.0.0/16", "192.178.0.0/15", "209.85.128.0/17", "216.58.192.0/19",
	"216.239.32.0/19",
	"2001:4860::/32", "2404:6800::/32", "2404:f340::/32", "2600:1900::/28", "2605:ef80::/32", "2607:f8b0::/32",
	"2620:120:e000::/40", "2800:3f0::/32", "2a00:1450::/32", "2c0f:fb50::/32")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

func fromGoogle(texts []string) bool {
	return slices.ContainsFunc(texts, func(t string) bool {
		a, err := netip.ParseAddr(strings.TrimSpace(t))
		return err == nil && slices.ContainsFunc(googleRanges, func(p netip.Prefix) bool { return p.Contains(a) })
	})
}

// airport reports whether the answer is three letters, the airport code by which Cloudflare names its sites.
func airport(texts []string) bool {
	return len(texts) == 1 && len(texts[0]) == 3 && strings.Trim(strings.ToUpper(texts[0]),
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func publicOf(a netip.Addr) (publicResolver, bool) {
	for _, p := range publicResolvers {
		if slices.ContainsFunc(p.addrs, func(s string) bool { return netip.MustParseAddr(s) == a }) {
			return p, true
		}
	}
	return publicResolver{}, false
}

// DoHEndpoint returns the DNS-over-HTTPS endpoint of a public resolver, by address, so that no name has to be looked
// up first: a network that intercepts port 53 cannot intercept it unnoticed. ok is false for a resolver that is not
// known to have one, and for one that is already queried over an encrypted transport.
func DoHEndpoint(s exchange.Server) (endpoint exchange.Server, ok bool) {
	if s.Proto != exchange.UDP || s.Addr.Port() != dnsPort {
		return exchange.Server{}, false
	}
	if _, ok := publicOf(s.Addr.Addr()); !ok {
		return exchange.Server{}, false
	}
	host := s.Addr.Addr().String()
	if s.Addr.Addr().Is6() {
		host = "[" + host + "]"
	}
	return exchange.Server{Proto: exchange.DoH, URL: "https://" + host + "/dns-query"}, true
}

// Identity is what a public resolver reports about itself.
type Identity struct {
	Exchange *exchange.Exchange
	Says     string // its words; empty if it gave none
	Genuine  bool   // only the intended resolver reports this
	// Known is set if the resolver can be recognized and answered. Otherwise the other fields mean nothing.
	Known bool
}

// WhoAnswers queries the identity of the public resolver at known, by its own address or by its DoHEndpoint.
func (s *Session) WhoAnswers(ctx context.Context, known netip.Addr, to exchange.Server) Identity {
	p, ok := publicOf(known)
	if !ok {
		return Identity{}
	}
	var x *exchange.Exchange
	if p.class == dns.ClassINET {
		x = s.Resolve(ctx, to, p.name, dns.TypeTXT)
	} else {
		x = s.chaos(ctx, to, p.name)
	}
	id := Identity{Exchange: x}
	if x.Msg == nil {
		return id
	}
	var texts []string
	for _, rr := range x.Msg.Answer {
		if t, ok := rr.(*dns.TXT); ok && exchange.SameName(t.Hdr.Name, p.name) {
			texts = append(texts, exchange.JoinTXT(t.Txt))
		}
	}
	id.Says, id.Genuine = strings.Join(texts, " "), p.genuine(texts)
	// Google's name is one of the Internet, which a resolver behind it may fail to find; a resolver's own name it has
	// or refuses.
	id.Known = len(texts) > 0 || p.class == dns.ClassCHAOS
	if len(texts) == 0 {
		id.Says = x.Outcome.Phrase()
	}
	return id
}

// chaos queries a TXT record of class CHAOS, which describes the server itself (RFC 4892). The class of the answer is
// not checked.
func (s *Session) chaos(ctx context.Context, to exchange.Server, name string) *exchange.Exchange {
	asked := exchange.Bare(name) + " CH TXT"
	blank := exchange.Exchange{
		Kind: exchange.KindDNS, Host: to.Host, Addr: to.Addr, Transport: transportName(to, false), Asked: asked,
		RD: true,
	}
	if to.URL != "" {
		blank.Host = to.URL
	}
	key := exchange.QueryKey{
		Kind: exchange.KindDNS, Server: to.Key(), Asked: asked,
		Flags: exchange.FlagRD,
	}
	return s.do(ctx, key, blank, func(ctx context.Context) *exchange.Exchange {
		x := blank
		st := s.server(dnsServerKey(to))
		x.At = s.Now()
		// Some working servers do not answer this class, so a missing answer does not count.
		p, err := st.acquire(ctx, "", wholeServer(s.wire, to))
		if err != nil {
			x.Outcome, x.Err = rejection(err)
			return &x
		}
		start := time.Now()
		m, err := s.chaosOnce(ctx, to, name)
		x.Took = time.Since(start)
		switch {
		case err != nil:
			x.Outcome, x.Err = transport.Outcome(err)
		case len(m.Answer) > 0:
			x.Msg, x.Outcome = m, exchange.Answered
		default:
			x.Msg, x.Outcome = m, exchange.Classify(m, name, dns.TypeTXT)
		}
		left := x.Outcome
		if left == exchange.Timeout {
			left = exchange.NotAsked
		}
		p.release(left)
		return &x
	})
}

func (s *Session) chaosOnce(ctx context.Context, to exchange.Server, name string) (*dns.Msg, error) {
	q := new(dns.Msg)
	q.SetQuestion(name, dns.TypeTXT)
	q.Question[0].Qclass = dns.ClassCHAOS
	wire, err := q.Pack()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", exchange.ErrNoQuestion, err)
	}
	ctx, cancel := context.WithTimeout(ctx, streamBound)
	defer cancel()
	reply, err := s.wire.DNS(ctx, to, wire, to.Proto.Stream())
	if err != nil {
		return nil, err
	}
	m := new(dns.Msg)
	if err := m.Unpack(reply); err != nil {
		return nil, fmt.Errorf("%w: %w", transport.ErrMismatch, err)
	}
	return m, nil
}

// ipv4Only are the addresses of ipv4only.arpa, which never change (RFC 7050 8.2).
var ipv4Only = []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 0, 170}), netip.AddrFrom4([4]byte{192, 0, 0, 171})}

// MadeUp reports whether the answer to the control query "ipv4only.arpa A" is forged: the name has the same two
// addresses everywhere.
func MadeUp(x *exchange.Exchange) bool {
	found := exchange.Addrs(x)
	return len(found) > 0 && !slices.ContainsFunc(found, func(a netip.Addr) bool {
		return slices.Contains(ipv4Only, a)
	})
}

// NAT64Prefix finds the prefix of a network's NAT64 from the address that its resolver returns for ipv4only.arpa (RFC
// 7050 3, RFC 6052 2.2). ok is false if the address embeds neither of the two IPv4 addresses.
func NAT64Prefix(a netip.Addr) (prefix netip.Prefix, ok bool) {
	if !a.Is6() || a.Is4In6() {
		return netip.Prefix{}, false
	}
	b := a.As16()
	for _, bits := range []int{96, 64, 56, 48, 40, 32} {
		if v4 := embeddedAt(b, bits); slices.Contains(ipv4Only, netip.AddrFrom4(v4)) {
			return netip.PrefixFrom(a, bits).Masked(), true
		}
	}
	return netip.Prefix{}, false
}

// untranslated removes the IPv6 addresses that the resolver synthesized from the IPv4 addresses of the same host:
// they are not additional servers. made is the resolver's answer for ipv4only.arpa.
func untranslated(v4, v6 []netip.Addr, made *exchange.Exchange) []netip.Addr {
	if len(v4) == 0 || len(v6) == 0 {
		return v6
	}
	var prefixes []netip.Prefix
	for _, a := range exchange.Addrs(made) {
		if p, ok := NAT64Prefix(a); ok {
			prefixes = append(prefixes, p)
		}
	}
	return slices.DeleteFunc(v6, func(a netip.Addr) bool {
		return IsNAT64(a) || slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
	})
}

// embeddedAt reads the IPv4 address behind a prefix of the given length; bits 64 to 71 are skipped (RFC 6052 2.2).
func embeddedAt(b [16]byte, bits int) [4]byte {
	var out [4]byte
	at := bits / 8
	for i := range out {
		if at == 8 && bits != 96 {
			at++
		}
		out[i] = b[at]
		at++
	}
	return out
}
