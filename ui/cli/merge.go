package cli

import (
	"context"
	"time"

	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newMerge(s *settings) *cobra.Command {
	cmd := &cobra.Command{
		Use: "merge FILE…", Short: "make one report of those of several machines",
		Long: `Reads reports (-o json or -o jsonl) and writes one, in any format. Incidents are found anew over all domains; a domain that is in
several reports counts as the last diagnosis has it. Nothing is asked of anybody.`,
		Example: `  domdoc check --all --shard 1/2 -o jsonl > 1.jsonl
  domdoc check --all --shard 2/2 -o jsonl > 2.jsonl
  domdoc merge 1.jsonl 2.jsonl -o html > report.html`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("domdoc merge *.jsonl", "merge needs at least one report")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runMerge(cmd.Context(), s, args) },
	}
	cmd.Flags().StringVar(&s.failOn, "fail-on", "fail",
		"findings that end the command with exit code 1: fail, warn, inconclusive or never")
	cmd.Flags().StringVar(&s.gates.baseline, "baseline", "",
		"an earlier report (-o json or jsonl): what it has, too, is marked as known, and does not end the command "+
			"with exit code 1")
	reportFormats(cmd)
	return cmd
}

func runMerge(ctx context.Context, s *settings, files []string) error {
	if err := s.checkFailOn(); err != nil {
		return err
	}
	type place struct {
		file int
		at   time.Time
	}
	// Twice through the files: which diagnosis of a domain is the last is known at the end only, and all of them at
	// once may be more than fits.
	last := map[string]place{}
	key := func(d *wire.Domain) string { return d.Profile + "\n" + d.Domain + "\n" + d.ID }
	var beside []*wire.Report
	domains := 0
	for i, file := range files {
		report, err := s.readReport(file, func(d *wire.Domain) error {
			if was, there := last[key(d)]; !there || !d.At.Before(was.at) {
				last[key(d)] = place{i, d.At}
			}
			domains++
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		beside = append(beside, report)
	}
	out, err := s.newOutput(time.Now, len(last))
	if err != nil {
		return err
	}
	for _, r := range beside {
		tenants := r.MoreTenants
		if r.Tenant != nil {
			tenants = append([]wire.Tenant{*r.Tenant}, tenants...)
		}
		for _, t := range tenants {
			t.DropIncidents()
			out.begin(r.Vantage, &t, t.Profile)
		}
		if len(tenants) == 0 && r.Vantage != nil {
			out.begin(r.Vantage, nil, "")
		}
	}
	if !out.begun {
		out.begin(nil, nil, "")
	}
	n := 0
	for i, file := range files {
		if _, err := s.readReport(file, func(d *wire.Domain) error {
			if p := last[key(d)]; p.file == i && p.at.Equal(d.At) {
				delete(last, key(d))
				out.wire(n, d)
				n++
			}
			return ctx.Err()
		}); err != nil {
			return err
		}
	}
	if err := out.end(""); err != nil {
		return err
	}
	return out.verdict(s.failOn)
}

// readReport hands out the domains of a report file, and returns what it has beside them.
func (s *settings) readReport(file string, each func(*wire.Domain) error) (*wire.Report, error) {
	if file == "-" {
		return nil, usagef("domdoc merge 1.jsonl 2.jsonl", "merge reads its files twice, so it needs files, and no stdin")
	}
	in, closeIn, err := s.input("domdoc merge", file)
	if err != nil {
		return nil, err
	}
	defer closeIn()
	r, err := wire.ReadDomains(in, each)
	if err != nil {
		return nil, usagef("domdoc check --all -o jsonl > report.jsonl", "%s: %w", clean(file), err)
	}
	return r, nil
}
