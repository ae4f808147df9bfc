package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"domdoc/ui/cli/gates"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

// mergeOptions are the flags of merge.
type mergeOptions struct {
	failOn string
	gates  gates.Options // only --baseline
}

func newMerge(s *settings) *cobra.Command {
	var o mergeOptions
	cmd := &cobra.Command{
		Use: "merge FILE…", Short: "merge reports of several machines",
		Long: `Merges reports (-o json or -o jsonl) into one, in any format, without querying anything. Incidents are
detected again across all domains. If a domain is in several reports, its latest diagnosis is used.`,
		Example: `  domdoc check --all --shard 1/2 -o jsonl > 1.jsonl
  domdoc check --all --shard 2/2 -o jsonl > 2.jsonl
  domdoc merge 1.jsonl 2.jsonl -o html > report.html`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage.Errorf("domdoc merge *.jsonl", "merge needs at least one report")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runMerge(cmd.Context(), s, &o, args) },
	}
	addFailOnFlag(cmd, &o.failOn)
	o.gates.AddBaselineFlag(cmd.Flags())
	supportReports(cmd)
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
	type place struct {
		file int
		at   time.Time
	}
	// Read the files twice: the latest diagnosis of a domain is known only at the end, and all of them may not fit into
	// memory.
	last := map[string]place{}
	key := func(d *wire.Domain) string { return d.Profile + "\n" + d.Domain + "\n" + d.ID }
	var rest []*wire.Report // the reports without their domains
	domains := 0
	var empty error
	for i, file := range files {
		report, err := readReport(s, file, func(d *wire.Domain) error {
			if was, there := last[key(d)]; !there || !d.At.Before(was.at) {
				last[key(d)] = place{i, d.At}
			}
			domains++
			return ctx.Err()
		})
		if errors.Is(err, wire.ErrEmpty) { // a machine whose part has no domains
			fmt.Fprintf(s.env.Stderr, "domdoc: %s has no domains\n", usage.Clean(file))
			empty = err
			continue
		}
		if err != nil {
			return err
		}
		rest = append(rest, report)
	}
	if len(rest) == 0 {
		return empty
	}
	out, err := newReporter(s, &diagnosis{gates: g, failOn: o.failOn}, time.Now, len(last))
	if err != nil {
		return err
	}
	for _, r := range rest {
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
	n := 0
	for i, file := range files {
		if _, err := readReport(s, file, func(d *wire.Domain) error {
			if p := last[key(d)]; p.file == i && p.at.Equal(d.At) {
				delete(last, key(d))
				out.DomainJSON(n, d)
				n++
			}
			return ctx.Err()
		}); err != nil && !errors.Is(err, wire.ErrEmpty) {
			return err
		}
	}
	if err := out.End(""); err != nil {
		return err
	}
	return exitOf(out.Outcome())
}

// readReport calls each with the domains of a report file, and returns the rest of the report.
func readReport(s *settings, file string, each func(*wire.Domain) error) (*wire.Report, error) {
	if file == "-" {
		return nil, usage.Errorf("domdoc merge 1.jsonl 2.jsonl", "merge cannot read stdin, because it reads every file twice")
	}
	in, err := s.open("domdoc merge", file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	r, err := wire.ReadDomains(in, each)
	if err != nil {
		return nil, usage.Errorf("domdoc check --all -o jsonl > report.jsonl", "%s: %w", usage.Clean(file), err)
	}
	return r, nil
}
