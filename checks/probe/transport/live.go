// Package transport moves bytes: DNS over UDP, TCP, TLS and HTTPS, WHOIS, HTTP and TLS handshakes. It opens every
// socket of domdoc, except those to the Domains Service.
package transport

import (
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

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
	"golang.org/x/time/rate"
)

// Live is the transport to the network or, with another dialer, to the sandbox.
type Live struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	// nil if the network is not the system's
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
	roots  *x509.CertPool

	stalls  stalls
	kept    kept
	readers sync.Pool        // of *bufio.Reader
	writers sync.Pool        // of *bytes.Buffer, for requests
	now     func() time.Time // certificates of our own peers are judged by it

	mu     sync.Mutex // guards following
	muxes  map[muxKey]*UDPMux
	doh    *http.Client
	closed bool
}

// NewLive returns a transport over a dialer and trusted roots (nil: the system's). With its own dialer it never uses
// the system's resolver: queries about a private network must not leave it. Close it after use.
func NewLive(dial func(ctx context.Context, network, address string) (net.Conn, error), roots *x509.CertPool) *Live {
	l := &Live{dial: dial, roots: roots, now: time.Now, muxes: map[muxKey]*UDPMux{}}
	if dial == nil {
		l.dial, l.lookup = (&net.Dialer{}).DialContext, net.DefaultResolver.LookupNetIP
	}
	return l
}

// SetClock sets the clock by which certificates of registries and resolvers are verified; call it before the first
// query.
func (l *Live) SetClock(now func() time.Time) { l.now = now }

// Roots are the trusted roots; nil means the system's.
func (l *Live) Roots() *x509.CertPool { return l.roots }

// Number of sockets of muxes to single servers. A diagnosis sends each server few queries; a sweep opens its own.
const (
	muxWindow = 512
	maxMuxes  = 256
	// Datagrams a system call of a shared mux: a fleet has hundreds, each with buffers for so many. There are seldom two.
	sharedBatch = 1
	muxIdle     = 15 * time.Second
)

// Close closes all sockets; later queries fail.
func (l *Live) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for k, p := range l.muxes {
		p.Close()
		delete(l.muxes, k)
	}
	if l.doh != nil {
		l.doh.CloseIdleConnections()
	}
	l.kept.close()
}

// OpenUDPMux opens a mux to a server for the caller alone, as a sweep needs it: the goroutine that asks also writes and
// reads, when its queries are many.
func (l *Live) OpenUDPMux(ctx context.Context, to exchange.Server, window int, limit *rate.Limiter) (*UDPMux, error) {
	return newUDPMux(ctx, l.dialUDP(to), 0, window, muxBatch, limit)
}

func (l *Live) dialUDP(to exchange.Server) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) { return l.dial(ctx, "udp", to.Addr.String()) }
}

// muxKey identifies a shared mux: each lane to a server has its own port.
type muxKey struct {
	addr netip.AddrPort
	lane int
}

// mux returns the shared mux to a server. If there are too many, idle ones are closed.
func (l *Live) mux(ctx context.Context, to exchange.Server) (*UDPMux, error) {
	key := muxKey{to.Addr, to.Lane}
	l.mu.Lock()
	p := l.muxes[key]
	l.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := newUDPMux(ctx, l.dialUDP(to), 1, muxWindow, sharedBatch, nil)
	if err != nil {
		return nil, err
	}
	p.used.Store(time.Now().UnixNano())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed { // closed while the mux was opened: nothing else would close it
		p.Close()
		return nil, errClosed
	}
	if known := l.muxes[key]; known != nil {
		p.Close()
		return known, nil
	}
	if len(l.muxes) >= maxMuxes {
		l.closeIdle()
	}
	l.muxes[key] = p
	return p, nil
}

// closeIdle closes muxes that are unused. l.mu is held.
func (l *Live) closeIdle() {
	old := time.Now().Add(-muxIdle).UnixNano()
	for k, p := range l.muxes {
		if p.used.Load() < old && len(p.window) == 0 {
			p.Close()
			delete(l.muxes, k)
		}
	}
}

// roundTrips holds how each protocol carries one question and its answer; TestRoundTrips requires all.
var roundTrips = [...]func(l *Live, ctx context.Context, to exchange.Server, wire []byte) ([]byte, error){
	exchange.UDP: (*Live).overUDP,
	exchange.TCP: (*Live).overTCP,
	exchange.DoT: (*Live).overTLS,
	exchange.DoH: (*Live).overHTTPS,
}

// DNS implements probe.Transport.
func (l *Live) DNS(ctx context.Context, to exchange.Server, wire []byte, stream bool) ([]byte, error) {
	proto := to.Proto
	if stream && proto == exchange.UDP {
		proto = exchange.TCP
	}
	return roundTrips[proto](l, ctx, to, wire)
}

func (l *Live) overUDP(ctx context.Context, to exchange.Server, wire []byte) ([]byte, error) {
	p, err := l.mux(ctx, to)
	if err != nil {
		return nil, err
	}
	type result struct {
		reply []byte
		err   error
	}
	got := make(chan result, 1)
	c := &Query{
		Wire: wire, QuestionEnd: exchange.QuestionEnd(wire), Tries: triesOf(wire),
		Done: func(_ *Query, reply []byte, err error) { got <- result{bytes.Clone(reply), err} },
	}
	if err := p.Ask(ctx, c); err != nil {
		return nil, err
	}
	select {
	case r := <-got:
		return r.reply, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Send sends a query over UDP and waits for nothing. It reports false if that is not possible: the server has no socket
// yet, or too many queries in flight. It sets the tries.
func (l *Live) Send(to exchange.Server, q *Query) bool {
	l.mu.Lock()
	p := l.muxes[muxKey{to.Addr, to.Lane}]
	if p != nil {
		p.used.Store(time.Now().UnixNano()) // it is not closed as unused now
	}
	l.mu.Unlock()
	q.Tries = triesOf(q.Wire)
	return p != nil && p.tryAsk(q)
}

// triesOf returns the bounds of the tries of a packed query.
func triesOf(wire []byte) []time.Duration {
	if wire[2]&1 != 0 { // RD: a resolver
		return resolverTries
	}
	return authorityTries
}

func (l *Live) overTCP(ctx context.Context, to exchange.Server, wire []byte) ([]byte, error) {
	conn, err := l.openStream(ctx, to.Addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return overStream(ctx, conn, wire)
}

// overTLS queries over TLS (RFC 7858). A resolver whose certificate does not verify counts as unreachable.
func (l *Live) overTLS(ctx context.Context, to exchange.Server, wire []byte) ([]byte, error) {
	conn, err := l.openStream(ctx, to.Addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	tc := tls.Client(conn.raw, &tls.Config{
		ServerName: serverName(to), RootCAs: l.roots, MinVersion: tls.VersionTLS12, Time: l.now,
	})
	if err := tc.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	conn.Conn = tc
	return overStream(ctx, conn, wire)
}

// overStream sends a message with its length of two octets in front, and reads the answer (RFC 1035 4.2.2).
func overStream(ctx context.Context, conn *stream, wire []byte) ([]byte, error) {
	id := dns.Id()
	binary.BigEndian.PutUint16(wire, id)
	framed := binary.BigEndian.AppendUint16(make([]byte, 0, len(wire)+2), uint16(len(wire)))
	if _, err := conn.Write(append(framed, wire...)); err != nil {
		return nil, ctxError(ctx, err)
	}
	qend := exchange.QuestionEnd(wire)
	for range 8 { // a few answers to other queries are skipped
		var size [2]byte
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return nil, ctxError(ctx, err)
		}
		reply := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, reply); err != nil {
			return nil, ctxError(ctx, err)
		}
		if len(reply) >= 12 && binary.BigEndian.Uint16(reply) == id && answers(wire, qend, reply) {
			if isTransfer(wire, qend) {
				reply = transferred(conn, reply)
			}
			return reply, nil
		}
	}
	return nil, ErrMismatch
}

func serverName(to exchange.Server) string {
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
		return errClosedByPeer
	}
	return err
}

// overHTTPS queries over HTTPS (RFC 8484).
func (l *Live) overHTTPS(ctx context.Context, to exchange.Server, wire []byte) ([]byte, error) {
	l.mu.Lock()
	if l.doh == nil {
		l.doh = &http.Client{
			Transport: &http.Transport{
				DialContext:       l.dial,
				TLSClientConfig:   &tls.Config{RootCAs: l.roots, MinVersion: tls.VersionTLS12, Time: l.now},
				ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8,
			},
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
	if len(reply) < 12 || !answers(wire, exchange.QuestionEnd(wire), reply) {
		return nil, ErrMismatch
	}
	return reply, nil
}

// systemLookup bounds a query to the system's resolver, which may ask several servers in turn.
const systemLookup = 4 * time.Second

// LookupHost implements probe.Transport. The system's search list is not used.
func (l *Live) LookupHost(ctx context.Context, host string) ([]netip.Addr, error) {
	if l.lookup == nil {
		return nil, errors.New("the system has no resolver here")
	}
	ctx, cancel := context.WithTimeout(ctx, systemLookup)
	defer cancel()
	found, err := l.lookup(ctx, "ip", strings.TrimSuffix(host, ".")+".")
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found, nil
}
