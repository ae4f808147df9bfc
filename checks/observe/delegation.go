package observe

import (
	"context"
	"slices"
	"strconv"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

	"domdoc/catalog/hosts"
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
	SOA    *exchange.Exchange
	NS     *exchange.Exchange
	// Control is a question about another zone to a server that left those about this one unanswered; nil if that was not
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
	Zone     *probe.Zone // nil if the parent has none, or could not be asked
	Apex     string
	Servers  []NameServer
	ParentNS []string
	ChildNS  []string
	DNSHost  string
}

// Good returns the servers that serve the zone.
func (z *Delegation) Good() []NameServer {
	return slices.DeleteFunc(slices.Clone(z.Servers), func(s NameServer) bool { return s.State != ServerGood })
}

// askZone finds the delegation and queries each listed server for the zone's SOA and NS.
func (f *Observations) askZone(ctx context.Context) *Delegation {
	s := f.Session
	z := &Delegation{Place: s.Locate(ctx, f.Subject.Name.ASCII)}
	if z.Place.Zone == nil || z.Place.Unknown != "" || z.Place.Missing != "" {
		return z
	}
	// Place.Zone is the registered zone; the query for the host itself shows whether there is a zone cut below it.
	var host *probe.AuthoritativeAnswers
	var wg probe.Group
	wg.Go(func() { z.Servers = f.askServers(ctx, z.Place.Zone) })
	wg.Go(func() { host = s.Authority(ctx, f.Host(), dns.TypeA) })
	wg.Wait()
	z.Zone = z.Place.Zone
	cut := false
	if host.Zone != nil && host.Zone != z.Zone && len(host.Zone.Name) > len(z.Zone.Name) {
		z.Zone = host.Zone
		z.Servers = f.askServers(ctx, z.Zone)
		cut = true
	}
	if cut || host.Zone == z.Zone {
		f.acceptReticent(z, host)
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

// controlAfter is how long a server has before it is asked about another zone as well.
const controlAfter = time.Second

// askOtherZone asks a server about the zone of its own name, or about the root if that is the zone in question. Any
// answer, a refusal too, shows that the server is up.
func askOtherZone(ctx context.Context, s *probe.Session, srv exchange.Server, zone string) *exchange.Exchange {
	other, rrtype := probe.Registrable(srv.Host), dns.TypeSOA
	if other == "" || other == zone {
		other, rrtype = ".", dns.TypeNS
	}
	srv.Zone = other
	return s.Ask(ctx, srv, other, rrtype)
}

// acceptReticent accepts servers that leave questions about the zone itself unanswered, or refuse them, as load
// balancers do, and answer with authority for what is in the zone: resolvers never need the rest.
func (f *Observations) acceptReticent(z *Delegation, host *probe.AuthoritativeAnswers) {
	for i := range z.Servers {
		srv := &z.Servers[i]
		if srv.State != ServerLame && srv.State != ServerSilent {
			continue
		}
		switch x := srv.SOA; x.Outcome {
		case exchange.Answered, exchange.NXDomain, exchange.Referral: // it does say something else
			continue
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

// answersWithin reports whether a server answers with authority about the host, as a server of the zone does.
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

func (f *Observations) askServers(ctx context.Context, zone *probe.Zone) []NameServer {
	s := f.Session
	list := s.Askable(zone.Servers())
	out := make([]NameServer, len(list))
	var wg probe.Group
	for i, srv := range list {
		out[i].Server = srv
		var asked probe.Group
		asked.Go(func() { out[i].SOA = s.Ask(ctx, srv, zone.Name, dns.TypeSOA) })
		asked.Go(func() { out[i].NS = s.Ask(ctx, srv, zone.Name, dns.TypeNS) })
		done := make(chan struct{})
		wg.Go(func() {
			asked.Wait()
			close(done)
		})
		wg.Go(func() {
			select {
			case <-done:
				if out[i].SOA.Msg != nil || out[i].NS.Msg != nil {
					return
				}
			case <-time.After(controlAfter): // it may be silent: do not wait for the end of it
			}
			out[i].Control = askOtherZone(ctx, s, srv, zone.Name)
		})
	}
	wg.Wait()
	for i := range out {
		x := out[i].SOA
		soa := x.Records(zone.Name, dns.TypeSOA)
		switch {
		case x.AA() && len(soa) > 0:
			out[i].State, out[i].Serial, out[i].Denial = ServerGood, soa[0].(*dns.SOA).Serial,
				min(soa[0].Header().Ttl, soa[0].(*dns.SOA).Minttl)
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
