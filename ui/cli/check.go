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

	"domdoc/checks"
	"domdoc/checks/query"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

// checkOptions are the flags of check.
type checkOptions struct {
	all   bool
	file  string
	watch bool
	shard string
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
		RunE: func(cmd *cobra.Command, args []string) error { return runCheck(cmd, s, o, args) },
	}
	cmd.Flags().BoolVar(&o.all, "all", false, "every domain of the tenant")
	cmd.Flags().StringVarP(&o.file, "file", "f", "", "read names from a file, one a line; - is stdin")
	cmd.Flags().BoolVar(&o.watch, "watch", false,
		"go on: ask each domain again when an answer can have changed, and print changes as JSON lines (-o text: in "+
			"words)")
	cmd.Flags().StringVar(&o.shard, "shard", "",
		"only this part of the domains: 2/8 is the second of eight; which domain is in which part depends on its name "+
			"alone")
	s.diagnosisFlags(cmd)
	reportFormats(cmd)
	return cmd
}

// diagnosisFlags are the flags of every command that diagnoses.
func (s *settings) diagnosisFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&s.expect, "expect", nil,
		"a record that should be published, repeatable: 'TYPE NAME=VALUE' (default: what the service says)")
	f.StringVar(&s.intent, "intent", "",
		"what the tenant is trying to do: attach, register or transfer (default: told by the reported code or a "+
			"running transfer, else attach)")
	f.StringVar(&s.failOn, "fail-on", "fail",
		"findings that end the command with exit code 1: fail, warn, inconclusive or never")
	f.StringSliceVar(&s.only, "only", nil,
		"let only these findings count: cause ids, families (record.*), codes or rungs")
	f.StringSliceVar(&s.skip, "skip", nil, "leave these findings out: cause ids, families (record.*), codes or rungs")
	s.gateFlags(cmd)
}

var failLevels = []string{"fail", "warn", "inconclusive", "never"}

func (s *settings) checkFailOn() error {
	if slices.Contains(failLevels, s.failOn) {
		return nil
	}
	return usagef("--fail-on warn", "--fail-on %q: use %s", clean(s.failOn), strings.Join(failLevels, ", "))
}

func runCheck(cmd *cobra.Command, s *settings, o checkOptions, args []string) error {
	ctx := cmd.Context()
	if err := s.checkFailOn(); err != nil {
		return err
	}
	names, err := s.names(args, o.file)
	if err != nil {
		return err
	}
	switch {
	case o.all && len(names) > 0:
		return usagef("domdoc check --all", "--all and names exclude each other")
	case o.all && len(s.several) < 2:
		if err := s.needService("check --all"); err != nil {
			return err
		}
	case !o.all && len(names) == 0 && o.file == "":
		return usagef("domdoc check shop.example.com", "check needs a name, or --all")
	}
	part, err := parseShard(o.shard)
	if err != nil {
		return err
	}
	template, err := s.template()
	if err != nil {
		return err
	}
	if len(s.several) > 1 {
		return s.checkProfiles(cmd, o, part, template)
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
	targets = part.of(targets)
	if o.watch {
		if s.outputSet && !slices.Contains(plainFormats[:], s.output) {
			return usagef("domdoc check --watch -o jsonl", "--output %q: check --watch has %s", s.output,
				strings.Join(plainFormats[:], ", "))
		}
		return s.watch(ctx, r, targets)
	}
	return s.diagnose(ctx, len(names), batch{s, r, targets})
}

// names gathers the arguments and the lines of a file.
func (s *settings) names(args []string, file string) ([]string, error) {
	names := slices.Clone(args)
	if file == "" {
		return names, nil
	}
	in, closeIn, err := s.input("--file", file)
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

// input opens a file, or stdin for "-". It was given by a flag, or as the argument of a command: "--file", "domdoc
// replay".
func (s *settings) input(by, file string) (io.Reader, func(), error) {
	if p := s.env.play; p != nil {
		if in, ok := p.inputOf(file); ok {
			return in, func() {}, nil
		}
	}
	note := func(in io.Reader) io.Reader {
		if s.recorder != nil {
			return s.recorder.input(file, in)
		}
		return in
	}
	if file == "-" {
		return note(s.env.Stdin), func() {}, nil
	}
	f, err := os.Open(file)
	if err != nil {
		if strings.HasPrefix(by, "--") {
			err = fmt.Errorf("%s: %w", by, err)
		}
		return nil, nil, usagef(by+" FILE, or - for stdin", "%w", err)
	}
	return note(f), func() { _ = f.Close() }, nil
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
	if p := s.env.play; p != nil {
		if p.Settings.AuthCode == nil {
			return "", false
		}
		return *p.Settings.AuthCode, true
	}
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
		return t, usagef("domdoc check shop.example.com",
			"%q is no domain name (it has no dot), and without a service it cannot be an id", clean(arg))
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
		if n, err := checks.ParseName(d.Name); err == nil {
			if sel := query.Undiagnosed(n, &d); !r.selects.Possible(&sel, r.session.Now()) {
				continue
			}
		}
		t := template
		t.Domain = &d
		if !yield(t) {
			return ctx.Err()
		}
	}
	r.service.NoteEnd(nil)
	return nil
}

// batch is targets that one profile asks for.
type batch struct {
	s       *settings
	run     *run
	targets func(yield func(checks.Target) bool) error
}

// diagnose runs targets, writes each report as it is ready, and ends with the code that the findings ask for. Of
// several profiles one follows the other.
func (s *settings) diagnose(ctx context.Context, total int, batches ...batch) error {
	s.sayOver()
	out, err := s.newOutput(batches[0].run.session.Now, total)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	out.stop = stop // when nobody reads any more, nobody needs to be asked
	var failed error
	order := 0
	for _, b := range batches {
		if err := b.diagnose(running, out, &order, len(batches) > 1); err != nil && failed == nil {
			failed = err
		}
	}
	cut := ""
	switch {
	case ctx.Err() != nil:
		cut = "the run was interrupted"
	case failed != nil:
		cut = clean(failed.Error())
	}
	if err := out.end(cut); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case failed != nil:
		return failed
	}
	return out.verdict(s.failOn)
}

// diagnose runs the targets of one profile. The error is the list's: not all of it could be read.
func (b batch) diagnose(ctx context.Context, out *output, order *int, named bool) error {
	s, r := b.s, b.run
	if s.timeout > 0 {
		r.doctor.Until = time.Now().Add(s.timeout)
	}
	profile := ""
	if named {
		profile = s.profile
	}
	begun := false
	begin := func() {
		begun = true
		out.begin(wire.NewVantage(r.doctor.Vantage(ctx)), wire.NewTenant(r.doctor.Tenant(ctx)), profile)
	}
	var failed error
	r.doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		failed = b.targets(func(t checks.Target) bool {
			ok := yield(*order, t)
			*order++
			return ok
		})
	}, s.jobs, func(n int, d *checks.DomainReport) {
		if !begun { // both were asked for beside the first domain
			begin()
		}
		s.filter.Apply(d)
		if s.env.seen != nil {
			s.env.seen(d)
		}
		if sel := query.Diagnosed(d); !s.gates.selects.Match(&sel, r.session.Now()) {
			out.pass(n)
			return
		}
		out.domain(n, d, profile)
	})
	if !begun && ctx.Err() == nil {
		begin()
	}
	return failed
}
