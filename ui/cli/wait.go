package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/causes"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/checks/progress"
	"domdoc/checks/result"
	"domdoc/ui/cli/gates"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
)

// waitOptions are the flags of wait.
type waitOptions struct {
	diagnosisOptions
	goal       string
	deadline   time.Duration
	keepAsking bool
	request    bool
	yes        bool
}

func newWait(s *settings) *cobra.Command {
	var o waitOptions
	cmd := &cobra.Command{
		Use:   "wait NAME|ID",
		Short: "wait until a domain is verified, propagated, certified or healthy",
		Long: `Returns once the condition holds (exit code 0), or once it can no longer be met (exit code 5) and says what
to fix first. It checks again when an answer may have changed: when a stale cache entry expires, and every few seconds
for the service and the zone's authoritative servers.`,
		Example: `  domdoc wait shop.example.com --for verified
  domdoc wait shop.example.com --for propagated ` +
			`--expect 'CNAME shop.example.com=d111111abcdef8.cloudfront.net' --deadline 1h
  domdoc wait shop.example.com --for verified --keep-asking && ./go-live.sh`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage.Errorf("domdoc wait shop.example.com --for verified", "wait needs one name or id, got %d",
					len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runWait(cmd.Context(), s, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.goal, "for", string(progress.GoalHealthy),
		"condition: verified, propagated, certificate or healthy")
	f.DurationVar(&o.deadline, "deadline", 10*time.Minute, "maximum time to wait")
	f.BoolVar(&o.keepAsking, "keep-asking", false,
		"keep polling until the deadline even if a fix is required first")
	f.BoolVar(&o.request, "request", false,
		"request verification (or the certificate) from the service once everything is in place; needs --yes")
	f.BoolVar(&o.yes, "yes", false, "confirm --request")
	o.addFlags(cmd)
	for _, name := range []string{"filter", "baseline", "fail-on", "allow-empty"} { // the exit code is about the goal
		_ = f.MarkHidden(name)
	}
	return cmd
}

func runWait(ctx context.Context, s *settings, o *waitOptions, arg string) error {
	switch {
	case o.gates.Filter != "":
		return usage.Errorf("domdoc wait shop.example.com",
			"--filter: wait is for one domain; use domdoc check to select some")
	case o.gates.Baseline != "":
		return usage.Errorf("--ignore record.ttl-out-of-range",
			"--baseline: wait takes no earlier report; to accept a finding, use --ignore")
	}
	d, err := o.parse(s)
	if err != nil {
		return err
	}
	goal, err := progress.ParseGoal(o.goal)
	if err != nil {
		return usage.Errorf("--for verified", "--for: %w", err)
	}
	switch {
	case o.deadline <= 0:
		return usage.Errorf("--deadline 10m", "--deadline %s: must be positive", o.deadline)
	case o.request && goal != progress.GoalVerified && goal != progress.GoalCertificate:
		return usage.Errorf("--for verified --request --yes", "--request needs --for verified or --for certificate")
	case o.request && !o.yes:
		return usage.Errorf("--request --yes",
			"--request sends POST /domains/v1/{id}/%s, which changes the domain at the service: confirm with --yes",
			requestOf(goal))
	}
	if goal.NeedsService() || o.request {
		if err := s.needService("wait --for " + string(goal)); err != nil {
			return err
		}
	}
	target, err := d.target(s, arg)
	if err != nil {
		return err
	}
	c, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer c.close()
	w := &waiter{
		s: s, conn: c, o: o, gates: d.gates, goal: goal, target: target, deadline: time.Now().Add(o.deadline),
		style: layout.Style{Color: s.colored(s.env.StderrTTY), Width: min(s.env.Width, 110)},
	}
	c.start()
	if s.timeout > 0 && s.timeout < o.deadline {
		w.deadline, w.timeout = time.Now().Add(s.timeout), s.timeout
	}
	return w.wait(ctx)
}

func requestOf(g progress.Goal) string {
	if g == progress.GoalCertificate {
		return "ssl"
	}
	return "verify"
}

// waiter waits for one domain.
type waiter struct {
	s        *settings
	conn     *connection
	o        *waitOptions
	gates    *gates.Gates
	goal     progress.Goal
	target   checks.Target
	deadline time.Time
	timeout  time.Duration // of --timeout, where it ends the wait; 0: --deadline does
	style    layout.Style

	result    render.Waited
	lastLine  string // of progress
	shown     bool   // progress is on the screen
	requested time.Time
	doubted   []catalog.ID // obstacles at the last check that may be temporary
	except    string       // why what a filter drops counts; empty where none does
}

// Times of a wait.
const (
	recheckAfter = 5 * time.Second // an obstacle that may be temporary is checked twice before it ends the wait
	requestEvery = time.Minute     // minimum time between two requests
	answerAfter  = 2 * time.Second // time for the service to act on a request
)

func (w *waiter) wait(ctx context.Context) error {
	w.result = render.Waited{Goal: w.goal, Began: w.conn.session.Now()}
	begun := time.Now()
	for {
		r, whole, next := w.diagnose(ctx)
		w.result.Took = time.Since(begun)
		if ctx.Err() != nil { // prefer the last complete report
			if w.result.Report == nil {
				w.result.Report = r
			}
			w.result.Ended, w.result.Why = render.Interrupted, "the wait was interrupted"
			if err := w.end(); err != nil {
				return err
			}
			return exit(ExitInterrupted)
		}
		p := w.measure(r, whole)
		if r.Interrupted && w.timeout > 0 && w.result.Report != nil { // prefer the last complete report
			p = w.result.Progress
		} else {
			w.result.Report, w.result.Asked, w.result.Progress = r, w.result.Asked+1, p
		}
		if p.Reached {
			w.result.Ended = render.Reached
			return w.end()
		}
		if err := w.refused(ctx, r); err != nil {
			return err
		}
		now := w.conn.session.Now()
		left := time.Until(w.deadline)
		if left > 0 && w.recheck(p) {
			next = progress.Next{At: now.Add(recheckAfter), Reason: catalog.NextSource}
		} else if ended, why := w.giveUp(p, now, left); ended != "" {
			w.result.Ended, w.result.Why = ended, why
			if err := w.end(); err != nil {
				return err
			}
			return exit(ExitWait)
		}
		sent, err := w.request(ctx, r, p)
		if err != nil {
			return err
		}
		if sent {
			next = progress.Next{At: now.Add(answerAfter), Reason: catalog.NextService}
		}
		pause := w.s.backend.pause(min(max(next.At.Sub(now), time.Second), left))
		w.progress(p, next)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// diagnose diagnoses in a fresh session. It returns the report as filtered and as a whole.
func (w *waiter) diagnose(ctx context.Context) (r, whole *result.Domain, next progress.Next) {
	doctor := w.conn.fresh()
	defer doctor.Session.Close()
	doctor.Until = w.conn.doctor.Until
	r = doctor.Diagnose(ctx, w.target)
	unfiltered := *r
	w.gates.Findings.Apply(r)
	if w.s.observe != nil {
		w.s.observe(r)
	}
	return r, &unfiltered, w.goal.Next(r, doctor.Session.Now())
}

// measure compares a diagnosis with the goal. What --only and --skip leave out does not make a goal reached. An
// exception does, unless the service itself reports a code because of the fault.
func (w *waiter) measure(r, whole *result.Domain) progress.Progress {
	p := w.goal.Progress(r)
	w.except, w.result.Apart = "", nil
	all := w.goal.Progress(whole)
	leftOut := slices.ContainsFunc(r.LeftOut, func(l result.LeftOut) bool {
		return l.Ignored == "" && l.Verdict != catalog.Warn
	})
	switch {
	case all.Reached, !p.Reached && (len(p.Stuck) > 0 || !leftOut):
		return p
	case leftOut:
		w.except = "left out by --only or --skip"
		return all
	}
	var ignored []string
	reported := false
	for _, f := range r.Roots() {
		if f.Ignored == "" || f.Verdict != catalog.Fail {
			continue
		}
		ignored = append(ignored, string(f.ID))
		reported = reported || slices.ContainsFunc(r.Codes, func(c result.Code) bool {
			return c.State == result.CodeExplained && slices.Contains(c.Causes, f.ID)
		})
	}
	if reported {
		w.except = "an exception does not change what the service reports"
		return all
	}
	for _, l := range r.LeftOut {
		if l.Ignored != "" {
			ignored = append(ignored, l.Check+" (not checked)")
		}
	}
	w.result.Apart = ignored
	return p
}

// refused ends the wait if the service rejects requests.
func (w *waiter) refused(ctx context.Context, r *result.Domain) error {
	if w.conn.client == nil || w.target.ID == "" && !w.goal.NeedsService() {
		return nil
	}
	for _, f := range r.Roots() {
		if f.ID == causes.ServiceUnauthorized.ID || f.ID == causes.ServiceWrongEndpoint.ID {
			w.clear()
			if err := report.Text(w.s.env.Stdout, r, w.out()); err != nil {
				return err
			}
			return exit(ExitService)
		}
	}
	return nil
}

// recheck reports whether the obstacles may be temporary and must be seen twice before they end the wait. Those that
// only the tenant can remove are final.
func (w *waiter) recheck(p progress.Progress) bool {
	if w.o.keepAsking {
		return false
	}
	if len(p.Stuck) == 0 {
		w.doubted = nil
		return false
	}
	var ids []catalog.ID
	for _, f := range p.Stuck {
		if slices.Equal(f.Actors(), []catalog.Actor{catalog.Tenant}) {
			return false
		}
		ids = append(ids, f.ID)
	}
	seen := slices.Equal(ids, w.doubted)
	w.doubted = ids
	return !seen
}

// giveUp returns how the wait ends if the goal can no longer be reached in time, and why; else an empty end.
func (w *waiter) giveUp(p progress.Progress, now time.Time, left time.Duration) (ended render.Ending, why string) {
	if left <= 0 {
		why = "the deadline of " + catalog.Span(w.o.deadline) + " has passed"
		if w.timeout > 0 {
			why = fmt.Sprintf("the run ended by --timeout %s", w.timeout)
		}
		switch {
		case len(p.Stuck) > 0:
			why += "; a fix is required first: " + p.Stuck[0].Title
		case p.Waits != "":
			why += "; still waiting for: " + p.Waits
		case p.Unknown != "":
			why += "; could not check: " + p.Unknown
		}
		if !p.Until.IsZero() {
			why += " (latest " + w.out().Clock(p.Until) + ")"
		}
		return render.Deadline, why
	}
	if w.o.keepAsking {
		return "", ""
	}
	if len(p.Stuck) > 0 {
		var names []string
		for _, f := range p.Stuck {
			names = append(names, string(f.ID))
		}
		why = "waiting will not help: fix " + strings.Join(names, ", ") + " first"
		if w.except != "" {
			why += " (" + w.except + ")"
		}
		return render.Stuck, why
	}
	if end := now.Add(left); !p.Until.IsZero() && p.Until.After(end) && p.Unknown == "" {
		return render.Stuck,
			fmt.Sprintf(
				"it may take until %s, which is after the deadline; use --deadline %s",
				w.out().Clock(p.Until), roundUp(p.Until.Sub(now)))
	}
	return "", ""
}

// roundUp formats a slightly longer duration for --deadline.
func roundUp(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "1m"
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", int(d/time.Minute)+1)
	}
	return fmt.Sprintf("%dh", int(d/time.Hour)+1)
}

// request asks the service to act if everything else is done and the user agreed. sent reports whether the service
// accepted it.
func (w *waiter) request(ctx context.Context, r *result.Domain, p progress.Progress) (sent bool, err error) {
	if !w.o.request || r.ID == "" || len(p.Stuck) > 0 || p.Unknown != "" || !p.Until.IsZero() ||
		time.Since(w.requested) < requestEvery {
		return false, nil
	}
	w.requested = time.Now()
	sctx := probe.NewContext(ctx, w.conn.session)
	if w.goal == progress.GoalCertificate {
		if r.Held.HasCertificate {
			return false, nil // already requested
		}
		_, err = w.conn.client.IssueCertificate(sctx, r.ID)
	} else {
		_, err = w.conn.client.Verify(sctx, r.ID)
	}
	var e *api.Error
	switch {
	case err == nil:
		w.note("sent POST /domains/v1/" + usage.Clean(r.ID) + "/" + requestOf(w.goal))
		return true, nil
	case errors.As(err, &e) && (e.Kind == api.KindUnauthorized || e.Kind == api.KindForbidden):
		return false, &serviceError{err: err}
	}
	w.note("the service rejected the request: " + usage.Clean(err.Error()))
	return false, nil
}

// note writes one line to stderr.
func (w *waiter) note(line string) {
	w.clear()
	fmt.Fprintln(w.s.env.Stderr, line)
}

// progress shows the state of the wait: on a terminal as one line that is updated, elsewhere as a line whenever it
// changes.
func (w *waiter) progress(p progress.Progress, next progress.Next) {
	if w.s.env.StderrTTY {
		line := render.WaitLine(p, next, w.result.Asked, w.style)
		if width := w.s.env.Width; width > 0 {
			line = ansi.Truncate(line, width-1, "…")
		}
		fmt.Fprint(w.s.env.Stderr, "\r\x1b[K"+line)
		w.shown = true
		return
	}
	line := render.WaitLine(p, progress.Next{}, 1, w.style)
	if line != w.lastLine {
		w.lastLine = line
		fmt.Fprintln(w.s.env.Stderr, render.WaitLine(p, next, w.result.Asked, w.style))
	}
}

func (w *waiter) clear() {
	if w.shown {
		fmt.Fprint(w.s.env.Stderr, "\r\x1b[K")
		w.shown = false
	}
}

func (w *waiter) out() layout.Style {
	return layout.Style{
		Color: w.s.colored(w.s.env.StdoutTTY), Width: min(w.s.env.Width, 110),
		Now: w.conn.session.Now(),
	}
}

func (w *waiter) end() error {
	w.clear()
	switch w.s.output {
	case "json":
		return render.WaitedJSON(w.s.env.Stdout, &w.result, true)
	case "jsonl":
		return render.WaitedJSON(w.s.env.Stdout, &w.result, false)
	}
	return render.WaitedText(w.s.env.Stdout, &w.result, w.out())
}
