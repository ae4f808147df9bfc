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

	"github.com/miekg/dns"
)

// streamServer is a TCP server on loopback, beside a UDP server on the same port that says "cut off" to everything
// where truncates is set.
func streamServer(t testing.TB, truncates bool, handle func(net.Conn)) netip.AddrPort {
	t.Helper()
	addr := netip.MustParseAddrPort("127.0.0.1:0")
	if truncates {
		addr = udpServer(t, "udp4", func(q []byte, send func([]byte)) {
			b := echo(q, 0)
			b[2] |= 2
			send(b)
		})
	}
	l, err := net.Listen("tcp", addr.String())
	if err != nil {
		t.Skip("the port is taken for TCP: ", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go handle(conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return netip.MustParseAddrPort(l.Addr().String())
}

// readFramed reads a question that came over a stream.
func readFramed(conn net.Conn) []byte {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil
	}
	q := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, q); err != nil {
		return nil
	}
	return q
}

func framed(length int, b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(length)), b...)
}

// longTXT is a reply of exactly size octets, most of them TXT strings.
func longTXT(q []byte, size int) []byte {
	b := echo(q, 0)
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
		want   Outcome
		why    string
		size   int
	}{
		{name: "64 KiB", want: Answered, size: 65535, handle: func(c net.Conn) {
			q := readFramed(c)
			_, _ = c.Write(framed(65535, longTXT(q, 65535)))
		}},
		{name: "octet by octet", want: Answered, handle: func(c net.Conn) {
			for _, b := range framed(100, longTXT(readFramed(c), 100)) {
				_, _ = c.Write([]byte{b})
			}
		}},
		{name: "answers to others before it", want: Answered, handle: func(c net.Conn) {
			q := readFramed(c)
			other := echo(q, 0)
			other[0] ^= 1
			_, _ = c.Write(append(framed(len(other), other), framed(100, longTXT(q, 100))...))
		}},
		{name: "answers to others only", want: Truncated, why: "another question", handle: func(c net.Conn) {
			other := echo(readFramed(c), 0)
			other[0] ^= 1
			for range 20 {
				_, _ = c.Write(framed(len(other), other))
			}
		}},
		{name: "more is promised than comes", want: Truncated, why: "closed the connection", handle: func(c net.Conn) {
			q := readFramed(c)
			_, _ = c.Write(framed(60_000, longTXT(q, 100)))
			_ = c.Close()
		}},
		{name: "less is promised than comes", want: Truncated, why: "", handle: func(c net.Conn) {
			q := readFramed(c)
			_, _ = c.Write(framed(20, longTXT(q, 300)))
			_ = c.Close()
		}},
		{name: "nothing is promised", want: Truncated, why: "another question", handle: func(c net.Conn) {
			readFramed(c)
			_, _ = c.Write(make([]byte, 100))
		}},
		{name: "closed at once", want: Truncated, handle: func(c net.Conn) { _ = c.Close() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := streamServer(t, true, tt.handle)
			s := openSession(t, openLive(t, nil), Options{})
			x := s.Ask(t.Context(), Server{Addr: addr}, "shop.example", dns.TypeTXT)
			if x.Outcome != tt.want || !strings.Contains(x.Err, tt.why) {
				t.Fatalf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if x.Outcome == Answered && x.Transport != "tcp" {
				t.Errorf("transport %q", x.Transport)
			}
			if x.Outcome == Truncated && (x.Outcome.Conclusive() || x.Transport != "udp") {
				t.Errorf("transport %q", x.Transport)
			}
			for _, v := range x.Values("shop.example", dns.TypeTXT) {
				tt.size -= len(v)
			}
			if tt.size > 1000 { // what is left are headers and lengths
				t.Errorf("%d octets of the values are missing", tt.size)
			}
			if e := x.Evidence(); len(strings.Join(e.Answer, "")) > 4*maxEvidenceLine*maxEvidenceLines {
				t.Error("the evidence is as long as the answer")
			}
		})
	}
}

// TestTruncatedOverTCP: a stream has no room to be short of. An answer that is cut off there has not been fetched.
func TestTruncatedOverTCP(t *testing.T) {
	t.Parallel()
	addr := streamServer(t, true, func(c net.Conn) {
		b := echo(readFramed(c), 0)
		b[2] |= 2
		_, _ = c.Write(framed(len(b), b))
	})
	s := openSession(t, openLive(t, nil), Options{})
	if x := s.Ask(t.Context(), Server{Addr: addr}, "shop.example", dns.TypeTXT); x.Outcome != Truncated {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}

func TestTruncatedWithoutTCP(t *testing.T) {
	t.Parallel()
	n := newFakeNet() // TCP is refused there
	addr := udpServer(t, "udp4", func(q []byte, send func([]byte)) {
		b := echo(q, 0)
		b[2] |= 2
		send(b)
	})
	n.put("udp", "192.0.2.1:53", addr.String())
	s := openSession(t, openLive(t, n.dial), Options{})
	x := s.Ask(t.Context(), at("192.0.2.1"), "shop.example", dns.TypeTXT)
	if x.Outcome != Truncated || x.Outcome.Conclusive() || !strings.Contains(x.Err, "refused") {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}

// TestStreamBound: a server that takes the connection and never answers costs streamBound and no more. The time is
// synctest's, the connection a pipe.
func TestStreamBound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		proto  string
		handle func(net.Conn)
	}{
		{"TCP, never a word", "", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }},
		{"TCP, an octet now and then", "", func(c net.Conn) {
			readFramed(c)
			for range 1000 {
				time.Sleep(time.Second)
				if _, err := c.Write([]byte{255}); err != nil {
					return
				}
			}
		}},
		{"TLS, never a word", "tls", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := NewLive(func(context.Context, string, string) (net.Conn, error) {
					a, b := net.Pipe()
					go func() {
						tt.handle(b)
						_ = b.Close()
					}()
					return a, nil
				}, nil)
				q := &question{
					wire: l, to: Server{Addr: netip.MustParseAddrPort("192.0.2.1:53"), Proto: tt.proto},
					name: "shop.example.", rrtype: dns.TypeA,
				}
				start := time.Now()
				_, err := q.once(t.Context(), true)
				if o, _ := netOutcome(err); o != Timeout {
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
	ca := newTestCA(t)
	addr := streamServer(t, false, func(c net.Conn) {
		_, _ = io.Copy(io.Discard, tls.Server(c, ca.good(t, "127.0.0.1")))
	})
	l := openLive(t, nil)
	l.roots = ca.pool
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	wire, _, _ := pack("shop.example", dns.TypeA, flagRD, true)
	if _, err := l.DNS(ctx, Server{Addr: addr, Proto: "tls"}, wire, true); err == nil {
		t.Error("an answer from a silent server")
	}
}

func TestDoT(t *testing.T) {
	t.Parallel()
	ca := newTestCA(t)
	answer := func(c net.Conn) {
		if q := readFramed(c); q != nil {
			_, _ = c.Write(framed(100, longTXT(q, 100)))
		}
	}
	for _, tt := range []struct {
		name   string
		cfg    *tls.Config
		host   string
		want   Outcome
		why    string
		handle func(net.Conn)
	}{
		{name: "by its address", cfg: ca.good(t, "127.0.0.1"), want: Answered, handle: answer},
		{name: "by its name", cfg: ca.good(t, "dns.example"), host: "dns.example", want: Answered, handle: answer},
		{
			name: "a certificate for another name", cfg: ca.good(t, "other.example"), host: "dns.example",
			want: Unreachable,
			why:  "other.example", handle: answer,
		},
		{
			name: "a certificate of nobody", cfg: ca.serving(ca.sign(t, leaf("127.0.0.1"), ca.foreign)), want: Unreachable,
			why: "unknown authority", handle: answer,
		},
		{name: "no TLS there", want: Unreachable, why: "handshake", handle: answer},
		{
			name: "closed after the handshake", cfg: ca.good(t, "127.0.0.1"), want: Unreachable, why: "closed",
			handle: func(c net.Conn) { readFramed(c) },
		},
		{name: "another answer", cfg: ca.good(t, "127.0.0.1"), want: Malformed, handle: func(c net.Conn) {
			b := echo(readFramed(c), 0)
			b[13] = 'x'
			for range 10 {
				_, _ = c.Write(framed(len(b), b))
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := streamServer(t, false, func(c net.Conn) {
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
			l := openLive(t, nil)
			l.roots = ca.pool
			s := openSession(t, l, Options{})
			x := s.Resolve(t.Context(), Server{Addr: addr, Proto: "tls", Host: tt.host}, "shop.example", dns.TypeTXT)
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
	ca := newTestCA(t)
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
		want   Outcome
		why    string
	}{
		{name: "an answer", handle: ok, want: Answered},
		{name: "64 KiB", handle: func(w http.ResponseWriter, r *http.Request) {
			q, _ := io.ReadAll(r.Body)
			_, _ = w.Write(longTXT(q, 65535))
		}, want: Answered},
		{
			name: "HTTP 500", handle: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(500)
			}, want: Unreachable,
			why: "HTTP 500",
		},
		{name: "a redirect is not followed", handle: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/dns-query", http.StatusTemporaryRedirect)
		}, want: Unreachable, why: "HTTP 307"},
		{name: "a page", handle: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<!doctype html>log in first")
		}, want: Malformed},
		{name: "nothing", handle: func(http.ResponseWriter, *http.Request) {}, want: Malformed},
		{name: "the answer to another question", handle: func(w http.ResponseWriter, r *http.Request) {
			q, _ := io.ReadAll(r.Body)
			b := echo(q, 0)
			b[13] = 'x'
			_, _ = w.Write(b)
		}, want: Malformed},
		{name: "an answer without an end", handle: func(w http.ResponseWriter, r *http.Request) {
			q, _ := io.ReadAll(r.Body)
			b := longTXT(q, 60_000)
			b[7] = 200
			for r.Context().Err() == nil {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		}, want: Malformed},
		{
			name: "a certificate of nobody", cfg: ca.serving(ca.sign(t, leaf("127.0.0.1"), ca.foreign)), handle: ok,
			want: Unreachable, why: "unknown authority",
		},
		{
			name: "a certificate for another name", cfg: ca.good(t, "dns.example"), handle: ok, want: Unreachable,
			why: "127.0.0.1",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(tt.handle)
			server.Config.ErrorLog = silent
			server.TLS = tt.cfg
			if tt.cfg == nil {
				server.TLS = ca.good(t, "127.0.0.1")
			}
			server.StartTLS()
			l := openLive(t, nil)
			l.roots = ca.pool
			s := openSession(t, l, Options{})
			t.Cleanup(server.Close)
			x := s.Resolve(t.Context(), Server{Proto: "https", URL: server.URL + "/dns-query"}, "shop.example", dns.TypeTXT)
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
