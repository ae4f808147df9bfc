// Package reporter writes the reports of a run in the chosen format: in the order that the format needs, with the
// incidents that several domains show, progress on stderr, and the outcome that decides the exit code.
package reporter

import (
	"fmt"
	"io"
	"slices"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks/finding"
	"domdoc/checks/incident"
	"domdoc/checks/query"
	"domdoc/checks/result"
	"domdoc/ui/cli/gates"
	"domdoc/ui/estimate"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"
)

// Options configure a [Reporter].
type Options struct {
	Format string // a name of [report.FormatNames]
	// Replies says how to write replies to tickets instead of reports; nil: reports.
	Replies *report.ReplyOptions
	FailOn  string // fail, warn, inconclusive or never
	Version string // of the program
	Style   layout.Style
	Total   int // number of domains; 0: all domains of the tenant
	// About returns the tickets that are about the n-th domain; nil: the run is not about tickets.
	About func(n int) []wire.TicketRef
	// Now is the clock of the diagnoses.
	Now func() time.Time
	// Started and Took are those of earlier runs whose reports are written again; zero: the present run's.
	Started  time.Time
	Took     time.Duration
	Baseline gates.Baseline
	Out      io.Writer
	// All means that the run is over all domains of the tenant, or its part of them.
	All bool
	// Merged are the parts of a merged report.
	Merged []wire.MergedPart
	// Match says which domains are reported, once it is known which incidents they are part of; nil: all.
	Match func(*query.Selectable) bool
	// Profile, Report and Shard are those of [report.Options].
	Profile, Report, Shard string
	Brief                  report.Brief
	// Tickets are those that triage read.
	Tickets []wire.Ticket
	// Progress is where progress is shown, and Annotations where annotations of GitHub Actions go; nil: nowhere.
	Progress, Annotations io.Writer
}

// Outcome is what the findings of a run amount to.
type Outcome int

// The outcomes.
const (
	Clean          Outcome = iota
	Findings               // findings at or above FailOn
	ServiceRefused         // the service rejected the token, or is down
	Inconclusive           // something could not be checked, and nothing failed
)

// Reporter writes one run. Call Begin once, Domain for each domain with its number, and End once. Not for concurrent
// use.
type Reporter struct {
	opt     Options
	format  report.Formatter
	streams bool // the format takes domains in any order
	started time.Time

	begun   bool
	vantage *wire.Vantage
	tenants []*wire.Tenant // one per profile
	totals  report.Totals
	hidden  int             // domains that Match drops
	written map[string]bool // the domains that Match selects, by name
	listCut bool
	cut     int // domains whose checks did not all end, also among the hidden ones
	// Domains by verdict, without the findings of the baseline.
	fail, warn, inconclusive int
	alsoWarned               int // inconclusive domains that have a warning as well
	serviceRefused           bool
	// tenantMatters means that something about the tenant explains a code of a domain that was named.
	tenantMatters bool

	notes     annotations
	incidents *incidentBuffer
	waiting   map[int]*wire.Domain // reports that are ready before their turn
	next      int
	err       error
	onError   func() // may be nil
	shown     bool   // progress is on the screen
	run       estimate.Run
	began     time.Time
	rest      Rest
}

// New returns a Reporter.
func New(opt Options) (*Reporter, error) {
	format, err := report.Find(opt.Format)
	if err != nil {
		return nil, err
	}
	r := &Reporter{
		opt: opt, streams: format.Streams && opt.About == nil, started: opt.Now(), waiting: map[int]*wire.Domain{},
		incidents: newIncidentBuffer(opt.Total), written: map[string]bool{}, began: opt.Now(),
	}
	opt.Style.Now = r.started
	if !opt.Started.IsZero() {
		r.started = opt.Started
	}
	r.format = format.New(opt.Out, report.Options{
		Version: opt.Version, Started: r.started, FailOn: opt.FailOn, Style: opt.Style,
		Profile: opt.Profile, Report: opt.Report, Shard: opt.Shard, Brief: opt.Brief, Expected: opt.Total,
	})
	if opt.Replies != nil {
		replies := *opt.Replies
		replies.From = opt.Style.Reader
		r.format = report.NewReplies(opt.Out, replies)
	}
	return r, nil
}

// Rest is what is known about the rest of a run, for the progress. Its functions may be nil.
type Rest struct {
	Total func() int           // of domains, if Options.Total does not say; 0: not known
	Calls func() api.Allowance // of the service
}

// OnRest sets what is known about the rest of the run.
func (r *Reporter) OnRest(rest Rest) { r.rest = rest }

// OnError has f called when the output cannot be written any more.
func (r *Reporter) OnError(f func()) { r.onError = f }

// Begin takes the vantage and the tenant. With several profiles, call it for each.
func (r *Reporter) Begin(v *wire.Vantage, t *wire.Tenant, profile string) {
	if t != nil {
		t.Profile = profile
		same := func(o *wire.Tenant) bool { return t.ID != "" && o.ID == t.ID && o.Profile == t.Profile }
		if i := slices.IndexFunc(r.tenants, same); i >= 0 { // another part of a merged report
			r.tenants[i] = t
		} else {
			r.tenants = append(r.tenants, t)
		}
	}
	if r.begun { // another profile
		return
	}
	r.vantage, r.begun = v, true
	r.setErr(r.format.Begin(v, t))
}

func (r *Reporter) setErr(err error) {
	if err == nil || r.err != nil {
		return
	}
	r.err = err
	if r.onError != nil {
		r.onError()
	}
}

// Domain takes the report of the n-th domain, whose findings are filtered.
func (r *Reporter) Domain(n int, d *result.Domain, profile string) {
	w := wire.NewDomain(d)
	w.Profile = profile
	if r.opt.About != nil {
		w.Tickets = r.opt.About(n)
	}
	x := numbered{n: n, report: w}
	if r.opt.Match != nil {
		sel := query.Diagnosed(d)
		x.sel = &sel
	}
	r.take(x)
}

// selects reports whether a domain is reported.
func (r *Reporter) selects(x numbered) bool {
	if x.sel == nil {
		return true
	}
	for i := range x.report.Findings {
		if f := &x.report.Findings[i]; f.IsIncident() {
			x.sel.Adopt(x.report.StateNow(), f.Cause, f.Title, f.Rung)
			break
		}
	}
	return r.opt.Match(x.sel)
}

// skip leaves a domain out of the report.
func (r *Reporter) skip(x numbered) {
	r.hidden++
	if x.report.Interrupted {
		r.cut++
	}
	if !r.streams {
		r.waiting[x.n] = nil
		r.inOrder()
	}
}

// Peer takes the facts of a domain that is not reported, which may share an incident with one that is. It must precede
// that one.
func (r *Reporter) Peer(f incident.DomainFacts) { r.incidents.addPeer(f) }

// DomainJSON takes the n-th domain in its JSON form. Domains that may be part of an incident wait for others like
// them.
func (r *Reporter) DomainJSON(n int, d *wire.Domain) { r.take(numbered{n: n, report: d}) }

func (r *Reporter) take(x numbered) {
	r.run.Took(time.Duration(x.report.TookMs) * time.Millisecond)
	for _, ready := range r.incidents.add(x) {
		r.final(ready)
	}
	// Only the one whose turn it is holds up others. Where another is still being diagnosed, it is no use to release any.
	for r.incidents.holds()+len(r.waiting) > maxHeld {
		over, ok := r.incidents.release(func(n int) bool { return r.streams || n == r.next })
		if !ok {
			break
		}
		r.final(over)
	}
	r.progress()
}

// final writes a report that no longer changes: at once, or after those before it.
func (r *Reporter) final(x numbered) {
	n, d := x.n, x.report
	if !r.selects(x) {
		r.skip(x)
		return
	}
	if r.opt.Match != nil {
		r.written[d.Domain] = true
	}
	r.opt.Baseline.Mark(d)
	if r.opt.Annotations != nil {
		r.notes.domain(n, d)
	}
	r.count(d)
	if r.streams {
		r.write(d)
		return
	}
	r.waiting[n] = d
	r.inOrder()
}

// inOrder writes the reports whose turn it is.
func (r *Reporter) inOrder() {
	for d, ready := r.waiting[r.next]; ready; d, ready = r.waiting[r.next] {
		delete(r.waiting, r.next)
		r.next++
		if d != nil {
			r.write(d)
		}
	}
}

// count counts a domain for the summary and the outcome.
func (r *Reporter) count(d *wire.Domain) {
	r.totals.Add(d)
	if d.Interrupted {
		r.cut++
	}
	switch d.News() {
	case catalog.Fail:
		r.fail++
	case catalog.Warn:
		r.warn++
	case catalog.Inconclusive:
		r.inconclusive++
	case catalog.Pass, catalog.NotRun, catalog.Blocked:
	}
	r.tenantMatters = r.tenantMatters || slices.ContainsFunc(r.tenants, func(t *wire.Tenant) bool {
		return t.Explains(d)
	})
	if d.News() == catalog.Inconclusive && slices.ContainsFunc(d.Findings, func(f wire.Finding) bool {
		return f.BlockedBy == nil && f.Ignored == nil && !f.Known && f.Verdict == catalog.Warn.String()
	}) {
		r.alsoWarned++
	}
	for i := range d.Findings {
		r.serviceRefused = r.serviceRefused || refusesService(&d.Findings[i])
	}
}

// refusesService reports whether a finding says that the service could not be used.
func refusesService(f *wire.Finding) bool {
	switch catalog.ID(f.Cause) {
	case causes.ServiceUnauthorized.ID, causes.ServiceUnreachable.ID, causes.ServiceWrongEndpoint.ID,
		causes.ServiceRateLimited.ID:
		return true
	}
	return false
}

func (r *Reporter) write(d *wire.Domain) {
	if !r.begun {
		r.Begin(nil, nil, "")
	}
	r.clearProgress()
	r.setErr(r.format.Domain(d))
}

// progress shows how many domains are done, and how long the rest will take.
func (r *Reporter) progress() {
	if r.opt.Progress == nil || r.opt.Total == 1 {
		return
	}
	of, done, total := "", r.totals.Domains+r.hidden+r.incidents.holds(), r.opt.Total
	if total == 0 && r.rest.Total != nil {
		total = r.rest.Total()
	}
	if total > 0 {
		of = fmt.Sprintf(" of %d", max(total, done))
	}
	fmt.Fprintf(r.opt.Progress, "\r\x1b[K%d%s checked, %d fail%s", done, of, r.totals.States.Fail, r.left(done, total))
	r.shown = true
}

// left says how long the rest of the run will take; empty if that cannot be said yet.
func (r *Reporter) left(done, total int) string {
	now := r.opt.Now()
	r.run.Add(now, done)
	var limit *api.Allowance
	if r.rest.Calls != nil {
		calls := r.rest.Calls()
		limit = &calls
	}
	left, ok := r.run.Left(now, r.began, done, total, limit)
	if !ok || left < time.Second {
		return ""
	}
	return ", about " + catalog.Span(left) + " left"
}

func (r *Reporter) clearProgress() {
	if r.shown {
		fmt.Fprint(r.opt.Progress, "\r\x1b[K")
		r.shown = false
	}
}

// End writes the rest of the report. incomplete says why the run is incomplete, once all domains are counted; empty
// when it is complete.
func (r *Reporter) End(incomplete func() string) error {
	r.clearProgress()
	if !r.begun {
		r.Begin(nil, nil, "")
	}
	incidents := r.incidents.found.Findings()
	for _, ready := range r.incidents.flush(incidents) {
		r.final(ready)
	}
	if r.opt.Match != nil { // those of other domains are not asked for
		incidents = slices.DeleteFunc(incidents, func(f *finding.Finding) bool {
			return !slices.ContainsFunc(incident.DomainsOf(f), func(name string) bool { return r.written[name] })
		})
	}
	for len(r.waiting) > 0 { // an interrupted run leaves gaps
		r.inOrder()
		r.next++
	}
	tenants := r.tenants
	if len(incidents) > 0 { // they concern the domains of all tenants
		t := wire.Tenant{}
		if len(tenants) > 0 {
			t = *tenants[0]
		}
		t.Findings = append(wire.NewFindings(incidents), t.Findings...)
		tenants = append([]*wire.Tenant{&t}, tenants[min(1, len(tenants)):]...)
	}
	for _, t := range tenants {
		r.opt.Baseline.MarkTenant(t)
	}
	var tenant *wire.Tenant
	if len(tenants) > 0 {
		tenant, tenants = tenants[0], tenants[1:]
	}
	took := r.opt.Took
	if r.opt.Started.IsZero() {
		took = r.opt.Now().Sub(r.started)
	}
	run := &report.Run{
		Took: took, Vantage: r.vantage, Tenant: tenant, MoreTenants: tenants, Totals: r.totals,
		TenantMatters: r.opt.All || r.tenantMatters, Incomplete: incomplete(), Tickets: r.opt.Tickets,
		All: r.opt.All, Merged: r.opt.Merged,
	}
	r.setErr(r.format.End(run))
	if r.opt.Annotations != nil {
		r.notes.run(run)
		r.notes.write(r.opt.Annotations)
	}
	return r.err
}

// Written returns how many domains were reported.
func (r *Reporter) Written() int { return r.totals.Domains }

// Hidden returns how many domains the filter left out after their diagnosis.
func (r *Reporter) Hidden() int { return r.hidden }

// ListCut says that the list of domains was not read to its end, because the time was over.
func (r *Reporter) ListCut() { r.listCut = true }

// Cut returns how many of how many domains were not checked completely, because the time was over. Domains that the
// filter left out count as well: they might match it.
func (r *Reporter) Cut() (cut, of int) {
	return r.cut, r.totals.Domains + r.hidden
}

// Outcome returns what the findings amount to. A run that was cut short is never clean.
func (r *Reporter) Outcome() Outcome {
	failOn := r.opt.FailOn
	switch {
	case failOn == "never" && (r.cut > 0 || r.listCut): // --fail-on is about findings
		return Inconclusive
	case failOn == "never":
		return Clean
	case r.fail > 0,
		failOn != "fail" && (r.warn > 0 || r.alsoWarned > 0),
		failOn == "inconclusive" && r.inconclusive > 0:
		return Findings
	case r.serviceRefused:
		return ServiceRefused
	case r.inconclusive > 0, r.cut > 0, r.listCut:
		return Inconclusive
	}
	return Clean
}
