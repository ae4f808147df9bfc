package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"domdoc/api"
	"domdoc/catalog"
	"domdoc/catalog/sanitize"
	"domdoc/checks"
	"domdoc/checks/dnsname"
	"domdoc/checks/probe"
	"domdoc/checks/probe/exchange"
	"domdoc/checks/probe/transport"
	"domdoc/checks/query"
	"domdoc/checks/subject"
	"domdoc/checks/vantage"
	"domdoc/ui/cli/casefile"
	"domdoc/ui/cli/config"
	"domdoc/ui/cli/credentials"
	"domdoc/ui/cli/reporter"
	"domdoc/ui/cli/usage"
)

// connection is what a command works with: the probes and the client of the service, and the doctor that uses both.
type connection struct {
	doctor  *checks.Doctor
	client  *api.Client // nil without a service
	service *subject.Service
	session *probe.Session
	live    *transport.Live // nil in a replay
	wire    probe.Transport // live, or none
	title   string
	fresh   func() *checks.Doctor // returns a doctor without cached answers; the caller closes its session
	quit    func()                // ends the goroutine of ShowDelays; nil without one
	cut     *casefile.Cut         // in the replay of a run that ended before all checks had
	// hasToken means that there is a token for the service: of the environment or of a session.
	hasToken bool
	// deadline returns when a run that begins now ends by --timeout; nil: never.
	deadline func() time.Time
}

func (c *connection) close() {
	if c.quit != nil {
		c.quit()
	}
	c.session.Close()
	if c.live != nil {
		c.live.Close()
	}
	if c.client != nil {
		c.client.Close()
	}
}

// connect opens a connection to the backend.
func connect(ctx context.Context, s *settings) (*connection, error) {
	return connectWith(ctx, s, func(*probe.Options) {})
}

// connectWith is like connect, with options of a command.
func connectWith(ctx context.Context, s *settings, set func(*probe.Options)) (*connection, error) {
	resolvers, err := parseResolvers(s)
	if err != nil {
		return nil, err
	}
	opt := probe.Options{Resolvers: resolvers, AllowPrivate: s.allowPrivate, CacheDir: cacheDir(s)}
	set(&opt)
	c := &connection{title: cmp.Or(s.title, s.profile), live: s.backend.transport(&opt)}
	c.wire = transport.NoNetwork{}
	if c.live != nil {
		c.wire = c.live
	}
	newSession := func() *probe.Session {
		opt := opt
		s.backend.session(&opt)
		return probe.NewSession(ctx, c.wire, opt)
	}
	c.session = newSession()
	if r, ok := s.backend.(recording); ok {
		r.recorder.Start(caseSettings(s, c.title), s.authCode, c.session.Now())
	}
	timeout := s.timeout
	var ended func(string) bool
	if r, ok := s.backend.(*replayed); ok { // all answers are there
		timeout = 0
		if r.replay.Cut != nil {
			c.cut = r.replay.Cut
			names := map[string]bool{}
			for _, name := range c.cut.Ended {
				names[name] = true
			}
			ended = func(nameOrID string) bool { return names[nameOrID] }
		}
	} else if s.timeout > 0 {
		c.deadline = func() time.Time { return time.Now().Add(s.timeout) }
	}
	c.doctor = &checks.Doctor{Session: c.session, Timeout: timeout, Ended: ended}
	c.fresh = func() *checks.Doctor {
		d := &checks.Doctor{Session: newSession(), Timeout: timeout, Ended: ended}
		if c.client != nil {
			d.Service = c.service.Renew()
		}
		return d
	}
	if s.apiURL == "" {
		return c, nil
	}
	cfg, err := clientConfig(s)
	if err != nil {
		c.close()
		return nil, err
	}
	c.hasToken = cfg.Token != ""
	cfg.OnExchange, cfg.Now = subject.OnExchange, c.session.Now
	s.backend.service(&cfg)
	c.client, err = api.New(cfg)
	if err != nil {
		c.close()
		return nil, usage.Errorf("--api-url https://api.example.com", "%w", err)
	}
	c.service = subject.NewService(c.client, s.tenant)
	c.doctor.Service = c.service
	s.reader = readerOf(s, c.client)
	if s.env.StderrTTY {
		ctx, quit := context.WithCancel(ctx)
		c.quit = quit
		go reporter.ShowDelays(ctx, c.client.Delay, s.env.Stderr, time.Tick(reporter.DelayEvery))
	}
	return c, nil
}

// keepDetails saves calls of the service in a program that diagnoses the same domains again and again. A recording has
// all of them, so that it can be replayed from any point.
func (c *connection) keepDetails(s *settings) {
	if _, ok := s.backend.(recording); !ok && c.service != nil {
		c.service.KeepDetails()
		c.client.KeepAnswers()
	}
}

// clientConfig is the configuration of a client of the service, with the profile's session.
func clientConfig(s *settings) (api.Config, error) {
	cfg := api.Config{
		BaseURL: s.apiURL, Token: s.token, Tenant: s.tenant, UserAgent: "domdoc/" + s.env.Version,
		Paths: config.OperationPaths(s.paths),
	}
	return cfg, useSession(s, &cfg)
}

// caseSettings are the settings that a case records.
func caseSettings(s *settings, title string) casefile.Settings {
	return casefile.Settings{
		APIURL: s.apiURL, Tenant: s.tenant, Profile: s.profile, Resolvers: s.resolvers, AllowPrivate: s.allowPrivate,
		Paths: s.paths, Severity: s.rules.Severities, Ignore: s.rules.Ignores, Title: title,
	}
}

// cacheDir is the directory of caches; empty when the backend uses none.
func cacheDir(s *settings) string {
	if s.backend.isolated() != "" {
		return ""
	}
	return config.CacheDir(s.env.Getenv)
}

func parseResolvers(s *settings) ([]exchange.Server, error) {
	var out []exchange.Server
	for _, r := range s.resolvers {
		srv, err := exchange.ParseResolver(r)
		if err != nil {
			return nil, usage.Errorf(s.resolverSource+"1.1.1.1", "%s: %w", strings.TrimRight(s.resolverSource, " =:"), err)
		}
		if !slices.Contains(out, srv) {
			out = append(out, srv)
		}
	}
	return out, nil
}

// start sets the end of a run that begins now.
func (c *connection) start() {
	if c.deadline != nil {
		c.doctor.Until = c.deadline()
	}
}

// limit bounds a context by the end of the run.
func (c *connection) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.doctor.Until.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, c.doctor.Until)
}

// tenantTargets yields the tenant's domains that may match the filter, as the pages of the list arrive.
func (c *connection) tenantTargets(ctx context.Context, d *diagnosis, yield func(checks.Target) bool) error {
	limited, cancel := c.limit(ctx)
	defer cancel()
	reading := c.service.Listing(limited)
	c.service.KeepNoJSON()
	for domain, err := range c.client.Domains(reading) {
		if err != nil {
			c.service.EndList(err)
			if limited.Err() != nil && ctx.Err() == nil || c.cut != nil && errors.Is(err, api.ErrNotRecorded) {
				return listCut{err}
			}
			return &serviceError{err: err}
		}
		domain.Raw = nil // see KeepNoJSON
		c.service.Remember(reading, domain)
		d.read.Add(1)
		n, err := dnsname.Parse(domain.Name)
		if err != nil { // it is selected by what it looks like
			n.ASCII = sanitize.Text(strings.ToLower(domain.Name), dnsname.MaxLength)
			n.Unicode = n.ASCII
		}
		if sel := query.Undiagnosed(n, &domain); !d.gates.Domains.Possible(&sel, c.session.Now()) {
			d.dropped++
			continue
		}
		t := d.template
		t.Domain = &domain
		if !yield(t) {
			return ctx.Err()
		}
	}
	c.service.EndList(nil)
	return nil
}

// rest is what is known about the rest of a run over all domains of the tenant. kept counts those of the list so far
// that are diagnosed: some are of another part, or cannot match the filter.
func (b batch) rest(d *diagnosis, kept *atomic.Int64) reporter.Rest {
	client := b.conn.client
	if client == nil {
		return reporter.Rest{}
	}
	return reporter.Rest{
		Total: func() int {
			total := client.DomainsTotal()
			if read, kept := int(d.read.Load()), int(kept.Load()); kept < read {
				total = total * kept / read
			}
			return total
		},
		Calls: client.Allowance,
	}
}

// credentialStore keeps the sessions of the selected profile. It keeps nothing when the backend is isolated.
func credentialStore(s *settings) *credentials.Store {
	return &credentials.Store{Profile: s.profile, Dir: credentialsDir(s), Only: s.credentials}
}

func credentialsDir(s *settings) string {
	if file := s.configPath(); file != "" && s.backend.isolated() == "" {
		return filepath.Dir(file)
	}
	return ""
}

// useSession gives the client the profile's session, unless the environment has a token. A renewed session is kept.
// Runs that share a session renew it one at a time, because a refresh token is valid once.
func useSession(s *settings, cfg *api.Config) error {
	if s.token != "" || s.backend.isolated() != "" {
		return nil
	}
	store := credentialStore(s)
	session, _, found, err := store.Load()
	if err != nil {
		return usage.Errorf("domdoc login", "%w", err)
	}
	if !found {
		return nil
	}
	origin := api.Origin(s.apiURL)
	if api.Origin(session.Origin) != origin {
		return usage.Errorf("domdoc login --profile "+s.profile,
			"the session of the profile %s is for %s and is not sent to %s", s.profile, usage.Clean(session.Origin),
			usage.Clean(origin))
	}
	cfg.Token, cfg.RefreshToken = session.Access, session.Refresh
	cfg.BeforeRefresh = func(ctx context.Context, _ api.Tokens) (api.Tokens, func(), error) {
		release, err := store.Lock(ctx)
		if err != nil {
			return api.Tokens{}, nil, err
		}
		now, _, found, err := store.Load()
		if err != nil || !found || api.Origin(now.Origin) != origin {
			return api.Tokens{}, release, err
		}
		return api.Tokens{Access: now.Access, Refresh: now.Refresh, ExpiresAt: now.ExpiresAt}, release, nil
	}
	cfg.OnTokens = func(access, refresh string) { // the lock is held
		claims, _ := api.ReadClaims(access)
		renewed := credentials.Session{Origin: origin, Access: access, Refresh: refresh, ExpiresAt: claims.ExpiresAt}
		if _, err := store.Save(renewed); err != nil {
			fmt.Fprintf(s.env.Stderr,
				"domdoc: could not keep the renewed session; log in again before the next run: %s\n",
				usage.Clean(err.Error()))
		}
	}
	return nil
}

// keyringCheck checks whether the system keyring can be used.
func keyringCheck(s *settings) vantage.Check {
	line := func(v catalog.Verdict, text string) vantage.Check {
		return vantage.Check{ID: "keyring", Verdict: v, Text: text}
	}
	if why := s.backend.isolated(); why != "" {
		return line(catalog.NotRun, "not used: "+why)
	}
	store := credentialStore(s)
	state, err := store.KeyringState()
	switch state {
	case credentials.KeyringHolds:
		return line(catalog.Pass, "has credentials of the profile "+s.profile)
	case credentials.KeyringEmpty:
		return line(catalog.Pass, "usable, without credentials of the profile "+s.profile)
	case credentials.KeyringUnusable:
	}
	text := fmt.Sprintf("not usable (%v); domdoc login keeps the session in a file that only you can read", err)
	if _, place, found, err := store.Load(); err == nil && found && place == credentials.File {
		text = "not usable; the session of the profile " + s.profile + " is in " + store.Path()
	}
	return line(catalog.Warn, usage.Clean(text))
}
