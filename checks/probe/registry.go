package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"domdoc/catalog/sanitize"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/registration"
	"domdoc/checks/probe/transport"
)

const (
	ianaBootstrap = "https://data.iana.org/rdap/dns.json"
	bootstrapAge  = 24 * time.Hour // RFC 9224 7: the bootstrap file should be cached
	rdapAccept    = "application/rdap+json, application/json;q=0.8"

	noRDAP  = "no RDAP server is known for ."
	noWHOIS = "no WHOIS server is known for ."
)

// RegistrationReport is the registration of a domain, and how it was found out.
type RegistrationReport struct {
	registration.Registration
	Evidence []*exchange.Exchange
	// Tried has the result of each source.
	Tried []string

	differs   string // see rdapServer
	gone      bool   // the registry's WHOIS server has no address any more
	unrelated bool   // a server answered, but does not have names of this ending
	// Place is where the parent delegates the name; nil if the delegation was not looked at.
	Place *DelegationPath
	// Ending is set if no server of its registry is known: then its names cannot be looked up, now or later.
	Ending string
	// Sources is what each source says. DNS is set by Held only.
	Sources registration.Sources
	// Note is what the registry says against the delegation of the name, which decides; empty if it says nothing.
	Note string
	// Silent is set if the delegation alone shows a registration, because the registry, whose servers are known, says
	// nothing now. LookUp sets it.
	Silent bool
}

// Delegated reports whether the parent delegates exactly this name: then somebody holds it, and it is switched on.
func (r *RegistrationReport) Delegated() bool {
	p := r.Place
	return p != nil && p.Zone != nil && p.Missing == "" && p.Zone.Name == r.Domain
}

// SourceName names the source in a sentence.
func (r *RegistrationReport) SourceName() string {
	switch r.Registration.Source {
	case "rdap":
		return "RDAP at " + r.Server
	case "whois":
		return "WHOIS at " + r.Server
	case sourceDNS:
		return "the delegation in the zone " + r.Server
	}
	return "the registry"
}

// Registration looks up the registration of the registrable name: by RDAP first, and by WHOIS if RDAP gives no answer
// or no registration, since a reserved name looks free in RDAP.
func (s *Session) Registration(ctx context.Context, name string) *RegistrationReport {
	domain := Registrable(name)
	if domain == "" {
		return &RegistrationReport{Registration: registration.Registration{
			State: registration.Unknown, Domain: exchange.Bare(name),
			Reason: "a public suffix cannot be registered",
		}}
	}
	key := factKey{"registration", domain}
	r, err := shareFact(ctx, s, key, func(ctx context.Context, s *Session) *RegistrationReport {
		return s.register(ctx, domain)
	})
	if err != nil {
		return &RegistrationReport{Registration: registration.Registration{
			State: registration.Unknown, Domain: domain,
			Reason: "the run ended first",
		}}
	}
	return r
}

func (s *Session) register(ctx context.Context, domain string) *RegistrationReport {
	out := &RegistrationReport{Registration: registration.Registration{State: registration.Unknown, Domain: domain}}
	byRDAP := s.rdap(ctx, domain, out)
	out.Sources.RDAP = said(byRDAP.State, out, noRDAP)
	if byRDAP.State == registration.Registered || byRDAP.State == registration.Reserved {
		out.Registration = byRDAP
		return out
	}
	byWHOIS := s.whois(ctx, domain, out)
	out.Sources.WHOIS = said(byWHOIS.State, out, noWHOIS)
	if byWHOIS.Doubtful {
		out.Sources.WHOIS = registration.Unclear
	}
	switch {
	case byWHOIS.Doubtful && byRDAP.State == registration.NotRegistered:
		// A reserved name looks free in RDAP, and WHOIS says something else about this name than about free ones.
	case byWHOIS.State != registration.Unknown && (byRDAP.State == registration.Unknown ||
		byWHOIS.State != registration.NotRegistered):
		out.Registration = byWHOIS
	case byRDAP.State == registration.NotRegistered:
		out.Registration = byRDAP
		if byWHOIS.Offer == registration.OfferClaims {
			out.Offer = byWHOIS.Offer
		}
	default:
		out.unrelated = len(out.Tried) == 2 && (byRDAP.Elsewhere || strings.HasPrefix(out.Tried[0], noRDAP)) &&
			(byWHOIS.Elsewhere || strings.HasPrefix(out.Tried[1], noWHOIS)) && (byRDAP.Elsewhere || byWHOIS.Elsewhere)
		if ending, _, _ := registryOf(domain); len(out.Tried) == 2 && strings.HasPrefix(out.Tried[0], noRDAP) &&
			(out.gone || strings.HasPrefix(out.Tried[1], noWHOIS)) {
			out.Ending = ending
		}
		out.Throttled = byRDAP.Throttled || byWHOIS.Throttled
		out.RetryAfter = max(byRDAP.RetryAfter, byWHOIS.RetryAfter)
	}
	out.Domain = domain
	if out.State == registration.Unknown && out.differs != "" {
		tld := domain[strings.LastIndexByte(domain, '.')+1:]
		out.Tried = append(out.Tried, outdatedRDAP(tld, out.differs, s.rdapList(ctx).server(tld)))
	}
	out.Reason = strings.Join(out.Tried, "; ")
	if out.State == registration.Reserved {
		out.Reason = byWHOIS.Reason
	}
	return out
}

// said returns what the source that was tried last says. none is the start of the note that it has no server.
func said(state registration.State, out *RegistrationReport, none string) registration.Says {
	if n := len(out.Tried); state == registration.Unknown && n > 0 && strings.HasPrefix(out.Tried[n-1], none) {
		return registration.NotAsked
	}
	return registration.SaysOf(state)
}

// rdap queries the registry's RDAP server.
func (s *Session) rdap(ctx context.Context, domain string, out *RegistrationReport) registration.Registration {
	return s.untilAnswered(out, func() registration.Registration { return s.askRDAP(ctx, domain, out) })
}

func (s *Session) askRDAP(ctx context.Context, domain string, out *RegistrationReport) registration.Registration {
	unknown := func(format string, args ...any) registration.Registration {
		out.Tried = append(out.Tried, fmt.Sprintf(format, args...))
		return registration.Registration{State: registration.Unknown, Domain: domain}
	}
	base, listed := s.opt.RDAPBase, true
	if base == "" {
		found, why := s.rdapBase(ctx, domain)
		if found.url == "" {
			return unknown("%s", why)
		}
		base, listed, out.differs = found.url, found.listed, found.differs
	}
	url, from := strings.TrimSuffix(base, "/")+"/domain/"+domain, ""
	for range 4 {
		x := s.registry(ctx, url, rdapAccept, maxRDAPBody)
		if x.Outcome == exchange.NotAsked { // it only shows what domdoc may do
			if from != "" {
				return unknown("RDAP at %s redirects to %s, which was not asked: %s", from, x.Host, x.Err)
			}
			r := unknown("RDAP at %s was not asked: %s", x.Host, x.Err)
			r.RetryAfter = s.pausedFor(exchange.KindRDAP, x.Host)
			r.Throttled = r.RetryAfter > 0
			return r
		}
		out.Evidence = append(out.Evidence, x)
		if x.HTTP == nil {
			return unknown("RDAP at %s: %s", x.Host, reason(x))
		}
		if x.HTTP.Status >= 300 && x.HTTP.Status < 400 {
			next, err := redirectTarget(url, x.HTTP.Header.Get("Location"))
			if err != nil || exchange.URLScheme(next) != "https" {
				return unknown("RDAP at %s redirects to an address that is not an RDAP server", x.Host)
			}
			url, from = next, x.Host
			continue
		}
		if x.HTTP.Cut {
			return unknown("RDAP at %s answered with more than %d octets", x.Host, maxRDAPBody)
		}
		if x.HTTP.Broken && !json.Valid(x.HTTP.Body) { // an empty body is an answer, too; a whole document shows its end
			return unknown("RDAP at %s cut off its answer", x.Host)
		}
		r := registration.ReadRDAP(domain, x.HTTP.Status, x.HTTP.Header.Get("Content-Type"),
			x.HTTP.Header.Get("Retry-After"),
			x.HTTP.Body)
		if x.HTTP.Status == http.StatusNotFound && r.Correctable() && from == "" {
			ending, _, _ := registryOf(domain)
			c := s.rdapControls(ctx, base, ending)
			r = c.RDAP(domain, x.HTTP.Status, x.HTTP.Header.Get("Content-Type"), x.HTTP.Header.Get("Retry-After"),
				x.HTTP.Body)
			if r.State == registration.NotRegistered && !listed && !c.KnowsEnding(true) {
				r.State, r.Reason = registration.Unknown, "IANA does not list it, and it was not seen to know ."+ending
			}
		}
		r.Server, r.Domain = x.Host, domain
		if r.State == registration.Unknown {
			out.Tried = append(out.Tried, fmt.Sprintf("RDAP at %s: %s", x.Host, sanitize.Text(r.Reason, 160)))
		} else {
			out.Tried = append(out.Tried, fmt.Sprintf("RDAP at %s: %s", x.Host, r.State))
		}
		return r
	}
	return unknown("RDAP redirects in a loop")
}

func reason(x *exchange.Exchange) string {
	if x.Err != "" {
		return x.Err
	}
	return x.Outcome.Phrase()
}

// whois queries the WHOIS server of the top-level domain.
func (s *Session) whois(ctx context.Context, domain string, out *RegistrationReport) registration.Registration {
	return s.untilAnswered(out, func() registration.Registration { return s.askRegistryWHOIS(ctx, domain, out) })
}

func (s *Session) askRegistryWHOIS(ctx context.Context, domain string,
	out *RegistrationReport,
) registration.Registration {
	unknown := func(format string, args ...any) registration.Registration {
		out.Tried = append(out.Tried, fmt.Sprintf(format, args...))
		return registration.Registration{State: registration.Unknown, Domain: domain}
	}
	tld := domain[strings.LastIndexByte(domain, '.')+1:]
	ending, host, own := registryOf(domain)
	server, err := shareFact(ctx, s, factKey{"whois server", ending}, func(ctx context.Context, s *Session) whoisServer {
		switch {
		case own && host == "":
			return whoisServer{why: noWHOIS + ending}
		case own:
			return whoisServer{host: host}
		}
		return s.whoisServer(ctx, tld)
	})
	if err != nil {
		return unknown("the run ended first")
	}
	out.Evidence = append(out.Evidence, server.evidence...)
	if server.host == "" {
		return unknown("%s", server.why)
	}
	x := s.askWHOIS(ctx, server.host, "43", domain)
	out.Evidence = append(out.Evidence, x)
	if x.Text == nil {
		out.gone = own && x.Outcome == exchange.Unreachable && strings.Contains(x.Err, errNoAddress.Error())
		r := unknown("WHOIS at %s: %s", server.host, reason(x))
		if x.Outcome == exchange.NotAsked {
			r.RetryAfter = s.pausedFor(exchange.KindWHOIS, server.host)
			r.Throttled = r.RetryAfter > 0
		}
		return r
	}
	r := registration.ReadWHOIS(domain, x.Text, x.Cut)
	if r.Correctable() && !x.Cut {
		c := s.whoisControls(ctx, server.host, ending)
		c.Listed = !own
		r = c.WHOIS(domain, x.Text, false)
	}
	r.Server, r.Domain = server.host, domain
	if r.State == registration.Unknown {
		out.Tried = append(out.Tried, fmt.Sprintf("WHOIS at %s: %s", server.host, sanitize.Text(r.Reason, 160)))
	} else {
		out.Tried = append(out.Tried, fmt.Sprintf("WHOIS at %s: %s", server.host, r.State))
	}
	return r
}

type whoisServer struct {
	host, why string
	evidence  []*exchange.Exchange
}

// whoisServer finds the WHOIS server of a top-level domain at IANA's.
func (s *Session) whoisServer(ctx context.Context, tld string) whoisServer {
	host, port, err := net.SplitHostPort(s.opt.WHOISRoot)
	if err != nil {
		host, port = s.opt.WHOISRoot, "43"
	}
	x := s.askWHOIS(ctx, host, port, tld)
	if x.Text == nil {
		return whoisServer{why: "WHOIS at " + host + ": " + reason(x), evidence: []*exchange.Exchange{x}}
	}
	lines := strings.Split(string(x.Text), "\n")
	if x.Cut { // half a name is another name
		lines = lines[:len(lines)-1]
	}
	for _, line := range lines {
		key, value, ok := strings.Cut(line, ":")
		if key = strings.ToLower(strings.TrimSpace(key)); !ok || key != "whois" && key != "refer" {
			continue
		}
		value = exchange.Bare(strings.TrimSpace(value))
		if isHostName(value) {
			return whoisServer{host: value, evidence: []*exchange.Exchange{x}}
		}
	}
	why := noWHOIS + tld
	if x.Cut {
		why = "WHOIS at " + host + ": " + reason(x)
	}
	return whoisServer{why: why, evidence: []*exchange.Exchange{x}}
}

func isHostName(s string) bool {
	if len(s) == 0 || len(s) > 253 || !strings.Contains(s, ".") {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// knownToWHOIS returns a name that the server of another must have: that of the registry itself, or a top-level
// domain.
func knownToWHOIS(query string) string {
	if i := strings.LastIndexByte(query, '.'); i >= 0 {
		return "nic" + query[i:]
	}
	return "com"
}

func (s *Session) askWHOIS(ctx context.Context, host, port, query string) *exchange.Exchange {
	blank := exchange.Exchange{Kind: exchange.KindWHOIS, Host: host, Transport: "tcp", Asked: query}
	return s.do(ctx, exchange.QueryKey{Kind: exchange.KindWHOIS, Server: host, Asked: query}, blank,
		func(ctx context.Context) *exchange.Exchange {
			x := blank
			x.At = s.Now()
			s.inTurnOf(ctx, &x, func() {
				s.reachHost(ctx, &x, port, func(addr netip.AddrPort) bool {
					var off error
					control := knownToWHOIS(query)
					scopes := registryScopes(query, control, func(ctx context.Context) bool {
						text, _ := s.wire.WHOIS(ctx, addr, control)
						return text != nil
					})
					s.reach(ctx, &x, "whois", addr, scopes, func() (err error) {
						if x.Text, err = s.wire.WHOIS(ctx, addr, query); x.Text != nil {
							off, err = err, nil // the server answers, whole or not
						}
						return err
					})
					if off != nil {
						_, why := transport.Outcome(off)
						x.Cut, x.Err = true, "the reply was broken off: "+why
					}
					return x.Text != nil
				})
			})
			return &x
		})
}
