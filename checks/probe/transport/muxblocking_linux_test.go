package transport

import (
	"context"
	"net"
	"testing"

	"domdoc/checks/probe/probetest"

	"golang.org/x/net/ipv4"
)

// TestBlockingConnWithoutAddresses: no address is made for a datagram that a sweep reads, see SetLinger.
func TestBlockingConnWithoutAddresses(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) { send(q) })
	conn, err := (&net.Dialer{}).DialContext(context.Background(), "udp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	s := &muxSocket{}
	s.moveBatches(conn.(*net.UDPConn), true)
	defer s.conn.Close()
	ms := []ipv4.Message{{Buffers: [][]byte{[]byte("hello")}}}
	if n, err := s.batch.WriteBatch(ms, 0); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	n := 0
	for ticks := 0; n == 0 && ticks < 1000; ticks++ {
		n, _ = s.batch.ReadBatch(ms, s.flags)
	}
	if n != 1 || ms[0].Addr != nil || ms[0].N != 5 {
		t.Errorf("%d datagrams, of %d octets from %v", n, ms[0].N, ms[0].Addr)
	}
}
