package sandbox

import (
	"errors"
	"net"
	"runtime"
	"sync"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// serveDNS starts a DNS server on loopback. It returns its address, and a function that stops it.
func (b *Sandbox) serveDNS(kind string, h *host) (string, func(), error) {
	if kind == "udp" {
		return b.serveUDP(h)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	started := make(chan struct{})
	server := &dns.Server{
		Listener: l, ReadTimeout: 10 * time.Second, NotifyStartedFunc: func() { close(started) },
		Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			if len(q.Question) != 1 {
				return
			}
			if m := b.reply(h, "tcp", q); m != nil {
				_ = w.WriteMsg(m)
				return
			}
			_ = w.Close()
		}),
	}
	go func() { _ = server.ActivateAndServe() }()
	<-started
	return l.Addr().String(), func() { _ = server.Shutdown() }, nil
}

// reply returns the response of a server after the simulated round trip; nil if it does not answer.
func (b *Sandbox) reply(h *host, kind string, q *dns.Msg) *dns.Msg {
	b.log("dns %s %s %s %s", h.name, kind, dns.CanonicalName(q.Question[0].Name), dns.Type(q.Question[0].Qtype))
	if b.opt.Delay > 0 {
		time.Sleep(b.opt.Delay)
	}
	return b.world.respond(h, q, kind == "tcp")
}

// maxQuery is the largest query over UDP that is read, in octets.
const maxQuery = 4096

// serveUDP answers datagrams, without a goroutine for each as dns.Server has: a fleet of sandboxed domains sends
// millions.
func (b *Sandbox) serveUDP(h *host) (string, func(), error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return "", nil, err
	}
	readers := 1
	if h.role == story.RoleResolver { // every domain asks it
		readers = runtime.GOMAXPROCS(0)
	}
	var running sync.WaitGroup
	for range readers {
		running.Go(func() { b.answerDatagrams(conn, h, &running) })
	}
	return conn.LocalAddr().String(), func() {
		_ = conn.Close()
		running.Wait()
	}, nil
}

func (b *Sandbox) answerDatagrams(conn *net.UDPConn, h *host, running *sync.WaitGroup) {
	in, out := make([]byte, maxQuery), make([]byte, maxQuery)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(in)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		q := new(dns.Msg)
		if err != nil || n < 12 || in[2]&0x80 != 0 { // a response is not answered
			continue
		}
		answer := func(buf []byte) {
			m := b.reply(h, "udp", q)
			if m == nil {
				return
			}
			if wire, err := m.PackBuffer(buf); err == nil {
				_, _ = conn.WriteToUDPAddrPort(wire, from)
			}
		}
		if err := q.Unpack(in[:n]); err != nil || len(q.Question) != 1 {
			if wire, err := new(dns.Msg).SetRcodeFormatError(q).PackBuffer(out); err == nil {
				_, _ = conn.WriteToUDPAddrPort(wire, from)
			}
			continue
		}
		if b.opt.Delay > 0 { // the next query does not wait for it
			running.Go(func() { answer(nil) })
			continue
		}
		answer(out)
	}
}
