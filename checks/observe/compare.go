package observe

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/rdata"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// RecordState is how an expected record compares with the source.
type RecordState string

// The states.
const (
	StateRight   RecordState = "right"   // every server that answers has it
	StatePartly  RecordState = "partly"  // some have it, others do not
	StateWrong   RecordState = "wrong"   // there is another value
	StateMissing RecordState = "missing" // there is no record
	StateUnknown RecordState = "unknown" // no server could be queried
)

// RecordResult is an expected record compared with the answers of the authoritative servers.
type RecordResult struct {
	subject.Expected
	State RecordState
	View  *probe.AuthoritativeAnswers
	// Right are the answers with the expected value, Other the rest.
	Right, Other []*exchange.Exchange
	// Seen are the values, or the CNAME, found instead.
	Seen []string
	// Flattened means that the expected CNAME is not visible, but the addresses are those of its target.
	Flattened bool
	Faults    []Fault
	// Unseen are the reasons why the DNS host's panel may show a record that is not visible.
	Unseen []catalog.Unseen
	// Unasked is why the state is unknown; empty if no server could be queried.
	Unasked string
}

// WhyUnknown returns why the state of the record is unknown.
func (j *RecordResult) WhyUnknown() string {
	return cmp.Or(j.Unasked, fmt.Sprintf("no authoritative server could be queried for %s %s", j.Name, j.Type))
}

// Fault is a cause found by comparing a record, for a check to report.
type Fault struct {
	catalog.Instance
	Evidence []*exchange.Exchange
	Likely   bool // the evidence does not prove it
}

func (j *RecordResult) find(i catalog.Instance, evidence ...*exchange.Exchange) {
	j.Faults = append(j.Faults, Fault{Instance: i, Evidence: evidence})
}

// suspect adds a fault that the evidence only makes likely.
func (j *RecordResult) suspect(i catalog.Instance, evidence ...*exchange.Exchange) {
	j.Faults = append(j.Faults, Fault{Instance: i, Evidence: evidence, Likely: true})
}

// CompareRecord compares an expected record with the source, once.
func (f *Observations) CompareRecord(e subject.Expected) *RecordResult {
	key := e.Key()
	f.mu.Lock()
	r := f.results[key]
	if r == nil {
		r = &lazy[*RecordResult]{}
		f.results[key] = r
	}
	f.mu.Unlock()
	if j, known := r.peek(); known {
		return j
	}
	return f.firstResult(r, e)
}

func (f *Observations) firstResult(r *lazy[*RecordResult], e subject.Expected) *RecordResult {
	return r.get(func() *RecordResult {
		j := &RecordResult{Expected: e, State: StateUnknown}
		f.compareRecord(f.ctx, j)
		if why := f.unjudged(j); why != "" {
			return &RecordResult{Expected: e, State: StateUnknown, View: j.View, Unasked: why}
		}
		return j
	})
}

// CompareRecords compares every expected record, all at once. The list is shared, and must not be changed.
func (f *Observations) CompareRecords() []*RecordResult {
	return f.compared.get(f.compareRecords)
}

func (f *Observations) compareRecords() []*RecordResult {
	list := f.Expectations()
	out := make([]*RecordResult, len(list))
	wg := f.Session.Group()
	for i := range list {
		wg.Go(func() { out[i] = f.CompareRecord(list[i]) })
	}
	wg.Wait()
	return out
}

func (f *Observations) compareRecord(ctx context.Context, j *RecordResult) {
	rrtype, err := exchange.ParseType(j.Type)
	if err != nil {
		return
	}
	if _, ok := rdata.Canonical(j.Type, j.Value); !ok {
		return // reported as service.record-invalid
	}
	name := j.Name
	if strings.HasPrefix(name, "*.") { // a wildcard is tested with a random name
		name = f.Session.RandomSibling("x." + strings.TrimPrefix(name, "*."))
	}
	j.View = f.Session.Authority(ctx, name, rrtype)
	j.Zone = j.View.Apex()
	if j.View.Zone != nil {
		j.Record.Host = hosts.DNSHostOf(j.View.Zone.Hosts())
	}
	if !j.View.Known() {
		if !f.endlessAlias(ctx, j, name, rrtype) {
			f.truncated(ctx, j)
		}
		return
	}
	if j.Role == catalog.Routing && (j.Type == "CNAME" || j.Type == catalog.AliasType) {
		f.compareRouting(ctx, j, name)
		return
	}
	for _, x := range j.View.Good() {
		if f.holds(ctx, j, x, name, rrtype) {
			j.Right = append(j.Right, x)
		} else {
			j.Other = append(j.Other, x)
		}
	}
	f.explainRecord(ctx, j, name, rrtype)
}

// holds reports whether an answer has the expected value. A TXT record behind a CNAME counts: verifiers follow CNAMEs.
func (f *Observations) holds(ctx context.Context, j *RecordResult, x *exchange.Exchange, name string,
	rrtype uint16,
) bool {
	for _, seen := range x.Values(name, rrtype) {
		if f.matches(j, seen) {
			return true
		}
	}
	if rrtype == dns.TypeCNAME {
		return j.Role == catalog.Certificate && f.leadsOn(ctx, j, x.CNAME(name))
	}
	if target := x.CNAME(name); target != "" {
		for _, seen := range f.Session.Follow(ctx, target, rrtype).Values {
			if f.matches(j, seen) {
				return true
			}
		}
	}
	return false
}

// leadsOn reports whether further CNAMEs lead from a target to the expected value, so that resolvers reach it.
func (f *Observations) leadsOn(ctx context.Context, j *RecordResult, target string) bool {
	for range exchange.SureHops {
		if target == "" {
			return false
		}
		target = f.Session.Lookup(ctx, target, dns.TypeCNAME).CNAME()
		if target != "" && f.matches(j, target) {
			return true
		}
	}
	return false
}

// endlessAlias finds a CNAME in place of a record that the servers cannot answer, because its chain is a loop or too
// long.
func (f *Observations) endlessAlias(ctx context.Context, j *RecordResult, name string, rrtype uint16) bool {
	if rrtype == dns.TypeCNAME || !slices.ContainsFunc(j.View.Replies, func(x *exchange.Exchange) bool {
		return x.Outcome == exchange.ServFail && x.AA()
	}) {
		return false
	}
	c := f.Session.Follow(ctx, name, rrtype)
	link := f.Session.Authority(ctx, name, dns.TypeCNAME)
	if c.Loop == "" && !c.TooLong && len(c.Hops)-1 <= exchange.SureHops || link.CNAME() == "" {
		return false
	}
	j.State, j.Seen, j.Other = StateMissing, []string{"CNAME " + link.CNAME()}, link.Good()
	j.find(causes.RecordMissing.With(causes.RecordMissingArgs{
		Record: j.Record, Denial: "SERVFAIL", Servers: len(j.View.Replies), Chain: c.Names(),
		Present: []string{"CNAME (which must be deleted before any other record can be added)"},
	}), append(slices.Clone(j.View.Replies), c.Evidence()...)...)
	return true
}

func (f *Observations) matches(j *RecordResult, seen string) bool {
	for _, wanted := range append([]string{j.Value}, j.Values...) {
		if rdata.Same(j.comparedAs(), seen, wanted) {
			return true
		}
		// ACM accepts the value without its leading underscore, for panels that forbid it.
		if j.Role == catalog.Certificate && j.Type == "CNAME" &&
			rdata.Target(seen) == strings.TrimPrefix(rdata.Target(wanted), "_") {
			return true
		}
	}
	return false
}

// comparedAs returns the type whose rules are used to compare values: an alias has a name as its value, like a CNAME.
func (j *RecordResult) comparedAs() string {
	if j.Type == catalog.AliasType {
		return "CNAME"
	}
	return j.Type
}

func denial(x *exchange.Exchange) string {
	if x.Outcome == exchange.NXDomain {
		return "NXDOMAIN"
	}
	return "NODATA"
}

// explainRecord finds the fault of a record that is not a routing record.
func (f *Observations) explainRecord(ctx context.Context, j *RecordResult, name string, rrtype uint16) {
	switch {
	case len(j.Other) == 0:
		j.State = StateRight
		return
	case len(j.Right) > 0:
		f.reportDisagreement(j)
		return
	}
	f.correctZone(ctx, j, name)
	first := j.Other[0]
	j.Seen = j.View.Values()
	cname := j.View.CNAME()
	if len(j.Seen) == 0 && cname != "" && rrtype != dns.TypeCNAME {
		j.Seen = []string{"CNAME " + cname}
	}
	if len(j.Seen) > 0 {
		j.State = StateWrong
		if wild, control := f.Session.Wildcard(ctx, j.View); wild {
			j.State = StateMissing
			j.find(causes.RecordWildcardAnswers.With(causes.RecordWildcardAnswersArgs{Record: j.Record, Seen: j.Seen}),
				first, control)
			f.findMisplaced(ctx, j, name)
			return
		}
		if strings.HasPrefix(j.Seen[0], "CNAME ") {
			if from := first.DNAME(name); from != "" {
				j.State = StateMissing
				j.find(causes.RecordMissing.With(causes.RecordMissingArgs{
					Record: j.Record, Servers: len(j.Other), DNAME: from,
					Target: cname,
				}), j.Other...)
				return
			}
			if rdata.Same("CNAME", cname, j.Value) {
				j.find(causes.RecordWrongType.With(causes.MisplacedValue{
					Record: j.Record, At: name, AtType: "CNAME",
					Seen: cname,
				}), j.Other...)
				return
			}
			j.find(causes.RecordMissing.With(causes.RecordMissingArgs{
				Record: j.Record, Denial: "NODATA", Servers: len(j.Other),
				Present: []string{"CNAME (which must be deleted before any other record can be added)"},
			}),
				j.Other...)
			return
		}
		f.wrongValue(j)
		return
	}
	j.State = StateMissing
	if f.wrongType(ctx, j, name, rrtype) || f.findHiddenWildcard(ctx, j, name) || f.findMisplaced(ctx, j, name) {
		return
	}
	f.findOtherDelegation(ctx, j, name)
	f.reportMissing(ctx, j, name)
}

// truncated reports servers that truncate an answer and refuse TCP. If no other server can be reached over TCP
// either, it is this network's fault.
func (f *Observations) truncated(ctx context.Context, j *RecordResult) {
	var cut []*exchange.Exchange
	for _, x := range j.View.Replies {
		if x.Outcome == exchange.Truncated {
			cut = append(cut, x)
		}
	}
	switch {
	case len(cut) == 0:
	case !f.tcpLeaves(ctx):
		j.Unasked = fmt.Sprintf(
			"the answer for %s %s is too long for UDP, and DNS over TCP does not work from here",
			j.View.Name, j.Type)
	default:
		j.Other = cut
		j.find(causes.RecordTruncatedNoTCP.With(causes.RecordTruncatedNoTCPArgs{
			Record:  j.Record,
			Servers: ServerNames(cut),
		}),
			cut...)
	}
}

// tcpLeaves reports whether DNS over TCP works from this network, by querying servers unrelated to the domain: those
// of its parent zone.
func (f *Observations) tcpLeaves(ctx context.Context) bool {
	z := f.Zone()
	if z.Zone == nil {
		return false
	}
	parent := z.ParentOf(z.Zone)
	if parent == nil {
		return false
	}
	servers := f.Session.Askable(parent.Servers())
	for _, srv := range servers[:min(len(servers), 2)] {
		srv.Proto = exchange.TCP
		if f.Session.Ask(ctx, srv, parent.Name, dns.TypeSOA).Outcome.Conclusive() {
			return true
		}
	}
	return false
}

// findHiddenWildcard reports a name that a wildcard would cover if it did not exist: it has records of other types,
// or names below it. The wildcard may be further up.
func (f *Observations) findHiddenWildcard(ctx context.Context, j *RecordResult, name string) bool {
	first := j.View.First()
	if first.Outcome != exchange.NoData || name == j.View.Apex() {
		return false
	}
	var w *probe.AuthoritativeAnswers
	for at := name; ; at = dnsname.Parent(at) {
		w = f.Session.Lookup(ctx, f.Session.RandomSibling(at), j.View.Type)
		x := w.First()
		if x == nil {
			return false
		}
		if x.Outcome == exchange.Answered {
			break
		}
		up := dnsname.Parent(at)
		if x.Outcome != exchange.NXDomain || up == j.View.Apex() || !strings.HasSuffix(up, "."+j.View.Apex()) {
			return false
		}
		if above := f.Session.Lookup(ctx, up, j.View.Type).First(); above == nil || above.Outcome != exchange.NoData {
			return false
		}
	}
	x := w.First()
	seen := w.Values()
	if c := w.CNAME(); c != "" {
		seen = []string{"CNAME " + c}
	}
	detail := "the name exists, because of other records at it or below it"
	for _, e := range f.Expectations() {
		if strings.HasSuffix(e.Name, "."+name) {
			detail = e.Name + " is below it, so the name exists"
		}
	}
	j.find(causes.RecordHidesWildcard.With(causes.RecordHidesWildcardArgs{
		Record: j.Record, Seen: seen,
		Detail: detail,
	}),
		first, x)
	return true
}

// reportDisagreement records that the zone's servers differ.
func (f *Observations) reportDisagreement(j *RecordResult) {
	j.State = StatePartly
	args := causes.RecordServersDisagreeArgs{Record: j.Record, Right: ServerNames(j.Right), Wrong: ServerNames(j.Other)}
	evidence := append(slices.Clone(j.Other), j.Right...)
	for _, srv := range f.Zone().Servers {
		if srv.State == ServerGood && srv.SOA.Outcome == exchange.Answered {
			args.Serials = append(args.Serials, ServerName(srv.SOA)+" "+FormatSerial(srv.Serial))
			evidence = append(evidence, srv.SOA)
		}
	}
	j.find(causes.RecordServersDisagree.With(args), evidence...)
}

// wrongValue finds the mistake in a value, or records that it differs. TXT values are examined one by one. Values of
// other services are ignored; if there are no others, the expected value is missing rather than wrong.
func (f *Observations) wrongValue(j *RecordResult) {
	for _, seen := range j.Seen {
		kind, detail := rdata.Diagnose(j.Type, seen, j.Value, j.Name, j.Zone)
		args := causes.WrongValue{
			Record: j.Record, Seen: []string{seen}, Detail: detail, Kept: butFor(j.Seen, seen),
		}
		switch kind {
		case rdata.Quoted:
			j.find(causes.RecordValueQuoted.With(args), j.Other...)
		case rdata.Spaced:
			j.find(causes.RecordValueWhitespace.With(args), j.Other...)
		case rdata.Unquoted:
			j.find(causes.RecordValueUnquoted.With(args), j.Other...)
		case rdata.Truncated:
			j.find(causes.RecordValueTruncated.With(args), j.Other...)
		case rdata.ZoneAppended:
			j.find(causes.RecordTargetZoneAppended.With(args), j.Other...)
		case rdata.URLAsTarget:
			j.find(causes.RecordTargetIsURL.With(args), j.Other...)
		case rdata.Related:
			args.NS = j.zoneServers()
			j.find(causes.RecordValueDiffers.With(args), j.Other...)
		case rdata.NoMistake:
			continue
		}
		return
	}
	if j.Type != "TXT" {
		j.find(causes.RecordValueDiffers.With(causes.WrongValue{
			Record: j.Record, Seen: j.Seen, NS: j.zoneServers(),
		}), j.Other...)
		return
	}
	earlier := slices.DeleteFunc(slices.Clone(j.Seen), func(seen string) bool { return !rdata.SameKind(seen, j.Value) })
	// the name exists for this purpose only, so any value there was meant to be the expected one
	if first, _, _ := strings.Cut(j.Name, "."); len(earlier) == 0 && strings.HasPrefix(first, "_") {
		earlier = slices.DeleteFunc(slices.Clone(j.Seen), rdata.ForeignText.MatchString)
	}
	if len(earlier) == 0 {
		j.State = StateMissing
		j.find(causes.RecordMissing.With(causes.RecordMissingArgs{
			Record: j.Record, Servers: len(j.Other),
			Beside: j.Seen,
		}),
			j.Other...)
		return
	}
	j.find(causes.RecordValueDiffers.With(causes.WrongValue{
		Record: j.Record, Seen: earlier, Kept: butFor(j.Seen, earlier...), NS: j.zoneServers(),
	}), j.Other...)
}

// butFor returns list without the dropped values.
func butFor(list []string, drop ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(drop, s) })
}

// otherTypes returns the types that people create by mistake instead of the expected one.
func otherTypes(rrtype uint16) []uint16 {
	switch rrtype {
	case dns.TypeTXT:
		return []uint16{dns.TypeCNAME}
	case dns.TypeCNAME:
		return []uint16{dns.TypeTXT}
	case dns.TypeA, dns.TypeAAAA:
		return []uint16{dns.TypeTXT}
	}
	return nil
}

// wrongType looks for the expected value in another type at the right name.
func (f *Observations) wrongType(ctx context.Context, j *RecordResult, name string, rrtype uint16) bool {
	for _, t := range otherTypes(rrtype) {
		v := f.Session.Authority(ctx, name, t)
		for _, seen := range v.Values() {
			if looseMatch(seen, j.Value) {
				j.find(causes.RecordWrongType.With(causes.MisplacedValue{
					Record: j.Record, At: name,
					AtType: exchange.TypeName(t), Seen: seen,
				}), append(v.Good(), j.Other...)...)
				return true
			}
		}
	}
	return false
}

// looseMatch compares values of different types, as names and as texts.
func looseMatch(seen, wanted string) bool {
	if rdata.Target(seen) == rdata.Target(wanted) {
		return true
	}
	kind, _ := rdata.DiagnoseText(seen, wanted, "")
	return kind == rdata.Quoted || kind == rdata.Spaced || kind == rdata.Unquoted
}
