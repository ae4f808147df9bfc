// Package probe queries the network for the checks. Every query goes through a Session, which sends each query to
// each server once, limits time, size and rate, and writes every exchange to a ledger, so that each verdict can show
// its evidence.
package probe

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/flight"
	"domdoc/checks/probe/recording"
	"domdoc/checks/probe/transport"

	"golang.org/x/time/rate"
)

// Transport moves bytes: transport.Live over the network or the sandbox, transport.NoNetwork during a replay.
type Transport interface {
	// DNS sends one packed query over UDP, or over a stream, and returns the reply unchanged.
	DNS(ctx context.Context, to exchange.Server, wire []byte, stream bool) ([]byte, error)
	// WHOIS queries a port-43 server; at most transport.MaxWHOIS octets of the reply are read. An incomplete reply is
	// returned with an error.
	WHOIS(ctx context.Context, to netip.AddrPort, query string) ([]byte, error)
	// HTTP makes one request to one address and follows nothing.
	HTTP(ctx context.Context, ask exchange.HTTPAsk) (*exchange.HTTPReply, error)
	// TLS makes one handshake with one address and verifies nothing.
	TLS(ctx context.Context, addr netip.AddrPort, serverName string) (*exchange.TLSReply, error)
	// LookupHost asks the system's resolver. It is used for registries' hosts, never for evidence.
	LookupHost(ctx context.Context, host string) ([]netip.Addr, error)
}

// Options are the settings of a session. The zero value of each field means its default.
type Options struct {
	Resolvers    []exchange.Server // public resolvers to judge propagation by; default DefaultResolvers
	AllowPrivate bool              // TLS and HTTP to private, loopback and link-local addresses
	Rate         float64           // queries per second to one DNS server; 0 is DefaultRate, below 0 unlimited
	// root servers; default: the built-in hints, raced with those of the resolvers (RFC 9609)
	Roots        []exchange.Server
	RDAPBase     string // queried in place of the bootstrap's server
	Bootstrap    string // URL of the RDAP bootstrap; default IANA's
	CacheDir     string // where the bootstrap is cached; empty caches nothing
	WHOISRoot    string // queried for a TLD's WHOIS server; default whois.iana.org:43
	Now          func() time.Time
	HasIPv6      func() bool          // default: the system has a route, and a public source address
	TrustedRoots *x509.CertPool       // that certificates are judged by; nil is the system's
	Exchanges    int                  // how many exchanges are cached; 0 is 3072
	MinAge       time.Duration        // before a registration can be transferred; default 60 days
	Pacing       *Pacing              // of the questions to registries; nil bounds them by Rate only
	Record       *recording.Recording // every exchange is written to it
	Replay       *recording.Recording // answers in place of the network
}

// Session belongs to one run. It caches every exchange, so that each server gets each query once. It is safe for
// concurrent use. Fork gives a domain its own ledger over the same cache.
type Session struct {
	*shared
	ledger *exchange.Ledger
}

type shared struct {
	basis  *Session        // of a rehearsal: what is not DNS is asked and kept there; else nil
	ctx    context.Context // ends with the session: exchanges outlive the caller that started them, not the session
	cancel context.CancelFunc
	wire   Transport
	live   *transport.Live // wire, if it is one
	opt    Options
	trust  exchange.Verifier

	exchanges flight.Cache[exchangeKey, *exchange.Exchange]
	facts     flight.Cache[factKey, fact]
	workers   flight.Workers
	answers   exchange.Answers

	mu      sync.Mutex // guards the fields below
	servers map[serverKey]*serverState
	gates   map[string]*gate // of registries' servers
	served  map[netip.AddrPort]served
	hasV6   int8   // 0 not determined, 1 no, 2 yes
	label   string // the random label of RandomSibling

	controlsMu sync.Mutex // guards the cache file of controls
}

// Bounds of a session's caches, so that it can diagnose any number of domains. One domain has about 40 exchanges of its
// own; what domains share stays in the cache because it is used.
const maxExchanges = 3 << 10

// DefaultResolvers are the two that the customer named.
func DefaultResolvers() []exchange.Server {
	return []exchange.Server{
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
	if opt.Exchanges == 0 {
		opt.Exchanges = maxExchanges
	}
	if opt.MinAge == 0 {
		opt.MinAge = 60 * 24 * time.Hour
	}
	if opt.Rate < 0 || opt.Replay != nil { // nobody to be polite to
		opt.Pacing = nil
	}
	if t := opt.Replay; t != nil {
		opt.HasIPv6, opt.TrustedRoots, opt.CacheDir = t.HasIPv6, t.Roots(), ""
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &Session{
		shared: &shared{
			ctx: ctx, cancel: cancel, wire: wire, opt: opt, servers: map[serverKey]*serverState{},
			gates:     map[string]*gate{},
			trust:     exchange.Verifier{Roots: opt.TrustedRoots},
			exchanges: flight.Cache[exchangeKey, *exchange.Exchange]{Limit: opt.Exchanges},
			facts:     flight.Cache[factKey, fact]{Limit: opt.Exchanges / 4, InTurn: opt.Replay != nil},
		},
		ledger: &exchange.Ledger{},
	}
	s.live, _ = wire.(*transport.Live)
	s.exchanges.Workers, s.facts.Workers = &s.workers, &s.workers
	context.AfterFunc(ctx, s.endAsking)
	context.AfterFunc(ctx, s.workers.Close)
	switch {
	case opt.Replay != nil:
		s.label = opt.Replay.Label
	case opt.Record != nil:
		s.label = randomLabel()
		opt.Record.Begin(s.label, opt.Now())
	}
	return s
}

// Rehearse starts a session that sends its DNS questions over another transport, which answers as after a change and
// asks s itself where it needs to. Registries, handshakes and web pages are the same, and are asked once for both.
// Close it before s.
func (s *Session) Rehearse(ctx context.Context, wire Transport) *Session {
	opt := s.opt
	opt.Record, opt.Replay, opt.Rate, opt.Pacing = nil, nil, -1, nil
	opt.HasIPv6 = s.HasIPv6
	r := NewSession(ctx, wire, opt)
	r.basis, r.label = s, s.randomLabel()
	return r
}

// keeper returns the session that asks and keeps an exchange of a kind.
func (s *Session) keeper(k exchange.Kind) *shared {
	if s.basis != nil && k != exchange.KindDNS {
		return s.basis.keeper(k)
	}
	return s.shared
}

// Fork returns a session with its own ledger over the same cache.
func (s *Session) Fork() *Session { return &Session{shared: s.shared, ledger: &exchange.Ledger{}} }

// Close ends the session and all exchanges in flight.
func (s *Session) Close() { s.cancel() }

// Ledger returns the exchanges of this session or fork, cached ones included.
func (s *Session) Ledger() *exchange.Ledger { return s.ledger }

// Now is the session's clock.
func (s *Session) Now() time.Time { return s.opt.Now() }

// Resolvers returns the public resolvers by which propagation is judged.
func (s *Session) Resolvers() []exchange.Server { return slices.Clone(s.opt.Resolvers) }

// Roots returns the trusted certificate authorities; nil means the system's.
func (s *Session) Roots() *x509.CertPool { return s.opt.TrustedRoots }

// Verify checks a chain for a host by the session's roots and clock.
func (s *Session) Verify(chain []*x509.Certificate, host string) exchange.Verified {
	return s.trust.Verify(chain, host, s.Now())
}

// AllowPrivate reports whether TLS and HTTP may go to addresses that are not public.
func (s *Session) AllowPrivate() bool { return s.opt.AllowPrivate }

// MinTransferAge is how old a registration must be before it can be transferred.
func (s *Session) MinTransferAge() time.Duration { return s.opt.MinAge }

// Missed reports whether a replay lacked an answer that the session asked for.
func (s *Session) Missed() bool { return slices.ContainsFunc(s.ledger.Exchanges(), recording.Missing) }

// exchangeKey identifies an exchange in the cache. That of a DNS query holds what the texts of its QueryKey are made
// from: most queries are known already, and need no texts.
type exchangeKey struct {
	exchange.QueryKey // of a DNS query: Server is the URL, and Asked the name, absolute, in its spelling
	addr              netip.AddrPort
	proto             exchange.Proto
	rrtype            uint16 // 0 unless it is a DNS query
}

// query is the key in recordings. asked is the text of the question.
func (k exchangeKey) query(asked string) exchange.QueryKey {
	if k.rrtype == 0 {
		return k.QueryKey
	}
	to := exchange.Server{Addr: k.addr, Proto: k.proto, URL: k.Server}
	return exchange.QueryKey{Kind: k.Kind, Server: to.Key(), Asked: asked, Flags: k.Flags}
}

// do makes an exchange once for all that ask for it, and adds it to the ledger of each. It runs under the session's
// context: a caller that gives up does not cancel it for the others.
func (s *Session) do(ctx context.Context, query exchange.QueryKey, blank exchange.Exchange,
	run func(ctx context.Context) *exchange.Exchange,
) *exchange.Exchange {
	key := exchangeKey{QueryKey: query}
	if s.keeper(query.Kind).opt.Replay != nil {
		return s.replayed(key, blank)
	}
	begun, fresh := s.keeper(query.Kind).exchanges.Reserve(key)
	if fresh {
		s.run(begun, key, blank, func(ctx context.Context, x *exchange.Exchange) { *x = *run(ctx) })
	}
	x := s.await(ctx, begun)
	if x == nil {
		return s.notAsked(blank)
	}
	return x
}

// pending is an exchange that is made, or was.
type pending = flight.Pending[exchangeKey, *exchange.Exchange]

// await waits for an exchange and adds it to the ledger; nil if ctx ends first.
func (s *Session) await(ctx context.Context, begun pending) *exchange.Exchange {
	x, err := begun.Wait(ctx)
	if err != nil {
		return nil
	}
	s.ledger.Add(x)
	return x
}

// replayed returns the recorded exchange.
func (s *Session) replayed(key exchangeKey, blank exchange.Exchange) *exchange.Exchange {
	x := s.keeper(key.Kind).opt.Replay.Find(key.query(blank.Asked), &blank)
	s.ledger.Add(x)
	return x
}

// notAsked is the exchange of a caller that gave up: the exchange itself continues.
func (s *Session) notAsked(x exchange.Exchange) *exchange.Exchange {
	x.At, x.Outcome, x.Err = s.Now(), exchange.NotAsked, transport.ErrNotAsked.Error()
	return &x
}

// run makes an exchange that was reserved in a goroutine of its own.
func (s *Session) run(begun pending, key exchangeKey, blank exchange.Exchange,
	run func(ctx context.Context, x *exchange.Exchange),
) {
	keeper := s.keeper(key.Kind)
	keeper.workers.Go(func() {
		x := new(exchange.Exchange) // the callers share it
		*x = blank
		s.guarded(x, func(x *exchange.Exchange) { run(s.ctx, x) })
		// an exchange that the end of the run cut short is not an answer
		if t := keeper.opt.Record; t != nil && s.ctx.Err() == nil {
			t.Add(key.query(x.Asked), x, s.opt.TrustedRoots)
		}
		begun.Complete(x)
	})
}

// guarded runs an exchange; a parser that panics on hostile data fails only this one.
func (s *Session) guarded(x *exchange.Exchange, run func(x *exchange.Exchange)) {
	blank := *x
	defer func() {
		if r := recover(); r != nil {
			*x = blank
			x.At, x.Outcome, x.Err = s.Now(), exchange.Malformed, brokenReader(r)
		}
	}()
	run(x)
}

func brokenReader(panicked any) string { return fmt.Sprintf("reading the answer failed: %v", panicked) }

// serverKey identifies a server: a DNS server by its address or URL, any other by a text.
type serverKey struct {
	addr netip.AddrPort
	name string
}

func dnsServerKey(to exchange.Server) serverKey { return serverKey{to.Addr, to.URL} }

func (s *shared) server(key serverKey) *serverState {
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

// withRateLimit runs an exchange with a server other than a DNS server within the limits of that server, and records
// its outcome. An unanswered exchange counts for the scopes.
func (s *Session) withRateLimit(ctx context.Context, x *exchange.Exchange, key string, scopes []scope,
	ask func() error,
) {
	p, err := s.server(serverKey{name: key}).acquire(ctx, "", scopes...)
	if err != nil {
		x.Outcome, x.Err = rejection(err)
		return
	}
	took := exchange.Malformed // a panic in a parser
	defer func() { p.release(took) }()
	x.Outcome, x.Err = exchange.Answered, ""
	if err := ask(); err != nil {
		x.Outcome, x.Err = s.failure(err)
	}
	// refused immediately: it costs nothing to try such a server again
	if took = x.Outcome; took == exchange.Unreachable {
		took = exchange.Answered
	}
}

// failure is transport.Outcome for an exchange under the session's context: one that the end of the session cut short
// says nothing about the server.
func (s *Session) failure(err error) (exchange.Outcome, string) {
	if s.ctx.Err() != nil {
		return exchange.NotAsked, transport.ErrNotAsked.Error()
	}
	return transport.Outcome(err)
}

// fact is a value computed from exchanges, shared by all that need it.
type fact struct {
	val      any
	used     *exchange.Ledger // the exchanges it was computed from
	panicked any
}

// factKey identifies a fact: its kind, and what it is about.
type factKey struct{ kind, about string }

// knownFact is shareFact for a fact that may be known already. It computes nothing.
func knownFact[T any](s *Session, key factKey) (v T, ok bool) {
	f, ok := s.facts.Peek(key)
	if !ok || f.panicked != nil {
		return v, false
	}
	s.ledger.Merge(f.used)
	v, ok = f.val.(T)
	return v, ok
}

// factTimeout bounds the computation of one fact: longer than any chain of exchanges that ends by itself.
const factTimeout = 30 * time.Second

// shareFact computes a value once per session and adds the exchanges that it took to the ledger of each caller. Like
// do it runs under the session's context.
func shareFact[T any](ctx context.Context, s *Session, key factKey,
	compute func(ctx context.Context, s *Session) T,
) (T, error) {
	f, err := s.facts.Do(ctx, key, func() (f fact) {
		bound := factTimeout
		if s.opt.Pacing != nil {
			bound = pacedFactTimeout
		}
		ctx, cancel := context.WithTimeout(s.ctx, bound)
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
	s.ledger.Merge(f.used)
	if f.panicked != nil {
		panic(f.panicked) // a bug in domdoc: the check that requested it reports it
	}
	v, _ := f.val.(T)
	return v, nil
}

// both runs two functions concurrently.
func both[A, B any](s *Session, f func() A, g func() B) (A, B) {
	var a A
	var b B
	wg := s.Group()
	wg.Go(func() { b = g() })
	a = f()
	wg.Wait()
	return a, b
}

type contextKey struct{}

// NewContext returns a context that carries the session, so that exchanges made by other packages reach its ledger.
func NewContext(ctx context.Context, s *Session) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// FromContext returns the session of NewContext, or nil.
func FromContext(ctx context.Context) *Session {
	s, _ := ctx.Value(contextKey{}).(*Session)
	return s
}

// Note adds an exchange made elsewhere (with the Domains Service) to the ledger.
func (s *Session) Note(x *exchange.Exchange) { s.ledger.Add(x) }
