package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newReplay(s *settings) *cobra.Command {
	var open bool
	cmd := &cobra.Command{
		Use: "replay FILE", Short: "run today's rules on a recorded case, without any network",
		Long: `Runs the recorded command again, answered from the case alone: nothing is asked of the network or the service. With the rules of
the domdoc that recorded it, the report is the same; a later one may know more.`,
		Example: `  domdoc check shop.example.com --record case.json
  domdoc replay case.json
  domdoc replay case.json -o markdown`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("domdoc replay case.json", "replay needs one file, and got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runReplay(cmd, s, args[0], open) },
	}
	cmd.Flags().BoolVar(&open, "open", false, "open the case in the dashboard")
	s.diagnosisFlags(cmd)
	reportFormats(cmd)
	return cmd
}

func runReplay(cmd *cobra.Command, s *settings, file string, open bool) error {
	p, err := s.readCase("domdoc replay", file)
	if err != nil {
		return err
	}
	env := *s.env
	env.play = p
	// What this command was told about output and gates comes after what the recorded one was told, and so before it.
	var extra []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != "open" {
			extra = append(extra, flagArgs(f)...)
		}
	})
	if open {
		if env.Dashboard == nil || !env.StdoutTTY || !env.StdinTTY {
			return usagef("domdoc replay "+file, "--open needs a terminal")
		}
		t, err := s.tell(cmd.Context(), file)
		if err != nil {
			return err
		}
		if len(t.names) == 0 {
			return usagef("domdoc replay "+file, "%s holds no diagnosis to open", clean(file))
		}
		for _, name := range t.names {
			env.reports = append(env.reports, t.reports[name])
		}
		env.Args, env.caseName = []string{"--color=" + s.color}, file
		if s.plain {
			env.Args = append(env.Args, "--plain")
		}
	} else {
		at := slices.Index(p.Args, "--")
		if at < 0 {
			at = len(p.Args)
		}
		env.Args = slices.Concat(p.Args[:at], extra, p.Args[at:])
	}
	return playMain(cmd.Context(), env)
}

func playMain(ctx context.Context, env Env) error {
	if code := Main(ctx, env); code != ExitOK {
		return exit(code)
	}
	return nil
}
