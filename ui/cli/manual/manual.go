// Package manual has the help of the command line: the texts of --help, the topics and the manual pages.
package manual

import (
	"slices"
	"strings"

	"domdoc/ui/cli/usage"

	"github.com/spf13/cobra"
)

// HelpCommand returns the command help.
func HelpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND|TOPIC]", Short: "show help for a command or a topic",
		Long: `Shows the help of a command, like --help, or of a topic: exit-codes, filters, settings, machines.`,
		Example: `  domdoc help check
  domdoc help exit-codes`,
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 && about == cmd.Root() {
				return usage.Errorf("domdoc help check", "unknown command or topic %q", usage.Clean(strings.Join(args, " ")))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// Help returns the help of a command or a topic.
func Help(cmd *cobra.Command) string {
	text := strings.TrimSpace(cmd.Long)
	if text == "" {
		text = cmd.Short
	}
	if cmd.IsAdditionalHelpTopicCommand() {
		return text + "\n\nExamples:\n" + cmd.Example + "\n"
	}
	if text != "" {
		text += "\n\n"
	}
	return text + cmd.UsageString()
}

// Commands returns the visible commands and topics below root and root itself, sorted by name. Each has a manual page.
func Commands(root *cobra.Command) []*cobra.Command {
	var out []*cobra.Command
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		out = append(out, c)
		for _, sub := range c.Commands() {
			if !sub.Hidden && (sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() || sub.Name() == "help") {
				walk(sub)
			}
		}
	}
	walk(root)
	slices.SortFunc(out, func(a, b *cobra.Command) int { return strings.Compare(a.CommandPath(), b.CommandPath()) })
	return out
}
