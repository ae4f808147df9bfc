package exchange

import (
	"bytes"
	"hash/maphash"
	"sync"

	"github.com/miekg/dns"
)

// Answers reads messages, equal ones once: the servers of a zone give the same answer, but for its id. The messages
// are shared and must not be changed. The zero value is ready for use, by several goroutines.
type Answers struct {
	mu    sync.Mutex // guards following
	known [answersKept]struct {
		wire []byte // without the id
		msg  *dns.Msg
	}
}

// The bounds of what is kept.
const (
	answersKept = 128
	answerSize  = 512 // octets of a message
)

var answerSeed = maphash.MakeSeed()

// Unpack is the function Unpack. The id of the message is that of the first one.
func (a *Answers) Unpack(wire []byte) (*dns.Msg, error) {
	const id = 2 // octets
	if len(wire) < id || len(wire) > answerSize {
		return Unpack(wire)
	}
	rest := wire[id:]
	place := &a.known[maphash.Bytes(answerSeed, rest)%answersKept]
	a.mu.Lock()
	if place.msg != nil && bytes.Equal(place.wire, rest) {
		defer a.mu.Unlock()
		return place.msg, nil
	}
	a.mu.Unlock()
	m, err := Unpack(wire)
	if err != nil || foreign(m) {
		return m, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	place.wire, place.msg = append(place.wire[:0], rest...), m
	return m, nil
}

// foreign reports whether Judge drops records.
func foreign(m *dns.Msg) bool {
	for _, section := range [][]dns.RR{m.Answer, m.Ns} {
		for _, rr := range section {
			if rr.Header().Class != dns.ClassINET {
				return true
			}
		}
	}
	return false
}
