package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"domdoc/checks/probe/exchange"
)

// mayTry returns an error if an address must not or cannot be tried from here: it is not public, or this machine has
// no IPv6. Neither is the host's fault.
func (s *Session) mayTry(a netip.Addr) error {
	if err := s.Dialable(a); err != nil {
		return err
	}
	if a.Is6() && !s.ipv6() {
		return errNoIPv6
	}
	return nil
}

var errNoIPv6 = errors.New("this machine has no IPv6")

// reach connects to one address. It is the only way from a session to a server other than a DNS server. An address
// that may not be tried is never dialed, no matter where it comes from. An unanswered connection counts for the
// scopes.
func (s *Session) reach(ctx context.Context, x *exchange.Exchange, what string, addr netip.AddrPort, scopes []scope,
	ask func() error,
) {
	x.Addr = addr
	if err := s.mayTry(addr.Addr()); err != nil {
		x.Outcome, x.Err = exchange.NotAsked, err.Error()
		return
	}
	start := time.Now()
	s.withRateLimit(ctx, x, what+" "+addr.String(), scopes, ask)
	x.Took += time.Since(start)
}

// hostScope is the scope of an unanswered request to a web server: an edge that hangs for one host serves others.
func hostScope(host string) []scope { return []scope{{key: scopeKey{name: host}}} }

// registryScopes are the scopes of an unanswered query to a registry's server: the query itself, since a registry may
// drop the queries about one name or wait for another server, and the whole server only if the control question fails
// too.
func registryScopes(asked, control string, ask func(ctx context.Context) bool) []scope {
	return []scope{{name: control, control: ask}, {key: scopeKey{name: "asked " + asked}}}
}

// maxTried is the maximum number of addresses of one host that are tried in turn.
const maxTried = 3

// reachHost tries the addresses of the exchange's host until one answers.
func (s *Session) reachHost(ctx context.Context, x *exchange.Exchange, port string,
	try func(addr netip.AddrPort) (answered bool),
) {
	n, err := portNumber(port)
	if err != nil {
		x.Outcome, x.Err = exchange.NotAsked, err.Error()
		return
	}
	found, err := s.HostAddrs(ctx, x.Host)
	if err != nil {
		x.Outcome, x.Err = exchange.NotAsked, err.Error()
		if errors.Is(err, errNoAddress) {
			x.Outcome = exchange.Unreachable
		}
		return
	}
	tried := 0
	for _, a := range found {
		if err := s.mayTry(a); err != nil {
			if tried == 0 {
				x.Outcome, x.Err = exchange.NotAsked, "its address was not tried: "+err.Error()
			}
			continue
		}
		if tried++; tried > maxTried || try(netip.AddrPortFrom(a, n)) {
			return
		}
	}
}

// errNoAddress is for a name without an address, as opposed to one that could not be looked up.
var errNoAddress = errors.New("has no address")

// HostAddrs looks up a host that domdoc itself needs (a registry's server): at the resolvers, and at the system's
// resolver if none of them answers.
func (s *Session) HostAddrs(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	servers := s.opt.Resolvers
	if i := slices.IndexFunc(servers, func(r exchange.Server) bool {
		return r.URL != "" && exchange.URLHost(r.URL) == host
	}); i >= 0 {
		servers = servers[:i] // a resolver cannot be used to find itself
	}
	type answer struct {
		addrs  []netip.Addr
		denied bool
	}
	list := inTurn(servers, func(r exchange.Server) (answer, bool) {
		v4, v6 := both(s, func() *exchange.Exchange { return s.Resolve(ctx, r, host, typeA) }, func() *exchange.Exchange {
			return s.Resolve(ctx, r, host, typeAAAA)
		})
		all := append(exchange.Addrs(v4), exchange.Addrs(v6)...)
		return answer{all, v4.Outcome.Conclusive() && v6.Outcome.Conclusive()}, len(all) > 0
	})
	for _, a := range list {
		if len(a.addrs) > 0 {
			return a.addrs, nil
		}
	}
	if slices.ContainsFunc(list, func(a answer) bool { return a.denied }) {
		return nil, fmt.Errorf("%s %w", host, errNoAddress)
	}
	all, err := s.lookupHost(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("finding the address of %s: %w", host, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s %w", host, errNoAddress)
	}
	return all, nil
}

// lookupHost asks the system's resolver, or the recording when replaying.
func (s *Session) lookupHost(ctx context.Context, host string) ([]netip.Addr, error) {
	if t := s.opt.Replay; t != nil {
		return t.FindHost(host)
	}
	all, err := s.wire.LookupHost(ctx, host)
	if t := s.opt.Record; t != nil && ctx.Err() == nil {
		t.AddHost(host, all, err)
	}
	return all, err
}

func portNumber(port string) (uint16, error) {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is not a port", port)
	}
	return uint16(n), nil
}

// systemIPv6 reports whether the system has a route to the IPv6 Internet and a public source address: many virtual
// networks have routes but only private addresses (RFC 4193). It sends nothing.
func systemIPv6() bool {
	conn, err := net.Dial("udp6", "[2001:4860:4860::8888]:53")
	if err != nil {
		return false
	}
	defer conn.Close()
	from, ok := conn.LocalAddr().(*net.UDPAddr)
	return ok && SpecialAddress(from.AddrPort().Addr()) == ""
}
