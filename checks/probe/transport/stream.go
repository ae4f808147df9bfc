package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"
)

// stream is a connection that is cut off when its context ends, whatever deadlines are set on it.
type stream struct {
	net.Conn // reads and writes go here: to TLS once secure was called
	// the connection below; it is never replaced, since the end of the context closes it at any moment
	raw      net.Conn
	stop     func() bool
	answered bool // something was read since it was opened or taken
}

func (c *stream) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.answered = c.answered || n > 0
	return n, err
}

// openStream connects by TCP. Close the stream.
func (l *Live) openStream(ctx context.Context, addr netip.AddrPort) (*stream, error) {
	raw, err := l.dial(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}
	c := &stream{Conn: raw, raw: raw}
	c.watch(ctx)
	return c, nil
}

// secure makes a TLS handshake; from then on the stream is read and written over TLS.
func (c *stream) secure(ctx context.Context, cfg *tls.Config) (tls.ConnectionState, error) {
	tc := tls.Client(c.raw, cfg)
	if err := tc.Handshake(); err != nil { // it ends with ctx, since the stream does
		return tls.ConnectionState{}, streamError(ctx, err)
	}
	c.Conn = tc
	return tc.ConnectionState(), nil
}

// Close closes the connection, without TLS's close_notify: the peer may not be reading.
func (c *stream) Close() error {
	c.stop()
	return c.raw.Close()
}

// SetDeadline, SetReadDeadline and SetWriteDeadline do nothing: the context sets the bound, and a deadline set when
// the context ends would undo it.
func (c *stream) SetDeadline(time.Time) error      { return nil }
func (c *stream) SetReadDeadline(time.Time) error  { return nil }
func (c *stream) SetWriteDeadline(time.Time) error { return nil }

// invalidReply is the error for an answer that cannot be one; the peer is reachable.
type invalidReply struct{ error }

func (u invalidReply) Unwrap() error { return u.error }

// Is makes Outcome report it as malformed.
func (u invalidReply) Is(target error) bool { return target == ErrMismatch }

// streamError classifies an error on a connection: the end of our context, a network failure, or an invalid reply.
func streamError(ctx context.Context, err error) error {
	var op *net.OpError
	var ne net.Error
	switch {
	case ctx.Err() != nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ctxError(ctx, err)
	// a TLS alert is not a failure of the network
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		return invalidReply{op.Err}
	case errors.As(err, &ne):
		return err
	}
	return invalidReply{err}
}

// errTooLong is for a reply beyond the limit.
var errTooLong = errors.New("it is too long")

// boundedReader reads a limited number of octets and keeps the reason why reading ended: parsers report a broken
// connection as invalid data, or as the end.
type boundedReader struct {
	r    io.Reader
	left int
	err  error // why reading ended; io.EOF if the peer ended it
}

func (m *boundedReader) Read(b []byte) (int, error) {
	if m.left <= 0 {
		m.err = errTooLong
		return 0, m.err
	}
	n, err := m.r.Read(b[:min(len(b), m.left)])
	m.left -= n
	if err != nil {
		m.err = err
	}
	return n, err
}

// interrupted returns why the connection broke off, after a parser failed; nil if the peer ended the stream itself.
func (m *boundedReader) interrupted() error {
	if m.err == nil || errors.Is(m.err, io.EOF) {
		return nil
	}
	return m.err
}
