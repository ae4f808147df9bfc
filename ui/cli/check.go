package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/query"
	"domdoc/checks/result"
	"domdoc/ui/cli/gates"
	"domdoc/ui/cli/namelist"
	"domdoc/ui/cli/shard"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"
	"domdoc/ui/watch"

	"github.com/spf13/cobra"
)

// checkOptions are the flags of check.
type checkOptions struct {
	diagnosisOptions
	all   bool
	file  string
	watch bool
	shard string
	fewer bool
}

func newCheck(s *settings) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [NAME|ID]…",
		Short: "diagnose domains",
		Long: `Diagnoses domains and predicts the error codes of the service. A name can be checked without a service; only
DNS, registration, TLS and HTTP are checked then. With a service, the records that it holds are compared with those
that are published.`,
		Example: `  domdoc check shop.example.com
  domdoc check shop.example.com --expect 'TXT _verify.shop.example.com=tok-1' ` +
			`--expect 'CNAME shop.example.com=d111111abcdef8.cloudfront.net'
  domdoc check --all -o jsonl
  cut -d, -f1 domains.csv | domdoc check -f -`,
		Args: cobra.ArbitraryArgs,
		RunE: s.intoFile(func(cmd *cobra.Command, args []string) error { return runCheck(cmd, s, &o, args) }),
	}
	f := cmd.Flags()
	f.BoolVar(&o.all, "all", false, "check every domain of the tenant")
	f.StringVarP(&o.file, "file", "f", "", "read names from a file, one per line; - is stdin")
	f.BoolVar(&o.watch, "watch", false,
		"keep checking each domain when its answers may have changed, and print changes as JSON lines (-o text: as "+
			"text), until it is interrupted or --timeout ends it; the exit code is then that of the last results")
	f.StringVar(&o.shard, "shard", "",
		"check only one part of the domains: 2/8 is the second of eight parts; the part of a domain depends on its name")
	f.BoolVar(&o.fewer, "fewer-calls", false,
		"of more than 20 domains, read certificate and routes from the service only where something suggests a fault: "+
			"one call for a healthy domain instead of three; a renewal that is blocked long before it is due, and a route "+
			"that another one hides, are not found then")
	o.addFlags(cmd)
	s.supportReports(cmd)
	return cmd
}

func runCheck(cmd *cobra.Command, s *settings, o *checkOptions, args []string) error {
	ctx := cmd.Context()
	d, err := o.parse(s)
	if err != nil {
		return err
	}
	names, err := readNames(s, args, o.file)
	if err != nil {
		return err
	}
	switch {
	case o.all && (len(names) > 0 || o.file != ""):
		return usage.Errorf("domdoc check --all", "--all cannot be combined with names")
	case o.all && len(s.profiles) < 2:
		if err := s.needService("check --all"); err != nil {
			return err
		}
	case o.fewer && o.watch:
		return usage.Errorf("domdoc check --all --watch", "--watch reads what has not changed only once in any case, so "+
			"--fewer-calls has no effect")
	case !o.all && len(names) == 0 && o.file == "":
		return usage.Errorf("domdoc check shop.example.com", "check needs a name or --all")
	}
	part, err := shard.Parse(o.shard)
	if err != nil {
		return err
	}
	d.all, d.listed, d.shard = o.all, o.all || o.file != "", part.String()
	if len(s.profiles) > 1 {
		return checkProfiles(cmd, s, o, d, part)
	}
	var named []checks.Target
	for _, n := range names {
		t, err := d.target(s, n)
		if err != nil {
			return err
		}
		named = append(named, t)
	}
	named = distinct(s, named)
	if len(named) <= report.BriefOver { // questions are spared where there are many
		for i := range named {
			named[i].Thorough = true
		}
	}
	c, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer c.close()
	c.doctor.FewerCalls = o.fewer
	targets := listOf(named)
	if o.all {
		targets = func(yield func(checks.Target) bool) error {
			return c.tenantTargets(ctx, d, yield)
		}
	}
	targets = part.Of(d.counted(targets))
	if o.watch {
		if s.outputFile != "" {
			return usage.Errorf("domdoc check --watch > changes.jsonl",
				"--watch never ends, so --output-file would never exist")
		}
		if s.brief {
			return usage.Errorf("domdoc check --all --brief", "--watch prints changes, which have no brief form")
		}
		c.start()
		if s.outputSet && !slices.Contains(textFormats[:], s.output) {
			return usage.Errorf("domdoc check --watch -o jsonl", "--output %q: check --watch supports %s", s.output,
				strings.Join(textFormats[:], ", "))
		}
		return runWatch(ctx, s, c, d, targets)
	}
	return d.run(ctx, s, len(named), batch{s, c, targets})
}

// checkProfiles checks every domain of several profiles, one profile after the other, in one report.
func checkProfiles(cmd *cobra.Command, s *settings, o *checkOptions, d *diagnosis, part shard.Shard) error {
	switch {
	case !o.all:
		return usage.Errorf("domdoc check --all --profile staging,production",
			"only check --all accepts several profiles")
	case s.recordFile != "":
		return usage.Errorf("--record case.json --profile staging", "--record accepts one profile only")
	case o.watch:
		return usage.Errorf("--watch --profile staging", "--watch accepts one profile only")
	}
	ctx := cmd.Context()
	var batches []batch
	for _, name := range s.profiles {
		one := *s
		one.profile, one.profiles, one.multiProfile = name, nil, true
		if err := one.load(cmd); err != nil {
			return err
		}
		if err := one.needService("check --all --profile " + name); err != nil {
			return err
		}
		c, err := connect(ctx, &one)
		if err != nil {
			return err
		}
		defer c.close()
		c.doctor.FewerCalls = o.fewer
		batches = append(batches, batch{&one, c, part.Of(d.counted(func(yield func(checks.Target) bool) error {
			return c.tenantTargets(ctx, d, yield)
		}))})
	}
	return d.run(ctx, s, 0, batches...)
}

// readNames returns the arguments followed by the lines of a file.
func readNames(s *settings, args []string, file string) ([]string, error) {
	names := slices.Clone(args)
	if file == "" {
		return names, nil
	}
	in, err := s.open("--file", file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	for line, err := range namelist.Lines(in) {
		if err != nil {
			return nil, usage.Errorf("", "reading %s: %w", file, err)
		}
		names = append(names, line)
	}
	return names, nil
}

// runWatch diagnoses each target again whenever its answers may have changed, and prints the changes, until the
// context ends or the time of the run is over. Then the last verdicts decide the exit code.
func runWatch(interrupted context.Context, s *settings, c *connection, d *diagnosis, targets targetList) error {
	ctx, cancel := c.limit(interrupted)
	defer cancel()
	c.keepDetails(s)
	var list watch.List
	byID := map[string]checks.Target{}
	err := targets(func(t checks.Target) bool {
		if t.Domain != nil && t.Domain.ID != "" { // read its state at the service each time
			t.ID, t.Name, t.Domain = t.Domain.ID, t.Domain.Name, nil
		}
		id := fmt.Sprintf("%09d", len(byID)) // domains that are due together keep their order
		byID[id] = t
		list.Add(&watch.Domain{ID: id, At: c.session.Now()})
		return ctx.Err() == nil
	})
	if err != nil {
		return err
	}
	unread := "" // of the list
	if ctx.Err() != nil {
		unread = ", and the rest of the list was not read"
	}
	switch {
	case list.Len() == 0 && d.emptyPart():
		d.noteEmptyPart(s)
	case list.Len() == 0 && !d.allowEmpty:
		return errEmpty(d.whyEmpty(d.dropped))
	}
	style := s.style()
	text := s.output == "text" && s.outputSet
	last := map[string]watched{}
	for list.Len() > 0 && ctx.Err() == nil {
		now := c.session.Now()
		if pause := list.Earliest(nil).Sub(now); pause > 0 {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			continue
		}
		var failed error
		rediagnose(ctx, s, c, d.gates, list.Due(now, nil), byID, last, func(c *render.Changed) {
			switch {
			case failed != nil:
			case text:
				failed = render.ChangedText(s.env.Stdout, c, style)
			default:
				failed = render.ChangedLine(s.env.Stdout, c)
			}
		})
		if failed != nil {
			return failed
		}
	}
	switch {
	case interrupted.Err() != nil:
		return exit(ExitInterrupted)
	case ctx.Err() != nil:
		selected := 0
		for _, w := range last {
			if w.selected {
				selected++
			}
		}
		if len(last) == len(byID) && selected == 0 && !d.allowEmpty {
			return errEmpty(d.whyEmpty(d.dropped + len(last)))
		}
		if cut := len(byID) - len(last); cut > 0 {
			_ = endIncomplete(s, fmt.Sprintf("the run ended by --timeout %s: %d of %s %s not checked completely%s",
				s.timeout,
				cut, layout.Count(len(byID), "domain"), wasWere(cut), unread))
		}
		return exitOfWatch(byID, last, d.failOn)
	}
	return nil
}

// watched is what is known of a domain under watch.
type watched struct {
	verdict  catalog.Verdict
	selected bool // by --filter
}

// exitOfWatch returns the exit code of a watch that --timeout ended, by the last verdict of each domain that --filter
// selects. A domain without one was not checked in time.
func exitOfWatch(targets map[string]checks.Target, last map[string]watched, failOn string) error {
	found := map[catalog.Verdict]bool{}
	for id := range targets {
		switch w, ok := last[id]; {
		case !ok:
			found[catalog.Inconclusive] = true
		case w.selected:
			found[w.verdict] = true
		}
	}
	switch {
	case failOn == "never" && len(last) < len(targets): // cut short
		return exit(ExitInconclusive)
	case failOn == "never":
		return nil
	case found[catalog.Fail], found[catalog.Warn] && failOn != "fail",
		found[catalog.Inconclusive] && failOn == "inconclusive":
		return exit(ExitFindings)
	case found[catalog.Inconclusive]:
		return exit(ExitInconclusive)
	}
	return nil
}

// rediagnose diagnoses domains in a fresh session and keeps their verdicts in last. It calls changed, one at a time,
// for each that changed and that --filter selects, now or before.
func rediagnose(ctx context.Context, s *settings, c *connection, g *gates.Gates, due []*watch.Domain,
	targets map[string]checks.Target, last map[string]watched, changed func(*render.Changed),
) {
	doctor := c.fresh()
	doctor.Until = c.doctor.Until
	defer doctor.Session.Close()
	var mu sync.Mutex
	doctor.Fleet(ctx, func(yield func(int, checks.Target) bool) {
		for i, d := range due {
			if !yield(i, targets[d.ID]) {
				return
			}
		}
	}, s.jobs, func(n int, r *result.Domain) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() != nil || r.Interrupted && !c.doctor.Until.IsZero() {
			return // the report is incomplete
		}
		g.Findings.Apply(r)
		sel, before := query.Diagnosed(r), last[due[n].ID]
		now := watched{r.Verdict, g.Domains.Match(&sel, doctor.Session.Now())}
		last[due[n].ID] = now
		changes, first := due[n].Take(r, doctor.Session.Now())
		if (now.selected || before.selected) && (first || len(changes) > 0) {
			changed(&render.Changed{At: r.At, Report: r, Next: due[n].Next, First: first, Changes: changes})
		}
	})
}
