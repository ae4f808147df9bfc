// Package move compares a zone at the name servers that serve it with the same zone at those that will, and plans the
// move between them.
package move

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/moving"
	"domdoc/checks/dnsname"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// Request is a move that is planned.
type Request struct {
	// Zone is the apex of the zone: canonical, without the final dot.
	Zone string
	// Hosts are the new name servers. A server inside the zone can have the address that the registry will have for it:
	// "ns1.example.com=192.0.2.1".
	Hosts []string
	// Names are names of the zone that are in use: the service's records, the tenant's other domains.
	Names []string
	// Types has the types of the records of each name of a zone file; it may be nil.
	Types map[string][]uint16
	// At is when the move begins; zero is now.
	At time.Time
}

// Report is the comparison of two sets of name servers, and the order of the steps.
type Report struct {
	Zone string
	// Hosts are the new name servers.
	Hosts []string
	// Old and New have every address, and one line for each host without an address.
	Old, New []Server
	// Differences are those that matter first.
	Differences []Difference
	// Compared is the number of questions that both sets answered.
	Compared int
	// Unjudged says what could not be compared, and why, in a sentence each, without the final stop.
	Unjudged []string
	// Complete is set if the names of the zone are known from a zone file or a transfer.
	Complete bool
	DNSSEC   DNSSEC
	TTLs     TTLs
	// Glue are the new name servers inside the zone, for which the registry needs addresses.
	Glue []Glue
	// Steps are empty if the zone could not be found.
	Steps []Step

	hosts []probe.NSHost
}

// Server is one address of a name server.
type Server struct {
	Host     string
	Addr     netip.AddrPort // invalid if the host has no address
	State    moving.State
	Serial   uint32 // of its SOA record; 0 if it has none
	Detail   string // why it has no address, or what the network said; empty if the state says all
	Evidence []*exchange.Exchange
}

func (s Server) server(zone string) exchange.Server {
	return exchange.Server{Host: s.Host, Addr: s.Addr, Zone: zone}
}

// String names the server: "ns1.example.net (192.0.2.1:53)".
func (s Server) String() string {
	if !s.Addr.IsValid() {
		return s.Host
	}
	return s.server("").String()
}

// Difference is an RRset that the new servers do not answer as the old ones.
type Difference struct {
	Name string // "*.example.com" for a wildcard
	Type string
	Kind moving.Kind
	// Old and New are the values, sorted; a CNAME in place of records of another type is "CNAME target".
	Old, New       []string
	OldTTL, NewTTL uint32
	// Servers are the addresses of the new servers that answer like this; nil if all do.
	Servers []string
	// Matters is set if something breaks that works today, which Breaks names.
	Matters bool
	Breaks  moving.Breaks
	// Why explains the difference; empty if kind and values say all.
	Why string
	// Wildcard is the wildcard of the old zone that answers for the name and is missing too; empty without one.
	Wildcard string
	Evidence []*exchange.Exchange

	rrtype uint16
}

// DNSSEC is the chain of trust before and after.
type DNSSEC struct {
	State moving.DNSSEC
	// DS are the records at the zone above, Old and New the keys at the servers, as text.
	DS, Old, New []string
	// OldSigned and NewSigned report whether a set has keys.
	OldSigned, NewSigned bool
	Evidence             []*exchange.Exchange
}

// TTLs are those that decide how long to wait.
type TTLs struct {
	ParentNS time.Duration // of the NS records of the delegation
	ChildNS  time.Duration // of the zone's own NS records
	DS       time.Duration // 0 without DS records
	Longest  time.Duration // the longest of the records that were compared
	Negative time.Duration // how long the absence of a record is cached, at the new servers
	// OldNegative is the same at the old servers.
	OldNegative time.Duration
}

// Glue is a name server inside the zone that it serves.
type Glue struct {
	Host  string
	Addrs []netip.Addr // as far as they are known
}

// Compare asks both sets of servers now, at every address.
func Compare(ctx context.Context, s *probe.Session, r Request) *Report {
	return compareAtMost(ctx, s, r, maxQuestions)
}

// compareAtMost is Compare with at most so many questions to one server.
func compareAtMost(ctx context.Context, s *probe.Session, r Request, questions int) *Report {
	c := &comparison{
		ctx: ctx, s: s, req: r, out: &Report{Zone: r.Zone}, slots: make(chan struct{}, maxInFlight),
		answers: map[question]*both{}, most: questions,
	}
	c.out.DNSSEC.State = moving.Unknown
	if c.locate() {
		c.servers()
		c.records()
		c.dnssec()
		c.steps()
	}
	if c.more > 0 {
		c.out.Unjudged = append(c.out.Unjudged, moving.MoreUnjudged(c.more))
	}
	return c.out
}

// maxInFlight bounds the questions on their way, so that no server takes them for an attack.
const maxInFlight = 32

type comparison struct {
	ctx   context.Context
	s     *probe.Session
	req   Request
	out   *Report
	slots chan struct{}

	zone, parent *probe.Zone
	old, new     []exchange.Server // those that serve the zone
	answers      map[question]*both
	most         int // questions to one server
	more         int // sentences that Unjudged has no room for
}

// locate finds the zone and the one above. It reports whether there is a move to plan.
func (c *comparison) locate() bool {
	z, above, path := c.s.ZoneAt(c.ctx, c.req.Zone)
	switch {
	case z != nil:
		c.zone, c.parent = z, above
		c.out.TTLs.ParentNS = seconds(z.NSTTL)
		return true
	case path.Unknown != "" || path.Zone == nil:
		c.unjudged(moving.Unlocated(c.req.Zone, path.Unknown))
	default:
		c.unjudged(moving.NotApex(c.req.Zone, path.Zone.Name))
	}
	return false
}

func seconds(n uint32) time.Duration { return time.Duration(n) * time.Second }

// maxUnjudged bounds the sentences about what was not compared.
const maxUnjudged = 40

func (c *comparison) unjudged(why string) {
	switch {
	case slices.Contains(c.out.Unjudged, why):
	case len(c.out.Unjudged) < maxUnjudged:
		c.out.Unjudged = append(c.out.Unjudged, why)
	default:
		c.more++
	}
}

// servers finds both sets and asks each address for the zone's SOA.
func (c *comparison) servers() {
	hosts := make([]probe.NSHost, len(c.req.Hosts))
	var wg probe.Group
	for i, h := range c.req.Hosts {
		name, given, _ := strings.Cut(h, "=")
		parsed, err := dnsname.Parse(name)
		if err != nil {
			hosts[i] = probe.NSHost{Name: name, Failed: moving.BadHost(name)}
			continue
		}
		hosts[i].Name = parsed.ASCII
		if a, err := netip.ParseAddr(given); err == nil {
			hosts[i].Addrs = []netip.Addr{a}
			continue
		}
		wg.Go(func() { hosts[i] = c.s.NameServer(c.ctx, parsed.ASCII) })
	}
	wg.Wait()
	c.out.hosts = merged(hosts)
	for _, h := range c.out.hosts {
		c.out.Hosts = append(c.out.Hosts, h.Name)
		if exchange.InZone(h.Name, c.req.Zone) {
			c.out.Glue = append(c.out.Glue, Glue{Host: h.Name, Addrs: h.Addrs})
		}
	}
	c.out.Old, c.old = c.states(c.zone.NS)
	c.out.New, c.new = c.states(c.out.hosts)
	c.report("old", c.out.Old, c.old)
	c.report("new", c.out.New, c.new)
}

// merged joins the addresses of a host that is listed several times.
func merged(hosts []probe.NSHost) []probe.NSHost {
	var out []probe.NSHost
	for _, h := range hosts {
		i := slices.IndexFunc(out, func(o probe.NSHost) bool { return o.Name == h.Name })
		if i < 0 {
			out = append(out, h)
			continue
		}
		for _, a := range h.Addrs {
			if !slices.Contains(out[i].Addrs, a) {
				out[i].Addrs = append(slices.Clone(out[i].Addrs), a)
			}
		}
	}
	return out
}

// report adds what the servers' states keep from being judged.
func (c *comparison) report(set string, all []Server, serving []exchange.Server) {
	asked := slices.ContainsFunc(all, func(s Server) bool { return s.State != moving.NotAsked })
	switch {
	case len(serving) > 0:
	case asked || len(all) == 0:
		c.unjudged(moving.NoneServes(set, c.req.Zone))
	default:
		c.unjudged(moving.NoneAsked(set))
	}
	for _, srv := range all {
		if srv.State != moving.Serves && srv.State != moving.NotAsked {
			c.unjudged(moving.SomeServe(set, srv.String(), srv.State.Phrase()))
		}
	}
}

func (c *comparison) states(hosts []probe.NSHost) (all []Server, serving []exchange.Server) {
	for _, h := range hosts {
		if len(h.Addrs) == 0 {
			all = append(all, Server{Host: h.Name, State: moving.NoAddress, Detail: h.Failed, Evidence: h.Evidence})
		}
		for _, a := range h.Addrs {
			all = append(all, Server{Host: h.Name, Addr: netip.AddrPortFrom(a.Unmap(), 53), State: moving.NotAsked})
		}
	}
	var wg probe.Group
	for i := range all {
		srv := &all[i]
		if !srv.Addr.IsValid() || len(c.s.Askable([]exchange.Server{srv.server(c.req.Zone)})) == 0 {
			continue
		}
		wg.Go(func() { c.state(srv) })
	}
	wg.Wait()
	for _, srv := range all {
		if srv.State == moving.Serves {
			serving = append(serving, srv.server(c.req.Zone))
		}
	}
	return all, serving
}

// state asks one server for the SOA record of the zone.
func (c *comparison) state(srv *Server) {
	x := c.ask(srv.server(c.req.Zone), c.req.Zone, dns.TypeSOA)
	srv.Evidence = []*exchange.Exchange{x}
	srv.Detail = x.Err
	switch x.Outcome {
	case exchange.Answered, exchange.NoData, exchange.NXDomain:
		records := x.Records(c.req.Zone, dns.TypeSOA)
		switch {
		case !x.AA():
			srv.State = moving.NotAuthoritative
		case len(records) == 0:
			srv.State = moving.NoZone
		default:
			srv.State, srv.Serial = moving.Serves, records[0].(*dns.SOA).Serial
		}
	case exchange.Referral:
		srv.State = moving.NoZone
	case exchange.Refused, exchange.OtherRcode:
		srv.State = moving.Refuses
	case exchange.Timeout:
		srv.State = moving.Silent
	case exchange.Unreachable:
		srv.State = moving.Unreachable
	case exchange.NotAsked:
		srv.State = moving.NotAsked
	default:
		srv.State = moving.Fails
	}
}

func (c *comparison) ask(to exchange.Server, name string, rrtype uint16) *exchange.Exchange {
	c.slots <- struct{}{}
	defer func() { <-c.slots }()
	return c.s.Ask(c.ctx, to, name, rrtype)
}

// Change is the move for a rehearsal: the delegation alone changes, and DS records stay as they are.
func (r *Report) Change() rehearsal.Change {
	servers := slices.Clone(r.hosts)
	if servers == nil {
		servers = []probe.NSHost{}
	}
	return rehearsal.Change{Zone: r.Zone, Servers: servers}
}

// Verdict is that of the move as it stands: fail if it breaks something, inconclusive if it could not be compared,
// pass if the new servers answer as the old ones.
func (r *Report) Verdict() catalog.Verdict {
	if r.DNSSEC.State.Breaks() || slices.ContainsFunc(r.Differences, func(d Difference) bool { return d.Matters }) {
		return catalog.Fail
	}
	serve := func(s Server) bool { return s.State == moving.Serves }
	if len(r.Unjudged) > 0 || r.Compared == 0 || !slices.ContainsFunc(r.New, serve) ||
		!slices.ContainsFunc(r.Old, serve) {
		return catalog.Inconclusive
	}
	return catalog.Pass
}
