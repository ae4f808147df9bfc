package probe

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/recording"

	"github.com/miekg/dns"
	"golang.org/x/net/publicsuffix"
)

// Zone is a zone as its parent delegates it. It is immutable, except that child zones are added as answers reveal
// them.
type Zone struct {
	Name     string // "example.com"; "." for the root
	Parent   string // the zone that delegates it; empty for the root
	NS       []NSHost
	NSTTL    uint32             // of the parent's NS records, in seconds
	Referral *exchange.Exchange // the parent's answer that delegates it; nil for the root
	// SameServers is set if the parent's servers also serve this zone, so that they never send its referral.
	SameServers bool

	once    sync.Once // guards servers
	servers []exchange.Server

	mu       sync.Mutex // guards following
	children map[string]*Zone
}

// NSHost is a listed name server of a zone.
type NSHost struct {
	Name  string
	Addrs []netip.Addr
	// Failed says why the server has no address, with the exchanges that show it; Gone is set if the DNS says so,
	// rather than that nothing could be queried.
	Failed   string
	Gone     bool
	Evidence []*exchange.Exchange
	// Alias is the target of the CNAME at the name, which RFC 2181 10.3 forbids; empty if there is none.
	Alias string
	// Glued is set if the addresses are those of the referral.
	Glued bool
}

// Servers returns every address of every listed server. The list is shared, and must not be changed.
func (z *Zone) Servers() []exchange.Server {
	z.once.Do(func() { z.servers = slices.Clip(z.listServers()) })
	return z.servers
}

func (z *Zone) listServers() []exchange.Server {
	n := 0
	for _, h := range z.NS {
		n += len(h.Addrs)
	}
	out := make([]exchange.Server, 0, n)
	for _, h := range z.NS {
		for _, a := range h.Addrs {
			if slices.ContainsFunc(out, func(known exchange.Server) bool { return known.Addr.Addr() == a }) {
				continue
			}
			out = append(out, exchange.Server{Host: h.Name, Addr: netip.AddrPortFrom(a, dnsPort), Zone: z.Name})
		}
	}
	return out
}

// Hosts returns the names of the listed servers.
func (z *Zone) Hosts() []string {
	out := make([]string, 0, len(z.NS))
	for _, h := range z.NS {
		out = append(out, h.Name)
	}
	return out
}

// child returns the deepest known child zone that holds a name, or nil.
func (z *Zone) child(name string) *Zone {
	z.mu.Lock()
	defer z.mu.Unlock()
	var deepest *Zone
	for n, c := range z.children {
		if exchange.InZone(name, n) && (deepest == nil || len(n) > len(deepest.Name)) {
			deepest = c
		}
	}
	return deepest
}

// PathTo returns the known zones below z down to the deepest that holds a name, z first.
func (z *Zone) PathTo(name string) []*Zone {
	out := []*Zone{z}
	for len(out) <= maxDepth {
		last := out[len(out)-1]
		last.mu.Lock()
		var next *Zone
		for n, c := range last.children {
			if exchange.InZone(name, n) && (next == nil || len(n) < len(next.Name)) {
				next = c
			}
		}
		last.mu.Unlock()
		if next == nil {
			return out
		}
		out = append(out, next)
	}
	return out
}

func (z *Zone) learn(c *Zone) *Zone {
	z.mu.Lock()
	defer z.mu.Unlock()
	if known := z.children[c.Name]; known != nil {
		return known
	}
	if z.children == nil {
		z.children = map[string]*Zone{}
	}
	z.children[c.Name] = c
	return c
}

const dnsPort = 53

// DelegationPath is the path of delegations from the root to the zone of a name.
type DelegationPath struct {
	Name  string
	Zone  *Zone   // the nearest zone that was found; nil if even the root could not be queried
	Zones []*Zone // from the root down to Zone
	// Missing is the name, at or above Name, that the parent does not delegate; empty if the walk arrived.
	Missing string
	// Denial is the answer that shows Missing.
	Denial *exchange.Exchange
	// Contested is the denial by one server of the parent of a delegation that another has; nil without one.
	Contested *exchange.Exchange
	// Failed are the queries without an answer, if the walk could not continue.
	Failed []*exchange.Exchange
	// Unknown says why the zone could not be found.
	Unknown string
}

// Registrable returns the registrable part of a name: one label below the public suffix (the ICANN section of the
// Public Suffix List; its private section lists registered names, most of which are no registries). It is empty for a
// public suffix.
func Registrable(name string) string {
	name = strings.TrimPrefix(exchange.Bare(name), "*.")
	if name == "" || name[0] == '.' || name[len(name)-1] == '.' || strings.Contains(name, "..") {
		return "" // the root, or no domain name
	}
	suffix, icann := publicsuffix.PublicSuffix(name)
	for !icann && strings.Contains(suffix, ".") && (!isSold(suffix) || name == suffix) {
		_, rest, _ := strings.Cut(suffix, ".")
		next, ok := publicsuffix.PublicSuffix(rest)
		if next == rest && ok {
			suffix = rest
			break
		}
		if next != rest {
			suffix, icann = next, ok
			continue
		}
		suffix = rest
	}
	rest, ok := strings.CutSuffix(name, suffix)
	if !ok || rest == "" || rest[len(rest)-1] != '.' {
		return ""
	}
	return name[strings.LastIndexByte(rest[:len(rest)-1], '.')+1:]
}

// Locate walks from the root to the zone that holds a registrable name, with one query per label to the parent's
// servers.
func (s *Session) Locate(ctx context.Context, name string) *DelegationPath {
	target := Registrable(name)
	if target == "" {
		target = strings.TrimPrefix(exchange.Bare(name), "*.")
	}
	key := factKey{"place", target}
	if place, ok := knownFact[*DelegationPath](s, key); ok {
		return place
	}
	place, err := shareFact(ctx, s, key, func(ctx context.Context, s *Session) *DelegationPath {
		return s.walk(ctx, target)
	})
	if err != nil {
		return &DelegationPath{Name: target, Unknown: "the run ended first"}
	}
	return place
}

// ZoneAt returns the zone whose apex is a name, and the zone above it, also where another zone of the same owner
// delegates it. Both are nil if there is no such zone or it could not be found: path says why.
func (s *Session) ZoneAt(ctx context.Context, name string) (zone, above *Zone, path *DelegationPath) {
	path = s.Locate(ctx, name)
	switch z := path.Zone; {
	case z == nil || path.Unknown != "":
		return nil, nil, path
	case z.Name == name:
		return z, path.ParentOf(z), path
	}
	if z := s.Lookup(ctx, name, dns.TypeSOA).Zone; z != nil && z.Name == name {
		_, up, _ := strings.Cut(name, ".")
		return z, s.Lookup(ctx, up, dns.TypeSOA).Zone, path
	}
	return nil, nil, path
}

func (s *Session) walk(ctx context.Context, target string) *DelegationPath {
	p := &DelegationPath{Name: target}
	labels := dns.SplitDomainName(target)
	if len(labels) == 0 {
		p.Unknown = "not a domain name"
		return p
	}
	tld := labels[len(labels)-1]
	step, err := shareFact(ctx, s, factKey{"tld", tld}, func(ctx context.Context, s *Session) stepResult {
		return s.fromRoot(ctx, tld)
	})
	if err != nil {
		p.Unknown = "the run ended first"
		return p
	}
	if p.take(step) {
		return p
	}
	for i := len(labels) - 2; i >= 0; i-- {
		name := strings.Join(labels[i:], ".")
		zone := p.Zone
		step := stepResult{}
		if i == 0 {
			step = s.confirmDenial(ctx, zone, name, s.step(ctx, zone, name))
		} else { // a public suffix such as co.uk: shared by all names below it
			key := factKey{"cut", zone.Name + " " + name}
			step, err = shareFact(ctx, s, key, func(ctx context.Context, s *Session) stepResult {
				return s.step(ctx, zone, name)
			})
			if err != nil {
				p.Unknown = "the run ended first"
				return p
			}
		}
		if p.take(step) {
			return p
		}
	}
	return p
}

// take adds a step and reports whether the walk ends there.
func (p *DelegationPath) take(r stepResult) bool {
	p.Zones = append(p.Zones, r.zones...)
	p.Contested = r.contested
	if len(r.zones) > 0 {
		p.Zone = r.zones[len(r.zones)-1]
	}
	switch {
	case r.unknown != "":
		p.Unknown, p.Failed = r.unknown, r.failed
		return true
	case r.denied:
		p.Missing, p.Denial = r.name, r.answer
		return true
	}
	return false
}

// stepResult is a parent's answer about one name below it.
type stepResult struct {
	name   string
	zones  []*Zone // found on the way; none when the name is inside the parent's zone
	answer *exchange.Exchange
	denied bool // the parent says that there is no such name
	// contested is the denial of a delegation that another server of the parent has
	contested *exchange.Exchange
	unknown   string
	failed    []*exchange.Exchange
}

// step queries a zone's servers for the delegation of a name.
func (s *Session) step(ctx context.Context, parent *Zone, name string) stepResult {
	x, failed := s.queryFirst(ctx, parent, name, dns.TypeNS, stopAtAnswerOrReferral)
	r := stepResult{name: name, answer: x}
	if x == nil {
		r.unknown, r.failed = noneAnswered(parent, failed), failed
		return r
	}
	switch {
	case x.Outcome == exchange.Referral:
		r.zones = append(r.zones, s.delegated(ctx, parent, name, x))
	case x.Outcome == exchange.NXDomain:
		r.denied = true
	case x.Outcome == exchange.Answered && len(x.Records(name, dns.TypeNS)) > 0: // the same servers serve the child
		r.zones = append(r.zones, s.sameServers(ctx, parent, name, x))
	}
	return r
}

// fromRoot queries a top-level domain at the built-in root servers and, concurrently, at those that the resolvers
// return, so that a private root works, too.
func (s *Session) fromRoot(ctx context.Context, tld string) stepResult {
	root := &Zone{Name: "."}
	try := func(servers []exchange.Server) (stepResult, bool) {
		z := &Zone{Name: ".", NS: hostsOf(servers)}
		r := s.step(ctx, z, tld)
		r.zones = append([]*Zone{z}, r.zones...)
		return r, r.unknown == ""
	}
	if len(s.opt.Roots) > 0 {
		r, _ := try(s.opt.Roots)
		return r
	}
	type result struct {
		r  stepResult
		ok bool
	}
	results := make(chan result, 2)
	go func() {
		r, ok := try(rootHints())
		results <- result{r, ok}
	}()
	go func() {
		servers := s.prime(ctx)
		if len(servers) == 0 {
			results <- result{r: stepResult{name: tld, zones: []*Zone{root}, unknown: "no root server is known"}}
			return
		}
		r, ok := try(servers)
		results <- result{r, ok}
	}()
	first := <-results
	if first.ok {
		return first.r
	}
	second := <-results
	if second.ok {
		return second.r
	}
	if len(first.r.failed) == 0 { // the one that was queried is more informative than the unknown one
		first, second = second, first
	}
	first.r.failed = append(first.r.failed, second.r.failed...)
	return first.r
}

// stagger is how long one server has before the next is queried as well.
const stagger = 250 * time.Millisecond

// stopRule decides when a search among the servers of a zone ends. Recorded cases contain its value.
type stopRule int

const (
	stopAtAnswerOrReferral stopRule = iota // an authoritative answer, or a referral towards the name
	stopAtAnswer
	stopAtReferral
)

func (r stopRule) satisfiedBy(z *Zone, name string, x *exchange.Exchange) bool {
	return r != stopAtReferral && hasAuthority(x) || r != stopAtAnswer && referredZone(z, name, x) != ""
}

// hasAuthority reports whether the exchange is an authoritative answer about a name.
func hasAuthority(x *exchange.Exchange) bool { return x.AA() && x.Outcome.Conclusive() }

// referredZone returns the zone below z that a referral delegates towards the name. It is empty for other answers,
// and for referrals upwards, sideways or to the zone itself, which servers send for zones that they do not serve.
func referredZone(z *Zone, name string, x *exchange.Exchange) string {
	if x.Outcome != exchange.Referral {
		return ""
	}
	for _, rr := range x.Msg.Ns {
		if rr.Header().Rrtype == dns.TypeNS { // one is enough: a referral has one owner
			owner := exchange.Bare(rr.Header().Name)
			if exchange.InZone(name, owner) && exchange.InZone(owner, z.Name) && owner != z.Name {
				return owner
			}
			return ""
		}
	}
	return ""
}

// queryFirst queries a zone's servers until an answer satisfies the rule: the first at once, the next as soon as one
// fails or after a short delay. It returns nil and the failed exchanges if none does.
func (s *Session) queryFirst(ctx context.Context, z *Zone, name string, rrtype uint16,
	rule stopRule) (*exchange.Exchange,
	[]*exchange.Exchange,
) {
	servers := s.Askable(z.Servers())
	const most = 8 // further answers would add nothing
	servers = servers[:min(len(servers), most)]
	key := recording.ChoiceKey{Zone: z.Name, Name: name, Type: rrtype, Rule: int(rule)}
	servers = s.opt.Replay.ChosenFirst(key, servers)
	late := false
	if len(servers) > 0 && s.opt.Replay == nil { // most often, the first one answers soon
		x := s.askBriefly(ctx, servers[0], name, rrtype, stagger)
		if late = x == nil; !late && rule.satisfiedBy(z, name, x) {
			return s.opt.Record.Choose(key, x, servers[0]), nil
		}
	}
	return s.queryInTurn(ctx, z, name, rrtype, rule, servers, late)
}

// queryInTurn is queryFirst, with a goroutine for each server. late is set if the first one is slow.
func (s *Session) queryInTurn(ctx context.Context, z *Zone, name string, rrtype uint16, rule stopRule,
	servers []exchange.Server, late bool,
) (*exchange.Exchange, []*exchange.Exchange) {
	key := recording.ChoiceKey{Zone: z.Name, Name: name, Type: rrtype, Rule: int(rule)}
	results := make(chan *exchange.Exchange, len(servers))
	next, open := 0, 0
	launch := func() {
		srv := servers[next]
		next++
		open++
		s.workers.Go(func() { results <- s.Ask(ctx, srv, name, rrtype) })
	}
	var failed []*exchange.Exchange
	if len(servers) > 0 {
		launch()
	}
	if late && len(servers) > 1 {
		launch()
	}
	timer := time.NewTimer(stagger)
	defer timer.Stop()
	for open > 0 {
		select {
		case x := <-results:
			open--
			if rule.satisfiedBy(z, name, x) {
				return s.opt.Record.Choose(key, x, servers[0]), failed
			}
			failed = append(failed, x)
			if next < len(servers) {
				launch()
			}
		case <-timer.C:
			if next < len(servers) {
				launch()
				timer.Reset(stagger)
			}
		}
	}
	return nil, failed
}

func noneAnswered(z *Zone, failed []*exchange.Exchange) string {
	who := z.Name
	if who == "." {
		who = "the root"
	}
	switch {
	case len(failed) == 0:
		return "no server of " + who + " has an address that can be queried from here"
	case slices.ContainsFunc(failed, func(x *exchange.Exchange) bool { return x.Outcome == exchange.Referral }):
		return "the servers of " + who + " answer with a referral that leads to no zone below"
	}
	return fmt.Sprintf("no server of %s could be queried (%s: %s)", who, failed[0].Server(), failed[0].Outcome.Phrase())
}

// delegated reads a referral into a zone with the addresses of its servers; it returns nil if the referral leads
// nowhere.
func (s *Session) delegated(ctx context.Context, parent *Zone, name string, x *exchange.Exchange) *Zone {
	z := &Zone{Name: referredZone(parent, name, x), Parent: parent.Name, Referral: x}
	if z.Name == "" {
		return nil
	}
	var hosts []string
	for _, rr := range x.Msg.Ns {
		if ns, ok := rr.(*dns.NS); ok && exchange.Bare(ns.Hdr.Name) == z.Name {
			if len(hosts) == 0 {
				z.NSTTL = ns.Hdr.Ttl
			}
			hosts = append(hosts, exchange.Bare(ns.Ns))
		}
	}
	z.NS = s.nsHosts(ctx, hosts, x.Msg, parent.Name)
	return z
}

// sameServers is a zone served by its parent's servers.
func (s *Session) sameServers(ctx context.Context, parent *Zone, name string, x *exchange.Exchange) *Zone {
	z := &Zone{Name: name, Parent: parent.Name, Referral: x, SameServers: true}
	var hosts []string
	for _, rr := range x.Records(name, dns.TypeNS) {
		hosts = append(hosts, exchange.Bare(rr.(*dns.NS).Ns))
		z.NSTTL = rr.Header().Ttl
	}
	z.NS = s.nsHosts(ctx, hosts, x.Msg, parent.Name)
	return z
}
