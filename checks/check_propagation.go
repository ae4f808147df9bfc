package checks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/catalog"
	"domdoc/checks/probe"

	"github.com/miekg/dns"
)

// CellState is what one server has of an expected record.
type CellState string

// The states of a cell of the propagation grid.
const (
	CellMatch    CellState = "match"
	CellDiffers  CellState = "differs"
	CellMissing  CellState = "missing"
	CellError    CellState = "error"     // it could not be asked
	CellNotAsked CellState = "not-asked" // the source lacks the record: asking would plant a "no" in the resolver's cache
	CellSeen     CellState = "seen"      // nothing is expected, so nothing is compared
)

// Cell is one server of the grid.
type Cell struct {
	Server   string
	Kind     string // "authoritative" or "resolver"
	State    CellState
	Answer   []string
	TTL      *uint32 // seconds; nil without an answer
	Exchange *probe.Exchange
}

// Row is one record of the grid.
type Row struct {
	Name     string
	Type     string
	Role     catalog.Role
	Expected string // empty where nothing is expected
	Cells    []Cell
}

// The service's patience (its printed resolutions): five minutes for a verification, 48 hours for propagation.
const (
	verifyPatience    = 5 * time.Minute
	propagatePatience = 48 * time.Hour
)

// samples is how often a resolver is asked when one answer shows that caches differ: a public resolver is many caches behind one address.
const samples = 3

// checkPropagation compares public resolvers with the source.
var checkPropagation = &Check{
	ID: "propagation", Title: "what public resolvers have", Rung: catalog.Cache, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{catalog.RecordServersDisagree.Cause, catalog.CacheOldAnswer.Cause, catalog.CacheNegative.Cause, catalog.CacheNeverConverges.Cause, catalog.CacheWindowTooLong.Cause, catalog.CacheResolverFiltered.Cause, catalog.CacheStaleServed.Cause},
	Run:     runPropagation,
}

func runPropagation(ctx context.Context, p *Pass) {
	rows := p.Facts.Propagation(ctx)
	if len(rows) == 0 {
		p.Skip("no record is asked for, and none was seen")
		return
	}
	for _, r := range rows {
		p.judgeRow(ctx, r)
	}
}

// Propagation asks the resolvers for each expected record that the source has; where nothing is expected, for the host itself.
func (f *Facts) Propagation(ctx context.Context) []*PropagationRow {
	f.mu.Lock()
	compute := f.rows
	if compute == nil {
		compute = sync.OnceValue(func() []*PropagationRow { return f.propagation(f.ctx) })
		f.rows = compute
	}
	f.mu.Unlock()
	return compute()
}

// PropagationRow is a row of the grid with what it was made from.
type PropagationRow struct {
	Row
	Judged *Judged // nil where nothing is expected
	view   *probe.View
}

func (f *Facts) propagation(ctx context.Context) []*PropagationRow {
	var rows []*PropagationRow
	list := f.JudgeAll()
	for _, j := range list {
		if j.View == nil || j.Role == catalog.Verification && verified(f.subject) && j.State == StateMissing || j.Role == catalog.Certificate && issued(f.Held()) && j.State == StateMissing {
			continue
		}
		rows = append(rows, &PropagationRow{Row: Row{Name: j.View.Name, Type: probe.TypeName(j.View.Type), Role: j.Role, Expected: j.Value}, Judged: j, view: j.View})
	}
	if !slices.ContainsFunc(list, func(j *Judged) bool { return j.Role == catalog.Routing }) {
		a := f.Addresses()
		first := a.V4.Hops[0].View
		if len(a.V4.Values) == 0 && len(a.V6.Values) > 0 {
			first = a.V6.Hops[0].View
		}
		if x := first.First(); x != nil && x.Outcome == probe.Answered {
			v := first
			if first.CNAME() != "" && !first.Exists() {
				v = f.session.Authority(ctx, first.Name, dns.TypeCNAME)
			}
			rows = append(rows, &PropagationRow{Row: Row{Name: v.Name, Type: probe.TypeName(v.Type), Role: catalog.Routing}, view: v})
		}
	}
	var wg sync.WaitGroup
	for _, r := range rows {
		wg.Go(func() { f.fill(ctx, r) })
	}
	wg.Wait()
	return rows
}

// fill asks the servers of one row.
func (f *Facts) fill(ctx context.Context, r *PropagationRow) {
	for _, x := range r.view.Replies {
		c := Cell{Server: x.Addr.String(), Kind: "authoritative", Exchange: x}
		c.Answer, c.TTL = answerOf(x, r.view.Name, r.view.Type)
		switch {
		case !x.AA() || !x.Outcome.Conclusive():
			c.State = CellError
		case r.Judged == nil:
			c.State = CellSeen
		case slices.Contains(r.Judged.Right, x):
			c.State = CellMatch
		case len(c.Answer) > 0:
			c.State = CellDiffers
		default:
			c.State = CellMissing
		}
		r.Cells = append(r.Cells, c)
	}
	ask := r.view.Exists() || r.view.CNAME() != ""
	resolvers := f.session.Resolvers()
	cells := make([]Cell, len(resolvers))
	var wg sync.WaitGroup
	for i, server := range resolvers {
		cells[i] = Cell{Server: server.String(), Kind: "resolver", State: CellNotAsked}
		if ask {
			wg.Go(func() { f.fillResolver(ctx, r, server, &cells[i]) })
		}
	}
	wg.Wait()
	r.Cells = append(r.Cells, cells...)
}

// fillResolver asks one resolver; when the service waits for this domain, or the first answer is not the source's, several times, and the worst
// answer counts.
func (f *Facts) fillResolver(ctx context.Context, r *PropagationRow, server probe.Server, c *Cell) {
	f.compare(ctx, r, f.session.Resolve(ctx, server, r.view.Name, r.view.Type), c)
	if c.State == CellMatch && !f.waiting() || c.State == CellSeen {
		return
	}
	for n := 1; n < samples; n++ {
		other := *c
		f.compare(ctx, r, f.session.Sample(ctx, server, r.view.Name, r.view.Type, n), &other)
		if worse(other, *c) {
			*c = other
		}
	}
}

// waiting tells whether the service reported that it waits for records of this domain.
func (f *Facts) waiting() bool {
	return slices.ContainsFunc(f.subject.AllReported(), func(r Reported) bool { return r.Code == "DOMAIN_010" || r.Code == "DOMAIN_004" })
}

// worse orders samples: an old answer with more time left outweighs a right one and an error.
func worse(a, b Cell) bool {
	rank := func(c Cell) int {
		switch c.State {
		case CellDiffers, CellMissing:
			return 2
		case CellError:
			return 1
		case CellMatch, CellNotAsked, CellSeen:
		}
		return 0
	}
	if rank(a) != rank(b) {
		return rank(a) > rank(b)
	}
	return rank(a) == 2 && left(a) > left(b)
}

// left is how many seconds a resolver's answer may live on.
func left(c Cell) uint32 {
	if c.State == CellMissing {
		ttl, _ := c.Exchange.NegativeTTL()
		return ttl
	}
	if c.TTL != nil {
		return *c.TTL
	}
	return 0
}

func (f *Facts) compare(ctx context.Context, r *PropagationRow, x *probe.Exchange, c *Cell) {
	c.Exchange = x
	c.Answer, c.TTL = answerOf(x, r.view.Name, r.view.Type)
	switch {
	case !x.Outcome.Conclusive():
		c.State = CellError
	case r.Judged != nil && f.holds(ctx, r.Judged, x, r.view.Name, r.view.Type):
		c.State = CellMatch
	case r.Judged != nil && r.Judged.Role == catalog.Routing && f.leadsToTarget(ctx, r, x):
		c.State = CellMatch
	case len(c.Answer) == 0:
		c.State = CellMissing
	case r.Judged == nil:
		c.State = CellSeen
		if sharesAny(c.Answer, r.view.Values()) {
			c.State = CellMatch
		} else if r.view.Type == dns.TypeCNAME {
			c.State = CellDiffers
		}
	default:
		c.State = CellDiffers
	}
}

// leadsToTarget tells whether a resolver's answer reaches the platform by the way that the source takes: through another name, or flattened.
func (f *Facts) leadsToTarget(ctx context.Context, r *PropagationRow, x *probe.Exchange) bool {
	if r.Judged.State != StateRight {
		return false
	}
	if seen := x.CNAME(r.view.Name); seen != "" {
		return seen == r.view.CNAME()
	}
	return r.Judged.Flattened && r.view.CNAME() == "" && x.Outcome == probe.NoData // no CNAME is visible there either
}

func sharesAny(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// answerOf is what an answer holds for a name: the values of the type, or the CNAME in their place.
func answerOf(x *probe.Exchange, name string, rrtype uint16) ([]string, *uint32) {
	rrs := x.Records(name, rrtype)
	cname := false
	if len(rrs) == 0 && rrtype != dns.TypeCNAME {
		if values, ttl := x.Chase(name, rrtype); len(values) > 0 { // a resolver's answer holds what the CNAMEs lead to
			slices.Sort(values)
			return values, &ttl
		}
		rrs, cname = x.Records(name, dns.TypeCNAME), true
	}
	if len(rrs) == 0 {
		return nil, nil
	}
	var out []string
	ttl := rrs[0].Header().Ttl
	for _, rr := range rrs {
		value := probe.RData(rr)
		if cname {
			value = "CNAME " + value
		}
		out = append(out, value)
		ttl = min(ttl, rr.Header().Ttl)
	}
	slices.Sort(out)
	return out, &ttl
}

// judgeRow tells what the resolvers' answers mean.
func (p *Pass) judgeRow(ctx context.Context, r *PropagationRow) {
	var old, denied, failed, filtered, stale []Cell
	for _, c := range r.Cells {
		if c.Kind != "resolver" {
			continue
		}
		switch policyOf(c) {
		case edePolicy:
			filtered = append(filtered, c)
			continue
		case edeStale:
			stale = append(stale, c)
		case edeOther:
		}
		switch c.State {
		case CellDiffers:
			old = append(old, c)
		case CellMissing:
			denied = append(denied, c)
		case CellError:
			failed = append(failed, c)
		case CellMatch, CellNotAsked, CellSeen:
		}
	}
	e := Expected{Record: catalog.Record{Role: r.Role, Name: r.Name, Type: r.Type, Value: r.Expected, Zone: r.view.Apex(), Host: p.Facts.DNSHost()}}
	right := r.Judged == nil || r.Judged.State == StateRight
	p.hinted(e, r, filtered, stale)
	if !right {
		// A resolver that has what the source has is no news: only the source is wrong then.
		other := slices.DeleteFunc(append(slices.Clone(old), denied...), func(c Cell) bool { return r.atSource(c.Answer) })
		p.neverConverges(r, e, other)
		return
	}
	if r.Judged == nil && p.disagree(r, e) {
		return
	}
	old = p.sticky(ctx, r, e, old)
	if len(old) > 0 {
		args := catalog.CacheArgs{Record: e.Record}
		p.cacheFinding(&args, old)
		p.Report(catalog.CacheOldAnswer.With(args), For(e), With(cellEvidence(old, r)...))
		p.windowTooLong(args, e)
	}
	if len(denied) > 0 {
		args := catalog.CacheArgs{Record: e.Record}
		p.cacheFinding(&args, denied)
		p.Report(catalog.CacheNegative.With(args), For(e), With(cellEvidence(denied, r)...))
		p.windowTooLong(args, e)
	}
	if len(old)+len(denied) == 0 {
		p.remembered(r, e)
	}
	if len(failed) > 0 {
		p.Unable("%s", catalog.ResolverFailed(failed[0].Server, reasonOfCell(failed[0])))
	}
}

// atSource tells whether every authoritative server answers the same as a resolver did.
func (r *PropagationRow) atSource(answer []string) bool {
	return !slices.ContainsFunc(r.Cells, func(c Cell) bool {
		return c.Kind == "authoritative" && c.State != CellError && !slices.Equal(c.Answer, answer)
	})
}

// What the extended error of a resolver's answer says of it.
type edeKind uint8

const (
	edeOther  edeKind = iota
	edePolicy         // blocked, censored, filtered, prohibited: the resolver's own doing
	edeStale          // an answer that has run out
)

func policyOf(c Cell) edeKind {
	if c.Exchange == nil {
		return edeOther
	}
	code, ok := probe.EDECode(c.Exchange.Msg)
	switch {
	case !ok:
	case code >= dns.ExtendedErrorCodeBlocked && code <= dns.ExtendedErrorCodeProhibited && c.State != CellMatch:
		return edePolicy
	case code == dns.ExtendedErrorCodeStaleAnswer || code == dns.ExtendedErrorCodeStaleNXDOMAINAnswer:
		return edeStale
	}
	return edeOther
}

// hinted reports what resolvers say of their own answers: that they hide the name by policy, or give an answer that has run out.
func (p *Pass) hinted(e Expected, r *PropagationRow, filtered, stale []Cell) {
	for _, h := range []struct {
		kind  catalog.Kind[catalog.CacheArgs]
		cells []Cell
	}{{catalog.CacheResolverFiltered, filtered}, {catalog.CacheStaleServed, stale}} {
		if len(h.cells) == 0 {
			continue
		}
		args := catalog.CacheArgs{Record: e.Record, Detail: catalog.Printable(probe.EDE(h.cells[0].Exchange.Msg), 120)}
		for _, c := range h.cells {
			args.Resolvers = append(args.Resolvers, c.Server)
		}
		p.Report(h.kind.With(args), For(e), Sure(Likely), With(cellEvidence(h.cells, r)...))
	}
}

// disagree reports authoritative servers whose answers share nothing, where nothing is expected. Answers that share a value are a rotation.
func (p *Pass) disagree(r *PropagationRow, e Expected) bool {
	args := catalog.DisagreeArgs{Record: e.Record}
	var first []string
	var evidence []*probe.Exchange
	differ := false
	for _, c := range r.Cells {
		if c.Kind != "authoritative" || c.State == CellError {
			continue
		}
		args.Wrong = append(args.Wrong, serverName(c.Exchange))
		evidence = append(evidence, c.Exchange)
		if first == nil {
			first = c.Answer
			continue
		}
		differ = differ || !sharesAny(first, c.Answer)
	}
	if !differ {
		return false
	}
	for _, srv := range p.Facts.Zone().Good() {
		args.Serials = append(args.Serials, serverName(srv.SOA)+" "+serial(srv.Serial))
		evidence = append(evidence, srv.SOA)
	}
	p.Report(catalog.RecordServersDisagree.With(args), For(e), With(evidence...))
	return true
}

// sticky finds resolvers that follow an earlier delegation: they name other servers for the zone than the registry does, and those still give the old
// answer. Such a cache renews itself, so its TTL is no bound. It returns the cells that are merely old.
func (p *Pass) sticky(ctx context.Context, r *PropagationRow, e Expected, old []Cell) []Cell {
	z := p.Facts.Zone()
	if z.Zone == nil || len(old) == 0 {
		return old
	}
	args := catalog.CacheArgs{Record: e.Record}
	var rest, stuck []Cell
	var evidence []*probe.Exchange
	for _, c := range old {
		x := p.resolverOf(ctx, c, z.Zone.Name)
		foreign := slices.DeleteFunc(x.Values(z.Zone.Name, dns.TypeNS), func(ns string) bool { return slices.Contains(z.ParentNS, ns) || slices.Contains(z.ChildNS, ns) })
		y := p.stillServing(ctx, foreign, r, c)
		if y == nil {
			rest = append(rest, c)
			continue
		}
		stuck = append(stuck, c)
		args.Resolvers = append(args.Resolvers, c.Server)
		if n := serverName(y); !slices.Contains(args.Old, n) {
			args.Old = append(args.Old, n)
		}
		evidence = append(evidence, c.Exchange, x, y)
	}
	if len(stuck) > 0 {
		args.Detail = fmt.Sprintf("%s take %s for the zone's servers, which still serve the old zone; the registry names %s", strings.Join(args.Resolvers, ", "), strings.Join(args.Old, ", "), strings.Join(z.ParentNS, ", "))
		p.Report(catalog.CacheNeverConverges.With(args), For(e), Sure(Likely), With(append(evidence, z.Zone.Referral)...))
	}
	return rest
}

// resolverOf asks the resolver of a cell which servers it takes for the zone's.
func (p *Pass) resolverOf(ctx context.Context, c Cell, zone string) *probe.Exchange {
	for _, s := range p.Resolvers() {
		if s.String() == c.Server {
			return p.Resolve(ctx, s, zone, dns.TypeNS)
		}
	}
	return &probe.Exchange{Outcome: probe.NotAsked}
}

// stillServing finds a server that gives, with authority, the old answer of a cell.
func (p *Pass) stillServing(ctx context.Context, hosts []string, r *PropagationRow, c Cell) *probe.Exchange {
	for _, h := range hosts[:min(len(hosts), maxHosts)] {
		addrs, err := p.HostAddrs(ctx, h)
		if err != nil {
			continue
		}
		for _, srv := range p.Askable(serversAt(h, addrs)) {
			x := p.Ask(ctx, srv, r.view.Name, r.view.Type)
			answer, _ := answerOf(x, r.view.Name, r.view.Type)
			if x.AA() && slices.Equal(answer, c.Answer) {
				return x
			}
		}
	}
	return nil
}

// remembered explains a verification that the service reported as failed although all is right now: the zone lets resolvers remember a "no" for longer
// than the service waits, and the failed attempt lies less far back than that.
func (p *Pass) remembered(r *PropagationRow, e Expected) {
	reported, ok := p.ReportedCode("DOMAIN_004")
	if !ok || e.Role != catalog.Verification || r.Judged == nil || reported.At.IsZero() || verifiedStatus(p.Subject) {
		return
	}
	for _, srv := range p.Facts.Zone().Good() {
		for _, rr := range srv.SOA.Records(p.Facts.Zone().Zone.Name, dns.TypeSOA) {
			soa := rr.(*dns.SOA)
			ttl := min(soa.Hdr.Ttl, soa.Minttl)
			life := time.Duration(ttl) * time.Second
			if life <= verifyPatience || p.Now().Sub(reported.At) > life {
				return
			}
			args := catalog.CacheArgs{
				Record: e.Record, Left: ttl, Limit: uint32(verifyPatience / time.Second), Latest: reported.At.Add(life).Truncate(time.Second),
				Detail: fmt.Sprintf("all is right now; the attempt of %s failed, and the zone's SOA lets resolvers remember a denial for %s, until %s at the latest", reported.At.UTC().Format("15:04 UTC"), catalog.Span(life), reported.At.Add(life).UTC().Format("15:04 UTC")),
			}
			p.Report(catalog.CacheWindowTooLong.With(args), For(e), Sure(Likely), With(srv.SOA))
			return
		}
	}
}

func reasonOfCell(c Cell) string {
	s := c.Exchange.Outcome.Phrase()
	if c.Exchange.Msg != nil {
		if ede := probe.EDE(c.Exchange.Msg); ede != "" {
			s += " (the resolver's hint: " + catalog.Printable(ede, 120) + ")"
		}
	}
	return s
}

// cacheFinding gathers who still has what, and until when at the latest.
func (p *Pass) cacheFinding(args *catalog.CacheArgs, cells []Cell) {
	for _, c := range cells {
		args.Resolvers = append(args.Resolvers, c.Server)
		for _, a := range c.Answer {
			if a = catalog.Printable(a, 200); !slices.Contains(args.Seen, a) {
				args.Seen = append(args.Seen, a)
			}
		}
		ttl := left(c)
		args.Left = max(args.Left, ttl)
		if t := latest(c.Exchange.At, ttl); t.After(args.Latest) {
			args.Latest = t
		}
	}
}

// windowTooLong warns when what a cache keeps outlives the service's patience.
func (p *Pass) windowTooLong(args catalog.CacheArgs, e Expected) {
	patience := propagatePatience
	if e.Role == catalog.Verification {
		patience = verifyPatience
	}
	if time.Duration(args.Left)*time.Second <= patience {
		return
	}
	args.Limit = uint32(patience / time.Second)
	args.Detail = fmt.Sprintf("%s still has the earlier answer for longer than the service waits", strings.Join(args.Resolvers, ", "))
	p.Report(catalog.CacheWindowTooLong.With(args), For(e))
}

// neverConverges says that waiting does not help: when the service waits, or resolvers have something that the source does not have either.
func (p *Pass) neverConverges(r *PropagationRow, e Expected, other []Cell) {
	if _, waits := p.ReportedCode("DOMAIN_010"); !waits && len(other) == 0 || r.Judged.State == StateUnknown || verified(p.Subject) && r.Role == catalog.Verification || r.Role == catalog.Certificate && issued(p.Facts.Held()) {
		return
	}
	args := catalog.CacheArgs{Record: e.Record, Detail: "the authoritative servers do not have the wanted value, so no resolver ever will"}
	if r.Judged.State == StatePartly {
		args.Detail = "the authoritative servers differ from each other, so resolvers get one answer or the other by chance"
	}
	for _, c := range other {
		args.Resolvers = append(args.Resolvers, c.Server)
	}
	p.Report(catalog.CacheNeverConverges.With(args), For(e), With(cellEvidence(other, r)...))
}

// cellEvidence is what the cells answered, and one authoritative answer beside them.
func cellEvidence(cells []Cell, r *PropagationRow) []*probe.Exchange {
	var out []*probe.Exchange
	for _, c := range cells {
		out = append(out, c.Exchange)
	}
	if x := r.view.First(); x != nil {
		out = append(out, x)
	}
	return out
}

// Row compares one record on every resolver and authoritative server. With nothing expected, what the source has is what resolvers should have.
func (d *Doctor) Row(ctx context.Context, record catalog.Record) Row {
	s := d.Session.Fork()
	n, err := ParseName(record.Name)
	if err != nil {
		return Row{Name: record.Name, Type: record.Type, Expected: record.Value}
	}
	subject := &Subject{Name: n}
	f := newFacts(ctx, s, subject)
	r := &PropagationRow{Row: Row{Name: record.Name, Type: record.Type, Expected: record.Value}}
	if record.Value != "" {
		e := Expected{Record: record, Source: "flag"}
		e.Role = catalog.Configured
		r.Judged = f.Judge(e)
		r.view = r.Judged.View
	}
	if r.view == nil {
		rrtype, err := probe.ParseType(record.Type)
		if err != nil {
			return r.Row
		}
		r.view = s.Authority(ctx, record.Name, rrtype)
	}
	f.fill(ctx, r)
	return r.Row
}

// AnyValue tells whether one of several values of a type is the wanted one.
func AnyValue(rrtype string, values []string, wanted string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return sameValue(rrtype, v, wanted) })
}
