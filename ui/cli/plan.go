package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"time"

	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/plan"
	"domdoc/checks/plan/change"
	"domdoc/checks/plan/planner"
	"domdoc/checks/subject"
	"domdoc/ui/cli/arguments"
	"domdoc/ui/cli/reporter"
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
	// all diagnoses all of the tenant's domains in the zone, which is that of the file where no name is given.
	all, allowEmpty  bool
	certificateNames []string
	transfer, detach bool
}

// planLevels are the values of --fail-on of plan.
var planLevels = []string{"new", "fail", "inconclusive", "never"}

func newPlan(s *settings) *cobra.Command {
	var o planOptions
	cmd := &cobra.Command{
		Use:   "plan NAME|ZONE | --all",
		Short: "show what a change of the DNS would cause and cure, before it is made",
		Long: `Diagnoses a domain as it is and as it will be after a change of its zone's records, and shows the difference:
which causes and codes are cured, which are new, and when no resolver has the old answers any more. Nothing is changed.

The change is given by flags, or by a file: a zone file, the lines of nsupdate, a change batch of Route 53 (JSON), the
records of octoDNS (YAML), a report of DNSControl's preview, or the JSON of a Terraform plan. Names in flags are
relative to the zone unless they end with its name or with a dot; @ is the zone itself.

With --nameservers, the change is a move to another DNS host: what the new servers answer otherwise than those of
today, for every name that is known, and the steps of the move in their order, with times and the commands that show
that each is done.

With --transfer, it is the transfer of the domain to another registrar; with --detach, its removal from the service.

For each domain, and for the names of --certificate-name, it says whether the platform's certificate authority would
issue the certificate and renew it: CAA records, validation records, DNSSEC, and servers that do not agree.

With a service, all of the tenant's domains in the zone are diagnosed, otherwise NAME only. With --all, NAME is no
domain of its own, and can be left out where the file names its zone. Everything that the change does not touch is asked
as in check. Signatures of new records are assumed to be made by the DNS host.

The exit code is 1 if something would fail that does not fail today, 3 if that could not be judged.`,
		Example: `  domdoc plan shop.example.com --add 'shop CNAME d111111abcdef8.cloudfront.net' --remove 'shop A'
  domdoc plan shop.example.com --set 'shop TTL 300'
  domdoc plan shop.example.com --nameservers ada.ns.cloudflare.com,bob.ns.cloudflare.com
  domdoc plan shop.example.com --file changes.zone --at 2026-12-05T20:00Z
  domdoc plan shop.example.com --file - -o json < change-batch.json
  domdoc plan --all --file changes.zone
  domdoc plan example.com --transfer
  domdoc plan shop.example.com --detach`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 && (len(args) > 1 || !o.all) {
				return usage.Errorf("domdoc plan shop.example.com --add 'shop CNAME d111111abcdef8.cloudfront.net'",
					"plan needs one name, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPlan(cmd.Context(), s, &o, strings.Join(args, ""))
		},
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
	f.BoolVar(&o.all, "all", false,
		"diagnose every domain of the tenant in the zone, and no other; the file can name the zone")
	f.BoolVar(&o.allowEmpty, "allow-empty", false, "with --all: succeed if no domain of the tenant is in the zone")
	f.StringVar(&o.at, "at", "", "when the change is made, or a move begins: 2026-12-05T20:00Z (default: now)")
	f.StringArrayVar(&o.expect, "expect", nil,
		"record that should be published, repeatable: 'TYPE NAME=VALUE' (default: from the service)")
	f.StringSliceVar(&o.certificateNames, "certificate-name", nil,
		"name of a certificate that is wanted: would it be issued, now and after the change? repeatable, and enough "+
			"without a change")
	f.BoolVar(&o.transfer, "transfer", false,
		"plan the transfer to another registrar: locks, age, expiry, DNS, and the order of the steps")
	f.BoolVar(&o.detach, "detach", false,
		"plan the removal of the domain from the service: records that others could take over, and what depends on it")
	f.StringVar(&o.failOn, "fail-on", "new",
		"exit with 1 if the change makes something fail (new), if anything fails after it (fail), or also if something "+
			"could not be judged (inconclusive); or never")
	return cmd
}

func runPlan(ctx context.Context, s *settings, o *planOptions, arg string) error {
	if !slices.Contains(planLevels, o.failOn) {
		return usage.Errorf("--fail-on new", "--fail-on %q: use %s%s", usage.Clean(o.failOn),
			strings.Join(planLevels, ", "), arguments.Meant(o.failOn, planLevels))
	}
	r := planner.Request{Nameservers: o.nameservers, OnlyListed: o.all, CertificateNames: o.certificateNames}
	r.Transfer, r.Detach = o.transfer, o.detach
	var err error
	if r.At, err = planTime(o.at); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	if o.all {
		if err := s.needService("plan --all"); err != nil {
			return err
		}
	}
	if err := o.read(s, &r); err != nil {
		return err
	}
	if r.Name, err = o.name(arg, r.Read); err != nil {
		return err
	}
	for _, e := range o.expect {
		x, err := subject.ParseExpected(e)
		if err != nil {
			return usage.Errorf("--expect 'TXT _verify.shop.example.com=tok-1'", "--expect %q: %w", usage.Clean(e), err)
		}
		r.Named.Expect = append(r.Named.Expect, x)
	}
	c, err := connect(ctx, s)
	if err != nil {
		return err
	}
	defer c.close()
	if err := checkPlanTime(o.at, r.At, c.session.Now()); err != nil {
		return err
	}
	c.start()
	limited, cancel := c.limit(ctx)
	defer cancel()
	if c.client != nil {
		r.Listed = c.listed(limited, r.Named)
	}
	p, err := planner.Make(ctx, c.doctor, c.wire, r)
	var unknown *planner.NotDelegated
	var outside *planner.NotInside
	switch {
	case errors.As(err, &unknown):
		return usage.Errorf("domdoc registration "+unknown.Missing, "%w", err)
	case errors.As(err, &outside):
		return usage.Errorf("--nameservers "+outside.Host, "--nameservers: %w", err)
	case errors.Is(err, planner.ErrUnplanned):
		return s.unplanned(err, c.session.Now())
	case err != nil:
		return err
	case o.all && len(p.Report.Domains) == 0 && !o.allowEmpty:
		return errEmpty("none of the tenant's domains is in the zone " + p.Zone)
	}
	out := wire.NewPlan(p)
	if err := printPlan(s, out); err != nil {
		return err
	}
	if s.onGitHub() {
		reporter.AnnotatePlan(s.env.Stderr, o.file, p)
	}
	if ctx.Err() != nil {
		return exit(ExitInterrupted)
	}
	return exitOfPlan(o.failOn, out)
}

// listed yields the tenant's domains as targets, with what a template says.
func (c *connection) listed(ctx context.Context, t checks.Target) iter.Seq2[checks.Target, error] {
	return func(yield func(checks.Target, error) bool) {
		for d, err := range c.client.Domains(c.service.Listing(ctx)) {
			if err != nil {
				err = &serviceError{err: err}
			}
			if t.Domain = &d; !yield(t, err) {
				return
			}
		}
	}
}

// name returns the name whose zone changes: the argument, or the zone of the file.
func (o *planOptions) name(arg string, read func(string) (*change.Set, error)) (string, error) {
	if arg != "" {
		name, err := dnsname.Parse(arg)
		if err != nil {
			return "", usage.Errorf("domdoc plan shop.example.com", "%w", err)
		}
		return name.ASCII, nil
	}
	if o.file == "" {
		return "", usage.Errorf("domdoc plan example.com --all --set 'shop TTL 300'",
			"--all needs a name of the zone, or a file that names it")
	}
	set, err := read("")
	if err != nil {
		return "", err
	}
	if set.Zone == "" {
		return "", usage.Errorf("domdoc plan example.com --all --file "+usage.Clean(o.file),
			"%s does not say of which zone it is: give a name of the zone", usage.Clean(o.file))
	}
	return set.Zone, nil
}

// check checks which flags stand together.
func (o *planOptions) check() error {
	records := len(o.add)+len(o.remove)+len(o.set) > 0 || o.file != ""
	switch {
	case o.transfer && o.detach || (o.transfer || o.detach) && (records || len(o.nameservers) > 0 || o.all ||
		len(o.certificateNames) > 0):
		return usage.Errorf("domdoc plan example.com --transfer",
			"--transfer and --detach are plans of their own: give one of them, without a change")
	case !records && len(o.nameservers) == 0 && len(o.certificateNames) == 0 && !o.transfer && !o.detach:
		return usage.Errorf("domdoc plan shop.example.com --add 'shop CNAME d111111abcdef8.cloudfront.net'",
			"plan needs a change: --add, --remove, --set, --file or --nameservers; or --transfer or --detach")
	case records && len(o.nameservers) > 0:
		return usage.Errorf("--nameservers ns1.example.net,ns2.example.net",
			"--nameservers is a change of its own: plan the records before or after the move")
	case o.file != "" && len(o.add)+len(o.remove)+len(o.set) > 0:
		return usage.Errorf("--file example.com.zone", "--file cannot be combined with --add, --remove or --set")
	case o.allowEmpty && !o.all:
		return usage.Errorf("--all --allow-empty", "--allow-empty is about --all")
	case o.whole && o.file == "":
		return usage.Errorf("--file example.com.zone --whole", "--whole is about a file: give --file")
	case o.zoneFile != "" && len(o.nameservers) == 0:
		return usage.Errorf("--nameservers ns1.example.net --zone example.com.zone",
			"--zone is about a move: give --nameservers, or --file for a change of records")
	}
	return o.checkServers()
}

// checkServers refuses name servers that are none.
func (o *planOptions) checkServers() error {
	const example = "--nameservers ns1.example.net,ns2.example.net"
	for _, s := range o.nameservers {
		name, addr, given := strings.Cut(s, "=")
		if _, err := netip.ParseAddr(name); err == nil {
			return usage.Errorf(example, "--nameservers %s: a zone names its servers by their names, not by addresses",
				usage.Clean(s))
		}
		if _, err := dnsname.Parse(name); err != nil {
			return usage.Errorf(example, "--nameservers %s: %w", usage.Clean(s), err)
		}
		if _, err := netip.ParseAddr(addr); given && err != nil {
			return usage.Errorf("--nameservers ns1.example.com=192.0.2.1", "--nameservers %s: %q is not an IP address",
				usage.Clean(s), usage.Clean(addr))
		}
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

// maxAhead is how far in the future a change may be.
const maxAhead = 10 * 365 * 24 * time.Hour

// checkPlanTime refuses a time of --at that no change can be made at.
func checkPlanTime(text string, at, now time.Time) error {
	switch {
	case at.IsZero():
	case at.Before(now.Add(-time.Minute)):
		return usage.Errorf("leave --at out for a change that is made now", "--at %s is in the past", usage.Clean(text))
	case at.After(now.Add(maxAhead)):
		return usage.Errorf("--at 2026-12-05T20:00Z", "--at %s is more than ten years ahead", usage.Clean(text))
	}
	return nil
}

// unplanned reports a plan that could not be made: nothing was judged.
func (s *settings) unplanned(err error, at time.Time) error {
	fmt.Fprintf(s.env.Stderr, "domdoc: %s\n", usage.Clean(err.Error()))
	if s.output != "text" {
		p := &planner.Plan{Report: &plan.Report{At: at}, Open: []string{err.Error()}}
		if err := printPlan(s, wire.NewPlan(p)); err != nil {
			return err
		}
	}
	return exit(ExitInconclusive)
}

// read sets how the change is read, from flags or a file.
func (o *planOptions) read(s *settings, r *planner.Request) (err error) {
	switch {
	case o.file != "":
		r.Read, err = fileReader(s, "--file", o.file, o.whole)
	case o.transfer || o.detach: // they find the change themselves
	case len(o.nameservers) == 0:
		r.Read = func(zone string) (*change.Set, error) {
			set, err := change.Flags(zone, o.add, o.remove, o.set)
			if err != nil {
				err = &usage.Error{Err: eachMistake(err), Hint: "--add 'shop CNAME d111111abcdef8.cloudfront.net'"}
			}
			return set, err
		}
	case o.zoneFile != "":
		r.ZoneFile, err = fileReader(s, "--zone", o.zoneFile, true)
	}
	return err
}

// fileReader reads a file, and returns a function that reads the changes in it. A recording has only the changes: the
// file may have secrets.
func fileReader(s *settings, flag, file string, whole bool) (func(zone string) (*change.Set, error), error) {
	recorded, isRecorded := s.backend.(recording)
	source := *s
	if isRecorded {
		source.backend = recorded.backend
	}
	in, err := source.open(flag, file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, change.MaxBytes+1))
	if err != nil {
		return nil, usage.Errorf("", "reading %s: %w", usage.Clean(file), err)
	}
	return func(zone string) (*change.Set, error) {
		set, err := change.Read(file, raw, zone, whole)
		if err != nil {
			return nil, &usage.Error{Err: eachMistake(err)}
		}
		if isRecorded {
			text, err := set.Recorded()
			if err != nil {
				return nil, err
			}
			recorded.recorder.SetInput(file, string(text))
		}
		return set, nil
	}, nil
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
