package probe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"

	"github.com/likexian/whois"
)

// TestReferralCrash: v1.15.6 of the library slices with -1 when a referral is the last line and has no newline. That
// is why its referrals are off.
func TestReferralCrash(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"Registrar WHOIS Server: ", "whois: ", "ReferralServer: ", "refer: ", "%referral "} {
		t.Run(token, func(t *testing.T) {
			t.Parallel()
			addr := probetest.ServeWHOIS(t, probetest.WritesWHOIS("Domain Name: SHOP.EXAMPLE\r\n"+token+
				"whois.registrar.example"))
			crashed := func() (crashed any) {
				defer func() { crashed = recover() }()
				_, _ = whois.NewClient().Whois("shop.example", addr.String())
				return nil
			}()
			if crashed == nil {
				t.Error("the library does not crash any more: its referrals are still not wanted, but the comment in " +
					"Live.WHOIS is out of date")
			}
			reply, err := openLive(t, nil).WHOIS(t.Context(), addr, "shop.example")
			if err != nil || !strings.HasSuffix(string(reply), "whois.registrar.example") {
				t.Errorf("Live.WHOIS: %q, %v", reply, err)
			}
		})
	}
}

func TestWHOISReplies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		handle func(query string, c *net.TCPConn)
		size   int  // octets of the reply; -1 where there is none
		off    bool // it was broken off
		why    string
	}{
		{name: "a reply", handle: probetest.WritesWHOIS("No match\r\n"), size: 8},
		{
			name: "the question", handle: func(q string, c *net.TCPConn) { _, _ = fmt.Fprintf(c, "%q", q) },
			size: len(`"shop.example\r\n"`),
		},
		{
			name: "1 MB", handle: probetest.WritesWHOIS(strings.Repeat("Domain Name: x\r\n", 1<<16)),
			size: transport.MaxWHOIS, off: true,
			why: "too long",
		},
		{
			name: "just not too long", handle: probetest.WritesWHOIS(strings.Repeat("x", transport.MaxWHOIS)),
			size: transport.MaxWHOIS,
		},
		{name: "without an end", handle: func(_ string, c *net.TCPConn) {
			for {
				if _, err := io.WriteString(c, strings.Repeat("x", 4096)); err != nil {
					return
				}
			}
		}, size: transport.MaxWHOIS, off: true, why: "too long"},
		{name: "a reset after the reply", handle: func(_ string, c *net.TCPConn) {
			_, _ = io.WriteString(c, "Number of allowed queries exceeded.\r\n")
			time.Sleep(untilRead)
			_ = c.SetLinger(0)
		}, size: 35, off: true, why: "reset"},
		{
			name: "a reset instead of a reply", handle: func(_ string, c *net.TCPConn) { _ = c.SetLinger(0) }, size: -1,
			why: "reset",
		},
		{name: "not a word", handle: func(string, *net.TCPConn) {}, size: -1, why: "without a reply"},
		{name: "only blanks", handle: probetest.WritesWHOIS("\r\n  \r\n"), size: -1, why: "without a reply"},
		{name: "only NULs", handle: probetest.WritesWHOIS("\x00\x00\x00"), size: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reply, err := openLive(t, nil).WHOIS(t.Context(), probetest.ServeWHOIS(t, tt.handle), "shop.example")
			if (err != nil) != (tt.size < 0 || tt.off) || tt.size < 0 != (reply == nil) || tt.size >= 0 &&
				len(reply) != tt.size && (tt.size != transport.MaxWHOIS || len(reply) > transport.MaxWHOIS ||
				len(reply) < transport.MaxWHOIS-2) {
				t.Errorf("%d octets, %v; want %d", len(reply), err, tt.size)
			}
			if err != nil && !strings.Contains(err.Error(), tt.why) {
				t.Errorf("error %v, want %q in it", err, tt.why)
			}
		})
	}
}

func TestWHOISUnreachable(t *testing.T) {
	t.Parallel()
	_, err := openLive(t, probetest.NewNetwork().Dial).WHOIS(t.Context(), netip.MustParseAddrPort("192.0.2.43:43"),
		"shop.example")
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %v", err)
	}
	if o, why := transport.Outcome(err); o != exchange.Unreachable || why != "connection refused" {
		t.Errorf("outcome %s (%s)", o, why)
	}
}

// TestWHOISContext: the library knows no context; our dialer ends the connection with it.
func TestWHOISContext(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	addr := probetest.ServeWHOIS(t, func(_ string, c *net.TCPConn) {
		_, _ = io.Copy(io.Discard, c) // until the client hangs up
		close(gone)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // enough to connect on a busy machine
	defer cancel()
	start := time.Now()
	_, err := openLive(t, nil).WHOIS(ctx, addr, "shop.example")
	if o, _ := transport.Outcome(err); o != exchange.Timeout || time.Since(start) > 30*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	select {
	case <-gone:
	case <-time.After(time.Minute):
		t.Error("the connection is still open")
	}
}

// TestWHOISBound: a silent server costs whoisBound, a slow one as well, and what it said until then is kept. The time
// is synctest's.
func TestWHOISBound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		says string
		want exchange.Outcome
	}{{"silent", "", exchange.Timeout}, {
		"says something and stops", "Domain Name: SHOP.EXAMPLE\r\n",
		exchange.Answered,
	}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := transport.NewLive(func(context.Context, string, string) (net.Conn, error) {
					a, b := net.Pipe()
					go func() {
						_, _ = bufio.NewReader(b).ReadString('\n')
						_, _ = io.WriteString(b, tt.says)
						_, _ = io.Copy(io.Discard, b)
						_ = b.Close()
					}()
					return a, nil
				}, nil)
				s := NewSession(t.Context(), l, Options{HasIPv6: func() bool { return false }})
				start := time.Now()
				x := s.askWHOIS(t.Context(), "192.0.2.43", "43", "shop.example")
				if x.Outcome != tt.want || string(x.Text) != strings.TrimSpace(tt.says) {
					t.Errorf("outcome %s (%s), %q", x.Outcome, x.Err, x.Text)
				}
				if x.Cut != (tt.says != "") || x.Cut && !strings.Contains(x.Evidence().Error, "broken off") {
					t.Errorf("broken off: %v (%q)", x.Cut, x.Evidence().Error)
				}
				if took := time.Since(start); took != transport.WHOISBound {
					t.Errorf("it took %v", took)
				}
				s.Close()
				time.Sleep(time.Minute)
			})
		})
	}
}

// TestUnfinishedWHOIS: a reply whose server did not close the connection may lack its most important line.
func TestUnfinishedWHOIS(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeWHOIS(t, func(_ string, c *net.TCPConn) {
		_, _ = io.WriteString(c, "Domain Name: SHOP.EXAMPLE\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if reply, err := openLive(t, nil).WHOIS(ctx, addr, "shop.example"); err == nil {
		t.Errorf("a whole reply: %q", reply)
	}
}
