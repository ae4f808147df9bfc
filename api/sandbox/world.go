package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"

	"domdoc/api/sandbox/story"

	"github.com/miekg/dns"
)

// world is shared by all stories: the root, the top-level domains, DNS hosts, resolvers, the registry and the CDN.
type world struct {
	b         *Sandbox
	hosts     map[netip.Addr]*host
	byName    map[string]netip.Addr
	names     map[string]string       // of the same hosts, with the trailing dot
	zones     map[string]served       // by canonical name
	tlds      []string                // canonical, longest first
	owners    map[string]*story.Story // registrable name -> story
	resolvers map[string]*resolver
}

// surroundings are the hosts of the world and the zones that they serve, without any story.
type surroundings struct {
	*story.Hosts
	zones []served
}

// readWorld reads the world of a file system (_world.txtar), by default the built-in one.
func readWorld(fsys fs.FS) (*surroundings, error) {
	raw, err := fs.ReadFile(fsys, "_world.txtar")
	if errors.Is(err, fs.ErrNotExist) {
		raw, err = fs.ReadFile(Scenarios(), "_world.txtar")
	}
	if err != nil {
		return nil, err
	}
	hosts, err := story.ParseHosts(raw)
	if err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	w := &surroundings{Hosts: hosts}
	for _, f := range hosts.Zones {
		on := story.HostNames(f.Args[2:])
		z, err := parseZone(f.Args[0], padded(f.Line+1, f.Data), on)
		if err != nil {
			return nil, fmt.Errorf("world: %w", f.Wrap(err))
		}
		w.zones = append(w.zones, served{z, on, false})
	}
	return w, nil
}

// owns returns an error if a registrable name of a story belongs to the world: the story would change what all others
// rely on.
func (w *surroundings) owns(base string) error {
	for _, z := range w.zones {
		if dns.IsSubDomain(base+".", z.name) {
			return fmt.Errorf("%s is a name of the world: a story needs names of its own", base)
		}
	}
	return nil
}

// host is a machine of the world.
type host struct {
	name  string
	addrs []netip.Addr
	role  story.Role
}

func newWorld(c *surroundings, b *Sandbox) (*world, error) {
	w := &world{
		b: b, hosts: map[netip.Addr]*host{}, byName: map[string]netip.Addr{}, names: map[string]string{},
		zones: map[string]served{},
		tlds:  c.TLDs, owners: map[string]*story.Story{}, resolvers: map[string]*resolver{},
	}
	down := story.HostNames(b.opt.Down)
	for _, m := range c.Machines {
		if slices.Contains(down, m.Name) {
			m.Role = story.RoleSilentDNS
		}
		w.addHost(m.Addr, m.Name, m.Role)
	}
	for _, z := range c.zones {
		w.zones[z.name] = z
	}
	for _, s := range b.stories {
		for _, bs := range s.Bases(0) {
			w.owners[bs] = s
		}
		for _, addr := range s.Servers {
			if w.hosts[addr] == nil {
				w.addHost(addr, "", roleEdge)
			}
		}
	}
	return w, nil
}

func (w *world) addHost(addr netip.Addr, name string, role story.Role) {
	h := &host{name: name, addrs: []netip.Addr{addr}, role: role}
	for _, known := range w.hosts {
		if name != "" && known.name == name {
			h = known
			h.addrs = append(h.addrs, addr)
		}
	}
	w.hosts[addr] = h
	if name != "" && !w.byName[name].IsValid() {
		w.byName[name], w.names[name] = addr, dns.Fqdn(name)
	}
	if role == story.RoleResolver && w.resolvers[name] == nil {
		w.resolvers[name] = newResolver(w, len(w.resolvers))
	}
}

// respond returns the response of a DNS server of the world; nil if it does not answer.
func (w *world) respond(h *host, q *dns.Msg, stream bool) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	question := q.Question[0]
	mixed := question.Name != dns.CanonicalName(question.Name)
	question.Name = dns.CanonicalName(question.Name)
	switch {
	case h.role == story.RoleSilentDNS || h.role == story.RoleSilent:
		return nil
	case h.role == story.RoleResolver && w.resolvers[h.name].told(question.Name) == "silent":
		return nil
	case h.role == rolePortalDNS || strings.HasPrefix(string(h.role), string(roleHotel)):
		w.interceptor(h.role, m, question, q)
	case question.Qclass != dns.ClassINET:
		chaos(m, h, question, w.b.env.Network == story.NetworkReticent)
	case h.role == story.RoleResolver && identifies(m, question, w.egress(h)):
	case h.role == story.RoleResolver:
		m.RecursionAvailable = true
		w.resolvers[h.name].turn(question.Name, question.Qtype).answer(m, question.Name, question.Qtype, q)
	default:
		opt := q.IsEdns0()
		if in := w.b.find(question.Name); in != nil {
			switch how := in.behavior(h.name, question.Name, question.Qtype); {
			case how == "no-tcp" && stream:
				return nil
			case how == "no-edns" && opt != nil:
				m.Rcode = dns.RcodeFormatError
				return m
			}
		}
		ask := asking{do: opt != nil && opt.Do(), mixed: mixed}
		if m = w.authoritative(m, h.name, question.Name, question.Qtype, present, ask); m == nil {
			return nil
		}
	}
	return w.wrap(m, h, q, stream)
}

// wrap adds EDNS and truncates the response.
func (w *world) wrap(m *dns.Msg, h *host, q *dns.Msg, stream bool) *dns.Msg {
	limit := dns.MinMsgSize
	if opt := q.IsEdns0(); opt != nil {
		limit = max(limit, min(int(opt.UDPSize()), 1232))
		if m.IsEdns0() == nil {
			m.SetEdns0(1232, opt.Do())
		}
	} else {
		m.Extra = slices.DeleteFunc(m.Extra, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeOPT })
	}
	m.Compress = true
	if !stream {
		m.Truncate(limit)
	}
	return m
}

// phase is a time in the history of the world. A story can have three: before its earlier change, at the start of the
// sandbox, and now.
type phase uint8

const (
	present      phase = iota
	atStart            // at the start of the sandbox
	beforeChange       // until the time in the story's line "before"
)

// in returns an instance as it was in a phase.
func (e phase) in(in *instance) *instance {
	if in == nil || e == present {
		return in
	}
	return in.origin
}

// asking is how a query is asked.
type asking struct {
	do    bool // with signatures
	mixed bool // the name has letters in upper case
}

// authoritative returns the response of an authoritative server in a phase.
func (w *world) authoritative(m *dns.Msg, hostName, name string, rrtype uint16, then phase, ask asking) *dns.Msg {
	switch {
	case hostName == "a.root-servers.net":
		w.registry(m, ".", name, rrtype, then, false)
		return m
	case strings.HasSuffix(hostName, ".nic.example") && !strings.HasPrefix(hostName, "ns"):
		for _, tld := range w.tlds {
			if inZone(tld, name) {
				in := then.in(w.b.find(name))
				w.registry(m, tld, name, rrtype, then, in != nil && in.behavior(hostName, name, rrtype) == "behind")
				return m
			}
		}
		m.Rcode = dns.RcodeRefused
		return m
	}
	in := then.in(w.b.find(name))
	if in != nil {
		if bad := in.behavior(hostName, name, rrtype); bad != "" {
			return fault(m, bad, func(m *dns.Msg) {
				w.zoneAnswer(m, in, hostName, name, rrtype, then, ask, bad == "denies-parents")
			})
		}
	}
	w.zoneAnswer(m, in, hostName, name, rrtype, then, ask, false)
	return m
}

func (w *world) zoneAnswer(m *dns.Msg, in *instance, hostName, name string, rrtype uint16, then phase, ask asking,
	entDenied bool,
) {
	var z *zone
	if in != nil {
		z = in.zoneAt(hostName, name, then == beforeChange)
		// the DS record of a zone below belongs to the zone above, on the same servers as well
		if above := in.zoneAt(hostName, parent(name), then == beforeChange); rrtype == dns.TypeDS && above != nil {
			z = above
		}
	}
	if z == nil {
		for up := name; ; up = parent(up) {
			if s, ok := w.zones[up]; ok && slices.Contains(s.hosts, hostName) {
				z = s.zone
				break
			}
			if up == "." {
				m.Rcode = dns.RcodeRefused
				return
			}
		}
	}
	switch {
	case w.keys(m, in, z, hostName, name, rrtype):
	case rrtype == dns.TypeDS && in != nil && len(w.dsOf(in, name, then, hostName)) > 0:
		m.Authoritative = true
		for _, d := range w.dsOf(in, name, then, hostName) {
			m.Answer = append(m.Answer, d)
		}
	default:
		z.answer(m, name, rrtype, entDenied)
	}
	if ask.do {
		w.secure(m, in, z, hostName, name, rrtype, ask.mixed)
	}
}

// endless reports whether an answer has a loop of CNAMEs, or more than BIND and PowerDNS follow.
func endless(answer []dns.RR) bool {
	owners := map[string]bool{}
	for _, rr := range answer {
		if alias, ok := rr.(*dns.CNAME); ok {
			owners[dns.CanonicalName(alias.Hdr.Name)] = true
			if owners[dns.CanonicalName(alias.Target)] || len(owners) > 11 {
				return true
			}
		}
	}
	return false
}

// dnameLast puts the DNAME of an answer and its signature after everything else, as PowerDNS does.
func dnameLast(m *dns.Msg) {
	var first, last []dns.RR
	for _, rr := range m.Answer {
		sig, signs := rr.(*dns.RRSIG)
		if rr.Header().Rrtype == dns.TypeDNAME || signs && sig.TypeCovered == dns.TypeDNAME {
			last = append(last, rr)
			continue
		}
		first = append(first, rr)
	}
	m.Answer = append(first, last...)
}

// fault answers as a broken server.
func fault(m *dns.Msg, how string, rightly func(*dns.Msg)) *dns.Msg {
	switch how {
	case "refuses":
		m.Rcode = dns.RcodeRefused
	case "fails":
		m.Rcode = dns.RcodeServerFailure
	case "notimp":
		m.Rcode = dns.RcodeNotImplemented
	case "silent":
		return nil
	case "dname-last":
		rightly(m)
		dnameLast(m)
	case "nxdomain":
		if rightly(m); m.Rcode == dns.RcodeSuccess && len(m.Answer) == 0 && m.Authoritative {
			m.Rcode = dns.RcodeNameError
		}
	case "fails-chains":
		if rightly(m); m.Question[0].Qtype != dns.TypeCNAME && endless(m.Answer) {
			m.Rcode, m.Answer, m.Ns = dns.RcodeServerFailure, nil, nil
		}
	case "not-authoritative":
		rightly(m)
		m.Authoritative = false
	default:
		rightly(m)
	}
	return m
}

// registry answers for the root and for top-level domains: with a referral or a denial. behind is set for a server with
// the delegations of a story as they were before its change.
func (w *world) registry(m *dns.Msg, zoneName, name string, rrtype uint16, then phase, behind bool) {
	m.Authoritative = true
	z := w.zones[zoneName]
	if name == zoneName {
		if z.zone != nil {
			z.answer(m, name, rrtype, false)
			return
		}
		w.apex(m, zoneName, rrtype)
		return
	}
	child := name
	for parentOf(child) != zoneName {
		child = parentOf(child)
	}
	if slices.Contains(w.tlds, child) && zoneName != "." { // co.uk on the servers of uk
		w.registry(m, child, name, rrtype, then, behind)
		return
	}
	hosts := w.delegation(child, then)
	if name == child && name == "nic."+zoneName && rrtype == dns.TypeNS { // the registry's own name
		hosts = []string{"a.nic.example"}
	}
	if in := w.b.find(child); behind && len(in.formerDS) == 0 {
		hosts = in.delegated[child]
	}
	if hosts == nil {
		if z.zone != nil && (z.nodes[name] != nil || z.ents[name]) {
			z.answer(m, name, rrtype, false)
			return
		}
		m.Rcode = dns.RcodeNameError
		m.Ns = append(m.Ns, w.soa(zoneName))
		return
	}
	var ds []*dns.DS
	if in := w.b.find(child); in != nil {
		if ds = w.dsOf(in, child, then, ""); behind && len(in.formerDS) > 0 {
			ds = w.dsOf(in, child, beforeChange, "")
		}
	}
	if name == child && rrtype == dns.TypeDS {
		if ds == nil {
			m.Ns = append(m.Ns, w.soa(zoneName))
		}
		for _, d := range ds {
			m.Answer = append(m.Answer, d)
		}
		return
	}
	m.Authoritative = false
	for _, h := range hosts {
		ns := w.canonical(h)
		m.Ns = append(m.Ns, &dns.NS{
			Hdr: dns.RR_Header{Name: child, Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 86400},
			Ns:  ns,
		})
		if inZone(zoneName, ns) {
			m.Extra = append(m.Extra, w.address(h)...)
			if in := then.in(w.b.find(child)); in != nil {
				m.Extra = append(m.Extra, addressRecords(h, in.glue[h])...)
			}
		}
	}
	for _, d := range ds {
		m.Ns = append(m.Ns, d)
	}
}

func parentOf(name string) string { return parent(name) }

// delegation returns the name servers of a child zone at its parent; nil if it is not delegated.
func (w *world) delegation(child string, then phase) []string {
	if slices.Contains(w.tlds, child) {
		return []string{"a.nic.example", "b.nic.example"}
	}
	if s, ok := w.zones[child]; ok {
		return s.hosts
	}
	if in := then.in(w.b.find(child)); in != nil {
		if d := in.delegated[child]; then == beforeChange && len(d) > 0 {
			return d
		}
		if d := in.delegation(child); len(d) > 0 {
			return d
		}
	}
	return nil
}

func (w *world) apex(m *dns.Msg, zoneName string, rrtype uint16) {
	switch rrtype {
	case dns.TypeSOA:
		m.Answer = append(m.Answer, w.soa(zoneName))
	case dns.TypeNS:
		hosts := []string{"a.nic.example", "b.nic.example"}
		if zoneName == "." {
			hosts = []string{"a.root-servers.net"}
		}
		for _, h := range hosts {
			m.Answer = append(m.Answer, &dns.NS{Hdr: dns.RR_Header{
				Name: zoneName, Rrtype: dns.TypeNS, Class: dns.ClassINET,
				Ttl: 86400,
			}, Ns: dns.Fqdn(h)})
			m.Extra = append(m.Extra, w.address(h)...)
		}
	default:
		m.Ns = append(m.Ns, w.soa(zoneName))
	}
}

func (w *world) soa(zoneName string) dns.RR {
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: zoneName, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 900},
		Ns:  "a.nic.example.", Mbox: "hostmaster.nic.example.", Serial: 1, Refresh: 1800, Retry: 900, Expire: 604800,
		Minttl: 900,
	}
}

func (w *world) address(hostName string) []dns.RR {
	if h := w.hosts[w.byName[hostName]]; h != nil {
		return addressRecords(hostName, h.addrs)
	}
	return nil
}

// canonical returns the name of a host in canonical form.
func (w *world) canonical(hostName string) string {
	if name := w.names[hostName]; name != "" {
		return name
	}
	return dns.Fqdn(hostName)
}

func addressRecords(hostName string, addrs []netip.Addr) []dns.RR {
	var out []dns.RR
	for _, a := range addrs {
		hdr := dns.RR_Header{Name: dns.Fqdn(hostName), Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 86400}
		if a.Is4() {
			out = append(out, &dns.A{Hdr: hdr, A: a.AsSlice()})
		} else {
			hdr.Rrtype = dns.TypeAAAA
			out = append(out, &dns.AAAA{Hdr: hdr, AAAA: a.AsSlice()})
		}
	}
	return out
}
