// Package cli is the command line: one file a command. It reads settings, asks checks for a diagnosis, and hands it
// to render. Results go to stdout, everything else to stderr. It never imports Bubble Tea; the dashboard comes in as
// a function.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"domdoc/api"
	"domdoc/api/sandbox"
	"domdoc/checks"

	"github.com/spf13/cobra"
)

// Exit codes. They are an API.
const (
	ExitOK           = 0
	ExitFindings     = 1   // findings at or above --fail-on
	ExitUsage        = 2   // usage or configuration
	ExitInconclusive = 3   // something could not be judged, and nothing failed
	ExitService      = 4   // the service refused us, or is down
	ExitWait         = 5   // wait ended without it becoming true
	ExitInterrupted  = 130 // interrupted; what was found so far is printed
)

// Env is the world of one run of the program: everything that main takes from the process.
type Env struct {
	Args    []string // without the program's name
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Getenv  func(string) string
	Version string
	// Whether the streams are terminals, and how wide stdout is (0: unknown).
	StdinTTY, StdoutTTY, StderrTTY bool
	Width                          int
	// Dashboard opens the dashboard; nil where there is none.
	Dashboard func(context.Context, Dashboard) error

	world *sandbox.Sandbox // of demo: the network is the sandbox's
	play  *playing         // of replay: there is no network, and no service but the recorded one
	// reports and caseName are of replay --open: what the case holds, for the dashboard.
	reports  []*checks.DomainReport
	caseName string
	// seen is told of each diagnosis, besides what is written; nil is nobody.
	seen func(*checks.DomainReport)
}

// exit is an error that ends the program with a code and says nothing more.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// usageError is a mistake in the command line or the configuration; Hint is a valid example.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// serviceError is an error of the service that ends a run which cannot do without it.
type serviceError struct{ err error }

func (e *serviceError) Error() string { return e.err.Error() }
func (e *serviceError) Unwrap() error { return e.err }

// Main runs the program and returns its exit code.
func Main(ctx context.Context, env Env) int {
	s := &settings{env: &env}
	root := newRoot(s)
	root.SetArgs(append([]string{}, env.Args...)) // never nil: cobra would take the process's own arguments
	err := root.ExecuteContext(ctx)
	return s.endRecording(env.conclude(ctx, err))
}

// conclude turns an error into a message on stderr and an exit code: the only place where the two meet.
func (env *Env) conclude(ctx context.Context, err error) int {
	var code exit
	var usage *usageError
	var service *serviceError
	var hinted interface {
		error
		Hint() string
	}
	say := func(err error, hint string) {
		fmt.Fprintf(env.Stderr, "domdoc: error: %s\n", clean(err.Error()))
		if hint != "" {
			fmt.Fprintf(env.Stderr, "domdoc: hint: %s\n", hint)
		}
	}
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &code):
		return int(code)
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return ExitInterrupted
	case errors.Is(err, syscall.EPIPE), errors.Is(err, os.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return ExitOK // the reader has had enough
	case errors.As(err, &service):
		var e *api.Error
		if errors.As(err, &e) {
			say(errors.New(e.Summary()), e.NextStep())
		} else {
			say(err, "")
		}
		return ExitService
	case errors.As(err, &usage):
		say(usage.err, usage.hint)
		return ExitUsage
	case errors.As(err, &hinted): // the dashboard's
		say(hinted, hinted.Hint())
		return ExitUsage
	}
	if strings.HasPrefix(err.Error(), "unknown command") {
		say(err, "domdoc --help lists the commands")
		return ExitUsage
	}
	say(err, "domdoc "+strings.Join(firstArgs(env.Args), " ")+" --help shows what can be given")
	return ExitUsage
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

// newRoot makes the command tree.
func newRoot(s *settings) *cobra.Command {
	env := s.env
	root := &cobra.Command{
		Use:   "domdoc",
		Short: "a doctor for the domains that tenants attach to the Domains Service",
		Long: `domdoc finds out why a domain does not work, before or after the service says so with one of its 23 codes,
and gives the fix. On a terminal it opens the dashboard; every command below also works in a pipe.

$XDG_CONFIG_HOME/domdoc/config.yaml holds profiles (api-url, tenant, output, resolvers, paths, credentials, page-url: the service's
page of a domain, with {id} or {domain} in it) and the dashboard's keys (keys: {diagnose-all: A, page-down: [space, ctrl+f],
sort: []}; the dashboard's palette, on :, has the names of the actions).`,
		Example: `  domdoc check shop.example.com            diagnose any name; no account needed
  domdoc explain DOMAIN_004                what a code means, and what causes it
  domdoc demo                              the whole program on a built-in sandbox`,
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.NoArgs,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if bare(cmd) {
				if s.recordFile == "" {
					return nil
				}
				return s.startRecording(cmd) // which refuses
			}
			if err := s.load(cmd); err != nil {
				return err
			}
			return s.startRecording(cmd)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return runRoot(cmd, s) },
	}
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef(cmd.CommandPath()+" --help shows what can be given", "%w", err)
	})
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(env.Stdout, help(cmd)) })
	show := newHelp()
	root.SetHelpCommand(show)
	s.flags(root)
	root.Flags().BoolVar(&s.plain, "plain", false,
		"the dashboard as plain lines for screen readers: no boxes, no redrawing, no second screen")
	root.AddCommand(newCheck(s), newTriage(s), newExplain(s), newPropagation(s), newWait(s), newDomains(s),
		newDoctor(s), newAudit(s), newLogin(s), newLogout(s), newProfiles(s), newVersion(s))
	if env.play == nil {
		root.AddCommand(newReplay(s), newDiff(s), newMerge(s))
	}
	root.AddCommand(newSchema(s), newCompletion(s), newMan(s), show)
	root.AddCommand(topics()...)
	if env.world == nil {
		root.AddCommand(newDemo(s))
	}
	s.completions(root)
	return root
}
