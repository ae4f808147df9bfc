package probe

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
)

// TestLine: questions beyond the limit of a server wait in a line, without a place, and are all answered.
func TestLine(t *testing.T) {
	t.Parallel()
	server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		_ = w.WriteMsg(exchangetest.Reply(q, q.Question[0].Name+` 300 TXT "a"`))
	})
	const burst, more = 200, 60
	s := openSession(t, openLive(t, nil), Options{Rate: burst})
	s.Resolve(t.Context(), server.Server, "first.example", dns.TypeTXT) // opens the socket
	var begun []pending
	for i := range burst + more {
		key := dnsKey(server.Server, fmt.Sprintf("n%d.example", i), dns.TypeTXT, exchange.FlagRD)
		begun = append(begun, s.beginDNS(key, server.Server))
	}
	for _, p := range begun {
		if x := s.await(t.Context(), p); x == nil || x.Outcome != exchange.Answered || x.Took <= 0 || x.At.IsZero() {
			t.Fatalf("%+v", x)
		}
	}
	st := s.server(dnsServerKey(server.Server))
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.line.waiting) > 0 || st.flying.oldest != nil || len(st.slots) > 0 || len(st.queues) > 0 {
		t.Errorf("%d questions are in the line, %d have a place, %d names a queue", len(st.line.waiting), len(st.slots),
			len(st.queues))
	}
}

// TestCloseEndsQuestions: the end of a session ends the questions in flight and in the line, for callers whose context
// goes on.
func TestCloseEndsQuestions(t *testing.T) {
	t.Parallel()
	asked := make(chan bool, 100)
	server := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if strings.HasPrefix(q.Question[0].Name, "first") {
			_ = w.WriteMsg(exchangetest.Reply(q, q.Question[0].Name+` 300 TXT "a"`))
			return
		}
		asked <- true
	})
	s := openSession(t, openLive(t, nil), Options{Rate: 1})
	s.Ask(t.Context(), server.Server, "first.example", dns.TypeTXT)
	var wg sync.WaitGroup
	for _, name := range []string{"flies.example", "waits.example"} {
		wg.Go(func() {
			x := s.Ask(context.Background(), server.Server, name, dns.TypeTXT)
			if x.Outcome != exchange.NotAsked {
				t.Errorf("%s: %s (%s)", name, x.Outcome, x.Err)
			}
		})
	}
	<-asked
	s.Close()
	wg.Wait()
	if x := s.Ask(context.Background(), server.Server, "later.example", dns.TypeTXT); x.Outcome != exchange.NotAsked {
		t.Errorf("after the end: %s (%s)", x.Outcome, x.Err)
	}
}

// TestBrokenAnswer: a reader that breaks on an answer fails only this one, and gives the place back.
func TestBrokenAnswer(t *testing.T) {
	t.Parallel()
	s := openSession(t, openLive(t, nil), Options{})
	to := probetest.ServerAt("192.0.2.1")
	key := dnsKey(to, "shop.example", dns.TypeA, 0)
	known, _ := s.exchanges.Reserve(key)
	st := newStub(1)
	a := &asking{
		place: place{st: st.serverState}, s: s.shared, known: known,
		question: question{wire: s.wire, to: to, name: "shop.example", rrtype: dns.TypeA},
	}
	st.mu.Lock()
	turn := st.admit(a)
	st.mu.Unlock()
	a.guarded(func(x *exchange.Exchange) bool {
		x.Outcome = exchange.Answered
		panic("index out of range")
	})
	x := s.await(t.Context(), s.beginDNS(key, to))
	if turn != turnSend || x.Outcome != exchange.Malformed || !strings.Contains(x.Err, "index out of range") ||
		len(st.slots) > 0 {
		t.Errorf("turn %d, %s (%s), %d places are taken", turn, x.Outcome, x.Err, len(st.slots))
	}
}
