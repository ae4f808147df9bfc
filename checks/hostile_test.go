package checks_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"unicode"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/audit/harness"
	"domdoc/checks/finding"
	"domdoc/checks/probe"
	"domdoc/checks/result"
	"domdoc/checks/rules"

	"github.com/miekg/dns"
)

// twister makes a hostile reply of a question and of its honest reply, both as on the wire.
type twister func(q, honest []byte) []byte

// hostileNet is the sandbox's network with some servers in other hands: what they say passes through a twister.
type hostileNet struct {
	sandbox *sandbox.Sandbox
	dns     []string // addresses of the DNS servers
	twist   twister
	noTCP   bool   // they take no connections
	whois   string // what IANA's WHOIS server says, whatever it is asked; empty leaves it as it is

	mu    sync.Mutex // guards the fields below
	local map[string]string
	ends  []io.Closer
}

const whoisRoot = "192.0.32.59:43"

func (n *hostileNet) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ap, err := netip.ParseAddrPort(address)
	switch {
	case err == nil && ap.Port() == 53 && slices.Contains(n.dns, ap.Addr().String()):
		if network == "tcp" && n.noTCP {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
	case address == whoisRoot && n.whois != "":
	default:
		return n.sandbox.Dial(ctx, network, address)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	key := network + " " + address
	if n.local[key] == "" {
		if err := n.listen(network, address); err != nil {
			return nil, err
		}
	}
	return (&net.Dialer{}).DialContext(ctx, network, n.local[key])
}

// listen starts the server that answers for an address.
func (n *hostileNet) listen(network, address string) error {
	if network == "udp" {
		pc, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		n.local[network+" "+address] = pc.LocalAddr().String()
		n.ends = append(n.ends, pc)
		go n.datagrams(pc, address)
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	n.local[network+" "+address] = l.Addr().String()
	n.ends = append(n.ends, l)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if address == whoisRoot {
					if _, err := c.Read(make([]byte, 512)); err == nil {
						_, _ = io.WriteString(c, n.whois)
					}
					return
				}
				var size [2]byte
				if _, err := io.ReadFull(c, size[:]); err != nil {
					return
				}
				q := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(c, q); err != nil {
					return
				}
				r := n.twist(q, n.honest("tcp", address, q))
				_, _ = c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(r))), r...))
			}()
		}
	}()
	return nil
}

func (n *hostileNet) datagrams(pc net.PacketConn, address string) {
	for {
		b := make([]byte, dns.MaxMsgSize)
		size, from, err := pc.ReadFrom(b)
		if err != nil {
			return
		}
		go func() { _, _ = pc.WriteTo(n.twist(b[:size], n.honest("udp", address, b[:size])), from) }()
	}
}

// honest is what the sandbox's own server answers.
func (n *hostileNet) honest(network, address string, q []byte) []byte {
	c, err := n.sandbox.Dial(context.Background(), network, address)
	if err != nil {
		return nil
	}
	defer c.Close()
	conn := &dns.Conn{Conn: c}
	if _, err := conn.Write(q); err != nil {
		return nil
	}
	b := make([]byte, dns.MaxMsgSize)
	size, _ := conn.Read(b)
	return b[:size]
}

func (n *hostileNet) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.ends {
		_ = c.Close()
	}
}

// rewritten is a twister by what is read of a reply.
func rewritten(f func(m *dns.Msg)) twister {
	return func(_, honest []byte) []byte {
		m := new(dns.Msg)
		if err := m.Unpack(honest); err != nil {
			panic(err)
		}
		f(m)
		b, err := m.Pack()
		if err != nil {
			panic(err)
		}
		return b
	}
}

func records(m *dns.Msg) []dns.RR { return append(slices.Clone(m.Answer), m.Ns...) }

// pointsAtItself answers with a record whose owner is a compression pointer to itself.
func pointsAtItself(q, honest []byte) []byte {
	m := new(dns.Msg)
	if err := m.Unpack(q); err != nil {
		panic(err)
	}
	m.Extra = nil
	asked, err := m.Pack()
	if err != nil {
		panic(err)
	}
	out := append(slices.Clone(honest[:4]), 0, 1, 0, 1, 0, 0, 0, 0)
	out = append(out, asked[12:]...)
	at := len(out)
	return append(out, 0xc0|byte(at>>8), byte(at), 0, byte(dns.TypeA), 0, dns.ClassINET, 0, 0, 0, 60, 0, 4, 192, 0, 2,
		1)
}

// additional adds 200 records that claim addresses for the servers themselves, with texts of some length beside them.
func additional(text int) twister {
	return rewritten(func(m *dns.Msg) {
		m.Compress = true
		for i := range 200 {
			m.Extra = append(m.Extra, &dns.A{Hdr: dns.RR_Header{
				Name: "ns1.hoster.example.", Rrtype: dns.TypeA,
				Class: dns.ClassINET, Ttl: 60,
			}, A: net.IPv4(192, 0, 2, byte(i))})
			if text > 0 {
				m.Extra = append(m.Extra, &dns.TXT{Hdr: dns.RR_Header{
					Name: "ns1.hoster.example.", Rrtype: dns.TypeTXT,
					Class: dns.ClassINET, Ttl: 60,
				}, Txt: []string{strings.Repeat("x", text)}})
			}
		}
	})
}

func everySecondUpper(s string) string {
	b := []rune(s)
	for i := range b {
		if i%2 == 0 {
			b[i] = unicode.ToUpper(b[i])
		}
	}
	return string(b)
}

// hostileStory is what the cases are told in.
const hostileStory = `A domain with nothing wrong

-- story --
domain shop.lagoon.TLD
verify TXT _verify.@ tok-99990001
certificate ISSUED expires=+300d validation=_aa11.@>_bb22.x.acm-validations.aws
registration active DOWN
-- zone lagoon.TLD @ hoster --
shop         CNAME {target}.
_verify.shop TXT   "tok-99990001"
_aa11.shop   CNAME _bb22.x.acm-validations.aws.
`

// hostileCase is one hostile server in an otherwise honest world.
type hostileCase struct {
	name   string
	net    *hostileNet // nil: only the registry is hostile
	tld    string      // default example, whose registry has RDAP
	down   string      // what of the registry does not answer
	raw    string      // sections of the story: raw answers of the registry
	unable []string
	finds  []string // all findings
}

// What cannot be judged where one of two servers, both, or a public resolver talks nonsense. All the rest must be
// judged as ever.
var (
	oneServer   = []string{"delegation"}
	bothServers = []string{
		"addresses", "certificate", "cname", "delegation", "http", "propagation", "records",
		"renewal", "server-faults", "ttl",
	}
	oneResolver = []string{"propagation"}
)

func hostileCases() []hostileCase {
	one, both, resolver := []string{"46.4.10.1"}, []string{"46.4.10.1", "46.4.10.2"}, []string{"8.8.8.8"}
	var out []hostileCase
	nonsense := func(name string, twist twister) {
		out = append(
			out,
			hostileCase{name: name + "/one server", net: &hostileNet{dns: one, twist: twist}, unable: oneServer},
			hostileCase{name: name + "/both servers", net: &hostileNet{dns: both, twist: twist}, unable: bothServers},
			hostileCase{name: name + "/a resolver", net: &hostileNet{dns: resolver, twist: twist}, unable: oneResolver},
		)
	}
	legal := func(name string, twist twister) {
		for where, servers := range map[string][]string{"one server": one, "both servers": both, "a resolver": resolver} {
			out = append(out, hostileCase{name: name + "/" + where, net: &hostileNet{dns: servers, twist: twist}})
		}
	}
	nonsense("another question", func(_, honest []byte) []byte { honest[13] ^= 3; return honest })
	nonsense("another id", func(_, honest []byte) []byte { honest[0] ^= 0xff; return honest })
	nonsense("a compression loop", pointsAtItself)
	// Within a datagram's bounds the answer stands, and nothing of the rest is believed; beyond them the kernel cuts
	// the reply off, and it cannot be read.
	legal("200 additional records", additional(0))
	nonsense("200 additional records, long ones", additional(200))
	// A reply may write the question in any case (RFC 4343; 0x20), and answers are about the same names then.
	legal("mixed case", rewritten(func(m *dns.Msg) {
		m.Question[0].Name = everySecondUpper(m.Question[0].Name)
		for _, rr := range records(m) {
			rr.Header().Name = everySecondUpper(rr.Header().Name)
		}
	}))
	nonsense("a wrong class in the question", rewritten(func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }))
	nonsense("a wrong class in the records", rewritten(func(m *dns.Msg) {
		for _, rr := range records(m) {
			rr.Header().Class = dns.ClassCHAOS
		}
	}))
	cut := rewritten(func(m *dns.Msg) { m.Truncated, m.Answer, m.Ns = true, nil, nil })
	return append(
		out,
		hostileCase{
			name: "TC without TCP/one server", net: &hostileNet{dns: one, twist: cut, noTCP: true},
			unable: oneServer,
		},
		// The DNS host is at fault, by what was seen; the tenant is not, and nothing of his is judged.
		hostileCase{
			name: "TC without TCP/both servers", net: &hostileNet{dns: both, twist: cut, noTCP: true},
			unable: slices.DeleteFunc(slices.Clone(bothServers), func(s string) bool { return s == "records" }),
			finds:  []string{"fail record.truncated-no-tcp routing"},
		},
		hostileCase{
			name: "TC without TCP/a resolver", net: &hostileNet{dns: resolver, twist: cut, noTCP: true},
			unable: oneResolver,
		},
		hostileCase{name: "an oversized RDAP document/WHOIS knows", raw: oversized(200, heldName)},
		hostileCase{
			name: "an oversized RDAP document/nobody else", raw: oversized(200, heldName), down: "down=whois",
			unable: []string{"registration"}, finds: []string{"inconclusive registration.unknown"},
		},
		hostileCase{
			name: "an oversized RDAP document/no such domain",
			raw:  oversized(404, `"rdapConformance":["rdap_level_0"],"errorCode":404,"title":"Not Found"`),
			down: "down=whois", unable: []string{"registration"}, finds: []string{"inconclusive registration.unknown"},
		},
		hostileCase{
			name: "a WHOIS referral loop/at the root", tld: "ski",
			net: &hostileNet{whois: "refer: whois.iana.org\r\n"}, unable: []string{"registration"},
			finds: []string{"inconclusive registration.unknown"},
		},
		hostileCase{
			name: "a WHOIS referral loop/at the registry", tld: "ski", unable: []string{"registration"},
			finds: []string{"inconclusive registration.unknown"},
			raw: "-- whois lagoon.ski --\nNo match here.\nRegistrar WHOIS Server: whois.nic.example\nReferralServer: " +
				"whois://whois.nic.example\n",
		},
	)
}

const heldName = `"objectClassName":"domain","ldhName":"lagoon.example","status":["client hold"]`

// oversized is a document that would be believed, were it shorter.
func oversized(status int, fields string) string {
	return fmt.Sprintf(
		"-- rdap lagoon.example %d --\n{%s,\"notices\":[{\"title\":\"terms\",\"description\":[\"%s\"]}]}\n", status,
		fields, strings.Repeat("x", 2<<20))
}

// TestHostile: whatever a server answers, the diagnosis ends by itself, accuses nobody of what could not be judged,
// calls nothing well that could not be queried, and has all the rest. The cases wait together: most of them are about
// waiting.
func TestHostile(t *testing.T) {
	t.Parallel()
	world, err := fs.ReadFile(sandbox.Scenarios(), "_world.txtar")
	if err != nil {
		t.Fatal(err)
	}
	cases := hostileCases()
	reports := make([]chan *result.Domain, len(cases))
	for i := range cases {
		c, end := &cases[i], make(chan *result.Domain, 1)
		reports[i] = end
		tld := c.tld
		if tld == "" {
			tld = "example"
		}
		text := strings.ReplaceAll(strings.Replace(hostileStory, " DOWN\n", strings.TrimRight(" "+c.down, " ")+"\n", 1),
			"TLD", tld) + c.raw + "-- expect --\npass\n"
		l, err := harness.New(t.Context(), sandbox.Options{Stories: fstest.MapFS{
			"_world.txtar":  {Data: world},
			"hostile.txtar": {Data: []byte(text)},
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(l.Close)
		if c.net == nil {
			c.net = &hostileNet{}
		}
		c.net.sandbox, c.net.local = l.Sandbox, map[string]string{}
		t.Cleanup(c.net.close)
		wire := transport.NewLive(c.net.dial, l.Roots())
		t.Cleanup(wire.Close)
		l.Doctor.Session.Close()
		l.Doctor.Session = probe.NewSession(t.Context(), wire,
			probe.Options{Now: l.LocalNow, HasIPv6: l.HasIPv6, TrustedRoots: l.Roots(), Rate: -1})
		target, err := l.Target(l.Stories()[0])
		if err != nil {
			t.Fatal(err)
		}
		go func() { end <- l.Doctor.Diagnose(t.Context(), target) }()
	}
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.judge(t, <-reports[i]) })
	}
}

func (c *hostileCase) judge(t *testing.T, r *result.Domain) {
	if r.Interrupted || r.Took >= checks.DefaultTimeout {
		t.Errorf("it did not end by itself: %v", r.Took)
	}
	var found []string
	for _, f := range r.Findings {
		found = append(found, f.String())
		if slices.Contains(f.Who, catalog.Tenant) {
			t.Errorf("the tenant is accused: %s", f.Why())
		}
	}
	slices.Sort(found)
	slices.Sort(c.finds)
	if !slices.Equal(found, c.finds) {
		t.Errorf("found %q, want %q", found, c.finds)
	}
	var unable []string
	for _, s := range r.Checks {
		switch {
		case s.Is(catalog.Inconclusive):
			unable = append(unable, s.ID)
		case slices.Contains(c.unable, s.ID):
			t.Errorf("%s is %s (%s), and could not be judged", s.ID, s.Status, s.Reason)
		}
	}
	slices.Sort(unable)
	if !slices.Equal(unable, c.unable) {
		t.Errorf("not judged: %q, want %q", unable, c.unable)
	}
	want := catalog.Pass
	switch {
	// of the causes above
	case slices.ContainsFunc(r.Findings, func(f *finding.Finding) bool { return f.Verdict == catalog.Fail }):
		want = catalog.Fail
	case len(c.unable) > 0:
		want = catalog.Inconclusive
	}
	if r.Verdict != want {
		t.Errorf("the verdict is %s, want %s", r.Verdict, want)
	}
	if len(r.Checks) != len(rules.All()) {
		t.Errorf("%d checks of %d are in the report", len(r.Checks), len(rules.All()))
	}
	const most = 4 // IANA's server and the registry's, each once; a redirect of RDAP
	asked := map[exchange.Kind]int{}
	for _, x := range r.Ledger {
		asked[x.Kind]++
	}
	if asked[exchange.KindWHOIS]+asked[exchange.KindRDAP] > most {
		t.Errorf("the registries were asked %d times", asked[exchange.KindWHOIS]+asked[exchange.KindRDAP])
	}
	if t.Failed() {
		for _, s := range r.Checks {
			t.Logf("%s %s %s", s.ID, s.Status, s.Reason)
		}
	}
}
