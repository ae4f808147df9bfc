// Package dashboard is the terminal program: it lists domains, diagnoses them in the background, and shows each root
// cause with its fix. Checks make the decisions, and the catalog holds the sentences.
//
// There is one tea.Model (model.go). Each screen implements screen.Screen and gets the state that it shares with the
// others. Update never blocks: what takes time runs in commands and goroutines that hold copies of what they need,
// and their results carry a generation, so that outdated results are dropped.
package dashboard

import (
	"context"
	"os"
	"time"

	"domdoc/ui/dashboard/setup"
	"domdoc/ui/dashboard/theme"
)

// options are the options of a running dashboard.
type options struct {
	setup.Options

	emit func(sequence string) // writes an escape sequence between two frames
	root context.Context       // ends with the program; the context of a model may end earlier
}

func withDefaults(opt setup.Options) setup.Options {
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

func (opt options) theme() *theme.Theme {
	return theme.New(theme.Options{Color: opt.Color, Plain: opt.Plain, Env: opt.Env, Theme: opt.Theme})
}
