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
	c, err := l.openStream(ctx, addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	state, err := c.secure(ctx, tlsConfig(host))
	switch {
	case err == nil:
		return &exchange.TLSReply{
			Connected: true, Version: state.Version,
			Chain: state.PeerCertificates[:min(len(state.PeerCertificates), MaxChain)],
		}, nil
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err() // the run has ended, which says nothing about the host
	case ctx.Err() != nil:
		return &exchange.TLSReply{Connected: true, Failed: "the handshake timed out"}, nil
	}
	return &exchange.TLSReply{Connected: true, Failed: plainNetError(err)}, nil
}

// tlsConfig accepts any certificate: it is verified later and reported, instead of failing the connection.
func tlsConfig(host string) *tls.Config {
	return &tls.Config{ServerName: host, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}
}

// HTTP implements probe.Transport.
func (l *Live) HTTP(ctx context.Context, ask exchange.HTTPAsk) (*exchange.HTTPReply, error) {
	return unlessBusy(ctx, &l.stalls, func() (*exchange.HTTPReply, error) { return l.request(ctx, ask) },
		func(r *exchange.HTTPReply) bool { return !r.Broken })
}

func (l *Live) request(ctx context.Context, ask exchange.HTTPAsk) (*exchange.HTTPReply, error) {
	req, err := http.NewRequestWithContext(ctx, ask.Method, ask.URL, bytes.NewReader(ask.Body))
	if err != nil {
		return nil, err
	}
	for k, v := range ask.Header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", UserAgent)
	req.Header.Set("Connection", "close")
	c, err := l.openStream(ctx, ask.Addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if exchange.URLScheme(ask.URL) == "https" {
		cfg := tlsConfig(exchange.URLHost(ask.URL))
		if ask.Verify {
			cfg.InsecureSkipVerify, cfg.RootCAs, cfg.MinVersion, cfg.Time = false, l.roots, tls.VersionTLS12, l.now
		}
		if _, err := c.secure(ctx, cfg); err != nil {
			return nil, err
		}
	}
	if err := req.Write(c); err != nil {
		return nil, streamError(ctx, err)
	}
	return readHTTP(ctx, c, req, ask)
}

// readHTTP reads the response: its header up to maxHeader octets, its body up to the limit.
func readHTTP(ctx context.Context, c io.Reader, req *http.Request, ask exchange.HTTPAsk) (*exchange.HTTPReply,
	error,
) {
	in := &boundedReader{r: c, left: maxHeader}
	br := bufio.NewReader(in)
	resp, err := http.ReadResponse(br, req)
	// interim answers (RFC 9110 15.2) are skipped
	for err == nil && resp.StatusCode < 200 && resp.StatusCode != http.StatusSwitchingProtocols {
		resp, err = http.ReadResponse(br, req)
	}
	if err != nil {
		switch off := in.interrupted(); {
		case errors.Is(off, errTooLong):
			return nil, invalidReply{errors.New("its header is too long")}
		case off != nil:
			return nil, streamError(ctx, off)
		}
		return nil, streamError(ctx, err)
	}
	in.left = int(ask.Limit) + maxHeader // in addition to the body: the chunk headers
	// The body is not closed: that would read the rest of it. The connection ends instead.
	body, err := io.ReadAll(io.LimitReader(resp.Body, ask.Limit+1))
	r := &exchange.HTTPReply{Status: resp.StatusCode, Header: resp.Header, Body: body, Address: ask.Addr.String()}
	switch {
	case int64(len(body)) > ask.Limit:
		r.Body, r.Cut = body[:ask.Limit], true
	case err == nil:
	case errors.Is(in.err, errTooLong):
		r.Cut = true
	case len(body) == 0 && resp.ContentLength > 0:
		return nil, streamError(ctx, err)
	default:
		r.Broken = true
	}
	return r, nil
}

// UserAgent is the User-Agent header sent to web servers.
const UserAgent = "domdoc (domain diagnosis)"

// Limits on what is read.
const (
	maxHeader = 64 << 10 // octets of a header
	MaxChain  = 16       // certificates of a handshake that are kept
)
