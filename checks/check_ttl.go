package checks

import (
	"context"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// checkTTL judges times to live at the source. In a resolver they count down and say nothing about the rule.
var checkTTL = &Check{
	ID: "ttl", Title: "times to live at the source", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{causes.RecordTTLOutOfRange.Cause, causes.RecordTTLMixed.Cause},
	Run:     runTTL,
}

// The service's bounds for a TTL, in seconds.
const (
	minTTL = 60
	maxTTL = 86400
)

func runTTL(_ context.Context, p *Pass) {
	type seen struct {
		name   string
		rrtype uint16
	}
	done, unasked := map[seen]bool{}, ""
	judge := func(role catalog.Role, view *probe.View, rrtype uint16) {
		if view == nil || done[seen{view.Name, rrtype}] {
			return
		}
		if !view.Known() {
			unasked = view.Name
			return
		}
		done[seen{view.Name, rrtype}] = true
		record := catalog.Record{
			Role: role, Name: view.Name, Type: probe.TypeName(rrtype), Zone: view.Apex(),
			Host: p.Facts.DNSHost(),
		}
		judgeTTLs(p, record, view, rrtype)
	}
	for _, j := range p.Facts.JudgeAll() {
		if j.View != nil && j.State != StateUnknown {
			judge(j.Role, j.View, j.View.Type)
		}
	}
	a := p.Facts.Addresses()
	for _, c := range []*probe.Chain{a.V4, a.V6} {
		first := c.Hops[0].View
		judge(catalog.Routing, first, first.Type)
		judge(catalog.Routing, first, dns.TypeCNAME)
	}
	switch {
	case len(done) > 0:
	case unasked != "":
		p.Unable("no authoritative server could be asked for the records of %s", unasked)
	default:
		p.Skip("no record was seen at the source")
	}
}

// judgeTTLs judges one RRset on every server.
func judgeTTLs(p *Pass, record catalog.Record, view *probe.View, rrtype uint16) {
	reported, mixed := false, false
	for _, x := range view.Good() {
		var ttls []uint32
		for _, rr := range x.Records(view.Name, rrtype) {
			if !slices.Contains(ttls, rr.Header().Ttl) {
				ttls = append(ttls, rr.Header().Ttl)
			}
		}
		out := slices.DeleteFunc(slices.Clone(ttls), func(t uint32) bool { return t >= minTTL && t <= maxTTL })
		args := causes.TTLArgs{Record: record, Server: serverName(x), Values: x.Values(view.Name, rrtype)}
		if len(out) > 0 && !reported {
			reported = true
			args.TTLs = out
			p.Report(causes.RecordTTLOutOfRange.With(args), About(record.Role, record.Name), With(x))
		}
		if len(ttls) > 1 && !mixed {
			mixed = true
			args.TTLs = ttls
			p.Report(causes.RecordTTLMixed.With(args), About(record.Role, record.Name), With(x))
		}
	}
}

// checkCNAME looks for CNAMEs that cannot work: beside other records, at the apex, in a circle, into nothing.
var checkCNAME = &Check{
	ID: "cname", Title: "CNAME conflicts at the source", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.RecordCNAMECoexists.Cause, causes.RecordCNAMEAtApex.Cause,
		causes.RecordCNAMELoop.Cause, causes.RecordCNAMETooLong.Cause, causes.RecordCNAMEDangling.Cause,
	},
	Run: runCNAME,
}

func runCNAME(ctx context.Context, p *Pass) {
	host := p.Facts.Host()
	coexists(ctx, p, catalog.Routing, host)
	for _, e := range p.Facts.Expectations() {
		if e.Role != catalog.Routing && e.Name != host && !strings.HasPrefix(e.Name, "*.") &&
			(e.Type == "CNAME" || e.Type == "TXT") {
			coexists(ctx, p, e.Role, e.Name)
		}
	}
	chain(p, host)
}

// coexists reports a CNAME at a name that also has other records. What belongs to the CNAME's target has another
// owner and does not count; neither do the records of DNSSEC (RFC 4035 2.5).
func coexists(ctx context.Context, p *Pass, role catalog.Role, name string) {
	cname := p.Authority(ctx, name, dns.TypeCNAME)
	target := cname.CNAME()
	if target == "" {
		if !cname.Known() {
			p.Unable("no authoritative server could be asked for %s", name)
		}
		return
	}
	wild, _ := p.Wildcard(ctx, cname)
	apex := name == cname.Zone.Name
	record := catalog.Record{
		Role: role, Name: name, Type: "CNAME", Value: target, Zone: cname.Apex(),
		Host: p.Facts.DNSHost(),
	}
	if apex {
		record.Zone = name
	}
	ask := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeMX, dns.TypeCAA}
	if apex {
		ask = append(ask, dns.TypeSOA, dns.TypeNS)
	}
	views := make([]*probe.View, len(ask))
	var wg probe.Group
	for i, t := range ask {
		wg.Go(func() { views[i] = p.Authority(ctx, name, t) })
	}
	wg.Wait()
	var types []string
	evidence := cname.Good()
	for i, v := range views {
		// the wildcard's conflicts are not this name's
		if !v.Exists() || wild && p.Lookup(ctx, p.Sibling(name), ask[i]).Exists() {
			continue
		}
		types = append(types, probe.TypeName(ask[i]))
		for _, x := range v.Good() {
			if len(x.Records(name, ask[i])) > 0 {
				evidence = append(evidence, x)
				break
			}
		}
	}
	args := causes.CoexistsArgs{Record: record, Types: types}
	switch {
	case apex:
		if len(types) == 0 {
			args.Types = []string{"SOA", "NS"}
		}
		p.Report(causes.RecordCNAMEAtApex.With(args), About(role, name), With(evidence...))
	case len(types) > 0:
		p.Report(causes.RecordCNAMECoexists.With(args), About(role, name), With(evidence...))
	}
}

// chain reports a CNAME chain that returns, goes on too long, or ends nowhere.
func chain(p *Pass, host string) {
	a := p.Facts.Addresses()
	if len(a.V4.Hops) < 2 && len(a.V6.Hops) < 2 && a.V4.Loop == "" {
		return // no CNAME
	}
	record := catalog.Record{
		Role: catalog.Routing, Name: host, Type: "CNAME", Zone: a.V4.Hops[0].View.Apex(),
		Host: p.Facts.DNSHost(),
	}
	for _, e := range p.Facts.Expectations() {
		if e.Role == catalog.Routing && e.Type == "CNAME" {
			record.Value = e.Value
		}
	}
	args := causes.ChainArgs{Record: record, Chain: a.V4.Names(), Wanted: record.Value}
	about, evidence := About(catalog.Routing, host), With(append(a.V4.Evidence(), a.V6.Evidence()...)...)
	switch {
	case len(a.All) > 0:
		if len(a.V4.Hops)-1 > probe.MaxHops {
			p.Report(causes.RecordCNAMETooLong.With(args), about, evidence)
		}
	case a.V4.Loop != "":
		p.Report(causes.RecordCNAMELoop.With(args), about, evidence)
	case a.V4.TooLong:
		p.Report(causes.RecordCNAMETooLong.With(args), about, evidence)
	case a.V4.Known() && a.V6.Known():
		end := a.V4.End()
		args.Last = "no address"
		if x := end.View.First(); x != nil && x.Outcome == probe.NXDomain || end.View.Place.Missing != "" {
			args.Last = "NXDOMAIN (no such name)"
		}
		p.Report(causes.RecordCNAMEDangling.With(args), about, evidence)
	default:
		p.Unable("the end of the CNAME chain could not be asked: %s", strings.Join(a.V4.Names(), " -> "))
	}
}
