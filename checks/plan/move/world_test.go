package move_test

import (
	"crypto"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"domdoc/checks/plan/move"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/probetest"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// Addresses of the tests' world.
const (
	rootAddr  = "198.41.0.4"
	comAddr   = "192.5.6.30"
	oldAddr   = "46.4.10.1"
	oldAddr2  = "46.4.10.2"
	newAddr   = "85.13.20.1"
	newAddr2  = "85.13.20.2"
	otherAddr = "205.251.194.99"
	resolver  = "8.8.8.8"
)

// host is a name server that has zones.
type host struct {
	zones     map[string][]dns.RR
	transfers bool // it lets anybody have its zones
}

// records reads records in master file format.
func records(t testing.TB, zone, text string) []dns.RR {
	t.Helper()
	var out []dns.RR
	p := dns.NewZoneParser(strings.NewReader("$TTL 300\n"+text), dns.Fqdn(zone), zone)
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		out = append(out, rr)
	}
	if err := p.Err(); err != nil {
		t.Fatalf("zone %s: %v", zone, err)
	}
	return out
}

// zoneOf completes a zone with its SOA and NS records.
func zoneOf(t testing.TB, zone, text string, servers ...string) []dns.RR {
	t.Helper()
	text += "\n@ 3600 SOA ns.host. admin.host. 7 7200 3600 1209600 600\n"
	for _, s := range servers {
		text += "@ 7200 NS " + s + ".\n"
	}
	return records(t, zone, text)
}

// answer fills in what the zone says of a question (RFC 1034 4.3.2).
func answer(m *dns.Msg, zone string, all []dns.RR, do bool) {
	q := m.Question[0]
	name := exchange.Bare(q.Name)
	m.Authoritative = true
	for _, rr := range all {
		owner := exchange.Bare(rr.Header().Name)
		if rr.Header().Rrtype == dns.TypeNS && owner != zone && exchange.InZone(name, owner) &&
			(q.Qtype != dns.TypeDS || owner != name) {
			m.Authoritative = false
			m.Ns = append(m.Ns, rr)
			host := rr.(*dns.NS).Ns
			for _, g := range all {
				if g.Header().Name == host && g.Header().Rrtype == dns.TypeA {
					m.Extra = append(m.Extra, g)
				}
			}
		}
	}
	if len(m.Ns) > 0 {
		return
	}
	exists := false
	take := func(owner string) {
		for _, rr := range all {
			h := rr.Header()
			sig, isSig := rr.(*dns.RRSIG)
			if exists = exists || exchange.InZone(exchange.Bare(h.Name), owner); exchange.Bare(h.Name) != owner ||
				h.Rrtype != q.Qtype && h.Rrtype != dns.TypeCNAME && (!do || !isSig || sig.TypeCovered != q.Qtype) {
				continue
			}
			rr = dns.Copy(rr)
			rr.Header().Name = q.Name
			m.Answer = append(m.Answer, rr)
		}
	}
	take(name)
	for up := name; !exists && up != zone; {
		_, up, _ = strings.Cut(up, ".")
		take("*." + up)
		if slices.ContainsFunc(all, func(rr dns.RR) bool {
			return exchange.InZone(exchange.Bare(rr.Header().Name), up)
		}) {
			break
		}
	}
	for _, rr := range all {
		if rr.Header().Rrtype == dns.TypeSOA && len(m.Answer) == 0 {
			m.Ns = append(m.Ns, rr)
		}
	}
	if !exists {
		m.Rcode = dns.RcodeNameError
	}
}

// ServeDNS answers as an authoritative server.
func (h host) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg).SetReply(q)
	name, best := exchange.Bare(q.Question[0].Name), ""
	for zone := range h.zones {
		if (zone == "." || exchange.InZone(name, zone)) && len(zone) > len(best) {
			best = zone
		}
	}
	_, udp := w.RemoteAddr().(*net.UDPAddr)
	switch {
	case best == "":
		m.Rcode = dns.RcodeRefused
	case q.Question[0].Qtype == dns.TypeAXFR:
		if !h.transfers || udp {
			m.Rcode = dns.RcodeRefused
			break
		}
		var soa, rest []dns.RR
		for _, rr := range h.zones[best] {
			if rr.Header().Rrtype == dns.TypeSOA {
				soa = append(soa, rr)
			} else {
				rest = append(rest, rr)
			}
		}
		for part := range slices.Chunk(slices.Concat(soa, rest, soa), 2) { // several messages
			one := m.Copy()
			one.Authoritative, one.Answer = true, part
			_ = w.WriteMsg(one)
		}
		return
	default:
		opt := q.IsEdns0()
		answer(m, best, h.zones[best], opt != nil && opt.Do())
	}
	_ = w.WriteMsg(m)
}

// world is a network with name servers at addresses, and a resolver that knows all of their zones.
type world map[string]host

func (w world) session(t testing.TB) *probe.Session {
	t.Helper()
	n := probetest.NewNetwork()
	for addr, h := range w {
		n.ServeFunc(t, h.ServeDNS, addr+":53")
	}
	n.ServeFunc(t, func(rw dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable = true
		name, best := exchange.Bare(q.Question[0].Name), ""
		for _, h := range w {
			for zone, all := range h.zones {
				if exchange.InZone(name, zone) && len(zone) > len(best) {
					best = zone
					m.Answer, m.Ns, m.Rcode = nil, nil, 0
					answer(m, zone, all, false)
				}
			}
		}
		_ = rw.WriteMsg(m)
	}, resolver+":53")
	live := transport.NewLive(n.Dial, nil)
	t.Cleanup(live.Close)
	s := probe.NewSession(t.Context(), live, probe.Options{
		Roots:     []exchange.Server{probetest.ServerAt(rootAddr)},
		Resolvers: []exchange.Server{probetest.ServerAt(resolver)},
		HasIPv6:   func() bool { return false }, Rate: -1, Now: func() time.Time { return now },
	})
	t.Cleanup(s.Close)
	return s
}

var now = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// planned is a move of example.com from ns1.old.com and ns2.old.com to ns1.new.com and ns2.new.com.
type planned struct {
	old, new   string   // the records at both servers of each host
	old2, new2 string   // those at the second server, if they differ
	signOld    []string // the keys by which the hosts sign, and others that they publish: "a", "b+a"
	signNew    []string
	ds         string // the key of the DS record
	transfers  bool
	inZone     bool // the new servers are in the zone
}

func (m planned) start(t *testing.T) *probe.Session {
	t.Helper()
	newHosts := []string{"ns1.new.com", "ns2.new.com"}
	if m.inZone {
		newHosts = []string{"ns1.example.com", "ns2.example.com"}
	}
	keys := newKeyring(t)
	com := "example 86400 NS ns1.old\nexample 86400 NS ns2.old\nold NS ns1.old\nnew NS ns1.new\ncdn NS ns1.cdn\n" +
		"ns1.old A " + oldAddr + "\nns2.old A " + oldAddr2 + "\nns1.new A " + newAddr + "\nns2.new A " + newAddr2 + "\n" +
		"ns1.cdn A " + otherAddr + "\n"
	comZone := zoneOf(t, "com", com, "ns.com")
	if m.ds != "" {
		ds := keys.key("example.com", m.ds).ToDS(dns.SHA256)
		ds.Hdr.Ttl = 43200
		comZone = append(comZone, ds)
	}
	build := func(text, text2 string, sign, hosts []string) (one, two []dns.RR) {
		if text2 == "" {
			text2 = text
		}
		one, two = zoneOf(t, "example.com", text, hosts...), zoneOf(t, "example.com", text2, hosts...)
		if sign != nil {
			one = keys.signed(t, "example.com", one, sign[0])
			two = keys.signed(t, "example.com", two, sign[len(sign)-1])
		}
		return one, two
	}
	old1, old2 := build(m.old, m.old2, m.signOld, []string{"ns1.old.com", "ns2.old.com"})
	new1, new2 := build(m.new, m.new2, m.signNew, newHosts)
	oldZone := zoneOf(t, "old.com", "ns1 A "+oldAddr+"\nns2 A "+oldAddr2, "ns1.old.com")
	newZone := zoneOf(t, "new.com", "ns1 A "+newAddr+"\nns2 A "+newAddr2, "ns1.new.com")
	cdn := zoneOf(t, "cdn.com", "d1 A 13.32.10.1\nd1 A 13.32.10.2\nd2 A 13.32.10.3\nsite A 192.0.2.80\n", "ns1.cdn.com")
	return world{
		rootAddr:  {zones: map[string][]dns.RR{".": zoneOf(t, ".", "com. NS ns.com.\nns.com. A "+comAddr, "a.root")}},
		comAddr:   {zones: map[string][]dns.RR{"com": comZone}},
		oldAddr:   {zones: map[string][]dns.RR{"example.com": old1, "old.com": oldZone}, transfers: m.transfers},
		oldAddr2:  {zones: map[string][]dns.RR{"example.com": old2, "old.com": oldZone}, transfers: m.transfers},
		newAddr:   {zones: map[string][]dns.RR{"example.com": new1, "new.com": newZone}},
		newAddr2:  {zones: map[string][]dns.RR{"example.com": new2, "new.com": newZone}},
		otherAddr: {zones: map[string][]dns.RR{"cdn.com": cdn}},
	}.session(t)
}

// compare compares the two sets.
func (m planned) compare(t *testing.T, r move.Request) *move.Report {
	t.Helper()
	r.Zone = "example.com"
	if r.Hosts == nil {
		r.Hosts = []string{"ns1.new.com", "ns2.new.com"}
	}
	return move.Compare(t.Context(), m.start(t), r)
}

// keyring has keys by name.
type keyring struct {
	public  map[string]*dns.DNSKEY
	private map[string]crypto.Signer
}

// newKeyring makes two keys, "a" and "b".
func newKeyring(t *testing.T) keyring {
	t.Helper()
	out := keyring{map[string]*dns.DNSKEY{}, map[string]crypto.Signer{}}
	for _, name := range []string{"a", "b"} {
		k := &dns.DNSKEY{
			Hdr:   dns.RR_Header{Name: "example.com.", Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 3600},
			Flags: dns.ZONE | dns.SEP, Protocol: 3, Algorithm: dns.ECDSAP256SHA256,
		}
		p, err := k.Generate(256)
		if err != nil {
			t.Fatal(err)
		}
		out.public[name], out.private[name] = k, p.(crypto.Signer)
	}
	return out
}

func (k keyring) key(zone, name string) *dns.DNSKEY {
	key := *k.public[name]
	key.Hdr.Name = dns.Fqdn(zone)
	return &key
}

// signed adds the keys of "a+b", of which the first signs, and signatures of the keys and of the SOA record; with "!"
// at the end, the latter has expired.
func (k keyring) signed(t *testing.T, zone string, all []dns.RR, how string) []dns.RR {
	t.Helper()
	how, expired := strings.CutSuffix(how, "!")
	names := strings.Split(how, "+")
	var set, soa []dns.RR
	for _, n := range names {
		set = append(set, k.key(zone, n))
	}
	for _, rr := range all {
		if rr.Header().Rrtype == dns.TypeSOA {
			soa = append(soa, rr)
		}
	}
	out := append(slices.Clone(all), set...)
	for _, rrset := range [][]dns.RR{set, soa} {
		sig := &dns.RRSIG{
			Hdr:       dns.RR_Header{Name: dns.Fqdn(zone), Rrtype: dns.TypeRRSIG, Class: dns.ClassINET, Ttl: 3600},
			Algorithm: dns.ECDSAP256SHA256, KeyTag: k.key(zone, names[0]).KeyTag(), SignerName: dns.Fqdn(zone),
			Inception:  uint32(now.Add(-time.Hour).Unix()),
			Expiration: uint32(now.Add(time.Hour).Unix()),
		}
		if expired && rrset[0].Header().Rrtype == dns.TypeSOA {
			sig.Inception, sig.Expiration = uint32(now.Add(-20*24*time.Hour).Unix()),
				uint32(now.Add(-10*24*time.Hour).Unix())
		}
		if err := sig.Sign(k.private[names[0]], rrset); err != nil {
			t.Fatal(err)
		}
		out = append(out, sig)
	}
	return out
}
