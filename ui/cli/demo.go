package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"domdoc/api/sandbox"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newDemo(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "demo [--domains N] [COMMAND…]",
		Short: "the whole program on a built-in sandbox",
		Long: `Runs any command against a stand-in for the service and the Internet, built in and on loopback: nothing leaves this machine.
Without a command it opens the dashboard; in a pipe it checks every domain of the sandbox and prints.`,
		Example: `  domdoc demo
  domdoc demo check --all
  domdoc demo check shop.fabrikam.example
  domdoc demo wait shop.curlew.example --keep-asking     its record is published some seconds later
  domdoc demo --domains 10000 check --all -o jsonl`,
		DisableFlagParsing: true, // what follows belongs to the command
		RunE:               func(cmd *cobra.Command, args []string) error { return runDemo(cmd.Context(), s, args) },
	}
}

// runDemo starts the sandbox and runs the same program on it.
func runDemo(ctx context.Context, s *settings, args []string) error {
	f := pflag.NewFlagSet("demo", pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.SetOutput(s.env.Stderr)
	domains := f.Int("domains", 0, "multiply the stories to so many domains")
	help := f.BoolP("help", "h", false, "")
	f.Usage = func() {}
	// Flags of the commands may stand before the command, too: what demo does not know is theirs.
	own, rest := splitFlags(args, "domains")
	if err := f.Parse(own); err != nil {
		return usagef("domdoc demo --domains 10000 check --all", "%w", err)
	}
	if *domains < 0 || *domains > 1_000_000 {
		return usagef("domdoc demo --domains 10000", "--domains %d: want 1 to 1000000", *domains)
	}
	if *help || slices.Equal(rest, []string{"--help"}) || slices.Equal(rest, []string{"-h"}) {
		cmd := newDemo(s)
		fmt.Fprintln(s.env.Stdout, cmd.Long+"\n\nExamples:\n"+cmd.Example)
		return nil
	}
	shows := !hasCommand(rest) && s.env.StdoutTTY && s.env.StdinTTY && s.env.Dashboard != nil
	world, err := sandbox.Start(sandbox.Options{Domains: *domains, After: shows || lasts(rest)})
	if err != nil {
		return fmt.Errorf("starting the sandbox: %w", err)
	}
	defer world.Close()
	env := *s.env
	env.world = world
	env.Args = rest
	if !hasCommand(rest) && !shows {
		// In a pipe or in CI: the sandbox's domains, printed. Its faults are there on purpose, so they do not fail the
		// command.
		env.Args = append([]string{"check", "--all", "--fail-on", "never"}, rest...)
	}
	if code := Main(ctx, env); code != ExitOK {
		return exit(code)
	}
	return nil
}

// lasts reports whether the command goes on asking, so that stories may unfold meanwhile: the dashboard does, too,
// where a domain can be watched. All others see each story as it stands at the start, whenever they come to it.
func lasts(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		return a == "wait" || a == "--watch" || a == "--watch=true"
	})
}

// splitFlags takes the named long flags, with their values, from the front part of the arguments.
func splitFlags(args []string, names ...string) (own, rest []string) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if !strings.HasPrefix(a, "-") {
			return own, append(rest, args[i:]...)
		}
		name, _, inline := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if !slices.Contains(names, name) {
			rest = append(rest, a)
			continue
		}
		own = append(own, a)
		if !inline && i+1 < len(args) {
			i++
			own = append(own, args[i])
		}
	}
	return own, rest
}

// hasCommand reports whether any argument is neither a flag nor what follows one.
func hasCommand(args []string) bool {
	for i, a := range args {
		if !strings.HasPrefix(a, "-") && (i == 0 || !strings.HasPrefix(args[i-1], "-") ||
			strings.Contains(args[i-1], "=")) {
			return true
		}
	}
	return false
}
