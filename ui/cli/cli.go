// Package cli is the command line, with one file per command. It reads the settings, has checks diagnose, and passes
// the reports to render. Results go to stdout, everything else to stderr. It never imports Bubble Tea; main passes
// the dashboard as a function.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"domdoc/api"
	"domdoc/checks/result"
	"domdoc/ui/cli/arguments"
	"domdoc/ui/cli/config"
	"domdoc/ui/cli/manual"
	"domdoc/ui/cli/reporter"
	"domdoc/ui/cli/usage"
	"domdoc/ui/dashboard/setup"
	"domdoc/ui/render/layout"
	"domdoc/ui/render/report"

	"domdoc/ui/render/wire"
	"github.com/spf13/cobra"
)

// Exit codes. They are stable.
const (
	ExitOK           = 0
	ExitFindings     = 1   // findings at or above --fail-on
	ExitUsage        = 2   // invalid command line or configuration
	ExitInconclusive = 3   // something could not be checked, and nothing failed
	ExitService      = 4   // the service rejected the token, or is down
	ExitWait         = 5   // wait: condition not met
	ExitHangup       = 129 // the terminal of the dashboard is gone
	ExitInterrupted  = 130 // interrupted; the results so far are printed
)

// Env is the environment of a run: everything that main takes from the process.
type Env struct {
	Args    []string // without the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Getenv  func(string) string
	Version string
	// Commit and Date, in RFC 3339, are what the program was built from; empty if not known.
	Commit, Date string
	// StdinTTY, StdoutTTY and StderrTTY report whether the streams are terminals. Width is the width of stdout in
	// columns; 0: unknown.
	StdinTTY, StdoutTTY, StderrTTY bool
	Width                          int
	// CheckKeys checks the keys of the dashboard in the config file; nil when there is no dashboard.
	CheckKeys config.KeyCheck
	// Dashboard opens the dashboard; nil when there is none.
	Dashboard func(context.Context, setup.Options) error
}

// interactive reports whether the dashboard can be opened.
func (env *Env) interactive() bool { return env.StdinTTY && env.StdoutTTY && env.Dashboard != nil }

// exit is an error that ends the program with an exit code and prints nothing.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// serviceError is an error of the service that ends a command which needs the service.
type serviceError struct {
	err error
	did string // what was not done with the domains of a list that ended early; default: checked
}

func (e *serviceError) Error() string { return e.err.Error() }
func (e *serviceError) Unwrap() error { return e.err }

// unlisted says how many domains are missing from a list that ended with an error; empty if none was read.
func unlisted(err error) string {
	list := unread(err)
	if list == nil {
		return ""
	}
	did := "checked"
	if e, ok := errors.AsType[*serviceError](err); ok {
		did = cmp.Or(e.did, did)
	}
	if list.Total > list.Received {
		return fmt.Sprintf("%d of %s were not %s, because the list of domains could not be read completely",
			list.Total-list.Received, layout.Count(list.Total, "domain"), did)
	}
	return fmt.Sprintf(
		"all domains after the first %d were not %s, because the list of domains could not be read "+
			"completely", list.Received, did)
}

// unread returns how much of a list was read before an error ended it; nil if nothing was.
func unread(err error) *api.Unread {
	if e, ok := errors.AsType[*api.Error](err); ok {
		return e.Unread
	}
	return nil
}

// Main runs the program and returns its exit code.
func Main(ctx context.Context, env Env) int { return runOn(ctx, env, network{}, nil) }

// runOn runs a command line on a backend and returns the exit code. It calls observe with each diagnosis; observe may
// be nil.
func runOn(ctx context.Context, env Env, b backend, observe func(*result.Domain)) int {
	env.Stderr = &oneByOne{to: env.Stderr}
	s := &settings{env: &env, backend: b, observe: observe}
	root := newRoot(s)
	args := append([]string{}, env.Args...) // not nil: cobra would use the arguments of the process
	if arguments.NamesDomain(root, args) {
		args = append([]string{"check"}, args...)
	}
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		err = s.helpErr
	}
	return finishRecording(s, s.conclude(ctx, cmd, err))
}

// oneByOne is a writer for several goroutines: progress and the waits of the service share stderr.
type oneByOne struct {
	mu sync.Mutex
	to io.Writer
}

func (w *oneByOne) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}

// conclude prints an error to stderr and returns its exit code. No other code maps errors to exit codes.
func (s *settings) conclude(ctx context.Context, cmd *cobra.Command, err error) int {
	env := s.env
	var code exit
	var mistake *usage.Error
	var service *serviceError
	var hinted interface {
		error
		Hint() string
	}
	printError := func(err error, hint string) {
		for _, one := range usage.Each(err) {
			fmt.Fprintf(env.Stderr, "domdoc: error: %s\n", usage.Clean(one.Error()))
		}
		if hint != "" {
			fmt.Fprintf(env.Stderr, "domdoc: hint: %s\n", hint)
		}
		s.annotate("domdoc: error", usage.Each(err)...)
		s.reportError(cmd, err)
	}
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &code):
		return int(code)
	case errors.Is(err, setup.ErrHangup):
		return ExitHangup
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return ExitInterrupted
	case pipeClosed(err):
		return ExitOK
	case errors.As(err, &service):
		var e *api.Error
		if errors.As(err, &e) {
			summary := e.Summary()
			if note := unlisted(err); note != "" {
				summary = note + ": " + summary
			}
			printError(errors.New(summary), e.NextStep())
		} else {
			printError(err, "")
		}
		return ExitService
	case errors.As(err, &mistake):
		printError(mistake.Err, mistake.Hint)
		return ExitUsage
	case errors.As(err, &hinted): // of the dashboard
		printError(hinted, hinted.Hint())
		return ExitUsage
	}
	if strings.HasPrefix(err.Error(), "unknown command") {
		printError(arguments.UnknownCommand(err, cmd.Root()), "domdoc --help lists the commands")
		return ExitUsage
	}
	printError(err, strings.Join(append([]string{"domdoc"}, firstArgs(env.Args)...), " ")+" --help shows the usage")
	return ExitUsage
}

// pipeClosed reports whether a write failed because the reader closed the pipe.
func pipeClosed(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) || errors.Is(err, io.ErrClosedPipe)
}

// annotate writes errors as annotations of GitHub Actions, unless the report has said so already.
func (s *settings) annotate(title string, list ...error) {
	if !s.onGitHub() || s.annotated {
		return
	}
	s.annotated = true
	for _, err := range list {
		reporter.Annotate(s.env.Stderr, title, usage.Clean(err.Error()))
	}
}

func (s *settings) onGitHub() bool { return s.env.Getenv("GITHUB_ACTIONS") == "true" }

// reportError writes the report of a run that ended in an error before it had one: its consumer must not take an
// empty file, or none, for a success. A file of --output-file stays as it is.
func (s *settings) reportError(cmd *cobra.Command, err error) {
	watch := cmd.Flags().Lookup("watch") // it writes no report
	if s.reported || s.outputFile != "" || cmd.Annotations["formats"] == "" || watch != nil && watch.Changed {
		return
	}
	name := cmp.Or(s.output, s.env.Getenv("DOMDOC_OUTPUT"))
	format, unknown := report.Find(name)
	if unknown != nil || name == "text" {
		return
	}
	now := time.Now()
	out := format.New(s.env.Stdout, report.Options{
		Version: s.env.Version, Started: now, FailOn: "fail", Style: s.style(), Profile: s.labelProfile(),
	})
	var all []string
	for _, one := range usage.Each(err) {
		all = append(all, usage.Clean(one.Error()))
	}
	_ = out.Begin(nil, nil)
	_ = out.End(&report.Run{Incomplete: strings.Join(all, "; ")})
}

// needsNoConfig reports whether a command works without settings, so that a broken config file does not stop it.
func needsNoConfig(cmd *cobra.Command) bool {
	return cmd.Name() == "version" || cmd.Name() == "demo" || cmd.Name() == "explain" && !cmd.Flags().Changed("show")
}

func firstArgs(args []string) []string {
	for i, a := range args {
		if strings.HasPrefix(a, "-") {
			return args[:i]
		}
		if i == 1 {
			return args[:1]
		}
	}
	return args
}

// newRoot returns the command tree.
func newRoot(s *settings) *cobra.Command {
	env := s.env
	root := &cobra.Command{
		Use:   "domdoc",
		Short: "diagnose the domains that tenants attach to the Domains Service",
		Long: `domdoc finds out why a domain does not work, before or after the service reports one of its 23 error codes,
and shows the fix. On a terminal it opens the dashboard; all commands below also work in scripts.

$XDG_CONFIG_HOME/domdoc/config.yaml holds profiles (api-url, tenant, output, as, resolvers, paths, credentials, and
page-url: the page of a domain at the service, with {id} or {domain}) and the keys of the dashboard (keys:
{diagnose-all: A, page-down: [space, ctrl+f], sort: []}; press : in the dashboard for the names of the actions).`,
		Example: `  domdoc check shop.example.com            diagnose a domain; no account needed
  domdoc explain DOMAIN_004                what a code means and what causes it
  domdoc demo                              try everything on a built-in sandbox`,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if s.showVersion {
				return nil
			}
			return cobra.NoArgs(cmd, args)
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if s.showVersion {
				return nil
			}
			if bare(cmd) {
				if s.recordFile == "" {
					return nil
				}
				return startRecording(cmd, s) // reports that the command cannot be recorded
			}
			if _, err := s.readConfig(); err != nil && needsNoConfig(cmd) {
				all := usage.Each(err)
				more := ""
				if len(all) > 1 {
					more = fmt.Sprintf(" (and %s)", layout.Count(len(all)-1, "more mistake"))
				}
				fmt.Fprintf(s.env.Stderr, "domdoc: the config file is ignored: %s%s\n", usage.Clean(all[0].Error()), more)
				s.output = cmp.Or(s.output, "text")
				return nil
			}
			if err := s.load(cmd); err != nil {
				if !needsNoConfig(cmd) || cmd.Flags().Changed("output") {
					return err
				}
				fmt.Fprintf(s.env.Stderr, "domdoc: a setting is ignored: %s\n", usage.Clean(err.Error()))
				s.output = "text"
				return nil
			}
			return startRecording(cmd, s)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if s.showVersion {
				_, err := fmt.Fprintln(env.Stdout, env.build().text())
				return err
			}
			return runRoot(cmd, s)
		},
	}
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(arguments.FlagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		_, s.helpErr = fmt.Fprint(env.Stdout, manual.Help(cmd))
	})
	show := manual.HelpCommand()
	root.SetHelpCommand(show)
	s.addFlags(root)
	// Not Command.Version: its template would have the linker keep every method of every type (text/template finds them
	// by their names).
	root.Flags().BoolVar(&s.showVersion, "version", false, "print the version")
	root.Flags().BoolVar(&s.plain, "plain", false,
		"show the dashboard as plain lines, for screen readers")
	root.AddCommand(newCheck(s), newTriage(s), newExplain(s), newPropagation(s), newRegistration(s), newWait(s),
		newPlan(s),
		newDomains(s), newDoctor(s), newAudit(s), newLogin(s), newLogout(s), newProfiles(s), newVersion(s))
	root.AddCommand(s.backend.commands(s)...)
	root.AddCommand(newSchema(s), newCompletion(s), manual.PagesCommand(env.Version, env.build().day(env.Getenv)), show)
	root.AddCommand(manual.Topics()...)
	if len(env.Args) > 0 && strings.HasPrefix(env.Args[0], cobra.ShellCompRequestCmd) { // or __completeNoDesc
		addCompletions(root, s)
	}
	return root
}

// Build says what was built. What is not known is empty.
type Build struct {
	Version string // SemVer without the v, or a pseudo-version; "devel" when nothing is known
	Commit  string // in hexadecimal
	Date    string // of the commit, in RFC 3339
}

// BuildOf returns the build of this program: what the release's linker flags set, otherwise what the Go tool
// recorded.
func BuildOf(version, commit, date string) Build {
	b := Build{Version: version, Commit: commit, Date: date}
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "(devel)" {
			b.Version = cmp.Or(b.Version, info.Main.Version)
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = cmp.Or(b.Commit, s.Value)
			case "vcs.time":
				b.Date = cmp.Or(b.Date, s.Value)
			}
		}
	}
	b.Version = cmp.Or(b.Version, "devel")
	return b
}

func (env *Env) build() Build { return Build{env.Version, env.Commit, env.Date} }

// text is the line of --version: "domdoc 1.2.0 (commit 0123456789ab, 2026-11-30)".
func (b Build) text() string {
	commit := b.Commit[:min(len(b.Commit), 12)]
	day := b.day(nil)
	switch {
	case commit != "" && day != "":
		return fmt.Sprintf("domdoc %s (commit %s, %s)", b.Version, commit, day)
	case commit != "":
		return fmt.Sprintf("domdoc %s (commit %s)", b.Version, commit)
	}
	return "domdoc " + b.Version
}

// day is the date of the build as 2026-11-30, or that of SOURCE_DATE_EPOCH in the environment if the build has none;
// empty if neither is known. It does not depend on the clock, so that manual pages are reproducible.
func (b Build) day(getenv func(string) string) string {
	if t, err := time.Parse(time.RFC3339, b.Date); err == nil {
		return t.UTC().Format(time.DateOnly)
	}
	if getenv != nil {
		if n, err := strconv.ParseInt(getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
			return time.Unix(n, 0).UTC().Format(time.DateOnly)
		}
	}
	return ""
}

type jsonVersion struct {
	Name          string `json:"name"`
	Version       string `json:"version"`
	Commit        string `json:"commit"`
	Date          string `json:"date"`
	SchemaVersion int    `json:"schemaVersion" const:"1"`
}

func newVersion(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Args: cobra.NoArgs,
		Long: "Prints the version of domdoc with the commit that it was built from and that commit's date, as " +
			"--version does; " +
			"with\n-o json also the version of its JSON output.",
		Example: "  domdoc version\n  domdoc version -o json",
		RunE: func(*cobra.Command, []string) error {
			b := s.env.build()
			if s.output != "text" {
				return s.printJSON(jsonVersion{"domdoc", b.Version, b.Commit, b.Date, wire.SchemaVersion})
			}
			_, err := fmt.Fprintln(s.env.Stdout, b.text())
			return err
		},
	}
}
