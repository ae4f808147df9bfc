package probe

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// maxNS bounds a delegation: the largest in use have 13.
const maxNS = 16

// nsHosts finds the addresses of the listed servers: glue if the parent may provide it, otherwise from the resolvers.
func (s *Session) nsHosts(ctx context.Context, hosts []string, m *dns.Msg, parent string) []NSHost {
	slices.Sort(hosts)
	hosts = slices.Compact(hosts)
	hosts = hosts[:min(len(hosts), maxNS)]
	out := make([]NSHost, len(hosts))
	wg := s.Group()
	for i, host := range hosts {
		out[i].Name = host
		if exchange.InZone(host, parent) {
			if out[i].Addrs = glue(m, host); len(out[i].Addrs) > 0 {
				out[i].Glued = true
				continue
			}
		}
		if h, ok := knownFact[NSHost](s, factKey{"ns", host}); ok {
			out[i] = h
			continue
		}
		wg.Go(func() { out[i] = s.NameServer(ctx, host) })
	}
	wg.Wait()
	return out
}

// NameServer returns a name server with the addresses that the resolvers have for it.
func (s *Session) NameServer(ctx context.Context, host string) NSHost {
	key := factKey{"ns", host}
	if h, ok := knownFact[NSHost](s, key); ok {
		return h
	}
	h, err := shareFact(ctx, s, key, func(ctx context.Context, s *Session) NSHost { return s.nsHost(ctx, host) })
	if err != nil {
		return NSHost{Name: host, Failed: "the run ended first"}
	}
	return h
}

// nsHost looks up a server's addresses at the resolvers. It is not the tenant's record, so this plants no negative
// answer of theirs in a cache.
func (s *Session) nsHost(ctx context.Context, host string) NSHost {
	list := inTurn(s.opt.Resolvers, func(r exchange.Server) (NSHost, bool) { return s.nsHostAt(ctx, r, host) })
	if len(list) == 0 {
		return NSHost{Name: host}
	}
	h := list[len(list)-1]
	if len(h.Addrs) > 0 {
		return h
	}
	if i := slices.IndexFunc(list, func(o NSHost) bool { return o.Gone }); i >= 0 && !h.Gone {
		h = list[i]
	}
	h.Evidence = nil
	for _, o := range list {
		h.Evidence = append(h.Evidence, o.Evidence...)
	}
	return h
}

// nsHostAt looks up a server's addresses at one resolver. It reports whether that settles the matter.
func (s *Session) nsHostAt(ctx context.Context, r exchange.Server, host string) (NSHost, bool) {
	h := NSHost{Name: host}
	var made *exchange.Exchange
	a, aaaa := both(s, func() *exchange.Exchange { return s.Resolve(ctx, r, host, typeA) }, func() *exchange.Exchange {
		x, y := both(s, func() *exchange.Exchange { return s.Resolve(ctx, r, host, typeAAAA) }, func() *exchange.Exchange {
			return s.Resolve(ctx, r, "ipv4only.arpa", typeAAAA)
		})
		made = y
		return x
	})
	h.Addrs = append(exchange.Addrs(a), untranslated(exchange.Addrs(a), exchange.Addrs(aaaa), made)...)
	if len(h.Addrs) > 0 {
		if h.Alias = cmp.Or(aliasEnd(a, host), aliasEnd(aaaa, host)); h.Alias != "" {
			h.Evidence = []*exchange.Exchange{a}
		}
		return h, true
	}
	h.Evidence = []*exchange.Exchange{a, aaaa}
	if a.Outcome.Conclusive() && aaaa.Outcome.Conclusive() {
		h.Failed, h.Gone = "its name has no address ("+a.Outcome.Phrase()+")", true
		if end := cmp.Or(aliasEnd(a, host), aliasEnd(aaaa, host)); end != "" {
			h.Failed = "its name is an alias of " + end + ", which has no address"
		}
		return h, true
	}
	h.Failed = "its name could not be looked up (" + r.String() + ": " + a.Outcome.Phrase() + ")"
	// a resolver that fails on everything, such as a forwarder without an upstream, says nothing about the name
	h.Gone = a.Outcome == exchange.ServFail && aaaa.Outcome == exchange.ServFail &&
		made.Outcome != exchange.ServFail
	return h, false
}

// aliasEnd returns the last name of the CNAME chain in an answer; empty if the name is no alias.
func aliasEnd(x *exchange.Exchange, host string) string {
	end := ""
	for range exchange.MaxHops {
		next := x.CNAME(cmp.Or(end, host))
		if next == "" || next == host {
			break
		}
		end = next
	}
	return end
}

// nextAfter is how long a resolver has before the next is asked as well. Only one that waits for silent servers takes
// longer.
const nextAfter = 2 * time.Second

// inTurn asks servers until one of them settles the matter: the first at once, each other as soon as one before it
// did not, or takes long. It returns the result that settles it alone, or all of them in the order of the servers.
func inTurn[T any](servers []exchange.Server, ask func(exchange.Server) (result T, settled bool)) []T {
	type reply struct {
		n       int
		value   T
		settled bool
	}
	replies := make(chan reply, len(servers))
	launched, done := 0, 0
	launch := func() {
		if launched == len(servers) {
			return
		}
		n := launched
		launched++
		go func() {
			v, ok := ask(servers[n])
			replies <- reply{n, v, ok}
		}()
	}
	launch()
	timer := time.NewTimer(nextAfter)
	defer timer.Stop()
	values := make([]T, len(servers))
	for done < launched {
		select {
		case r := <-replies:
			done++
			if r.settled {
				return []T{r.value}
			}
			values[r.n] = r.value
			launch()
		case <-timer.C:
			launch()
			timer.Reset(nextAfter)
		}
	}
	return values
}

// glue returns the addresses of a host in the additional section.
func glue(m *dns.Msg, host string) []netip.Addr {
	var out []netip.Addr
	for _, rr := range m.Extra {
		if !exchange.SameName(rr.Header().Name, host) || rr.Header().Class != dns.ClassINET || len(out) >= 8 {
			continue
		}
		switch rr := rr.(type) {
		case *dns.A:
			if a, ok := netip.AddrFromSlice(rr.A); ok {
				out = append(out, a.Unmap())
			}
		case *dns.AAAA:
			if a, ok := netip.AddrFromSlice(rr.AAAA); ok {
				out = append(out, a)
			}
		}
	}
	return out
}

// prime asks the resolvers for the root's servers (RFC 9609).
func (s *Session) prime(ctx context.Context) []exchange.Server {
	for _, r := range s.opt.Resolvers {
		x := s.Resolve(ctx, r, ".", dns.TypeNS)
		if x.Outcome != exchange.Answered {
			continue
		}
		var out []exchange.Server
		var missing []string
		for _, rr := range x.Records(".", dns.TypeNS) {
			host := exchange.Bare(rr.(*dns.NS).Ns)
			found := glue(x.Msg, host)
			if len(found) == 0 {
				missing = append(missing, host)
			}
			for _, a := range found {
				out = append(out, exchange.Server{Host: host, Addr: netip.AddrPortFrom(a, dnsPort)})
			}
		}
		for _, host := range missing[:min(len(missing), 3)] {
			if len(out) > 0 {
				break
			}
			for _, a := range exchange.Addrs(s.Resolve(ctx, r, host, typeA)) {
				out = append(out, exchange.Server{Host: host, Addr: netip.AddrPortFrom(a, dnsPort)})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

func hostsOf(servers []exchange.Server) []NSHost {
	var out []NSHost
	for _, srv := range servers {
		if i := slices.IndexFunc(out, func(h NSHost) bool { return h.Name == srv.Host }); i >= 0 {
			out[i].Addrs = append(out[i].Addrs, srv.Addr.Addr())
			continue
		}
		out = append(out, NSHost{Name: srv.Host, Addrs: []netip.Addr{srv.Addr.Addr()}})
	}
	return out
}

// rootHints are the root servers' IPv4 addresses (IANA, unchanged since 2023-11-27); one family is enough to start
// from.
func rootHints() []exchange.Server {
	var out []exchange.Server
	for _, h := range []struct{ name, addr string }{
		{"a", "198.41.0.4"},
		{"b", "170.247.170.2"},
		{"c", "192.33.4.12"},
		{"d", "199.7.91.13"},
		{"e", "192.203.230.10"},
		{"f", "192.5.5.241"},
		{"g", "192.112.36.4"},
		{"h", "198.97.190.53"},
		{"i", "192.36.148.17"},
		{"j", "192.58.128.30"},
		{"k", "193.0.14.129"},
		{"l", "199.7.83.42"},
		{"m", "202.12.27.33"},
	} {
		out = append(out, exchange.Server{
			Host: h.name + ".root-servers.net",
			Addr: netip.AddrPortFrom(netip.MustParseAddr(h.addr), dnsPort),
		})
	}
	return out
}
