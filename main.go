// Command domdoc is a doctor for the domains that tenants attach to the Domains Service.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"domdoc/ui/cli"
	"domdoc/ui/dashboard"
	"domdoc/ui/heap"

	"golang.org/x/term"
)

// Set by the linker of a release (-X main.version=1.2.0). Otherwise the Go tool's record is read.
var version, commit, date string

func main() {
	heap.Space()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGPIPE) // a reader that has had enough is an error of the write, which ends the run quietly
	code := cli.Main(ctx, environment())
	stop()
	os.Exit(code)
}

// environment is all that the program takes from its process.
func environment() cli.Env {
	width, _, _ := term.GetSize(int(os.Stdout.Fd()))
	build := cli.BuildOf(version, commit, date)
	return cli.Env{
		Args: os.Args[1:], Getenv: os.Getenv, Version: build.Version, Commit: build.Commit, Date: build.Date,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Width: width,
		StdinTTY: isTerminal(os.Stdin), StdoutTTY: isTerminal(os.Stdout), StderrTTY: isTerminal(os.Stderr),
		Dashboard: dashboard.Run, CheckKeys: dashboard.CheckKeys,
	}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
