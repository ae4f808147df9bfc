package transport

import (
	"context"
	"errors"
	"net/netip"

	"domdoc/checks/probe/exchange"
)

// NoNetwork is the transport of a replay: every operation fails.
type NoNetwork struct{}

var errNoNetwork = errors.New("replaying a recorded case: no network access")

// DNS refuses.
func (NoNetwork) DNS(context.Context, exchange.Server, []byte, bool) ([]byte, error) {
	return nil, errNoNetwork
}

// WHOIS refuses.
func (NoNetwork) WHOIS(context.Context, netip.AddrPort, string) ([]byte, error) {
	return nil, errNoNetwork
}

// HTTP refuses.
func (NoNetwork) HTTP(context.Context, exchange.HTTPAsk) (*exchange.HTTPReply, error) {
	return nil, errNoNetwork
}

// TLS refuses.
func (NoNetwork) TLS(context.Context, netip.AddrPort, string) (*exchange.TLSReply, error) {
	return nil, errNoNetwork
}

// LookupHost refuses.
func (NoNetwork) LookupHost(context.Context, string) ([]netip.Addr, error) { return nil, errNoNetwork }
