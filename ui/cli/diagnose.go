package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"domdoc/api"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/query"
	"domdoc/checks/result"
	"domdoc/checks/subject"
	"domdoc/ui/cli/arguments"
	"domdoc/ui/cli/gates"
	"domdoc/ui/cli/reporter"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

// diagnosisOptions are the flags of every command that diagnoses.
type diagnosisOptions struct {
	expect []string
	intent string
	failOn string
	// allowEmpty means that a run over no domains succeeds.
	allowEmpty bool
	gates      gates.Options
}

func (o *diagnosisOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.expect, "expect", nil,
		"record that should be published, repeatable: 'TYPE NAME=VALUE' (default: from the service)")
	f.StringVar(&o.intent, "intent", "",
		"what the tenant wants to do: attach, register or transfer (default: from the reported code or a running "+
			"transfer, else attach)")
	addFailOnFlag(cmd, &o.failOn)
	addAllowEmptyFlag(cmd, &o.allowEmpty)
	o.gates.AddFlags(f)
}

func addAllowEmptyFlag(cmd *cobra.Command, allowEmpty *bool) {
	cmd.Flags().BoolVar(allowEmpty, "allow-empty", false,
		"succeed if there is nothing to check: the list is empty, or no domain matches")
}

// errEmpty is the error of a run that had nothing to check.
func errEmpty(why string) error {
	return usage.Errorf("--allow-empty, if that is expected", "nothing was checked: %s", why)
}

func addFailOnFlag(cmd *cobra.Command, failOn *string) {
	cmd.Flags().StringVar(failOn, "fail-on", "fail",
		"exit with 1 on findings at this level: fail, warn, inconclusive or never")
}

var failLevels = []string{"fail", "warn", "inconclusive", "never"}

func checkFailOn(failOn string) error {
	if slices.Contains(failLevels, failOn) {
		return nil
	}
	return usage.Errorf("--fail-on warn", "--fail-on %q: use %s%s", usage.Clean(failOn), strings.Join(failLevels, ", "),
		arguments.Meant(failOn, failLevels))
}

// diagnosis is what diagnosisOptions ask for.
type diagnosis struct {
	template checks.Target // what applies to every target
	gates    *gates.Gates
	failOn   string
	filter   string               // the value of --filter
	dropped  int                  // domains that the filter dropped before their diagnosis
	replies  *report.ReplyOptions // print replies to tickets instead of reports
	tickets  []wire.Ticket        // what triage read
	open     []string             // what tickets say not to work and is not diagnosed
	about    func(n int) []wire.TicketRef
	// allowEmpty means that a run over no domains succeeds.
	allowEmpty bool
	shard      string // the part of the domains as "2/8"; empty: all
	all        bool   // the run is over all domains of the tenant, or its part of them
	merged     []wire.MergedPart
	listed     bool         // the domains are those of a list: a file, or the tenant's
	targets    int          // domains of all parts that may match the filter
	read       atomic.Int64 // domains of the tenant's list so far
	// started and took are those of earlier runs whose reports are merged.
	started time.Time
	took    time.Duration
}

// parse checks the flags.
func (o *diagnosisOptions) parse(s *settings) (*diagnosis, error) {
	g, err := gates.Parse(o.gates, s.rules, s.open)
	if err != nil {
		return nil, err
	}
	d := &diagnosis{gates: g, failOn: o.failOn, allowEmpty: o.allowEmpty, filter: o.gates.Filter}
	if err := checkFailOn(o.failOn); err != nil {
		return nil, err
	}
	for _, e := range o.expect {
		x, err := subject.ParseExpected(e)
		if err != nil {
			return nil, usage.Errorf("--expect 'TXT _verify.shop.example.com=tok-1'", "--expect %q: %w", usage.Clean(e),
				err)
		}
		d.template.Expect = append(d.template.Expect, x)
	}
	if o.intent != "" {
		if d.template.Intent, err = subject.ParseIntent(o.intent); err != nil {
			return nil, usage.Errorf("--intent transfer", "--intent: %w", err)
		}
	}
	d.template.AuthCode = s.authCode // no flag, because it would be visible in ps
	return d, nil
}

// target returns the target that an argument names: a name has a dot, an id of the service has none. A name is read
// from a URL as well. A name with a mistake is a target, because the service gets it like that, but an IP address or
// nothing is a mistake of the command line.
func (d *diagnosis) target(s *settings, arg string) (checks.Target, error) {
	t := d.template
	if first, _, list := strings.Cut(arg, ","); list && strings.Contains(first, ".") {
		if _, err := dnsname.Parse(first); err == nil {
			return t, usage.Errorf(
				"domdoc check shop.example.com www.example.com; cut -d, -f1 domains.csv | domdoc check -f -",
				"%q is several values: separate names by spaces, or write one on each line of a file", usage.Clean(arg))
		}
	}
	if strings.ContainsAny(arg, ".:/@ ") || !isASCII(arg) || arg == "" {
		_, err := dnsname.Parse(arg)
		var bad *dnsname.ParseError
		if errors.As(err, &bad) {
			if n, ok := bad.Pasted(); ok {
				fmt.Fprintf(s.env.Stderr, "domdoc: %q is read as the domain %s\n", usage.Clean(arg), n.ASCII)
				arg = n.ASCII
			} else if bad.NoName() {
				return t, usage.Errorf("domdoc check shop.example.com", "%w", err)
			}
		}
		t.Name = arg
		noteOther(s, arg)
		return t, nil
	}
	if s.apiURL == "" {
		return t, usage.Errorf("domdoc check shop.example.com",
			"%q is not a domain name (it has no dot), and without a service it cannot be an id", usage.Clean(arg))
	}
	t.ID = arg
	return t, nil
}

// noteOther reports that other software interprets a name as another domain, to avoid confusion.
func noteOther(s *settings, name string) {
	if n, err := dnsname.Parse(name); err == nil && n.Other != "" {
		fmt.Fprintf(s.env.Stderr,
			"domdoc: %s is the domain %s; older software interprets it as %s, which is another domain\n",
			usage.Clean(n.Unicode), n.ASCII, n.Other)
	}
}

// distinct returns targets without repetitions, however their names are spelled.
func distinct(s *settings, targets []checks.Target) []checks.Target {
	seen := map[string]bool{}
	var out []checks.Target
	for _, t := range targets {
		key := "id " + t.ID
		if t.Name != "" {
			key = t.Name
			if n, err := dnsname.Parse(t.Name); err == nil {
				key = n.ASCII
			}
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, t)
		}
	}
	if n := len(targets) - len(out); n > 0 {
		fmt.Fprintf(s.env.Stderr, "domdoc: %s ignored, because the domain is given already\n",
			layout.Count(n, "argument"))
	}
	return out
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }) }

// targetList yields targets. Its error says that not all of them could be listed.
type targetList = func(yield func(checks.Target) bool) error

func listOf(targets []checks.Target) targetList {
	return func(yield func(checks.Target) bool) error {
		for _, t := range targets {
			if !yield(t) {
				break
			}
		}
		return nil
	}
}

// batch is the targets of one profile.
type batch struct {
	s       *settings
	conn    *connection
	targets targetList
}

// newReporter returns the reporter of a run over total domains; 0: all domains of the tenant.
func newReporter(s *settings, d *diagnosis, now func() time.Time, total int) (*reporter.Reporter, error) {
	opt := reporter.Options{
		Format: s.output, Replies: d.replies, About: d.about, FailOn: d.failOn, Version: s.env.Version, Style: s.style(),
		Total: total, Now: now, Baseline: d.gates.Baseline, Out: s.env.Stdout,
		Started: d.started, Took: d.took, Profile: s.labelProfile(), Report: s.reportName(),
		Shard: d.shard, Tickets: d.tickets, All: d.all, Merged: d.merged,
	}
	opt.Brief = report.BriefMany
	switch {
	case s.briefSet && s.brief:
		opt.Brief = report.BriefAlways
	case s.briefSet:
		opt.Brief = report.BriefNever
	}
	if !d.gates.Domains.Empty() {
		opt.Match = func(sel *query.Selectable) bool { return d.gates.Domains.Match(sel, now()) }
	}
	if s.env.StderrTTY {
		opt.Progress = s.env.Stderr
	}
	s.reported = true
	if s.onGitHub() {
		opt.Annotations = s.env.Stderr // the runner reads it as well as stdout, which has the report
	}
	return reporter.New(opt)
}

// run diagnoses the batches one after the other, prints each report when it is ready, and returns the exit code that
// the findings call for.
func (d *diagnosis) run(ctx context.Context, s *settings, total int, batches ...batch) error {
	d.gates.ReportExpired(s.env.Stderr)
	out, err := newReporter(s, d, batches[0].conn.session.Now, total)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	out.OnError(stop) // the output is no longer read
	var failed error
	next := 0
	for _, b := range batches {
		if err := b.diagnose(running, d, out, &next, len(batches) > 1, total > 0); err != nil && failed == nil {
			failed = err
		}
	}
	incomplete, nothing := "", false
	if errors.Is(failed, errTimeOver) {
		out.ListCut()
	}
	if err := out.End(func() string {
		incomplete = whyIncomplete(ctx, s.timeout, failed, out)
		if cut := batches[0].conn.cut; cut != nil && incomplete != "" && cut.Why != "" {
			incomplete = usage.Clean(cut.Why) // as the recorded run said
		}
		if r, ok := s.backend.(recording); ok && incomplete != "" {
			r.recorder.Incomplete(incomplete)
		}
		if len(d.open) > 0 { // whatever the recording has
			incomplete = strings.TrimPrefix(incomplete+"; "+strings.Join(d.open, "; "), "; ")
		}
		s.annotated = incomplete != ""
		nothing = incomplete == "" && out.Written() == 0 && !d.allowEmpty && !d.emptyPart()
		if nothing && s.output != "text" {
			s.annotated = true
			return "nothing was checked: " + d.whyEmpty(out.Hidden()+d.dropped)
		}
		return incomplete
	}); err != nil {
		return err
	}
	if incomplete == "" && out.Written() == 0 && d.emptyPart() {
		d.noteEmptyPart(s)
	}
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case failed != nil && !errors.Is(failed, errTimeOver):
		return failed
	case nothing:
		return errEmpty(d.whyEmpty(out.Hidden() + d.dropped))
	case incomplete != "":
		if s.output != "text" { // which ends in it
			fmt.Fprintf(s.env.Stderr, "domdoc: incomplete: %s\n", incomplete)
		}
	}
	return exitOf(out.Outcome())
}

// errTimeOver is the error of a list of domains that was not read to its end, because the time of the run was over.
// That is not the service's fault.
var errTimeOver = errors.New("the time limit of the run was reached before the list of domains was read completely")

// listCut is errTimeOver with the error of the call that was cut short.
type listCut struct{ err error }

func (listCut) Error() string     { return errTimeOver.Error() }
func (e listCut) Unwrap() []error { return []error{errTimeOver, e.err} }

// whyIncomplete says why a run is incomplete; empty if it is complete.
func whyIncomplete(ctx context.Context, timeout time.Duration, failed error, out *reporter.Reporter) string {
	if ctx.Err() != nil {
		return "the run was interrupted"
	}
	var why []string
	if cut, of := out.Cut(); cut > 0 {
		limit := fmt.Sprintf("the time limit of %s for one domain was reached", checks.DefaultTimeout)
		if timeout > 0 {
			limit = fmt.Sprintf("the run ended by --timeout %s", timeout)
		}
		why = append(why, fmt.Sprintf("%s: %d of %s %s not checked completely", limit, cut, layout.Count(of, "domain"),
			wasWere(cut)))
	}
	switch {
	case errors.Is(failed, errTimeOver) && unread(failed) != nil:
		why = append(why, leftOf(unread(failed), "looked at"))
	case failed != nil:
		said := usage.Clean(failed.Error())
		if note := unlisted(failed); note != "" {
			said = note + ": " + said
		}
		why = append(why, said)
	}
	return strings.Join(why, "; ")
}

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// leftOf says what was not done with the rest of a list that was not read to its end.
func leftOf(list *api.Unread, did string) string {
	if list.Total > list.Received {
		return fmt.Sprintf("%d of %s were not %s", list.Total-list.Received, layout.Count(list.Total, "domain"), did)
	}
	return fmt.Sprintf("the domains after the first %d were not %s", list.Received, did)
}

// cutList says that --timeout ended the reading of the list of domains.
func cutList(s *settings, err error, did string) string {
	why := fmt.Sprintf("the run ended by --timeout %s", s.timeout)
	if list := unread(err); list != nil {
		return why + ": " + leftOf(list, did)
	}
	return why + " before the list of domains was read"
}

// endIncomplete says on stderr why a run is incomplete, and ends it.
func endIncomplete(s *settings, why string) error {
	fmt.Fprintf(s.env.Stderr, "domdoc: incomplete: %s\n", why)
	s.annotate("domdoc: the run is incomplete", errors.New(why))
	return exit(ExitInconclusive)
}

// whyEmpty says why a run reported no domain, of which the filter dropped so many.
func (d *diagnosis) whyEmpty(hidden int) string {
	switch {
	case hidden == 1:
		return "the domain does not match --filter " + usage.Clean(d.filter)
	case hidden > 0:
		return fmt.Sprintf("none of %s matches --filter %s", layout.Count(hidden, "domain"), usage.Clean(d.filter))
	case d.filter != "":
		return "no domain matches --filter " + usage.Clean(d.filter)
	case d.shard != "" && d.targets > 0:
		return d.outside()
	}
	return "there are no domains"
}

// counted counts the targets of a list before it is divided into parts.
func (d *diagnosis) counted(targets targetList) targetList {
	return func(yield func(checks.Target) bool) error {
		return targets(func(t checks.Target) bool {
			d.targets++
			return yield(t)
		})
	}
}

// emptyPart reports whether only the part of --shard has no domains: that of a short list may have none. Domains that
// are named on the command line are meant, whatever the part.
func (d *diagnosis) emptyPart() bool {
	return d.shard != "" && d.listed && d.filter == "" && d.targets > 0
}

// outside says that all domains are in other parts.
func (d *diagnosis) outside() string {
	if d.targets == 1 {
		return "the domain is not in part " + d.shard
	}
	return fmt.Sprintf("none of %s is in part %s", layout.Count(d.targets, "domain"), d.shard)
}

// noteEmptyPart says that nothing was checked, and why that is no mistake.
func (d *diagnosis) noteEmptyPart(s *settings) {
	fmt.Fprintf(s.env.Stderr, "domdoc: nothing was checked: %s\n", d.outside())
}

// exitOf returns the exit code of an outcome.
func exitOf(o reporter.Outcome) error {
	switch o {
	case reporter.Findings:
		return exit(ExitFindings)
	case reporter.ServiceRefused:
		return exit(ExitService)
	case reporter.Inconclusive:
		return exit(ExitInconclusive)
	case reporter.Clean:
	}
	return nil
}

// diagnose diagnoses the targets of the batch. next is the number of the next domain. peers means that other domains
// of the tenant are looked at where one reports a failing integration. The error is that of the list of targets.
func (b batch) diagnose(ctx context.Context, d *diagnosis, out *reporter.Reporter, next *int,
	showProfile, peers bool,
) error {
	s, c := b.s, b.conn
	c.start()
	profile := ""
	if showProfile {
		profile = s.profile
	}
	var kept atomic.Int64
	if d.all && !showProfile {
		out.OnRest(b.rest(d, &kept))
	}
	begun := false
	begin := func() {
		begun = true
		ctx, cancel := c.limit(ctx)
		defer cancel()
		out.Begin(wire.NewVantage(c.doctor.Vantage(ctx)), wire.NewTenant(c.doctor.Tenant(ctx)), profile)
	}
	var failed error
	c.doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		failed = b.targets(func(t checks.Target) bool {
			kept.Add(1)
			ok := yield(*next, t)
			*next++
			return ok
		})
	}, s.jobs, func(n int, r *result.Domain) {
		if !begun { // vantage and tenant were checked along with the first domain
			begin()
		}
		s.recordEnded(r)
		d.gates.Findings.Apply(r)
		if s.observe != nil {
			s.observe(r)
		}
		if peers { // the other domains of the tenant are not part of the run
			for _, f := range c.doctor.Peers(ctx, r) {
				out.Peer(f)
			}
		}
		out.Domain(n, r, profile)
	})
	if !begun && ctx.Err() == nil {
		begin()
	}
	return failed
}
