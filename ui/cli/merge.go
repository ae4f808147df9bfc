package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"domdoc/ui/cli/gates"
	"domdoc/ui/cli/merging"
	"domdoc/ui/cli/reporter"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

// mergeOptions are the flags of merge.
type mergeOptions struct {
	failOn     string
	allowEmpty bool
	gates      gates.Options // only --baseline
}

func newMerge(s *settings) *cobra.Command {
	var o mergeOptions
	cmd := &cobra.Command{
		Use: "merge FILE…", Short: "merge reports of several machines",
		Long: `Merges reports (-o json or -o jsonl) into one, in any format, without querying anything. Incidents are
detected again across all domains. If a domain is in several reports, its latest diagnosis is used, unless that one
left out checks (--only, --skip) or had no time for some, and finds nothing worse.

A report that is cut off and the output of another command are refused. The merged report is incomplete if one of the
others is, or if the report of a part (--shard) is missing. All parts of a run belong to the same tenant. A merged
report in JSON says which parts it has, and can be merged with the others.`,
		Example: `  domdoc check --all --shard 1/2 -o jsonl > 1.jsonl
  domdoc check --all --shard 2/2 -o jsonl > 2.jsonl
  domdoc merge 1.jsonl 2.jsonl -o html > report.html`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage.Errorf("domdoc merge *.jsonl", "merge needs at least one report")
			}
			return nil
		},
		RunE: s.intoFile(func(cmd *cobra.Command, args []string) error { return runMerge(cmd.Context(), s, &o, args) }),
	}
	addFailOnFlag(cmd, &o.failOn)
	addAllowEmptyFlag(cmd, &o.allowEmpty)
	o.gates.AddBaselineFlag(cmd.Flags())
	s.supportReports(cmd)
	return cmd
}

func runMerge(ctx context.Context, s *settings, o *mergeOptions, files []string) error {
	if err := checkFailOn(o.failOn); err != nil {
		return err
	}
	g, err := gates.Parse(o.gates, s.rules, s.open)
	if err != nil {
		return err
	}
	// Read the files twice: which report of a domain counts is known only at the end, and all of them may not fit into
	// memory.
	var choice merging.Choice
	var runs []*wire.Report // without their domains
	var parts []wire.MergedPart
	var empty error
	domains := 0
	for _, file := range files {
		of, err := readRuns(s, file, func(d *wire.Domain) error {
			choice.Add(d)
			domains++
			return ctx.Err()
		})
		if errors.Is(err, wire.ErrEmpty) { // of a run that was killed at once, or of an earlier version without domains
			fmt.Fprintf(s.env.Stderr, "domdoc: %s has no domains, and no last line that says so\n", usage.Clean(file))
			parts = append(parts, wire.MergedPart{Incomplete: usage.Clean(file) + " is empty"})
			empty = err
			continue
		}
		if err != nil {
			return err
		}
		for _, r := range of {
			parts = append(parts, merging.PartsOf(r, usage.Clean(file))...)
		}
		runs = append(runs, of...)
	}
	if len(runs) == 0 {
		return empty
	}
	chosen, instead := choice.Chosen()
	noteMerged(s.env.Stderr, parts, instead)
	incomplete := merging.Incomplete(parts)
	d := &diagnosis{gates: g, failOn: o.failOn, merged: parts}
	d.all = slices.ContainsFunc(runs, func(r *wire.Report) bool { return r.All })
	d.started, d.took = spanOf(runs)
	out, err := newReporter(s, d, time.Now, len(chosen))
	if err != nil {
		return err
	}
	if incomplete != "" {
		out.ListCut()
	}
	for _, r := range runs {
		beginMerged(out, r)
	}
	n, number := 0, 0
	for _, file := range files {
		if _, err := readRuns(s, file, func(d *wire.Domain) error {
			if chosen[number] {
				out.DomainJSON(n, d)
				n++
			}
			number++
			return ctx.Err()
		}); err != nil && !errors.Is(err, wire.ErrEmpty) {
			return err
		}
	}
	if err := out.End(func() string { return incomplete }); err != nil {
		return err
	}
	if domains == 0 && !o.allowEmpty && incomplete == "" {
		return errEmpty("the reports have no domains")
	}
	return exitOf(out.Outcome())
}

// beginMerged takes what one of the merged runs says about this machine and its tenants.
func beginMerged(out *reporter.Reporter, r *wire.Report) {
	tenants := r.MoreTenants
	if r.Tenant != nil {
		tenants = append([]wire.Tenant{*r.Tenant}, tenants...)
	}
	for _, t := range tenants {
		t.DropIncidents()
		out.Begin(r.Vantage, &t, t.Profile)
	}
	if len(tenants) == 0 && r.Vantage != nil {
		out.Begin(r.Vantage, nil, "")
	}
}

// noteMerged names the parts of which there are several reports, and says that a later report of so many domains does
// not count.
func noteMerged(w io.Writer, parts []wire.MergedPart, instead int) {
	for _, part := range merging.Twice(parts) {
		fmt.Fprintf(w, "domdoc: two of the reports are of part %s\n", part)
	}
	if instead > 0 {
		fmt.Fprintf(w, "domdoc: an earlier report of %s counts, because a later one left out checks or ended early\n",
			layout.Count(instead, "domain"))
	}
}

// spanOf returns when the first of several runs started, and how long it took until the last one ended.
func spanOf(runs []*wire.Report) (start time.Time, took time.Duration) {
	var end time.Time
	for _, r := range runs {
		if r.StartedAt.IsZero() {
			continue
		}
		if start.IsZero() || r.StartedAt.Before(start) {
			start = r.StartedAt
		}
		if e := r.StartedAt.Add(time.Duration(r.TookMs) * time.Millisecond); e.After(end) {
			end = e
		}
	}
	return start, end.Sub(start)
}

// readRuns calls each with the domains of a report file, and returns the rest of each report in it.
func readRuns(s *settings, file string, each func(*wire.Domain) error) ([]*wire.Report, error) {
	if file == "-" {
		return nil, usage.Errorf("domdoc merge 1.jsonl 2.jsonl", "merge cannot read stdin, because it reads every file twice")
	}
	in, err := s.open("domdoc merge", file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	runs, err := wire.ReadRuns(in, each)
	if errors.Is(err, wire.ErrCut) {
		return nil, usage.Errorf("check its part again; if it is complete, an earlier version of domdoc has written it",
			"%s: %w", usage.Clean(file), err)
	}
	if err != nil {
		return nil, usage.Errorf("domdoc check --all -o jsonl > report.jsonl", "%s: %w", usage.Clean(file), err)
	}
	return runs, nil
}
