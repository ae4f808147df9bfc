package probe

import (
	"fmt"
	"net/netip"
	"strings"
)

// ParseResolver reads a resolver as the setting --resolver names it.
func ParseResolver(s string) (Server, error) {
	s = strings.TrimSpace(s)
	bad := func(why string) (Server, error) {
		return Server{}, fmt.Errorf("%q is not a resolver: %s; use an address such as 8.8.8.8, 1.1.1.1:53, tls://1.1.1.1 or https://dns.google/dns-query", s, why)
	}
	if strings.HasPrefix(s, "https://") {
		if len(s) > 512 || strings.ContainsAny(s, " \t") {
			return bad("it is no web address")
		}
		return Server{Proto: "https", URL: s}, nil
	}
	port, proto := uint16(53), ""
	rest, isTLS := strings.CutPrefix(s, "tls://")
	if isTLS {
		port, proto = 853, "tls"
	} else if strings.Contains(s, "://") {
		return bad("its scheme is neither tls nor https")
	}
	if ap, err := netip.ParseAddrPort(rest); err == nil {
		return Server{Addr: ap, Proto: proto}, nil
	}
	a, err := netip.ParseAddr(strings.Trim(rest, "[]"))
	if err != nil {
		return bad("it is no IP address")
	}
	return Server{Addr: netip.AddrPortFrom(a, port), Proto: proto}, nil
}
