package observe

import (
	"cmp"
	"context"
	"crypto/x509"
	"net/netip"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/order"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
)

// IsDefaultCertificate reports whether a certificate is CloudFront's own, which it shows for names without a
// distribution.
func IsDefaultCertificate(c *x509.Certificate) bool {
	names := exchange.CertNames(c)
	return len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool {
		return n != "cloudfront.net" && !IsCloudFront(n)
	})
}

// Addresses are the addresses of the subject's host.
type Addresses struct {
	V4, V6 *probe.Chain
	All    []netip.Addr
}

// Known reports whether both A and AAAA queries were answered, so that an empty result is conclusive.
func (a *Addresses) Known() bool { return a.V4.Known() && a.V6.Known() }

// Handshake is the TLS handshake with one address.
type Handshake struct {
	Addr     netip.AddrPort
	Exchange *exchange.Exchange
	// Verified is meaningful only if a certificate was presented.
	Verified exchange.Verified
}

// Shown reports whether the server presented a certificate.
func (h Handshake) Shown() bool { return h.Exchange.TLS != nil && len(h.Exchange.TLS.Chain) > 0 }

// maxAddresses is the maximum number of addresses of a host to connect to.
const maxAddresses = 8

func (f *Observations) makeHandshakes(ctx context.Context) []Handshake {
	all := f.Addresses().All
	all = all[:min(len(all), maxAddresses)]
	out, addrs := make([]Handshake, len(all)), make([]netip.AddrPort, len(all))
	for i, a := range all {
		addrs[i] = netip.AddrPortFrom(a, 443)
		out[i].Addr = addrs[i]
	}
	host, judged := f.Host(), 0 // how many of out are
	judge := func(i int) {
		h := &out[i]
		// The addresses of one edge mostly present one chain, which is verified once.
		if same := slices.IndexFunc(out[:i], h.samePresented); same >= 0 {
			h.Verified = out[same].Verified
		} else if h.Shown() {
			h.Verified = f.Session.Verify(h.Exchange.TLS.Chain, host)
		}
		f.Session.NoteServed(h.Exchange, host, h.State() == HandshakeValid)
		judged++
	}
	f.askSparingly(len(out), func(i int) { out[i].Exchange = f.Session.Handshake(ctx, out[i].Addr, host) },
		func() bool { return f.othersServe(ctx, addrs) }, // out is being written
		func() bool {
			judge(0)
			return out[0].settled(f.Session.Now())
		})
	for i := judged; i < len(out); i++ {
		if out[i].Exchange == nil {
			out[i].Exchange = f.Session.SpareHandshake(out[i].Addr, host)
			continue
		}
		judge(i)
	}
	return out
}

// samePresented reports whether both servers presented the same chain.
func (h Handshake) samePresented(o Handshake) bool {
	return h.Shown() && o.Shown() &&
		slices.EqualFunc(h.Exchange.TLS.Chain, o.Exchange.TLS.Chain, (*x509.Certificate).Equal)
}

// PageOf is the answer of one address to the request for the host's page.
type PageOf struct {
	*exchange.Exchange
	Stray bool // the address is not the platform's, and others are
}

// FailsToServe reports whether the answer is a failure of the server.
func (x PageOf) FailsToServe() bool { return x.HTTP == nil || x.HTTP.Status >= 500 }

// FromEdge reports whether the CDN generated a response itself instead of passing it on.
func FromEdge(h *exchange.HTTPReply) bool {
	return strings.EqualFold(h.Header.Get("Server"), "CloudFront") &&
		strings.Contains(strings.ToLower(h.Header.Get("X-Cache")), "error from cloudfront")
}

// ViaEdge reports whether a response came through the CDN.
func ViaEdge(h *exchange.HTTPReply) bool {
	return FromEdge(h) || strings.Contains(strings.ToLower(h.Header.Get("Via")), "cloudfront")
}

// ProviderOf returns the provider whose default page a response is; empty for any other, and for one that came
// through the CDN.
func ProviderOf(h *exchange.HTTPReply) string {
	if ViaEdge(h) {
		return ""
	}
	return catalog.ProviderPage(h.Status, h.Header.Get("Server"), string(h.Body))
}

// TryEndpoint makes a TLS handshake for a host that is not the subject's.
func (f *Observations) TryEndpoint(addr netip.AddrPort, host string) Handshake {
	return f.tryEndpoint(f.ctx, addr, host)
}

// fetchPages requests the host's page from each address, without following redirects.
func (f *Observations) fetchPages(ctx context.Context) []PageOf {
	all := f.Addresses().All
	reachable := slices.DeleteFunc(slices.Clone(all[:min(len(all), maxAddresses)]), func(a netip.Addr) bool {
		return f.Session.Dialable(a) != nil || a.Is6() && !f.Session.HasIPv6()
	})
	out := make([]PageOf, len(reachable))
	var foreign []netip.Addr
	wg := f.Session.Group()
	wg.Go(func() { foreign = ForeignAddresses(all, f.OurAddresses(ctx)) })
	f.askSparingly(len(out), func(i int) {
		out[i].Exchange = f.Session.Get(ctx, "https://"+f.Host()+"/", netip.AddrPortFrom(reachable[i], 443))
	}, func() bool { return f.oneEdge(ctx) }, func() bool { return out[0].Took < othersAfter })
	wg.Wait()
	out = slices.DeleteFunc(out, func(x PageOf) bool { return x.Exchange == nil })
	for i := range out {
		out[i].Stray = len(foreign) < len(all) && slices.Contains(foreign, out[i].Addr.Addr())
	}
	return out
}

// fetchPage fetches the host's page from the first address that serves it, IPv4 first and the platform's own before
// others; if none does, from the first that answers. If none answers, it returns the first attempt.
func (f *Observations) fetchPage(ctx context.Context) *probe.Browse {
	var failed *probe.Browse
	tried := 0
	pages := slices.Clone(f.Pages())
	rank := func(x PageOf) (n int) {
		if x.Stray {
			n += 3
		}
		switch {
		case x.FailsToServe():
			n += 2
		case ProviderOf(x.HTTP) != "":
			n++
		}
		return n
	}
	order.StableBy(pages, func(a, b PageOf) int { return cmp.Compare(rank(a), rank(b)) })
	for i, x := range pages {
		if slices.ContainsFunc(pages[:i], func(o PageOf) bool {
			return failed != nil && sameRedirect(o.Exchange, x.Exchange)
		}) {
			continue // it leads where that one led
		}
		b := f.Session.Browse(ctx, "https://"+f.Host()+"/", x.Addr)
		if last := b.Last(); last != nil && last.HTTP != nil && !b.Loop && !b.Nowhere && b.Refused == "" {
			return b
		}
		if failed == nil || len(failed.Hops) < 2 && len(b.Hops) > 1 {
			failed = b
		}
		if tried++; tried == maxFailedPages {
			break
		}
	}
	return failed
}

// sameRedirect reports whether two answers redirect to the same URL, ignoring its query.
func sameRedirect(a, b *exchange.Exchange) bool {
	place := func(x *exchange.Exchange) string {
		if x.HTTP == nil || x.HTTP.Status < 300 || x.HTTP.Status > 399 {
			return ""
		}
		to, _, _ := strings.Cut(x.HTTP.Header.Get("Location"), "?")
		return to
	}
	return place(a) != "" && place(a) == place(b)
}

// Redirected is the end of the redirects of one of the host's addresses, if it differs from that of the page.
type Redirected struct {
	Addr netip.AddrPort
	*probe.Browse
}

// OtherRedirects follows the redirects of addresses that differ from the one of the page, each target once.
func (f *Observations) OtherRedirects(ctx context.Context) []Redirected {
	page := f.Page()
	if page == nil || len(page.Hops) == 0 {
		return nil
	}
	first := page.Hops[0]
	var out []Redirected
	for _, x := range f.Pages() {
		if x.HTTP == nil || x.HTTP.Status < 300 || x.HTTP.Status > 399 || x.HTTP.Header.Get("Location") == "" ||
			x.Addr == first.Addr || sameRedirect(x.Exchange, first) {
			continue
		}
		if i := slices.IndexFunc(out, func(o Redirected) bool { return sameRedirect(o.Hops[0], x.Exchange) }); i >= 0 {
			out = append(out, Redirected{x.Addr, out[i].Browse})
			continue
		}
		if b := f.Session.Browse(ctx, "https://"+f.Host()+"/", x.Addr); len(b.Hops) > 0 {
			out = append(out, Redirected{x.Addr, b})
		}
	}
	return out
}

// maxFailedPages is how many addresses may fail to answer before the others are not asked for the page: each costs
// probe.WebBound.
const maxFailedPages = 3

// HandshakeState is how a handshake ended.
type HandshakeState string

// The states of a handshake, in the order in which they are checked.
const (
	HandshakeNotTried    HandshakeState = "not-tried"
	HandshakeFails       HandshakeState = "handshake-fails" // it connects, but no certificate is presented
	HandshakeUnreachable HandshakeState = "unreachable"
	HandshakeDefault     HandshakeState = "default" // the CDN's own certificate
	HandshakeMismatch    HandshakeState = "name-mismatch"
	HandshakeExpired     HandshakeState = "expired"
	HandshakeNotYetValid HandshakeState = "not-yet-valid"
	HandshakeUntrusted   HandshakeState = "untrusted"
	HandshakeValid       HandshakeState = "valid"
)

// State returns how the handshake ended.
func (h Handshake) State() HandshakeState {
	switch {
	case h.Exchange.Outcome == exchange.NotAsked:
		return HandshakeNotTried
	case !h.Shown() && h.Exchange.TLS != nil && h.Exchange.TLS.Connected:
		return HandshakeFails
	case !h.Shown():
		return HandshakeUnreachable
	case !h.Verified.NameOK && IsDefaultCertificate(h.Exchange.TLS.Chain[0]):
		return HandshakeDefault
	case !h.Verified.NameOK:
		return HandshakeMismatch
	case h.Verified.Expired:
		return HandshakeExpired
	case h.Verified.NotYet:
		return HandshakeNotYetValid
	case !h.Verified.Trusted:
		return HandshakeUntrusted
	}
	return HandshakeValid
}

// ControlHost is a host unrelated to any tenant that is known to work. If it fails in the same way as the domain,
// this network is at fault.
const ControlHost = "data.iana.org"

// ControlHandshake makes a TLS handshake with the control host over IPv4 or IPv6. It is nil if the host has no such
// address, or could not be resolved.
func (f *Observations) ControlHandshake(v6 bool) *exchange.Exchange {
	addrs, err := f.Session.HostAddrs(f.ctx, ControlHost)
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		if a.Is6() == v6 {
			return f.Session.Handshake(f.ctx, netip.AddrPortFrom(a, 443), ControlHost)
		}
	}
	return nil
}

// FamilyUnreachable reports whether no web server can be reached from here over the address family of a: the control
// host does not answer over it either. Where this machine was too busy for the control host, it is so as well: the
// silence of an address says nothing then.
func (f *Observations) FamilyUnreachable(a netip.Addr) (*exchange.Exchange, bool) {
	x := f.ControlHandshake(a.Is6())
	switch {
	case x == nil:
		return nil, false
	case x.Outcome == exchange.NotAsked:
		return x, probe.TooBusy(x)
	}
	return x, x.TLS == nil || !x.TLS.Connected
}
