package probe

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
)

// TestSweepOwnAnswers: each name is passed on once, with its own answer of each server, although the queries and
// results are used again while datagrams of their earlier uses arrive.
func TestSweepOwnAnswers(t *testing.T) {
	t.Parallel()
	of := func(name string) byte { // its address: another one for each of 100 names in a row
		n := 0
		_, _ = fmt.Sscanf(name, "n%d", &n)
		return byte(n%100) + 1
	}
	own := func(q []byte) []byte {
		name, _, _ := dns.UnpackDomainName(q, 12)
		return withA(q, of(name), 60)
	}
	var before []byte
	stale := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		if before != nil {
			send(before)
			other := bytes.Clone(before)
			copy(other, q[:2])
			send(other) // the id of this query, with the answer to another
		}
		before = own(q)
		send(before)
		send(probetest.EchoReply(q, dns.RcodeServerFailure))
	})
	asked := 0
	lossy := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		if asked++; asked%101 != 0 {
			send(own(q))
		}
	})
	long := probetest.ServeDNS(t, func(w dns.ResponseWriter, q *dns.Msg) {
		name := q.Question[0].Name
		if _, udp := w.RemoteAddr().(*net.UDPAddr); udp && of(name)%10 == 0 {
			_ = w.WriteMsg(exchangetest.Reply(q, "tc"))
			return
		}
		_ = w.WriteMsg(exchangetest.Reply(q, fmt.Sprintf("%s 60 A 192.0.2.%d", name, of(name))))
	})
	s := openSession(t, openLive(t, nil), Options{})
	const many = 1500
	got := map[string]int{}
	err := s.Sweep(t.Context(), SweepOptions{
		Servers: []exchange.Server{{Addr: stale}, {Addr: lossy}, long.Server}, Type: dns.TypeA, Window: 16,
	}, each(many, numbered), func(r *SweepResult) {
		got[r.Name]++
		for i, x := range r.Replies {
			if want := fmt.Sprintf("[192.0.2.%d]", of(r.Name)); fmt.Sprint(x.Values) != want || x.Err != "" {
				t.Errorf("%s at server %d: %s (%s) %v", r.Name, i, x.Outcome, x.Err, x.Values)
			}
		}
		r.Name = strings.ToUpper(r.Name) // nothing reads it after this
	})
	if err != nil || len(got) != many {
		t.Errorf("%d names of %d, %v", len(got), many, err)
	}
	for name, n := range got {
		if n != 1 {
			t.Errorf("%s was passed on %d times", name, n)
		}
	}
}
