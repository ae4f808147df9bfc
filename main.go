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
		Dashboard: openDashboard,
	}
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

func openDashboard(ctx context.Context, d cli.Dashboard) error { return dashboard.Run(ctx, options(d)) }

func options(d cli.Dashboard) dashboard.Options {
	return dashboard.Options{
		Doctor: d.Doctor, Fresh: d.Fresh, Domains: d.Domains, Client: d.Client, PageURL: d.PageURL, Names: d.Names,
		Reports: d.Reports, Title: d.Title, Version: d.Version, Jobs: d.Jobs, Profile: d.Profile,
		Profiles: d.Profiles, Color: d.Color, Plain: d.Plain, Keys: d.Keys, StateDir: d.StateDir, Forget: d.Forget,
		Switch: func(ctx context.Context, profile string) (dashboard.Options, error) {
			other, err := d.Switch(ctx, profile)
			return options(other), err
		},
		Close: d.Close, In: d.Stdin, Out: d.Stdout, Env: os.Environ(),
	}
}

// version is the module's, as the Go tool recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
