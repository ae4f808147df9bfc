package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"domdoc/checks/probe/exchange"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Browse is a page fetched as a browser would, with every redirect.
type Browse struct {
	Hops []*exchange.Exchange
	// Loop is set if a URL repeats or there are more than MaxRedirect redirects.
	Loop bool
	// Refused says why a redirect was not followed.
	Refused string
	// Nowhere is set if it was not followed because its host or port does not exist.
	Nowhere bool
}

// Last returns the last exchange, or nil.
func (b *Browse) Last() *exchange.Exchange {
	if len(b.Hops) == 0 {
		return nil
	}
	return b.Hops[len(b.Hops)-1]
}

// URLs lists the URLs fetched, with their status.
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

// maxCookies bounds the cookies sent, in octets; servers accept no longer header lines.
const maxCookies = 8 << 10

// cookies returns the Cookie header that a browser would send to a URL; it is empty if it would be too long.
func cookies(jar *cookiejar.Jar, u *url.URL) string {
	var out []string
	for _, c := range jar.Cookies(u) {
		out = append(out, c.Name+"="+c.Value)
	}
	if s := strings.Join(out, "; "); len(s) <= maxCookies {
		return s
	}
	return ""
}

// Browse fetches a URL and follows redirects. Requests to the first host always go to addr; hosts of redirects are
// looked up and refused if they are not public. Cookies are kept, since some sites redirect in a circle without them:
// a URL counts as repeated only with the same cookies.
func (s *Session) Browse(ctx context.Context, rawURL string, addr netip.AddrPort) *Browse {
	b := &Browse{}
	first, _ := exchange.URLHostPort(rawURL)
	home := addr.Addr()
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		b.Refused = err.Error()
		return b
	}
	type visit struct{ url, cookie string }
	seen := map[visit]bool{}
	var others []netip.Addr // of a redirect's host, to try if the first does not answer
	for {
		u, err := url.Parse(rawURL)
		if err != nil {
			b.Refused = "it is not an HTTP or HTTPS URL"
			return b
		}
		v := visit{rawURL, cookies(jar, u)}
		if seen[v] || len(b.Hops) > MaxRedirect {
			b.Loop = true
			return b
		}
		seen[v] = true
		x := s.get(ctx, rawURL, addr, v.cookie)
		for x.HTTP == nil && len(others) > 0 {
			addr, others = netip.AddrPortFrom(others[0], addr.Port()), others[1:]
			x = s.get(ctx, rawURL, addr, v.cookie)
		}
		b.Hops = append(b.Hops, x)
		if x.HTTP == nil || x.HTTP.Status < 300 || x.HTTP.Status > 399 || x.HTTP.Header.Get("Location") == "" {
			return b
		}
		jar.SetCookies(u, (&http.Response{Header: x.HTTP.Header}).Cookies())
		next, err := redirectTarget(rawURL, x.HTTP.Header.Get("Location"))
		if err != nil {
			b.Refused = err.Error()
			return b
		}
		rawURL = next
		host, port := exchange.URLHostPort(rawURL)
		n, err := portNumber(port)
		if err != nil {
			b.Refused, b.Nowhere = "a redirect to port "+port+", which does not exist", true
			return b
		}
		all := []netip.Addr{home}
		if host != first {
			if all, err = s.redirectAddrs(ctx, host); err != nil {
				b.Refused, b.Nowhere = err.Error(), errors.Is(err, errNoAddress)
				return b
			}
		}
		addr, others = netip.AddrPortFrom(all[0], n), all[1:]
	}
}

// redirectAddrs returns the addresses of a redirect's host that may be tried, at most maxTried. If none may be tried,
// it returns one whose exchange reports why.
func (s *Session) redirectAddrs(ctx context.Context, host string) ([]netip.Addr, error) {
	found, err := s.HostAddrs(ctx, host)
	switch {
	case errors.Is(err, errNoAddress):
		return nil, fmt.Errorf("the redirect's host %w", err)
	case err != nil:
		return nil, fmt.Errorf("the redirect's host could not be looked up: %w", err)
	}
	may := slices.DeleteFunc(slices.Clone(found), func(a netip.Addr) bool { return s.mayTry(a) != nil })
	if len(may) > 0 {
		return may[:min(len(may), maxTried)], nil
	}
	if !slices.ContainsFunc(found, func(a netip.Addr) bool { return !errors.Is(s.mayTry(a), errNoIPv6) }) {
		return nil, fmt.Errorf("the redirect's host %s has IPv6 addresses only, and %w", host, errNoIPv6)
	}
	return found[:1], nil
}

func redirectTarget(base, location string) (string, error) {
	if len(location) > 2048 {
		return "", errors.New("a redirect to a URL of more than 2048 octets")
	}
	b, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	u, err := b.Parse(location)
	if err != nil {
		return "", errors.New("a redirect to an invalid URL")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("a redirect to %q", u.Scheme)
	}
	if u.Hostname() == "" {
		return "", errors.New("a redirect without a host")
	}
	if !isASCII(u.Host) { // browsers take a name in any script, and ask for it in ASCII
		host, err := idna.Lookup.ToASCII(u.Hostname())
		if err != nil {
			return "", errors.New("a redirect to an invalid host name")
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

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}
