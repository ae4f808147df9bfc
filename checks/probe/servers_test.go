package probe

import (
	"context"
	"io"
	"log"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

// silent is a log for servers that fail on purpose.
var silent = log.New(io.Discard, "", 0)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeNet gives public addresses to servers on loopback and counts who is dialled. What it does not know it refuses,
// so that no test leaves the machine.
type fakeNet struct {
	mu    sync.Mutex // guards following
	local map[string]string
	dials map[string]int
}

func newFakeNet() *fakeNet { return &fakeNet{local: map[string]string{}, dials: map[string]int{}} }

// put places a local listener at an address of the fake network ("tcp", "192.0.2.1:80").
func (n *fakeNet) put(network, address, local string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.local[network+" "+address] = local
}

func (n *fakeNet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	key := network[:3] + " " + address
	n.mu.Lock()
	n.dials[key]++
	local := n.local[key]
	n.mu.Unlock()
	if local == "" {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	return (&net.Dialer{}).DialContext(ctx, network, local)
}

// dialled counts the connections to addresses that begin so.
func (n *fakeNet) dialled(prefix string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	sum := 0
	for k, v := range n.dials {
		if strings.HasPrefix(k, prefix) {
			sum += v
		}
	}
	return sum
}

// openLive is a live transport that ends with the test.
func openLive(t testing.TB, dial func(context.Context, string, string) (net.Conn, error)) *Live {
	t.Helper()
	l := NewLive(dial, nil)
	t.Cleanup(l.Close)
	return l
}

// openSession is a session without IPv6 and without a bound on the rate, unless the options say otherwise.
func openSession(t testing.TB, wire Transport, opt Options) *Session {
	t.Helper()
	if opt.HasIPv6 == nil {
		opt.HasIPv6 = func() bool { return false }
	}
	if opt.Rate == 0 {
		opt.Rate = -1
	}
	if opt.Resolvers == nil {
		opt.Resolvers = []Server{}
	}
	s := NewSession(context.Background(), wire, opt)
	t.Cleanup(s.Close)
	return s
}

// at is a server at an address, port 53 unless it names one.
func at(addr string) Server {
	if ap, err := netip.ParseAddrPort(addr); err == nil {
		return Server{Addr: ap}
	}
	return Server{Addr: netip.AddrPortFrom(netip.MustParseAddr(addr), dnsPort)}
}

// nameServer is a DNS server on loopback, UDP and TCP on one port, that notes what it is asked.
type nameServer struct {
	Server

	mu    sync.Mutex // guards following
	asked []string
}

// count tells how often a question came ("shop.example. A"); "" counts all.
func (ns *nameServer) count(question string) int {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	n := 0
	for _, a := range ns.asked {
		if question == "" || a == question {
			n++
		}
	}
	return n
}

// serveDNS starts a name server.
func serveDNS(t testing.TB, handler dns.HandlerFunc) *nameServer {
	t.Helper()
	ns := &nameServer{}
	noting := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		ns.mu.Lock()
		ns.asked = append(ns.asked, strings.ToLower(q.Question[0].Name)+" "+dns.Type(q.Question[0].Qtype).String())
		ns.mu.Unlock()
		handler(w, q)
	})
	for range 50 { // the port that UDP was given may be taken for TCP
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", pc.LocalAddr().String())
		if err != nil {
			_ = pc.Close()
			continue
		}
		ns.Server = at(pc.LocalAddr().String())
		run(t, &dns.Server{PacketConn: pc, Handler: noting, UDPSize: 4096})
		run(t, &dns.Server{Listener: l, Handler: noting})
		return ns
	}
	t.Fatal("no port is free for both UDP and TCP")
	return nil
}

func run(t testing.TB, server *dns.Server) {
	started := make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	go func() { _ = server.ActivateAndServe() }()
	<-started
	t.Cleanup(func() { _ = server.Shutdown() })
}

// reply builds an answer from words: flags ("aa", "tc"), a response code, and records, those of the authority section
// after "ns ", the additional ones after "ar ".
func reply(q *dns.Msg, lines ...string) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	for _, l := range lines {
		rcode, isRcode := dns.StringToRcode[l]
		section, text := &m.Answer, l
		if rest, ok := strings.CutPrefix(l, "ns "); ok {
			section, text = &m.Ns, rest
		} else if rest, ok := strings.CutPrefix(l, "ar "); ok {
			section, text = &m.Extra, rest
		}
		switch {
		case l == "aa":
			m.Authoritative = true
		case l == "tc":
			m.Truncated = true
		case isRcode:
			m.Rcode = rcode
		default:
			rr, err := dns.NewRR(text)
			if err != nil || rr == nil {
				panic("test: " + l + " is no record")
			}
			*section = append(*section, rr)
		}
	}
	return m
}

// script is what a name server knows: "shop.example. A" to the words of reply. The key "*" is for all other
// questions; without it they are refused.
type script map[string][]string

func (s script) handle(w dns.ResponseWriter, q *dns.Msg) {
	lines, ok := s[strings.ToLower(q.Question[0].Name)+" "+dns.Type(q.Question[0].Qtype).String()]
	if !ok {
		lines, ok = s["*"]
	}
	if !ok {
		lines = []string{"REFUSED"}
	}
	_ = w.WriteMsg(reply(q, lines...))
}

// serve puts a name server that follows a script at addresses of the fake network.
func (n *fakeNet) serve(t testing.TB, s script, addrs ...string) *nameServer {
	t.Helper()
	return n.serveFunc(t, s.handle, addrs...)
}

func (n *fakeNet) serveFunc(t testing.TB, h dns.HandlerFunc, addrs ...string) *nameServer {
	t.Helper()
	ns := serveDNS(t, h)
	for _, a := range addrs {
		n.put("udp", at(a).Addr.String(), ns.Addr.String())
		n.put("tcp", at(a).Addr.String(), ns.Addr.String())
	}
	return ns
}

// udpServer answers datagrams one after the other with what the handler sends; it may send nothing, or send later.
func udpServer(t testing.TB, network string, handle func(q []byte, send func([]byte))) netip.AddrPort {
	t.Helper()
	host := "127.0.0.1"
	if network == "udp6" {
		host = "::1"
	}
	conn, err := net.ListenUDP(network, &net.UDPAddr{IP: net.ParseIP(host)})
	if err != nil {
		t.Skip("no such network here: ", err)
	}
	_ = conn.SetReadBuffer(4 << 20)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 65536)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			q := append([]byte(nil), buf[:n]...)
			handle(q, func(b []byte) { _, _ = conn.WriteToUDPAddrPort(b, from) })
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// echo turns a packed question into its reply: the same question, a response code, no records.
func echo(q []byte, rcode int) []byte {
	b := append([]byte(nil), q[:questionEnd(q)]...)
	b[2] |= 0x80
	b[3] = byte(rcode)
	b[10], b[11] = 0, 0 // the OPT record is left out
	return b
}
