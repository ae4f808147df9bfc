package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Browse is a page fetched as a browser would: hop by hop, each hop recorded.
type Browse struct {
	Hops []*Exchange
	// Loop tells that a URL came again, or that there were more than MaxRedirect.
	Loop bool
	// Refused says why a redirect was not followed.
	Refused string
}

// Last is the last answer; nil if there was none.
func (b *Browse) Last() *Exchange {
	if len(b.Hops) == 0 {
		return nil
	}
	return b.Hops[len(b.Hops)-1]
}

// URLs lists the hops.
func (b *Browse) URLs() []string {
	var out []string
	for _, h := range b.Hops {
		line := strings.TrimPrefix(h.Asked, "GET ")
		if h.HTTP != nil {
			line += fmt.Sprintf(" (%d)", h.HTTP.Status)
		}
		out = append(out, line)
	}
	return out
}

// Browse fetches a URL. The first host's address is given, and stays the same whenever a redirect leads back to it; the hosts of redirects are looked up
// at the resolvers, and refused again if they are not public.
func (s *Session) Browse(ctx context.Context, rawURL string, addr netip.AddrPort) *Browse {
	b := &Browse{}
	first, _ := hostPort(rawURL)
	home := addr.Addr()
	seen := map[string]bool{}
	for {
		if seen[rawURL] || len(b.Hops) > MaxRedirect {
			b.Loop = true
			return b
		}
		seen[rawURL] = true
		x := s.Get(ctx, rawURL, addr)
		b.Hops = append(b.Hops, x)
		if x.HTTP == nil || x.HTTP.Status < 300 || x.HTTP.Status > 399 || x.HTTP.Header.Get("Location") == "" {
			return b
		}
		next, err := redirectTarget(rawURL, x.HTTP.Header.Get("Location"))
		if err != nil {
			b.Refused = err.Error()
			return b
		}
		rawURL = next
		host, port := hostPort(rawURL)
		n, err := portNumber(port)
		if err != nil {
			b.Refused = "a redirect to port " + port
			return b
		}
		a := home
		if host != first {
			if a, err = s.redirectAddr(ctx, host); err != nil {
				b.Refused = err.Error()
				return b
			}
		}
		addr = netip.AddrPortFrom(a, n)
	}
}

// redirectAddr is the address at which a redirect's host is asked: the first that may be tried. Where none may, it is one that says why when it is asked.
func (s *Session) redirectAddr(ctx context.Context, host string) (netip.Addr, error) {
	found, err := s.HostAddrs(ctx, host)
	switch {
	case errors.Is(err, errNoAddress):
		return netip.Addr{}, fmt.Errorf("the redirect's host %w", err)
	case err != nil:
		return netip.Addr{}, fmt.Errorf("the redirect's host could not be looked up: %w", err)
	}
	if i := slices.IndexFunc(found, func(a netip.Addr) bool { return s.mayTry(a) == nil }); i >= 0 {
		return found[i], nil
	}
	if !slices.ContainsFunc(found, func(a netip.Addr) bool { return !errors.Is(s.mayTry(a), errNoIPv6) }) {
		return netip.Addr{}, fmt.Errorf("the redirect's host %s has IPv6 addresses only, and %w", host, errNoIPv6)
	}
	return found[0], nil
}

func redirectTarget(base, location string) (string, error) {
	if len(location) > 2048 {
		return "", errors.New("a redirect to an address of more than 2048 octets")
	}
	b, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	u, err := b.Parse(location)
	if err != nil {
		return "", errors.New("a redirect to something that is no web address")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("a redirect to %q", u.Scheme)
	}
	if u.Hostname() == "" {
		return "", errors.New("a redirect without a host")
	}
	if nonASCII(u.Host) { // browsers take a name in any script, and ask for it in ASCII
		host, err := idna.Lookup.ToASCII(u.Hostname())
		if err != nil {
			return "", errors.New("a redirect to something that is no host name")
		}
		if u.Host = host; u.Port() != "" {
			u.Host = net.JoinHostPort(host, u.Port())
		}
	}
	u.User, u.Fragment = nil, ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), nil
}

func schemeOf(rawURL string) string {
	scheme, _, _ := strings.Cut(rawURL, ":")
	return strings.ToLower(scheme)
}

func hostOfURL(rawURL string) string {
	host, _ := hostPort(rawURL)
	return host
}

func hostPort(rawURL string) (host, port string) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", ""
	}
	host, port = Bare(u.Hostname()), u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	return host, port
}
