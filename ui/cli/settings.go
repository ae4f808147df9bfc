package cli

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"domdoc/api"
	"domdoc/catalog/sanitize"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/checks/query"
	"domdoc/ui/render/report"

	"github.com/knadh/koanf/v2"
	"github.com/spf13/cobra"
)

// settings are what flags, environment and the config file say: a flag before the environment, before the profile,
// before the default.
type settings struct {
	env *Env

	replies                                                bool // a reply to send is written in place of a report
	apiURL, tenant, profile, output, color, failOn, intent string
	resolvers, expect, only, skip                          []string
	resolversBy                                            string // who gave the resolvers, as it is written
	allowPrivate                                           bool
	timeout                                                time.Duration
	jobs                                                   int
	// questions a second to one DNS server: 0 is as usual, below 0 no bound
	rate        float64
	outputSet   bool // the format was chosen, and not left to the command
	paths       map[string]string
	token       string
	credentials string // "file": the keyring is not asked
	profileURL  string // what the profile says, whatever the flags do
	// the service's page of a domain, with {id} and {domain}
	pageURL    string
	plain      bool     // the dashboard for screen readers
	several    []string // profiles, where there are several
	chosen     bool     // the profile is one of several
	filter     query.Filter
	gates      gates
	recordFile string
	recorder   *recorder // nil when nothing is recorded
}

func clean(s string) string { return sanitize.Text(s, 2000) }

func (s *settings) flags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&s.apiURL, "api-url", "",
		"address of the Domains Service, the part before /domains/v1 (environment: DOMDOC_API_URL)")
	f.StringVar(&s.tenant, "tenant", "", "tenant to ask as (DOMDOC_TENANT)")
	f.StringVar(&s.profile, "profile", "", "profile of the config file (DOMDOC_PROFILE, default \"default\")")
	f.StringArrayVar(&s.resolvers, "resolver", nil,
		"public resolver to judge by, repeatable: 8.8.8.8, 1.1.1.1:53, tls://1.1.1.1, https://dns.google/dns-query "+
			"(DOMDOC_RESOLVERS, default 8.8.8.8 and 1.1.1.1)")
	f.StringVarP(&s.output, "output", "o", "", strings.Join(report.FormatNames(), ", ")+
		" (DOMDOC_OUTPUT, default text); what is no report of domains has text, json and jsonl")
	f.StringVar(&s.color, "color", "auto", "auto, always or never (NO_COLOR is honoured)")
	f.DurationVar(&s.timeout, "timeout", 0,
		"bound for the whole run; what was not judged by then is inconclusive (default 60s for each domain)")
	f.StringVar(&s.recordFile, "record", "",
		"write everything that is asked and answered to a file, without secrets: domdoc replay FILE shows the report "+
			"again")
	f.IntVar(&s.jobs, "jobs", 0, "domains that are diagnosed at once (default by cores)")
	f.BoolVar(&s.allowPrivate, "allow-private", false,
		"also make TLS and HTTP connections to private, loopback and link-local addresses")
}

// load gathers the settings for a command.
func (s *settings) load(cmd *cobra.Command) error {
	profile, err := s.readProfile(cmd)
	if err != nil {
		return err
	}
	pick := func(flag string, into *string, envName, key, def string) {
		switch {
		case cmd.Flags().Changed(flag):
		case envName != "" && s.env.Getenv(envName) != "":
			*into = s.env.Getenv(envName)
		case profile != nil && profile.Exists(key):
			*into = profile.String(key)
		default:
			*into = def
		}
	}
	pick("api-url", &s.apiURL, "DOMDOC_API_URL", "api-url", "")
	pick("tenant", &s.tenant, "DOMDOC_TENANT", "tenant", "")
	pick("output", &s.output, "DOMDOC_OUTPUT", "output", "")
	if s.outputSet = s.output != ""; !s.outputSet {
		s.output = "text"
	}
	s.resolversBy = "--resolver "
	if !cmd.Flags().Changed("resolver") {
		if v := s.env.Getenv("DOMDOC_RESOLVERS"); v != "" {
			s.resolversBy = "DOMDOC_RESOLVERS="
			s.resolvers = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
		} else if profile != nil && profile.Exists("resolvers") {
			s.resolversBy = "the profile's resolvers: "
			s.resolvers = profile.Strings("resolvers")
		}
	}
	if profile != nil {
		if err := s.takeProfile(profile); err != nil {
			return err
		}
	}
	s.token = strings.TrimSpace(s.env.Getenv("DOMDOC_TOKEN"))
	if s.env.world != nil { // demo: the service is the sandbox's, whatever else is set
		s.apiURL, s.token, s.tenant, s.paths = s.env.world.URL(), s.env.world.Token(), "", nil
	}
	if p := s.env.play; p != nil { // replay: as it was recorded, whatever is set here
		c := p.Settings
		s.apiURL, s.token, s.tenant, s.paths, s.resolvers, s.allowPrivate, s.profile = c.APIURL, c.token(), c.Tenant,
			c.Paths, c.Resolvers, c.AllowPrivate, c.Profile
	}
	if err := s.checkOutput(cmd); err != nil {
		return err
	}
	if !slices.Contains([]string{"auto", "always", "never"}, s.color) {
		return usagef("--color never", "--color %q: use auto, always or never", s.color)
	}
	if s.timeout < 0 || s.jobs < 0 {
		return usagef("--timeout 30s --jobs 8", "--timeout and --jobs must not be negative")
	}
	config, err := s.readConfig()
	if err != nil {
		return err
	}
	return s.loadGates(config)
}

// takeProfile takes what a profile alone says.
func (s *settings) takeProfile(profile *koanf.Koanf) error {
	s.paths, s.credentials, s.profileURL, s.pageURL = profile.StringMap("paths"), profile.String("credentials"),
		profile.String("api-url"), profile.String("page-url")
	if s.credentials != "" && s.credentials != inFile && s.credentials != inKeyring {
		return usagef("credentials: file", "the profile %q has credentials: %q; use keyring or file", s.profile,
			clean(s.credentials))
	}
	if err := checkPageURL(s.pageURL); err != nil {
		return usagef("page-url: https://console.example.com/domains/{id}", "the profile %q has page-url: %w", s.profile,
			err)
	}
	return nil
}

func (s *settings) cacheDir() string {
	if s.env.world != nil || s.env.play != nil {
		return ""
	}
	dir := s.env.Getenv("XDG_CACHE_HOME")
	if dir == "" {
		home := s.env.Getenv("HOME")
		if home == "" {
			return ""
		}
		dir = filepath.Join(home, ".cache")
	}
	return filepath.Join(dir, "domdoc")
}

// run is what a command works with.
type run struct {
	doctor  *checks.Doctor
	client  *api.Client // nil without a service
	service *checks.Service
	session *probe.Session
	live    *probe.Live // nil in a replay
	title   string
	fresh   func() *checks.Doctor
	selects query.Query // of --filter
}

func (r *run) close() {
	r.session.Close()
	if r.live != nil {
		r.live.Close()
	}
	if r.client != nil {
		r.client.Close()
	}
}

// open makes the session, the client and the doctor.
func (s *settings) open(ctx context.Context) (*run, error) {
	resolvers, err := s.servers()
	if err != nil {
		return nil, err
	}
	opt := probe.Options{Resolvers: resolvers, AllowPrivate: s.allowPrivate, CacheDir: s.cacheDir(), Rate: s.rate}
	r := &run{title: s.profile, selects: s.gates.selects}
	var wire probe.Transport = probe.NoNetwork{}
	if p := s.env.play; p != nil {
		opt.Now, r.title = p.now, p.Settings.Title
	} else if w := s.env.world; w != nil {
		r.live = probe.NewLive(w.Dial, w.Roots())
		r.live.SetClock(w.Now)
		opt.Now, opt.TrustedRoots, opt.Rate, opt.HasIPv6 = w.Now, w.Roots(), -1, func() bool { return true }
		r.title = "sandbox"
	} else {
		r.live = probe.NewLive(nil, nil)
	}
	if r.live != nil {
		wire = r.live
	}
	session := func() *probe.Session {
		opt := opt
		if p := s.env.play; p != nil {
			opt.Replay = p.tape()
		} else if s.recorder != nil {
			opt.Record = s.recorder.tape()
		}
		return probe.NewSession(ctx, wire, opt)
	}
	r.session = session()
	if s.recorder != nil {
		s.recorder.settle(s, r.title, r.session.Now())
	}
	r.doctor = &checks.Doctor{Session: r.session, Timeout: s.timeout}
	r.fresh = func() *checks.Doctor {
		d := &checks.Doctor{Session: session(), Timeout: s.timeout}
		if r.client != nil {
			d.Service = checks.NewService(r.client, s.tenant)
		}
		return d
	}
	if s.apiURL == "" {
		return r, nil
	}
	paths, err := operationPaths(s.paths)
	if err != nil {
		r.close()
		return nil, err
	}
	cfg := api.Config{
		BaseURL: s.apiURL, Token: s.token, Tenant: s.tenant, UserAgent: "domdoc/" + s.env.Version, Paths: paths,
		OnExchange: checks.OnExchange, Now: r.session.Now,
	}
	if err := s.session(&cfg); err != nil {
		r.close()
		return nil, err
	}
	switch p := s.env.play; {
	case p != nil && p.Service == nil:
		p.Service = &api.Tape{}
		fallthrough
	case p != nil:
		cfg.HTTPTransport, cfg.Sleep = p.Service.Replay(), func(context.Context, time.Duration) error { return nil }
	case s.recorder != nil:
		s.recorder.service(&cfg)
	}
	r.client, err = api.New(cfg)
	if err != nil {
		r.close()
		return nil, usagef("--api-url https://api.example.com", "%w", err)
	}
	r.service = checks.NewService(r.client, s.tenant)
	r.doctor.Service = r.service
	return r, nil
}

func operationPaths(m map[string]string) (map[api.Operation]string, error) {
	if len(m) == 0 {
		return nil, nil
	}
	out := map[api.Operation]string{}
	for k, v := range m {
		if !slices.Contains(api.Operations(), api.Operation(k)) {
			var names []string
			for _, op := range api.Operations() {
				names = append(names, string(op))
			}
			return nil, usagef("paths:\n  domains: /domains/v1/domains",
				"the config file's paths have an unknown operation %q; use %s", k, strings.Join(names, ", "))
		}
		out[api.Operation(k)] = v
	}
	return out, nil
}

func (s *settings) servers() ([]probe.Server, error) {
	var out []probe.Server
	for _, r := range s.resolvers {
		srv, err := probe.ParseResolver(r)
		if err != nil {
			return nil, usagef(s.resolversBy+"1.1.1.1", "%s: %w", strings.TrimRight(s.resolversBy, " =:"), err)
		}
		if !slices.Contains(out, srv) {
			out = append(out, srv)
		}
	}
	return out, nil
}

// expectations reads --expect 'TYPE NAME=VALUE'.
func (s *settings) expectations() ([]checks.Expected, error) {
	var out []checks.Expected
	for _, e := range s.expect {
		x, err := checks.ParseExpected(e)
		if err != nil {
			return nil, usagef("--expect 'TXT _verify.shop.example.com=tok-1'", "--expect %q: %w", clean(e), err)
		}
		out = append(out, x)
	}
	return out, nil
}

// needService says that a command cannot do without the service.
func (s *settings) needService(what string) error {
	if s.apiURL != "" {
		return nil
	}
	return usagef("set --api-url (or DOMDOC_API_URL) and DOMDOC_TOKEN; or try it on the sandbox: domdoc demo "+what,
		"%s needs the Domains Service, and none is configured", what)
}

// colored reports whether output to a stream may have colour.
func (s *settings) colored(tty bool) bool {
	switch s.color {
	case "always":
		return true
	case "never":
		return false
	}
	return tty && s.env.Getenv("NO_COLOR") == "" && s.env.Getenv("TERM") != "dumb"
}
