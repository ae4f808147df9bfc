package exchange

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Server is a DNS server and how it is queried.
type Server struct {
	Host  string         // its name, if it has one
	Addr  netip.AddrPort // where it listens; invalid for DNS over HTTPS
	Proto Proto
	URL   string // for DNS over HTTPS

	// Lane selects one of several sockets: a public resolver is many machines behind one address, and the source port
	// decides which of them answers.
	Lane int
	// Zone is the zone that it is queried for as one of its servers; empty if unknown. Unanswered queries count for that
	// zone.
	Zone string
}

// String returns the server as reports show it: a resolver's address, or "ns1.example.net (192.0.2.1:53)".
func (s Server) String() string {
	scheme := s.Proto.info().scheme
	switch {
	case s.URL != "":
		return s.URL
	case scheme != "":
		return scheme + "://" + s.Addr.String()
	case s.Host != "":
		return s.Host + " (" + s.Addr.String() + ")"
	}
	return s.Addr.String()
}

// Key identifies the server and its protocol in a QueryKey.
func (s Server) Key() string { return s.Addr.String() + s.Proto.info().key + s.URL }

// ParseResolver reads the address of a resolver, as --resolver takes it: an IP address with or without a port, or one
// with a protocol's scheme ("tls://1.1.1.1", "https://dns.google/dns-query").
func ParseResolver(s string) (Server, error) {
	s = strings.TrimSpace(s)
	bad := func(why string) (Server, error) {
		examples := ResolverExamples()
		last := len(examples) - 1
		return Server{}, fmt.Errorf("%q is not a resolver: %s; use an address such as %s or %s", s, why,
			strings.Join(examples[:last], ", "), examples[last])
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	}
	proto, ok := protoOf(scheme)
	switch {
	case !ok:
		return bad("unknown scheme")
	case proto.info().isURL:
		u, why := webAddress(proto.info().scheme + "://" + rest)
		if why != "" {
			return bad(why)
		}
		return Server{Proto: proto, URL: u}, nil
	}
	if ap, err := netip.ParseAddrPort(rest); err == nil {
		if ap.Port() == 0 {
			return bad("port 0 is not valid")
		}
		return Server{Addr: netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), Proto: proto}, nil
	}
	a, err := netip.ParseAddr(strings.Trim(rest, "[]"))
	if err != nil {
		return bad("not an IP address")
	}
	return Server{Addr: netip.AddrPortFrom(a.Unmap(), proto.info().port), Proto: proto}, nil
}

// webAddress checks the URL of DNS over HTTPS (RFC 8484 3) and returns it, or why it is not valid. It is rejected
// when the settings are read, not at the first query: every exchange would fail.
func webAddress(s string) (checked, why string) {
	if len(s) > 512 {
		return "", "the URL is too long"
	}
	for i := range len(s) { // others are written %XX in a path, and xn-- in a host
		if s[i] <= ' ' || s[i] > '~' {
			return "", "the URL has an invalid character"
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return "", "not a URL"
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			return "", "the URL has an invalid port"
		}
	}
	if u.User != nil || u.Fragment != "" {
		return "", "the URL has a user or a fragment"
	}
	return s, ""
}
