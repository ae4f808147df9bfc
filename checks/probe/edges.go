package probe

import (
	"net/netip"
	"time"

	"domdoc/checks/probe/exchange"
)

// servedFor is how long an address counts as serving after a handshake: about as long as one that hangs takes.
const servedFor = 10 * time.Second

// maxServed bounds the addresses that are remembered.
const maxServed = 1 << 12

// served is the last handshake at an address that showed a host its valid certificate.
type served struct {
	at   time.Time
	host string
}

// NoteServed remembers that a handshake showed a host its valid certificate, or forgets the address if it did not.
func (s *Session) NoteServed(x *exchange.Exchange, host string, valid bool) {
	k := s.keeper(exchange.KindTLS)
	if k.opt.Replay != nil { // what was left out is on the recording
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch last, known := k.served[x.Addr]; {
	case !valid:
		delete(k.served, x.Addr)
		return
	case known && last.at.After(x.At):
		return
	}
	if k.served == nil || len(k.served) >= maxServed {
		k.served = map[netip.AddrPort]served{}
	}
	k.served[x.Addr] = served{x.At, host}
}

// JustServed reports whether an address has just shown another host its valid certificate.
func (s *Session) JustServed(addr netip.AddrPort, host string) bool {
	k := s.keeper(exchange.KindTLS)
	k.mu.Lock()
	last, known := k.served[addr]
	k.mu.Unlock()
	return known && last.host != host && s.Now().Sub(last.at) < servedFor
}

// SpareHandshake returns the exchange that stands for a handshake with an address of which JustServed is true and that
// serves all hosts as others do that were asked. The handshake can still be made.
func (s *Session) SpareHandshake(addr netip.AddrPort, host string) *exchange.Exchange {
	x := handshakeOf(addr, host)
	x.At, x.Outcome, x.Err = s.Now(), exchange.NotAsked, spared
	if t := s.keeper(exchange.KindTLS).opt.Record; t != nil {
		t.Add(handshakeKey(addr, host), &x, nil)
	}
	return &x
}

const spared = "it has just served another domain, and all addresses of this edge serve the same domains"

// Spared reports whether an exchange is one of SpareHandshake.
func Spared(x *exchange.Exchange) bool { return x.Outcome == exchange.NotAsked && x.Err == spared }

func handshakeOf(addr netip.AddrPort, host string) exchange.Exchange {
	return exchange.Exchange{Kind: exchange.KindTLS, Addr: addr, Transport: "tls", Asked: "handshake for " + host}
}

func handshakeKey(addr netip.AddrPort, host string) exchange.QueryKey {
	return exchange.QueryKey{Kind: exchange.KindTLS, Server: addr.String(), Asked: "handshake for " + host}
}
