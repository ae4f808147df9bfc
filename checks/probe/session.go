package probe

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"domdoc/checks/probe/flight"

	"golang.org/x/time/rate"
)

// Server is somebody who answers DNS questions.
type Server struct {
	Host  string         // its name, where it has one
	Addr  netip.AddrPort // where it listens; invalid for DNS over HTTPS
	Proto string         // "" (UDP, with TCP for long answers), "tls" (RFC 7858) or "https" (RFC 8484)
	URL   string         // for DNS over HTTPS

	// lane is which of several sockets to it is used: a public resolver is many machines behind one address, and the
	// port that a question comes from decides which of them answers.
	lane int
}

func (s Server) String() string {
	switch {
	case s.URL != "":
		return s.URL
	case s.Proto == "tls":
		return "tls://" + s.Addr.String()
	case s.Host != "":
		return s.Host + " (" + s.Addr.String() + ")"
	}
	return s.Addr.String()
}

// Transport moves bytes. Live goes to the network, the sandbox's to loopback, and a replay answers from a ledger.
// Nothing else in domdoc opens a socket to the world.
type Transport interface {
	// DNS sends one packed question over UDP, or over a stream, and returns the reply as it came.
	DNS(ctx context.Context, to Server, wire []byte, stream bool) ([]byte, error)
	// WHOIS asks a port-43 server; at most MaxWHOIS octets of the reply are read. A reply whose end did not come is
	// given with an error that says why.
	WHOIS(ctx context.Context, to netip.AddrPort, query string) ([]byte, error)
	// HTTP makes one request to one address and follows nothing.
	HTTP(ctx context.Context, ask HTTPAsk) (*HTTPReply, error)
	// TLS makes one handshake with one address and verifies nothing.
	TLS(ctx context.Context, addr netip.AddrPort, serverName string) (*TLSReply, error)
	// LookupHost asks the system's own resolver; used for hosts of ours (registries), never for evidence.
	LookupHost(ctx context.Context, host string) ([]netip.Addr, error)
}

// Options are the settings of a session. The zero value of each field means its default.
type Options struct {
	Resolvers    []Server // public resolvers to judge propagation by; default DefaultResolvers
	AllowPrivate bool     // TLS and HTTP to private, loopback and link-local addresses
	Rate         float64  // questions a second to one DNS server; 0 is DefaultRate, below 0 no bound
	Roots        []Server // root servers; default: the built-in hints, raced with what the resolvers say (RFC 9609)
	RDAPBase     string   // asked in place of the bootstrap's server
	Bootstrap    string   // URL of the RDAP bootstrap; default IANA's
	CacheDir     string   // where the bootstrap is kept; empty keeps nothing
	WHOISRoot    string   // who is asked for a TLD's WHOIS server; default whois.iana.org:43
	Now          func() time.Time
	HasIPv6      func() bool    // default: the system has a route, and a public address to ask from
	TrustedRoots *x509.CertPool // that certificates are judged by; nil is the system's
	MinAge       time.Duration  // before a registration can be transferred; default 60 days
	Record       *Tape          // everything that is asked is written to it
	Replay       *Tape          // answers in place of the network
}

// Session belongs to one run. It remembers every answer, so that each server is asked each question once, whoever
// asks; it is safe for concurrent use. Fork gives a domain its own ledger over the same memory.
type Session struct {
	*shared
	ledger *Ledger
}

type shared struct {
	ctx    context.Context // ends with the session: questions outlive the asker that started them, not the session
	cancel context.CancelFunc
	wire   Transport
	opt    Options

	exchanges flight.Cache[memoKey, *Exchange]
	facts     flight.Cache[string, fact]

	mu      sync.Mutex // guards the fields below
	servers map[string]*serverState
	hasV6   int8   // 0 not determined, 1 no, 2 yes
	label   string // the random label of RandomSibling
}

// Bounds of a session's caches, so that it can diagnose any number of domains. One domain needs a few hundred
// exchanges.
const (
	maxExchanges = 1 << 13
	maxFacts     = maxExchanges / 4
)

type memoKey struct {
	kind   Kind
	server string
	asked  string
	flags  int
}

// serverState is what a session knows of one server's health.
type serverState struct {
	slots  chan struct{}
	limit  *rate.Limiter
	mu     sync.Mutex // guards following
	silent int        // questions in a row that got no answer
	last   Outcome    // how the last of them ended
	since  time.Time  // when the last of them ended
}

// Bounds of a session.
const (
	// questions a second to one server: far below what public resolvers allow an address
	DefaultRate = 200
	serverSlots = 96 // questions under way to one server
	// after so many unanswered questions in a row, each tried several times, a server is not asked again,
	silentEnough  = 2
	silentRecover = 20 * time.Second // until so much time has passed
)

// DefaultResolvers are the two that the customer named.
func DefaultResolvers() []Server {
	return []Server{
		{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{8, 8, 8, 8}), 53)},
		{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{1, 1, 1, 1}), 53)},
	}
}

// NewSession starts a session over a transport. Close it.
func NewSession(ctx context.Context, wire Transport, opt Options) *Session {
	if opt.Resolvers == nil {
		opt.Resolvers = DefaultResolvers()
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Rate == 0 {
		opt.Rate = DefaultRate
	}
	if opt.Bootstrap == "" {
		opt.Bootstrap = ianaBootstrap
	}
	if opt.WHOISRoot == "" {
		opt.WHOISRoot = "whois.iana.org:43"
	}
	if opt.HasIPv6 == nil {
		opt.HasIPv6 = systemIPv6
	}
	if opt.MinAge == 0 {
		opt.MinAge = 60 * 24 * time.Hour
	}
	if t := opt.Replay; t != nil {
		opt.HasIPv6, opt.TrustedRoots, opt.CacheDir = t.HasIPv6, t.Roots(), ""
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &Session{
		shared: &shared{
			ctx: ctx, cancel: cancel, wire: wire, opt: opt, servers: map[string]*serverState{},
			exchanges: flight.Cache[memoKey, *Exchange]{Limit: maxExchanges},
			facts:     flight.Cache[string, fact]{Limit: maxFacts},
		},
		ledger: &Ledger{},
	}
	switch {
	case opt.Replay != nil:
		s.label = opt.Replay.label
	case opt.Record != nil:
		s.label = randomLabel()
		opt.Record.begin(s.label, opt.Now())
	}
	return s
}

// Fork returns a session with a ledger of its own over the same memory.
func (s *Session) Fork() *Session { return &Session{shared: s.shared, ledger: &Ledger{}} }

// Close ends the session and every question that is still under way.
func (s *Session) Close() { s.cancel() }

// Ledger is what this session (or fork) asked, or was answered from the shared memory.
func (s *Session) Ledger() *Ledger { return s.ledger }

// Now is the session's clock.
func (s *Session) Now() time.Time { return s.opt.Now() }

// Resolvers are the public resolvers that propagation is judged by.
func (s *Session) Resolvers() []Server { return slices.Clone(s.opt.Resolvers) }

// Roots are the certificate authorities that certificates are judged by; nil is the system's.
func (s *Session) Roots() *x509.CertPool { return s.opt.TrustedRoots }

// AllowPrivate reports whether TLS and HTTP may go to addresses that are not public.
func (s *Session) AllowPrivate() bool { return s.opt.AllowPrivate }

// MinTransferAge is how long a registration must be old before it can be transferred.
func (s *Session) MinTransferAge() time.Duration { return s.opt.MinAge }

// do makes an exchange once for all that ask for it, and adds it to the ledger of each. It runs under the session's
// context: a caller that gives up does not spoil it for the others.
func (s *Session) do(ctx context.Context, key memoKey, blank Exchange,
	run func(ctx context.Context) *Exchange,
) *Exchange {
	if t := s.opt.Replay; t != nil {
		x := t.find(key, blank)
		s.ledger.add(x)
		return x
	}
	x, err := s.exchanges.Do(ctx, key, func() *Exchange {
		x := s.guarded(blank, run)
		if t := s.opt.Record; t != nil && s.ctx.Err() == nil { // an exchange cut short by the end of the run is no answer
			t.add(key, x, s.opt.TrustedRoots)
		}
		return x
	})
	if err != nil {
		blank.At, blank.Outcome, blank.Err = s.Now(), NotAsked, errNotAsked.Error()
		return &blank
	}
	s.ledger.add(x)
	return x
}

// guarded runs an exchange; a parser that panics on hostile data fails only this one.
func (s *Session) guarded(blank Exchange, run func(ctx context.Context) *Exchange) (x *Exchange) {
	defer func() {
		if r := recover(); r != nil {
			x = &blank
			x.At, x.Outcome, x.Err = s.Now(), Malformed, brokenReader(r)
		}
	}()
	return run(s.ctx)
}

func brokenReader(panicked any) string { return fmt.Sprintf("reading the answer failed: %v", panicked) }

func (s *shared) server(key string) *serverState {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.servers[key]
	if st == nil {
		st = &serverState{slots: make(chan struct{}, serverSlots)}
		if s.opt.Rate > 0 {
			st.limit = rate.NewLimiter(rate.Limit(s.opt.Rate), max(1, int(s.opt.Rate)))
		}
		s.servers[key] = st
	}
	return st
}

// enter waits for a place at the server. It fails when the server has been silent too often, or ctx ends.
func (st *serverState) enter(ctx context.Context) error {
	if st.dead() {
		return errSilent
	}
	select {
	case st.slots <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errNotAsked, ctx.Err())
	}
	if st.dead() { // it may have shown itself silent while we waited
		<-st.slots
		return errSilent
	}
	if err := waitTurn(ctx, st.limit); err != nil {
		<-st.slots
		return err
	}
	return nil
}

// errNotAsked is no fault of anybody's: the run was over before it was a question's turn.
var errNotAsked = errors.New("the time for this run is over")

// waitTurn waits until a limiter (nil: there is none) lets the next question pass. Where its turn would come after
// the end of ctx it fails at once.
func waitTurn(ctx context.Context, limit *rate.Limiter) error {
	if limit == nil {
		return nil
	}
	if err := limit.Wait(ctx); err != nil {
		return fmt.Errorf("%w: %w", errNotAsked, err)
	}
	return nil
}

// refused is the outcome of a question that enter did not let pass: what the server did last when it is left alone,
// else that we did not ask.
func (st *serverState) refused(err error) (Outcome, string) {
	if !errors.Is(err, errSilent) {
		return NotAsked, errNotAsked.Error()
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.last, err.Error()
}

// leave gives the place back. Every answer counts as one; silence and what the network says in the server's place do
// not.
func (st *serverState) leave(o Outcome) {
	st.mu.Lock()
	switch o {
	case NotAsked: // we gave up, which says nothing of the server
	case Timeout, Unreachable:
		st.silent++
		st.since, st.last = time.Now(), o
	default:
		st.silent = 0
	}
	st.mu.Unlock()
	<-st.slots
}

// politely asks a server that is no DNS server: not while it is silent, not too many at once, and with the outcome
// written into the exchange.
func (s *Session) politely(ctx context.Context, x *Exchange, key string, ask func() error) {
	st := s.server(key)
	if err := st.enter(ctx); err != nil {
		x.Outcome, x.Err = st.refused(err)
		return
	}
	took := Malformed // of a reader that breaks on what came
	defer func() { st.leave(took) }()
	err := ask()
	x.Outcome, x.Err = Answered, ""
	if err != nil {
		x.Outcome, x.Err = s.failure(err)
	}
	if took = x.Outcome; took == Unreachable { // refused at once: it costs nothing to ask such a server again
		took = Answered
	}
}

// failure is netOutcome for a question under the session's own context: what the session's end has cut short says
// nothing of anybody.
func (s *Session) failure(err error) (Outcome, string) {
	if s.ctx.Err() != nil {
		return NotAsked, errNotAsked.Error()
	}
	return netOutcome(err)
}

func (st *serverState) dead() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.silent >= silentEnough && time.Since(st.since) < silentRecover
}

// fact is a value computed from exchanges, shared by all that need it.
type fact struct {
	val      any
	used     *Ledger // the exchanges it was computed from
	panicked any
}

// factTimeout bounds the computation of one fact: longer than any chain of exchanges that ends by itself.
const factTimeout = 30 * time.Second

// shareFact computes a value once per session and adds the exchanges that it took to the ledger of each caller. Like
// do it runs under the session's context.
func shareFact[T any](ctx context.Context, s *Session, key string,
	compute func(ctx context.Context, s *Session) T,
) (T, error) {
	f, err := s.facts.Do(ctx, key, func() (f fact) {
		ctx, cancel := context.WithTimeout(s.ctx, factTimeout)
		defer cancel()
		fork := s.Fork()
		f.used = fork.ledger
		defer func() { f.panicked = recover() }() // caught here so that callers get the exchanges, too
		f.val = compute(ctx, fork)
		return f
	})
	if err != nil {
		var zero T
		return zero, err
	}
	s.ledger.merge(f.used)
	if f.panicked != nil {
		panic(f.panicked) // a bug of ours: the check that asked reports it
	}
	v, _ := f.val.(T)
	return v, nil
}

// both runs two functions at once.
func both[A, B any](f func() A, g func() B) (A, B) {
	var a A
	var b B
	var wg Group
	wg.Go(func() { b = g() })
	a = f()
	wg.Wait()
	return a, b
}

type contextKey struct{}

// NewContext marks a context with the session that asks, so that what other packages exchange on its behalf reaches
// its ledger.
func NewContext(ctx context.Context, s *Session) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// FromContext is the session of NewContext; nil without one.
func FromContext(ctx context.Context) *Session {
	s, _ := ctx.Value(contextKey{}).(*Session)
	return s
}

// Note writes an exchange that was made elsewhere (with the service) to the ledger.
func (s *Session) Note(x *Exchange) { s.ledger.add(x) }
