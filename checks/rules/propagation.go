package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/checks/probe/exchange"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/catalog/hosts"
	"domdoc/catalog/sanitize"
	"domdoc/checks/finding"
	"domdoc/checks/observe"
	"domdoc/checks/subject"

	"github.com/miekg/dns"
)

// checkPropagation compares the answers of public resolvers with the source.
var checkPropagation = &Check{
	ID: "propagation", Title: "the answers of public resolvers", Rung: catalog.Cache, Needs: []Need{NeedDNS},
	Reports: []*catalog.Cause{
		causes.RecordServersDisagree.Cause, causes.CacheOldAnswer.Cause,
		causes.CacheNegative.Cause, causes.CacheNeverConverges.Cause, causes.CacheWindowTooLong.Cause,
		causes.CacheResolverFiltered.Cause, causes.CacheStaleServed.Cause,
		causes.ServiceRecordUnseen.Cause,
	},
	Run: runPropagation,
}

func runPropagation(ctx context.Context, p *Pass) {
	rows := p.Observed.Propagation()
	if len(rows) == 0 {
		p.SkipUnasked("no record is expected, and none was found")
		return
	}
	if !slices.ContainsFunc(rows, func(r *observe.SourcedRow) bool { return r.View.Known() }) {
		p.Unable("no authoritative server could be queried, so there is nothing to compare with")
		return
	}
	var failed []observe.Cell
	var role catalog.Role
	for _, r := range rows {
		list := p.reportRow(ctx, r)
		if len(failed) == 0 {
			role = r.Role
		}
		failed = append(failed, list...)
	}
	unable := p.Unable
	if !slices.ContainsFunc(rows, func(r *observe.SourcedRow) bool { return !judgedSome(r) }) {
		p.Aside()
		unable = p.UnablePartly
	}
	if failed = p.reportStaleDS(ctx, role, failed); len(failed) > 0 {
		unable("%s", causes.ResolverFailed(failed[0].Server, reasonOfCell(failed[0])))
	}
}

// judgedSome reports whether a resolver gave its own answer for a record, or no query was needed.
func judgedSome(r *observe.SourcedRow) bool {
	open := false
	for _, c := range r.Cells {
		if c.Kind != observe.KindResolver {
			continue
		}
		if c.State != observe.CellError && policyOf(c) != edePolicy && !c.Filtered() && !c.Blocked() {
			return true
		}
		open = true
	}
	return !open
}

// reportRow reports the causes of the resolvers' answers for one record. It returns the failed ones if the record is
// right at the source.
func (p *Pass) reportRow(ctx context.Context, r *observe.SourcedRow) (failed []observe.Cell) {
	var old, denied, filtered, stale []observe.Cell
	for _, c := range r.Cells {
		if c.Kind != observe.KindResolver {
			continue
		}
		switch kind := policyOf(c); {
		case kind == edePolicy, kind != edeStale && c.Filtered(), c.Blocked():
			filtered = append(filtered, c)
			continue
		case kind == edeStale:
			stale = append(stale, c)
		}
		switch c.State {
		case observe.CellDiffers:
			old = append(old, c)
		case observe.CellMissing:
			denied = append(denied, c)
		case observe.CellError:
			failed = append(failed, c)
		case observe.CellMatch, observe.CellNotAsked, observe.CellSeen:
		}
	}
	e := subject.Expected{Record: catalog.Record{
		Role: r.Role, Name: r.Name, Type: r.Type, Value: r.Expected,
		Zone: r.View.Apex(), Host: p.Observed.DNSHost(),
	}}
	right := r.Result == nil || r.Result.State == observe.StateRight
	p.reportResolverHints(e, r, filtered, stale)
	if !right {
		// A resolver that agrees with the source is not at fault: the source is.
		other := slices.DeleteFunc(append(slices.Clone(old), denied...), func(c observe.Cell) bool {
			return atSource(r, c.Answer)
		})
		p.reportNeverConverges(r, e, other)
		return nil
	}
	if r.Result == nil && p.reportDisagreement(r, e) {
		return nil
	}
	old, denied = p.reportStaleDelegation(ctx, r, e, old, denied)
	old, denied = p.reportRenewed(r, e, old), p.reportRenewed(r, e, denied)
	if len(old) > 0 {
		args := causes.CachedAnswers{Record: e.Record}
		p.addCells(&args, old)
		p.Report(causes.CacheOldAnswer.With(args), finding.For(e), finding.With(cellEvidence(old, r)...))
		p.reportLongWindow(args, e)
	}
	if len(denied) > 0 {
		args := causes.CachedAnswers{Record: e.Record}
		p.addCells(&args, denied)
		p.Report(causes.CacheNegative.With(args), finding.For(e), finding.With(cellEvidence(denied, r)...))
		p.reportLongWindow(args, e)
	}
	if len(old)+len(denied) == 0 && !p.reportCachedDenial(r, e) {
		p.reportUnseen(r, e)
	}
	return failed
}

// reportRenewed reports resolvers whose wrong answer does not expire although it is not marked as expired: they
// receive it again each time. It returns the other cells.
func (p *Pass) reportRenewed(r *observe.SourcedRow, e subject.Expected, cells []observe.Cell) []observe.Cell {
	var rest, renewed []observe.Cell
	for _, c := range cells {
		if c.Renews && policyOf(c) == edeOther {
			renewed = append(renewed, c)
		} else {
			rest = append(rest, c)
		}
	}
	if len(renewed) == 0 {
		return rest
	}
	args := causes.CacheNeverConvergesArgs{Record: e.Record, Renews: true}
	for _, c := range renewed {
		args.Resolvers = append(args.Resolvers, c.Server)
	}
	args.Detail = causes.AnsweredAnew(args.Resolvers, renewed[0].Answer)
	p.Report(causes.CacheNeverConverges.With(args), finding.For(e), finding.Sure(finding.Likely),
		finding.With(cellEvidence(renewed, r)...))
	return rest
}

// atSource reports whether every authoritative server gives the same answer.
func atSource(r *observe.SourcedRow, answer []string) bool {
	return !slices.ContainsFunc(r.Cells, func(c observe.Cell) bool {
		return c.Kind == observe.KindAuthoritative && c.State != observe.CellError && !slices.Equal(c.Answer, answer)
	})
}

// edeKind classifies the extended DNS error of a resolver's answer.
type edeKind uint8

const (
	edeOther  edeKind = iota
	edePolicy         // blocked, censored, filtered or prohibited by the resolver
	edeStale          // an expired answer
)

func policyOf(c observe.Cell) edeKind {
	if c.Exchange == nil {
		return edeOther
	}
	code, ok := exchange.EDECode(c.Exchange.Msg)
	switch {
	case !ok:
	case code >= dns.ExtendedErrorCodeBlocked && code <= dns.ExtendedErrorCodeProhibited &&
		c.State != observe.CellMatch:
		return edePolicy
	// an expired answer that is still right is not a fault
	case c.State != observe.CellDiffers && c.State != observe.CellMissing:
	case code == dns.ExtendedErrorCodeStaleAnswer || code == dns.ExtendedErrorCodeStaleNXDOMAINAnswer:
		return edeStale
	}
	return edeOther
}

// reportResolverHints reports resolvers that mark an answer as filtered or expired.
func (p *Pass) reportResolverHints(e subject.Expected, r *observe.SourcedRow, filtered, stale []observe.Cell) {
	for _, h := range []struct {
		kind  catalog.CauseOf[causes.ResolverRemark]
		cells []observe.Cell
	}{{causes.CacheResolverFiltered, filtered}, {causes.CacheStaleServed, stale}} {
		if len(h.cells) == 0 {
			continue
		}
		args := causes.ResolverRemark{Record: e.Record, Detail: sanitize.Text(exchange.EDE(h.cells[0].Exchange.Msg), 120)}
		if c := h.cells[0]; policyOf(c) == edeOther {
			args.Detail, args.Seen = "", c.Answer
			if soa := c.Exchange.SOA(); soa != nil && len(c.Answer) == 0 {
				args.Foreign = exchange.Bare(soa.Hdr.Name)
			}
		}
		for _, c := range h.cells {
			args.Resolvers = append(args.Resolvers, c.Server)
		}
		p.Report(h.kind.With(args), finding.For(e), finding.Sure(finding.Likely),
			finding.With(cellEvidence(h.cells, r)...))
	}
}

// reportDisagreement reports authoritative servers without a common answer, if no value is expected. Answers that
// share a value are a rotation.
func (p *Pass) reportDisagreement(r *observe.SourcedRow, e subject.Expected) bool {
	args := causes.RecordServersDisagreeArgs{Record: e.Record}
	var first []string
	var evidence []*exchange.Exchange
	differ := false
	for _, c := range r.Cells {
		if c.Kind != observe.KindAuthoritative || c.State == observe.CellError {
			continue
		}
		args.Wrong = append(args.Wrong, observe.ServerName(c.Exchange))
		evidence = append(evidence, c.Exchange)
		if first == nil {
			first = c.Answer
			continue
		}
		differ = differ || !observe.SharesAny(first, c.Answer)
	}
	if !differ {
		return false
	}
	for _, srv := range p.Observed.Zone().Good() {
		if srv.SOA.Outcome == exchange.Answered {
			args.Serials = append(args.Serials, observe.ServerName(srv.SOA)+" "+observe.FormatSerial(srv.Serial))
			evidence = append(evidence, srv.SOA)
		}
	}
	p.Report(causes.RecordServersDisagree.With(args), finding.For(e), finding.With(evidence...))
	return true
}

// reportCachedDenial explains a reported verification failure although everything is correct now: the zone's negative
// TTL is longer than the service waits, and covers the failed attempt.
func (p *Pass) reportCachedDenial(r *observe.SourcedRow, e subject.Expected) bool {
	reported, ok := p.ReportedCode("DOMAIN_004")
	// with a slow clock, times in the past cannot be compared
	if !ok || e.Role != catalog.Verification || r.Result == nil || reported.At.IsZero() || reported.At.After(p.Now()) ||
		p.Subject.Verified() {
		return false
	}
	for _, srv := range p.Observed.Zone().Good() {
		life := time.Duration(srv.Denial) * time.Second
		if life > subject.VerificationPatience && p.Now().Before(reported.At.Add(life)) {
			kept := max(life, min(time.Duration(srv.Kept)*time.Second, longestDenial))
			latest := reported.At.Add(kept)
			args := causes.CacheWindowTooLongArgs{
				CachedAnswers: causes.CachedAnswers{
					Record: e.Record, Left: srv.Denial, Latest: latest.Truncate(time.Second),
				},
				Limit: uint32(subject.VerificationPatience / time.Second),
				Detail: fmt.Sprintf(
					"the record is correct now; the attempt at %s failed, and the zone's SOA lets resolvers cache a negative "+
						"answer for %s, until %s at the latest", reported.At.UTC().Format("15:04 UTC"),
					catalog.Span(kept),
					latest.UTC().Format("15:04 UTC")),
			}
			p.Report(causes.CacheWindowTooLong.With(args), finding.For(e), finding.Sure(finding.Likely),
				finding.With(srv.SOA))
			return true
		}
	}
	return false
}

// unseenPatience is the time after a report that routing has not propagated within which the service should have
// checked again.
const unseenPatience = time.Hour

// flattenedAt returns the routing record of a name whose DNS host flattens CNAMEs by a setting, and flattens this
// one; nil if there is none. The zone apex is always flattened.
func (p *Pass) flattenedAt(name string) *observe.RecordResult {
	for _, j := range p.Observed.CompareRecords() {
		if j.Role == catalog.Routing && j.Flattened && j.Name == name && name != j.Zone &&
			hosts.PanelOf(j.Record.Host).Flattens != "" {
			return j
		}
	}
	return nil
}

// reportUnseen reports a record that the service recently reported as not found, but that every server and resolver
// returns now. A service that has only just failed may still be waiting.
func (p *Pass) reportUnseen(r *observe.SourcedRow, e subject.Expected) {
	code, patience := "DOMAIN_004", subject.VerificationPatience
	if e.Role == catalog.Routing {
		code, patience = "DOMAIN_010", unseenPatience
	}
	reported, ok := p.ReportedCode(code)
	since := p.Now().Sub(reported.At)
	flattened := p.flattenedAt(e.Name)
	if !ok || e.Role != catalog.Verification && e.Role != catalog.Routing || r.Result == nil && flattened == nil ||
		reported.At.IsZero() ||
		since < subject.VerificationPatience/2 || since >= patience || p.Subject.InUse() ||
		e.Role == catalog.Verification && p.Subject.Verified() {
		return
	}
	args := causes.RecordUnseenArgs{
		Record: e.Record, Code: code, At: reported.At.UTC().Format("15:04 UTC"), RequestID: reported.RequestID,
	}
	if flattened != nil {
		args.Record, args.Flattened = flattened.Record, true
	}
	for _, other := range p.Observed.Propagation() {
		if slices.ContainsFunc(other.Cells, func(c observe.Cell) bool {
			return c.Kind == observe.KindResolver && c.State != observe.CellMatch &&
				(flattened == nil || c.State != observe.CellNotAsked) // the CNAME itself is not required
		}) {
			return // the service may be waiting for that record
		}
	}
	var seen []observe.Cell
	for _, c := range r.Cells {
		if c.State != observe.CellMatch {
			continue
		}
		seen = append(seen, c)
		if c.Kind == observe.KindResolver {
			args.Resolvers = append(args.Resolvers, c.Server)
		}
	}
	if len(args.Resolvers) == 0 && flattened == nil {
		return
	}
	p.Report(causes.ServiceRecordUnseen.With(args), finding.For(e), finding.Sure(finding.Likely),
		finding.With(cellEvidence(seen, r)...), finding.With(p.entryEvidence()...))
}

// longestDenial is the longest time for which a resolver caches a denial by default (Knot Resolver).
const longestDenial = 24 * time.Hour

func reasonOfCell(c observe.Cell) string {
	s := c.Exchange.Outcome.Phrase()
	if c.Exchange.Msg != nil {
		if ede := exchange.EDE(c.Exchange.Msg); ede != "" {
			s += " (the resolver's hint: " + sanitize.Text(ede, 120) + ")"
		}
	}
	return s
}

// addCells adds resolvers, their answers, and until when these can last.
func (p *Pass) addCells(args *causes.CachedAnswers, cells []observe.Cell) {
	for _, c := range cells {
		args.Resolvers = append(args.Resolvers, c.Server)
		for _, a := range c.Answer {
			if a = sanitize.Text(a, 200); !slices.Contains(args.Seen, a) {
				args.Seen = append(args.Seen, a)
			}
		}
		args.Left = max(args.Left, c.SecondsLeft)
		if c.Forwards() {
			args.Forwarders = append(args.Forwarders, c.Server)
		}
		args.Unknown = args.Unknown || c.LastsUntil.IsZero()
		if c.LastsUntil.After(args.Latest) {
			args.Latest = c.LastsUntil
		}
	}
}

// reportLongWindow warns if a cached answer can outlast the time that the service waits.
func (p *Pass) reportLongWindow(args causes.CachedAnswers, e subject.Expected) {
	patience := subject.PropagationPatience
	if e.Role == catalog.Verification {
		patience = subject.VerificationPatience
	}
	if time.Duration(args.Left)*time.Second <= patience {
		return
	}
	p.Report(causes.CacheWindowTooLong.With(causes.CacheWindowTooLongArgs{
		CachedAnswers: args, Limit: uint32(patience / time.Second),
		Detail: fmt.Sprintf("the old answer stays in the cache of %s for longer than the service waits",
			strings.Join(args.Resolvers, ", ")),
	}), finding.For(e))
}

// reportNeverConverges reports that waiting does not help: the service waits, or resolvers return answers that the
// source does not have either.
func (p *Pass) reportNeverConverges(r *observe.SourcedRow, e subject.Expected, other []observe.Cell) {
	if _, waits := p.ReportedCode("DOMAIN_010"); !waits && len(other) == 0 || r.Result.State == observe.StateUnknown ||
		p.Subject.VerificationDone() && r.Role == catalog.Verification || r.Role == catalog.Certificate &&
		p.Observed.Held().CertificateIssued() {
		return
	}
	args := causes.CacheNeverConvergesArgs{
		Record: e.Record,
		Detail: "the authoritative servers do not have the expected value, so no resolver will ever return it",
	}
	if r.Result.State == observe.StatePartly {
		args.Detail = "the authoritative servers differ from each other, so resolvers get one answer or the other by " +
			"chance"
	}
	for _, c := range other {
		args.Resolvers = append(args.Resolvers, c.Server)
	}
	p.Report(causes.CacheNeverConverges.With(args), finding.For(e), finding.With(cellEvidence(other, r)...))
}

// cellEvidence returns the exchanges of the cells and one authoritative answer.
func cellEvidence(cells []observe.Cell, r *observe.SourcedRow) []*exchange.Exchange {
	var out []*exchange.Exchange
	for _, c := range cells {
		out = append(out, c.Exchange)
	}
	if x := r.View.First(); x != nil {
		out = append(out, x)
	}
	return out
}
