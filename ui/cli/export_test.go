package cli

import (
	"context"

	"domdoc/api/sandbox"
)

// MainOn runs the program on a sandbox that the test has started.
func MainOn(ctx context.Context, env Env, world *sandbox.Sandbox) int {
	env.world = world
	return Main(ctx, env)
}
