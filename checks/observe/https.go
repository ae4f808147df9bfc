package observe

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
)

// HTTPSFault is a fault of the host's HTTPS records, as browsers follow them (RFC 9460).
type HTTPSFault struct {
	Kind      HTTPSFaultKind
	Addresses []netip.Addr // the addresses that the records point to, for the kind elsewhere
	Target    string       // the target that the records name; empty if it is the host itself
	Detail    string       // the reason
	Likely    bool
	Evidence  []*exchange.Exchange
}

// HTTPSFaultKind is a kind of fault of HTTPS records.
type HTTPSFaultKind string

// The kinds.
const (
	HTTPSElsewhere  HTTPSFaultKind = "elsewhere" // hints or a target of another host
	HTTPSNowhere    HTTPSFaultKind = "nowhere"   // an unreachable target or port
	HTTPSForeignECH HTTPSFaultKind = "ech"       // Encrypted Client Hello with a key that the server does not have
)

// HTTPSRecords are the HTTPS records of the host, and their faults.
type HTTPSRecords struct {
	View   *probe.AuthoritativeAnswers
	Faults []HTTPSFault
	// Untried describes uses of the records that domdoc cannot try; empty if there are none.
	Untried string
}

// endpoint is the service that the records of the best priority describe.
type endpoint struct {
	name    string // the host to connect to
	records []*dns.HTTPS
	aliased bool
	denied  bool // an alias to ".": there is no service (RFC 9460 2.5.1)
	views   []*probe.AuthoritativeAnswers
}

// JudgeHTTPS follows the host's HTTPS records and tries their endpoints. Without records it sends no further queries.
func (f *Observations) JudgeHTTPS(ctx context.Context) *HTTPSRecords {
	host := f.Host()
	out := &HTTPSRecords{View: f.AuthorityBriefly(ctx, host, dns.TypeHTTPS)}
	addresses := f.Addresses().All
	if len(addresses) == 0 {
		return out
	}
	e := f.followHTTPS(ctx, out.View)
	if e == nil {
		return out
	}
	var evidence []*exchange.Exchange
	for _, v := range e.views {
		evidence = append(evidence, v.Good()...)
	}
	add := func(fault HTTPSFault, more ...*exchange.Exchange) {
		fault.Evidence = append(slices.Clone(evidence), more...)
		out.Faults = append(out.Faults, fault)
	}
	if e.denied {
		add(HTTPSFault{Kind: HTTPSNowhere, Detail: `it is an alias to ".", which means that there is no service`})
		return out
	}
	reached := addresses
	if e.name != host {
		v4, v6 := f.Session.Addresses(ctx, e.name)
		reached = append(v4.AddrsOf(), v6.AddrsOf()...)
		switch {
		case len(reached) > 0:
			f.judgeElsewhere(ctx, e.name, reached, addresses, add)
		case v4.Known() && v6.Known():
			add(HTTPSFault{
				Kind: HTTPSNowhere, Target: e.name, Detail: fmt.Sprintf("its target %s has no address", e.name),
			}, append(v4.Evidence(), v6.Evidence()...)...)
			return out
		default:
			return out
		}
	}
	var hints []netip.Addr
	for _, r := range e.records {
		for _, a := range hintAddrs(r) {
			if !slices.Contains(hints, a) {
				hints = append(hints, a)
			}
		}
	}
	f.judgeElsewhere(ctx, "", hints, append(slices.Clone(addresses), reached...), add)
	if onlyQUIC(e.records) {
		out.Untried = "over QUIC (HTTP/3) only"
		return out
	}
	f.judgePorts(ctx, e, reached, add)
	f.judgeECH(ctx, e, reached, add)
	return out
}

// maxAliases bounds aliases and CNAMEs on the way to the HTTPS records that apply.
const maxAliases = 8

// followHTTPS returns the endpoint that browsers use; nil if there are no records that they can use. CNAMEs are
// followed within the tenant's zone: the records of the platform's target are the platform's.
func (f *Observations) followHTTPS(ctx context.Context, v *probe.AuthoritativeAnswers) *endpoint {
	e := &endpoint{name: v.Name, views: []*probe.AuthoritativeAnswers{v}}
	zone := f.Zone().Apex
	for range maxAliases {
		if next := v.CNAME(); next != "" && !v.Exists() {
			if zone == "" || !exchange.InZone(next, zone) {
				return e.found()
			}
			v = f.Session.Lookup(ctx, next, dns.TypeHTTPS)
			e.views = append(e.views, v)
			continue
		}
		alias, service := splitHTTPS(v)
		switch {
		case alias == ".":
			e.denied = true
			return e
		case alias == "":
			e.useBest(service, v.Name)
			return e.found()
		case alias == e.name:
			return nil // a loop: browsers connect as if there were no records
		}
		e.name, e.aliased = alias, true
		v = f.Session.Lookup(ctx, alias, dns.TypeHTTPS)
		e.views = append(e.views, v)
	}
	return nil
}

// found returns the endpoint, or nil if the records do not matter.
func (e *endpoint) found() *endpoint {
	if len(e.records) == 0 && !e.aliased {
		return nil
	}
	return e
}

// splitHTTPS returns the alias target, or without one the records in service mode. With an alias, records in service
// mode are ignored (RFC 9460 2.4.1).
func splitHTTPS(v *probe.AuthoritativeAnswers) (alias string, service []*dns.HTTPS) {
	seen := map[string]bool{}
	for _, x := range v.Good() {
		for _, rr := range x.Records(v.Name, dns.TypeHTTPS) {
			r, ok := rr.(*dns.HTTPS)
			text := exchange.RData(rr)
			if !ok || seen[text] {
				continue
			}
			seen[text] = true
			if r.Priority > 0 {
				service = append(service, r)
				continue
			}
			if to := cmp.Or(exchange.Bare(r.Target), "."); alias == "" || to < alias {
				alias = to
			}
		}
	}
	return alias, service
}

// useBest keeps the records of the best priority that browsers support, and of these the first target. Records with
// other mandatory keys are ignored (RFC 9460 8); if none is left, browsers connect without them.
func (e *endpoint) useBest(service []*dns.HTTPS, owner string) {
	service = slices.DeleteFunc(service, func(r *dns.HTTPS) bool { return !understood(r) })
	if len(service) == 0 {
		return
	}
	best := slices.MinFunc(service, func(a, b *dns.HTTPS) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), strings.Compare(a.Target, b.Target))
	})
	for _, r := range service {
		if r.Priority == best.Priority && r.Target == best.Target {
			e.records = append(e.records, r)
		}
	}
	if e.name = owner; best.Target != "." {
		e.name = exchange.Bare(best.Target)
	}
	if len(e.views) > 0 && owner != e.views[0].Name && best.Target == "." && !e.aliased {
		e.name = e.views[0].Name // behind a CNAME, which has the host's own addresses
	}
}

// The protocols that browsers use with HTTPS records; protoQUIC is not tried from here.
const protoQUIC = "h3"

var browserProtocols = []string{"http/1.1", "h2", protoQUIC}

// protocols returns the protocols of a record that browsers can use: those in alpn, and HTTP/1.1 unless
// no-default-alpn excludes it. A record with no-default-alpn and without alpn is not self-consistent, so that browsers
// ignore it (RFC 9460 7.1).
func protocols(r *dns.HTTPS) []string {
	var named []string
	byDefault := []string{"http/1.1"}
	for _, kv := range r.Value {
		switch kv := kv.(type) {
		case *dns.SVCBAlpn:
			named = kv.Alpn
		case *dns.SVCBNoDefaultAlpn:
			byDefault = nil
		}
	}
	return slices.DeleteFunc(append(byDefault, named...), func(id string) bool {
		return !slices.Contains(browserProtocols, id)
	})
}

// onlyQUIC reports whether browsers can use records over QUIC only, which is not tried from here.
func onlyQUIC(records []*dns.HTTPS) bool {
	return len(records) > 0 && !slices.ContainsFunc(records, func(r *dns.HTTPS) bool {
		return slices.ContainsFunc(protocols(r), func(id string) bool { return id != protoQUIC })
	})
}

// understood reports whether browsers support all mandatory keys of a record, the keys are present, and the record
// has a protocol that they use.
func understood(r *dns.HTTPS) bool {
	if len(protocols(r)) == 0 {
		return false
	}
	for _, kv := range r.Value {
		m, ok := kv.(*dns.SVCBMandatory)
		if !ok {
			continue
		}
		for _, key := range m.Code {
			known := key >= dns.SVCB_ALPN && key <= dns.SVCB_IPV6HINT
			if !known || !slices.ContainsFunc(r.Value, func(o dns.SVCBKeyValue) bool { return o.Key() == key }) {
				return false
			}
		}
	}
	return true
}

// judgeElsewhere judges addresses that the records name: they should be the host's own or its CDN's, or at least
// serve the host.
func (f *Observations) judgeElsewhere(ctx context.Context, target string, named, own []netip.Addr,
	add func(HTTPSFault, ...*exchange.Exchange),
) {
	foreign := ForeignAddresses(named, own)
	if len(named) == 0 || len(foreign) < len(named) {
		return
	}
	var tried []*exchange.Exchange
	for _, a := range foreign[:min(len(foreign), maxEndpoints)] {
		h := f.tryEndpoint(ctx, netip.AddrPortFrom(a, 443), f.Host())
		tried = append(tried, h.Exchange)
		if h.State() == HandshakeValid {
			return // it serves the host as well
		}
	}
	add(HTTPSFault{Kind: HTTPSElsewhere, Target: target, Addresses: named}, tried...)
}

// maxEndpoints is the maximum number of addresses tried for one property of the records.
const maxEndpoints = 2

func (f *Observations) tryEndpoint(ctx context.Context, addr netip.AddrPort, host string) Handshake {
	h := Handshake{Addr: addr, Exchange: f.Session.Handshake(ctx, addr, host)}
	if h.Shown() {
		h.Verified = f.Session.Verify(h.Exchange.TLS.Chain, host)
	}
	return h
}

// judgePorts tries the ports that the records name. Port 443 of the same addresses shows that this network reaches
// them.
func (f *Observations) judgePorts(ctx context.Context, e *endpoint, addresses []netip.Addr,
	add func(HTTPSFault, ...*exchange.Exchange),
) {
	for _, port := range portsOf(e.records) {
		var tried []*exchange.Exchange
		refused, likely, speaks := 0, false, false
		for _, a := range addresses[:min(len(addresses), maxEndpoints)] {
			x := f.tryEndpoint(ctx, netip.AddrPortFrom(a, port), f.Host()).Exchange
			usual := f.tryEndpoint(ctx, netip.AddrPortFrom(a, 443), f.Host()).Exchange
			reached := usual.TLS != nil && usual.TLS.Connected
			switch {
			case !reached:
				continue
			case usual.TLS != nil && len(usual.TLS.Chain) > 0 && x.TLS != nil && x.TLS.Connected && len(x.TLS.Chain) == 0:
				speaks = true
			case x.Outcome != exchange.Unreachable && x.Outcome != exchange.Timeout:
				continue
			case x.Outcome == exchange.Timeout:
				likely = true // this network may block the port
			}
			refused++
			tried = append(tried, x, usual)
		}
		if refused > 0 && refused == min(len(addresses), maxEndpoints) {
			detail := fmt.Sprintf("its port %d does not answer (%s), although port 443 of the same addresses does", port,
				tried[0].Outcome.Phrase())
			if speaks {
				detail = fmt.Sprintf("its port %d does not speak TLS, although port 443 of the same addresses does", port)
			}
			add(HTTPSFault{Kind: HTTPSNowhere, Likely: likely, Detail: detail}, tried...)
		}
	}
}

// portsOf returns the ports other than 443, if no record has the usual port.
func portsOf(records []*dns.HTTPS) []uint16 {
	var out []uint16
	for _, r := range records {
		port := uint16(443)
		for _, kv := range r.Value {
			if p, ok := kv.(*dns.SVCBPort); ok {
				port = p.Port
			}
		}
		if port == 443 {
			return nil
		}
		out = append(out, port)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// judgeECH tries whether the host's servers have the Encrypted Client Hello keys that the records advertise. A server
// without them must present a certificate for the public name; otherwise browsers close the connection (RFC 9849
// 6.1.6).
func (f *Observations) judgeECH(ctx context.Context, e *endpoint, addresses []netip.Addr,
	add func(HTTPSFault, ...*exchange.Exchange),
) {
	var names []string
	for _, r := range e.records {
		name := ""
		for _, kv := range r.Value {
			if ech, ok := kv.(*dns.SVCBECHConfig); ok {
				name = PublicName(ech.ECH)
			}
		}
		if name == "" {
			return // a record without it, which browsers can use
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		var tried []*exchange.Exchange
		for _, a := range addresses[:min(len(addresses), maxEndpoints)] {
			at := netip.AddrPortFrom(a, 443)
			h := f.tryEndpoint(ctx, at, name)
			if h.Exchange.TLS == nil || !h.Exchange.TLS.Connected || h.State() == HandshakeValid {
				return
			}
			// If the host's own certificate is not valid either, the network or the clock may be the reason.
			if own := f.tryEndpoint(ctx, at, f.Host()); own.State() != HandshakeValid {
				return
			}
			tried = append(tried, h.Exchange)
		}
		if len(tried) > 0 {
			add(HTTPSFault{Kind: HTTPSForeignECH, Target: name, Likely: true}, tried...)
		}
	}
}

// PublicName returns the public name of the first ECH configuration in a list that browsers support; empty if there
// is none (RFC 9849 4).
func PublicName(list []byte) string {
	const version, x25519 = 0xfe0d, 0x0020
	rest, ok := prefixed(&list, 2)
	if !ok {
		return ""
	}
	for len(rest) >= 4 {
		v := binary.BigEndian.Uint16(rest)
		rest = rest[2:]
		config, ok := prefixed(&rest, 2)
		if !ok {
			return ""
		}
		if v != version || len(config) < 3 || binary.BigEndian.Uint16(config[1:]) != x25519 {
			continue
		}
		config = config[3:]
		_, okKey := prefixed(&config, 2)
		_, okSuites := prefixed(&config, 2)
		if !okKey || !okSuites || len(config) == 0 {
			continue
		}
		config = config[1:] // the maximum length of a name
		name, ok := prefixed(&config, 1)
		if host := string(name); ok && net.ParseIP(host) == nil && isHostName(host) {
			return host
		}
	}
	return ""
}

// isHostName reports whether a name has letters, digits and hyphens only.
func isHostName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '-' && r != '.' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	})
}

// prefixed removes a value from the beginning of b that is preceded by its length in n octets.
func prefixed(b *[]byte, n int) ([]byte, bool) {
	if len(*b) < n {
		return nil, false
	}
	size := 0
	for _, o := range (*b)[:n] {
		size = size<<8 | int(o)
	}
	rest := (*b)[n:]
	if len(rest) < size {
		return nil, false
	}
	*b = rest[size:]
	return rest[:size], true
}

func hintAddrs(r *dns.HTTPS) []netip.Addr {
	var out []netip.Addr
	for _, kv := range r.Value {
		var ips []net.IP
		switch kv := kv.(type) {
		case *dns.SVCBIPv4Hint:
			ips = kv.Hint
		case *dns.SVCBIPv6Hint:
			ips = kv.Hint
		}
		for _, ip := range ips {
			if a, ok := netip.AddrFromSlice(ip); ok {
				out = append(out, a.Unmap())
			}
		}
	}
	return out
}
