package probe

import (
	"fmt"
	"net/netip"
)

// special are the ranges that no public host has, from the IANA special-purpose registries (RFC 6890 and updates).
var special = []struct {
	prefix netip.Prefix
	what   string
	inside bool // reachable inside some networks: a request there could reach an internal service
}{
	{netip.MustParsePrefix("0.0.0.0/8"), `a "this network" address (RFC 1122)`, true},
	{netip.MustParsePrefix("10.0.0.0/8"), "a private address (RFC 1918)", true},
	{netip.MustParsePrefix("100.64.0.0/10"), "a carrier's internal address (RFC 6598)", true},
	{netip.MustParsePrefix("127.0.0.0/8"), "a loopback address (RFC 1122)", true},
	{netip.MustParsePrefix("169.254.0.0/16"), "a link-local address (RFC 3927)", true},
	{netip.MustParsePrefix("172.16.0.0/12"), "a private address (RFC 1918)", true},
	{netip.MustParsePrefix("192.0.0.0/24"), "a protocol-assignment address (RFC 6890)", true},
	{netip.MustParsePrefix("192.0.2.0/24"), "a documentation address (RFC 5737)", false},
	{netip.MustParsePrefix("192.168.0.0/16"), "a private address (RFC 1918)", true},
	{netip.MustParsePrefix("198.18.0.0/15"), "a benchmarking address (RFC 2544)", false},
	{netip.MustParsePrefix("198.51.100.0/24"), "a documentation address (RFC 5737)", false},
	{netip.MustParsePrefix("203.0.113.0/24"), "a documentation address (RFC 5737)", false},
	{netip.MustParsePrefix("224.0.0.0/4"), "a multicast address (RFC 5771)", true},
	{netip.MustParsePrefix("240.0.0.0/4"), "a reserved address (RFC 1112)", true},
	{netip.MustParsePrefix("::/128"), "the unspecified address (RFC 4291)", true},
	{netip.MustParsePrefix("::1/128"), "a loopback address (RFC 4291)", true},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "a local translation address (RFC 8215)", true},
	{netip.MustParsePrefix("::/96"), "an IPv4-compatible address (RFC 4291 2.5.5.1), an obsolete form", true},
	{
		netip.MustParsePrefix("::ffff:0:0:0/96"),
		"an IPv4-translated address (RFC 7915), a form for use inside a network",
		true,
	},
	{netip.MustParsePrefix("100::/64"), "a discard-only address (RFC 6666)", true},
	{netip.MustParsePrefix("100:0:0:1::/64"), "a dummy address (RFC 9780)", true},
	{netip.MustParsePrefix("2001:10::/28"), "a host identifier (RFC 4843), not an address", true},
	{netip.MustParsePrefix("2001:2::/48"), "a benchmarking address (RFC 5180)", false},
	{netip.MustParsePrefix("2001:db8::/32"), "a documentation address (RFC 3849)", false},
	{netip.MustParsePrefix("3fff::/20"), "a documentation address (RFC 9637)", false},
	{netip.MustParsePrefix("5f00::/16"), "a segment identifier (RFC 9602), not a host's address", true},
	{netip.MustParsePrefix("fc00::/7"), "a private address (RFC 4193)", true},
	{netip.MustParsePrefix("fe80::/10"), "a link-local address (RFC 4291)", true},
	{netip.MustParsePrefix("fec0::/10"), "a site-local address (RFC 3879), an obsolete form", true},
	{netip.MustParsePrefix("ff00::/8"), "a multicast address (RFC 4291)", true},
}

// SpecialAddress says what kind of special-purpose address a is; it is empty for a public address.
func SpecialAddress(a netip.Addr) string {
	what, _ := lookUpSpecial(a)
	return what
}

func lookUpSpecial(a netip.Addr) (what string, inside bool) {
	a = a.WithZone("").Unmap()
	for _, form := range []netip.Addr{embedded(a), a} { // the embedded address is more specific
		for _, s := range special {
			if s.prefix.Contains(form) {
				return s.what, s.inside
			}
		}
	}
	return "", false
}

// embedded returns the IPv4 address inside IPv6 forms that lead to it, or did so in the past: NAT64 (RFC 6052), 6to4
// (RFC 3056), Teredo (RFC 4380 4: the client's address, inverted), IPv4-compatible (RFC 4291 2.5.5.1) and
// IPv4-translated (RFC 7915). Otherwise these forms could hide a private address.
func embedded(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	b := a.As16()
	last := [4]byte(b[12:16])
	switch {
	case nat64.Contains(a), netip.MustParsePrefix("::ffff:0:0:0/96").Contains(a):
		return netip.AddrFrom4(last)
	case netip.MustParsePrefix("::/96").Contains(a) && a != netip.IPv6Unspecified() && a != netip.IPv6Loopback():
		return netip.AddrFrom4(last)
	case netip.MustParsePrefix("2002::/16").Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6]))
	case netip.MustParsePrefix("2001::/32").Contains(a):
		return netip.AddrFrom4([4]byte{^last[0], ^last[1], ^last[2], ^last[3]})
	}
	return a
}

// nat64 is the well-known prefix of translators (RFC 6052 2.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// Dialable returns an error if TLS and HTTP must not go to an address.
func (s *Session) Dialable(a netip.Addr) error {
	if s.opt.AllowPrivate {
		return nil
	}
	if what, inside := lookUpSpecial(a); inside {
		return fmt.Errorf("%s is not public: it is %s; use --allow-private to connect to it", a, what)
	}
	return nil
}

// IsNAT64 reports whether an IPv6 address was synthesized by a translator (RFC 6052 2.1).
func IsNAT64(a netip.Addr) bool { return nat64.Contains(a) }
