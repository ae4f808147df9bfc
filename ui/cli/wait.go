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
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
)

// waitOptions are the flags of wait.
type waitOptions struct {
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
		Long: `Returns as soon as it is true (exit code 0), or as soon as it can no longer become true (exit code 5): then it names what to
mend first. It asks again when an answer can have changed: at the end of a stale cache, and of the service and the zone's own
servers every few seconds.`,
		Example: `  domdoc wait shop.example.com --for verified
  domdoc wait shop.example.com --for propagated --expect 'CNAME shop.example.com=d111111abcdef8.cloudfront.net' --deadline 1h
  domdoc wait shop.example.com --for verified --keep-asking && ./go-live.sh`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("domdoc wait shop.example.com --for verified", "wait needs one name or id, and got %d",
					len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runWait(cmd.Context(), s, o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.goal, "for", string(progress.GoalHealthy),
		"what to wait for: verified, propagated, certificate or healthy")
	f.DurationVar(&o.deadline, "deadline", 10*time.Minute, "give up after so long")
	f.BoolVar(&o.keepAsking, "keep-asking", false,
		"go on until the deadline, although somebody must mend something first")
	f.BoolVar(&o.request, "request", false,
		"ask the service to verify (or to issue the certificate) once everything is in place; needs --yes")
	f.BoolVar(&o.yes, "yes", false, "agree to what --request sends")
	s.diagnosisFlags(cmd)
	return cmd
}

func runWait(ctx context.Context, s *settings, o waitOptions, arg string) error {
	goal, err := progress.ParseGoal(o.goal)
	if err != nil {
		return usagef("--for verified", "--for: %w", err)
	}
	switch {
	case o.deadline <= 0:
		return usagef("--deadline 10m", "--deadline %s: want a time to come", o.deadline)
	case o.request && goal != progress.GoalVerified && goal != progress.GoalCertificate:
		return usagef("--for verified --request --yes", "--request goes with --for verified and --for certificate")
	case o.request && !o.yes:
		return usagef("--request --yes",
			"--request sends POST /domains/v1/{id}/%s to the service, which changes the domain's state there: agree "+
				"with --yes", requestOf(goal))
	}
	if goal.NeedsService() || o.request {
		if err := s.needService("wait --for " + string(goal)); err != nil {
			return err
		}
	}
	template, err := s.template()
	if err != nil {
		return err
	}
	target, err := s.target(template, arg)
	if err != nil {
		return err
	}
	r, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	w := &waiter{
		s: s, run: r, o: o, goal: goal, target: target, deadline: time.Now().Add(o.deadline),
		style: layout.Style{Color: s.colored(s.env.StderrTTY), Width: min(s.env.Width, 110)},
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
	run      *run
	o        waitOptions
	goal     progress.Goal
	target   checks.Target
	deadline time.Time
	style    layout.Style

	result    render.Waited
	said      string // the last line of progress
	shown     bool
	requested time.Time
	doubted   []catalog.ID // what stood in the way at the last look, and may be no more than a moment's
}

// Times of a wait.
const (
	// a fault that servers may mend by themselves is looked at twice before it ends the wait
	doubtFor     = 5 * time.Second
	requestEvery = time.Minute     // how often the service is asked to act, at the most
	answerAfter  = 2 * time.Second // a service that was asked to act may have done so by then
)

func (w *waiter) wait(ctx context.Context) error {
	w.result = render.Waited{Goal: w.goal, Began: w.run.session.Now()}
	begun := time.Now()
	for {
		r, next := w.look(ctx)
		w.result.Took = time.Since(begun)
		if ctx.Err() != nil { // what is half done says nothing, where there is something whole
			if w.result.Report == nil {
				w.result.Report = r
			}
			w.result.Ended, w.result.Why = "interrupted", "the wait was interrupted"
			if err := w.end(); err != nil {
				return err
			}
			return exit(ExitInterrupted)
		}
		p := w.goal.Progress(r)
		w.result.Report, w.result.Asked, w.result.Progress = r, w.result.Asked+1, p
		if p.Reached {
			w.result.Ended = "reached"
			return w.end()
		}
		if err := w.refused(ctx, r); err != nil {
			return err
		}
		now := w.run.session.Now()
		left := time.Until(w.deadline)
		switch ended, why := w.giveUp(p, now, left); {
		case ended == "look twice":
			next = progress.Next{At: now.Add(doubtFor), Reason: catalog.NextSource}
		case ended != "":
			w.result.Ended, w.result.Why = ended, why
			if err := w.end(); err != nil {
				return err
			}
			return exit(ExitWait)
		}
		asked, err := w.request(ctx, r, p)
		if err != nil {
			return err
		}
		if asked {
			next = progress.Next{At: now.Add(answerAfter), Reason: catalog.NextService}
		}
		pause := min(max(next.At.Sub(now), time.Second), left)
		if w.s.env.play != nil {
			pause = 0 // what comes next is recorded already
		}
		w.progress(p, next)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// look diagnoses once more, with a session that remembers nothing.
func (w *waiter) look(ctx context.Context) (*checks.DomainReport, progress.Next) {
	doctor := w.run.fresh()
	defer doctor.Session.Close()
	r := doctor.Diagnose(ctx, w.target)
	w.s.filter.Apply(r)
	if w.s.env.seen != nil {
		w.s.env.seen(r)
	}
	return r, w.goal.Next(r, doctor.Session.Now())
}

// refused ends a wait that the service does not let us make.
func (w *waiter) refused(ctx context.Context, r *checks.DomainReport) error {
	if w.run.client == nil || w.target.ID == "" && !w.goal.NeedsService() {
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

// giveUp reports whether the goal can no longer be reached in time, and why. "look twice" means that it seems so.
func (w *waiter) giveUp(p progress.Progress, now time.Time, left time.Duration) (ended, why string) {
	if left <= 0 {
		why = "the deadline of " + catalog.Span(w.o.deadline) + " is over"
		switch {
		case len(p.Stuck) > 0:
			why += ", and somebody must act first: " + p.Stuck[0].Title
		case p.Waits != "":
			why += "; still waited for: " + p.Waits
		case p.Unknown != "":
			why += "; could not check: " + p.Unknown
		}
		if !p.Until.IsZero() {
			why += " (latest " + w.out().Clock(p.Until) + ")"
		}
		return "deadline", why
	}
	if w.o.keepAsking {
		return "", ""
	}
	if len(p.Stuck) > 0 {
		var ids []catalog.ID
		sure := false
		for _, f := range p.Stuck {
			ids = append(ids, f.ID)
			sure = sure || slices.Equal(f.Who, []catalog.Actor{catalog.Tenant})
		}
		if !sure && !slices.Equal(ids, w.doubted) {
			w.doubted = ids
			return "look twice", ""
		}
		var names []string
		for _, id := range ids {
			names = append(names, string(id))
		}
		return "stuck", "waiting will not help: mend " + strings.Join(names, ", ") + " first"
	}
	w.doubted = nil
	if end := now.Add(left); !p.Until.IsZero() && p.Until.After(end) && p.Unknown == "" {
		return "stuck",
			fmt.Sprintf(
				"it will take until %s at the latest, and the deadline is before that; --deadline %s would be long enough",
				w.out().Clock(p.Until), roundUp(p.Until.Sub(now)))
	}
	return "", ""
}

// roundUp is a duration as one would type it, a little longer.
func roundUp(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "1m"
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", int(d/time.Minute)+1)
	}
	return fmt.Sprintf("%dh", int(d/time.Hour)+1)
}

// request asks the service to act, where nothing else is left to do and the user agreed; asked reports whether it took
// it.
func (w *waiter) request(ctx context.Context, r *checks.DomainReport, p progress.Progress) (asked bool, err error) {
	if !w.o.request || r.ID == "" || len(p.Stuck) > 0 || p.Unknown != "" || !p.Until.IsZero() ||
		time.Since(w.requested) < requestEvery {
		return false, nil
	}
	w.requested = time.Now()
	sctx := probe.NewContext(ctx, w.run.session)
	if w.goal == progress.GoalCertificate {
		if r.Held.HasCertificate {
			return false, nil // it was asked for already
		}
		_, err = w.run.client.IssueCertificate(sctx, r.ID)
	} else {
		_, err = w.run.client.Verify(sctx, r.ID)
	}
	var e *api.Error
	switch {
	case err == nil:
		w.note("asked the service: POST /domains/v1/" + clean(r.ID) + "/" + requestOf(w.goal))
		return true, nil
	case errors.As(err, &e) && (e.Kind == api.KindUnauthorized || e.Kind == api.KindForbidden):
		return false, &serviceError{err}
	}
	w.note("the service would not: " + clean(err.Error()))
	return false, nil
}

// note writes one line to stderr.
func (w *waiter) note(line string) {
	w.clear()
	fmt.Fprintln(w.s.env.Stderr, line)
}

// progress shows how far the wait is: on a terminal one line that is rewritten, elsewhere a line whenever something
// is new.
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
	if line != w.said {
		w.said = line
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
	return layout.Style{Color: w.s.colored(w.s.env.StdoutTTY), Width: min(w.s.env.Width, 110), Now: w.run.session.Now()}
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
