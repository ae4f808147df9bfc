package transport

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/netip"

	"domdoc/checks/probe/exchange"
)

// TLS implements probe.Transport.
func (l *Live) TLS(ctx context.Context, addr netip.AddrPort, host string) (*exchange.TLSReply, error) {
	return unlessBusy(ctx, &l.stalls, func() (*exchange.TLSReply, error) { return l.handshake(ctx, addr, host) },
		func(r *exchange.TLSReply) bool { return r.Failed == "" || ctx.Err() == nil && r.Failed != closedByPeer })
}

func (l *Live) handshake(ctx context.Context, addr netip.AddrPort, host string) (*exchange.TLSReply, error) {
	with := peer{addr: addr, host: host}
	shared, end := l.kept.join(ctx, with)
	if shared != nil {
		return shared, nil
	}
	var reply *exchange.TLSReply
	defer func() { end(reply) }()
	c, err := l.openStream(ctx, addr)
	if err != nil {
		return nil, err
	}
	state, err := c.secure(ctx, tlsConfig(host))
	if err == nil && c.release() {
		reply = replyOf(state)
		l.kept.put(with, c, keptHandshake) // for the request for the page
		return reply, nil
	}
	defer c.Close()
	switch {
	case err == nil:
		return replyOf(state), nil
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err() // the run has ended, which says nothing about the host
	case ctx.Err() != nil:
		return &exchange.TLSReply{Connected: true, Failed: "the handshake timed out"}, nil
	}
	return &exchange.TLSReply{Connected: true, Failed: plainNetError(err)}, nil
}

// tlsConfig accepts any certificate: it is verified later and reported, instead of failing the connection.
func tlsConfig(host string) *tls.Config {
	return &tls.Config{
		ServerName: host, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, CurvePreferences: curves,
	}
}

// curves are the groups offered for the key exchange. A hybrid with ML-KEM costs more than the rest of a handshake
// and would protect nothing: what is read here is public.
var curves = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}

// HTTP implements probe.Transport.
func (l *Live) HTTP(ctx context.Context, ask exchange.HTTPAsk) (*exchange.HTTPReply, error) {
	return unlessBusy(ctx, &l.stalls, func() (*exchange.HTTPReply, error) { return l.request(ctx, ask) },
		func(r *exchange.HTTPReply) bool { return !r.Broken })
}

func (l *Live) request(ctx context.Context, ask exchange.HTTPAsk) (*exchange.HTTPReply, error) {
	for {
		req, err := newRequest(ctx, ask)
		if err != nil {
			return nil, err
		}
		c, again, err := l.connect(ctx, ask)
		if err != nil {
			return nil, err
		}
		reply, err := l.send(ctx, c, req, ask)
		if err != nil && again && !c.answered && ctx.Err() == nil {
			continue // the server had closed the idle connection
		}
		return reply, err
	}
}

func newRequest(ctx context.Context, ask exchange.HTTPAsk) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, ask.Method, ask.URL, bytes.NewReader(ask.Body))
	if err != nil {
		return nil, err
	}
	for k, v := range ask.Header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", UserAgent)
	if !ask.Verify { // a registry is asked about many names
		req.Header.Set("Connection", "close")
	}
	return req, nil
}

// connect returns a connection for a request. kept means that it was open already, and may have been closed by the
// server.
func (l *Live) connect(ctx context.Context, ask exchange.HTTPAsk) (c *stream, kept bool, err error) {
	if exchange.URLScheme(ask.URL) != "https" {
		c, err = l.openStream(ctx, ask.Addr)
		return c, false, err
	}
	with := peerOf(ask)
	end := func(*exchange.TLSReply) {}
	if !ask.Verify {
		_, end = l.kept.join(ctx, with) // the handshake of the certificate's check leaves its connection open
	}
	var shown *exchange.TLSReply
	defer func() { end(shown) }()
	if c := l.kept.take(ctx, with); c != nil {
		return c, true, nil
	}
	if c, err = l.openStream(ctx, ask.Addr); err != nil {
		return nil, false, err
	}
	cfg := tlsConfig(with.host)
	if ask.Verify {
		cfg.InsecureSkipVerify, cfg.RootCAs, cfg.MinVersion, cfg.Time = false, l.roots, tls.VersionTLS12, l.now
	}
	state, err := c.secure(ctx, cfg)
	if err != nil {
		_ = c.Close()
		return nil, false, err
	}
	shown = replyOf(state)
	return c, false, nil
}

func peerOf(ask exchange.HTTPAsk) peer {
	return peer{addr: ask.Addr, host: exchange.URLHost(ask.URL), verified: ask.Verify}
}

// send makes a request on a connection, and keeps that of a registry open if it can be used again.
func (l *Live) send(ctx context.Context, c *stream, req *http.Request, ask exchange.HTTPAsk) (*exchange.HTTPReply,
	error,
) {
	if err := l.write(c, req); err != nil {
		_ = c.Close()
		return nil, streamError(ctx, err)
	}
	reply, reusable, err := l.readHTTP(ctx, c, req, ask)
	if reusable && ask.Verify && exchange.URLScheme(ask.URL) == "https" && c.release() {
		l.kept.put(peerOf(ask), c, keptRegistry)
		return reply, err
	}
	_ = c.Close()
	return reply, err
}

// write writes a request at once.
func (l *Live) write(c io.Writer, req *http.Request) error {
	text, ok := l.writers.Get().(*bytes.Buffer)
	if !ok {
		text = new(bytes.Buffer)
	}
	text.Reset()
	defer l.writers.Put(text)
	if err := req.Write(text); err != nil {
		return err
	}
	_, err := c.Write(text.Bytes())
	return err
}

// readHTTP reads the response: its header up to maxHeader octets, its body up to the limit. reusable means that the
// connection can carry another request.
func (l *Live) readHTTP(ctx context.Context, c io.Reader, req *http.Request,
	ask exchange.HTTPAsk) (reply *exchange.HTTPReply,
	reusable bool, err error,
) {
	in := &boundedReader{r: c, left: maxHeader}
	br, ok := l.readers.Get().(*bufio.Reader)
	if !ok {
		br = bufio.NewReader(nil)
	}
	br.Reset(in)
	defer func() { // the body was read as far as it is needed
		br.Reset(nil)
		l.readers.Put(br)
	}()
	resp, err := http.ReadResponse(br, req)
	// interim answers (RFC 9110 15.2) are skipped
	for err == nil && resp.StatusCode < 200 && resp.StatusCode != http.StatusSwitchingProtocols {
		resp, err = http.ReadResponse(br, req)
	}
	if err != nil {
		switch off := in.interrupted(); {
		case errors.Is(off, errTooLong):
			return nil, false, invalidReply{errors.New("its header is too long")}
		case off != nil:
			return nil, false, streamError(ctx, off)
		}
		return nil, false, streamError(ctx, err)
	}
	in.left = int(ask.Limit) + maxHeader // in addition to the body: the chunk headers
	// The body is not closed: that would read the rest of it. The connection ends instead.
	body, err := io.ReadAll(io.LimitReader(resp.Body, ask.Limit+1))
	r := &exchange.HTTPReply{Status: resp.StatusCode, Header: resp.Header, Body: body, Address: ask.Addr.String()}
	switch {
	case int64(len(body)) > ask.Limit:
		r.Body, r.Cut = body[:ask.Limit], true
	case err == nil:
		reusable = !resp.Close && br.Buffered() == 0 && resp.StatusCode != http.StatusSwitchingProtocols
	case errors.Is(in.err, errTooLong):
		r.Cut = true
	case len(body) == 0 && resp.ContentLength > 0:
		return nil, false, streamError(ctx, err)
	default:
		r.Broken = true
	}
	return r, reusable, nil
}

// UserAgent is the User-Agent header sent to web servers.
const UserAgent = "domdoc (domain diagnosis)"

// Limits on what is read.
const (
	maxHeader = 64 << 10 // octets of a header
	MaxChain  = 16       // certificates of a handshake that are kept
)
