package observe

import (
	"net/netip"

	"domdoc/checks/probe/exchange"
)

// ControlHost is a host unrelated to any tenant that is known to work: what fails there as well as at the domain is
// the fault of this network.
const ControlHost = "data.iana.org"

// ControlHandshake makes a TLS handshake with the control host over IPv4 or IPv6. It is nil if the host has no such
// address, or could not be resolved.
func (f *Observations) ControlHandshake(v6 bool) *exchange.Exchange {
	addrs, err := f.Session.HostAddrs(f.ctx, ControlHost)
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		if a.Is6() == v6 {
			return f.Session.Handshake(f.ctx, netip.AddrPortFrom(a, 443), ControlHost)
		}
	}
	return nil
}

// FamilyUnreachable reports whether no web server can be reached from here over the address family of a: the control
// host does not answer over it either.
func (f *Observations) FamilyUnreachable(a netip.Addr) (*exchange.Exchange, bool) {
	x := f.ControlHandshake(a.Is6())
	if x == nil || x.Outcome == exchange.NotAsked {
		return nil, false
	}
	return x, x.TLS == nil || !x.TLS.Connected
}
