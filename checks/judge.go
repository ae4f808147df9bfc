package checks

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// State is how an expected record stands at the source.
type State string

// The states.
const (
	StateRight   State = "right"   // every server that answers has it
	StatePartly  State = "partly"  // some have it, others do not
	StateWrong   State = "wrong"   // something else is there
	StateMissing State = "missing" // nothing is there
	StateUnknown State = "unknown" // no server could be asked
)

// Judged is an expected record compared with what the authoritative servers have.
type Judged struct {
	Expected
	State State
	View  *probe.View
	// Right and Other are the servers that have the wanted value, and those that answer something else.
	Right, Other []*probe.Exchange
	// Seen are the values (or the CNAME) that stand at the name instead.
	Seen []string
	// Flattened means that the wanted CNAME is not visible, and the addresses are those of its target.
	Flattened bool
	Findings  []*pending
	// Unasked says why the state is unknown; empty where no server could be asked.
	Unasked string
}

func (j *Judged) unasked() string {
	return cmp.Or(j.Unasked, fmt.Sprintf("no authoritative server could be asked for %s %s", j.Name, j.Type))
}

// pending is a finding before the check that it belongs to reports it.
type pending struct {
	catalog.Instance
	opts []Option
}

func (j *Judged) find(i catalog.Instance, opts ...Option) {
	j.Findings = append(j.Findings, &pending{i, append([]Option{For(j.Expected)}, opts...)})
}

// Judge compares an expected record with the source, once.
func (f *Facts) Judge(e Expected) *Judged {
	f.mu.Lock()
	judge := f.judged[e.Key()]
	if judge == nil {
		judge = sync.OnceValue(func() *Judged {
			j := &Judged{Expected: e, State: StateUnknown}
			f.judge(f.ctx, j)
			return j
		})
		f.judged[e.Key()] = judge
	}
	f.mu.Unlock()
	return judge()
}

// JudgeAll compares every expected record at once.
func (f *Facts) JudgeAll() []*Judged {
	list := f.Expectations()
	out := make([]*Judged, len(list))
	var wg probe.Group
	for i, e := range list {
		wg.Go(func() { out[i] = f.Judge(e) })
	}
	wg.Wait()
	f.all.Store(&out)
	return out
}

func (f *Facts) judge(ctx context.Context, j *Judged) {
	rrtype, err := probe.ParseType(j.Type)
	if err != nil {
		return
	}
	if _, ok := canonicalValue(j.Type, j.Value); !ok {
		return // service.record-invalid says so
	}
	name := j.Name
	if strings.HasPrefix(name, "*.") { // a wildcard is judged by a name that nobody has
		name = f.session.Sibling("x." + strings.TrimPrefix(name, "*."))
	}
	j.View = f.session.Authority(ctx, name, rrtype)
	j.Zone, j.Record.Host = j.View.Apex(), f.DNSHost()
	if !j.View.Known() {
		f.truncated(ctx, j)
		return
	}
	if j.Role == catalog.Routing && (j.Type == "CNAME" || j.Type == catalog.AliasType) {
		f.judgeRouting(ctx, j, name)
		return
	}
	for _, x := range j.View.Good() {
		if f.holds(ctx, j, x, name, rrtype) {
			j.Right = append(j.Right, x)
		} else {
			j.Other = append(j.Other, x)
		}
	}
	f.conclude(ctx, j, name, rrtype)
}

// holds reports whether one server's answer has the wanted value. A TXT behind a CNAME counts: verifiers follow it.
func (f *Facts) holds(ctx context.Context, j *Judged, x *probe.Exchange, name string, rrtype uint16) bool {
	for _, seen := range x.Values(name, rrtype) {
		if f.matches(j, seen) {
			return true
		}
	}
	if target := x.CNAME(name); target != "" && rrtype != dns.TypeCNAME {
		for _, seen := range f.session.Follow(ctx, target, rrtype).Values {
			if f.matches(j, seen) {
				return true
			}
		}
	}
	return false
}

func (f *Facts) matches(j *Judged, seen string) bool {
	for _, wanted := range append([]string{j.Value}, j.Values...) {
		if sameValue(j.comparedAs(), seen, wanted) {
			return true
		}
		// ACM lets the value's leading underscore go, for panels that forbid it.
		if j.Role == catalog.Certificate && j.Type == "CNAME" &&
			bareTarget(seen) == strings.TrimPrefix(bareTarget(wanted), "_") {
			return true
		}
	}
	return false
}

// comparedAs is the type by whose rules values are compared: an alias leads to a name, as a CNAME does.
func (j *Judged) comparedAs() string {
	if j.Type == catalog.AliasType {
		return "CNAME"
	}
	return j.Type
}

func denial(x *probe.Exchange) string {
	if x.Outcome == probe.NXDomain {
		return "NXDOMAIN"
	}
	return "NODATA"
}

// conclude names what is wrong with a record that is not routing.
func (f *Facts) conclude(ctx context.Context, j *Judged, name string, rrtype uint16) {
	switch {
	case len(j.Other) == 0:
		j.State = StateRight
		return
	case len(j.Right) > 0:
		f.partly(j)
		return
	}
	first := j.Other[0]
	j.Seen = j.View.Values()
	cname := j.View.CNAME()
	if len(j.Seen) == 0 && cname != "" && rrtype != dns.TypeCNAME {
		j.Seen = []string{"CNAME " + cname}
	}
	if len(j.Seen) > 0 {
		j.State = StateWrong
		if wild, control := f.session.Wildcard(ctx, j.View); wild {
			j.State = StateMissing
			j.find(causes.RecordWildcardAnswers.With(causes.SeenArgs{Record: j.Record, Seen: j.Seen}),
				With(first, control))
			f.elsewhere(ctx, j, name)
			return
		}
		if strings.HasPrefix(j.Seen[0], "CNAME ") {
			if from := first.DNAME(name); from != "" {
				j.State = StateMissing
				j.find(causes.RecordMissing.With(causes.MissingArgs{
					Record: j.Record, Servers: len(j.Other), DNAME: from,
					Target: cname,
				}), With(j.Other...))
				return
			}
			if sameValue("CNAME", cname, j.Value) {
				j.find(causes.RecordWrongType.With(causes.ElsewhereArgs{
					Record: j.Record, At: name, AtType: "CNAME",
					Seen: cname,
				}), With(j.Other...))
				return
			}
			j.find(causes.RecordMissing.With(causes.MissingArgs{
				Record: j.Record, Denial: "NODATA", Servers: len(j.Other),
				Present: []string{"CNAME (which must be deleted before any other record can stand there)"},
			}),
				With(j.Other...))
			return
		}
		f.wrongValue(j)
		return
	}
	j.State = StateMissing
	if f.wrongType(ctx, j, name, rrtype) || f.hidden(ctx, j, name) || f.elsewhere(ctx, j, name) {
		return
	}
	f.elsewhereDelegated(ctx, j, name)
	j.find(causes.RecordMissing.With(causes.MissingArgs{
		Record: j.Record, Denial: denial(first),
		Servers: len(j.Other),
	}), With(j.Other...))
}

// truncated names servers that cut an answer off and do not send the rest. Where nobody else can be asked by TCP
// either, that is this network's doing.
func (f *Facts) truncated(ctx context.Context, j *Judged) {
	var cut []*probe.Exchange
	for _, x := range j.View.Replies {
		if x.Outcome == probe.Truncated {
			cut = append(cut, x)
		}
	}
	switch {
	case len(cut) == 0:
	case !f.tcpLeaves(ctx):
		j.Unasked = fmt.Sprintf(
			"the answer for %s %s is too long for a datagram, and no DNS question can be asked by TCP from here",
			j.View.Name, j.Type)
	default:
		j.Other = cut
		j.find(causes.RecordTruncatedNoTCP.With(causes.ServerArgs{Record: j.Record, Servers: namesOf(cut)}),
			With(cut...))
	}
}

// tcpLeaves reports whether DNS questions by TCP get out of this network, by asking servers that have nothing to do
// with the domain: those of the ending.
func (f *Facts) tcpLeaves(ctx context.Context) bool {
	z := f.Zone()
	if z.Zone == nil {
		return false
	}
	parent := z.Place.ParentOf(z.Zone)
	if parent == nil {
		return false
	}
	servers := f.session.Askable(parent.Servers())
	for _, srv := range servers[:min(len(servers), 2)] {
		srv.Proto = "tcp"
		if f.session.Ask(ctx, srv, parent.Name, dns.TypeSOA).Outcome.Conclusive() {
			return true
		}
	}
	return false
}

// hidden tells a name that a wildcard would answer for, were it not that the name exists: it has records of other
// types, or names below it. The wildcard may stand further up, where each name between is as empty.
func (f *Facts) hidden(ctx context.Context, j *Judged, name string) bool {
	first := j.View.First()
	if first.Outcome != probe.NoData || name == j.View.Apex() {
		return false
	}
	var w *probe.View
	for at := name; ; at = parentName(at) {
		w = f.session.Lookup(ctx, f.session.Sibling(at), j.View.Type)
		x := w.First()
		if x == nil {
			return false
		}
		if x.Outcome == probe.Answered {
			break
		}
		up := parentName(at)
		if x.Outcome != probe.NXDomain || up == j.View.Apex() || !strings.HasSuffix(up, "."+j.View.Apex()) {
			return false
		}
		if above := f.session.Lookup(ctx, up, j.View.Type).First(); above == nil || above.Outcome != probe.NoData {
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
			detail = e.Name + " stands below it, so the name exists"
		}
	}
	j.find(causes.RecordHidesWildcard.With(causes.SeenArgs{Record: j.Record, Seen: seen, Detail: detail}),
		With(first, x))
	return true
}

// partly is a zone whose servers differ.
func (f *Facts) partly(j *Judged) {
	j.State = StatePartly
	args := causes.DisagreeArgs{Record: j.Record, Right: namesOf(j.Right), Wrong: namesOf(j.Other)}
	evidence := append(slices.Clone(j.Other), j.Right...)
	for _, srv := range f.Zone().Servers {
		if srv.State == ServerGood {
			args.Serials = append(args.Serials, serverName(srv.SOA)+" "+serial(srv.Serial))
			evidence = append(evidence, srv.SOA)
		}
	}
	j.find(causes.RecordServersDisagree.With(args), With(evidence...))
}

// wrongValue names the fault of a value, or says that it is another one. Of several TXT values each is looked at on
// its own: those of other services stay as they are, and where all are, ours is missing and not wrong.
func (f *Facts) wrongValue(j *Judged) {
	for _, seen := range j.Seen {
		kind, detail := nameRepair(j.Type, seen, j.Value, j.Name, j.Zone)
		args := causes.SeenArgs{Record: j.Record, Seen: []string{seen}, Detail: detail, Kept: butFor(j.Seen, seen)}
		switch kind {
		case quotedValue:
			j.find(causes.RecordValueQuoted.With(args), With(j.Other...))
		case spacedValue:
			j.find(causes.RecordValueWhitespace.With(args), With(j.Other...))
		case truncatedValue:
			j.find(causes.RecordValueTruncated.With(args), With(j.Other...))
		case zoneAppended:
			j.find(causes.RecordTargetZoneAppended.With(args), With(j.Other...))
		case targetIsURL:
			j.find(causes.RecordTargetIsURL.With(args), With(j.Other...))
		case relatedValue:
			j.find(causes.RecordValueDiffers.With(args), With(j.Other...))
		case noRepair:
			continue
		}
		return
	}
	if j.Type != "TXT" {
		j.find(causes.RecordValueDiffers.With(causes.SeenArgs{Record: j.Record, Seen: j.Seen}), With(j.Other...))
		return
	}
	earlier := slices.DeleteFunc(slices.Clone(j.Seen), func(seen string) bool { return !sameKind(seen, j.Value) })
	// a name made for this: what stands there was meant to be it
	if first, _, _ := strings.Cut(j.Name, "."); len(earlier) == 0 && strings.HasPrefix(first, "_") {
		earlier = slices.DeleteFunc(slices.Clone(j.Seen), foreignText.MatchString)
	}
	if len(earlier) == 0 {
		j.State = StateMissing
		j.find(causes.RecordMissing.With(causes.MissingArgs{Record: j.Record, Servers: len(j.Other), Beside: j.Seen}),
			With(j.Other...))
		return
	}
	j.find(causes.RecordValueDiffers.With(causes.SeenArgs{
		Record: j.Record, Seen: earlier,
		Kept: butFor(j.Seen, earlier...),
	}), With(j.Other...))
}

// butFor are the values without some of them.
func butFor(list []string, drop ...string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(drop, s) })
}

// otherTypes are the types that people create by mistake instead of the wanted one.
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

// wrongType looks for the wanted value in another type at the right name.
func (f *Facts) wrongType(ctx context.Context, j *Judged, name string, rrtype uint16) bool {
	for _, t := range otherTypes(rrtype) {
		v := f.session.Authority(ctx, name, t)
		for _, seen := range v.Values() {
			if looseMatch(seen, j.Value) {
				j.find(causes.RecordWrongType.With(causes.ElsewhereArgs{
					Record: j.Record, At: name,
					AtType: probe.TypeName(t), Seen: seen,
				}), With(append(v.Good(), j.Other...)...))
				return true
			}
		}
	}
	return false
}

// looseMatch compares values of different types: as names, and as texts.
func looseMatch(seen, wanted string) bool {
	if bareTarget(seen) == bareTarget(wanted) {
		return true
	}
	kind, _ := textRepair(seen, wanted, "")
	return kind == quotedValue || kind == spacedValue
}

// judgeRouting judges the record that sends traffic to the platform: by its CNAME chain, or where none is visible by
// its addresses.
func (f *Facts) judgeRouting(ctx context.Context, j *Judged, name string) {
	target := bareTarget(j.Value)
	s := f.session
	for _, x := range j.View.Good() {
		if x.CNAME(name) == target {
			j.Right = append(j.Right, x)
		} else {
			j.Other = append(j.Other, x)
		}
	}
	if len(j.Other) == 0 {
		j.State = StateRight
		return
	}
	if name == j.View.Apex() { // a CNAME cannot stand here: the panel's own kind of alias does the same
		j.Type = catalog.AliasType
	}
	v4, v6 := s.Addresses(ctx, name)
	seenCNAME := j.View.CNAME()
	if seenCNAME != "" {
		j.Seen = []string{seenCNAME}
		if slices.Contains(v4.Names()[1:], target) || slices.Contains(v6.Names()[1:], target) {
			j.State = StateRight // by way of another name
			j.Right, j.Other = j.View.Good(), nil
			return
		}
	}
	seen := append(v4.AddrsOf(), v6.AddrsOf()...)
	ours := f.targetAddresses(ctx, target)
	foreign := foreignTo(seen, ours)
	switch {
	case len(j.Right) > 0:
		f.partly(j)
	case len(seen) > 0 && len(ours) > 0 && len(foreign) == 0 && !otherCDN(v4, v6, target):
		j.State, j.Flattened = StateRight, true
		j.Right, j.Other = j.View.Good(), nil
	case seenCNAME != "":
		f.wrongTarget(ctx, j, name, v4, v6)
	case len(seen) > 0:
		f.wrongAddresses(ctx, j, name, seen, foreign, ours, v4, v6)
	default:
		j.State = StateMissing
		if f.wrongType(ctx, j, name, dns.TypeCNAME) || f.hidden(ctx, j, name) || f.elsewhere(ctx, j, name) {
			return
		}
		f.elsewhereDelegated(ctx, j, name)
		j.find(causes.RecordMissing.With(causes.MissingArgs{
			Record: j.Record, Denial: denial(j.Other[0]),
			Servers: len(j.Other),
		}), With(j.Other...))
	}
}

// foreignTo are the addresses that are not the platform's. A CDN answers with some of its many addresses, others here
// than elsewhere and now than a minute ago: one of the same network is taken for ours. Whether it knows the host is
// seen when it is asked for its page.
func foreignTo(seen, ours []netip.Addr) []netip.Addr {
	networks := make([]string, len(ours))
	for i, a := range ours {
		networks[i] = hosts.CDNOf(a)
	}
	return slices.DeleteFunc(slices.Clone(seen), func(a netip.Addr) bool {
		network := hosts.CDNOf(a)
		return slices.Contains(ours, a) || network != "" && slices.Contains(networks, network)
	})
}

// targetAddresses are the addresses of the platform's target.
func (f *Facts) targetAddresses(ctx context.Context, target string) []netip.Addr {
	v4, v6 := f.session.Addresses(ctx, target)
	return append(v4.AddrsOf(), v6.AddrsOf()...)
}

// wrongTarget names what is wrong with a CNAME that leads elsewhere.
func (f *Facts) wrongTarget(ctx context.Context, j *Judged, name string, v4, v6 *probe.Chain) {
	j.State = StateWrong
	if wild, control := f.session.Wildcard(ctx, j.View); wild {
		j.State = StateMissing
		j.find(causes.RecordWildcardAnswers.With(causes.SeenArgs{
			Record: j.Record,
			Seen:   []string{"CNAME " + j.Seen[0]},
		}), With(j.Other[0], control))
		return
	}
	if kind, _ := nameRepair("CNAME", j.Seen[0], j.Value, j.Name, j.Zone); kind != noRepair {
		f.wrongValue(j)
		return
	}
	chain := v4
	if len(v4.Values) == 0 && len(v6.Values) > 0 {
		chain = v6
	}
	if chainFault(chain, v6) { // the check of CNAMEs says it: a loop, a dead end
		return
	}
	args := causes.ChainArgs{Record: j.Record, Chain: chain.Names(), Wanted: bareTarget(j.Value)}
	if end := chain.End().Name; isCDN(end) {
		j.find(causes.CDNAliasElsewhere.With(causes.EdgeArgs{Domain: name, Target: end, Wanted: bareTarget(j.Value)}),
			With(chain.Evidence()...))
	}
	j.find(causes.RecordCNAMEWrongTarget.With(args), With(append(slices.Clone(j.Other), chain.Evidence()...)...))
}

// otherCDN reports whether a chain ends at a distribution that is not the wanted one. Distributions share addresses,
// so these prove nothing then.
func otherCDN(v4, v6 *probe.Chain, target string) bool {
	for _, c := range []*probe.Chain{v4, v6} {
		if end := c.End().Name; len(c.Hops) > 1 && isCDN(end) && end != target {
			return true
		}
	}
	return false
}

// isCDN tells the names of CloudFront's distributions.
func isCDN(name string) bool { return strings.HasSuffix(name, ".cloudfront.net") }

// chainFault reports whether a chain of CNAMEs is broken in itself. It is so only if no address family arrives.
func chainFault(v4, v6 *probe.Chain) bool {
	if len(v4.Values) > 0 || len(v6.Values) > 0 {
		return false
	}
	return v4.Loop != "" || v4.TooLong || len(v4.Hops) > 1 && v4.Known() && v6.Known()
}

// wrongAddresses judges addresses at a name that should lead to the platform.
func (f *Facts) wrongAddresses(ctx context.Context, j *Judged, name string, seen, foreign, ours []netip.Addr, v4,
	v6 *probe.Chain,
) {
	j.State = StateWrong
	for _, a := range seen {
		j.Seen = append(j.Seen, a.String())
	}
	evidence := append(slices.Clone(v4.Hops[0].View.Good()), v6.Hops[0].View.Good()...)
	if len(ours) == 0 { // the target itself could not be looked up: nothing to compare with
		j.State = StateUnknown
		return
	}
	if len(foreign) < len(seen) {
		// Some are ours: the rest is stray. The check of addresses reports it, also for domains that expect addresses.
		return
	}
	view := v4.Hops[0].View
	if len(v4.Values) == 0 {
		view = v6.Hops[0].View
	}
	if wild, control := f.session.Wildcard(ctx, view); wild {
		j.State = StateMissing
		j.find(causes.RecordWildcardAnswers.With(causes.SeenArgs{Record: j.Record, Seen: j.Seen}),
			With(append(evidence, control)...))
		return
	}
	if proxy := hosts.ProxyOf(foreign); proxy != "" {
		j.find(causes.RecordProxied.With(causes.AddressArgs{
			Record: j.Record, Addresses: j.Seen,
			Proxy: "addresses of " + proxy,
		}), With(evidence...))
		return
	}
	j.find(causes.RecordCNAMEWrongTarget.With(causes.ChainArgs{
		Record: j.Record,
		Chain:  append([]string{name}, strings.Join(j.Seen, ", ")), Wanted: bareTarget(j.Value),
	}), With(evidence...))
}
