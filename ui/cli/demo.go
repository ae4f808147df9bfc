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
	cmd := &cobra.Command{
		Use:   "demo [--domains N] [--stories small|all|NAME,…] [COMMAND…]",
		Short: "try everything on a built-in sandbox",
		Long: `Runs any command against a built-in simulation of the service and the Internet on loopback; nothing leaves
this machine. Each domain is a story: one fault, or a healthy twin of it.

Without a command it opens the dashboard on a small tenant with one domain of each kind, and diagnoses them;
--stories all shows every story. If stdout is not a terminal, it checks every domain.

Commands see every story: any of their domains can be named, and "demo check --all" checks all of them. With
--stories, the tenant has only the domains of these: "demo --stories small check --all" checks the small tenant.`,
		Example: `  domdoc demo
  domdoc demo check --all
  domdoc demo --stories small check --all
  domdoc demo check shop.fabrikam.example
  domdoc demo wait shop.curlew.example --keep-asking     its record is published after a few seconds
  domdoc demo --domains 10000 check --all -o jsonl`,
		DisableFlagParsing: true, // the rest of the arguments is for the command
		RunE:               func(cmd *cobra.Command, args []string) error { return runDemo(cmd, s, args) },
	}
	addDemoFlags(cmd.Flags()) // for the help: runDemo reads them
	return cmd
}

// demoFlags are the flags of demo itself, which precede the command.
type demoFlags struct {
	domains int
	stories string
}

func addDemoFlags(f *pflag.FlagSet) *demoFlags {
	d := &demoFlags{}
	f.IntVar(&d.domains, "domains", 0, domainsFlagHelp)
	f.StringVar(&d.stories, "stories", "", storiesFlagHelp)
	return d
}

// listed returns the stories of the tenant's list; nil for all.
func (d *demoFlags) listed(dashboard bool) []string {
	switch {
	case d.stories == "all":
		return nil
	case d.stories == "small", d.stories == "" && dashboard && d.domains == 0:
		return sandbox.Small()
	case d.stories == "":
		return nil
	}
	var names []string
	for name := range strings.SplitSeq(d.stories, ",") {
		names = append(names, strings.TrimSpace(name))
	}
	return names
}

// domainsFlagHelp is the help of --domains.
const domainsFlagHelp = "number of domains; the stories are repeated under other names"

// storiesFlagHelp is the help of --stories.
const storiesFlagHelp = "stories of the tenant's list: small, all, or names, separated by commas " +
	"(default: small in the dashboard, all otherwise)"

// runDemo starts a sandbox and runs a command line on it.
func runDemo(cmd *cobra.Command, s *settings, args []string) error {
	f := pflag.NewFlagSet("demo", pflag.ContinueOnError)
	f.SetInterspersed(false)
	f.SetOutput(s.env.Stderr)
	flags := addDemoFlags(f)
	help := f.BoolP("help", "h", false, "")
	f.Usage = func() {}
	// Flags of the command may precede it.
	own, rest := splitFlags(args, "domains", "stories")
	if err := f.Parse(own); err != nil {
		return usage.Errorf("domdoc demo --domains 10000 check --all", "%w", err)
	}
	if flags.domains < 0 || flags.domains > 1_000_000 {
		return usage.Errorf("domdoc demo --domains 10000", "--domains %d: use 1 to 1000000", flags.domains)
	}
	if *help || slices.Equal(rest, []string{"--help"}) || slices.Equal(rest, []string{"-h"}) {
		cmd.InitDefaultHelpFlag()
		return cmd.Help()
	}
	opensDashboard := !hasCommand(rest) && s.env.interactive()
	opt := sandbox.Options{
		Domains: flags.domains, After: opensDashboard || keepsAsking(rest), Listed: flags.listed(opensDashboard),
	}
	small := opensDashboard && slices.Equal(opt.Listed, sandbox.Small()) && flags.domains == 0
	if small { // what is wrong with the tenant as a whole is among all stories
		opt.Quota, opt.Balance = -1, "100.00"
	}
	world, err := sandbox.Start(opt)
	if err != nil && len(opt.Listed) > 0 {
		return usage.Errorf("domdoc demo --stories "+sandbox.Small()[0], "--stories %s: %w", flags.stories, err)
	}
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
	on := &sandboxed{world: world, listed: opt.Listed, guided: small}
	if code := runOn(cmd.Context(), env, on, nil); code != ExitOK {
		return exit(code)
	}
	return nil
}

// keepsAsking reports whether a command queries repeatedly, so that the stories should change over time. Other
// commands see each story as it is at the start.
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
