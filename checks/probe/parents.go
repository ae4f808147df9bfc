package probe

import (
	"context"
	"net/netip"
	"slices"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// Limits on the number of a registry's servers that are queried for one delegation.
const (
	maxParents     = 13 // a top-level domain has at most that many, each with many machines behind it
	maxOthersAsked = 5  // before a denial by one of them counts
)

// AskParents queries the servers of a zone for NS or DS records of a name below it, each at one address.
func (s *Session) AskParents(ctx context.Context, z *Zone, name string, rrtype uint16) []*exchange.Exchange {
	return s.askParents(ctx, z, name, rrtype, "", maxParents)
}

func (s *Session) askParents(ctx context.Context, z *Zone, name string, rrtype uint16, except string,
	most int,
) []*exchange.Exchange {
	var list []exchange.Server
	for _, h := range z.NS {
		addrs := slices.Clone(h.Addrs)
		slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() }) // IPv4 first
		for _, a := range addrs {
			srv := exchange.Server{Host: h.Name, Addr: netip.AddrPortFrom(a, dnsPort), Zone: z.Name}
			if len(s.Askable([]exchange.Server{srv})) > 0 && h.Name != except && len(list) < most {
				list = append(list, srv)
				break
			}
		}
	}
	return s.queryAll(ctx, list, name, rrtype)
}

// confirmDenial queries other servers of the parent before a name counts as not delegated: one of them may have an
// older copy of the zone. It returns the step unchanged, or with the delegation that another server has.
func (s *Session) confirmDenial(ctx context.Context, parent *Zone, name string, r stepResult) stepResult {
	if !r.denied || parent.Name == "." {
		return r
	}
	for _, x := range s.askParents(ctx, parent, name, dns.TypeNS, r.answer.Host, maxOthersAsked) {
		if referredZone(parent, name, x) == "" {
			continue
		}
		if z := s.delegated(ctx, parent, name, x); z != nil {
			return stepResult{name: name, answer: x, zones: []*Zone{z}, contested: r.answer}
		}
	}
	return r
}
