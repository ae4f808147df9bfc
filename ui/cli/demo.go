package cli

import (
	"fmt"
	"slices"
	"strings"

	"domdoc/api/sandbox"
	"domdoc/ui/cli/usage"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newDemo(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "demo [--domains N] [COMMAND…]",
		Short: "try everything on a built-in sandbox",
		Long: `Runs any command against a built-in simulation of the service and the Internet on loopback; nothing leaves
this machine. Without a command it opens the dashboard, or checks every domain of the sandbox if stdout is not a
terminal.`,
		Example: `  domdoc demo
  domdoc demo check --all
  domdoc demo check shop.fabrikam.example
  domdoc demo wait shop.curlew.example --keep-asking     its record is published after a few seconds
  domdoc demo --domains 10000 check --all -o jsonl`,
		DisableFlagParsing: true, // the rest of the arguments is for the command
		RunE:               func(cmd *cobra.Command, args []string) error { return runDemo(cmd, s, args) },
	}
}

// domainsFlagHelp is the help of --domains.
const domainsFlagHelp = "number of domains; the stories are repeated under other names"

// runDemo starts a sandbox and runs a command line on it.
func runDemo(cmd *cobra.Command, s *settings, args []string) error {
	f := pflag.NewFlagSet("demo", pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.SetOutput(s.env.Stderr)
	domains := f.Int("domains", 0, domainsFlagHelp)
	help := f.BoolP("help", "h", false, "")
	f.Usage = func() {}
	// Flags of the command may precede it.
	own, rest := splitFlags(args, "domains")
	if err := f.Parse(own); err != nil {
		return usage.Errorf("domdoc demo --domains 10000 check --all", "%w", err)
	}
	if *domains < 0 || *domains > 1_000_000 {
		return usage.Errorf("domdoc demo --domains 10000", "--domains %d: use 1 to 1000000", *domains)
	}
	if *help || slices.Equal(rest, []string{"--help"}) || slices.Equal(rest, []string{"-h"}) {
		cmd.InitDefaultHelpFlag()
		return cmd.Help()
	}
	opensDashboard := !hasCommand(rest) && s.env.interactive()
	world, err := sandbox.Start(sandbox.Options{Domains: *domains, After: opensDashboard || keepsAsking(rest)})
	if err != nil {
		return fmt.Errorf("starting the sandbox: %w", err)
	}
	defer world.Close()
	env := *s.env
	env.Args = rest
	if !hasCommand(rest) && !opensDashboard {
		// The faults of the sandbox are intended, so they do not fail the command.
		env.Args = append([]string{"check", "--all", "--fail-on", "never"}, rest...)
	}
	if code := runOn(cmd.Context(), env, &sandboxed{world: world}, nil); code != ExitOK {
		return exit(code)
	}
	return nil
}

// keepsAsking reports whether a command queries repeatedly, so that the stories should change over time. Other commands
// see each story as it is at the start.
func keepsAsking(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		return a == "wait" || a == "--watch" || a == "--watch=true"
	})
}

// splitFlags separates the named flags and their values from the arguments that precede the command.
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

// hasCommand reports whether an argument is neither a flag nor its value.
func hasCommand(args []string) bool {
	for i, a := range args {
		if !strings.HasPrefix(a, "-") && (i == 0 || !strings.HasPrefix(args[i-1], "-") ||
			strings.Contains(args[i-1], "=")) {
			return true
		}
	}
	return false
}
