package sandbox

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// serveTCP starts a DNS server on a TCP port of loopback. It returns its address, and a function that stops it.
func (b *Sandbox) serveTCP(h *host) (netip.AddrPort, func(), error) {
	l, local, err := listen()
	if err != nil {
		return local, nil, err
	}
	started := make(chan struct{})
	server := &dns.Server{
		Listener: l, ReadTimeout: 10 * time.Second, NotifyStartedFunc: func() { close(started) },
		Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			if len(q.Question) != 1 {
				return
			}
			if m := b.reply(h, true, q); m != nil {
				_ = w.WriteMsg(m)
				return
			}
			_ = w.Close()
		}),
	}
	go func() { _ = server.ActivateAndServe() }()
	<-started
	return local, func() { _ = server.Shutdown() }, nil
}

// reply returns the response of a server after the simulated round trip; nil if it does not answer.
func (b *Sandbox) reply(h *host, stream bool, q *dns.Msg) *dns.Msg {
	transport := "udp"
	if stream {
		transport = "tcp"
	}
	b.logQuestion(h, transport, q.Question[0])
	if b.opt.Delay > 0 {
		time.Sleep(b.opt.Delay)
	}
	return b.world.respond(h, q, stream)
}

// maxQuery is the largest query over UDP that is read, in octets.
const maxQuery = 4096

// serveUDP answers datagrams, without a goroutine for each as dns.Server has: a fleet of sandboxed domains sends
// millions.
func (b *Sandbox) serveUDP(h *host) (netip.AddrPort, func(), error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return netip.AddrPort{}, nil, err
	}
	readers := 1
	if h.role == story.RoleResolver { // every domain asks it
		readers = runtime.GOMAXPROCS(0)
	}
	var running sync.WaitGroup
	for range readers {
		running.Go(func() { b.answerDatagrams(conn, h, &running) })
	}
	return portOf(conn.LocalAddr()), func() {
		_ = conn.Close()
		running.Wait()
	}, nil
}

func (b *Sandbox) answerDatagrams(conn *net.UDPConn, h *host, running *sync.WaitGroup) {
	in, out := make([]byte, maxQuery), make([]byte, maxQuery)
	answer := func(buf []byte, q *dns.Msg, to netip.AddrPort) {
		m := b.reply(h, false, q)
		if m == nil {
			return
		}
		if wire, err := m.PackBuffer(buf); err == nil {
			_, _ = conn.WriteToUDPAddrPort(wire, to)
		}
	}
	var one query
	for {
		n, from, err := conn.ReadFromUDPAddrPort(in)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || n < 12 || in[2]&0x80 != 0 { // a response is not answered
			continue
		}
		q := &one
		if b.opt.Delay > 0 { // the next query does not wait for it
			q = new(query)
		}
		if err := q.unpack(in[:n]); err != nil || len(q.Question) != 1 {
			if wire, err := new(dns.Msg).SetRcodeFormatError(&q.Msg).PackBuffer(out); err == nil {
				_, _ = conn.WriteToUDPAddrPort(wire, from)
			}
			continue
		}
		if b.opt.Delay > 0 {
			running.Go(func() { answer(nil, &q.Msg, from) })
			continue
		}
		answer(out, &q.Msg, from)
	}
}

// query is a query that was received, with room for what nearly all of them have.
type query struct {
	dns.Msg
	question [1]dns.Question
	opt      dns.OPT
	extra    [1]dns.RR
}

// unpack reads a query in place of the one before: one question and at most an OPT record without options (RFC 6891
// 6.1.2) quickly, everything else like dns.Msg.
func (q *query) unpack(wire []byte) error {
	q.Msg = dns.Msg{}
	counts := [4]uint16{}
	for i := range counts {
		counts[i] = binary.BigEndian.Uint16(wire[4+2*i:])
	}
	if counts[0] != 1 || counts[1] != 0 || counts[2] != 0 || counts[3] > 1 {
		return q.Unpack(wire)
	}
	name, off, err := dns.UnpackDomainName(wire, 12)
	if err != nil || len(wire)-off != 4+11*int(counts[3]) {
		return q.Unpack(wire)
	}
	rest := wire[off+4:]
	if counts[3] == 1 {
		if rest[0] != 0 || binary.BigEndian.Uint16(rest[1:]) != dns.TypeOPT || binary.BigEndian.Uint16(rest[9:]) != 0 ||
			rest[5] != 0 { // an extended RCODE
			return q.Unpack(wire)
		}
		q.opt.Hdr = dns.RR_Header{
			Name: ".", Rrtype: dns.TypeOPT, Class: binary.BigEndian.Uint16(rest[3:]),
			Ttl: binary.BigEndian.Uint32(rest[5:]),
		}
		q.extra[0] = &q.opt
		q.Extra = q.extra[:]
	}
	bits := binary.BigEndian.Uint16(wire[2:])
	q.MsgHdr = dns.MsgHdr{
		Id: binary.BigEndian.Uint16(wire), Opcode: int(bits>>11) & 0xF, Rcode: int(bits & 0xF),
		Response: bits&(1<<15) != 0, Authoritative: bits&(1<<10) != 0, Truncated: bits&(1<<9) != 0,
		RecursionDesired: bits&(1<<8) != 0, RecursionAvailable: bits&(1<<7) != 0, Zero: bits&(1<<6) != 0,
		AuthenticatedData: bits&(1<<5) != 0, CheckingDisabled: bits&(1<<4) != 0,
	}
	q.question[0] = dns.Question{
		Name: name, Qtype: binary.BigEndian.Uint16(wire[off:]), Qclass: binary.BigEndian.Uint16(wire[off+2:]),
	}
	q.Question = q.question[:]
	return nil
}
