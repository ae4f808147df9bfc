package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/registration"
	"domdoc/checks/probe/transport"
)

// TestRegistryAddresses: a registry's host is found by name, and whoever gives the address, what is not public is not
// dialled.
func TestRegistryAddresses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		a      map[string]string // addresses of the servers, by name; those of the world are replaced
		reason []string
	}{
		{
			name: "RDAP inside", a: map[string]string{"rdap.registry.example": "10.0.0.1"},
			reason: []string{"RDAP at rdap.registry.example was not asked", "10.0.0.1 is not public"},
		},
		{
			name: "the list inside", a: map[string]string{"data.iana.org": "127.0.0.1"},
			reason: []string{"data.iana.org", "127.0.0.1 is not public"},
		},
		{
			name: "WHOIS inside", a: map[string]string{
				"rdap.registry.example":  "192.0.2.200",
				"whois.registry.example": "169.254.169.254",
			},
			reason: []string{"WHOIS at whois.registry.example", "169.254.169.254 is not public"},
		},
		{name: "IANA's WHOIS inside", a: map[string]string{
			"rdap.registry.example": "192.0.2.200",
			"whois.iana.org":        "fd00::1",
		}, reason: []string{"WHOIS at whois.iana.org", "fd00::1 is not public"}},
		{
			name: "RDAP with IPv6 only", a: map[string]string{"rdap.registry.example": "2600::1"},
			reason: []string{"RDAP at rdap.registry.example was not asked", "this machine has no IPv6"},
		},
		{name: "WHOIS with IPv6 only", a: map[string]string{
			"rdap.registry.example":  "192.0.2.200",
			"whois.registry.example": "2600::1",
		}, reason: []string{
			"WHOIS at whois.registry.example",
			"this machine has no IPv6",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newRegistryWorld(t, web(200, "application/json", list), nil, ianaWHOIS, "")
			names := map[string]string{
				"data.iana.org": "192.0.2.101", "whois.iana.org": "192.0.2.103",
				"whois.registry.example": "192.0.2.200",
			}
			for name, addr := range tt.a {
				names[name] = addr
			}
			w.Serve(t, hosts(names), resolverAddr)
			r := w.session(t, Options{}).Registration(t.Context(), "shop.example")
			if r.State != registration.Unknown {
				t.Errorf("%s", r.State)
			}
			for _, part := range tt.reason {
				if !strings.Contains(r.Reason, part) {
					t.Errorf("the reason %q lacks %q", r.Reason, part)
				}
			}
			for _, prefix := range []string{"tcp 10.", "tcp 127.", "tcp 169.", "tcp ["} {
				if n := w.Dialled(prefix); n > 0 {
					t.Errorf("%s was dialled %d times", prefix, n)
				}
			}
		})
	}
}

// TestHostAddrsSources checks which resolvers are queried for the address of a host. The system's resolver is the
// last, and is not used if another has answered that there is none: it may have internal names that were not meant.
func TestHostAddrsSources(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, host string
		resolver   []string // for every question
		system     string   // the system's answer; "" is an error
		want       string
		denied     bool
		asked      string // of the system
	}{
		{name: "an address", host: "192.0.2.7", want: "192.0.2.7"},
		{name: "an address in disguise", host: "::ffff:10.0.0.1", want: "10.0.0.1"},
		{
			name: "the resolver has it", host: "a.example", resolver: []string{"a.example. 300 A 192.0.2.8"},
			system: "192.0.2.9", want: "192.0.2.8",
		},
		{
			name: "the resolver says that there is none", host: "a.example", resolver: []string{"NXDOMAIN"},
			system: "192.0.2.9", denied: true,
		},
		{
			name: "the resolver says that it has no address", host: "a.example", resolver: []string{}, system: "192.0.2.9",
			denied: true,
		},
		{
			name: "the resolver cannot say", host: "a.example", resolver: []string{"SERVFAIL"}, system: "192.0.2.9",
			want: "192.0.2.9", asked: "a.example",
		},
		{name: "nobody can say", host: "a.example", resolver: []string{"REFUSED"}, asked: "a.example"},
		{name: "no resolver", host: "a.example", system: "::ffff:192.0.2.9", want: "192.0.2.9", asked: "a.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			n := probetest.NewNetwork()
			var asked atomic.Value
			l := withSystemResolver{openLive(t, n.Dial), func(host string) ([]netip.Addr, error) {
				asked.Store(host)
				a, err := netip.ParseAddr(tt.system)
				return []netip.Addr{a.Unmap()}, err
			}}
			opt := Options{}
			if tt.resolver != nil {
				n.Serve(t, probetest.Script{"*": tt.resolver}, resolverAddr)
				opt.Resolvers = []exchange.Server{probetest.ServerAt(resolverAddr)}
			}
			got, err := openSession(t, l, opt).HostAddrs(t.Context(), tt.host)
			if tt.want == "" {
				if err == nil || errors.Is(err, errNoAddress) != tt.denied {
					t.Errorf("%v, %v", got, err)
				}
			} else if err != nil || len(got) == 0 || got[0].String() != tt.want {
				t.Errorf("%v, %v", got, err)
			}
			if host, _ := asked.Load().(string); host != tt.asked {
				t.Errorf("the system was asked for %q, want %q", host, tt.asked)
			}
		})
	}
}

// TestSystemIPv6: IPv6 is here only where some interface has a public address of it.
func TestSystemIPv6(t *testing.T) {
	t.Parallel()
	list, err := net.InterfaceAddrs()
	if err != nil {
		t.Skip(err)
	}
	public := false
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is6() && SpecialAddress(p.Addr()) == "" {
			public = true
		}
	}
	if got := systemIPv6(); got && !public {
		t.Errorf("IPv6 is said to be here, and the interfaces have %v", list)
	}
}

// withSystemResolver is a live transport with another resolver in place of the system's.
type withSystemResolver struct {
	*transport.Live
	lookup func(host string) ([]netip.Addr, error)
}

func (w withSystemResolver) LookupHost(_ context.Context, host string) ([]netip.Addr, error) {
	return w.lookup(host)
}
