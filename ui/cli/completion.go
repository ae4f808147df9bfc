package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// shells are those that can complete.
var shells = [...]string{"bash", "zsh", "fish", "powershell"}

func newCompletion(s *settings) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "the script that makes a shell complete commands, flags and names",
		Long: `Prints a script for a shell. With it, TAB completes commands, flags, codes and causes, and the names of the tenant's domains, which
are asked of the service (for a second and a half at most) and kept for five minutes in $XDG_CACHE_HOME/domdoc, readable by you only.

bash        source <(domdoc completion bash)        in ~/.bashrc; needs the package bash-completion
zsh         source <(domdoc completion zsh)         in ~/.zshrc, behind compinit
fish        domdoc completion fish | source         in ~/.config/fish/config.fish
powershell  domdoc completion powershell | Out-String | Invoke-Expression    in $PROFILE`,
		Example: `  domdoc completion bash > /etc/bash_completion.d/domdoc
  domdoc completion zsh > "${fpath[1]}/_domdoc"
  domdoc completion fish > ~/.config/fish/completions/domdoc.fish
  domdoc completion powershell > domdoc.ps1`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("domdoc completion bash", "completion needs one shell, of %s", strings.Join(shells[:], ", "))
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
			return usagef("domdoc completion bash", "%q is no shell that can complete; use %s", clean(args[0]),
				strings.Join(shells[:], ", "))
		},
	}
}

// bare are the commands that need neither settings nor a config file, not even a sound one.
func bare(cmd *cobra.Command) bool {
	switch cmd.Name() {
	case cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd, "completion", "help", "man", "schema":
		return true
	}
	return cmd.IsAdditionalHelpTopicCommand()
}
