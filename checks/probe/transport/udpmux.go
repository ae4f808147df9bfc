package transport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/time/rate"
)

// The numbers of the mux.
const (
	muxBatch = 64                    // datagrams a system call, of a sweep
	muxTick  = 20 * time.Millisecond // how often deadlines are checked while queries are in flight
	// A tick that takes this much longer shows that this machine is too busy; a try is repeated this often because of
	// it.
	muxBusy  = 150 * time.Millisecond
	muxAgain = 3
	// how long a check waits for a full socket to be read
	muxPatience = time.Second
	// a reply over UDP; we advertise 1232, and servers that ignore it are cut by the kernel
	muxReadSize = 4096
	// asked of the kernel for each socket, so that a burst of replies is not dropped
	muxReadBuffer = 4 << 20
)

// batchConn is a socket that moves several datagrams per system call.
type batchConn interface {
	ReadBatch(ms []ipv4.Message, flags int) (int, error)
	WriteBatch(ms []ipv4.Message, flags int) (int, error)
}

// UDPMux sends queries to one server over a few long-lived UDP sockets, without a goroutine, timer or socket per
// query. Ids are random, ports are the kernel's, and a reply must repeat the question.
//
// Batched system calls (recvmmsg) are what makes a sweep of many thousand names fast: BenchmarkUDPMux measures this
// file, BenchmarkSweep in package probe the whole path. Without those numbers a plain socket per query would do.
type UDPMux struct {
	socks  []*muxSocket
	next   atomic.Uint32
	window chan struct{}
	limit  *rate.Limiter // nil: no bound
	used   atomic.Int64  // unix nanoseconds of the last question
	pump   *muxPump      // nil: goroutines of their own write and read
}

// muxConn is what a mux needs of a socket.
type muxConn interface {
	net.PacketConn
	Read(b []byte) (int, error)
	Write(b []byte) (int, error)
}

type muxSocket struct {
	conn  muxConn
	batch batchConn
	flags int // of a call that reads a batch

	mu      sync.Mutex        // guards following
	calls   map[uint32]*Query // by id
	queue   []muxTry          // to be written
	waiting [][]muxTry        // by number of the try, each in the order of its deadlines
	ticking bool
	wakeAt  time.Time // when the reader checks deadlines next; meaningful while ticking
	dead    error

	// The buffer of a query that the goroutine that asks writes itself, if no other is: a shared mux has few at a time. It
	// is nil while one is written, and with a pump.
	scratch []byte

	wake chan struct{} // of the writer; nil with a pump
}

// newUDPMux opens a mux with n sockets; dial connects one. With n = 0 it has one socket and a pump.
func newUDPMux(ctx context.Context, dial func(context.Context) (net.Conn, error), n, window, batch int,
	limit *rate.Limiter,
) (*UDPMux, error) {
	if runtime.GOOS != "linux" {
		batch = 1 // no other system has calls for more, and package ipv4 has not even that one on Windows
	}
	p := &UDPMux{window: make(chan struct{}, window), limit: limit}
	for range max(n, 1) {
		conn, err := dial(ctx)
		if err != nil {
			p.Close()
			return nil, err
		}
		udp, ok := conn.(*net.UDPConn)
		if !ok || udp.RemoteAddr() == nil { // of a connected socket, the kernel drops what others send to it
			_ = conn.Close()
			p.Close()
			return nil, fmt.Errorf("a %T is not a connected UDP socket", conn)
		}
		_ = udp.SetReadBuffer(muxReadBuffer) // best effort: the kernel caps it
		s := &muxSocket{conn: udp, batch: oneByOne{udp}, calls: map[uint32]*Query{}}
		if batch > 1 {
			s.moveBatches(udp, n == 0)
		}
		p.socks = append(p.socks, s)
		if n == 0 {
			p.pump = newMuxPump(s, batch)
			go p.pump.standIn()
			continue
		}
		s.wake, s.scratch = make(chan struct{}, 1), []byte{}
		go s.read(batch)
		go s.write(batch)
	}
	return p, nil
}

// moveBatches makes the socket move several datagrams a system call. Those of a pump wait without the runtime's poller.
func (s *muxSocket) moveBatches(udp *net.UDPConn, pump bool) {
	a, ok := udp.RemoteAddr().(*net.UDPAddr)
	if pump {
		s.conn, s.flags = withoutPoller(udp)
	}
	if ok && a.IP.To4() == nil {
		s.batch = ipv6.NewPacketConn(s.conn)
	} else {
		s.batch = ipv4.NewPacketConn(s.conn)
	}
}

// Ask sends a query. It blocks while the window is full or the rate is used up, and fails only if ctx ends first.
func (p *UDPMux) Ask(ctx context.Context, c *Query) error {
	if err := Wait(ctx, p.limit); err != nil {
		return err
	}
	select {
	case p.window <- struct{}{}:
	default:
		if err := p.awaitPlace(ctx); err != nil {
			return err
		}
	}
	c.mux = p
	if p.pump != nil {
		p.pump.asked(p.socks[0].submit(c), p.limit != nil)
		return nil
	}
	p.submit(c)
	return nil
}

// tryAsk is Ask for a mux without a limit. It reports false if the window is full.
func (p *UDPMux) tryAsk(c *Query) bool {
	select {
	case p.window <- struct{}{}:
		c.mux = p
		p.submit(c)
		return true
	default:
		return false
	}
}

func (p *UDPMux) submit(c *Query) {
	p.used.Store(time.Now().UnixNano())
	p.socks[p.next.Add(1)%uint32(len(p.socks))].submit(c)
}

// awaitPlace waits for a place in the window and takes it.
func (p *UDPMux) awaitPlace(ctx context.Context) error {
	if p.pump != nil && p.pump.run(ctx, p.window) {
		return nil
	}
	select {
	case p.window <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNotAsked, ctx.Err())
	}
}

// Release returns the place in the window of a held query.
func (p *UDPMux) Release() {
	<-p.window
	if p.pump != nil {
		p.pump.interrupt()
	}
}

// Close closes all sockets; queries in flight end with an error.
func (p *UDPMux) Close() {
	for _, s := range p.socks {
		s.fail(errClosed)
	}
}

// submit queues a query and returns how many are in the queue.
func (s *muxSocket) submit(c *Query) int {
	s.mu.Lock()
	c.queryState, c.Took = queryState{}, 0
	if s.dead != nil {
		err := s.dead
		s.mu.Unlock()
		c.end(nil, err)
		return 0
	}
	s.enqueue(c)
	queued := len(s.queue)
	if s.scratch != nil && queued == 1 {
		try, wire := s.queue[0], append(s.scratch[:0], c.Wire...)
		s.queue, s.scratch, c.sent = s.queue[:0], nil, true
		s.mu.Unlock()
		s.writeAlone(try, wire)
		return 0
	}
	s.mu.Unlock()
	s.nudge()
	return queued
}

// enqueue gives the query a free, unpredictable id and queues it for sending. s.mu is held.
func (s *muxSocket) enqueue(c *Query) {
	for {
		c.id = uint32(uint16(rand.Uint32()))
		if _, taken := s.calls[c.id]; !taken {
			break
		}
	}
	s.calls[c.id], c.sent, c.busy = c, false, 0
	c.Wire[0], c.Wire[1] = byte(c.id>>8), byte(c.id)
	now := time.Now()
	if c.began.IsZero() {
		c.began = now
	}
	c.deadline = now.Add(c.Tries[c.try])
	for len(s.waiting) <= c.try {
		s.waiting = append(s.waiting, nil)
	}
	try := muxTry{c, c.seq.Add(1)}
	s.waiting[c.try] = append(s.waiting[c.try], try)
	s.queue = append(s.queue, try)
	if !s.ticking {
		s.ticking = true
		s.wakeIn(muxTick)
	}
}

// wakeIn wakes the reader after some time, so that it looks at deadlines. s.mu is held.
func (s *muxSocket) wakeIn(after time.Duration) {
	s.wakeAt = time.Now().Add(after)
	_ = s.conn.SetReadDeadline(s.wakeAt)
}

// rest lets the reader sleep until there is a reply. No query is open. s.mu is held.
func (s *muxSocket) rest() {
	if !s.ticking {
		return
	}
	s.ticking = false
	for try, line := range s.waiting {
		clear(line)
		s.waiting[try] = line[:0]
	}
	_ = s.conn.SetReadDeadline(time.Time{})
}

// nudge wakes the writer; a pump has none.
func (s *muxSocket) nudge() {
	if s.wake == nil {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// match finds the query that a datagram answers, and completes it. s.mu is held.
func (s *muxSocket) match(reply []byte) *Query {
	if len(reply) < 12 {
		return nil
	}
	c := s.calls[uint32(reply[0])<<8|uint32(reply[1])]
	if c == nil {
		for _, other := range s.calls { // it ends no call, but shows that the server answers
			if answers(other.Wire, other.QuestionEnd, reply) {
				other.others++
				break
			}
		}
		return nil
	}
	if !answers(c.Wire, c.QuestionEnd, reply) {
		c.unmatched++ // not ours, or a server that answers another query: keep waiting
		return nil
	}
	delete(s.calls, c.id)
	c.close()
	return c
}

// answers reports whether a reply repeats the question of a query, in any case. A refusal may omit the question; a
// denial may not, since nothing else shows which name it is about.
func answers(wire []byte, qend int, reply []byte) bool {
	const qr, opcode = 0x80, 0x78
	if reply[2]&qr == 0 || reply[2]&opcode != wire[2]&opcode {
		return false
	}
	if reply[4] == 0 && reply[5] == 0 {
		rcode := reply[3] & 0x0f
		return rcode != dns.RcodeSuccess && rcode != dns.RcodeNameError
	}
	if reply[4] != 0 || reply[5] != 1 || len(reply) < qend {
		return false
	}
	for i := 12; i < qend; i++ {
		a, b := wire[i], reply[i]
		if a != b && (a|0x20 != b|0x20 || a|0x20 < 'a' || a|0x20 > 'z') {
			return false
		}
	}
	return true
}

// expire retries or ends the queries that timed out before a read began: it would have found their answers. It lets
// the reader sleep when none is left.
func (s *muxSocket) expire(began, now time.Time) {
	s.mu.Lock()
	if late := now.Sub(s.wakeAt); late > muxBusy {
		for _, c := range s.calls {
			c.busy += late
		}
	}
	var ended, again []*Query
	requeued := false
	for try := range s.waiting {
		whole := s.waiting[try]
		line := whole
		for ; len(line) > 0; line = line[1:] {
			if c := line[0].c; !line[0].over() {
				if c.deadline.After(began) {
					break
				}
				delete(s.calls, c.id)
				switch c.late = !c.sent || c.busy > c.Tries[c.try]/4; {
				case c.late && c.again < muxAgain:
					c.again++
					again = append(again, c)
				case c.try+1 < len(c.Tries):
					c.try++
					s.enqueue(c)
					requeued = true
				default:
					c.close()
					ended = append(ended, c)
				}
			}
			line[0] = muxTry{}
		}
		if len(line) <= len(whole)-len(line) { // its beginning is free: use that again
			n := copy(whole, line)
			clear(line)
			line = whole[:n]
		}
		s.waiting[try] = line
	}
	for _, c := range again {
		s.enqueue(c)
		requeued = true
	}
	if len(s.calls) == 0 {
		s.rest()
	} else {
		s.wakeIn(muxTick)
	}
	s.mu.Unlock()
	if requeued {
		s.nudge()
	}
	for _, c := range ended {
		err := ErrTimeout
		switch {
		case c.unmatched > 0:
			err = ErrMismatch
		case c.late: // a reply that was too late for us is not the server's fault
			err = ErrBusy
		case c.others > 0:
			err = errOtherID
		}
		c.end(nil, err)
	}
}

// fromNetwork reports whether the error is an ICMP message rather than a failure of this machine.
func fromNetwork(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EHOSTUNREACH) ||
		errors.Is(err, syscall.ENETUNREACH)
}

// refuseExcept ends the queries already sent, except some, with an error from the network; the socket stays open.
func (s *muxSocket) refuseExcept(unsent []muxTry, err error) {
	s.mu.Lock()
	for _, try := range unsent {
		if !try.over() {
			try.c.sent = false
		}
	}
	var ended []*Query
	for _, c := range s.calls {
		if c.sent {
			delete(s.calls, c.id)
			c.close()
			ended = append(ended, c)
		}
	}
	s.mu.Unlock()
	for _, c := range ended {
		c.end(nil, err)
	}
}

// refuse ends all queries in flight with an error; the socket stays open.
func (s *muxSocket) refuse(err error) {
	s.mu.Lock()
	ended := make([]*Query, 0, len(s.calls))
	for _, c := range s.calls {
		c.close()
		ended = append(ended, c)
	}
	clear(s.calls)
	s.queue = s.queue[:0]
	s.mu.Unlock()
	for _, c := range ended {
		c.end(nil, err)
	}
}

// fail closes the socket and ends all queries in flight.
func (s *muxSocket) fail(err error) {
	s.mu.Lock()
	if s.dead == nil {
		s.dead = err
	}
	s.mu.Unlock()
	_ = s.conn.Close()
	s.refuse(err)
	s.nudge()
}
