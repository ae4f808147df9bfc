package transport

import (
	"sync/atomic"
	"time"
)

// Query is one query in flight. Done runs on the reader's goroutine and must not block; reply is valid only until it
// returns. Once Done is called, the query may be asked again, with other contents.
type Query struct {
	Wire        []byte // the packed question; its first two octets are set here
	QuestionEnd int    // where its question section ends
	Tries       []time.Duration
	Done        func(c *Query, reply []byte, err error)
	Owner       any // of the caller
	// More reports whether the query continues by other means after this reply. Held is then set, and its place in the
	// window stays taken until Release, so that the window bounds those queries, too. It may be nil.
	More func(c *Query, reply []byte) bool
	Held bool
	Took time.Duration // from Ask to the reply or failure; set before Done is called

	mux *UDPMux
	seq atomic.Uint32 // counts its tries, and their ends, over all its uses; see muxTry
	queryState
}

// queryState is what a query has of its own each time that it is asked. The lock of its socket guards it.
type queryState struct {
	began     time.Time
	id        uint32 // of 16 bits; a map has a faster way for 32
	sent      bool   // or about to be
	try       int
	deadline  time.Time
	unmatched int
	others    int // replies to its question under an id that no open call has
	// Time in this try during which this machine did not run us, whether that was much of it, and how often a try was
	// repeated because of it. A missing answer would then be our fault.
	busy  time.Duration
	late  bool
	again int
}

// muxTry is one try of a query. Lists of tries are not searched when a query ends: a try stays in them, and is passed
// over when its turn comes. By then the query may have been asked again, even over another socket.
type muxTry struct {
	c   *Query
	seq uint32 // of the query during this try
}

// over reports whether the query has ended since, is tried again, or is asked again.
func (t muxTry) over() bool { return t.c.seq.Load() != t.seq }

// close ends the current try of a query that is done. The lock of its socket is held.
func (c *Query) close() { c.seq.Add(1) }

// end completes a query.
func (c *Query) end(reply []byte, err error) { c.endAt(time.Now(), reply, err) }

// endAt completes a query at a time.
func (c *Query) endAt(now time.Time, reply []byte, err error) {
	if !c.began.IsZero() {
		c.Took = max(0, now.Sub(c.began))
	}
	if c.Held = err == nil && c.More != nil && c.More(c, reply); !c.Held {
		<-c.mux.window
	}
	c.Done(c, reply, err)
}
