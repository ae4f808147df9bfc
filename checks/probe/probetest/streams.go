package probetest

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// ServeTCP starts a TCP server on loopback; if truncates is set, beside a UDP server on the same port that truncates
// every answer.
func ServeTCP(t testing.TB, truncates bool, handle func(net.Conn)) netip.AddrPort {
	t.Helper()
	addr := netip.MustParseAddrPort("127.0.0.1:0")
	if truncates {
		addr = ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
			b := EchoReply(q, 0)
			b[2] |= 2
			send(b)
		})
	}
	l, err := net.Listen("tcp", addr.String())
	if err != nil {
		t.Skip("the port is taken for TCP: ", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go handle(conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return netip.MustParseAddrPort(l.Addr().String())
}

// ReadFramed reads a DNS message that came over a stream.
func ReadFramed(conn net.Conn) []byte {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil
	}
	q := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, q); err != nil {
		return nil
	}
	return q
}

// Framed puts a length before a message.
func Framed(length int, b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(length)), b...)
}

// ServeHTTP answers each connection with what the handler writes, after the request's header was read.
func ServeHTTP(t testing.TB, handle func(net.Conn)) netip.AddrPort {
	t.Helper()
	return ServeTCP(t, false, func(c net.Conn) {
		defer c.Close()
		ReadHeader(c)
		handle(c)
	})
}

// ReadHeader reads the header of an HTTP request.
func ReadHeader(c net.Conn) string {
	var b strings.Builder
	one := make([]byte, 1)
	for !strings.HasSuffix(b.String(), "\r\n\r\n") {
		if _, err := c.Read(one); err != nil {
			break
		}
		b.Write(one)
	}
	return b.String()
}

// Writes returns a handler that writes s.
func Writes(s string) func(net.Conn) {
	return func(c net.Conn) { _, _ = io.WriteString(c, s) }
}

// ServeWHOIS starts a WHOIS server: it reads a line and writes what the handler does.
func ServeWHOIS(t testing.TB, handle func(query string, c *net.TCPConn)) netip.AddrPort {
	t.Helper()
	return ServeTCP(t, false, func(c net.Conn) {
		defer c.Close()
		q, err := bufio.NewReader(c).ReadString('\n')
		if err == nil {
			handle(q, c.(*net.TCPConn))
		}
	})
}

// WritesWHOIS returns a WHOIS handler that writes s.
func WritesWHOIS(s string) func(string, *net.TCPConn) {
	return func(_ string, c *net.TCPConn) { _, _ = io.WriteString(c, s) }
}
