// Package dashboard is the face for people: a terminal program that lists domains, diagnoses them while it stays usable, and shows each root cause with
// what to do. It decides nothing and asks nobody by itself: the reason is in checks, the words are in catalog.
//
// There is one tea.Model (model.go), split over files by screen. The parts that draw are plain: they take a size and return text. Update never blocks;
// what takes time runs in commands and goroutines that hold copies of what they need, and their results carry a generation, so that a stale one is
// dropped.
package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"domdoc/api"
	"domdoc/checks"
	"domdoc/ui/dashboard/theme"

	tea "github.com/charmbracelet/bubbletea"
)

// Options are what a dashboard needs. Only Doctor is required.
type Options struct {
	Doctor *checks.Doctor
	// Fresh makes a doctor that remembers no answer, for asking again; the dashboard closes its session. nil asks Doctor, whose session answers from its
	// memory what it was asked before.
	Fresh func() *checks.Doctor
	// Domains yields the tenant's domains as they arrive; nil: there is no service.
	Domains func(context.Context) iter.Seq2[api.Domain, error]
	Names   []string // shown when there is no service
	Title   string   // "sandbox", the profile's name or the service's host
	Version string
	Jobs    int                 // domains diagnosed at once; 0 is checks.Jobs()
	Color   string              // auto, always or never
	Keys    map[string][]string // of the config file: the names of actions, and the keys that they have instead of their own

	Now func() time.Time // default time.Now
	In  io.Reader        // default the process's
	Out io.Writer
	Env []string // default os.Environ()
}

// shutdown is how long Run waits for what is under way to notice that it ends.
const shutdown = 2 * time.Second

// Run shows the dashboard until the user quits or ctx ends. Whatever happens, the terminal is as it was before, and every diagnosis under way is stopped.
// It returns nil when the user quits, ctx's error when ctx ended, and context.Canceled when the process was interrupted from outside.
func Run(ctx context.Context, opt Options) error {
	if opt.Doctor == nil {
		return errors.New("the dashboard needs a doctor")
	}
	opt = withDefaults(opt)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m, err := newModel(ctx, opt)
	if err != nil {
		return err // a *KeyError
	}
	programOptions := []tea.ProgramOption{tea.WithContext(ctx), tea.WithAltScreen(), tea.WithOutput(opt.Out), tea.WithEnvironment(opt.Env)}
	if opt.In != os.Stdin { // for its own default Bubble Tea opens the terminal where stdin is something else
		programOptions = append(programOptions, tea.WithInput(opt.In))
	}
	_, err = tea.NewProgram(m, programOptions...).Run()
	parent := ctx.Err()
	cancel()
	m.wait(shutdown)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, tea.ErrInterrupted):
		return context.Canceled
	case errors.Is(err, tea.ErrProgramPanic):
		return fmt.Errorf("the dashboard failed, and this is a fault of domdoc: please report what is printed above: %w", err)
	case parent != nil:
		return parent
	}
	return fmt.Errorf("showing the dashboard: %w", err)
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
	return theme.New(theme.Options{Color: opt.Color, Env: opt.Env})
}
