package cli

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"slices"
	"strings"

	"domdoc/ui/cli/config"
	"domdoc/ui/cli/manual"
	"domdoc/ui/cli/usage"
	"domdoc/ui/dashboard/setup"

	"github.com/spf13/cobra"
)

// runRoot opens the dashboard on a terminal, and prints the help elsewhere.
func runRoot(cmd *cobra.Command, s *settings) error {
	if !s.env.interactive() {
		fmt.Fprint(s.env.Stderr, manual.Help(cmd))
		return exit(ExitUsage)
	}
	file, err := config.Read(s.configPath(), s.env.CheckKeys) // the user's keys apply on every backend
	if err != nil {
		return err
	}
	theme, err := dashboardTheme(s, file)
	if err != nil {
		return err
	}
	// Messages for stderr would garble the screen: log them.
	env := *s.env
	env.Stderr, env.StderrTTY = logWriter{}, false
	quiet := *s
	quiet.env = &env
	source, err := newSource(cmd.Context(), &quiet)
	if err != nil {
		return err
	}
	defer source.Close()
	source.Close = nil // the dashboard closes only what Switch opens
	profiles, err := profileNames(s)
	if err != nil {
		return err
	}
	stateDir, named := config.StateDir(s.env.Getenv)
	opt := setup.Options{
		Source: source, Profiles: profiles, Version: s.env.Version, Jobs: s.jobs, Color: s.color, Plain: s.plain,
		Theme: theme,
		Keys:  file.Keys(), StateDir: stateDir, Forget: stateDir == "", In: s.env.Stdin, Out: s.env.Stdout,
	}
	opt.Switch = func(ctx context.Context, profile string) (setup.Source, error) {
		return switchProfile(ctx, cmd, &quiet, profile)
	}
	s.backend.dashboard(&opt, named)
	return s.env.Dashboard(cmd.Context(), opt)
}

// dashboardTheme returns the palette that the environment or the config file names; empty if neither does.
func dashboardTheme(s *settings, file *config.File) (string, error) {
	name := s.env.Getenv("DOMDOC_THEME")
	if name != "" && !slices.Contains(setup.Themes(), name) {
		return "", usage.Errorf("DOMDOC_THEME=light", "DOMDOC_THEME is %q; it can be %s", usage.Clean(name),
			strings.Join(setup.Themes(), ", "))
	}
	return cmp.Or(name, file.Theme()), nil
}

// logWriter writes to the log.
type logWriter struct{}

func (logWriter) Write(p []byte) (int, error) {
	log.Print(strings.TrimSpace(string(p)))
	return len(p), nil
}

// newSource returns the source of the dashboard for one profile.
func newSource(ctx context.Context, s *settings) (setup.Source, error) {
	c, err := connect(ctx, s)
	if err != nil {
		return setup.Source{}, err
	}
	c.keepDetails(s)
	d := setup.Source{
		Doctor: c.doctor, Fresh: c.fresh, Wire: c.wire, Client: c.client, PageURL: s.pageURL, Title: c.title,
		Profile: s.profile, Reader: s.reader, Origin: s.apiURL, Close: c.close,
	}
	if c.client != nil {
		d.Domains = c.client.Domains
	}
	return d, nil
}

// switchProfile returns the source of another profile. Flags and environment variables that name the service, the
// tenant or a token apply only to the profile that the program started with. Others use the config file and their own
// session alone, so that no token is sent to the wrong service.
func switchProfile(ctx context.Context, cmd *cobra.Command, s *settings, name string) (setup.Source, error) {
	if name == s.profile {
		return newSource(ctx, s)
	}
	file, err := s.readConfig()
	if err != nil {
		return setup.Source{}, err
	}
	p := file.Profile(name)
	if p == nil {
		return setup.Source{}, usage.Errorf("", "the config file no longer has a profile %q", name)
	}
	other := *s
	other.profile, other.apiURL, other.tenant, other.token = name, p.APIURL, p.Tenant, ""
	if !cmd.Flags().Changed("resolver") && s.env.Getenv("DOMDOC_RESOLVERS") == "" {
		other.resolvers = p.Resolvers
	}
	other.useProfile(p)
	return newSource(ctx, &other)
}

// profileNames returns the profiles that the dashboard offers, sorted.
func profileNames(s *settings) ([]string, error) {
	file, err := s.readConfig()
	if err != nil || file == nil {
		return nil, err
	}
	names := file.Profiles()
	if !slices.Contains(names, s.profile) {
		names = append(names, s.profile)
	}
	slices.Sort(names)
	return names, nil
}
