package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/catalog/moving"
	"domdoc/catalog/plans"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/move"
	"domdoc/checks/plan/rehearsal"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/subject"
	"domdoc/ui/cli/arguments"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

// planOptions are the flags of plan.
type planOptions struct {
	add, remove, set []string
	file             string
	whole            bool
	nameservers      []string
	zoneFile         string
	at               string
	failOn           string
	expect           []string
}

// planLevels are the values of --fail-on of plan.
var planLevels = []string{"new", "fail", "inconclusive", "never"}

func newPlan(s *settings) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan NAME|ZONE",
		Short: "show what a change of the DNS would cause and cure, before it is made",
		Long: `Diagnoses a domain as it is and as it will be after a change of its zone's records, and shows the difference:
which causes and codes are cured, which are new, and when no resolver has the old answers any more. Nothing is changed.

The change is given by flags, or by a file: a zone file, the lines of nsupdate, a change batch of Route 53 (JSON), the
records of octoDNS (YAML), a report of DNSControl's preview, or the JSON of a Terraform plan. Names in flags are
relative to the zone unless they end with its name or with a dot; @ is the zone itself.

With --nameservers, the change is a move to another DNS host: what the new servers answer otherwise than those of
today, for every name that is known, and the steps of the move in their order, with times and the commands that show
that each is done.

With a service, all of the tenant's domains in the zone are diagnosed, otherwise NAME only. Everything that the change
does not touch is asked as in check. Signatures of new records are assumed to be made by the DNS host.

The exit code is 1 if something would fail that does not fail today, 3 if that could not be judged.`,
		Example: `  domdoc plan shop.example.com --add 'shop CNAME d111111abcdef8.cloudfront.net' --remove 'shop A'
  domdoc plan shop.example.com --set 'shop TTL 300'
  domdoc plan shop.example.com --nameservers ada.ns.cloudflare.com,bob.ns.cloudflare.com
  domdoc plan shop.example.com --file changes.zone --at 2026-12-05T20:00Z
  domdoc plan shop.example.com --file - -o json < change-batch.json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage.Errorf("domdoc plan shop.example.com --add 'shop CNAME d111111abcdef8.cloudfront.net'",
					"plan needs one name, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runPlan(cmd.Context(), s, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.add, "add", nil, "record to add, repeatable: 'NAME [TTL] TYPE VALUE'")
	f.StringArrayVar(&o.remove, "remove", nil, "record to remove, repeatable: 'NAME TYPE VALUE', 'NAME TYPE' or 'NAME'")
	f.StringArrayVar(&o.set, "set", nil,
		"records that replace those of the same name and type, repeatable: 'NAME [TTL] TYPE VALUE', or 'NAME TTL "+
			"SECONDS'")
	f.StringVarP(&o.file, "file", "f", "", "read the change from a file; - is stdin")
	f.BoolVar(&o.whole, "whole", false, "the file is the whole zone: what it leaves out is removed")
	f.StringSliceVar(&o.nameservers, "nameservers", nil,
		"new name servers of the zone, for a move to another DNS host; one inside the zone with its address: "+
			"ns1.example.com=192.0.2.1")
	f.StringVar(&o.zoneFile, "zone", "", "with --nameservers: the zone file, whose names are all compared; - is stdin")
	f.StringVar(&o.at, "at", "", "when the change is made: 2026-12-05T20:00Z (default: now)")
	f.StringArrayVar(&o.expect, "expect", nil,
		"record that should be published, repeatable: 'TYPE NAME=VALUE' (default: from the service)")
	f.StringVar(&o.failOn, "fail-on", "new",
		"exit with 1 if the change makes something fail (new), if anything fails after it (fail), or also if something "+
			"could not be judged (inconclusive); or never")
	return cmd
}

// planned is a plan that is ready to run.
type planned struct {
	at      time.Time
	targets []checks.Target
	zone    string
	set     *change.Set
}

func runPlan(ctx context.Context, s *settings, o *planOptions, arg string) error {
	if !slices.Contains(planLevels, o.failOn) {
		return usage.Errorf("--fail-on new", "--fail-on %q: use %s%s", usage.Clean(o.failOn),
			strings.Join(planLevels, ", "), arguments.Meant(o.failOn, planLevels))
	}
	p := &planned{}
	var err error
	if p.at, err = planTime(o.at); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	name, err := dnsname.Parse(arg)
	if err != nil {
		return usage.Errorf("domdoc plan shop.example.com", "%w", err)
	}
	c, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer c.close()
	if c.live == nil {
		return usage.Errorf("domdoc plan "+name.ASCII, "a plan asks the network, which a replay does not")
	}
	c.start()
	limited, cancel := c.limit(ctx)
	defer cancel()
	if p.zone, err = zoneOf(limited, c.session, name.ASCII); errors.Is(err, errUnplanned) {
		return s.unplanned(err, c.session.Now())
	} else if err != nil {
		return err
	}
	p.set = &change.Set{}
	if len(o.nameservers) == 0 {
		if p.set, err = readChange(s, o, p.zone); err != nil {
			return err
		}
	}
	if err := p.find(limited, c, name.ASCII, o.expect); err != nil {
		return err
	}
	request := plan.Request{
		Targets: p.targets, At: p.at,
		Changes: []rehearsal.Change{{Zone: p.zone, Edits: p.set.Edits, Whole: p.set.Whole}},
	}
	var moved *move.Report
	if len(o.nameservers) > 0 {
		if moved, err = p.move(limited, s, o, c); err != nil {
			return err
		}
		request.Changes = []rehearsal.Change{moved.Change()}
		for _, step := range moved.Steps {
			if step.Kind == moving.StepKeep {
				request.Settled = step.Until
			}
		}
	}
	r := plan.Run(ctx, c.doctor, c.live, request, func(*plan.Domain) {})
	out := wire.NewPlan(p.zone, r, openText(p.set), slices.Concat(p.set.Notes, r.Notes))
	if moved != nil {
		out.Move = wire.NewMove(moved)
		out.Breaks = out.Breaks || out.Move.Fails()
		out.Complete = out.Complete && moved.Verdict() != catalog.Inconclusive
	}
	if err := printPlan(s, out); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return exit(ExitInterrupted)
	}
	return exitOfPlan(o.failOn, out)
}

// check checks which flags stand together.
func (o *planOptions) check() error {
	records := len(o.add)+len(o.remove)+len(o.set) > 0 || o.file != ""
	switch {
	case !records && len(o.nameservers) == 0:
		return usage.Errorf("domdoc plan shop.example.com --add 'shop CNAME d111111abcdef8.cloudfront.net'",
			"plan needs a change: --add, --remove, --set, --file or --nameservers")
	case records && len(o.nameservers) > 0:
		return usage.Errorf("--nameservers ns1.example.net,ns2.example.net",
			"--nameservers is a change of its own: plan the records before or after the move")
	case o.whole && o.file == "":
		return usage.Errorf("--file example.com.zone --whole", "--whole is about a file: give --file")
	case o.zoneFile != "" && len(o.nameservers) == 0:
		return usage.Errorf("--nameservers ns1.example.net --zone example.com.zone",
			"--zone is about a move: give --nameservers, or --file for a change of records")
	}
	return nil
}

// exitOfPlan returns the exit code of a plan as an error; nil for 0.
func exitOfPlan(failOn string, out *wire.Plan) error {
	fails := slices.ContainsFunc(out.Domains, func(d wire.PlannedDomain) bool { return d.After.Verdict == "fail" })
	switch {
	case failOn != "never" && out.Breaks, failOn == "fail" && fails, failOn == "inconclusive" && !out.Complete:
		return exit(ExitFindings)
	case !out.Complete:
		return exit(ExitInconclusive)
	}
	return nil
}

func printPlan(s *settings, p *wire.Plan) error {
	switch s.output {
	case "json":
		return wire.Write(s.env.Stdout, p, true)
	case "jsonl":
		return wire.Write(s.env.Stdout, p, false)
	}
	return render.PlanText(s.env.Stdout, p, s.style())
}

// planTimes are the forms of --at.
var planTimes = []string{
	time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02 15:04",
}

// planTime reads --at; a time without a zone is local.
func planTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range planTimes {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage.Errorf("--at 2026-12-05T20:00Z", "--at %q is not a time", usage.Clean(s))
}

// zoneOf returns the zone that holds a name, according to its servers.
func zoneOf(ctx context.Context, s *probe.Session, name string) (string, error) {
	zone, v := plan.ZoneOf(ctx, s, name)
	switch {
	case v.Delegation.Missing != "":
		return "", usage.Errorf("domdoc registration "+v.Delegation.Missing,
			"%s is not delegated, so that it has no zone to change", v.Delegation.Missing)
	case zone == "":
		return "", fmt.Errorf("%w: the zone of %s could not be found: %s", errUnplanned, name, whyNoZone(v))
	}
	return zone, nil
}

// errUnplanned is for a plan that could not be made because nothing could be asked.
var errUnplanned = errors.New("not planned")

// unplanned reports a plan that could not be made: nothing was judged.
func (s *settings) unplanned(err error, at time.Time) error {
	fmt.Fprintf(s.env.Stderr, "domdoc: %s\n", usage.Clean(err.Error()))
	if s.output != "text" {
		if err := printPlan(s, wire.NewPlan("", &plan.Report{At: at}, []string{err.Error()}, nil)); err != nil {
			return err
		}
	}
	return exit(ExitInconclusive)
}

func whyNoZone(v *probe.AuthoritativeAnswers) string {
	if v.Delegation.Unknown != "" {
		return v.Delegation.Unknown
	}
	for _, x := range v.Replies {
		return x.Server() + ": " + x.Outcome.Phrase()
	}
	return "no server answers"
}

// readChange reads the change from flags or a file.
func readChange(s *settings, o *planOptions, zone string) (*change.Set, error) {
	if o.file == "" {
		set, err := change.Flags(zone, o.add, o.remove, o.set)
		if err != nil {
			return nil, &usage.Error{Err: eachMistake(err), Hint: "--add 'shop CNAME d111111abcdef8.cloudfront.net'"}
		}
		return set, nil
	}
	if len(o.add)+len(o.remove)+len(o.set) > 0 {
		return nil, usage.Errorf("--file example.com.zone", "--file cannot be combined with --add, --remove or --set")
	}
	return readFile(s, "--file", o.file, zone, o.whole)
}

func readFile(s *settings, flag, file, zone string, whole bool) (*change.Set, error) {
	in, err := s.open(flag, file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, change.MaxBytes+1))
	if err != nil {
		return nil, usage.Errorf("", "reading %s: %w", usage.Clean(file), err)
	}
	set, err := change.Read(file, raw, zone, whole)
	if err != nil {
		return nil, &usage.Error{Err: eachMistake(err)}
	}
	return set, nil
}

// eachMistake returns the mistakes of a change as errors of their own, which are printed one on a line.
func eachMistake(err error) error {
	var bad *change.Error
	if !errors.As(err, &bad) {
		return err
	}
	var all []error
	for _, m := range bad.Mistakes {
		all = append(all, fmt.Errorf("%s: %s", m.Where, m.Problem))
	}
	if bad.More {
		all = append(all, errors.New("there may be more mistakes"))
	}
	return errors.Join(all...)
}

// find lists the domains to diagnose: the tenant's in the zone, and the one that was named.
func (p *planned) find(ctx context.Context, c *connection, name string, expect []string) error {
	template := checks.Target{}
	for _, e := range expect {
		x, err := subject.ParseExpected(e)
		if err != nil {
			return usage.Errorf("--expect 'TXT _verify.shop.example.com=tok-1'", "--expect %q: %w", usage.Clean(e), err)
		}
		template.Expect = append(template.Expect, x)
	}
	named := false
	if c.client != nil {
		for d, err := range c.client.Domains(c.service.Listing(ctx)) {
			if err != nil {
				return &serviceError{err: err}
			}
			n, err := dnsname.Parse(d.Name)
			if err != nil || !exchange.InZone(n.ASCII, p.zone) {
				continue
			}
			t := template
			t.Domain = &d
			p.targets = append(p.targets, t)
			named = named || n.ASCII == name
		}
	}
	if !named && (len(p.targets) == 0 || name != p.zone) {
		t := template
		t.Name = name
		p.targets = append(p.targets, t)
	}
	return nil
}

// move compares the zone at its new name servers with that of today.
func (p *planned) move(ctx context.Context, s *settings, o *planOptions, c *connection) (*move.Report, error) {
	r := move.Request{Zone: p.zone, Hosts: o.nameservers, At: p.at}
	if o.zoneFile != "" {
		set, err := readFile(s, "--zone", o.zoneFile, p.zone, true)
		if err != nil {
			return nil, err
		}
		r.Types = map[string][]uint16{}
		for _, e := range set.Edits {
			if !slices.Contains(r.Types[e.Name], e.Type) {
				r.Types[e.Name] = append(r.Types[e.Name], e.Type)
			}
		}
	}
	for _, t := range p.targets {
		if t.Domain == nil {
			r.Names = append(r.Names, t.Name)
			continue
		}
		if n, err := dnsname.Parse(t.Domain.Name); err == nil {
			r.Names = append(r.Names, n.ASCII)
		}
		for _, f := range c.doctor.Diagnose(ctx, t).Facts.Records {
			if exchange.InZone(f.Name, p.zone) {
				r.Names = append(r.Names, f.Name)
			}
		}
	}
	return move.Compare(ctx, c.session, r), nil
}

// openText says what a plan cannot judge.
func openText(set *change.Set) []string {
	var out []string
	for _, e := range set.Edits {
		if e.Proxied {
			out = append(out, fmt.Sprintf("%s %s (%s): %s", e.Name, exchange.TypeName(e.Type), e.Where, plans.Proxied()))
		}
	}
	for _, o := range set.Open {
		what := o.Name
		if o.Type != 0 {
			what += " " + exchange.TypeName(o.Type)
		}
		out = append(out, strings.TrimSpace(what+" ("+o.Where.String()+"): "+o.Why))
	}
	return out
}
