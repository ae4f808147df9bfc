package exchange

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParseResolver(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"8.8.8.8":                             "8.8.8.8:53",
		" 1.1.1.1 ":                           "1.1.1.1:53",
		"1.1.1.1:5353":                        "1.1.1.1:5353",
		"2606:4700:4700::1111":                "[2606:4700:4700::1111]:53",
		"[2606:4700:4700::1111]":              "[2606:4700:4700::1111]:53",
		"[2606:4700:4700::1111]:5353":         "[2606:4700:4700::1111]:5353",
		"fe80::1%eth0":                        "[fe80::1%eth0]:53",
		"tls://1.1.1.1":                       "tls://1.1.1.1:853",
		"tls://1.1.1.1:8853":                  "tls://1.1.1.1:8853",
		"tls://[2606:4700::1]":                "tls://[2606:4700::1]:853",
		"https://dns.google/dns-query":        "https://dns.google/dns-query",
		"":                                    "",
		"dns.google":                          "",
		"1.1.1":                               "",
		"1.1.1.1:":                            "",
		"1.1.1.1:99999":                       "",
		"1.1.1.1:0":                           "",
		"tls://1.1.1.1:0":                     "",
		"::ffff:1.1.1.1":                      "1.1.1.1:53",
		"[::ffff:1.1.1.1]:5353":               "1.1.1.1:5353",
		"TLS://1.1.1.1":                       "tls://1.1.1.1:853",
		"HTTPS://dns.google/dns-query":        "https://dns.google/dns-query",
		"https://dns.google":                  "https://dns.google",
		"https://[2606:4700::1]:8443/q?a=b":   "https://[2606:4700::1]:8443/q?a=b",
		"1.1.1.1/24":                          "",
		"tls://":                              "",
		"tls://dns.google":                    "",
		"tcp://1.1.1.1":                       "",
		"http://dns.google/dns-query":         "",
		"sdns://AgcAAAAA":                     "",
		"https://dns.google/a b":              "",
		"https://" + strings.Repeat("x", 600): "",
	} {
		got, err := ParseResolver(in)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is taken as %s", in, got)
		case want == "" && !strings.Contains(err.Error(), "8.8.8.8"):
			t.Errorf("%q: the error names no example: %v", in, err)
		case want != "" && (err != nil || got.String() != want):
			t.Errorf("%q: %s, %v; want %s", in, got, err, want)
		}
	}
}

// TestParseResolverWebAddress: what is no web address is refused when it is read, not when it is asked.
func TestParseResolverWebAddress(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"https://", "https:///dns-query", "https://:443/", "https://a\x00b/", "https://[bad/",
		"https://x/%zz", "https://a\x1b[2Jb/", "https://user:word@dns.example/q", "https://dns.example/q#part",
		"https://dns.example:0/q", "https://dns.example:99999/q", "https:dns.example", "https://d\u202ens.example/q",
		"https://dns.example/\u200b", "https://dns.example/\u00e9",
	} {
		if got, err := ParseResolver(in); err == nil {
			t.Errorf("%q is taken as %q", in, got.URL)
		}
	}
}

func FuzzParseResolver(f *testing.F) {
	for _, s := range []string{
		"8.8.8.8", "tls://[::1]:853", "https://dns.google/dns-query", "[fe80::1%25eth0]:53",
		"1.1.1.1:0", "tls://tls://", "https://\x00", "[[1.1.1.1]]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		s, err := ParseResolver(in)
		if err != nil {
			if !utf8Safe(err.Error()) {
				t.Errorf("%q: the error is %q", in, err)
			}
			return
		}
		switch s.Proto {
		case UDP, DoT:
			if !s.Addr.IsValid() || s.URL != "" {
				t.Errorf("%q: %+v", in, s)
			}
			again, err := ParseResolver(s.String())
			if err != nil || again.Addr != s.Addr || again.Proto != s.Proto {
				t.Errorf("%q: %q is read as %+v (%v)", in, s, again, err)
			}
		case DoH:
			if !strings.HasPrefix(s.URL, "https://") || len(s.URL) > 512 {
				t.Errorf("%q: %+v", in, s)
			}
		default:
			t.Errorf("%q: protocol %s", in, s.Proto)
		}
	})
}

func TestServerString(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]Server{
		"192.0.2.1:53":               {Addr: netip.MustParseAddrPort("192.0.2.1:53")},
		"ns1.example (192.0.2.1:53)": {Host: "ns1.example", Addr: netip.MustParseAddrPort("192.0.2.1:53")},
		"tls://192.0.2.1:853":        {Proto: DoT, Addr: netip.MustParseAddrPort("192.0.2.1:853")},
		"https://dns.example/q":      {Proto: DoH, URL: "https://dns.example/q"},
	} {
		if got := s.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
