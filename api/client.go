// Package api is the client of the Domains Service: the tenant's domains with their records, certificates, routes and
// transfers, the wallet and the quota, and everything the service says when it refuses. It reads; the only two things
// it can ask the service to do are [Client.Verify] and [Client.IssueCertificate].
//
// Most of what is known about the service's bodies is a reading of its siblings' habits (see openapi.yaml, where each
// operation says how sure we are). So decoding is tolerant, every path can be overridden, and whatever cannot be
// understood is a [KindMalformed] error: "could not ask", never the tenant's fault.
package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	defaultTimeout = 15 * time.Second // one attempt; a healthy service answers within one
	defaultRetries = 3
	defaultMaxBody = 4 << 20
	exampleURL     = "https://api.example.com"
)

// Config says where the service is and who asks. Only BaseURL is required.
type Config struct {
	// BaseURL is the address in front of /domains/v1: https, or http to this machine (127/8, ::1, localhost) only.
	BaseURL string
	// Token and RefreshToken are the session's JWTs. "Bearer " in front of Token is tolerated.
	Token, RefreshToken string
	// Tenant is sent as x-tenant-id, and only when it is set: the service takes the tenant from the token.
	Tenant string
	// OnTokens receives the new pair after a refresh, before any call goes on with it: the old refresh token is void by
	// then. It may be called from any goroutine.
	OnTokens func(access, refresh string)
	// BeforeRefresh is called before a refresh with the session that has become stale. A caller that shares its session
	// with other processes locks it here, and returns the session that one of them may have got meanwhile: when its
	// access token is another one, it is adopted and nothing is refreshed. release, if not nil, is called when all is
	// done. An error ends the call that needed the refresh. It may be called from any goroutine.
	BeforeRefresh func(ctx context.Context, stale Tokens) (found Tokens, release func(), err error)
	// OnExchange sees every attempt, also those that are retried. The context is the caller's, so that an exchange can
	// be told apart from its neighbours. It may be called from several goroutines at once.
	OnExchange func(context.Context, Exchange)
	// HTTPTransport carries the requests; nil is a transport of our own. A caller puts a recorder or the way to a
	// sandbox here.
	HTTPTransport http.RoundTripper
	// Tape, if not nil, has every call written to it, save those of /auth; Clean takes out of bodies what must not be
	// written down, and is needed then.
	Tape  *Tape
	Clean func([]byte) []byte
	// UserAgent is sent as such; empty is "domdoc".
	UserAgent string
	// Paths overrides single paths, see [DefaultPaths]. "{id}" stands for the domain's id.
	Paths map[Operation]string
	// Timeout bounds one attempt with its body; 0 is 15 seconds.
	Timeout time.Duration
	// Retries is how often one call may be repeated; 0 is 3, below 0 is never.
	Retries int
	// MaxBody is the longest body that is read, in bytes; 0 is 4 MiB.
	MaxBody int64
	// Now is the clock, and Sleep waits for a duration or the context's end; nil is the real one.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// Client asks the Domains Service. It is safe for concurrent use. Close it to drop its idle connections.
type Client struct {
	base       *url.URL
	paths      map[Operation]string
	tenant     string
	userAgent  string
	timeout    time.Duration
	retries    int
	maxBody    int64
	maxPages   int
	now        func() time.Time
	sleep      func(context.Context, time.Duration) error
	onTokens   func(access, refresh string)
	before     func(ctx context.Context, stale Tokens) (Tokens, func(), error)
	onExchange func(context.Context, Exchange)
	http       *http.Client
	limits     *limits
	creds      *credentials
	flight     singleflight.Group
}

// New checks the configuration and makes a client. It asks nobody. An error names the setting that is wrong, with a
// valid example.
func New(cfg Config) (*Client, error) {
	base, err := parseBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	paths, err := mergePaths(cfg.Paths)
	if err != nil {
		return nil, err
	}
	token, err := headerValue("DOMDOC_TOKEN", trimBearer(cfg.Token))
	if err != nil {
		return nil, err
	}
	tenant, err := headerValue("--tenant (DOMDOC_TENANT)", strings.TrimSpace(cfg.Tenant))
	if err != nil {
		return nil, err
	}
	c := &Client{
		base: base, paths: paths, tenant: tenant,
		userAgent: cfg.UserAgent, timeout: cfg.Timeout, retries: cfg.Retries, maxBody: cfg.MaxBody, maxPages: maxPages,
		now: cfg.Now, sleep: cfg.Sleep, onTokens: cfg.OnTokens, before: cfg.BeforeRefresh, onExchange: cfg.OnExchange,
		limits: newLimits(),
	}
	if c.userAgent == "" {
		c.userAgent = "domdoc"
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.retries == 0 {
		c.retries = defaultRetries
	}
	if c.maxBody <= 0 {
		c.maxBody = defaultMaxBody
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.sleep == nil {
		c.sleep = sleep
	}
	transport := cfg.HTTPTransport
	if transport == nil {
		transport = newTransport()
	}
	if cfg.Tape != nil {
		transport = cfg.Tape.Record(transport, cfg.Clean)
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: c.checkRedirect}
	c.creds = newCredentials(token, strings.TrimSpace(cfg.RefreshToken))
	return c, nil
}

// Close drops the idle connections. A later call opens new ones.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// newTransport is http.DefaultTransport's settings in a transport of our own: so that closing it touches nobody else,
// and so that a header cannot be huge.
func newTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxResponseHeaderBytes = 256 << 10
	t.MaxIdleConnsPerHost = 16 // a dashboard asks for several domains at once, all at one host
	return t
}

func parseBaseURL(s string) (*url.URL, error) {
	const setting = "--api-url (DOMDOC_API_URL)"
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, fmt.Errorf("%s is not set: give the service's address, for example %s", setting, exampleURL)
	}
	u, err := url.Parse(s)
	if err != nil {
		// The parser's message repeats the text, in which a password may stand.
		return nil, fmt.Errorf("%s is not a url: give one like %s", setting, exampleURL)
	}
	shown := clean(u.Scheme+"://"+u.Host+u.Path, 200)
	switch {
	case u.User != nil:
		return nil, fmt.Errorf(
			"%s must not contain a user or password: give only the address, for example %s, and the token in DOMDOC_TOKEN",
			setting, exampleURL)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%s %q does not begin with https://: give one like %s", setting, clean(s, 200), exampleURL)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%s %q has no host: give one like %s", setting, shown, exampleURL)
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, fmt.Errorf("%s %q must not contain a query or a fragment: give one like %s", setting, shown, exampleURL)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf(
			"%s %q would send the token unencrypted: give one like %s (http is for this machine only, like "+
				"http://127.0.0.1:8080)", setting, shown, exampleURL)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	if strings.HasSuffix(u.Path, "/domains/v1") {
		return nil, fmt.Errorf("%s %q is given without /domains/v1: give one like %s", setting, shown,
			strings.TrimSuffix(shown, "/domains/v1"))
	}
	return u, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func trimBearer(token string) string {
	token = strings.TrimSpace(token)
	if len(token) > 7 && strings.EqualFold(token[:7], "bearer ") {
		token = strings.TrimSpace(token[7:])
	}
	return token
}

// headerValue refuses what cannot stand in a header, and never repeats it: it may be a secret.
func headerValue(setting, v string) (string, error) {
	for _, r := range v {
		if r <= ' ' || r > '~' {
			return "", fmt.Errorf("%s contains a space, a line break or a non-ASCII character: copy it again as one word",
				setting)
		}
	}
	return v, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// newUUID is a random UUID, version 4 (RFC 9562 section 5.4).
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) //nolint:errcheck // since Go 1.24 it ends the program rather than fail
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

var errTooManyRedirects = errors.New("more than 5 redirects")

const maxRedirects = 5

// checkRedirect follows redirects within the origin of the base URL only: net/http drops Authorization for another
// domain, but keeps it for a subdomain, another port and, worse, http after https.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	switch to := originOf(req.URL); {
	case to != originOf(c.base):
		return &redirectError{to: clean(to, 200)}
	case req.Method != via[0].Method:
		return &redirectError{method: via[0].Method}
	case len(via) > maxRedirects:
		return errTooManyRedirects
	}
	return nil
}

// redirectError is a redirect that was not followed: to another origin, or one that would have turned a POST into a
// GET.
type redirectError struct{ to, method string }

func (e *redirectError) Error() string {
	if e.method != "" {
		return "redirects a " + e.method + " in a way that would change it into a GET; not followed"
	}
	return "redirects to " + e.to + ", another origin than --api-url; not followed, so that the token is not sent there"
}

// Origin returns the origin of an address as RFC 6454 section 6.2 writes it: scheme and host in lower case, and the
// port unless it is the scheme's default. Two addresses have the same origin if their results are equal. It returns
// "" for an address without a scheme or a host.
func Origin(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme == "" || u.Hostname() == "" {
		return ""
	}
	return originOf(u)
}

func originOf(u *url.URL) string {
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		return scheme + "://" + host
	}
	return scheme + "://" + host + ":" + port
}
