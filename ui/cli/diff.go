package cli

import (
	"context"
	"io"
	"slices"

	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/progress"
	"domdoc/ui/render"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newDiff(s *settings) *cobra.Command {
	var exitCode bool
	cmd := &cobra.Command{
		Use: "diff BEFORE AFTER", Short: "what changed between two recorded cases",
		Long: `Runs today's rules on both cases and says in words what changed from one to the other: verdicts, causes, records, delegation,
registration, certificates. What could not be asked in one of them is no change.`,
		Example: "  domdoc diff monday.json tuesday.json\n  domdoc diff before.json after.json -o json --exit-code",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("domdoc diff before.json after.json", "diff needs two cases, and got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDiff(cmd.Context(), s, args[0], args[1], exitCode)
		},
	}
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "end with 1 when something changed, as diff does")
	return cmd
}

// told is what a case says once it is told again.
type told struct {
	play    *playing
	reports map[string]*checks.DomainReport
	names   []string
}

func runDiff(ctx context.Context, s *settings, before, after string, exitCode bool) error {
	var both [2]*told
	for i, file := range []string{before, after} {
		t, err := s.tell(ctx, file)
		if err != nil {
			return err
		}
		if len(t.names) == 0 {
			return usagef("domdoc check shop.example.com --record case.json", "%s holds no diagnosis to compare",
				clean(file))
		}
		both[i] = t
	}
	d := compare(both[0], both[1])
	d.Before.File, d.After.File = before, after
	var err error
	switch s.output {
	case "json", "jsonl":
		err = render.DifferencesJSON(s.env.Stdout, d, s.output == "json")
	default:
		err = render.DifferencesText(s.env.Stdout, d, layout.Style{
			Color: s.colored(s.env.StdoutTTY),
			Width: min(s.env.Width, 110),
		})
	}
	if err != nil {
		return err
	}
	if exitCode && d.Changed() {
		return exit(ExitFindings)
	}
	return nil
}

// tell runs a case again and keeps what it finds, the last of each domain.
func (s *settings) tell(ctx context.Context, file string) (*told, error) {
	p, err := s.readCase("domdoc diff", file)
	if err != nil {
		return nil, err
	}
	t := &told{play: p, reports: map[string]*checks.DomainReport{}}
	env := *s.env
	env.play, env.Args, env.Stdout, env.Stderr, env.Dashboard = p, p.Args, io.Discard, io.Discard, nil
	env.StdoutTTY, env.StderrTTY = false, false
	env.seen = func(r *checks.DomainReport) {
		name := r.Name.ASCII
		if name == "" {
			name = r.ID
		}
		if t.reports[name] == nil {
			t.names = append(t.names, name)
		}
		t.reports[name] = r
	}
	code := Main(ctx, env)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if code == ExitUsage {
		return nil, usagef("domdoc replay "+file, "the command of %s cannot be run again", clean(file))
	}
	slices.Sort(t.names)
	return t, nil
}

// compare compares the domains of two cases.
func compare(a, b *told) *render.Differences {
	d := &render.Differences{Before: wire.Moment{At: a.play.StartedAt}, After: wire.Moment{At: b.play.StartedAt}}
	for _, name := range a.names {
		if b.reports[name] == nil {
			d.Domains = append(d.Domains, render.Difference{
				Name:    name,
				Changes: []progress.Change{{Kind: catalog.ChangeDomainRemoved, ChangeArgs: catalog.ChangeArgs{About: name}}},
			})
			continue
		}
		d.Domains = append(d.Domains, render.Difference{
			Name:    name,
			Changes: progress.Diff(a.reports[name], b.reports[name]),
		})
	}
	for _, name := range b.names {
		if a.reports[name] == nil {
			d.Domains = append(d.Domains, render.Difference{
				Name:    name,
				Changes: []progress.Change{{Kind: catalog.ChangeDomainAdded, ChangeArgs: catalog.ChangeArgs{About: name}}},
			})
		}
	}
	return d
}
