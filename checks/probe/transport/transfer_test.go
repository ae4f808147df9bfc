package transport

import (
	"fmt"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
)

// TestTransfer reads zone transfers of one message and of many, and those that break off: what was read is returned,
// and the SOA record at its end says whether it is all.
func TestTransfer(t *testing.T) {
	t.Parallel()
	soa, err := dns.NewRR("example.com. 300 IN SOA ns1 hostmaster 1 2 3 4 5")
	if err != nil {
		t.Fatal(err)
	}
	var rest []dns.RR
	for i := range 2000 {
		rr, err := dns.NewRR(fmt.Sprintf("name-%d.example.com. 300 IN TXT \"a text that takes some room, number %d\"", i, i))
		if err != nil {
			t.Fatal(err)
		}
		rest = append(rest, rr)
	}
	all := append(append([]dns.RR{soa}, rest...), soa)
	small := []dns.RR{soa, rest[0], soa}
	for name, tt := range map[string]struct {
		per int // records in a message
		// spoil changes a message, and reports whether others follow; it may be nil
		spoil func(n int, m *dns.Msg) (more bool)
		want  int
		whole bool
	}{
		"one message": {
			100, func(_ int, m *dns.Msg) bool {
				m.Answer = small
				return false
			}, 3, true,
		},
		"many":            {100, nil, 2002, true},
		"one record each": {1, nil, 2002, true},
		"refused": {
			100, func(_ int, m *dns.Msg) bool {
				m.Rcode, m.Answer = dns.RcodeRefused, nil
				return false
			}, 0, false,
		},
		"no zone": {
			100, func(_ int, m *dns.Msg) bool {
				m.Answer = m.Answer[1:]
				return false
			}, 99, false,
		},
		"closed": {100, func(n int, _ *dns.Msg) bool { return n < 2 }, 300, false},
		"an error": {
			100, func(n int, m *dns.Msg) bool {
				m.Rcode = dns.RcodeServerFailure * min(n, 1)
				return true
			}, 100, false,
		},
		"another query": {
			100, func(n int, m *dns.Msg) bool {
				m.Id += uint16(n)
				return true
			}, 100, false,
		},
		"an empty message": {
			100, func(n int, m *dns.Msg) bool {
				m.Answer = m.Answer[:100*(1-min(n, 1))]
				return true
			}, 100, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := probetest.NewNetwork()
			n.ServeFunc(t, func(w dns.ResponseWriter, q *dns.Msg) {
				for at, i := 0, 0; at < len(all); at, i = at+tt.per, i+1 {
					m := new(dns.Msg).SetReply(q)
					m.Answer = append([]dns.RR{}, all[at:min(at+tt.per, len(all))]...)
					more := tt.spoil == nil || tt.spoil(i, m)
					if w.WriteMsg(m) != nil {
						return
					}
					if !more {
						break
					}
				}
				_ = w.Close()
			}, "192.0.2.1:53")
			l := NewLive(n.Dial, nil)
			t.Cleanup(l.Close)
			wire, _, err := exchange.PackQuestion("example.com", dns.TypeAXFR, 0, true)
			if err != nil {
				t.Fatal(err)
			}
			reply, err := l.DNS(t.Context(), probetest.ServerAt("192.0.2.1"), wire, true)
			if err != nil {
				t.Fatal(err)
			}
			m, err := exchange.Unpack(reply)
			if err != nil {
				t.Fatal(err)
			}
			whole := len(m.Answer) > 1 && m.Answer[len(m.Answer)-1].Header().Rrtype == dns.TypeSOA
			if len(m.Answer) != tt.want || whole != tt.whole {
				t.Errorf("%d records, whole: %v; want %d, %v", len(m.Answer), whole, tt.want, tt.whole)
			}
		})
	}
}
