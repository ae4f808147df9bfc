package exchange

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

func rr(t *testing.T, s string) dns.RR {
	t.Helper()
	r, err := dns.NewRR(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestVerbatim checks that Verbatim contains what Evidence cuts off, and that it is bounded and has no control
// characters.
func TestVerbatim(t *testing.T) {
	t.Parallel()
	msg := &dns.Msg{MsgHdr: dns.MsgHdr{Authoritative: true}}
	for i := range 60 {
		msg.Answer = append(msg.Answer, rr(t, fmt.Sprintf("example.com. 300 IN TXT \"n%d\"", i)))
	}
	msg.Ns = []dns.RR{rr(t, "example.com. 300 IN NS ns1.example.com.")}
	msg.Extra = []dns.RR{rr(t, "ns1.example.com. 300 IN A 192.0.2.1")}
	msg.SetEdns0(1232, false)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		x    Exchange
		want []string
		not  []string
	}{
		"dns": {
			Exchange{Kind: KindDNS, Msg: msg},
			[]string{
				"NOERROR  aa", "answer", "  example.com 300 TXT n59",
				"authority", "  example.com 300 NS ns1.example.com", "additional", "  ns1.example.com 300 A 192.0.2.1",
			},
			[]string{"OPT", "more"},
		},
		"no": {
			Exchange{Kind: KindDNS, Msg: &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: dns.RcodeNameError}}},
			[]string{"NXDOMAIN"},
			[]string{"answer"},
		},
		"json": {
			Exchange{Kind: KindRDAP, HTTP: &HTTPReply{
				Status: 200,
				Header: http.Header{"Content-Type": {"application/rdap+json"}}, Body: []byte(`{"a":{"b":1}}`),
			}},
			[]string{"HTTP 200 OK", "Content-Type: application/rdap+json", `    "b": 1`},
			nil,
		},
		"a page": {Exchange{Kind: KindHTTP, HTTP: &HTTPReply{
			Status: 503,
			Header: http.Header{"X-Odd": {"one", "two"}, "Set-Cookie": {"sid=S3CRET; Path=/"}},
			Body:   []byte("<p>\nsorry\n"), Cut: true,
		}}, []string{
			"HTTP 503", "X-Odd: two", "Set-Cookie: sid=(hidden)",
			"sorry", "(the rest was not read)",
		}, []string{"S3CRET"}},
		"whois": {
			Exchange{Kind: KindWHOIS, Text: []byte("Domain: X\r\nStatus: ok\r\n")},
			[]string{"Domain: X", "Status: ok"},
			[]string{"\r"},
		},
		"tls": {
			Exchange{
				Kind: KindTLS,
				TLS: &TLSReply{Chain: []*x509.Certificate{{
					PublicKey: key.Public(),
					DNSNames:  []string{"a.example", "b.example"}, NotAfter: time.Unix(0, 0),
				}}},
			},
			[]string{"certificate 1", "Ed25519", "  name     b.example"},
			nil,
		},
		"failed":  {Exchange{Kind: KindTLS, Outcome: Timeout, Err: "i/o timeout"}, []string{"i/o timeout"}, nil},
		"nothing": {Exchange{Kind: KindDNS, Outcome: NotAsked}, []string{"not asked"}, nil},
		"very long": {Exchange{Kind: KindWHOIS, Text: []byte(strings.Repeat("x\n", 10*maxWholeLines) + strings.Repeat("y",
			100*maxWholeLine))}, []string{"more lines"}, nil},
		"hostile": {
			Exchange{Kind: KindWHOIS, Text: []byte("\x1b[2J\u202e\x00")},
			nil,
			[]string{"\x1b", "\u202e", "\x00"},
		},
	} {
		lines := c.x.Verbatim()
		text := strings.Join(lines, "\n")
		for _, w := range c.want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in %.400q", name, w, text)
			}
		}
		for _, n := range c.not {
			if strings.Contains(text, n) {
				t.Errorf("%s: %q is in %.400q", name, n, text)
			}
		}
		if len(lines) == 0 || len(lines) > maxWholeLines+1 || slices.ContainsFunc(lines, func(l string) bool {
			return len([]rune(l)) > maxWholeLine
		}) {
			t.Errorf("%s: %d lines", name, len(lines))
		}
	}
}

func TestKeyType(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for want, key := range map[string]any{"ECDSA P-256": &ec.PublicKey, "RSA 2048": &small.PublicKey} {
		if got := KeyType(&x509.Certificate{PublicKey: key}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
