// Package probetest has servers on loopback for tests of the network packages: DNS, WHOIS, HTTP and TLS, and a
// network that gives them public addresses.
package probetest

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/exchange/exchangetest"

	"github.com/miekg/dns"
)

// Network maps public addresses to servers on loopback and counts connections. It refuses all other addresses, so
// that no test leaves the machine.
type Network struct {
	mu    sync.Mutex // guards following
	local map[string]string
	dials map[string]int
}

// NewNetwork returns an empty network.
func NewNetwork() *Network { return &Network{local: map[string]string{}, dials: map[string]int{}} }

// Put places a local listener at an address of the network ("tcp", "192.0.2.1:80").
func (n *Network) Put(network, address, local string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.local[network+" "+address] = local
}

// Dial connects to the listener at an address.
func (n *Network) Dial(ctx context.Context, network, address string) (net.Conn, error) {
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

// Dialled returns the number of connections to addresses with a prefix.
func (n *Network) Dialled(prefix string) int {
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

// ServerAt returns the server at an address; the port defaults to 53.
func ServerAt(addr string) exchange.Server {
	if ap, err := netip.ParseAddrPort(addr); err == nil {
		return exchange.Server{Addr: ap}
	}
	return exchange.Server{Addr: netip.AddrPortFrom(netip.MustParseAddr(addr), 53)}
}

// NameServer is a DNS server on loopback, UDP and TCP on one port, that counts its queries.
type NameServer struct {
	exchange.Server

	mu    sync.Mutex // guards following
	asked []string
}

// Count returns how often a query came ("shop.example. A"); "" counts all.
func (ns *NameServer) Count(question string) int {
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

// ServeDNS starts a name server.
func ServeDNS(t testing.TB, handler dns.HandlerFunc) *NameServer {
	t.Helper()
	ns := &NameServer{}
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
		ns.Server = ServerAt(pc.LocalAddr().String())
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

// Script is what a name server answers: "shop.example. A" to the lines of exchangetest.Reply. The key "*" is for all
// other queries; without it they are refused.
type Script map[string][]string

// Handle answers a query.
func (s Script) Handle(w dns.ResponseWriter, q *dns.Msg) {
	lines, ok := s[strings.ToLower(q.Question[0].Name)+" "+dns.Type(q.Question[0].Qtype).String()]
	if !ok {
		lines, ok = s["*"]
	}
	if !ok {
		lines = []string{"REFUSED"}
	}
	_ = w.WriteMsg(exchangetest.Reply(q, lines...))
}

// Serve places a name server that follows a script at addresses of the network.
func (n *Network) Serve(t testing.TB, s Script, addrs ...string) *NameServer {
	t.Helper()
	return n.ServeFunc(t, s.Handle, addrs...)
}

// ServeFunc places a name server at addresses of the network.
func (n *Network) ServeFunc(t testing.TB, h dns.HandlerFunc, addrs ...string) *NameServer {
	t.Helper()
	ns := ServeDNS(t, h)
	for _, a := range addrs {
		n.Put("udp", ServerAt(a).Addr.String(), ns.Addr.String())
		n.Put("tcp", ServerAt(a).Addr.String(), ns.Addr.String())
	}
	return ns
}

// ServeUDP answers datagrams one after the other with what the handler sends; it may send nothing, or send later.
func ServeUDP(t testing.TB, network string, handle func(q []byte, send func([]byte))) netip.AddrPort {
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

// EchoReply turns a packed query into its reply: the same question, a response code, no records.
func EchoReply(q []byte, rcode int) []byte {
	b := append([]byte(nil), q[:exchange.QuestionEnd(q)]...)
	b[2] |= 0x80
	b[3] = byte(rcode)
	b[10], b[11] = 0, 0 // the OPT record is left out
	return b
}
