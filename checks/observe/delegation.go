package observe

import (
	"context"
	"slices"
	"strconv"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

	"domdoc/catalog/hosts"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
)

// FormatSerial formats the serial number of an SOA.
func FormatSerial(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// ServerState is how a listed name server answers for its zone.
type ServerState string

// The states.
const (
	ServerGood    ServerState = "good"
	ServerLame    ServerState = "lame"      // it answers but does not serve the zone
	ServerSilent  ServerState = "silent"    // no answer, or unreachable
	ServerUnclear ServerState = "unclear"   // its answer cannot be interpreted: malformed or truncated
	ServerUnasked ServerState = "not-asked" // the run ended first
)

// NameServer is one address of a listed name server.
type NameServer struct {
	exchange.Server
	State  ServerState
	Serial uint32 // of the SOA; 0 if it did not answer this question
	Denial uint32 // negative TTL in seconds (RFC 2308 5); only of a good server
	// Kept is for how many seconds a resolver can cache a denial: many use the SOA's TTL alone; see DenialTTL
	Kept uint32
	SOA  *exchange.Exchange
	NS   *exchange.Exchange
	// Control is a query about another zone to a server that did not answer those about this one; nil if it was not
	// needed.
	Control *exchange.Exchange
}

// Drops reports whether the server answers, but not about this zone.
func (n NameServer) Drops() bool {
	return n.State == ServerSilent && n.Control != nil && n.Control.Msg != nil
}

// Delegation is the delegation of the subject's zone, and how its servers answer.
type Delegation struct {
	Place    *probe.DelegationPath
	Zone     *probe.Zone   // nil if the parent has none, or could not be queried
	Path     []*probe.Zone // from the root down to Zone, with the zones that the tenant's own zone delegates
	Apex     string
	Servers  []NameServer
	ParentNS []string
	ChildNS  []string
	DNSHost  string
	// Absent is the delegated zone, if its servers do not have it but serve a zone below it, which is then Zone.
	Absent *AbsentZone
	// AbsentAt is the same of some of the servers, while others have the zone; nil if there is none.
	AbsentAt *AbsentZone
	// Split are the delegations below the registered zone about which its servers differ.
	Split []SplitCut
}

// AbsentZone is a delegated zone that its servers do not have, although they serve a zone below it.
type AbsentZone struct {
	*probe.Zone
	Servers []NameServer         // as they answer for the absent zone
	Below   string               // the zone below
	CAA     []*exchange.Exchange // only of AbsentAt: how they answer what an authority asks of the absent zone
}

// Certain reports whether every server answers that it does not have the zone.
func (a *AbsentZone) Certain() bool {
	return !slices.ContainsFunc(a.Servers, func(s NameServer) bool { return s.State != ServerLame })
}

// SplitCut is a zone that only some servers of its parent delegate, or that they delegate to different servers.
type SplitCut struct {
	Parent, Child *probe.Zone
	Delegating    []*exchange.Exchange // with the referral that was followed
	Denying       []*exchange.Exchange // without a delegation
	Differing     []*exchange.Exchange // with a referral to other servers
}

// Good returns the servers that serve the zone.
func (z *Delegation) Good() []NameServer {
	return slices.DeleteFunc(slices.Clone(z.Servers), func(s NameServer) bool { return s.State != ServerGood })
}

// askZone finds the delegation and queries each listed server for the zone's SOA and NS records.
func (f *Observations) askZone(ctx context.Context) *Delegation {
	s := f.Session
	z := &Delegation{Place: s.Locate(ctx, f.Subject.Name.ASCII)}
	if z.Place.Zone == nil || z.Place.Unknown != "" || z.Place.Missing != "" {
		return z
	}
	// Place.Zone is the registered zone; the query for the host itself shows whether there is a zone cut below it.
	var host *probe.AuthoritativeAnswers
	wg := f.Session.Group()
	wg.Go(func() { z.Servers = f.askServers(ctx, z.Place.Zone) })
	wg.Go(func() { host = s.Authority(ctx, f.Host(), dns.TypeA) })
	wg.Wait()
	z.Zone = z.Place.Zone
	cut := false
	z.Path = slices.Clone(z.Place.Zones)
	if len(host.Zones) > 1 {
		z.Path = append(z.Path, host.Zones[1:]...)
		z.Split = f.compareParents(ctx, host)
	}
	if host.Zone != nil && host.Zone != z.Zone && len(host.Zone.Name) > len(z.Zone.Name) {
		z.Zone = host.Zone
		z.Servers = f.askServers(ctx, z.Zone)
		cut = true
	}
	if host.Known() && len(z.Good()) == 0 {
		f.findZoneBelow(ctx, z, host)
	}
	if z.Absent == nil && (cut || host.Zone == z.Zone) {
		f.acceptReticent(z, host)
		f.findAbsentAtSome(ctx, z, host)
	}
	z.Apex = z.Zone.Name
	if apex := host.Apex(); len(apex) > len(z.Apex) {
		z.Apex = apex
	}
	z.ParentNS = z.Zone.Hosts()
	for _, srv := range z.Servers {
		if srv.State == ServerGood {
			for _, rr := range srv.NS.Records(z.Zone.Name, dns.TypeNS) {
				z.ChildNS = append(z.ChildNS, exchange.Bare(rr.(*dns.NS).Ns))
			}
		}
	}
	slices.Sort(z.ChildNS)
	z.ChildNS = slices.Compact(z.ChildNS)
	z.DNSHost = hosts.DNSHostOf(append(slices.Clone(z.ParentNS), z.ChildNS...))
	return z
}

// controlAfter is the time after which a server that has not answered is queried about another zone as well.
const controlAfter = time.Second

// askOtherZone queries a server about the zone of its own name, or about the root if that is the zone in question.
// Any answer, even a refusal, shows that the server is up.
func askOtherZone(ctx context.Context, s *probe.Session, srv exchange.Server, zone string) *exchange.Exchange {
	other, rrtype := probe.Registrable(srv.Host), dns.TypeSOA
	if other == "" || other == zone {
		other, rrtype = ".", dns.TypeNS
	}
	srv.Zone = other
	return s.Ask(ctx, srv, other, rrtype)
}

// acceptReticent accepts servers that do not answer queries about the zone itself, or refuse them, as load balancers
// do, but are authoritative for names in it: resolvers never need the rest.
func (f *Observations) acceptReticent(z *Delegation, host *probe.AuthoritativeAnswers) {
	for i := range z.Servers {
		srv := &z.Servers[i]
		if srv.State != ServerLame && srv.State != ServerSilent {
			continue
		}
		switch x := srv.SOA; x.Outcome {
		case exchange.NXDomain, exchange.Referral: // it does answer, but something different
			continue
		case exchange.Answered:
			if x.AA() {
				continue
			}
		case exchange.NoData: // an empty answer, or one about another zone
			if soa := x.SOA(); !x.AA() || soa != nil && !exchange.InZone(exchange.Bare(soa.Hdr.Name), z.Zone.Name) {
				continue
			}
		}
		for _, x := range host.Replies {
			if x.Addr == srv.Addr && answersWithin(x, host, z.Zone.Name) {
				srv.State = ServerGood
			}
		}
		if srv.NS.AA() && len(srv.NS.Records(z.Zone.Name, dns.TypeNS)) > 0 {
			srv.State = ServerGood
		}
	}
}

// answersWithin reports whether a server answers about the host with authority, as a server of the zone does.
func answersWithin(x *exchange.Exchange, host *probe.AuthoritativeAnswers, zone string) bool {
	if !x.AA() || !x.Outcome.Conclusive() {
		return false
	}
	if len(x.Records(host.Name, host.Type)) > 0 || x.CNAME(host.Name) != "" {
		return true
	}
	soa := x.SOA()
	return soa != nil && exchange.InZone(exchange.Bare(soa.Hdr.Name), zone)
}

// ParentOf returns the zone that delegates another on the path, or nil.
func (z *Delegation) ParentOf(child *probe.Zone) *probe.Zone { return probe.ParentOf(z.Path, child) }

// OwnParent returns the tenant's own zone that delegates a zone on the path; nil if a registry does.
func (z *Delegation) OwnParent(child *probe.Zone) *probe.Zone {
	if child == nil || z.Place.Zone == nil || len(child.Name) <= len(z.Place.Zone.Name) {
		return nil
	}
	return z.ParentOf(child)
}

// findZoneBelow looks for a zone below the delegated one on the same servers, which answer for the host although they
// do not have the delegated zone itself.
func (f *Observations) findZoneBelow(ctx context.Context, z *Delegation, host *probe.AuthoritativeAnswers) {
	first := host.First()
	apex := f.apexBelow(ctx, z.Zone.Name, host.Name, exchange.Server{Host: first.Host, Addr: first.Addr})
	if apex == "" {
		return
	}
	z.Absent = &AbsentZone{Zone: z.Zone, Servers: z.Servers, Below: apex}
	above := z.Zone
	z.Zone = &probe.Zone{
		Name: apex, Parent: above.Name, NS: above.NS, NSTTL: above.NSTTL, Referral: above.Referral, SameServers: true,
	}
	z.Path = append(z.Path, z.Zone)
	z.Servers = f.askServers(ctx, z.Zone)
}

// apexBelow returns the zone below another that a server has for a name; empty if it has none.
func (f *Observations) apexBelow(ctx context.Context, zone, name string, srv exchange.Server) string {
	apex := ""
	for at := name; apex == "" && len(at) > len(zone); at = dnsname.Parent(at) {
		x := f.Session.Ask(ctx, srv, at, dns.TypeSOA)
		switch soa := x.SOA(); {
		case x.AA() && len(x.Records(at, dns.TypeSOA)) > 0:
			apex = at
		case x.AA() && soa != nil:
			apex = exchange.Bare(soa.Hdr.Name)
		}
	}
	if len(apex) <= len(zone) || !exchange.InZone(apex, zone) || !exchange.InZone(name, apex) {
		return ""
	}
	return apex
}

// findAbsentAtSome looks for servers that answer for the host from a zone below the delegated one and do not have the
// delegated zone itself, while others do. A server that only leaves questions about its apex unanswered has no zone
// below.
func (f *Observations) findAbsentAtSome(ctx context.Context, z *Delegation, host *probe.AuthoritativeAnswers) {
	out := &AbsentZone{Zone: z.Zone}
	complete := false
	for _, s := range z.Good() {
		if s.SOA.AA() || s.NS.AA() {
			complete = complete || len(s.SOA.Records(z.Zone.Name, dns.TypeSOA)) > 0
			continue
		}
		if s.SOA.Msg == nil || s.NS.Msg == nil {
			continue
		}
		apex := f.apexBelow(ctx, z.Zone.Name, host.Name, s.Server)
		if apex == "" {
			continue
		}
		x := f.Session.Ask(ctx, s.Server, z.Zone.Name, dns.TypeCAA)
		if x.Msg == nil || x.AA() {
			continue
		}
		out.Servers, out.CAA, out.Below = append(out.Servers, s), append(out.CAA, x), apex
	}
	if complete && len(out.Servers) > 0 {
		z.AbsentAt = out
	}
}

// compareParents asks every server of the tenant's own zones about the delegations below them.
func (f *Observations) compareParents(ctx context.Context, host *probe.AuthoritativeAnswers) []SplitCut {
	var out []SplitCut
	for i, child := range host.Zones[1:] {
		cut := SplitCut{Parent: host.Zones[i], Child: child}
		for _, x := range f.Session.AskAll(ctx, cut.Parent, host.Name, host.Type) {
			if x.AA() && x.Outcome.Conclusive() { // it serves the child zone as well, or does not delegate it
				x = f.Session.Ask(ctx, exchange.Server{Host: x.Host, Addr: x.Addr}, child.Name, dns.TypeNS)
			}
			cut.add(x, host.Name)
		}
		if cut.split() {
			out = append(out, cut)
		}
	}
	return out
}

// RegistrySplit queries the servers of the registry for the delegation of the registered zone. It returns nil if they
// agree.
func (f *Observations) RegistrySplit(ctx context.Context, z *Delegation) *SplitCut {
	child := z.Place.Zone
	if child == nil || child.SameServers {
		return nil
	}
	cut := SplitCut{Parent: z.Place.ParentOf(child), Child: child}
	if cut.Parent == nil || cut.Parent.Name == "." {
		return nil
	}
	for _, x := range f.Session.AskParents(ctx, cut.Parent, child.Name, dns.TypeNS) {
		cut.add(x, child.Name)
	}
	if !cut.split() {
		return nil
	}
	return &cut
}

// add adds the answer of a server of the parent for a name in the child zone.
func (c *SplitCut) add(x *exchange.Exchange, name string) {
	owner, list := referredServers(x)
	soa := x.SOA()
	switch {
	case owner == c.Child.Name && slices.Equal(list, c.Child.Hosts()):
		c.Delegating = append(c.Delegating, x)
	case owner != "" && owner != c.Parent.Name && exchange.InZone(name, owner) && exchange.InZone(owner, c.Parent.Name):
		c.Differing = append(c.Differing, x)
	case x.AA() && x.Outcome.Conclusive() && soa != nil && len(exchange.Bare(soa.Hdr.Name)) < len(c.Child.Name):
		c.Denying = append(c.Denying, x)
	}
}

// Lists reports whether a server of the parent delegates the zone to these servers, which are sorted.
func (c *SplitCut) Lists(servers []string) bool {
	return slices.ContainsFunc(slices.Concat(c.Delegating, c.Differing), func(x *exchange.Exchange) bool {
		_, list := referredServers(x)
		return slices.Equal(list, servers)
	})
}

func (c *SplitCut) split() bool { return len(c.Delegating) > 0 && len(c.Denying)+len(c.Differing) > 0 }

// referredServers returns the zone that a referral delegates and its servers, sorted.
func referredServers(x *exchange.Exchange) (owner string, list []string) {
	if x.Outcome != exchange.Referral {
		return "", nil
	}
	for _, rr := range x.Msg.Ns {
		if ns, ok := rr.(*dns.NS); ok {
			owner = exchange.Bare(ns.Hdr.Name)
			list = append(list, exchange.Bare(ns.Ns))
		}
	}
	slices.Sort(list)
	return owner, slices.Compact(list)
}

func (f *Observations) askServers(ctx context.Context, zone *probe.Zone) []NameServer {
	s := f.Session
	list := s.Askable(zone.Servers())
	out := make([]NameServer, len(list))
	begun := make([][2]probe.Begun, len(list))
	for i, srv := range list {
		out[i].Server = srv
		begun[i] = [2]probe.Begun{
			s.Begin(ctx, srv, zone.Name, dns.TypeSOA), s.Begin(ctx, srv, zone.Name, dns.TypeNS),
		}
	}
	wg := f.Session.Group()
	late := make(chan struct{})
	timer := time.AfterFunc(controlAfter, func() { close(late) })
	defer timer.Stop()
	for i, srv := range list {
		soa, ns := begun[i][0].WaitUntil(ctx, late), begun[i][1].WaitUntil(ctx, late)
		if soa == nil || ns == nil || soa.Msg == nil && ns.Msg == nil { // it may not answer: do not wait for it
			wg.Go(func() { out[i].Control = askOtherZone(ctx, s, srv, zone.Name) })
		}
	}
	for i := range begun {
		out[i].SOA, out[i].NS = begun[i][0].Wait(ctx), begun[i][1].Wait(ctx)
	}
	wg.Wait()
	for i := range out {
		x := out[i].SOA
		soa := x.Records(zone.Name, dns.TypeSOA)
		switch {
		case x.AA() && len(soa) > 0:
			out[i].State, out[i].Serial, out[i].Denial = ServerGood, soa[0].(*dns.SOA).Serial,
				min(soa[0].Header().Ttl, soa[0].(*dns.SOA).Minttl)
			out[i].Kept = max(out[i].Denial, soa[0].Header().Ttl)
		case x.Outcome == exchange.Malformed, x.Outcome == exchange.Truncated:
			out[i].State = ServerUnclear
		case x.Msg != nil:
			out[i].State = ServerLame
		case x.Outcome == exchange.NotAsked:
			out[i].State = ServerUnasked
		default:
			out[i].State = ServerSilent
		}
	}
	return out
}
