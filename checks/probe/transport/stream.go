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

// stream is a connection that ends with its context: what reads or writes then fails at once, whatever deadlines
// others set.
type stream struct {
	net.Conn // what is read and written: over TLS where secure was called
	// the connection under it; it is never replaced, since the context's end reaches for it at any moment
	raw  net.Conn
	stop func() bool
}

// openStream connects by TCP. Close the stream.
func (l *Live) openStream(ctx context.Context, addr netip.AddrPort) (*stream, error) {
	raw, err := l.dial(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	return &stream{Conn: raw, raw: raw, stop: stop}, nil
}

// secure makes a TLS handshake; from then on the stream is read and written over TLS.
func (c *stream) secure(ctx context.Context, cfg *tls.Config) (tls.ConnectionState, error) {
	tc := tls.Client(c.raw, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		return tls.ConnectionState{}, streamError(ctx, err)
	}
	c.Conn = tc
	return tc.ConnectionState(), nil
}

// Close ends the connection. A peer over TLS is not told: we have what we came for, and it may not be reading.
func (c *stream) Close() error {
	c.stop()
	return c.raw.Close()
}

// SetDeadline, SetReadDeadline and SetWriteDeadline do nothing: the bound is the context's, and a deadline that is
// set at the moment at which the context ends would undo it.
func (c *stream) SetDeadline(time.Time) error      { return nil }
func (c *stream) SetReadDeadline(time.Time) error  { return nil }
func (c *stream) SetWriteDeadline(time.Time) error { return nil }

// invalidReply is an answer that came and cannot be one: whoever sent it is there.
type invalidReply struct{ error }

func (u invalidReply) Unwrap() error { return u.error }

// Is makes it an outcome of its own (see netOutcome).
func (u invalidReply) Is(target error) bool { return target == ErrMismatch }

// streamError tells what went wrong on a connection: our own end, the network's failure, or something that the peer
// said and that cannot be an answer.
func streamError(ctx context.Context, err error) error {
	var op *net.OpError
	var ne net.Error
	switch {
	case ctx.Err() != nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ctxError(ctx, err)
	// an alert of TLS is no failure of the network
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		return invalidReply{op.Err}
	case errors.As(err, &ne):
		return err
	}
	return invalidReply{err}
}

// errTooLong ends what is read of a peer that does not end by itself.
var errTooLong = errors.New("it is longer than anything that is read here")

// boundedReader reads no more than so many octets, and remembers why reading ended: a parser takes a connection that
// breaks off for nonsense, or for the end.
type boundedReader struct {
	r    io.Reader
	left int
	err  error // why reading ended; io.EOF where the peer ended it
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

// interrupted is why what was read is not whole, after a parser failed with err; nil where the peer itself had come
// to its end, or to nonsense.
func (m *boundedReader) interrupted() error {
	if m.err == nil || errors.Is(m.err, io.EOF) {
		return nil
	}
	return m.err
}
