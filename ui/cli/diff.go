package cli

import (
	"context"
	"io"
	"slices"

	"domdoc/catalog"
	"domdoc/checks/progress"
	"domdoc/checks/result"
	"domdoc/ui/cli/casefile"
	"domdoc/ui/cli/usage"
	"domdoc/ui/render"
	"domdoc/ui/render/wire"

	"github.com/spf13/cobra"
)

func newDiff(s *settings) *cobra.Command {
	var exitCode bool
	cmd := &cobra.Command{
		Use: "diff BEFORE AFTER", Short: "show what changed between two recorded cases",
		Long: `Reruns both cases and lists what changed from one to the other: verdicts, causes, records, delegation,
registration, certificates. Something that could not be queried in one of them is not a change.`,
		Example: "  domdoc diff monday.json tuesday.json\n  domdoc diff before.json after.json -o json --exit-code",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage.Errorf("domdoc diff before.json after.json", "diff needs two cases, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDiff(cmd.Context(), s, args[0], args[1], exitCode)
		},
	}
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 1 if something changed, like diff")
	return cmd
}

// caseReports are the diagnoses of a case.
type caseReports struct {
	replay  *casefile.Replay
	reports map[string]*result.Domain // by domain; the last of each
	names   []string                  // of the domains, sorted
}

func runDiff(ctx context.Context, s *settings, before, after string, exitCode bool) error {
	var both [2]*caseReports
	for i, file := range []string{before, after} {
		t, err := rediagnoseCase(ctx, s, file)
		if err != nil {
			return err
		}
		if len(t.names) == 0 {
			return usage.Errorf("domdoc check shop.example.com --record case.json", "%s has no diagnosis to compare",
				usage.Clean(file))
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
		err = render.DifferencesText(s.env.Stdout, d, s.style())
	}
	if err != nil {
		return err
	}
	if exitCode && d.Changed() {
		return exit(ExitFindings)
	}
	return nil
}

// rediagnoseCase reruns a case and returns its diagnoses.
func rediagnoseCase(ctx context.Context, s *settings, file string) (*caseReports, error) {
	p, err := readCase(s, "domdoc diff", file)
	if err != nil {
		return nil, err
	}
	t := &caseReports{replay: p, reports: map[string]*result.Domain{}}
	env := *s.env
	env.Args, env.Stdout, env.Stderr, env.Dashboard = p.Args, io.Discard, io.Discard, nil
	env.StdoutTTY, env.StderrTTY = false, false
	code := runOn(ctx, env, &replayed{replay: p, path: file}, func(r *result.Domain) {
		name := r.Name.ASCII
		if name == "" {
			name = r.ID
		}
		if t.reports[name] == nil {
			t.names = append(t.names, name)
		}
		t.reports[name] = r
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if code == ExitUsage {
		return nil, usage.Errorf("domdoc replay "+file, "cannot rerun the command of %s", usage.Clean(file))
	}
	slices.Sort(t.names)
	return t, nil
}

// compare returns the differences between two cases.
func compare(a, b *caseReports) *render.Differences {
	d := &render.Differences{Before: wire.Moment{At: a.replay.StartedAt}, After: wire.Moment{At: b.replay.StartedAt}}
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
