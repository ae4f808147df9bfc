package rules

import (
	"context"
	"slices"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// checkTTL checks TTLs at the source. In a resolver they count down, so they do not show the configured value.
var checkTTL = &Check{
	ID: "ttl", Title: "TTLs at the source", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{causes.RecordTTLOutOfRange.Cause, causes.RecordTTLMixed.Cause},
	Run:     runTTL,
}

func runTTL(_ context.Context, p *Pass) {
	type seen struct {
		name   string
		rrtype uint16
	}
	done, unasked := map[seen]bool{}, ""
	judge := func(role catalog.Role, view *probe.AuthoritativeAnswers, rrtype uint16) {
		if view == nil || done[seen{view.Name, rrtype}] {
			return
		}
		if !view.Known() {
			unasked = view.Name
			return
		}
		done[seen{view.Name, rrtype}] = true
		record := catalog.Record{
			Role: role, Name: view.Name, Type: exchange.TypeName(rrtype), Zone: view.Apex(),
			Host: p.Observed.DNSHost(),
		}
		judgeTTLs(p, record, view, rrtype)
	}
	for _, j := range p.Observed.CompareRecords() {
		if j.View != nil && j.State != observe.StateUnknown {
			judge(j.Role, j.View, j.View.Type)
		}
	}
	a := p.Observed.Addresses()
	for _, c := range []*probe.Chain{a.V4, a.V6} {
		first := c.Hops[0].Answers
		judge(catalog.Routing, first, first.Type)
		judge(catalog.Routing, first, dns.TypeCNAME)
	}
	switch {
	case len(done) > 0:
	case unasked != "":
		p.Unable("no authoritative server could be asked for the records of %s", unasked)
	default:
		p.SkipUnasked("no record was seen at the source")
	}
}

// judgeTTLs checks the TTLs of one RRset on every server.
func judgeTTLs(p *Pass, record catalog.Record, view *probe.AuthoritativeAnswers, rrtype uint16) {
	reported, mixed := false, false
	for _, x := range view.Good() {
		var ttls []uint32
		for _, rr := range x.Records(view.Name, rrtype) {
			if !slices.Contains(ttls, rr.Header().Ttl) {
				ttls = append(ttls, rr.Header().Ttl)
			}
		}
		out := slices.DeleteFunc(slices.Clone(ttls), func(t uint32) bool {
			return t >= observe.MinTTL && t <= observe.MaxTTL
		})
		args := causes.PublishedTTL{Record: record, Server: observe.ServerName(x), Values: x.Values(view.Name, rrtype)}
		if len(out) > 0 && !reported {
			reported = true
			args.TTLs = out
			p.Report(causes.RecordTTLOutOfRange.With(args), finding.About(record.Role, record.Name), finding.With(x))
		}
		if len(ttls) > 1 && !mixed {
			mixed = true
			args.TTLs = ttls
			p.Report(causes.RecordTTLMixed.With(args), finding.About(record.Role, record.Name), finding.With(x))
		}
	}
}
