package probe

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"
)

// Bounds of TLS and HTTP.
const (
	WebBound    = 8 * time.Second // one connection with its handshake and its answer
	maxWebBody  = 64 << 10        // octets of a page that are read
	maxRDAPBody = 1 << 20         // octets of an RDAP document; the largest real ones have some 100 KB
	maxBootBody = 4 << 20         // octets of the RDAP bootstrap; it has about 60 KB
	MaxRedirect = 10              // redirects that are followed
)

// Handshake makes a TLS handshake with one address, with the host's name as SNI.
func (s *Session) Handshake(ctx context.Context, addr netip.AddrPort, host string) *exchange.Exchange {
	blank, key := handshakeOf(addr, host), handshakeKey(addr, host)
	return s.do(ctx, key, blank,
		func(ctx context.Context) *exchange.Exchange {
			x := blank
			x.At = s.Now()
			s.keeper(x.Kind).opt.Record.Forget(key) // it was left out before
			s.reach(ctx, &x, "tls", addr, hostScope(host), func() error {
				return again(ctx, func(ctx context.Context) (err error) {
					x.TLS, err = s.wire.TLS(ctx, addr, host)
					return err
				})
			})
			if x.TLS != nil && x.TLS.Failed != "" {
				x.Outcome, x.Err = exchange.Malformed, x.TLS.Failed
			}
			return &x
		})
}

// Get fetches one URL from one address, without following redirects.
func (s *Session) Get(ctx context.Context, rawURL string, addr netip.AddrPort) *exchange.Exchange {
	return s.get(ctx, rawURL, addr, "")
}

// get is Get with cookies; other cookies are another exchange.
func (s *Session) get(ctx context.Context, rawURL string, addr netip.AddrPort, cookie string) *exchange.Exchange {
	asked := "GET " + rawURL
	header := http.Header{"Accept": {"text/html,*/*;q=0.5"}}
	key := exchange.QueryKey{Kind: exchange.KindHTTP, Server: addr.String(), Asked: asked}
	if cookie != "" {
		header.Set("Cookie", cookie)
		key.Asked += "\n" + cookie
	}
	blank := exchange.Exchange{Kind: exchange.KindHTTP, Addr: addr, Transport: exchange.URLScheme(rawURL), Asked: asked}
	return s.do(ctx, key, blank, func(ctx context.Context) *exchange.Exchange {
		x := blank
		x.At = s.Now()
		s.fetch(ctx, &x, exchange.HTTPAsk{
			Method: http.MethodGet, URL: rawURL, Addr: addr, Limit: maxWebBody,
			Header: header,
		})
		return &x
	})
}

// registry fetches from a registry's web service. Its host is looked up, and its certificate must verify.
func (s *Session) registry(ctx context.Context, rawURL, accept string, limit int64) *exchange.Exchange {
	asked := "GET " + rawURL
	blank := exchange.Exchange{
		Kind: exchange.KindRDAP, Host: exchange.URLHost(rawURL),
		Transport: exchange.URLScheme(rawURL), Asked: asked,
	}
	return s.do(ctx, exchange.QueryKey{Kind: exchange.KindRDAP, Asked: asked}, blank,
		func(ctx context.Context) *exchange.Exchange {
			x := blank
			x.At = s.Now()
			_, port := exchange.URLHostPort(rawURL)
			s.inTurnOf(ctx, &x, func() {
				s.reachHost(ctx, &x, port, func(addr netip.AddrPort) bool {
					s.fetch(ctx, &x, exchange.HTTPAsk{
						Method: http.MethodGet, URL: rawURL, Addr: addr, Limit: limit, Verify: true,
						Header: http.Header{"Accept": {accept}},
					})
					return x.HTTP != nil
				})
			})
			return &x
		})
}

func (s *Session) fetch(ctx context.Context, x *exchange.Exchange, ask exchange.HTTPAsk) {
	scopes := hostScope(exchange.URLHost(ask.URL))
	if x.Kind == exchange.KindRDAP {
		help := helpURL(ask.URL)
		scopes = registryScopes(ask.URL, "GET "+help, func(ctx context.Context) bool {
			control := ask
			control.URL = help
			r, err := s.wire.HTTP(ctx, control)
			return r != nil || err == nil
		})
	}
	s.reach(ctx, x, "http", ask.Addr, scopes, func() error {
		return again(ctx, func(ctx context.Context) (err error) {
			x.HTTP, err = s.wire.HTTP(ctx, ask)
			return err
		})
	})
}

// again makes an exchange within WebBound, and once more if this machine was too busy for it.
func again(ctx context.Context, exchange func(ctx context.Context) error) error {
	once := func() error {
		ctx, cancel := context.WithTimeout(ctx, WebBound)
		defer cancel()
		return exchange(ctx)
	}
	err := once()
	if errors.Is(err, transport.ErrBusy) {
		err = once()
	}
	return err
}

// TooBusy reports whether an exchange was not made because this machine was too busy for it.
func TooBusy(x *exchange.Exchange) bool {
	return x.Outcome == exchange.NotAsked && x.Err == transport.ErrBusy.Error()
}

// helpURL returns what every RDAP server must answer (RFC 9082 3.1.6), for the URL of a domain there. Of another
// server it is its first page.
func helpURL(domainURL string) string {
	if base, _, ok := strings.Cut(domainURL, "/domain/"); ok {
		return base + "/help"
	}
	return exchange.URLScheme(domainURL) + "://" + exchange.URLHost(domainURL) + "/"
}
