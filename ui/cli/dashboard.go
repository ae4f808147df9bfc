package cli

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log"
	"slices"
	"strings"

	"domdoc/api"
	"domdoc/checks"
	"domdoc/checks/result"
	"domdoc/ui/cli/config"
	"domdoc/ui/cli/manual"
	"domdoc/ui/cli/usage"

	"github.com/spf13/cobra"
)

// Dashboard is what the dashboard needs to open.
type Dashboard struct {
	Doctor  *checks.Doctor
	Fresh   func() *checks.Doctor                              // a doctor without memory, for asking again
	Domains func(context.Context) iter.Seq2[api.Domain, error] // nil without a service
	Client  *api.Client                                        // nil without a service
	// of a domain at the service, with {id} and {domain}; may be empty
	PageURL string
	Title   string
	Names   []string
	Reports []*result.Domain // of a recorded case: they are shown, and nothing is asked
	Jobs    int
	Color   string
	Plain   bool                // --plain
	Keys    map[string][]string // of the config file
	// StateDir is where it keeps what it remembers and its log; empty: there is no place. Forget has it remember
	// nothing.
	StateDir string
	Forget   bool
	// Profiles are those of the config file, and Profile is the chosen one. Switch opens another; what it returns is
	// closed by its Close.
	Profile  string
	Profiles []string
	Switch   func(ctx context.Context, profile string) (Dashboard, error)
	Close    func()

	stateDirNamed bool // the environment names StateDir

	Stdin   io.Reader
	Stdout  io.Writer
	Getenv  func(string) string
	Version string
}

// runRoot opens the dashboard on a terminal, and prints the help elsewhere.
func runRoot(cmd *cobra.Command, s *settings) error {
	if !s.env.interactive() {
		fmt.Fprint(s.env.Stderr, manual.Help(cmd))
		return exit(ExitUsage)
	}
	file, err := config.Read(s.configPath()) // the user's keys apply on every backend
	if err != nil {
		return err
	}
	keys, err := file.Keys()
	if err != nil {
		return err
	}
	// Messages for stderr would garble the screen: log them.
	env := *s.env
	env.Stderr = logWriter{}
	quiet := *s
	quiet.env = &env
	d, err := newDashboard(cmd.Context(), &quiet)
	if err != nil {
		return err
	}
	defer d.Close()
	d.Close = nil // the dashboard closes only what Switch opens
	d.Jobs, d.Color, d.Plain, d.Keys = s.jobs, s.color, s.plain, keys
	d.StateDir, d.stateDirNamed = config.StateDir(s.env.Getenv)
	d.Forget = d.StateDir == ""
	d.Stdin, d.Stdout, d.Getenv, d.Version = s.env.Stdin, s.env.Stdout, s.env.Getenv, s.env.Version
	if d.Profiles, err = profileNames(s); err != nil {
		return err
	}
	s.backend.dashboard(&d)
	d.Switch = func(ctx context.Context, profile string) (Dashboard, error) {
		return switchProfile(ctx, cmd, &quiet, profile)
	}
	return s.env.Dashboard(cmd.Context(), d)
}

// logWriter writes to the log.
type logWriter struct{}

func (logWriter) Write(p []byte) (int, error) {
	log.Print(strings.TrimSpace(string(p)))
	return len(p), nil
}

// newDashboard returns the dashboard of one profile.
func newDashboard(ctx context.Context, s *settings) (Dashboard, error) {
	c, err := connect(ctx, s)
	if err != nil {
		return Dashboard{}, err
	}
	d := Dashboard{
		Doctor: c.doctor, Fresh: c.fresh, Client: c.client, PageURL: s.pageURL, Title: c.title,
		Profile: s.profile, Close: c.close,
	}
	if c.client != nil {
		d.Domains = c.client.Domains
	}
	return d, nil
}

// switchProfile returns the dashboard of another profile. Flags and environment variables that name the service, the
// tenant or a token apply only to the profile that the program started with. Others use the config file and their own
// session alone, so that no token is sent to the wrong service.
func switchProfile(ctx context.Context, cmd *cobra.Command, s *settings, name string) (Dashboard, error) {
	if name == s.profile {
		return newDashboard(ctx, s)
	}
	file, err := s.readConfig()
	if err != nil {
		return Dashboard{}, err
	}
	p, err := file.Profile(name)
	if err != nil {
		return Dashboard{}, err
	}
	if p == nil {
		return Dashboard{}, usage.Errorf("", "the config file no longer has a profile %q", name)
	}
	other := *s
	other.profile, other.apiURL, other.tenant, other.token = name, p.APIURL, p.Tenant, ""
	if !cmd.Flags().Changed("resolver") && s.env.Getenv("DOMDOC_RESOLVERS") == "" {
		other.resolvers = p.Resolvers
	}
	if err := other.useProfile(p); err != nil {
		return Dashboard{}, err
	}
	return newDashboard(ctx, &other)
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
