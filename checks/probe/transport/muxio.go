package transport

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/net/ipv4"
)

// muxWriter is the memory of a flush.
type muxWriter struct {
	ms    []ipv4.Message
	bufs  [][1][]byte
	store []byte
	calls []muxTry
}

func newMuxWriter(batch int) *muxWriter {
	return &muxWriter{
		ms: make([]ipv4.Message, batch), bufs: make([][1][]byte, batch), store: make([]byte, 0, batch*512),
	}
}

// write sends what is queued whenever it is nudged.
func (s *muxSocket) write(batch int) {
	w := newMuxWriter(batch)
	for range s.wake {
		if !s.flush(w) {
			return
		}
	}
}

// flush sends what is queued. It returns false once the socket is closed.
func (s *muxSocket) flush(w *muxWriter) bool {
	for {
		s.mu.Lock()
		// The wires are copied under the lock: a call that is answered or tried again meanwhile may change its own.
		store, calls, taken := w.store[:0], w.calls[:0], 0
		for ; taken < len(s.queue) && len(calls) < len(w.ms); taken++ {
			try := s.queue[taken]
			if try.over() {
				continue
			}
			try.c.sent = true
			start := len(store)
			store = append(store, try.c.Wire...)
			w.bufs[len(calls)][0] = store[start:len(store):len(store)]
			calls = append(calls, try)
		}
		s.queue = append(s.queue[:0], s.queue[taken:]...)
		dead := s.dead
		s.mu.Unlock()
		n := len(calls)
		if n == 0 {
			return dead == nil
		}
		w.store, w.calls = store, calls
		for i := range n {
			w.ms[i] = ipv4.Message{Buffers: w.bufs[i][:]}
		}
		for sent, blamed := 0, false; sent < n; {
			k, err := s.batch.WriteBatch(w.ms[sent:n], 0)
			if errors.Is(err, syscall.EINTR) {
				continue
			}
			if err != nil && !blamed && fromNetwork(err) {
				// The kernel returns an ICMP message caused by an earlier datagram for the next system call. The earlier
				// datagrams were refused; these were not sent at all.
				blamed = true
				s.refuseExcept(calls[sent:n], err)
				continue
			}
			if err != nil {
				if s.writeFailed(calls[sent:n], err) {
					return false
				}
				break
			}
			sent += max(k, 1)
		}
	}
}

// writeAlone writes one query. If that fails because of an earlier one, the writer tries again.
func (s *muxSocket) writeAlone(try muxTry, wire []byte) {
	_, err := s.conn.Write(wire)
	s.mu.Lock()
	s.scratch = wire
	s.mu.Unlock()
	switch {
	case err == nil:
	case fromNetwork(err): // an ICMP message, see flush
		s.refuseExcept([]muxTry{try}, err)
		s.mu.Lock()
		if !try.over() {
			s.queue = append(s.queue, try)
		}
		s.mu.Unlock()
		s.nudge()
	default:
		s.writeFailed([]muxTry{try}, err)
	}
}

// writeFailed ends the queries that could not be sent; it reports whether the socket is closed.
func (s *muxSocket) writeFailed(calls []muxTry, err error) bool {
	if errors.Is(err, net.ErrClosed) {
		return true
	}
	s.mu.Lock()
	var ended []*Query
	for _, try := range calls {
		if c := try.c; !try.over() {
			delete(s.calls, c.id)
			c.close()
			ended = append(ended, c)
		}
	}
	s.mu.Unlock()
	for _, c := range ended {
		c.end(nil, err)
	}
	return false
}

// muxReader is the memory of a turn.
type muxReader struct {
	ms      []ipv4.Message
	ended   []*Query
	replies [][]byte
	last    time.Time // when deadlines were checked
}

func newMuxReader(batch int) *muxReader {
	r := &muxReader{
		ms: make([]ipv4.Message, batch), ended: make([]*Query, 0, batch), replies: make([][]byte, 0, batch),
		last: time.Now(),
	}
	for i := range r.ms {
		r.ms[i].Buffers = [][]byte{make([]byte, muxReadSize)}
	}
	return r
}

func (s *muxSocket) read(batch int) {
	r := newMuxReader(batch)
	for s.turn(r) {
	}
}

// oneByOne moves one datagram a system call.
type oneByOne struct{ conn muxConn }

// ReadBatch waits for a datagram.
func (o oneByOne) ReadBatch(ms []ipv4.Message, _ int) (int, error) {
	n, err := o.conn.Read(ms[0].Buffers[0])
	if err != nil && n == 0 {
		return 0, err
	}
	ms[0].N = n // with an error: Windows says that it has cut off a datagram that is longer than the buffer
	return 1, nil
}

// WriteBatch writes the first datagram.
func (o oneByOne) WriteBatch(ms []ipv4.Message, _ int) (int, error) {
	if _, err := o.conn.Write(ms[0].Buffers[0]); err != nil {
		return 0, err
	}
	return 1, nil
}

// turn waits for replies, completes their queries, and checks deadlines. It returns false once the socket is closed.
func (s *muxSocket) turn(r *muxReader) bool {
	began := time.Now()
	n, err := s.batch.ReadBatch(r.ms, s.flags)
	switch {
	case err == nil:
	case errors.Is(err, os.ErrDeadlineExceeded),
		errors.Is(err, syscall.EINTR): // a call with a time limit is not begun again after a signal
		n = 0
	case errors.Is(err, net.ErrClosed):
		s.fail(errClosed)
		return false
	default:
		s.refuse(err) // an ICMP message: the port is closed
		return true
	}
	r.ended, r.replies = r.ended[:0], r.replies[:0]
	s.mu.Lock()
	for i := range n {
		reply := r.ms[i].Buffers[0][:r.ms[i].N]
		if c := s.match(reply); c != nil {
			r.ended, r.replies = append(r.ended, c), append(r.replies, reply)
		}
	}
	if n > 0 && len(s.calls) == 0 {
		s.rest() // now rather than at the next tick, which would wake the reader for nothing
	}
	s.mu.Unlock()
	now := time.Now()
	for i, c := range r.ended {
		c.endAt(now, r.replies[i], nil)
	}
	if now = time.Now(); n == 0 || n < len(r.ms) && now.Sub(r.last) >= muxTick || now.Sub(r.last) > muxPatience {
		r.last = now
		s.expire(began, now)
	}
	return true
}
