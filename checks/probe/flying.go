package probe

import "time"

// flying are the queries in flight to a server, in the order in which they began, so that one timer is enough for all.
// The mutex of the server guards it.
type flying struct {
	oldest, youngest *place
	fast             *place // the oldest that is not known to be slow
	timer            *time.Timer
	armed            bool
}

// began notes that a query has a slot and is sent now. st.mu is held.
func (st *serverState) began(p *place) {
	p.start, p.slot, p.flies = time.Now(), true, true
	l := &st.flying
	if p.older = l.youngest; p.older == nil {
		l.oldest = p
	} else {
		p.older.newer = p
	}
	l.youngest = p
	if l.fast == nil {
		l.fast = p
	}
	if !l.armed {
		st.watchFor(slowAfter)
	}
}

// watchFor starts the timer. st.mu is held.
func (st *serverState) watchFor(d time.Duration) {
	l := &st.flying
	l.armed = true
	if l.timer == nil {
		l.timer = time.AfterFunc(d, st.slow)
	} else {
		l.timer.Reset(d)
	}
}

// ended gives back what a query holds. p.st.mu is held.
func (p *place) ended() {
	p.yield()
	p.st.leave(p.queue)
	p.queue = ""
	if !p.flies {
		return
	}
	p.flies = false
	l := &p.st.flying
	if l.fast == p {
		l.fast = p.newer
	}
	if p.older == nil {
		l.oldest = p.newer
	} else {
		p.older.newer = p.newer
	}
	if p.newer == nil {
		l.youngest = p.older
	} else {
		p.newer.older = p.older
	}
	p.older, p.newer = nil, nil
}

// yield gives the slot back. p.st.mu is held.
func (p *place) yield() {
	if p.slot {
		p.slot = false
		<-p.st.slots
	}
}

// slow looks after the queries that have been in flight for slowAfter. They give back their slots, if the server is
// known to answer others. Those to a resolver end if it answers nothing.
func (st *serverState) slow() {
	st.mu.Lock()
	defer st.mu.Unlock()
	l := &st.flying
	for ; l.fast != nil; l.fast = l.fast.newer {
		p := l.fast
		if left := slowAfter - time.Since(p.start); left > 0 {
			st.watchFor(left)
			return
		}
		if !st.answered.IsZero() {
			p.yield()
		}
		if a := p.asking; a != nil && a.recursive() {
			a.s.workers.Go(a.watch)
		}
	}
	l.armed = false
}
