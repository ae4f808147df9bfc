package probe

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"
)

// TestHandshake: what servers show is taken as it is, and what fails says how.
func TestHandshake(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	day := 24 * time.Hour
	now := time.Now()
	expired, future := probetest.LeafTemplate("shop.example"), probetest.LeafTemplate("shop.example")
	expired.NotBefore, expired.NotAfter = now.Add(-9*day), now.Add(-day)
	future.NotBefore, future.NotAfter = now.Add(day), now.Add(9*day)
	var long []*x509.Certificate
	for range 3 * transport.MaxChain {
		long = append(long, ca.Mid)
	}
	old := ca.Good(t, "shop.example")
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
	for _, tt := range []struct {
		name   string
		cfg    *tls.Config
		handle func(net.Conn) // instead of TLS
		want   exchange.Outcome
		why    string
		judged exchange.Verified // of shop.example; Untrusted holds a part of it
	}{
		{
			name: "good", cfg: ca.Good(t, "shop.example"), want: exchange.Answered,
			judged: exchange.Verified{NameOK: true, Trusted: true},
		},
		{
			name: "a wildcard", cfg: ca.Good(t, "*.example"), want: exchange.Answered,
			judged: exchange.Verified{NameOK: true, Trusted: true},
		},
		{
			name: "a wildcard of another depth", cfg: ca.Good(t, "*.shop.example"), want: exchange.Answered,
			judged: exchange.Verified{Trusted: true},
		},
		{
			name: "a wrong name", cfg: ca.Good(t, "other.example"), want: exchange.Answered,
			judged: exchange.Verified{Trusted: true},
		},
		{
			name: "a name in the subject only",
			cfg: ca.Serving(ca.Sign(t, &x509.Certificate{Subject: probetest.LeafTemplate("shop.example").Subject}, ca.Mid),
				ca.Mid),
			want: exchange.Answered, judged: exchange.Verified{Trusted: true},
		},
		{
			name: "self-signed", cfg: ca.Serving(ca.Sign(t, probetest.LeafTemplate("shop.example"), nil)),
			want:   exchange.Answered,
			judged: exchange.Verified{NameOK: true, Untrusted: "self-signed"},
		},
		{
			name: "expired", cfg: ca.Serving(ca.Sign(t, expired, ca.Mid), ca.Mid), want: exchange.Answered,
			judged: exchange.Verified{NameOK: true, Trusted: true, Expired: true},
		},
		{
			name: "not yet valid", cfg: ca.Serving(ca.Sign(t, future, ca.Mid), ca.Mid), want: exchange.Answered,
			judged: exchange.Verified{NameOK: true, Trusted: true, NotYet: true},
		},
		{
			name: "a missing intermediate", cfg: ca.Serving(ca.Sign(t, probetest.LeafTemplate("shop.example"), ca.Mid)),
			want:   exchange.Answered,
			judged: exchange.Verified{NameOK: true, Untrusted: "no intermediate"},
		},
		{
			name: "of nobody we know", cfg: ca.Serving(ca.Sign(t, probetest.LeafTemplate("shop.example"), ca.Foreign),
				ca.Foreign),
			want: exchange.Answered, judged: exchange.Verified{NameOK: true, Untrusted: "not chain to a known root"},
		},
		{
			name: "the wrong intermediate", cfg: ca.Serving(ca.Sign(t, probetest.LeafTemplate("shop.example"), ca.Mid),
				ca.Foreign),
			want: exchange.Answered, judged: exchange.Verified{NameOK: true, Untrusted: "not chain to a known root"},
		},
		{
			name: "the chain in the wrong order", cfg: ca.Serving(ca.Sign(t, probetest.LeafTemplate("shop.example"),
				ca.Mid), ca.Root,
				ca.Mid),
			want: exchange.Answered, judged: exchange.Verified{NameOK: true, Trusted: true},
		},
		{
			name: "a chain without an end",
			cfg: ca.Serving(append([]*x509.Certificate{ca.Sign(t, probetest.LeafTemplate("shop.example"), ca.Mid)},
				long...)...),
			want: exchange.Answered, judged: exchange.Verified{NameOK: true, Trusted: true},
		},
		{name: "TLS 1.0", cfg: old, want: exchange.Answered, judged: exchange.Verified{NameOK: true, Trusted: true}},
		{
			name: "no certificate for the name",
			cfg:  &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, io.EOF }},
			want: exchange.Malformed, why: "internal error",
		},
		{
			name: "no TLS", handle: probetest.Writes("HTTP/1.1 400 Bad Request\r\n\r\n"), want: exchange.Malformed,
			why: "TLS",
		},
		{name: "closes", handle: func(net.Conn) {}, want: exchange.Malformed, why: "closed the connection"},
		{
			name: "closes in the middle", handle: probetest.Writes("\x16\x03\x03\x00\x7a\x02"), want: exchange.Malformed,
			why: "closed the connection",
		},
		{
			name: "noise", handle: probetest.Writes(strings.Repeat("\x16\x03\x03\xff\xff", 20)), want: exchange.Malformed,
			why: "tls",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sni := make(chan string, 1)
			addr := probetest.ServeTCP(t, false, func(c net.Conn) {
				defer c.Close()
				if tt.cfg == nil {
					_, _ = c.Read(make([]byte, 5)) // the client has begun
					tt.handle(c)
					_, _ = io.Copy(io.Discard, c) // a reset would hide what was written
					return
				}
				tc := tls.Server(c, tt.cfg)
				_ = tc.Handshake()
				sni <- tc.ConnectionState().ServerName
			})
			if tt.name == "closes" || tt.name == "closes in the middle" {
				handle := tt.handle
				addr = probetest.ServeTCP(t, false, func(c net.Conn) {
					_, _ = c.Read(make([]byte, 4096))
					handle(c)
					_ = c.Close()
				})
			}
			n := probetest.NewNetwork()
			n.Put("tcp", "192.0.2.80:443", addr.String())
			s := openSession(t, openLive(t, n.Dial), Options{})
			x := s.Handshake(t.Context(), netip.MustParseAddrPort("192.0.2.80:443"), "shop.example")
			if x.Outcome != tt.want || !strings.Contains(x.Err, tt.why) {
				t.Fatalf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if !x.TLS.Connected {
				t.Error("the connection was there")
			}
			if tt.want != exchange.Answered {
				return
			}
			if got := <-sni; got != "shop.example" {
				t.Errorf("SNI %q", got)
			}
			if len(x.TLS.Chain) > transport.MaxChain {
				t.Errorf("%d certificates were kept", len(x.TLS.Chain))
			}
			got := exchange.Verify(x.TLS.Chain, "shop.example", ca.Pool, time.Now())
			if !strings.Contains(got.Untrusted, tt.judged.Untrusted) ||
				(got.Untrusted == "") != (tt.judged.Untrusted == "") {
				t.Errorf("untrusted %q, want %q", got.Untrusted, tt.judged.Untrusted)
			}
			got.Untrusted, tt.judged.Untrusted = "", ""
			if got != tt.judged {
				t.Errorf("judged %+v, want %+v", got, tt.judged)
			}
		})
	}
}

func TestHandshakeUnreachable(t *testing.T) {
	t.Parallel()
	s := openSession(t, openLive(t, probetest.NewNetwork().Dial), Options{})
	if x := s.Handshake(t.Context(), netip.MustParseAddrPort("192.0.2.80:443"),
		"shop.example"); x.Outcome != exchange.Unreachable || x.TLS != nil {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}

// TestVerifyAtAnotherTime: the clock is given, and each fault is judged apart from the others.
func TestVerifyAtAnotherTime(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	good := []*x509.Certificate{
		ca.Sign(t, probetest.LeafTemplate("shop.example", "192.0.2.1", "2001:db8::1"), ca.Mid),
		ca.Mid,
	}
	bare := good[:1]
	for _, tt := range []struct {
		name  string
		chain []*x509.Certificate
		host  string
		at    time.Duration
		want  exchange.Verified
	}{
		{"now", good, "shop.example", 0, exchange.Verified{NameOK: true, Trusted: true}},
		{"in any letters", good, "SHOP.example", 0, exchange.Verified{NameOK: true, Trusted: true}},
		{"an address", good, "192.0.2.1", 0, exchange.Verified{NameOK: true, Trusted: true}},
		{"an IPv6 address", good, "2001:db8::1", 0, exchange.Verified{NameOK: true, Trusted: true}},
		{"another address", good, "192.0.2.2", 0, exchange.Verified{Trusted: true}},
		{"no name", good, "", 0, exchange.Verified{Trusted: true}},
		{
			"in a year", good, "shop.example", 365 * 24 * time.Hour,
			exchange.Verified{NameOK: true, Trusted: true, Expired: true},
		},
		{
			"a year ago", good, "shop.example", -365 * 24 * time.Hour,
			exchange.Verified{NameOK: true, Trusted: true, NotYet: true},
		},
		{
			"expired, another name, no intermediate", bare, "other.example", 365 * 24 * time.Hour,
			exchange.Verified{
				Expired:   true,
				Untrusted: "its issuer is not known here, and the server sends no intermediate certificate",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := exchange.Verify(tt.chain, tt.host, ca.Pool, time.Now().Add(tt.at)); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestCertificateFacts(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	c := ca.Sign(t, probetest.LeafTemplate("shop.example", "*.shop.example", "192.0.2.1"), ca.Mid)
	if got := strings.Join(exchange.CertNames(c), " "); got != "shop.example *.shop.example 192.0.2.1" {
		t.Errorf("names %q", got)
	}
	if got := exchange.IssuerName(c); got != "test intermediate" {
		t.Errorf("issuer %q", got)
	}
	if got := exchange.IssuerName(&x509.Certificate{}); got != "an unnamed issuer" {
		t.Errorf("no issuer is %q", got)
	}
	if got := exchange.Fingerprint(c); len(got) != 64 || got != exchange.Fingerprint(c) {
		t.Errorf("fingerprint %q", got)
	}
}
