package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/likexian/whois"
)

// MaxWHOIS bounds a WHOIS reply; the longest real ones have some 10 KB.
const MaxWHOIS = 256 << 10

// WHOISBound bounds one WHOIS query; some registries take several seconds.
const WHOISBound = 10 * time.Second

// whoisDialer gives likexian/whois one connection that ends with a context and after MaxWHOIS octets: the library
// supports neither.
type whoisDialer struct {
	ctx  context.Context
	live *Live
	to   netip.AddrPort
	in   *boundedReader
}

// Dial implements proxy.Dialer, which has no context. It ignores the address given: the library would look up the
// name with the system's resolver.
func (d whoisDialer) Dial(string, string) (net.Conn, error) {
	c, err := d.live.openStream(d.ctx, d.to)
	if err != nil {
		return nil, err
	}
	d.in.r = c
	return meteredConn{c, d.in}, nil
}

type meteredConn struct {
	net.Conn
	in *boundedReader
}

func (c meteredConn) Read(b []byte) (int, error) { return c.in.Read(b) }

// WHOIS implements probe.Transport. The library's referrals and statistics are off: it panics on a referral line
// without a newline.
func (l *Live) WHOIS(ctx context.Context, to netip.AddrPort, query string) (reply []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, WHOISBound)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			reply, err = nil, fmt.Errorf("reading the WHOIS reply failed: %v", r)
		}
	}()
	in := &boundedReader{left: MaxWHOIS + 1} // one more than is kept, to detect longer replies
	client := whois.NewClient().SetDialer(whoisDialer{
		ctx, l, to,
		in,
	}).SetTimeout(WHOISBound).SetDisableReferral(true).SetDisableStats(true)
	text, err := client.Whois(query, to.Addr().String())
	reply = []byte(text[:min(len(text), MaxWHOIS)])
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err() // the run has ended, which says nothing about the server
	case err != nil && len(reply) == 0:
		return nil, ctxError(ctx, err)
	// some servers say why they refuse and then reset the connection: the text is useful, but is not a complete reply
	case err != nil:
		return reply, ctxError(ctx, err)
	case len(reply) == 0:
		return nil, errors.New("the server closed the connection without a reply")
	}
	return reply, nil
}
