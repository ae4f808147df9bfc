package cli

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/progress"
	"domdoc/checks/query"
	"domdoc/checks/subject"
	"domdoc/ui/cli/namecache"
	"domdoc/ui/cli/usage"

	"github.com/spf13/cobra"
)

// completer returns the completions at the cursor. On an error it returns none.
type completer = func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion,
	cobra.ShellCompDirective)

const noFiles = cobra.ShellCompDirectiveNoFileComp

// addCompletions adds completions to every command and flag.
func addCompletions(root *cobra.Command, s *settings) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for name, f := range flagCompleters(s) {
			if cmd.LocalNonPersistentFlags().Lookup(name) != nil || cmd.PersistentFlags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, f) // fails only if there is no such flag
			}
		}
		if f := argumentCompleter(s, cmd.Name()); f != nil && cmd.HasParent() {
			cmd.ValidArgsFunction = f
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root)
}

// argumentCompleter returns the completer of a command's arguments; nil: files.
func argumentCompleter(s *settings, command string) completer {
	switch command {
	case "check", "propagation", "registration":
		return completeDomains(s)
	case "wait", "plan":
		return func(cmd *cobra.Command, args []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, noFiles
			}
			return completeDomains(s)(cmd, args, at)
		}
	case "explain":
		return completeExplain
	case "schema":
		var names []string
		for _, d := range documented() {
			names = append(names, d.Command)
		}
		return first(append(names, sameReport[:]...)...)
	case "completion":
		return first(shells[:]...)
	case "demo":
		return completeDemo(s)
	case "man":
		return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		}
	case "help":
		return completeHelp
	case "domains", "doctor", "audit", "login", "logout", "profiles", "version":
		return nothing
	}
	return nil
}

// flagCompleters returns the completers of flags that do not name a file.
func flagCompleters(s *settings) map[string]completer {
	known := map[string]completer{
		"output": func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if f := cmd.Annotations["formats"]; f != "" {
				return strings.Fields(f), noFiles
			}
			return textFormats[:], noFiles
		},
		"as":      words(string(catalog.ForTenant), string(catalog.ForSupport), string(catalog.ForOperator)),
		"color":   words("auto", "always", "never"),
		"fail-on": words(failLevels...),
		"intent":  words(string(subject.Attach), string(subject.Register), string(subject.Transfer)),
		"for": words(string(progress.GoalVerified), string(progress.GoalPropagated), string(progress.GoalCertificate),
			string(progress.GoalHealthy)),
		"type":     words("A", "AAAA", "CNAME", "TXT", "MX", "NS", "CAA", "SOA", "SRV", "DS", "DNSKEY", "HTTPS", "PTR"),
		"resolver": words(exchange.KnownResolvers()...),
		"profile":  completeProfile(s),
		"domain":   completeDomains(s),
		"only":     commaList(patterns),
		"skip":     commaList(patterns),
		"ignore":   completeIgnore(s),
		"filter":   completeFilter,
	}
	for _, name := range []string{
		"api-url", "tenant", "timeout", "jobs", "expect", "expect-column", "rate", "shard",
		"deadline", "email", "domains",
	} {
		known[name] = nothing
	}
	return known
}

func nothing(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, noFiles
}

// words completes a word of a fixed list. A tab separates a word from its description.
func words(list ...string) completer {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return list, noFiles
	}
}

// first completes the first argument only.
func first(list ...string) completer {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, noFiles
		}
		return list, noFiles
	}
}

// patterns are the values of --only and --skip.
func patterns() []cobra.Completion {
	var out []cobra.Completion
	for _, r := range catalog.Rungs() {
		out = append(out, r.String()+"\trung")
	}
	for _, c := range catalog.Codes() {
		out = append(out, c.ID+"\t"+c.Name)
	}
	seen := map[string]bool{}
	for _, c := range catalog.Causes() {
		if family, _, ok := strings.Cut(string(c.ID), "."); ok && !seen[family] {
			seen[family] = true
			out = append(out, family+".*\tfamily")
		}
		out = append(out, string(c.ID)+"\t"+c.Title)
	}
	return out
}

// commaList completes the last of several words separated by commas.
func commaList(list func() []cobra.Completion) completer {
	return func(_ *cobra.Command, _ []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return after(at[:strings.LastIndexByte(at, ',')+1], at, list()), noFiles
	}
}

// after prefixes each word with the text before it, and keeps those that match the text at the cursor.
func after(typed, at string, list []cobra.Completion) []cobra.Completion {
	var out []cobra.Completion
	for _, w := range list {
		if strings.HasPrefix(typed+w, at) {
			out = append(out, typed+w)
		}
	}
	return out
}

// completeExplain completes codes and causes, and with --show the causes that a story shows.
func completeExplain(cmd *cobra.Command, args []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, noFiles
	}
	shown := func(catalog.ID) bool { return true }
	var out []cobra.Completion
	if f := cmd.Flags().Lookup("show"); f != nil && f.Value.String() == "true" {
		stories, _, err := sandbox.ReadStories(sandbox.Scenarios())
		if err != nil {
			return nil, noFiles
		}
		shown = func(id catalog.ID) bool { return storyOf(stories, id) >= 0 }
	} else {
		for _, c := range catalog.Codes() {
			out = append(out, c.ID+"\t"+c.Name)
		}
		for _, c := range catalog.Codes() {
			out = append(out, c.Name+"\t"+c.ID)
		}
		for _, st := range catalog.RegistryStatuses() {
			if st.EPP != "" {
				out = append(out, st.EPP+"\tregistration status")
			}
		}
	}
	for _, c := range catalog.Causes() {
		if shown(c.ID) {
			out = append(out, string(c.ID)+"\t"+c.Title)
		}
	}
	return after("", at, out), noFiles
}

// completeIgnore completes causes, and the tenant's domains after an @.
func completeIgnore(s *settings) completer {
	return func(cmd *cobra.Command, _ []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if cause, _, ok := strings.Cut(at, "@"); ok {
			return after(cause+"@", at, tenantNames(cmd, s)), noFiles
		}
		var out []cobra.Completion
		for _, c := range catalog.Causes() {
			out = append(out, string(c.ID)+"\t"+c.Title)
		}
		return after("", at, out), noFiles | cobra.ShellCompDirectiveNoSpace
	}
}

// completeFilter completes the keys of a query, and the values of keys with a fixed list.
func completeFilter(_ *cobra.Command, _ []string, at string) ([]cobra.Completion,
	cobra.ShellCompDirective,
) {
	start := strings.LastIndexByte(at, ' ') + 1
	start += len(at[start:]) - len(strings.TrimPrefix(at[start:], "-"))
	typed := at[:start]
	key, rest, ok := strings.Cut(at[start:], ":")
	if !ok {
		var out []cobra.Completion
		for _, k := range query.Help() {
			name, _, _ := strings.Cut(k[0], ":")
			out = append(out, name+":\t"+k[1]+", for example "+k[0])
		}
		return after(typed, at, out), noFiles | cobra.ShellCompDirectiveNoSpace
	}
	return after(typed+key+":"+rest[:strings.LastIndexByte(rest, ',')+1], at, queryValues(key)), noFiles
}

// queryValues returns the values of a key of a query, if they are known.
func queryValues(key string) []cobra.Completion {
	var out []cobra.Completion
	switch key {
	case "verdict":
		return query.StateIDs()
	case "code", "reported", "predicted":
		for _, c := range catalog.Codes() {
			out = append(out, c.ID+"\t"+c.Name)
		}
	case "cause":
		for _, c := range catalog.Causes() {
			out = append(out, string(c.ID)+"\t"+c.Title)
		}
	case "rung":
		for _, r := range catalog.Rungs() {
			out = append(out, r.String())
		}
	case "owner", "who":
		for _, c := range catalog.Causes() {
			for _, w := range c.Who {
				if !slices.Contains(out, string(w)) {
					out = append(out, string(w))
				}
			}
		}
	case "expires", "cert", "wait":
		out = []cobra.Completion{"<1d", "<7d", "<30d", ">30d"}
	}
	return out
}

// completeProfile completes the profiles in the config file. check accepts several.
func completeProfile(s *settings) completer {
	return func(cmd *cobra.Command, _ []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
		file, err := s.readConfig()
		if err != nil {
			return nil, noFiles
		}
		typed := ""
		if cmd.Name() == "check" {
			typed = at[:strings.LastIndexByte(at, ',')+1]
		}
		var out []cobra.Completion
		for _, name := range file.Profiles() {
			if !slices.Contains(splitProfiles(typed), name) {
				out = append(out, usage.Clean(name))
			}
		}
		slices.Sort(out)
		return after(typed, at, out), noFiles
	}
}

// maxOffered bounds the names that are offered.
const maxOffered = 500

// completeDomains completes the tenant's domains that are not arguments yet.
func completeDomains(s *settings) completer {
	return func(cmd *cobra.Command, args []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
		names := slices.DeleteFunc(tenantNames(cmd, s), func(c cobra.Completion) bool {
			name, _, _ := strings.Cut(c, "\t")
			return slices.Contains(args, name)
		})
		names = after("", strings.ToLower(at), names)
		return names[:min(len(names), maxOffered)], noFiles
	}
}

// tenantNames returns the tenant's domains with their status, from the cache or from the service. It returns none
// without a service or without its answer.
func tenantNames(cmd *cobra.Command, s *settings) []cobra.Completion {
	if err := s.load(cmd); err != nil || s.apiURL == "" || len(s.profiles) > 0 {
		return nil
	}
	file := namecache.Path(cacheDir(s), s.profile, api.Origin(s.apiURL), s.tenant, s.token)
	within := namecache.Timeout
	if s.backend.isolated() != "" { // the sandbox always answers, if late on a busy machine
		within = time.Minute
	}
	var out []cobra.Completion
	for _, n := range namecache.Names(cmd.Context(), file, within, func(ctx context.Context) ([]namecache.Name, bool) {
		return requestNames(ctx, s)
	}) {
		parsed, err := dnsname.Parse(n[0])
		if err != nil {
			continue
		}
		status := sanitize.Text(n[1], 40)
		if parsed.Unicode != parsed.ASCII {
			status = parsed.Unicode + " " + status
		}
		out = append(out, parsed.ASCII+"\t"+status)
	}
	return out
}

// requestNames requests the tenant's domains from the service, as many as arrive in time. It reports whether there
// was an answer.
func requestNames(ctx context.Context, s *settings) (names []namecache.Name, ok bool) {
	cfg, err := clientConfig(s)
	if err != nil {
		return nil, false
	}
	s.backend.service(&cfg)
	cfg.Retries = -1
	// Do not refresh the session: a timeout between the refresh and saving it would lose the session.
	cfg.RefreshToken, cfg.BeforeRefresh, cfg.OnTokens = "", nil, nil
	client, err := api.New(cfg)
	if err != nil {
		return nil, false
	}
	defer client.Close()
	for d, err := range client.Domains(ctx) {
		if err != nil {
			return names, len(names) > 0
		}
		if n, err := dnsname.Parse(d.Name); err == nil {
			names = append(names, namecache.Name{n.ASCII, d.Status})
		}
		if len(names) == namecache.MaxNames {
			break
		}
	}
	return names, true
}

// completeHelp completes commands and topics.
func completeHelp(cmd *cobra.Command, args []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
	parent, _, err := cmd.Root().Find(args)
	if err != nil {
		return nil, noFiles
	}
	var out []cobra.Completion
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() {
			out = append(out, c.Name()+"\t"+c.Short)
		}
	}
	return after("", at, out), noFiles
}

// completeDemo completes a command of demo, with the sandbox as the service.
func completeDemo(s *settings) completer {
	return func(cmd *cobra.Command, args []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
		own, rest := splitFlags(args, "domains", "stories")
		if len(rest) == 0 && len(own) > 0 && !strings.Contains(own[len(own)-1], "=") {
			switch own[len(own)-1] {
			case "--domains":
				return nil, noFiles // a number
			case "--stories":
				return after("", at, append([]string{"small", "all"}, sandbox.Small()...)), noFiles
			}
		}
		if len(rest) == 0 && strings.HasPrefix(at, "-") {
			if own := after("", at, []string{
				"--domains\t" + domainsFlagHelp, "--stories\t" + storiesFlagHelp,
			}); len(own) > 0 && at != "-" && at != "--" {
				return own, noFiles
			}
		}
		world, err := sandbox.Start(sandbox.Options{})
		if err != nil {
			return nil, noFiles
		}
		defer world.Close()
		var out bytes.Buffer
		env := *s.env
		env.Stdout, env.Stderr = &out, io.Discard
		env.Args = append(append([]string{cobra.ShellCompRequestCmd}, rest...), at)
		if runOn(cmd.Context(), env, &sandboxed{world: world}, nil) != ExitOK {
			return nil, noFiles
		}
		return parseCompletions(out.String())
	}
}

// parseCompletions parses the output of a completion: one word per line, then a colon with the directive.
func parseCompletions(out string) ([]cobra.Completion, cobra.ShellCompDirective) {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	directive, err := strconv.Atoi(strings.TrimPrefix(lines[len(lines)-1], ":"))
	if err != nil {
		return nil, noFiles
	}
	return lines[:len(lines)-1], cobra.ShellCompDirective(directive)
}

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
