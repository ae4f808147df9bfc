package exchange

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Server is somebody who answers DNS questions.
type Server struct {
	Host  string         // its name, where it has one
	Addr  netip.AddrPort // where it listens; invalid for DNS over HTTPS
	Proto string         // "" (UDP, with TCP for long answers), "tls" (RFC 7858) or "https" (RFC 8484)
	URL   string         // for DNS over HTTPS

	// lane is which of several sockets to it is used: a public resolver is many machines behind one address, and the
	// port that a question comes from decides which of them answers.
	Lane int
}

func (s Server) String() string {
	switch {
	case s.URL != "":
		return s.URL
	case s.Proto == "tls":
		return "tls://" + s.Addr.String()
	case s.Host != "":
		return s.Host + " (" + s.Addr.String() + ")"
	}
	return s.Addr.String()
}

// ParseResolver reads a resolver as the setting --resolver names it.
func ParseResolver(s string) (Server, error) {
	s = strings.TrimSpace(s)
	bad := func(why string) (Server, error) {
		return Server{},
			fmt.Errorf("%q is not a resolver: %s; use an address such as 8.8.8.8, 1.1.1.1:53, tls://1.1.1.1 or "+
				"https://dns.google/dns-query", s, why)
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	}
	port, proto := uint16(53), ""
	switch strings.ToLower(scheme) {
	case "":
	case "https":
		u, why := webAddress("https://" + rest)
		if why != "" {
			return bad(why)
		}
		return Server{Proto: "https", URL: u}, nil
	case "tls":
		port, proto = 853, "tls"
	default:
		return bad("its scheme is neither tls nor https")
	}
	if ap, err := netip.ParseAddrPort(rest); err == nil {
		if ap.Port() == 0 {
			return bad("nobody listens on port 0")
		}
		return Server{Addr: netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), Proto: proto}, nil
	}
	a, err := netip.ParseAddr(strings.Trim(rest, "[]"))
	if err != nil {
		return bad("it is no IP address")
	}
	return Server{Addr: netip.AddrPortFrom(a.Unmap(), port), Proto: proto}, nil
}

// webAddress reads the URL of DNS over HTTPS (RFC 8484 3). It is refused here and not at the first question: a report
// would show it a hundred times.
func webAddress(s string) (string, string) {
	if len(s) > 512 {
		return "", "it is too long"
	}
	for i := range len(s) { // others are written %XX in a path, and xn-- in a host
		if s[i] <= ' ' || s[i] > '~' {
			return "", "it has a character that no web address has"
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return "", "it is no web address"
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			return "", "its port is none"
		}
	}
	if u.User != nil || u.Fragment != "" {
		return "", "it has a user or a fragment"
	}
	return s, ""
}
