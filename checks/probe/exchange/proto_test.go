package exchange

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"domdoc/catalog/shell"
)

// TestProtos requires a complete row for each protocol, addresses that are read back, and an option that makes dig
// use the protocol.
func TestProtos(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, p := range Protos() {
		i := p.info()
		if i.name == "" || names[i.name] || i.port == 0 || i.key == "" != (p == UDP) {
			t.Errorf("protocol %d: its row in protos is incomplete, or the name is in use: %+v", p, i)
		}
		names[i.name] = true
		x := Exchange{Kind: KindDNS, Transport: i.name, RD: true, Asked: "shop.example A"}
		if x.Host = "https://dns.example/q"; !i.isURL {
			x.Addr = netip.MustParseAddrPort("192.0.2.1:53")
		}
		if repro := x.Evidence().Repro; strings.Contains(repro, " +") != (p != UDP) {
			t.Errorf("%s: %q does not select the protocol; add its option to package shell", p, repro)
		}
		if i.sample == "" {
			continue
		}
		for _, address := range append(strings.Split(i.sample, ", "), i.known...) {
			address, _, _ = strings.Cut(address, "\t")
			s, err := ParseResolver(address)
			if err != nil || s.Proto != p {
				t.Errorf("ParseResolver(%q): protocol %s, error %v; want %s", address, s.Proto, err, p)
				continue
			}
			if again, err := ParseResolver(s.String()); err != nil || again != s {
				t.Errorf("ParseResolver(%q), the text of %q: %+v, error %v", s, address, again, err)
			}
			plain := slices.ContainsFunc(shell.DigAt(s.String()), func(o string) bool { return strings.HasPrefix(o, "+") })
			if plain != (i.scheme != "") {
				t.Errorf("shell.DigAt(%q) = %q; an option is required for exactly the protocols with a scheme", s,
					shell.DigAt(s.String()))
			}
		}
	}
	if p := protoCount; p.String() != "unknown" || p.Stream() {
		t.Errorf("a protocol out of range is %q", p)
	}
}

// TestServerKeysAreStable holds the keys by which recorded cases find their exchanges.
func TestServerKeysAreStable(t *testing.T) {
	t.Parallel()
	addr := netip.MustParseAddrPort("192.0.2.1:53")
	for want, s := range map[string]Server{
		"192.0.2.1:53":    {Addr: addr},
		"192.0.2.1:53tcp": {Addr: addr, Proto: TCP},
		"192.0.2.1:53tls": {Addr: addr, Proto: DoT},
		"invalid AddrPorthttpshttps://dns.example/q": {Proto: DoH, URL: "https://dns.example/q"},
	} {
		if got := s.Key(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
