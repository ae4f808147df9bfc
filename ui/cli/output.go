package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

// plainFormats are what a command has that writes no report of domains.
var plainFormats = [...]string{"text", "json", "jsonl"}

// reportFormats marks a command that writes reports of domains through output: it has every format.
func reportFormats(cmd *cobra.Command) {
	cmd.Annotations = map[string]string{"formats": strings.Join(report.FormatNames(), " ")}
}

// checkOutput says which formats a command has, when it does not have the one that is asked for.
func (s *settings) checkOutput(cmd *cobra.Command) error {
	if !cmd.HasParent() || cmd.DisableFlagParsing { // the dashboard, and demo: what they run looks for itself
		return nil
	}
	has := plainFormats[:]
	if f := cmd.Annotations["formats"]; f != "" {
		has = strings.Fields(f)
	}
	from := "--output"
	if !cmd.Flags().Changed("output") {
		from = "DOMDOC_OUTPUT or the profile's output:"
	}
	switch {
	case slices.Contains(has, s.output):
		return nil
	case slices.Contains(report.FormatNames(), s.output):
		return usagef("-o json", "%s %q: %s has no such format, it has %s", from, s.output, cmd.CommandPath(),
			strings.Join(has, ", "))
	}
	return usagef("-o json", "%s %q is not a format; use %s", from, clean(s.output), strings.Join(has, ", "))
}

// output writes one run in the chosen format. Every command that has reports hands them to it, numbered, as they
// become ready: begin once, domain for each, end once. It keeps the order where the format wants one, counts, finds
// incidents, and shows progress.
type output struct {
	s       *settings
	format  report.Formatter
	streams bool // format writes domains in any order
	now     func() time.Time
	started time.Time
	total   int    // how many domains are asked for; 0 is all of the tenant, however many
	stop    func() // called when nothing more can be written

	begun   bool
	vantage *wire.Vantage
	tenants []*wire.Tenant // one a profile
	totals  report.Totals
	passed  int // domains that are not shown
	// What the gate counts: domains by the verdict of what no baseline knows.
	fail, warn, inconclusive int
	warned                   int  // domains with a warning beside something that could not be judged
	refused                  bool // the service refused us, or is down
	// tenantMatters means that something about the tenant explains a code of a domain that was asked for by name.
	tenantMatters bool

	fleet   *fleet
	waiting map[int]*wire.Domain
	next    int
	err     error
	shown   bool
}

// newOutput begins the output of a run over so many domains (0: all of the tenant). now is the clock of whoever
// asked.
func (s *settings) newOutput(now func() time.Time, total int) (*output, error) {
	started := now()
	format, err := report.Find(s.output)
	if err != nil {
		return nil, err
	}
	writer := format.New(s.env.Stdout, report.Options{
		Version: s.env.Version, Started: started, FailOn: s.failOn,
		Style: layout.Style{Color: s.colored(s.env.StdoutTTY), Width: min(s.env.Width, 110), Now: started},
	})
	if s.replies {
		writer = report.NewReplies(s.env.Stdout)
	}
	return &output{
		s: s, format: writer, streams: format.Streams, now: now, started: started, total: total,
		waiting: map[int]*wire.Domain{}, fleet: newFleet(total),
	}, nil
}

// begin takes what is known before the first domain.
func (o *output) begin(v *wire.Vantage, t *wire.Tenant, profile string) {
	if t != nil {
		t.Profile = profile
		o.tenants = append(o.tenants, t)
	}
	if o.begun { // one more profile
		return
	}
	o.vantage, o.begun = v, true
	o.keep(o.format.Begin(v, t))
}

func (o *output) keep(err error) {
	if err == nil || o.err != nil {
		return
	}
	o.err = err
	if o.stop != nil {
		o.stop()
	}
}

// domain takes the n-th domain's report, filtered.
func (o *output) domain(n int, d *checks.DomainReport, profile string) {
	w := wire.NewDomain(d)
	w.Profile = profile
	o.wire(n, w)
}

// pass says that the n-th domain is not to be shown.
func (o *output) pass(n int) {
	o.passed++
	if !o.streams {
		o.waiting[n] = nil
		o.inOrder()
	}
	o.progress()
}

// wire takes the n-th domain in its wire form: as it was read back, or made. What may turn out to be an incident
// waits for others like it.
func (o *output) wire(n int, d *wire.Domain) {
	for _, r := range o.fleet.take(n, d, len(o.waiting)) {
		o.settled(r.n, r.report)
	}
	o.progress()
}

// settled writes a report: at once, or when those before it are written.
func (o *output) settled(n int, d *wire.Domain) {
	o.s.gates.known.mark(d)
	o.s.annotate(d)
	o.count(d)
	if o.streams {
		o.write(d)
		return
	}
	o.waiting[n] = d
	o.inOrder()
}

// inOrder writes what has its turn.
func (o *output) inOrder() {
	for d, ready := o.waiting[o.next]; ready; d, ready = o.waiting[o.next] {
		delete(o.waiting, o.next)
		o.next++
		if d != nil {
			o.write(d)
		}
	}
}

// count gathers what the exit code and the end need of a domain.
func (o *output) count(d *wire.Domain) {
	o.totals.Add(d)
	switch d.News() {
	case catalog.Fail:
		o.fail++
	case catalog.Warn:
		o.warn++
	case catalog.Inconclusive:
		o.inconclusive++
	case catalog.Pass, catalog.NotRun, catalog.Blocked:
	}
	o.tenantMatters = o.tenantMatters || slices.ContainsFunc(o.tenants, func(t *wire.Tenant) bool {
		return t.Explains(d)
	})
	if d.News() == catalog.Inconclusive && slices.ContainsFunc(d.Findings, func(f wire.Finding) bool {
		return f.BlockedBy == nil && f.Ignored == nil && !f.Known && f.Verdict == catalog.Warn.String()
	}) {
		o.warned++
	}
	for _, f := range d.Findings {
		switch catalog.ID(f.Cause) {
		case causes.ServiceUnauthorized.ID, causes.ServiceUnreachable.ID, causes.ServiceWrongEndpoint.ID,
			causes.ServiceRateLimited.ID:
			o.refused = true
		}
	}
}

func (o *output) write(d *wire.Domain) {
	o.clearProgress()
	o.keep(o.format.Domain(d))
}

// progress shows how far the run is, on stderr and only if somebody sees it.
func (o *output) progress() {
	if !o.s.env.StderrTTY || o.total == 1 {
		return
	}
	of := ""
	if o.total > 0 {
		of = fmt.Sprintf(" of %d", o.total)
	}
	fmt.Fprintf(o.s.env.Stderr, "\r\x1b[K%d%s checked, %d failing", o.totals.Domains+o.passed+len(o.fleet.held), of,
		o.totals.Fail)
	o.shown = true
}

func (o *output) clearProgress() {
	if o.shown {
		fmt.Fprint(o.s.env.Stderr, "\r\x1b[K")
		o.shown = false
	}
}

// end writes what comes after the domains. cut says why not all of them came; empty when they did.
func (o *output) end(cut string) error {
	o.clearProgress()
	if !o.begun {
		o.begin(nil, nil, "")
	}
	incidents := o.fleet.incidents.Findings()
	for _, r := range o.fleet.rest(incidents) {
		o.settled(r.n, r.report)
	}
	for len(o.waiting) > 0 { // an interrupted run leaves gaps
		o.inOrder()
		o.next++
	}
	tenants := o.tenants
	if len(incidents) > 0 { // they stand over the domains of all tenants
		t := wire.Tenant{}
		if len(tenants) > 0 {
			t = *tenants[0]
		}
		t.Findings = append(wire.NewFindings(incidents), t.Findings...)
		tenants = append([]*wire.Tenant{&t}, tenants[min(1, len(tenants)):]...)
	}
	var tenant *wire.Tenant
	if len(tenants) > 0 {
		tenant, tenants = tenants[0], tenants[1:]
	}
	o.keep(o.format.End(&report.Run{
		Took: o.now().Sub(o.started), Vantage: o.vantage, Tenant: tenant, MoreTenants: tenants, Totals: o.totals,
		TenantMatters: o.total == 0 || o.tenantMatters, Incomplete: cut,
	}))
	return o.err
}

// verdict is the exit code that the findings ask for.
func (o *output) verdict(failOn string) error {
	switch {
	case failOn == "never":
		return nil
	case o.fail > 0,
		failOn != "fail" && (o.warn > 0 || o.warned > 0),
		failOn == "inconclusive" && o.inconclusive > 0:
		return exit(ExitFindings)
	case o.refused:
		return exit(ExitService)
	case o.inconclusive > 0:
		return exit(ExitInconclusive)
	}
	return nil
}
