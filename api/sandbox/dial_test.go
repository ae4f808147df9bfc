package sandbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNothingGetsOut: the dialer rejects every address outside of the sandbox's world without connecting. Listeners
// represent the outside.
func TestNothingGetsOut(t *testing.T) {
	t.Parallel()
	var j journal
	b := start(t, Options{Only: []string{"healthy-txt"}, Log: j.log})
	reached := make(chan string, 10)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			reached <- conn.RemoteAddr().String()
			_ = conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_, apiPort, _ := net.SplitHostPort(b.api.address.String())
	for _, address := range []string{
		l.Addr().String(), "localhost:" + port, "[::1]:" + port, "[::ffff:127.0.0.1]:" + port, "0.0.0.0:" + port,
		"127.0.0.2:" + port, "[::]:" + port, ":" + port,
		"localhost:" + apiPort, "127.0.0.2:" + apiPort, "[::ffff:127.0.0.1]:" + apiPort, // the service has one address
		"9.9.9.9:53", "93.184.216.34:443", "8.8.4.4:53", "[2001:4860:4860::8888]:53", "10.0.0.1:80", "169.254.169.254:80",
		"255.255.255.255:53",
		"[::ffff:8.8.8.8]:53", "8.8.8.8.:53", "08.8.8.8:53", "134744072:53", "example.com:443",
		"dns.google.evil.example:443", "", ":", "8.8.8.8", "8.8.8.8:", "8.8.8.8:x", "8.8.8.8:-1", "8.8.8.8:65536",
		"[8.8.8.8]:53", "fe80::1%lo:53", "[fe80::1%lo]:" + port,
		"unix:/tmp/x", "\x00:53",
	} {
		for _, network := range []string{"tcp", "udp", "tcp4", "tcp6", "unix"} {
			conn, err := b.Dial(t.Context(), network, address)
			if err == nil {
				_ = conn.Close()
				t.Errorf("%s %q: connected", network, address)
				continue
			}
			if !errors.Is(err, errNoSuch) || !errors.Is(err, syscall.EHOSTUNREACH) {
				t.Errorf("%s %q: %v", network, address, err)
			}
			var op *net.OpError
			if !errors.As(err, &op) || op.Op != "dial" {
				t.Errorf("%s %q: the error is a %T, not as a dialer's", network, address, err)
			}
		}
	}
	select {
	case who := <-reached:
		t.Errorf("a connection from %s got out", who)
	case <-time.After(20 * time.Millisecond):
	}
	if h := j.all(); len(h) != 0 {
		t.Errorf("something was asked: %q", h)
	}
}

// TestMachinesAnswerOnTheirPorts checks that each kind of machine answers on its ports, and refuses or drops the rest.
func TestMachinesAnswerOnTheirPorts(t *testing.T) {
	t.Parallel()
	b := start(t, Options{Only: []string{"healthy-txt"}})
	for _, tt := range []struct {
		name, network, address string
		want                   error // nil: connected
	}{
		{"a resolver over UDP", "udp", "8.8.8.8:53", nil},
		{"a resolver over TCP", "tcp", "8.8.8.8:53", nil},
		{"a resolver over TLS", "tcp", "1.1.1.1:853", nil},
		{"a resolver over HTTPS, by its name", "tcp", "dns.google:443", nil},
		{"a name server", "udp", "46.4.10.1:53", nil},
		{"the CDN", "tcp", "13.32.10.1:443", nil},
		{"the CDN over IPv6", "tcp", "[2600:9000:2000::1]:443", nil},
		{"the CDN, plain", "tcp", "13.32.10.2:80", nil},
		{"the registry's WHOIS", "tcp", "199.43.132.43:43", nil},
		{"IANA's WHOIS", "tcp", "192.0.32.59:43", nil},
		{"the service", "tcp", b.api.address.String(), nil},
		{"no WHOIS at a resolver", "tcp", "8.8.8.8:43", syscall.ECONNREFUSED},
		{"no mail at the CDN", "tcp", "13.32.10.1:25", syscall.ECONNREFUSED},
		{"no QUIC at the CDN", "udp", "13.32.10.1:443", syscall.ECONNREFUSED},
		{"no TLS for name servers", "tcp", "46.4.10.1:853", syscall.ECONNREFUSED},
		{"a machine that refuses", "tcp", "185.199.1.99:443", syscall.ECONNREFUSED},
		{"a machine that refuses, DNS", "udp", "185.199.1.99:53", syscall.ECONNREFUSED},
		{"a silent machine", "tcp", "185.199.1.98:443", context.DeadlineExceeded},
		{"a silent name server over TCP", "tcp", "85.13.66.1:53", context.DeadlineExceeded},
		{"a silent name server's other ports", "tcp", "85.13.66.1:443", syscall.ECONNREFUSED},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			if errors.Is(tt.want, context.DeadlineExceeded) {
				ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
			}
			defer cancel()
			conn, err := b.Dial(ctx, tt.network, tt.address)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if conn != nil {
				if host, _, _ := net.SplitHostPort(conn.RemoteAddr().String()); host != "127.0.0.1" {
					t.Errorf("it is connected to %s", conn.RemoteAddr())
				}
				_ = conn.Close()
			}
		})
	}
}

// TestClosed: no server starts after Close.
func TestClosed(t *testing.T) {
	t.Parallel()
	b, err := Start(Options{Only: []string{"healthy-txt"}})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := b.Dial(t.Context(), "tcp", "13.32.10.1:80")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	b.Close()
	b.Close() // twice does no harm
	for _, address := range []string{"8.8.8.8:53", "46.4.10.1:53"} {
		if c, err := b.Dial(t.Context(), "tcp", address); err == nil {
			_ = c.Close()
			t.Errorf("%s: connected", address)
		}
	}
}

// TestDelay: a round-trip time is added to connections and answers.
func TestDelay(t *testing.T) {
	t.Parallel()
	const delay = 30 * time.Millisecond
	b := start(t, Options{Only: []string{"healthy-txt"}, Delay: delay})
	begin := time.Now()
	conn, err := b.Dial(t.Context(), "tcp", "13.32.10.1:443")
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if took := time.Since(begin); took < delay {
		t.Errorf("a connection took %v", took)
	}
	begin = time.Now()
	ask(t, b, "udp", hoster, "northwind.example", 2, 1232)
	if took := time.Since(begin); took < delay {
		t.Errorf("an answer took %v", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if c, err := b.Dial(ctx, "tcp", "13.32.10.1:443"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a connection that was given up: %v %v", c, err)
	}
}

// TestOwnCA: the sandbox's certificates are valid for its roots only, at the sandbox's time.
func TestOwnCA(t *testing.T) {
	t.Parallel()
	c := newClock()
	b := start(t, Options{Only: []string{
		"healthy-txt", "certificate-expired", "certificate-self-signed",
		"certificate-mismatch",
	}, Clock: c.now})
	get := func(story, address string, cfg *tls.Config) error {
		domain := ""
		for _, s := range b.Stories() {
			if s.Name == story {
				domain = b.Domain(s)
			}
		}
		cfg.Time = c.now
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true, TLSClientConfig: cfg,
			DialContext: func(ctx context.Context, network, _ string) (net.Conn,
				error,
			) {
				return b.Dial(ctx, network, address)
			},
		}}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+domain+"/", nil)
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		page, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != 200 || !strings.Contains(string(page), domain) {
			t.Errorf("%s: HTTP %d: %s", domain, resp.StatusCode, page)
		}
		return nil
	}
	const cdn = "13.32.10.1:443"
	if err := get("healthy-txt", cdn, &tls.Config{RootCAs: b.Roots()}); err != nil {
		t.Error(err)
	}
	if err := get("healthy-txt", cdn, &tls.Config{RootCAs: x509.NewCertPool()}); err == nil {
		t.Error("others trust the sandbox")
	}
	for story, address := range map[string]string{
		"certificate-expired":  "85.13.30.10:443",
		"certificate-mismatch": "85.13.30.11:443", "certificate-self-signed": "85.13.30.12:443",
	} {
		err := get(story, address, &tls.Config{RootCAs: b.Roots()})
		if err == nil {
			t.Errorf("%s verifies", story)
		}
		var verify *tls.CertificateVerificationError
		if !errors.As(err, &verify) {
			t.Errorf("%s: %v", story, err)
		}
	}
}
