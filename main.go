// Command domdoc is a doctor for the domains that tenants attach to the Domains Service.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"domdoc/ui/cli"
	"domdoc/ui/dashboard"

	"golang.org/x/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGPIPE) // a reader that has had enough is an error of the write, which ends the run quietly
	code := cli.Main(ctx, environment())
	stop()
	os.Exit(code)
}

// environment is all that the program takes from its process.
func environment() cli.Env {
	width, _, _ := term.GetSize(int(os.Stdout.Fd()))
	return cli.Env{
		Args: os.Args[1:], Getenv: os.Getenv, Version: version(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Width: width,
		StdinTTY: isTerminal(os.Stdin), StdoutTTY: isTerminal(os.Stdout), StderrTTY: isTerminal(os.Stderr),
		Dashboard: dashboard.Run,
	}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// version is the module's, as the Go tool recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
