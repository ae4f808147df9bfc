package transport

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

// TestSystemLookup: without a dialer of its own, a transport may ask the system.
func TestSystemLookup(t *testing.T) {
	t.Parallel()
	if openTransport(t, nil).lookup == nil {
		t.Error("nobody is asked where the resolvers cannot be")
	}
}

// TestClosedTransport: a question that comes while the transport is closed leaves no socket behind (TestMain looks
// for what is left).
func TestClosedTransport(t *testing.T) {
	t.Parallel()
	l := openTransport(t, nil)
	l.Close()
	wire, _, _ := exchange.PackQuestion("shop.example", dns.TypeA, exchange.FlagRD, true)
	_, err := l.DNS(t.Context(), probetest.ServerAt("127.0.0.1"), wire, false)
	if o, why := Outcome(err); o != exchange.NotAsked || len(l.muxes) > 0 {
		t.Errorf("outcome %s (%s), %d muxes", o, why, len(l.muxes))
	}
}

// TestMuxesAreBounded: a fleet asks thousands of servers, and sockets are few.
func TestMuxesAreBounded(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(probetest.EchoReply(q, 0)) })
	l := openTransport(t, func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, addr.String())
	})
	wire, _, _ := exchange.PackQuestion("shop.example", dns.TypeA, exchange.FlagRD, true)
	for i := range maxMuxes + 20 {
		to := probetest.ServerAt(netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}).String())
		if _, err := l.DNS(t.Context(), to, append([]byte(nil), wire...), false); err != nil {
			t.Fatal(err)
		}
		l.mu.Lock()
		l.muxes[muxKey{addr: to.Addr}].used.Store(time.Now().Add(-2 * muxIdle).UnixNano()) // as if it were long ago
		l.mu.Unlock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.muxes); n > maxMuxes {
		t.Errorf("%d muxes are open", n)
	}
}

// TestSystemLookupTakesNamesAsTheyAre: the system's resolver is asked without its search list, and mapped addresses
// are unmapped.
func TestSystemLookupTakesNamesAsTheyAre(t *testing.T) {
	t.Parallel()
	l := openTransport(t, nil)
	l.lookup = func(_ context.Context, _, host string) ([]netip.Addr, error) {
		if host != "a.example." {
			t.Errorf("the system was asked for %q", host)
		}
		return []netip.Addr{netip.MustParseAddr("::ffff:192.0.2.9")}, nil
	}
	for _, host := range []string{"a.example", "a.example."} {
		got, err := l.LookupHost(t.Context(), host)
		if err != nil || len(got) != 1 || got[0].String() != "192.0.2.9" {
			t.Errorf("%v, %v", got, err)
		}
	}
}

func openTransport(t testing.TB, dial func(context.Context, string, string) (net.Conn, error)) *Live {
	t.Helper()
	l := NewLive(dial, nil)
	t.Cleanup(l.Close)
	return l
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRoundTrips requires a round trip for every protocol.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for _, p := range exchange.Protos() {
		if int(p) >= len(roundTrips) || roundTrips[p] == nil {
			t.Errorf("%s is missing from roundTrips in live.go", p)
		}
	}
}
