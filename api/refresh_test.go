package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// authServer accepts only the access token that its last refresh gave out, and voids a refresh token with its first
// use.
type authServer struct {
	mu        sync.Mutex
	serial    int
	refreshes int
	calls     int
	status    int // of refresh, instead of success
	broken    bool
}

func (a *authServer) access() string  { return fmt.Sprintf("access-%d", a.serial) }
func (a *authServer) refresh() string { return fmt.Sprintf("refresh-%d", a.serial) }

func (a *authServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.URL.Path == "/auth/v1/refresh" {
		a.refreshes++
		var body struct{ RefreshToken string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		switch {
		case a.status != 0:
			answers(a.status, `{"message":"no"}`)(w, r)
		case body.RefreshToken != a.refresh():
			answers(401, `{"message":"refresh token reuse"}`)(w, r)
		default:
			a.serial++
			answers(200, `{"data":{"accessToken":"`+a.access()+`","refreshToken":"`+a.refresh()+`"}}`)(w, r)
		}
		return
	}
	a.calls++
	if a.broken || r.Header.Get("Authorization") != "Bearer "+a.access() {
		answers(401, `{"statusCode":401,"message":"Unauthorized"}`)(w, r)
		return
	}
	answers(200, `{"id":"d-1"}`)(w, r)
}

func stale(cfg *Config) { cfg.Token, cfg.RefreshToken = "access-stale", "refresh-0" }

// TestRefreshOnceUnderConcurrency: fifty calls find the token stale at once; a second refresh would end the session.
func TestRefreshOnceUnderConcurrency(t *testing.T) {
	t.Parallel()
	a := &authServer{}
	var rotations atomic.Int32
	c := asking(t, a.ServeHTTP, stale, func(cfg *Config) {
		cfg.OnTokens = func(access, refresh string) {
			rotations.Add(1)
			if access != "access-1" || refresh != "refresh-1" {
				t.Errorf("OnTokens(%s, %s)", access, refresh)
			}
		}
	})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := c.Domain(context.Background(), "d-1"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if a.refreshes != 1 || rotations.Load() != 1 {
		t.Errorf("%d refreshes, %d rotations, want 1", a.refreshes, rotations.Load())
	}
}

func TestRefusedRefreshIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404} {
		a := &authServer{status: status}
		c := asking(t, a.ServeHTTP, stale, func(cfg *Config) {
			cfg.OnTokens = func(string, string) { t.Error("OnTokens after a refusal") }
		})
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := c.Domain(context.Background(), "d-1")
				e, ok := errors.AsType[*Error](err)
				if !ok || e.Kind != KindUnauthorized || e.Path != "/domains/v1/d-1" ||
					!strings.Contains(e.Error(), "domdoc login") || !strings.Contains(e.Error(), "DOMDOC_TOKEN") {
					t.Errorf("%d: error = %v", status, err)
				}
			})
		}
		wg.Wait()
		if a.refreshes != 1 {
			t.Errorf("%d: %d refreshes, want 1", status, a.refreshes)
		}
	}
}

// TestRefreshThatCouldNotBeAsked: nobody has to log in again because the auth service was down for a moment.
func TestRefreshThatCouldNotBeAsked(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{500: 1, 502: 1, 504: 1, 503: 4} {
		a := &authServer{status: status}
		c := asking(t, a.ServeHTTP, stale)
		_, err := c.Domain(t.Context(), "d-1")
		if e := failure(t, err, KindUnavailable); e.Operation != OpRefresh || strings.Contains(e.Error(), "log in") {
			t.Errorf("%d: error = %v", status, e)
		}
		if a.refreshes != want {
			t.Errorf("%d: %d refreshes, want %d", status, a.refreshes, want)
		}
		a.mu.Lock()
		a.status = 0
		a.mu.Unlock()
		if _, err := c.Domain(t.Context(), "d-1"); err != nil {
			t.Errorf("%d, once it is back: %v", status, err)
		}
	}
}

func TestStill401AfterRefresh(t *testing.T) {
	t.Parallel()
	a := &authServer{broken: true}
	_, err := asking(t, a.ServeHTTP, stale).Domain(t.Context(), "d-1")
	failure(t, err, KindUnauthorized)
	if a.refreshes != 1 || a.calls != 2 {
		t.Errorf("%d refreshes and %d calls, want 1 and 2", a.refreshes, a.calls)
	}
}

func Test401WithoutARefreshToken(t *testing.T) {
	t.Parallel()
	a := &authServer{}
	_, err := asking(t, a.ServeHTTP).Domain(t.Context(), "d-1")
	if e := failure(t, err, KindUnauthorized); e.HTTPStatus != 401 || !strings.Contains(e.Error(), "domdoc login") {
		t.Errorf("error = %v", e)
	}
	if a.refreshes != 0 || a.calls != 1 {
		t.Errorf("%d refreshes and %d calls, want 0 and 1", a.refreshes, a.calls)
	}
}

func TestNoTokenAtAll(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	c := asking(t, func(w http.ResponseWriter, r *http.Request) { n.Add(1); answers(200, `{"status":"ok"}`)(w, r) },
		func(cfg *Config) { cfg.Token = "" })
	_, err := c.Domain(t.Context(), "d-1")
	if e := failure(t, err, KindUnauthorized); e.Path != "/domains/v1/d-1" {
		t.Errorf("error = %+v", e)
	}
	if _, err := c.Refresh(t.Context()); KindOf(err) != KindUnauthorized {
		t.Errorf("refresh: %v", err)
	}
	if n.Load() != 0 {
		t.Errorf("asked %d times without a token", n.Load())
	}
	if h, err := c.Health(t.Context()); err != nil || h.State != HealthUp {
		t.Errorf("health needs no token: %+v, %v", h, err)
	}
}

func TestRefreshBeforeTheEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		left      time.Duration // of the token; 0 is that it does not say
		noRefresh bool
		status    int // of the refresh
		refreshes int
		kind      Kind
	}{
		{name: "long", left: time.Hour, refreshes: 0, kind: KindUnauthorized},
		{name: "does not say", refreshes: 0, kind: KindUnauthorized},
		{name: "nearly over", left: 20 * time.Second, refreshes: 1},
		{name: "over", left: -time.Hour, refreshes: 1},
		{name: "over, without a refresh token", left: -time.Hour, noRefresh: true, kind: KindUnauthorized},
		{
			name: "nearly over, auth is down: goes on with the old one", left: 20 * time.Second, status: 500, refreshes: 1,
			kind: KindUnauthorized,
		},
		{name: "over, auth is down", left: -time.Hour, status: 500, refreshes: 1, kind: KindUnavailable},
		{name: "over, refused", left: -time.Hour, status: 401, refreshes: 1, kind: KindUnauthorized},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			claims := map[string]any{"sub": "u"}
			if tt.left != 0 {
				claims["exp"] = noon.Add(tt.left).Unix()
			}
			a := &authServer{status: tt.status}
			var first string
			c := asking(t, func(w http.ResponseWriter, r *http.Request) {
				if first == "" {
					first = r.URL.Path
				}
				a.ServeHTTP(w, r)
			}, func(cfg *Config) {
				cfg.Now = func() time.Time { return noon }
				cfg.Token = jwtOf(t, claims)
				if !tt.noRefresh {
					cfg.RefreshToken = "refresh-0"
				}
			})
			// Whether it is asked for before the call shows in what comes first, and not in a 401 that leads to it.
			_, err := c.Domain(t.Context(), "d-1")
			if early := first == "/auth/v1/refresh"; early != (tt.refreshes == 1) {
				t.Errorf("asked %s first", first)
			}
			if tt.refreshes == 1 && a.refreshes != 1 {
				t.Errorf("%d refreshes", a.refreshes)
			}
			if tt.kind == "" || tt.refreshes == 0 && !tt.noRefresh { // there the 401 leads to a refresh, which works
				if err != nil {
					t.Error(err)
				}
				return
			}
			failure(t, err, tt.kind)
		})
	}
}

func TestOnlyARefreshToken(t *testing.T) {
	t.Parallel()
	a := &authServer{}
	if _, err := asking(t, a.ServeHTTP, func(cfg *Config) {
		cfg.Token, cfg.RefreshToken = "", "refresh-0"
	}).Domain(t.Context(), "d-1"); err != nil {
		t.Error(err)
	}
	if a.refreshes != 1 || a.calls != 1 {
		t.Errorf("%d refreshes and %d calls, want 1 and 1", a.refreshes, a.calls)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	a := &authServer{}
	c := asking(t, a.ServeHTTP, func(cfg *Config) { cfg.Token, cfg.RefreshToken = "access-0", "refresh-0" })
	for i := 1; i <= 2; i++ {
		got, err := c.Refresh(t.Context())
		if err != nil || got.Access != fmt.Sprintf("access-%d", i) || got.Refresh != fmt.Sprintf("refresh-%d", i) {
			t.Errorf("refresh %d: %q %q, %v", i, got.Access, got.Refresh, err)
		}
	}
}

// TestRefreshWithoutRotation: a service that keeps the refresh token does not send it again.
func TestRefreshWithoutRotation(t *testing.T) {
	t.Parallel()
	var kept []string
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		var body struct{ RefreshToken string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.RefreshToken != "refresh-0" {
			t.Errorf("refreshed with %q, %v", body.RefreshToken, err)
		}
		answers(200, `{"accessToken":"access-next"}`)(w, r)
	}, stale, func(cfg *Config) { cfg.OnTokens = func(_, refresh string) { kept = append(kept, refresh) } })
	for range 2 {
		if got, err := c.Refresh(t.Context()); err != nil || got.Access != "access-next" || got.Refresh != "refresh-0" {
			t.Errorf("%q %q, %v", got.Access, got.Refresh, err)
		}
	}
	if diff := cmp.Diff([]string{"refresh-0", "refresh-0"}, kept); diff != "" {
		t.Error(diff)
	}
}

// TestRefreshOutlivesItsCaller: the old refresh token is void once the service has seen it, so the new one must
// arrive although nobody waits for it any more.
func TestRefreshOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	a := &authServer{}
	entered, release := make(chan struct{}), make(chan struct{})
	rotated := make(chan string, 1)
	c := asking(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/auth/v1/refresh" {
			close(entered)
			<-release
		}
		a.ServeHTTP(w, r)
	}, stale, func(cfg *Config) { cfg.OnTokens = func(_, refresh string) { rotated <- refresh } })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { _, err := c.Domain(ctx, "d-1"); done <- err }()
	<-entered
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the context's", err)
	}
	close(release)
	if got := <-rotated; got != "refresh-1" {
		t.Errorf("kept %q", got)
	}
	if _, err := c.Domain(t.Context(), "d-1"); err != nil || a.refreshes != 1 {
		t.Errorf("afterwards: %v, %d refreshes", err, a.refreshes)
	}
}
