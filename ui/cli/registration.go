package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/ui/cli/namelist"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render"

	"github.com/spf13/cobra"
)

// registrationOptions are the flags of registration.
type registrationOptions struct {
	file       string
	rate       float64
	rateSet    bool
	failOn     string
	allowEmpty bool
}

func newRegistration(s *settings) *cobra.Command {
	var o registrationOptions
	cmd := &cobra.Command{
		Use:   "registration NAME…",
		Short: "look up who holds names, and until when",
		Long: `Looks up whether each name is registered, by whom and until when, or whether it is free, and which sources
agree: the registry's RDAP and WHOIS servers, and the delegation in the DNS. It is designed for long lists of names.

Each name is printed as soon as it is known, on one line; a single name is shown with everything that is known. So the
order is that of the answers: names of one ending keep their order roughly, those of a slow registry come late. A name
that is listed twice, in any spelling, is printed once. Names below one registered name share one question.

A name is free only if a registry says so. A name that its parent zone delegates is registered, even if its registry
refuses questions or fails; its dates are then not known, and the exit code is 3. Where neither says anything, the name
could not be checked. RDAP and the DNS do not tell a reserved name from a free one,
so only a name that WHOIS calls free as well is free for certain.

Each registry's servers are asked as often as is known to be accepted: by default 5 RDAP questions and 1 WHOIS question
per second. A server that refuses is left alone for as long as it says, up to two minutes, then asked again at a lower
rate; the other registries go on. With a longer pause, its names could not be checked, and retryAfterSeconds says when
to ask again: run those names again later.`,
		Example: `  domdoc registration shop.example.com
  domdoc registration -f names.txt -o jsonl
  domdoc registration -f names.txt -o jsonl | jq -r 'select(.state == "registered") | [.name, .expiresAt] | @tsv'
  domdoc registration -f portfolio.txt --fail-on warn`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.rateSet = cmd.Flags().Changed("rate")
			return runRegistration(cmd.Context(), s, &o, args)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.file, "file", "f", "", "read names from a file, one per line; - is stdin")
	f.Float64Var(&o.rate, "rate", 0,
		"questions per second to each server of a registry; 0: unlimited (default: what is "+
			"known to be accepted)")
	f.StringVar(&o.failOn, "fail-on", "fail",
		"exit with 1 at this level: fail (no state of a registration is a failure), warn (one has ended, ends within 30 "+
			"days or is on hold), inconclusive or never")
	addAllowEmptyFlag(cmd, &o.allowEmpty)
	return cmd
}

func runRegistration(ctx context.Context, s *settings, o *registrationOptions, args []string) error {
	if err := checkFailOn(o.failOn); err != nil {
		return err
	}
	if o.rate < 0 {
		return usage.Errorf("--rate 2", "--rate must not be negative; 0 means unlimited")
	}
	if len(args) == 0 && o.file == "" {
		return usage.Errorf("domdoc registration shop.example.com", "registration needs a name or --file")
	}
	list := &namelist.List{Args: args}
	if o.file != "" {
		file, err := s.open("--file", o.file)
		if err != nil {
			return err
		}
		defer file.Close()
		list.File = file
	}
	pacing := &probe.Pacing{Rate: o.rate}
	if o.rateSet && o.rate == 0 {
		pacing.Rate = -1
	}
	c, err := connectWith(ctx, s, func(opt *probe.Options) { opt.Pacing = pacing })
	if err != nil {
		return err
	}
	defer c.close()
	single := len(args) == 1 && o.file == ""
	running, stop := context.WithCancel(ctx)
	defer stop()
	r := &registrations{
		s: s, stop: stop, now: c.session.Now,
		out:      render.NewRegistrations(s.env.Stdout, s.output, single, c.session.Now, s.style()),
		progress: s.env.StderrTTY && !single,
	}
	opt := probe.LookUpOptions{Jobs: s.jobs}
	if s.timeout > 0 {
		opt.Until = time.Now().Add(s.timeout)
		r.until = opt.Until
	}
	c.session.LookUp(running, opt, r.names(running, list), r.name)
	return r.end(ctx, o, list)
}

// registrations is a run of registration.
type registrations struct {
	s    *settings
	stop func()
	now  func() time.Time
	// until is when --timeout ends the run; zero: never.
	until time.Time

	mu       sync.Mutex // guards following
	out      *render.Registrations
	progress bool // show progress on stderr
	shown    bool // it is on the screen
	read     int  // names
	done     int
	unknown  int // names that could not be checked
	ending   int // registrations that have ended, end soon or are on hold
	failed   error
}

// names yields each name of a list once. The list is read beside, since a terminal or a pipe may never end.
func (r *registrations) names(ctx context.Context, list *namelist.List) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		read := make(chan string)
		go func() {
			defer close(read)
			list.Each(r.reportInvalid, func(e namelist.Entry) bool {
				select {
				case read <- e.Name:
					return true
				case <-ctx.Done():
					return false
				}
			})
		}()
		seen := map[string]bool{}
		for {
			select {
			case name, more := <-read:
				switch {
				case !more:
					return
				case seen[name]:
					continue
				}
				seen[name] = true
				r.mu.Lock()
				r.read++
				r.mu.Unlock()
				if !yield(name) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// reportInvalid reports an invalid line of the input; the others are still looked up.
func (r *registrations) reportInvalid(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clearProgress()
	fmt.Fprintf(r.s.env.Stderr, "domdoc: error: %s\n", usage.Clean(err.Error()))
}

// name takes a name that is done.
func (r *registrations) name(name string, reg *probe.RegistrationReport) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	switch {
	case !reg.Judged():
		r.unknown++
	case checks.EndsSoon(reg, r.now()):
		r.ending++
	}
	r.clearProgress()
	if err := r.out.Name(name, reg); err != nil {
		r.failed = err
		r.stop() // the output is no longer read
		return
	}
	if r.progress {
		fmt.Fprintf(r.s.env.Stderr, "\r\x1b[K%d of %d checked, %d could not be", r.done, r.read, r.unknown)
		r.shown = true
	}
}

// clearProgress removes the progress from the screen. r.mu is held.
func (r *registrations) clearProgress() {
	if r.shown {
		fmt.Fprint(r.s.env.Stderr, "\r\x1b[K")
		r.shown = false
	}
}

// end completes the output and returns the error of the run.
func (r *registrations) end(ctx context.Context, o *registrationOptions, list *namelist.List) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clearProgress()
	err := r.out.Close()
	switch {
	case ctx.Err() != nil:
		return exit(ExitInterrupted)
	case err != nil:
		return err
	case list.Err != nil:
		return list.Err
	case list.Malformed > 0:
		return list.Invalid("looked up", "domdoc registration shop.example.com")
	case r.done == 0 && !o.allowEmpty:
		return errEmpty("the list has no names")
	case r.done > 0 && r.unknown == r.done && o.failOn != "inconclusive":
		return exit(ExitInconclusive) // nothing was judged
	case o.failOn == "never" && r.unknown > 0 && !r.until.IsZero() && !time.Now().Before(r.until):
		return exit(ExitInconclusive) // cut short
	case o.failOn == "never":
		return nil
	case o.failOn != "fail" && r.ending > 0, o.failOn == "inconclusive" && r.unknown > 0:
		return exit(ExitFindings)
	case r.unknown > 0:
		return exit(ExitInconclusive)
	}
	return nil
}
