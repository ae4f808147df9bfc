package probe

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// held is a name server that answers nothing until the test lets it.
func held(t testing.TB) (ns *probetest.NameServer, release func()) {
	t.Helper()
	gate := make(chan struct{})
	var once sync.Once
	release = func() { once.Do(func() { close(gate) }) }
	ns = probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		<-gate
		_ = w.WriteMsg(exchangetest.Reply(q, "aa", `shop.example. 300 TXT "a"`))
	})
	t.Cleanup(release) // before the server's own end, which waits for its handlers
	return ns, release
}

// TestAskedOnce: a hundred askers of one question cost the server one question, and each has it in its ledger.
func TestAskedOnce(t *testing.T) {
	t.Parallel()
	server, release := held(t)
	s := openSession(t, openLive(t, nil), Options{})
	var forks [100]*Session
	var wg sync.WaitGroup
	for i := range forks {
		forks[i] = s.Fork()
		name := "shop.example"
		if i%2 == 1 {
			name = "SHOP.Example."
		}
		wg.Go(func() {
			if x := forks[i].Ask(t.Context(), server.Server, name, dns.TypeTXT); x.Outcome != exchange.Answered {
				t.Errorf("asker %d: %s (%s)", i, x.Outcome, x.Err)
			}
		})
	}
	time.Sleep(10 * time.Millisecond)
	release()
	wg.Wait()
	// long after
	if x := s.Fork().Ask(t.Context(), server.Server, "shop.example", dns.TypeTXT); x.Outcome != exchange.Answered {
		t.Errorf("a later asker: %s (%s)", x.Outcome, x.Err)
	}
	if n := server.Count(""); n != 1 {
		t.Errorf("the server was asked %d times", n)
	}
	for i, f := range forks {
		if got := f.Ledger().Exchanges(); len(got) != 1 || got[0] != forks[0].Ledger().Exchanges()[0] {
			t.Fatalf("asker %d has %d exchanges", i, len(got))
		}
	}
	if n := len(s.Ledger().Exchanges()); n != 0 {
		t.Errorf("the session asked nothing itself, and has %d exchanges", n)
	}
}

// TestCanceledQuery cancels one of two callers of the same query: its ledger has no exchange, and the other caller
// gets the answer.
func TestCanceledQuery(t *testing.T) {
	t.Parallel()
	server, release := held(t)
	s := openSession(t, openLive(t, nil), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan *exchange.Exchange)
	impatient := s.Fork()
	go func() { first <- impatient.Ask(ctx, server.Server, "shop.example", dns.TypeTXT) }()
	for range 60_000 { // until the question is on its way
		if server.Count("") > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	second := make(chan *exchange.Exchange)
	go func() { second <- s.Ask(t.Context(), server.Server, "shop.example", dns.TypeTXT) }()
	cancel()
	if x := <-first; x.Outcome != exchange.NotAsked || x.Err == "" || x.Msg != nil {
		t.Errorf("who gave up got %s (%s)", x.Outcome, x.Err)
	}
	if n := len(impatient.Ledger().Exchanges()); n != 0 {
		t.Errorf("who gave up has %d exchanges", n)
	}
	release()
	if x := <-second; x.Outcome != exchange.Answered {
		t.Errorf("who waited got %s (%s)", x.Outcome, x.Err)
	}
	if n := server.Count(""); n != 1 {
		t.Errorf("the server was asked %d times", n)
	}
}

// TestDifferentQuestions: flags, samples, types and servers make questions different; letters in another case do not.
func TestDifferentQuestions(t *testing.T) {
	t.Parallel()
	answers := probetest.Script{"*": {"aa"}}
	one, other := probetest.ServeDNS(t, answers.Handle), probetest.ServeDNS(t, answers.Handle)
	s := openSession(t, openLive(t, nil), Options{})
	ask := func() {
		ctx := t.Context()
		s.Ask(ctx, one.Server, "shop.example", dns.TypeTXT)
		s.AskSecure(ctx, one.Server, "shop.example", dns.TypeTXT)
		s.Resolve(ctx, one.Server, "shop.example", dns.TypeTXT)
		s.Sample(ctx, one.Server, "shop.example", dns.TypeTXT, 0) // the same as Resolve
		s.Sample(ctx, one.Server, "shop.example", dns.TypeTXT, 1)
		s.ResolveUnchecked(ctx, one.Server, "shop.example", dns.TypeTXT)
		s.Ask(ctx, one.Server, "shop.example", dns.TypeA)
		s.Ask(ctx, one.Server, "www.shop.example", dns.TypeTXT)
		s.Ask(ctx, one.Server, "SHOP.EXAMPLE.", dns.TypeTXT)
		s.Ask(ctx, other.Server, "shop.example", dns.TypeTXT)
	}
	ask()
	ask()
	if n := one.Count(""); n != 7 {
		t.Errorf("one server was asked %d times, want 7", n)
	}
	if n := other.Count(""); n != 1 {
		t.Errorf("the other server was asked %d times, want 1", n)
	}
	if n := len(s.Ledger().Exchanges()); n != 8 {
		t.Errorf("the ledger has %d exchanges, want 8", n)
	}
}

// TestSamples: each sample is asked for itself, or one cache of many speaks for all.
func TestSamples(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, probetest.Script{"*": {"aa"}}.Handle)
	s := openSession(t, openLive(t, nil), Options{})
	for n := range 5 {
		s.Sample(t.Context(), server.Server, "shop.example", dns.TypeTXT, n)
	}
	if n := server.Count(""); n != 5 {
		t.Errorf("five samples cost %d questions", n)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, probetest.Script{"*": {"aa"}}.Handle)
	s := openSession(t, openLive(t, nil), Options{Rate: 20})
	start := time.Now()
	var wg sync.WaitGroup
	for i := range 25 { // the first 20 may come at once
		wg.Go(func() { s.Ask(t.Context(), server.Server, fmt.Sprintf("n%d.example", i), dns.TypeA) })
	}
	wg.Wait()
	if took := time.Since(start); took < 190*time.Millisecond {
		t.Errorf("25 questions at 20 a second took %v", took)
	}
}

// TestClosedSession: what is open when a session ends was not asked.
func TestClosedSession(t *testing.T) {
	t.Parallel()
	addr := probetest.ServeUDP(t, "udp4", func([]byte, func([]byte)) {})
	s := openSession(t, openLive(t, nil), Options{})
	got := make(chan *exchange.Exchange)
	go func() { got <- s.Ask(t.Context(), exchange.Server{Addr: addr}, "shop.example", dns.TypeA) }()
	time.Sleep(20 * time.Millisecond)
	s.Close()
	for _, x := range []*exchange.Exchange{<-got, s.Ask(t.Context(), exchange.Server{Addr: addr}, "www.example",
		dns.TypeA)} {
		if x.Outcome != exchange.NotAsked {
			t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
		}
	}
}

// breaking is a transport whose reader of answers breaks, as a parser may on hostile data.
type breaking struct{ *transport.Live }

func (breaking) DNS(context.Context, exchange.Server, []byte, bool) ([]byte, error) {
	panic("index out of range")
}

func (breaking) WHOIS(context.Context, netip.AddrPort, string) ([]byte, error) {
	panic("index out of range")
}

// TestPanicIsOneExchange: it fails one question, and frees the server's place for the next.
func TestPanicIsOneExchange(t *testing.T) {
	t.Parallel()
	s := openSession(t, breaking{openLive(t, nil)}, Options{})
	for i := range serverSlots + 3 {
		x := s.Ask(t.Context(), probetest.ServerAt("192.0.2.1"), fmt.Sprintf("n%d.example", i), dns.TypeA)
		if x.Outcome.Conclusive() || x.Err == "" {
			t.Fatalf("outcome %s (%s)", x.Outcome, x.Err)
		}
		if i == 0 && (x.Outcome != exchange.Malformed || !strings.Contains(x.Err, "index out of range")) {
			t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
		}
	}
}

// TestPanicFreesThePlace: withRateLimit has no defer, so a panic in WHOIS, TLS or HTTP keeps the server's place for
// ever.
func TestPanicFreesThePlace(t *testing.T) {
	t.Parallel()
	s := openSession(t, breaking{openLive(t, nil)}, Options{})
	s.askWHOIS(t.Context(), "192.0.2.1", "43", "shop.example")
	if n := len(s.server(serverKey{name: "whois 192.0.2.1:43"}).slots); n != 0 {
		t.Errorf("%d places are taken", n)
	}
}

// TestPanicInAFact: what is computed once for all breaks at each who asks, where it can be caught, and not in the
// goroutine that computes, where it would end the program. So it runs in a process of its own.
func TestPanicInAFact(t *testing.T) {
	t.Parallel()
	if os.Getenv("DOMDOC_TEST_CHILD") != "" {
		s := openSession(t, openLive(t, nil), Options{})
		for range 2 {
			func() {
				defer func() {
					if r := recover(); r == nil {
						t.Error("who asked has not heard of it")
					}
				}()
				_, _ = shareFact(t.Context(), s, factKey{kind: "a fact"}, func(context.Context, *Session) int {
					panic("index out of range")
				})
			}()
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestPanicInAFact$")
	cmd.Env = append(os.Environ(), "DOMDOC_TEST_CHILD=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the program ended: %v\n%.300s", err, out)
	}
}

// TestFacts: a fact is computed once, for all who ask, and its exchanges reach each of their ledgers.
func TestFacts(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, probetest.Script{"*": {"aa"}}.Handle)
	s := openSession(t, openLive(t, nil), Options{})
	var mu sync.Mutex
	computed := 0
	compute := func(ctx context.Context, s *Session) int {
		mu.Lock()
		computed++
		mu.Unlock()
		s.Ask(ctx, server.Server, "shop.example", dns.TypeA)
		return 42
	}
	var wg sync.WaitGroup
	for range 20 {
		f := s.Fork()
		wg.Go(func() {
			if v, err := shareFact(t.Context(), f, factKey{kind: "answer"}, compute); v != 42 || err != nil {
				t.Errorf("got %d, %v", v, err)
			}
			if n := len(f.Ledger().Exchanges()); n != 1 {
				t.Errorf("%d exchanges in the ledger", n)
			}
		})
	}
	wg.Wait()
	if computed != 1 {
		t.Errorf("computed %d times", computed)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := shareFact(ctx, s, factKey{kind: "slow"}, func(ctx context.Context,
		_ *Session,
	) int {
		<-ctx.Done()
		return 1
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
}

// TestMemoryIsBounded: a session forgets the oldest answers, and never one that is still awaited.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := openSession(t, openLive(t, nil), Options{})
	begun, hold, awaited := make(chan struct{}), make(chan struct{}), make(chan *exchange.Exchange)
	key := func(i int) exchange.QueryKey { return exchange.QueryKey{Asked: fmt.Sprint(i)} }
	go func() {
		awaited <- s.do(t.Context(), key(-1), exchange.Exchange{}, func(context.Context) *exchange.Exchange {
			close(begun)
			<-hold
			return &exchange.Exchange{Outcome: exchange.Answered}
		})
	}()
	<-begun
	f := s.Fork() // a fork keeps what it asked, so each gets a new one
	for i := range maxExchanges + 500 {
		if i%100 == 0 {
			f = s.Fork()
		}
		f.do(t.Context(), key(i), exchange.Exchange{}, func(context.Context) *exchange.Exchange {
			return &exchange.Exchange{Outcome: exchange.Answered}
		})
	}
	if n := s.exchanges.Len(); n > maxExchanges+1 {
		t.Errorf("%d exchanges are kept, limit %d", n, maxExchanges)
	}
	close(hold)
	if x := <-awaited; x.Outcome != exchange.Answered {
		t.Errorf("the awaited answer: %s", x.Outcome)
	}
}

func TestHostAddrs(t *testing.T) {
	t.Parallel()
	n := probetest.NewNetwork()
	n.Serve(t, probetest.Script{
		"rdap.example. A":     {"rdap.example. 300 A 192.0.2.80"},
		"rdap.example. AAAA":  {"rdap.example. 300 AAAA 2001:db8::80"},
		"alias.example. A":    {"alias.example. 300 CNAME rdap.example.", "rdap.example. 300 A 192.0.2.80"},
		"alias.example. AAAA": {"REFUSED"},
	}, "192.0.2.2")
	n.Serve(t, probetest.Script{"*": {"SERVFAIL"}}, "192.0.2.1")
	s := openSession(t, openLive(t, n.Dial), Options{Resolvers: []exchange.Server{
		probetest.ServerAt("192.0.2.1"),
		probetest.ServerAt("192.0.2.2"),
	}})
	for host, want := range map[string]string{
		"rdap.example": "[192.0.2.80 2001:db8::80]", "alias.example": "[192.0.2.80]", "192.0.2.9": "[192.0.2.9]",
		"::ffff:192.0.2.9": "[192.0.2.9]", "2001:db8::1": "[2001:db8::1]",
	} {
		got, err := s.HostAddrs(t.Context(), host)
		if fmt.Sprint(got) != want || err != nil {
			t.Errorf("%s: %v, %v; want %s", host, got, err, want)
		}
	}
}

func TestSessionContext(t *testing.T) {
	t.Parallel()
	s := openSession(t, openLive(t, nil), Options{})
	if FromContext(t.Context()) != nil || FromContext(NewContext(t.Context(), s)) != s {
		t.Error("the context does not carry the session")
	}
	x := &exchange.Exchange{Kind: exchange.KindService}
	s.Note(x)
	s.Note(x)
	if got := s.Ledger().Exchanges(); len(got) != 1 || got[0] != x {
		t.Errorf("the ledger has %d exchanges", len(got))
	}
}

// TestReproFlags: what the server was asked, it is asked again.
func TestReproFlags(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, probetest.Script{"*": {"aa"}}.Handle)
	s := openSession(t, openLive(t, nil), Options{})
	for want, x := range map[string]*exchange.Exchange{
		"dig +norecurse @":         s.Ask(t.Context(), server.Server, "shop.example", dns.TypeA),
		"dig +norecurse +dnssec @": s.AskSecure(t.Context(), server.Server, "shop.example", dns.TypeA),
		"dig @":                    s.Resolve(t.Context(), server.Server, "shop.example", dns.TypeA),
		"dig +cd @":                s.ResolveUnchecked(t.Context(), server.Server, "shop.example", dns.TypeA),
	} {
		if got := x.Evidence().Repro; !strings.HasPrefix(got, want) {
			t.Errorf("%s, want %s…", got, want)
		}
	}
}
