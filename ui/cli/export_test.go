package cli

import (
	"context"
	"strings"

	"domdoc/api/sandbox"
	"domdoc/ui/cli/manual"
)

// MainOn runs the program on a sandbox that a test has started.
func MainOn(ctx context.Context, env Env, world *sandbox.Sandbox) int {
	return runOn(ctx, env, &sandboxed{world: world}, nil)
}

// Manual is the page of a command or topic: its full name, its help, and its examples.
type Manual struct {
	Path, Help string
	Examples   []string
	Topic      bool
}

// Manuals returns the pages of all commands and topics.
func Manuals() []Manual {
	var out []Manual
	s := &settings{env: &Env{Getenv: func(string) string { return "" }}, backend: network{}}
	for _, c := range manual.Commands(newRoot(s)) {
		out = append(out, Manual{
			Path: c.CommandPath(), Help: manual.Help(c),
			Examples: strings.Split(strings.TrimRight(c.Example, "\n"), "\n"), Topic: c.IsAdditionalHelpTopicCommand(),
		})
	}
	return out
}
