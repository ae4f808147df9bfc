package transport

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"

	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"
)

// written counts the datagrams that are written to it.
type written int

func (w *written) ReadBatch([]ipv4.Message, int) (int, error) { return 0, net.ErrClosed }

func (w *written) WriteBatch(ms []ipv4.Message, _ int) (int, error) {
	*w += written(len(ms))
	return len(ms), nil
}

// TestUDPMuxUsedAgain: what is left in the lists of a query that is over has no part in what it is used for next: it is
// sent once, and holds up no deadline.
func TestUDPMuxUsedAgain(t *testing.T) {
	t.Parallel()
	conn, err := net.Dial("udp", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var sent written
	s := &muxSocket{calls: map[uint32]*Query{}, batch: &sent, conn: conn.(*net.UDPConn)}
	p := &UDPMux{socks: []*muxSocket{s}, window: make(chan struct{}, 8)}
	ended := map[string]error{}
	put := func(c *Query, name string, tries time.Duration) {
		wire, qend, err := exchange.PackQuestion(name, 1, exchange.FlagRD, true)
		if err != nil {
			t.Fatal(err)
		}
		c.Wire, c.QuestionEnd, c.Tries = wire, qend, []time.Duration{tries}
		c.Done = func(_ *Query, _ []byte, err error) { ended[name] = err }
		if err := p.Ask(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	again, other := &Query{}, &Query{}
	put(again, "first.example", time.Minute)
	put(other, "other.example", time.Minute)
	reply := probetest.EchoReply(again.Wire, 0)
	s.mu.Lock()
	c := s.match(reply) // before it was sent: its id was guessed
	s.mu.Unlock()
	if c != again {
		t.Fatal("the reply has no query")
	}
	c.end(reply, nil)
	put(again, "second.example", time.Hour)
	s.flush(newMuxWriter(muxBatch))
	if sent != 2 {
		t.Errorf("%d datagrams were sent for 2 open queries", sent)
	}
	later := time.Now().Add(2 * time.Minute)
	s.wakeAt = later
	s.expire(later, later)
	if err, ok := ended["other.example"]; !ok || !errors.Is(err, ErrTimeout) {
		t.Errorf("the query whose time is over ended: %v, %v", ok, err)
	}
	if err, ok := ended["second.example"]; ok {
		t.Errorf("the query that has an hour ended with %v", err)
	}
	if n := len(s.waiting[0]); n != 1 {
		t.Errorf("%d tries wait for one query", n)
	}
}

// TestUDPMuxAskedAgain: queries that are asked again and again, over any socket, end once each time, with the answer to
// what was asked last; and they take no time from their earlier uses.
func TestUDPMuxAskedAgain(t *testing.T) { bothMuxes(t, 3, testUDPMuxAskedAgain) }

func testUDPMuxAskedAgain(t *testing.T, socks int) {
	const queries, uses = 8, 60
	seen := map[string]bool{}
	addr := probetest.ServeUDP(t, "udp4", func(q []byte, send func([]byte)) {
		name := string(q[12:exchange.QuestionEnd(q)])
		first := !seen[name]
		if seen[name] = true; first && len(seen)%9 == 0 {
			return
		}
		send(probetest.EchoReply(q, 0))
		send(probetest.EchoReply(q, dns.RcodeRefused)) // it comes when the query is over, or another one
	})
	p := openTestMux(t, addr, socks, queries, nil)
	type end struct {
		name string
		err  error
	}
	var all sync.WaitGroup
	used, ends := make([]Query, queries), make([]chan end, queries)
	for n := range used {
		c, ended := &used[n], make(chan end, uses)
		ends[n] = ended
		c.Tries = lostOnce
		c.Done = func(_ *Query, reply []byte, err error) {
			name := ""
			if err == nil && reply[3]&0x0f == 0 {
				name, _, _ = dns.UnpackDomainName(reply, 12)
			}
			ended <- end{name, err}
		}
		all.Go(func() {
			for i := range uses {
				name := fmt.Sprintf("n%d-%d.example.", n, i)
				var err error
				if c.Wire, c.QuestionEnd, err = exchange.AppendQuestion(c.Wire[:0], name, dns.TypeA, 0, true); err != nil {
					t.Error(err)
					return
				}
				if err := p.Ask(t.Context(), c); err != nil {
					t.Error(err)
					return
				}
				if got := <-ended; got.name != name || got.err != nil {
					t.Errorf("%s ended with the answer to %q, %v", name, got.name, got.err)
				}
			}
		})
	}
	all.Wait()
	p.Close()
	for n := range used {
		c := &used[n]
		if c.began.IsZero() {
			t.Error("it was not asked")
		}
		if err := p.Ask(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if got := <-ends[n]; !errors.Is(got.err, errClosed) || c.Took != 0 || len(ends[n]) > 0 {
			t.Errorf("a question that was not sent took %v and ended with %v, %d times too many", c.Took, got.err,
				len(ends[n]))
		}
	}
}

// TestUDPMuxForeign: a datagram that anybody but the server sends is not taken for its reply, even with the right id
// and question.
func TestUDPMuxForeign(t *testing.T) { bothMuxes(t, 1, testUDPMuxForeign) }

func testUDPMuxForeign(t *testing.T, socks int) {
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	p := openTestMux(t, server.LocalAddr().(*net.UDPAddr).AddrPort(), socks, 8, nil)
	a, err := ask(t.Context(), p, "shop.example", patient)
	if err != nil {
		t.Fatal(err)
	}
	q := make([]byte, 512)
	_ = server.SetReadDeadline(time.Now().Add(30 * time.Second))
	n, client, err := server.ReadFromUDPAddrPort(q)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"127.0.0.1:0", fmt.Sprintf("127.0.0.2:%d", server.LocalAddr().(*net.UDPAddr).Port)} {
		at, err := net.ResolveUDPAddr("udp4", from)
		if err != nil {
			t.Fatal(err)
		}
		other, err := net.ListenUDP("udp4", at)
		if err != nil {
			t.Logf("%s: %v", from, err) // macOS has no 127.0.0.2
			continue
		}
		// An error is one of the client's host: it has no socket for this datagram.
		_, _ = other.WriteToUDPAddrPort(probetest.EchoReply(q[:n], dns.RcodeRefused), client)
		_ = other.Close()
	}
	if _, err := server.WriteToUDPAddrPort(probetest.EchoReply(q[:n], 0), client); err != nil {
		t.Fatal(err)
	}
	if reply, err := a.wait(t); err != nil || reply[3]&0x0f != 0 {
		t.Errorf("ended with %x, %v", reply, err)
	}
}

// cutOff is a socket on Windows, whose datagram is longer than the buffer.
type cutOff struct{ *net.UDPConn }

func (cutOff) Read(b []byte) (int, error) { return len(b), errors.New("larger than the buffer") }

// TestOneByOneCutOff: a datagram that was cut off is one: an error would end all queries in flight.
func TestOneByOneCutOff(t *testing.T) {
	t.Parallel()
	ms := []ipv4.Message{{Buffers: [][]byte{make([]byte, 16)}}}
	if n, err := (oneByOne{cutOff{}}).ReadBatch(ms, 0); n != 1 || err != nil || ms[0].N != 16 {
		t.Errorf("%d datagrams of %d octets, %v", n, ms[0].N, err)
	}
}

func TestUDPMuxIPv6(t *testing.T) { bothMuxes(t, 2, testUDPMuxIPv6) }

func testUDPMuxIPv6(t *testing.T, socks int) {
	addr := probetest.ServeUDP(t, "udp6", func(q []byte, send func([]byte)) { send(probetest.EchoReply(q, 0)) })
	p := openTestMux(t, addr, socks, 8, nil)
	for i := range 20 {
		a, err := ask(t.Context(), p, fmt.Sprintf("n%d.example", i), patient)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.wait(t); err != nil {
			t.Fatal(err)
		}
	}
}
