package probe

import (
	"encoding/json"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/recording"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// TestReplayTakesTheSameAnswer: where any server of a zone may answer, the one that was quicker when the case was
// recorded is the one whose answer is told.
func TestReplayTakesTheSameAnswer(t *testing.T) {
	t.Parallel()
	const first, second = "198.51.100.1", "198.51.100.2"
	n := probetest.NewNetwork()
	n.Serve(t, probetest.Script{"com. NS": toCom}, rootAddr)
	n.Serve(t, probetest.Script{"slow.com. NS": {
		"ns slow.com. 3600 NS a.slow.com.", "ns slow.com. 3600 NS b.slow.com.", "ar a.slow.com. 3600 A " + first,
		"ar b.slow.com. 3600 A " + second,
	}}, comAddr)
	zone := probetest.Script{"shop.slow.com. A": {"aa", "shop.slow.com. 300 A 192.0.2.1"}}
	n.ServeFunc(t, func(w dns.ResponseWriter, q *dns.Msg) {
		time.Sleep(20 * stagger) // a busy machine may be slow to ask the other server
		zone.Handle(w, q)
	}, first)
	n.Serve(t, zone, second)
	root := probetest.ServerAt(rootAddr)
	root.Host = "a.root"
	tape := recording.New(nil)
	look := func(s *Session) string {
		return s.Lookup(t.Context(), "shop.slow.com", dns.TypeA).First().Addr.Addr().String()
	}
	s := openSession(t, openLive(t, n.Dial), Options{Roots: []exchange.Server{root}, Record: tape})
	if got := look(s); got != second {
		t.Fatalf("%s answered first", got)
	}
	s.Authority(t.Context(), "shop.slow.com", dns.TypeA) // now both answers are known
	if got := look(s); got != second {
		t.Errorf("asked again, the answer of %s is taken", got)
	}
	raw, err := json.Marshal(tape)
	if err != nil {
		t.Fatal(err)
	}
	var back recording.Recording
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if got := look(openSession(t, transport.NoNetwork{}, Options{
		Roots:  []exchange.Server{root},
		Replay: &back,
	})); got != second {
		t.Errorf("the replay takes the answer of %s", got)
	}
}
