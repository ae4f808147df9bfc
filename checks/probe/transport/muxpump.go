package transport

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// muxPump lets the goroutine that asks write and read itself: it writes when a batch is queued, and reads when the
// window is full. One goroutine then does the work of three, which otherwise wake each other for each few datagrams,
// at more than half of the time of a sweep.
//
// While that goroutine is elsewhere (its list of names comes slowly, or the limit of another server holds it up)
// standIn takes its turns.
type muxPump struct {
	sock *muxSocket

	reading sync.Mutex // guards r; held during a turn
	r       *muxReader
	writing sync.Mutex // guards w
	w       *muxWriter

	turns    atomic.Uint64 // of the goroutine that asks
	here     atomic.Bool   // it takes its turns, or is about to
	standsIn atomic.Bool   // standIn takes them
}

// muxYield is after how many turns the goroutine that asks lets others run. The runtime's monitor (sysmon) interrupts
// one that does not for 10 ms, and while it has to, looks at all of them 50,000 times a second.
const muxYield = 16

func newMuxPump(s *muxSocket, batch int) *muxPump {
	return &muxPump{sock: s, r: newMuxReader(batch), w: newMuxWriter(batch)}
}

// asked is called after a query was queued. now: do not wait for more.
func (p *muxPump) asked(queued int, now bool) {
	if now || queued >= len(p.w.ms) || p.standsIn.Load() {
		p.flush()
	}
}

func (p *muxPump) flush() bool {
	p.writing.Lock()
	defer p.writing.Unlock()
	return p.sock.flush(p.w)
}

// inFlight reports whether a query is open.
func (p *muxPump) inFlight() bool {
	p.sock.mu.Lock()
	defer p.sock.mu.Unlock()
	return len(p.sock.calls) > 0
}

// run takes turns until there is a place in the window, and takes it. Without a window it does so until no query is
// open. It returns false if the context or all queries end first: all places are then held by queries that continue
// by other means.
func (p *muxPump) run(ctx context.Context, window chan<- struct{}) bool {
	p.here.Store(true)
	defer p.here.Store(false)
	if !p.reading.TryLock() {
		p.interrupt()
		p.reading.Lock()
	}
	defer p.reading.Unlock()
	for {
		select {
		case window <- struct{}{}: // never, if it is nil
			return true
		default:
		}
		if ctx.Err() != nil || !p.flush() || !p.inFlight() {
			return false
		}
		if p.turns.Add(1)%muxYield == 0 {
			runtime.Gosched()
		}
		if !p.sock.turn(p.r) {
			return false
		}
	}
}

// interrupt ends a turn that waits for replies.
func (p *muxPump) interrupt() { _ = p.sock.conn.SetReadDeadline(time.Now()) }

// standIn takes the turns while the goroutine that asks has taken none for a tick, until the socket is closed.
func (p *muxPump) standIn() {
	tick := time.NewTicker(muxTick)
	defer tick.Stop()
	for seen := uint64(0); ; {
		<-tick.C
		p.sock.mu.Lock()
		dead := p.sock.dead != nil
		p.sock.mu.Unlock()
		if dead {
			return
		}
		if n := p.turns.Load(); n != seen {
			seen = n
			continue
		}
		p.standsIn.Store(true)
		for !p.here.Load() && p.flush() && p.standInOnce() {
		}
		p.standsIn.Store(false)
	}
}

func (p *muxPump) standInOnce() bool {
	p.reading.Lock()
	defer p.reading.Unlock()
	return !p.here.Load() && p.inFlight() && p.sock.turn(p.r)
}

// Drain sends what is queued and reads until no query is open or the context ends. Without it, that happens with a
// delay.
func (p *UDPMux) Drain(ctx context.Context) {
	if p.pump != nil {
		p.pump.run(ctx, nil)
	}
}
