package incident

import (
	"context"
	"net/netip"
	"strings"

	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/catalog/sanitize"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// Serves asks whether a domain, in A-labels, depends on the infrastructure, with as few questions as possible. It
// is false if the answer is not known.
func (s Suspect) Serves(ctx context.Context, session *probe.Session, name string) bool {
	f := NewDomainFacts(name)
	switch s.Kind {
	case causes.PlaceDNSHost, causes.PlaceNameServer:
		if z := session.Locate(ctx, name); z.Zone != nil && z.Missing == "" {
			f.SetDelegation(hosts.DNSHostOf(z.Zone.Hosts()), z.Zone.Hosts())
		}
	case causes.PlaceEdge:
		if x := firstAnswer(ctx, session, name); x != nil {
			for _, target := range x.CNAMEs(name) {
				f.SetEdge(strings.TrimSuffix(target, "."))
			}
		}
	case causes.PlaceAuthority:
		f.Authority = authorityOf(ctx, session, name)
	}
	return f.At(s)
}

// firstAnswer asks one resolver for the addresses of a name; nil without a resolver or an answer.
func firstAnswer(ctx context.Context, s *probe.Session, name string) *exchange.Exchange {
	list := s.Resolvers()
	if len(list) == 0 || strings.HasPrefix(name, "*.") {
		return nil
	}
	if x := s.Resolve(ctx, list[0], name, dns.TypeA); x.Msg != nil {
		return x
	}
	return nil
}

// authorityOf returns the issuer of the certificate that the first address of a name serves; empty if it is unknown.
func authorityOf(ctx context.Context, s *probe.Session, name string) string {
	x := firstAnswer(ctx, s, name)
	if x == nil {
		return ""
	}
	values, _ := x.Chase(name, dns.TypeA)
	for _, v := range values {
		a, err := netip.ParseAddr(v)
		if err != nil || s.Dialable(a) != nil {
			continue
		}
		shown := s.Handshake(ctx, netip.AddrPortFrom(a, 443), name)
		if shown.TLS == nil || len(shown.TLS.Chain) == 0 {
			return ""
		}
		return sanitize.Text(exchange.IssuerName(shown.TLS.Chain[0]), 200)
	}
	return ""
}
