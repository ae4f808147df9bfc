package probe

import (
	"net/netip"
	"strings"
	"testing"
)

func TestSpecialAddress(t *testing.T) {
	t.Parallel()
	const public = ""
	for _, tt := range []struct {
		addr, what string
		dialable   bool
	}{
		{"8.8.8.8", public, true},
		{"172.15.255.255", public, true},
		{"172.32.0.0", public, true},
		{"100.63.255.255", public, true},
		{"100.128.0.0", public, true},
		{"223.255.255.255", public, true},
		{"2600:9000:2000::1", public, true},
		{"2001:4860:4860::8888", public, true},
		{"0.0.0.0", "this network", false},
		{"0.1.2.3", "this network", false},
		{"10.0.0.1", "RFC 1918", false},
		{"100.64.0.1", "carrier", false},
		{"100.127.255.255", "carrier", false},
		{"127.0.0.1", "loopback", false},
		{"127.255.255.254", "loopback", false},
		{"169.254.169.254", "link-local", false}, // the metadata service of clouds
		{"172.16.0.1", "RFC 1918", false},
		{"172.31.255.255", "RFC 1918", false},
		{"192.0.0.8", "protocol", false},
		{"192.168.1.1", "RFC 1918", false},
		{"224.0.0.251", "multicast", false},
		{"239.255.255.250", "multicast", false},
		{"240.0.0.1", "reserved", false},
		{"255.255.255.255", "reserved", false},
		{"::", "unspecified", false},
		{"::1", "loopback", false},
		{"fe80::1", "link-local", false},
		{"fe80::1%eth0", "link-local", false},
		{"febf::1", "link-local", false},
		{"fc00::1", "RFC 4193", false},
		{"fd12:3456::1", "RFC 4193", false},
		{"ff02::1", "multicast", false},
		{"100::1", "discard", false},
		{"64:ff9b:1::7f00:1", "translation", false},
		// In disguise.
		{"::ffff:127.0.0.1", "loopback", false},
		{"::ffff:10.0.0.1", "RFC 1918", false},
		{"::ffff:8.8.8.8", public, true},
		{"64:ff9b::127.0.0.1", "loopback", false},
		{"64:ff9b::192.168.1.1", "RFC 1918", false},
		{"64:ff9b::169.254.169.254", "link-local", false},
		{"64:ff9b::8.8.8.8", public, true},
		{"2002:7f00:1::", "loopback", false},
		{"2002:a00:1::1", "RFC 1918", false},
		{"2002:c0a8:101:5::1", "RFC 1918", false},
		{"2002:808:808::1", public, true},
		{"2001:0:4136:e378:8000:63bf:f5ff:fffe", "RFC 1918", false}, // Teredo: 10.0.0.1 with its bits inverted
		{"2001:0:4136:e378:8000:63bf:80ff:fffe", "loopback", false},
		{"2001:0:4136:e378:8000:63bf:f7f7:f7f7", public, true},
		// Forms that are no host's, or that no host has any more.
		{"fec0::1", "site-local", false},
		{"feff::1", "site-local", false},
		{"::10.0.0.1", "RFC 1918", false},
		{"::8.8.8.8", "IPv4-compatible", false},
		{"::2", "this network", false},
		{"::ffff:0:169.254.169.254", "link-local", false},
		{"::ffff:0:8.8.8.8", "IPv4-translated", false},
		{"100:0:0:1::1", "dummy", false},
		{"2001:10::1", "identifier", false},
		{"5f00::1", "segment", false},
		// Special but harmless: not assigned, so they may be tried.
		{"192.0.2.1", "documentation", true},
		{"198.51.100.1", "documentation", true},
		{"203.0.113.1", "documentation", true},
		{"198.18.0.1", "benchmarking", true},
		{"198.19.255.255", "benchmarking", true},
		{"2001:db8::1", "documentation", true},
		{"3fff::1", "documentation", true},
		{"2001:2::1", "benchmarking", true},
	} {
		t.Run(tt.addr, func(t *testing.T) {
			t.Parallel()
			a := netip.MustParseAddr(tt.addr)
			what := SpecialAddress(a)
			if (what == "") != (tt.what == "") || !strings.Contains(what, tt.what) {
				t.Errorf("it is %q, want %q", what, tt.what)
			}
			strict := &Session{shared: &shared{}}
			if err := strict.Dialable(a); (err == nil) != tt.dialable {
				t.Errorf("Dialable: %v", err)
			} else if err != nil && (!strings.Contains(err.Error(), what) ||
				!strings.Contains(err.Error(), "--allow-private")) {
				t.Errorf("the refusal does not say why and what to do: %v", err)
			}
			lax := &Session{shared: &shared{opt: Options{AllowPrivate: true}}}
			if err := lax.Dialable(a); err != nil {
				t.Errorf("with --allow-private: %v", err)
			}
		})
	}
}

// TestOldPrivateForms: forms that are long out of use and still lead inside where a system knows them.
func TestOldPrivateForms(t *testing.T) {
	t.Parallel()
	s := &Session{shared: &shared{}}
	for _, addr := range []string{"fec0::1", "::127.0.0.1", "::10.0.0.1", "::ffff:0:127.0.0.1"} {
		if err := s.Dialable(netip.MustParseAddr(addr)); err == nil {
			t.Errorf("%s may be dialled", addr)
		}
	}
}

func TestIsNAT64(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"64:ff9b::8.8.8.8": true, "64:ff9b:1::1": false, "8.8.8.8": false,
		"::ffff:8.8.8.8": false, "2001:db8::1": false,
	} {
		if got := IsNAT64(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}
