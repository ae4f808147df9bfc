package observe

import (
	"context"
	"slices"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// ServerKind is the kind of server that gave a cell's answer.
type ServerKind string

const (
	KindAuthoritative ServerKind = "authoritative" // a server of the zone
	KindResolver      ServerKind = "resolver"
)

// CellState is how one server's answer compares with an expected record.
type CellState string

// The states of a cell of the propagation grid.
const (
	CellMatch   CellState = "match"
	CellDiffers CellState = "differs"
	CellMissing CellState = "missing"
	CellError   CellState = "error" // it could not be queried
	// the source lacks the record, so a query would plant a negative answer in the resolver's cache
	CellNotAsked CellState = "not-asked"
	CellSeen     CellState = "seen" // nothing is expected
)

// Cell is the answer of one server.
type Cell struct {
	Server   string
	Kind     ServerKind
	State    CellState
	Answer   []string
	TTL      *uint32 // seconds; nil without an answer
	Exchange *exchange.Exchange
	// Samples are all answers of a resolver that was queried several times, in order. A public resolver is many caches
	// behind one address; the cell shows the worst answer. Empty if one answer was enough.
	Samples []Cell

	SecondsLeft uint32    // how long a resolver can keep a wrong answer; see setExpiry
	LastsUntil  time.Time // when it has expired from the cache; zero if nothing expires
	Recovered   bool      // the first answer was wrong, expired and short-lived, and a later query returned the right one
	hopTTL      uint32    // the time left in this answer alone
	Renews      bool      // a later answer was wrong with no less time left, so it does not expire
}

// Ends returns when the resolver's cached answer has expired at the latest. ok is false if nothing expires: at the
// source, and without an answer.
func (c Cell) Ends() (at time.Time, ok bool) {
	if c.Kind != KindResolver || c.Exchange == nil || c.State == CellNotAsked || c.State == CellError {
		return time.Time{}, false
	}
	if !c.LastsUntil.IsZero() {
		return c.LastsUntil, true
	}
	if c.TTL == nil || c.Renews {
		return time.Time{}, false
	}
	return LatestExpiry(c.Exchange, *c.TTL), true
}

// Row is one record and the answers of all servers.
type Row struct {
	Name     string
	Type     string
	Role     catalog.Role
	Expected string // empty if nothing is expected
	Cells    []Cell
}

// A public resolver is many caches behind one address. Each is sampled from different source ports: samples times for
// a record that the source has, and maxSamples times if the caches differ or the service waits. The worst answer
// counts.
const (
	samples    = 3
	maxSamples = 5
)

// Propagation returns what the resolvers have of each expected record that exists at the source; without expected
// records, of the host itself.
func (f *Observations) Propagation() []*SourcedRow {
	return f.rows.get(func() []*SourcedRow { return f.propagation(f.ctx) })
}

// SourcedRow is a row with the observations that it was made from.
type SourcedRow struct {
	Row
	Result *RecordResult // nil if nothing is expected
	View   *probe.AuthoritativeAnswers
}

func (f *Observations) propagation(ctx context.Context) []*SourcedRow {
	var rows []*SourcedRow
	list := f.CompareRecords()
	for _, j := range list {
		if j.View == nil || j.Role == catalog.Verification && f.Subject.VerificationDone() && j.State == StateMissing ||
			j.Role == catalog.Certificate && f.Held().CertificateIssued() && j.State == StateMissing {
			continue
		}
		rows = append(rows, &SourcedRow{Row: Row{
			Name: j.View.Name, Type: exchange.TypeName(j.View.Type), Role: j.Role,
			Expected: j.Value,
		}, Result: j, View: j.View})
	}
	if !slices.ContainsFunc(list, func(j *RecordResult) bool { return j.Role == catalog.Routing }) {
		a := f.Addresses()
		first := a.V4.Hops[0].Answers
		if len(a.V4.Values) == 0 && len(a.V6.Values) > 0 {
			first = a.V6.Hops[0].Answers
		}
		if x := first.First(); x != nil && x.Outcome == exchange.Answered {
			v := first
			if first.CNAME() != "" && !first.Exists() {
				v = f.Session.Authority(ctx, first.Name, dns.TypeCNAME)
			}
			rows = append(rows, &SourcedRow{
				Row:  Row{Name: v.Name, Type: exchange.TypeName(v.Type), Role: catalog.Routing},
				View: v,
			})
		}
	}
	wg := f.Session.Group()
	for _, r := range rows {
		wg.Go(func() { f.fillRow(ctx, r) })
	}
	wg.Wait()
	return rows
}

// fillRow queries the servers of one row.
func (f *Observations) fillRow(ctx context.Context, r *SourcedRow) {
	for _, x := range r.View.Replies {
		c := Cell{Server: x.Addr.String(), Kind: KindAuthoritative, Exchange: x}
		c.Answer, c.TTL = AnswerOf(x, r.View.Name, r.View.Type)
		switch {
		case !x.AA() || !x.Outcome.Conclusive():
			c.State = CellError
		case r.Result == nil:
			c.State = CellSeen
		case slices.Contains(r.Result.Right, x):
			c.State = CellMatch
		case len(c.Answer) > 0:
			c.State = CellDiffers
		default:
			c.State = CellMissing
		}
		r.Cells = append(r.Cells, c)
	}
	ask := r.View.Exists() || r.View.CNAME() != ""
	resolvers := f.Session.Resolvers()
	cells := make([]Cell, len(resolvers))
	wg := f.Session.Group()
	for i, server := range resolvers {
		cells[i] = Cell{Server: server.String(), Kind: KindResolver, State: CellNotAsked}
		if ask {
			wg.Go(func() { f.fillResolver(ctx, r, server, &cells[i]) })
		}
	}
	wg.Wait()
	r.Cells = append(r.Cells, cells...)
}

// serversAfter is the time after which a resolver that has not answered is also queried for the zone's servers. It
// does not answer while the servers that it queries are silent, but returns their names from its cache immediately.
const serversAfter = 2 * time.Second

// fillResolver samples one resolver and keeps the worst answer.
func (f *Observations) fillResolver(ctx context.Context, r *SourcedRow, server exchange.Server, c *Cell) {
	n := 1
	if f.thorough && r.Result != nil && r.Result.State == StateRight {
		n = samples
		if f.Served(r.Result.Expected) { // what caches have of it no longer matters
			n = 1
		}
	}
	if zone := r.View.Zone; zone != nil { // needed next, if it does not answer at all
		slow := time.AfterFunc(serversAfter, func() { f.Session.Resolve(ctx, server, zone.Name, dns.TypeNS) })
		defer slow.Stop()
	}
	all := f.sample(ctx, r, server, nil, n)
	differ := slices.ContainsFunc(all, func(s Cell) bool { return s.State != CellMatch && s.State != CellSeen })
	silent := !slices.ContainsFunc(all, func(s Cell) bool { return s.Exchange.Outcome != exchange.Timeout })
	switch {
	case silent: // its time is over
	case r.Result == nil && !differ:
	case differ && n == 1 && !f.waiting():
		all = f.sample(ctx, r, server, all, samples)
	case differ || f.waiting():
		all = f.sample(ctx, r, server, all, maxSamples)
	}
	if f.thorough && r.Result != nil && r.Result.State == StateRight {
		all = f.recheck(ctx, r, server, all)
	}
	*c = all[0]
	for _, s := range all[1:] {
		if worse(s, *c) {
			*c = s
		}
	}
	if len(all) > 1 {
		c.Samples = all
	}
}

// sample queries a resolver in parallel until there are n answers.
func (f *Observations) sample(ctx context.Context, r *SourcedRow, server exchange.Server, have []Cell, n int) []Cell {
	out := make([]Cell, n)
	have = out[:copy(out, have)]
	begun := make([]probe.Begun, n-len(have))
	for i := range begun {
		begun[i] = f.Session.BeginSample(ctx, server, r.View.Name, r.askedType(), len(have)+i)
	}
	wg := f.Session.Group()
	for i := range begun {
		c := &out[len(have)+i]
		c.Server, c.Kind = server.String(), KindResolver
		f.compare(ctx, r, begun[i].Wait(ctx), c)
		if c.State == CellDiffers || c.State == CellMissing {
			wg.Go(func() { f.setExpiry(ctx, r, server, c) })
		}
	}
	wg.Wait()
	return out
}

// askedType returns the type to query resolvers for. If the CNAME results from a DNAME, Unbound (1.17) answers
// SERVFAIL to type CNAME in a signed zone, but answers every other type correctly, together with the CNAME.
func (r *SourcedRow) askedType() uint16 {
	if r.View.Type == dns.TypeCNAME && throughDNAME(r.View) {
		return dns.TypeA
	}
	return r.View.Type
}

// throughDNAME reports whether the CNAME at the name results from a DNAME above it.
func throughDNAME(v *probe.AuthoritativeAnswers) bool { return v.First().DNAME(v.Name) != "" }

// waiting reports whether the service is waiting for records of this domain.
func (f *Observations) waiting() bool {
	return slices.ContainsFunc(f.Subject.AllReported(), func(r subject.Reported) bool {
		return r.Code == "DOMAIN_010" || r.Code == "DOMAIN_004"
	})
}

// worse reports whether sample a is worse than b. Wrong answers, those that last longer first, are worse than errors,
// and errors are worse than right answers.
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
	return rank(a) == 2 && a.LastsUntil.After(b.LastsUntil)
}

func (f *Observations) compare(ctx context.Context, r *SourcedRow, x *exchange.Exchange, c *Cell) {
	c.Exchange = x
	c.Answer, c.TTL = AnswerOf(x, r.View.Name, r.View.Type)
	values := slices.DeleteFunc(slices.Clone(c.Answer), func(v string) bool { return strings.HasPrefix(v, "CNAME ") })
	switch {
	case !x.Outcome.Conclusive():
		c.State = CellError
	case r.Result != nil && slices.ContainsFunc(values, func(v string) bool { return f.matches(r.Result, v) }):
		c.State = CellMatch
	case r.Result != nil && r.Result.Role == catalog.Routing && f.leadsToTarget(ctx, r, x):
		c.State = CellMatch
	case len(c.Answer) == 0:
		c.State = CellMissing
	case r.Result != nil && r.Result.State == StateRight && len(values) == 0 && r.View.Type != dns.TypeCNAME &&
		x.CNAME(r.View.Name) == r.View.CNAME():
		// the CNAME is right, but its target is cached as nonexistent
		c.State, c.Answer, c.TTL = CellMissing, nil, nil
	case r.Result == nil:
		c.State = CellSeen
		if SharesAny(c.Answer, r.View.Values()) {
			c.State = CellMatch
		} else if r.View.Type == dns.TypeCNAME {
			c.State = CellDiffers
		}
	default:
		c.State = CellDiffers
	}
}

// leadsToTarget reports whether a resolver's answer reaches the platform in the same way as the source: through
// another name, or flattened.
func (f *Observations) leadsToTarget(ctx context.Context, r *SourcedRow, x *exchange.Exchange) bool {
	if r.Result.State != StateRight {
		return false
	}
	if seen := x.CNAME(r.View.Name); seen != "" { // the servers may lead there in several ways
		return slices.ContainsFunc(r.View.Good(), func(y *exchange.Exchange) bool { return y.CNAME(r.View.Name) == seen })
	}
	// the CNAME is not visible there either
	return r.Result.Flattened && r.View.CNAME() == "" && x.Outcome == exchange.NoData
}

// SharesAny reports whether two lists have an element in common.
func SharesAny(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// AnswerOf returns the values that an answer has for a name, or "CNAME target", and their shortest TTL.
func AnswerOf(x *exchange.Exchange, name string, rrtype uint16) ([]string, *uint32) {
	rrs := x.Records(name, rrtype)
	cname := false
	if len(rrs) == 0 && rrtype != dns.TypeCNAME {
		if values, ttl := x.Chase(name, rrtype); len(values) > 0 { // a resolver's answer includes the CNAME's target
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
		value := exchange.RData(rr)
		if cname {
			value = "CNAME " + value
		}
		out = append(out, value)
		ttl = min(ttl, rr.Header().Ttl)
	}
	slices.Sort(out)
	return slices.Compact(out), &ttl
}

// CompareServers compares one record on every resolver and authoritative server. Without an expected value, resolvers
// should return the source's value.
func CompareServers(ctx context.Context, s *probe.Session, record catalog.Record) Row {
	n, err := dnsname.Parse(record.Name)
	if err != nil {
		return Row{Name: record.Name, Type: record.Type, Expected: record.Value}
	}
	subj := &subject.Subject{Name: n}
	f := New(ctx, s, subj)
	f.thorough = false
	r := &SourcedRow{Row: Row{Name: record.Name, Type: record.Type, Expected: record.Value}}
	if record.Value != "" {
		e := subject.Expected{Record: record, Source: subject.FromFlag}
		e.Role = catalog.Configured
		r.Result = f.CompareRecord(e)
		r.View = r.Result.View
	}
	if r.View == nil {
		rrtype, err := exchange.ParseType(record.Type)
		if err != nil {
			return r.Row
		}
		r.View = s.Authority(ctx, record.Name, rrtype)
	}
	f.fillRow(ctx, r)
	return r.Row
}
