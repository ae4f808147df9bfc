package transport

import (
	"context"
	"crypto/tls"
	"net/netip"
	"sync"
	"time"

	"domdoc/checks/probe/exchange"
)

// Bounds of connections that are kept open for the next exchange with the same host.
const (
	// how long a certificate that was presented stands for the next handshake, and its connection stays open
	keptHandshake = 2 * time.Second
	keptRegistry  = 5 * time.Second // as a registry's idle connection
	maxKept       = 64              // connections; others are closed at once
	maxKeptOfHost = 16              // as many as a fleet asks a registry at once
	// How long an exchange waits for a handshake under way: longer than most take, and short enough to make its own.
	shareBound = time.Second
)

// peer is a host at an address, and whether its certificate was verified.
type peer struct {
	addr     netip.AddrPort
	host     string
	verified bool
}

// kept are the handshakes and connections that the next exchange with the same host can use: the check of the
// certificate and the request for the page share one handshake, and the questions to a registry one connection. The
// zero value is ready for use.
type kept struct {
	mu         sync.Mutex // guards following
	closed     bool
	handshakes map[peer]*handshake
	idle       map[peer][]*idleConn
	count      int // of idle
}

// handshake is a handshake that was made, or is under way.
type handshake struct {
	done  chan struct{}      // closed once reply is set
	reply *exchange.TLSReply // nil if it failed
}

// idleConn is an open connection on which nothing is under way.
type idleConn struct {
	*stream
	expire *time.Timer
}

// join returns what a handshake with a peer showed that another exchange made just now or is making; nil if there is
// none, or it failed. Then the caller makes its own. It calls end with the result, nil if there is none.
func (k *kept) join(ctx context.Context, p peer) (reply *exchange.TLSReply, end func(*exchange.TLSReply)) {
	end = func(*exchange.TLSReply) {}
	k.mu.Lock()
	h := k.handshakes[p]
	if h == nil && !k.closed {
		h = &handshake{done: make(chan struct{})}
		if k.handshakes == nil {
			k.handshakes = map[peer]*handshake{}
		}
		k.handshakes[p] = h
		k.mu.Unlock()
		return nil, func(r *exchange.TLSReply) { k.end(p, h, r) }
	}
	k.mu.Unlock()
	if h != nil {
		patience := time.NewTimer(shareBound)
		defer patience.Stop()
		select {
		case <-h.done:
			if h.reply != nil {
				shared := *h.reply
				return &shared, end
			}
		case <-patience.C:
		case <-ctx.Done():
		}
	}
	return nil, end
}

// end publishes a handshake; one that failed is forgotten, so that the next exchange tries again.
func (k *kept) end(p peer, h *handshake, r *exchange.TLSReply) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h.reply = r
	close(h.done)
	forget := func() {
		if k.handshakes[p] == h {
			delete(k.handshakes, p)
		}
	}
	if r == nil {
		forget()
		return
	}
	time.AfterFunc(keptHandshake, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		forget()
	})
}

// put keeps a connection open, or closes it if there are too many. No context may be watching it any more.
func (k *kept) put(p peer, c *stream, life time.Duration) {
	k.mu.Lock()
	if k.closed || k.count >= maxKept || len(k.idle[p]) >= maxKeptOfHost {
		k.mu.Unlock()
		_ = c.raw.Close()
		return
	}
	defer k.mu.Unlock()
	if k.idle == nil {
		k.idle = map[peer][]*idleConn{}
	}
	i := &idleConn{stream: c}
	i.expire = time.AfterFunc(life, func() {
		if k.remove(p, i) {
			_ = c.raw.Close()
		}
	})
	k.idle[p] = append(k.idle[p], i)
	k.count++
}

// remove takes one connection out; false if it was taken already.
func (k *kept) remove(p peer, c *idleConn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for n, other := range k.idle[p] {
		if other == c {
			k.drop(p, n)
			return true
		}
	}
	return false
}

// drop removes the n-th connection of a peer. k.mu is held.
func (k *kept) drop(p peer, n int) {
	list := append(k.idle[p][:n:n], k.idle[p][n+1:]...)
	if k.count--; len(list) == 0 {
		delete(k.idle, p)
		return
	}
	k.idle[p] = list
}

// take returns an open connection for the caller alone, cut off when ctx ends; nil if there is none.
func (k *kept) take(ctx context.Context, p peer) *stream {
	k.mu.Lock()
	n := len(k.idle[p]) - 1
	if n < 0 {
		k.mu.Unlock()
		return nil
	}
	c := k.idle[p][n]
	k.drop(p, n)
	k.mu.Unlock()
	c.expire.Stop()
	_ = c.raw.SetDeadline(time.Time{})
	c.answered = false
	c.watch(ctx)
	return c.stream
}

// close closes all connections; later ones are not kept.
func (k *kept) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	for _, list := range k.idle {
		for _, c := range list {
			c.expire.Stop()
			_ = c.raw.Close()
		}
	}
	k.idle, k.handshakes, k.count = nil, nil, 0
}

// watch cuts the stream off when ctx ends.
func (c *stream) watch(ctx context.Context) {
	raw := c.raw
	c.stop = context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
}

// release ends the watch; false if the context has ended, and the stream with it.
func (c *stream) release() bool { return c.stop() }

// replyOf is the handshake on a connection.
func replyOf(state tls.ConnectionState) *exchange.TLSReply {
	return &exchange.TLSReply{
		Connected: true, Version: state.Version,
		Chain: state.PeerCertificates[:min(len(state.PeerCertificates), MaxChain)],
	}
}
