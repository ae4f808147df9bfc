package probe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
	"golang.org/x/time/rate"
)

// TestSilentResolver: three hundred questions to a resolver that never answers cost hardly more than one, since it is
// given up once the control question gets no answer either. What was not sent is not said to have had no answer. It
// is one behind a stream, so that the time can be synctest's.
func TestSilentResolver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var tried atomic.Int32
		l := transport.NewLive(func(context.Context, string, string) (net.Conn, error) {
			tried.Add(1)
			a, b := net.Pipe()
			go func() {
				_, _ = io.Copy(io.Discard, b)
				_ = b.Close()
			}()
			return a, nil
		}, nil)
		s := NewSession(t.Context(), l, Options{Rate: -1})
		defer s.Close()
		to := exchange.Server{Addr: netip.MustParseAddrPort("192.0.2.1:853"), Proto: exchange.DoT}
		start := time.Now()
		var silent atomic.Int32
		var wg sync.WaitGroup
		for i := range 300 {
			wg.Go(func() {
				switch x := s.Resolve(t.Context(), to, fmt.Sprintf("n%d.example", i), dns.TypeA); x.Outcome {
				case exchange.Timeout:
					silent.Add(1)
				case exchange.NotAsked:
					if !strings.Contains(x.Err, "not asked") || x.Took != 0 {
						t.Errorf("%s, after %v", x.Err, x.Took)
					}
				default:
					t.Errorf("outcome %s (%s)", x.Outcome, x.Err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took > resolverStreamBound {
			t.Errorf("it took %v", took)
		}
		const controls = 2
		if n := tried.Load(); n > serverSlots+silentEnough+controls || n < silent.Load() {
			t.Errorf("%d questions were sent, and %d had no answer", n, silent.Load())
		}
		before := tried.Load()
		x := s.Resolve(t.Context(), to, "later.example", dns.TypeA)
		if x.Outcome != exchange.NotAsked || !strings.Contains(x.Err, ". NS") || x.Took != 0 || tried.Load() != before {
			t.Errorf("a later question: %s (%s)", x.Outcome, x.Err)
		}
	})
}

// TestSlowNames: names that a resolver never answers hold up no others, however many there are, and speak for
// themselves only.
func TestSlowNames(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if name := q.Question[0].Name; !strings.HasPrefix(name, "slow") {
			_ = w.WriteMsg(exchangetest.Reply(q, name+` 300 TXT "a"`))
		}
	})
	s := openSession(t, openLive(t, nil), Options{Rate: -1})
	s.Resolve(t.Context(), server.Server, "first.example", dns.TypeTXT)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var slow sync.WaitGroup
	for i := range 2 * serverSlots {
		slow.Go(func() { s.Resolve(ctx, server.Server, fmt.Sprintf("slow%d.example", i), dns.TypeTXT) })
	}
	var wg sync.WaitGroup
	for i := range 2 * serverSlots {
		wg.Go(func() {
			x := s.Resolve(t.Context(), server.Server, fmt.Sprintf("n%d.example", i), dns.TypeTXT)
			if x.Outcome != exchange.Answered {
				t.Errorf("%s: %s (%s)", x.Asked, x.Outcome, x.Err)
			}
		})
	}
	wg.Wait()
	cancel()
	slow.Wait()
}

// stub is a server of which the test decides how each question ends.
type stub struct {
	*serverState
	controls int  // how often the control question was asked
	answers  bool // whether it is answered
}

func newStub(slots int) *stub {
	return &stub{serverState: &serverState{slots: make(chan struct{}, slots)}}
}

func (st *stub) whole() scope {
	return scope{key: scopeKey{name: "whole"}, name: ". NS", control: func(context.Context) bool {
		st.controls++
		return st.answers
	}}
}

func (st *stub) try(ctx context.Context, o exchange.Outcome, scopes ...scope) error {
	p, err := st.acquire(ctx, "", scopes...)
	if err == nil {
		p.release(o)
	}
	return err
}

// TestServerState: when a scope is given up, and asked about again later.
func TestServerState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := newStub(2)
		for _, tt := range []struct {
			what  string
			scope scope
		}{{"a question", scope{key: scopeKey{name: "shop.example 1"}}}, {"the whole server", st.whole()}} {
			st.answers = false
			silences := func(n int) {
				for range n {
					if err := st.try(t.Context(), exchange.Unreachable, tt.scope); err != nil {
						t.Fatal(err)
					}
				}
			}
			silences(silentEnough - 1)
			// an answer makes up for all silences
			if err := st.try(t.Context(), exchange.Answered, tt.scope); err != nil {
				t.Fatal(err)
			}
			silences(silentEnough)
			if err := st.try(t.Context(), exchange.Answered, tt.scope); !errors.Is(err, errSilent) {
				t.Errorf("%s, after %d silences: %v", tt.what, silentEnough, err)
			}
			if err := st.try(t.Context(), exchange.Answered, scope{key: scopeKey{name: "other.example 1"}}); err != nil {
				t.Errorf("%s, and another: %v", tt.what, err)
			}
			time.Sleep(silentRecover)
			st.answers = true
			if err := st.try(t.Context(), exchange.Answered, tt.scope); err != nil {
				t.Errorf("%s, later: %v", tt.what, err)
			}
		}
		if st.controls != 2 {
			t.Errorf("the control question was asked %d times, want 2", st.controls)
		}
		// A server that answers the control question is never given up.
		for range 9 {
			if err := st.try(t.Context(), exchange.Timeout, st.whole()); err != nil {
				t.Error(err)
			}
		}
		if st.controls != 2+4 {
			t.Errorf("the control question was asked %d times, want one more for each two silences", st.controls)
		}
	})
}

// TestServerPlaces: places and the rate honor the context, and give back what they took.
func TestServerPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := newStub(2)
		st.slots <- struct{}{}
		st.slots <- struct{}{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := st.try(ctx, exchange.Answered); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no place: %v", err)
		}
		<-st.slots
		<-st.slots
		st.limit = rate.NewLimiter(0.001, 1)
		if err := st.try(t.Context(), exchange.Answered); err != nil {
			t.Error(err)
		}
		if err := st.try(ctx, exchange.Answered); err == nil {
			t.Error("the rate was not honored")
		}
		if len(st.slots) != 0 {
			t.Error("a place is lost")
		}
		st.limit = nil
		var all []*place
		for range nameSlots {
			p, err := st.acquire(t.Context(), "shop.example")
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
			time.Sleep(2 * slowAfter) // it is slow: its place at the server goes to others
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := st.acquire(ctx, "shop.example"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("more places for one name: %v", err)
		}
		for _, p := range all {
			p.release(exchange.Timeout)
		}
		if len(st.slots) != 0 || len(st.queues) != 0 {
			t.Errorf("%d places and %d names are left", len(st.slots), len(st.queues))
		}
	})
}

// TestSilentZone: a server that drops the questions about one zone is asked about its other zones; within the zone it
// is not asked for ever. One that drops a single type is asked for all others.
func TestSilentZone(t *testing.T) {
	t.Parallel()
	drop := func(q dns.Question) bool {
		return dns.IsSubDomain("dropped.example.", q.Name) || q.Qtype == dns.TypeAAAA
	}
	server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if !drop(q.Question[0]) {
			_ = w.WriteMsg(exchangetest.Reply(q, "aa", q.Question[0].Name+` 300 TXT "a"`))
		}
	})
	s := openSession(t, openLive(t, nil), Options{Rate: -1})
	ask := func(zone, name string, rrtype uint16) *exchange.Exchange {
		to := server.Server
		to.Zone = zone
		return s.Ask(t.Context(), to, name, rrtype)
	}
	var wg sync.WaitGroup
	for _, rrtype := range []uint16{dns.TypeSOA, dns.TypeNS, dns.TypeAAAA} {
		for _, zone := range []string{"dropped.example", "kept.example"} {
			wg.Go(func() { ask(zone, zone, rrtype) })
		}
	}
	wg.Wait()
	sent := server.Count("")
	if x := ask("dropped.example", "www.dropped.example", dns.TypeTXT); x.Outcome != exchange.NotAsked ||
		!strings.Contains(x.Err, "dropped.example NS") || server.Count("") != sent {
		t.Errorf("in the dropped zone: %s (%s)", x.Outcome, x.Err)
	}
	for _, name := range []string{"a", "b", "c"} { // types that are dropped one after the other
		wg.Go(func() { ask("kept.example", name+".kept.example", dns.TypeAAAA) })
	}
	wg.Wait()
	for _, zone := range []string{"kept.example", "new.example"} {
		if x := ask(zone, "www."+zone, dns.TypeTXT); x.Outcome != exchange.Answered {
			t.Errorf("%s: %s (%s)", zone, x.Outcome, x.Err)
		}
	}
}

// TestSilentRegistry: a registry's server that leaves the questions about some names unanswered is asked about
// others, as long as it answers its control question.
func TestSilentRegistry(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what  string
		alive bool
		want  exchange.Outcome
	}{{"answers the control question", true, exchange.Answered}, {"answers nothing", false, exchange.NotAsked}} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := transport.NewLive(func(context.Context, string, string) (net.Conn, error) {
					a, b := net.Pipe()
					go func() {
						defer b.Close()
						line, _ := bufio.NewReader(b).ReadString('\n')
						if tt.alive && !strings.HasPrefix(line, "dropped") {
							_, _ = io.WriteString(b, "Domain Name: "+line)
							return
						}
						_, _ = io.Copy(io.Discard, b)
					}()
					return a, nil
				}, nil)
				s := NewSession(t.Context(), l, Options{Rate: -1})
				defer s.Close()
				ask := func(name string) *exchange.Exchange {
					return s.askWHOIS(t.Context(), "192.0.2.1", "43", name)
				}
				for i := range 4 {
					x := ask(fmt.Sprintf("dropped%d.example", i))
					if x.Outcome != exchange.Timeout && (tt.alive || i < silentEnough) {
						t.Errorf("name %d: %s (%s)", i, x.Outcome, x.Err)
					}
				}
				if x := ask("kept.example"); x.Outcome != tt.want || tt.want == exchange.NotAsked &&
					!strings.Contains(x.Err, "nic.example") {
					t.Errorf("another name: %s (%s)", x.Outcome, x.Err)
				}
			})
		})
	}
}

// TestAnswersAreForgotten: a server of a fleet's zones remembers only those that are diagnosed now, and silent ones.
func TestAnswersAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := newStub(2)
		again := question{wire: transport.NoNetwork{}}
		if err := st.try(t.Context(), exchange.Timeout, scope{key: scopeKey{name: "silent"}}); err != nil {
			t.Fatal(err)
		}
		const pause = 100 * time.Millisecond
		for i := range 2000 {
			c := scope{key: scopeKey{name: fmt.Sprint(i)}, repeat: again}
			if err := st.try(t.Context(), exchange.Answered, c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(pause)
		}
		if n, most := len(st.silences), 2*int(answerKept/pause)+fewSilences; n > most || n < int(answerKept/pause) {
			t.Errorf("%d zones are remembered, want at most %d", n, most)
		}
		if r := st.silences[scopeKey{name: "silent"}]; r == nil || r.unanswered != 1 {
			t.Errorf("the silent one: %+v", r)
		}
	})
}
