package probe

import (
	"context"
	"errors"
	"net/netip"
)

// NoNetwork is the transport of a replay: nothing goes out, whatever is asked.
type NoNetwork struct{}

var errNoNetwork = errors.New("a recorded case is replayed, and nothing is asked of the network")

// DNS refuses.
func (NoNetwork) DNS(context.Context, Server, []byte, bool) ([]byte, error) { return nil, errNoNetwork }

// WHOIS refuses.
func (NoNetwork) WHOIS(context.Context, netip.AddrPort, string) ([]byte, error) {
	return nil, errNoNetwork
}

// HTTP refuses.
func (NoNetwork) HTTP(context.Context, HTTPAsk) (*HTTPReply, error) { return nil, errNoNetwork }

// TLS refuses.
func (NoNetwork) TLS(context.Context, netip.AddrPort, string) (*TLSReply, error) {
	return nil, errNoNetwork
}

// LookupHost refuses.
func (NoNetwork) LookupHost(context.Context, string) ([]netip.Addr, error) { return nil, errNoNetwork }
