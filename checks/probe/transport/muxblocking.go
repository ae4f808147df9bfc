//go:build !linux

package transport

import "net"

// withoutPoller returns the connection: only Linux has batches of datagrams, for which it pays not to poll.
func withoutPoller(conn *net.UDPConn) (muxConn, int) { return conn, 0 }
