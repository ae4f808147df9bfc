package observe

import (
	"net/netip"

	"domdoc/checks/probe/exchange"
)

// controlHost is a host that has nothing to do with any tenant, and is known to be well: what fails there as at the
// domain is this network's doing.
const ControlHost = "data.iana.org"

// control makes a handshake with the control host, by the given kind of address. Nil where it has no address of this
// kind, or none could be found.
func (f *Observations) ControlHandshake(v6 bool) *exchange.Exchange {
	addrs, err := f.Session.HostAddrs(f.Ctx, ControlHost)
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		if a.Is6() == v6 {
			return f.Session.Handshake(f.Ctx, netip.AddrPortFrom(a, 443), ControlHost)
		}
	}
	return nil
}

// cutOff reports whether no web server can be reached from here by an address of this kind: the control host does not
// answer either.
func (f *Observations) FamilyUnreachable(a netip.Addr) (*exchange.Exchange, bool) {
	x := f.ControlHandshake(a.Is6())
	if x == nil || x.Outcome == exchange.NotAsked {
		return nil, false
	}
	return x, x.TLS == nil || !x.TLS.Connected
}
