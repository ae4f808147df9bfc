package probe

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// AuthoritativeAnswers is one RRset as every authoritative server of its zone shows it: the truth at the source,
// before any cache.
type AuthoritativeAnswers struct {
	Name       string
	Type       uint16
	Delegation *DelegationPath
	Zone       *Zone // the zone whose servers were asked; nil when the place could not be found
	// Replies holds one exchange for each address that was asked.
	Replies []*exchange.Exchange
}

// Good are the replies that came with authority and say something of the name.
func (v *AuthoritativeAnswers) Good() []*exchange.Exchange {
	var out []*exchange.Exchange
	for _, x := range v.Replies {
		if hasAuthority(x) {
			out = append(out, x)
		}
	}
	return out
}

// First is a good reply, or nil.
func (v *AuthoritativeAnswers) First() *exchange.Exchange {
	if good := v.Good(); len(good) > 0 {
		return good[0]
	}
	return nil
}

// Known reports whether any server said anything of the name with authority.
func (v *AuthoritativeAnswers) Known() bool { return v.First() != nil }

// Exists reports whether any server has a record of this name and type.
func (v *AuthoritativeAnswers) Exists() bool {
	return slices.ContainsFunc(v.Good(), func(x *exchange.Exchange) bool { return len(x.Records(v.Name, v.Type)) > 0 })
}

// Values are the data of the RRset as text, sorted and once each, over all servers.
func (v *AuthoritativeAnswers) Values() []string {
	var out []string
	for _, x := range v.Good() {
		out = append(out, x.Values(v.Name, v.Type)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CNAME is the target of the CNAME at the name, as the first server that has one shows it.
func (v *AuthoritativeAnswers) CNAME() string {
	for _, x := range v.Good() {
		if t := x.CNAME(v.Name); t != "" {
			return t
		}
	}
	return ""
}

// Apex is the name of the zone that holds the name, as the servers themselves say; it is deeper than the delegation
// when a zone below is served by the same servers.
func (v *AuthoritativeAnswers) Apex() string {
	if v.Zone == nil {
		return ""
	}
	apex := v.Zone.Name
	for _, x := range v.Good() {
		if soa := x.SOA(); soa != nil {
			if owner := exchange.Bare(soa.Hdr.Name); exchange.InZone(v.Name, owner) && len(owner) > len(apex) {
				apex = owner
			}
		}
	}
	return apex
}

// Authority asks every authoritative address for an RRset, and follows referrals to zones below.
func (s *Session) Authority(ctx context.Context, name string, rrtype uint16) *AuthoritativeAnswers {
	return s.descend(ctx, name, rrtype, func(z *Zone, name string) (replies []*exchange.Exchange,
		referral *exchange.Exchange,
	) {
		replies = s.queryAll(ctx, z.Servers(), name, rrtype)
		i := slices.IndexFunc(replies, func(x *exchange.Exchange) bool { return referredZone(z, name, x) != "" })
		if i < 0 {
			return replies, nil
		}
		return replies, replies[i]
	})
}

// Lookup asks one authoritative server for an RRset, and follows referrals to zones below. It is for names that are
// not the tenant's, where one answer is enough.
func (s *Session) Lookup(ctx context.Context, name string, rrtype uint16) *AuthoritativeAnswers {
	return s.descend(ctx, name, rrtype, func(z *Zone, name string) (replies []*exchange.Exchange,
		referral *exchange.Exchange,
	) {
		x, failed := s.queryFirst(ctx, z, name, rrtype, stopAtAnswerOrReferral)
		switch {
		case x == nil:
			return failed, nil
		case x.Outcome == exchange.Referral:
			return []*exchange.Exchange{x}, x
		}
		return []*exchange.Exchange{x}, nil
	})
}

// descend queries the zone that holds a name, and as long as its servers refer to a zone below, that zone instead.
func (s *Session) descend(ctx context.Context, name string, rrtype uint16,
	query func(z *Zone, name string) (replies []*exchange.Exchange, referral *exchange.Exchange),
) *AuthoritativeAnswers {
	name = exchange.Bare(name)
	v := &AuthoritativeAnswers{Name: name, Type: rrtype, Delegation: s.Locate(ctx, name)}
	if v.Delegation.Zone == nil || v.Delegation.Unknown != "" || v.Delegation.Missing != "" {
		return v
	}
	for z, depth := v.Delegation.Zone, 0; ; depth++ {
		if c := z.child(name); c != nil && depth < maxDepth {
			z = c
			continue
		}
		v.Zone = z
		var referral *exchange.Exchange
		v.Replies, referral = query(z, name)
		if referral == nil || depth >= maxDepth {
			return v
		}
		z = z.learn(s.delegated(ctx, z, name, referral))
	}
}

// maxDepth bounds zones below zones.
const maxDepth = 8

// queryAll asks every server at once. IPv6 servers are left out where this machine has no IPv6: what was not tried
// did not fail.
func (s *Session) queryAll(ctx context.Context, servers []exchange.Server, name string,
	rrtype uint16,
) []*exchange.Exchange {
	servers = s.Askable(servers)
	out := make([]*exchange.Exchange, len(servers))
	var wg Group
	for i, srv := range servers {
		wg.Go(func() { out[i] = s.Ask(ctx, srv, name, rrtype) })
	}
	wg.Wait()
	return out
}

// Askable leaves out the servers that this machine cannot try.
func (s *Session) Askable(servers []exchange.Server) []exchange.Server {
	if s.ipv6() {
		return servers
	}
	return slices.DeleteFunc(slices.Clone(servers), func(srv exchange.Server) bool { return srv.Addr.Addr().Is6() })
}

func (s *Session) ipv6() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hasV6 == 0 {
		s.hasV6 = 1
		if s.opt.HasIPv6() {
			s.hasV6 = 2
		}
		if t := s.opt.Record; t != nil {
			t.SawIPv6(s.hasV6 == 2)
		}
	}
	return s.hasV6 == 2
}

// HasIPv6 reports whether IPv6 addresses can be tried from here.
func (s *Session) HasIPv6() bool { return s.ipv6() }

// Hop is one name of a chain.
type Hop struct {
	Name    string
	Answers *AuthoritativeAnswers
}

// Chain is a name followed through its CNAMEs, from zone to zone, at the source.
type Chain struct {
	Hops []Hop // the name itself first
	// Loop is the name that comes again; empty when none does.
	Loop string
	// TooLong means that more than MaxHops CNAMEs stand in a row.
	TooLong bool
	// Values is the RRset at the end.
	Values []string
}

// Names lists the names of the chain in order, with what comes after the last one.
func (c *Chain) Names() []string {
	var out []string
	for _, h := range c.Hops {
		out = append(out, h.Name)
	}
	if c.Loop != "" {
		out = append(out, c.Loop)
	}
	return out
}

// End is the last name that was asked.
func (c *Chain) End() Hop { return c.Hops[len(c.Hops)-1] }

// Known reports whether the chain was followed to an end that its servers vouch for.
func (c *Chain) Known() bool {
	return c.Loop != "" || c.TooLong || c.End().Answers.Known() || c.End().Answers.Delegation.Missing != ""
}

// Evidence is one good exchange for each hop.
func (c *Chain) Evidence() []*exchange.Exchange {
	var out []*exchange.Exchange
	for _, h := range c.Hops {
		switch x := h.Answers.First(); {
		case x != nil:
			out = append(out, x)
		case h.Answers.Delegation.Denial != nil:
			out = append(out, h.Answers.Delegation.Denial)
		case len(h.Answers.Replies) > 0:
			out = append(out, h.Answers.Replies[0])
		}
	}
	return out
}

// Follow asks for an RRset at the source and follows CNAMEs. The first name is asked of every server, the rest of
// any.
func (s *Session) Follow(ctx context.Context, name string, rrtype uint16) *Chain {
	c := &Chain{}
	seen := map[string]bool{}
	for name = exchange.Bare(name); ; {
		var v *AuthoritativeAnswers
		if len(c.Hops) == 0 {
			v = s.Authority(ctx, name, rrtype)
		} else {
			v = s.Lookup(ctx, name, rrtype)
		}
		c.Hops = append(c.Hops, Hop{Name: name, Answers: v})
		seen[name] = true
		if v.Exists() {
			c.Values = v.Values()
			return c
		}
		next := v.CNAME()
		switch {
		case next == "":
			return c
		case seen[next]:
			c.Loop = next
			return c
		case len(c.Hops) > exchange.MaxHops:
			c.TooLong = true
			return c
		}
		name = next
	}
}

// Addresses follows a name to its IPv4 and IPv6 addresses.
func (s *Session) Addresses(ctx context.Context, name string) (v4, v6 *Chain) {
	return both(func() *Chain { return s.Follow(ctx, name, typeA) }, func() *Chain {
		return s.Follow(ctx, name, typeAAAA)
	})
}

// AddrsOf reads the addresses at a chain's end.
func (c *Chain) AddrsOf() []netip.Addr {
	var out []netip.Addr
	for _, v := range c.Values {
		if a, err := netip.ParseAddr(v); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// RandomSibling is a name beside another that nobody has: what answers for it is a wildcard. It is new in each
// session, so that no cache knows it, and the same for all who ask in one session.
func (s *Session) RandomSibling(name string) string {
	s.mu.Lock()
	if s.label == "" {
		s.label = randomLabel()
	}
	label := s.label
	s.mu.Unlock()
	if _, rest, ok := strings.Cut(name, "."); ok {
		return label + "." + rest
	}
	return label + "." + name
}

func randomLabel() string {
	var b [6]byte
	_, _ = rand.Read(b[:])
	return "dd-" + hex.EncodeToString(b[:])
}

// Wildcard reports whether what a name answers for a type comes from a wildcard, by asking for a sibling that nobody
// has.
func (s *Session) Wildcard(ctx context.Context, v *AuthoritativeAnswers) (bool, *exchange.Exchange) {
	x := v.First()
	if x == nil || x.Outcome != exchange.Answered {
		return false, nil
	}
	if v.Zone == nil || v.Name == v.Apex() {
		return false, nil
	}
	sibling := s.RandomSibling(v.Name)
	w := s.Lookup(ctx, sibling, v.Type)
	y := w.First()
	if y == nil || y.Outcome != exchange.Answered {
		return false, y
	}
	same := func(t uint16) bool {
		a, b := x.Values(v.Name, t), y.Values(sibling, t)
		slices.Sort(a)
		slices.Sort(b)
		return len(a) > 0 && slices.Equal(a, b)
	}
	return same(v.Type) || same(dns.TypeCNAME), y
}

// AskZone asks any one server of a zone for what belongs to the zone itself: the DS of a zone below, say. A referral
// is no answer to that (RFC 4035 3.1.4.1).
func (s *Session) AskZone(ctx context.Context, z *Zone, name string, rrtype uint16) (*exchange.Exchange,
	[]*exchange.Exchange,
) {
	return s.queryFirst(ctx, z, name, rrtype, stopAtAnswer)
}

// ParentOf is the zone that delegates a zone on the way to a place; nil when it is not known.
func (p *DelegationPath) ParentOf(z *Zone) *Zone {
	for _, up := range p.Zones {
		if up.Name == z.Parent && up != z {
			return up
		}
	}
	return nil
}

// AskReferral asks any one server of a zone how it hands a name over to a zone below; nil where none does.
func (s *Session) AskReferral(ctx context.Context, z *Zone, name string, rrtype uint16) *exchange.Exchange {
	x, _ := s.queryFirst(ctx, z, name, rrtype, stopAtReferral)
	return x
}
