package observe

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"domdoc/catalog"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
)

// HostGroup are listed servers that serve the same NS records for their zone, and so belong to one DNS host.
type HostGroup struct {
	Servers []NameServer
	NS      []string // the servers that the zone lists there
	soa     *dns.SOA
}

// Names returns the names of the group's servers.
func (g HostGroup) Names() []string {
	var out []string
	for _, s := range g.Servers {
		if !slices.Contains(out, s.Host) {
			out = append(out, s.Host)
		}
	}
	return out
}

// knows reports whether the zone at one group lists a server of the other.
func (g HostGroup) knows(other HostGroup) bool { return SharesAny(g.NS, other.Names()) }

// Has reports whether an exchange was made with a server of the group.
func (g HostGroup) Has(x *exchange.Exchange) bool {
	return slices.ContainsFunc(g.Servers, func(s NameServer) bool { return s.Addr == x.Addr })
}

// Groups groups the servers that serve the zone into DNS hosts.
func (z *Delegation) Groups() []HostGroup {
	var out []HostGroup
	for _, s := range z.Good() {
		soas, list := s.SOA.Records(z.Zone.Name, dns.TypeSOA), serverNames(s.NS, z.Zone.Name)
		if len(soas) == 0 || len(list) == 0 { // it does not answer these, and resolvers do not need them
			continue
		}
		soa, _ := soas[0].(*dns.SOA)
		i := slices.IndexFunc(out, func(g HostGroup) bool { return slices.Equal(g.NS, list) })
		if i < 0 {
			out = append(out, HostGroup{NS: list, soa: soa})
			i = len(out) - 1
		}
		out[i].Servers = append(out[i].Servers, s)
	}
	return out
}

// related reports whether two groups belong to one DNS host, or to hosts that work together: one lists a server of
// the other for the zone, or their SOA records name the same primary server.
func (g HostGroup) related(other HostGroup) bool {
	return g.knows(other) || other.knows(g) ||
		strings.EqualFold(g.soa.Ns, other.soa.Ns) && strings.EqualFold(g.soa.Mbox, other.soa.Mbox)
}

// Rivals returns the DNS hosts if there are several independent ones; nil otherwise.
func (z *Delegation) Rivals() []HostGroup {
	var out []HostGroup
	for _, g := range z.Groups() {
		var apart []HostGroup
		for _, o := range out {
			if !o.related(g) {
				apart = append(apart, o)
				continue
			}
			g.Servers = append(slices.Clone(o.Servers), g.Servers...)
			g.NS = append(slices.Clone(o.NS), g.NS...)
			slices.Sort(g.NS)
			g.NS = slices.Compact(g.NS)
		}
		out = append(apart, g)
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// serverNames returns the NS records of a zone in an answer, sorted.
func serverNames(x *exchange.Exchange, zone string) []string {
	var out []string
	for _, rr := range x.Records(zone, dns.TypeNS) {
		out = append(out, exchange.Bare(rr.(*dns.NS).Ns))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// OwnServer is a name server that only the zone itself lists.
type OwnServer struct {
	probe.NSHost
	Servers []NameServer // as each of its addresses answers
}

// Works reports whether an address of the server serves the zone.
func (o OwnServer) Works() bool {
	return slices.ContainsFunc(o.Servers, func(s NameServer) bool { return s.State == ServerGood })
}

// Fails reports whether it is known that no address of the server serves the zone.
func (o OwnServer) Fails() bool {
	if len(o.Addrs) == 0 {
		return o.Gone
	}
	return len(o.Servers) > 0 && !slices.ContainsFunc(o.Servers, func(s NameServer) bool {
		return s.State != ServerLame && s.State != ServerSilent
	})
}

// AskOwnServers asks the servers that only the zone itself lists.
func (f *Observations) AskOwnServers(ctx context.Context, z *Delegation) []OwnServer {
	var names []string
	for _, ns := range z.ChildNS {
		if !slices.Contains(z.ParentNS, ns) && len(names) < MaxOtherServers {
			names = append(names, ns)
		}
	}
	out := make([]OwnServer, len(names))
	wg := f.Session.Group()
	for i, ns := range names {
		wg.Go(func() {
			out[i].NSHost = f.Session.NameServer(ctx, ns)
			out[i].Servers = f.askServers(ctx, &probe.Zone{Name: z.Zone.Name, NS: []probe.NSHost{out[i].NSHost}})
		})
	}
	wg.Wait()
	return out
}

// LeadsAlike reports whether a referral to other servers of a zone leads to the same answers: each server that only
// this referral lists serves the zone like the others.
func (f *Observations) LeadsAlike(ctx context.Context, z *Delegation, zone *probe.Zone, referral *exchange.Exchange,
) bool {
	_, list := referredServers(referral)
	for _, ns := range list {
		if slices.Contains(zone.Hosts(), ns) {
			continue
		}
		host := f.Session.NameServer(ctx, ns)
		own := OwnServer{host, f.askServers(ctx, &probe.Zone{Name: zone.Name, NS: []probe.NSHost{host}})}
		if !own.Works() || !f.delegatesAlike(ctx, z, zone, own) {
			return false
		}
		if zone == z.Zone {
			if j, _ := f.Differs(ctx, z, own); j != nil || f.hasMore(ctx, z, own) {
				return false
			}
		}
	}
	return true
}

// hasMore reports whether a server has an expected record that the servers that were followed lack.
func (f *Observations) hasMore(ctx context.Context, z *Delegation, own OwnServer) bool {
	for _, j := range f.CompareRecords() {
		if j.View == nil || j.View.Zone == nil || j.View.Zone.Name != z.Zone.Name || len(j.Right) > 0 {
			continue
		}
		for _, srv := range own.Servers {
			if x := f.Session.Ask(ctx, srv.Server, j.View.Name, j.View.Type); x.AA() &&
				f.holds(ctx, j, x, j.View.Name, j.View.Type) {
				return true
			}
		}
	}
	return false
}

// delegatesAlike reports whether a server of a zone between the registry and the host's own delegates the next zone
// to the servers that were followed.
func (f *Observations) delegatesAlike(ctx context.Context, z *Delegation, zone *probe.Zone, own OwnServer) bool {
	i := slices.Index(z.Path, zone)
	if zone == z.Zone || i < 0 || i+1 == len(z.Path) {
		return true
	}
	next := z.Path[i+1]
	return !slices.ContainsFunc(own.Servers, func(s NameServer) bool {
		owner, list := referredServers(f.Session.Ask(ctx, s.Server, f.Host(), dns.TypeA))
		return s.State == ServerGood && (owner != next.Name || !slices.Equal(list, next.Hosts()))
	})
}

// Differs returns what a server that only the zone itself lists, and that serves a zone of that name, answers
// differently from the delegated servers: the first expected record that it lacks, or nil.
func (f *Observations) Differs(ctx context.Context, z *Delegation, o OwnServer) (*RecordResult, *exchange.Exchange) {
	for _, j := range f.CompareRecords() {
		if j.View == nil || j.View.Zone == nil || j.View.Zone.Name != z.Zone.Name || len(j.Right) == 0 {
			continue
		}
		for _, srv := range o.Servers {
			if srv.State != ServerGood {
				continue
			}
			x := f.Session.Ask(ctx, srv.Server, j.View.Name, j.View.Type)
			if x.AA() && x.Outcome.Conclusive() && !f.answersAlike(ctx, j, x) {
				return j, x
			}
		}
	}
	return nil, nil
}

// answersAlike reports whether an answer for an expected record is as good as those of the delegated servers.
func (f *Observations) answersAlike(ctx context.Context, j *RecordResult, x *exchange.Exchange) bool {
	if f.holds(ctx, j, x, j.View.Name, j.View.Type) {
		return true
	}
	return slices.ContainsFunc(j.Right, func(y *exchange.Exchange) bool {
		return y.Outcome == x.Outcome && y.CNAME(j.View.Name) == x.CNAME(j.View.Name) &&
			(j.View.Type == dns.TypeCNAME || len(y.Records(j.View.Name, j.View.Type)) == 0 &&
				len(x.Records(j.View.Name, j.View.Type)) == 0)
	})
}

// OwnAddresses returns the addresses that the zone itself has for a name server in it; known is false for a family
// that could not be queried. alias is the target of the CNAME that the zone has there instead.
func (f *Observations) OwnAddresses(ctx context.Context, host string) (addrs []netip.Addr, alias string,
	evidence []*exchange.Exchange, known bool,
) {
	known = true
	for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
		v := f.Session.Lookup(ctx, host, rrtype)
		known = known && v.Known()
		alias = cmp.Or(alias, v.CNAME())
		evidence = append(evidence, v.Good()...)
		for _, value := range v.Values() {
			if a, err := netip.ParseAddr(value); err == nil {
				addrs = append(addrs, a)
			}
		}
	}
	return addrs, alias, evidence, known
}

// LameRecordCut is an expected record whose name the tenant's own zone delegates to servers that do not serve it.
type LameRecordCut struct {
	*RecordResult
	Parent  *probe.Zone
	Servers []NameServer // those that do not serve it
	Good    []NameServer // those that do, if there are any
}

// LameRecordCuts returns the expected records that are below the zone of the host, in a zone that some of its servers
// do not serve.
func (f *Observations) LameRecordCuts(ctx context.Context, z *Delegation) []LameRecordCut {
	var out []LameRecordCut
	for _, j := range f.CompareRecords() {
		if j.View == nil || j.View.Zone == nil || len(j.View.Zones) < 2 ||
			j.View.Known() && len(j.View.Good()) == len(j.View.Replies) || j.View.Zone.SameServers ||
			len(j.View.Zone.Name) <= len(z.Zone.Name) || !exchange.InZone(j.View.Zone.Name, z.Zone.Name) {
			continue
		}
		c := LameRecordCut{RecordResult: j, Parent: j.View.Zones[len(j.View.Zones)-2]}
		unsure := slices.ContainsFunc(j.View.Zone.NS, func(h probe.NSHost) bool { return len(h.Addrs) == 0 && !h.Gone })
		for _, srv := range f.askServers(ctx, j.View.Zone) {
			answers := slices.ContainsFunc(j.View.Good(), func(x *exchange.Exchange) bool { return x.Addr == srv.Addr })
			switch {
			case srv.State == ServerGood, answers:
				c.Good = append(c.Good, srv)
			case srv.State == ServerLame, srv.State == ServerSilent:
				c.Servers = append(c.Servers, srv)
			default:
				unsure = true
			}
		}
		if unsure || len(c.Good) > 0 != j.View.Known() || len(c.Good) > 0 && len(c.Servers) == 0 {
			continue
		}
		out = append(out, c)
	}
	return out
}

// SignedCut reports whether a zone has a DS record for a name that it delegates; false if it could not be queried.
func (f *Observations) SignedCut(ctx context.Context, parent *probe.Zone, name string) bool {
	if parent == nil {
		return false
	}
	x, _ := f.Session.AskZone(ctx, parent, name, dns.TypeDS)
	return x != nil && len(x.Records(name, dns.TypeDS)) > 0
}

// Leftover is a delegation in the tenant's own zone to servers without the expected records.
type Leftover struct {
	Parent   *probe.Zone
	Lacking  []*RecordResult
	Holder   *probe.Zone // a zone above whose servers have the records; nil if none is known
	Holding  []*exchange.Exchange
	Referral []*exchange.Exchange
}

// FindLeftover looks for expected records that are missing at the servers to which the tenant's own zone delegates
// the name. Either the name itself is delegated, or a second delegation bypasses the servers that have the records.
func (f *Observations) FindLeftover(ctx context.Context, z *Delegation) *Leftover {
	parent := z.OwnParent(z.Zone)
	if parent == nil || z.Absent != nil || len(z.Good()) == 0 || SharesAny(z.Zone.Hosts(), parent.Hosts()) {
		return nil
	}
	out := &Leftover{Parent: parent}
	routing := false
	for _, j := range f.CompareRecords() {
		if j.View != nil && j.View.Zone != nil && j.View.Zone.Name == z.Zone.Name &&
			(j.State == StateMissing || j.State == StateWrong) {
			out.Lacking = append(out.Lacking, j)
			routing = routing || j.Role == catalog.Routing
		}
	}
	if len(out.Lacking) == 0 {
		return nil
	}
	if x := f.Session.AskReferral(ctx, parent, f.Host(), dns.TypeA); x != nil {
		out.Referral = append(out.Referral, x)
	}
	for name := dnsname.Parent(z.Zone.Name); len(name) > len(parent.Name); name = dnsname.Parent(name) {
		above := f.Session.Lookup(ctx, name, dns.TypeNS).Zone
		if above == nil || above.Name != name || SharesAny(above.Hosts(), z.Zone.Hosts()) {
			continue
		}
		for _, j := range out.Lacking {
			for _, x := range f.Session.AskAll(ctx, above, j.View.Name, j.View.Type) {
				if x.AA() && f.holds(ctx, j, x, j.View.Name, j.View.Type) {
					out.Holder, out.Holding = above, append(out.Holding, x)
				}
			}
		}
		if out.Holder != nil {
			return out
		}
	}
	// A zone apex cannot have the CNAME that the service expects. If its alias is right, the zone is in use.
	if z.Zone.Name == strings.TrimPrefix(f.Subject.Name.ASCII, "*.") && routing {
		return out
	}
	if routing && len(out.Lacking) > 1 && !slices.ContainsFunc(f.CompareRecords(), func(j *RecordResult) bool {
		return j.View != nil && j.View.Zone != nil && j.View.Zone.Name == z.Zone.Name && j.State != StateMissing
	}) {
		return out
	}
	return nil
}
