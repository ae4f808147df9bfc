package casefile

import (
	"io"
	"strings"
	"sync"
	"time"

	"domdoc/checks/probe/recording"
)

// Replay is a case that is being replayed. It is safe for concurrent use.
type Replay struct {
	File

	mu   sync.Mutex // guards the fields below
	next int        // the session that NextSession returns next
	at   time.Time  // when the current session began
}

// NextSession returns the recorded sessions one after the other, and then the last one again.
func (p *Replay) NextSession() *recording.Recording {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.Sessions[min(p.next, len(p.Sessions)-1)]
	p.next++
	p.at = t.Begun()
	return t
}

// Now is the clock of a replay: the time at which the current session began.
func (p *Replay) Now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at.IsZero() {
		return p.StartedAt
	}
	return p.at
}

// Input returns a recorded input.
func (p *Replay) Input(name string) (io.Reader, bool) {
	text, ok := p.Inputs[name]
	return strings.NewReader(text), ok
}
