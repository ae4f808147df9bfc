// Package reporter writes the reports of a run in the chosen format: in the order that the format needs, with the
// incidents that several domains show, progress on stderr, and the outcome that decides the exit code.
package reporter

import (
	"fmt"
	"io"
	"slices"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/ui/cli/gates"
	"domdoc/ui/render"
)

// Options configure a [Reporter].
type Options struct {
	Format  string // a name of [render.Formats]
	Replies bool   // write replies to tickets instead of reports
	FailOn  string // fail, warn, inconclusive or never
	Version string // of the program
	Style   render.Style
	Total   int // number of domains; 0: all domains of the tenant
	// Now is the clock of the diagnoses.
	Now      func() time.Time
	Baseline gates.Baseline
	Out      io.Writer
	// Progress is where progress is shown, and Annotations where annotations of GitHub Actions go; nil: nowhere.
	Progress, Annotations io.Writer
	// Stop is called when Out cannot be written any more; may be nil.
	Stop func()
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
	format  render.Formatter
	started time.Time

	begun   bool
	vantage *render.JSONVantage
	tenants []*render.JSONTenant // one per profile
	summary render.Summary
	hidden  int // domains that --filter drops
	// Domains by verdict, without the findings of the baseline.
	fail, warn, inconclusive int
	alsoWarned               int // inconclusive domains that have a warning as well
	serviceRefused           bool
	// tenantMatters means that something about the tenant explains a code of a domain that was named.
	tenantMatters bool

	incidents *incidentBuffer
	waiting   map[int]*render.JSONDomain // reports that are ready before their turn
	next      int
	err       error
	shown     bool // progress is on the screen
}

// New returns a Reporter.
func New(opt Options) (*Reporter, error) {
	r := &Reporter{
		opt: opt, started: opt.Now(), waiting: map[int]*render.JSONDomain{}, incidents: newIncidentBuffer(opt.Total),
	}
	opt.Style.Now = r.started
	var err error
	r.format, err = render.New(opt.Format, opt.Out, render.Options{
		Version: opt.Version, Started: r.started, FailOn: opt.FailOn, Style: opt.Style,
	})
	if opt.Replies {
		r.format, err = render.NewReplies(opt.Out), nil
	}
	return r, err
}

// Begin takes the vantage and the tenant. With several profiles, call it for each.
func (r *Reporter) Begin(v *render.JSONVantage, t *render.JSONTenant, profile string) {
	if t != nil {
		t.Profile = profile
		r.tenants = append(r.tenants, t)
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
	if r.opt.Stop != nil {
		r.opt.Stop()
	}
}

// Domain takes the report of the n-th domain, filtered.
func (r *Reporter) Domain(n int, d *checks.DomainReport, profile string) {
	w := render.NewDomain(d)
	w.Profile = profile
	r.DomainJSON(n, w)
}

// Skip leaves the n-th domain out of the report.
func (r *Reporter) Skip(n int) {
	r.hidden++
	if !render.AsReady(r.opt.Format) {
		r.waiting[n] = nil
		r.inOrder()
	}
	r.progress()
}

// DomainJSON takes the n-th domain in its JSON form. Domains that may be part of an incident wait for others like
// them.
func (r *Reporter) DomainJSON(n int, d *render.JSONDomain) {
	for _, ready := range r.incidents.add(n, d, len(r.waiting)) {
		r.final(ready.n, ready.report)
	}
	r.progress()
}

// final writes a report that no longer changes: at once, or after those before it.
func (r *Reporter) final(n int, d *render.JSONDomain) {
	r.opt.Baseline.Mark(d)
	if r.opt.Annotations != nil {
		annotate(r.opt.Annotations, d)
	}
	r.count(d)
	if render.AsReady(r.opt.Format) {
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
func (r *Reporter) count(d *render.JSONDomain) {
	r.summary.Add(d)
	switch d.News() {
	case catalog.Fail:
		r.fail++
	case catalog.Warn:
		r.warn++
	case catalog.Inconclusive:
		r.inconclusive++
	case catalog.Pass, catalog.NotRun, catalog.Blocked:
	}
	r.tenantMatters = r.tenantMatters || slices.ContainsFunc(r.tenants, func(t *render.JSONTenant) bool {
		return t.Explains(d)
	})
	if d.News() == catalog.Inconclusive && slices.ContainsFunc(d.Findings, func(f render.JSONFinding) bool {
		return f.BlockedBy == nil && f.Ignored == nil && !f.Known && f.Verdict == catalog.Warn.String()
	}) {
		r.alsoWarned++
	}
	for _, f := range d.Findings {
		switch catalog.ID(f.Cause) {
		case catalog.ServiceUnauthorized.ID, catalog.ServiceUnreachable.ID, catalog.ServiceWrongEndpoint.ID,
			catalog.ServiceRateLimited.ID:
			r.serviceRefused = true
		}
	}
}

func (r *Reporter) write(d *render.JSONDomain) {
	r.clearProgress()
	r.setErr(r.format.Domain(d))
}

// progress shows how many domains are done.
func (r *Reporter) progress() {
	if r.opt.Progress == nil || r.opt.Total == 1 {
		return
	}
	of := ""
	if r.opt.Total > 0 {
		of = fmt.Sprintf(" of %d", r.opt.Total)
	}
	fmt.Fprintf(r.opt.Progress, "\r\x1b[K%d%s checked, %d failing", r.summary.Domains+r.hidden+len(r.incidents.held), of,
		r.summary.Fail)
	r.shown = true
}

func (r *Reporter) clearProgress() {
	if r.shown {
		fmt.Fprint(r.opt.Progress, "\r\x1b[K")
		r.shown = false
	}
}

// End writes the rest of the report. incomplete says why domains are missing; empty when none are.
func (r *Reporter) End(incomplete string) error {
	r.clearProgress()
	if !r.begun {
		r.Begin(nil, nil, "")
	}
	incidents := r.incidents.found.Findings()
	for _, ready := range r.incidents.flush(incidents) {
		r.final(ready.n, ready.report)
	}
	for len(r.waiting) > 0 { // an interrupted run leaves gaps
		r.inOrder()
		r.next++
	}
	tenants := r.tenants
	if len(incidents) > 0 { // they concern the domains of all tenants
		t := render.JSONTenant{}
		if len(tenants) > 0 {
			t = *tenants[0]
		}
		t.Findings = append(render.NewFindings(incidents), t.Findings...)
		tenants = append([]*render.JSONTenant{&t}, tenants[min(1, len(tenants)):]...)
	}
	var tenant *render.JSONTenant
	if len(tenants) > 0 {
		tenant, tenants = tenants[0], tenants[1:]
	}
	r.setErr(r.format.End(&render.Run{
		Took: r.opt.Now().Sub(r.started), Vantage: r.vantage, Tenant: tenant, MoreTenants: tenants, Summary: r.summary,
		TenantMatters: r.opt.Total == 0 || r.tenantMatters, Incomplete: incomplete,
	}))
	return r.err
}

// Outcome returns what the findings amount to.
func (r *Reporter) Outcome() Outcome {
	failOn := r.opt.FailOn
	switch {
	case failOn == "never":
		return Clean
	case r.fail > 0,
		failOn != "fail" && (r.warn > 0 || r.alsoWarned > 0),
		failOn == "inconclusive" && r.inconclusive > 0:
		return Findings
	case r.serviceRefused:
		return ServiceRefused
	case r.inconclusive > 0:
		return Inconclusive
	}
	return Clean
}
