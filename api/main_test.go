package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the clock of tests that look at times.
var noon = time.Date(2026, 2, 22, 12, 0, 0, 0, time.UTC)

// serve starts a real server on loopback.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// answers is a handler that gives the same status and body each time.
func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// client makes a client that never really sleeps. change may alter its configuration.
func client(t *testing.T, baseURL string, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{BaseURL: baseURL, Token: "opaque-token", Sleep: func(ctx context.Context, _ time.Duration) error {
		return ctx.Err()
	}}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// asking is a client of a server of its own, with that handler.
func asking(t *testing.T, h http.HandlerFunc, change ...func(*Config)) *Client {
	t.Helper()
	return client(t, serve(t, h).URL, change...)
}

// sleeps records what a client waited for.
type sleeps struct {
	mu   sync.Mutex
	list []time.Duration
}

func (s *sleeps) sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, d)
	return ctx.Err()
}

func (s *sleeps) into(cfg *Config) { cfg.Sleep = s.sleep }

func (s *sleeps) all() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Duration(nil), s.list...)
}

// jwtOf makes an unsigned-for token: nobody here verifies.
func jwtOf(t *testing.T, claims map[string]any) string {
	t.Helper()
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return part(map[string]any{"alg": "HS256", "typ": "JWT"}) + "." + part(claims) + ".c2lnbmF0dXJl"
}

// failure asserts an *Error of one kind.
func failure(t *testing.T, err error, kind Kind) *Error {
	t.Helper()
	e, ok := err.(*Error) //nolint:errorlint // the methods promise this very type
	if !ok {
		t.Fatalf("error = %v (%T), want *Error", err, err)
	}
	if e.Kind != kind {
		t.Fatalf("kind = %q, want %q: %v", e.Kind, kind, e)
	}
	return e
}

func ptr[T any](v T) *T { return &v }
