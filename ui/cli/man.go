package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"domdoc/ui/render"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newMan(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "write the manual's pages into a directory",
		Long: `Writes a page of the manual (section 1) for every command and topic: domdoc.1, domdoc-check.1 and so on. They are the texts of
--help. The same version writes the same bytes, so that packages can be built again and compared.`,
		Example: `  domdoc man man1
  domdoc man man1 && man -l man1/domdoc-check.1`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("domdoc man /usr/local/share/man/man1", "man needs one directory, and got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return runMan(cmd.Root(), s, args[0]) },
	}
}

func runMan(root *cobra.Command, s *settings, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return usagef("domdoc man man1", "the pages cannot be written there: %w", err)
	}
	for _, cmd := range manuals(root) {
		p := manPage(cmd)
		if err := os.WriteFile(filepath.Join(dir, p.Name+".1"), []byte(render.Man(p, "domdoc "+s.env.Version)), 0o644); err != nil {
			return usagef("domdoc man man1", "a page cannot be written: %w", err)
		}
	}
	return nil
}

// manPage gathers what the page of a command says.
func manPage(cmd *cobra.Command) render.ManPage {
	name := func(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }
	p := render.ManPage{
		Name: name(cmd), Short: cmd.Short, Long: strings.TrimSpace(cmd.Long),
		Examples: strings.Split(cmd.Example, "\n"),
	}
	if !cmd.IsAdditionalHelpTopicCommand() {
		p.Synopsis = cmd.UseLine()
		cmd.InitDefaultHelpFlag()
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { p.Options = append(p.Options, manOption(f)) })
	}
	if cmd.HasParent() {
		p.See = append(p.See, name(cmd.Root()))
	}
	if cmd.HasParent() && !cmd.IsAdditionalHelpTopicCommand() {
		cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { p.Inherited = append(p.Inherited, manOption(f)) })
	}
	for _, sub := range manuals(cmd) {
		if sub.Parent() == cmd {
			p.Commands = append(p.Commands, [2]string{strings.TrimPrefix(sub.Name(), name(cmd)), sub.Short})
			p.See = append(p.See, name(sub))
		}
	}
	return p
}

func manOption(f *pflag.Flag) [2]string {
	value, usage := pflag.UnquoteUsage(f)
	flag := "--" + f.Name
	if f.Shorthand != "" {
		flag = "-" + f.Shorthand + ", " + flag
	}
	if value != "" {
		flag += " " + value
	}
	if d := f.DefValue; d != "" && d != "false" && d != "0" && d != "0s" && d != "[]" {
		usage += fmt.Sprintf(" (default %s)", d)
	}
	return [2]string{flag, usage}
}
