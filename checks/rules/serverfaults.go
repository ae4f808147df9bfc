package rules

import (
	"context"
	"slices"
	"strings"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/dnsname"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"

	"github.com/miekg/dns"
)

// checkServerFaults checks for servers that violate the DNS protocol in ways that hide a correct record.
var checkServerFaults = &Check{
	ID: "server-faults", Title: "servers that violate the DNS protocol", Rung: catalog.RecordRung,
	Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.RecordNXDomainAbove.Cause, causes.RecordHTTPSHintsStale.Cause, causes.RecordHTTPSNowhere.Cause,
		causes.RecordHTTPSForeignECH.Cause,
		causes.RecordTypeUnanswered.Cause, causes.RecordNXDomainForType.Cause,
	},
	Run: runServerFaults,
}

func runServerFaults(ctx context.Context, p *Pass) {
	p.reportTypeFaults(ctx)
	list := p.Observed.CompareRecords()
	if len(list) > 0 && !slices.ContainsFunc(list, func(j *observe.RecordResult) bool {
		return j.State != observe.StateUnknown
	}) {
		p.Unable("%s", list[0].WhyUnknown())
		return
	}
	for _, j := range list {
		above := dnsname.Parent(j.Name)
		if j.State != observe.StateRight || j.Zone == "" || above == j.Zone || !strings.HasSuffix(above, "."+j.Zone) {
			continue
		}
		v := p.Authority(ctx, above, dns.TypeA)
		var denying []*exchange.Exchange
		for _, x := range v.Good() {
			if x.Outcome == exchange.NXDomain {
				denying = append(denying, x)
			}
		}
		if len(denying) > 0 {
			p.reportDeniedAbove(j, above, denying)
		}
	}
	p.reportHTTPSRecords(ctx)
}

// reportDeniedAbove reports servers that deny the name above a record. Resolvers conclude that the record does not
// exist either only if the denial is validated, so it is a fault in a signed zone, or if a resolver lacks the record.
func (p *Pass) reportDeniedAbove(j *observe.RecordResult, above string, denying []*exchange.Exchange) {
	r := j.Record
	r.Name, r.Type, r.Value = above, "A", ""
	args := causes.RecordNXDomainAboveArgs{Record: r, Servers: observe.ServerNames(denying), Below: j.Name}
	d := p.Observed.DNSSEC()
	args.Signed = d.State == observe.Secure || d.State == observe.Bogus
	evidence := append(denying, j.Right...)
	for _, row := range p.Observed.Propagation() {
		for _, c := range row.Cells {
			if row.Result == j && c.Kind == observe.KindResolver && c.State == observe.CellMissing {
				args.Missing = append(args.Missing, c.Server)
				evidence = append(evidence, c.Exchange)
			}
		}
	}
	opts := []finding.Option{finding.For(j.Expected), finding.With(evidence...)}
	if !args.Signed && len(args.Missing) == 0 {
		opts = append(opts, finding.Partly())
	}
	p.Report(causes.RecordNXDomainAbove.With(args), opts...)
}

// reportHTTPSRecords reports HTTPS records that point browsers to another host or an unreachable target.
func (p *Pass) reportHTTPSRecords(ctx context.Context) {
	found := p.Observed.JudgeHTTPS(ctx)
	v := found.View
	r := catalog.Record{Role: catalog.Routing, Name: v.Name, Type: "HTTPS", Zone: v.Apex(), Host: p.Observed.DNSHost()}
	if found.Untried != "" {
		p.Remark("the HTTPS record of %s is for connections %s, which were not tried: its port and keys are not checked",
			v.Name, found.Untried)
	}
	for _, f := range found.Faults {
		opts := []finding.Option{finding.About(catalog.Routing, v.Name), finding.With(f.Evidence...)}
		if f.Likely {
			opts = append(opts, finding.Sure(finding.Likely))
		}
		args := causes.HTTPSRecordArgs{Record: r, Target: f.Target, Detail: f.Detail}
		switch f.Kind {
		case observe.HTTPSElsewhere:
			p.Report(causes.RecordHTTPSHintsStale.With(causes.RecordHTTPSHintsStaleArgs{
				Record: r, Addresses: addressTexts(f.Addresses), Ours: addressTexts(p.Observed.Addresses().All),
				Target: f.Target,
			}), opts...)
		case observe.HTTPSNowhere:
			p.Report(causes.RecordHTTPSNowhere.With(args), opts...)
		case observe.HTTPSForeignECH:
			p.Report(causes.RecordHTTPSForeignECH.With(args), opts...)
		}
	}
}

// reportTypeFaults reports types for which the servers do not answer queries although they answer other types of the
// same name, and types for which they wrongly answer that the name does not exist. It judges only answers that other
// checks need as well.
func (p *Pass) reportTypeFaults(ctx context.Context) {
	host := p.Observed.Host()
	byName := map[string][]typeAnswer{}
	var https *probe.AuthoritativeAnswers
	var beside probe.Group
	beside.Go(func() { https = p.Observed.AuthorityBriefly(ctx, host, dns.TypeHTTPS) })
	a := p.Observed.Addresses()
	beside.Wait()
	for _, c := range []*probe.Chain{a.V4, a.V6} {
		if len(c.Hops) > 0 {
			byName[host] = append(byName[host], typeAnswer{catalog.Routing, c.Hops[0].Answers})
		}
	}
	byName[host] = append(byName[host], typeAnswer{catalog.Routing, https})
	if !p.Observed.Held().CertificateIssued() { // the CAA check queries it too
		byName[host] = append(byName[host], typeAnswer{catalog.Routing, p.Authority(ctx, host, dns.TypeCAA)})
	}
	names := []string{host}
	for _, j := range p.Observed.CompareRecords() {
		if j.View == nil || j.Role == catalog.Certificate && p.Observed.Held().CertificateIssued() ||
			j.Role == catalog.Verification && p.Subject.VerificationDone() {
			continue
		}
		name := j.View.Name
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		byName[name] = append(byName[name], typeAnswer{j.Role, j.View})
	}
	var asked []partlyUnanswered
	for _, name := range names {
		p.reportTypes(ctx, name, byName[name])
		for i, v := range byName[name] {
			if !slices.ContainsFunc(byName[name][:i], func(o typeAnswer) bool { return o.Type == v.Type }) {
				asked = append(asked, partlyUnanswered{name: name, asked: v})
			}
		}
	}
	p.reportPartlyUnanswered(ctx, asked)
	p.reportDeniedCAA(ctx, host)
}

// partlyUnanswered is a type that some servers of the zone do not answer, while others do.
type partlyUnanswered struct {
	name          string
	asked         typeAnswer
	failed, again []*exchange.Exchange // what each of these servers answers, and answers when asked once more
	works         string               // a type that they answer
}

func (f *partlyUnanswered) servers() []string { return observe.ServerNames(f.failed) }

// judge looks for servers of the zone that do not answer the type, although they answer others, and the rest of the
// servers answer it. Resolvers go on to these.
func (f *partlyUnanswered) judge(ctx context.Context, p *Pass) {
	z := p.Observed.Zone()
	v := f.asked
	if !v.Known() || v.Zone == nil || z.Zone == nil || v.Zone.Name != z.Zone.Name || v.Type == dns.TypeHTTPS {
		return // few networks let queries for HTTPS records through
	}
	if v.Type == dns.TypeCAA {
		f.asked.role = catalog.Certificate
	}
	good := z.Good()
	for _, x := range v.Replies {
		i := slices.IndexFunc(good, func(s observe.NameServer) bool { return s.Addr == x.Addr })
		// TCP works from here if another server's answer came over it
		cut := x.Outcome == exchange.Truncated && slices.ContainsFunc(v.Good(), func(o *exchange.Exchange) bool {
			return o.Transport == exchange.TCP.String()
		})
		if i < 0 || !cut && !failsType(x, v.Type) || p.chainByCNAME(ctx, f.name, v) {
			continue
		}
		// Asked again with signatures, which is a question of its own: a lost packet or an overload may have been the
		// reason.
		if y := p.AskSecure(ctx, good[i].Server, f.name, v.Type); failsType(y, v.Type) || cut && y.Outcome == x.Outcome {
			f.failed, f.again = append(f.failed, x), append(f.again, y)
			switch {
			case good[i].SOA.AA():
				f.works = "SOA"
			case good[i].NS.AA():
				f.works = "NS"
			}
		}
	}
	if f.works == "" {
		f.failed = nil
	}
}

// failsType reports whether an answer of a server is none to its question. An authority that gets an error to its CAA
// query asks the next server at once; only one that drops the query makes it wait.
func failsType(x *exchange.Exchange, rrtype uint16) bool {
	switch x.Outcome {
	case exchange.Timeout:
		return true
	case exchange.ServFail, exchange.OtherRcode, exchange.Refused:
		return rrtype != dns.TypeCAA
	case exchange.Answered, exchange.NoData:
		return !x.AA() && rrtype != dns.TypeCAA
	}
	return false
}

// reportPartlyUnanswered reports types that some servers do not answer, one finding for each set of servers.
func (p *Pass) reportPartlyUnanswered(ctx context.Context, list []partlyUnanswered) {
	wg := p.Session.Group()
	for i := range list {
		wg.Go(func() { list[i].judge(ctx, p) })
	}
	wg.Wait()
	list = slices.DeleteFunc(list, func(f partlyUnanswered) bool { return len(f.failed) == 0 })
	for i, f := range list {
		same := func(o partlyUnanswered) bool { return slices.Equal(o.servers(), f.servers()) }
		if slices.ContainsFunc(list[:i], same) {
			continue
		}
		args := causes.TypeUnanswered{
			Record: catalog.Record{
				Role: f.asked.role, Name: f.name, Type: exchange.TypeName(f.asked.Type), Zone: f.asked.Zone.Name,
				Host: p.Observed.DNSHost(),
			},
			Failure: observe.DescribeFailure(f.again[0]), Works: f.works, Servers: f.servers(),
			Good: observe.ServerNames(f.asked.Good()),
		}
		if o := f.again[0].Outcome; o == exchange.Answered || o == exchange.NoData {
			args.Failure = lameReason(f.again[0])
		}
		evidence := slices.Concat(f.failed, f.again, f.asked.Good())
		for _, o := range list[i+1:] {
			if same(o) {
				args.Also = append(args.Also, o.name+" "+exchange.TypeName(o.asked.Type))
				evidence = append(evidence, o.again...)
			}
		}
		opts := []finding.Option{finding.About(f.asked.role, f.name), finding.With(evidence...), finding.Partly()}
		if f.failed[0].Outcome == exchange.Timeout { // it may be dropped on the way from here
			opts = append(opts, finding.Sure(finding.Likely))
		}
		p.Report(causes.RecordTypeUnanswered.With(args), opts...)
	}
}

// reportDeniedCAA reports servers that answer NXDOMAIN to the CAA query for the zone itself, which authorities send
// after those for the host.
func (p *Pass) reportDeniedCAA(ctx context.Context, host string) {
	z := p.Observed.Zone()
	if z.Zone == nil || z.Zone.Name == host || p.Observed.Held().CertificateIssued() {
		return
	}
	for _, step := range p.Observed.CAA().Steps {
		if step.Name != z.Zone.Name || step.Exchange == nil || step.Exchange.Outcome != exchange.NXDomain {
			continue
		}
		p.reportDenied(step.Name, typeAnswer{catalog.Certificate, p.Authority(ctx, step.Name, dns.TypeCAA)},
			[]typeAnswer{{catalog.Certificate, p.Authority(ctx, step.Name, dns.TypeSOA)}})
	}
}

// typeAnswer is the servers' answer for one type.
type typeAnswer struct {
	role catalog.Role
	*probe.AuthoritativeAnswers
}

func (p *Pass) reportTypes(ctx context.Context, name string, list []typeAnswer) {
	var done []uint16
	var failing []catalog.Role // of types that fail for every resolver, one report is enough
	for _, v := range list {
		if slices.Contains(done, v.Type) {
			continue
		}
		done = append(done, v.Type)
		// judged by the CAA check
		if v.Type != dns.TypeCAA && !slices.Contains(failing, v.role) && p.reportUnanswered(ctx, name, v) {
			failing = append(failing, v.role)
		}
		p.reportDenied(name, v, list)
	}
}

// reportUnanswered reports a type that no server of the zone answers. A server counts if it serves the zone. If a
// resolver has an answer, the query is dropped only between here and the servers. It returns whether the failure
// explains others.
func (p *Pass) reportUnanswered(ctx context.Context, name string, v typeAnswer) bool {
	z := p.Observed.Zone()
	if v.Known() || v.Zone == nil || len(v.Replies) == 0 || z.Zone == nil || v.Zone.Name != z.Zone.Name {
		return false
	}
	var failed []*exchange.Exchange
	for _, x := range v.Replies {
		if !slices.ContainsFunc(z.Good(), func(s observe.NameServer) bool { return s.Addr == x.Addr }) {
			continue
		}
		switch x.Outcome {
		case exchange.Timeout, exchange.ServFail, exchange.OtherRcode, exchange.Refused:
			failed = append(failed, x)
		default:
			return false
		}
	}
	rrtype := exchange.TypeName(v.Type)
	if len(failed) == 0 || p.chainByCNAME(ctx, name, v) {
		return false
	}
	evidence := append(slices.Clone(failed), z.Good()[0].SOA)
	var without, remembering []string
	alias := ""
	for _, r := range p.Resolvers() {
		x := p.Resolve(ctx, r, name, v.Type)
		switch {
		case x.Outcome.Conclusive() && x.CNAME(name) != "": // a query of another type may have left it there
			alias = x.CNAME(name)
			remembering = append(remembering, r.String())
			evidence = append(evidence, x)
		case x.Outcome.Conclusive() && v.Type == dns.TypeHTTPS: // few networks allow it
			return false
		case x.Outcome.Conclusive():
			p.UnablePartly("the servers of %s do not answer %s queries for %s from here, but %s has an answer", v.Zone.Name,
				rrtype,
				name, r)
			return false
		case x.Outcome == exchange.ServFail, x.Outcome == exchange.Timeout:
			without = append(without, r.String())
			evidence = append(evidence, x)
		}
	}
	if len(without)+len(remembering) == 0 {
		p.Unable("the servers of %s do not answer %s queries for %s, and no resolver could be queried", v.Zone.Name,
			rrtype,
			name)
		return false
	}
	opts := []finding.Option{finding.About(v.role, name), finding.With(evidence...)}
	if len(without) == 0 {
		if x := failed[0]; x.Outcome == exchange.Timeout && !p.Lookup(ctx, alias, v.Type).Known() {
			p.Unable("no server answers %s queries from here: neither those of %s nor those of %s", rrtype, v.Zone.Name,
				alias)
			return false
		}
		opts = append(opts, finding.Sure(finding.Likely))
	}
	if v.Type == dns.TypeHTTPS { // browsers continue without the record, so it explains no failure
		opts = append(opts, finding.Partly())
	}
	p.Report(causes.RecordTypeUnanswered.With(causes.TypeUnanswered{
		Record: catalog.Record{
			Role: v.role, Name: name, Type: rrtype, Zone: v.Zone.Name, Host: p.Observed.DNSHost(),
		},
		Failure: observe.DescribeFailure(failed[0]), Works: "SOA", Resolvers: without, Remembering: remembering,
	}), opts...)
	return v.Type != dns.TypeHTTPS
}

// chainByCNAME reports whether a CNAME record makes the name an alias: some servers answer SERVFAIL for a type if
// they cannot follow the chain, which the CNAME check reports.
func (p *Pass) chainByCNAME(ctx context.Context, name string, v typeAnswer) bool {
	return v.Type != dns.TypeCNAME && p.Authority(ctx, name, dns.TypeCNAME).CNAME() != "" &&
		slices.ContainsFunc(v.Replies, func(x *exchange.Exchange) bool {
			return x.Outcome == exchange.ServFail && x.AA()
		})
}

// reportDenied reports servers that answer NXDOMAIN for a type although they have records of another type for the
// name.
func (p *Pass) reportDenied(name string, v typeAnswer, list []typeAnswer) {
	for _, o := range list {
		if o.Type == v.Type || o.Zone == nil {
			continue
		}
		var denying, having []*exchange.Exchange
		for _, x := range v.Good() {
			if x.Outcome != exchange.NXDomain {
				continue
			}
			for _, y := range o.Good() {
				if y.Addr == x.Addr && len(y.Records(name, o.Type)) > 0 {
					denying, having = append(denying, x), append(having, y)
				}
			}
		}
		if len(denying) == 0 || dnsname.Parent(name) == "" {
			continue
		}
		opts := []finding.Option{finding.About(v.role, name), finding.With(append(denying, having...)...)}
		if len(denying) < len(v.Good()) || v.Type == dns.TypeCAA { // only certificate authorities query CAA
			opts = append(opts, finding.Partly())
		}
		p.Report(causes.RecordNXDomainForType.With(causes.DeniedByType{
			Record: catalog.Record{
				Role: v.role, Name: name, Type: exchange.TypeName(v.Type), Zone: v.Apex(), Host: p.Observed.DNSHost(),
			},
			Exists: exchange.TypeName(o.Type), Servers: observe.ServerNames(denying),
			Good: observe.ServerNames(slices.DeleteFunc(slices.Clone(v.Good()), func(x *exchange.Exchange) bool {
				return slices.Contains(denying, x)
			})),
		}), opts...)
		return
	}
}
