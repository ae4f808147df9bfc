package probe

import (
	"crypto/tls"
	"net"
	"net/netip"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/recording"
	"domdoc/checks/probe/transport"
)

// TestJustServed: an address is known to serve for a while after it did, to other hosts, until it fails once.
func TestJustServed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := openSession(t, transport.NoNetwork{}, Options{Now: func() time.Time { return now }})
	addr := netip.MustParseAddrPort("192.0.2.1:443")
	note := func(host string, valid bool) {
		x := handshakeOf(addr, host)
		x.At = now
		s.NoteServed(&x, host, valid)
	}
	expect := func(when, host string, want bool) {
		t.Helper()
		if s.JustServed(addr, host) != want {
			t.Errorf("%s: %v for %s, want %v", when, !want, host, want)
		}
	}
	expect("at first", "a.example", false)
	note("a.example", true)
	expect("after a.example", "b.example", true)
	expect("after a.example", "a.example", false)
	now = now.Add(servedFor)
	expect("a while later", "b.example", false)
	note("a.example", true)
	note("b.example", false)
	expect("after a failure", "c.example", false)
	note("c.example", true)
	expect("after a success", "b.example", true)
}

// TestSpareHandshake: a handshake that was left out is on the recording, until it is made.
func TestSpareHandshake(t *testing.T) {
	t.Parallel()
	ca := probetest.NewCA(t)
	cfg := ca.Good(t, "shop.example")
	addr := probetest.ServeTCP(t, false, func(c net.Conn) {
		defer c.Close()
		_ = tls.Server(c, cfg).Handshake()
	})
	rec := recording.New(nil)
	wire := transport.NewLive(nil, ca.Pool)
	t.Cleanup(wire.Close)
	s := openSession(t, wire, Options{Record: rec, TrustedRoots: ca.Pool, AllowPrivate: true})
	replayed := func() *exchange.Exchange {
		r := openSession(t, transport.NoNetwork{}, Options{Replay: rec})
		return r.Handshake(t.Context(), addr, "shop.example")
	}
	if x := s.SpareHandshake(addr, "shop.example"); !Spared(x) || !Spared(replayed()) {
		t.Errorf("it was left out, and is replayed as %+v", replayed())
	}
	if x := s.Handshake(t.Context(), addr, "shop.example"); x.TLS == nil || replayed() != x {
		t.Errorf("it was made (%+v), and is replayed as %+v", x, replayed())
	}
}
