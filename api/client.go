// Package api is the client of the Domains Service: the tenant's domains with their records, certificates, routes and
// transfers, the wallet and the quota, and the service's errors. It only reads, except for [Client.Verify] and
// [Client.IssueCertificate].
//
// Most response bodies are inferred from sibling services (openapi.yaml states for each operation whether it is
// documented or assumed). Decoding is therefore tolerant, every path can be overridden, and a response that cannot be
// understood is a [KindMalformed] error, which is never blamed on the tenant.
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
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	defaultTimeout = 15 * time.Second // of one attempt; a healthy service answers within a second
	defaultRetries = 3
	defaultMaxBody = 4 << 20
	exampleURL     = "https://api.example.com"
)

// Config is the configuration of a client. Only BaseURL is required.
type Config struct {
	// BaseURL is the address before /domains/v1: https, or http to this machine (127/8, ::1, localhost) only.
	BaseURL string
	// Token and RefreshToken are the session's JWTs. Token may begin with "Bearer ".
	Token, RefreshToken string
	// Tenant is sent as x-tenant-id if it is set; otherwise the service takes the tenant from the token.
	Tenant string
	// OnTokens receives the new tokens after a refresh, before any call uses them: the old refresh token is invalid by
	// then. It may be called from any goroutine.
	OnTokens func(access, refresh string)
	// BeforeRefresh is called before a refresh with the stale session. A caller that shares its session with other
	// processes locks it here, and returns the session that another process may have stored meanwhile: if its access
	// token differs, the client adopts it and does not refresh. release, if not nil, is called at the end. An error ends
	// the call that needed the refresh. It may be called from any goroutine.
	BeforeRefresh func(ctx context.Context, stale Tokens) (found Tokens, release func(), err error)
	// OnExchange receives every attempt, including retries, with the context of the caller. It may be called
	// concurrently.
	OnExchange func(context.Context, Exchange)
	// HTTPTransport sends the requests; the default is a transport of the client's own. Recorders and the sandbox
	// replace it.
	HTTPTransport http.RoundTripper
	// Tape, if not nil, records every call except those of /auth. Clean, which is required with it, removes from bodies
	// what must not be recorded.
	Tape  *Tape
	Clean func([]byte) []byte
	// UserAgent is the User-Agent header; the default is "domdoc".
	UserAgent string
	// Paths overrides single paths of [DefaultPaths]. "{id}" is replaced by the domain's id.
	Paths map[Operation]string
	// Timeout limits one attempt, including its body; 0 means 15 seconds.
	Timeout time.Duration
	// Retries is the maximum number of retries of a call; 0 means 3, below 0 none.
	Retries int
	// MaxBody is the maximum size of a response body in bytes; 0 means 4 MiB.
	MaxBody int64
	// Now is the clock, and Sleep waits for a duration or the context's end; nil means the real ones.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// Client is a client of the Domains Service. It is safe for concurrent use. Close it to close its idle connections.
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
	calls      calls
	total      atomic.Int64 // of DomainsTotal
	creds      *credentials
	kept       *keptAnswers // nil if none are kept
	flight     singleflight.Group
}

// New checks the configuration and returns a client. It makes no request. An error names the invalid setting, with a
// valid example.
func New(cfg Config) (*Client, error) {
	base, err := parseBaseURL(baseURLSetting, cfg.BaseURL)
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

// Close closes the idle connections. A later call opens new ones.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// newTransport returns a transport with the settings of http.DefaultTransport, but with its own connections and a
// limit on the size of headers.
func newTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxResponseHeaderBytes = 256 << 10
	t.MaxIdleConnsPerHost = 16 // a dashboard requests several domains at once from one host
	return t
}

// baseURLSetting names the setting of the service's address in errors.
const baseURLSetting = "--api-url (DOMDOC_API_URL)"

// CheckBaseURL checks an address of the service, which setting names in the error.
func CheckBaseURL(setting, s string) error {
	_, err := parseBaseURL(setting, s)
	return err
}

// CheckTenant checks a tenant, which setting names in the error.
func CheckTenant(setting, s string) error {
	_, err := headerValue(setting, strings.TrimSpace(s))
	return err
}

func parseBaseURL(setting, s string) (*url.URL, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil, fmt.Errorf("%s is not set: give the service's address, for example %s", setting, exampleURL)
	}
	u, err := url.Parse(s)
	if err != nil {
		// The parser's message repeats the text, which may contain a password.
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

// headerValue returns an error for a value that is not valid in a header. The error never repeats the value, which
// may be a secret.
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

// newUUID returns a random UUID, version 4 (RFC 9562 section 5.4).
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

// redirectError is a redirect that was not followed: to another origin, or one that would turn a POST into a GET.
type redirectError struct{ to, method string }

func (e *redirectError) Error() string {
	if e.method != "" {
		return "redirects a " + e.method + " in a way that would change it into a GET; not followed"
	}
	return "redirects to " + e.to + ", another origin than --api-url; not followed, so that the token is not sent there"
}

// Origin returns the origin of an address in the form of RFC 6454 section 6.2: scheme and host in lower case, and the
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
