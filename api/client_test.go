package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestNewBaseURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, url string
		wantErr   string // empty: accepted
	}{
		{"https", "https://api.example.com", ""},
		{"https with port and path", "https://api.example.com:8443/platform/", ""},
		{"http to 127.0.0.1", "http://127.0.0.1:8080", ""},
		{"http to all of 127/8", "http://127.9.9.9", ""},
		{"http to ::1", "http://[::1]:8080", ""},
		{"http to localhost", "http://LocalHost:3000", ""},
		{"empty", "", "is not set"},
		{"no scheme", "api.example.com", "https://"},
		{"host and port only", "localhost:8080", "https://"},
		{"other scheme", "ftp://api.example.com", "https://"},
		{"http elsewhere", "http://api.example.com", "unencrypted"},
		{"http to a private address", "http://10.0.0.1", "unencrypted"},
		{"http to a name that begins like loopback", "http://127.0.0.1.example.com", "unencrypted"},
		{"no host", "https:///domains", "has no host"},
		{"query", "https://api.example.com?x=1", "query"},
		{"fragment", "https://api.example.com/#x", "query or a fragment"},
		{"user", "https://me:hunter22@api.example.com", "user or password"},
		{"not a url", "https://exa mple.com:port:hunter22", "not a url"},
		{"with the service's prefix", "https://api.example.com/domains/v1/", "without /domains/v1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := New(Config{BaseURL: tt.url})
			if tt.wantErr == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil {
				t.Fatal("accepted")
			}
			msg := err.Error()
			for _, want := range []string{tt.wantErr, "--api-url", "DOMDOC_API_URL", "https://api.example.com"} {
				if !strings.Contains(msg, want) {
					t.Errorf("%q does not mention %q", msg, want)
				}
			}
			if strings.Contains(msg, "hunter22") {
				t.Errorf("%q shows the password", msg)
			}
		})
	}
}

func TestNewRefusesWhatCannotBeAHeader(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"token":  {BaseURL: exampleURL, Token: "secret\nX-Evil: 1"},
		"tenant": {BaseURL: exampleURL, Tenant: "secret\r\nX-Evil: 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(cfg)
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "DOMDOC_T") {
				t.Errorf("error = %q: it must name the setting and not its value", err)
			}
		})
	}
}

func TestPathOverrides(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		paths   map[Operation]string
		wantErr string
	}{
		{"good", map[Operation]string{OpRecords: "/v2/{id}/records"}, ""},
		{"unknown operation", map[Operation]string{"recrods": "/x"}, "unknown operation"},
		{"no id", map[Operation]string{OpRecords: "/v2/records"}, "{id} once"},
		{"id where there is none", map[Operation]string{OpQuota: "/v2/{id}/quota"}, "placeholder"},
		{"another host", map[Operation]string{OpQuota: "//evil.example/quota"}, "one /"},
		{"absolute", map[Operation]string{OpQuota: "https://evil.example/quota"}, "one /"},
		{"query", map[Operation]string{OpQuota: "/quota?x=1"}, "query"},
		{"climbs", map[Operation]string{OpQuota: "/a/../quota"}, "as a segment"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := New(Config{BaseURL: exampleURL, Paths: tt.paths})
			if tt.wantErr == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error = %v, want %q", err, tt.wantErr)
			}
		})
	}
}

// TestEveryPathCanBeOverridden asks every operation at a path of the test's own.
func TestEveryPathCanBeOverridden(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	got := map[string]bool{}
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got[r.Method+" "+r.URL.Path] = true
		mu.Unlock()
		http.Error(w, `{"statusCode":400,"errorCode":"DOMAIN_005","message":"no"}`, http.StatusBadRequest)
	})
	paths, want := map[Operation]string{}, map[string]bool{}
	for op, path := range DefaultPaths() {
		spec, ok := operationOf(op)
		if !ok {
			t.Fatalf("%s has no default", op)
		}
		paths[op] = "/mine/" + string(op)
		if strings.Contains(path, "{id}") {
			paths[op] += "/{id}/x"
		}
		want[spec.method+" "+strings.ReplaceAll("/base"+paths[op], "{id}", "d-1")] = true
	}
	c := client(t, server.URL+"/base/", func(cfg *Config) { cfg.Paths = paths; cfg.RefreshToken = "refresh-token" })
	for name, err := range everyCall(c) {
		if KindOf(err) == "" {
			t.Errorf("%s: error = %v, want the refusal", name, err)
		}
	}
	for p := range want {
		if !got[p] {
			t.Errorf("nothing asked %s; asked were %v", p, got)
		}
	}
	if len(want) != len(Operations()) || len(got) != len(want) {
		t.Errorf("asked %d paths of %d operations", len(got), len(Operations()))
	}
}

// everyCall makes each call of the client once and returns its error.
func everyCall(c *Client) map[string]error {
	ctx := context.Background()
	out := map[string]error{}
	for _, err := range c.Domains(ctx) {
		out["Domains"] = err
	}
	_, out["Domain"] = c.Domain(ctx, "d-1")
	_, out["Records"] = c.Records(ctx, "d-1")
	_, _, out["Certificate"] = c.Certificate(ctx, "d-1")
	_, out["Routes"] = c.Routes(ctx, "d-1")
	_, out["Transfers"] = c.Transfers(ctx)
	_, out["DomainHealth"] = c.DomainHealth(ctx, "d-1")
	_, out["Quota"] = c.Quota(ctx)
	_, out["Wallet"] = c.Wallet(ctx)
	_, out["Health"] = c.Health(ctx)
	_, out["Verify"] = c.Verify(ctx, "d-1")
	_, out["IssueCertificate"] = c.IssueCertificate(ctx, "d-1")
	_, out["Login"] = c.Login(ctx, "a@example.com", "correct horse")
	_, out["Refresh"] = c.Refresh(ctx)
	return out
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	uuid4 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	var mu sync.Mutex
	got := map[string]http.Header{}
	bodies := map[string]string{}
	h := func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		got[r.Method+" "+r.URL.Path] = r.Header
		bodies[r.Method+" "+r.URL.Path] = string(b)
		mu.Unlock()
		answers(200, `{"data":{"accessToken":"next-access","refreshToken":"next-refresh","id":"x"}}`)(w, r)
	}
	c := asking(t, h, func(cfg *Config) {
		cfg.Token, cfg.Tenant, cfg.UserAgent, cfg.RefreshToken = "  Bearer  the-token ", "t-1", "domdoc/1.2",
			"the-refresh"
	})
	everyCall(c)
	ids := map[string]bool{}
	for op := range DefaultPaths() {
		spec, _ := operationOf(op)
		key := spec.method + " " + strings.ReplaceAll(spec.path, "{id}", "d-1")
		hd, ok := got[key]
		if !ok {
			t.Errorf("%s was not asked", key)
			continue
		}
		wantAuth, wantTenant := "Bearer the-token", "t-1"
		if spec.open {
			wantAuth, wantTenant = "", ""
		}
		if hd.Get("Authorization") != wantAuth || hd.Get("X-Tenant-Id") != wantTenant {
			t.Errorf("%s: authorization %q tenant %q, want %q %q", key, hd.Get("Authorization"), hd.Get("X-Tenant-Id"),
				wantAuth, wantTenant)
		}
		if id := hd.Get("X-Request-Id"); !uuid4.MatchString(id) || ids[id] {
			t.Errorf("%s: x-request-id %q is no fresh uuid", key, id)
		}
		ids[hd.Get("X-Request-Id")] = true
		if hd.Get("User-Agent") != "domdoc/1.2" || hd.Get("Accept") != "application/json" {
			t.Errorf("%s: user-agent %q accept %q", key, hd.Get("User-Agent"), hd.Get("Accept"))
		}
		writes := op == OpVerify || op == OpIssueCertificate
		if k := hd.Get("Idempotency-Key"); writes != (k != "") || writes && !uuid4.MatchString(k) {
			t.Errorf("%s: idempotency-key %q", key, k)
		}
		if (spec.method == http.MethodPost) != (hd.Get("Content-Type") == "application/json") {
			t.Errorf("%s: content-type %q", key, hd.Get("Content-Type"))
		}
	}
	if got := bodies["POST /auth/v1/login"]; got != `{"email":"a@example.com","password":"correct horse"}` {
		t.Errorf("login body = %s", got)
	}
}

func TestNoTenantHeaderUnlessSet(t *testing.T) {
	t.Parallel()
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if _, ok := r.Header["X-Tenant-Id"]; ok {
			t.Error("x-tenant-id is sent")
		}
		answers(200, `[]`)(w, r)
	})
	if _, err := c.Routes(t.Context(), "d-1"); err != nil {
		t.Fatal(err)
	}
}

func TestIDsStayOneSegment(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.RequestURI)
		answers(200, `[]`)(w, r)
	})
	for id, want := range map[string]string{
		"d-1":              "/domains/v1/d-1/dns",
		"a/b":              "/domains/v1/a%2Fb/dns",
		"../wallet":        "/domains/v1/..%2Fwallet/dns",
		"x?y#z":            "/domains/v1/x%3Fy%23z/dns",
		"shop.example.com": "/domains/v1/shop.example.com/dns",
		"50%":              "/domains/v1/50%25/dns",
	} {
		if _, err := c.Records(t.Context(), id); err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		if got := asked.Load(); got != want {
			t.Errorf("%q asked %s, want %s", id, got, want)
		}
	}
	asked.Store("nothing")
	for _, id := range []string{"", ".", ".."} {
		_, err := c.Records(t.Context(), id)
		failure(t, err, KindMalformed)
		if got := asked.Load(); got != "nothing" {
			t.Errorf("%q asked %s", id, got)
		}
	}
}

func TestBodyIsCapped(t *testing.T) {
	t.Parallel()
	long := `{"id":"d-1","domain":"` + strings.Repeat("x", 4<<20) + `"}`
	_, err := asking(t, answers(200, long)).Domain(t.Context(), "d-1")
	if e := failure(t, err, KindMalformed); !strings.Contains(e.Error(), "larger than 4 MiB") {
		t.Errorf("error = %v", e)
	}
	small := func(cfg *Config) { cfg.MaxBody = int64(len(`{"id":"d-1"}`)) }
	if _, err := asking(t, answers(200, `{"id":"d-1"}`), small).Domain(t.Context(), "d-1"); err != nil {
		t.Errorf("a body of exactly the bound: %v", err)
	}
	_, err = asking(t, answers(200, `{"id":"d-12"}`), small).Domain(t.Context(), "d-1")
	failure(t, err, KindMalformed)
	// A refusal keeps its meaning however long its page is.
	_, err = asking(t, answers(403, strings.Repeat("no ", 3<<20))).Domain(t.Context(), "d-1")
	if e := failure(t, err, KindForbidden); len(e.Error()) > 2000 {
		t.Errorf("the message is %d bytes", len(e.Error()))
	}
}

func TestAnswersThatAreNotJSON(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ body, want string }{
		"web page":  {"<!doctype html><title>welcome</title>", "web page"},
		"nothing":   {"", "has no body"},
		"text":      {"hello \x1b[31mworld", "not JSON: hello [31mworld"},
		"truncated": {`{"id":"d-1"`, "not JSON"},
		"two":       {`{"id":"d-1"}{"id":"d-2"}`, "not JSON"},
		"deep":      {strings.Repeat("[", 65) + strings.Repeat("]", 65), "nested deeper than 64"},
		"a number":  {"7", "not a JSON object"},
		"null":      {"null", "not a domain"},
		"no domain": {`{"used":1,"limit":2}`, "not a domain"},
		"data null": {`{"data":null}`, "not a domain"},
		"data list": {`{"data":[1]}`, "not a domain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := asking(t, answers(200, tt.body)).Domain(t.Context(), "d-1")
			if e := failure(t, err, KindMalformed); !strings.Contains(e.Error(), tt.want) ||
				strings.ContainsRune(e.Error(), '\x1b') {
				t.Errorf("error = %q, want %q", e, tt.want)
			}
		})
	}
}

// TestEchoIsNotLeaked: a base URL that points at a mirror of requests must not put the token into an error that ends
// up in a ticket.
func TestEchoIsNotLeaked(t *testing.T) {
	t.Parallel()
	token := jwtOf(t, map[string]any{"sub": "u"})
	for name, secret := range map[string]string{"opaque": "s3cr3t-" + strings.Repeat("x", 900), "jwt": token} {
		for _, status := range []int{200, 400, 401, 403, 404, 500} {
			for shape, format := range map[string]string{
				"json": `{"message":"you sent Bearer %","echo":"%","code":"%"}`,
				"text": "you sent % and %",
			} {
				c := asking(t, answers(status, strings.ReplaceAll(format, "%", secret)), func(cfg *Config) {
					cfg.Token = secret
					cfg.Retries = -1
				})
				_, err := c.Domain(t.Context(), "d-1")
				if err == nil {
					t.Fatalf("%s %d %s: no error", name, status, shape)
				}
				if strings.Contains(err.Error(), secret[:30]) {
					t.Errorf("%s %d %s: %v", name, status, shape, err)
				}
			}
		}
	}
	c := asking(t, answers(400, `{"message":["password correct horse is wrong"]}`))
	if _, err := c.Login(t.Context(), "a@example.com", "correct horse"); err == nil ||
		strings.Contains(err.Error(), "correct horse") {
		t.Errorf("login: %v", err)
	}
	// JSON writes it otherwise than it was typed
	c = asking(t, answers(400, `{"message":"password correct \"horse\" is wrong"}`))
	if _, err := c.Login(t.Context(), "a@example.com", `correct "horse"`); err == nil ||
		strings.Contains(err.Error(), "horse") {
		t.Errorf("login: %v", err)
	}
}

func TestTimeoutOfOneAttempt(t *testing.T) {
	t.Parallel()
	// counted here: on a busy machine the server may not have begun with a question that is given up already
	var n atomic.Int32
	release := make(chan struct{})
	server := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // runs before the server's close, which waits for its handlers
	c := client(t, server.URL, func(cfg *Config) {
		cfg.Timeout = 50 * time.Millisecond
		cfg.OnExchange = func(context.Context, Exchange) { n.Add(1) }
	})
	_, err := c.Domain(t.Context(), "d-1")
	e := failure(t, err, KindUnavailable)
	if errors.Is(err, context.DeadlineExceeded) {
		t.Error("it reads as the end of the caller's own time")
	}
	if !strings.Contains(e.Error(), "timed out after 50ms") {
		t.Errorf("error = %v", e)
	}
	if got := n.Load(); got != 2 {
		t.Errorf("asked %d times, want 2: one time-out may be chance", got)
	}
}

func TestContextEndsTheCall(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	c := client(t, server.URL)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Domain(ctx, "d-1")
	failure(t, err, KindUnavailable)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v, want one that wraps the context's", err)
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Domain(gone, "d-1"); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want one that wraps the context's", err)
	}
}

func TestExchangesAreSeen(t *testing.T) {
	t.Parallel()
	type key struct{}
	var mu sync.Mutex
	var seen []Exchange
	var n atomic.Int32
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "server-id")
		w.Header().Set("X-RateLimit-Remaining", "7")
		w.Header().Set("X-RateLimit-Limit", "100")
		w.Header().Set("X-RateLimit-Reset", "30")
		if n.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		answers(200, `{"id":"d-1"}`)(w, r)
	}, func(cfg *Config) {
		cfg.Now = func() time.Time { return noon }
		cfg.OnExchange = func(ctx context.Context, x Exchange) {
			mu.Lock()
			defer mu.Unlock()
			if ctx.Value(key{}) != "mine" {
				t.Error("the caller's context is not handed on")
			}
			seen = append(seen, x)
		}
	})
	if _, err := c.Domain(context.WithValue(t.Context(), key{}, "mine"), "d-1"); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 {
		t.Fatalf("%d exchanges, want 2", len(seen))
	}
	for i, x := range seen {
		want := Exchange{
			Operation: OpDomain, Method: "GET", Path: "/domains/v1/d-1", Attempt: i + 1, HTTPStatus: []int{502, 200}[i],
			RequestID: "server-id",
			RateLimit: RateLimit{Limit: 100, Remaining: 7, Reset: noon.Add(30 * time.Second)}, At: noon, Took: x.Took,
			Err: x.Err,
		}
		if x != want {
			t.Errorf("exchange %d = %+v, want %+v", i, x, want)
		}
		if (x.Err != nil) != (i == 0) {
			t.Errorf("exchange %d: error = %v", i, x.Err)
		}
	}
}

func TestSleep(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{-time.Second, 0, time.Millisecond} {
		began := time.Now()
		if err := sleep(t.Context(), d); err != nil || time.Since(began) < d {
			t.Errorf("sleep(%v): %v after %v", d, err, time.Since(began))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, d := range []time.Duration{0, time.Hour} {
		if err := sleep(ctx, d); !errors.Is(err, context.Canceled) {
			t.Errorf("sleep(%v) in a context that has ended: %v", d, err)
		}
	}
}
