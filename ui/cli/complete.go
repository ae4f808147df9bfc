package cli

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"domdoc/api/sandbox"
	"domdoc/catalog"
	"domdoc/checks"
	"domdoc/checks/progress"
	"domdoc/checks/query"

	"github.com/spf13/cobra"
)

// completer says what can stand at the cursor. It is silent: whatever goes wrong, there is nothing to offer.
type completer = func(cmd *cobra.Command, args []string, at string) ([]cobra.Completion, cobra.ShellCompDirective)

const noFiles = cobra.ShellCompDirectiveNoFileComp

// completions gives every command and flag of the tree what it can be completed by. A flag of which nothing is known
// offers nothing, rather than files.
func (s *settings) completions(root *cobra.Command) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for name, f := range s.flagCompleters() {
			if cmd.LocalNonPersistentFlags().Lookup(name) != nil || cmd.PersistentFlags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, f) // fails only where the flag is not there
			}
		}
		if f := s.argumentCompleter(cmd.Name()); f != nil && cmd.HasParent() {
			cmd.ValidArgsFunction = f
		}
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root)
}

// argumentCompleter completes the arguments of a command; nil is files.
func (s *settings) argumentCompleter(command string) completer {
	switch command {
	case "check", "propagation":
		return s.domainNames
	case "wait":
		return func(cmd *cobra.Command, args []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, noFiles
			}
			return s.domainNames(cmd, args, at)
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
		return s.completeDemo
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

// flagCompleters are the flags that take no file.
func (s *settings) flagCompleters() map[string]completer {
	known := map[string]completer{
		"output": func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if f := cmd.Annotations["formats"]; f != "" {
				return strings.Fields(f), noFiles
			}
			return plainFormats[:], noFiles
		},
		"color":   words("auto", "always", "never"),
		"fail-on": words(failLevels...),
		"intent":  words(string(checks.Attach), string(checks.Register), string(checks.Transfer)),
		"for": words(string(progress.GoalVerified), string(progress.GoalPropagated), string(progress.GoalCertificate),
			string(progress.GoalHealthy)),
		"type": words("A", "AAAA", "CNAME", "TXT", "MX", "NS", "CAA", "SOA", "SRV", "DS", "DNSKEY", "HTTPS", "PTR"),
		"resolver": words("8.8.8.8\tGoogle", "1.1.1.1\tCloudflare", "9.9.9.9\tQuad9",
			"tls://1.1.1.1\tCloudflare over TLS", "tls://9.9.9.9\tQuad9 over TLS",
			"https://dns.google/dns-query\tGoogle over HTTPS",
			"https://cloudflare-dns.com/dns-query\tCloudflare over HTTPS"),
		"profile": s.completeProfile,
		"domain":  s.domainNames,
		"only":    commaList(patterns),
		"skip":    commaList(patterns),
		"ignore":  s.completeIgnore,
		"filter":  s.completeFilter,
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

// words completes one of a fixed list; what is behind a tab describes a word.
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

// patterns are what --only and --skip take.
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

// commaList completes the last of several words that are separated by commas.
func commaList(list func() []cobra.Completion) completer {
	return func(_ *cobra.Command, _ []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return behind(at[:strings.LastIndexByte(at, ',')+1], at, list()), noFiles
	}
}

// behind puts what is typed already before each word, and keeps those that go on with what is at the cursor.
func behind(typed, at string, list []cobra.Completion) []cobra.Completion {
	var out []cobra.Completion
	for _, w := range list {
		if strings.HasPrefix(typed+w, at) {
			out = append(out, typed+w)
		}
	}
	return out
}

// completeExplain offers codes and causes, and with --show the causes of which a story tells.
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
				out = append(out, st.EPP+"\tstatus of a registration")
			}
		}
	}
	for _, c := range catalog.Causes() {
		if shown(c.ID) {
			out = append(out, string(c.ID)+"\t"+c.Title)
		}
	}
	return behind("", at, out), noFiles
}

// completeIgnore offers causes, and behind an @ the tenant's domains.
func (s *settings) completeIgnore(cmd *cobra.Command, _ []string, at string) ([]cobra.Completion,
	cobra.ShellCompDirective,
) {
	if cause, _, ok := strings.Cut(at, "@"); ok {
		return behind(cause+"@", at, s.tenantNames(cmd)), noFiles
	}
	var out []cobra.Completion
	for _, c := range catalog.Causes() {
		out = append(out, string(c.ID)+"\t"+c.Title)
	}
	return behind("", at, out), noFiles | cobra.ShellCompDirectiveNoSpace
}

// completeFilter offers the keys of a query, and the values of those that have a fixed list.
func (s *settings) completeFilter(_ *cobra.Command, _ []string, at string) ([]cobra.Completion,
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
			out = append(out, name+":\t"+k[1]+", such as "+k[0])
		}
		return behind(typed, at, out), noFiles | cobra.ShellCompDirectiveNoSpace
	}
	return behind(typed+key+":"+rest[:strings.LastIndexByte(rest, ',')+1], at, queryValues(key)), noFiles
}

// queryValues are the values that a key of a query can take, where there is a list of them.
func queryValues(key string) []cobra.Completion {
	var out []cobra.Completion
	switch key {
	case "verdict":
		return []cobra.Completion{"pass", "warn", "fail", "inconclusive", query.Waiting, query.NotDiagnosed}
	case "code":
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
	case "who":
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

// completeProfile offers the profiles of the config file; several, where the command takes several.
func (s *settings) completeProfile(cmd *cobra.Command, _ []string, at string) ([]cobra.Completion,
	cobra.ShellCompDirective,
) {
	k, err := s.readConfig()
	if err != nil || k == nil {
		return nil, noFiles
	}
	typed := ""
	if cmd.Name() == "check" {
		typed = at[:strings.LastIndexByte(at, ',')+1]
	}
	var out []cobra.Completion
	for _, name := range k.MapKeys("profiles") {
		if !slices.Contains(splitProfiles(typed), name) {
			out = append(out, clean(name))
		}
	}
	slices.Sort(out)
	return behind(typed, at, out), noFiles
}

// domainNames offers the tenant's domains that are not there yet.
func (s *settings) domainNames(cmd *cobra.Command, args []string, at string) ([]cobra.Completion,
	cobra.ShellCompDirective,
) {
	names := slices.DeleteFunc(s.tenantNames(cmd), func(c cobra.Completion) bool {
		name, _, _ := strings.Cut(c, "\t")
		return slices.Contains(args, name)
	})
	names = behind("", strings.ToLower(at), names)
	return names[:min(len(names), maxOffered)], noFiles
}

// completeHelp offers the commands and the topics.
func completeHelp(cmd *cobra.Command, args []string, at string) ([]cobra.Completion, cobra.ShellCompDirective) {
	at0, _, err := cmd.Root().Find(args)
	if err != nil {
		return nil, noFiles
	}
	var out []cobra.Completion
	for _, c := range at0.Commands() {
		if c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() {
			out = append(out, c.Name()+"\t"+c.Short)
		}
	}
	return behind("", at, out), noFiles
}

// completeDemo completes what stands behind demo as the command itself does, with the sandbox for a service.
func (s *settings) completeDemo(cmd *cobra.Command, args []string, at string) ([]cobra.Completion,
	cobra.ShellCompDirective,
) {
	own, rest := splitFlags(args, "domains")
	switch {
	case len(rest) == 0 && len(own) > 0 && own[len(own)-1] == "--domains":
		return nil, noFiles // the number
	case len(rest) == 0 && strings.HasPrefix("--domains", at) && strings.HasPrefix(at, "-"):
		return []cobra.Completion{"--domains\tmultiply the stories to so many domains"}, noFiles
	}
	world, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		return nil, noFiles
	}
	defer world.Close()
	var out bytes.Buffer
	env := *s.env
	env.world, env.Stdout, env.Stderr = world, &out, io.Discard
	env.Args = append(append([]string{cobra.ShellCompRequestCmd}, rest...), at)
	return readCompletions(cmd.Context(), env, &out)
}

// readCompletions runs a completion and reads what it offers: a word a line, and behind a colon at the end what the
// shell should do with them.
func readCompletions(ctx context.Context, env Env, out *bytes.Buffer) ([]cobra.Completion, cobra.ShellCompDirective) {
	if Main(ctx, env) != ExitOK {
		return nil, noFiles
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	directive := 0
	for _, c := range strings.TrimPrefix(lines[len(lines)-1], ":") {
		if c < '0' || c > '9' {
			return nil, noFiles
		}
		directive = directive*10 + int(c-'0')
	}
	return lines[:len(lines)-1], cobra.ShellCompDirective(directive)
}
