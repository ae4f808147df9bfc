package probe

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/likexian/whois"
	"github.com/miekg/dns"
	"golang.org/x/time/rate"
)

// Live is the transport to the network, or with another dialer to the sandbox.
type Live struct {
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	roots *x509.CertPool

	now func() time.Time // certificates of our own peers are judged by it

	mu    sync.Mutex // guards following
	pipes map[string]*pipe
	doh   *http.Client
}

// NewLive returns a transport over a dialer (nil: the system's) and trusted roots (nil: the system's). Close it.
func NewLive(dial func(ctx context.Context, network, address string) (net.Conn, error), roots *x509.CertPool) *Live {
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return &Live{dial: dial, roots: roots, now: time.Now, pipes: map[string]*pipe{}}
}

// SetClock sets the clock by which certificates of registries and resolvers are judged; call it before the first question.
func (l *Live) SetClock(now func() time.Time) { l.now = now }

// Roots are the trusted roots; nil means the system's.
func (l *Live) Roots() *x509.CertPool { return l.roots }

// Numbers of the pipes to single servers. A diagnosis asks each server few questions; a sweep opens its own.
const (
	pipeWindow = 512
	maxPipes   = 256
	pipeIdle   = 15 * time.Second
)

// Close ends every socket.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k, p := range l.pipes {
		p.close()
		delete(l.pipes, k)
	}
	if l.doh != nil {
		l.doh.CloseIdleConnections()
	}
}

// openPipe opens a pipe of its own to a server, for a sweep.
func (l *Live) openPipe(ctx context.Context, to Server, socks, window int, limit *rate.Limiter) (*pipe, error) {
	return newPipe(ctx, func(ctx context.Context) (net.Conn, error) { return l.dial(ctx, "udp", to.Addr.String()) }, socks, window, limit)
}

// pipe returns the shared pipe to a server. Where there are too many, those that have been idle longest are closed.
func (l *Live) pipe(ctx context.Context, to Server) (*pipe, error) {
	key := to.Addr.String()
	l.mu.Lock()
	p := l.pipes[key]
	l.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := l.openPipe(ctx, to, 1, pipeWindow, nil)
	if err != nil {
		return nil, err
	}
	p.used.Store(time.Now().UnixNano())
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.pipes[key]; known != nil {
		p.close()
		return known, nil
	}
	if len(l.pipes) >= maxPipes {
		l.closeIdle()
	}
	l.pipes[key] = p
	return p, nil
}

// closeIdle closes pipes on which nothing is open and nothing was asked of late. The lock is held.
func (l *Live) closeIdle() {
	old := time.Now().Add(-pipeIdle).UnixNano()
	for k, p := range l.pipes {
		if p.used.Load() < old && len(p.window) == 0 {
			p.close()
			delete(l.pipes, k)
		}
	}
}

// DNS implements Transport.
func (l *Live) DNS(ctx context.Context, to Server, wire []byte, stream bool) ([]byte, error) {
	switch {
	case to.URL != "":
		return l.overHTTPS(ctx, to, wire)
	case to.Proto == "tls" || stream:
		return l.overStream(ctx, to, wire)
	}
	p, err := l.pipe(ctx, to)
	if err != nil {
		return nil, err
	}
	tries := authorityTries
	if wire[2]&1 != 0 { // RD: a resolver
		tries = resolverTries
	}
	type result struct {
		reply []byte
		err   error
	}
	got := make(chan result, 1)
	c := &call{wire: wire, qend: questionEnd(wire), tries: tries, done: func(_ *call, reply []byte, err error) { got <- result{bytes.Clone(reply), err} }}
	if err := p.ask(ctx, c); err != nil {
		return nil, err
	}
	select {
	case r := <-got:
		return r.reply, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// questionEnd finds where the question of a packed message ends. Our own questions hold no compression.
func questionEnd(wire []byte) int {
	i := 12
	for i < len(wire) && wire[i] != 0 {
		i += int(wire[i]) + 1
	}
	return min(i+5, len(wire))
}

// overStream asks over TCP or TLS: two octets of length, then the message (RFC 1035 4.2.2, RFC 7858).
func (l *Live) overStream(ctx context.Context, to Server, wire []byte) ([]byte, error) {
	conn, err := l.dial(ctx, "tcp", to.Addr.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if to.Proto == "tls" {
		tc := tls.Client(conn, &tls.Config{ServerName: serverName(to), RootCAs: l.roots, MinVersion: tls.VersionTLS12, Time: l.now})
		if err := tc.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		conn = tc
	}
	id := dns.Id()
	binary.BigEndian.PutUint16(wire, id)
	framed := binary.BigEndian.AppendUint16(make([]byte, 0, len(wire)+2), uint16(len(wire)))
	if _, err := conn.Write(append(framed, wire...)); err != nil {
		return nil, ctxError(ctx, err)
	}
	qend := questionEnd(wire)
	for range 8 { // answers to other questions are passed over, a few of them
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return nil, ctxError(ctx, err)
		}
		reply := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, reply); err != nil {
			return nil, ctxError(ctx, err)
		}
		if len(reply) >= 12 && binary.BigEndian.Uint16(reply) == id && answers(wire, qend, reply) {
			return reply, nil
		}
	}
	return nil, errMismatch
}

func serverName(to Server) string {
	if to.Host != "" {
		return to.Host
	}
	return to.Addr.Addr().String()
}

func ctxError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the server closed the connection")
	}
	return err
}

// overHTTPS asks by RFC 8484.
func (l *Live) overHTTPS(ctx context.Context, to Server, wire []byte) ([]byte, error) {
	l.mu.Lock()
	if l.doh == nil {
		l.doh = &http.Client{
			Transport:     &http.Transport{DialContext: l.dial, TLSClientConfig: &tls.Config{RootCAs: l.roots, MinVersion: tls.VersionTLS12, Time: l.now}, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	client := l.doh
	l.mu.Unlock()
	wire[0], wire[1] = 0, 0 // RFC 8484 4.1: the id is 0, for caches
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(wire))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/dns-message")
	req.Header.Set("Accept", "application/dns-message")
	resp, err := client.Do(req)
	if err != nil {
		return nil, ctxError(ctx, err)
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return nil, ctxError(ctx, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the resolver answered HTTP %d", resp.StatusCode)
	}
	if len(reply) < 12 || !answers(wire, questionEnd(wire), reply) {
		return nil, errMismatch
	}
	return reply, nil
}

// MaxWHOIS bounds a WHOIS reply; the longest real ones have some 10 KB.
const MaxWHOIS = 256 << 10

// whoisBound is for one port-43 query; some registries take several seconds.
const whoisBound = 10 * time.Second

// whoisDialer gives likexian/whois connections that honour a context and end after MaxWHOIS octets: the library does neither.
type whoisDialer struct {
	ctx  context.Context
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	to   netip.AddrPort
}

// Dial implements proxy.Dialer, which has no context. The address is ours: the library would ask the system's resolver for the name.
func (d whoisDialer) Dial(network, _ string) (net.Conn, error) {
	conn, err := d.dial(d.ctx, network, d.to.String())
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(d.ctx, func() { _ = conn.Close() })
	return &cappedConn{Conn: conn, left: MaxWHOIS, stop: stop}, nil
}

type cappedConn struct {
	net.Conn
	left int
	stop func() bool
}

func (c *cappedConn) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.EOF
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

func (c *cappedConn) Close() error {
	c.stop()
	return c.Conn.Close()
}

// WHOIS implements Transport. Referrals and statistics of the library are off: it panics on a referral line without a newline.
func (l *Live) WHOIS(ctx context.Context, to netip.AddrPort, query string) (reply []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, whoisBound)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			reply, err = nil, fmt.Errorf("reading the WHOIS reply failed: %v", r)
		}
	}()
	client := whois.NewClient().SetDialer(whoisDialer{ctx, l.dial, to}).SetTimeout(whoisBound).SetDisableReferral(true).SetDisableStats(true)
	text, err := client.Whois(query, to.Addr().String())
	if text != "" {
		return []byte(text), nil // some servers say why they refuse, and then reset the connection
	}
	if err != nil {
		return nil, ctxError(ctx, err)
	}
	return nil, errors.New("the server closed the connection without a word")
}

// TLS implements Transport.
func (l *Live) TLS(ctx context.Context, addr netip.AddrPort, host string) (*TLSReply, error) {
	conn, err := l.dial(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	r := &TLSReply{Connected: true}
	tc := tls.Client(conn, tlsConfig(host))
	if err := tc.HandshakeContext(ctx); err != nil {
		if ctx.Err() != nil {
			r.Failed = "the handshake did not end in time"
		} else {
			r.Failed = plainNetError(ctxError(ctx, err))
		}
		return r, nil
	}
	state := tc.ConnectionState()
	r.Version = state.Version
	r.Chain = state.PeerCertificates[:min(len(state.PeerCertificates), maxChain)]
	return r, nil
}

// tlsConfig takes any certificate: what is shown is judged afterwards and reported, not hidden behind an error.
func tlsConfig(host string) *tls.Config {
	return &tls.Config{ServerName: host, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}
}

// HTTP implements Transport.
func (l *Live) HTTP(ctx context.Context, ask HTTPAsk) (*HTTPReply, error) {
	conn, err := l.dial(ctx, "tcp", ask.Addr.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if schemeOf(ask.URL) == "https" {
		cfg := tlsConfig(hostOfURL(ask.URL))
		if ask.Verify {
			cfg.InsecureSkipVerify, cfg.RootCAs, cfg.MinVersion, cfg.Time = false, l.roots, tls.VersionTLS12, l.now
		}
		tc := tls.Client(conn, cfg)
		if err := tc.HandshakeContext(ctx); err != nil {
			return nil, ctxError(ctx, err)
		}
		conn = tc
	}
	req, err := http.NewRequestWithContext(ctx, ask.Method, ask.URL, bytes.NewReader(ask.Body))
	if err != nil {
		return nil, err
	}
	for k, v := range ask.Header {
		req.Header[k] = v
	}
	req.Header.Set("User-Agent", UserAgent)
	req.Header.Set("Connection", "close")
	if err := req.Write(conn); err != nil {
		return nil, ctxError(ctx, err)
	}
	limited := &io.LimitedReader{R: conn, N: maxHeader + ask.Limit + 1}
	br := bufio.NewReader(limited)
	var resp *http.Response
	for { // interim answers (RFC 9110 15.2) are passed over
		resp, err = http.ReadResponse(br, req)
		if err != nil {
			if limited.N <= 0 {
				return nil, fmt.Errorf("%w: its header has no end", errMismatch)
			}
			if strings.Contains(err.Error(), "malformed") {
				return nil, fmt.Errorf("%w: %w", errMismatch, err)
			}
			return nil, ctxError(ctx, err)
		}
		if resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			break
		}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, ask.Limit+1))
	r := &HTTPReply{Status: resp.StatusCode, Header: resp.Header, Address: ask.Addr.String()}
	if int64(len(body)) > ask.Limit {
		body, r.Cut = body[:ask.Limit], true
	}
	if err != nil && len(body) == 0 && resp.ContentLength > 0 {
		return nil, ctxError(ctx, err)
	}
	r.Body = body
	return r, nil
}

// UserAgent is how domdoc introduces itself to web servers.
const UserAgent = "domdoc (domain diagnosis)"

// LookupHost implements Transport.
func (l *Live) LookupHost(ctx context.Context, host string) ([]netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found, nil
}
