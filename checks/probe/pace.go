package probe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/registration"
	"domdoc/checks/probe/transport"
)

// Pacing bounds the questions to registries' servers, which refuse clients that ask too much, some of them for a day.
// A server that refuses is left alone for as long as it says, and then asked again.
type Pacing struct {
	// Rate is the number of questions per second to one server; 0 is what is known of the server, below 0 unlimited.
	Rate float64
	// Patience is the longest wait for a server that refuses; 0 is two minutes. What it refuses for longer is not
	// asked.
	Patience time.Duration

	now   func() time.Time // of tests
	sleep func(ctx context.Context, d time.Duration) error
}

// registryLimit is how much a registry's server is asked.
type registryLimit struct {
	every  time.Duration
	atOnce int
	perDay int // 0: unlimited
}

// Registries do not publish their limits, as a rule: these stay below those that their clients report.
var (
	rdapLimit  = registryLimit{every: 200 * time.Millisecond, atOnce: 4}
	whoisLimit = registryLimit{every: time.Second, atOnce: 1}
)

// registryLimits are the limits of servers that are known, by kind and host.
var registryLimits = map[string]registryLimit{
	// https://www.nominet.uk/uk-domain-names/about-domain-names/domain-lookup-whois/acceptable-use-policy: 5 a second
	// and 1,000 in 24 hours
	"whois whois.nic.uk": {every: 200 * time.Millisecond, atOnce: 1, perDay: 1000},
	// one question for each top-level domain
	"whois whois.iana.org": {every: 200 * time.Millisecond, atOnce: 1},
}

const (
	defaultPatience  = 2 * time.Minute
	firstPause       = 5 * time.Second // after a refusal that names no time; doubled with each
	longestPause     = 2 * time.Minute
	slowest          = 15 * time.Second // between two questions to a server that has refused
	refusalsOfOne    = 4                // then the name is given up
	refusalsOfAll    = 5                // without an answer in between: then the server is left alone
	longAfterAll     = time.Hour
	pacedFactTimeout = time.Hour // of a name that waits for its registry
)

// gate lets the questions to one registry's server through.
type gate struct {
	pacing *Pacing
	slots  chan struct{}
	trial  chan struct{} // a place: a server that refuses is asked one question at a time
	perDay int

	mu       sync.Mutex // guards following
	every    time.Duration
	next     time.Time // when the next question may be sent
	until    time.Time // when a server that refused may be asked again
	refusals int       // in a row
	asked    int
}

// pausedError is for a question that is not sent because the server has refused others.
type pausedError struct {
	until time.Time
	left  time.Duration
}

func (e *pausedError) Error() string {
	return "it refuses further questions until " + e.until.UTC().Format("15:04:05 UTC")
}

// errDaySpent is for a question beyond the number that a registry allows a day.
var errDaySpent = errors.New("the number of questions that the registry allows a day is used up")

func newGate(p *Pacing, limit registryLimit) *gate {
	g := &gate{pacing: p, every: limit.every, perDay: limit.perDay}
	switch {
	case p.Rate > 0:
		g.every = time.Duration(float64(time.Second) / p.Rate)
		limit.atOnce = max(limit.atOnce, int(p.Rate))
	case p.Rate < 0:
		g.every, limit.atOnce = 0, serverSlots
	}
	g.slots, g.trial = make(chan struct{}, limit.atOnce), make(chan struct{}, 1)
	return g
}

// enter waits for the turn of a question. leave ends it. The question is a trial if the server refuses others: it is
// then the only one, and its refusal must be noted before it leaves.
func (g *gate) enter(ctx context.Context) (leave func(), trial bool, err error) {
	leave = func() {
		if trial {
			<-g.trial
		}
		<-g.slots
	}
	select {
	case g.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, false, fmt.Errorf("%w: %w", transport.ErrNotAsked, ctx.Err())
	}
	for {
		if !trial && g.refuses() {
			select {
			case g.trial <- struct{}{}:
				trial = true
			case <-ctx.Done():
				leave()
				return nil, false, fmt.Errorf("%w: %w", transport.ErrNotAsked, ctx.Err())
			}
		}
		wait, err := g.reserve(g.pacing.clock())
		if err == nil && wait > 0 {
			err = g.pacing.wait(ctx, wait)
		}
		switch {
		case err != nil:
			leave()
			return nil, false, err
		case wait <= 0:
			return leave, trial, nil
		}
	}
}

// refuses reports whether the server has refused, and not answered since.
func (g *gate) refuses() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refusals > 0
}

// reserve takes the turn at a time, or returns how long it takes to come.
func (g *gate) reserve(now time.Time) (time.Duration, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch left := g.until.Sub(now); {
	case g.perDay > 0 && g.asked >= g.perDay:
		return 0, errDaySpent
	case left > g.pacing.patience():
		return 0, &pausedError{g.until, left}
	case left > 0:
		return left, nil
	}
	if wait := g.next.Sub(now); wait > 0 {
		return wait, nil
	}
	g.next = now.Add(g.every)
	g.asked++
	return 0, nil
}

// refused notes that the server refused a question. It reports whether the pause is short enough to ask again.
func (g *gate) refused(now time.Time, retryAfter time.Duration) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !now.Before(g.until) || g.refusals == 0 { // several questions in flight are one refusal
		g.refusals++
		g.every = min(max(2*g.every, time.Second), slowest)
	}
	pause := retryAfter
	if pause <= 0 {
		pause = min(firstPause<<min(g.refusals-1, 10), longestPause)
	}
	if g.refusals >= refusalsOfAll {
		pause = max(pause, longAfterAll)
	}
	if t := now.Add(pause); t.After(g.until) {
		g.until = t
	}
	return g.until.Sub(now) <= g.pacing.patience()
}

// answered notes that the server answered a question.
func (g *gate) answered() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusals = 0
}

func (p *Pacing) clock() time.Time {
	if p.now != nil {
		return p.now()
	}
	return time.Now()
}

func (p *Pacing) patience() time.Duration {
	if p.Patience > 0 {
		return p.Patience
	}
	return defaultPatience
}

func (p *Pacing) wait(ctx context.Context, d time.Duration) error {
	if p.sleep != nil {
		return p.sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", transport.ErrNotAsked, ctx.Err())
	}
}

// gate returns the gate of a registry's server; nil if the session has no pacing.
func (s *shared) gate(kind exchange.Kind, host string) *gate {
	if s.opt.Pacing == nil {
		return nil
	}
	key := string(kind) + " " + host
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gates[key]
	if g == nil {
		limit, known := registryLimits[key]
		switch {
		case known:
		case kind == exchange.KindWHOIS:
			limit = whoisLimit
		default:
			limit = rdapLimit
		}
		g = newGate(s.opt.Pacing, limit)
		s.gates[key] = g
	}
	return g
}

// inTurnOf makes an exchange with a registry's server when its turn comes.
func (s *Session) inTurnOf(ctx context.Context, x *exchange.Exchange, ask func()) {
	g := s.gate(x.Kind, x.Host)
	if g == nil {
		ask()
		return
	}
	leave, trial, err := g.enter(ctx)
	if err != nil {
		x.Outcome, x.Err = exchange.NotAsked, err.Error()
		if errors.Is(err, transport.ErrNotAsked) {
			x.Err = transport.ErrNotAsked.Error()
		}
		return
	}
	defer leave()
	ask()
	if !trial {
		return
	}
	if r := readRefusal(x); r.Throttled {
		g.refused(g.pacing.clock(), r.RetryAfter)
	}
}

// readRefusal reads a registry's reply for whether it refuses; what it says of a name is not looked at.
func readRefusal(x *exchange.Exchange) registration.Registration {
	switch {
	case x.HTTP != nil:
		h := x.HTTP.Header
		return registration.ReadRDAP("", x.HTTP.Status, h.Get("Content-Type"), h.Get("Retry-After"), x.HTTP.Body)
	case x.Text != nil:
		return registration.ReadWHOIS("", x.Text, x.Cut)
	}
	return registration.Registration{}
}

// pausedFor returns for how long a server that refused is not asked; 0 if it is.
func (s *Session) pausedFor(kind exchange.Kind, host string) time.Duration {
	g := s.gate(kind, host)
	if g == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.until.Sub(g.pacing.clock()))
}

// untilAnswered asks a source again as long as it refuses for the number of questions, within the patience of the
// session.
func (s *Session) untilAnswered(out *RegistrationReport,
	ask func() registration.Registration,
) registration.Registration {
	for n := 1; ; n++ {
		tried, seen := len(out.Tried), len(out.Evidence)
		r := ask()
		if s.opt.Pacing == nil || r.Server == "" || len(out.Evidence) == seen { // nothing was asked, or nothing came
			return r
		}
		last := out.Evidence[len(out.Evidence)-1]
		g := s.gate(last.Kind, last.Host)
		if !r.Throttled {
			g.answered()
			return r
		}
		if !g.refused(g.pacing.clock(), r.RetryAfter) || n == refusalsOfOne {
			return r
		}
		key := exchange.QueryKey{Kind: last.Kind, Asked: last.Asked}
		if last.Kind == exchange.KindWHOIS {
			key.Server = last.Host
		}
		s.exchanges.Forget(exchangeKey{QueryKey: key})
		s.opt.Record.Forget(key)
		out.Tried, out.Evidence = out.Tried[:tried], out.Evidence[:seen]
	}
}
