package cli

import (
	"strings"

	"domdoc/ui/cli/usage"

	"github.com/spf13/cobra"
)

// shells are the supported shells.
var shells = [...]string{"bash", "zsh", "fish", "powershell"}

func newCompletion(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "print a shell completion script",
		Long: `Prints a completion script for a shell. It completes commands, flags, codes, causes and the names of the
tenant's domains. The names are requested from the service (within 1.5 seconds) and cached for five minutes in
$XDG_CACHE_HOME/domdoc, readable only by you.

bash        source <(domdoc completion bash)        in ~/.bashrc; needs the bash-completion package
zsh         source <(domdoc completion zsh)         in ~/.zshrc, after compinit
fish        domdoc completion fish | source         in ~/.config/fish/config.fish
powershell  domdoc completion powershell | Out-String | Invoke-Expression    in $PROFILE`,
		Example: `  domdoc completion bash > /etc/bash_completion.d/domdoc
  domdoc completion zsh > "${fpath[1]}/_domdoc"
  domdoc completion fish > ~/.config/fish/completions/domdoc.fish
  domdoc completion powershell > domdoc.ps1`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage.Errorf("domdoc completion bash", "completion needs one shell: %s", strings.Join(shells[:], ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), s.env.Stdout
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usage.Errorf("domdoc completion bash", "shell %q is not supported; use %s", usage.Clean(args[0]),
				strings.Join(shells[:], ", "))
		},
	}
}

// bare reports whether a command needs no settings, so that it works with an invalid config file.
func bare(cmd *cobra.Command) bool {
	switch cmd.Name() {
	case cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd, "completion", "help", "man", "schema":
		return true
	}
	return cmd.IsAdditionalHelpTopicCommand()
}
