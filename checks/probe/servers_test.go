package probe

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"
)

// silent is a log for servers that fail on purpose.
var silent = log.New(io.Discard, "", 0)

// openLive is a live transport that ends with the test.
func openLive(t testing.TB, dial func(context.Context, string, string) (net.Conn, error)) *transport.Live {
	t.Helper()
	l := transport.NewLive(dial, nil)
	t.Cleanup(l.Close)
	return l
}

// openSession is a session without IPv6 and without a bound on the rate, unless the options say otherwise.
func openSession(t testing.TB, wire Transport, opt Options) *Session {
	t.Helper()
	if opt.HasIPv6 == nil {
		opt.HasIPv6 = func() bool { return false }
	}
	if opt.Rate == 0 {
		opt.Rate = -1
	}
	if opt.Resolvers == nil {
		opt.Resolvers = []exchange.Server{}
	}
	s := NewSession(context.Background(), wire, opt)
	t.Cleanup(s.Close)
	return s
}

// openLiveTrusting is openLive with a certificate authority.
func openLiveTrusting(t testing.TB, dial func(context.Context, string, string) (net.Conn, error),
	roots *x509.CertPool,
) *transport.Live {
	t.Helper()
	l := transport.NewLive(dial, roots)
	t.Cleanup(l.Close)
	return l
}
