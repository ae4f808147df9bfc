package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/ui/render"

	"github.com/spf13/cobra"
)

// checkOptions are the flags of check.
type checkOptions struct {
	all   bool
	file  string
	watch bool
}

func newCheck(s *settings) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [NAME|ID]…",
		Short: "diagnose domains",
		Long: `Diagnoses domains and predicts the service's codes from evidence. A name needs no service at all: then only what
DNS, registration, TLS and HTTP can tell is judged. With a service, what it holds is compared with what is published.`,
		Example: `  domdoc check shop.example.com
  domdoc check shop.example.com --expect 'TXT _verify.shop.example.com=tok-1' --expect 'CNAME shop.example.com=d111111abcdef8.cloudfront.net'
  domdoc check --all -o jsonl
  cut -d, -f1 domains.csv | domdoc check -f -`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return runCheck(cmd.Context(), s, o, args) },
	}
	cmd.Flags().BoolVar(&o.all, "all", false, "every domain of the tenant")
	cmd.Flags().StringVarP(&o.file, "file", "f", "", "read names from a file, one a line; - is stdin")
	cmd.Flags().BoolVar(&o.watch, "watch", false, "go on: ask each domain again when an answer can have changed, and print changes as JSON lines (-o text: in words)")
	s.diagnosisFlags(cmd)
	return cmd
}

// diagnosisFlags are the flags of every command that diagnoses.
func (s *settings) diagnosisFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&s.expect, "expect", nil, "a record that should be published, repeatable: 'TYPE NAME=VALUE' (default: what the service says)")
	f.StringVar(&s.intent, "intent", "", "what the tenant is trying to do: attach, register or transfer (default: told by the reported code or a running transfer, else attach)")
	f.StringVar(&s.failOn, "fail-on", "fail", "findings that end the command with exit code 1: fail, warn, inconclusive or never")
	f.StringSliceVar(&s.only, "only", nil, "let only these findings count: cause ids, families (record.*), codes or rungs")
	f.StringSliceVar(&s.skip, "skip", nil, "leave these findings out: cause ids, families (record.*), codes or rungs")
}

var failLevels = []string{"fail", "warn", "inconclusive", "never"}

func runCheck(ctx context.Context, s *settings, o checkOptions, args []string) error {
	if !slices.Contains(failLevels, s.failOn) {
		return usagef("--fail-on warn", "--fail-on %q: use %s", clean(s.failOn), strings.Join(failLevels, ", "))
	}
	names, err := s.names(args, o.file)
	if err != nil {
		return err
	}
	switch {
	case o.all && len(names) > 0:
		return usagef("domdoc check --all", "--all and names exclude each other")
	case o.all:
		if err := s.needService("check --all"); err != nil {
			return err
		}
	case len(names) == 0 && o.file == "":
		return usagef("domdoc check shop.example.com", "check needs a name, or --all")
	}
	template, err := s.template()
	if err != nil {
		return err
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	targets := func(yield func(checks.Target) bool) error {
		for _, n := range names {
			t, err := s.target(template, n)
			if err != nil {
				return err
			}
			if !yield(t) {
				break
			}
		}
		return nil
	}
	if o.all {
		targets = func(yield func(checks.Target) bool) error { return r.everyDomain(ctx, template, yield) }
	} else {
		for _, n := range names { // a mistake in any of them is said before the first is asked
			if _, err := s.target(template, n); err != nil {
				return err
			}
		}
	}
	if o.watch {
		return s.watch(ctx, r, targets)
	}
	return s.diagnose(ctx, r, len(names), targets)
}

// names gathers the arguments and the lines of a file.
func (s *settings) names(args []string, file string) ([]string, error) {
	names := slices.Clone(args)
	if file == "" {
		return names, nil
	}
	in, closeIn, err := s.input(file)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	for line, err := range lines(in) {
		if err != nil {
			return nil, usagef("", "reading %s: %w", file, err)
		}
		names = append(names, line)
	}
	return names, nil
}

// input opens a file, or stdin for "-".
func (s *settings) input(file string) (io.Reader, func(), error) {
	if file == "-" {
		return s.env.Stdin, func() {}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, usagef("-f names.txt, or -f - for stdin", "--file: %w", err)
	}
	return f, func() { _ = f.Close() }, nil
}

// lines reads names, one a line; empty lines and comments are passed over.
func lines(in io.Reader) func(yield func(string, error) bool) {
	return func(yield func(string, error) bool) {
		sc := bufio.NewScanner(in)
		sc.Buffer(make([]byte, 0, 64<<10), 64<<10)
		for sc.Scan() {
			line := strings.TrimSpace(sc.Text())
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if !yield(line, nil) {
				return
			}
		}
		if err := sc.Err(); err != nil {
			if errors.Is(err, bufio.ErrTooLong) {
				err = errors.New("a line of more than 64 KiB is no name")
			}
			yield("", err)
		}
	}
}

// template is what the flags say of every target.
func (s *settings) template() (checks.Target, error) {
	var t checks.Target
	var err error
	if t.Expect, err = s.expectations(); err != nil {
		return t, err
	}
	if s.intent != "" {
		if t.Intent, err = checks.ParseIntent(s.intent); err != nil {
			return t, usagef("--intent transfer", "--intent: %w", err)
		}
	}
	if code, ok := s.authCode(); ok {
		t.AuthCode = &code
	}
	return t, nil
}

// authCode is an authorization code whose form is to be checked. It has no flag: that would show in process lists.
func (s *settings) authCode() (string, bool) {
	code := s.env.Getenv("DOMDOC_AUTH_CODE")
	return code, code != ""
}

// target makes a target of an argument: a name has a dot, an id of the service has none.
func (s *settings) target(template checks.Target, arg string) (checks.Target, error) {
	t := template
	if strings.ContainsAny(arg, ".:/@ ") || !isASCII(arg) {
		t.Name = arg
		return t, nil
	}
	if s.apiURL == "" {
		return t, usagef("domdoc check shop.example.com", "%q is no domain name (it has no dot), and without a service it cannot be an id", clean(arg))
	}
	t.ID = arg
	return t, nil
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f }) }

// everyDomain yields each domain of the tenant as the pages arrive.
func (r *run) everyDomain(ctx context.Context, template checks.Target, yield func(checks.Target) bool) error {
	for d, err := range r.client.Domains(ctx) {
		if err != nil {
			r.service.NoteEnd(err)
			return &serviceError{err}
		}
		r.service.Note(d)
		t := template
		t.Domain = &d
		if !yield(t) {
			return ctx.Err()
		}
	}
	r.service.NoteEnd(nil)
	return nil
}

// diagnose runs targets, writes each report as it is ready, and ends with the code that the findings ask for.
func (s *settings) diagnose(ctx context.Context, r *run, total int, targets func(yield func(checks.Target) bool) error) error {
	if s.timeout > 0 {
		r.doctor.Until = time.Now().Add(s.timeout)
	}
	out := newOutput(s, r, total)
	var failed error
	order := 0
	r.doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		failed = targets(func(t checks.Target) bool {
			ok := yield(order, t)
			order++
			return ok
		})
	}, s.jobs, func(n int, d *checks.DomainReport) {
		if !out.begun { // both were asked for beside the first domain
			out.begin(r.doctor.Vantage(ctx), r.doctor.Tenant(ctx))
		}
		s.filter.Apply(d)
		out.domain(n, d)
	})
	if !out.begun && ctx.Err() == nil {
		out.begin(r.doctor.Vantage(ctx), r.doctor.Tenant(ctx))
	}
	if err := out.end(); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case failed != nil:
		return failed
	}
	return s.verdict(out)
}

// verdict is the exit code that the findings ask for.
func (s *settings) verdict(o *output) error {
	sum := o.summary
	switch {
	case s.failOn == "never":
		return nil
	case sum.Fail > 0,
		s.failOn != "fail" && (sum.Warn > 0 || o.warned > 0),
		s.failOn == "inconclusive" && sum.Inconclusive > 0:
		return exit(ExitFindings)
	case o.refused:
		return exit(ExitService)
	case sum.Inconclusive > 0:
		return exit(ExitInconclusive)
	}
	return nil
}

// output writes reports in the chosen format: in the order of the targets as text and JSON, as each is ready as JSON lines.
type output struct {
	s       *settings
	style   render.Style
	stream  *render.JSONStream
	started time.Time
	run     *run
	total   int
	summary render.Summary
	warned  int  // domains with a warning beside something that could not be judged
	refused bool // the service refused us, or is down
	failing int
	vantage *checks.VantageReport
	tenant  *checks.TenantReport
	// tenantMatters means that something about the tenant explains a code of a domain that was asked for by name.
	tenantMatters bool

	light   []*checks.DomainReport // what incidents are made of: names and codes
	waiting map[int]*checks.DomainReport
	next    int
	err     error
	shown   bool
	begun   bool
}

func newOutput(s *settings, r *run, total int) *output {
	o := &output{s: s, run: r, total: total, started: r.session.Now(), waiting: map[int]*checks.DomainReport{}}
	o.style = render.Style{Color: s.colored(s.env.StdoutTTY), Width: min(s.env.Width, 110), Now: r.session.Now()}
	if s.output == "json" {
		o.stream = render.NewJSONStream(s.env.Stdout, s.env.Version, o.started)
	}
	return o
}

func (o *output) begin(v *checks.VantageReport, t *checks.TenantReport) {
	o.vantage, o.tenant, o.begun = v, t, true
	if o.s.output == "text" && v != nil {
		o.keep(render.Vantage(o.s.env.Stdout, v, o.style))
		o.style.Shown = v.Findings
	}
}

func (o *output) keep(err error) {
	if err != nil && o.err == nil {
		o.err = err
	}
}

func (o *output) domain(n int, d *checks.DomainReport) {
	o.summary.Add(d)
	if d.Verdict == catalog.Fail {
		o.failing++
	}
	for _, f := range d.Findings {
		if f.Root() && f.Verdict == catalog.Warn && d.Verdict == catalog.Inconclusive {
			o.warned++
			break
		}
	}
	for _, f := range d.Findings {
		switch f.ID {
		case catalog.ServiceUnauthorized.ID, catalog.ServiceUnreachable.ID, catalog.ServiceWrongEndpoint.ID, catalog.ServiceRateLimited.ID:
			o.refused = true
		}
	}
	for _, c := range d.Codes {
		for _, id := range c.Causes {
			o.tenantMatters = o.tenantMatters || o.tenant != nil && slices.ContainsFunc(o.tenant.Findings, func(f *checks.Finding) bool { return f.ID == id })
		}
	}
	if len(d.Codes) > 0 {
		o.light = append(o.light, &checks.DomainReport{Name: d.Name, Codes: d.Codes})
	}
	if o.s.output == "jsonl" {
		o.keep(render.JSONLine(o.s.env.Stdout, d))
		o.progress()
		return
	}
	o.waiting[n] = d
	for d := o.waiting[o.next]; d != nil; d = o.waiting[o.next] {
		delete(o.waiting, o.next)
		o.next++
		o.write(d)
	}
	o.progress()
}

func (o *output) write(d *checks.DomainReport) {
	o.clearProgress()
	switch {
	case o.s.output == "json":
		o.keep(o.stream.Domain(d))
	case d.Verdict == catalog.Pass && len(d.Findings) == 0:
		o.keepLine(render.HealthyLine(d, o.style))
	default:
		o.keep(render.Text(o.s.env.Stdout, d, o.style))
	}
}

func (o *output) keepLine(line string) {
	_, err := fmt.Fprintln(o.s.env.Stdout, line)
	o.keep(err)
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
	fmt.Fprintf(o.s.env.Stderr, "\r\x1b[K%d%s checked, %d failing", o.summary.Domains, of, o.failing)
	o.shown = true
}

func (o *output) clearProgress() {
	if o.shown {
		fmt.Fprint(o.s.env.Stderr, "\r\x1b[K")
		o.shown = false
	}
}

// end writes what comes after the domains.
func (o *output) end() error {
	o.clearProgress()
	for len(o.waiting) > 0 { // an interrupted run leaves gaps
		if d := o.waiting[o.next]; d != nil {
			delete(o.waiting, o.next)
			o.write(d)
		}
		o.next++
	}
	tenant := o.tenant
	if incidents := checks.Incidents(o.light); len(incidents) > 0 {
		if tenant == nil {
			tenant = &checks.TenantReport{}
		}
		t := *tenant
		t.Findings = append(incidents, t.Findings...)
		tenant = &t
	}
	switch o.s.output {
	case "json":
		o.keep(o.stream.End(&render.Run{Took: o.run.session.Now().Sub(o.started), Vantage: o.vantage, Tenant: tenant, Summary: o.summary}))
	case "text":
		if tenant != nil && (o.total == 0 || o.tenantMatters) {
			o.keepLine("")
			o.keep(render.Tenant(o.s.env.Stdout, tenant, o.style))
		}
		o.keepLine(o.summary.Line(o.run.session.Now()))
	}
	if o.err != nil {
		return o.err
	}
	return nil
}
