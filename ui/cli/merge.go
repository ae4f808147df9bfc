package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"domdoc/catalog"
	"domdoc/ui/cli/gates"
	"domdoc/ui/cli/shard"
	"domdoc/ui/cli/usage"
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
detected again across all domains. If a domain is in several reports, its latest diagnosis is used. A report that is
cut off is refused; the merged report is incomplete if one of the others is, or if the report of a part (--shard) is
missing.`,
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
	type place struct {
		file int
		at   time.Time
	}
	// Read the files twice: the latest diagnosis of a domain is known only at the end, and all of them may not fit into
	// memory.
	last := map[string]place{}
	key := func(d *wire.Domain) string { return d.Profile + "\n" + d.Domain + "\n" + d.ID }
	var rest []*wire.Report // the reports without their domains
	var empty error
	var incomplete, shards []string
	domains := 0
	for i, file := range files {
		report, err := readReport(s, file, func(d *wire.Domain) error {
			if was, there := last[key(d)]; !there || !d.At.Before(was.at) {
				last[key(d)] = place{i, d.At}
			}
			domains++
			return ctx.Err()
		})
		if errors.Is(err, wire.ErrEmpty) { // of a run that was killed at once, or of an earlier version without domains
			fmt.Fprintf(s.env.Stderr, "domdoc: %s has no domains, and no last line that says so\n", usage.Clean(file))
			incomplete = append(incomplete, usage.Clean(file)+" is empty")
			empty = err
			continue
		}
		if err != nil {
			return err
		}
		rest, shards = append(rest, report), append(shards, report.Shard)
		if !report.Complete {
			incomplete = append(incomplete, usage.Clean(file)+": "+cmp.Or(report.Incomplete, "the run is incomplete"))
		}
	}
	if len(rest) == 0 {
		return empty
	}
	if missing := shard.Missing(shards); len(missing) > 0 {
		if more := len(missing) - 10; more > 0 {
			missing = append(missing[:10], fmt.Sprintf("%d more", more))
		}
		incomplete = append(incomplete, "no report of part "+catalog.Join(missing))
	}
	noteTwice(s.env.Stderr, rest)
	d := &diagnosis{gates: g, failOn: o.failOn}
	d.all = slices.ContainsFunc(rest, func(r *wire.Report) bool { return r.All })
	d.started, d.took = spanOf(rest)
	out, err := newReporter(s, d, time.Now, len(last))
	if err != nil {
		return err
	}
	if len(incomplete) > 0 {
		out.ListCut()
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
	if err := out.End(func() string { return strings.Join(incomplete, "; ") }); err != nil {
		return err
	}
	if domains == 0 && !o.allowEmpty && len(incomplete) == 0 {
		return errEmpty("the reports have no domains")
	}
	return exitOf(out.Outcome())
}

// noteTwice names the parts of which there are several reports.
func noteTwice(w io.Writer, rest []*wire.Report) {
	for i, r := range rest {
		if r.Shard != "" && slices.ContainsFunc(rest[:i], func(o *wire.Report) bool {
			return o.Shard == r.Shard && sameTenant(o, r)
		}) {
			fmt.Fprintf(w, "domdoc: two of the reports are of part %s\n", r.Shard)
		}
	}
}

// sameTenant reports whether two reports are about the same tenant, as far as they know it.
func sameTenant(a, b *wire.Report) bool {
	return a.Tenant == nil || b.Tenant == nil || a.Tenant.ID == b.Tenant.ID
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
	if errors.Is(err, wire.ErrCut) {
		return nil, usage.Errorf("check its part again; if it is complete, an earlier version of domdoc has written it",
			"%s: %w", usage.Clean(file), err)
	}
	if err != nil {
		return nil, usage.Errorf("domdoc check --all -o jsonl > report.jsonl", "%s: %w", usage.Clean(file), err)
	}
	return r, nil
}
