package probe

import (
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
)

// BenchmarkSweep is a name of a long list, asked of one server in the same process and read.
func BenchmarkSweep(b *testing.B) {
	addr := probetest.ServeUDP(b, "udp4", func(q []byte, send func([]byte)) { send(withA(q, 1, 60)) })
	s := openSession(b, openLive(b, nil), Options{})
	failed := 0
	b.ReportAllocs()
	b.ResetTimer()
	err := s.Sweep(b.Context(), SweepOptions{Servers: []exchange.Server{{Addr: addr}}, Type: dns.TypeA},
		each(b.N, numbered),
		func(r *SweepResult) {
			if r.Replies[0].Outcome != exchange.Answered {
				failed++
			}
		})
	if err != nil || failed > 0 {
		b.Errorf("%d of %d failed: %v", failed, b.N, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "names/s")
}
