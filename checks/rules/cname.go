package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/finding"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/rdata"
	"domdoc/checks/subject"
)

// checkCNAME checks for broken CNAMEs: beside other records, at the apex, looping or dangling.
var checkCNAME = &Check{
	ID: "cname", Title: "CNAME conflicts at the source", Rung: catalog.RecordRung, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.RecordCNAMECoexists.Cause, causes.RecordCNAMEAtApex.Cause,
		causes.RecordCNAMEMultiple.Cause, causes.RecordCNAMELoop.Cause, causes.RecordCNAMETooLong.Cause,
		causes.RecordCNAMEDangling.Cause,
	},
	Run: runCNAME,
}

func runCNAME(ctx context.Context, p *Pass) {
	host := p.Observed.Host()
	reportCNAMECoexists(ctx, p, catalog.Routing, host)
	p.Observed.CompareRecords() // the question for the record itself comes first: its answer is the better evidence
	for _, e := range p.Observed.Expectations() {
		if e.Role != catalog.Routing && e.Name != host && !strings.HasPrefix(e.Name, "*.") &&
			(e.Type == "CNAME" || e.Type == "TXT") && !(p.Observed.Sparing() && p.Observed.Served(e)) && !p.spent(ctx, e) {
			reportCNAMECoexists(ctx, p, e.Role, e.Name)
		}
	}
	reportChain(ctx, p, host)
}

// spent reports whether a record is no longer needed and cannot be queried.
func (p *Pass) spent(ctx context.Context, e subject.Expected) bool {
	done := e.Role == catalog.Verification && p.Subject.VerificationDone() ||
		e.Role == catalog.Certificate && p.Observed.Held().CertificateIssued()
	return done && !p.Authority(ctx, e.Name, dns.TypeCNAME).Known()
}

// reportCNAMECoexists reports a CNAME at a name that also has other records. Records of the CNAME's target have
// another owner and do not count, nor do DNSSEC records (RFC 4035 2.5).
func reportCNAMECoexists(ctx context.Context, p *Pass, role catalog.Role, name string) {
	cname := p.Authority(ctx, name, dns.TypeCNAME)
	target := cname.CNAME()
	if target == "" {
		if !cname.Known() {
			p.Unable("no authoritative server could be queried for %s", name)
		}
		return
	}
	p.reportCNAMEMultiple(role, cname)
	wild := sync.OnceValue(func() bool {
		wild, _ := p.Wildcard(ctx, cname)
		return wild
	})
	apex := name == cname.Zone.Name
	record := catalog.Record{
		Role: role, Name: name, Type: "CNAME", Value: target, Zone: cname.Apex(),
		Host: p.Observed.DNSHost(),
	}
	if apex {
		record.Zone = name
	}
	ask := []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeTXT, dns.TypeMX, dns.TypeCAA}
	if apex {
		ask = append(ask, dns.TypeSOA, dns.TypeNS)
	}
	views := make([]*probe.AuthoritativeAnswers, len(ask))
	wg := p.Session.Group()
	for i, t := range ask {
		wg.Go(func() { views[i] = p.Observed.AuthorityBriefly(ctx, name, t) })
	}
	wg.Wait()
	var types []string
	evidence := cname.Good()
	for i, v := range views {
		// a conflict at the wildcard is not a conflict at this name
		if !v.Exists() || wild() && p.Lookup(ctx, p.RandomSibling(name), ask[i]).Exists() {
			continue
		}
		types = append(types, exchange.TypeName(ask[i]))
		for _, x := range v.Good() {
			if len(x.Records(name, ask[i])) > 0 {
				evidence = append(evidence, x)
				break
			}
		}
	}
	args := causes.CNAMEConflict{Record: record, Types: types}
	switch {
	case apex:
		if len(types) == 0 {
			args.Types = []string{"SOA", "NS"}
		}
		p.Report(causes.RecordCNAMEAtApex.With(args), finding.About(role, name), finding.With(evidence...))
	case len(types) > 0:
		p.Report(causes.RecordCNAMECoexists.With(args), finding.About(role, name), finding.With(evidence...))
	}
}

// reportCNAMEMultiple reports a name with several CNAME records. Servers that differ, with one CNAME each, are
// reported by the comparison of the record.
func (p *Pass) reportCNAMEMultiple(role catalog.Role, v *probe.AuthoritativeAnswers) {
	targets, x := v.CNAMEs()
	if len(targets) == 0 {
		return
	}
	args := causes.CNAMEMultiple{Targets: targets, Record: catalog.Record{
		Role: role, Name: v.Name, Type: "CNAME", Zone: v.Apex(), Host: hosts.DNSHostOf(v.Zone.Hosts()),
	}}
	host := p.Observed.Host()
	for _, e := range p.Observed.Expectations() {
		if (e.Name == v.Name || e.Role == catalog.Routing && e.Name == host) && e.Role == role && e.Type == "CNAME" &&
			slices.Contains(targets, rdata.Target(e.Value)) {
			args.Record.Value = rdata.Target(e.Value)
		}
	}
	about := v.Name
	if role == catalog.Routing {
		about = host
	}
	p.Report(causes.RecordCNAMEMultiple.With(args), finding.About(role, about), finding.With(x))
}

// reportChain reports a CNAME chain that loops, is too long, or dangles.
func reportChain(ctx context.Context, p *Pass, host string) {
	a := p.Observed.Addresses()
	if len(a.V4.Hops) < 2 && len(a.V6.Hops) < 2 && a.V4.Loop == "" {
		return // no CNAME
	}
	record := catalog.Record{
		Role: catalog.Routing, Name: host, Type: "CNAME", Zone: a.V4.Hops[0].Answers.Apex(),
		Host: p.Observed.DNSHost(),
	}
	for _, e := range p.Observed.Expectations() {
		if e.Role == catalog.Routing && e.Type == "CNAME" {
			record.Value = e.Value
		}
	}
	args := causes.CNAMEChain{Record: record, Chain: a.V4.Names(), Wanted: record.Value}
	about, evidence := finding.About(catalog.Routing, host),
		finding.With(append(a.V4.Evidence(), a.V6.Evidence()...)...)
	for i, h := range a.V4.Hops {
		if targets, _ := h.Answers.CNAMEs(); len(targets) == 0 {
			continue
		}
		if i > 0 { // that of the host is reported above
			p.reportCNAMEMultiple(catalog.Routing, h.Answers)
		}
		return // which target applies depends on the CNAME that a resolver uses
	}
	switch {
	case a.V4.Loop != "" && len(a.All) == 0:
		p.Report(causes.RecordCNAMELoop.With(args), about, evidence)
	case len(a.V4.Hops)-1 > exchange.SureHops:
		v, said, asked := p.judgeLength(ctx, host, len(a.V4.Hops)-1)
		args.Resolvers = said
		p.Report(causes.RecordCNAMETooLong.With(args), about, evidence, finding.With(asked...), finding.As(v))
	case len(a.All) > 0:
	case a.V4.Known() && a.V6.Known():
		end := a.V4.End()
		args.Last = "no address"
		if x := end.Answers.First(); x != nil && x.Outcome == exchange.NXDomain || end.Answers.Delegation.Missing != "" {
			args.Last = "NXDOMAIN (no such name)"
		}
		p.Report(causes.RecordCNAMEDangling.With(args), about, evidence)
	default:
		p.Unable("the end of the CNAME chain could not be queried: %s", strings.Join(a.V4.Names(), " -> "))
	}
}

// judgeLength judges a chain that is longer than some resolvers follow, and describes how the resolvers handle it. A
// chain that the usual resolvers still follow is a warning, unless those queried here do not.
func (p *Pass) judgeLength(ctx context.Context, host string, links int) (v catalog.Verdict, said []string,
	asked []*exchange.Exchange,
) {
	servers := p.Resolvers()
	asked = make([]*exchange.Exchange, len(servers))
	wg := p.Session.Group()
	for i, r := range servers {
		wg.Go(func() { asked[i] = p.Resolve(ctx, r, host, dns.TypeA) })
	}
	wg.Wait()
	followed, failed := 0, 0
	for i, x := range asked {
		found := exchange.Addrs(x)
		switch {
		case len(found) > 0:
			followed++
			said = append(said, fmt.Sprintf("%s follows it to %s", servers[i], found[0]))
		case x.Outcome == exchange.ServFail || x.Outcome.Conclusive():
			failed++
			said = append(said, fmt.Sprintf("%s does not (%s)", servers[i], x.Outcome.Phrase()))
		}
	}
	if links > exchange.UsualHops || failed > 0 && followed == 0 {
		return catalog.Fail, said, asked
	}
	return catalog.Warn, said, asked
}
