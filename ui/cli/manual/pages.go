package manual

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"domdoc/ui/cli/usage"
	"domdoc/ui/render"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// PagesCommand returns the command man, which writes the manual pages of a version of the program. date is that of the
// build, as 2026-11-30, or empty.
func PagesCommand(version, date string) *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "write the manual pages to a directory",
		Long: `Writes a manual page (section 1) for every command and topic: domdoc.1, domdoc-check.1 and so on, with the
texts of --help. They carry the date of the build, or of SOURCE_DATE_EPOCH: the same version writes the same bytes.`,
		Example: `  domdoc man man1
  domdoc man man1 && man -l man1/domdoc-check.1`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage.Errorf("domdoc man /usr/local/share/man/man1", "man needs one directory, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return writePages(cmd.Root(), version, date, args[0]) },
	}
}

func writePages(root *cobra.Command, version, date, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return usage.Errorf("domdoc man man1", "cannot write the manual pages: %w", err)
	}
	for _, cmd := range Commands(root) {
		p := newPage(cmd)
		text := render.Man(p, "domdoc "+version, date)
		if err := os.WriteFile(filepath.Join(dir, p.Name+".1"), []byte(text), 0o644); err != nil {
			return usage.Errorf("domdoc man man1", "cannot write a manual page: %w", err)
		}
	}
	return nil
}

// newPage returns the manual page of a command.
func newPage(cmd *cobra.Command) render.ManPage {
	name := func(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }
	p := render.ManPage{
		Name: name(cmd), Short: cmd.Short, Long: strings.TrimSpace(cmd.Long),
		Examples: strings.Split(cmd.Example, "\n"),
	}
	if !cmd.IsAdditionalHelpTopicCommand() {
		p.Synopsis = cmd.UseLine()
		cmd.InitDefaultHelpFlag()
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { p.Options = append(p.Options, newOption(f)) })
	}
	if cmd.HasParent() {
		p.See = append(p.See, name(cmd.Root()))
	}
	if cmd.HasParent() && !cmd.IsAdditionalHelpTopicCommand() {
		cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { p.Inherited = append(p.Inherited, newOption(f)) })
	}
	for _, sub := range Commands(cmd) {
		if sub.Parent() == cmd {
			p.Commands = append(p.Commands, [2]string{strings.TrimPrefix(sub.Name(), name(cmd)), sub.Short})
			p.See = append(p.See, name(sub))
		}
	}
	return p
}

func newOption(f *pflag.Flag) [2]string {
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
