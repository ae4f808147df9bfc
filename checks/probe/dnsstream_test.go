package probe

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// longTXT is a reply of exactly size octets, most of them TXT strings.
func longTXT(q []byte, size int) []byte {
	b := probetest.EchoReply(q, 0)
	b[2] |= 4
	for len(b) < size {
		left := size - len(b) - 12
		n := min(left, 60_000)
		if rest := left - n; rest > 0 && rest < 14 {
			n -= 14
		}
		b = append(b, 0xc0, 12, 0, 16, 0, 1, 0, 0, 1, 44)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
		for n > 0 {
			k := min(n, 256)
			if n-k == 1 {
				k--
			}
			b = append(b, byte(k-1))
			b = append(b, strings.Repeat("x", k-1)...)
			n -= k
		}
		binary.BigEndian.PutUint16(b[6:], binary.BigEndian.Uint16(b[6:])+1)
	}
	return b
}

// TestLongAnswers: what comes over TCP after a truncated answer.
func TestLongAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		handle func(net.Conn)
		want   exchange.Outcome
		why    string
		size   int
	}{
		{name: "64 KiB", want: exchange.Answered, size: 65535, handle: func(c net.Conn) {
			q := probetest.ReadFramed(c)
			_, _ = c.Write(probetest.Framed(65535, longTXT(q, 65535)))
		}},
		{name: "octet by octet", want: exchange.Answered, handle: func(c net.Conn) {
			for _, b := range probetest.Framed(100, longTXT(probetest.ReadFramed(c), 100)) {
				_, _ = c.Write([]byte{b})
			}
		}},
		{name: "answers to others before it", want: exchange.Answered, handle: func(c net.Conn) {
			q := probetest.ReadFramed(c)
			other := probetest.EchoReply(q, 0)
			other[0] ^= 1
			_, _ = c.Write(append(probetest.Framed(len(other), other), probetest.Framed(100, longTXT(q, 100))...))
		}},
		{name: "answers to others only", want: exchange.Truncated, why: "a different query", handle: func(c net.Conn) {
			other := probetest.EchoReply(probetest.ReadFramed(c), 0)
			other[0] ^= 1
			for range 20 {
				_, _ = c.Write(probetest.Framed(len(other), other))
			}
		}},
		{
			name: "more is promised than comes", want: exchange.Truncated, why: "closed the connection",
			handle: func(c net.Conn) {
				q := probetest.ReadFramed(c)
				_, _ = c.Write(probetest.Framed(60_000, longTXT(q, 100)))
				_ = c.Close()
			},
		},
		{name: "less is promised than comes", want: exchange.Truncated, why: "", handle: func(c net.Conn) {
			q := probetest.ReadFramed(c)
			_, _ = c.Write(probetest.Framed(20, longTXT(q, 300)))
			_ = c.Close()
		}},
		{name: "nothing is promised", want: exchange.Truncated, why: "a different query", handle: func(c net.Conn) {
			probetest.ReadFramed(c)
			_, _ = c.Write(make([]byte, 100))
		}},
		{name: "closed at once", want: exchange.Truncated, handle: func(c net.Conn) { _ = c.Close() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := probetest.ServeTCP(t, true, tt.handle)
			s := openSession(t, openLive(t, nil), Options{})
			x := s.Ask(t.Context(), exchange.Server{Addr: addr}, "shop.example", dns.TypeTXT)
			if x.Outcome != tt.want || !strings.Contains(x.Err, tt.why) {
				t.Fatalf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if x.Outcome == exchange.Answered && x.Transport != "tcp" {
				t.Errorf("transport %q", x.Transport)
			}
			if x.Outcome == exchange.Truncated && (x.Outcome.Conclusive() || x.Transport != "udp") {
				t.Errorf("transport %q", x.Transport)
			}
			for _, v := range x.Values("shop.example", dns.TypeTXT) {
				tt.size -= len(v)
			}
			if tt.size > 1000 { // what is left are headers and lengths
				t.Errorf("%d octets of the values are missing", tt.size)
			}
			if e := x.Evidence(); len(strings.Join(e.Answer, "")) > 4*exchange.MaxEvidenceLine*exchange.MaxEvidenceLines {
				t.Error("the evidence is as long as the answer")
			}
		})
	}
}

// TestTruncatedOverTCP: a stream has no room to be short of. An answer that is cut off there has not been fetched.
func TestTruncatedOverTCP(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeTCP(t, true, func(c net.Conn) {
		b := probetest.EchoReply(probetest.ReadFramed(c), 0)
		b[2] |= 2
		_, _ = c.Write(probetest.Framed(len(b), b))
	})
	s := openSession(t, openLive(t, nil), Options{})
	if x := s.Ask(t.Context(), exchange.Server{Addr: addr}, "shop.example", dns.TypeTXT); x.Outcome != exchange.Truncated {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}

func TestTruncatedWithoutTCP(t *testing.T) {
	t.Parallel()
	n := probetest.NewNetwork() // TCP is refused there
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		b := probetest.EchoReply(q, 0)
		b[2] |= 2
		send(b)
	})
	n.Put("udp", "192.0.2.1:53", addr.String())
	s := openSession(t, openLive(t, n.Dial), Options{})
	x := s.Ask(t.Context(), probetest.ServerAt("192.0.2.1"), "shop.example", dns.TypeTXT)
	if x.Outcome != exchange.Truncated || x.Outcome.Conclusive() || !strings.Contains(x.Err, "refused") {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}

// TestStreamBound: a server that takes the connection and never answers costs streamBound and no more. The time is
// synctest's, the connection a pipe.
func TestStreamBound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		proto  exchange.Proto
		handle func(net.Conn)
	}{
		{"TCP, never a word", exchange.UDP, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }},
		{"TCP, an octet now and then", exchange.UDP, func(c net.Conn) {
			probetest.ReadFramed(c)
			for range 1000 {
				time.Sleep(time.Second)
				if _, err := c.Write([]byte{255}); err != nil {
					return
				}
			}
		}},
		{"TLS, never a word", exchange.DoT, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := transport.NewLive(func(context.Context, string, string) (net.Conn, error) {
					a, b := net.Pipe()
					go func() {
						tt.handle(b)
						_ = b.Close()
					}()
					return a, nil
				}, nil)
				q := &question{
					wire: l, to: exchange.Server{Addr: netip.MustParseAddrPort("192.0.2.1:53"), Proto: tt.proto},
					name: "shop.example.", rrtype: dns.TypeA,
				}
				start := time.Now()
				_, err := q.sendOnce(t.Context(), true)
				if o, _ := transport.Outcome(err); o != exchange.Timeout {
					t.Errorf("outcome %s (%v)", o, err)
				}
				if took := time.Since(start); took != streamBound {
					t.Errorf("it took %v", took)
				}
				time.Sleep(time.Minute) // the server finds out that nobody listens
			})
		})
	}
}

// TestDoTSilentAfterHandshake: the time ends for a resolver that shakes hands and then says nothing.
func TestDoTSilentAfterHandshake(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	addr := probetest.ServeTCP(t, false, func(c net.Conn) {
		_, _ = io.Copy(io.Discard, tls.Server(c, ca.Good(t, "127.0.0.1")))
	})
	l := openLiveTrusting(t, nil, ca.Pool)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	wire, _, _ := exchange.PackQuestion("shop.example", dns.TypeA, exchange.FlagRD, true)
	if _, err := l.DNS(ctx, exchange.Server{Addr: addr, Proto: exchange.DoT}, wire, true); err == nil {
		t.Error("an answer from a silent server")
	}
}

func TestDoT(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	answer := func(c net.Conn) {
		if q := probetest.ReadFramed(c); q != nil {
			_, _ = c.Write(probetest.Framed(100, longTXT(q, 100)))
		}
	}
	for _, tt := range []struct {
		name   string
		cfg    *tls.Config
		host   string
		want   exchange.Outcome
		why    string
		handle func(net.Conn)
	}{
		{name: "by its address", cfg: ca.Good(t, "127.0.0.1"), want: exchange.Answered, handle: answer},
		{
			name: "by its name", cfg: ca.Good(t, "dns.example"), host: "dns.example", want: exchange.Answered,
			handle: answer,
		},
		{
			name: "a certificate for another name", cfg: ca.Good(t, "other.example"), host: "dns.example",
			want: exchange.Unreachable,
			why:  "other.example", handle: answer,
		},
		{
			name: "a certificate of nobody", cfg: ca.Serving(ca.Sign(t, probetest.LeafTemplate("127.0.0.1"), ca.Foreign)),
			want: exchange.Unreachable,
			why:  "unknown authority", handle: answer,
		},
		{name: "no TLS there", want: exchange.Unreachable, why: "handshake", handle: answer},
		{
			name: "closed after the handshake", cfg: ca.Good(t, "127.0.0.1"), want: exchange.Unreachable, why: "closed",
			handle: func(c net.Conn) { probetest.ReadFramed(c) },
		},
		{name: "another answer", cfg: ca.Good(t, "127.0.0.1"), want: exchange.Malformed, handle: func(c net.Conn) {
			b := probetest.EchoReply(probetest.ReadFramed(c), 0)
			b[13] = 'x'
			for range 10 {
				_, _ = c.Write(probetest.Framed(len(b), b))
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := probetest.ServeTCP(t, false, func(c net.Conn) {
				defer c.Close()
				if tt.cfg == nil {
					_, _ = c.Write([]byte("no TLS is spoken here, whatever is asked\r\n"))
					return
				}
				tc := tls.Server(c, tt.cfg)
				if tc.Handshake() == nil {
					tt.handle(tc)
					_ = tc.Close()
				}
			})
			l := openLiveTrusting(t, nil, ca.Pool)
			s := openSession(t, l, Options{})
			x := s.Resolve(t.Context(), exchange.Server{Addr: addr, Proto: exchange.DoT, Host: tt.host}, "shop.example",
				dns.TypeTXT)
			if x.Outcome != tt.want || !strings.Contains(x.Err, tt.why) {
				t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if x.Transport != "tls" {
				t.Errorf("transport %q", x.Transport)
			}
		})
	}
}

func TestDoH(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	ok := func(w http.ResponseWriter, r *http.Request) {
		q, _ := io.ReadAll(r.Body)
		if r.Header.Get("Content-Type") != "application/dns-message" || r.Method != http.MethodPost || q[0] != 0 ||
			q[1] != 0 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/dns-message")
		_, _ = w.Write(longTXT(q, 100))
	}
	for _, tt := range []struct {
		name   string
		handle http.HandlerFunc
		cfg    *tls.Config
		want   exchange.Outcome
		why    string
	}{
		{name: "an answer", handle: ok, want: exchange.Answered},
		{name: "64 KiB", handle: func(w http.ResponseWriter, r *http.Request) {
			q, _ := io.ReadAll(r.Body)
			_, _ = w.Write(longTXT(q, 65535))
		}, want: exchange.Answered},
		{
			name: "HTTP 500", handle: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(500)
			}, want: exchange.Unreachable,
			why: "HTTP 500",
		},
		{name: "a redirect is not followed", handle: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/dns-query", http.StatusTemporaryRedirect)
		}, want: exchange.Unreachable, why: "HTTP 307"},
		{name: "a page", handle: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<!doctype html>log in first")
		}, want: exchange.Malformed},
		{name: "nothing", handle: func(http.ResponseWriter, *http.Request) {}, want: exchange.Malformed},
		{name: "the answer to another question", handle: func(w http.ResponseWriter, r *http.Request) {
			q, _ := io.ReadAll(r.Body)
			b := probetest.EchoReply(q, 0)
			b[13] = 'x'
			_, _ = w.Write(b)
		}, want: exchange.Malformed},
		{name: "an answer without an end", handle: func(w http.ResponseWriter, r *http.Request) {
			q, _ := io.ReadAll(r.Body)
			b := longTXT(q, 60_000)
			b[7] = 200
			for r.Context().Err() == nil {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		}, want: exchange.Malformed},
		{
			name: "a certificate of nobody", cfg: ca.Serving(ca.Sign(t, probetest.LeafTemplate("127.0.0.1"), ca.Foreign)),
			handle: ok,
			want:   exchange.Unreachable, why: "unknown authority",
		},
		{
			name: "a certificate for another name", cfg: ca.Good(t, "dns.example"), handle: ok, want: exchange.Unreachable,
			why: "127.0.0.1",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(tt.handle)
			server.Config.ErrorLog = silent
			server.TLS = tt.cfg
			if tt.cfg == nil {
				server.TLS = ca.Good(t, "127.0.0.1")
			}
			server.StartTLS()
			l := openLiveTrusting(t, nil, ca.Pool)
			s := openSession(t, l, Options{})
			t.Cleanup(server.Close)
			x := s.Resolve(t.Context(), exchange.Server{Proto: exchange.DoH, URL: server.URL + "/dns-query"},
				"shop.example",
				dns.TypeTXT)
			if x.Outcome != tt.want || !strings.Contains(x.Err, tt.why) {
				t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if x.Transport != "https" || x.Host != server.URL+"/dns-query" {
				t.Errorf("transport %q of %q", x.Transport, x.Host)
			}
			l.Close()
		})
	}
}
