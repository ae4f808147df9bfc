// Package dashboard is the face for people: a terminal program that lists domains, diagnoses them while it stays
// usable, and shows each root cause with what to do. It decides nothing and asks nobody by itself: the reason is in
// checks, the words are in catalog.
//
// There is one tea.Model (model.go), split over files by screen. The parts that draw are plain: they take a size and
// return text. Update never blocks; what takes time runs in commands and goroutines that hold copies of what they
// need, and their results carry a generation, so that a stale one is dropped.
package dashboard

import (
	"context"
	"io"
	"iter"
	"os"
	"time"

	"domdoc/api"
	"domdoc/checks"
	"domdoc/checks/result"
	"domdoc/ui/dashboard/theme"
)

// Options are what a dashboard needs. Only Doctor is required.
type Options struct {
	Doctor *checks.Doctor
	// Fresh makes a doctor that remembers no answer, for asking again; the dashboard closes its session. nil asks
	// Doctor, whose session answers from its memory what it was asked before.
	Fresh func() *checks.Doctor
	// Domains yields the tenant's domains as they arrive; nil: there is no service.
	Domains func(context.Context) iter.Seq2[api.Domain, error]
	// Client is whom the service is asked to do something through; nil: it cannot be.
	Client *api.Client
	// PageURL is the address of the service's page of a domain, with {id} and {domain} in it; empty: there is none.
	PageURL string
	Names   []string // shown when there is no service
	// Reports are those of a recorded case: they are shown, and nothing is asked of anybody.
	Reports []*result.Domain
	Title   string // "sandbox", the profile's name or the service's host
	Version string
	Jobs    int    // domains diagnosed at once; 0 is checks.Jobs()
	Color   string // auto, always or never
	Plain   bool   // lines for screen readers, see plain.go
	// of the config file: the names of actions, and the keys that they have instead of their own
	Keys map[string][]string

	// StateDir is the directory of the log and of what the dashboard remembers; empty: there is none.
	StateDir string
	// Dir is where reports are written to; empty is the working directory.
	Dir string
	// Forget has nothing remembered: for a demonstration.
	Forget bool

	// Profile is the profile that is shown, and Profiles are all that can be. Switch opens another one; of what it
	// returns, the fields about this terminal and this user (Keys, Color, Plain, StateDir, Now, In, Out, Env, Version,
	// Profiles, Switch) are left out of account. Close closes what Switch opened, once nothing uses it any more.
	Profile  string
	Profiles []string
	Switch   func(ctx context.Context, profile string) (Options, error)
	Close    func()

	Now func() time.Time // default time.Now
	In  io.Reader        // default the process's
	Out io.Writer
	Env []string // default os.Environ()

	emit func(sequence string) // writes an escape sequence between two frames
	root context.Context       // ends with the program; a model's own may end before
}

func withDefaults(opt Options) Options {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.In == nil {
		opt.In = os.Stdin
	}
	if opt.Out == nil {
		opt.Out = os.Stdout
	}
	if opt.Env == nil {
		opt.Env = os.Environ()
	}
	return opt
}

func (opt Options) theme() *theme.Theme {
	return theme.New(theme.Options{Color: opt.Color, Plain: opt.Plain, Env: opt.Env})
}
