package cli

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"domdoc/api"
	"domdoc/checks"

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
	Reports []*checks.DomainReport // of a recorded case: they are shown, and nothing is asked
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

	Stdin   io.Reader
	Stdout  io.Writer
	Getenv  func(string) string
	Version string
}

// runRoot opens the dashboard on a terminal; elsewhere it says what there is.
func runRoot(cmd *cobra.Command, s *settings) error {
	if !s.env.StdoutTTY || !s.env.StdinTTY || s.env.Dashboard == nil {
		fmt.Fprint(s.env.Stderr, help(cmd))
		return exit(ExitUsage)
	}
	keys, err := s.keys()
	if err != nil {
		return err
	}
	// While the dashboard is on the screen, nothing else may write to it: what would go to stderr goes where the
	// dashboard sends the log.
	env := *s.env
	env.Stderr = logged{}
	quiet := *s
	quiet.env = &env
	d, err := quiet.dashboard(cmd.Context())
	if err != nil {
		return err
	}
	defer d.Close()
	d.Close = nil // of this one, we do it
	d.Jobs, d.Color, d.Plain, d.Keys = s.jobs, s.color, s.plain, keys
	d.StateDir, d.Forget = s.stateDir()
	d.Stdin, d.Stdout, d.Getenv, d.Version = s.env.Stdin, s.env.Stdout, s.env.Getenv, s.env.Version
	if d.Profiles, err = s.profileNames(); err != nil {
		return err
	}
	if s.env.reports != nil {
		d.Reports, d.Domains, d.Fresh, d.Client, d.Profiles, d.Forget = s.env.reports, nil, nil, nil, nil, true
		d.Title = "case " + filepath.Base(s.env.caseName)
	}
	d.Switch = func(ctx context.Context, profile string) (Dashboard, error) { return quiet.another(ctx, cmd, profile) }
	return s.env.Dashboard(cmd.Context(), d)
}

// logged is a stream whose text goes to the log.
type logged struct{}

func (logged) Write(p []byte) (int, error) {
	log.Print(strings.TrimSpace(string(p)))
	return len(p), nil
}

// dashboard opens what the dashboard of one profile needs.
func (s *settings) dashboard(ctx context.Context) (Dashboard, error) {
	run, err := s.open(ctx)
	if err != nil {
		return Dashboard{}, err
	}
	d := Dashboard{
		Doctor: run.doctor, Fresh: run.fresh, Client: run.client, PageURL: s.pageURL, Title: run.title,
		Profile: s.profile, Close: run.close,
	}
	if run.client != nil {
		d.Domains = run.client.Domains
	}
	return d, nil
}

// another opens another profile while the program runs. What was said by flags and environment about the service and
// who asks was said for the profile that the program began with: another one goes by the config file and its own
// session alone, so that no token is sent to a service it was not meant for.
func (s *settings) another(ctx context.Context, cmd *cobra.Command, name string) (Dashboard, error) {
	if name == s.profile {
		return s.dashboard(ctx)
	}
	config, err := s.readConfig()
	if err != nil {
		return Dashboard{}, err
	}
	p, err := s.profileOf(config, name)
	if err != nil {
		return Dashboard{}, err
	}
	if p == nil {
		return Dashboard{}, usagef("", "the config file has no profile %q any more", name)
	}
	other := *s
	other.profile, other.apiURL, other.tenant, other.token = name, p.String("api-url"), p.String("tenant"), ""
	if !cmd.Flags().Changed("resolver") && s.env.Getenv("DOMDOC_RESOLVERS") == "" {
		other.resolvers = p.Strings("resolvers")
	}
	if err := other.takeProfile(p); err != nil {
		return Dashboard{}, err
	}
	return other.dashboard(ctx)
}

// profileNames are the profiles of the config file, by name.
func (s *settings) profileNames() ([]string, error) {
	config, err := s.readConfig()
	if err != nil || config == nil {
		return nil, err
	}
	names := config.MapKeys("profiles")
	if !slices.Contains(names, s.profile) {
		names = append(names, s.profile)
	}
	slices.Sort(names)
	return names, nil
}

const keysExample = "keys:\n  diagnose-all: A\n  page-down: [space, ctrl+f]\n  sort: []"

// keys are the dashboard's keys of the config file; in the demo, too, since they are the user's and not a profile's.
// Which actions and keys there are, the dashboard knows.
func (s *settings) keys() (map[string][]string, error) {
	config, err := s.parseConfig()
	if err != nil || config == nil || !config.Exists("keys") {
		return nil, err
	}
	list, ok := config.Get("keys").(map[string]any)
	if !ok {
		return nil, usagef(keysExample, "the config file %s has keys that are not a map from actions to keys",
			s.configFile())
	}
	out := map[string][]string{}
	for action, value := range list {
		values, many := value.([]any)
		if !many {
			values = []any{value}
		}
		out[action] = []string{}
		for _, v := range values {
			key, ok := keyText(v)
			if !ok {
				return nil, usagef(keysExample,
					"the config file %s has under keys, for %q, what is no key: write a key, a list of keys, or [] for none",
					s.configFile(), clean(action))
			}
			out[action] = append(out[action], key)
		}
	}
	return out, nil
}

// keyText is a key as YAML has it: a text, or a digit.
func keyText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int:
		return strconv.Itoa(v), v >= 0 && v <= 9
	}
	return "", false
}

// stateDir is where programs keep what they remember (the XDG base directory specification); forget says that this
// one shall not, for a demonstration leaves no traces unless it is told where.
func (s *settings) stateDir() (dir string, forget bool) {
	named := s.env.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(named) { // a relative one is invalid, and to be ignored
		named = ""
	}
	dir = named
	if dir == "" {
		home := s.env.Getenv("HOME")
		if home == "" {
			home, _ = os.UserHomeDir()
		}
		if !filepath.IsAbs(home) {
			return "", true
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "domdoc"), s.env.world != nil && named == ""
}

// checkPageURL reports whether an address can be the one of a domain's page.
func checkPageURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(strings.NewReplacer("{id}", "x", "{domain}", "x").Replace(s))
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil:
		return fmt.Errorf("%q is no address of a page", clean(s))
	case !strings.Contains(s, "{id}") && !strings.Contains(s, "{domain}"):
		return fmt.Errorf("%q is the same page for every domain: put {id} or {domain} into it", clean(s))
	}
	return nil
}
