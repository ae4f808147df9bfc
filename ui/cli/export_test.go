package cli

import (
	"context"
	"strings"

	"domdoc/api/sandbox"
)

// MainOn runs the program on a sandbox that the test has started.
func MainOn(ctx context.Context, env Env, world *sandbox.Sandbox) int {
	env.world = world
	return Main(ctx, env)
}

// Manual is the page of a command or topic, for tests: its name with all above it, its help, and the lines of its
// examples.
type Manual struct {
	Path, Help string
	Examples   []string
	Topic      bool
}

// Manuals are all commands and topics.
func Manuals() []Manual {
	var out []Manual
	for _, c := range manuals(newRoot(&settings{env: &Env{Getenv: func(string) string { return "" }}})) {
		out = append(out, Manual{
			Path: c.CommandPath(), Help: help(c),
			Examples: strings.Split(strings.TrimRight(c.Example, "\n"), "\n"), Topic: c.IsAdditionalHelpTopicCommand(),
		})
	}
	return out
}
