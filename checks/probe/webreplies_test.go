package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"
)

// endless writes until nobody listens any more.
func endless(start, again string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := io.WriteString(c, start); err != nil {
			return
		}
		block := strings.Repeat(again, 64)
		for {
			if _, err := io.WriteString(c, block); err != nil {
				return
			}
		}
	}
}

func TestHTTPAnswers(t *testing.T) {
	t.Parallel()
	const long = maxWebBody + 1000
	for _, tt := range []struct {
		name   string
		handle func(net.Conn)
		want   exchange.Outcome
		why    string
		status int
		body   int // octets
		cut    bool
	}{
		{
			name: "a page", handle: probetest.Writes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
			want: exchange.Answered, status: 200,
			body: 5,
		},
		{
			name: "a page that ends with the connection", handle: probetest.Writes("HTTP/1.0 200 OK\r\n\r\nhello"),
			want:   exchange.Answered,
			status: 200, body: 5,
		},
		{
			name: "in chunks",
			handle: probetest.Writes(
				"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"),
			want: exchange.Answered, status: 200, body: 5,
		},
		{name: "a long page", handle: probetest.Writes(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s",
			long,
			strings.Repeat("x", long))), want: exchange.Answered, status: 200, body: maxWebBody, cut: true},
		{
			name: "a page of exactly the limit",
			handle: probetest.Writes(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s",
				maxWebBody, strings.Repeat("x", maxWebBody))), want: exchange.Answered, status: 200, body: maxWebBody,
		},
		{
			name: "a page without an end", handle: endless("HTTP/1.1 200 OK\r\n\r\n", "hello "), want: exchange.Answered,
			status: 200,
			body:   maxWebBody, cut: true,
		},
		{name: "chunks without an end", handle: endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
			"5dc\r\n"+strings.Repeat("x", 1500)+"\r\n"), want: exchange.Answered, status: 200, body: maxWebBody, cut: true},
		{
			name: "a header without an end", handle: endless("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n"),
			want: exchange.Malformed,
			why:  "too long",
		},
		{
			name: "a header line without an end", handle: endless("HTTP/1.1 200 OK\r\nX-More: ", "and more"),
			want: exchange.Malformed, why: "too long",
		},
		{
			name: "a status line without an end", handle: endless("HTTP/1.1 200 ", "OK "), want: exchange.Malformed,
			why: "too long",
		},
		{
			name: "interim answers without an end", handle: endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
			want: exchange.Malformed,
			why:  "too long",
		},
		{
			name: "interim answers first",
			handle: probetest.Writes(
				"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 404 Not " +
					"Found\r\nContent-Length: 2\r\n\r\nno"), want: exchange.Answered, status: 404, body: 2,
		},
		{
			name: "no body by its status", handle: probetest.Writes("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
			want: exchange.Answered, status: 204,
		},
		{
			name:   "not modified has a length and no body",
			handle: probetest.Writes("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"), want: exchange.Answered,
			status: 304,
		},
		{
			name:   "less is sent than promised",
			handle: probetest.Writes("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello"),
			want:   exchange.Answered, status: 200, body: 5,
		},
		{
			name:   "nothing is sent of what was promised",
			handle: probetest.Writes("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
			want:   exchange.Unreachable, why: "closed the connection",
		},
		{
			name:   "more is sent than promised",
			handle: probetest.Writes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello"),
			want:   exchange.Answered, status: 200, body: 2,
		},
		{name: "no HTTP", handle: probetest.Writes("220 mail.example ESMTP\r\n"), want: exchange.Malformed},
		{
			name: "a header that is none", handle: probetest.Writes("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
			want: exchange.Malformed,
		},
		{name: "a word and no more", handle: probetest.Writes("HTTP/1.1"), want: exchange.Malformed},
		{name: "not a word", handle: probetest.Writes(""), want: exchange.Unreachable, why: "closed the connection"},
		{
			name:   "switching protocols",
			handle: probetest.Writes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nraw"),
			want:   exchange.Answered, status: 101,
		},
		{
			name: "a status that is none", handle: probetest.Writes("HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n"),
			want:   exchange.Answered,
			status: 999,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := probetest.NewNetwork()
			n.Put("tcp", "192.0.2.80:80", probetest.ServeHTTP(t, tt.handle).String())
			s := openSession(t, openLive(t, n.Dial), Options{})
			x := s.Get(t.Context(), "http://shop.example/", netip.MustParseAddrPort("192.0.2.80:80"))
			if x.Outcome != tt.want || !strings.Contains(x.Err, tt.why) {
				t.Fatalf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
			if (x.HTTP != nil) != (tt.want == exchange.Answered) {
				t.Fatalf("an answer: %v", x.HTTP)
			}
			if r := x.HTTP; r != nil && (r.Status != tt.status || len(r.Body) != tt.body || r.Cut != tt.cut) {
				t.Errorf("status %d, %d octets, cut %v", r.Status, len(r.Body), r.Cut)
			}
		})
	}
}

// TestBadLengths: a host that answers with nonsense is there.
func TestBadLengths(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"Content-Length: 99999999999999999999\r\n", "Content-Length: -1\r\n",
		"Content-Length: 2\r\nContent-Length: 5\r\n",
	} {
		n := probetest.NewNetwork()
		n.Put("tcp", "192.0.2.80:80", probetest.ServeHTTP(t,
			probetest.Writes("HTTP/1.1 200 OK\r\n"+header+"\r\nhello")).String())
		s := openSession(t, openLive(t, n.Dial), Options{})
		if x := s.Get(t.Context(), "http://shop.example/",
			netip.MustParseAddrPort("192.0.2.80:80")); x.Outcome != exchange.Malformed {
			t.Errorf("%q: %s (%s)", header, x.Outcome, x.Err)
		}
	}
}

// TestNonsenseIsAnAnswer: so is one that fails in the handshake; and what the connection did is not taken for what
// the host said.
func TestNonsenseIsAnAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, url string
		handle    func(net.Conn)
		want      exchange.Outcome
		why       string
	}{
		{
			"an encoding that does not exist", "http://shop.example/",
			probetest.Writes("HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nuryyb"), exchange.Malformed,
			"transfer encoding",
		},
		{
			"no TLS", "https://shop.example/", probetest.Writes("HTTP/1.1 400 Bad Request\r\n\r\n"), exchange.Malformed,
			"TLS",
		},
		{
			"an alert", "https://shop.example/", probetest.Writes("\x15\x03\x01\x00\x02\x02\x28"), exchange.Malformed,
			"handshake failure",
		},
		{"half a status line, and a reset", "http://shop.example/", func(c net.Conn) {
			probetest.Writes("HTTP/1")(c)
			time.Sleep(untilRead)
			_ = c.(*net.TCPConn).SetLinger(0)
		}, exchange.Unreachable, "reset"},
		{
			"half a header", "http://shop.example/", probetest.Writes("HTTP/1.1 200 OK\r\nX: y"), exchange.Unreachable,
			"closed the connection",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := probetest.ServeTCP(t, false, func(c net.Conn) {
				defer c.Close()
				_, _ = c.Read(make([]byte, 4096))
				tt.handle(c)
			})
			n := probetest.NewNetwork()
			n.Put("tcp", "192.0.2.80:80", addr.String())
			x := openSession(t, openLive(t, n.Dial), Options{}).Get(t.Context(), tt.url,
				netip.MustParseAddrPort("192.0.2.80:80"))
			if x.Outcome != tt.want || !strings.Contains(x.Err, tt.why) || strings.Contains(x.Err, "a different query") {
				t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
			}
		})
	}
}

// TestCutInChunks: what the limit cuts off is marked as cut, however it is sent.
func TestCutInChunks(t *testing.T) {
	t.Parallel()
	n := probetest.NewNetwork()
	n.Put("tcp", "192.0.2.80:80", probetest.ServeHTTP(t,
		endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
			"5\r\nhello\r\n")).String())
	s := openSession(t, openLive(t, n.Dial), Options{})
	if x := s.Get(t.Context(), "http://shop.example/", netip.MustParseAddrPort("192.0.2.80:80")); x.HTTP == nil ||
		!x.HTTP.Cut {
		t.Errorf("outcome %s (%s), %d octets", x.Outcome, x.Err, len(x.HTTP.Body))
	}
}

// TestSlowStatusLine: a status line that does not end in time is no malformed one.
func TestSlowStatusLine(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeHTTP(t, func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1")
		_, _ = io.Copy(io.Discard, c)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := openLive(t, nil).HTTP(ctx, exchange.HTTPAsk{
		Method: http.MethodGet, URL: "http://shop.example/", Addr: addr,
		Limit: 10,
	})
	if o, why := transport.Outcome(err); o != exchange.Timeout {
		t.Errorf("outcome %s (%s)", o, why)
	}
}

// TestHTTPRequest: what the server sees.
func TestHTTPRequest(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	addr := probetest.ServeTCP(t, false, func(c net.Conn) {
		defer c.Close()
		got <- probetest.ReadHeader(c)
		probetest.Writes("HTTP/1.1 200 OK\r\n\r\n")(c)
	})
	n := probetest.NewNetwork()
	n.Put("tcp", "192.0.2.80:8080", addr.String())
	s := openSession(t, openLive(t, n.Dial), Options{})
	s.Get(t.Context(), "http://shop.example:8080/a/b?c=d", netip.MustParseAddrPort("192.0.2.80:8080"))
	want := []string{
		"GET /a/b?c=d HTTP/1.1\r\n", "Host: shop.example:8080\r\n", "User-Agent: " + transport.UserAgent + "\r\n",
		"Connection: close\r\n", "Accept: text/html",
	}
	for seen := <-got; len(want) > 0; want = want[1:] {
		if !strings.Contains(seen, want[0]) {
			t.Errorf("%q is missing in %q", want[0], seen)
		}
	}
}

// TestWebBound: servers that dawdle cost WebBound and no more. The time is synctest's, the connection a pipe.
func TestWebBound(t *testing.T) {
	t.Parallel()
	drip := func(header, again string) func(net.Conn) {
		return func(c net.Conn) {
			probetest.ReadHeader(c)
			_, err := io.WriteString(c, header)
			for err == nil {
				time.Sleep(time.Second)
				_, err = io.WriteString(c, again)
			}
		}
	}
	silence := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	addr := netip.MustParseAddrPort("192.0.2.80:443")
	get := func(url string) func(context.Context, *Session) *exchange.Exchange {
		return func(ctx context.Context, s *Session) *exchange.Exchange { return s.Get(ctx, url, addr) }
	}
	for _, tt := range []struct {
		name   string
		handle func(net.Conn)
		ask    func(context.Context, *Session) *exchange.Exchange
		want   exchange.Outcome
	}{
		{"not a word", silence, get("http://shop.example/"), exchange.Timeout},
		{
			"a header line now and then", drip("HTTP/1.1 200 OK\r\n", "X: y\r\n"), get("http://shop.example/"),
			exchange.Timeout,
		},
		{
			"interim answers now and then", drip("", "HTTP/1.1 100 Continue\r\n\r\n"), get("http://shop.example/"),
			exchange.Timeout,
		},
		{
			"a body that stops", drip("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", ""), get("http://shop.example/"),
			exchange.Timeout,
		},
		{
			"a body octet by octet", drip("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "x"),
			get("http://shop.example/"), exchange.Answered,
		},
		{"not a word of TLS", silence, get("https://shop.example/"), exchange.Timeout},
		{"not a word of a handshake", silence, func(ctx context.Context, s *Session) *exchange.Exchange {
			return s.Handshake(ctx, addr, "shop.example")
		}, exchange.Malformed},
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
				s := NewSession(t.Context(), l, Options{HasIPv6: func() bool { return false }})
				start := time.Now()
				x := tt.ask(t.Context(), s)
				if x.Outcome != tt.want {
					t.Errorf("outcome %s (%s), want %s", x.Outcome, x.Err, tt.want)
				}
				if took := time.Since(start); took != WebBound {
					t.Errorf("it took %v", took)
				}
				s.Close()
				time.Sleep(time.Minute) // the server finds out that nobody listens
			})
		})
	}
}

// TestHTTPSlowAfterHandshake: the time ends while a server that shook hands says nothing.
func TestHTTPSlowAfterHandshake(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	addr := probetest.ServeTCP(t, false, func(c net.Conn) {
		_, _ = io.Copy(io.Discard, tls.Server(c, ca.Good(t, "shop.example")))
	})
	l := openLive(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if r, err := l.HTTP(ctx, exchange.HTTPAsk{
		Method: http.MethodGet, URL: "https://shop.example/", Addr: addr,
		Limit: 10,
	}); err == nil {
		t.Errorf("an answer from a silent server: %+v", r)
	}
}

// TestHandshakeOfAnEndedRun: when the run ends within a handshake, that is no fault of the host's.
func TestHandshakeOfAnEndedRun(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	addr := probetest.ServeTCP(t, false, func(c net.Conn) {
		defer c.Close()
		_, _ = c.Read(make([]byte, 1))
		close(begun)
		_, _ = io.Copy(io.Discard, c)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	r, err := openLive(t, nil).TLS(ctx, addr, "shop.example")
	if o, why := transport.Outcome(err); r != nil || o != exchange.NotAsked {
		t.Errorf("%+v, outcome %s (%s)", r, o, why)
	}
}

// TestPrivateAddressesAreNotDialled: unless they are allowed, not even a connection is tried.
func TestPrivateAddressesAreNotDialled(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		t.Run(fmt.Sprintf("allowed %v", allowed), func(t *testing.T) {
			t.Parallel()
			for _, a := range []string{
				"127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "[::1]", "[fd00::1]",
				"[fe80::1]", "[::ffff:10.0.0.1]", "[64:ff9b::10.0.0.1]", "[2002:a00:1::1]", "0.0.0.0", "100.64.0.1",
			} {
				var dials atomic.Int32
				l := openLive(t, func(context.Context, string, string) (net.Conn, error) {
					dials.Add(1)
					return nil, io.ErrUnexpectedEOF
				})
				s := openSession(t, l, Options{AllowPrivate: allowed, HasIPv6: func() bool { return true }})
				addr := netip.MustParseAddrPort(a + ":443")
				for _, x := range []*exchange.Exchange{
					s.Get(t.Context(), "https://shop.example/", addr),
					s.Handshake(t.Context(), addr, "shop.example"),
				} {
					if refused := x.Outcome == exchange.NotAsked && strings.Contains(x.Err, "--allow-private"); refused == allowed {
						t.Errorf("%s: %s (%s)", a, x.Outcome, x.Err)
					}
				}
				if got := dials.Load(); got > 0 != allowed {
					t.Errorf("%s: %d connections were tried", a, got)
				}
			}
		})
	}
}

// TestWithoutIPv6: what this machine cannot try is not tried.
func TestWithoutIPv6(t *testing.T) {
	t.Parallel()
	n := probetest.NewNetwork()
	s := openSession(t, openLive(t, n.Dial), Options{})
	if x := s.Handshake(t.Context(), netip.MustParseAddrPort("[2600:9000::1]:443"),
		"shop.example"); x.Outcome != exchange.NotAsked || n.Dialled("tcp") > 0 {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}

// TestGetWithoutIPv6: the same for a page.
func TestGetWithoutIPv6(t *testing.T) {
	t.Parallel()
	n := probetest.NewNetwork()
	s := openSession(t, openLive(t, n.Dial), Options{})
	if x := s.Get(t.Context(), "https://shop.example/",
		netip.MustParseAddrPort("[2600:9000::1]:443")); x.Outcome != exchange.NotAsked || n.Dialled("tcp") > 0 {
		t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
	}
}
