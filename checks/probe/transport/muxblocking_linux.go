package transport

import (
	"net"
	"os"
	"syscall"
	"time"
)

// blockingConn is a UDP socket that the runtime does not poll: a system call waits by itself, for muxTick at most. The
// kernel otherwise wakes the poller for each datagram that it has delivered, a sixth of the time of a sweep. Deadlines
// have no effect: it is for a reader that looks at them with each tick.
type blockingConn struct {
	*net.UDPConn // closed; package ipv4 wants its methods and calls none
	file         *os.File
	raw          syscall.RawConn
}

// waitForOne is MSG_WAITFORONE (recvmmsg(2)): return what is there once there is one datagram.
const waitForOne = 0x10000

// withoutPoller returns a connection that stands in for conn, which it closes; conn itself where that fails.
func withoutPoller(conn *net.UDPConn) (muxConn, int) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return conn, 0
	}
	fd, failed := -1, error(nil)
	if err := raw.Control(func(own uintptr) {
		n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, own, syscall.F_DUPFD_CLOEXEC, 0)
		if errno != 0 {
			failed = errno
			return
		}
		tick := syscall.NsecToTimeval(int64(muxTick))
		fd = int(n)
		failed = syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &tick)
	}); err != nil || failed != nil {
		if fd >= 0 {
			_ = syscall.Close(fd)
		}
		return conn, 0
	}
	_ = syscall.SetNonblock(fd, false)
	c := &blockingConn{UDPConn: conn, file: os.NewFile(uintptr(fd), "udp")}
	if c.raw, err = c.file.SyscallConn(); err != nil {
		_ = c.file.Close()
		return conn, 0
	}
	_ = conn.Close() // ends its registration with the poller
	return c, waitForOne
}

// SyscallConn is for package ipv4.
func (c *blockingConn) SyscallConn() (syscall.RawConn, error) { return blockingCalls{c}, nil }

// SetLinger is never called. Package ipv4 takes a socket that has it for one of TCP, and then makes no address for each
// datagram. None is needed: the socket is connected, and the kernel drops what others send to it.
func (c *blockingConn) SetLinger(int) error { return nil }

// SetReadDeadline does nothing.
func (c *blockingConn) SetReadDeadline(time.Time) error { return nil }

// Close closes the socket once no system call uses it.
func (c *blockingConn) Close() error { return c.file.Close() }

// Write sends a datagram.
func (c *blockingConn) Write(b []byte) (n int, err error) { return c.file.Write(b) }

// blockingCalls makes system calls of a blockingConn.
type blockingCalls struct{ c *blockingConn }

// Control calls f with the descriptor, which is not closed meanwhile.
func (b blockingCalls) Control(f func(fd uintptr)) error {
	if b.c.raw.Control(f) != nil {
		return net.ErrClosed
	}
	return nil
}

// Read calls f, which returns false once the time of a tick is over.
func (b blockingCalls) Read(f func(fd uintptr) bool) error {
	done := false
	if err := b.Control(func(fd uintptr) { done = f(fd) }); err != nil {
		return err
	}
	if !done {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// Write calls f, which waits for room by itself.
func (b blockingCalls) Write(f func(fd uintptr) bool) error { return b.Read(f) }
