package rules

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
)

// checkAddresses checks the addresses of the host.
var checkAddresses = &Check{
	ID: "addresses", Title: "the host's addresses", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.RecordStrayAddress.Cause, causes.RecordPrivateAddress.Cause,
		causes.RecordMissing.Cause,
	},
	Run: runAddresses,
}

func runAddresses(ctx context.Context, p *Pass) {
	a := p.Observed.Addresses()
	if len(a.All) == 0 {
		p.judgeNoAddress(ctx, a)
		return
	}
	record := catalog.Record{
		Role: catalog.Routing, Name: p.Subject.Name.ASCII, Zone: p.Observed.Zone().Apex, Type: "A",
		Host: p.Observed.DNSHost(),
	}
	var private []netip.Addr
	for _, addr := range a.All {
		if probe.SpecialAddress(addr) != "" && !p.worksHere(addr) {
			private = append(private, addr)
		}
	}
	if len(private) > 0 {
		r := record
		if private[0].Is6() {
			r.Type = "AAAA"
		}
		p.Report(causes.RecordPrivateAddress.With(causes.RecordPrivateAddressArgs{
			Record: r, Addresses: addressTexts(private),
			Detail: probe.SpecialAddress(private[0]),
		}), finding.About(catalog.Routing, record.Name),
			finding.With(append(a.V4.Evidence(), a.V6.Evidence()...)...))
	}
	reportStray(p, record, a, p.Observed.OurAddresses(ctx))
}

// judgeNoAddress checks a name without addresses. If records are expected at it, the checks of these report more.
func (p *Pass) judgeNoAddress(ctx context.Context, a *observe.Addresses) {
	name := p.Subject.Name
	underscored := slices.ContainsFunc(strings.Split(name.ASCII, "."), func(label string) bool {
		return strings.HasPrefix(label, "_")
	})
	if len(p.Observed.Expectations()) > 0 || underscored || p.Subject.Domain != nil && !p.Subject.InUse() {
		p.reportNoAddress()
		return
	}
	host := p.Observed.Host()
	v4, v6 := p.Authority(ctx, host, dns.TypeA), p.Authority(ctx, host, dns.TypeAAAA)
	switch {
	case !v4.Known() || !v6.Known():
		p.Unable("no authoritative server could be queried for the addresses of %s", name.ASCII)
		return
	case v4.Exists() || v6.Exists() || v4.CNAME() != "" || v6.CNAME() != "":
		p.SkipUnasked("the host has no address") // reported by the cname check
		return
	}
	record := catalog.Record{
		Role: catalog.Routing, Name: name.ASCII, Zone: p.Observed.Zone().Apex, Type: "A",
		Host: p.Observed.DNSHost(),
	}
	args := causes.RecordMissingArgs{Record: record, Denial: "NODATA", Servers: len(v4.Good())}
	if v4.First().Outcome == exchange.NXDomain {
		args.Denial = "NXDOMAIN"
	}
	p.Report(causes.RecordMissing.With(args), finding.About(catalog.Routing, name.ASCII),
		finding.With(append(v4.Good(), v6.Good()...)...))
}

// worksHere reports whether a special-purpose address accepts TLS connections: then this is a lab, and the address is
// reachable.
func (p *Pass) worksHere(addr netip.Addr) bool {
	if p.Dialable(addr) != nil {
		return false
	}
	for _, h := range p.Observed.Handshakes() {
		if h.Addr.Addr() == addr {
			return h.Exchange.TLS != nil && h.Exchange.TLS.Connected
		}
	}
	return false
}

// reportStray reports foreign addresses beside the platform's, for IPv4 and IPv6 separately.
func reportStray(p *Pass, record catalog.Record, a *observe.Addresses, ours []netip.Addr) {
	if len(ours) == 0 {
		return
	}
	foreign := observe.ForeignAddresses(a.All, ours)
	if len(foreign) == 0 || len(foreign) == len(a.All) {
		return
	}
	for _, c := range []struct {
		chain  *probe.Chain
		rrtype uint16
	}{{a.V4, dns.TypeA}, {a.V6, dns.TypeAAAA}} {
		var bad []string
		for _, x := range c.chain.AddrsOf() {
			if slices.Contains(foreign, x) {
				bad = append(bad, x.String())
			}
		}
		if len(bad) > 0 {
			r := record
			r.Type = exchange.TypeName(c.rrtype)
			p.Report(causes.RecordStrayAddress.With(causes.RecordStrayAddressArgs{
				Record: r, Addresses: bad,
				Ours: addressTexts(ours),
			}),
				finding.About(catalog.Routing, record.Name), finding.With(c.chain.Evidence()...))
		}
	}
}

func addressTexts(list []netip.Addr) []string {
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, a.String())
	}
	return out
}
