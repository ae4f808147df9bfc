// Package rehearsal answers the questions of a diagnosis as the network will answer them once a change of the DNS has
// been made and no cache has an older answer.
//
// It stands in for the transport of a session: questions about the changed zone get the answer of today, edited;
// everything else is sent as always. So the same checks judge the future.
package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"domdoc/checks/plan/change"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"

	"github.com/miekg/dns"
)

// Change is what changes in the DNS.
type Change struct {
	// Zone is the apex of the zone whose records change: canonical, without the final dot.
	Zone string
	// Edits change records of the zone, one after the other.
	Edits []change.Edit
	// Whole means that the zone has no names but those of the edits, and those at its apex that name its servers.
	Whole bool
	// Names are names of the zone that are known to have records, and are not changed. The names above them exist.
	Names []string
	// Open are changes whose outcome is not known: nothing that they may alter is answered. The zone keeps what they
	// are about.
	Open []change.Open
	// Servers are the zone's name servers after a move to another DNS host; nil without a move.
	Servers []probe.NSHost
}

// Transport answers as after a change. It is safe for concurrent use.
type Transport struct {
	probe.Transport // for all that is not a question of the DNS
	now             *probe.Session
	change          Change
	edits           map[string][]change.Edit
	keys            *signer // nil if the zone is not signed
	// shaped means that the change makes or removes zones below, or DNAMEs, or may do so
	shaped bool
	// relinked means that the DS records of the zone change, and bogus that they then match none of its keys
	relinked, bogus bool
	// unserved means that no server would serve the zone, and resigned that the signatures of the host change in a way
	// that is not known; shared are zones below on the same servers, whose delegation changes
	unserved, resigned bool
	shared             []string
	// of a move: the servers after it, those of the zone above, and the TTL of the delegation
	newServers, parents []exchange.Server
	delegationTTL       uint32
}

// New returns a transport that answers as after a change. What it needs to know of the present it asks through the
// session now, whose cache it shares; wire carries what is not DNS.
func New(ctx context.Context, wire probe.Transport, now *probe.Session, c Change) *Transport {
	t := &Transport{Transport: wire, now: now, change: c, edits: map[string][]change.Edit{}}
	t.takeEdits(ctx)
	for _, h := range c.Servers {
		for _, a := range h.Addrs {
			t.newServers = append(t.newServers, exchange.Server{
				Host: h.Name, Addr: netip.AddrPortFrom(a, 53), Zone: c.Zone,
			})
		}
	}
	t.newServers = now.Askable(t.newServers)
	if !t.moves() {
		t.sign(ctx)
		return t
	}
	t.unserved = !slices.ContainsFunc(t.newServers, func(srv exchange.Server) bool {
		x := now.Ask(ctx, srv, c.Zone, dns.TypeSOA)
		return x.AA() && len(x.Records(c.Zone, dns.TypeSOA)) > 0
	})
	t.delegationTTL = defaultNSTTL
	z, above, _ := now.ZoneAt(ctx, c.Zone)
	if z != nil && z.NSTTL > 0 {
		t.delegationTTL = z.NSTTL
	}
	if above != nil {
		t.parents = above.Servers()
	}
	return t
}

// defaultNSTTL is the TTL of a delegation whose present one is not known: most registries use a day or two.
const defaultNSTTL = 86400

func (t *Transport) moves() bool { return t.change.Servers != nil }

// DNS answers one query.
func (t *Transport) DNS(ctx context.Context, to exchange.Server, wire []byte, stream bool) ([]byte, error) {
	q := new(dns.Msg)
	if err := q.Unpack(wire); err != nil || len(q.Question) != 1 || q.Question[0].Qclass != dns.ClassINET {
		return t.Transport.DNS(ctx, to, wire, stream) // of another class is who a resolver is
	}
	a := asker{t: t, ctx: ctx, to: to, q: q, recursive: q.RecursionDesired}
	if opt := q.IsEdns0(); opt != nil {
		a.do = opt.Do()
	}
	m, err := a.run(exchange.Bare(q.Question[0].Name), q.Question[0].Qtype)
	if err != nil {
		return nil, err
	}
	m.Id, m.Question, m.RecursionDesired, m.CheckingDisabled = q.Id, q.Question, q.RecursionDesired, q.CheckingDisabled
	m.Compress = true
	return m.Pack()
}

// asker answers one query to one server.
type asker struct {
	t         *Transport
	ctx       context.Context
	to        exchange.Server
	q         *dns.Msg
	recursive bool
	do        bool
	aliases   []string // of the DNS host that are being followed
}

// errFor returns the error that a transport has for an exchange without a message.
func errFor(x *exchange.Exchange) error {
	switch x.Outcome {
	case exchange.Timeout:
		return transport.ErrTimeout
	case exchange.NotAsked:
		return transport.ErrNotAsked
	case exchange.Malformed, exchange.Truncated:
		return fmt.Errorf("%w: %s", exchange.ErrUnreadable, x.Err)
	}
	return errors.New(x.Err)
}

// asIs returns the answer of today, to the same server.
func (a *asker) asIs(name string, rrtype uint16) (*dns.Msg, error) {
	var x *exchange.Exchange
	s := a.t.now
	switch {
	case a.recursive && a.q.CheckingDisabled:
		x = s.ResolveUnchecked(a.ctx, a.to, name, rrtype)
	case a.recursive && a.do:
		x = s.ResolveSecure(a.ctx, a.to, name, rrtype)
	case a.recursive:
		x = s.Sample(a.ctx, a.to, name, rrtype, a.to.Lane)
	case a.do:
		x = s.AskSecure(a.ctx, a.to, name, rrtype)
	default:
		x = s.Ask(a.ctx, a.to, name, rrtype)
	}
	if x.Msg == nil {
		return nil, errFor(x)
	}
	return x.Msg.Copy(), nil
}

func (a *asker) run(name string, rrtype uint16) (*dns.Msg, error) {
	zone := a.t.change.Zone
	within := exchange.InZone(name, zone)
	if within && rrtype == dns.TypeDS && name == zone && !a.recursive { // the zone above answers
		m, err := a.asIs(name, rrtype)
		if err == nil && m.Authoritative && !denies(m, zone) {
			a.link(m)
		}
		return m, err
	}
	if within && !a.recursive && a.t.moves() {
		if isOneOf(a.t.parents, a.to) && !isOneOf(a.t.newServers, a.to) {
			return a.referral(), nil
		}
		if a.t.unserved && isOneOf(a.t.newServers, a.to) {
			return nil, a.unknown(name, rrtype)
		}
		return a.asIs(name, rrtype) // the old servers still have the zone
	}
	if within && a.recursive && a.t.moves() && a.t.unserved && (rrtype != dns.TypeDS || name != zone) {
		return nil, a.unknown(name, rrtype)
	}
	m, err := a.asIs(name, rrtype)
	if err != nil {
		control, alive := a.control()
		if !within || !a.t.moves() || !a.recursive || !alive || rrtype == dns.TypeDS {
			return nil, err
		}
		m = control // it may be the old servers that it waits for
	}
	if !within {
		if cut := a.cutAtZone(m); a.recursive && cut != "" {
			return a.follow(cut, rrtype, m)
		}
		return m, nil
	}
	if a.recursive {
		return a.resolve(name, rrtype, m)
	}
	if a.t.shaped {
		return a.within(name, rrtype, m)
	}
	if exchange.Classify(m, name, rrtype) == exchange.Referral || !m.Authoritative {
		return m, nil
	}
	return a.follow(name, rrtype, empty(m))
}

// within is the answer of a server of the zone, or of a zone below it.
func (a *asker) within(name string, rrtype uint16, m *dns.Msg) (*dns.Msg, error) {
	if !a.ofZone(name, rrtype, m) {
		return m, nil
	}
	if c := a.cutOf(name, rrtype); c != nil {
		if !c.changed {
			return m, nil
		}
		return c.refer(m), nil
	}
	m = empty(m)
	m.Authoritative = true
	return a.follow(name, rrtype, m)
}

// denies reports whether a negative answer is of a zone itself.
func denies(m *dns.Msg, zone string) bool {
	return slices.ContainsFunc(m.Ns, func(rr dns.RR) bool {
		return rr.Header().Rrtype == dns.TypeSOA && exchange.SameName(rr.Header().Name, zone)
	})
}

// cutAtZone removes from a recursive answer what lies behind a CNAME into the changed zone, and returns that name;
// empty if there is none.
func (a *asker) cutAtZone(m *dns.Msg) string {
	for _, rr := range m.Answer {
		c, ok := rr.(*dns.CNAME)
		if target := ""; ok {
			if target = exchange.Bare(c.Target); !exchange.InZone(target, a.t.change.Zone) {
				continue
			}
			m.Answer = slices.DeleteFunc(m.Answer, func(rr dns.RR) bool {
				return exchange.InZone(exchange.Bare(rr.Header().Name), a.t.change.Zone)
			})
			return target
		}
	}
	return ""
}

// resolve is the answer of a resolver whose caches have no older answer. A resolver that does not answer today for
// the zone's own SOA does not answer after the change either.
func (a *asker) resolve(name string, rrtype uint16, m *dns.Msg) (*dns.Msg, error) {
	if rrtype == dns.TypeDS && name == a.t.change.Zone {
		if m.Rcode == dns.RcodeSuccess {
			a.link(m)
		}
		return m, nil
	}
	if filtered(m) {
		return m, nil
	}
	if a.t.relinked { // those that reject the zone today may accept it then
		if !exchange.Classify(m, name, rrtype).Conclusive() {
			control, alive := a.control()
			if !alive {
				return m, nil
			}
			m = control
		}
		m = empty(m)
		m.AuthenticatedData = a.t.keys != nil && !a.q.CheckingDisabled && a.validates()
		return a.follow(name, rrtype, m)
	}
	if a.t.moves() {
		if !exchange.Classify(m, name, rrtype).Conclusive() {
			control, alive := a.control()
			if !alive {
				return m, nil
			}
			m = control
		}
		if !a.q.CheckingDisabled && a.validates() && !a.t.validAfterMove(a.ctx) {
			return failed(), nil
		}
		return a.follow(name, rrtype, empty(m))
	}
	if exchange.Classify(m, name, rrtype).Conclusive() {
		return a.follow(name, rrtype, empty(m))
	}
	control, err := a.asIs(a.t.change.Zone, dns.TypeSOA)
	if err != nil || !exchange.Classify(control, a.t.change.Zone, dns.TypeSOA).Conclusive() {
		return m, nil
	}
	then, err := a.follow(name, rrtype, empty(m))
	if err == nil && !a.q.CheckingDisabled && !a.relinksBelow(name, rrtype, then) && a.rejects(name, rrtype, then) {
		return m, nil
	}
	return then, err
}

// relinksBelow reports whether the DS records change of a delegation that an answer comes through: resolvers that
// reject it today may accept it then. Those that match no key have been seen to before.
func (a *asker) relinksBelow(name string, rrtype uint16, then *dns.Msg) bool {
	names := []string{name}
	for _, rr := range then.Answer {
		names = append(names, exchange.Bare(rr.Header().Name))
	}
	slices.Sort(names)
	return slices.ContainsFunc(slices.Compact(names), func(name string) bool {
		if !exchange.InZone(name, a.t.change.Zone) {
			return false
		}
		c := a.cutOf(name, rrtype)
		return c != nil && slices.ContainsFunc(a.t.edits[c.name], func(e change.Edit) bool {
			return e.Type == dns.TypeDS || e.Type == 0
		})
	})
}

// rejects reports whether a resolver refuses for its signatures an answer that the change leaves as it is: without
// validation it has the same one.
func (a *asker) rejects(name string, rrtype uint16, then *dns.Msg) bool {
	x := a.t.now.ResolveUnchecked(a.ctx, a.to, name, rrtype)
	return x.Outcome.Conclusive() && x.Msg.Rcode == then.Rcode && slices.Equal(data(x.Msg), data(then))
}

// data lists the records of an answer, without TTLs and signatures, sorted.
func data(m *dns.Msg) []string {
	var out []string
	for _, rr := range m.Answer {
		if rr.Header().Rrtype != dns.TypeRRSIG {
			own := dns.Copy(rr)
			own.Header().Ttl = 0
			out = append(out, strings.ToLower(own.String()))
		}
	}
	slices.Sort(out)
	return out
}

// control returns a resolver's answer about the root, which no DNS host has to do with; alive is set if it answers.
func (a *asker) control() (m *dns.Msg, alive bool) {
	m, err := a.asIs(".", dns.TypeSOA)
	return m, err == nil && exchange.Classify(m, ".", dns.TypeSOA).Conclusive()
}

// filtered reports whether a resolver refuses a name by a policy of its own (RFC 8914 4.16 to 4.19), whatever the
// zone has.
func filtered(m *dns.Msg) bool {
	code, ok := exchange.EDECode(m)
	return ok && code >= dns.ExtendedErrorCodeBlocked && code <= dns.ExtendedErrorCodeProhibited
}

// validates reports whether a resolver validates: it marks the root's keys or the zone as authentic, or rejects the
// zone today.
func (a *asker) validates() bool {
	s, zone := a.t.now, a.t.change.Zone
	if x := s.ResolveSecure(a.ctx, a.to, ".", dns.TypeDNSKEY); x.Msg != nil && x.Msg.AuthenticatedData {
		return true
	}
	x := s.ResolveSecure(a.ctx, a.to, zone, dns.TypeSOA)
	if x.Outcome == exchange.ServFail {
		return s.ResolveUnchecked(a.ctx, a.to, zone, dns.TypeSOA).Outcome.Conclusive()
	}
	return x.Msg != nil && x.Msg.AuthenticatedData
}

// empty returns a message with the head of another, without records.
func empty(m *dns.Msg) *dns.Msg {
	out := m.Copy()
	out.Rcode, out.Answer, out.Ns, out.Truncated = dns.RcodeSuccess, nil, nil, false
	out.Extra = slices.DeleteFunc(out.Extra, func(rr dns.RR) bool { return rr.Header().Rrtype != dns.TypeOPT })
	for _, rr := range out.Extra { // an extended error is of the earlier answer
		if opt, ok := rr.(*dns.OPT); ok {
			opt.Option = nil
			opt.SetExtendedRcode(0)
		}
	}
	return out
}

func failed() *dns.Msg {
	m := new(dns.Msg)
	m.Response, m.RecursionAvailable, m.Rcode = true, true, dns.RcodeServerFailure
	return m
}

// follow appends the answer for a name to a message, along its CNAMEs.
func (a *asker) follow(name string, rrtype uint16, m *dns.Msg) (*dns.Msg, error) {
	m.Rcode, m.Ns = dns.RcodeSuccess, nil
	seen := map[string]bool{}
	for range exchange.MaxHops + 1 {
		if seen[name] {
			return m, nil // a loop, which some servers and resolvers answer like this
		}
		seen[name] = true
		if !exchange.InZone(name, a.t.change.Zone) {
			if !a.recursive {
				return m, nil
			}
			rest, err := a.asIs(name, rrtype)
			if err != nil {
				return nil, err
			}
			m.Answer, m.Ns, m.Rcode = append(m.Answer, rest.Answer...), rest.Ns, rest.Rcode
			return m, nil
		}
		step, err := a.stepBelow(name, rrtype)
		if err != nil {
			return nil, err
		}
		if step == nil { // no server of the zone answers
			if len(m.Answer) > 0 && !a.recursive {
				return m, nil
			}
			return failed(), nil
		}
		m.Answer, m.Ns, m.Rcode = append(m.Answer, step.answer...), step.authority, step.rcode
		if step.next == "" {
			return m, nil
		}
		name = step.next
	}
	return m, nil
}

// referral is the answer of a server of the zone above.
func (a *asker) referral() *dns.Msg {
	zone, ttl := a.t.change.Zone, a.t.delegationTTL
	m := new(dns.Msg)
	m.Response = true
	for _, h := range a.t.change.Servers {
		m.Ns = append(m.Ns, &dns.NS{
			Hdr: dns.RR_Header{Name: dns.Fqdn(zone), Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: ttl},
			Ns:  dns.Fqdn(h.Name),
		})
		if !exchange.InZone(h.Name, zone) {
			continue
		}
		for _, addr := range h.Addrs {
			hdr := dns.RR_Header{Name: dns.Fqdn(h.Name), Class: dns.ClassINET, Ttl: ttl}
			if addr.Is4() {
				hdr.Rrtype = dns.TypeA
				m.Extra = append(m.Extra, &dns.A{Hdr: hdr, A: addr.AsSlice()})
			} else {
				hdr.Rrtype = dns.TypeAAAA
				m.Extra = append(m.Extra, &dns.AAAA{Hdr: hdr, AAAA: addr.AsSlice()})
			}
		}
	}
	return m
}

func isOneOf(servers []exchange.Server, to exchange.Server) bool {
	return slices.ContainsFunc(servers, func(s exchange.Server) bool { return s.Addr == to.Addr })
}
