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

// AuthoritativeAnswers is one RRset as every authoritative server of its zone returns it, before any cache.
type AuthoritativeAnswers struct {
	Name       string
	Type       uint16
	Delegation *DelegationPath
	Zone       *Zone // the zone whose servers were asked; nil when the place could not be found
	// Zones is the path from the registered zone down to Zone, along the delegations below it.
	Zones []*Zone
	// Replies holds one exchange for each address that was asked.
	Replies []*exchange.Exchange
}

// Good returns the authoritative replies about the name.
func (v *AuthoritativeAnswers) Good() []*exchange.Exchange {
	var out []*exchange.Exchange
	for _, x := range v.Replies {
		if hasAuthority(x) {
			out = append(out, x)
		}
	}
	return out
}

// First returns the first good reply, or nil.
func (v *AuthoritativeAnswers) First() *exchange.Exchange {
	if i := slices.IndexFunc(v.Replies, hasAuthority); i >= 0 {
		return v.Replies[i]
	}
	return nil
}

// Known reports whether any server gave an authoritative answer about the name.
func (v *AuthoritativeAnswers) Known() bool { return v.First() != nil }

// Exists reports whether any server has a record of this name and type.
func (v *AuthoritativeAnswers) Exists() bool {
	return slices.ContainsFunc(v.Replies, func(x *exchange.Exchange) bool {
		return hasAuthority(x) && x.Has(v.Name, v.Type)
	})
}

// Values returns the data of the RRset as text over all servers, sorted, without duplicates.
func (v *AuthoritativeAnswers) Values() []string {
	var out []string
	for _, x := range v.Good() {
		out = append(out, x.Values(v.Name, v.Type)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CNAME returns the target of the CNAME at the name, from the first server that has one.
func (v *AuthoritativeAnswers) CNAME() string {
	for _, x := range v.Replies {
		if !hasAuthority(x) {
			continue
		}
		if t := x.CNAME(v.Name); t != "" {
			return t
		}
	}
	return ""
}

// CNAMEs returns the targets of the CNAME records that one server returns together, if it returns several; they are
// sorted, and the exchange is that server's.
func (v *AuthoritativeAnswers) CNAMEs() ([]string, *exchange.Exchange) {
	for _, x := range v.Good() {
		if all := x.CNAMEs(v.Name); len(all) > 1 {
			return all, x
		}
	}
	return nil, nil
}

// Apex returns the name of the zone that holds the name, according to its servers. It is below the delegation if the
// same servers also serve a child zone.
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
			v.Zones = append(v.Zones, z)
			z = c
			continue
		}
		v.Zone = z
		v.Zones = append(v.Zones, z)
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

// AskAll queries every server of a zone, and does not follow referrals: all of them must give the same one.
func (s *Session) AskAll(ctx context.Context, z *Zone, name string, rrtype uint16) []*exchange.Exchange {
	return s.queryAll(ctx, z.Servers(), name, rrtype)
}

// queryAll queries every server at once. IPv6 servers are omitted on a machine without IPv6: an address that was not
// tried did not fail.
func (s *Session) queryAll(ctx context.Context, servers []exchange.Server, name string,
	rrtype uint16,
) []*exchange.Exchange {
	return s.askEach(ctx, s.Askable(servers), name, rrtype)
}

// Askable returns the servers that this machine can reach, leaving out IPv6 addresses if it has no IPv6.
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
			t.SetIPv6(s.hasV6 == 2)
		}
	}
	return s.hasV6 == 2
}

// HasIPv6 reports whether this machine can use IPv6.
func (s *Session) HasIPv6() bool { return s.ipv6() }

// Hop is one name of a CNAME chain.
type Hop struct {
	Name    string
	Answers *AuthoritativeAnswers
}

// Chain is a name followed through its CNAMEs, across zones, at authoritative servers.
type Chain struct {
	Hops []Hop // the name itself first
	// Loop is the name that repeats; empty if none does.
	Loop string
	// TooLong is set if there are more than MaxHops CNAMEs.
	TooLong bool
	// Values is the RRset at the end.
	Values []string
	// unanswered is the first answer that was replaced by the one for type CNAME, because the servers failed.
	unanswered *AuthoritativeAnswers
}

// Names returns the names of the chain in order, with the repeated name last.
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

// End returns the last name queried.
func (c *Chain) End() Hop { return c.Hops[len(c.Hops)-1] }

// Known reports whether the chain was followed to an authoritative end.
func (c *Chain) Known() bool {
	return c.Loop != "" || c.TooLong || c.End().Answers.Known() || c.End().Answers.Delegation.Missing != ""
}

// Evidence returns one good exchange per hop.
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

// Follow queries an RRset at authoritative servers and follows CNAMEs. All servers are queried for the first name,
// one for each of the others.
func (s *Session) Follow(ctx context.Context, name string, rrtype uint16) *Chain {
	return s.FollowFrom(ctx, s.Authority(ctx, name, rrtype))
}

// FollowFrom is Follow from the answers for the first name.
func (s *Session) FollowFrom(ctx context.Context, first *AuthoritativeAnswers) *Chain {
	c := &Chain{}
	seen := map[string]bool{}
	unanswered := -1 // the first hop whose servers fail
	rrtype := first.Type
	for name := first.Name; ; {
		v := first
		if len(c.Hops) > 0 {
			v = s.Lookup(ctx, name, rrtype)
		}
		c.Hops = append(c.Hops, Hop{Name: name, Answers: v})
		seen[name] = true
		if v.Exists() {
			c.Values = v.Values()
			return c.settled(unanswered)
		}
		next := v.CNAME()
		if next == "" && failsAtChain(v) {
			link := s.Lookup(ctx, name, dns.TypeCNAME)
			if next = link.CNAME(); next != "" {
				if unanswered < 0 {
					unanswered = len(c.Hops) - 1
				}
				c.Hops[len(c.Hops)-1].Answers = link
				if c.unanswered == nil {
					c.unanswered = v
				}
			}
		}
		switch {
		case next == "":
			return c.settled(unanswered)
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

// failsAtChain reports whether servers answer SERVFAIL. BIND and PowerDNS do so for a chain in their zones that loops
// or is too long, although they return each of its links.
func failsAtChain(v *AuthoritativeAnswers) bool {
	return !v.Known() && slices.ContainsFunc(v.Replies, func(x *exchange.Exchange) bool {
		return x.Outcome == exchange.ServFail
	})
}

// settled returns the chain unchanged, unless it is so short that its length does not explain the failure of the
// servers at a hop. Then the chain ends at that hop, unknown.
func (c *Chain) settled(unanswered int) *Chain {
	if unanswered < 0 || len(c.Hops)-1 > exchange.SureHops {
		return c
	}
	c.Hops, c.Values = c.Hops[:unanswered+1], nil
	c.Hops[unanswered].Answers = c.unanswered
	return c
}

// Addresses follows a name to its IPv4 and IPv6 addresses.
func (s *Session) Addresses(ctx context.Context, name string) (v4, v6 *Chain) {
	return both(s, func() *Chain { return s.Follow(ctx, name, typeA) }, func() *Chain {
		return s.Follow(ctx, name, typeAAAA)
	})
}

// AddrsOf returns the addresses at the end of the chain.
func (c *Chain) AddrsOf() []netip.Addr {
	var out []netip.Addr
	for _, v := range c.Values {
		if a, err := netip.ParseAddr(v); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// RandomSibling returns a name beside another that does not exist, so that any answer comes from a wildcard. It is
// new in each session, so that no cache has it, but does not change during a session.
func (s *Session) RandomSibling(name string) string {
	label := s.randomLabel()
	if _, rest, ok := strings.Cut(name, "."); ok {
		return label + "." + rest
	}
	return label + "." + name
}

// randomLabel returns the label of RandomSibling.
func (s *Session) randomLabel() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.label == "" {
		s.label = randomLabel()
	}
	return s.label
}

func randomLabel() string {
	var b [6]byte
	_, _ = rand.Read(b[:])
	return "dd-" + hex.EncodeToString(b[:])
}

// Wildcard reports whether an answer comes from a wildcard, by querying a random sibling of the name.
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

// AskZone queries one server of a zone for data of that zone itself, such as the DS of a child zone. A referral does
// not count as an answer (RFC 4035 3.1.4.1).
func (s *Session) AskZone(ctx context.Context, z *Zone, name string, rrtype uint16) (*exchange.Exchange,
	[]*exchange.Exchange,
) {
	return s.queryFirst(ctx, z, name, rrtype, stopAtAnswer)
}

// ParentOf returns the zone on the path that delegates z, or nil.
func (p *DelegationPath) ParentOf(z *Zone) *Zone { return ParentOf(p.Zones, z) }

// ParentOf returns the zone in a path that delegates z, or nil.
func ParentOf(path []*Zone, z *Zone) *Zone {
	for _, up := range path {
		if up.Name == z.Parent && up != z {
			return up
		}
	}
	return nil
}

// AskReferral queries one server of a zone for its referral towards a name; it returns nil if there is none.
func (s *Session) AskReferral(ctx context.Context, z *Zone, name string, rrtype uint16) *exchange.Exchange {
	x, _ := s.queryFirst(ctx, z, name, rrtype, stopAtReferral)
	return x
}
