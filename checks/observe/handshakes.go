package observe

import (
	"context"
	"crypto/x509"
	"net/netip"
	"slices"

	"domdoc/checks/probe/exchange"

	"domdoc/checks/probe"
)

// isDefault tells the CDN's own certificate, which it shows for names that it does not know.
func IsDefaultCertificate(c *x509.Certificate) bool {
	names := exchange.CertNames(c)
	return len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool {
		return n != "cloudfront.net" && !IsCloudFront(n)
	})
}

// Addresses are where the subject's host leads.
type Addresses struct {
	V4, V6 *probe.Chain
	All    []netip.Addr
}

// Known reports whether both kinds of addresses could be asked for: only then is "none" an answer.
func (a *Addresses) Known() bool { return a.V4.Known() && a.V6.Known() }

// Handshake is one address and the TLS handshake with it.
type Handshake struct {
	Addr     netip.AddrPort
	Exchange *exchange.Exchange
	// Verified is meaningful only when a certificate was shown.
	Verified exchange.Verified
}

// Shown reports whether the server showed a certificate.
func (h Handshake) Shown() bool { return h.Exchange.TLS != nil && len(h.Exchange.TLS.Chain) > 0 }

// maxAddresses bounds how many addresses of one host are connected to.
const maxAddresses = 8

func (f *Observations) handshakes(ctx context.Context) []Handshake {
	all := f.Addresses().All
	all = all[:min(len(all), maxAddresses)]
	out := make([]Handshake, len(all))
	var wg probe.Group
	for i, a := range all {
		out[i].Addr = netip.AddrPortFrom(a, 443)
		wg.Go(func() {
			x := f.Session.Handshake(ctx, out[i].Addr, f.Host())
			out[i].Exchange = x
			if out[i].Shown() {
				out[i].Verified = exchange.Verify(x.TLS.Chain, f.Host(), f.Session.Roots(), f.Session.Now())
			}
		})
	}
	wg.Wait()
	return out
}

// seenHandshakes are the handshakes, if some check made them: looking is not asking.
func (f *Observations) SeenHandshakes() []Handshake {
	if list := f.shown.Load(); list != nil {
		return *list
	}
	return nil
}

// page fetches the host's page from the first address that can be asked, IPv4 first.
func (f *Observations) page(ctx context.Context) *probe.Browse {
	for _, a := range f.Addresses().All {
		if f.Session.Dialable(a) != nil || a.Is6() && !f.Session.HasIPv6() {
			continue
		}
		b := f.Session.Browse(ctx, "https://"+f.Host()+"/", netip.AddrPortFrom(a, 443))
		if last := b.Last(); last != nil && (last.HTTP != nil || len(b.Hops) > 1) {
			return b
		}
	}
	return nil
}

// RecordState is the handshake in one word: valid, or what is wrong with it.
func (h Handshake) State() string {
	switch {
	case h.Exchange.Outcome == exchange.NotAsked:
		return "not-tried"
	case !h.Shown() && h.Exchange.TLS != nil && h.Exchange.TLS.Connected:
		return "handshake-fails"
	case !h.Shown():
		return "unreachable"
	case !h.Verified.NameOK && IsDefaultCertificate(h.Exchange.TLS.Chain[0]):
		return "default"
	case !h.Verified.NameOK:
		return "name-mismatch"
	case h.Verified.Expired:
		return "expired"
	case h.Verified.NotYet:
		return "not-yet-valid"
	case !h.Verified.Trusted:
		return "untrusted"
	}
	return "valid"
}
